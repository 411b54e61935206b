"""A population as Parquet, Arrow, a DuckDB database or PostgreSQL gives the same result, however it is written."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from eendracht.kernel.errors import InvalidInput, StorageFailure, UsageFault
from eendracht.kernel.rules.columns.duck import connect, open_population, open_postgres, prepare_run, write_result
from eendracht.kernel.rules.columns.population import Population
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.runs import RunRequest, run_population
from tests.kernel.rules.columns.random_laws import SCHEMA, Laws
from tests.postgres_server import PostgresServer

DAY = date(2025, 1, 1)
TOWN = 'a "b", c\n'
PERSONS: list[dict[str, Any]] = [
    {
        "bsn": "001",
        "income": 250000,
        "wealth": Decimal("12.50"),
        "born": date(1990, 2, 28),
        "town": 'a "b", c\n',
        "in": True,
    },
    {"bsn": "002", "income": None, "wealth": Decimal("-0.01"), "born": None, "town": "", "in": False},
    {"bsn": "003", "income": -1, "wealth": None, "born": date(2024, 2, 29), "town": None, "in": None},
]
CHILDREN: list[dict[str, Any]] = [{"bsn": "001", "age": 3}, {"bsn": "001", "age": 4}, {"bsn": "003", "age": None}]
TABLES = {
    "persons": (
        PERSONS,
        {
            "bsn": (pa.string(), "text"),
            "income": (pa.int64(), "bigint"),
            "wealth": (pa.decimal128(12, 2), "numeric(12,2)"),
            "born": (pa.date32(), "date"),
            "town": (pa.string(), "character varying(40)"),
            "in": (pa.bool_(), "boolean"),
        },
    ),
    "children": (CHILDREN, {"bsn": (pa.string(), "text"), "age": (pa.int32(), "integer")}),
}
OUTPUTS = ["total", "of_town", "ages", "day"]


@pytest.fixture(scope="module")
def library() -> Library:
    """Give a law with an output of every type."""
    each = {"operation": "FOREACH", "collection": "$children", "as": "child", "body": "$child.age", "combine": "ADD"}
    actions = [
        {"output": "total", "operation": "ADD", "values": ["$income", "$wealth"]},
        {
            "output": "of_town",
            "value": {"operation": "IF", "cases": [{"when": "$in", "then": "$town"}], "default": "$town"},
        },
        {"output": "ages", "value": each},
        {"output": "day", "value": {"operation": "DATE_ADD", "date": "$born", "years": 1}},
    ]
    inputs = [("income", "number"), ("wealth", "number"), ("born", "date"), ("town", "string"), ("in", "boolean")]
    execution = {
        "parameters": [{"name": "bsn", "type": "string"}],
        "input": [{"name": name, "type": kind, "source": {}} for name, kind in [*inputs, ("children", "array")]],
        "output": [{"name": name, "type": "string"} for name in OUTPUTS],
        "actions": actions,
    }
    article = {"number": "1", "machine_readable": {"execution": execution}}
    law = {"$schema": SCHEMA, "$id": "a_law", "regulatory_layer": "WET", "articles": [article]}
    return Laws([law]).library()


def arrow(name: str) -> pa.Table:
    rows, columns = TABLES[name]
    return pa.Table.from_pylist(rows, schema=pa.schema([(column, kind[0]) for column, kind in columns.items()]))


def write(kind: str, folder: Path) -> Path:
    """Write the tables in a format; gives what to open."""
    if kind == "duckdb":
        path = folder / "people.duckdb"
        with duckdb.connect(str(path)) as connection:
            for name in TABLES:
                connection.register("rows", arrow(name))
                connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM rows')
        return path
    for name in TABLES:
        if kind == "parquet":
            parquet.write_table(arrow(name), folder / f"{name}.parquet")
        else:
            with ipc.new_file(str(folder / f"{name}.arrow"), arrow(name).schema) as file:
                file.write_table(arrow(name))
    return folder


def fill(server: PostgresServer, database: str = "people") -> str:
    """Make a schema in PostgreSQL with the tables; gives the connection string."""
    dsn = server.create_database(database)
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE SCHEMA registers")
        for name, (rows, columns) in TABLES.items():
            made = ", ".join(f'"{column}" {kind[1]}' for column, kind in columns.items())
            connection.execute(f'CREATE TABLE registers."{name}" ({made})')  # type: ignore[call-overload]
            for row in rows:
                places = ", ".join(["%s"] * len(row))
                connection.execute(f'INSERT INTO registers."{name}" VALUES ({places})', list(row.values()))  # type: ignore[call-overload]
    return dsn


def run(
    connection: duckdb.DuckDBPyConnection, library: Library, population: Population, out: Path
) -> list[tuple[Any, ...]]:
    """Run and read back what was written."""
    made = prepare_run(connection, library, "a_law", OUTPUTS, DAY, population)
    assert write_result(connection, made, out) == len(PERSONS)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in out.parent.iterdir() if "partial" in path.name] == []
    columns = ", ".join(f'"{name}", "{name}_status"' for name in OUTPUTS)
    if out.suffix == ".duckdb":
        with duckdb.connect(str(out), read_only=True) as reading:
            return reading.execute(f"SELECT bsn, {columns} FROM result ORDER BY bsn").fetchall()
    if out.suffix == ".arrow":
        table = ipc.open_file(str(out)).read_all()
        return sorted(tuple(row.values()) for row in table.to_pylist())
    return duckdb.sql(f"SELECT bsn, {columns} FROM read_parquet('{out}') ORDER BY bsn").fetchall()


EXPECTED = [
    ("001", Decimal("250012.50"), "known", TOWN, "known", 7, "known", date(1991, 2, 28), "known"),
    ("002", None, "error", "", "known", 0, "known", None, "error"),
    ("003", None, "error", None, "null", None, "error", date(2025, 2, 28), "known"),
]


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".duckdb"])
@pytest.mark.parametrize("kind", ["parquet", "arrow", "duckdb"])
def test_every_format_gives_the_same(library: Library, tmp_path: Path, kind: str, suffix: str) -> None:
    """What is read and how it is written makes no difference to the rows."""
    (tmp_path / "in").mkdir()
    path = write(kind, tmp_path / "in")
    with connect() as connection:
        population = open_population(connection, path, ["bsn"], "persons")
        assert run(connection, library, population, tmp_path / f"result{suffix}") == EXPECTED


@pytest.mark.postgres
def test_postgres_gives_the_same(library: Library, tmp_path: Path, postgres_server: PostgresServer) -> None:
    """Tables of a schema are copied, and only the columns that the plan needs."""
    dsn = fill(postgres_server)
    with connect() as connection:
        population = open_postgres(dsn, ["bsn"], "persons", "registers")
        assert run(connection, library, population, tmp_path / "result.parquet") == EXPECTED
        prepare_run(connection, library, "a_law", ["day"], DAY, population)
        assert [row[0] for row in connection.execute("DESCRIBE copied_persons").fetchall()] == ["born", "bsn"]
    with psycopg.connect(dsn) as server:
        server.execute("UPDATE registers.persons SET born = 'infinity'")
    with connect() as connection, pytest.raises(InvalidInput) as caught:
        prepare_run(connection, library, "a_law", ["day"], DAY, population)
    assert [fault.code for fault in caught.value.faults] == ["unreadable-column"]


@pytest.mark.postgres
def test_a_request_may_name_a_database(library: Library, tmp_path: Path, postgres_server: PostgresServer) -> None:
    """The tables of the public schema are the population; the dialect of doubles and Spark read files."""
    dsn = fill(postgres_server, "asked")
    with psycopg.connect(dsn) as server:
        for table in TABLES:
            server.execute(f"CREATE OR REPLACE VIEW public.{table} AS SELECT * FROM registers.{table}")
    out = tmp_path / "result.parquet"
    request = RunRequest("a_law", ("total", "ages"), DAY, Path(), out, is_synthetic=True, database=dsn)
    result = run_population(library, replace(request, subjects="persons"))
    assert result.rows == len(PERSONS) and result.outputs["total"].statuses
    with pytest.raises(UsageFault):
        run_population(library, replace(request, subjects="persons", engine="spark"))


def test_a_database_that_does_not_answer_is_a_failure_of_storage() -> None:
    """With the reason that the driver gives."""
    with pytest.raises(StorageFailure):
        open_postgres("host=127.0.0.1 port=1 dbname=nothing", ["bsn"])


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{"bsn": "1"}, {"bsn": "1"}], "no-subjects"),
        ([{"bsn": "1"}, {"bsn": None}], "empty-key"),
        ([{"BSN": "1"}], "no-key-column"),
        ([{"bsn": "1", "income": 3, "income_status": "onbekend"}], "unknown-status"),
        ([{"bsn": "1", "income": 0.5}], "mistyped-column"),
    ],
)
def test_a_population_that_does_not_fit_is_refused(
    library: Library, tmp_path: Path, rows: list[dict[str, Any]], code: str
) -> None:
    """Before the run starts, with the table and column that are wrong."""
    whole = [{**{"income": 1, "wealth": 1}, **row} for row in rows]
    parquet.write_table(pa.Table.from_pylist(whole), tmp_path / "people.parquet")
    with connect() as connection, pytest.raises(InvalidInput) as caught:
        population = open_population(connection, tmp_path / "people.parquet", ["bsn"])
        prepare_run(connection, library, "a_law", ["total"], DAY, population)
    assert [fault.code for fault in caught.value.faults] == [code]
