"""One command marks what an advisory touches, with VEX honoured; the answers are worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR, Principal, parse_roles
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.errors import Conflict, NotFound
from eendracht.kernel.instance import Instance
from eendracht.resilience.advisories.matching import ProductIndex, identify, match_thing
from eendracht.resilience.advisories.reading import read_advisory
from eendracht.resilience.advisories.recording import keep_advisory
from eendracht.resilience.advisories.said import AdvisorySaid
from tests.cli.command import CommandLine
from tests.resilience.advisories.documents import Document, change, cvss_3, security_advisory
from tests.resilience.advisories.estate import DRAFTS, PART
from tests.web.nodes import OWNER, fill_node, open_node

EXPECTED = {
    f"{PART}/oud": "affected",
    f"{PART}/in-gast": "affected",
    f"{PART}/op-naam": "affected",
    f"{PART}/zonder-versie": "unknown",
    f"{PART}/wees": "unknown",
    f"{PART}/nieuw": "fixed",
    f"{PART}/in-host": "not-affected",
}
"""A package of another world, a namesake of another supplier and a version before the range are not spoken of."""
UTRECHT = Principal("gm0344/editor", parse_roles([f"editor@{OWNER}"]))


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node", FixedClock(datetime(2026, 11, 30, 10, 0, tzinfo=UTC))) as instance:
        fill_node(instance, [dict(one) for one in DRAFTS])
        yield instance


def read(document: Document) -> AdvisorySaid:
    return read_advisory(json.dumps(document).encode())


def test_one_command_marks_things_services_and_people(tmp_path: Path) -> None:
    with open_node(tmp_path / "node") as instance:
        fill_node(instance, [dict(one) for one in DRAFTS])
    file = tmp_path / "zb-2026-1.json"
    file.write_text(json.dumps(security_advisory()))
    command = CommandLine(tmp_path / "node")
    assert command.run("resilience", "advisory", str(file), "--only-show", "--json").json["recorded"] == 0
    told = command.run("resilience", "advisory", str(file), "--json").json
    assert {item["ref"]: item["outcome"] for item in told["things"]} == EXPECTED
    assert [item["ref"] for item in told["services"]] == [
        "public-service:gm0344/paspoort",
        "public-service:gm0344/rijbewijs",
    ]
    # 700 and 400 people of whom nobody knows how many are the same, of 1,500.
    assert told["citizens"] == {"low": 700, "high": 1100}
    in_host = next(item for item in told["things"] if item["ref"] == f"{PART}/in-host")
    assert in_host["verdicts"][0]["reason"] == "vulnerable_code_not_present"
    assert (told["recorded"], told["changed"]) == (7, 7)
    assert command.run("resilience", "advisory", str(file), "--json").json["changed"] == 0
    printed = command.run("resilience", "advisory", str(file)).out
    assert "niet geraakt" in printed and "700-1100" in printed and "Update to 1.4.2." in printed
    assert command.run("--as", "public", "resilience", "advisory", str(file), expect=3).err
    file.write_text(json.dumps(change("document/tracking/version", "9")))
    assert "csaf" not in command.run("resilience", "advisory", str(file), expect=1).out
    assert "6.1.16" in command.run("resilience", "advisory", str(file), expect=1).err
    assert "→" in command.run("resilience", "advisory", str(tmp_path / "none.json"), expect=1).err


def test_what_was_done_stays_until_more_is_open(node: Instance) -> None:
    kept = keep_advisory(node.store, OPERATOR, read(security_advisory()))
    assert kept.recorded == 7
    match = next(
        item
        for item in node.store.snapshot(OPERATOR, kind="advisory-match")
        if item.data["spec"]["about"].endswith("/oud")
    )
    spec: dict[str, Any] = {**match.spec(node.store.registry), "status": "done", "reason": "Bijgewerkt"}
    draft = {name: match.data[name] for name in ("ref", "owner", "confidentiality", "source")} | {"spec": spec}
    node.store.put(draft, UTRECHT, match.generation)
    assert keep_advisory(node.store, OPERATOR, read(security_advisory())).changed == 0
    assert node.store.get(match.ref, UTRECHT).spec(node.store.registry)["status"] == "done"
    more = security_advisory()
    more["vulnerabilities"].append({**more["vulnerabilities"][0], "cve": "CVE-2026-10002"})
    keep_advisory(node.store, OPERATOR, read(more))
    assert node.store.get(match.ref, UTRECHT).spec(node.store.registry).get("status", "open") == "open"


def test_what_was_brought_to_another_version_is_affected_no_more(node: Instance) -> None:
    store, ref = node.store, f"{PART}/oud"
    keep_advisory(store, OPERATOR, read(security_advisory()))
    record = store.get(ref, OPERATOR)
    spec = {**record.spec(store.registry), "version": "1.5.0", "purl": "pkg:npm/zaakkern@1.5.0"}
    draft = {name: record.data[name] for name in ("ref", "owner", "confidentiality", "source")} | {"spec": spec}
    store.put(draft, UTRECHT, record.generation)
    kept = keep_advisory(store, OPERATOR, read(security_advisory()))
    assert ref not in {item.thing.ref for item in kept.assessment.touched} and kept.changed == 1
    found = [item.data["spec"] for item in store.snapshot(OPERATOR, kind="advisory-match")]
    (passed,) = (spec for spec in found if spec["about"] == ref)
    assert (passed["outcome"], passed["verdicts"][0]["justification"]) == ("not-affected", "not-spoken-of")
    assert len(found) == 7 and keep_advisory(store, OPERATOR, read(security_advisory())).changed == 0


def test_good_news_that_is_not_believed_takes_nothing_back(node: Instance) -> None:
    """A part known by its name alone may be of the supplier who now says that it is repaired, or not."""
    keep_advisory(node.store, OPERATOR, read(security_advisory()))
    later = change("vulnerabilities/0/product_status", {"fixed": ["OLD", "NEW"]})
    later["vulnerabilities"][0]["flags"] = [{"label": "component_not_present", "product_ids": ["SPARE"]}]
    keep_advisory(node.store, OPERATOR, read(later))
    found = (item.data["spec"] for item in node.store.snapshot(OPERATOR, kind="advisory-match"))
    outcomes = {spec["about"]: spec["outcome"] for spec in found}
    assert outcomes[f"{PART}/wees"] == "unknown" and outcomes[f"{PART}/oud"] == "fixed"


def test_good_news_of_one_vulnerability_takes_no_warning_back_beside_another(node: Instance) -> None:
    first = security_advisory()
    first["vulnerabilities"].append({**first["vulnerabilities"][0], "cve": "CVE-2026-10002"})
    keep_advisory(node.store, OPERATOR, read(first))
    later = deepcopy(first)
    later["vulnerabilities"][0]["product_status"] = {"fixed": ["OLD"]}
    del later["vulnerabilities"][0]["flags"]
    for _ in range(2):
        kept = keep_advisory(node.store, OPERATOR, read(later))
    assert kept.changed == 0
    found = [item.data["spec"] for item in node.store.snapshot(OPERATOR, kind="advisory-match")]
    verdicts = {spec["about"]: {item["vulnerability"]: item["outcome"] for item in spec["verdicts"]} for spec in found}
    assert verdicts[f"{PART}/wees"] == {"CVE-2026-10001": "unknown", "CVE-2026-10002": "unknown"}
    assert verdicts[f"{PART}/oud"] == {"CVE-2026-10001": "fixed", "CVE-2026-10002": "affected"}


def test_an_older_version_does_not_undo_a_newer_one(node: Instance) -> None:
    keep_advisory(node.store, OPERATOR, read(security_advisory()))
    older = change("document/tracking/current_release_date", "2026-11-19T09:00:00Z")
    with pytest.raises(Conflict):
        keep_advisory(node.store, OPERATOR, read(older))


def test_who_may_not_write_for_an_owner_records_nothing_for_it(node: Instance) -> None:
    other = Principal("gm0363/editor", parse_roles(["editor@organisation:gm0363"]))
    kept = keep_advisory(node.store, other, read(security_advisory()))
    # What Utrecht keeps to itself is not there for Amsterdam.
    assert {item.thing.ref for item in kept.assessment.touched} == {f"{PART}/op-naam", f"{PART}/wees"}
    assert kept.recorded == 0
    keep_advisory(node.store, OPERATOR, read(security_advisory()))
    match = next(iter(node.store.snapshot(OPERATOR, kind="advisory-match")))
    with pytest.raises(NotFound):
        node.store.get(match.ref, other)


def test_names_of_people_in_an_advisory_are_not_kept(node: Instance) -> None:
    document = change("document/acknowledgments", [{"names": ["Jansje van der Vondst"]}])
    document["document"]["publisher"]["contact_details"] = "jansje@zaakbouwers.example"
    keep_advisory(node.store, OPERATOR, read(document))
    kept = [
        record.body
        for kind in ("security-advisory", "advisory-match")
        for record in node.store.snapshot(OPERATOR, kind=kind)
    ]
    assert len(kept) == 8 and not any(b"ansje" in body for body in kept)


def test_a_week_runs_from_the_day_on_which_it_first_came(node: Instance) -> None:
    """BIO2 8.08.01: both damage and chance high, within a week; else a decision (8.08.02)."""
    bad = cvss_3(vectorString="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", baseScore=9.8, baseSeverity="CRITICAL")
    document = change("vulnerabilities/0/scores/0/cvss_v3", bad)
    touched = keep_advisory(node.store, OPERATOR, read(document)).assessment.touched
    due = {item.thing.ref: item.due_on for item in touched}
    assert due[f"{PART}/oud"] == date(2026, 12, 7) and due[f"{PART}/nieuw"] is None
    assert isinstance(node.store.clock, FixedClock)
    node.store.clock.moment = datetime(2026, 12, 5, 10, 0, tzinfo=UTC)
    touched = keep_advisory(node.store, OPERATOR, read(document)).assessment.touched
    assert {item.due_on for item in touched if item.outcome == "affected"} == {date(2026, 12, 7)}


def match(document: Document, **spec: Any) -> list[tuple[str, str]]:
    """Give outcome and reason for a thing that a record describes."""
    said = read(document)
    suppliers = spec.pop("suppliers", ())
    found = match_thing(said, ProductIndex(said.products), identify({"name": "x", **spec}, suppliers))
    return [(verdict.outcome, verdict.reason) for verdict in found]


def with_helper(**helper: str) -> Document:
    path = "product_tree/branches/0/branches/0/branches/0/product/product_identification_helper"
    return change(path, helper)


@pytest.mark.parametrize(
    ("spec", "outcome"),
    [
        ({"purl": "pkg:npm/zaakkern@1.4.1"}, "affected"),
        ({"purl": "pkg:npm/zaakkern@1.4.1", "version": "1.4.2"}, "fixed"),
        ({"purl": "pkg:npm/%40zaak/zaakkern@1.4.1"}, ""),
        ({"purl": "pkg:npm/zaakkern@een"}, "unknown"),
        ({"name": "ZAAKKERN", "version": "1.4.1", "suppliers": ["Zaakbouwers Nederland BV"]}, "affected"),
        ({"name": "Zaakkern", "version": "1.4.1", "suppliers": ["Andere BV"]}, ""),
        ({"name": "Zaakkern", "version": "1.4.1", "suppliers": ["Andere Zaak BV", "ZAAKBOUWERS"]}, "affected"),
        ({"name": "Zaakkern", "version": "1.4.1"}, "unknown"),
        ({"name": "Balie", "package": "Zaakkern", "version": "1.4.1", "suppliers": ["Zaakbouwers"]}, "affected"),
        ({"name": "Zaakkern", "suppliers": ["Zaakbouwers"]}, "unknown"),
        # That it is repaired is not believed of a name alone.
        ({"name": "Zaakkern", "version": "1.4.2"}, ""),
        ({"name": "Zaakkern", "version": "1.4.2", "suppliers": ["Zaakbouwers"]}, "fixed"),
    ],
)  # fmt: skip
def test_a_thing_is_recognised_by_purl_or_by_name_and_supplier(spec: dict[str, Any], outcome: str) -> None:
    assert [found for found, _ in match(security_advisory(), **spec)] == [outcome] * bool(outcome)


@pytest.mark.parametrize(
    ("cpe", "outcome"),
    [
        ("cpe:2.3:a:zaakbouwers:zaakkern:1.3.0:*:*:*:*:*:*:*", "affected"),
        ("cpe:/a:zaakbouwers:zaakkern:1.3.0", "affected"),
        ("cpe:2.3:a:zaakbouwers:zaakkern:*:*:*:*:*:*:*:*", "unknown"),
        ("cpe:2.3:a:zaakbouwers:zaakkern:1.5.0:*:*:*:*:*:*:*", ""),
        ("cpe:2.3:a:anderen:zaakkern:1.3.0:*:*:*:*:*:*:*", ""),
    ],
)
def test_a_thing_is_recognised_by_cpe(cpe: str, outcome: str) -> None:
    document = with_helper(cpe="cpe:2.3:a:zaakbouwers:zaakkern:*:*:*:*:*:*:*:*")
    document["product_tree"]["branches"][0]["branches"][0]["branches"][1]["product"].pop(
        "product_identification_helper"
    )
    assert [found for found, _ in match(document, cpe=cpe)] == [outcome] * bool(outcome)


def test_a_qualifier_that_differs_is_another_package() -> None:
    document = with_helper(purl="pkg:npm/zaakkern?arch=amd64")
    assert match(document, purl="pkg:npm/zaakkern@1.3.0?arch=arm64") == []
    assert match(document, purl="pkg:npm/zaakkern@1.3.0?arch=amd64") == [("affected", "")]


def test_under_investigation_is_no_good_news() -> None:
    document = security_advisory()
    status = document["vulnerabilities"][0]["product_status"]
    status["under_investigation"] = status.pop("known_affected")
    assert match(document, purl="pkg:npm/zaakkern@1.3.0") == [("under-investigation", "")]


def test_one_version_goes_before_a_range_that_holds_it() -> None:
    document = security_advisory()
    branch = document["product_tree"]["branches"][0]["branches"][0]["branches"]
    branch[1]["name"] = "1.3.0"
    branch[1]["product"]["product_identification_helper"]["purl"] = "pkg:npm/zaakkern@1.3.0"
    document["vulnerabilities"][0]["product_status"]["known_not_affected"].append("NEW")
    del document["vulnerabilities"][0]["product_status"]["fixed"]
    assert match(document, purl="pkg:npm/zaakkern@1.3.0")[0][0] == "not-affected"
    assert match(document, purl="pkg:npm/zaakkern@1.3.1")[0][0] == "affected"
    # Without a version nobody knows which of the two it is.
    assert match(document, purl="pkg:npm/zaakkern") == [("unknown", "version-not-recorded")]
