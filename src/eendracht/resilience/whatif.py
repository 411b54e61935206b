"""What if: a scenario run over the estate, what it means for services and people, and what to ask next.

The best case: unresolved references hold, and alternatives that nobody tested work. The worst case: neither, and what
the selector may mean fails too. Between the two lies what the records do not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, Final, Literal

from eendracht.kernel.estate import (
    Estate,
    OutageReasons,
    Seed,
    SimulationResult,
    simulate,
)
from eendracht.kernel.estate.changes import add_alternative, add_node, replace_provider
from eendracht.kernel.estate.witness import Language, WitnessStep
from eendracht.kernel.impact import list_codes, name_step, seeds_for
from eendracht.kernel.kinds import Registry
from eendracht.kernel.landscape import Landscape, Thing
from eendracht.resilience.demand import Bounds, Demands, Span, begin_of, count_uses
from eendracht.resilience.selectors import Selection

HORIZON_HOURS: Final = 168.0
BEGIN_HOUR: Final = 9


@dataclass(frozen=True)
class ScenarioRun:
    """A scenario that can be run: what fails from when until when (hours), and for how long it is followed."""

    name: str
    seeds: tuple[tuple[Selection, float, float | None], ...]
    begins: datetime = field(default_factory=partial(begin_of, None, BEGIN_HOUR))
    horizon_hours: float = HORIZON_HOURS
    ref: str = ""
    """The record that says it; empty for one that was made up on the spot."""

    def list_seeds(self, *, with_possible: bool) -> list[Seed]:
        """Give the nodes that fail; in the worst case also those that may be meant."""
        return [
            Seed(node, begin, end)
            for selection, begin, end in self.seeds
            for node in (*selection.nodes, *(selection.possible if with_possible else ()))
        ]


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to a service in one case: when it is out, and how many uses that takes away or puts off."""

    outages: tuple[Span, ...]
    uses_lost: float
    uses_deferred: float

    def hours_out(self, horizon: float) -> float:
        """Give how many hours within the horizon it is out."""
        return sum(max(0.0, min(horizon, horizon if end is None else end) - begin) for begin, end in self.outages)


@dataclass(frozen=True)
class ServiceImpact:
    """What a scenario does to one service: the best and the worst case, the people who rely on it, and why it stops."""

    thing: Thing
    best: Course
    worst: Course
    relying: int | None
    path: Sequence[WitnessStep]
    """The chain of causes back to what fails of its own; of the worst case where it goes on in the best."""

    @property
    def is_certain(self) -> bool:
        """Whether it stops in the best case too."""
        return bool(self.best.outages)

    @property
    def failed_at_hours(self) -> float:
        """When it first stops."""
        return (self.best.outages or self.worst.outages)[0][0]


@dataclass(frozen=True)
class Outcome:
    """What a scenario comes to."""

    scenario: ScenarioRun
    landscape: Landscape
    services: Sequence[ServiceImpact]
    """Those that stop in some case: certain ones first, then by the people who rely on them and by time."""
    failed: Bounds
    """How many things stop besides what fails of its own."""
    persons: Bounds
    """How many people rely on a service that stops."""
    citizen_hours: Bounds
    """Hours that people are without a service on which they rely, each person counted once at a time."""
    uses_lost: tuple[float, float]
    uses_deferred: tuple[float, float]
    unmeasured: int
    """Services that stop of which nobody recorded how many people rely on them or how often they are used."""
    seeds: Sequence[Thing]
    estate: Estate
    demands: Demands

    @cached_property
    def organisations(self) -> Mapping[str, int]:
        """How many services stop per organisation that gives them (the owner of the record), most first."""
        counts: dict[str, int] = {}
        for service in self.services:
            counts[service.thing.owner] = counts.get(service.thing.owner, 0) + 1
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def count_out(self) -> list[tuple[float, int, int]]:
        """Give how many services are out from each moment on: hours, in the best and in the worst case."""
        moments = sorted({0.0, *_borders(self.services, self.scenario.horizon_hours)})
        return [
            (
                at,
                sum(_is_out(service.best.outages, at) for service in self.services),
                sum(_is_out(service.worst.outages, at) for service in self.services),
            )
            for at in moments
        ]


def run_scenario(
    landscape: Landscape, demands: Demands, scenario: ScenarioRun, estate: Estate | None = None
) -> Outcome:
    """Run a scenario in the best and the worst case; `estate` is another one over the same things (before and after).

    Raises SimulationUnsettled where it does not come to rest.
    """
    world = landscape.estate if estate is None else estate
    best = simulate(
        world, scenario.list_seeds(with_possible=False), unknown="best", horizon_hours=scenario.horizon_hours
    )
    worst = _simulate_worst(world, scenario, best)
    seeds = sorted({seed.node for seed in best.seeds})
    certain, possible = (set(result.by_node) - set(seeds) for result in (best, worst))
    services = _judge_services(landscape, demands, scenario, best, worst)
    return Outcome(
        scenario,
        landscape,
        services,
        Bounds(_count_failing(best, certain), _count_failing(worst, certain | possible)),
        _join(
            demands.count_persons(item.thing.ref for item in services if item.is_certain),
            demands.count_persons(item.thing.ref for item in services),
        ),
        _weigh_hours(demands, services, scenario.horizon_hours),
        (sum(item.best.uses_lost for item in services), sum(item.worst.uses_lost for item in services)),
        (sum(item.best.uses_deferred for item in services), sum(item.worst.uses_deferred for item in services)),
        sum(item.relying is None or demands.of(item.thing.ref).uses_per_day is None for item in services),
        [landscape.things[node] for node in seeds if node < len(landscape.things)],
        world,
        demands,
    )


def _simulate_worst(estate: Estate, scenario: ScenarioRun, best: SimulationResult) -> SimulationResult:
    tested = estate.tested_only
    seeds = scenario.list_seeds(with_possible=True)
    if tested is estate and not estate.has_unresolved and len(seeds) == len(best.seeds):
        return best
    return simulate(tested, seeds, unknown="worst", horizon_hours=scenario.horizon_hours)


def _count_failing(result: SimulationResult, nodes: Iterable[int]) -> int:
    return sum(any(not change.state.delivers for change in result.by_node.get(node, ())) for node in nodes)


def _judge_services(
    landscape: Landscape, demands: Demands, scenario: ScenarioRun, best: SimulationResult, worst: SimulationResult
) -> list[ServiceImpact]:
    reasons = OutageReasons(best), OutageReasons(worst)
    impacts = []
    for node in set(best.by_node) | set(worst.by_node):
        if node >= len(landscape.things) or landscape.things[node].kind != "public-service":
            continue
        thing = landscape.things[node]
        hoped, feared = (_follow(result, node, demands, thing.ref, scenario) for result in (best, worst))
        if hoped.outages or feared.outages:
            why = reasons[0] if hoped.outages else reasons[1]
            impacts.append(ServiceImpact(thing, hoped, feared, demands.relying(thing.ref), why.path(node)))
    impacts.sort(key=lambda item: (not item.is_certain, -(item.relying or 0), item.failed_at_hours, item.thing.ref))
    return impacts


def _follow(result: SimulationResult, node: int, demands: Demands, ref: str, scenario: ScenarioRun) -> Course:
    outages = tuple((outage.begin_hours, outage.end_hours) for outage in result.list_outages(node))
    uses = count_uses(demands.of(ref), scenario.begins, outages, scenario.horizon_hours)
    return Course(outages, uses.lost, uses.deferred)


def _join(best: Bounds, worst: Bounds) -> Bounds:
    return Bounds(best.low, worst.high)


def _is_out(outages: Sequence[Span], at: float) -> bool:
    return any(begin <= at and (end is None or at < end) for begin, end in outages)


def _borders(services: Iterable[ServiceImpact], horizon: float) -> Iterable[float]:
    for service in services:
        for course in (service.best, service.worst):
            for begin, end in course.outages:
                yield min(begin, horizon)
                yield horizon if end is None else min(end, horizon)


def _weigh_hours(demands: Demands, services: Sequence[ServiceImpact], horizon: float) -> Bounds:
    """Sum over time how many people are without a service, in the best and the worst case; in whole hours."""
    low = high = 0.0
    is_bounded = True
    seen: dict[frozenset[str], Bounds] = {}
    for begin, end in pairwise(sorted(set(_borders(services, horizon)))):
        for is_worst in (False, True):
            out = frozenset(
                item.thing.ref for item in services if _is_out((item.worst if is_worst else item.best).outages, begin)
            )
            if out not in seen:
                seen[out] = demands.count_persons(out) if out else Bounds(0, 0)
            if is_worst:
                is_bounded = is_bounded and seen[out].high is not None
                high += (seen[out].high or 0) * (end - begin)
            else:
                low += seen[out].low * (end - begin)
    return Bounds(round(low), max(round(low), round(high)) if is_bounded else None)


@dataclass(frozen=True, slots=True)
class Change:
    """Something else in the place of a provider, or beside it; `new` may be a ref, or the name of what is not there."""

    old: str
    new: str
    way: Literal["replace", "beside"] = "replace"


def apply_change(landscape: Landscape, change: Change) -> Estate:
    """Give the estate after a change; a `new` that is not in the estate stands on its own and needs nothing.

    For a supplier its same-as cluster and all it controls change hands. Raises NotFound for an unknown `old`.
    """
    old = seeds_for(landscape, change.old)
    name = landscape.aliases.get(change.new, change.new)
    estate, node = add_node(landscape.estate, name)
    way = replace_provider if change.way == "replace" else add_alternative
    return way(estate, [item for item in old if item != node], node)


def compare_change(outcome: Outcome, change: Change) -> Outcome:
    """Run the scenario of an outcome again after a change."""
    return run_scenario(outcome.landscape, outcome.demands, outcome.scenario, apply_change(outcome.landscape, change))


def say_reasons(outcome: Outcome, item: ServiceImpact, registry: Registry, language: Language) -> list[str]:
    """Give the chain of causes of a service as sentences with the names of things."""
    names, codes = _name_all(outcome), list_codes(registry)
    return [name_step(step, names, codes).say(language) for step in item.path]


def name_chain(outcome: Outcome, item: ServiceImpact) -> str:
    """Give the chain of causes of a service in one line of names, from the nearest to what failed of itself."""
    names = _name_all(outcome)
    return " ← ".join(names.get(step.name, step.name) for step in item.path[1:])


def _name_all(outcome: Outcome) -> Mapping[str, str]:
    return {thing.ref: thing.name for thing in outcome.landscape.things}


def describe(outcome: Outcome, registry: Registry, language: Language) -> dict[str, Any]:
    """Give an outcome as plain data, the reasons as sentences."""
    names, codes = _name_all(outcome), list_codes(registry)
    return {
        "name": outcome.scenario.name,
        "begins": outcome.scenario.begins.isoformat(timespec="minutes"),
        "horizonHours": outcome.scenario.horizon_hours,
        "seeds": [thing.ref for thing in outcome.seeds],
        "possibleSeeds": sum(len(selection.possible) for selection, _, _ in outcome.scenario.seeds),
        "failed": outcome.failed.as_dict(),
        "persons": outcome.persons.as_dict(),
        "population": outcome.demands.population.total,
        "citizenHours": outcome.citizen_hours.as_dict(),
        "usesLost": {"low": round(outcome.uses_lost[0]), "high": round(outcome.uses_lost[1])},
        "usesDeferred": {"low": round(outcome.uses_deferred[0]), "high": round(outcome.uses_deferred[1])},
        "unmeasuredServices": outcome.unmeasured,
        "isSynthetic": any(item.thing.is_synthetic for item in outcome.services),
        "services": [
            {
                "ref": item.thing.ref,
                "name": item.thing.name,
                "critical": item.thing.criticality == "critical",
                "certain": item.is_certain,
                "failedAtHours": round(item.failed_at_hours, 4),
                "persons": item.relying,
                "best": _describe_course(item.best),
                "worst": _describe_course(item.worst),
                "why": [name_step(step, names, codes).say(language) for step in item.path],
            }
            for item in outcome.services
        ],
    }


def _describe_course(course: Course) -> dict[str, Any]:
    return {
        "outages": [
            {"beginHours": round(begin, 4), "endHours": None if end is None else round(end, 4)}
            for begin, end in course.outages
        ],
        "usesLost": round(course.uses_lost),
        "usesDeferred": round(course.uses_deferred),
    }
