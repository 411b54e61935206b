"""Is a plan possible, and what is it worth: a checker that shares no code with the solvers.

Moments are looked at one by one where something begins, ends or changes; in between nothing does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eendracht.kernel.errors import Fault
from eendracht.resilience.scheduling.problem import (
    Crews,
    Mode,
    Need,
    PlannedJob,
    RecoveryJob,
    RecoveryPlan,
    RecoveryProblem,
)


@dataclass(frozen=True, slots=True)
class Verification:
    """The faults of a plan and what it is worth; the figures mean something where there are no faults."""

    faults: tuple[Fault, ...]
    makespan_minutes: int
    citizen_minutes: int
    breaches: tuple[str, ...]
    penalty_citizen_minutes: int

    @property
    def is_possible(self) -> bool:
        """Whether the plan can be carried out."""
        return not self.faults

    def value_of(self, problem: RecoveryProblem) -> int:
        """Give the objective of the problem: minutes, or citizen-minutes with penalties."""
        if problem.objective == "makespan":
            return self.makespan_minutes
        return self.citizen_minutes + self.penalty_citizen_minutes


def check_schedule(problem: RecoveryProblem, plan: RecoveryPlan) -> Verification:
    """Look for every breach: jobs and modes, needs, moments, crews at every minute from now on; and count anew."""
    faults = list(_check_jobs(problem, plan))
    planned = {entry.job: entry for entry in plan.jobs}
    if not faults:
        faults = [*_check_moments(problem, planned), *_check_needs(problem, planned), *_check_crews(problem, planned)]
    ends = {entry.job: entry.end_minute for entry in plan.jobs}
    jobs = [job for job in problem.jobs if job.name in ends]
    late = [job for job in jobs if job.due_minute is not None and ends[job.name] > job.due_minute]
    return Verification(
        tuple(faults),
        max(ends.values(), default=0),
        sum(job.citizens_per_hour * ends[job.name] for job in jobs),
        tuple(job.name for job in late),
        sum(60 * job.breach_penalty_citizen_hours for job in late),
    )


def _fault(job: str, code: str, nl: str, en: str) -> Fault:
    return Fault(f"/plan/{job}", code, f"{job}: {nl}", f"{job}: {en}", "Plan the recovery again.")


def _check_jobs(problem: RecoveryProblem, plan: RecoveryPlan) -> Iterator[Fault]:
    count = Counter(entry.job for entry in plan.jobs)
    names = {job.name for job in problem.jobs}
    for name in sorted(names - set(count)):
        yield _fault(name, "not-planned", "staat niet in het plan.", "is not in the plan.")
    for name in sorted(set(count) - names):
        yield _fault(name, "not-asked", "hoort niet bij de opgave.", "does not belong to the problem.")
    for name, times in sorted(count.items()):
        if times > 1:
            yield _fault(name, "planned-twice", f"staat er {times} keer.", f"is there {times} times.")
    by_name = {job.name: job for job in problem.jobs}
    for entry in plan.jobs:
        if entry.job in by_name and all(mode.name != entry.mode for mode in by_name[entry.job].modes):
            yield _fault(entry.job, "no-such-mode", f"heeft geen {entry.mode}.", f"has no {entry.mode}.")


def _mode(job: RecoveryJob, entry: PlannedJob) -> Mode:
    return next(mode for mode in job.modes if mode.name == entry.mode)


def _check_moments(problem: RecoveryProblem, planned: Mapping[str, PlannedJob]) -> Iterator[Fault]:
    for job in problem.jobs:
        entry = planned[job.name]
        if entry.end_minute - entry.start_minute != _mode(job, entry).duration_minutes:
            yield _fault(job.name, "other-duration", "duurt niet zo lang.", "does not take so long.")
        if job.started_minute is not None:
            if entry.start_minute != job.started_minute:
                yield _fault(job.name, "moved", "was al begonnen.", "had started already.")
        elif entry.start_minute < max(problem.now_minute, job.earliest_start_minute):
            yield _fault(job.name, "too-early", "kan nog niet beginnen.", "cannot start yet.")


def _check_needs(problem: RecoveryProblem, planned: Mapping[str, PlannedJob]) -> Iterator[Fault]:
    """Let jobs in at their moment; what takes no time must be let in by others at the same moment before it helps."""
    there = {thing.name: thing.available_minute for thing in problem.things if thing.available_minute is not None}
    there.update({job.name: planned[job.name].end_minute for job in problem.jobs if job.started_minute is not None})
    waiting = [job for job in problem.jobs if job.started_minute is None]
    waiting.sort(key=lambda job: planned[job.name].start_minute)
    while waiting:
        let_in = [job for job in waiting if _is_met(job, planned[job.name], there)]
        if not let_in:
            break
        there.update({job.name: planned[job.name].end_minute for job in let_in})
        waiting = [job for job in waiting if job.name not in there]
    for job in waiting:
        yield _fault(job.name, "need-not-met", "begint voor wat het nodig heeft.", "starts before what it needs.")


def _is_met(job: RecoveryJob, entry: PlannedJob, there: Mapping[str, int]) -> bool:
    def holds(need: Need) -> bool:
        return sum(name in there and there[name] <= entry.start_minute for name in need.of) >= need.at_least

    return all(holds(need) for need in (*job.needs, *_mode(job, entry).needs))


def _check_crews(problem: RecoveryProblem, planned: Mapping[str, PlannedJob]) -> Iterator[Fault]:
    work = [(planned[job.name], _mode(job, planned[job.name]).crews) for job in problem.jobs]
    last = max((entry.end_minute for entry, _ in work), default=0)
    for skill in sorted({skill for _, crews in work for skill, count in crews.items() if count}):
        busy = [(entry, crews[skill]) for entry, crews in work if crews.get(skill)]
        moments = {minute for entry, _ in busy for minute in (entry.start_minute, entry.end_minute)}
        moments |= {
            minute
            for entry in (*problem.crews, *problem.overtime)
            if entry.skill == skill
            for minute in _list_changes(entry, last)
        }
        for gone in problem.absences:
            moments |= {gone.from_minute, gone.until_minute or 0} if gone.skill == skill else set()
        for minute in sorted(moments | {problem.now_minute}):
            if not problem.now_minute <= minute < last:
                continue
            asked = sum(count for entry, count in busy if entry.start_minute <= minute < entry.end_minute)
            if asked > (have := _count_crews(problem, skill, minute)):
                nl = f"op minuut {minute} zijn er {asked} bezig en {have} aanwezig."
                en = f"at minute {minute} {asked} are busy and {have} are there."
                yield _fault(skill, "over-capacity", nl, en)


def _list_changes(crews: Crews, last: int) -> Iterator[int]:
    for minute, _ in crews.levels:
        while minute <= last:
            yield minute
            if not crews.repeats_after_minutes:
                break
            minute += crews.repeats_after_minutes


def _count_crews(problem: RecoveryProblem, skill: str, minute: int) -> int:
    there = 0
    for crews in (*problem.crews, *problem.overtime):
        if crews.skill == skill:
            shifted = minute % crews.repeats_after_minutes if crews.repeats_after_minutes else minute
            there += [level for begin, level in crews.levels if begin <= shifted][-1]
    for gone in problem.absences:
        if gone.skill == skill and gone.from_minute <= minute:
            there -= gone.crews if gone.until_minute is None or minute < gone.until_minute else 0
    return max(0, there)
