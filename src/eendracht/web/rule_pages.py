"""Pages of the rulebook: which regulations there are, what each says beside its rule, and a case to try.

A case is sent by a form and comes back in it; it is written nowhere, and stands in no address.
"""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault
from eendracht.kernel.rules.catalogue import count_layers, find_entry, list_entries
from eendracht.kernel.rules.lawbook import LawsUnusable
from eendracht.kernel.rules.library import Library, NoSuchRule
from eendracht.kit.pages import Visit
from eendracht.kit.questions import read_question
from eendracht.web.case_form import read_typed
from eendracht.web.case_view import CaseView, try_case
from eendracht.web.edit_pages import may_write_somewhere
from eendracht.web.queries import CaseQuestion, RegulationQuestion
from eendracht.web.regulation_view import view_regulation
from eendracht.web.rule_requests import RegulationListing
from eendracht.web.rule_words import begin, label_of, layer_of
from eendracht.web.rules_api import one_of_few
from eendracht.web.trace_view import view_trace


def laws_of(visit: Visit) -> Library:
    """Give the laws of the node; raises LawsUnusable."""
    return visit.site.instance.lawbook.library


def show_regulations(visit: Visit) -> Response:
    """List the regulations with their layers as facets; where a law file has a fault, say which."""
    asked = read_question(RegulationListing, visit.query)
    try:
        library = laws_of(visit)
    except LawsUnusable as error:
        return visit.render("regulations.html", refused=error, asked=asked)
    found = list_entries(library, asked.q)
    entries = [entry for entry in found if asked.layer in ("", entry.newest.layer)]
    left = [entry for entry in entries if entry.key > asked.after]
    shown = left[: asked.limit]
    chosen = {name: value for name, value in (("q", asked.q), ("layer", asked.layer)) if value}
    return visit.render(
        "regulations.html",
        refused=None,
        asked=asked,
        chosen=chosen,
        entries=shown,
        total=len(entries),
        layers=count_layers(found),
        after=shown[-1].key if len(left) > len(shown) else "",
        day=_today(visit),
        may_run=visit.session is not None and may_write_somewhere(visit.principal),
        layer_of=lambda layer: layer_of(layer, visit.words),
        other=visit.site.paths.to(visit.words.other, visit.page.code, "", **chosen, after=asked.after or None),
    )


def show_regulation(visit: Visit) -> Response:
    """Show a version of a regulation: each article beside its rule, and how it hangs together with the others."""
    asked = read_question(RegulationQuestion, visit.query)
    library = laws_of(visit)
    entry = find_entry(library, visit.name, asked.service, asked.area)
    day = _today(visit)
    law = entry.version_from(asked.version) if asked.version else entry.in_force_on(day) or entry.newest
    view = view_regulation(library, entry, law, day, visit.words)
    return visit.render(
        "regulation.html", view=view, layer=layer_of(law.layer, visit.words), label_of=label_of, begin=begin, day=day
    )


def show_case(visit: Visit) -> Response:
    """Ask for the facts of a case step by step, and show what the law comes to with them."""
    asked = read_question(CaseQuestion, visit.query if visit.posted is None else b"")
    posted = visit.posted
    typed = read_typed(posted, asked.date or _today(visit))
    service = asked.service if posted is None else (posted.get("service") or [""])[0][:200]
    library = laws_of(visit)
    entry = find_entry(library, visit.name, service)
    try:
        with one_of_few():
            source = visit.words.gettext("filled in here")
            view = try_case(library, entry.newest.id, service, typed, is_first=posted is None, source=source)
    except NoSuchRule as error:
        fault = Fault("/on", error.code, error.title_nl, error.detail or error.title_en)
        view = CaseView(typed, None, {}, typed.output, faults=[fault])
    status = 422 if view.faults or view.refused else 200
    steps, is_cut = view_trace(view.found.trace, visit.words) if view.found else ((), False)
    page = visit.render(
        "try_case.html",
        status,
        view=view,
        name=(view.law or entry.newest).name,
        service=service,
        steps=steps,
        is_cut=is_cut,
        label_of=label_of,
        begin=begin,
        links=[(_anchor(fault), "", fault.nl if visit.language == "nl" else fault.en) for fault in view.faults],
        outcome=_outcome(view, visit),
        explanation_of=view.explanation,
        asked_before=posted is not None,
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def _outcome(view: CaseView, visit: Visit) -> tuple[str, str]:
    """Give the status of what was asked, and its value as people read it."""
    from eendracht.kernel.rules.answer import status_of
    from eendracht.kit.rules import print_value

    outcome = view.outcome
    if outcome is None:
        return ("unmet" if view.found and not view.found.requirements_met else "unknown", "")
    status = status_of(outcome)
    if status != "known":
        return status, ""
    return status, print_value(outcome.value, outcome.field.unit if outcome.field else "", visit.language)


def _anchor(fault: Fault) -> str:
    return fault.pointer[1:].replace("|", "-").replace("%", "_")


def _today(visit: Visit) -> date:
    return today(visit.store.clock)
