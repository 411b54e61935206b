"""The cheapest alternatives by which nothing stops a critical service alone, and where asked no two things together.

An alternative stands in for one thing, at another party that supplies the same already: the same category, or the same
reference component. The thing's consumers then go on as long as the thing or one of its stand-ins is there, and a
stand-in is there as long as nothing of its party fails. It is independent: its ultimate owner is not that of anybody
who supplies the thing. Its cost is estimated by the lowest annual value, for each thing covered, of a contract under
which that party supplies it; where no value is known it is unknown, which is counted apart and never taken for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eendracht.kernel.estate import RUN, START, Estate, Seed, assemble_estate, compute_failure_times
from eendracht.resilience.cover import CoverProblem, CoverScenario, CoverSolution, solve_greedily
from eendracht.resilience.exposure import Portfolio
from eendracht.resilience.importance import (
    Cause,
    find_order_one,
    find_order_two,
    list_causes,
    list_suppliers,
)

MOST_PER_THING: Final = 20
"""So many alternatives of one thing are weighed, the cheapest first and those of unknown cost last."""
MOST_SCENARIOS: Final = 400
"""So many causes are dealt with in one plan, those that stop most first."""
_MOST_ROUNDS: Final = 30

Solve = Callable[[CoverProblem], CoverSolution]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A stand-in for a thing at another party; `cost_eurocent` a year, None where it is unknown."""

    thing: int
    party: str
    cost_eurocent: int | None
    is_owner_known: bool
    """Whether it is known who is behind the party; else its independence is not certain."""


@dataclass(frozen=True, slots=True)
class AlternativesPlan:
    """What to arrange, and what it is known to be worth; costs in eurocent a year, without the unknown ones."""

    chosen: Sequence[Alternative]
    cost_eurocent: int
    unknown_costs: int
    bound_eurocent: int | None
    gap: float | None
    is_optimal: bool
    greedy: Sequence[Alternative]
    greedy_cost_eurocent: int
    greedy_unknown_costs: int
    removed: int
    """Pairs of a cause and a critical service that it no longer stops."""
    hopeless: Sequence[tuple[tuple[str, ...], str]]
    """Causes and the service that they stop whatever is arranged: no independent alternative is recorded."""
    left_out: int
    """Causes beyond `MOST_SCENARIOS`, not dealt with."""
    max_order: int

    def as_dict(self, portfolio: Portfolio) -> dict[str, Any]:
        """Give it as plain data, by refs."""
        things = portfolio.landscape.things

        def describe(alternative: Alternative) -> dict[str, Any]:
            return {
                "thing": things[alternative.thing].ref,
                "party": alternative.party,
                "costEurocent": alternative.cost_eurocent,
                "ownerKnown": alternative.is_owner_known,
            }

        return {
            "chosen": [describe(item) for item in self.chosen],
            "costEurocent": self.cost_eurocent,
            "unknownCosts": self.unknown_costs,
            "boundEurocent": self.bound_eurocent,
            "gap": self.gap,
            "optimal": self.is_optimal,
            "greedy": [describe(item) for item in self.greedy],
            "greedyCostEurocent": self.greedy_cost_eurocent,
            "greedyUnknownCosts": self.greedy_unknown_costs,
            "removed": self.removed,
            "hopeless": [{"causes": list(causes), "service": service} for causes, service in self.hopeless],
            "leftOut": self.left_out,
            "maxOrder": self.max_order,
        }


def plan_alternatives(portfolio: Portfolio, solve: Solve, max_order: int = 1) -> AlternativesPlan:
    """Find the cheapest alternatives that remove every cut set of one, or (`max_order` 2) also of two.

    `solve` is `cover.solve_exactly`, or a process that runs it. Raises TooManyCutSets where there are too many pairs.
    """
    events = _list_events(portfolio, list_causes(portfolio))
    kept, left_out = events[:MOST_SCENARIOS], max(0, len(events) - MOST_SCENARIOS)
    drafting = _Drafting(portfolio)
    for names, nodes in kept:
        drafting.add(names, nodes)
    problem = drafting.finish()
    solution = solve(problem)
    if max_order > 1:
        for _ in range(_MOST_ROUNDS):
            estate = extend_estate(portfolio, [drafting.alternatives[at] for at in solution.chosen])
            fresh = [pair for pair in _list_pairs(portfolio, estate) if drafting.add(*pair)]
            if not fresh:
                break
            problem = drafting.finish()
            solution = solve(problem)
    return _conclude(portfolio, drafting, problem, solution, left_out, max_order)


def _list_events(portfolio: Portfolio, causes: Sequence[Cause]) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Give what fails at once with each cause, what stops most services first."""
    stops: dict[str, int] = defaultdict(int)
    for held in find_order_one(portfolio, causes).values():
        for cause in held:
            stops[cause.ref] += 1
    events: dict[tuple[int, ...], tuple[str, ...]] = {}
    for cause in sorted(causes, key=lambda item: (-stops[item.ref], item.ref)):
        for nodes in (cause.nodes, cause.group):
            if nodes:
                events.setdefault(tuple(sorted(nodes)), (cause.ref,))
    return [(names, nodes) for nodes, names in events.items()]


def _list_pairs(portfolio: Portfolio, estate: Estate) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    things = portfolio.landscape.things
    causes = list_suppliers(portfolio) + [
        Cause(things[supply.node].ref, things[supply.node].name, things[supply.node].kind, (supply.node,))
        for supply in portfolio.supplies
    ]
    return [
        ((first.ref, second.ref), tuple(sorted({*first.nodes, *second.nodes})))
        for service in portfolio.critical
        for first, second in find_order_two(portfolio, service, causes, estate)
    ]


class _Drafting:
    """Collects scenarios and the alternatives that bear on them."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        self.alternatives: list[Alternative] = []
        self._of_thing: dict[int, list[int]] = {}
        self._scenarios: dict[tuple[int, ...], tuple[tuple[str, ...], CoverScenario]] = {}
        self.names: list[tuple[str, ...]] = []

    def add(self, names: tuple[str, ...], nodes: tuple[int, ...]) -> bool:
        """Take in what fails at once; False where it was there already, or stops nothing critical."""
        if nodes in self._scenarios:
            return False
        seeds = [Seed(node) for node in nodes]
        failed = compute_failure_times(self.portfolio.landscape.estate, seeds, unknown="best").failed.tolist()
        protect = tuple(node for node in self.portfolio.critical if node in set(failed) - set(nodes))
        if not protect:
            return False
        groups = _trace_groups(self.portfolio.landscape.estate, set(failed), set(nodes), protect)
        things = sorted({member for _, _, members in groups for member in members})
        standing = {thing: held for thing in things if (held := self._stand_ins(thing, set(failed)))}
        self._scenarios[nodes] = (names, CoverScenario(nodes, protect, tuple(groups), standing))
        return True

    def _stand_ins(self, thing: int, failed: set[int]) -> tuple[int, ...]:
        if thing not in self._of_thing:
            found = list_alternatives(self.portfolio, thing)
            self._of_thing[thing] = list(range(len(self.alternatives), len(self.alternatives) + len(found)))
            self.alternatives += found
        members = self.portfolio.parties.members
        return tuple(
            at for at in self._of_thing[thing] if not failed.intersection(members[self.alternatives[at].party])
        )

    def finish(self) -> CoverProblem:
        """Give the problem as it is now."""
        self.names = [names for names, _ in self._scenarios.values()]
        costs = tuple(alternative.cost_eurocent for alternative in self.alternatives)
        return CoverProblem(costs, tuple(scenario for _, scenario in self._scenarios.values()))


def _trace_groups(
    estate: Estate, failed: set[int], seeds: set[int], protect: Sequence[int]
) -> list[tuple[int, int, tuple[int, ...]]]:
    """Give the groups by which failure reaches what is protected: consumer, how many must fail, and which do."""
    table, found = estate.run, []
    waiting, seen = list(protect), set(protect)
    while waiting:
        node = waiting.pop()
        if node in seeds:
            continue
        for group in table.groups_of(node):
            members = table.provider[table.members_of(group)].tolist()
            down = tuple(member for member in members if member in failed)
            threshold = len(members) - int(table.k[group]) + 1
            if len(down) < threshold:
                continue
            found.append((node, threshold, down))
            fresh = [member for member in down if member not in seen]
            seen.update(fresh)
            waiting += fresh
    return found


def list_alternatives(portfolio: Portfolio, thing: int) -> list[Alternative]:
    """Give the independent alternatives of a thing, the cheapest first and those of unknown cost last."""
    supply, parties = portfolio.supply_of.get(thing), portfolio.parties
    if supply is None or not supply.parties:
        return []
    behind = {parties.owners[party] for party in supply.parties}
    found = []
    for party, cost in _price_offers(portfolio, thing).items():
        if parties.owners[party] not in behind:
            found.append(Alternative(thing, party, cost, party not in parties.unresolved))
    found.sort(key=lambda item: (item.cost_eurocent is None, item.cost_eurocent or 0, item.party))
    return found[:MOST_PER_THING]


def _price_offers(portfolio: Portfolio, thing: int) -> Mapping[str, int | None]:
    """Give the parties that supply the same elsewhere, each with its lowest known cost."""
    wanted = portfolio.supply_of[thing]
    alike = {
        supply.node: supply
        for supply in portfolio.supplies
        if (supply.category == wanted.category and not supply.category.endswith("/unknown"))
        or supply.realises & wanted.realises
    }
    offers: dict[str, int | None] = {party: None for supply in alike.values() for party in supply.parties}
    index = portfolio.landscape.estate.index
    for terms in portfolio.contracts:
        if terms.supplier not in offers or terms.value_eurocent is None:
            continue
        if any(index.get(ref) in alike for ref in terms.covers):
            cost, known = -(-terms.value_eurocent // len(terms.covers)), offers[terms.supplier]
            offers[terms.supplier] = cost if known is None else min(cost, known)
    return offers


def extend_estate(portfolio: Portfolio, chosen: Sequence[Alternative]) -> Estate:
    """Give the estate with these alternatives in place: consumers of a thing need it or one of its stand-ins."""
    estate = portfolio.landscape.estate
    stand_ins: dict[int, list[str]] = defaultdict(list)
    for alternative in chosen:
        stand_ins[alternative.thing].append(alternative.party)
    size, names = len(estate), list(estate.names)
    groups: list[tuple[int, int, list[int]]] = []
    routes: dict[int, int] = {}
    for thing, held in sorted(stand_ins.items()):
        routes[thing] = len(names)
        names.append(f"{names[thing]} or a stand-in")
        groups.append((routes[thing], 1, [thing, *range(len(names), len(names) + len(held))]))
        for party in held:
            groups += [(len(names), 1, [node]) for node in portfolio.parties.members[party]]
            names.append(f"stand-in at {party}")
    route = np.arange(size + 1, dtype=np.int64)
    route[size] = -1
    for thing, node in routes.items():
        route[thing] = node
    run, start = estate.run, estate.start
    return assemble_estate(
        names,
        consumer=[*run.consumer.tolist(), *(c for c, _, _ in groups), *start.consumer.tolist()],
        sizes=[*run.sizes.tolist(), *(len(m) for _, _, m in groups), *start.sizes.tolist()],
        provider=[
            *route[run.provider].tolist(),
            *(node for _, _, members in groups for node in members),
            *np.where(start.provider == size, -1, start.provider).tolist(),
        ],
        k=[*run.k.tolist(), *(k for _, k, _ in groups), *start.k.tolist()],
        phase=[RUN] * (len(run) + len(groups)) + [START] * len(start),
        critical=[*estate.critical.tolist(), *([False] * (len(names) - size))],
    )


def _conclude(
    portfolio: Portfolio,
    drafting: _Drafting,
    problem: CoverProblem,
    solution: CoverSolution,
    left_out: int,
    max_order: int,
) -> AlternativesPlan:
    greedy = solve_greedily(problem)
    hopeless = problem.hopeless
    things = portfolio.landscape.things
    return AlternativesPlan(
        [drafting.alternatives[at] for at in solution.chosen],
        problem.cost_of(solution.chosen),
        problem.count_unknown(solution.chosen),
        solution.bound_eurocent,
        solution.gap,
        solution.is_optimal,
        [drafting.alternatives[at] for at in greedy],
        problem.cost_of(greedy),
        problem.count_unknown(greedy),
        sum(len(scenario.protect) for scenario in problem.scenarios) - len(hopeless),
        [(drafting.names[at], things[node].ref) for at, node in sorted(hopeless)],
        left_out,
        max_order,
    )
