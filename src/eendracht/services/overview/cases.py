"""The cases of a person, and the services that it uses by them: status, last day, and who has it now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from eendracht.kernel.wording import Said
from eendracht.services.case_index import CaseIndex
from eendracht.services.case_retention import REFERENCE
from eendracht.services.case_views import CaseView, read_case_view
from eendracht.services.catalogue import product_of
from eendracht.services.handover_views import list_views
from eendracht.services.overview.own_file import OwnFile
from eendracht.services.overview.sections import Entry, Section, Value, rank

SOON: Final = timedelta(days=14)
"""How long before its last day a case is put first."""
_WITH: Final = Said("Nu bij", "Now with")
_STATUS: Final = Said("Stand", "Status")
_NUMBER: Final = Said("Zaaknummer", "Case number")
_RECEIVED: Final = Said("Ontvangen op", "Received on")
_DECIDE: Final = Said("Besluit uiterlijk op", "Decision at the latest on")
_HANDOVER: Final = Said("Overdracht", "Hand-over")
_ENDED: Final = Said("Afgerond op", "Finished on")


def view_cases(own: OwnFile) -> Section:
    """Give the cases, those that run out of time first."""
    return Section(
        "cases",
        Said("Mijn zaken", "My cases"),
        Said("Wat u hebt aangevraagd of gemeld, en wie ermee bezig is.", "What you asked for, and who works on it."),
        Said("Er loopt geen zaak.", "There is no case."),
        rank(_case(own, views) for views in list_matters(own).values()),
    )


def view_services(own: OwnFile) -> Section:
    """Give the services that the person has or had a case for."""
    newest = {(view.service or view.about.nl): view for views in list_matters(own).values() for view in views}
    entries = [
        Entry(
            _name(view),
            ((Said("Van", "From"), own.name_body(view.organisation)),),
            view.submitted_on,
            page=_page(own, view),
        )
        for view in newest.values()
    ]
    return Section(
        "services",
        Said("Mijn diensten", "My services"),
        Said("Diensten van de overheid die u gebruikt of hebt aangevraagd.", "Services that you use or asked for."),
        Said("U gebruikt nog geen diensten die hier bekend zijn.", "You use no services that are known here yet."),
        rank(entries),
    )


def _page(own: OwnFile, view: CaseView) -> tuple[str, str] | None:
    """Give the page of the service, else of the one product; none where it is about neither or several."""
    if own.instance.store.get_among([view.service], own.principal):
        return "service", view.service
    known = [term for term in view.products if product_of(term)]
    return ("service", known[0]) if len(known) == len(view.products) == 1 else None


def list_matters(own: OwnFile) -> dict[str, list[CaseView]]:
    """Give the cases by matter, as they stand now: those of one matter came out of one submission by hand-overs.

    Who is responsible now comes last.
    """
    kept = {one.item.id: one for one in own.of_kind(REFERENCE)}
    matters: dict[str, list[CaseView]] = {}
    for row in CaseIndex(own.instance.store).cases_of(sorted(kept)):
        view = read_case_view(kept[row.reference].content, row.state, row.is_owner, row.controller)
        matters.setdefault(row.matter, []).append(view)
    for views in matters.values():
        views.sort(key=lambda view: view.is_responsible)
    return matters


def _case(own: OwnFile, views: list[CaseView]) -> Entry:
    now = views[-1]
    facts: list[tuple[Said, Value]] = [(_WITH, own.name_body(now.organisation))]
    facts += [(_STATUS, now.status)] if now.status else []
    facts += [(_NUMBER, now.number)] if now.number else []
    facts += list(_days(now))
    facts += [(_HANDOVER, handover.telling) for handover in list_views(own.instance, now.matter)]
    last_day = None if now.ended_on else now.last_day
    is_late = last_day is not None and last_day < own.today
    is_soon = last_day is not None and own.today <= last_day <= own.today + SOON
    is_pressing = is_late or is_soon
    return Entry(
        _name(now),
        tuple(facts),
        last_day if is_pressing else now.submitted_on,
        is_pressing,
        _LATE if is_late else now.telling,
    )


def _days(now: CaseView) -> Iterator[tuple[Said, Value]]:
    yield _RECEIVED, now.first_received_on
    if now.ended_on:
        yield _ENDED, now.ended_on
    else:
        yield _DECIDE, now.last_day or Said("onbekend", "not known")


def _name(view: CaseView) -> Said:
    return view.about if view.about.nl else Said("Een zaak", "A case")


_LATE: Final = Said(
    "De laatste dag voor een besluit is voorbij. U mag de organisatie in gebreke stellen (Awb, art. 4:17).",
    "The last day for a decision is over. You may give the organisation notice of default (Awb, art. 4:17).",
)
