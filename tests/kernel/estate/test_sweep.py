"""Sweeps against one simulation per scenario, and against fault trees with known cut sets."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import (
    Estate,
    EstateBuilder,
    Seed,
    compute_failure_times,
    count_failing,
    list_failing,
    list_scenarios,
    simulate,
    sweep_failures,
    weigh_failing,
)
from tests.bench.national import draw_national_estate
from tests.kernel.estate.cases import draw_case


@pytest.mark.parametrize("unknown", ["best", "worst"])
def test_equals_one_simulation_per_scenario(unknown: Unknown) -> None:
    for number in range(300):
        case = draw_case(20_000 + number, switches=False, starts=False, unknown=True)
        estate = case.build(critical=frozenset(case.nodes[-3:]))
        sets = [list(nodes) for size in (0, 1, 2) for nodes in combinations(range(len(estate)), size)]
        sweep = sweep_failures(estate, list_scenarios(sets), unknown=unknown)
        for place, nodes in enumerate(sets):
            seconds = simulate(estate, [Seed(node) for node in nodes], unknown=unknown).failed_seconds
            failed = np.flatnonzero(seconds < 2**62)
            assert sweep.failed_count[place] == len(failed)
            assert sweep.failed_critical_count[place] == estate.critical[failed].sum()
            if place % 7 == 0:
                assert sweep.list_failed(place).tolist() == failed.tolist()


def test_what_fails_of_the_watched_is_listed_and_weighed_as_one_by_one() -> None:
    drawn = draw_national_estate(5, nodes=2_000, suppliers=150, groups=6_000, back_share=0.02)
    scenarios = list_scenarios(drawn.scenarios)
    sweep = sweep_failures(drawn.estate, scenarios, unknown="best")
    watched = np.arange(len(drawn.estate) - 1, -1, -3)
    weights = np.stack([np.ones(len(watched), np.int64), watched], axis=1)
    failing = list_failing(drawn.estate, scenarios, watched, unknown="best")
    sums, touched = weigh_failing(drawn.estate, scenarios, watched, weights, unknown="best")
    ever: set[int] = set()
    for scenario in range(len(sweep)):
        failed = set(sweep.list_failed(scenario).tolist())
        expected = [node for node in watched.tolist() if node in failed]
        ever.update(expected)
        assert watched[failing.of(scenario)].tolist() == expected
        assert sums[scenario].tolist() == [len(expected), sum(expected)]
    assert set(watched[touched].tolist()) == ever


def test_chunks_do_not_change_the_answer() -> None:
    case = draw_case(20_003, switches=False, starts=False)
    estate = case.build(critical=frozenset(case.nodes[:4]))
    scenarios = list_scenarios([[number % len(estate), number // 7 % len(estate)] for number in range(400)])
    whole = sweep_failures(estate, scenarios, unknown="best")
    parts = sweep_failures(estate, scenarios, unknown="best", memory_bytes=1)
    assert whole.failed_count.tolist() == parts.failed_count.tolist()
    watched = np.flatnonzero(estate.critical)
    assert count_failing(estate, scenarios, watched, unknown="best").tolist() == whole.failed_critical_count.tolist()
    worst = whole.by_critical
    assert (np.diff(whole.failed_critical_count[worst]) <= 0).all()
    assert set(worst.tolist()) == set(np.flatnonzero(whole.failed_critical_count).tolist())


@pytest.mark.parametrize(("n", "k"), [(5, 3), (9, 2), (9, 8), (70, 35)])
def test_k_of_n_counts(n: int, k: int) -> None:
    builder = EstateBuilder()
    for number in range(n):
        builder.add_node(f"m{number}")
    builder.add_node("top", critical=True)
    builder.add_group("top", [f"m{number}" for number in range(n)], k=k)
    sweep = sweep_failures(builder.build(), list_scenarios(range(size) for size in range(n + 1)), unknown="best")
    assert sweep.failed_critical_count.tolist() == [int(n - size < k) for size in range(n + 1)]


def minimal_stopping_sets(builder: EstateBuilder, basic: list[str], top: str) -> set[frozenset[str]]:
    """Try every set of basic events and keep the minimal ones that stop the top."""
    estate = builder.build()
    sets = [frozenset(s) for size in range(1, len(basic) + 1) for s in combinations(basic, size)]
    scenarios = list_scenarios([estate.locate(name) for name in names] for names in sets)
    hits = count_failing(estate, scenarios, np.array([estate.locate(top)]), unknown="best")
    stopping = [names for names, hit in zip(sets, hits, strict=True) if hit]
    return {names for names in stopping if not any(other < names for other in stopping)}


def test_pressure_tank() -> None:
    """NUREG-0492, Fault Tree Handbook (1981), chapter VIII: E1 = T + K2 + S·(S1 + K1 + R)."""
    builder = EstateBuilder()
    for name in ("T", "K2", "S", "S1", "K1", "R", "E1", "E2", "E3", "E4", "E5"):
        builder.add_node(name)
    builder.add_group("E1", ["T", "E2"], k=2)
    builder.add_group("E2", ["K2"])
    builder.add_group("E2", ["E3"])
    builder.add_group("E3", ["S", "E4"], k=1)
    builder.add_group("E4", ["S1", "E5"], k=2)
    builder.add_group("E5", ["K1", "R"], k=2)
    expected = [{"T"}, {"K2"}, {"S", "S1"}, {"S", "K1"}, {"S", "R"}]
    found = minimal_stopping_sets(builder, ["T", "K2", "S", "S1", "K1", "R"], "E1")
    assert found == {frozenset(names) for names in expected}


def test_bridge_network() -> None:
    """The bridge of the reliability textbooks: cut sets {1,2}, {4,5}, {1,3,5}, {2,3,4}."""
    builder = EstateBuilder()
    for name in ("1", "2", "3", "4", "5", "14", "25", "135", "234", "out"):
        builder.add_node(name)
    for path in ("14", "25", "135", "234"):
        for part in path:
            builder.add_group(path, [part])
    builder.add_group("out", ["14", "25", "135", "234"], k=1)
    found = minimal_stopping_sets(builder, ["1", "2", "3", "4", "5"], "out")
    assert found == {frozenset(cut) for cut in ("12", "45", "135", "234")}


def test_a_scenario_that_names_no_node_is_refused() -> None:
    builder = EstateBuilder()
    builder.add_node("a")
    with pytest.raises(InvalidInput) as caught:
        sweep_failures(builder.build(), list_scenarios([[0], [7], [-1]]), unknown="best")
    assert [fault.pointer for fault in caught.value.faults] == ["/scenarios/1", "/scenarios/2"]


def test_nothing_to_sweep() -> None:
    estate = EstateBuilder().build()
    assert len(sweep_failures(estate, list_scenarios([]), unknown="worst")) == 0
    assert sweep_failures(estate, list_scenarios([[]]), unknown="worst").failed_count.tolist() == [0]


def cascade(estate: Estate, seeds: list[int]) -> set[int]:
    """Follow failures one by one, counting losses per group."""
    run = estate.run
    readers: dict[int, list[int]] = {}
    for member, group in zip(run.provider.tolist(), run.group_of_member.tolist(), strict=True):
        readers.setdefault(member, []).append(group)
    slack = (run.sizes - run.k).tolist()
    consumer = run.consumer.tolist()
    failed, waiting = set(seeds), list(seeds)
    while waiting:
        for group in readers.get(waiting.pop(), ()):
            slack[group] -= 1
            if slack[group] == -1 and consumer[group] not in failed:
                failed.add(consumer[group])
                waiting.append(consumer[group])
    return failed


@pytest.mark.parametrize("back_share", [0.0, 0.01, 0.2])
def test_layers_with_and_without_cycles_equal_a_scalar_cascade(back_share: float) -> None:
    drawn = draw_national_estate(5, nodes=4000, suppliers=150, groups=11_000, back_share=back_share)
    sweep = sweep_failures(drawn.estate, list_scenarios(drawn.scenarios), unknown="best")
    for place in range(0, 150, 3):
        failed = cascade(drawn.estate, drawn.scenarios[place].tolist())
        assert sweep.failed_count[place] == len(failed)
        assert sweep.failed_critical_count[place] == drawn.estate.critical[sorted(failed)].sum()
        assert set(sweep.list_failed(place).tolist()) == failed
    seeds = [Seed(node) for node in drawn.scenarios[0].tolist()]
    times = compute_failure_times(drawn.estate, seeds, unknown="best")
    assert simulate(drawn.estate, seeds, unknown="best").failed_seconds.tolist() == times.seconds[:-1].tolist()
