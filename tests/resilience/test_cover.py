"""The choice of alternatives against every choice there is, tried one by one."""

from __future__ import annotations

from itertools import chain, combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.resilience.cover import CoverProblem, CoverScenario, read_problem, solve_exactly, solve_greedily

NODES = range(6)


@st.composite
def problems(draw: st.DrawFn) -> CoverProblem:
    """Draw a small problem in which node 5 is protected and a scenario begins at one or two of the others."""
    costs = tuple(draw(st.lists(st.one_of(st.none(), st.integers(1, 9)), min_size=1, max_size=6)))
    scenarios = []
    for _ in range(draw(st.integers(1, 3))):
        groups = []
        for consumer in (*draw(st.lists(st.integers(2, 4), max_size=4)), 5, 5):
            members = draw(
                st.lists(st.integers(0, 4).filter(lambda m, c=consumer: m != c), min_size=1, max_size=3, unique=True)
            )
            groups.append((consumer, draw(st.integers(1, len(members))), tuple(members)))
        options = st.lists(st.integers(0, len(costs) - 1), min_size=1, max_size=3, unique=True).map(tuple)
        standing = draw(st.dictionaries(st.integers(0, 4), options, max_size=4))
        seeds = tuple(draw(st.lists(st.integers(0, 4), min_size=1, max_size=2, unique=True)))
        scenarios.append(CoverScenario(seeds, (5,), tuple(groups), standing))
    return CoverProblem(costs, tuple(scenarios))


def stops(scenario: CoverScenario, chosen: tuple[int, ...]) -> bool:
    """Go round until nothing changes."""
    failed = dict.fromkeys(NODES, False) | dict.fromkeys(scenario.seeds, True)
    for _ in NODES:
        for consumer, threshold, members in scenario.groups:
            lacking = [m for m in members if failed[m] and not set(scenario.standing.get(m, ())) & set(chosen)]
            failed[consumer] = failed[consumer] or len(lacking) >= threshold
    return failed[5]


@settings(max_examples=150)
@given(problem=problems())
def test_the_exact_choice_is_the_best_of_all_choices(problem: CoverProblem) -> None:
    options = range(len(problem.costs))
    every = list(chain.from_iterable(combinations(options, size) for size in range(len(problem.costs) + 1)))
    saved = [scenario for scenario in problem.scenarios if not stops(scenario, tuple(options))]
    allowed = [chosen for chosen in every if not any(stops(scenario, chosen) for scenario in saved)]
    best = min((sum(problem.costs[at] is None for at in c), sum(problem.costs[at] or 0 for at in c)) for c in allowed)
    solution, greedy = solve_exactly(problem), solve_greedily(problem)
    assert solution.chosen in allowed and greedy in allowed
    assert problem.weigh(solution.chosen) == best <= problem.weigh(greedy)
    assert (solution.is_optimal, solution.bound_eurocent, solution.gap) == (True, best[1], 0.0)
    assert len(problem.hopeless) == len(problem.scenarios) - len(saved)
    assert read_problem(problem.as_dict()) == problem


def test_greed_can_cost_more_than_is_needed() -> None:
    """Greed takes what saves one for 4, and then needs the 8 as well; the one for both costs 9."""
    scenarios = [CoverScenario((at,), (5,), ((5, 1, (at,)),), {at: held}) for at, held in enumerate([(0, 1), (0, 2)])]
    problem = CoverProblem((9, 4, 8), tuple(scenarios))
    assert (solve_exactly(problem).chosen, problem.cost_of(solve_greedily(problem))) == ((0,), 12)


def test_large_groups_are_counted_without_naming_every_subset() -> None:
    """Ten members of which six must fail, all of them failing: five stand-ins are needed, the cheapest five."""
    members = tuple(range(10))
    scenario = CoverScenario(members, (20,), ((20, 6, members),), {at: (at,) for at in members})
    problem = CoverProblem(tuple(range(1, 11)), (scenario,))
    solution = solve_exactly(problem)
    assert (solution.chosen, solution.is_optimal) == ((0, 1, 2, 3, 4), True)
