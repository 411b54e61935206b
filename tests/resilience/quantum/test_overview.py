"""From records to verdicts, links, plan, deadlines and readiness, on a landscape that was worked out by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import NotFound
from eendracht.kernel.landscape import build_landscape
from eendracht.resilience.quantum.months import add_months, count_months
from eendracht.resilience.quantum.overview import Overview, read_overview
from eendracht.resilience.quantum.readiness import place_in_layer
from tests.resilience.quantum.small_move import (
    AMSTERDAM,
    CASES,
    CLOCK,
    CRYPTOGRAPHY,
    FILES,
    HSM,
    LANDSCAPE,
    LINK,
    MAKER,
    RSA,
    STATE,
    STEPS,
    UTRECHT,
    step,
)
from tests.web.nodes import draft, fill_node, open_node

NAMES = [f"quantum-step:mnre1/{letter}" for letter in "abcdefgh"]


def look(folder: Path, drafts: list[dict[str, Any]]) -> Overview:
    with open_node(folder / "node", CLOCK) as instance:
        fill_node(instance, drafts)
        return read_overview(instance.store, OPERATOR, build_landscape(instance.store, OPERATOR))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Overview:
    return look(tmp_path_factory.mktemp("move"), [*LANDSCAPE, *CRYPTOGRAPHY, *STEPS])


def test_the_plan_goes_from_the_device_to_the_switch_over_four_parties(seen: Overview) -> None:
    plan = seen.plan
    assert (plan.path.end, plan.path.is_bounded) == (16, True)
    assert [item.step.ref for item in plan.critical] == NAMES[:7]
    ends = {item.step.ref[-1]: (item.timed.finish, item.timed.slack) for item in plan.steps}
    assert ends == {
        "a": (6, 0),
        "b": (8, 0),
        "c": (11, 0),
        "d": (12, 0),
        "e": (13, 0),
        "f": (15, 0),
        "g": (16, 0),
        "h": (4, 8),
    }
    assert plan.by_ref[NAMES[6]].ends_on == date(2028, 4, 1)
    whys = {(item.first[-1], item.then[-1]): item.why for planned in plan.steps for item in planned.waits_for}
    assert whys["a", "b"] == "same-thing" and whys["b", "c"] == "needs" and whys["d", "e"] == "needs"
    assert whys["e", "f"] == whys["f", "g"] == "link"
    assert ("a", "h") not in whys


def test_x_y_and_z_make_the_slack_of_every_scenario(seen: Overview) -> None:
    secret, proof = seen.deadlines
    assert (secret.aspect, secret.x.low, secret.y.low, secret.y.is_known) == (
        "confidentiality",
        10,
        Fraction(16, 12),
        True,
    )
    # From 1 December 2026 to 1 January 2030: 37 months, so 37/12 - 10 - 16/12 years.
    assert [item.worst_slack for item in secret.scenarios] == [
        Fraction(37 - 120 - 16, 12),
        Fraction(97 - 120 - 16, 12),
        Fraction(157 - 120 - 16, 12),
    ]
    assert [item.urgency for item in secret.scenarios] == ["too-late", "too-late", "in-time"]
    assert [item.harvested for item in secret.scenarios] == ["yes", "yes", "no"]
    assert (proof.aspect, proof.x.high, [item.urgency for item in proof.scenarios]) == (
        "integrity",
        None,
        ["unknown"] * 3,
    )
    assert proof.scenarios[0].best_slack == Fraction(37 - 16, 12) and proof.scenarios[0].worst_slack is None


def test_a_system_has_the_longest_x_of_its_data_and_a_y_of_its_own(seen: Overview, tmp_path: Path) -> None:
    secret, proof = seen.system_deadlines
    assert (secret.subject, secret.others, secret.x.low, secret.y.low) == (CASES, [FILES], 10, Fraction(16, 12))
    assert (proof.x.high, secret.risk, secret.owner) == (None, "high", UTRECHT)
    more = [
        draft("dataset:gm0344/meer", "Meer", heldIn=[CASES]),
        draft("data-shelf-life:gm0344/meer", "Meer", dataset="dataset:gm0344/meer", integrityYears=40),
    ]
    both = look(tmp_path, [*LANDSCAPE, *CRYPTOGRAPHY, *STEPS, *more])
    secret, proof = both.system_deadlines
    # Of each aspect one dataset is judged and the other is not.
    assert (secret.x.low, secret.x.high, proof.x.low, proof.x.high) == (10, None, 40, None)
    assert [item.urgency for item in proof.scenarios] == ["too-late"] * 3
    assert [item.urgency for item in secret.scenarios] == ["too-late", "too-late", "unknown"]


def test_data_that_nobody_judged_leaves_open_how_long_its_system_has(tmp_path: Path) -> None:
    more = [draft("dataset:gm0344/ongewogen", "Ongewogen", heldIn=[CASES])]
    short = draft("data-shelf-life:gm0344/dossiers", "Dossiers", dataset=FILES, confidentialYears=1, integrityYears=1)
    kept = [item for item in CRYPTOGRAPHY if item["ref"] != short["ref"]]
    alone = look(tmp_path / "a", [*LANDSCAPE, *kept, *STEPS, short]).system_deadlines
    assert {item.urgency for item in alone[0].scenarios} == {"in-time"}
    for deadline in look(tmp_path / "b", [*LANDSCAPE, *kept, *STEPS, short, *more]).system_deadlines:
        assert (deadline.subject, deadline.others) == (CASES, [FILES, "dataset:gm0344/ongewogen"])
        assert (deadline.x.low, deadline.x.high) == (1, None)
        assert {item.urgency for item in deadline.scenarios} == {"unknown"}


def test_a_system_without_a_step_leaves_the_move_of_its_data_without_an_end(tmp_path: Path) -> None:
    more = [draft("application:gm0344/archief", "Archief", datasets=[FILES])]
    found = look(tmp_path, [*LANDSCAPE, *CRYPTOGRAPHY, *STEPS, *more])
    secret = next(item for item in found.deadlines if item.aspect == "confidentiality")
    assert (secret.y.low, secret.y.high) == (Fraction(16, 12), None)
    assert [item.urgency for item in secret.scenarios] == ["too-late", "too-late", "unknown"]
    # The system of which every step is recorded has an end of its own.
    assert next(item for item in found.system_deadlines if item.subject == CASES).y.is_known


def test_a_link_is_held_up_by_the_end_that_cannot(seen: Overview) -> None:
    (link,) = seen.links
    assert (link.record.ref, link.state, link.client.state, link.server.state) == (LINK, "broken", "safe", "broken")
    assert (list(link.held_up_by), list(link.to_ask)) == (["server"], [])
    assert [item.record.ref for item in seen.links_of(UTRECHT)] == [LINK]


def test_a_link_is_safe_only_where_all_that_is_known_of_it_is(tmp_path: Path) -> None:
    """Every combination of what the client can, what the endpoint offers and what was seen: the worst counts."""
    groups = {
        "safe": ("X25519MLKEM768", "hybrid"),
        "broken": ("x25519", "none"),
        "unknown": ("X25519Kyber768Draft00", "draft"),
    }
    purposes = {
        "safe": ("ML-KEM", "768", "kem"),
        "broken": ("ECDH", "P-256", "key-agree"),
        "unknown": ("RSA", "2048", ""),
    }
    order, drafts, expected = ["safe", "unknown", "broken"], [], {}
    for client, server, seen in product(order, order, order):
        name = f"{client}-{server}-{seen}"
        family, size, purpose = purposes[client]
        drafts += [
            draft(f"application:gm0344/c-{name}", "C"),
            draft(f"application:gm0363/s-{name}", "S"),
            draft(
                f"cryptographic-asset:gm0344/{name}", "A", type="algorithm", algorithmFamily=family, parameterSet=size,
                usedBy=[f"application:gm0344/c-{name}"], **({"purpose": purpose} if purpose else {}),
            ),
            draft(
                f"tls-endpoint:gm0363/{name}", "E", host=f"{name}.example", port=443, isComplete=True,
                groups=[dict(zip(("group", "quantum"), groups[server], strict=True))],
                serves=[f"application:gm0363/s-{name}"],
            ),
            draft(
                f"cryptographic-link:gm0344/{name}", "L", client=f"application:gm0344/c-{name}",
                server=f"application:gm0363/s-{name}", observedGroup="" if seen == "unknown" else groups[seen][0],
            ),
        ]  # fmt: skip
        # An end of which nothing is known can do what it was seen to do.
        ends = ["safe" if end == "unknown" and seen == "safe" else end for end in (client, server)]
        expected[f"cryptographic-link:gm0344/{name}"] = max([*ends, seen], key=order.index)
    found = look(tmp_path, drafts)
    assert {link.record.ref: link.state for link in found.links} == expected
    assert [link.record.ref for link in found.links if link.held_up_by == ("neither",)] == [
        "cryptographic-link:gm0344/safe-safe-broken"
    ]


def test_what_comes_first_is_exposure_times_citizens_times_years(seen: Overview) -> None:
    (first,) = seen.priorities
    assert (first.exposure, first.services, first.years_late) == (
        "broken",
        ["public-service:gm0344/paspoort"],
        Fraction(39, 12),
    )
    assert first.score == 700 * Fraction(39, 12)


def test_an_asset_is_judged_with_the_risk_of_the_data_behind_it(seen: Overview) -> None:
    found = seen.judge_asset(RSA)
    said = {item.policy.id: (item.outcome, str(item.outcome_date)) for item in found.verdicts}
    assert said["eu"] == ("allowed-until", "2030-12-31")
    rule = found.as_dict()["verdicts"][0]["rules"][0]
    assert (rule["rule"], rule["source"]["published"]) == ("eu/high-risk-2030", "2025-06-11")
    assert {item.matter for item in found.conflicts} == {"date"}
    vague = seen.judge_asset("cryptographic-asset:gm0344/vaag")
    assert {item.outcome for item in vague.verdicts} == {"unknown"}
    with pytest.raises(NotFound):
        seen.judge_asset("cryptographic-asset:gm0344/weg")


@pytest.mark.parametrize(
    ("judged", "others", "expected"),
    [
        ("low", [], "low"),
        ("low", ["medium"], "medium"),
        ("low", ["unknown"], "unknown"),
        ("medium", ["unknown"], "unknown"),
        ("high", ["unknown"], "high"),
        # Data of which nobody recorded a shelf life.
        ("low", [None], "unknown"),
        ("high", [None], "high"),
    ],
)
def test_a_risk_that_nobody_judged_may_be_higher_than_the_one_that_is_known(
    judged: str, others: list[str | None], expected: str, tmp_path: Path
) -> None:
    drafts = [draft("data-shelf-life:gm0344/dossiers", "Dossiers", dataset=FILES, risk=judged)]
    for at, risk in enumerate(others):
        drafts.append(draft(f"dataset:gm0344/ander{at}", "Ander", heldIn=[CASES]))
        if risk is not None:
            drafts.append(
                draft(f"data-shelf-life:gm0344/ander{at}", "Ander", dataset=f"dataset:gm0344/ander{at}", risk=risk)
            )
    kept = [item for item in CRYPTOGRAPHY if item["ref"] != drafts[0]["ref"]]
    found = look(tmp_path, [*LANDSCAPE, *kept, *drafts])
    assert {item.risk for item in found.system_deadlines} == {expected}
    eu = found.judge_asset(RSA).verdicts[0]
    # The roadmap ends at the end of 2030 what is of high risk; where the risk is not known it may be that day.
    assert (eu.outcome_date == date(2030, 12, 31)) == (expected == "high")
    perhaps = {item.rule.id for item in eu.undecided if item.rule and item.missing == "risk"}
    assert ("eu/high-risk-2030" in perhaps) == (expected == "unknown")


def test_readiness_says_unknown_where_nothing_is_recorded(seen: Overview) -> None:
    utrecht, amsterdam = seen.find_organisation("gm0344"), seen.find_organisation(AMSTERDAM)
    assert (utrecht.started, utrecht.assets, utrecht.resolved, utrecht.inventories) == ("yes", 2, 1, 1)
    assert dict(utrecht.classes) == {"broken": 1, "weakened": 0, "unknown": 1, "safe": 0}
    assert {item.milestone.id: item.state for item in utrecht.milestones} == {
        "first-steps": "unknown",
        "high-risk": "on-track",
        "medium-risk": "unknown",
    }
    assert (amsterdam.has_plan, amsterdam.links["broken"]) == (True, 1)
    state = seen.find_organisation(STATE)
    assert (state.suppliers, state.suppliers_announced, state.layer) == (1, 1, "central")
    whole, central, municipal = seen.layers
    assert (whole.organisations, whole.links["broken"], municipal.links["broken"], central.links["broken"]) == (
        3,
        1,
        1,
        0,
    )
    assert json.dumps(seen.describe(False, 9)).count("gm0344") == 0
    with pytest.raises(NotFound):
        seen.find_organisation("gm9999")


def test_a_supplier_without_a_date_leaves_the_end_unknown(tmp_path: Path) -> None:
    steps = [step("a", MAKER, HSM, "supplier-release", "0"), *STEPS[1:]]
    found = look(tmp_path, [*LANDSCAPE, *CRYPTOGRAPHY, *steps])
    switch = found.plan.by_ref[NAMES[6]]
    assert (switch.timed.finish, switch.worst_end) == (10, None)
    assert found.plan.by_ref[NAMES[7]].worst_end == date(2027, 4, 1)
    assert found.find_organisation(UTRECHT).milestones[1].state == "unknown"
    assert found.find_organisation(STATE).suppliers_announced == 0
    secret = found.deadlines[0]
    assert (secret.y.low, secret.y.high) == (Fraction(10, 12), None)
    # Too late whatever the supplier says in the first two; in the last nobody knows.
    assert [item.urgency for item in secret.scenarios] == ["too-late", "too-late", "unknown"]


def test_milestones_are_met_missed_and_at_risk(tmp_path: Path) -> None:
    late = [
        step("x", UTRECHT, CASES, "leaf", "60", milestone="high-risk"),
        step(
            "y",
            UTRECHT,
            "application:gm0344/ander",
            "leaf",
            "1",
            status="done",
            doneOn="2026-06-01",
            milestone="first-steps",
        ),
        step(
            "z",
            AMSTERDAM,
            "application:gm0363/z",
            "leaf",
            "1",
            status="done",
            doneOn="2031-02-01",
            milestone="high-risk",
        ),
    ]
    found = look(tmp_path, [*LANDSCAPE, *late])
    states = [item.state for item in found.find_organisation(UTRECHT).milestones]
    assert states == ["met", "at-risk", "unknown"]
    assert found.find_organisation(AMSTERDAM).milestones[1].state == "missed"


def test_a_circle_is_named_and_what_is_not_there_is_waited_for(tmp_path: Path) -> None:
    circle = [
        step("p", UTRECHT, CASES, "leaf", "1", after=["quantum-step:mnre1/q"]),
        step("q", AMSTERDAM, "application:gm0363/q", "leaf", "1", after=["quantum-step:mnre1/p"]),
        step("r", AMSTERDAM, "application:gm0363/r", "leaf", "1", after=["quantum-step:mnre1/weg"]),
    ]
    stuck = look(tmp_path / "a", [*LANDSCAPE, *circle, STEPS[7]])
    (fault,) = stuck.faults
    assert "quantum-step:mnre1/p → quantum-step:mnre1/q" in fault.nl or "mnre1/q → quantum-step:mnre1/p" in fault.nl
    # What is not in the circle, nor behind it, is planned; the leaf stands behind the inventory of the same thing.
    assert [stuck.plan.by_ref[f"quantum-step:mnre1/{name}"].worst_end is None for name in "pqh"] == [True, True, False]
    found = look(tmp_path / "b", [*LANDSCAPE, circle[2]])
    assert found.plan.by_ref["quantum-step:mnre1/r"].worst_end is None


def test_the_court_of_audit_found_71_per_cent_that_had_not_started(shared: Callable[..., Path], tmp_path: Path) -> None:
    """Loaded as published: 63 organisations of central government, of which 71 % say that they have not started."""
    figures = json.loads(shared("reference", "resilience", "figures", "published_figures_nl.json").read_text())[
        "figures"
    ]
    text = next(item["value"] for item in figures if item["id"] == "quantum-prep-2026")
    per_cent, sampled = (int(number) for number in re.findall(r"(\d+)%.*?\((\d+)\)", text)[0])
    assert sampled == 63
    idle = round(sampled * per_cent / 100)
    drafts = []
    for number in range(sampled):
        ref = f"organisation:mnre2{number:03}"
        drafts.append(draft(ref, f"Rijksdienst {number}", owner=ref, type="agency"))
        state = "not-started" if number < idle else "inventorying"
        drafts.append(
            draft(f"quantum-preparation:rekenkamer/{number}", "Stand", owner=ref, organisation=ref, state=state)
        )
    # A municipality about which nobody said anything changes nothing for central government.
    layers = {layer.layer: layer for layer in look(tmp_path, [*drafts, LANDSCAPE[0]]).layers}
    share = layers["central"].not_started_share
    assert share is not None and round(share * 100) == per_cent
    assert layers["central"].organisations == sampled
    assert layers["municipality"].started == {"yes": 0, "no": 0, "unknown": 1}
    assert layers["municipality"].not_started_share is None


def test_layers_and_months() -> None:
    assert [place_in_layer(name) for name in ("zbo", "province", "water-board", "ggd", "unknown")] == [
        "central",
        "province",
        "water-board",
        "other",
        "other",
    ]
    assert count_months(date(2027, 1, 1), date(2030, 1, 1)) == 36
    assert count_months(date(2027, 2, 1), date(2027, 2, 15)) == Fraction(1, 2)
    for day in (date(2027, 1, 31), date(2028, 2, 29), date(2026, 12, 1)):
        assert add_months(day, Fraction(0)) == day
        assert add_months(date(2026, 11, 30), count_months(date(2026, 11, 30), day)) == day
    assert add_months(date(2026, 11, 30), Fraction(10**9)) == date.max
