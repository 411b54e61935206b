"""What has really happened up to now: jobs that are done or running, by the plan and by what was reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eendracht.kernel.errors import Fault
from eendracht.resilience.scheduling.calendars import Timeline
from eendracht.resilience.scheduling.events import CrewLost, Event, JobAdded, JobDone, JobFailed, JobLate
from eendracht.resilience.scheduling.instance import Instance, Way, read_problem
from eendracht.resilience.scheduling.problem import Mode, Need, PlannedJob, RecoveryJob, RecoveryPlan, RecoveryProblem


@dataclass(frozen=True, slots=True)
class Fact:
    """A job that has started, in this mode, which ends at this minute as far as is known."""

    job: str
    mode: str
    start_minute: int
    end_minute: int


def check_events(
    problem: RecoveryProblem, plan: RecoveryPlan, now_minute: int, events: Sequence[Event]
) -> Iterator[Fault]:
    """Give every fault of what was reported."""
    planned = {entry.job: entry for entry in plan.jobs}
    for at, job in enumerate(problem.jobs):
        if job.name not in planned:
            nl, en = f"{job.name} staat niet in het plan.", f"{job.name} is not in the plan."
            yield Fault(f"/jobs/{at}", "not-planned", nl, en, "Give a plan of this problem.")
    if now_minute < problem.now_minute:
        nl, en = "Nu ligt voor het vorige nu.", "Now is before the earlier now."
        yield Fault("/now_minute", "back-in-time", nl, en, f"Give {problem.now_minute} or later.")
    told = Counter(event.job for event in events if not isinstance(event, CrewLost | JobAdded))
    by_name = {job.name: job for job in problem.jobs}
    for at, event in enumerate(events):
        pointer = f"/events/{at}"
        if isinstance(event, CrewLost | JobAdded):
            continue
        if event.job not in by_name or event.job not in planned:
            nl, en = f"Er is geen klus {event.job}.", f"There is no job {event.job}."
            yield Fault(f"{pointer}/job", "unknown-job", nl, en, "Name a job of the plan.")
        elif told[event.job] > 1:
            nl, en = f"Over {event.job} is meer gemeld.", f"More was reported about {event.job}."
            yield Fault(f"{pointer}/job", "told-twice", nl, en, "Report once what is true now.")
        elif isinstance(event, JobFailed):
            yield from _check_modes(pointer, event, by_name[event.job])
        else:
            yield from _check_moments(pointer, event, planned[event.job], now_minute)


def _check_modes(pointer: str, event: JobFailed, job: RecoveryJob) -> Iterator[Fault]:
    for name in event.modes:
        if all(mode.name != name for mode in job.modes):
            nl, en = f"{job.name} heeft geen werkwijze {name}.", f"{job.name} has no mode {name}."
            yield Fault(f"{pointer}/modes", "unknown-mode", nl, en, "Name modes of the job, or none.")


def _check_moments(pointer: str, event: JobDone | JobLate, entry: PlannedJob, now: int) -> Iterator[Fault]:
    start = entry.start_minute if event.started_minute is None else event.started_minute
    end = event.minute if isinstance(event, JobDone) else start + event.duration_minutes
    if not 0 <= start <= now or start > end:
        nl = f"{event.job} begon volgens deze melding op minuut {start}; dat kan niet."
        en = f"By this report {event.job} started at minute {start}; that cannot be."
        hint = "Say when it really started: not after now, and not after its end."
        yield Fault(f"{pointer}/started_minute", "not-started", nl, en, hint)
    elif isinstance(event, JobDone) and end > now:
        nl, en = f"Minuut {end} is nog niet geweest.", f"Minute {end} is still to come."
        yield Fault(f"{pointer}/minute", "still-to-come", nl, en, "Report it as late with its new duration.")
    elif isinstance(event, JobLate) and end < now:
        nl, en = f"Dan was {event.job} al klaar op minuut {end}.", f"Then {event.job} was done at minute {end}."
        yield Fault(f"{pointer}/duration_minutes", "over-already", nl, en, "Report it as done.")


def gather_facts(
    problem: RecoveryProblem, plan: RecoveryPlan, now_minute: int, events: Sequence[Event]
) -> tuple[dict[str, Fact], tuple[str, ...]]:
    """Give the facts by job, and the jobs that should have started but cannot have.

    What was reported is so. Where nothing was, a job has started when its plan lies before now, what it needed was
    there and its crews were not held up by others.
    """
    reported, failed = _read_reports(problem, plan, events)
    facts = dict(reported)
    there = {thing.name: thing.available_minute for thing in problem.things if thing.available_minute is not None}
    there.update({entry.job: entry.end_minute for entry in plan.jobs if entry.job in failed})
    there.update({fact.job: fact.end_minute for fact in reported.values()})
    instance = read_problem(problem)
    numbers = {job.name: number for number, job in enumerate(problem.jobs)}
    lines = [Timeline(calendar) for calendar in instance.calendars]
    held_up: list[str] = []
    for fact in reported.values():
        _take(instance, lines, numbers[fact.job], fact)
    for entry in sorted(plan.jobs, key=lambda entry: (entry.start_minute, entry.end_minute)):
        if entry.job in facts or entry.job in failed or entry.start_minute >= now_minute:
            continue
        fact = Fact(entry.job, entry.mode, entry.start_minute, entry.end_minute)
        number = numbers[entry.job]
        if _is_met(problem.jobs[number], fact, there) and _fits(instance, lines, number, fact, now_minute):
            facts[entry.job] = fact
            there[entry.job] = fact.end_minute
            _take(instance, lines, number, fact)
        else:
            held_up.append(entry.job)
    return facts, tuple(held_up)


def _read_reports(
    problem: RecoveryProblem, plan: RecoveryPlan, events: Sequence[Event]
) -> tuple[dict[str, Fact], set[str]]:
    planned = {entry.job: entry for entry in plan.jobs}
    failed = {event.job for event in events if isinstance(event, JobFailed)}
    facts: dict[str, Fact] = {}
    for job in problem.jobs:
        if job.started_minute is not None and job.name not in failed:
            end = job.started_minute + job.modes[0].duration_minutes
            facts[job.name] = Fact(job.name, job.modes[0].name, job.started_minute, end)
    for event in events:
        if isinstance(event, JobDone | JobLate):
            entry = planned[event.job]
            start = entry.start_minute if event.started_minute is None else event.started_minute
            end = event.minute if isinstance(event, JobDone) else start + event.duration_minutes
            facts[event.job] = Fact(event.job, entry.mode, start, end)
    return facts, failed


def _is_met(job: RecoveryJob, fact: Fact, there: Mapping[str, int]) -> bool:
    def holds(need: Need) -> bool:
        return sum(name in there and there[name] <= fact.start_minute for name in need.of) >= need.at_least

    return job.started_minute is not None or all(holds(need) for need in (*job.needs, *_mode_of(job, fact).needs))


def _mode_of(job: RecoveryJob, fact: Fact) -> Mode:
    return next(mode for mode in job.modes if mode.name == fact.mode)


def _way_of(instance: Instance, number: int, fact: Fact) -> Way:
    job = instance.problem.jobs[number]
    return instance.ways[number][job.modes.index(_mode_of(job, fact))]


def _take(instance: Instance, lines: Sequence[Timeline], number: int, fact: Fact) -> None:
    for skill, crews in _way_of(instance, number, fact).demands:
        lines[skill].take(fact.start_minute, fact.end_minute, crews)


def _fits(instance: Instance, lines: Sequence[Timeline], number: int, fact: Fact, now: int) -> bool:
    """Whether its crews were free from its start until now."""
    known = min(fact.end_minute, now) - fact.start_minute
    return known <= 0 or all(
        lines[skill].find(fact.start_minute, known, crews) == fact.start_minute
        for skill, crews in _way_of(instance, number, fact).demands
    )
