"""Choosing alternatives so that nothing protected fails in any scenario: exactly, and greedily beside it.

A problem is plain numbers. In a scenario its seeds fail; a consumer fails when in one of its groups at least
`threshold` of the named members fail; a member counts as failed unless a chosen alternative stands in for it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, combinations
from math import ceil, comb, isfinite
from typing import Any, Final

TIME_LIMIT_SECONDS: Final = 60.0
_MOST_SUBSETS: Final = 50

Group = tuple[int, int, tuple[int, ...]]
"""Consumer, threshold, members that may fail."""


@dataclass(frozen=True, slots=True)
class CoverScenario:
    """What fails at once, what must not fail of it, by which groups it would, and what can stand in for what."""

    seeds: tuple[int, ...]
    protect: tuple[int, ...]
    groups: tuple[Group, ...]
    standing: Mapping[int, tuple[int, ...]]

    def list_lost(self, chosen: Iterable[int]) -> list[int]:
        """Give what of the protected fails although these alternatives are there."""
        there = set(chosen)
        held = {node for node, options in self.standing.items() if not there.isdisjoint(options)}
        down = set(self.seeds)
        changed = True
        while changed:
            changed = False
            for consumer, threshold, members in self.groups:
                if consumer not in down and sum(m in down and m not in held for m in members) >= threshold:
                    down.add(consumer)
                    changed = True
        return [node for node in self.protect if node in down]


@dataclass(frozen=True)
class CoverProblem:
    """The yearly cost of each alternative (eurocent, None where unknown), and the scenarios."""

    costs: tuple[int | None, ...]
    scenarios: tuple[CoverScenario, ...]

    @cached_property
    def hopeless(self) -> frozenset[tuple[int, int]]:
        """Scenario and node that fails in it even with every alternative there."""
        everything = range(len(self.costs))
        return frozenset((at, node) for at, one in enumerate(self.scenarios) for node in one.list_lost(everything))

    def count_lost(self, chosen: Iterable[int]) -> int:
        """Count what still fails and need not."""
        there = set(chosen)
        return sum(
            (at, node) not in self.hopeless for at, one in enumerate(self.scenarios) for node in one.list_lost(there)
        )

    def cost_of(self, chosen: Iterable[int]) -> int:
        """Add up the known costs."""
        return sum(self.costs[at] or 0 for at in chosen)

    def count_unknown(self, chosen: Iterable[int]) -> int:
        """Count the alternatives without a known cost."""
        return sum(self.costs[at] is None for at in chosen)

    def weigh(self, chosen: Sequence[int]) -> tuple[int, int]:
        """Give by what choices are compared: unknown costs first, as few as can be, then the known ones."""
        return self.count_unknown(chosen), self.cost_of(chosen)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data, for a process."""
        return {
            "costs": list(self.costs),
            "scenarios": [
                [one.seeds, one.protect, one.groups, [[node, held] for node, held in one.standing.items()]]
                for one in self.scenarios
            ],
        }


def read_problem(said: Mapping[str, Any]) -> CoverProblem:
    """Read a problem from plain data."""
    scenarios = [
        CoverScenario(
            tuple(seeds),
            tuple(protect),
            tuple((consumer, threshold, tuple(members)) for consumer, threshold, members in groups),
            {node: tuple(held) for node, held in standing},
        )
        for seeds, protect, groups, standing in said["scenarios"]
    ]
    return CoverProblem(tuple(said["costs"]), tuple(scenarios))


@dataclass(frozen=True, slots=True)
class CoverSolution:
    """A choice by which nothing fails that need not; no choice with as few unknown costs is cheaper than the bound.

    `bound_eurocent` and `gap` are None where nothing was proven; only `is_optimal` says that none is better.
    """

    chosen: tuple[int, ...]
    bound_eurocent: int | None
    gap: float | None
    is_optimal: bool

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data, for a process."""
        return {"chosen": self.chosen, "bound": self.bound_eurocent, "gap": self.gap, "optimal": self.is_optimal}


def read_solution(said: Mapping[str, Any]) -> CoverSolution:
    """Read a solution from plain data."""
    return CoverSolution(tuple(said["chosen"]), said["bound"], said["gap"], said["optimal"])


def solve_greedily(problem: CoverProblem) -> tuple[int, ...]:
    """Take again and again what saves most for its cost, then drop what proves to be needless."""
    greed = _Greed(problem)
    while greed.lost:
        greed.take(greed.prefer())
    chosen = greed.chosen
    for at in sorted(chosen, key=lambda one: (problem.costs[one] is not None, -(problem.costs[one] or 0), one)):
        if greed.is_needless(at):
            chosen.discard(at)
    return tuple(sorted(chosen))


class _Greed:
    """What is chosen so far, what still fails, and what each option would save in each scenario.

    A scenario is worked out anew only when something is chosen that stands in for something in it.
    """

    def __init__(self, problem: CoverProblem) -> None:
        self.problem = problem
        self.chosen: set[int] = set()
        self._options = [{at for held in one.standing.values() for at in held} for one in problem.scenarios]
        self._places: dict[int, list[int]] = {}
        for place, options in enumerate(self._options):
            for at in options:
                self._places.setdefault(at, []).append(place)
        self._left = [self._count(place, self.chosen) for place in range(len(problem.scenarios))]
        self._gains: dict[int, dict[int, int]] = {}

    @property
    def lost(self) -> int:
        """How much still fails and need not."""
        return sum(self._left)

    def _count(self, place: int, chosen: set[int]) -> int:
        lost = self.problem.scenarios[place].list_lost(chosen & self._options[place])
        return sum((place, node) not in self.problem.hopeless for node in lost)

    def _gains_in(self, place: int) -> dict[int, int]:
        if place not in self._gains:
            before = self._left[place]
            self._gains[place] = {
                at: before - self._count(place, self.chosen | {at}) for at in self._options[place] - self.chosen
            }
        return self._gains[place]

    def prefer(self) -> int:
        """Give the option that saves most for its cost; where none saves anything yet, the cheapest on the way."""
        gains: dict[int, int] = {}
        for place, left in enumerate(self._left):
            if left:
                for at, gain in self._gains_in(place).items():
                    gains[at] = gains.get(at, 0) + gain

        def weigh(at: int) -> tuple[bool, bool, float, int]:
            cost, gain = self.problem.costs[at], gains[at]
            return gain == 0, cost is None, (cost or 0) / (gain or 1), at

        return min(gains, key=weigh)

    def take(self, at: int) -> None:
        """Choose an option."""
        self.chosen.add(at)
        for place in self._places[at]:
            self._gains.pop(place, None)
            if self._left[place]:
                self._left[place] = self._count(place, self.chosen)

    def is_needless(self, at: int) -> bool:
        """Tell whether nothing fails without one of the chosen."""
        rest = self.chosen - {at}
        return not any(self._count(place, rest) for place in self._places[at])


def solve_exactly(problem: CoverProblem, time_limit_seconds: float = TIME_LIMIT_SECONDS) -> CoverSolution:
    """Find the cheapest choice by integer programming (HiGHS): first as few unknown costs as can be, then the cost.

    Loads highspy: for a process of its own, never the server. Where time runs out the better of its choice and the
    greedy one is given, with what is proven.
    """
    greedy = solve_greedily(problem)
    if not greedy:
        return CoverSolution((), 0, 0.0, is_optimal=True)
    model = _Model(problem)
    unknown = [float(cost is None) for cost in problem.costs]
    fewest, proven_few, _ = model.solve(unknown, time_limit_seconds / 2)
    least = problem.count_unknown(fewest) if fewest is not None and proven_few else None
    if least is None:
        return CoverSolution(greedy, None, None, is_optimal=False)
    model.limit(unknown, least)
    chosen, proven, bound = model.solve([float(cost or 0) for cost in problem.costs], time_limit_seconds / 2)
    best = min((one for one in (chosen, fewest, greedy) if one is not None), key=problem.weigh)
    cost = problem.cost_of(best)
    # What is bounded is a whole number of eurocents; a hair below it is rounding of the solver.
    floor = None if bound is None else min(cost, max(0, ceil(bound - 1e-6 * max(1.0, abs(bound)))))
    floor = cost if proven else floor
    gap = None if floor is None else (cost - floor) / cost if cost else 0.0
    return CoverSolution(tuple(best), floor, gap, is_optimal=proven)


class _Model:
    """The integer programme: which alternatives are there, and what then fails in each scenario.

    What fails is at least what follows from the groups, and nothing protected may; the least such is the truth, so a
    choice is allowed exactly where it holds.
    """

    def __init__(self, problem: CoverProblem) -> None:
        self.problem = problem
        self.count = len(problem.costs)
        self.integral = [1] * self.count
        self.low, self.high = [0.0] * self.count, [1.0] * self.count
        self.rows: list[tuple[dict[int, float], float]] = []
        """Sums of variables that are at least a number."""
        for at, scenario in enumerate(problem.scenarios):
            self._add_scenario(at, scenario)

    def _variable(self, low: float, high: float) -> int:
        self.integral.append(0)
        self.low.append(low)
        self.high.append(high)
        return len(self.integral) - 1

    def _add_scenario(self, at: int, scenario: CoverScenario) -> None:
        nodes = {node for group in scenario.groups for node in (group[0], *group[2])} | set(scenario.protect)
        safe = {node for node in scenario.protect if (at, node) not in self.problem.hopeless}
        fails = {
            node: self._variable(float(node in scenario.seeds), 0.0 if node in safe else 1.0) for node in sorted(nodes)
        }
        counts = dict(fails)
        for node, options in scenario.standing.items():
            if node in fails:
                counts[node] = self._variable(0.0, 1.0)
                row = {counts[node]: 1.0, fails[node]: -1.0} | dict.fromkeys(options, 1.0)
                self.rows.append((row, 0.0))
        for consumer, threshold, members in scenario.groups:
            self._add_group(fails[consumer], threshold, [counts[member] for member in members])

    def _add_group(self, consumer: int, threshold: int, members: Sequence[int]) -> None:
        if comb(len(members), threshold) <= _MOST_SUBSETS:
            for subset in combinations(members, threshold):
                self.rows.append(({consumer: 1.0} | dict.fromkeys(subset, -1.0), 1.0 - threshold))
            return
        self.integral[consumer] = 1
        self.rows.append(
            ({consumer: float(len(members) - threshold + 1)} | dict.fromkeys(members, -1.0), 1.0 - threshold)
        )

    def limit(self, weights: Sequence[float], most: int) -> None:
        """Let a weighted count of what is chosen be no more than this."""
        self.rows.append(({at: -weight for at, weight in enumerate(weights) if weight}, -float(most)))

    def solve(
        self, weights: Sequence[float], time_limit_seconds: float
    ) -> tuple[tuple[int, ...] | None, bool, float | None]:
        """Give the choice of least weight, whether that is proven, and the weight that none can be below."""
        import highspy

        scale = max(1.0, *weights)
        entries = [sorted(sums.items()) for sums, _ in self.rows]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.integral), len(self.rows)
        model.col_cost_ = [weight / scale for weight in weights] + [0.0] * (len(self.integral) - self.count)
        model.col_lower_, model.col_upper_ = self.low, self.high
        model.integrality_ = [
            highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous for whole in self.integral
        ]
        model.row_lower_ = [least for _, least in self.rows]
        model.row_upper_ = [highspy.kHighsInf] * len(self.rows)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = list(accumulate((len(row) for row in entries), initial=0))
        model.a_matrix_.index_ = [column for row in entries for column, _ in row]
        model.a_matrix_.value_ = [value for row in entries for _, value in row]
        solver = highspy.Highs()
        for option, value in (("output_flag", False), ("time_limit", time_limit_seconds), ("mip_rel_gap", 0.0)):
            solver.setOptionValue(option, value)
        solver.passModel(model)
        solver.run()
        proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        bound = float(solver.getInfo().mip_dual_bound) * scale
        values = solver.getSolution().col_value
        chosen = tuple(at for at in range(self.count) if values and values[at] > 0.5)
        # What the solver gives is checked by the meaning of the problem itself.
        if not values or self.problem.count_lost(chosen):
            return None, False, bound if isfinite(bound) else None
        return chosen, proven, bound if isfinite(bound) else None
