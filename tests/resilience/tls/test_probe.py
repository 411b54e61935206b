"""The probe against real servers: OpenSSL 4 with hybrid groups, OpenSSL 3.0 without, and what is no TLS at all."""

from __future__ import annotations

import json
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from OpenSSL import SSL

from eendracht.kernel.errors import Denied, InvalidInput
from eendracht.resilience.tls.code_points import GROUPS, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3
from eendracht.resilience.tls.guideline import FILE, judge_endpoint
from eendracht.resilience.tls.probe import MOST_CONNECTIONS, MOST_SECONDS, Endpoint, probe
from eendracht.resilience.tls.targets import Pace, Target, read_targets, require_allowed, scan
from tests.resilience.tls.servers import between, classical, listen, modern, write_certificate
from tests.services.proactive.test_outside import run_command

HERE = "127.0.0.1"
CODES = {name: code for code, (name, _) in GROUPS.items()}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_certificate(tmp_path_factory.mktemp("tls"))


def names_of(endpoint: Endpoint) -> list[str]:
    return [group["name"] for group in endpoint.as_dict()["groups"]]


def test_a_server_with_hybrid_groups_is_seen_in_its_own_order(certificate: tuple[Path, Path]) -> None:
    with modern(certificate) as (port, counter):
        found = probe(HERE, port)
        assert names_of(found)[:3] == ["X25519MLKEM768", "SecP256r1MLKEM768", "x25519"]
        assert (found.is_quantum_safe, found.versions, found.preference) == (True, (TLS_1_3, TLS_1_2), "server")
        # There are more groups than connections: that is said, and no guideline calls it good.
        assert not found.is_complete and judge_endpoint(found).level == "unknown"
        assert (counter.connections, counter.handshakes) == (found.connections, 0)
        assert found.connections <= MOST_CONNECTIONS and found.seconds < 1


@pytest.mark.parametrize(
    "groups",
    [
        ["X25519MLKEM768"],
        ["SecP256r1MLKEM768", "X25519MLKEM768"],
        ["SecP384r1MLKEM1024"],
        ["SecP384r1MLKEM1024", "secp521r1", "SecP256r1MLKEM768"],
        ["secp384r1", "x25519", "secp256r1"],
        ["x448", "X25519MLKEM768", "ffdhe3072"],
        ["MLKEM1024", "MLKEM768", "MLKEM512"],
        ["brainpoolP384r1tls13", "secp256r1"],
        ["ffdhe2048"],
    ],
)
def test_the_groups_that_a_server_was_given_are_found_and_no_others(
    certificate: tuple[Path, Path], groups: list[str]
) -> None:
    with modern(certificate, ":".join(groups), SSL.OP_CIPHER_SERVER_PREFERENCE) as (port, counter):
        found = probe(HERE, port)
    assert set(names_of(found)) == set(groups) and found.is_complete
    if len(groups) > 2 and found.preference == "server":
        assert names_of(found) == groups
    assert counter.handshakes == 0 and counter.connections <= MOST_CONNECTIONS
    first_is_safe = GROUPS[found.groups[0]][1] in ("hybrid", "pure")
    assert found.is_quantum_safe == first_is_safe


def test_a_server_without_quantum_safe_groups_is_not_called_safe(certificate: tuple[Path, Path]) -> None:
    with classical(certificate, lambda context: None) as (port, counter):
        found = probe(HERE, port)
    assert found.is_quantum_safe is False
    assert names_of(found)[:2] == ["x25519", "secp256r1"]
    assert counter.handshakes == 0


@pytest.mark.parametrize(
    ("newest", "oldest", "expected"),
    [
        (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, (TLS_1_3,)),
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, (TLS_1_2,)),
        (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2, (TLS_1_3, TLS_1_2)),
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1, (TLS_1_2, TLS_1_1)),
        (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1, (TLS_1_0,)),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_versions_are_those_that_the_server_speaks(
    tmp_path: Path, newest: ssl.TLSVersion, oldest: ssl.TLSVersion, expected: tuple[int, ...]
) -> None:
    def change(context: ssl.SSLContext) -> None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = oldest, newest

    with classical(write_certificate(tmp_path, is_rsa=True), change) as (port, counter):
        found = probe(HERE, port)
    assert found.versions == expected
    assert counter.handshakes == 0 and counter.connections <= MOST_CONNECTIONS
    outcome = judge_endpoint(found)
    if min(expected) < TLS_1_2:
        assert outcome.level == "insufficient"


def test_key_exchange_without_forward_secrecy_is_insufficient(tmp_path: Path) -> None:
    def change(context: ssl.SSLContext) -> None:
        context.set_ciphers("AES128-SHA256:@SECLEVEL=0")
        context.maximum_version = ssl.TLSVersion.TLSv1_2

    with classical(write_certificate(tmp_path, is_rsa=True), change) as (port, _):
        found = probe(HERE, port)
    assert (names_of(found), found.is_complete, found.is_quantum_safe) == ([], True, False)
    assert found.as_dict()["suites"] == ["TLS_RSA_WITH_AES_128_CBC_SHA256"]
    assert judge_endpoint(found).level == "insufficient"


def test_the_guideline_is_as_good_as_the_worst_that_is_offered() -> None:
    seen: dict[str, Any] = {"versions": (TLS_1_3,), "suites": (0x1302,), "is_complete": True}
    for groups, level in (
        (["X25519MLKEM768", "x25519"], "good"),
        (["X25519MLKEM768", "ffdhe3072"], "phase-out"),
        (["X25519MLKEM768", "ffdhe2048"], "insufficient"),
        (["X25519Kyber768Draft00"], "insufficient"),
        (["brainpoolP256r1tls13"], "good"),
    ):
        found = Endpoint("x", 1, groups=tuple(CODES[name] for name in groups), **seen)
        assert judge_endpoint(found).level == level, groups
    assert judge_endpoint(Endpoint("x", 1, **{**seen, "suites": (0x1301,)}, groups=(29,))).level == "sufficient"
    assert judge_endpoint(Endpoint("x", 1, (TLS_1_3,), (0x1302,), (29,))).level == "unknown"
    assert judge_endpoint(Endpoint("x", 1, fault="unreachable")).level == "unknown"


def test_our_table_of_the_guideline_says_what_the_published_one_says(shared: Any) -> None:
    published = json.loads(
        shared(
            "reference", "resilience", "tls", "ncsc_tls_2025_05.json".replace("tls_2025_05", "tls_2025-05")
        ).read_text()
    )
    names = {"versions": "protocol", "suites": "cipher_suite", "groups": "key_exchange_group"}
    import yaml

    import eendracht.resilience.tls.guideline as module

    own = yaml.safe_load((Path(module.__file__).parent / FILE).read_text("utf-8"))
    for part, theirs in names.items():
        for level in ("good", "sufficient", "phase-out"):
            wanted = {
                name.replace("TLS_1_", "TLS 1.") if part == "versions" else name
                for name in published[theirs].get(level.replace("-", "_"), [])
            }
            # Suites that the probe does not offer are never seen, and so are not in the table.
            assert set(own[part][level]) <= wanted, (part, level)
            if part != "suites":
                assert set(own[part][level]) == wanted, (part, level)


def test_our_code_points_are_those_of_iana(shared: Any) -> None:
    published = json.loads(shared("reference", "resilience", "tls", "tls_named_groups.json").read_text())["groups"]
    for group in published:
        if group["code"] in GROUPS:
            name, quantum = GROUPS[group["code"]]
            assert (
                name.lower(),
                {"none": "none", "hybrid": "hybrid", "pure": "pure"}.get(quantum, "obsolete-draft"),
            ) == (
                group["name"].lower(),
                group["pq"],
            )
    hybrids = {group["code"] for group in published if group["pq"] in ("hybrid", "pure")}
    assert {29, 23, 4588} <= set(GROUPS) and len(hybrids & set(GROUPS)) >= 6


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x03\x00\x04\x02\x00\x00\x50",
        b"\x15\x03",
    ],
)
def test_what_is_no_tls_has_a_fault_and_nothing_else(said: bytes) -> None:
    def handle(connection: Any, counter: Any) -> None:
        connection.recv(100)
        connection.sendall(said)

    with listen(handle) as (port, counter):
        found = probe(HERE, port)
    assert found.fault.startswith("no TLS") or found.fault.startswith("unreachable"), found
    assert (found.versions, found.is_quantum_safe) == ((), None)
    assert counter.connections <= MOST_CONNECTIONS


def test_a_server_that_is_silent_or_talks_for_ever_is_left_in_time() -> None:
    def silent(connection: Any, counter: Any) -> None:
        time.sleep(2)

    def endless(connection: Any, counter: Any) -> None:
        while True:
            connection.sendall(b"\x16\x03\x03\x40\x00\x0b" + bytes(2**14 - 1))

    for handle in (silent, endless):
        with listen(handle) as (port, _):
            began = time.monotonic()
            found = probe(HERE, port, timeout=0.3)
            assert time.monotonic() - began < 3 and found.fault
    assert probe(HERE, 1, timeout=0.3).fault.startswith("unreachable")


def test_what_was_seen_stays_where_a_firewall_drops_old_versions(certificate: tuple[Path, Path]) -> None:
    def is_new(hello: bytes, number: int) -> bool:
        return b"\x00\x2b" in hello and b"\x03\x04" in hello

    with modern(certificate, "x25519") as (behind, _), between(behind, is_new) as (port, _):
        found = probe(HERE, port, timeout=1.5)
    assert (found.versions, found.groups, found.fault) == ((TLS_1_3,), (29,), "")
    assert not found.is_complete


def test_what_was_seen_stays_where_a_firewall_lets_only_some_through(certificate: tuple[Path, Path]) -> None:
    with modern(certificate, "x25519:secp256r1") as (behind, _), between(behind, lambda _, n: n < 3) as (port, _):
        found = probe(HERE, port, timeout=1.5)
    assert (found.versions, found.fault, found.is_complete) == ((TLS_1_3,), "", False)
    assert set(found.groups) <= {29, 23} and found.groups


def test_a_slow_endpoint_is_left_in_time_with_what_was_seen(certificate: tuple[Path, Path]) -> None:
    def slow(hello: bytes, number: int) -> bool:
        time.sleep(1.5)
        return True

    with modern(certificate, "x25519:secp256r1:secp384r1:secp521r1") as (behind, _), between(behind, slow) as (port, _):
        began = time.monotonic()
        found = probe(HERE, port)
    assert time.monotonic() - began < MOST_SECONDS + 1
    assert found.versions == (TLS_1_3,) and found.groups and not found.is_complete and not found.fault


def test_a_warning_about_the_name_is_no_refusal(certificate: tuple[Path, Path]) -> None:
    warning = b"\x15\x03\x03\x00\x02\x01\x70"
    with modern(certificate, "x25519") as (behind, _), between(behind, lambda *_: True, warning) as (port, _):
        found = probe(HERE, port)
    assert TLS_1_3 in found.versions and found.groups == (29,) and found.is_complete


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".nl"])
def test_what_is_no_name_of_a_host_is_a_fault(host: str) -> None:
    assert probe(host, 443).fault.startswith("unreachable")


def test_only_what_is_allowed_is_looked_at() -> None:
    targets = read_targets(["www.example.nl:443", "127.0.0.1:8443", "[::1]:443", "WWW.Example.NL:8443"])
    assert targets[2] == Target("::1", 443)
    with pytest.raises(Denied) as refused:
        list(scan(targets, "www.example.nl:443"))
    assert "www.example.nl:8443" in refused.value.detail and "127.0.0.1" not in refused.value.detail
    require_allowed(targets, "www.example.nl")
    with pytest.raises(InvalidInput) as malformed:
        read_targets(["www.example.nl", "x:0", "x:70000", "a b:443", "x:443"])
    assert [fault.pointer for fault in malformed.value.faults] == ["/0", "/1", "/2", "/3"]


def test_the_pace_holds_over_all_threads(certificate: tuple[Path, Path]) -> None:
    with modern(certificate, "x25519") as (port, counter):
        began = time.monotonic()
        found = list(scan([Target(HERE, port)] * 6, "", pace=Pace(40)))
        seconds = time.monotonic() - began
    assert len(found) == 6 and counter.connections == sum(one.connections for one in found)
    assert seconds >= (counter.connections - 1) / 40


def test_the_command_tells_it_as_json_and_refuses_others(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    with modern(certificate, "X25519MLKEM768:secp384r1") as (port, _):
        done = run_command("resilience", "scan", "tls", f"{HERE}:{port}", "--json", folder=tmp_path)
        printed = run_command("resilience", "scan", "tls", f"{HERE}:{port}", folder=tmp_path)
    told = json.loads(done.stdout)
    assert {group["name"]: group["quantum"] for group in told["groups"]} == {
        "X25519MLKEM768": "hybrid",
        "secp384r1": "none",
    }
    assert (told["quantumSafe"], told["complete"], told["guideline"]["rule"]) == (True, True, "ncsc-nl-tls-2025-05")
    assert "X25519MLKEM768" in printed.stdout and "Kwantumveilige sleuteluitwisseling: ja" in printed.stdout
    refused = run_command("resilience", "scan", "tls", "www.example.nl:443", folder=tmp_path)
    assert refused.returncode != 0 and "scan_targets" in refused.stderr
