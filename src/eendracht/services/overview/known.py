"""What is known of a person and from where: extracts of registers, corrections and reports of doubt, and the rest.

Everything that is kept is in this list: what has no words of its own is named by its kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from eendracht.kernel.wording import Said
from eendracht.services.overview.names import name_kind
from eendracht.services.overview.own_file import Kept, OwnFile
from eendracht.services.overview.sections import Entry, Section, Value, rank

EXTRACT: Final = "register-extract"
CLAIM: Final = "claim"
FEEDBACK: Final = "register-feedback"
_STATES: Final = {
    "open": Said("nog niet beslist", "not decided yet"),
    "accepted": Said("overgenomen", "accepted"),
    "refused": Said("afgewezen", "refused"),
    "waiting": Said("nog niet verstuurd", "not sent yet"),
    "sent": Said("verstuurd", "sent"),
    "received": Said("ontvangen", "received"),
    "investigating": Said("in onderzoek", "being looked into"),
    "corrected": Said("verbeterd", "corrected"),
    "rejected": Said("afgewezen", "refused"),
}
_FROM: Final = Said("Van", "From")
_AS_OF: Final = Said("Zoals het was op", "As it was on")
_UNTIL: Final = Said("Bewaard tot", "Kept until")
_GROUND: Final = Said("Grondslag", "Legal basis")
_HOW_MANY: Final = Said("Hoe vaak", "How many")
_STATE: Final = Said("Stand", "Status")
_MADE_UP: Final = Said("verzonnen, voor deze demonstratie", "made up, for this demonstration")


def view_known(own: OwnFile) -> Section:
    """Give everything that is kept, the newest first; corrections that wait for a decision before the rest."""
    return Section(
        "known",
        Said("Wat er over mij bekend is", "What is known of me"),
        Said(
            "Elk gegeven met waar het vandaan komt en van welke dag het is. Klopt er iets niet? Geef het door.",
            "Each fact with where it comes from and of which day it is. Is something wrong? Tell us.",
        ),
        Said("Hier is niets over u bekend.", "Nothing is known of you here."),
        rank([*_extracts(own), *_claims(own), *_feedback(own), *_others(own)]),
    )


def _about(own: OwnFile, one: Kept) -> tuple[tuple[Said, Value], ...]:
    until = one.item.retain_until
    return (
        (_FROM, own.name_body(one.item.controller)),
        (_GROUND, one.item.ground),
        (_UNTIL, _day(until)),
    )


def _day(text: str) -> Value:
    return date.fromisoformat(text)


def _extracts(own: OwnFile) -> Iterator[Entry]:
    for one in own.of_kind(EXTRACT):
        register = one.text("register")
        as_of = one.day("asOf")
        facts: list[tuple[Said, Value]] = [(_AS_OF, as_of)] if as_of else []
        if one.text("source") == "synthetic":
            facts.append((Said("Bron", "Source"), _MADE_UP))
        elif one.text("source"):
            facts.append((Said("Bron", "Source"), one.text("source")))
        title = Said(f"Gegevens uit {register}", f"Facts from {register}")
        yield Entry(title, (*facts, *_about(own, one)), as_of or one.kept_on, more=tuple(_rows(one)))


def _rows(one: Kept) -> Iterator[tuple[str, str]]:
    """Yield the facts of an extract, row by row, but for the key by which the register knows the person."""
    rows, key = one.content.get("rows"), one.text("key")
    for row in rows if isinstance(rows, list) else ():
        for name, value in row.items() if isinstance(row, dict) else ():
            if name != key and value not in (None, ""):
                yield name.replace("_", " "), str(value)


def _claims(own: OwnFile) -> Iterator[Entry]:
    decided = {one.text("claim"): one.text("state") for one in own.of_kind(CLAIM) if one.text("event") == "decided"}
    for one in own.of_kind(CLAIM):
        if one.text("event") == "made":
            state = decided.get(one.item.id, "open")
            yield _reported(own, one, state, Said("Uw verbetering", "Your correction"), state == "open")


def _feedback(own: OwnFile) -> Iterator[Entry]:
    states = {one.text("report"): one.text("state") for one in own.of_kind(FEEDBACK) if one.text("event") == "state"}
    for one in own.of_kind(FEEDBACK):
        if one.text("event") == "made":
            state = states.get(one.item.id, one.text("state"))
            said = Said("Terugmelding aan de bronhouder", "Report to the keeper of the register")
            yield _reported(own, one, state, said, False)


def _reported(own: OwnFile, one: Kept, state: str, said: Said, is_pressing: bool) -> Entry:
    fact = one.text("fact").replace("_", " ")
    facts: list[tuple[Said, Value]] = [(_STATE, _STATES.get(state, Said(state, state)))]
    facts.append((Said("Register", "Register"), one.text("register")))
    for name, label in (
        ("registerValue", Said("In het register", "In the register")),
        ("statedValue", Said("Volgens u", "By your word")),
    ):
        value = one.content.get(name)
        if value is not None:
            facts.append((label, str(value)))
    title = Said(f"{said.nl}: {fact}", f"{said.en}: {fact}")
    return Entry(title, (*facts, *_about(own, one)), one.kept_on, is_pressing)


def _others(own: OwnFile) -> Iterator[Entry]:
    """Yield what has no words of its own here, what is alike together."""
    alike: dict[tuple[str, str, str], list[Kept]] = {}
    for one in own.kept:
        if one.item.kind not in (EXTRACT, CLAIM, FEEDBACK):
            alike.setdefault((one.item.kind, one.item.controller, one.item.ground), []).append(one)
    for (kind, _, _), kept in alike.items():
        count = ((_HOW_MANY, str(len(kept))),) if len(kept) > 1 else ()
        yield Entry(name_kind(kind), (*count, *_about(own, kept[-1])), kept[-1].kept_on)
