"""Runs compiled rules on DuckDB: bounds the numbers of a population, refuses what does not fit, writes the result."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from eendracht.kernel.errors import Fault, InvalidInput, StorageFailure
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.bounds import bound_columns
from eendracht.kernel.rules.columns.compiler import Compiled, Compiler
from eendracht.kernel.rules.columns.groups import (
    Varying,
    condition_of,
    find_day,
    find_varying,
    list_members,
    make_groups,
)
from eendracht.kernel.rules.columns.opening import ARROW, DATABASE, SUBJECTS, describe, open_population
from eendracht.kernel.rules.columns.population import Population
from eendracht.kernel.rules.columns.postgres import open_postgres
from eendracht.kernel.rules.columns.reading import ColumnFault
from eendracht.kernel.rules.columns.refusals import NotCompiled, Refused
from eendracht.kernel.rules.columns.results import output_columns
from eendracht.kernel.rules.columns.writing import columns_read, emit
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Mode

if TYPE_CHECKING:
    import duckdb

    from eendracht.kernel.rules.columns.lax_population import LaxRun


Allow = Callable[[Mapping[str, set[str]]], None]
"""Told which columns of which tables a plan reads; raises where they must not be."""


@dataclass(slots=True)
class Run:
    """A compiled run: the query, what it reads and rests on. `plans` has one for each group of areas."""

    query: exp.Query
    plans: list[Compiled]
    population: Population
    reads: Mapping[str, set[str]]
    """For each table the columns that the query reads."""

    @property
    def text(self) -> str:
        """The query as an auditor reads it."""
        return self.query.sql("duckdb", pretty=True)

    @property
    def columns_read(self) -> list[str]:
        """The columns that the query reads, as `table.column`: the data that the rule uses, and no other."""
        return sorted(f"{table}.{column}" for table, columns in self.reads.items() for column in columns)

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


def prepare_run(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    law: str,
    outputs: Sequence[str],
    on: date,
    population: Population,
    parameters: Mapping[str, Any] | None = None,
    mode: Mode = "propagate",
    allow: Allow = lambda _: None,
) -> Run:
    """Compile outputs of a law for a population; `allow` is asked before a cell of the tables is looked at.

    Where the table of subjects says in which area (`gemeente_code`, ...) or on which date (`calculation_date`) each is
    asked about, subjects with the same law share a plan. Raises InvalidInput that names every column that is missing or
    mistyped, and NotCompiled for a rule that columns cannot carry.
    """
    try:
        return _prepared(connection, library, law, outputs, on, population, dict(parameters or {}), mode, allow)
    except Refused as refused:
        raise NotCompiled(refused) from refused


def _prepared(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    law: str,
    outputs: Sequence[str],
    on: date,
    population: Population,
    constants: dict[str, Any],
    mode: Mode,
    allow: Allow,
) -> Run:
    def compiled(tables: Population, day: date | None, area: Any) -> Compiled:
        known = constants if area is None or varying.area is None else {**constants, varying.area.name.casefold(): area}
        found = Compiler(library, tables, day or on, known, mode).compile(law, outputs)
        refuse_faults(found.faults)
        return found

    table = population.tables[population.subjects]
    varying = Varying(find_day(table), None)
    first = compiled(population, None, None)
    own = {table.name: {table.key, *(column.name for column in varying.columns)}}
    needed = _together([own, _columns(first)])
    allow(needed)
    days = {day for day, _ in list_members(connection, table, varying) if day is not None and day != on}
    others = [first, *(compiled(population, day, None) for day in sorted(days))]
    varying = find_varying(table, {area for plan in others for area in plan.areas}, constants)
    own = {table.name: {table.key, *(column.name for column in varying.columns)}}
    later = _together([own, *(_columns(plan) for plan in others)])
    if later != needed:
        allow(later)
    members = list_members(connection, table, varying)
    bounded = bound_columns(connection, population, later)
    groups = make_groups(
        members,
        lambda day, area: compiled(bounded, day, area),
        lambda plan: emit(plan.plan, output_columns(plan.outputs), "").sql(),
    )
    plans = [group.plan for group in groups]
    if len(groups) > 1:
        for group in groups:
            group.plan.plan.only = condition_of(group, table, varying)
    title = f"{law}: {', '.join(outputs)} on {on}"
    queries: list[exp.Query] = [
        emit(plan.plan, output_columns(plan.outputs, [item.outputs for item in plans]), title) for plan in plans
    ]
    # Each names its parts in a WITH of its own, which a part of a union takes only in brackets.
    query = queries[0] if len(queries) == 1 else exp.union(*(item.subquery() for item in queries), distinct=False)
    reads = _together([own, *(_columns(plan) for plan in plans)])
    return Run(query, plans, bounded, reads)


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
    try:
        return emit(compiled.plan, output_columns(compiled.outputs), title).sql(dialect, pretty=True)
    except Refused as refused:
        raise NotCompiled(refused) from refused


def _columns(compiled: Compiled) -> dict[str, set[str]]:
    """Give the columns that a plan reads, by table."""
    return columns_read(compiled.plan, output_columns(compiled.outputs).values())


def _together(needs: Sequence[Mapping[str, set[str]]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for need in needs:
        for name, columns in need.items():
            found.setdefault(name, set()).update(columns)
    return found


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


def write_result(connection: duckdb.DuckDBPyConnection, run: Run | LaxRun, out: Path) -> int:
    """Run and write the result for the owner only, whole or not at all; gives the number of rows.

    The suffix says how: `.arrow` (IPC), `.duckdb` (a database with the table `result`), else Parquet.
    """
    partial = out.with_name(f".{out.name}.partial")
    query = run.query.sql("duckdb")
    try:
        if out.suffix in DATABASE:
            partial.unlink(missing_ok=True)
            rows = _write_database(connection, query, partial)
        else:
            os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            rows = (_write_arrow if out.suffix in ARROW else _write_parquet)(connection, query, partial)
        # An engine writes a file of its own in its place, with the mode of the process.
        partial.chmod(0o600)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return rows


@contextmanager
def reading_result(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[str]:
    """Give what stands after FROM to read a result that `write_result` wrote."""
    quoted = sql.text(str(path)).sql("duckdb")
    if path.suffix in DATABASE:
        connection.execute(f"ATTACH {quoted} AS written (READ_ONLY)")
        yield "written.result"
        connection.complete()
        connection.execute("DETACH written")
    elif path.suffix in ARROW:
        from pyarrow import dataset  # type: ignore[import-untyped]

        connection.register("written_result", dataset.dataset(path, format="ipc"))
        yield "written_result"
        connection.complete()
        connection.unregister("written_result")
    else:
        yield f"read_parquet({quoted})"


def _write_parquet(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    # A temporary file of the engine's own would be readable by others.
    target = f"{sql.text(str(path)).sql('duckdb')} (FORMAT parquet, USE_TMP_FILE false)"
    row = connection.execute(f"COPY ({query}) TO {target}").fetchone()
    return int(row[0]) if row else 0


def _write_arrow(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    from pyarrow import ipc

    rows = 0
    connection.complete()
    reader: Any = connection.sql(query).to_arrow_reader(100_000)
    with ipc.new_file(str(path), reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _write_database(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    mask = os.umask(0o077)
    try:
        connection.execute(f"ATTACH {sql.text(str(path)).sql('duckdb')} AS written")
    finally:
        os.umask(mask)
    try:
        row = connection.execute(f"CREATE TABLE written.result AS {query}").fetchone()
    finally:
        connection.execute("DETACH written")
    return int(row[0]) if row else 0


__all__ = [
    "SUBJECTS",
    "Run",
    "bound_columns",
    "connect",
    "describe",
    "open_population",
    "open_postgres",
    "prepare_run",
    "reading_result",
    "refuse_faults",
    "working",
    "write_result",
    "write_sql",
]
