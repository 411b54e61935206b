"""The meaning of a problem minute by minute, and the best plan by trying them all; shares no code with the product."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from eendracht.resilience.scheduling import Mode, PlannedJob, RecoveryJob, RecoveryPlan, RecoveryProblem


def count_crews(problem: RecoveryProblem, skill: str, minute: int) -> int:
    """Give the crews there are at a minute, walking there from minute 0."""
    total = 0
    for crews in problem.crews:
        if crews.skill == skill:
            clock, level = 0, crews.levels[0][1]
            for step in range(minute + 1):
                clock = step % crews.repeats_after_minutes if crews.repeats_after_minutes else step
                level = dict(crews.levels).get(clock, level)
            total += level
    for absence in problem.absences:
        if absence.skill == skill and minute in range(absence.from_minute, absence.until_minute or 10**9):
            total -= absence.crews
    return max(total, 0)


def is_possible(problem: RecoveryProblem, plan: RecoveryPlan) -> bool:
    """Whether a plan with every job once, in one of its modes, can be carried out."""
    jobs = {job.name: job for job in problem.jobs}
    modes = {one.job: next(mode for mode in jobs[one.job].modes if mode.name == one.mode) for one in plan.jobs}
    last = max(one.end_minute for one in plan.jobs)
    for one in plan.jobs:
        if one.start_minute < max(jobs[one.job].earliest_start_minute, problem.now_minute):
            return False
        if one.end_minute != one.start_minute + modes[one.job].duration_minutes:
            return False
    for minute in range(last):
        for skill in {crews.skill for crews in problem.crews}:
            asked = sum(
                modes[one.job].crews.get(skill, 0) for one in plan.jobs if one.start_minute <= minute < one.end_minute
            )
            if asked > count_crews(problem, skill, minute):
                return False
    return _starts_in_order(problem, plan, jobs, modes)


def _starts_in_order(
    problem: RecoveryProblem, plan: RecoveryPlan, jobs: dict[str, RecoveryJob], modes: dict[str, Mode]
) -> bool:
    there = {thing.name: thing.available_minute for thing in problem.things if thing.available_minute is not None}
    left = list(plan.jobs)
    while left:
        for one in left:
            needs = (*jobs[one.job].needs, *modes[one.job].needs)
            ready = [sum(there.get(name, 10**9) <= one.start_minute for name in need.of) for need in needs]
            if all(count >= need.at_least for count, need in zip(ready, needs, strict=True)):
                there[one.job] = one.end_minute
                left.remove(one)
                break
        else:
            return False
    return True


def value_of(problem: RecoveryProblem, plan: RecoveryPlan) -> int:
    """Give the objective in minutes or citizen-minutes."""
    ends = {one.job: one.end_minute for one in plan.jobs}
    if problem.objective == "makespan":
        return max(ends.values())
    total = 0
    for job in problem.jobs:
        total += job.citizens_per_hour * ends[job.name]
        if job.due_minute is not None and ends[job.name] > job.due_minute:
            total += 60 * job.breach_penalty_citizen_hours
    return total


def list_plans(problem: RecoveryProblem, last_start: int) -> Iterator[RecoveryPlan]:
    """Give every choice of modes and starts."""
    options = [
        [
            PlannedJob(job.name, mode.name, start, start + mode.duration_minutes)
            for mode in job.modes
            for start in range(last_start + 1)
        ]
        for job in problem.jobs
    ]
    yield from (RecoveryPlan(chosen) for chosen in product(*options))


def find_best(problem: RecoveryProblem, last_start: int = 11) -> int | None:
    """Give the least value of all possible plans; None if there is none."""
    best = None
    for plan in list_plans(problem, last_start):
        value = value_of(problem, plan)
        if (best is None or value < best) and is_possible(problem, plan):
            best = value
    return best
