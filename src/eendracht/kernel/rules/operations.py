"""The operations that each format knows: how each is spelled, and which operands it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shape:
    """How an operation of the article-based format is written.

    `listed` names the key that holds a list of operands, `positional` the keys that hold one each (all required),
    `optional` those that may be missing, `words` the keys that hold a word or number. `since` is the first schema
    version that has it.
    """

    listed: str = ""
    positional: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    minimum: int = 1
    since: tuple[int, int, int] = (0, 5, 0)


_COMPARISON: Final = Shape(positional=("subject", "value"))
_ROUNDING: Final = Shape(positional=("value",), words=("precision",), since=(0, 5, 1))
_DATE_WORDS: Final = ("part", "unit", "in", "of", "period")

ARTICLE_OPERATIONS: Final[dict[str, Shape]] = {
    **dict.fromkeys(("ADD", "SUBTRACT", "MULTIPLY", "DIVIDE", "MIN", "MAX"), Shape(listed="values")),
    **dict.fromkeys(("AND", "OR"), Shape(listed="conditions")),
    **dict.fromkeys(
        ("EQUALS", "GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL"), _COMPARISON
    ),
    "NOT": Shape(positional=("value",)),
    "IF": Shape(optional=("default",)),
    "IN": Shape(positional=("subject",), optional=("value",)),
    "LIST": Shape(listed="items", minimum=0),
    "AGE": Shape(positional=("date_of_birth", "reference_date")),
    "DATE_ADD": Shape(positional=("date",), optional=("years", "months", "weeks", "days")),
    "DATE": Shape(positional=("year", "month", "day")),
    "DAY_OF_WEEK": Shape(positional=("date",)),
    "DATE_DIFF": Shape(positional=("from", "to", "in"), since=(0, 5, 1)),
    **dict.fromkeys(("DATE_PART", "START_OF"), Shape(positional=("date",), words=_DATE_WORDS, since=(0, 5, 7))),
    **dict.fromkeys(("ROUND", "CEIL", "FLOOR"), _ROUNDING),
    "FOREACH": Shape(positional=("collection", "body"), optional=("filter",), words=("as", "combine"), since=(0, 5, 7)),
}
"""Operations of the article-based format (schema v0.5.0 to v0.8.0)."""
