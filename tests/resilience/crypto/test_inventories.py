"""An inventory is recorded whole, exported whole, and met by a newer one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.errors import Denied, InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.store import load
from eendracht.resilience.crypto.bills import read_cbom
from eendracht.resilience.crypto.inventories import Outcome, record_inventory
from eendracht.resilience.crypto.told import tell_bill
from eendracht.resilience.crypto.writing import write_cbom
from tests.resilience.crypto.small_bills import asset, bill, dump
from tests.resilience.small_landscape import DRAFTS
from tests.web.nodes import open_node

BALIE, GM = "application:gm0344/balie", "organisation:gm0344"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node") as instance:
        load(instance.store, DRAFTS)
        yield instance


def take(node: Instance, document: dict[str, Any], subject: str = BALIE) -> Outcome:
    return record_inventory(
        node.store, OPERATOR, tell_bill(read_cbom(dump(document), "bom.json"), "bom.json"), subject=subject
    )


def specs(node: Instance) -> dict[str, dict[str, Any]]:
    """Every asset of an inventory, by the name that it has there."""
    found = (record.spec(node.store.registry) for record in node.store.snapshot(OPERATOR, kind="cryptographic-asset"))
    return {spec.get("bomRef") or spec["name"]: spec for spec in found if spec.get("inventory")}


def test_the_inventory_of_keycloak_goes_in_and_out_whole(node: Instance, shared: Callable[..., Path]) -> None:
    file = shared("reference", "resilience", "cyclonedx", "example-keycloak-cbom-1.6.json")
    published = json.loads(file.read_text("utf-8"))
    told = tell_bill(read_cbom(file.read_bytes(), file.name), file.name)
    outcome = record_inventory(node.store, OPERATOR, told, subject=BALIE)
    assert (outcome.assets, outcome.new, outcome.changed, outcome.ended) == (56, 56, 0, 0)
    written = write_cbom(node.store, OPERATOR, outcome.inventory)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(written)) is None
    by_name = {item["bom-ref"]: item for item in written["components"]}
    assert len(by_name) == len(written["components"]) == 56
    for item in published["components"]:
        assert by_name[item["bom-ref"]]["cryptoProperties"] == item["cryptoProperties"]
        assert by_name[item["bom-ref"]]["name"] == item["name"]
    stated = {entry["ref"]: set(entry["dependsOn"]) for entry in published["dependencies"]}
    assert {entry["ref"]: set(entry["dependsOn"]) for entry in written["dependencies"]} == stated
    again = read_cbom(json.dumps(written).encode(), "again.json")
    assert len(again.assets) == 56


def test_what_the_bill_leaves_open_stays_open(node: Instance, shared: Callable[..., Path]) -> None:
    file = shared("reference", "resilience", "cyclonedx", "example-keycloak-cbom-1.6.json")
    record_inventory(node.store, OPERATOR, tell_bill(read_cbom(file.read_bytes(), "k"), "k"), subject=BALIE)
    found = specs(node)
    by_name = {spec["name"]: spec for spec in found.values()}
    # cbomctl 0.1.4 calls the purpose of these ambiguous or unknown too.
    for name in ("RSA-2048", "EC", "EC-secp256r1", "EC-secp384r1", "EC-secp521r1", "AES"):
        assert by_name[name].get("purposeGround", "unknown") == "ambiguous"
        assert "purpose" not in by_name[name]
    assert by_name["RAW"].get("purposeGround", "unknown") == "unknown"
    assert (by_name["ECDH"]["purpose"], by_name["ECDH"]["purposeGround"]) == ("key-agree", "stated")
    kinds = Counter(spec["type"] for spec in found.values())
    assert kinds == {"algorithm": 22, "related-crypto-material": 33, "protocol": 1}


def test_a_newer_bill_ends_what_went_and_leaves_what_stayed(node: Instance) -> None:
    aes = asset("AES-256-GCM", "a", primitive="ae")
    rsa = asset("RSA-2048", "b", primitive="signature", line=10)
    md5 = asset("MD5", "c", primitive="hash")
    first = take(node, bill(aes, rsa, md5))
    assert (first.new, first.unchanged) == (3, 0)
    assert take(node, bill(aes, rsa, md5)) == Outcome(first.inventory, 3, 0, 0, 0, 3, 0)
    stronger = asset("RSA-4096", "b", primitive="signature", line=12)
    newer = take(node, bill(aes, stronger, asset("ML-DSA-65", "d", primitive="signature"), day="2026-11-01"))
    assert (newer.new, newer.changed, newer.unchanged, newer.ended) == (1, 1, 1, 1)
    found = specs(node)
    assert set(found) == {"a", "b", "d"}
    assert found["b"]["parameterSet"] == "4096"
    # The history of the key is one: what was known a month before is still there.
    before = list(node.store.history(_ref_of(node, "b"), OPERATOR))
    assert [r.spec(node.store.registry)["parameterSet"] for r in before] == ["4096", "2048"]


def _ref_of(node: Instance, name: str) -> str:
    found = node.store.snapshot(OPERATOR, kind="cryptographic-asset")
    return next(r.ref for r in found if r.spec(node.store.registry).get("bomRef") == name)


def test_assets_are_met_again_where_a_tool_names_anew(node: Instance) -> None:
    first = [asset("AES-256-GCM", "u1", primitive="ae", line=5), asset("SHA-256", "u2", primitive="hash", line=9)]
    again = [asset("SHA-256", "w1", primitive="hash", line=9), asset("AES-256-GCM", "w2", primitive="ae", line=6)]
    take(node, bill(*first))
    refs = {spec["name"]: ref for ref, spec in _by_ref(node).items()}
    outcome = take(node, bill(*again, day="2026-11-02"))
    assert (outcome.new, outcome.ended, outcome.changed) == (0, 0, 2)
    assert {spec["name"]: ref for ref, spec in _by_ref(node).items()} == refs


def _by_ref(node: Instance) -> dict[str, dict[str, Any]]:
    found = node.store.snapshot(OPERATOR, kind="cryptographic-asset")
    return {r.ref: r.spec(node.store.registry) for r in found if r.spec(node.store.registry).get("inventory")}


def test_an_older_bill_is_refused(node: Instance) -> None:
    take(node, bill(asset("MD5", "c"), day="2026-11-01"))
    with pytest.raises(InvalidInput) as caught:
        take(node, bill(asset("MD5", "c"), day="2026-10-01"))
    assert [fault.code for fault in caught.value.faults] == ["older-inventory"]


def test_whose_it_is_must_be_known_and_only_its_editors_record_it(node: Instance) -> None:
    told = tell_bill(read_cbom(dump(bill(asset("MD5", "c"))), "b"), "b")
    with pytest.raises(InvalidInput) as caught:
        record_inventory(node.store, OPERATOR, told)
    assert [fault.code for fault in caught.value.faults] == ["no-owner"]
    with pytest.raises(InvalidInput):
        record_inventory(node.store, OPERATOR, told, subject="supplier:kvk.11111111")
    with pytest.raises(Denied):
        record_inventory(node.store, PUBLIC, told, organisation=GM)
    assert record_inventory(node.store, OPERATOR, told, organisation=GM).new == 1
    assert not list(node.store.snapshot(PUBLIC, kind="cryptographic-inventory"))


def test_secrets_and_names_of_persons_stay_out(node: Instance) -> None:
    key = asset("key", "k", kind="related-crypto-material", type="private-key", value="MIIEvQIBADANBg", size=2048)
    person = asset(
        "Jan Jansen",
        "p",
        kind="certificate",
        subjectName="CN=Jan Jansen,E=jan.jansen@example.nl",
        issuerName="CN=Domein CA,O=Voorbeeld",
    )
    host = asset(
        "www.example.nl",
        "h",
        kind="certificate",
        subjectName="CN = www.example.nl, O = Gemeente",
        issuerName="CN=Domein CA",
    )
    document = bill(key, person, host)
    told = tell_bill(read_cbom(dump(document), "b"), "b")
    assert told.left_out == {"secret": 1, "person-name": 2, "email": 1}
    record_inventory(node.store, OPERATOR, told, subject=BALIE)
    kept = json.dumps(specs(node))
    assert "MIIEvQ" not in kept
    assert "Jansen" not in kept
    assert specs(node)["h"]["certificate"] == {"subject": "www.example.nl", "issuer": "Domein CA"}


@pytest.mark.parametrize(("one", "other"), [("a" * 120, "a" * 119 + "b"), ("Ωμέγα", "Άλφα")])
def test_inventories_of_long_or_foreign_names_stay_apart(node: Instance, one: str, other: str) -> None:
    refs = set()
    for name in (one, other):
        document = bill(asset("MD5", "m", primitive="hash"))
        document["metadata"]["component"]["name"] = name
        told = tell_bill(read_cbom(dump(document), "b"), "b")
        outcome = record_inventory(node.store, OPERATOR, told, organisation=GM)
        assert (outcome.new, outcome.ended) == (1, 0)
        refs.add(outcome.inventory)
    assert len(refs) == 2
