"""What the columns that a plan reads hold: the smallest and largest number or date, and whether a cell is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlglot import exp

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.population import STATUS_SUFFIX, Column, Population, Table
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import FIRST, LAST, STATUS_WORDS
from eendracht.kernel.rules.values import as_date

if TYPE_CHECKING:
    import duckdb


_SIGNED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")


def bound_columns(
    connection: duckdb.DuckDBPyConnection, population: Population, names: Mapping[str, set[str]]
) -> Population:
    """Fetch the columns of each table that a plan reads, where they lie elsewhere, and look at them.

    Raises InvalidInput for a subject without a key, and for a column of statuses with another word than a result has.
    """
    if population.fetch is not None:
        population.fetch(connection, names)
    tables = dict(population.tables)
    faults: list[Fault] = []
    for name, columns in names.items():
        table = tables[name]
        known = dict(table.columns)
        told = _from_footer(connection, table, columns)
        for column, (low, high, is_full) in told.items():
            known[column] = _bounded(replace(known[column], may_be_null=not is_full), low, high)
        wanted = sorted(columns - told.keys())
        parts = [part for item in wanted for part in _bounds(known[item], is_told=_tells_status(table, item))]
        query = exp.select(exp.Count(this=exp.Star()), *parts)
        row = connection.execute(query.from_(table.source.copy()).sql("duckdb")).fetchone()
        assert row is not None
        for at, column in enumerate(wanted):
            low, high, there = row[1 + 3 * at : 4 + 3 * at]
            known[column] = _bounded(replace(known[column], may_be_null=there < row[0]), low, high)
            if _tells_status(table, column) and low is not None:
                faults.append(_unknown_word(table, column))
        if name == population.subjects and known[table.key].may_be_null:
            faults.append(_empty_key(table))
        tables[name] = replace(table, columns=known)
    if faults:
        raise InvalidInput("The population cannot be used", faults=faults)
    return replace(population, tables=tables)


def _from_footer(
    connection: duckdb.DuckDBPyConnection, table: Table, columns: set[str]
) -> dict[str, tuple[object, object, bool]]:
    """Give what the footer of a Parquet file tells of whole numbers, texts and truth values: bounds, and no empty cell.

    The engine itself relies on the same statistics. A column of which a part of the file tells nothing is left out.
    """
    if not isinstance(table.source, exp.ReadParquet):
        return {}
    rows = connection.execute(
        "SELECT path_in_schema, sum(num_values) = sum(stats_null_count), sum(stats_null_count) = 0,"
        " min(TRY_CAST(stats_min_value AS HUGEINT)), max(TRY_CAST(stats_max_value AS HUGEINT)),"
        " bool_and(stats_null_count IS NOT NULL),"
        " bool_and(stats_null_count = num_values OR (TRY_CAST(stats_min_value AS HUGEINT) IS NOT NULL"
        " AND TRY_CAST(stats_max_value AS HUGEINT) IS NOT NULL AND type IN ('INT32', 'INT64')))"
        " FROM parquet_metadata(?) GROUP BY path_in_schema",
        [next(table.source.find_all(exp.Literal)).this],
    ).fetchall()
    told: dict[str, tuple[object, object, bool]] = {}
    for name, is_empty, is_full, low, high, counts_nulls, bounds_numbers in rows:
        if name not in columns or not counts_nulls or _tells_status(table, name):
            continue
        kind = table.columns[name].type
        if kind == "integer" and table.columns[name].sql_type not in _SIGNED:
            continue
        if kind in ("string", "boolean") or (kind == "integer" and (bounds_numbers or is_empty)):
            told[name] = (low, high, bool(is_full)) if kind == "integer" else (None, None, bool(is_full))
    return told


def _tells_status(table: Table, name: str) -> bool:
    """Whether a column says for each row whether the one beside it is known."""
    folded = name.casefold()
    return folded.endswith(STATUS_SUFFIX) and table.find(folded.removesuffix(STATUS_SUFFIX)) is not None


def _bounds(column: Column, *, is_told: bool) -> list[Sql]:
    cell = exp.column(column.name, quoted=True)
    there = exp.Count(this=cell)
    if is_told and column.type == "string":
        is_other = sql.negated(exp.In(this=cell, expressions=[sql.text(word) for word in STATUS_WORDS]))
        return [exp.Min(this=sql.case([(is_other, cell)], sql.null("VARCHAR"))), exp.null(), there]
    if column.type == "date":
        return [*(sql.cast(made, "VARCHAR") for made in (exp.Min(this=cell), exp.Max(this=cell))), there]
    if column.type in ("integer", "decimal"):
        return [exp.Min(this=cell), exp.Max(this=cell), there]
    return [exp.null(), exp.null(), there]


def _bounded(column: Column, low: object, high: object) -> Column:
    if column.type == "date":
        days = (as_date(low), as_date(high))
        # A day before the year 1 or after 9999 is an error of its row; the bounds then say so.
        first = days[0].toordinal() if days[0] else FIRST if low is None else FIRST - 1
        last = days[1].toordinal() if days[1] else LAST if high is None else LAST + 1
        return replace(column, low=first, high=last)
    if column.type not in ("integer", "decimal"):
        return column
    factor = 10**column.scale
    numbers = [0 if item is None else int(Fraction(str(item)) * factor) for item in (low, high)]
    return replace(column, low=numbers[0], high=numbers[1])


def _unknown_word(table: Table, column: str) -> Fault:
    words = ", ".join(STATUS_WORDS)
    return Fault(
        f"{table.name}.{column}",
        "unknown-status",
        f"Deze kolom heeft andere woorden dan {words}",
        f"This column has other words than {words}",
        "A status says for each row whether the fact beside it is known; an empty cell means that it is.",
    )


def _empty_key(table: Table) -> Fault:
    return Fault(
        f"{table.name}.{table.key}",
        "empty-key",
        "Een rij zegt niet om wie het gaat",
        "A row does not say who is meant",
        "Leave such rows out: there is nobody to answer about.",
    )
