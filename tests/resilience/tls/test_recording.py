"""What a scan saw becomes records, of real servers on loopback; a job does it for many."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from OpenSSL import SSL

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.errors import Denied, InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs, run_job
from eendracht.kernel.store import load
from eendracht.resilience.crypto.search import search_cryptography
from eendracht.resilience.tls.jobs import JOBS, ask_scan
from eendracht.resilience.tls.probe import probe
from eendracht.resilience.tls.recording import record_endpoints
from tests.cli.command import CommandLine
from tests.resilience.small_landscape import DRAFTS
from tests.resilience.tls.servers import classical, modern, write_certificate
from tests.web.nodes import open_node

HERE, GM, BALIE = "127.0.0.1", "organisation:gm0344", "application:gm0344/balie"
SERVER = SSL.OP_CIPHER_SERVER_PREFERENCE


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node") as instance:
        load(instance.store, DRAFTS)
        yield instance


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_certificate(tmp_path_factory.mktemp("tls"), is_rsa=True)


def spec_of(node: Instance, ref: str) -> dict[str, Any]:
    return node.store.get(ref, OPERATOR).spec(node.store.registry)


def test_an_endpoint_becomes_a_record_with_its_groups_and_its_certificate(
    node: Instance, certificate: tuple[Path, Path]
) -> None:
    with modern(certificate, "X25519MLKEM768:x25519", SERVER) as (port, counter):
        [ref] = record_endpoints(node.store, OPERATOR, [probe(HERE, port)], GM, [BALIE])
        assert counter.connections <= 9
        assert counter.handshakes == 0
    found = spec_of(node, ref)
    assert found["groups"] == [
        {"group": "X25519MLKEM768", "quantum": "hybrid"},
        {"group": "x25519", "quantum": "none"},
    ]
    assert (found["isComplete"], found["keyExchangeQuantumSafe"]) == (True, "yes")
    # The server speaks TLS 1.2 too, in which the certificate goes in the clear.
    assert (found["certificate"]["keyAlgorithm"], found["certificate"]["keyParameters"]) == ("RSA", "2048")
    answer = search_cryptography(node.store, OPERATOR, "RSA-2048 or ECDH")
    assert {one.label for one in answer.found if one.spec.get("locations") == [f"{HERE}:{port}"]} == {
        "RSA-2048",
        "ECDH-X25519",
    }
    assert [use.ref for use in answer.services] == ["public-service:gm0344/paspoort"]
    hybrid = search_cryptography(node.store, OPERATOR, "ML-KEM-768")
    assert [(one.spec["name"], one.quantum_class) for one in hybrid.found] == [("X25519MLKEM768", "safe")]


def test_a_group_that_went_ends_and_an_endpoint_out_of_reach_ends_nothing(
    node: Instance, certificate: tuple[Path, Path]
) -> None:
    with modern(certificate, "X25519MLKEM768:x25519:secp256r1", SERVER) as (port, _):
        seen = probe(HERE, port)
    record_endpoints(node.store, OPERATOR, [seen], GM, [BALIE])
    rv = node.store.size
    record_endpoints(node.store, OPERATOR, [seen], GM)
    assert node.store.size == rv
    assert len(search_cryptography(node.store, OPERATOR, "key-agree").found) == 2
    record_endpoints(node.store, OPERATOR, [probe(HERE, port)], GM)
    assert len(search_cryptography(node.store, OPERATOR, "key-agree").found) == 2
    [endpoint] = list(node.store.snapshot(OPERATOR, kind="tls-endpoint"))
    told = endpoint.spec(node.store.registry)
    assert told["fault"].startswith("unreachable")
    assert told.get("keyExchangeQuantumSafe", "unknown") == "unknown"


def test_a_job_looks_at_many_and_only_where_it_may(node: Instance, certificate: tuple[Path, Path]) -> None:
    with modern(certificate, "X25519MLKEM768") as (safe, _), classical(certificate, lambda _: None) as (old, _):
        job = ask_scan(node, OPERATOR, [f"{HERE}:{safe}", f"{HERE}:{old}"], GM)
        run_job(node, {kind.name: kind for kind in JOBS}, job)
    assert Jobs(node.store).get(job, OPERATOR).result == {
        "endpoints": 2,
        "quantumSafe": 1,
        "notQuantumSafe": 1,
        "unknown": 0,
    }
    assert len(list(node.store.snapshot(OPERATOR, kind="tls-endpoint"))) == 2
    with pytest.raises(Denied, match=r"example\.nl"):
        ask_scan(node, OPERATOR, ["www.example.nl:443"], GM)
    with pytest.raises(InvalidInput):
        ask_scan(node, OPERATOR, ["geen poort"], GM)
    with pytest.raises(Denied):
        ask_scan(node, PUBLIC, [f"{HERE}:1"], GM)


def test_the_command_records_what_it_sees(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    with open_node(tmp_path / "node") as instance:
        load(instance.store, DRAFTS)
    with modern(certificate, "SecP384r1MLKEM1024") as (port, _):
        line = CommandLine(tmp_path / "node")
        answered = line.run("resilience", "scan", "tls", f"{HERE}:{port}", "--record", "gm0344", "--json")
        [told] = json.loads(answered.out)
    assert told["ref"] == f"tls-endpoint:gm0344/127.0.0.1-{port}"
    assert told["groups"] == [{"group": "SecP384r1MLKEM1024", "quantum": "hybrid"}]
