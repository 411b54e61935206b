"""The few questions that come back to a person, ordered by how much the answer would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from eendracht.kernel.briefing.findings import Finding, Question
from eendracht.kernel.briefing.scope import Scope
from eendracht.kernel.wording import Said, say

MOST_QUESTIONS: Final = 10
_SHOWN: Final = 3

_ASKABLE: Final[dict[str, tuple[str, str]]] = {
    "unknown-criticality": (
        "Hoe erg is het als {n:deze applicatie uitvalt|deze {n} applicaties uitvallen}?",
        "How bad is it when {n:this application stops|these {n} applications stop}?",
    ),
    "unknown-hosting": (
        "Waar {n:draait deze applicatie|draaien deze {n} applicaties}?",
        "Where {n:does this application|do these {n} applications} run?",
    ),
    "unknown-personalData": (
        "{n:Bevat deze applicatie|Welke van deze {n} applicaties bevatten} persoonsgegevens?",
        "{n:Does this application|Which of these {n} applications} hold personal data?",
    ),
    "unknown-suppliedBy": (
        "Wie levert {n:deze applicatie|deze {n} applicaties}?",
        "Who supplies {n:this application|these {n} applications}?",
    ),
    "dangling-reference": (
        "Wat wordt bedoeld met {n:deze naam die nergens is|deze {n} namen die nergens zijn} vastgelegd?",
        "What is meant by {n:this name that is|these {n} names that are} recorded nowhere?",
    ),
    "contract-end-unknown": (
        "Wanneer {n:eindigt dit contract|eindigen deze {n} contracten}?",
        "When {n:does this contract|do these {n} contracts} end?",
    ),
    "contract-renewed-unseen": (
        "Tot wanneer {n:loopt dit verlengde contract|lopen deze {n} verlengde contracten} nu?",
        "Until when {n:does this renewed contract|do these {n} renewed contracts} run now?",
    ),
    "contract-notice-unknown": (
        "Wat is de opzegtermijn van {n:dit contract|deze {n} contracten}?",
        "What is the notice period of {n:this contract|these {n} contracts}?",
    ),
    "processing-without-ground": (
        "Op welke wet {n:rust deze verwerking|rusten deze {n} verwerkingen}?",
        "On which law {n:does this activity|do these {n} activities} rest?",
    ),
    "creditor-not-in-estate": (
        "{n:Levert deze crediteur|Welke van deze {n} crediteuren leveren} ICT of gegevens?",
        "{n:Does this creditor|Which of these {n} creditors} deliver IT or data?",
    ),
}


def list_questions(scope: Scope, findings: Sequence[Finding]) -> tuple[list[Question], int]:
    """Give the questions whose answers change most, and how many there are in all."""
    asked = [*_from_reviews(scope), *_from_findings(findings)]
    asked.sort(key=lambda question: (-question.changes, question.code, question.text.nl))
    return asked[:MOST_QUESTIONS], len(asked)


def _from_findings(findings: Sequence[Finding]) -> Iterator[Question]:
    for finding in findings:
        texts = _ASKABLE.get(finding.code)
        if texts:
            places = [row.place for row in finding.evidence if row.place]
            yield Question(finding.code, say(*texts, n=finding.count), places, finding.weight)


def _from_reviews(scope: Scope) -> Iterator[Question]:
    """Ask about columns one by one; pairs of names, and rows that name one thing twice, in one question each."""
    pairs = []
    rows = []
    for _, code, details, weight in scope.reviews:
        if code == "same-as":
            pairs.append((weight, details))
        elif code == "double-row":
            rows.append((weight, details))
        else:
            yield Question(code, Said(details["nl"], details["en"]), [details["place"]], weight)
    if pairs:
        names = "; ".join(f"{details['name']} = {details['otherName']}" for _, details in pairs[:_SHOWN])
        yield Question(
            "same-as",
            say(
                "{n:Is dit paar namen|Welke van deze {n} paren namen zijn} dezelfde? {names}{more}",
                "{n:Is this pair of names|Which of these {n} pairs of names are} the same? {names}{more}",
                n=len(pairs),
                names=names,
                more="; …" if len(pairs) > _SHOWN else "",
            ),
            [details["place"] for _, details in pairs],
            sum(weight for weight, _ in pairs),
        )
    if rows:
        yield Question(
            "double-row",
            say(
                "{n:Eén rij noemt|{n} rijen noemen} iets wat al in het bestand staat, maar anders. Is het één ding?",
                "{n:One row names|{n} rows name} what the file named before, but otherwise. Is it one thing?",
                n=len(rows),
            ),
            [details["place"] for _, details in rows],
            sum(weight for weight, _ in rows),
        )
