"""Rows as they stand in a sheet or CSV file, before anyone knows which of them is the header."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.kernel.imports.bounds import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, refuse


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell without a usable value: an error such as #N/A, or a formula whose outcome the file does not hold."""

    text: str
    is_formula: bool = False


@dataclass(frozen=True, slots=True)
class MergedRange:
    """Cells that were merged into one, first and last row and column, counted from 1."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet: row numbers with their cells (text, number, date, bool, CellError or None)."""

    name: str
    rows: list[tuple[int, list[Any]]] = field(repr=False)
    merges: tuple[MergedRange, ...] = ()
    notes: tuple[Fault, ...] = ()
    epoch_1904: bool = False


def refuse_columns(place: str, count: int) -> UnreadableFile:
    """Make the error for a table that is too wide; the caller raises it."""
    return refuse(
        place,
        "too-many-columns",
        f"Deze rij heeft {count:,} kolommen; {MAX_COLUMNS:,} mag",
        f"This row has {count:,} columns; {MAX_COLUMNS:,} are allowed",
        "Export only the columns that are needed.",
    )


def refuse_rows(place: str) -> UnreadableFile:
    """Make the error for a table with too many rows or cells; the caller raises it."""
    return refuse(
        place,
        "too-many-rows",
        f"Meer dan {MAX_ROWS:,} rijen of {MAX_CELLS:,} cellen",
        f"More than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells",
        "Split the export into several files.",
    )
