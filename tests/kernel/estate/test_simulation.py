"""The simulation against the naive one, and against cases worked out by hand."""

from __future__ import annotations

import pytest

from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import simulate
from tests.kernel.estate.cases import Case, draw_case
from tests.kernel.estate.reference import TickSimulator

TICKS = 60


def compare(case: Case, unknown: Unknown) -> int:
    estate = case.build()
    result = simulate(estate, case.seeds_for(estate), unknown=unknown, horizon_hours=case.hours(TICKS - 1))
    mine = [(moment, estate.names[node], state.value) for moment, node, state in result.transitions]
    reference = TickSimulator(case, unresolved_fail=unknown == "worst").run(TICKS)
    assert mine == [(round(tick * case.tick * 3600), node, state) for tick, node, state in reference]
    return len(mine)


@pytest.mark.parametrize("batch", range(10))
def test_equals_the_naive_simulator_on_random_estates(batch: int) -> None:
    changes = sum(compare(draw_case(1000 * batch + number), "best") for number in range(150))
    assert changes > 600


@pytest.mark.parametrize("unknown", ["best", "worst"])
def test_equals_the_naive_simulator_with_unresolved_providers(unknown: Unknown) -> None:
    for number in range(200):
        compare(draw_case(50_000 + number, unknown=True), unknown)
