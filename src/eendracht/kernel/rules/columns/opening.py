"""Opens a population: its tables with their keys and types, and, of the columns that a plan reads, the bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.population import STATUS_SUFFIX, Column, Population, Table, Type
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import FIRST, LAST, STATUS_WORDS
from eendracht.kernel.rules.values import as_date

if TYPE_CHECKING:
    import duckdb

_TYPES: Final[dict[str, Type]] = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT"), "integer"),
    **dict.fromkeys(("UINTEGER", "UBIGINT"), "integer"),
    "BOOLEAN": "boolean",
    "VARCHAR": "string",
    "DATE": "date",
    "FLOAT": "double",
    "DOUBLE": "double",
}
SUBJECTS: Final = "subjects"
"""Name of the file in a folder that lists who is asked about."""


def open_population(
    connection: duckdb.DuckDBPyConnection, path: Path, keys: Iterable[str], subjects: str = ""
) -> Population:
    """Describe a Parquet file or a folder of them, one a table, without reading their rows.

    `keys` are the parameters that may say who is meant; the first that is a column of a table is its key. Raises
    InvalidInput when a table has none, or when it is not said whose table lists the subjects.
    """
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    wanted = list(keys)
    tables: dict[str, Table] = {}
    faults: list[Fault] = []
    for file in files:
        source = exp.func("read_parquet", sql.text(str(file)))
        columns = describe(connection, source)
        key = next((name for name in wanted if name.casefold() in {item.casefold() for item in columns}), "")
        if not key:
            faults.append(
                Fault(
                    file.name,
                    "no-key-column",
                    f"Geen kolom zegt om wie het gaat: {', '.join(wanted)}",
                    f"No column says who is meant: {', '.join(wanted)}",
                    "Name the column as the parameter of the rule.",
                )
            )
            continue
        key = next(name for name in columns if name.casefold() == key.casefold())
        tables[file.stem] = Table(file.stem, source, key, columns)
    if not files:
        faults.append(
            Fault(path.name, "no-population", "Er zijn geen Parquet-bestanden", "There are no Parquet files", "")
        )
    if faults:
        raise InvalidInput("The population cannot be used", faults=faults)
    tables = {name: replace(table, is_unique=is_unique(connection, table)) for name, table in tables.items()}
    return Population(_subjects(tables, subjects, path), tables)


def _subjects(tables: Mapping[str, Table], subjects: str, path: Path) -> str:
    unique = [name for name, table in tables.items() if table.is_unique]
    chosen = subjects or (SUBJECTS if SUBJECTS in tables else unique[0] if len(unique) == 1 else "")
    if chosen in unique:
        return chosen
    raise InvalidInput(
        "The population cannot be used",
        faults=[
            Fault(
                path.name,
                "no-subjects",
                "Het is niet duidelijk welke tabel iedereen precies een keer noemt",
                "It is not clear which table names everyone exactly once",
                f"Add {SUBJECTS}.parquet, or name one of: {', '.join(unique) or 'none is without repeated keys'}.",
            )
        ],
    )


def is_unique(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Whether no key stands in a table twice; rows without a key are about nobody."""
    key = exp.column(table.key, quoted=True)
    distinct = exp.Count(this=exp.Distinct(expressions=[key]))
    query = exp.select(sql.equals(exp.Count(this=key), distinct)).from_(table.source.copy())
    row = connection.execute(query.sql("duckdb")).fetchone()
    return bool(row and row[0])


def describe(connection: duckdb.DuckDBPyConnection, source: Sql) -> dict[str, Column]:
    """Give the columns of a table with their types."""
    query = exp.select(exp.Star()).from_(source.copy()).sql("duckdb")
    return {name: _column(name, str(kind)) for name, kind, *_ in connection.execute(f"DESCRIBE {query}").fetchall()}


def _column(name: str, kind: str) -> Column:
    if kind.startswith("DECIMAL"):
        scale = int(kind.partition(",")[2].strip(" )") or 0)
        return Column(name, "decimal", scale, sql_type=kind)
    known = _TYPES.get(kind, "other")
    if known == "date":
        return Column(name, known, low=FIRST, high=LAST, sql_type=kind)
    return Column(name, known, sql_type={"HUGEINT": "INT128"}.get(kind, kind))


def bound_columns(
    connection: duckdb.DuckDBPyConnection, population: Population, names: Mapping[str, set[str]]
) -> Population:
    """Look at the columns that a plan reads: their smallest and largest number or date, and whether a cell is empty.

    Raises InvalidInput for a column of statuses with another word than those of a result.
    """
    tables = dict(population.tables)
    faults: list[Fault] = []
    for name, columns in names.items():
        table = tables[name]
        known = dict(table.columns)
        wanted = sorted(columns)
        parts = [part for item in wanted for part in _bounds(known[item], is_told=_tells_status(table, item))]
        query = exp.select(exp.Count(this=exp.Star()), *parts)
        row = connection.execute(query.from_(table.source.copy()).sql("duckdb")).fetchone()
        assert row is not None
        for at, column in enumerate(wanted):
            low, high, there = row[1 + 3 * at : 4 + 3 * at]
            known[column] = _bounded(replace(known[column], may_be_null=there < row[0]), low, high)
            if _tells_status(table, column) and low is not None:
                faults.append(_unknown_word(table, column))
        tables[name] = replace(table, columns=known)
    if faults:
        raise InvalidInput("The population cannot be used", faults=faults)
    return replace(population, tables=tables)


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
