"""What if, over a landscape of which every answer was worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.errors import InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.landscape import Landscape, build_landscape
from eendracht.resilience.demand import read_demands
from eendracht.resilience.open_questions import list_questions
from eendracht.resilience.scenarios import plan_scenario
from eendracht.resilience.selectors import select_seeds
from eendracht.resilience.whatif import Change, Outcome, compare_change, describe, run_scenario
from tests.resilience.small_landscape import DRAFTS
from tests.web.nodes import fill_node, open_node

WOLK, ZAAL = "platform:gm0344/wolk", "facility:gm0344/zaal"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with open_node(tmp_path_factory.mktemp("whatif") / "node") as instance:
        fill_node(instance, DRAFTS)
        yield instance


@pytest.fixture(scope="module")
def landscape(node: Instance) -> Landscape:
    return build_landscape(node.store, OPERATOR)


def run(
    node: Instance, landscape: Landscape, selector: str, hours: float | None = None, horizon: float | None = None
) -> Outcome:
    scenario = plan_scenario(node.store, OPERATOR, landscape, selector, repaired_at_hours=hours, horizon_hours=horizon)
    return run_scenario(landscape, read_demands(node.store, OPERATOR, landscape), scenario)


def select(node: Instance, landscape: Landscape, selector: str) -> set[str]:
    found = select_seeds(node.store, OPERATOR, landscape, selector)
    return {landscape.things[at].ref for at in found.nodes}


def test_selectors_find_what_they_say(node: Instance, landscape: Landscape) -> None:
    both = {"supplier:kvk.11111111", "supplier:kvk.22222222"}
    assert select(node, landscape, "supplier:kvk.11111111") == both
    assert select(node, landscape, "supplier:kvk.22222222") == {"supplier:kvk.22222222"}
    # Whose mother is under a law, is under it too; that of the third is not recorded.
    assert select(node, landscape, "jurisdiction=US") == both
    open_ = select_seeds(node.store, OPERATOR, landscape, "jurisdiction=us").possible
    assert "supplier:kvk.33333333" in {landscape.things[at].ref for at in open_}
    assert select(node, landscape, "kind=facility,country=NL") == {ZAAL}
    assert select(node, landscape, "algorithm=rsa-2048") == select(node, landscape, "algorithm=RSA")
    assert select(node, landscape, "algorithm=RSA") == {"application:gm0344/balie"}


@pytest.mark.parametrize("selector", ["facility:gm0344/weg", "algorithm=ML-KEM", "algorithm=RSA-4096", "country=XX"])
def test_a_scenario_that_matches_nothing_is_refused(node: Instance, landscape: Landscape, selector: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        select_seeds(node.store, OPERATOR, landscape, selector)
    assert [fault.code for fault in caught.value.faults] == ["matches-nothing"]


def test_all_that_is_wrong_with_a_scenario_is_told_at_once(node: Instance, landscape: Landscape) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan_scenario(node.store, OPERATOR, landscape, "scenario:gm0344/leeg")
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/spec/seeds/0/selector", "matches-nothing"),
        ("/spec/seeds/1/selector", "matches-nothing"),
        ("/spec/seeds/2/selector", "unknown-field"),
    ]
    with pytest.raises(InvalidInput) as caught:
        plan_scenario(node.store, OPERATOR, landscape, WOLK, repaired_at_hours=-1, horizon_hours=99_999)
    assert [fault.pointer for fault in caught.value.faults] == ["/hours", "/horizon"]


def test_a_buffer_puts_off_and_an_alternative_saves(node: Instance, landscape: Landscape) -> None:
    outcome = run(node, landscape, ZAAL, hours=10, horizon=24)
    services = {item.thing.name: item for item in outcome.services}
    # The reserve was never tested: the passport stops in the worst case only.
    assert services["Rijbewijs"].best.outages == ((4.0, 10.0),)
    assert services["Paspoort"].best.outages == () and services["Paspoort"].worst.outages == ((0.0, 10.0),)
    assert next(item.thing.name for item in outcome.services) == "Rijbewijs"
    assert services["Rijbewijs"].best.uses_lost == pytest.approx(6 * 2)
    assert services["Melding"].worst.outages == ((0.0, None),)
    # 400 people for sure; nobody recorded how many the report has, so at most everybody.
    assert outcome.persons.as_dict() == {"low": 400, "high": 1500}
    # In the worst case the report, of which nobody knows the users, is out all day for at most all 1,500.
    assert outcome.citizen_hours.as_dict() == {"low": 6 * 400, "high": 24 * 1500}
    assert outcome.unmeasured == 1
    assert outcome.count_out() == [(0.0, 0, 2), (4.0, 1, 3), (10.0, 0, 1), (24.0, 0, 1)]
    said = describe(outcome, node.store.registry, "nl")
    why = {item["name"]: item["why"] for item in said["services"]}
    assert "Rekenzaal valt zelf uit" in why["Rijbewijs"][-1]


def test_what_to_ask_next_is_what_changes_the_outcome(node: Instance, landscape: Landscape) -> None:
    questions = list_questions(run(node, landscape, ZAAL))
    assert [(item.doubt.type, item.services) for item in questions] == [("unresolved", 1), ("untested", 1)]
    assert {item.doubt.name for item in questions} == {"application:gm0344/niet-vastgelegd", "platform:gm0344/reserve"}
    assert [thing.name for thing in questions[1].consumers] == ["Balie"]


def test_before_and_after_a_change(node: Instance, landscape: Landscape) -> None:
    outcome = run(node, landscape, "supplier:kvk.11111111")
    assert [item.thing.name for item in outcome.services if item.is_certain] == ["Rijbewijs"]
    # The daughter is replaced by somebody of her own family: nothing is gained.
    inside = compare_change(outcome, Change("supplier:kvk.22222222", "supplier:kvk.11111111"))
    assert [item.thing.name for item in inside.services if item.is_certain] == ["Rijbewijs"]
    outside = compare_change(outcome, Change("supplier:kvk.22222222", "supplier:kvk.33333333"))
    assert [item.thing.name for item in outside.services if item.is_certain] == []
    beside = compare_change(outcome, Change(WOLK, "Nieuwe wolk", "beside"))
    assert [item.thing.name for item in beside.services if item.is_certain] == []
    with pytest.raises(NotFound):
        compare_change(outcome, Change("platform:gm0344/onbekend", "x"))


def test_a_scenario_record_is_run_as_it_stands(node: Instance, landscape: Landscape) -> None:
    outcome = run(node, landscape, "scenario:gm0344/wolk-weg")
    assert outcome.scenario.name == "De wolk valt weg" and outcome.scenario.horizon_hours == 24
    assert {item.thing.name for item in outcome.services if item.is_certain} == {"Rijbewijs", "Paspoort"}
    with pytest.raises(NotFound):
        plan_scenario(node.store, PUBLIC, build_landscape(node.store, PUBLIC), "scenario:gm0344/bestaat-niet")
