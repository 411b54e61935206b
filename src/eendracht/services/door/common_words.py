"""Words that carry a question and not its subject, and words that tell who asks or whom; `common_words.csv`."""

from __future__ import annotations

import csv
from importlib.resources import files
from io import StringIO
from typing import Final


def _load_lists() -> dict[str, frozenset[str]]:
    text = files(__package__).joinpath("common_words.csv").read_text("utf-8")
    return {name: frozenset(words.split()) for name, words in csv.reader(StringIO(text, newline=""))}


_LISTS: Final = _load_lists()

DUTCH: Final = _LISTS["small words, Dutch"]
ENGLISH: Final = _LISTS["small words, English"]
STRONG_ENGLISH: Final = _LISTS["small words, only English"]
"""English words that no Dutch sentence holds: by them the language is told."""
ABROAD: Final = _LISTS["countries"]
"""Countries as people name them in passing; what matters for a product is that it is abroad."""
BUSINESS: Final = _LISTS["business"]
"""Words of somebody who asks for a business."""
SHORT_PARTS: Final = _LISTS["short parts"]
"""Parts shorter than four letters that stand in compounds often enough to trust."""
LEVELS: Final = {level: _LISTS[level] for level in ("province", "water-board", "municipality")}
"""Words by which a question names the level of government that it is for."""
