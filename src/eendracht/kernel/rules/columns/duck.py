"""Runs compiled rules on DuckDB: reads a population, bounds its numbers, refuses what does not fit, writes the result."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.compiler import Compiled, Compiler
from eendracht.kernel.rules.columns.plan import emit
from eendracht.kernel.rules.columns.population import Column, Population, Table, Type
from eendracht.kernel.rules.columns.reading import ColumnFault
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import OK, STATUS_WORDS, Value, code_sql
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Mode

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


@dataclass(slots=True)
class Run:
    """A compiled run: the query as text, what it reads and rests on, and how its numbers are scaled."""

    query: exp.Select
    compiled: Compiled
    text: str
    population: Population
    notes: list[str] = field(default_factory=list)


def connect(memory_limit: str = "", threads: int = 0, folder: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open an engine in memory that loads nothing from elsewhere; what does not fit goes to the folder."""
    import duckdb

    settings: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "false",
    }
    if memory_limit:
        settings["memory_limit"] = memory_limit
    if threads:
        settings["threads"] = str(threads)
    if folder is not None:
        settings["temp_directory"] = str(folder)
    return duckdb.connect(":memory:", config=settings)


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
    tables = {name: replace(table, is_unique=_is_unique(connection, table)) for name, table in tables.items()}
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


def _is_unique(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    key = exp.column(table.key, quoted=True)
    query = exp.select(sql.equals(exp.Count(this=exp.Star()), exp.Count(this=exp.Distinct(expressions=[key])))).from_(
        table.source.copy()
    )
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
    return Column(name, known, sql_type={"HUGEINT": "INT128"}.get(kind, kind))


def bound_columns(
    connection: duckdb.DuckDBPyConnection, population: Population, names: Mapping[str, set[str]]
) -> Population:
    """Look at the columns that a plan reads: their smallest and largest number, and whether a cell is empty."""
    tables = dict(population.tables)
    for name, columns in names.items():
        table = tables[name]
        known = dict(table.columns)
        parts: list[Sql] = []
        for column in sorted(columns):
            cell = exp.column(column, quoted=True)
            is_number = known[column].type in ("integer", "decimal")
            parts += [exp.Min(this=cell) if is_number else exp.null(), exp.Max(this=cell) if is_number else exp.null()]
            parts.append(exp.Count(this=cell))
        query = exp.select(exp.Count(this=exp.Star()), *parts).from_(table.source.copy())
        row = connection.execute(query.sql("duckdb")).fetchone()
        assert row is not None
        for at, column in enumerate(sorted(columns)):
            low, high, there = row[1 + 3 * at : 4 + 3 * at]
            found = replace(known[column], may_be_null=there < row[0])
            if low is not None:
                factor = 10**found.scale
                found = replace(found, low=int(low * factor), high=int(high * factor))
            elif found.type in ("integer", "decimal"):
                found = replace(found, low=0, high=0)
            known[column] = found
        tables[name] = replace(table, columns=known)
    return replace(population, tables=tables)


def prepare_run(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    law: str,
    outputs: Sequence[str],
    on: date,
    population: Population,
    parameters: Mapping[str, Any] | None = None,
    mode: Mode = "propagate",
) -> Run:
    """Compile outputs of a law for a population; raises InvalidInput that names every column that is missing or mistyped,
    and NotCompiled for a rule that columns cannot carry."""
    first = Compiler(library, population, on, parameters or {}, mode).compile(law, outputs)
    refuse_faults(first.faults)
    needed: dict[str, set[str]] = {}
    for need in first.needs:
        needed.setdefault(need.table, set()).add(need.column)
    subjects = population.tables[population.subjects]
    needed.setdefault(population.subjects, set()).add(subjects.key)
    bounded = bound_columns(connection, population, needed)
    compiled = Compiler(library, bounded, on, parameters or {}, mode).compile(law, outputs)
    query = emit(compiled.plan, output_columns(compiled), f"{law}: {', '.join(outputs)} on {on}")
    return Run(query, compiled, query.sql("duckdb", pretty=True), bounded)


def refuse_faults(faults: Sequence[ColumnFault]) -> None:
    """Raise InvalidInput for columns that a population lacks or has with another type; nothing when there are none."""
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        where = f"{fault.table}.{fault.name}" if fault.table else fault.name
        missing = not fault.found
        found[fault.table, fault.name] = Fault(
            where,
            "missing-column" if missing else "mistyped-column",
            f"De kolom '{where}' ontbreekt" if missing else f"De kolom '{where}' is {fault.found}, niet {fault.wanted}",
            f"The column '{where}' is missing"
            if missing
            else f"The column '{where}' is {fault.found}, not {fault.wanted}",
            f"{fault.place} asks for it."
            + (" Store amounts as whole cents or as a decimal, never as a float." if fault.found == "double" else ""),
        )
    if found:
        raise InvalidInput(f"{len(found)} columns do not fit", faults=found.values())


def output_columns(compiled: Compiled) -> dict[str, Sql]:
    """Give the columns of the result: each output and, beside it, its status in words."""
    columns: dict[str, Sql] = {}
    for name, value in compiled.outputs.items():
        columns[name] = _output(value)
        columns[f"{name}_status"] = _status_words(value)
    return columns


def _output(value: Value) -> Sql:
    empty = {"number": "BIGINT", "boolean": "BOOLEAN", "string": "VARCHAR", "date": "DATE", "null": "INTEGER"}[
        value.kind
    ]
    if value.is_constant and value.status != OK:
        return sql.null(empty)
    made = value.expression
    if value.kind == "number" and value.scale:
        digits = len(str(max(abs(value.low), abs(value.high), 1)))
        unit = exp.cast(
            exp.Literal.number("0." + "0" * (value.scale - 1) + "1"), f"DECIMAL({value.scale}, {value.scale})"
        )
        if digits + value.scale > 38:
            raise sql.Refused("wider-than-38-digits", "an output with more digits than a decimal holds")
        made = sql.multiply(sql.cast(made, f"DECIMAL({digits}, 0)"), unit)
    if value.is_certain:
        return made
    fine = sql.equals(value.status_sql, code_sql(OK))
    return sql.case([(fine, made)], exp.null())


def _status_words(value: Value) -> Sql:
    if isinstance(value.status, int):
        return sql.text(STATUS_WORDS[value.status])
    branches = [
        (sql.equals(value.status.sql, code_sql(code)), sql.text(STATUS_WORDS[code])) for code in sorted(value.codes)
    ]
    return sql.case(branches[:-1], branches[-1][1])


def write_result(connection: duckdb.DuckDBPyConnection, run: Run, out: Path) -> int:
    """Run and write the result as Parquet, readable by the owner only; whole or not at all. Gives the number of rows."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        query = run.query.sql("duckdb")
        target = sql.text(str(partial)).sql("duckdb")
        row = connection.execute(f"COPY ({query}) TO {target} (FORMAT parquet)").fetchone()
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return int(row[0]) if row else 0
