"""Messages to nodes that are away, silent or refuse: late and flagged, never lost or twice, and no burden to others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from eendracht.kernel.clock import SystemClock
from eendracht.kernel.instance import Instance
from eendracht.resilience.exercises import leading
from eendracht.resilience.exercises.scenario import ScenarioFile
from eendracht.resilience.exercises.scenario_checks import read_scenario
from tests.resilience.exercises.conducting import conduct, list_rows, wait_for
from tests.resilience.exercises.practice import AMSTERDAM, LEADER, RIVM, UTRECHT, open_node
from tests.resilience.exercises.receiving import Node

BAR_SECONDS = 2.0
"""Due to delivered, 95 of 100."""
END_SECONDS = 5.0
"""How soon everybody who can be reached knows that it is over."""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path) as instance:
        instance.store.clock = SystemClock()
        yield instance


@pytest.fixture
def receivers() -> Iterator[dict[str, Node]]:
    nodes = {ref: Node() for ref in (UTRECHT, AMSTERDAM, RIVM)}
    yield nodes
    for item in nodes.values():
        item.close()


def make_scenario(receivers: dict[str, Node], injects: int, every: int, duration: str) -> ScenarioFile:
    members = "".join(f"  - {{ref: '{ref}', webhook: '{node.origin}/in'}}\n" for ref, node in receivers.items())
    lines = "".join(
        f"  - {{id: i{at}, at: '0:{at * every // 60:02}:{at * every % 60:02}', to: [all], subject: Bericht {at},"
        " channels: [in-app, webhook]}\n"
        for at in range(injects)
    )
    text = f"name: Weg\nledBy: {RIVM}\nduration: '{duration}'\norganisations:\n{members}injects:\n{lines}"
    return read_scenario(text.encode(), "weg.yaml", allowed=allow(receivers))


def allow(receivers: dict[str, Node]) -> str:
    return " ".join(item.origin for item in receivers.values())


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def test_an_organisation_away_for_ten_minutes_gets_all_of_it_late_and_once_and_nobody_waits_for_it(
    node: Instance, receivers: dict[str, Node]
) -> None:
    """At sixty times the speed ten minutes are ten seconds; a third node takes connections and never answers."""
    injects, every = 40, 30
    receivers[UTRECHT].start()
    receivers[AMSTERDAM].start()
    receivers[RIVM].be_silent()
    scenario = make_scenario(receivers, injects, every, "0:40")
    with conduct(node, scenario, allow(receivers)) as exercise:
        leading.start(node, LEADER, exercise, 60.0)
        sleep(3)
        receivers[UTRECHT].stop()
        before = len(receivers[UTRECHT].arrivals)
        sleep(10)
        assert len(receivers[UTRECHT].arrivals) == before
        receivers[UTRECHT].start()
        wait_for(lambda: len(receivers[UTRECHT].arrivals) >= injects, 20)
        sleep(1)
        rows = list_rows(node, exercise, "webhook", UTRECHT)
        there = receivers[AMSTERDAM].arrivals
        in_app = [row[2] for ref in (UTRECHT, AMSTERDAM) for row in list_rows(node, exercise, "in-app", ref)]
    counted = Counter(item.key for item in receivers[UTRECHT].arrivals)
    assert len(counted) == injects
    assert set(counted.values()) == {1}
    assert {state for _, state, *_ in rows} == {"delivered"}
    # Flagged is what came more than five seconds after it was due, and no other.
    assert [late for *_, late in rows] == [int(seconds > 5) for _, _, seconds, _ in rows]
    assert sum(late for *_, late in rows) >= 8
    assert len({item.key for item in there}) == len(there) == injects
    assert p95([item.seconds for item in there]) <= BAR_SECONDS
    assert len(in_app) == 2 * injects
    assert p95(in_app) <= BAR_SECONDS


@pytest.mark.parametrize("how", ["stopped", "no-duff"])
def test_the_end_reaches_everybody_who_can_be_reached_and_nothing_follows_it(
    node: Instance, receivers: dict[str, Node], how: leading.Ending
) -> None:
    """One node is silent, one takes three seconds for each message, and messages wait for both when it is stopped."""
    receivers[UTRECHT].start()
    receivers[AMSTERDAM].slowness = 3.0
    receivers[AMSTERDAM].start()
    receivers[RIVM].be_silent()
    scenario = make_scenario(receivers, 60, 10, "1:00")
    with conduct(node, scenario, allow(receivers)) as exercise:
        leading.start(node, LEADER, exercise, 60.0)
        sleep(4.1)
        leading.stop(node, LEADER, exercise, how)
        stopped_at = node.store.clock.now()
        sleep(END_SECONDS + 3)
        states = {ref: list_rows(node, exercise, "webhook", ref) for ref in receivers}
        in_app = {ref: list_rows(node, exercise, "in-app", ref) for ref in (UTRECHT, AMSTERDAM)}
    name = {"stopped": "END", "no-duff": "NO-DUFF"}[how]
    for ref in (UTRECHT, AMSTERDAM):
        ends = [item for item in receivers[ref].arrivals if item.body["message"] == name]
        assert len(ends) == 1
        assert (ends[0].at - stopped_at).total_seconds() <= END_SECONDS
        assert ends[0].body["isExercise"] == (how == "stopped")
        # What was on its way when it was stopped is one message at most, and it had left before.
        after = [item for item in receivers[ref].arrivals if item.at > stopped_at and item.body["message"] != name]
        assert len(after) <= 1
        assert all((item.at - stopped_at).total_seconds() <= receivers[ref].slowness + 0.5 for item in after)
        assert in_app[ref][-1][0] == name
        assert 0 <= in_app[ref][-1][2] <= 1
    waiting = {message for rows in states.values() for message, state, *_ in rows if state == "waiting"}
    assert waiting <= {name}


@pytest.mark.parametrize(("status", "state", "least"), [(503, "waiting", 2), (302, "waiting", 2), (422, "refused", 1)])
def test_what_a_node_refuses_is_tried_again_unless_it_never_takes_it(
    node: Instance, receivers: dict[str, Node], status: int, state: str, least: int
) -> None:
    receivers[UTRECHT].status = status
    receivers[UTRECHT].start()
    receivers[AMSTERDAM].start()
    receivers[RIVM].start()
    with conduct(node, make_scenario(receivers, 1, 1, "1:00"), allow(receivers)) as exercise:
        leading.start(node, LEADER, exercise)
        sleep(3)
        rows = list_rows(node, exercise, "webhook", UTRECHT)
        assert [row[1] for row in rows] == [state]
        assert len(receivers[UTRECHT].arrivals) >= least
        assert len({item.key for item in receivers[UTRECHT].arrivals}) == 1
        receivers[UTRECHT].status = 200
        sleep(3)
    assert len(receivers[AMSTERDAM].arrivals) == 1
    if state == "refused":
        assert len(receivers[UTRECHT].arrivals) == 1
    else:
        assert [row[1] for row in list_rows(node, exercise, "webhook", UTRECHT)] == ["delivered"]


def test_two_conductors_send_one_of_each(node: Instance, receivers: dict[str, Node]) -> None:
    for item in receivers.values():
        item.start()
    with conduct(node, make_scenario(receivers, 30, 10, "0:06"), allow(receivers), conductors=2) as exercise:
        leading.start(node, LEADER, exercise, 60.0)
        sleep(8)
    for item in receivers.values():
        assert Counter(arrival.body["message"] for arrival in item.arrivals) == Counter(
            [*(f"i{at}" for at in range(30)), "END"]
        )
    rows = list_rows(node, exercise, "in-app", UTRECHT)
    assert len(rows) == 31
    released = node.store.driver.reader().query(
        "SELECT count(*), count(DISTINCT step) FROM exercise_event WHERE exercise = ? AND type = 'released'",
        (exercise,),
    )
    assert released == [(30, 30)]
