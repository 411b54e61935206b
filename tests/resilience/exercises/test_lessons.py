"""From what was not met to a lesson, an action with an owner, and the same finding in the next exercise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.errors import Denied, InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.resilience.exercises import leading, lessons, playing
from eendracht.resilience.exercises.log import get_exercise
from eendracht.resilience.exercises.report import describe_report, make_report, record_results
from tests.resilience.exercises.practice import AMSTERDAM, ANNE, BEGIN, LEADER, RIVM, UTRECHT, Practice, open_node

DOER = Principal("doener", frozenset({(Role.EDITOR, UTRECHT)}))
OTHER = Principal("ander", frozenset({(Role.EDITOR, UTRECHT)}))


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path) as instance:
        yield instance


def play(node: Instance, *, shares: bool) -> Practice:
    node.store.clock = FixedClock(BEGIN)
    practice = Practice(node)
    practice.start()
    practice.at(6)
    if shares:
        playing.do(node, ANNE, practice.id, "share", {"to": AMSTERDAM, "about": "begin"}, "Het inloggen hapert")
    practice.at(240.1)
    practice.conductor.tick()
    record_results(node, get_exercise(node.store, practice.id))
    return practice


def test_a_finding_that_comes_back_is_known(node: Instance) -> None:
    first = play(node, shares=False)
    row = get_exercise(node.store, first.id)
    found = {item.outcome.expectation.id for item in lessons.list_findings(node, row, LEADER) if not item.repeats}
    assert {"bevestigen", "delen", "uitwijken"} <= found
    lesson = lessons.record_lesson(node, LEADER, row, UTRECHT, "Deel wat u weet", expectation="delen")
    made = {item.outcome.expectation.id: item.lesson for item in lessons.list_findings(node, row, LEADER)}
    assert made["delen"] == lesson and not made["uitwijken"]
    again = get_exercise(node.store, play(node, shares=False).id)
    repeated = {item.outcome.expectation.id: item.repeats for item in lessons.list_findings(node, again, LEADER)}
    assert repeated["delen"] == (lesson,) and repeated["uitwijken"] == ()
    second = lessons.record_lesson(node, LEADER, again, UTRECHT, "Deel wat u weet", expectation="delen")
    assert node.store.get(second, LEADER).spec(node.store.registry)["repeats"] == [lesson]


def test_what_was_met_is_no_finding_and_who_told_whom_is_known(node: Instance) -> None:
    """Utrecht told it one minute after the message came: a decision by hand of what the report must say."""
    practice = play(node, shares=True)
    row = get_exercise(node.store, practice.id)
    told = describe_report(make_report(node, row, LEADER))
    assert told["told"] == [{"from": UTRECHT, "to": AMSTERDAM, "times": 1, "firstMinutes": 0.0}]
    assert "delen" not in {item.outcome.expectation.id for item in lessons.list_findings(node, row, LEADER)}
    score = {(item["organisation"], item["objective"]): item for item in told["scores"]}
    # Sharing is worth 20, confirming 10 and was not done; the judgement of an evaluator is not there.
    assert (score[UTRECHT, "samen"]["points"], score[UTRECHT, "samen"]["possible"]) == (20.0, 30)
    assert score[RIVM, "samen"]["unjudged"] == 1
    leading.rate(node, LEADER, practice.id, "oordeel", RIVM, "M", "Pas laat een beeld")
    told = describe_report(make_report(node, row, LEADER))
    rated = {(item["organisation"], item["objective"]): item for item in told["scores"]}[RIVM, "samen"]
    assert (rated["points"], rated["possible"], rated["unjudged"]) == (pytest.approx(10 / 3, abs=0.001), 20, 0)
    results = node.store.get(row.record, LEADER).spec(node.store.registry)["results"]
    assert {"organisation": UTRECHT, "objective": "samen", "points": 20_000, "possible": 30_000} in results


def test_an_action_goes_from_a_lesson_to_closed_by_two_people(node: Instance) -> None:
    row = get_exercise(node.store, play(node, shares=False).id)
    lesson = lessons.record_lesson(node, LEADER, row, UTRECHT, "Deel wat u weet", expectation="delen")
    with pytest.raises(Denied):
        lessons.propose_action(node.store, LEADER, lesson, "Belboom", owner=UTRECHT, due=date(2026, 12, 31))
    action = lessons.propose_action(node.store, DOER, lesson, "Belboom", owner=UTRECHT, due=date(2026, 11, 1))
    (shown,) = lessons.read_board(node.store, DOER)
    assert (shown.status, shown.is_overdue, shown.owner) == ("open", True, UTRECHT)
    with pytest.raises(InvalidInput):
        lessons.report_done(node.store, DOER, action, " ")
    lessons.report_done(node.store, DOER, action, "Belboom 1.0 in het crisisplan")
    lessons.retest(node.store, OTHER, action, passed=False, observed="Niemand nam op")
    assert [row.status for row in lessons.read_board(node.store, DOER)] == ["in-progress"]
    lessons.report_done(node.store, DOER, action, "Belboom 1.1, met reservenummers")
    with pytest.raises(InvalidInput):
        lessons.retest(node.store, DOER, action, passed=True)
    lessons.retest(node.store, OTHER, action, passed=True)
    (closed,) = lessons.read_board(node.store, DOER)
    assert (closed.status, closed.is_overdue, len(closed.retests)) == ("closed", False, 3)
