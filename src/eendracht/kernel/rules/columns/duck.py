"""Runs compiled rules on DuckDB: reads a population, bounds its numbers, refuses what does not fit, writes the result."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from eendracht.kernel.errors import Fault, InvalidInput, StorageFailure
from eendracht.kernel.rules import ir
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

    from eendracht.kernel.rules.columns.lax_population import LaxRun

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
    """A compiled run: the query, what it reads and rests on. `plans` has one for each group of areas."""

    query: exp.Query
    plans: list[Compiled]
    text: str
    population: Population

    @property
    def columns_read(self) -> list[str]:
        """The columns that the plans need, as `table.column`: the data that the rule uses, and no other."""
        return sorted({f"{need.table}.{need.column}" for plan in self.plans for need in plan.needs})

    @property
    def tables_read(self) -> set[str]:
        """The tables of those columns."""
        return {need.table for plan in self.plans for need in plan.needs}

    @property
    def fields(self) -> dict[str, ir.Field | None]:
        """The field that declares each output."""
        return self.plans[0].fields

    @property
    def used(self) -> dict[tuple[str, str], ir.Regulation]:
        """Every regulation that the run rests on, by id and hash of its file."""
        return {key: law for plan in self.plans for key, law in plan.used.items()}


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


@contextmanager
def working(
    memory_limit: str = "", threads: int = 0, folder: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine for one piece of work; what the disk or the memory refuses becomes StorageFailure."""
    import duckdb

    connection = connect(memory_limit, threads, folder)
    try:
        yield connection
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        reason = str(error).splitlines()[0]
        raise StorageFailure(reason, hint="Free disk or memory, or give a folder with more room.") from error
    finally:
        connection.close()


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
    """Compile outputs of a law for a population.

    Subjects of areas with regulations of their own get a plan of their own, where the table of subjects says in which
    area each is (`gemeente_code`, ...). Raises InvalidInput that names every column that is missing or mistyped, and
    Refused for a rule that columns cannot carry.
    """
    constants = dict(parameters or {})
    first = Compiler(library, population, on, constants, mode).compile(law, outputs)
    refuse_faults(first.faults)
    table = population.tables[population.subjects]
    varying = [code for code in sorted(first.areas) if code not in constants and table.find(code) is not None]
    if len(varying) > 1:
        raise sql.Refused("areas-of-two-kinds", "regulations of areas of two kinds at once")
    groups: dict[str, tuple[list[Any], Compiled]] = {}
    bounded = bound_columns(connection, population, _columns_of(first, population))
    for area in _areas(connection, table, varying[0]) if varying else [None]:
        known = constants if area is None else {**constants, varying[0]: area}
        compiled = Compiler(library, bounded, on, known, mode).compile(law, outputs)
        refuse_faults(compiled.faults)
        written = emit(compiled.plan, output_columns(compiled), "").sql()
        groups.setdefault(written, ([], compiled))[0].append(area)
    plans = [compiled for _, compiled in groups.values()]
    if len(groups) > 1:
        for areas, compiled in groups.values():
            compiled.plan.only = _only(table, varying[0], areas)
    title = f"{law}: {', '.join(outputs)} on {on}"
    queries: list[exp.Query] = [emit(plan.plan, output_columns(plan, plans), title) for plan in plans]
    query = queries[0] if len(queries) == 1 else exp.union(*queries, distinct=False)
    return Run(query, plans, query.sql("duckdb", pretty=True), bounded)


def write_sql(
    library: Library,
    law: str,
    outputs: Sequence[str],
    on: date,
    population: Population,
    parameters: Mapping[str, Any] | None = None,
    dialect: str = "duckdb",
) -> str:
    """Give the query for outputs of a law as text that an auditor can read; raises as `prepare_run`."""
    compiled = Compiler(library, population, on, dict(parameters or {})).compile(law, outputs)
    refuse_faults(compiled.faults)
    title = f"{law}: {', '.join(outputs)} on {on}"
    return emit(compiled.plan, output_columns(compiled), title).sql(dialect, pretty=True)


def _columns_of(compiled: Compiled, population: Population) -> dict[str, set[str]]:
    needed: dict[str, set[str]] = {population.subjects: {population.key}}
    for need in compiled.needs:
        needed.setdefault(need.table, set()).add(need.column)
    return needed


def _areas(connection: duckdb.DuckDBPyConnection, table: Table, code: str) -> list[Any]:
    column = table.find(code)
    assert column is not None
    cell = exp.column(column.name, quoted=True)
    query = exp.select(cell).distinct().from_(table.source.copy()).order_by(cell)
    return [row[0] for row in connection.execute(query.sql("duckdb")).fetchall()]


def _only(table: Table, code: str, areas: Sequence[Any]) -> Sql:
    column = table.find(code)
    assert column is not None
    cell = exp.column(column.name, table=table.name, quoted=True)
    parts: list[Sql] = []
    named = [area for area in areas if area is not None]
    if named:
        parts.append(exp.In(this=cell, expressions=[sql.text(str(area)) for area in named]))
    if None in areas:
        parts.append(sql.is_null(cell))
    return sql.either(parts)


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


def output_columns(compiled: Compiled, plans: Sequence[Compiled] = ()) -> dict[str, Sql]:
    """Give the columns of the result: each output and, beside it, its status in words; of one type over all plans."""
    columns: dict[str, Sql] = {}
    for name, value in compiled.outputs.items():
        alike = [plan.outputs[name] for plan in plans or (compiled,)]
        columns[name] = _output(value, alike)
        columns[f"{name}_status"] = _status_words(value)
    return columns


def _output(value: Value, alike: Sequence[Value]) -> Sql:
    kinds = {item.kind for item in alike if item.kind != "null"}
    if len(kinds) > 1:
        raise sql.Refused("mixed-kinds", "an output whose type differs by area")
    kind = kinds.pop() if kinds else "null"
    numbers = [item for item in alike if item.kind == "number"]
    types = {"boolean": "BOOLEAN", "string": "VARCHAR", "date": "DATE", "null": "INTEGER"}
    wanted = _number_type(numbers) if kind == "number" else types[kind]
    if value.is_constant and value.status != OK:
        return sql.null(wanted)
    made = value.expression
    if kind == "number":
        made = _decimal(value, wanted) if wanted.startswith("DECIMAL") else sql.cast(made, wanted)
    return made if value.is_certain else sql.case([(sql.equals(value.status_sql, code_sql(OK)), made)], exp.null())


def _number_type(numbers: Sequence[Value]) -> str:
    """Whole numbers stay whole; others become a decimal that holds every digit."""
    scale = max(item.scale for item in numbers)
    if not scale:
        return sql.width(min(item.low for item in numbers), max(item.high for item in numbers))
    digits = max(len(str(max(abs(item.low), abs(item.high), 1))) + scale - item.scale for item in numbers)
    if digits + scale > 38:
        raise sql.Refused("wider-than-38-digits", "an output with more digits than a decimal holds")
    return f"DECIMAL({digits + scale}, {scale})"


def _decimal(value: Value, wanted: str) -> Sql:
    if not value.scale:
        return sql.cast(value.expression, wanted)
    digits = len(str(max(abs(value.low), abs(value.high), 1)))
    unit = exp.Literal.number("0." + "0" * (value.scale - 1) + "1")
    made = sql.multiply(
        sql.cast(value.expression, f"DECIMAL({digits}, 0)"), exp.cast(unit, f"DECIMAL({value.scale}, {value.scale})")
    )
    return sql.cast(made, wanted)


def _status_words(value: Value) -> Sql:
    if isinstance(value.status, int):
        return sql.text(STATUS_WORDS[value.status])
    branches = [
        (sql.equals(value.status.sql, code_sql(code)), sql.text(STATUS_WORDS[code])) for code in sorted(value.codes)
    ]
    return sql.case(branches[:-1], branches[-1][1])


def write_result(connection: duckdb.DuckDBPyConnection, run: Run | LaxRun, out: Path) -> int:
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
