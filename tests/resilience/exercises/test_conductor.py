"""An exercise from its start to its end, on a clock that is set by hand; what is out follows from the landscape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import Conflict, Denied, InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs, run_job
from eendracht.resilience.exercises import leading, playing
from eendracht.resilience.exercises.conductor import Conductor
from eendracht.resilience.exercises.deliveries import list_inbox
from eendracht.resilience.exercises.jobs import JOBS, ask_exercise, conduct_what_goes_on
from eendracht.resilience.exercises.log import ExerciseLog, get_exercise
from eendracht.resilience.exercises.roster import find_participant
from eendracht.resilience.exercises.states import read_state
from tests.resilience.exercises.practice import (
    AMSTERDAM,
    ANNE,
    BENEFIT,
    BILAL,
    CHEN,
    LEADER,
    LOGIN,
    PASSPORT,
    SPARE,
    STRANGER,
    UTRECHT,
    Practice,
    open_node,
    scenario,
)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path) as instance:
        yield instance


def inbox(practice: Practice, player: str) -> list[str]:
    found = find_participant(practice.instance.store, practice.id, player)
    assert found
    return [item.message for item in reversed(list_inbox(practice.instance.store, practice.id, found.id))]


def test_injects_come_when_they_are_due_and_once(node: Instance) -> None:
    practice = Practice(node)
    practice.at(10)
    assert inbox(practice, "anne") == []
    practice.start()
    practice.at(14)
    assert inbox(practice, "anne") == []
    practice.at(15)
    for _ in range(3):
        practice.at(16)
        Conductor(node, practice.id).tick()
    assert inbox(practice, "anne") == inbox(practice, "bilal") == ["begin"]


def test_what_fails_is_told_at_its_moment_and_gives_out_what_waits_for_it(node: Instance) -> None:
    """The passport needs the login at once; the benefit can do without it for an hour."""
    practice = Practice(node)
    practice.start()
    practice.at(31)
    state = practice.conductor.state
    assert {ref: status for ref, status in state.statuses.items() if status != "up"} == {
        LOGIN: "down",
        PASSPORT: "switching",
        BENEFIT: "draining",
    } or state.statuses[PASSPORT] == "down"
    practice.at(91)
    assert practice.conductor.state.statuses[BENEFIT] == "down"
    moments = {(e.body["thing"], e.body["state"]): e.offset for e in practice.conductor.state.changes}
    assert moments[LOGIN, "down"] == 30 * 60
    assert moments[BENEFIT, "down"] == 90 * 60
    assert "paspoort-plat" in inbox(practice, "anne")
    assert "paspoort-plat" not in inbox(practice, "bilal")


def test_a_decision_changes_what_others_see_and_gives_out_its_inject(node: Instance) -> None:
    """Failing over takes half an hour; the other municipality hears of it ten minutes after the decision."""
    practice = Practice(node)
    practice.start()
    practice.at(40)
    playing.do(node, ANNE, practice.id, "decide", {"effect": "fail-over", "about": PASSPORT, "to": SPARE})
    practice.at(49.9)
    assert practice.conductor.state.statuses[PASSPORT] == "down"
    assert "uitgeweken" not in inbox(practice, "bilal")
    practice.at(50)
    assert "uitgeweken" in inbox(practice, "bilal")
    practice.at(70)
    assert practice.conductor.state.statuses[PASSPORT] == "up"
    back = [e.offset for e in practice.conductor.state.changes if e.body == {"thing": PASSPORT, "state": "up"}]
    assert back == [70 * 60]
    verdict = practice.conductor.state.verdict("uitwijken", UTRECHT)
    assert verdict.status == "success"


def test_without_a_decision_it_stays_down_and_a_crew_brings_it_back(node: Instance) -> None:
    practice = Practice(node)
    practice.start()
    practice.at(100)
    assert practice.conductor.state.statuses[PASSPORT] == "down"
    playing.do(node, CHEN, practice.id, "decide", {"effect": "assign-crew", "about": LOGIN})
    with pytest.raises(InvalidInput) as refused:
        playing.do(node, CHEN, practice.id, "decide", {"effect": "assign-crew", "about": LOGIN})
    assert refused.value.faults[0].code == "crew-at-work"
    practice.at(161)
    assert {practice.conductor.state.statuses[ref] for ref in (LOGIN, PASSPORT, BENEFIT)} == {"up"}


def test_what_is_cut_off_no_longer_spreads(node: Instance) -> None:
    world = f"""
      failures:
        - {{thing: "{LOGIN}", at: "1:00", unlessIsolated: "{SPARE}"}}
    """
    practice = Practice(node, scenario(world=world))
    practice.start()
    practice.at(20)
    with pytest.raises(InvalidInput):
        playing.do(node, ANNE, practice.id, "decide", {"effect": "isolate", "about": SPARE})
    playing.do(node, CHEN, practice.id, "decide", {"effect": "isolate", "about": SPARE})
    practice.at(90)
    assert practice.conductor.state.statuses.get(LOGIN, "up") == "up"
    assert practice.conductor.state.statuses[SPARE] == "down"
    playing.do(node, CHEN, practice.id, "decide", {"effect": "reconnect", "about": SPARE})
    practice.at(91)
    assert practice.conductor.state.statuses[SPARE] == "up"


def test_a_pause_stops_the_clock_and_a_jump_gives_out_what_lies_between(node: Instance) -> None:
    practice = Practice(node)
    practice.start()
    practice.at(1)
    leading.pause(node, LEADER, practice.id)
    practice.at(60)
    assert inbox(practice, "anne") == []
    with pytest.raises(Conflict):
        playing.do(node, ANNE, practice.id, "act", {}, "Wij wachten")
    leading.resume(node, LEADER, practice.id)
    practice.at(64.5)
    assert inbox(practice, "anne") == ["begin"] or practice.conductor.state.offset(node.store.clock.now()) < 300
    practice.at(65)
    assert inbox(practice, "anne") == ["begin"]
    leading.jump(node, LEADER, practice.id, 2 * 3600)
    practice.at(65)
    assert "paspoort-plat" in inbox(practice, "anne")
    with pytest.raises(InvalidInput):
        leading.jump(node, LEADER, practice.id, 3600)
    with pytest.raises(InvalidInput):
        leading.jump(node, LEADER, practice.id, 5 * 3600)


def test_expectations_are_met_in_part_or_not_at_all(node: Instance) -> None:
    practice = Practice(node)
    playing.join(node, ANNE, practice.id)
    practice.start()
    practice.at(6)
    playing.acknowledge(node, ANNE, practice.id, "begin")
    practice.at(7)
    state = practice.conductor.state
    assert state.verdict("bevestigen", UTRECHT).status == "success"
    assert state.verdict("bevestigen", AMSTERDAM).status == "pending"
    playing.acknowledge(node, BILAL, practice.id, "begin")
    practice.at(26)
    assert state.verdict("bevestigen", AMSTERDAM).status == "success"
    assert state.verdict("delen", UTRECHT).status == "pending"
    practice.at(36.5)
    assert state.verdict("delen", UTRECHT).status == "failed"
    assert "niemand-deelt" in inbox(practice, "bilal")
    assert state.verdict("oordeel", "organisation:mnre1109").status == "pending"


def test_a_late_joiner_finds_what_came_before_marked_as_late(node: Instance) -> None:
    practice = Practice(node, players=False)
    practice.start()
    practice.at(10)
    playing.join(node, ANNE, practice.id)
    player = find_participant(node.store, practice.id, "anne")
    assert player
    (delivery,) = list_inbox(node.store, practice.id, player.id)
    assert (delivery.message, delivery.is_late) == ("begin", True)


@pytest.mark.parametrize(("how", "message"), [("stopped", "END"), ("no-duff", "NO-DUFF")])
def test_stopping_tells_everybody_and_gives_out_nothing_more(node: Instance, how: leading.Ending, message: str) -> None:
    practice = Practice(node)
    practice.start()
    practice.at(6)
    leading.stop(node, LEADER, practice.id, how)
    practice.at(6.02)
    assert inbox(practice, "anne") == ["begin", message]
    practice.at(200)
    assert inbox(practice, "bilal") == ["begin", message]
    with pytest.raises(Conflict):
        playing.do(node, ANNE, practice.id, "act", {}, "Toch nog iets")
    with pytest.raises(Conflict):
        leading.stop(node, LEADER, practice.id)
    with pytest.raises(Conflict):
        leading.give_inject(node, LEADER, practice.id, "paspoort-plat")


def test_it_ends_by_itself_when_its_time_is_over(node: Instance) -> None:
    practice = Practice(node)
    practice.start()
    practice.at(241)
    assert practice.conductor.tick()
    assert practice.conductor.state.ended_how == "ended"
    assert inbox(practice, "chen")[-1] == "END"


def test_only_leaders_lead_and_only_members_play(node: Instance) -> None:
    practice = Practice(node)
    for lead in (leading.start, leading.pause, leading.stop):
        with pytest.raises(Denied):
            lead(node, ANNE, practice.id)
    with pytest.raises(Denied):
        playing.join(node, STRANGER, practice.id)
    with pytest.raises(NotFound):
        playing.read_for(node, STRANGER, practice.id)
    with pytest.raises(NotFound):
        playing.acknowledge(node, STRANGER, practice.id, "begin")
    assert not leading.list_seen(node, STRANGER)
    assert len(leading.list_seen(node, ANNE)) == 1


def test_what_people_write_is_in_no_byte_of_the_database_and_goes_with_its_key(node: Instance, tmp_path: Path) -> None:
    practice = Practice(node)
    practice.start()
    practice.at(6)
    playing.do(node, ANNE, practice.id, "act", {}, "Wij bellen KANARIEVOGEL op")
    row = get_exercise(node.store, practice.id)
    assert [event.text for event in read_state(node, row).deeds] == ["Wij bellen KANARIEVOGEL op"]
    node.store.catch_up()
    found = [path for path in tmp_path.rglob("*") if path.is_file() and b"KANARIEVOGEL" in path.read_bytes()]
    assert not found
    assert [event.text for event in ExerciseLog(node.store, practice.id).read() if event.type == "act"] == [""]


def test_an_inject_by_hand(node: Instance) -> None:
    practice = Practice(node)
    practice.start()
    practice.at(6)
    leading.give_inject(node, LEADER, practice.id, "niemand-deelt")
    practice.at(6.1)
    assert "niemand-deelt" in inbox(practice, "anne")
    with pytest.raises(Conflict):
        leading.give_inject(node, LEADER, practice.id, "begin")


def test_an_exercise_whose_job_ended_early_is_asked_for_again_until_all_were_told_of_its_end(node: Instance) -> None:
    practice = Practice(node)
    jobs = Jobs(node.store)
    conduct_what_goes_on(node)
    assert jobs.list_waiting() == []
    ask_exercise(node, LEADER, practice.id)
    (first,) = jobs.list_waiting()
    conduct_what_goes_on(node)
    assert jobs.list_waiting() == [first]
    jobs.cancel(first, OPERATOR)
    leading.stop(node, LEADER, practice.id)
    conduct_what_goes_on(node)
    (second,) = jobs.list_waiting()
    run_job(node, {kind.name: kind for kind in JOBS}, second)
    assert inbox(practice, "anne") == ["END"]
    conduct_what_goes_on(node)
    assert jobs.list_waiting() == []
