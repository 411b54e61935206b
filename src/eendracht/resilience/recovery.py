"""From what a scenario brings down to what has to be done: the jobs, their crews, and what does not come back at all.

What fails of its own is a job: in one of the ways of its restore plan, or, where nobody wrote one, in an assumed time
that is told as such. What only stopped with it starts by itself once what it needs is there, or by its own plan. A
supplier that stops for good is not repaired: what needs it comes back only by a way that does without it (fail over,
switch supplier, by hand). What can by no way come back is named, and no plan pretends that it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.estate import Seed, simulate
from eendracht.kernel.estate.groups import GroupTable
from eendracht.kernel.landscape import Landscape, Thing
from eendracht.kernel.store import Store
from eendracht.resilience.demand import Demands
from eendracht.resilience.scheduling.problem import (
    Absence,
    Crews,
    Mode,
    Need,
    RecoveryJob,
    RecoveryProblem,
)
from eendracht.resilience.whatif import ScenarioRun

ASSUMED_HOURS: Final = 24.0
"""How long the repair of a thing takes of which nobody wrote down how it is restored."""
BREACH_HOURS: Final = 24
"""A breach of the recovery time objective weighs as much as this many hours more for everybody who relies on it."""
DAY_MINUTES: Final = 1440
WITHOUT_LOST: Final = frozenset({"failover", "switch-supplier", "manual-fallback"})
"""Ways to come back that do not need a provider that is gone for good."""
ASSUMED, STARTS = "assumed", "starts"
"""Names of the ways that no restore plan gives: a repair in an assumed time, and a start that follows by itself."""


@dataclass(frozen=True, slots=True)
class RestoreWay:
    """One way of a restore plan, as far as it concerns the schedule."""

    mode: str
    duration_minutes: int
    crews: Mapping[str, int]
    prerequisites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restoring:
    """What an organisation wrote down on recovery: ways by ref, and crews."""

    ways: Mapping[str, tuple[RestoreWay, ...]]
    crews: tuple[Crews, ...]
    absences: tuple[Absence, ...]
    rto_minutes: Mapping[str, int]


@dataclass(frozen=True)
class RecoveryTask:
    """What has to come back after a scenario: a problem for the scheduler, and what is no part of it."""

    scenario: ScenarioRun
    problem: RecoveryProblem
    things: Mapping[str, Thing]
    """What each job is about, by its name (the ref)."""
    assumed: Sequence[str]
    """Refs of what is repaired in an assumed time, as no restore plan tells."""
    lost: Sequence[str]
    """Refs of what is gone for good."""
    stranded: Sequence[str]
    """Refs of what can by no way come back, though it is not gone itself."""

    @cached_property
    def citizens(self) -> int:
        """How many people rely on the services of the jobs; who relies on two is counted twice, as both come back."""
        return sum(job.citizens_per_hour for job in self.problem.jobs)


def read_restoring(store: Store, asker: Principal, landscape: Landscape, scenario: ScenarioRun) -> Restoring:
    """Read restore plans, crews and recovery time objectives of the day, as the asker may see them."""
    name = landscape.aliases
    ways: dict[str, tuple[RestoreWay, ...]] = {}
    for record in store.snapshot(asker, landscape.day, kind="restore-plan"):
        spec = record.spec(store.registry)
        about = name.get(spec["about"], spec["about"])
        ways[about] = (*ways.get(about, ()), *(_read_way(mode, name) for mode in spec.get("modes", ())))
    crews: list[Crews] = []
    absences: list[Absence] = []
    for record in store.snapshot(asker, landscape.day, kind="crew"):
        spec = record.spec(store.registry)
        crews.append(_read_crew(spec, scenario.begins.hour * 60 + scenario.begins.minute))
        travel = round(float(spec.get("travelHours") or 0) * 60)
        if travel:
            most = max([spec["people"], *(shift["people"] for shift in spec.get("shifts", ()))])
            absences.append(Absence(spec["skill"], most, 0, travel))
    return Restoring(ways, tuple(crews), tuple(absences), _read_objectives(store, asker, landscape))


def _read_way(mode: Mapping[str, Any], name: Mapping[str, str]) -> RestoreWay:
    return RestoreWay(
        mode["mode"],
        max(1, round(float(mode["durationHours"]) * 60)),
        {crew["skill"]: crew["people"] for crew in mode.get("crews", ())},
        tuple(name.get(ref, ref) for ref in mode.get("prerequisites", ())),
    )


def _read_crew(spec: Mapping[str, Any], begins: int) -> Crews:
    """Give how many there are at each minute after the beginning, over and over each day."""
    shifts = spec.get("shifts", ())
    if not shifts:
        return Crews(spec["skill"], ((0, spec["people"]),))
    hours = [spec["people"]] * 24
    for shift in shifts:
        first, last = shift["fromHour"], shift["untilHour"]
        for hour in range(first, last if last > first else last + 24):
            hours[hour % 24] = shift["people"]
    levels = sorted(((hour * 60 - begins) % DAY_MINUTES, people) for hour, people in enumerate(hours))
    if levels[0][0]:
        levels.insert(0, (0, levels[-1][1]))
    return Crews(spec["skill"], tuple(levels), DAY_MINUTES)


def _read_objectives(store: Store, asker: Principal, landscape: Landscape) -> dict[str, int]:
    found = {}
    for record in store.snapshot(asker, landscape.day, kind="public-service"):
        hours = record.spec(store.registry).get("rtoHours")
        if hours is not None:
            found[record.ref] = round(float(hours) * 60)
    return found


def plan_task(landscape: Landscape, demands: Demands, scenario: ScenarioRun, restoring: Restoring) -> RecoveryTask:
    """Give what has to come back after a scenario in the best case, from its beginning on.

    Raises InvalidInput where nothing has to.
    """
    return _TaskBuilder(landscape, demands, scenario, restoring).build()


class _TaskBuilder:
    """Walks over everything that is down and finds out by which ways it can come back."""

    def __init__(self, landscape: Landscape, demands: Demands, scenario: ScenarioRun, restoring: Restoring) -> None:
        self.landscape = landscape
        self.demands = demands
        self.scenario = scenario
        self.restoring = restoring
        self.estate = landscape.estate
        seeds = scenario.list_seeds(with_possible=False)
        # What is repaired within the time is followed as if it were not: the plan says when it comes back.
        permanent = [seed if seed.repaired_at_hours is None else _stay(seed) for seed in seeds]
        result = simulate(self.estate, permanent, unknown="best", horizon_hours=scenario.horizon_hours)
        self.own = {seed.node: seed for seed in seeds}
        silent = {node for node in result.by_node if not result.by_node[node][-1].state.delivers}
        self.down = silent | set(self.own)
        self.lost = {
            node
            for node, seed in self.own.items()
            if seed.repaired_at_hours is None and landscape.things[node].kind == "supplier"
        }

    def build(self) -> RecoveryTask:
        """Give the task."""
        wanted = self._list_wanted()
        ways = {node: self._list_ways(node) for node in wanted if node not in self.lost}
        reachable = self._find_reachable(ways)
        if not reachable:
            raise InvalidInput("Nothing has to be recovered", faults=[_nothing()])
        jobs = [self._make_job(node, ways[node], reachable) for node in sorted(reachable)]
        things = self.landscape.things
        skills = {skill for job in jobs for mode in job.modes for skill in mode.crews}
        crews = tuple(crew for crew in self.restoring.crews if crew.skill in skills)
        absences = tuple(gone for gone in self.restoring.absences if gone.skill in skills)
        return RecoveryTask(
            self.scenario,
            RecoveryProblem(tuple(jobs), crews, (), absences),
            {things[node].ref: things[node] for node in reachable},
            sorted(job.name for job in jobs if job.modes[0].name == ASSUMED),
            sorted(things[node].ref for node in self.lost),
            sorted(things[node].ref for node in set(ways) - reachable),
        )

    def _list_wanted(self) -> set[int]:
        """Give what is down and of use: services, what has a restore plan, and all that these wait for."""
        things = self.landscape.things
        wanted: set[int] = set()
        waiting = [
            node
            for node in self.down
            if things[node].kind == "public-service" or things[node].ref in self.restoring.ways or node in self.own
        ]
        index = self.estate.index
        while waiting:
            node = waiting.pop()
            if node in wanted:
                continue
            wanted.add(node)
            members = {member for _, members in self._groups_of(node) for member in members}
            for way in self.restoring.ways.get(things[node].ref, ()):
                members.update(index[ref] for ref in way.prerequisites if ref in index)
            waiting += [member for member in members if member in self.down]
        return wanted

    def _groups_of(self, node: int) -> Iterable[tuple[int, list[int]]]:
        """Yield k and members of every group that a node needs to come up."""
        for table in (self.estate.run, self.estate.start):
            for group in table.groups_of(node):
                yield int(table.k[group]), _members(table, group)

    def _list_ways(self, node: int) -> list[tuple[str, int, Mapping[str, int], list[tuple[int, list[int]]]]]:
        """Give each way back: name, minutes, crews, and groups of nodes of which so many must be there."""
        ref, index = self.landscape.things[node].ref, self.estate.index
        groups = list(self._groups_of(node))
        spared = [(k, members) for k, members in groups if not self.lost.intersection(members)]
        ways = []
        for way in self.restoring.ways.get(ref, ()):
            needs = list(spared if way.mode in WITHOUT_LOST else groups)
            needs += [(1, [index[before]]) for before in way.prerequisites if before in index]
            ways.append((way.mode, way.duration_minutes, way.crews, needs))
        seed = self.own.get(node)
        if seed is not None and seed.repaired_at_hours is not None:
            minutes = round((seed.repaired_at_hours - seed.failed_at_hours) * 60)
            ways.append((STARTS, minutes, {}, groups))
        elif not ways:
            ways.append((ASSUMED, round(ASSUMED_HOURS * 60), {}, groups) if seed else (STARTS, 0, {}, groups))
        return ways

    def _find_reachable(self, ways: Mapping[int, list[Any]]) -> set[int]:
        """Give what can come back: the least set that grows from what is up."""
        reachable: set[int] = set()
        readers: dict[int, set[int]] = {}
        for node, options in ways.items():
            for _, _, _, needs in options:
                for _, members in needs:
                    for member in members:
                        readers.setdefault(member, set()).add(node)
        waiting = list(ways)
        while waiting:
            node = waiting.pop()
            if node in reachable or not any(self._is_met(needs, reachable) for *_, needs in ways[node]):
                continue
            reachable.add(node)
            waiting += readers.get(node, ())
        return reachable

    def _is_met(self, needs: Iterable[tuple[int, list[int]]], reachable: set[int]) -> bool:
        return all(sum(self._is_there(member, reachable) for member in members) >= k for k, members in needs)

    def _is_there(self, member: int, reachable: set[int]) -> bool:
        return member in reachable or (member not in self.down)

    def _make_job(self, node: int, ways: list[Any], reachable: set[int]) -> RecoveryJob:
        thing = self.landscape.things[node]
        modes = tuple(
            Mode(name, minutes, crews, tuple(self._make_needs(needs, reachable)))
            for name, minutes, crews, needs in ways
            if self._is_met(needs, reachable)
        )
        seed = self.own.get(node)
        is_service = thing.kind == "public-service"
        citizens = (self.demands.relying(thing.ref) or 0) if is_service else 0
        due = self.restoring.rto_minutes.get(thing.ref)
        return RecoveryJob(
            thing.ref,
            modes,
            earliest_start_minute=round(seed.failed_at_hours * 60) if seed else 0,
            due_minute=due,
            breach_penalty_citizen_hours=BREACH_HOURS * citizens if due is not None else 0,
            citizens_per_hour=citizens,
        )

    def _make_needs(self, needs: Iterable[tuple[int, list[int]]], reachable: set[int]) -> Iterable[Need]:
        """Give the needs on jobs: what is up already counts for its group."""
        for k, members in needs:
            up = sum(member not in self.down for member in members)
            jobs = tuple(self.landscape.things[member].ref for member in members if member in reachable)
            if k > up:
                yield Need(k - up, jobs)


def _members(table: GroupTable, group: int) -> list[int]:
    members: list[int] = table.provider[table.members_of(group)].tolist()
    return members


def _stay(seed: Seed) -> Seed:
    """Give the same failure for good."""
    return Seed(seed.node, seed.failed_at_hours)


def _nothing() -> Fault:
    return Fault(
        "/scenario",
        "nothing-to-recover",
        "Na dit scenario hoeft of kan er niets hersteld te worden",
        "After this scenario nothing has to, or can, be recovered",
        "Write down in restore plans how things come back, also without a supplier that is gone.",
    )
