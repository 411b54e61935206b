"""The page on which an organisation sees its proactive runs, and another editor approves what goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from starlette.responses import Response

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.jobs import Job, Jobs
from eendracht.kernel.populations import STREAM
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.services.pages.proactive_form import anchor_of, list_offers, read_ask, typed_faults
from eendracht.services.proactive.asking import RUN, ask_proactive_run
from eendracht.services.proactive.outbox import Outbox
from eendracht.services.proactive.results import REASONS
from eendracht.services.proactive.sending import SEND, ask_sending
from eendracht.services.proactive.stops import FOLDER

MOST_RUNS: Final = 50
REASON_WORDS: Final = {
    "deceased": gettext_noop("Has died"),
    "objection": gettext_noop("Objected"),
    "minor": gettext_noop("Under 18"),
    "using": gettext_noop("Uses it already"),
    "partner-using": gettext_noop("Partner uses it already"),
    "not-entitled": gettext_noop("No right to it"),
    "below-threshold": gettext_noop("Amount below the threshold"),
    "listed-with-partner": gettext_noop("Listed with the partner"),
    "depends": gettext_noop("On the list: depends on what is not known"),
    "estimate": gettext_noop("On the list: an estimate"),
    "sure": gettext_noop("On the list: sure"),
}
RISK_WORDS: Final = {
    "none": gettext_noop("none"),
    "low": gettext_noop("low"),
    "middle": gettext_noop("middle"),
    "high": gettext_noop("high"),
    "unknown": gettext_noop("not known"),
}
STATE_WORDS: Final = {
    "waiting": gettext_noop("Waiting"),
    "sent": gettext_noop("Sent"),
    "printed": gettext_noop("At the printing house"),
    "failed": gettext_noop("Not taken by the receiver"),
    "objection": gettext_noop("Held: objected"),
    "secret-address": gettext_noop("Held: secret address"),
    "no-representative": gettext_noop("Held: no representative is known"),
    "nobody-known": gettext_noop("Held: nobody is known by this key"),
    "destroyed": gettext_noop("Held: the message is not there any more"),
}


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as the page shows it: its counts, the head of its list, and what became of the messages."""

    job: Job
    head: Sequence[dict[str, Any]]
    messages: dict[str, int]
    sending: Job | None
    may_approve: bool


def is_editor(principal: Principal) -> bool:
    """Tell whether somebody is editor of an organisation, or owns the node."""
    return principal.is_operator or any(role is Role.EDITOR for role, _ in principal.roles)


def show_runs(visit: Visit) -> Response:
    """List the runs of the visitor's organisations, the newest first, with a form that asks for another."""
    _require_editor(visit)
    posted = visit.posted
    faults: Sequence[Fault] = ()
    if posted is not None:
        faults = typed_faults(posted)
        if not faults:
            try:
                return visit.redirect("job", ask_proactive_run(visit.site.instance, visit.principal, read_ask(posted)))
            except (Denied, NotFound, InvalidInput) as error:
                # What is not there is named by the form itself: it offers only what the visitor may see.
                found = Fault("/population", error.code, error.title_nl, error.detail or error.title_en)
                faults = error.faults or [found]
    return visit.render(
        "services/proactive.html",
        422 if faults else 200,
        runs=_list_runs(visit),
        offers=list_offers(visit),
        typed=posted or {},
        day=today(visit.store.clock).isoformat(),
        links=[(anchor_of(fault), "", fault.nl if visit.language == "nl" else fault.en) for fault in faults],
    )


def _require_editor(visit: Visit) -> None:
    read_question(Nothing, visit.query)
    visit.require_session()
    if not is_editor(visit.principal):
        raise Denied(f"{visit.principal.name} holds no editor role")


def show_run(visit: Visit) -> Response:
    """Show one run: its counts and the head of its list; another editor than who asked for it may approve it."""
    _require_editor(visit)
    run = Jobs(visit.store).get(visit.name, visit.principal)
    if run.kind != RUN or not _is_own(visit.principal, run):
        raise NotFound(f"There is no run {run.id}")
    faults: Sequence[Fault] = ()
    if visit.posted is not None:
        try:
            way = (visit.posted.get("way") or [""])[0]
            return visit.redirect("job", ask_sending(visit.site.instance, visit.principal, run.id, way))
        except (Denied, Conflict, InvalidInput) as error:
            faults = error.faults or [Fault("/way", error.code, error.title_nl, error.detail or error.title_en)]
    return visit.render(
        "services/proactive_run.html",
        422 if faults else 200,
        view=_view(visit, run),
        faults=faults,
        reasons=REASONS,
        reason_words=REASON_WORDS,
        risk_words=RISK_WORDS,
        state_words=STATE_WORDS,
    )


def _list_runs(visit: Visit) -> list[Job]:
    jobs = Jobs(visit.store).list_jobs(visit.principal, 1_000)
    return [job for job in jobs if job.kind == RUN and _is_own(visit.principal, job)][:MOST_RUNS]


def _is_own(principal: Principal, job: Job) -> bool:
    return principal.may_write(job.organisation)


def _view(visit: Visit, run: Job) -> RunView:
    instance = visit.site.instance
    head: list[dict[str, Any]] = []
    path: Path = instance.settings.jobs_folder / run.id / "results" / "head.json"
    if run.state == "done" and path.is_file():
        head = orjson.loads(path.read_bytes())
        # Lines by pseudonym are about people: who looked is on the log.
        line = {"event": "proactive-list-shown", "run": run.id, "by": visit.principal.name}
        instance.journal.append(STREAM, [{**line, "controller": run.organisation, "lines": len(head)}])
    jobs = Jobs(visit.store).list_jobs(visit.principal, 1_000)
    sending = next((job for job in jobs if job.kind == SEND and job.arguments["run"] == run.id), None)
    outbox = instance.settings.folder / FOLDER / "outbox.db"
    messages: dict[str, int] = {}
    if outbox.is_file():
        with Outbox(outbox) as opened:
            messages = opened.count(run.id)
    is_busy = sending is not None and not sending.has_ended
    may_approve = run.state == "done" and run.asked_by != visit.principal.name and not is_busy
    return RunView(run, head, messages, sending, may_approve)


PAGES: Final = (
    Page(
        "proactive",
        "proactief",
        "proactive",
        show_runs,
        "form",
        menu=gettext_noop("Proactive service"),
        icon="users",
        is_for=is_editor,
    ),
    Page("proactive-run", "proactief/{name}", "proactive/{name}", show_run, takes="form"),
)
