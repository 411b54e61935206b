"""For whom a person may act, and who may act for them; of the other no more is shown than the ground."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.wording import Said
from eendracht.services.forms.retention import REPRESENTATION
from eendracht.services.overview.own_file import Kept, OwnFile
from eendracht.services.overview.sections import Entry, Section, Value, rank

_MINE: Final = Said("U handelt voor een ander", "You act for another")
_OTHERS: Final = Said("Een ander handelt voor u", "Another acts for you")
_BASES: Final[dict[str, Said]] = {
    "parental-authority": Said("ouderlijk gezag", "parental authority"),
    "guardianship": Said("voogdij", "guardianship of a child"),
    "heir": Said("erfrecht", "inheritance"),
    "signatory": Said("bevoegd voor een onderneming", "authorised for a business"),
    "curatele": Said("curatele", "guardianship (curatele)"),
    "bewind": Said("bewind", "administration (bewind)"),
    "mentorschap": Said("mentorschap", "mentorship"),
    "mandate": Said("machtiging", "mandate"),
    "volmacht": Said("volmacht", "power of attorney"),
}


def view_acting(own: OwnFile) -> Section:
    """Give the representations in which the person plays a part, those that hold now first."""
    return Section(
        "acting",
        Said("Handelen voor een ander", "Acting for another"),
        Said("Voor wie u zaken mag regelen, en wie dat voor u mag.", "For whom you may act, and who may act for you."),
        Said("U handelt voor niemand, en niemand handelt voor u.", "You act for nobody, and nobody acts for you."),
        rank(_entry(own, one) for one in own.of_kind(REPRESENTATION)),
    )


def _entry(own: OwnFile, one: Kept) -> Entry:
    basis, starts, ends = one.text("basis"), one.day("starts"), one.day("ends")
    is_mine = one.text("by") == own.subject
    said = _BASES.get(basis, Said(basis, basis))
    title = _MINE if is_mine else _OTHERS
    has_ended = ends is not None and ends <= own.today
    facts: list[tuple[Said, Value]] = [(Said("Op grond van", "On the ground of"), said)]
    facts += [(Said("Vanaf", "From"), starts)] if starts else []
    facts.append((Said("Tot", "Until"), ends or Said("geen einddatum", "no end date")))
    note = Said("Dit geldt niet meer.", "This holds no more.") if has_ended else None
    return Entry(title, tuple(facts), starts, note=note)
