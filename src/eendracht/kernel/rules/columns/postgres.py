"""A population in PostgreSQL: described by its catalogue; what a plan needs is copied to the engine in one snapshot."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from sqlglot import exp

from eendracht.kernel.errors import Fault, InvalidInput, StorageFailure
from eendracht.kernel.rules.columns.opening import choose_keys, choose_subjects, column_of
from eendracht.kernel.rules.columns.population import Column, Population, Table

if TYPE_CHECKING:
    import duckdb
    import psycopg
    import pyarrow as pa  # type: ignore[import-untyped]

_TYPES: Final = {
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    **dict.fromkeys(("text", "character varying", "character", "uuid"), "VARCHAR"),
}
_BATCH_BYTES: Final = 16 * 2**20


def open_postgres(dsn: str, keys: Iterable[str], subjects: str = "", schema: str = "public") -> Population:
    """Describe the tables and views of a schema; only keys are looked at, to see whether they repeat.

    Raises InvalidInput as `opening.open_population`, and StorageFailure when the database does not answer.
    """
    with _reading(dsn) as source:
        rows = source.execute(
            "SELECT table_name, column_name, data_type, numeric_precision, numeric_scale "
            "FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, ordinal_position",
            [schema],
        ).fetchall()
        columns: dict[str, dict[str, Column]] = {}
        for table, name, kind, precision, scale in rows:
            columns.setdefault(table, {})[name] = column_of(name, _type_of(kind, precision, scale))
        found = {name: (exp.to_identifier(f"copied_{name}", quoted=True), known) for name, known in columns.items()}
        tables = choose_keys(found, list(keys), schema)
        tables = {name: replace(table, is_unique=_is_unique(source, schema, table)) for name, table in tables.items()}

    def fetch(connection: duckdb.DuckDBPyConnection, names: Mapping[str, set[str]]) -> None:
        with _reading(dsn) as copying:
            for name, wanted in names.items():
                _copy(connection, copying, schema, tables[name], sorted(wanted))

    return Population(choose_subjects(tables, subjects, schema), tables, fetch)


@contextmanager
def _reading(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    import psycopg

    try:
        with psycopg.connect(dsn) as source:
            source.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            source.read_only = True
            source.execute("SET LOCAL datestyle = 'ISO'")
            yield source
    except psycopg.Error as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StorageFailure(reason, hint="Check the connection string and the rights of its user.") from error


def _type_of(kind: str, precision: int | None, scale: int | None) -> str:
    if kind == "numeric" and precision is not None and precision <= 38:
        return f"DECIMAL({precision},{scale or 0})"
    return _TYPES.get(kind, kind.upper())


def _is_unique(source: psycopg.Connection[Any], schema: str, table: Table) -> bool:
    from psycopg import sql

    query = sql.SQL("SELECT count({key}) = count(DISTINCT {key}) FROM {table}").format(
        key=sql.Identifier(table.key), table=sql.Identifier(schema, table.name)
    )
    row = source.execute(query).fetchone()
    return bool(row and row[0])


def _copy(
    connection: duckdb.DuckDBPyConnection,
    source: psycopg.Connection[Any],
    schema: str,
    table: Table,
    wanted: list[str],
) -> None:
    """Copy columns of a table, in batches of whole lines, into a table of the engine."""
    from psycopg import sql

    target = table.source.sql("duckdb")
    columns = [table.columns[name] for name in wanted]
    made = ", ".join(f"{exp.to_identifier(item.name, quoted=True).sql('duckdb')} {item.sql_type}" for item in columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} ({made})")
    names = sql.SQL(", ").join(sql.Identifier(item.name) for item in columns)
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv)").format(names, sql.Identifier(schema, table.name))
    with source.cursor().copy(query) as lines:
        for batch in _batches(lines):
            rows = _parse(batch, columns, table)
            connection.register("copied_rows", rows)
            connection.execute(f"INSERT INTO {target} SELECT * FROM copied_rows")
            connection.unregister("copied_rows")


def _batches(rows: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """Join rows, each of which comes whole, to batches."""
    buffer = io.BytesIO()
    for row in rows:
        buffer.write(row)
        if buffer.tell() >= _BATCH_BYTES:
            yield buffer.getvalue()
            buffer = io.BytesIO()
    if buffer.tell():
        yield buffer.getvalue()


def _parse(batch: bytes, columns: list[Column], table: Table) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    types = {item.name: _arrow_type(item) for item in columns}
    try:
        return csv.read_csv(
            io.BytesIO(batch),
            read_options=csv.ReadOptions(column_names=[item.name for item in columns], block_size=2 * _BATCH_BYTES),
            parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=types,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        fault = Fault(
            table.name,
            "unreadable-column",
            "Een kolom heeft een waarde die er niet bij past, zoals een oneindige datum",
            "A column has a value that does not fit it, such as an infinite date",
            "Make it empty in a view, and read that.",
        )
        raise InvalidInput("The population cannot be used", faults=[fault]) from error


def _arrow_type(column: Column) -> pa.DataType:
    import pyarrow as pa

    if column.type == "decimal":
        return pa.decimal128(int(column.sql_type[len("DECIMAL(") :].partition(",")[0]), column.scale)
    known = {
        "SMALLINT": pa.int16(),
        "INTEGER": pa.int32(),
        "BIGINT": pa.int64(),
        "BOOLEAN": pa.bool_(),
        "DATE": pa.date32(),
    }
    return cast("pa.DataType", known.get(column.sql_type, pa.string()))
