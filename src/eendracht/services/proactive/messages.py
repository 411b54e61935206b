"""Letters and messages in plain Dutch (B1) and English: why, how much, how sure, what to do, and how to stop it.

A message is information and no decision. What it says of money comes from the run; it adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from eendracht.kernel.wording import Said, say
from eendracht.services.proactive.benefits import Benefit, name_fact

Language = Literal["nl", "en"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: name, telephone, where people see their data, and where they say that they want no messages."""

    name: str
    telephone: str = ""
    overview: str = ""
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its paragraphs, each with a heading or none."""

    kind: str
    language: Language
    subject: str
    parts: Sequence[tuple[str, str]]

    @property
    def text(self) -> str:
        """The letter as plain text."""
        return "\n\n".join(f"{heading}\n{body}" if heading else body for heading, body in self.parts) + "\n"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a message is about: a line of the list, with how the benefit is called. Amounts are eurocents a year."""

    law: str
    title: str
    article: str
    benefit: Benefit
    certainty: str
    amount: int | None = None
    missing: Sequence[str] = ()
    risk: str = "unknown"
    raised: Mapping[int, int | None] = field(default_factory=dict)
    is_for_other: bool = False
    """Whether it goes to who acts for the person under guardianship."""


def write_message(about: Entitlement, sender: Sender, language: Language) -> Message:
    """Write the message on a benefit that somebody may have a right to and does not use."""
    said = _Writer(language)
    name = about.benefit.name[language]
    parts = [
        ("", said(_OPENING_OTHER if about.is_for_other else _OPENING, benefit=name)),
        (said(_WHY), said(_REASON, article=about.article, law=about.title, sender=sender.name, benefit=name)),
        (said(_HOW_MUCH), " ".join(_amount(about, said))),
        (said(_PAY_BACK), " ".join(_risk(about, said))),
        (said(_WHAT_TO_DO), " ".join(_steps(about, sender, said))),
        _no_decision(about.benefit, said),
        *_own_data(sender, said),
    ]
    return Message(f"entitlement-{about.certainty}", language, said(_SUBJECT, benefit=name), parts)


class _Writer:
    """Says sentences in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, sentence: Said, **values: object) -> str:
        return say(sentence.nl, sentence.en, **values)[self.language]

    def euros(self, cents: int) -> str:
        """Print whole euros, as people write them in the language."""
        grouped = f"{(cents + 50) // 100:,}"
        return f"€ {grouped.replace(',', '.')}" if self.language == "nl" else f"€{grouped}"


def _amount(about: Entitlement, said: _Writer) -> Iterator[str]:
    if about.amount is None:
        yield said(_UNKNOWN_AMOUNT)
        if about.missing:
            facts = [name_fact(column)[said.language] for column in about.missing]
            yield said(_MISSING, facts=_list(facts, said.language))
        return
    yield said(_SURE if about.certainty == "sure" else _ESTIMATE, amount=said.euros(about.amount))
    yield said(_SURE_BECAUSE if about.certainty == "sure" else _ESTIMATE_BECAUSE)


def _risk(about: Entitlement, said: _Writer) -> Iterator[str]:
    if about.amount is None:
        yield said(_RISK_UNKNOWN)
        return
    steps = [(step, left) for step, left in sorted(about.raised.items()) if left is not None and left < about.amount]
    if not steps:
        yield said(_NO_RISK if about.risk == "none" and not about.raised else _SMALL_RISK)
        return
    step, left = steps[0]
    yield said(_RISK, step=step)
    if left <= 0:
        yield said(_RISK_ALL)
    else:
        yield said(_RISK_PART, left=said.euros(left), back=said.euros(about.amount - left))
    yield said(_WARN)


def _steps(about: Entitlement, sender: Sender, said: _Writer) -> Iterator[str]:
    benefit = about.benefit
    if benefit.address:
        yield said(_APPLY, authority=benefit.authority[said.language], address=benefit.address)
    else:
        yield said(_APPLY_BY, authority=benefit.authority[said.language])
    if sender.telephone:
        yield said(_HELP, telephone=sender.telephone)
    yield said(_NO_DUTY)


def _no_decision(benefit: Benefit, said: _Writer) -> tuple[str, str]:
    return said(_INFORMATION), said(_NO_DECISION, authority=benefit.authority[said.language])


def _own_data(sender: Sender, said: _Writer) -> Iterator[tuple[str, str]]:
    """Yield which data were used, and how to stop it."""
    used = said(_USED, sender=sender.name)
    yield said(_YOUR_DATA), used + (" " + said(_SEE, overview=sender.overview) if sender.overview else "")
    yield said(_STOP), said(_OBJECT, stop=sender.stop) if sender.stop else said(_OBJECT_BY_LETTER, sender=sender.name)


def _list(items: Sequence[str], language: Language) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {'en' if language == 'nl' else 'and'} {items[-1]}"


# -- plain information by date or place -----------------------------------------------------------------------------


def write_notice(kind: str, sender: Sender, language: Language, **values: Any) -> Message:
    """Write plain information on something that ends or is near; raises KeyError for another kind."""
    subject, opening, step = NOTICES[kind]
    said = _Writer(language)
    # Nobody decides on anything here.
    parts = [("", said(opening, **values)), (said(_WHAT_TO_DO), said(step, **values)), *_own_data(sender, said)]
    return Message(kind, language, said(subject, **values), parts)


def write_warning(
    law: Benefit, article: str, title: str, back: int, now: int, then: int, language: Language
) -> Message:
    """Write the warning that somebody asked for: a change makes an amount lower, and what was paid comes back."""
    said = _Writer(language)
    name = law.name[language]
    amounts = {"now": said.euros(now), "then": said.euros(then), "back": said.euros(back)}
    parts = [
        ("", said(_WARNING, benefit=name, **amounts)),
        (said(_WHY), said(_WARNING_REASON, article=article, law=title)),
        (said(_WHAT_TO_DO), said(_REPORT, authority=law.authority[language])),
        _no_decision(law, said),
    ]
    return Message("payback-warning", language, said(_WARNING_SUBJECT, benefit=name), parts)


_SUBJECT: Final = Said("Misschien hebt u recht op {benefit}", "You may have a right to {benefit}")
_OPENING: Final = Said(
    "Misschien hebt u recht op {benefit}. U krijgt dit nu niet. Daarom sturen wij u dit bericht.",
    "You may have a right to {benefit}. You do not get it now. That is why we send you this message.",
)
_OPENING_OTHER: Final = Said(
    "U regelt de zaken voor iemand anders. Die persoon heeft misschien recht op {benefit}. In deze brief staat 'u'."
    " Daarmee bedoelen wij die persoon.",
    "You act for somebody else. That person may have a right to {benefit}. Where this letter says 'you', we mean that"
    " person.",
)
_WHY: Final = Said("Waarom denken wij dat?", "Why do we think so?")
_REASON: Final = Said(
    "De {sender} keek naar gegevens die wij al hebben. Wij zien niet dat u {benefit} krijgt. De regels staan in de"
    " wet: {law}, artikel {article}.",
    "{sender} looked at data that we have already. We do not see that you get {benefit}. The rules are in the law:"
    " {law}, article {article}.",
)
_HOW_MUCH: Final = Said("Om hoeveel geld gaat het?", "How much money is it?")
_SURE: Final = Said("U kunt {amount} per jaar krijgen.", "You can get {amount} a year.")
_SURE_BECAUSE: Final = Said("Wij weten alles wat daarvoor telt.", "We know everything that counts for it.")
_ESTIMATE: Final = Said("U kunt ongeveer {amount} per jaar krijgen.", "You can get about {amount} a year.")
_ESTIMATE_BECAUSE: Final = Said(
    "Dit is een schatting. Uw inkomen van dit jaar staat nog niet vast.",
    "This is an estimate. Your income of this year is not final yet.",
)
_UNKNOWN_AMOUNT: Final = Said(
    "Dat weten wij nog niet. Wij weten ook niet zeker of u er recht op hebt.",
    "We do not know yet. We do not know either whether you have a right to it.",
)
_MISSING: Final = Said("Wij missen: {facts}.", "We miss: {facts}.")
_PAY_BACK: Final = Said("Moet u later geld terugbetalen?", "Will you have to pay money back later?")
_RISK_UNKNOWN: Final = Said(
    "Ook dat weten wij nog niet. Vraag het voordat u geld krijgt.",
    "We do not know that either. Ask it before you get money.",
)
_NO_RISK: Final = Said(
    "Het bedrag hangt niet af van uw inkomen. Verandert er niets? Dan hoeft u niets terug te betalen.",
    "The amount does not depend on your income. If nothing changes, you do not have to pay anything back.",
)
_SMALL_RISK: Final = Said(
    "Die kans is klein. Geef het wel altijd door als uw inkomen of uw gezin verandert.",
    "That is not likely. Do report it when your income or your household changes.",
)
_RISK: Final = Said(
    "Stel dat uw inkomen {step} procent hoger wordt.", "Suppose your income becomes {step} per cent higher."
)
_RISK_ALL: Final = Said(
    "Dan krijgt u niets. U moet dan alles terugbetalen.", "Then you get nothing, and pay back all of it."
)
_RISK_PART: Final = Said(
    "Dan krijgt u nog {left} per jaar. U betaalt dan {back} terug.",
    "Then you still get {left} a year, and pay back {back}.",
)
_WARN: Final = Said(
    "U kunt ons vragen om u op tijd te waarschuwen.",
    "You can ask us to warn you in time.",
)
_WHAT_TO_DO: Final = Said("Wat kunt u doen?", "What can you do?")
_APPLY: Final = Said(
    "Vraag het aan bij {authority}. Dat kan op {address}.",
    "Ask for it at {authority}. You can do that at {address}.",
)
_APPLY_BY: Final = Said("Vraag het aan bij {authority}.", "Ask for it at {authority}.")
_HELP: Final = Said("Hebt u hulp nodig? Bel ons: {telephone}.", "Do you need help? Call us: {telephone}.")
_NO_DUTY: Final = Said(
    "U hoeft niets te doen als u dat niet wilt.", "You do not have to do anything if you do not want to."
)
_INFORMATION: Final = Said("Dit is informatie", "This is information")
_NO_DECISION: Final = Said(
    "Deze brief is geen besluit. {authority} kijkt of u het geld krijgt. Dat besluit kan anders zijn.",
    "This letter is no decision. Whether you get the money is up to {authority}. That decision can be different.",
)
_YOUR_DATA: Final = Said("Uw gegevens", "Your data")
_USED: Final = Said(
    "De {sender} mag uw gegevens hiervoor gebruiken van de wet. Wij keken alleen naar wat nodig was.",
    "The law lets {sender} use your data for this. We looked only at what was needed.",
)
_SEE: Final = Said("Op {overview} ziet u welke gegevens dat zijn.", "At {overview} you see which data these are.")
_STOP: Final = Said("Wilt u dit niet?", "Do you not want this?")
_OBJECT: Final = Said(
    "U kunt bezwaar maken tegen dit gebruik van uw gegevens. Dat recht staat in artikel 21 van de privacywet (AVG). Dat"
    " kan op {stop}. U hoeft niet te zeggen waarom. Wij stoppen dan meteen.",
    "You can object to this use of your data. That right is in article 21 of the privacy law (GDPR). You can do it at"
    " {stop}. You do not have to say why. We then stop at once.",
)
_OBJECT_BY_LETTER: Final = Said(
    "U kunt bezwaar maken tegen dit gebruik van uw gegevens. Dat recht staat in artikel 21 van de privacywet (AVG)."
    " Schrijf of bel dan de {sender}. U hoeft niet te zeggen waarom. Wij stoppen dan meteen.",
    "You can object to this use of your data. That right is in article 21 of the privacy law (GDPR). Write to or call"
    " {sender}. You do not have to say why. We then stop at once.",
)
_WARNING_SUBJECT: Final = Said(
    "Pas op: u krijgt misschien te veel {benefit}", "Take care: you may get too much {benefit}"
)
_WARNING: Final = Said(
    "U vroeg ons om een waarschuwing. Er is iets veranderd. U kreeg {now} {benefit} per jaar. Nu hebt u recht op {then}"
    " per jaar. Over de maanden tot nu moet u misschien {back} terugbetalen.",
    "You asked us for a warning. Something has changed. You got {now} {benefit} a year. Now you have a right to {then}"
    " a year. For the months until now you may have to pay back {back}.",
)
_WARNING_REASON: Final = Said(
    "De regels staan in de wet: {law}, artikel {article}.", "The rules are in the law: {law}, article {article}."
)
_REPORT: Final = Said(
    "Geef de verandering door aan {authority}. Hoe eerder u dat doet, hoe minder u terugbetaalt.",
    "Report the change to {authority}. The sooner you do, the less you pay back.",
)
NOTICES: Final = {
    "document-expires": (
        Said("Uw {document} is bijna niet meer geldig", "Your {document} is about to expire"),
        Said("Uw {document} is geldig tot en met {day}.", "Your {document} is valid until and including {day}."),
        Said(
            "Hebt u een nieuw document nodig? Maak dan op tijd een afspraak.",
            "Do you need a new document? Then make an appointment in time.",
        ),
    ),
    "term-ends": (
        Said("Er verandert iets op {day}", "Something changes on {day}"),
        Said("Op {day} verandert er iets voor u: {what}.", "On {day} something changes for you: {what}."),
        Said("Kijk wat u nu al kunt regelen.", "See what you can arrange now."),
    ),
    "permit-nearby": (
        Said("Er is een plan bij u in de buurt", "There is a plan near you"),
        Said(
            "Iemand vroeg een vergunning aan: {what}. Dat is {metres} meter bij u vandaan.",
            "Somebody asked for a permit: {what}. It is {metres} metres from you.",
        ),
        Said(
            "Bekijk het plan. Bent u het er niet mee eens? Laat het ons weten tot en met {day}.",
            "Look at the plan. Do you not agree? Let us know until and including {day}.",
        ),
    ),
}
"""Subject, opening and what to do, of each kind of plain information."""
