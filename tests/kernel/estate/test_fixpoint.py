"""Failure times against the formula on fractions, against the simulation, and by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import EstateBuilder, Seed, compute_failure_times, simulate
from tests.kernel.estate.cases import draw_case
from tests.kernel.estate.reference import INFINITE, solve_least_times


@pytest.mark.parametrize("unknown", ["best", "worst"])
def test_equals_the_formula_on_random_estates(unknown: Unknown) -> None:
    failed = 0
    for number in range(1000):
        case = draw_case(number, repairs=False, switches=False, starts=False, unknown=True)
        estate = case.build()
        times = compute_failure_times(estate, case.seeds_for(estate), unknown=unknown)
        expected = solve_least_times(case, unresolved_fail=unknown == "worst")
        mine = dict(zip(estate.names, times.seconds.tolist(), strict=False))
        for node, moment in expected.items():
            assert mine[node] == (2**62 if moment == INFINITE else round(moment * 3600))
        failed += len(times.failed)
    assert failed > 3000


def test_simulation_of_permanent_failures_gives_the_fixed_point() -> None:
    for number in range(1000):
        case = draw_case(70_000 + number, repairs=False, switches=False, starts=True)
        estate = case.build()
        seeds = case.seeds_for(estate)
        times = compute_failure_times(estate, seeds, unknown="best")
        assert simulate(estate, seeds, unknown="best").failed_seconds.tolist() == times.seconds[:-1].tolist()


def test_two_of_three_fails_with_the_second_member_after_the_buffer() -> None:
    builder = EstateBuilder()
    for name in ("a", "b", "c", "vote"):
        builder.add_node(name)
    builder.add_group("vote", ["a", "b", "c"], k=2, buffer_hours=1.5)
    estate = builder.build()
    times = compute_failure_times(estate, [Seed(0, 1.0), Seed(1, 3.0), Seed(2, 9.0)], unknown="best")
    assert times.hours.tolist() == [1.0, 3.0, 9.0, 4.5]


def test_nodes_that_need_each_other_survive_but_fall_together() -> None:
    builder = EstateBuilder()
    for name in ("power", "dns", "identity", "other"):
        builder.add_node(name)
    builder.add_group("dns", ["identity"])
    builder.add_group("identity", ["dns"])
    builder.add_group("identity", ["power"], buffer_hours=8)
    estate = builder.build()
    assert compute_failure_times(estate, [Seed(3)], unknown="best").failed.tolist() == [3]
    assert compute_failure_times(estate, [Seed(0)], unknown="best").hours.tolist() == [0, 8, 8, math.inf]


def test_all_faults_of_the_seeds_are_told_at_once() -> None:
    builder = EstateBuilder()
    builder.add_node("a")
    estate = builder.build()
    seeds = [Seed(5), Seed(0, math.nan), Seed(0, 0.0, 4.0)]
    with pytest.raises(InvalidInput) as caught:
        compute_failure_times(estate, seeds, unknown="best")
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/seeds/0/node", "unknown-node"),
        ("/seeds/1/failed_at_hours", "bad-hours"),
        ("/seeds/2/repaired_at_hours", "repair-not-possible"),
    ]
    with pytest.raises(InvalidInput):
        simulate(estate, [replace(seeds[2], repaired_at_hours=0.0)], unknown="best")
