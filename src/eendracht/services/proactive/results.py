"""What a proactive run gave, in counts: nobody can be told from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

REASONS: Final = (
    "deceased",
    "objection",
    "minor",
    "using",
    "partner-using",
    "not-entitled",
    "below-threshold",
    "listed-with-partner",
    "depends",
    "estimate",
    "sure",
)
"""What a person comes to for a law; each is exactly one of them. The last three are on the list."""
LISTED: Final = frozenset({"depends", "estimate", "sure"})
FEWEST: Final = 10
"""Counts of fewer people are not shown outside the run."""


@dataclass(frozen=True, slots=True)
class LawCounts:
    """What everybody came to for one law, and the eurocents a year that those with a known amount leave unused."""

    law: str
    title: str
    article: str
    url: str
    reasons: Mapping[str, int]
    unused: int
    columns_read: Sequence[str]

    @property
    def people(self) -> int:
        """How many people the counts are about: the whole population."""
        return sum(self.reasons.values())

    @property
    def using(self) -> int:
        """How many use it, by the register of uptake."""
        return self.reasons.get("using", 0)

    @property
    def found(self) -> int:
        """How many are entitled by what is known and do not use it."""
        return self.reasons.get("sure", 0) + self.reasons.get("estimate", 0)

    @property
    def share(self) -> tuple[str, str]:
        """The share of non-use, at least and at most: with those whose right hangs on unknown facts, as decimals."""
        unknown = self.reasons.get("depends", 0)
        return _share(self.found, self.found + self.using), _share(
            self.found + unknown, self.found + unknown + self.using
        )

    def as_dict(self) -> dict[str, Any]:
        """Give the counts as plain data."""
        low, high = self.share
        return {
            "law": self.law,
            "title": self.title,
            "article": self.article,
            "url": self.url,
            "reasons": {name: self.reasons.get(name, 0) for name in REASONS},
            "people": self.people,
            "unusedPerYear": self.unused,
            "nonUse": {"low": low, "high": high},
            "columnsRead": list(self.columns_read),
        }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else ""


@dataclass(frozen=True, slots=True)
class ProactiveResult:
    """A run in counts; its list and what everybody came to lie in files for their owner only."""

    people: int
    laws: Sequence[LawCounts]
    lines: int
    handled: Mapping[str, int]
    """Lines of people with a secret address, and of those for whom somebody else acts."""
    columns_read: Sequence[str]
    regulations: Mapping[str, str]
    outcomes_sha256: str
    """Digest of the file that says what each pseudonym came to, so that the processing log covers every person."""
    seconds: float
    is_synthetic: bool

    def as_dict(self) -> dict[str, Any]:
        """Give the result as plain data."""
        return {
            "people": self.people,
            "laws": [law.as_dict() for law in self.laws],
            "lines": self.lines,
            "handled": dict(self.handled),
            "columnsRead": list(self.columns_read),
            "regulations": dict(self.regulations),
            "outcomesSha256": self.outcomes_sha256,
            "seconds": round(self.seconds, 3),
            "isSynthetic": self.is_synthetic,
        }
