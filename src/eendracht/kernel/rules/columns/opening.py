"""Opens a population: files of Parquet or Arrow, a folder of them, or a DuckDB database; tables with keys and types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.population import Column, Population, Table, Type
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.uniqueness import is_unique
from eendracht.kernel.rules.columns.values import FIRST, LAST

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
"""Name of the table that lists who is asked about, where there are several."""
PARQUET: Final = (".parquet",)
ARROW: Final = (".arrow", ".feather", ".ipc")
DATABASE: Final = (".duckdb", ".ddb")
Found = Mapping[str, tuple[Sql, Mapping[str, Column]]]
"""For each table its source and columns."""


def open_population(
    connection: duckdb.DuckDBPyConnection, path: Path, keys: Iterable[str], subjects: str = ""
) -> Population:
    """Describe a population without reading more than its keys.

    `path` is a Parquet or Arrow (IPC) file, a folder of them, or a DuckDB database. `keys` are the parameters that may
    say who is meant; the first that is a column of a table is its key. Raises InvalidInput when a table has none, or
    when it is not said which table lists the subjects.
    """
    if path.suffix in DATABASE:
        found = _tables_of_database(connection, path)
    else:
        known = (*PARQUET, *ARROW)
        files = sorted(file for file in path.iterdir() if file.suffix in known) if path.is_dir() else [path]
        found = {file.stem: _read(connection, file) for file in files}
    tables = choose_keys(found, list(keys), path.name)
    tables = {name: replace(table, is_unique=is_unique(connection, table)) for name, table in tables.items()}
    return Population(choose_subjects(tables, subjects, path.name), tables)


def _read(connection: duckdb.DuckDBPyConnection, file: Path) -> tuple[Sql, Mapping[str, Column]]:
    if file.suffix not in ARROW:
        source: Sql = exp.func("read_parquet", sql.text(str(file)))
        return source, describe(connection, source)
    from pyarrow import dataset  # type: ignore[import-untyped]

    name = f"arrow_{file.stem}"
    connection.register(name, dataset.dataset(file, format="ipc"))
    source = exp.to_identifier(name, quoted=True)
    return source, describe(connection, source)


def _tables_of_database(connection: duckdb.DuckDBPyConnection, path: Path) -> Found:
    connection.execute(f"ATTACH {sql.text(str(path)).sql('duckdb')} AS population (READ_ONLY)")
    rows = connection.execute(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_catalog = 'population' AND table_schema = 'main' ORDER BY 1"
    ).fetchall()
    sources = {str(name): exp.table_(str(name), db="main", catalog="population", quoted=True) for (name,) in rows}
    return {name: (source, describe(connection, source)) for name, source in sources.items()}


def choose_keys(found: Found, wanted: list[str], place: str) -> dict[str, Table]:
    """Give the tables with their keys; raises InvalidInput for one that has none, and where there are no tables."""
    tables: dict[str, Table] = {}
    faults: list[Fault] = []
    for name, (source, columns) in found.items():
        key = next((item for item in wanted if item in columns), "")
        if key:
            tables[name] = Table(name, source, key, columns)
            continue
        faults.append(
            Fault(
                name,
                "no-key-column",
                f"Geen kolom zegt om wie het gaat: {', '.join(wanted)}",
                f"No column says who is meant: {', '.join(wanted)}",
                "Name the column exactly as the parameter of the rule.",
            )
        )
    if not found:
        faults.append(
            Fault(
                place,
                "no-population",
                "Er zijn geen tabellen",
                "There are no tables",
                "Give Parquet or Arrow files, or a DuckDB database.",
            )
        )
    if faults:
        raise InvalidInput("The population cannot be used", faults=faults)
    return tables


def choose_subjects(tables: Mapping[str, Table], subjects: str, place: str) -> str:
    """Give the table that names everyone once; raises InvalidInput when that is not clear."""
    unique = [name for name, table in tables.items() if table.is_unique]
    chosen = subjects or (SUBJECTS if SUBJECTS in tables else unique[0] if len(unique) == 1 else "")
    if chosen in unique:
        return chosen
    raise InvalidInput(
        "The population cannot be used",
        faults=[
            Fault(
                place,
                "no-subjects",
                "Het is niet duidelijk welke tabel iedereen precies een keer noemt",
                "It is not clear which table names everyone exactly once",
                f"Add a table {SUBJECTS}, or name one of: {', '.join(unique) or 'none is without repeated keys'}.",
            )
        ],
    )


def describe(connection: duckdb.DuckDBPyConnection, source: Sql) -> dict[str, Column]:
    """Give the columns of a table with their types."""
    query = exp.select(exp.Star()).from_(source.copy()).sql("duckdb")
    return {name: column_of(name, str(kind)) for name, kind, *_ in connection.execute(f"DESCRIBE {query}").fetchall()}


def column_of(name: str, kind: str) -> Column:
    """Give a column by its type as the engine names it."""
    if kind.startswith("DECIMAL"):
        scale = int(kind.partition(",")[2].strip(" )") or 0)
        return Column(name, "decimal", scale, sql_type=kind)
    known = _TYPES.get(kind, "other")
    if known == "date":
        return Column(name, known, low=FIRST, high=LAST, sql_type=kind)
    return Column(name, known, sql_type={"HUGEINT": "INT128"}.get(kind, kind))
