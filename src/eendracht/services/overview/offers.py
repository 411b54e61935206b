"""What a person may be entitled to, and what was written to them: messages of proactive service, with their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eendracht.kernel.wording import Said
from eendracht.services.overview.live import list_live
from eendracht.services.overview.own_file import Kept, OwnFile
from eendracht.services.overview.sections import Entry, Section, Value, rank
from eendracht.services.proactive.retention import MESSAGE

_CERTAINTY: Final = {
    "sure": Said("zeker, als uw gegevens kloppen", "certain, if what is known of you is right"),
    "flag": Said("een schatting", "an estimate"),
    "estimate": Said("een schatting", "an estimate"),
}


def view_entitlements(own: OwnFile) -> Section:
    """Give what an organisation found, the newest of each law; then what the rules come to now with what is kept."""
    found = {one.text("law"): one for one in own.of_kind(MESSAGE) if one.text("article")}
    return Section(
        "entitlements",
        Said("Waar u misschien recht op hebt", "What you may be entitled to"),
        Said(
            "Gevonden door een organisatie, of nu berekend met wat hier bekend is. Zeker is het pas na een besluit.",
            "Found by an organisation, or worked out now with what is known here. Only a decision makes it certain.",
        ),
        Said(
            "Er is nu niets gevonden. Dat betekent niet dat u nergens recht op hebt: zoek de dienst en reken het na.",
            "Nothing was found now. That does not mean that you have no right: find the service and work it out.",
        ),
        (*rank(_entitlement(own, one) for one in found.values()), *list_live(own, frozenset(found))),
    )


def _entitlement(own: OwnFile, one: Kept) -> Entry:
    title = one.text("subject") or one.text("law")
    facts: list[tuple[Said, Value]] = [(Said("Van", "From"), own.name_body(one.item.controller))]
    amount = one.content.get("amountPerYear")
    if isinstance(amount, int):
        euros = f"€ {amount // 100:,}"
        facts.append((Said("Bedrag per jaar", "Amount a year"), Said(euros.replace(",", "."), euros)))
    certainty = one.text("certainty")
    facts.append((Said("Hoe zeker", "How certain"), _CERTAINTY.get(certainty, Said(certainty, certainty))))
    facts.append((Said("Artikel", "Article"), one.text("article")))
    return Entry(Said(title, title), tuple(facts), one.kept_on, True)


def view_messages(own: OwnFile) -> Section:
    """Give the messages as they were written."""
    return Section(
        "messages",
        Said("Mijn berichten", "My messages"),
        Said("Wat organisaties u hier schreven.", "What organisations wrote to you here."),
        Said("Er zijn geen berichten.", "There are no messages."),
        rank(_list_messages(own)),
    )


def _list_messages(own: OwnFile) -> Iterator[Entry]:
    for one in own.of_kind(MESSAGE):
        title, day = one.text("subject") or one.text("law"), one.kept_on
        facts: tuple[tuple[Said, Value], ...] = (
            (Said("Van", "From"), own.name_body(one.item.controller)),
            (Said("Op", "On"), day),
        )
        yield Entry(Said(title, title), facts, day, text=one.text("text"))
