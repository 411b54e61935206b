"""Plan again while the recovery is under way: what is done or running stays, the rest is planned anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.processes import Report
from eendracht.resilience.scheduling.checking import require_valid
from eendracht.resilience.scheduling.events import CrewLost, Event, JobAdded, JobFailed
from eendracht.resilience.scheduling.facts import Fact, check_events, gather_facts
from eendracht.resilience.scheduling.instance import Instance, Placement, read_problem
from eendracht.resilience.scheduling.plans import Schedule
from eendracht.resilience.scheduling.problem import Absence, Crews, RecoveryJob, RecoveryPlan, RecoveryProblem
from eendracht.resilience.scheduling.serial import build_serial_plan
from eendracht.resilience.scheduling.solving import search_schedule


@dataclass(frozen=True, slots=True)
class Replanned:
    """What is planned now: the problem as it has become, its schedule, and where every job of the old plan stands.

    `held_up` should have started by the old plan, but cannot have: what it needed or its crew was not there.
    """

    problem: RecoveryProblem
    schedule: Schedule
    done: tuple[str, ...]
    running: tuple[str, ...]
    held_up: tuple[str, ...]


def replan(
    problem: RecoveryProblem,
    plan: RecoveryPlan,
    now_minute: int,
    events: Sequence[Event] = (),
    *,
    time_limit_seconds: float = 4.0,
    seed: int = 1,
    report: Report = lambda stage, done, total: None,
) -> Replanned:
    """Plan the rest again after what has happened up to `now_minute`.

    Where nothing was reported, the plan was followed. The result is never worse than the serial rule on the rest, nor
    than the old plan moved up. What has started goes on after its crews' shift has ended; who stays for it is told as
    `problem.overtime`. Raises InvalidInput with every fault, among them crews that are lost while jobs that are running
    hold them.
    """
    faults = tuple(check_events(problem, plan, now_minute, events))
    if faults:
        raise InvalidInput("What was reported does not fit the plan.", faults=faults)
    facts, held_up = gather_facts(problem, plan, now_minute, events)
    revised = revise_problem(problem, facts, now_minute, events)
    instance = require_valid(revised)
    kept = _keep_order(instance, plan)
    schedule = search_schedule(instance, (kept,), time_limit_seconds, seed, report)
    started = sorted(facts.values(), key=lambda fact: (fact.start_minute, fact.job))
    return Replanned(
        revised,
        schedule,
        tuple(fact.job for fact in started if fact.end_minute <= now_minute),
        tuple(fact.job for fact in started if fact.end_minute > now_minute),
        held_up,
    )


def revise_problem(
    problem: RecoveryProblem, facts: dict[str, Fact], now_minute: int, events: Sequence[Event]
) -> RecoveryProblem:
    """Give the problem as it is now: with facts, lost crews, new jobs, and jobs to be done again."""
    failed = {event.job: event.modes for event in events if isinstance(event, JobFailed)}
    jobs = [_revise_job(job, facts.get(job.name), failed.get(job.name, ())) for job in problem.jobs]
    jobs += [event.job for event in events if isinstance(event, JobAdded)]
    overtime = _list_overtime(replace(problem, jobs=tuple(jobs), overtime=()), now_minute)
    lost = tuple(
        Absence(event.skill, event.crews, now_minute, event.until_minute)
        for event in events
        if isinstance(event, CrewLost)
    )
    return replace(
        problem, jobs=tuple(jobs), absences=problem.absences + lost, overtime=overtime, now_minute=now_minute
    )


def _list_overtime(problem: RecoveryProblem, now_minute: int) -> tuple[Crews, ...]:
    """Give by skill how many crews more than there are hold what has started, from now on."""
    skills = dict.fromkeys(crews.skill for crews in problem.crews)
    found = []
    for skill, line in zip(skills, read_problem(problem).open_timelines(), strict=True):
        short = [
            (max(minute, now_minute), max(0, -free))
            for minute, free in line.list_free(max(line.last_end, now_minute) + 1)
        ]
        levels = [(0, 0)]
        # Of all that lies before now the last holds at this minute.
        for minute, count in sorted(dict(short).items()):
            if count != levels[-1][1]:
                levels.append((minute, count))
        if len(levels) > 1:
            found.append(Crews(skill, tuple(levels)))
    return tuple(found)


def _revise_job(job: RecoveryJob, fact: Fact | None, modes: Sequence[str]) -> RecoveryJob:
    if fact is None:
        left = tuple(mode for mode in job.modes if not modes or mode.name in modes)
        return replace(job, modes=left, started_minute=None)
    duration = fact.end_minute - fact.start_minute
    mode = next(mode for mode in job.modes if mode.name == fact.mode)
    return replace(
        job, modes=(replace(mode, duration_minutes=duration, needs=()),), needs=(), started_minute=fact.start_minute
    )


def _keep_order(instance: Instance, plan: RecoveryPlan) -> Placement:
    """Give the old plan, in its order and modes, each job as early as it now can; what is new comes last."""
    planned = {entry.job: entry for entry in plan.jobs}
    latest = max((entry.start_minute for entry in plan.jobs), default=0) + 1
    priority, ways = [], []
    for job in instance.problem.jobs:
        entry = planned.get(job.name)
        priority.append(-float(entry.start_minute if entry else latest))
        modes = [mode.name for mode in job.modes]
        ways.append(modes.index(entry.mode) if entry and entry.mode in modes else None)
    return build_serial_plan(instance, priority, ways)
