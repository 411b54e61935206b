"""The PostgreSQL engine: a write connection, a read connection per thread, statements sent in pipelines.

Needs PostgreSQL 13 or newer with an UTF8 database. Every commit is durable before it is acknowledged, also where the
server is set to do otherwise.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import psycopg

from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.store.driver import Row
from eendracht.kernel.store.migrations import NEWEST, READ_REVISION, migrate_to_newest

T = TypeVar("T")

CONNECT_TIMEOUT_S = 10
LOCK_TIMEOUT_S = 60.0
"""How long a writer waits for another process, and how long a frozen process may hold the log head."""
_STREAM_ROWS = 2_000

_READ_SETTINGS = "SET default_transaction_read_only = on"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_LOCK_HEAD = "SELECT size FROM log_head WHERE id = 1 FOR UPDATE"

_PART = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|\?|%")
_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(\?(?:, \?)*\)( ON CONFLICT DO NOTHING)?")


@cache
def translate(sql: str) -> str:
    """Give the statement with psycopg's marks: `?` becomes `%s`, and what is quoted keeps its letters."""

    def mark(found: re.Match[str]) -> str:
        part = found[0]
        return "%s" if part == "?" else part.replace("%", "%%")

    return _PART.sub(mark, sql)


def _write_settings() -> str:
    limit = f"{LOCK_TIMEOUT_S * 1000:.0f}ms"
    bounds = f"SET lock_timeout = '{limit}'; SET idle_in_transaction_session_timeout = '{limit}'"
    return f"{bounds}; SET synchronous_commit = on"


class PostgresConnection:
    """One session on the server."""

    joined = "STRING_AGG(rv::text, ',')"

    def __init__(self, raw: psycopg.Connection[Row]) -> None:
        self.raw = raw
        self._asking = raw.cursor(binary=True)
        self._column_types: dict[str, dict[str, str]] = {}

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and give all its rows."""
        # One cursor serves every question, which is quicker than one each: all is fetched before the next.
        return self._asking.execute(translate(sql), tuple(parameters)).fetchall()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Answer what is asked within from one state of the database."""
        self._begin_reading()
        try:
            yield
        finally:
            if not self.raw.closed:
                self.raw.execute("ROLLBACK")

    def _begin_reading(self) -> None:
        self.raw.execute(_BEGIN_READING)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that gives no rows; in a write transaction its failure may show at the commit."""
        self.raw.execute(translate(sql), tuple(parameters))

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Run a statement and yield its rows from a cursor on the server."""
        with self.raw.cursor(name=f"stream_{id(self)}", binary=True) as cursor:
            cursor.itersize = _STREAM_ROWS
            cursor.execute(translate(sql), tuple(parameters))
            yield from cursor

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each row of parameters; a plain insert goes as one statement with an array a column."""
        batch = rows if isinstance(rows, list) else list(rows)
        if not batch:
            return
        insert = _INSERT.fullmatch(sql)
        if insert is None or len(batch) == 1:
            self.raw.cursor().executemany(translate(sql), batch)
            return
        table, columns, tail = insert[1], insert[2], insert[3] or ""
        types = self._types_of(table)
        arrays = ", ".join(f"%b::{types[column]}[]" for column in columns.split(", "))
        self.raw.execute(  # the statement is made of names that the code wrote
            f"INSERT INTO {table} ({columns}) SELECT * FROM unnest({arrays}){tail}",
            [list(column) for column in zip(*batch, strict=True)],
        )

    def _types_of(self, table: str) -> dict[str, str]:
        known = self._column_types.get(table)
        if known is None:
            rows = self.query(
                "SELECT attname::text, format_type(atttypid, NULL)::text FROM pg_attribute"
                " WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped",
                (table,),
            )
            known = self._column_types[table] = dict(rows)
        return known

    def among(self, column: str) -> str:
        """Give the condition that the column is in the array bound to one mark."""
        kind = "bigint" if column.rpartition(".")[2] in ("rv", "id") else "text"
        return f"{column} = ANY(?::{kind}[])"

    def bind_list(self, values: Sequence[Any]) -> list[Any]:
        """Give the list as psycopg turns it into an array."""
        return list(values)


class PostgresReader(PostgresConnection):
    """A read-only session that comes back after the server was away."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Row]]) -> None:
        self._connect = connect
        super().__init__(connect())

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and give all its rows; raises StorageFailure where the server stays away."""
        with storage_failures():
            try:
                return super().query(sql, parameters)
            except psycopg.DataError:
                plain = tuple(_without_nul(value) for value in parameters)
                if plain == tuple(parameters):
                    raise
                return super().query(sql, plain)
            except psycopg.Error:
                if not self.raw.closed:
                    raise
                self._come_back()
                return super().query(sql, parameters)

    def _begin_reading(self) -> None:
        with storage_failures():
            try:
                super()._begin_reading()
            except psycopg.Error:
                if not self.raw.closed:
                    raise
                self._come_back()
                super()._begin_reading()

    def _come_back(self) -> None:
        self.raw = self._connect()
        self._asking = self.raw.cursor(binary=True)

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Run a statement and yield its rows, from a session of its own: the reader stays free meanwhile."""
        with storage_failures(), self._connect() as raw:
            raw.autocommit = False
            yield from PostgresConnection(raw).stream(sql, parameters)


def _without_nul(value: Any) -> Any:
    """Replace the one character that PostgreSQL cannot hold, so that looking for it finds nothing."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    return [_without_nul(item) for item in value] if isinstance(value, list) else value


class PostgresDriver:
    """Opens sessions on one database, named by a libpq connection string or URI."""

    name = "postgresql"

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._local = threading.local()
        self._readers: list[tuple[threading.Thread, PostgresReader]] = []
        self._guard = threading.Lock()
        self._writer: PostgresConnection | None = None

    def _connect(self, settings: str) -> psycopg.Connection[Row]:
        raw: psycopg.Connection[Row] = psycopg.connect(
            self._dsn, autocommit=True, prepare_threshold=0, connect_timeout=CONNECT_TIMEOUT_S, client_encoding="UTF8"
        )
        raw.execute(settings, prepare=False)
        return raw

    def _connect_reader(self) -> psycopg.Connection[Row]:
        return self._connect(_READ_SETTINGS)

    def migrate(self) -> None:
        """Bring the tables to the newest version; processes that start at once wait for each other.

        Raises StorageFailure where the server cannot be reached, refuses, or holds text in another encoding.
        """
        with storage_failures():
            with self._connect(_write_settings()) as raw:
                connection = PostgresConnection(raw)
                ((encoding,),) = connection.query("SHOW server_encoding")
                if encoding != "UTF8":
                    raise StorageFailure(
                        f"The database holds text as {encoding}",
                        hint="Make it anew: createdb --encoding UTF8 --template template0.",
                    )
                made = connection.query("SELECT to_regclass('alembic_version') IS NOT NULL")[0][0]
                revision = connection.query(READ_REVISION) if made else []
            if revision != [(NEWEST,)]:
                migrate_to_newest(self._sqlalchemy_url())

    def _sqlalchemy_url(self) -> str:
        from sqlalchemy import URL

        given = psycopg.conninfo.conninfo_to_dict(self._dsn)
        query = {key: str(value) for key, value in given.items()}
        return URL.create("postgresql+psycopg", query=query).render_as_string(hide_password=False)

    def reader(self) -> PostgresReader:
        """Give the read connection of the calling thread."""
        connection: PostgresReader | None = getattr(self._local, "connection", None)
        if connection is None:
            with storage_failures():
                connection = self._local.connection = PostgresReader(self._connect_reader)
            with self._guard:
                for thread, ended in self._readers:
                    if not thread.is_alive():
                        ended.raw.close()
                self._readers = [pair for pair in self._readers if pair[0].is_alive()]
                self._readers.append((threading.current_thread(), connection))
        return connection

    def read_briefly(self, read: Callable[[], T], seconds: float) -> T:
        """Raise TimeoutError: a question over a connection is never promised to be short."""
        raise TimeoutError

    @contextmanager
    def writing(self) -> Iterator[PostgresConnection]:
        """Open the write transaction; the row lock on the log head is its first statement.

        Statements travel in a pipeline, so that a commit costs few round trips. Where the connection is lost while the
        commit is under way, nobody can tell whether it was kept; the hint of the StorageFailure says so.
        """
        with storage_failures():
            connection = self._begin()
            raw = connection.raw
            hint = None
            try:
                with raw.pipeline():
                    yield connection
                    hint = "The connection broke during the commit: look whether the records are there, then try again."
                    raw.execute("COMMIT")
            except BaseException as error:
                self._roll_back(raw)
                if hint and isinstance(error, psycopg.OperationalError) and raw.closed:
                    raise StorageFailure("The connection to the database was lost", hint=hint) from error
                raise

    def _begin(self) -> PostgresConnection:
        for is_last in (False, True):
            if self._writer is None or self._writer.raw.closed:
                self._writer = PostgresConnection(self._connect(_write_settings()))
            raw = self._writer.raw
            try:
                with raw.pipeline():
                    raw.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
                    raw.execute(_LOCK_HEAD)
                return self._writer
            except psycopg.Error:
                self._roll_back(raw)
                if is_last or not raw.closed:
                    raise
        raise AssertionError("the second attempt returns or raises")

    def _roll_back(self, raw: psycopg.Connection[Row]) -> None:
        try:
            raw.execute("ROLLBACK")
        except psycopg.Error:
            raw.close()

    def data_version(self) -> int:
        """Give the size of the log; it grows with every commit that changes records."""
        return int(self.reader().query("SELECT size FROM log_head WHERE id = 1")[0][0])

    def purge(self) -> None:
        """Leave no byte of what was deleted in the files of the tables, nor in the statistics of the planner.

        What the server keeps of its write-ahead log, on disk and in archives, is for its administrator to expire.
        """
        with storage_failures(), self._connect(_write_settings()) as raw:
            names = PostgresConnection(raw).query(
                "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
            )
            # Values of columns stand in the statistics too: new ones first, then the old rows of their table go.
            for statement in (
                f"VACUUM (FULL, ANALYZE) {', '.join(name for (name,) in names)}",
                "VACUUM FULL pg_catalog.pg_statistic",
            ):
                raw.execute(statement, prepare=False)

    def close(self) -> None:
        """Close every session."""
        with self._guard:
            for _, connection in self._readers:
                connection.raw.close()
            self._readers.clear()
        if self._writer is not None:
            self._writer.raw.close()
        self._writer = None
        self._local = threading.local()


_HINTS = {
    "53100": "The disk of the database server is full: free some space and try again; nothing was lost.",
    "53300": "The server has no connection left: raise max_connections, or run fewer processes.",
    "53": "The database server is short of memory or another resource: look into its log.",
    "25006": "The database may only be read: connect to the primary server, not to a standby.",
    "42501": "The database user lacks a privilege: let it own the database, or grant it the tables.",
    "3F": "The database user lacks a privilege: let it own the database, or grant it the schema.",
    "55P03": "Another process holds the database for long: stop it or wait.",
    "25P03": "This process was frozen while it held the database; nothing was kept: try again.",
    "57P": "The database server is stopping or starting: try again in a moment.",
    "08": "The connection to the database server was lost: try again.",
    "28": "The server refuses this user: check user name, password and pg_hba.conf.",
    "3D": "There is no such database: make it with createdb --encoding UTF8 --template template0.",
    "58": "The disk of the database server reports an error: check that machine; nothing was acknowledged.",
    "XX": "The database is damaged: keep it, and restore the last backup beside it.",
}
"""What to do, by SQLSTATE or the beginning of one."""

_SAID = {
    "authentication failed": "28",
    "no password supplied": "28",
    "no pg_hba.conf entry": "28",
    "does not exist": "3D",
    "too many clients": "53300",
    "connection slots": "53300",
    "starting up": "57P",
    "shutting down": "57P",
}
"""A refused connection carries no SQLSTATE, only words."""

_UNREACHABLE = "The database server cannot be reached: check that it runs, and its host, port and name."


def _hint_for(error: psycopg.Error) -> str | None:
    state = error.sqlstate or next((code for words, code in _SAID.items() if words in str(error)), "")
    for code, hint in _HINTS.items():
        if state.startswith(code):
            return hint
    return _UNREACHABLE if not state and isinstance(error, psycopg.OperationalError) else None


@contextmanager
def storage_failures() -> Iterator[None]:
    """Turn what the server says about disk, rights, locks or connection into a StorageFailure with a next step."""
    try:
        yield
    except psycopg.Error as error:
        hint = _hint_for(error)
        if hint is None:
            raise
        said = error.diag.message_primary or str(error).strip().splitlines()[-1:] or ["no connection"]
        raise StorageFailure(said if isinstance(said, str) else said[0], hint=hint) from error
