"""Acting for somebody else: on which ground, for which services, and from when until when.

What is recorded about a person decides; a name or a number that somebody gives does not. Under guardianship (curatele)
a person cannot submit alone: Burgerlijk Wetboek boek 1, art. 381.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.errors import Denied
from eendracht.kernel.journal import Journal
from eendracht.kernel.vault import Vault
from eendracht.kernel.wording import Said
from eendracht.services.forms.claims import read_items
from eendracht.services.forms.extracts import STREAM
from eendracht.services.forms.retention import REPRESENTATION

Basis = Literal[
    "parental-authority", "guardianship", "curatele", "bewind", "mentorschap", "volmacht", "heir", "signatory"
]
EVERYTHING: Final = "*"
PURPOSE: Final = "representation"
BASES: Final[dict[str, tuple[Said, str]]] = {
    "parental-authority": (Said("u heeft het ouderlijk gezag", "you have parental authority"), "BW boek 1, art. 245"),
    "guardianship": (Said("u bent voogd", "you are the guardian of this child"), "BW boek 1, art. 337"),
    "curatele": (Said("u bent curator", "you are the guardian (curator)"), "BW boek 1, art. 381"),
    "bewind": (Said("u bent bewindvoerder", "you are the administrator"), "BW boek 1, art. 441"),
    "mentorschap": (Said("u bent mentor", "you are the mentor"), "BW boek 1, art. 453"),
    "volmacht": (Said("u heeft een volmacht", "you hold a power of attorney"), "Awb, art. 2:1"),
    "heir": (Said("u bent erfgenaam", "you are an heir"), "BW boek 4, art. 182"),
    "signatory": (Said("u mag voor dit bedrijf tekenen", "you may sign for this business"), "Handelsregisterwet 2007"),
}
"""Each ground in words, and the article on which it rests."""


class NotRepresented(Denied):
    """Somebody acts for another without a ground that covers it on this day."""

    code = "not-represented"
    title_nl = "U kunt dit niet voor een ander doen"
    title_en = "You cannot do this for someone else"
    default_hint = "Have the representation recorded first, for example a power of attorney (machtiging)."


class UnderGuardianship(Denied):
    """A person under guardianship cannot submit alone; the guardian does it."""

    code = "under-guardianship"
    title_nl = "U staat onder curatele. Daarom doet uw curator deze aanvraag"
    title_en = "You are under guardianship. That is why your guardian makes this application"
    default_hint = "Ask your guardian (curator) to do it, or ask the municipality for help."


@dataclass(frozen=True, slots=True)
class Representation:
    """That `by` may act for `represented`, on a basis, for services (codes, or `*`), on `[starts, ends)`."""

    represented: str
    by: str
    basis: Basis
    starts: date
    ends: date | None = None
    scope: tuple[str, ...] = (EVERYTHING,)
    source: str = ""
    item: str = ""

    def covers(self, service: str, on: date) -> bool:
        """Whether it holds for a service on a day."""
        return self.holds_on(on) and (EVERYTHING in self.scope or service in self.scope)

    def holds_on(self, on: date) -> bool:
        """Whether a day lies between its start and its end."""
        return self.starts <= on and (self.ends is None or on < self.ends)

    @property
    def because(self) -> Said:
        """The ground in words, with its article."""
        said, article = BASES[self.basis]
        return Said(f"{said.nl} ({article})", f"{said.en} ({article})")


def keep_representation(
    vault: Vault, found: Representation, *, controller: str, ground: str, author: Principal
) -> tuple[str, str]:
    """Keep that somebody may act for another, with both, and give the ids; raises what `Vault.put` raises."""
    if found.basis not in get_args(Basis):
        raise ValueError(f"'{found.basis}' is no basis to act for another")
    content: dict[str, Any] = {
        "represented": found.represented,
        "by": found.by,
        "basis": found.basis,
        "starts": found.starts.isoformat(),
        "ends": found.ends.isoformat() if found.ends else None,
        "scope": list(found.scope),
        "source": found.source,
    }
    ids = [
        vault.put(subject, REPRESENTATION, content, controller=controller, ground=ground, author=author)
        for subject in (found.represented, found.by)
    ]
    return ids[0], ids[1]


def list_representations(vault: Vault, subject: str, asker: Principal) -> list[Representation]:
    """Give every representation in which a subject plays a part, as far as the asker may see it."""
    return list(_read(vault, subject, asker))


def require_representation(
    vault: Vault, journal: Journal, asker: Principal, represented: str, service: str, on: date
) -> Representation:
    """Give the ground on which the asker acts for another; raises NotRepresented, and journals both outcomes."""
    me = asker.subject
    found = [
        item
        for item in (_read(vault, me, asker) if me else ())
        if item.by == me and item.represented == represented and item.covers(service, on)
    ]
    line = {"event": "act-for", "asker": asker.name, "represented": represented, "service": service}
    basis = {"item": found[0].item, "basis": found[0].basis} if found else {}
    journal.append(STREAM, [{**line, "outcome": "permit" if found else "deny", **basis}])
    if not found:
        raise NotRepresented("No representation covers this service on this day")
    return found[0]


def require_capacity(vault: Vault, asker: Principal, on: date) -> None:
    """Refuse that a person under guardianship submits alone; raises UnderGuardianship."""
    me = asker.subject
    for item in _read(vault, me, asker) if me else ():
        if item.represented == me and item.basis == "curatele" and item.holds_on(on):
            raise UnderGuardianship("Somebody under guardianship cannot submit alone")


def reader_for(vault: Vault, representation: Representation) -> Principal:
    """Give as whom the wing reads what is known of the represented, on behalf of who acts for them."""
    controllers = {item.controller for item in vault.describe(subjects=[representation.represented])}
    return Principal("services/forms", frozenset((Role.READER, controller) for controller in controllers))


def _read(vault: Vault, subject: str, asker: Principal) -> Iterator[Representation]:
    for item, _, content in read_items(vault, subject, REPRESENTATION, asker, PURPOSE):
        ends = content["ends"]
        yield Representation(
            content["represented"],
            content["by"],
            content["basis"],
            date.fromisoformat(content["starts"]),
            date.fromisoformat(ends) if ends else None,
            tuple(content["scope"]),
            content["source"],
            item,
        )
