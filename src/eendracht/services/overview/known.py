"""What is known of a person and from where: extracts of registers, corrections and reports of doubt, and the rest.

Everything that is kept is in this list: what has no words of its own is named by its kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from eendracht.kernel.rules.values import from_plain
from eendracht.kernel.wording import Said
from eendracht.reference.facts import KEY as OF_OTHERS
from eendracht.reference.facts import load_fact_names
from eendracht.services.forms.answers import label_of, said_of
from eendracht.services.forms.claims import ClaimFile, gather_claims
from eendracht.services.forms.evidence import gather_waiting
from eendracht.services.forms.extracts import MADE_UP
from eendracht.services.forms.facts import Ask
from eendracht.services.forms.feedback import STATES as FEEDBACK_STATES
from eendracht.services.forms.feedback import gather_feedback
from eendracht.services.forms.retention import CLAIM, DRAFT_EVIDENCE, EXTRACT, FEEDBACK
from eendracht.services.overview.live import live_of
from eendracht.services.overview.names import name_kind
from eendracht.services.overview.own_file import Kept, OwnFile
from eendracht.services.overview.sections import Detail, Entry, Section, Value, rank

_STATES: Final[dict[str, Said]] = {
    "open": Said("nog niet beslist", "not decided yet"),
    "accepted": Said("overgenomen", "accepted"),
    "refused": Said("afgewezen", "refused"),
    **FEEDBACK_STATES,
}
_NUMBERS: Final = frozenset(("partner_bsn", "kinderen_bsn"))
"""Facts that are numbers of others: they tell the person nothing."""
_FROM: Final = Said("Van", "From")
_AS_OF: Final = Said("Zoals het was op", "As it was on")
_UNTIL: Final = Said("Bewaard tot", "Kept until")
_GROUND: Final = Said("Grondslag", "Legal basis")
_HOW_MANY: Final = Said("Hoe vaak", "How many")
_FILE: Final = Said("Bestand", "File")
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
        rank([*_extracts(own), *_claims(own), *_feedback(own), *_waiting(own), *_others(own)]),
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
        if one.text("source") == MADE_UP:
            facts.append((Said("Bron", "Source"), _MADE_UP))
        elif one.text("source"):
            facts.append((Said("Bron", "Source"), one.text("source")))
        title = Said(f"Gegevens uit {register}", f"Facts from {register}")
        yield Entry(title, (*facts, *_about(own, one)), as_of or one.kept_on, more=tuple(_rows(own, one)))


def _rows(own: OwnFile, one: Kept) -> Iterator[Detail]:
    """Yield the facts of an extract, row by row, but for the numbers by which registers know people.

    A fact that a form reads can be contradicted there.
    """
    rows, key = one.content.get("rows"), one.text("key")
    for row in rows if isinstance(rows, list) else ():
        is_own = isinstance(row, dict) and str(row.get(key)) == one.text("about")
        for name, value in row.items() if isinstance(row, dict) else ():
            if name == key or name in _NUMBERS or value in (None, ""):
                continue
            ask = Ask(name)
            label, said = _words(own, ask, value)
            form = live_of(own).forms.get(ask) if is_own else None
            yield Detail(label, said, (form, ask.control) if form else None)


def _words(own: OwnFile, ask: Ask, value: Any) -> tuple[Value, Value]:
    """Give a fact and its value in the words of the forms; as they stand where no law knows the fact."""
    item = load_fact_names().get(ask.name)
    library = live_of(own).library
    if item is None or item.held_by == OF_OTHERS or library is None:
        return ask.name.replace("_", " "), str(value)
    return label_of(ask), said_of(ask, from_plain(value), library)


def _items(own: OwnFile, kind: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    return ((one.item.id, one.item.controller, one.content) for one in own.of_kind(kind) if one.content)


def _claims(own: OwnFile) -> Iterator[Entry]:
    made = {one.item.id: one for one in own.of_kind(CLAIM)}
    said = Said("Uw verbetering", "Your correction")
    for claim in gather_claims(own.subject, _items(own, CLAIM)):
        yield _reported(own, made[claim.id], claim.state, said, claim.state == "open", claim.files)


def _feedback(own: OwnFile) -> Iterator[Entry]:
    made = {one.item.id: one for one in own.of_kind(FEEDBACK)}
    said = Said("Terugmelding aan de bronhouder", "Report to the keeper of the register")
    for report in gather_feedback(own.subject, _items(own, FEEDBACK)):
        yield _reported(own, made[report.id], report.state, said, False, report.attachments)


def _waiting(own: OwnFile) -> Iterator[Entry]:
    """Yield the files of corrections that are not handed in, each with the form in which it can be taken away."""
    made = {one.item.id: one for one in own.of_kind(DRAFT_EVIDENCE)}
    for file in gather_waiting(_items(own, DRAFT_EVIDENCE)).files:
        label = label_of(file.ask)
        title = Said(f"Bestand bij: {label.nl}", f"File with: {label.en}")
        facts: tuple[tuple[Said, Value], ...] = (
            (_STATE, Said("nog niet ingediend; u kunt het weghalen", "not handed in yet; you can remove it")),
            (_FILE, file.name),
            *_about(own, made[file.id]),
        )
        yield Entry(title, facts, made[file.id].kept_on, page=("apply-form", file.form))


def _reported(own: OwnFile, one: Kept, state: str, said: Said, is_pressing: bool, files: Iterable[ClaimFile]) -> Entry:
    ask = Ask(one.text("fact"), "partner" if one.text("whose") == "partner" else "me")
    label = label_of(ask) if ask.name in load_fact_names() else _plain(ask.name.replace("_", " "))
    facts: list[tuple[Said, Value]] = [(_STATE, _STATES.get(state, _plain(state)))]
    facts.append((Said("Register", "Register"), one.text("register")))
    for name, called in (
        ("registerValue", Said("In het register", "In the register")),
        ("statedValue", Said("Volgens u", "By your word")),
    ):
        value = one.content.get(name)
        if value is not None:
            facts.append((called, _words(own, ask, value)[1]))
    facts += [(_FILE, file.name) for file in files]
    title = Said(f"{said.nl}: {label.nl}", f"{said.en}: {label.en}")
    return Entry(title, (*facts, *_about(own, one)), one.kept_on, is_pressing)


def _plain(text: str) -> Said:
    return Said(text, text)


def _others(own: OwnFile) -> Iterator[Entry]:
    """Yield what has no words of its own here, what is alike together."""
    alike: dict[tuple[str, str, str], list[Kept]] = {}
    told = _list_told_files(own)
    for one in own.kept:
        if one.item.kind not in (EXTRACT, CLAIM, FEEDBACK) and one.item.id not in told:
            alike.setdefault((one.item.kind, one.item.controller, one.item.ground), []).append(one)
    for (kind, _, _), kept in alike.items():
        count = ((_HOW_MANY, str(len(kept))),) if len(kept) > 1 else ()
        yield Entry(name_kind(kind), (*count, *_about(own, kept[-1])), kept[-1].kept_on)


def _list_told_files(own: OwnFile) -> set[str]:
    """Give the items of files that stand with what they belong to."""
    waiting = gather_waiting(_items(own, DRAFT_EVIDENCE)).files
    claims = gather_claims(own.subject, _items(own, CLAIM))
    shown = {file.item for claim in claims for file in claim.files}
    return shown | {item for file in waiting for item in (file.id, file.file)}
