"""The say of a person over the use of data: objections against proactive use (GDPR art. 21), and consents given.

An objection is made by the part that reads it, proactive service; the last word on a scope holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from eendracht.kernel.errors import NotFound
from eendracht.kernel.wording import Said
from eendracht.services.case_index import CaseIndex, ConsentRow
from eendracht.services.case_retention import CONSENT
from eendracht.services.consents import revoke_consent
from eendracht.services.overview.cases import list_matters
from eendracht.services.overview.own_file import Kept, OwnFile
from eendracht.services.overview.sections import Change, Entry, Section, Value
from eendracht.services.proactive.retention import MESSAGE, STOP
from eendracht.services.proactive.stops import Stops

NOTICES: Final = {
    "document-expires": Said("berichten dat een document afloopt", "messages that a document expires"),
    "term-ends": Said("berichten over een dag waarop iets verandert", "messages about a day on which things change"),
    "permit-nearby": Said("berichten over plannen in de buurt", "messages about plans nearby"),
}
"""The kinds of plain information, as the page calls them."""
_OFFERS: Final = Said("Mag zelf kijken of u ergens recht op hebt", "May look by itself whether you have a right")
_YES: Final = Said("ja", "yes")
_NO: Final = Said("nee, u maakte bezwaar", "no, you objected")
_SINCE: Final = Said("Sinds", "Since")
_ABOUT: Final = Said("Waarover", "About")
_OBJECT: Final = Said("Maak bezwaar", "Object")
_REVOKE: Final = Said("Trek uw toestemming in", "Take your consent back")
_WITHDRAW: Final = Said("Trek uw bezwaar in", "Take your objection back")

Scope = tuple[str, str, str]
"""The organisation, the law (empty for any), and the kind of plain information (empty for none)."""


def view_choices(own: OwnFile) -> Section:
    """Give for each organisation that keeps something of the person whether it may be proactive, and the consents."""
    return Section(
        "choices",
        Said("Mijn keuzes", "My choices"),
        Said(
            "U mag bezwaar maken tegen het gebruik van uw gegevens om u zelf iets aan te bieden (AVG, art. 21).",
            "You may object to the use of what is known of you to offer you something unasked (GDPR, art. 21).",
        ),
        Said("Er valt hier nog niets te kiezen.", "There is nothing to choose here yet."),
        (*_choices(own), *_consents(own)),
    )


def change_choice(own: OwnFile, scope: Scope, *, is_stopped: bool) -> None:
    """Keep that the person objects, or wants it again, and put it on the journal.

    Raises NotFound for a scope that the page does not offer.
    """
    if scope not in _scopes(own) or not _is_kept(own):
        raise NotFound("There is no such choice")
    controller, law, notices = scope
    stops = Stops(own.instance, controller)
    if is_stopped:
        stops.object_to(own.subject, law, notices=notices)
    else:
        stops.withdraw(own.subject, law, notices)


def read_scope(about: str) -> Scope:
    """Read a scope as a button sends it; raises NotFound."""
    parts = about.split(" ")
    if len(parts) != 3:
        raise NotFound("There is no such choice")
    return parts[0], parts[1], parts[2]


def _is_kept(own: OwnFile) -> bool:
    """Tell whether this node keeps objections: only where something on it reads them."""
    return STOP in own.instance.vault.rules


def _scopes(own: OwnFile) -> dict[Scope, Kept | None]:
    """Give what may be chosen, each with the last word on it; None where nothing was said."""
    found: dict[Scope, Kept | None] = {(one.item.controller, "", ""): None for one in own.kept}
    # Whoever got plain information of a kind may stop that kind alone.
    for one in own.of_kind(MESSAGE):
        if one.text("law") in NOTICES:
            found.setdefault((one.item.controller, "", one.text("law")), None)
    for one in sorted(own.of_kind(STOP), key=_order):
        found[one.item.controller, one.text("law"), one.text("notices")] = one
    return found


def _choices(own: OwnFile) -> Iterator[Entry]:
    for scope, last in _scopes(own).items() if _is_kept(own) else ():
        controller, law, notices = scope
        is_stopped = last is not None and last.content.get("stopped") is True
        facts: list[tuple[Said, Value]] = [(_OFFERS, _NO if is_stopped else _YES)]
        facts += [(_ABOUT, NOTICES.get(notices, law or notices))] if law or notices else []
        facts += [(_SINCE, last.kept_on)] if last else []
        name = own.name_body(controller)
        change = Change("allow" if is_stopped else "stop", " ".join(scope), _WITHDRAW if is_stopped else _OBJECT)
        yield Entry(Said(name, name), tuple(facts), last.kept_on if last else None, change=change)


def _order(one: Kept) -> int:
    order = one.content.get("order")
    return order if isinstance(order, int) else 0


def list_consents(own: OwnFile) -> list[tuple[ConsentRow, Kept]]:
    """Give the consents that the person gave, each with what was said."""
    kept = {one.item.id: one for one in own.of_kind(CONSENT)}
    index = CaseIndex(own.instance.store)
    rows = [row for matter in list_matters(own) for row in index.find_consents("matter = ?", (matter,))]
    return [(row, kept[row.item]) for row in rows if row.item in kept]


def take_consent_back(own: OwnFile, consent: str) -> None:
    """Revoke a consent of the person; raises NotFound for one of somebody else."""
    if consent not in {row.id for row, _ in list_consents(own)}:
        raise NotFound("There is no such consent")
    revoke_consent(own.instance, own.principal, consent)


def _consents(own: OwnFile) -> Iterator[Entry]:
    for row, one in list_consents(own):
        given, fields = one.day("givenOn"), one.content.get("fields")
        listed = ", ".join(str(name) for name in fields) if isinstance(fields, list) else ""
        facts: list[tuple[Said, Value]] = [(Said("Aan", "To"), own.name_body(row.receiver))]
        facts += [(Said("Gegevens", "Facts"), listed)] if listed else []
        facts += [(Said("Gegeven op", "Given on"), given)] if given else []
        if row.revoked_on:
            facts.append((Said("Ingetrokken op", "Taken back on"), date.fromisoformat(row.revoked_on)))
        change = None if row.revoked_on else Change("revoke", row.id, _REVOKE)
        yield Entry(Said("U gaf toestemming", "You gave consent"), tuple(facts), given, change=change)
