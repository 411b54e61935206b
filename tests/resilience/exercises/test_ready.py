"""The ready exercise follows from the estate: a brute-force look for the node that stops most critical things."""

from __future__ import annotations

from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import Seed, compute_failure_times
from eendracht.kernel.landscape import build_landscape
from eendracht.resilience.exercises.ready import find_largest, write_ready_exercise
from eendracht.resilience.exercises.scenario_checks import read_scenario
from tests.resilience.exercises.practice import AMSTERDAM, LOGIN, RIVM, UTRECHT, open_node


@pytest.mark.parametrize("language", ["nl", "en"])
def test_it_is_about_what_stops_most_and_can_be_read_back(tmp_path: Path, language: str) -> None:
    with open_node(tmp_path) as node:
        landscape = build_landscape(node.store, OPERATOR)
        stops = {
            thing.ref: sum(
                bool(landscape.estate.critical[other]) and other != at
                for other in compute_failure_times(landscape.estate, [Seed(at)], unknown="best").failed.tolist()
            )
            for at, thing in enumerate(landscape.things)
        }
        found = find_largest(landscape)
        assert (found.critical, found.thing.ref) == (max(stops.values()), LOGIN)
        text = write_ready_exercise(landscape, "nl" if language == "nl" else "en")
        scenario = read_scenario(text.encode(), "klaar.yaml", find_thing=lambda ref: ref in stops)
        assert scenario.led_by == RIVM
        assert set(scenario.members) == {UTRECHT, AMSTERDAM, RIVM}
        assert [failure.thing for failure in scenario.world.failures] == [LOGIN]


def test_without_a_weak_point_there_is_none(tmp_path: Path) -> None:
    with open_node(tmp_path) as node:
        landscape = build_landscape(node.store, OPERATOR, kinds=("organisation",))
        with pytest.raises(NotFound):
            find_largest(landscape)
