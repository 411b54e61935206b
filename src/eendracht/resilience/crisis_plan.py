"""The plan of a crisis under way: what was reported is taken in, what is done stays, the rest is planned again.

Each report is an event in the log, and each new plan a version of one record. From these alone the state is worked out
again each time: the problem of the scenario as it was known when the crisis began, then event by event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.landscape import Landscape, build_landscape
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.resilience.board import Board, make_board, record_plan, show_board
from eendracht.resilience.crisis import CrisisLog, log_event, read_crisis
from eendracht.resilience.demand import read_demands
from eendracht.resilience.recovery import RecoveryTask, plan_task, read_restoring
from eendracht.resilience.scenarios import plan_scenario
from eendracht.resilience.scheduling import (
    Absence,
    CrewLost,
    Crews,
    Event,
    JobAdded,
    JobDone,
    JobFailed,
    JobLate,
    Mode,
    PlannedJob,
    RecoveryJob,
    RecoveryPlan,
    RecoveryProblem,
    replan,
)
from eendracht.resilience.scheduling.facts import gather_facts
from eendracht.resilience.scheduling.replanning import revise_problem
from eendracht.resilience.sitrep import JobState
from eendracht.resilience.whatif import Outcome, run_scenario

FIRST_SECONDS: Final = 4.0
AGAIN_SECONDS: Final = 3.0
"""So long is looked for a better plan while somebody waits."""
PLANNED_AGAIN: Final = frozenset({"done", "late", "failed", "crew-changed", "new-job"})
"""Types of events after which the rest is planned again; the others are only logged."""


@dataclass(frozen=True)
class CrisisState:
    """A crisis as it stands at a moment: its log, the plan in force, and where every job of it is."""

    log: CrisisLog
    landscape: Landscape
    outcome: Outcome
    task: RecoveryTask
    problem: RecoveryProblem
    plan: RecoveryPlan
    record: Record
    """The version of the recovery plan that is in force."""
    jobs: Sequence[JobState]
    now_minute: int


def begin_recovery(store: Store, author: Principal, crisis: str) -> str:
    """Make the first plan of a crisis and give its ref; raises InvalidInput where nothing can be planned."""
    log = read_crisis(store, author, crisis)
    landscape, run, demands = _read_world(store, author, log)
    board = make_board(store, author, landscape, demands, run, time_limit_seconds=FIRST_SECONDS)
    return record_plan(store, author, board, log.record.ref)


def _read_world(store: Store, asker: Principal, log: CrisisLog) -> tuple[Landscape, Any, Any]:
    """Give the estate as it was known when the crisis began: later corrections do not change what was planned."""
    landscape = build_landscape(store, asker, known_at=log.record.rv + 1)
    run = plan_scenario(store, asker, landscape, log.spec["scenario"])
    return landscape, run, read_demands(store, asker, landscape)


def read_state(store: Store, asker: Principal, crisis: str, now: datetime | None = None) -> CrisisState | None:
    """Give how a crisis stands; None where it has no plan yet."""
    log = read_crisis(store, asker, crisis)
    versions = _list_versions(store, asker, log)
    if not versions:
        return None
    landscape, run, demands = _read_world(store, asker, log)
    task = plan_task(landscape, demands, run, read_restoring(store, asker, landscape, run))
    problem, plan = task.problem, _read_plan(store, versions[0])
    by_ref = {event.ref: event for event in log.events}
    for version in versions[1:]:
        event = by_ref.get(version.spec(store.registry).get("afterEvent", ""))
        if event is None:
            continue
        spec = event.spec(store.registry)
        at = max(log.minutes_since(datetime.fromisoformat(spec["at"])), problem.now_minute)
        problem, events = _change(problem, plan, at, spec)
        facts, _ = gather_facts(problem, plan, at, events)
        problem = revise_problem(problem, facts, at, events)
        plan = _read_plan(store, version)
    minute = log.minutes_since(now or store.clock.now())
    outcome = run_scenario(landscape, demands, run)
    states = _judge_jobs(landscape, problem, plan, minute, log, store)
    return CrisisState(log, landscape, outcome, task, problem, plan, versions[-1], states, minute)


def _list_versions(store: Store, asker: Principal, log: CrisisLog) -> list[Record]:
    """Give every plan of the crisis, oldest first."""
    found = [
        record
        for record in store.snapshot(asker, kind="recovery-plan")
        if record.spec(store.registry).get("crisis") in (log.record.ref, log.record.uid)
    ]
    if not found:
        return []
    return sorted(store.history(found[0].ref, asker), key=lambda record: record.rv)


def _read_plan(store: Store, record: Record) -> RecoveryPlan:
    return RecoveryPlan(
        tuple(
            PlannedJob(job["about"], job["mode"], _minutes(job["startHours"]), _minutes(job["endHours"]))
            for job in record.spec(store.registry).get("jobs", ())
        )
    )


def _minutes(hours: Any) -> int:
    return round(float(hours) * 60)


def _change(
    problem: RecoveryProblem, plan: RecoveryPlan, minute: int, spec: Mapping[str, Any]
) -> tuple[RecoveryProblem, tuple[Event, ...]]:
    """Give the problem with what a report changes in it, and the event that the planner takes in beside it."""
    kind, about = spec["type"], spec.get("about", "")
    planned = {job.job: job for job in plan.jobs}
    start = planned[about].start_minute if about in planned else minute
    if kind == "crew-changed":
        there = sum(_level(crew, minute) for crew in problem.crews if crew.skill == spec["skill"])
        there -= sum(_gone(gone, minute) for gone in problem.absences if gone.skill == spec["skill"])
        missing = there - int(spec["people"])
        if missing >= 0:
            return problem, (CrewLost(spec["skill"], missing),)
        more = Crews(spec["skill"], ((0, 0), (minute, -missing)) if minute else ((0, -missing),))
        return replace(problem, crews=(*problem.crews, more)), ()
    if kind == "new-job":
        mode = Mode("restore", _minutes(spec["durationHours"]), _one_crew(spec))
        return problem, (JobAdded(RecoveryJob(about, (mode,))),)
    if kind == "failed":
        return problem, (JobFailed(about),)
    if kind == "done":
        return problem, (JobDone(about, minute, min(start, minute)),)
    left = _minutes(spec["durationHours"])
    if about in planned and start >= minute:
        # It has not begun: it will take longer than was thought.
        return replace(problem, jobs=tuple(_lengthen(job, about, left) for job in problem.jobs)), ()
    return problem, (JobLate(about, minute - start + left, start),)


def _lengthen(job: RecoveryJob, about: str, minutes: int) -> RecoveryJob:
    if job.name != about:
        return job
    return replace(job, modes=tuple(replace(mode, duration_minutes=minutes) for mode in job.modes))


def _gone(absence: Absence, minute: int) -> int:
    is_gone = absence.from_minute <= minute and (absence.until_minute is None or minute < absence.until_minute)
    return absence.crews if is_gone else 0


def _one_crew(spec: Mapping[str, Any]) -> dict[str, int]:
    return {spec["skill"]: int(spec.get("people") or 1)} if spec.get("skill") else {}


def _level(crew: Crews, minute: int) -> int:
    at = minute % crew.repeats_after_minutes if crew.repeats_after_minutes else minute
    return [people for begin, people in crew.levels if begin <= at][-1]


def report_event(
    store: Store, author: Principal, crisis: str, type: str, *, time_limit_seconds: float = AGAIN_SECONDS, **said: Any
) -> str:
    """Log an event and, where it changes the plan, plan the rest again; gives the ref of the event.

    Raises InvalidInput with every fault before anything is logged, such as a job that the plan does not know.
    """
    log = read_crisis(store, author, crisis)
    if type not in PLANNED_AGAIN:
        return log_event(store, author, log, type, **said)
    _check_report(type, said)
    now = said.pop("at", None) or store.clock.now()
    state = read_state(store, author, crisis, now)
    if state is None:
        raise InvalidInput("The crisis has no plan yet", hint="Make the recovery plan first.")
    minute = max(state.now_minute, state.problem.now_minute)
    problem, events = _change(state.problem, state.plan, minute, {"type": type, **said})
    found = replan(problem, state.plan, minute, events, time_limit_seconds=time_limit_seconds)
    ref = log_event(store, author, log, type, at=now, **said)
    things = dict(state.task.things)
    if type == "new-job":
        things[said["about"]] = state.landscape.things[state.landscape.locate(said["about"])]
    task = replace(state.task, problem=found.problem, things=things)
    board: Board = show_board(task, found.schedule)
    record_plan(store, author, board, log.record.ref, ref)
    return ref


def _check_report(type: str, said: Mapping[str, Any]) -> None:
    needed = {
        "done": ("about",),
        "failed": ("about",),
        "late": ("about", "durationHours"),
        "new-job": ("about", "durationHours"),
        "crew-changed": ("skill", "people"),
    }[type]
    faults = [
        Fault(f"/{name}", "missing", "Dit ontbreekt", "This is missing", "Fill it in.")
        for name in needed
        if said.get(name) in (None, "")
    ]
    if faults:
        raise InvalidInput("The report is not complete", faults=faults)


def _judge_jobs(
    landscape: Landscape, problem: RecoveryProblem, plan: RecoveryPlan, minute: int, log: CrisisLog, store: Store
) -> list[JobState]:
    """Tell of every job whether it is planned, running, done or late, as far as was reported."""
    late = {
        event.spec(store.registry).get("about")
        for event in log.events
        if event.spec(store.registry)["type"] in ("late", "failed")
    }
    started = {job.name for job in problem.jobs if job.started_minute is not None}
    states = []
    for job in plan.jobs:
        if job.end_minute <= minute and (job.job in started or job.start_minute < minute):
            state = "done"
        elif job.start_minute <= minute and job.end_minute > minute:
            state = "late" if job.job in late else "running"
        else:
            state = "late" if job.job in late else "planned"
        node = landscape.estate.index.get(job.job)
        if node is not None:
            thing = landscape.things[node]
            states.append(JobState(thing, state, job.start_minute / 60, job.end_minute / 60))
    return states
