"""The few questions that come back to a person, ordered by how much the answer would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson

from eendracht.kernel.briefing.checks import Scope
from eendracht.kernel.briefing.findings import Finding, Question, Said

MOST_QUESTIONS: Final = 10

_ASKABLE: Final[dict[str, tuple[str, str]]] = {
    "unknown-criticality": (
        "Welke van deze {n} applicaties zijn kritiek?",
        "Which of these {n} applications are critical?",
    ),
    "unknown-hosting": ("Waar draaien deze {n} applicaties?", "Where do these {n} applications run?"),
    "unknown-personalData": (
        "Welke van deze {n} applicaties bevatten persoonsgegevens?",
        "Which of these {n} applications hold personal data?",
    ),
    "unknown-suppliedBy": ("Wie levert deze {n} applicaties?", "Who supplies these {n} applications?"),
    "dangling-reference": (
        "Wat wordt bedoeld met deze {n} namen die nergens zijn vastgelegd?",
        "What is meant by these {n} names that are recorded nowhere?",
    ),
    "contract-end-unknown": ("Wanneer eindigen deze {n} contracten?", "When do these {n} contracts end?"),
    "processing-without-ground": (
        "Op welke wet rusten deze {n} verwerkingen?",
        "On which law do these {n} processing activities rest?",
    ),
    "creditor-not-in-estate": (
        "Leveren deze {n} crediteuren ICT of gegevens?",
        "Do these {n} creditors deliver IT or data?",
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
            nl, en = (text.format(n=finding.count) for text in texts)
            places = [row.place for row in finding.evidence if row.place]
            yield Question(finding.code, Said(nl, en), places, finding.weight)


def _from_reviews(scope: Scope) -> Iterator[Question]:
    rows = scope.store.driver.reader().query(
        "SELECT system, code, details, weight FROM review WHERE answer IS NULL ORDER BY weight DESC, system, key"
    )
    doubts: list[tuple[int, dict[str, Any]]] = []
    for system, code, details, weight in rows:
        if not scope.asker.is_operator and f"organisation:{system.partition('/')[0]}" not in scope.asker.organisations:
            continue
        content = orjson.loads(details)
        if code == "same-as":
            doubts.append((weight, content))
        else:
            yield Question(code, Said(content["nl"], content["en"]), [content["place"]], weight)
    if doubts:
        names = "; ".join(f"{d['name']} = {d['otherName']}?" for _, d in doubts[:5])
        yield Question(
            "same-as",
            Said(
                f"Zijn deze {len(doubts)} paren namen dezelfde? {names}",
                f"Are these {len(doubts)} pairs of names the same? {names}",
            ),
            [d["place"] for _, d in doubts],
            sum(weight for weight, _ in doubts),
        )
