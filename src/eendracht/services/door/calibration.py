"""The numbers that were fitted, in one place, with where they come from.

Fitted by `scripts/fit_door.py` on the tune split of `tests/services/door` alone; the test split only measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WEIGHTS: Final[Mapping[str, float]] = {
    "phrase": 6.0,
    "phrases": 6.0,
    "name": 3.0,
    "covered": 6.0,
    "bag": 6.0,
    "grams": 3.0,
    "level": 0.5,
    "audience": 1.0,
}
"""What each feature of a target counts in its score."""

REFUSAL: Final[Mapping[str, float]] = {
    "bias": -3.0,
    "score": 0.3,
    "covered": 2.0,
    "off_topic": -2.0,
    "lead": 0.2,
}
"""What speaks for and against that the question is one for the government at all (logistic)."""

THRESHOLD: Final = 0.5
"""Below this chance that the question is in scope, the answer is *none of these*."""
