"""What a reader hands over: source rows, what they mention, and everything that was asked, left out or wrong.

A reader knows no store. It turns one file into rows whose specs fit their kinds; relations that the source gives by
name or code stay `Mention`s, which reconciliation resolves to refs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.errors import Fault

if TYPE_CHECKING:
    from eendracht.kernel.imports.mapping import Mapping as SavedMapping

OWNER: Final = "@owner"
"""Key of a mention that means the organisation for which the file is imported."""
SEPARATOR: Final = " › "
COLUMN: Final = f"{SEPARATOR}kolom "
"""Stands between the place of a row and that of a column in it."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def join_place(*steps: str) -> str:
    """Give a place as people read it: `applicaties.xlsx › Applicaties › rij 12`; empty steps are left out."""
    return SEPARATOR.join(step for step in steps if step)


@dataclass(frozen=True, slots=True)
class Mention:
    """A relation that the source gives by name or by code rather than by ref.

    `field` is the spec field in camelCase that gets the ref (for a list field the ref is appended). `key` is the code
    in the same source system; `OWNER` stands for the organisation that imports.
    """

    field: str
    kind: str
    name: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One thing that the source describes, as far as it could be read."""

    kind: str
    key: str
    """Stable in the source system; unique among the rows of its kind in one reading."""
    spec: dict[str, Any]
    """JSON-like, camelCase, without the mentioned relations."""
    mentions: tuple[Mention, ...]
    place: str
    """Where it stands: `applicaties.xlsx › Applicaties › rij 12`."""
    valid_from: date | None = None
    valid_until: date | None = None
    """First day on which it no longer holds (half open)."""
    key_from_name: bool = False
    """Whether the source has no key, so that the key follows from the name and changes with it."""
    facts: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    """What the source says that the kind has no field for, such as `annualSpendEurocent` of a creditor."""
    columns: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """The column (or path) from which each spec field came."""

    def place_of(self, name: str) -> str:
        """Give the place of one spec field: the row, and the column where it is known."""
        column = self.columns.get(name)
        return join_place(self.place, f"kolom {column}") if column else self.place


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Data about natural persons, or secrets, that were not taken in; never the values themselves."""

    place: str
    column: str
    reason: str
    """`contact`, `email`, `phone`, `bsn`, `iban`, `person-name`, `person-row` or `secret`."""
    count: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """A column or element for which there is no place, with how often it was filled."""

    place: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only a person can settle; the answer belongs in the saved mapping."""

    place: str
    code: str
    nl: str
    en: str
    column: str = ""
    setting: str = ""
    """The setting of the column rule that answers it: `decimal`, `dates`, `unit`, `values`, `to`, or `kind`."""
    choices: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    """The values of the source that it is about."""
    affected: int = 0
    """How many rows hang on the answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that one file gave.

    `faults` are places where something is wrong (the rows around them are still there); `notes` say what the reader
    did that a person may want to know, such as a totals row that was skipped.
    """

    system: str
    rows: tuple[SourceRow, ...]
    faults: tuple[Fault, ...] = ()
    questions: tuple[Question, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    notes: tuple[Fault, ...] = ()
    mapping: SavedMapping | None = None
    unverified: bool = False
    """Whether the profile was never checked against a real export."""
