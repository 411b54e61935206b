"""A problem, or a part of it, as a model for CP-SAT. Only the worker imports this: OR-tools is heavy to load."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from ortools.sat.python import cp_model

from eendracht.kernel.estate.components import list_components
from eendracht.resilience.scheduling.heads import Heads
from eendracht.resilience.scheduling.instance import NEVER, Group, Instance, Placement, Way
from eendracht.resilience.scheduling.needs import find_tails, list_followers, list_sure_needs

_PAIRED: Final = 60
"""Up to so many jobs their order is decided by pair too."""


@dataclass(frozen=True)
class Variables:
    """What is decided for one job: when it starts, in which way, and so when it ends."""

    start: cp_model.IntVar
    ways: tuple[cp_model.IntVar, ...]
    end: cp_model.LinearExprT


class Model:
    """Decides about `free` jobs; the others stay where `known`, a plan that is possible, has them.

    No job ends after `horizon`, and none so late that its own loss makes the plan worse than the known one.
    """

    def __init__(self, instance: Instance, heads: Heads, known: Placement, free: Collection[int], horizon: int) -> None:
        self.instance = instance
        self.heads = heads
        self.known = known
        self.slack = 0 if instance.is_makespan else instance.value_of(known) - sum(instance.losses(heads.ends))
        self.model = cp_model.CpModel()
        self.ends: list[cp_model.LinearExprT] = [*instance.list_ends(known), *instance.things]
        self.used: list[tuple[int, int, cp_model.IntVar]] = []
        self.late: list[tuple[int, cp_model.IntVar]] = []
        self.circles = _list_circles(instance) if len(free) == len(instance) else {}
        self.variables = {job: self._decide(job, horizon) for job in sorted(free)}
        self.ends[: len(instance)] = [
            self.variables[job].end if job in self.variables else end
            for job, end in enumerate(self.ends[: len(instance)])
        ]
        self.ranks = {job: self.model.new_int_var(0, len(instance), "") for job in self.circles}
        for job in self.variables:
            for number, way in enumerate(instance.ways[job]):
                for group in way.groups:
                    self._require(job, number, group)
        # What stays needs what it needed; a job that is decided about may not end after that.
        for job in range(len(instance)):
            if job not in self.variables:
                for group in instance.ways[job][known.ways[job]].groups:
                    self._keep(job, group)
        self._share_crews(horizon)
        if instance.is_makespan and len(self.variables) <= _PAIRED:
            self._order_pairs()
        self._aim(horizon)
        self._hint()

    def _decide(self, job: int, horizon: int) -> Variables:
        ways = self.instance.ways[job]
        last = horizon
        if self.instance.weight[job] and not self.instance.is_makespan:
            last = min(last, self.heads.ends[job] + self.slack // self.instance.weight[job])
        earliest, latest = self.heads.starts[job], last - min(way.duration for way in ways)
        start = self.model.new_int_var(earliest, max(earliest, latest), "")
        if len(ways) == 1:
            return Variables(start, (), start + ways[0].duration)
        chosen = tuple(self.model.new_bool_var("") for _ in ways)
        self.model.add_exactly_one(chosen)
        length = sum(way.duration * literal for way, literal in zip(ways, chosen, strict=True))
        return Variables(start, chosen, start + length)

    def _require(self, job: int, number: int, group: Group) -> None:
        k, members = group
        variables = self.variables[job]
        chosen = [variables.ways[number]] if variables.ways else []
        there = [member for member in members if not self._is_never(member)]
        for member, used in self._use(job, there, k, chosen):
            only = [*chosen, *used]
            self.model.add(variables.start >= self.ends[member]).only_enforce_if(*only)
            if member in self.ranks and job in self.ranks and self.circles[job] == self.circles[member]:
                self.model.add(self.ranks[job] > self.ranks[member]).only_enforce_if(*only)

    def _keep(self, job: int, group: Group) -> None:
        k, members = group
        start = self.known.starts[job]
        ends = self.instance.list_ends(self.known) + list(self.instance.things)
        moving = [member for member in members if member in self.variables]
        met = sum(ends[member] <= start for member in members if member not in self.variables)
        if moving and met < k:
            for member, used in self._use(job, moving, k - met, []):
                self.model.add(self.ends[member] <= start).only_enforce_if(*used)

    def _use(
        self, job: int, members: list[int], k: int, chosen: list[cp_model.IntVar]
    ) -> Iterator[tuple[int, list[cp_model.IntVar]]]:
        """Give each member with what makes it one of those that are waited for."""
        if k == len(members):
            yield from ((member, []) for member in members)
            return
        used = [self.model.new_bool_var("") for _ in members]
        self.model.add(sum(used) >= k).only_enforce_if(*chosen)
        self.used += [(job, member, literal) for member, literal in zip(members, used, strict=True)]
        yield from ((member, [literal]) for member, literal in zip(members, used, strict=True))

    def _is_never(self, member: int) -> bool:
        return member >= len(self.instance) and self.instance.things[member - len(self.instance)] >= NEVER

    def _share_crews(self, horizon: int) -> None:
        lines = self.instance.open_timelines()
        for job, start in enumerate(self.known.starts):
            if job not in self.variables and self.instance.started[job] is None:
                way = self.instance.ways[job][self.known.ways[job]]
                for skill, crews in way.demands:
                    lines[skill].take(start, start + way.duration, crews)
        work: list[list[tuple[cp_model.IntervalVar, int]]] = [[] for _ in lines]
        for job, variables in self.variables.items():
            for number, way in enumerate(self.instance.ways[job]):
                for skill, crews in way.demands if way.duration else ():
                    work[skill].append((self._last(variables, number, way), crews))
        for line, some in zip(lines, work, strict=True):
            if some:
                self._cumulate(some, line.list_free(horizon), horizon)

    def _last(self, variables: Variables, number: int, way: Way) -> cp_model.IntervalVar:
        if not variables.ways:
            return self.model.new_fixed_size_interval_var(variables.start, way.duration, "")
        literal = variables.ways[number]
        return self.model.new_optional_fixed_size_interval_var(variables.start, way.duration, literal, "")

    def _cumulate(
        self, work: list[tuple[cp_model.IntervalVar, int]], free: list[tuple[int, int]], horizon: int
    ) -> None:
        most = max(0, *(level for _, level in free))
        stops = [minute for minute, _ in free[1:]] + [horizon]
        for (minute, level), stop in zip(free, stops, strict=True):
            if level < most:
                gone = self.model.new_fixed_size_interval_var(minute, stop - minute, "")
                work.append((gone, most - max(0, level)))
        self.model.add_cumulative([interval for interval, _ in work], [crews for _, crews in work], most)

    def _order_pairs(self) -> None:
        """Decide which of two jobs goes first where their crews do not suffice for both: proofs get shorter by it."""
        sure = list_sure_needs(self.instance)
        most = [
            max(level for _, level in calendar.list_steps(0, calendar.settled_minute + calendar.period))
            for calendar in self.instance.calendars
        ]
        for one, other in combinations(self.variables, 2):
            is_ordered = sure[one] >> other & 1 or sure[other] >> one & 1
            if not is_ordered and self._exclude(one, other, most):
                first = self.model.new_bool_var("")
                self.used.append((other, one, first))
                self.model.add(self.variables[other].start >= self.variables[one].end).only_enforce_if(first)
                self.model.add(self.variables[one].start >= self.variables[other].end).only_enforce_if(~first)

    def _exclude(self, one: int, other: int, most: list[int]) -> bool:
        """Whether two jobs never run at the same time, whatever their modes."""
        return all(
            way.duration
            and that.duration
            and any(crews + dict(that.demands).get(skill, 0) > most[skill] for skill, crews in way.demands)
            for way in self.instance.ways[one]
            for that in self.instance.ways[other]
        )

    def _aim(self, horizon: int) -> None:
        instance = self.instance
        if instance.is_makespan:
            tails = find_tails(instance)
            shortest = [min(way.duration for way in ways) for ways in instance.ways]
            last = self.model.new_int_var(0, horizon, "")
            for job, end in enumerate(self.ends[: len(instance)]):
                self.model.add(last >= end + tails[job] - shortest[job])
            self._minimize(last)
            self.model.add_hint(last, instance.value_of(self.known))
            return
        terms = []
        for job, variables in self.variables.items():
            terms.append(instance.weight[job] * variables.end)
            if instance.penalty[job] and instance.due[job] < horizon:
                late = self.model.new_bool_var("")
                self.late.append((job, late))
                self.model.add(variables.end <= instance.due[job]).only_enforce_if(~late)
                terms.append(instance.penalty[job] * late)
        losses = list(instance.losses(instance.list_ends(self.known)))
        stays = sum(loss for job, loss in enumerate(losses) if job not in self.variables)
        self._minimize(sum(terms) + stays)

    def _minimize(self, objective: cp_model.LinearExprT) -> None:
        self.objective = objective
        self.model.minimize(objective)

    def _hint(self) -> None:
        """Begin the search at the known plan; every variable is told, or the solver makes a plan of its own first."""
        known = self.known
        ends = [*self.instance.list_ends(known), *self.instance.things]
        order = sorted(self.ranks, key=lambda job: (known.starts[job], ends[job]))
        for job, variables in self.variables.items():
            self.model.add_hint(variables.start, known.starts[job])
            for number, literal in enumerate(variables.ways):
                self.model.add_hint(literal, number == known.ways[job])
        for job, rank in self.ranks.items():
            self.model.add_hint(rank, order.index(job))
        for job, member, literal in self.used:
            self.model.add_hint(literal, ends[member] <= known.starts[job])
        for job, late in self.late:
            self.model.add_hint(late, ends[job] > self.instance.due[job])

    def read(self, values: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> Placement:
        """Give the plan that was found."""
        starts, ways = list(self.known.starts), list(self.known.ways)
        for job, variables in self.variables.items():
            starts[job] = values.value(variables.start)
            ways[job] = next((n for n, literal in enumerate(variables.ways) if values.boolean_value(literal)), 0)
        return Placement(tuple(starts), tuple(ways))


def _list_circles(instance: Instance) -> dict[int, int]:
    """Give a number for each set of jobs that may wait for one another, where some of them take no time at all.

    There an order is decided too, or jobs without duration could each be the reason that the other may start.
    """
    followers = dict(enumerate(list_followers(instance)))
    return {
        job: number
        for number, component in enumerate(list_components(followers))
        if len(component) > 1 and any(way.duration == 0 for job in component for way in instance.ways[job])
        for job in component
    }
