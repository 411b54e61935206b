"""The confirmation of receipt (ontvangstbevestiging) in plain Dutch and English.

The duty stands in the Awb: for an objection or appeal in article 6:14. In which article it stands for what comes in
electronically is not cited: the text in force is to be checked by a lawyer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eendracht.kernel.wording import Said
from eendracht.services.decision_terms import Form, Term

_MONTHS: Final = (
    ("januari", "January"),
    ("februari", "February"),
    ("maart", "March"),
    ("april", "April"),
    ("mei", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("augustus", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("december", "December"),
)
_FORMS: Final[Mapping[Form, Said]] = {
    "application": Said("uw aanvraag", "your application"),
    "objection": Said("uw bezwaar", "your objection"),
    "appeal": Said("uw beroep", "your appeal"),
    "message": Said("uw bericht", "your message"),
}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is confirmed to whoever submitted something: sentences, and the facts in them."""

    number: str
    organisation: str
    received_on: date
    decide_by: date | None
    received: tuple[str, ...]
    sentences: tuple[Said, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data, as the vault keeps it and the API prints it."""
        return {
            "number": self.number,
            "organisation": self.organisation,
            "receivedOn": self.received_on.isoformat(),
            "decideBy": self.decide_by.isoformat() if self.decide_by else "",
            "received": list(self.received),
            "nl": [sentence.nl for sentence in self.sentences],
            "en": [sentence.en for sentence in self.sentences],
        }


@dataclass(frozen=True, slots=True)
class Receipt:
    """The facts of a receipt.

    `about` names the service or products, empty where nobody said it; `sender` is the organisation that handed it over,
    empty where nobody did.
    """

    form: Form
    about: Said
    organisation_name: str
    number: str
    received_on: date
    submitted_on: date
    received: Sequence[str]
    term: Term | None
    sender_name: str = ""
    first_received_on: date | None = None


def spell_day(day: date) -> Said:
    """Give a day in words: 6 april 2026."""
    nl, en = _MONTHS[day.month - 1]
    return Said(f"{day.day} {nl} {day.year}", f"{day.day} {en} {day.year}")


def confirm_receipt(receipt: Receipt) -> Confirmation:
    """Write the confirmation: when what came in, who has it, until when is decided, and what counts as its day."""
    sentences = [_first(receipt), _what(receipt)]
    if receipt.sender_name and receipt.first_received_on:
        sentences += _handed_over(receipt, receipt.first_received_on)
    sentences.append(_until(receipt))
    number = Said(f"Uw kenmerk is {receipt.number}.", f"Your reference is {receipt.number}.")
    return Confirmation(
        number=receipt.number,
        organisation=receipt.organisation_name,
        received_on=receipt.received_on,
        decide_by=receipt.term.ends if receipt.term else None,
        received=tuple(receipt.received),
        sentences=(*sentences, number),
    )


def _first(receipt: Receipt) -> Said:
    form, day = _FORMS[receipt.form], spell_day(receipt.received_on)
    about = Said(*(f" ({name})" if name else "" for name in (receipt.about.nl, receipt.about.en)))
    return Said(
        f"{receipt.organisation_name} heeft {form.nl}{about.nl} ontvangen op {day.nl}.",
        f"{receipt.organisation_name} received {form.en}{about.en} on {day.en}.",
    )


def _what(receipt: Receipt) -> Said:
    if not receipt.received:
        return Said("Er zaten geen gegevens of bijlagen bij.", "It held no details or attachments.")
    listed = "; ".join(receipt.received)
    return Said(f"Dit hebben wij ontvangen: {listed}.", f"This is what we received: {listed}.")


def _handed_over(receipt: Receipt, first: date) -> list[Said]:
    day, counts = spell_day(first), spell_day(receipt.submitted_on)
    sender = receipt.sender_name
    told = [
        Said(
            f"U stuurde het op {day.nl} aan {sender}. {sender} stuurde het door. U hoeft niets opnieuw te sturen.",
            f"You sent it to {sender} on {day.en}. {sender} passed it on. You do not need to send anything again.",
        )
    ]
    if receipt.form in ("objection", "appeal"):
        told.append(
            Said(
                f"Voor de vraag of u op tijd bent, telt de dag bij {sender}: {counts.nl} (Awb, artikel 6:15).",
                f"Whether you are in time depends on the day at {sender}: {counts.en} (Awb, article 6:15).",
            )
        )
    return told


def _until(receipt: Receipt) -> Said:
    if receipt.term is None:
        return Said(
            "Wij kunnen nog niet zeggen wanneer u antwoord krijgt. Dat hoort u van ons.",
            "We cannot say yet when you will have an answer. We will tell you.",
        )
    day, article = spell_day(receipt.term.ends), receipt.term.article
    moved = (" Dat is de eerste werkdag.", " That is the first working day.") if receipt.term.is_moved else ("", "")
    return Said(
        f"U krijgt uiterlijk op {day.nl} een besluit ({article}).{moved[0]}",
        f"You will have a decision on {day.en} at the latest ({article}).{moved[1]}",
    )
