"""Who feels it: bounds on people against every population that fits, uses against a sum over minutes."""

from __future__ import annotations

import itertools
import random
from datetime import date, datetime, timedelta

import pytest

from eendracht.resilience.demand import Demands, Population, ServiceDemand, begin_of, count_uses


def list_unions(sizes: list[int], users: list[list[int]]) -> set[int]:
    """Give every possible number of different people: per segment choose who uses each service, in all ways."""
    totals = {0}
    for size, counts in zip(sizes, users, strict=True):
        people = range(size)
        unions = {
            len(set().union(*chosen))
            for chosen in itertools.product(*(itertools.combinations(people, count) for count in counts))
        }
        totals = {total + union for total in totals for union in unions}
    return totals


def test_the_bounds_are_the_least_and_the_most_that_can_be() -> None:
    draw = random.Random(20261129)
    for _ in range(150):
        sizes = [draw.randint(1, 4) for _ in range(draw.randint(1, 3))]
        services = draw.randint(1, 3)
        users = [[draw.randint(0, size) for _ in range(services)] for size in sizes]
        names = [f"segment{number}" for number in range(len(sizes))]
        demands = Demands(
            {
                f"service{at}": ServiceDemand(1, None, {name: users[n][at] for n, name in enumerate(names)})
                for at in range(services)
            },
            Population(dict(zip(names, sizes, strict=True)), dict.fromkeys(names, "population"), sum(sizes)),
        )
        possible = list_unions(sizes, users)
        bounds = demands.count_persons(f"service{at}" for at in range(services))
        assert (bounds.low, bounds.high) == (min(possible), max(possible))


def test_two_services_with_the_same_people_are_not_added_up() -> None:
    segments = {"segment:a": 600, "segment:b": 300}
    everybody = Population({"segment:a": 600, "segment:b": 300}, dict.fromkeys(segments, "population"), 900)
    demands = Demands({"one": ServiceDemand(10, None, segments), "two": ServiceDemand(10, None, segments)}, everybody)
    bounds = demands.count_persons(["one", "two"])
    assert bounds.is_exact and bounds.low == 900


def test_totals_alone_give_a_range_within_the_population() -> None:
    population = Population({}, {}, 1000)
    services = {"one": ServiceDemand(10, 700), "two": ServiceDemand(10, 800), "three": ServiceDemand(10)}
    demands = Demands(services, population)
    assert demands.count_persons(["one"]).as_dict() == {"low": 700, "high": 700}
    assert demands.count_persons(["one", "two"]).as_dict() == {"low": 800, "high": 1000}
    # Of the third nobody knows: all may rely on it.
    assert demands.count_persons(["one", "three"]).as_dict() == {"low": 700, "high": 1000}
    assert Demands(services, Population({}, {}, None)).count_persons(["three"]).as_dict() == {"low": 0, "high": None}


def test_the_same_users_told_in_two_partitions_count_once() -> None:
    partition = {"by-age": "age", "by-place": "population"}
    population = Population({"by-age": 100, "by-place": 100}, partition, 100)
    demands = Demands({"one": ServiceDemand(1, None, {"by-age": 40, "by-place": 40})}, population)
    assert demands.count_persons(["one"]).as_dict() == {"low": 40, "high": 40}


def add_up(demand: ServiceDemand, begins: datetime, begin: float, end: float) -> float:
    """Sum the uses minute by minute."""
    assert demand.uses_per_day is not None
    total = 0.0
    for minute in range(round(begin * 60), round(end * 60)):
        at = begins + timedelta(minutes=minute)
        weight = demand.profile[at.weekday() * 24 + at.hour]
        total += 7 * demand.uses_per_day * weight / sum(demand.profile) / 60
    return total


def test_uses_follow_the_profile_of_the_week() -> None:
    draw = random.Random(7)
    for _ in range(40):
        profile = tuple(draw.randint(0, 9) for _ in range(168))
        demand = ServiceDemand(draw.randint(1, 5000), None, {}, profile)
        begins = begin_of(date(2026, 3, draw.randint(1, 28)), draw.randint(0, 23))
        begin = draw.randint(0, 4000) / 60
        end = begin + draw.randint(1, 12_000) / 60
        assert demand.uses_between(begins, begin, end) == pytest.approx(add_up(demand, begins, begin, end), rel=1e-9)


def test_what_can_wait_is_made_later_unless_its_deadline_has_passed() -> None:
    begins = begin_of(date(2026, 3, 31), 0)
    demand = ServiceDemand(24, deferrable_share=0.5)
    uses = count_uses(demand, begins, [(0, 48)], 168)
    assert (uses.lost, uses.deferred) == pytest.approx((24.0, 24.0))
    # Never back, or back after what is followed: nothing is made up for.
    assert count_uses(demand, begins, [(0, None)], 48).lost == pytest.approx(48.0)
    assert count_uses(demand, begins, [(0, 200)], 48).deferred == 0
    # Of the first day, whose end was the last moment, nothing can wait for the end of the outage.
    due = ServiceDemand(24, deferrable_share=0.5, deadlines=(date(2026, 3, 31),))
    uses = count_uses(due, begins, [(0, 48)], 168)
    assert (uses.lost, uses.deferred) == pytest.approx((36.0, 12.0))
