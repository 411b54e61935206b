"""A finding and a question: what is the matter, why it matters, what to do next, and the rows on which it rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from eendracht.kernel.explanation import Rule
from eendracht.kernel.wording import Said

Severity = Literal["high", "medium", "low"]
"""High: service or money is at stake now. Medium: it will be. Low: untidy."""

RANK: dict[str, int] = {"high": 0, "medium": 1, "low": 2}
MOST_EVIDENCE = 10_000
"""So many rows of a finding are given; its count says how many there are."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row on which a finding rests: the record, where its source says it, and what is to be known beside it."""

    ref: str
    name: str
    place: str
    note: Said | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give the row as plain data."""
        note = {"note": {"nl": self.note.nl, "en": self.note.en}} if self.note else {}
        return {"ref": self.ref, "name": self.name, "place": self.place, **note}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that needs attention.

    `weight` counts what it touches (things that stop, euros, rows) and orders findings of one severity and code.
    """

    code: str
    severity: Severity
    title: Said
    reason: Said
    next_step: Said
    evidence: Sequence[Evidence]
    count: int
    weight: int = 0
    rule: Rule | None = None
    """On what it rests; by default the rule of the kernel for its code."""

    def as_dict(self) -> dict[str, Any]:
        """Give the finding as plain data."""
        return {
            "code": self.code,
            "severity": self.severity,
            "title": {"nl": self.title.nl, "en": self.title.en},
            "reason": {"nl": self.reason.nl, "en": self.reason.en},
            "nextStep": {"nl": self.next_step.nl, "en": self.next_step.en},
            "count": self.count,
            "evidence": [row.as_dict() for row in self.evidence[:MOST_EVIDENCE]],
        }


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only a person can answer; `changes` counts the records whose answer or verdict hangs on it."""

    code: str
    text: Said
    places: Sequence[str]
    changes: int

    def as_dict(self) -> dict[str, Any]:
        """Give the question as plain data."""
        return {
            "code": self.code,
            "nl": self.text.nl,
            "en": self.text.en,
            "places": list(self.places[:MOST_EVIDENCE]),
            "changes": self.changes,
        }
