"""By when somebody acts on an advisory: the one term that a norm gives, as data.

BIO2 1.3, measure 8.08.01: where the chance of misuse and the damage that is expected are both high, what softens it is
done within a week. For the rest 8.08.02 asks for a decision and gives no term. How a score becomes *high* is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from eendracht.resilience.advisories.matching import OPEN, Verdict


@dataclass(frozen=True, slots=True)
class ActionTerm:
    """A term with where it comes from; the scores are base scores of CVSS."""

    days: int
    high_damage: float
    """From here the damage counts as high."""
    high_chance: float
    """From here the chance counts as high, also where no misuse is known."""
    source: str
    source_date: date


WEEK: Final = ActionTerm(7, 7.0, 9.0, "BIO2 1.3, 8.08.01", date(2026, 1, 9))


def set_term(verdicts: Iterable[Verdict], received_on: date, term: ActionTerm = WEEK) -> date | None:
    """Give the day by which something is done; None where the norm leaves it to a decision."""
    for verdict in verdicts:
        score = verdict.score
        if verdict.outcome not in OPEN or score is None or score < term.high_damage:
            continue
        if verdict.is_exploited or score >= term.high_chance:
            return received_on + timedelta(days=term.days)
    return None
