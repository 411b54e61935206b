"""The recovery board: the plan of a scenario with everything that a crisis team asks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.identity import slug
from eendracht.kernel.landscape import Landscape, Thing
from eendracht.kernel.store import Store
from eendracht.kernel.wording import Said, say
from eendracht.resilience.crisis import authority_of
from eendracht.resilience.demand import Demands
from eendracht.resilience.recovery import RecoveryTask, plan_task, read_restoring
from eendracht.resilience.scheduling import Reason, Schedule, explain_schedule, schedule_recovery
from eendracht.resilience.whatif import ScenarioRun

MOST_RECORDED: Final = 5000


@dataclass(frozen=True, slots=True)
class BoardJob:
    """One job on the board: what comes back, in which way, when, for how many people, and why it stands here."""

    thing: Thing
    mode: str
    start_hours: float
    end_hours: float
    citizens: int
    why: Said


@dataclass(frozen=True)
class Board:
    """A plan with its jobs by start, those that take work before those that follow by themselves."""

    task: RecoveryTask
    schedule: Schedule
    jobs: Sequence[BoardJob]

    def say_summary(self) -> list[Said]:
        """Say what the plan comes to, how good it is known to be, and what it cannot bring back."""
        schedule, task = self.schedule, self.task
        lines = [
            say(
                "{name}: alles wat terug kan komen is terug na {hours} uur",
                "{name}: all that can come back is back after {hours} h",
                name=task.scenario.name,
                hours=f"{schedule.makespan_minutes / 60:.1f}",
            ),
            _say_worth(schedule),
        ]
        counts = (
            (
                task.assumed,
                "Van {n} {n:ding is|dingen is} geen herstelwijze vastgelegd: er is een dag voor gerekend",
                "Of {n} {n:thing|things} nobody recorded how it is restored: a day was taken for it",
            ),
            (
                task.lost,
                "{n} {n:leverancier komt|leveranciers komen} niet terug",
                "{n} {n:supplier does|suppliers do} not come back",
            ),
            (
                task.stranded,
                "Voor {n} {n:ding|dingen} is geen weg terug vastgelegd",
                "For {n} {n:thing|things} no way back is recorded",
            ),
        )
        return lines + [say(nl, en, n=len(refs)) for refs, nl, en in counts if refs]


def _say_worth(schedule: Schedule) -> Said:
    value, serial, bound = (round(minutes / 60) for minutes in (schedule.value, schedule.serial_value, schedule.bound))
    if schedule.status == "optimal":
        return say(
            "{value:.} burgeruren zonder dienst: bewezen het minste dat kan (eenvoudige volgorde: {serial:.})",
            "{value:,} citizen-hours without a service: proved the least there can be (serial rule: {serial:,})",
            value=value,
            serial=serial,
        )
    return say(
        "{value:.} burgeruren zonder dienst; eenvoudige volgorde: {serial:.}; "
        "minder dan {bound:.} kan niet (gat {gap} %)",
        "{value:,} citizen-hours without a service; serial rule: {serial:,}; "
        "less than {bound:,} cannot be (gap {gap} %)",
        value=value,
        serial=serial,
        bound=bound,
        gap=f"{100 * schedule.gap:.1f}",
    )


def make_board(
    store: Store,
    asker: Principal,
    landscape: Landscape,
    demands: Demands,
    scenario: ScenarioRun,
    *,
    time_limit_seconds: float,
) -> Board:
    """Plan the recovery of a scenario; raises InvalidInput with every fault, such as a skill that nobody has."""
    task = plan_task(landscape, demands, scenario, read_restoring(store, asker, landscape, scenario))
    schedule = schedule_recovery(task.problem, time_limit_seconds=time_limit_seconds)
    return show_board(task, schedule)


def show_board(task: RecoveryTask, schedule: Schedule) -> Board:
    """Give a plan with reasons and names."""
    reasons = {reason.job: reason for reason in explain_schedule(task.problem, schedule.plan)}
    citizens = {job.name: job.citizens_per_hour for job in task.problem.jobs}
    names = {ref: thing.name for ref, thing in task.things.items()}
    jobs = [
        BoardJob(
            task.things[job.job],
            job.mode,
            job.start_minute / 60,
            job.end_minute / 60,
            citizens[job.job],
            _say_reason(reasons[job.job], names),
        )
        for job in schedule.plan.jobs
    ]
    jobs.sort(key=lambda job: (job.start_hours == job.end_hours, job.start_hours, job.end_hours, job.thing.ref))
    return Board(task, schedule, jobs)


def _say_reason(reason: Reason, names: Mapping[str, str]) -> Said:
    """Give why a job stands where it stands, with the names of things in the place of their refs."""
    nl, en = f"{reason.timing.nl} {reason.worth.nl}", f"{reason.timing.en} {reason.worth.en}"
    for ref in (reason.job, *reason.after):
        nl, en = nl.replace(ref, names.get(ref, ref)), en.replace(ref, names.get(ref, ref))
    return Said(nl, en)


def record_plan(store: Store, author: Principal, board: Board, crisis: str = "", after_event: str = "") -> str:
    """Record a plan, for insiders of the owner only, and give its ref; in a crisis each is a version of one record."""
    scenario = board.task.scenario
    owner = store.get(scenario.ref, author).owner if scenario.ref else board.jobs[0].thing.owner
    ref = f"recovery-plan:{authority_of(owner)}/{slug(crisis.partition('/')[2] or scenario.name)[:100]}"
    schedule = board.schedule
    spec: dict[str, Any] = {
        "name": f"Herstelplan: {scenario.name}"[:300],
        "scenario": scenario.ref,
        "jobs": [
            {
                "about": job.thing.ref,
                "mode": job.mode,
                "startHours": f"{job.start_hours:.3f}",
                "endHours": f"{job.end_hours:.3f}",
                "why": job.why.nl[:500],
                "whyEnglish": job.why.en[:500],
                "citizens": job.citizens,
            }
            for job in board.jobs[:MOST_RECORDED]
        ],
        "objectiveCitizenHours": f"{schedule.value / 60:.3f}",
        "serialCitizenHours": f"{schedule.serial_value / 60:.3f}",
        "boundCitizenHours": f"{schedule.bound / 60:.3f}",
        "status": schedule.status,
    }
    if crisis:
        spec["crisis"] = crisis
    if after_event:
        spec["afterEvent"] = after_event
    draft = {
        "ref": ref,
        "owner": owner,
        "confidentiality": {"level": "restricted"},
        "source": {"type": "statement", "date": store.clock.now().date().isoformat(), "system": "eendracht"},
        "spec": spec,
    }
    store.put(draft, author)
    return ref


def describe_board(board: Board) -> Mapping[str, Any]:
    """Give a board as plain data; times in hours since the beginning of the scenario."""
    schedule, task = board.schedule, board.task
    return {
        "scenario": task.scenario.name,
        "objectiveCitizenHours": round(schedule.value / 60, 3),
        "serialCitizenHours": round(schedule.serial_value / 60, 3),
        "boundCitizenHours": round(schedule.bound / 60, 3),
        "gap": round(schedule.gap, 6),
        "status": schedule.status,
        "foundBy": schedule.found_by.value,
        "seconds": schedule.seconds,
        "makespanHours": round(schedule.makespan_minutes / 60, 3),
        "assumed": list(task.assumed),
        "lost": list(task.lost),
        "stranded": list(task.stranded),
        "jobs": [
            {
                "ref": job.thing.ref,
                "name": job.thing.name,
                "mode": job.mode,
                "startHours": round(job.start_hours, 3),
                "endHours": round(job.end_hours, 3),
                "citizens": job.citizens,
                "why": {"nl": job.why.nl, "en": job.why.en},
            }
            for job in board.jobs
        ],
    }
