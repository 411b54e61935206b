"""The simulation against the naive one, and against cases worked out by hand."""

from __future__ import annotations

import math

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import EstateBuilder, Member, Outage, Seed, State, simulate
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


def make_portal(*members: Member, k: int = 1, buffer_hours: float = 0.0, start: str | None = None) -> EstateBuilder:
    builder = EstateBuilder()
    for name in ("a", "b", "c", "portal", "user"):
        builder.add_node(name)
    builder.add_group("portal", members, k=k, buffer_hours=buffer_hours)
    builder.add_group("user", ["portal"])
    if start:
        builder.add_group("portal", [start], phase="start")
    return builder


def test_a_switch_over_reaches_the_consumer_only_beyond_its_buffer() -> None:
    estate = make_portal(Member("a"), Member("b", 3.0), buffer_hours=2.0).build()
    result = simulate(estate, [Seed(0, 1.0)], unknown="best")
    assert result.list_outages(3) == [Outage(3.0, 4.0)]
    assert [result.state_at(3, hours) for hours in (0, 1, 3, 4)] == [
        State.UP,
        State.DRAINING,
        State.SWITCHING,
        State.UP,
    ]
    assert result.list_outages(4) == [Outage(3.0, 4.0)]
    longer = make_portal(Member("a"), Member("b", 3.0), buffer_hours=3.5).build()
    assert simulate(longer, [Seed(0, 1.0)], unknown="best").list_outages(3) == []


def test_an_automatic_alternative_takes_over_without_outage_and_keeps_serving() -> None:
    estate = make_portal(Member("a", 5.0), Member("b", 9.0, automatic=True)).build()
    result = simulate(estate, [Seed(0, 1.0, 2.0), Seed(1, 3.0)], unknown="best")
    assert result.list_outages(3) == [Outage(3.0, 8.0)]


def test_the_old_provider_returns_before_the_switch_is_done() -> None:
    estate = make_portal(Member("a"), Member("b", 5.0)).build()
    assert simulate(estate, [Seed(0, 0.0, 2.0)], unknown="best").list_outages(3) == [Outage(0.0, 2.0)]


def test_a_switch_over_starts_again_when_its_target_fails() -> None:
    estate = make_portal(Member("a"), Member("b", 4.0)).build()
    result = simulate(estate, [Seed(0, 0.0), Seed(1, 3.0, 5.0)], unknown="best")
    assert result.list_outages(3) == [Outage(0.0, 9.0)]
    assert result.state_at(3, 2.0) is State.SWITCHING
    assert result.state_at(3, 3.0) is State.DOWN


def test_repair_comes_before_failure_at_the_same_moment() -> None:
    estate = make_portal(Member("a"), buffer_hours=2.0).build()
    assert simulate(estate, [Seed(0, 0.0, 2.0)], unknown="best").list_outages(3) == []
    assert simulate(estate, [Seed(0, 0.0, 2.001)], unknown="best").list_outages(3) == [Outage(2.0, 7204 / 3600)]


def test_a_buffer_is_full_again_as_soon_as_the_group_is_up() -> None:
    estate = make_portal(Member("a"), buffer_hours=2.0).build()
    result = simulate(estate, [Seed(0, 0.0, 1.5), Seed(0, 1.75, 3.5), Seed(0, 4.0, 8.0)], unknown="best")
    assert result.list_outages(3) == [Outage(6.0, 8.0)]


def test_only_what_went_down_needs_its_start_groups() -> None:
    estate = make_portal(Member("a"), buffer_hours=2.0, start="c").build()
    seeds = [Seed(2, 0.0, 10.0), Seed(0, 1.0, 2.0)]
    assert simulate(estate, seeds, unknown="best").list_outages(3) == []
    assert simulate(estate, [*seeds, Seed(0, 3.0, 6.0)], unknown="best").list_outages(3) == [Outage(5.0, 10.0)]


def test_overlapping_and_adjoining_failures_count_as_one() -> None:
    estate = make_portal(Member("a")).build()
    result = simulate(estate, [Seed(0, 0, 2), Seed(0, 1, 4), Seed(0, 4, 5), Seed(0, 6)], unknown="best")
    assert result.list_outages(0) == [Outage(0.0, 5.0), Outage(6.0, None)]


def test_the_horizon_is_inclusive_and_must_be_a_moment() -> None:
    estate = make_portal(Member("a"), buffer_hours=2.0).build()
    assert simulate(estate, [Seed(0)], unknown="best", horizon_hours=2.0).failed_seconds[3] == 7200
    assert simulate(estate, [Seed(0)], unknown="best", horizon_hours=1.9).failed_seconds[3] == 2**62
    with pytest.raises(InvalidInput):
        simulate(estate, [Seed(0)], unknown="best", horizon_hours=math.nan)
