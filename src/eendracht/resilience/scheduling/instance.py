"""A problem with numbers for names, as the solvers read it; a valid problem is assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from eendracht.resilience.scheduling.calendars import Calendar, Timeline, find_slot
from eendracht.resilience.scheduling.problem import Need, PlannedJob, RecoveryJob, RecoveryPlan, RecoveryProblem

NEVER = 1 << 50
"""The minute of what does not come."""

Group: TypeAlias = tuple[int, tuple[int, ...]]
"""At least so many of these jobs and things; a thing has a number beyond those of the jobs."""


@dataclass(frozen=True, slots=True)
class Way:
    """A mode: `demands` holds `(skill, crews)`, `groups` what the job and the mode need together."""

    duration: int
    demands: tuple[tuple[int, int], ...]
    groups: tuple[Group, ...]

    @property
    def crew_minutes(self) -> int:
        """How much work of crews it takes."""
        return self.duration * sum(crews for _, crews in self.demands)


@dataclass(frozen=True, slots=True)
class Placement:
    """For each job when it starts and in which of its ways."""

    starts: tuple[int, ...]
    ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """Columns by job: `earliest` never before now, `penalty` in citizen-minutes, `due` NEVER where there is none."""

    problem: RecoveryProblem
    ways: tuple[tuple[Way, ...], ...]
    earliest: tuple[int, ...]
    weight: tuple[int, ...]
    due: tuple[int, ...]
    penalty: tuple[int, ...]
    started: tuple[int | None, ...]
    things: tuple[int, ...]
    calendars: tuple[Calendar, ...]

    def __len__(self) -> int:
        return len(self.ways)

    @property
    def is_makespan(self) -> bool:
        """Whether only the last minute counts."""
        return self.problem.objective == "makespan"

    def list_ends(self, placement: Placement) -> list[int]:
        """Give when each job is done."""
        return [
            start + ways[way].duration
            for start, way, ways in zip(placement.starts, placement.ways, self.ways, strict=True)
        ]

    def value_of(self, placement: Placement) -> int:
        """Give the objective: minutes, or citizen-minutes."""
        ends = self.list_ends(placement)
        return max(ends, default=0) if self.is_makespan else sum(self.losses(ends))

    def losses(self, ends: Sequence[int]) -> Iterator[int]:
        """Give the citizen-minutes that each job costs at its end."""
        for end, weight, due, penalty in zip(ends, self.weight, self.due, self.penalty, strict=True):
            yield weight * end + (penalty if end > due else 0)

    def open_timelines(self) -> list[Timeline]:
        """Give the crews that the jobs that have started leave free, by skill."""
        timelines = [Timeline(calendar) for calendar in self.calendars]
        for start, ways in zip(self.started, self.ways, strict=True):
            if start is not None:
                for skill, crews in ways[0].demands:
                    timelines[skill].take(start, start + ways[0].duration, crews)
        return timelines

    def find_horizon(self) -> int:
        """Give a minute before which some best plan has ended.

        Once everything is settled, a best plan in which no job can move forward alone leaves all crews idle no longer
        than until the next job fits into the empty calendar, so at most once per job.
        """
        moments = [calendar.settled_minute for calendar in self.calendars] + [*self.earliest, self.problem.now_minute]
        moments += [minute for minute in self.things if minute < NEVER]
        moments += [
            start + ways[0].duration for start, ways in zip(self.started, self.ways, strict=True) if start is not None
        ]
        settled = max(moments, default=0)
        work = sum(max(way.duration for way in ways) for ways in self.ways)
        if all(calendar.is_steady for calendar in self.calendars):
            return settled + work
        return settled + work + len(self) * max(self._waits(settled), default=0)

    def _waits(self, settled: int) -> Iterator[int]:
        """Give the longest wait of each way for a place in the empty calendars."""
        known: dict[tuple[int, tuple[tuple[int, int], ...]], int] = {}
        timelines = [Timeline(calendar) for calendar in self.calendars]
        for way in (way for ways in self.ways for way in ways):
            key = (way.duration, way.demands)
            if key not in known:
                known[key] = _longest_wait(timelines, settled, way)
            yield known[key]


def _longest_wait(timelines: Sequence[Timeline], settled: int, way: Way) -> int:
    """Walk through one period: a wait is longest just after the last minute at which the way could start."""
    if not way.demands or not way.duration:
        return 0
    longest = 0
    for skill, _ in way.demands:
        for change, _ in timelines[skill].list_free(settled + 2 * timelines[skill].period):
            for minute in (change, change + 1 - way.duration):
                found = find_slot(timelines, max(settled, minute), way.duration, way.demands)
                if found is None:
                    return 0
                longest = max(longest, found - max(settled, minute))
    return longest


def read_problem(problem: RecoveryProblem) -> Instance:
    """Give a valid problem with numbers for names."""
    skills = {crews.skill: 0 for crews in problem.crews}
    skills = {skill: number for number, skill in enumerate(skills)}
    names = {name: number for number, name in enumerate(_names(problem))}
    return Instance(
        problem,
        tuple(_read_ways(job, skills, names) for job in problem.jobs),
        tuple(max(problem.now_minute, job.earliest_start_minute) for job in problem.jobs),
        tuple(job.citizens_per_hour for job in problem.jobs),
        tuple(NEVER if job.due_minute is None else job.due_minute for job in problem.jobs),
        tuple(60 * job.breach_penalty_citizen_hours for job in problem.jobs),
        tuple(job.started_minute for job in problem.jobs),
        tuple(NEVER if thing.available_minute is None else thing.available_minute for thing in problem.things),
        tuple(
            Calendar(
                (crews for crews in (*problem.crews, *problem.overtime) if crews.skill == skill),
                (absence for absence in problem.absences if absence.skill == skill),
            )
            for skill in skills
        ),
    )


def _names(problem: RecoveryProblem) -> Iterator[str]:
    yield from (job.name for job in problem.jobs)
    yield from (thing.name for thing in problem.things)


def _read_ways(job: RecoveryJob, skills: dict[str, int], names: dict[str, int]) -> tuple[Way, ...]:
    def group(need: Need) -> Group:
        return need.at_least, tuple(names[name] for name in need.of)

    is_fact = job.started_minute is not None
    return tuple(
        Way(
            mode.duration_minutes,
            tuple((skills[skill], crews) for skill, crews in mode.crews.items() if crews),
            () if is_fact else tuple(group(need) for need in (*job.needs, *mode.needs) if need.at_least),
        )
        for mode in job.modes
    )


def write_plan(instance: Instance, placement: Placement) -> RecoveryPlan:
    """Give a placement by name, by start."""
    ends = instance.list_ends(placement)
    jobs = instance.problem.jobs
    planned = [
        PlannedJob(job.name, job.modes[way].name, start, end)
        for job, way, start, end in zip(jobs, placement.ways, placement.starts, ends, strict=True)
    ]
    return RecoveryPlan(tuple(sorted(planned, key=lambda entry: (entry.start_minute, entry.end_minute, entry.job))))


def read_plan(instance: Instance, plan: RecoveryPlan) -> Placement:
    """Give a plan by number; every job of the instance stands in it."""
    planned = {entry.job: entry for entry in plan.jobs}
    ways = [[mode.name for mode in job.modes].index(planned[job.name].mode) for job in instance.problem.jobs]
    return Placement(tuple(planned[job.name].start_minute for job in instance.problem.jobs), tuple(ways))
