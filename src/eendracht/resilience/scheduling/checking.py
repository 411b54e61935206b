"""Is a problem one that can be planned: every fault at once, each with its place and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import lcm
from typing import Final

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.resilience.scheduling.calendars import Timeline, find_slot
from eendracht.resilience.scheduling.cycles import find_deadlocks
from eendracht.resilience.scheduling.instance import Instance, read_problem
from eendracht.resilience.scheduling.problem import Crews, Mode, Need, RecoveryJob, RecoveryProblem

MAX_JOBS: Final = 5_000
MAX_MINUTES: Final = 10_000_000
"""Nineteen years."""
MAX_PERIOD_MINUTES: Final = 366 * 1_440
MAX_VALUE: Final = 1 << 53


def require_valid(problem: RecoveryProblem) -> Instance:
    """Give the problem as the solvers read it; raises InvalidInput with every fault."""
    faults = check_problem(problem)
    if faults:
        raise InvalidInput("This cannot be planned.", faults=faults)
    return read_problem(problem)


def check_problem(problem: RecoveryProblem) -> tuple[Fault, ...]:
    """Give every fault of a problem; what cannot be done at all is looked for once the rest holds."""
    faults = (*_check_names(problem), *_check_crews(problem), *_check_jobs(problem))
    return faults or tuple(_check_feasibility(read_problem(problem)))


def _check_names(problem: RecoveryProblem) -> Iterator[Fault]:
    if len(problem.jobs) > MAX_JOBS:
        nl, en = f"Meer dan {MAX_JOBS} klussen.", f"More than {MAX_JOBS} jobs."
        yield Fault("/jobs", "too-many-jobs", nl, en, "Plan the jobs of one scenario, or join small ones.")
    seen: set[str] = set()
    places = [(f"/jobs/{at}/name", job.name) for at, job in enumerate(problem.jobs)]
    places += [(f"/things/{at}/name", thing.name) for at, thing in enumerate(problem.things)]
    for pointer, name in places:
        if not name:
            yield Fault(pointer, "no-name", "Geen naam.", "No name.", "Give it a name.")
        elif name in seen:
            nl, en = f"{name} staat er al.", f"{name} is there already."
            yield Fault(pointer, "double-name", nl, en, "Give each job and thing a name of its own.")
        seen.add(name)
    for at, thing in enumerate(problem.things):
        yield from _check_number(f"/things/{at}/available_minute", thing.available_minute or 0)
    yield from _check_number("/now_minute", problem.now_minute)


def _check_number(pointer: str, value: int, most: int = MAX_MINUTES) -> Iterator[Fault]:
    if value < 0:
        yield Fault(pointer, "negative", f"{value} is negatief.", f"{value} is negative.", "Give 0 or more.")
    elif value > most:
        nl, en = f"{value} is te groot.", f"{value} is too large."
        yield Fault(pointer, "too-large", nl, en, f"Give {most} at most.")


def _check_crews(problem: RecoveryProblem) -> Iterator[Fault]:
    for at, crews in enumerate(problem.crews):
        yield from _check_levels(f"/crews/{at}", crews)
    if lcm(*(max(1, crews.repeats_after_minutes or 1) for crews in problem.crews)) > MAX_PERIOD_MINUTES:
        nl = "De roosters vallen pas na meer dan een jaar weer samen."
        en = "It takes more than a year before the calendars fall together again."
        yield Fault("/crews", "long-period", nl, en, "Let calendars repeat after a day or a week.")
    skills = {crews.skill for crews in problem.crews}
    for at, absence in enumerate(problem.absences):
        pointer = f"/absences/{at}"
        if absence.skill not in skills:
            yield _unknown_skill(f"{pointer}/skill", absence.skill)
        yield from _check_number(f"{pointer}/crews", absence.crews)
        yield from _check_number(f"{pointer}/from_minute", absence.from_minute)
        until = absence.until_minute
        if until is not None:
            yield from _check_number(f"{pointer}/until_minute", until)
            if until <= absence.from_minute:
                nl, en = "Het einde ligt niet na het begin.", "The end is not after the begin."
                yield Fault(f"{pointer}/until_minute", "bad-interval", nl, en, "Give a later end, or none.")


def _check_levels(pointer: str, crews: Crews) -> Iterator[Fault]:
    minutes = [minute for minute, _ in crews.levels]
    if minutes[:1] != [0]:
        nl, en = "Het rooster begint niet op minuut 0.", "The calendar does not begin at minute 0."
        yield Fault(f"{pointer}/levels", "no-first-level", nl, en, "Begin with (0, the crews at the start).")
    if any(later <= earlier for earlier, later in pairwise(minutes)):
        nl, en = "De minuten lopen niet op.", "The minutes do not go up."
        yield Fault(f"{pointer}/levels", "not-in-order", nl, en, "Sort the levels by minute, each minute once.")
    for at, (minute, level) in enumerate(crews.levels):
        yield from _check_number(f"{pointer}/levels/{at}/0", minute)
        yield from _check_number(f"{pointer}/levels/{at}/1", level)
    repeats = crews.repeats_after_minutes
    if repeats is not None and (repeats <= max(minutes, default=0) or repeats > MAX_PERIOD_MINUTES):
        nl, en = f"Herhaalt zich na {repeats} minuten.", f"It repeats after {repeats} minutes."
        hint = f"Repeat after the last level, and within {MAX_PERIOD_MINUTES} minutes."
        yield Fault(f"{pointer}/repeats_after_minutes", "bad-period", nl, en, hint)


def _unknown_skill(pointer: str, skill: str) -> Fault:
    nl, en = f"Niemand heeft de vaardigheid {skill}.", f"Nobody has the skill {skill}."
    return Fault(pointer, "unknown-skill", nl, en, "Add crews with this skill, or ask for another one.")


def _check_jobs(problem: RecoveryProblem) -> Iterator[Fault]:
    names = {job.name for job in problem.jobs} | {thing.name for thing in problem.things}
    skills = {crews.skill for crews in problem.crews}
    for at, job in enumerate(problem.jobs):
        pointer = f"/jobs/{at}"
        for name in ("earliest_start_minute", "breach_penalty_citizen_hours", "citizens_per_hour"):
            yield from _check_number(f"{pointer}/{name}", getattr(job, name), MAX_MINUTES * 100)
        yield from _check_number(f"{pointer}/due_minute", job.due_minute or 0)
        yield from _check_needs(f"{pointer}/needs", job.name, job.needs, names)
        yield from _check_modes(pointer, job, names, skills)
        yield from _check_start(pointer, job, problem.now_minute)
    work = sum(max((mode.duration_minutes for mode in job.modes), default=0) for job in problem.jobs)
    rate = sum(job.citizens_per_hour for job in problem.jobs)
    penalties = sum(job.breach_penalty_citizen_hours for job in problem.jobs)
    if (work + MAX_MINUTES) * rate + 60 * penalties > MAX_VALUE:
        nl, en = "De verliezen zijn samen te groot om te tellen.", "Together the losses are too large to count."
        yield Fault("/jobs", "too-large", nl, en, "Count in thousands of citizens.")


def _check_modes(pointer: str, job: RecoveryJob, names: set[str], skills: set[str]) -> Iterator[Fault]:
    if not job.modes:
        nl, en = f"{job.name} heeft geen werkwijze.", f"{job.name} has no mode."
        yield Fault(f"{pointer}/modes", "no-mode", nl, en, "Give at least one mode with its duration.")
    for name, count in Counter(mode.name for mode in job.modes).items():
        if count > 1:
            nl, en = f"Werkwijze {name} staat er {count} keer.", f"Mode {name} is there {count} times."
            yield Fault(f"{pointer}/modes", "double-mode", nl, en, "Give each mode of a job a name of its own.")
    for at, mode in enumerate(job.modes):
        place = f"{pointer}/modes/{at}"
        yield from _check_number(f"{place}/duration_minutes", mode.duration_minutes)
        for skill, crews in mode.crews.items():
            if crews and skill not in skills:
                yield _unknown_skill(f"{place}/crews/{_escape(skill)}", skill)
            yield from _check_number(f"{place}/crews/{_escape(skill)}", crews)
        yield from _check_needs(f"{place}/needs", job.name, mode.needs, names)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _check_needs(pointer: str, name: str, needs: Iterable[Need], names: set[str]) -> Iterator[Fault]:
    for at, need in enumerate(needs):
        place = f"{pointer}/{at}"
        for number, member in enumerate(need.of):
            if member not in names:
                nl, en = f"Er is geen klus {member}.", f"There is no job {member}."
                yield Fault(f"{place}/of/{number}", "unknown-job", nl, en, "Name a job or a thing of this problem.")
            elif member == name:
                nl, en = f"{name} heeft zichzelf nodig.", f"{name} needs itself."
                yield Fault(f"{place}/of/{number}", "needs-itself", nl, en, "Take it out of its own needs.")
        if len(set(need.of)) < len(need.of):
            nl, en = "Een naam staat er dubbel.", "A name is there twice."
            yield Fault(f"{place}/of", "double-member", nl, en, "Name each job once in a need.")
        if not 0 <= need.at_least <= len(need.of):
            nl = f"Vraagt {need.at_least} van {len(need.of)}."
            en = f"It asks {need.at_least} of {len(need.of)}."
            yield Fault(f"{place}/at_least", "k-beyond-n", nl, en, "Ask as many as there are names, or fewer.")


def _check_start(pointer: str, job: RecoveryJob, now: int) -> Iterator[Fault]:
    if job.started_minute is None:
        return
    if not 0 <= job.started_minute <= now:
        nl = f"{job.name} is begonnen op minuut {job.started_minute}; het is nu minuut {now}."
        en = f"{job.name} has started at minute {job.started_minute}; it is minute {now} now."
        hint = "Give a start that is not after now, or none."
        yield Fault(f"{pointer}/started_minute", "starts-later", nl, en, hint)
    if len(job.modes) > 1:
        nl, en = f"{job.name} loopt, maar op welke wijze?", f"{job.name} is running, but in which mode?"
        yield Fault(f"{pointer}/modes", "mode-open", nl, en, "Leave only the mode in which it is done.")


def _check_feasibility(instance: Instance) -> Iterator[Fault]:
    yield from _check_facts(instance)
    timelines = instance.open_timelines()
    usable: list[list[int]] = []
    faults: list[Fault] = []
    for job, ways in enumerate(instance.ways):
        if instance.started[job] is not None:
            usable.append([0])
            continue
        settled = [
            find_slot(timelines, _settle(timelines, instance), way.duration, way.demands) is not None for way in ways
        ]
        usable.append([number for number, fits in enumerate(settled) if fits])
        if not usable[-1]:
            faults += [
                _explain_no_crew(instance, timelines, job, number, mode)
                for number, mode in enumerate(instance.problem.jobs[job].modes)
            ]
    yield from faults
    if not faults:
        yield from find_deadlocks(instance, usable)


def _settle(timelines: Iterable[Timeline], instance: Instance) -> int:
    """Give a minute after which the calendars only repeat and nothing that runs now is left."""
    moments = [max(line.settled_minute, line.last_end) for line in timelines]
    return max([*moments, *instance.earliest, instance.problem.now_minute], default=0)


def _explain_no_crew(instance: Instance, timelines: list[Timeline], job: int, number: int, mode: Mode) -> Fault:
    pointer = f"/jobs/{job}/modes/{number}"
    settled = _settle(timelines, instance)
    skills = list(dict.fromkeys(crews.skill for crews in instance.problem.crews))
    for skill, asked in instance.ways[job][number].demands:
        calendar = instance.calendars[skill]
        steps = calendar.list_steps(0, settled + 2 * calendar.period)
        most = max(level for _, level in steps)
        last = max(level for minute, level in calendar.list_steps(settled, settled + 2 * calendar.period))
        place = f"{pointer}/crews/{_escape(skills[skill])}"
        if most < asked:
            nl = f"Vraagt {asked} ploegen {skills[skill]}; het zijn er nooit meer dan {most}."
            en = f"It asks {asked} crews {skills[skill]}; there are never more than {most}."
            return Fault(place, "too-few-crews", nl, en, "Ask fewer crews, or borrow some.")
        if last < asked:
            nl = f"Vraagt {asked} ploegen {skills[skill]}; na minuut {settled} zijn het er hooguit {last}."
            en = f"It asks {asked} crews {skills[skill]}; after minute {settled} there are {last} at most."
            return Fault(place, "crews-leave", nl, en, "Say which crews there are later on.")
    nl = f"Duurt {mode.duration_minutes} minuten; zo lang achtereen zijn de ploegen er nooit samen."
    en = f"It takes {mode.duration_minutes} minutes; the crews are never there together for so long."
    return Fault(f"{pointer}/duration_minutes", "no-window", nl, en, "Cut it into parts, or lengthen the shifts.")


def _check_facts(instance: Instance) -> Iterator[Fault]:
    """Find crews that jobs which have started keep busy from now on although they are not there."""
    now = instance.problem.now_minute
    skills = list(dict.fromkeys(crews.skill for crews in instance.problem.crews))
    for skill, line in enumerate(instance.open_timelines()):
        short = [minute for minute, free in _from_now(line, now) if free < 0]
        if not short:
            continue
        busy = [
            job.name
            for job, ways in zip(instance.problem.jobs, instance.ways, strict=True)
            if job.started_minute is not None
            and any(number == skill for number, _ in ways[0].demands)
            and job.started_minute <= short[0] < job.started_minute + ways[0].duration
        ]
        nl = f"Op minuut {short[0]} zijn er te weinig ploegen {skills[skill]} voor wat al loopt: {', '.join(busy)}."
        en = f"At minute {short[0]} there are too few crews {skills[skill]} for what is running: {', '.join(busy)}."
        yield Fault("/jobs", "crews-still-working", nl, en, "Say which of these jobs has stopped.")


def _from_now(line: Timeline, now: int) -> list[tuple[int, int]]:
    steps = line.list_free(max(line.last_end, now) + 1)
    before = [free for minute, free in steps if minute <= now]
    return [(now, before[-1]), *((minute, free) for minute, free in steps if minute > now)]
