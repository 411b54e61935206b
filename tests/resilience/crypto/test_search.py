"""A question in words, and the answer: where, by whom, for which service, how many people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.store import load
from eendracht.resilience.crypto.query import Facts, read_question
from eendracht.resilience.crypto.search import Answer, search_cryptography
from tests.cli.command import CommandLine
from tests.resilience.crypto.small_bills import asset, bill, dump
from tests.resilience.small_landscape import DRAFTS
from tests.web.nodes import draft, open_node

ASSETS = {
    "rsa": {"algorithmFamily": "RSA", "parameterSet": "2048"},
    "signing": {"algorithmFamily": "RSA", "parameterSet": "4096", "purpose": "signature"},
    "ecdh": {"algorithmFamily": "ECDH", "parameterSet": "P-256", "purpose": "key-agree"},
    "sha1": {"algorithmFamily": "SHA-1", "purpose": "hash"},
    "aes": {"algorithmFamily": "AES", "parameterSet": "256", "purpose": "ae"},
    "hybrid": {"algorithmFamily": "X25519MLKEM768", "purpose": "combiner"},
    "open": {"type": "related-crypto-material"},
}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("RSA-2048 or ECDH", {"rsa", "ecdh"}),
        ("RSA-2048 or ECDH, for which service, how many citizens?", {"rsa", "ecdh"}),
        ("where is sha1", {"sha1"}),
        ("Waar wordt RSA 2048 gebruikt?", {"rsa"}),
        ("RSA-2048 or ECDH, and how many citizens rely on it", {"rsa", "ecdh"}),
        ("RSA 4096-bit , signature", {"signing"}),
        ("RSA", {"rsa", "signing"}),
        ("RSA signature", {"signing"}),
        ("SHA256withRSA", {"signing"}),
        ("(RSA or ECDH) and not 2048", {"signing", "ecdh"}),
        ("RSA and 2048 or SHA-1", {"rsa", "sha1"}),
        ("ML-KEM-768", {"hybrid"}),
        ("ML-KEM-1024", set()),
        ("secp256r1", {"ecdh"}),
        ("broken", {"rsa", "signing", "ecdh"}),
        ("unknown", {"open"}),
        ("class=safe", {"aes", "hybrid"}),
        ("family=rsa parameters=4096", {"signing"}),
        ("type=related-crypto-material", {"open"}),
        ("organisation=gm0344 hash", {"sha1"}),
        ("organisation=gm0363 hash", set()),
        ("not broken", {"sha1", "aes", "hybrid", "open"}),
    ],
)
def test_a_question_means_these_assets(question: str, expected: set[str]) -> None:
    asked = read_question(question)
    found = {name for name, spec in ASSETS.items() if asked.holds(Facts(spec, "organisation:gm0344"))}
    assert found == expected
    # What is looked at in the database before it is parsed may leave nothing out that is meant.
    for name in found if asked.families is not None else ():
        assert str(ASSETS[name].get("algorithmFamily", "")).lower() in (asked.families or ())


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("", ["nothing-asked"]),
        ("waar is de", ["nothing-asked"]),
        ("banaan RSA kiwi", ["unknown-word", "unknown-word"]),
        ("kleur=rood", ["unknown-field"]),
        ("(RSA", ["brackets"]),
        ("RSA) or", ["brackets"]),
        ("or", ["nothing-asked"]),
        ("or RSA", ["brackets"]),
        ("RSA " * 200, ["too-long"]),
    ],
)
def test_what_cannot_be_read_is_named(question: str, codes: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_question(question)
    assert [fault.code for fault in caught.value.faults] == codes


def crypto(name: str, used_by: str, level: str = "public", **spec: Any) -> dict[str, Any]:
    return draft(f"cryptographic-asset:gm0344/{name}", name, level, usedBy=[used_by], **spec)


MORE = [
    crypto("wolk", "platform:gm0344/wolk", algorithmFamily="ECDH", parameterSet="P-256", purpose="key-agree"),
    crypto("reserve", "platform:gm0344/reserve", algorithmFamily="RSA", parameterSet="2048"),
    crypto("los", "application:gm0344/weg", algorithmFamily="rsa", parameterSet="2048"),
    crypto("geheim", "platform:gm0344/wolk", "organisation", algorithmFamily="MD5"),
    # Another inventory tells of the same key.
    crypto("rsa-nogmaals", "application:gm0344/balie", type="algorithm", algorithmFamily="RSA", parameterSet="2048",
           inventory="cryptographic-inventory:gm0344/tweede"),
]  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node") as instance:
        load(instance.store, [*DRAFTS, *MORE])
        yield instance


def services_of(answer: Answer) -> dict[str, int | None]:
    return {use.ref.partition("/")[2]: use.persons for use in answer.services}


def test_services_are_found_over_what_they_need_and_nobody_is_counted_twice(node: Instance) -> None:
    answer = search_cryptography(node.store, OPERATOR, "RSA-2048 or ECDH")
    # The passport needs the desk, which runs in the cloud or on the reserve; the licence needs the cloud.
    assert services_of(answer) == {"paspoort": 700, "rijbewijs": 400}
    # 700 and 400 people of 1,500 inhabitants: at least the larger group, at most both.
    assert answer.persons.as_dict() == {"low": 700, "high": 1100}
    assert len(answer.found) == 4
    assert answer.told_twice == 1
    # What nobody recorded leads to no service.
    assert answer.unplaced == 1
    assert answer.organisations == {"organisation:gm0344": 4}
    assert dict(search_cryptography(node.store, OPERATOR, "MD5").organisations) == {"organisation:gm0344": 1}


def test_nobody_finds_what_they_may_not_see(node: Instance) -> None:
    assert not search_cryptography(node.store, PUBLIC, "MD5").found
    assert search_cryptography(node.store, PUBLIC, "ECDH").found


def test_the_commands_take_in_find_and_give_back(tmp_path: Path) -> None:
    with open_node(tmp_path / "node") as instance:
        load(instance.store, DRAFTS)
    file = tmp_path / "bom.json"
    file.write_bytes(
        dump(bill(asset("RSA-3072", "r", primitive="signature", line=3), asset("MD5", "m", primitive="hash")))
    )
    line = CommandLine(tmp_path / "node")
    taken = line.run("resilience", "cbom", "import", str(file), "--subject", "application:gm0344/balie", "--json").json
    assert (taken["assets"], taken["new"]) == (2, 2)
    printed = line.run("resilience", "cbom", "import", str(file), "--subject", "application:gm0344/balie").out
    assert "2 ongewijzigd" in printed
    found = line.run("resilience", "cbom", "find", "RSA-3072 or md5", "--json").json
    assert [service["ref"] for service in found["services"]] == ["public-service:gm0344/paspoort"]
    assert {(one["algorithmFamily"], one["quantumClass"]) for one in found["found"]} == {
        ("RSA", "broken"),
        ("MD5", "weakened"),
    }
    told = line.run("resilience", "cbom", "find", "where", "is", "RSA-3072").out
    assert "Paspoort" in told
    assert "src/Main.java:3" in told
    line.run("resilience", "cbom", "export", taken["inventory"], "--out", str(tmp_path / "out.json"))
    assert len(json.loads((tmp_path / "out.json").read_text("utf-8"))["components"]) == 2
    refused = line.run("--as", "public", "resilience", "cbom", "find", "RSA", expect=3)
    assert "RSA" not in refused.out
    broken = line.run("resilience", "cbom", "find", "banaan", expect=1)
    assert "banaan" in broken.err
    file.write_text('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}]}')
    refused = line.run("resilience", "cbom", "import", str(file), "--organisation", "gm0344", expect=1)
    assert "/components/0" in refused.err
    line.run("resilience", "cbom", "import", str(file), expect=2)
