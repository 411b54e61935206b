"""The cases of a person, and the services that it uses by them: status, last day, and who has it now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from eendracht.kernel.wording import Said
from eendracht.services.overview.own_file import Kept, OwnFile
from eendracht.services.overview.sections import Entry, Section, Value, rank

REFERENCE: Final = "case-reference"
SOON: Final = timedelta(days=14)
"""How long before its last day a case is put first."""
_WITH: Final = Said("Nu bij", "Now with")
_STATUS: Final = Said("Stand", "Status")
_NUMBER: Final = Said("Zaaknummer", "Case number")
_RECEIVED: Final = Said("Ontvangen op", "Received on")
_DECIDE: Final = Said("Besluit uiterlijk op", "Decision at the latest on")
_ENDED: Final = Said("Afgerond op", "Finished on")


def view_cases(own: OwnFile) -> Section:
    """Give the cases, those that run out of time first."""
    matters = _by_matter(own)
    return Section(
        "cases",
        Said("Mijn zaken", "My cases"),
        Said("Wat u hebt aangevraagd of gemeld, en wie ermee bezig is.", "What you asked for, and who works on it."),
        Said("Er loopt geen zaak.", "There is no case."),
        rank(_case(own, steps) for steps in matters.values()),
    )


def view_services(own: OwnFile) -> Section:
    """Give the services that the person has or had a case for."""
    services = {one.text("service") or one.text("serviceName"): one for one in own.of_kind(REFERENCE)}
    entries = [
        Entry(
            _name(one),
            ((Said("Van", "From"), own.name_body(one.item.controller)),),
            one.day("submittedOn"),
            page=("record", one.text("service")) if _is_public(own, one.text("service")) else None,
        )
        for one in services.values()
    ]
    return Section(
        "services",
        Said("Mijn diensten", "My services"),
        Said("Diensten van de overheid die u gebruikt of hebt aangevraagd.", "Services that you use or asked for."),
        Said("U gebruikt nog geen diensten die hier bekend zijn.", "You use no services that are known here yet."),
        rank(entries),
    )


def _by_matter(own: OwnFile) -> dict[str, list[Kept]]:
    """Give the newest state of each case, those of one matter together in the order in which they began."""
    matters: dict[str, list[Kept]] = {}
    for case in own.latest(REFERENCE, "case").values():
        matters.setdefault(case.text("matter") or case.text("case"), []).append(case)
    for steps in matters.values():
        steps.sort(key=lambda one: (one.text("submittedOn"), one.item.stored_at))
    return matters


def _case(own: OwnFile, steps: list[Kept]) -> Entry:
    now = steps[-1]
    last_day, ended = now.day("deadline") or now.day("decideBy"), now.day("endedOn")
    facts: list[tuple[Said, Value]] = [(_WITH, own.name_body(now.item.controller))]
    facts += [(_STATUS, now.text("status"))] if now.text("status") else []
    facts += [(_NUMBER, now.text("number"))] if now.text("number") else []
    facts += list(_days(now, last_day, ended))
    facts += [
        (Said("Eerst bij", "Before with"), own.name_body(step.item.controller))
        for step in steps[:-1]
        if step.item.controller != now.item.controller
    ]
    is_late = not ended and last_day is not None and last_day < own.today
    is_soon = not ended and last_day is not None and own.today <= last_day <= own.today + SOON
    return Entry(
        _name(now),
        tuple(facts),
        last_day if is_late or is_soon else now.day("submittedOn"),
        is_late or is_soon,
        _LATE if is_late else _tell(now, ended),
    )


_LATE: Final = Said(
    "De laatste dag voor een besluit is voorbij. U mag de organisatie in gebreke stellen (Awb, art. 4:17).",
    "The last day for a decision is over. You may give the organisation notice of default (Awb, art. 4:17).",
)


def _tell(now: Kept, ended: date | None) -> Said | None:
    if ended or now.text("number"):
        return None
    return Said(
        "Het is ontvangen. Het zaaksysteem heeft het nog niet; dat gaat vanzelf.",
        "It was received. The case system does not have it yet; that happens by itself.",
    )


def _days(now: Kept, last_day: date | None, ended: date | None) -> Iterator[tuple[Said, Value]]:
    received = now.day("firstReceivedOn")
    if received:
        yield _RECEIVED, received
    if ended:
        yield _ENDED, ended
    elif last_day:
        yield _DECIDE, last_day
    else:
        yield _DECIDE, Said("onbekend", "not known")


def _name(one: Kept) -> Said:
    name = one.text("serviceName") or one.text("service")
    return Said(name, name) if name else Said("Een zaak", "A case")


def _is_public(own: OwnFile, ref: str) -> bool:
    return bool(ref) and bool(own.instance.store.get_among([ref], own.principal))
