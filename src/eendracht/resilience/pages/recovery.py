"""The recovery board: a plan for a scenario; in a crisis what was reported, what follows, and the situation report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from eendracht.kernel.access import Role
from eendracht.kernel.clock import AMSTERDAM
from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.records import Record
from eendracht.kit.charts import GanttBar, draw_gantt
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, Question, Words, read_question

if TYPE_CHECKING:
    from eendracht.resilience.crisis_plan import CrisisState

MOST_BARS: Final = 60
MOST_ROWS: Final = 200
REPORTS: Final = ("done", "late", "failed", "crew-changed", "new-job", "decision", "observation")
LEVELS: Final = ("unknown", "none", "grip-1", "grip-2", "grip-3", "grip-4", "grip-5", "grip-rijk")


class RecoveryQuestion(Question):
    """Which scenario."""

    scenario: Words = ""


def show_recovery(visit: Visit) -> Response:
    """Show scenarios, plans and crises; make a plan, or open a crisis, where that was asked."""
    asked = read_question(RecoveryQuestion, visit.query)
    require_insider(visit.principal)
    faults: tuple[Fault, ...] = ()
    if visit.posted is not None:
        visit.require_staff()
        try:
            return _begin(visit)
        except InvalidInput as error:
            faults = tuple(error.faults) or (Fault("", error.code, str(error), str(error)),)
    store, principal = visit.store, visit.principal
    names = {record.ref: record.name for record in store.snapshot(principal, kind="scenario")}
    plans = list(store.snapshot(principal, kind="recovery-plan"))
    return visit.render(
        "resilience/recovery.html",
        422 if faults else 200,
        asked=asked,
        faults=faults,
        scenarios=sorted(names.items(), key=lambda item: item[1]),
        plans=[record for record in plans if not record.spec(store.registry).get("crisis")],
        crises=[(record, record.spec(store.registry)) for record in store.snapshot(principal, kind="crisis")],
        may_write=_may_write(visit),
        levels=LEVELS,
    )


def _may_write(visit: Visit) -> bool:
    return visit.session is not None and (
        visit.principal.is_operator or any(role is Role.EDITOR for role, _ in visit.principal.roles)
    )


def _begin(visit: Visit) -> Response:
    from eendracht.kernel.landscape import build_landscape
    from eendracht.resilience.board import make_board, record_plan
    from eendracht.resilience.crisis import open_crisis
    from eendracht.resilience.crisis_plan import FIRST_SECONDS, begin_recovery
    from eendracht.resilience.demand import read_demands
    from eendracht.resilience.scenarios import plan_scenario

    store, principal, name = visit.store, visit.principal, visit.sent("scenario")
    scenario = store.get(name, principal)
    if visit.sent("do") == "crisis":
        level = visit.sent("level")
        crisis = open_crisis(store, principal, scenario, level=level if level in LEVELS else "unknown")
        begin_recovery(store, principal, crisis)
        return visit.redirect("crisis", crisis)
    landscape = build_landscape(store, principal)
    run = plan_scenario(store, principal, landscape, name)
    demands = read_demands(store, principal, landscape)
    board = make_board(store, principal, landscape, demands, run, time_limit_seconds=FIRST_SECONDS)
    return visit.redirect("recovery-plan", record_plan(store, principal, board))


def show_plan(visit: Visit) -> Response:
    """Show one recorded plan."""
    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    record = visit.store.get(visit.name, visit.principal)
    if record.kind != "recovery-plan":
        raise NotFound("There is no such recovery plan")
    spec = record.spec(visit.store.registry)
    jobs = _list_jobs(visit, spec, {})
    return visit.render(
        "resilience/recovery_plan.html",
        record=record,
        spec=spec,
        jobs=jobs[:MOST_ROWS],
        more=max(0, len(jobs) - MOST_ROWS),
        chart=_draw(visit, jobs, None),
    )


def _list_jobs(visit: Visit, spec: Mapping[str, Any], states: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the jobs of a plan with names, those that take work first."""
    listed = spec.get("jobs", ())
    refs = list(dict.fromkeys(job["about"] for job in listed))
    found = visit.store.get_among(refs, visit.principal) if refs else []
    names: dict[str, Record] = {record.ref: record for record in found}
    return [
        {
            "ref": job["about"] if job["about"] in names else "",
            "name": names[job["about"]].name if job["about"] in names else job["about"],
            "mode": job["mode"],
            "start": float(job["startHours"]),
            "end": float(job["endHours"]),
            "citizens": job.get("citizens", 0),
            "why": job.get("why", "") if visit.language == "nl" else job.get("whyEnglish") or job.get("why", ""),
            "state": states.get(job["about"], "planned"),
        }
        for job in listed
    ]


def _draw(visit: Visit, jobs: list[dict[str, Any]], now_hours: float | None) -> Any:
    words = visit.words
    work = [job for job in jobs if job["end"] > job["start"]][:MOST_BARS]
    if not work:
        return None
    return draw_gantt(
        "plan",
        words.gettext("What is brought back when"),
        words.gettext("A bar for each job that takes work, in hours. The table below tells the same, with reasons."),
        [
            GanttBar(
                job["name"],
                job["start"],
                job["end"],
                job["state"],
                f"{job['name']}: {job['start']:g}-{job['end']:g} ({words.value(job['state'])})",
            )
            for job in work
        ],
        now_hours,
        words.gettext("h"),
    )


def show_crisis(visit: Visit) -> Response:
    """Show a crisis: the board as it stands, the log, and a form by which something is reported."""
    from eendracht.resilience.crisis_plan import read_state

    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    faults: tuple[Fault, ...] = ()
    if visit.posted is not None:
        visit.require_staff()
        try:
            _report(visit)
        except InvalidInput as error:
            faults = tuple(error.faults) or (Fault("", error.code, str(error), str(error)),)
        else:
            return visit.redirect("crisis", visit.name)
    state = _require_state(read_state(visit.store, visit.principal, visit.name))
    registry = visit.store.registry
    jobs = _list_jobs(visit, state.record.spec(registry), {job.thing.ref: job.state for job in state.jobs})
    return visit.render(
        "resilience/crisis.html",
        422 if faults else 200,
        state=state,
        spec=state.record.spec(registry),
        began=state.log.began_at.astimezone(AMSTERDAM),
        jobs=jobs[:MOST_ROWS],
        open_jobs=[job for job in jobs if job["state"] != "done" and job["end"] > job["start"]],
        more=max(0, len(jobs) - MOST_ROWS),
        chart=_draw(visit, jobs, state.now_minute / 60),
        events=[(event, event.spec(registry)) for event in reversed(state.log.events)],
        names={job["ref"]: job["name"] for job in jobs if job["ref"]},
        skills=sorted({crew.skill for crew in state.problem.crews}),
        reports=REPORTS,
        faults=faults,
        typed={name: visit.sent(name) for name in ("type", "about", "hours", "skill", "people", "grounds")},
        may_write=_may_write(visit),
    )


def _require_state(state: CrisisState | None) -> CrisisState:
    if state is None:
        raise NotFound("This crisis has no recovery plan")
    return state


def _report(visit: Visit) -> None:
    from eendracht.resilience.crisis_plan import report_event

    kind = visit.sent("type")
    if kind not in REPORTS:
        nl, en = "Kies wat u meldt", "Choose what you report"
        raise InvalidInput("Choose what is reported", faults=[_fault("/type", nl, en)])
    if not _may_write(visit):
        raise Denied("Reporting is for editors of an organisation")
    said: dict[str, Any] = {"about": visit.sent("about"), "grounds": visit.sent("grounds")[:2000]}
    if kind in ("late", "new-job"):
        said["durationHours"] = _number(visit, "hours")
    if kind in ("crew-changed", "new-job") and visit.sent("skill"):
        said["skill"] = visit.sent("skill")
        people = visit.sent("people") or ("1" if kind == "new-job" else "")
        if not people.isdecimal() or int(people) > 10_000:
            nl, en = "Schrijf een aantal mensen", "Write a number of people"
            raise InvalidInput("The report is not complete", faults=[_fault("/people", nl, en)])
        said["people"] = int(people)
    report_event(visit.store, visit.principal, visit.name, kind, **said)


def _number(visit: Visit, name: str) -> str:
    text = visit.sent(name).replace(",", ".")
    try:
        hours = float(text)
    except ValueError:
        hours = 0
    if not 0 < hours <= 8760:
        nl, en = "Schrijf een aantal uren, zoals 2,5", "Write a number of hours, such as 2.5"
        raise InvalidInput("The report is not complete", faults=[_fault(f"/{name}", nl, en)])
    return f"{hours:.2f}"


def _fault(pointer: str, nl: str, en: str) -> Fault:
    return Fault(pointer, "malformed", nl, en)


def show_sitrep(visit: Visit) -> Response:
    """Show the situation report of a crisis as of now; it prints as it stands."""
    from eendracht.resilience.crisis_plan import read_state
    from eendracht.resilience.sitrep import write_sitrep

    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    state = _require_state(read_state(visit.store, visit.principal, visit.name))
    specs = {event.ref: event.spec(visit.store.registry) for event in state.log.events}
    sections = write_sitrep(state.log, state.outcome, state.jobs, visit.store.clock.now(), specs)
    return visit.render("resilience/sitrep.html", state=state, sections=sections)


PAGES: Final = (
    Page("recovery", "herstel", "recovery", show_recovery, "form", is_for=is_insider),
    Page("recovery-plan", "herstelplan/{name}", "recovery-plan/{name}", show_plan),
    Page("crisis", "crisis/{name}", "crisis/{name}", show_crisis, "form"),
    Page("sitrep", "situatierapport/{name}", "situation-report/{name}", show_sitrep),
)
