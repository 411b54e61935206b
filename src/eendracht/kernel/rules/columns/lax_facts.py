"""What is known of the tables of a population of the lax dialect before they are read: types, bounds, how many rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_plan import TABLE
from eendracht.kernel.rules.columns.lax_sql import both, call, either
from eendracht.kernel.rules.columns.lax_values import STRICT_DATE
from eendracht.kernel.rules.columns.population import Table
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql

if TYPE_CHECKING:
    import duckdb

ASSUMED_BOUND = 10**11
"""Bound of a number of which nothing is known yet: a billion euros in eurocents."""
MOST_ROWS = 10_000
"""Rows of a table that may stand for everyone alike."""


class Facts(Protocol):
    """What the compiler asks about the tables."""

    def bounds(self, table: Table, path: Sql, name: str) -> tuple[float, float]:
        """Give the smallest and largest number of a column, or of a field within one; raises Refused for NaN."""

    def has_null(self, table: Table, path: Sql, name: str) -> bool:
        """Whether a cell of a column is empty."""

    def count(self, table: Table) -> int:
        """Give the number of rows."""

    def most_rows(self, table: Table, filters: Sequence[Sql], keys: Sequence[Sql]) -> int:
        """Give the largest number of rows with the same key."""

    def is_single_valued(self, table: Table, filters: Sequence[Sql], keys: Sequence[Sql], cell: Sql) -> bool:
        """Whether rows with the same key have the same value."""

    def longest(self, table: Table, cell: Sql) -> int:
        """Give the length of the longest list in a column."""

    def check_dates(self, table: Table, cell: Sql, name: str) -> None:
        """Raise Refused where texts that stand for dates are written in another way than YYYY-MM-DD."""

    def rows(self, table: Table, filters: Sequence[Sql], columns: Sequence[str]) -> list[dict[str, Any]] | None:
        """Give rows as they are; None where they are not there yet."""


class AssumedFacts:
    """Of tables that nobody has looked at: a row for each key, numbers within the bound of amounts, nulls anywhere."""

    def __init__(self, *, is_single: bool = False) -> None:
        self._is_single = is_single

    def bounds(self, table: Table, path: Sql, name: str) -> tuple[float, float]:
        """Give what the column says, else ASSUMED_BOUND."""
        column = table.find(name)
        if column is None:
            return -ASSUMED_BOUND, ASSUMED_BOUND
        return max(column.low, -ASSUMED_BOUND), min(column.high, ASSUMED_BOUND)

    def has_null(self, table: Table, path: Sql, name: str) -> bool:
        """Always."""
        return True

    def count(self, table: Table) -> int:
        """Say that there are some."""
        return 1

    def most_rows(self, table: Table, filters: Sequence[Sql], keys: Sequence[Sql]) -> int:
        """Say one row for each key, where the table is not of many."""
        return 1 if table.is_unique or self._is_single else 100

    def is_single_valued(self, table: Table, filters: Sequence[Sql], keys: Sequence[Sql], cell: Sql) -> bool:
        """Say yes."""
        return True

    def longest(self, table: Table, cell: Sql) -> int:
        """Say a hundred."""
        return 100

    def check_dates(self, table: Table, cell: Sql, name: str) -> None:
        """Take dates to be well written."""

    def rows(self, table: Table, filters: Sequence[Sql], columns: Sequence[str]) -> list[dict[str, Any]] | None:
        """Give none."""
        return None


class ReadFacts:
    """Of tables that are there: what DuckDB says when it looks at the columns in question."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._known: dict[str, Any] = {}

    def _ask(self, query: exp.Select) -> tuple[Any, ...]:
        text = query.sql("duckdb")
        if text not in self._known:
            self._known[text] = self._connection.execute(text).fetchone()
        found: tuple[Any, ...] = self._known[text]
        return found

    def _from(self, table: Table, *columns: Sql, filters: Sequence[Sql] = ()) -> exp.Select:
        alias = exp.TableAlias(this=exp.to_identifier(TABLE, quoted=True))
        query = exp.select(*columns).from_(exp.Table(this=table.source.copy(), alias=alias))
        return query.where(both(list(filters))) if filters else query

    def bounds(self, table: Table, path: Sql, name: str) -> tuple[float, float]:
        """Look at the smallest and the largest; raises Refused for NaN and infinity."""
        low, high = self._ask(self._spread(table, path, exp.Min(this=sql.column("x")), exp.Max(this=sql.column("x"))))
        for found in (low, high):
            if isinstance(found, float) and not math.isfinite(found):
                raise Refused("no-number", f"'{table.name}.{name}' holds what is no number")
        return (0, 0) if low is None else (low, high)

    def _spread(self, table: Table, path: Sql, *columns: Sql) -> exp.Select:
        inner = self._from(table, exp.alias_(path.copy(), "x", quoted=True))
        return exp.select(*columns).from_(inner.subquery("u"))

    def has_null(self, table: Table, path: Sql, name: str) -> bool:
        """Look whether fewer cells are filled than there are rows."""
        x = sql.column("x")
        filled = sql.compare(exp.LT, exp.Count(this=x), exp.Count(this=exp.Star()))
        return bool(self._ask(self._spread(table, path, filled))[0])

    def count(self, table: Table) -> int:
        """Count the rows."""
        return int(self._ask(self._from(table, exp.Count(this=exp.Star())))[0])

    def most_rows(self, table: Table, filters: Sequence[Sql], keys: Sequence[Sql]) -> int:
        """Count the rows of each key; rows without a key are nobody's."""
        there = [*filters, *(sql.negated(sql.is_null(key)) for key in keys)]
        inner = self._from(table, exp.alias_(exp.Count(this=exp.Star()), "n"), filters=there)
        inner = inner.group_by(*(key.copy() for key in keys)) if keys else inner
        return int(self._ask(exp.select(exp.Max(this=sql.column("n"))).from_(inner.subquery("u")))[0] or 0)

    def is_single_valued(self, table: Table, filters: Sequence[Sql], keys: Sequence[Sql], cell: Sql) -> bool:
        """Look for a key with two values, or with a value and an empty cell."""
        there = [*filters, *(sql.negated(sql.is_null(key)) for key in keys)]
        every, filled = exp.Count(this=exp.Star()), exp.Count(this=cell.copy())
        kinds = exp.Count(this=exp.Distinct(expressions=[cell.copy()]))
        partly = both(
            [sql.compare(exp.GT, filled.copy(), sql.integer(0)), sql.compare(exp.LT, filled, every)],
        )
        differs = either([sql.compare(exp.GT, kinds, sql.integer(1)), partly])
        inner = self._from(table, exp.alias_(sql.cast(differs, "INTEGER"), "d"), filters=there)
        inner = inner.group_by(*(key.copy() for key in keys)) if keys else inner
        return not self._ask(exp.select(exp.Max(this=sql.column("d"))).from_(inner.subquery("u")))[0]

    def longest(self, table: Table, cell: Sql) -> int:
        """Look for the longest list."""
        return int(self._ask(self._from(table, exp.Max(this=call("LEN", cell.copy()))))[0] or 0)

    def check_dates(self, table: Table, cell: Sql, name: str) -> None:
        """Look for texts that begin as a year and are no YYYY-MM-DD, with or without a time."""
        pattern = sql.text(f"{STRICT_DATE}(T\\d{{2}}:\\d{{2}}:\\d{{2}})?")
        x = sql.column("x")
        odd = both(
            [
                call("REGEXP_MATCHES", x, sql.text(r"^\d{4}")),
                sql.negated(call("REGEXP_FULL_MATCH", x.copy(), pattern)),
            ]
        )
        if self._ask(self._spread(table, cell, exp.Max(this=sql.cast(odd, "INTEGER"))))[0]:
            raise Refused("date-format", f"dates in '{table.name}.{name}' are not written as YYYY-MM-DD")

    def rows(self, table: Table, filters: Sequence[Sql], columns: Sequence[str]) -> list[dict[str, Any]] | None:
        """Read the rows; raises Refused for more than MOST_ROWS."""
        cells = [exp.column(name, table=TABLE, quoted=True) for name in columns]
        query = self._from(table, *cells, filters=filters).limit(MOST_ROWS + 1)
        found = self._connection.execute(query.sql("duckdb")).fetchall()
        if len(found) > MOST_ROWS:
            raise Refused("table-for-everyone", f"'{table.name}' has too many rows that stand for everyone")
        return [dict(zip(columns, row, strict=True)) for row in found]
