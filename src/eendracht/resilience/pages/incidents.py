"""The clock of the duty to report: incidents with the time that is left for each report, and forms to keep it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import Denied, Fault, InvalidInput
from eendracht.kit.i18n import Words, gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, read_question
from eendracht.kit.questions import Words as QueryWords
from eendracht.resilience.incidents.register import (
    STAGES,
    IncidentSaid,
    file_report,
    handle_incident,
    list_incidents,
    open_incident,
    read_incident,
)
from eendracht.resilience.incidents.terms import TERMS
from eendracht.resilience.pages.forms import (
    REFUSALS,
    first,
    link_faults,
    list_faults,
    list_own,
    may_write,
    name_of,
    read_local,
)

MOST_ROWS: Final = 200
_OPENING: Final = ("name", "organisation", "detectedAt", "significant", "ground")
_FILING: Final = ("stage", "filedAt", "recipient", "reference")
STAGE_NAMES: Final[Mapping[str, str]] = {
    "early-warning": gettext_noop("Early warning (24 hours)"),
    "notification": gettext_noop("Notification (72 hours)"),
    "intermediate": gettext_noop("Intermediate report (when asked)"),
    "progress": gettext_noop("Progress report (one month, still going on)"),
    "final": gettext_noop("Final report (one month)"),
}
STATE_NAMES: Final[Mapping[str, str]] = {
    "running": gettext_noop("Running"),
    "near": gettext_noop("Due soon"),
    "overdue": gettext_noop("Too late"),
    "filed": gettext_noop("Filed in time"),
    "filed-late": gettext_noop("Filed too late"),
    "not-needed": gettext_noop("Not needed"),
    "not-running": gettext_noop("Runs once the handling has ended"),
}


class IncidentQuestion(Question):
    """What was just done, when a page is shown again after it."""

    done: QueryWords = ""


def say_time(words: Words, left: timedelta) -> str:
    """Say how long something lasts in its two largest units."""
    minutes = int(abs(left.total_seconds()) // 60)
    days, hours = divmod(minutes // 60, 24)
    parts = [
        (days, words.ngettext("%(count)s day", "%(count)s days", days)),
        (hours, words.ngettext("%(count)s hour", "%(count)s hours", hours)),
        (minutes % 60, words.ngettext("%(count)s minute", "%(count)s minutes", minutes % 60)),
    ]
    said = [text for count, text in parts if count][:2]
    return " ".join(said) or words.ngettext("%(count)s minute", "%(count)s minutes", 0)


def show_clock(visit: Visit) -> Response:
    """Show every incident with its terms; open one where that was sent."""
    asked = read_question(IncidentQuestion, visit.query)
    require_insider(visit.principal)
    faults: list[Fault] = []
    if visit.posted is not None:
        visit.require_staff()
        try:
            ref = _open(visit)
        except REFUSALS as error:
            faults = list_faults(error)
        else:
            visit.store.catch_up()
            return visit.redirect("incident", ref, done="open")
    now = visit.store.clock.now()
    files = list_incidents(visit.store, visit.principal, now)
    return visit.render(
        "resilience/incident_clock.html",
        422 if faults else 200,
        asked=asked,
        files=files[:MOST_ROWS],
        more=max(0, len(files) - MOST_ROWS),
        now=now,
        names={file.spec["organisation"]: name_of(visit, file.spec["organisation"]) for file in files[:MOST_ROWS]},
        own=list_own(visit),
        may_write=may_write(visit),
        links=link_faults(visit, faults, _OPENING, "name"),
        typed={name: first(visit, name) for name in _OPENING},
        stage_names=STAGE_NAMES,
        state_names=STATE_NAMES,
        say_time=lambda left: say_time(visit.words, left),
    )


def _open(visit: Visit) -> str:
    faults: list[Fault] = []
    moment = None
    try:
        moment = read_local(visit, "detectedAt")
    except InvalidInput as error:
        faults += error.faults
    significant = first(visit, "significant")
    said = IncidentSaid(
        first(visit, "name", 300),
        first(visit, "organisation"),
        moment,
        significant if significant in ("yes", "no") else "unknown",
        first(visit, "ground", 10_000),
    )
    if not faults:
        return open_incident(visit.store, visit.principal, said)
    try:
        open_incident(visit.store, visit.principal, said)
    except InvalidInput as error:
        faults += [fault for fault in error.faults if fault.pointer != "/detectedAt"]
    raise InvalidInput("The incident", faults=faults)


def show_incident(visit: Visit) -> Response:
    """Show one incident; record what was filed, or that its handling ended, where that was sent."""
    asked = read_question(IncidentQuestion, visit.query)
    require_insider(visit.principal)
    faults: list[Fault] = []
    act = first(visit, "do")
    if visit.posted is not None:
        visit.require_staff()
        try:
            _act(visit, act)
        except REFUSALS as error:
            faults = list_faults(error)
        else:
            visit.store.catch_up()
            return visit.redirect("incident", visit.name, done=act)
    file = read_incident(visit.store, visit.principal, visit.name)
    now = visit.store.clock.now()
    return visit.render(
        "resilience/incident.html",
        422 if faults else 200,
        asked=asked,
        file=file,
        now=now,
        organisation=name_of(visit, file.spec["organisation"]),
        may_write=may_write(visit, file.record.owner),
        act=act,
        links=link_faults(visit, faults, (*_FILING, "handledAt"), "handledAt" if act == "end" else "stage"),
        typed={name: first(visit, name) for name in (*_FILING, "handledAt")},
        stages=STAGES,
        stage_names=STAGE_NAMES,
        state_names=STATE_NAMES,
        terms=TERMS,
        say_time=lambda left: say_time(visit.words, left),
        notices=_list_notices(visit, file.record.ref),
    )


def _list_notices(visit: Visit, incident: str) -> list[Mapping[str, Any]]:
    """Give the reminders that were given of an incident, the first one first."""
    records = visit.store.snapshot(visit.principal, kind="incident-notice")
    specs = (record.spec(visit.store.registry) for record in records)
    return sorted((spec for spec in specs if spec["incident"] == incident), key=lambda spec: str(spec["givenAt"]))


def _act(visit: Visit, act: str) -> None:
    if act == "end":
        handle_incident(visit.store, visit.principal, visit.name, read_local(visit, "handledAt"))
    elif act == "report":
        file_report(
            visit.store,
            visit.principal,
            visit.name,
            first(visit, "stage"),
            filed_at=read_local(visit, "filedAt"),
            recipient=first(visit, "recipient"),
            reference=first(visit, "reference"),
        )
    else:
        raise Denied("This page does no such thing")


PAGES: Final = (
    Page("incident-clock", "meldklok", "incident-clock", show_clock, "form", is_for=is_insider),
    Page("incident", "meldklok/{name}", "incident-clock/{name}", show_incident, "form"),
)
