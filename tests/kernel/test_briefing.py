"""The briefing: each check on records made by hand, the same every time, and nothing of what the asker may not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eendracht.config import Settings
from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, parse_roles
from eendracht.kernel.briefing import Briefing, Finding, make_briefing
from eendracht.kernel.instance import Instance
from eendracht.kernel.ledger.history import History
from eendracht.kernel.ledger.note import Ed25519Signer
from eendracht.kernel.reconcile import Policy
from eendracht.kernel.review import answer_reviews, list_reviews
from eendracht.kernel.store import Store
from eendracht.kernel.wording import say
from tests.contract.engines import EDE, EDITOR, EMMEN, STRANGER
from tests.kernel.deliveries import deliver, open_small_store, put, row


def open_instance(store: Store, folder: Path) -> Instance:
    """Give a node around a store."""
    signer = Ed25519Signer.generate("test.example/node")
    return Instance(Settings(folder=folder), store, History(store, folder / "ledger", signer), signer)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    """Give a node with two municipalities; it is 23 November 2026."""
    with open_small_store(tmp_path) as store:
        yield open_instance(store, tmp_path)


WEAK_POINTS = ("single-point-of-failure", "supplier-stops-critical", "supplier-concentration")
"""Findings of which others than insiders get the count only."""


def brief(node: Instance, asker: Principal = OPERATOR) -> Briefing:
    """Give the briefing, whose rows are all there and lead somewhere."""
    node.store.catch_up()
    made = make_briefing(node, asker)
    for finding in made.findings:
        is_withheld = finding.code in WEAK_POINTS and not asker.is_insider
        assert bool(finding.evidence) != is_withheld and finding.count >= 1, finding.code
        assert all(
            text[language] for text in (finding.title, finding.reason, finding.next_step) for language in ("nl", "en")
        )
    return made


def findings(node: Instance, asker: Principal = OPERATOR) -> dict[str, Finding]:
    """Give the findings by code."""
    return {finding.code: finding for finding in brief(node, asker).findings}


def rows(found: dict[str, Finding], code: str) -> list[str]:
    """Give the last part of the refs on which a finding rests; nothing where there is no such finding."""
    return [row.ref.rpartition("/")[2] for row in found[code].evidence] if code in found else []


def contract(node: Instance, name: str, **spec: Any) -> None:
    """Record a contract with an exit plan."""
    base = {"buyer": EMMEN, "supplier": "supplier:gm0114/s", "exitPlan": {"escrow": True}, "noticeDays": 90}
    put(node.store, f"contract:gm0114/{name}", **({k: v for k, v in (base | spec).items() if v is not None}))


def test_an_empty_node_says_so(node: Instance) -> None:
    made = brief(node)
    assert (made.records, made.synthetic, made.findings, made.questions) == (2, 0, [], [])
    assert made.concentration.hhi is None


@pytest.mark.parametrize(
    ("spec", "codes"),
    [
        ({"endDate": "2026-11-23"}, {"contract-ended"}),
        ({"endDate": "2026-11-23", "renewal": "tacit"}, {"contract-renewed-unseen"}),
        ({"endDate": "2026-11-24"}, {"contract-decision-due"}),
        # 23 November and 180 days is 22 May; 90 days of notice before 20 August.
        ({"endDate": "2027-08-20"}, {"contract-decision-due"}),
        ({"endDate": "2027-08-21"}, set()),
        ({"endDate": "2027-08-21", "noticeDays": None}, {"contract-notice-unknown"}),
        ({"endDate": "2027-05-22", "noticeDays": None}, {"contract-decision-due"}),
        ({"noticeDays": None}, {"contract-end-unknown"}),
        ({"endDate": "2028-01-01", "exitPlan": None}, {"contract-without-exit-plan"}),
        ({"endDate": "2020-01-01", "exitPlan": None}, {"contract-ended"}),
    ],
)
def test_contracts(node: Instance, spec: dict[str, Any], codes: set[str]) -> None:
    put(node.store, "supplier:gm0114/s")
    contract(node, "c", **spec)
    assert findings(node).keys() == codes


def test_unknowns_of_applications(node: Instance) -> None:
    known = {"criticality": "normal", "hosting": "hybrid", "personalData": "no", "suppliedBy": "supplier:gm0114/s"}
    put(node.store, "supplier:gm0114/s")
    put(node.store, "application:gm0114/all", **known)
    for missing in known:
        put(node.store, f"application:gm0114/no-{missing.lower()}", **{k: v for k, v in known.items() if k != missing})
    found = findings(node)
    assert {code: rows(found, code) for code in found} == {f"unknown-{name}": [f"no-{name.lower()}"] for name in known}
    assert found["unknown-hosting"].title["nl"] == "Van 1 van de 5 applicaties is onbekend waar zij draaien"


def test_dangling_references_the_most_used_first(node: Instance) -> None:
    put(node.store, "component:gm0114/a", requires=["platform:gm0114/x", "platform:gm0114/y"])
    put(node.store, "component:gm0114/b", requires=["platform:gm0114/y"])
    found = findings(node)["dangling-reference"]
    assert (found.count, found.weight) == (2, 3)
    named = [row.note["en"] for row in found.evidence if row.note]
    assert named == ["names platform:gm0114/y"] * 2 + ["names platform:gm0114/x"]
    assert [row.ref for row in found.evidence] == ["component:gm0114/a", "component:gm0114/b", "component:gm0114/a"]


def test_creditors_that_nothing_names(node: Instance) -> None:
    paid = [
        row("supplier", str(n), name, facts={"annualSpendEurocent": cents})
        for n, (name, cents) in enumerate({"Klein": 100, "Groot": 999_900, "Bekend": 5, "Ook bekend": 7}.items())
    ]
    deliver(node.store, *paid, row("supplier", "9", "Zonder bedrag"))
    put(node.store, "application:gm0114/a", suppliedBy="supplier:gm0114/bekend")
    put(node.store, "supplier:gm0114/alias")
    put(node.store, "application:gm0114/b", suppliedBy="supplier:gm0114/alias")
    claim = {"left": "supplier:gm0114/alias", "right": "supplier:gm0114/ook-bekend", "confidence": "1"}
    put(node.store, "same-as:gm0114/1", **claim)
    found = findings(node)["creditor-not-in-estate"]
    assert [(row.name, row.note and row.note["nl"]) for row in found.evidence] == [
        ("Groot", "€ 9.999 per jaar"),
        ("Klein", "€ 1 per jaar"),
    ]
    assert "(€ 10.000 per jaar)" in found.title["nl"]


def test_processing(node: Instance) -> None:
    put(node.store, "application:gm0114/named", personalData="yes")
    put(node.store, "application:gm0114/loose", personalData="yes")
    put(node.store, "application:gm0114/clean", personalData="no")
    good = {"controller": EMMEN, "legalGround": "public-task", "systems": ["application:gm0114/named"]}
    assert "personal-data-not-registered" not in findings(node), "without a register nothing can be missing from it"
    put(node.store, "processing-activity:gm0114/good", **good)
    put(node.store, "processing-activity:gm0114/bare", controller=EMMEN)
    put(node.store, "processing-activity:gm0114/special", **good, specialCategories="yes")
    put(node.store, "processing-activity:gm0114/done", **good, specialCategories="yes", dpia="yes")
    found = findings(node)
    assert rows(found, "processing-without-ground") == ["bare"]
    assert rows(found, "dpia-missing") == ["special"]
    assert rows(found, "personal-data-not-registered") == ["loose"]


def test_what_disappeared_from_its_source(node: Instance) -> None:
    deliver(node.store, row("application", "1", "Een"), row("application", "2", "Twee"))
    deliver(node.store, row("application", "1", "Een"))
    found = findings(node)["disappeared"]
    assert [(row.name, row.place) for row in found.evidence] == [("Twee", "lijst.xlsx › Blad1 › rij 2")]
    assert found.title["nl"] == "1 rij is verdwenen uit lijst"


def test_confidentiality_that_has_ended(node: Instance) -> None:
    for name, until in (("over", "2026-11-23"), ("nog", "2026-11-24")):
        draft = {
            "ref": f"facility:gm0114/{name}",
            "owner": EMMEN,
            "confidentiality": {"level": "organisation", "ground": "Woo art. 5.1", "until": until},
            "source": {"type": "statement", "date": "2026-01-01"},
            "spec": {"name": name},
        }
        node.store.put(draft, OPERATOR)
    assert rows(findings(node), "confidentiality-ended") == ["over"]


def test_weak_points_and_suppliers(node: Instance) -> None:
    put(node.store, "supplier:gm0114/s")
    put(node.store, "facility:gm0114/hall")
    put(node.store, "platform:gm0114/p", operatedBy="supplier:gm0114/s", locatedIn=["facility:gm0114/hall"])
    put(node.store, "platform:gm0114/q")
    put(node.store, "application:gm0114/a", criticality="critical", requires=["platform:gm0114/p"])
    both = {"members": [{"provider": "platform:gm0114/p"}, {"provider": "platform:gm0114/q"}]}
    put(node.store, "application:gm0114/b", criticality="critical", requirementGroups=[both])
    put(node.store, "public-service:gm0114/d", criticality="critical", requires=["application:gm0114/a"])
    found = findings(node)
    assert sorted(rows(found, "single-point-of-failure")) == ["a", "hall", "p"]
    notes = {
        row.ref.rpartition("/")[2]: row.note and row.note["nl"] for row in found["single-point-of-failure"].evidence
    }
    assert notes == {
        "hall": "legt 2 kritieke dingen stil",
        "p": "legt 2 kritieke dingen stil",
        "a": "legt 1 kritiek ding stil",
    }
    assert rows(found, "supplier-stops-critical") == ["s"]


def test_concentration_looks_through_to_who_controls(node: Instance) -> None:
    """Ten of twenty with one parent's daughters, the rest alone: HHI = 10,000 · (0.5² + 10 · 0.05²) = 2750."""
    put(node.store, "supplier:gm0114/parent")
    for number in range(2):
        stake = [{"owner": "supplier:gm0114/parent", "share": "80"}]
        put(node.store, f"supplier:gm0114/daughter{number}", ownerships=stake)
    for number in range(20):
        supplier = f"daughter{number % 2}" if number < 10 else f"own{number}"
        if number >= 10:
            put(node.store, f"supplier:gm0114/{supplier}")
        put(node.store, f"application:gm0114/a{number}", suppliedBy=f"supplier:gm0114/{supplier}")
    put(node.store, "application:gm0114/unknown")
    spread = brief(node).concentration
    assert (spread.supplied, spread.unknown, round(spread.hhi or 0)) == (20, 1, 2750)
    assert spread.largest[0] == ("supplier:gm0114/parent", 10, 1)
    assert rows(findings(node), "supplier-concentration") == ["parent"]


def test_questions_are_few_and_ordered_and_go_when_they_are_answered(node: Instance) -> None:
    put(node.store, "supplier:gm0114/centric", name="Centric")
    deliver(node.store, *(row("application", str(n), f"App {n}") for n in range(12)), row("supplier", "1", "Centrik"))
    contract(node, "c", endDate=None)
    asked = brief(node).questions
    changes = [question.changes for question in asked]
    assert changes == sorted(changes, reverse=True) and len(asked) <= 10
    assert {"same-as", "unknown-hosting", "contract-end-unknown"} <= {question.code for question in asked}
    assert brief(node).concentration.open_claims == 1
    answer_reviews(node.store, OPERATOR, list_reviews(node.store, OPERATOR), [("1", "same")])
    assert "same-as" not in {question.code for question in brief(node).questions}
    assert brief(node).concentration.open_claims == 0


def _fill_openly(store: Store) -> None:
    put(store, "supplier:gm0114/open", level="public", kvk="11111111")
    put(store, "platform:gm0114/hosting", level="public", operatedBy="supplier:gm0114/open")
    uses = {"requires": ["platform:gm0114/hosting", "platform:gm0228/secret"], "criticality": "critical"}
    put(store, "application:gm0114/a", level="public", **uses)


def _fill_secretly(store: Store) -> None:
    put(
        store,
        "platform:gm0228/secret",
        EDE,
        level="restricted",
        operatedBy="supplier:gm0114/open",
        criticality="critical",
    )
    put(store, "application:gm0228/b", EDE, suppliedBy="supplier:gm0114/open", requires=["platform:gm0114/hosting"])
    put(store, "contract:gm0228/c", EDE, buyer=EDE, supplier="supplier:gm0114/open", endDate="2026-01-01")
    put(store, "same-as:gm0228/1", EDE, left="supplier:gm0114/open", right="supplier:gm0228/x", confidence="0.4")
    put(store, "facility:gm0228/f", EDE)
    store.rename("facility:gm0228/f", "facility:gm0228/g", OPERATOR)
    paid = row("supplier", "1", "open", facts={"annualSpendEurocent": 500}, kvk="11111111")
    double = row("application", "2", "b", users=5), row("application", "3", "b", users=6)
    deliver(store, paid, *double, row("supplier", "4", "Opem"), owner=EDE)
    deliver(store, double[0], owner=EDE)
    deliver(store, row("supplier", "9", "Anders"), owner=EDE)


@pytest.mark.parametrize("asker", [PUBLIC, EDITOR])
def test_who_may_not_see_a_record_gets_the_same_briefing_as_if_it_were_absent(
    tmp_path_factory: pytest.TempPathFactory, asker: Principal
) -> None:
    """What Ede keeps to itself, delivered, doubts or pays shows in nothing but the size of the log."""
    told = []
    for is_there in (False, True):
        folder = tmp_path_factory.mktemp("seen")
        with open_small_store(folder) as store:
            _fill_openly(store)
            if is_there:
                _fill_secretly(store)
            plain = brief(open_instance(store, folder), asker).as_dict()
            plain.pop("ledger")
            told.append(plain)
            if is_there:
                inside = Principal("ede", parse_roles([f"editor@{EDE}", f"security@{EDE}"]))
                codes = findings(open_instance(store, folder), inside).keys()
                assert {"contract-ended", "disappeared"} <= codes
    assert told[0] == told[1]


def test_a_stranger_with_a_role_elsewhere_sees_no_more(node: Instance) -> None:
    _fill_openly(node.store)
    _fill_secretly(node.store)
    assert rows(findings(node, EDITOR), "disappeared") == []
    assert rows(findings(node, STRANGER), "disappeared") != []


def test_the_same_records_give_the_same_briefing(node: Instance) -> None:
    _fill_openly(node.store)
    _fill_secretly(node.store)
    deliver(node.store, row("application", "1", "Een", users=1), policy=Policy())
    assert brief(node).as_dict() == brief(node).as_dict()


def test_findings_come_in_order_of_pressure(node: Instance) -> None:
    _fill_openly(node.store)
    _fill_secretly(node.store)
    found = brief(node).findings
    order = [("high", "medium", "low").index(finding.severity) for finding in found]
    assert order == sorted(order)
    for severity in ("high", "medium", "low"):
        weights = [finding.weight for finding in found if finding.severity == severity]
        assert weights == sorted(weights, reverse=True)


def test_words_follow_the_number() -> None:
    texts = ("{n} {n:contract is|contracten zijn} af", "{n:this|these {n}}")
    assert [say(*texts, n=n)["nl"] for n in (0, 1, 2)] == [
        "0 contracten zijn af",
        "1 contract is af",
        "2 contracten zijn af",
    ]
    assert [say(*texts, n=n)["en"] for n in (1, 2)] == ["this", "these 2"]
