"""What is known of a population before it is run: its tables, their keys, and type and range of each column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from eendracht.kernel.rules.columns.sql import Sql

if TYPE_CHECKING:
    import duckdb

Type = Literal["integer", "decimal", "boolean", "string", "date", "double", "other"]

DEFAULT_BOUND = 10**13
"""Bound of a whole number of which nothing is known yet, in its own unit: a hundred billion euros in eurocents."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. `low` and `high` bound its whole number (of a date: its ordinal)."""

    name: str
    type: Type
    scale: int = 0
    low: int = -DEFAULT_BOUND
    high: int = DEFAULT_BOUND
    may_be_null: bool = True
    sql_type: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the SQL that reads it, the column by which it is looked up, and whether a key stands in it once."""

    name: str
    source: Sql
    key: str
    columns: Mapping[str, Column]
    is_unique: bool = True

    def find(self, name: str) -> Column | None:
        """Give a column by its name, in any case."""
        folded = name.casefold()
        return next((column for column in self.columns.values() if column.name.casefold() == folded), None)


Fetch = Callable[["duckdb.DuckDBPyConnection", Mapping[str, set[str]]], None]


@dataclass(frozen=True, slots=True)
class Population:
    """Tables about many subjects. `subjects` names the table with one row for each subject who is asked about."""

    subjects: str
    tables: Mapping[str, Table] = field(default_factory=dict)
    fetch: Fetch | None = None
    """Brings the columns that a plan needs from elsewhere before the run; None where the engine reads them itself."""

    @property
    def key(self) -> str:
        """The parameter that says who is meant."""
        return self.tables[self.subjects].key


STATUS_SUFFIX = "_status"
"""A column `income_status` beside `income` says for each row whether it is known, null or unknown."""
