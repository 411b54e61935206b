"""The lessons board: what exercises showed, what is done about it, what is late, and what was found before."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.resilience.exercises import lessons
from eendracht.resilience.exercises.leading import list_seen, may_lead
from eendracht.resilience.exercises.log import get_exercise

CAPABILITIES: Final = ("unknown", "planning", "organisation", "equipment", "training", "exercises")


def show_lessons(visit: Visit) -> Response:
    """Show the board; record a lesson, an action, what was done, or a retest."""
    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    faults: tuple[Fault, ...] = ()
    if visit.posted is not None:
        visit.require_staff()
        try:
            _act(visit)
            return visit.redirect("lessons")
        except EendrachtError as error:
            faults = tuple(error.faults) or (Fault("", error.code, error.title_nl, error.title_en),)
    store, principal = visit.store, visit.principal
    board = lessons.read_board(store, principal)
    recorded = {record.ref: record for record in store.snapshot(principal, kind="lesson")}
    specs = {ref: record.spec(store.registry) for ref, record in recorded.items()}
    findings = _list_findings(visit)
    refs = {row.owner for row in board} | {spec["organisation"] for spec in specs.values()}
    refs |= {item.outcome.organisation for _, item in findings} | set(principal.organisations)
    names = {record.ref: record.name for record in store.get_among(sorted(refs), principal)} if refs else {}
    acting = {row.lesson.ref for row in board if row.lesson}
    return visit.render(
        "resilience/lessons.html",
        422 if faults else 200,
        board=board,
        faults=faults,
        names=names,
        lessons=[(recorded[ref], specs[ref], ref in acting) for ref in sorted(recorded, key=lambda r: -recorded[r].rv)],
        findings=findings,
        overdue=_count_overdue(board),
        editor_of=[ref for ref in principal.organisations if principal.may_write(ref)],
        capabilities=CAPABILITIES,
        typed={name: visit.sent(name) for name in ("name", "evidence", "observed", "due")},
    )


def _list_findings(visit: Visit) -> list[tuple[Any, Any]]:
    """Give what exercises that somebody leads showed, and of which no lesson was made yet."""
    instance = visit.site.instance
    found = []
    for row in list_seen(instance, visit.principal):
        if may_lead(visit.principal, row) and row.state in ("finished", "running", "paused"):
            found += [(row, item) for item in lessons.list_findings(instance, row, visit.principal) if not item.lesson]
    return found


def _count_overdue(board: list[lessons.BoardRow]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in board:
        if row.is_overdue:
            counts[row.owner] = counts.get(row.owner, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _act(visit: Visit) -> None:
    store, principal, do = visit.store, visit.principal, visit.sent("do")
    if do == "lesson":
        exercise, _, rest = visit.sent("finding").partition("|")
        organisation, _, expectation = rest.partition("|")
        lessons.record_lesson(
            visit.site.instance,
            principal,
            get_exercise(store, exercise),
            organisation,
            visit.sent("name"),
            expectation=expectation,
            root_cause=visit.sent("cause"),
            capability=visit.sent("capability") or "unknown",
        )
    elif do == "action":
        owner, due = visit.sent("owner"), _read_day(visit.sent("due"))
        lessons.propose_action(store, principal, visit.sent("lesson"), visit.sent("name"), owner=owner, due=due)
    elif do == "done":
        lessons.report_done(store, principal, visit.sent("action"), visit.sent("evidence"))
    elif do in ("passed", "failed"):
        lessons.retest(store, principal, visit.sent("action"), passed=do == "passed", observed=visit.sent("observed"))
    else:
        raise InvalidInput(
            "Choose what to do", faults=[Fault("/do", "unknown", "Kies wat u doet", "Choose what to do")]
        )


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        nl, en = "Kies voor wanneer het klaar moet zijn", "Choose by when it must be done"
        raise InvalidInput("The action has no date", faults=[Fault("/due", "missing", nl, en)]) from None


PAGES: Final = (Page("lessons", "lessen", "lessons", show_lessons, "form", is_for=is_insider),)
