"""The say of a person over the use of data: objections against proactive use (GDPR art. 21), and consents given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eendracht.kernel.wording import Said
from eendracht.services.overview.own_file import Kept, OwnFile
from eendracht.services.overview.sections import Entry, Section, Value, rank

STOP: Final = "proactive-stop"
CONSENT: Final = "case-consent"
_BODY: Final = Said("Organisatie", "Organisation")


def view_choices(own: OwnFile) -> Section:
    """Give the objections, the newest word of each, and the consents."""
    return Section(
        "choices",
        Said("Mijn keuzes", "My choices"),
        Said(
            "U mag bezwaar maken tegen het gebruik van uw gegevens om u zelf iets aan te bieden (AVG, art. 21).",
            "You may object to the use of what is known of you to offer you something unasked (GDPR, art. 21).",
        ),
        Said("U hebt nergens bezwaar tegen gemaakt en geen toestemming gegeven.", "You made no objection or consent."),
        rank([*_stops(own), *_consents(own)]),
    )


def _stops(own: OwnFile) -> Iterator[Entry]:
    last: dict[tuple[str, str, str], Kept] = {}
    for one in sorted(own.of_kind(STOP), key=_order):
        last[one.item.controller, one.text("law"), one.text("notices")] = one
    for (controller, law, notices), one in last.items():
        is_stopped = one.content.get("stopped") is True
        what = law or notices
        facts: list[tuple[Said, Value]] = [(_BODY, own.name_body(controller))]
        facts.append((Said("Waarover", "About"), what or Said("alles", "everything")))
        title = (
            Said("U maakte bezwaar: dit gebeurt niet meer", "You objected: this does not happen any more")
            if is_stopped
            else Said("U trok uw bezwaar in: dit mag weer", "You took your objection back: this may happen again")
        )
        yield Entry(title, tuple(facts), one.kept_on)


def _order(one: Kept) -> int:
    order = one.content.get("order")
    return order if isinstance(order, int) else 0


def _consents(own: OwnFile) -> Iterator[Entry]:
    for one in own.latest(CONSENT, "id").values():
        given, revoked = one.day("givenOn"), one.day("revokedOn")
        fields = one.content.get("fields")
        listed = ", ".join(str(name) for name in fields) if isinstance(fields, list) else ""
        facts: list[tuple[Said, Value]] = [(Said("Aan", "To"), own.name_body(one.text("receiver")))]
        facts += [(Said("Gegevens", "Facts"), listed)] if listed else []
        facts += [(Said("Gegeven op", "Given on"), given)] if given else []
        facts += [(Said("Ingetrokken op", "Taken back on"), revoked)] if revoked else []
        yield Entry(Said("U gaf toestemming", "You gave consent"), tuple(facts), given)
