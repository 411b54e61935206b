"""The SQLite engine: one file, write-ahead log, every commit synced to disk."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.store.driver import Row, T
from eendracht.kernel.store.migrations import NEWEST, READ_REVISION, migrate_to_newest

BUSY_TIMEOUT_S = 60.0
_STEPS_BETWEEN_LOOKS = 4_000
"""Steps of SQLite's machine, about a quarter of a millisecond, after which a brief read looks at the time."""
_READ_CACHE_KIB = 32_768
_WRITE_CACHE_KIB = 131_072
_PAGE_BYTES = 8_192
"""Two records and more on a page; it counts when the file is made."""
_CHECKPOINT_PAGES = 8_000
"""The write-ahead log grows to 64 MB before its pages go to the file, each page once."""


_BUNDLES = (2_000, 1_000, 500, 250, 120, *range(64, 0, -1))
"""Rows in one statement: what a commit of many threads holds goes as one; SQLite keeps the statements compiled."""
_INSERT = re.compile(r"INSERT( INTO [^()]+\([^()]+\)) VALUES (\([?, ]+\))( ON CONFLICT DO NOTHING)?")


@cache
def _bundle(sql: str, size: int) -> str:
    insert = _INSERT.fullmatch(sql)
    if insert is None:
        return ""
    # A plain insert of many rows would keep a copy of each page it touches, to undo itself alone; here a row that does
    # not fit undoes the whole transaction anyway.
    verb = "INSERT OR IGNORE" if insert[3] else "INSERT OR ROLLBACK"
    return f"{verb}{insert[1]} VALUES {', '.join([insert[2]] * size)}"


class SqliteConnection:
    """One SQLite connection."""

    joined = "GROUP_CONCAT(rv)"

    def __init__(self, path: Path, *, cache_kib: int, read_only: bool) -> None:
        self._path = path
        self.raw = sqlite3.connect(
            _address(path),
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=1_024,
        )
        for pragma in (
            f"page_size={_PAGE_BYTES}",
            "journal_mode=WAL",
            "synchronous=FULL",
            f"cache_size=-{cache_kib}",
            f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
            "secure_delete=ON",
        ):
            self._set(pragma)
        if read_only:
            self.raw.execute("PRAGMA query_only=ON")
        self._deadline: float | None = None

    def read_briefly(self, read: Callable[[], T], seconds: float) -> T:
        """Run a function that reads with this connection; raises TimeoutError where it takes longer."""
        if self._deadline is None:
            self.raw.set_progress_handler(self._is_late, _STEPS_BETWEEN_LOOKS)
        self._deadline = time.perf_counter() + seconds
        try:
            return read()
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
                raise TimeoutError from error
            raise
        finally:
            self._deadline = float("inf")

    def _is_late(self) -> bool:
        return self._deadline is not None and time.perf_counter() > self._deadline

    def _set(self, pragma: str) -> None:
        """Set a pragma; SQLite itself does not wait for others where a new file is turned to a write-ahead log."""
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                self.raw.execute(f"PRAGMA {pragma}")
                return
            except sqlite3.OperationalError as error:
                if "readonly" in str(error):
                    return
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and give all its rows."""
        try:
            return self.raw.execute(sql, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            _refuse(self._path, error)
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Answer what is asked within from one state of the database."""
        self.raw.execute("BEGIN")
        try:
            yield
        finally:
            if self.raw.in_transaction:
                self.raw.execute("ROLLBACK")

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Run a statement and yield its rows without holding them all.

        Outside a transaction it takes a connection of its own: else whatever this thread asks meanwhile would be
        answered from the state in which the stream began.
        """
        with ExitStack() as stack:
            stack.enter_context(storage_failures(self._path))
            raw = self.raw
            if not raw.in_transaction:
                own = SqliteConnection(self._path, cache_kib=_READ_CACHE_KIB, read_only=True)
                raw = stack.enter_context(closing(own.raw))
            cursor = raw.execute(sql, parameters)
            while rows := cursor.fetchmany(2_000):
                yield from rows

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that gives no rows."""
        self.raw.execute(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each row of parameters; many rows of an insert go as one statement.

        One statement takes the interpreter's lock once, where a row each would hand it over and wait for it each time.
        """
        batch = rows if isinstance(rows, list) else list(rows)
        done = 0
        for size in _BUNDLES:
            while len(batch) - done >= size and (bundle := _bundle(sql, size)):
                self.raw.execute(bundle, tuple(chain.from_iterable(batch[done : done + size])))
                done += size
        if done < len(batch):
            self.raw.executemany(sql, batch[done:])

    def among(self, column: str) -> str:
        """Give the condition that the column is in the list bound to one mark."""
        return f"{column} IN (SELECT value FROM json_each(?))"

    def bind_list(self, values: Sequence[Any]) -> str:
        """Give the list as the JSON text that `among` unpacks."""
        return orjson.dumps(list(values)).decode()


class SqliteDriver:
    """Opens one write connection and a read connection per thread on a database file."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._readers: list[tuple[threading.Thread, SqliteConnection]] = []
        self._guard = threading.Lock()
        self._writer: SqliteConnection | None = None

    def migrate(self) -> None:
        """Bring the tables to the newest version; raises StorageFailure where the file cannot be written."""
        _make_private(self.path)
        with storage_failures(self.path):
            connection = self._open(_READ_CACHE_KIB, read_only=False)
            try:
                revision = connection.query(READ_REVISION)
            except sqlite3.OperationalError as error:
                if "no such table" not in str(error):
                    raise
                revision = []
            finally:
                connection.raw.close()
            if revision != [(NEWEST,)]:
                migrate_to_newest(f"sqlite:///{self.path}?timeout={BUSY_TIMEOUT_S:.0f}")

    def _open(self, cache_kib: int, *, read_only: bool) -> SqliteConnection:
        return SqliteConnection(self.path, cache_kib=cache_kib, read_only=read_only)

    def reader(self) -> SqliteConnection:
        """Give the read connection of the calling thread."""
        connection: SqliteConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            with storage_failures(self.path):
                connection = self._local.connection = self._open(_READ_CACHE_KIB, read_only=True)
            with self._guard:
                for thread, ended in self._readers:
                    if not thread.is_alive():
                        ended.raw.close()
                self._readers = [pair for pair in self._readers if pair[0].is_alive()]
                self._readers.append((threading.current_thread(), connection))
        return connection

    def read_briefly(self, read: Callable[[], T], seconds: float) -> T:
        """Run a function that reads on the calling thread; raises TimeoutError where it takes longer."""
        return self.reader().read_briefly(read, seconds)

    @contextmanager
    def writing(self) -> Iterator[SqliteConnection]:
        """Open the write transaction; `BEGIN IMMEDIATE` is the lock on the log head."""
        with storage_failures(self.path):
            if self._writer is None:
                self._writer = self._open(_WRITE_CACHE_KIB, read_only=False)
            raw = self._writer.raw
            raw.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                raw.execute("COMMIT")
            except BaseException:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                raise

    def data_version(self) -> int:
        """Give SQLite's own counter of commits by other connections."""
        return int(self.reader().query("PRAGMA data_version")[0][0])

    def purge(self) -> None:
        """Leave no byte of what was deleted in the database file and its log."""
        purge_file(self.path)

    def close(self) -> None:
        """Close every connection that was opened."""
        with self._guard:
            for _, connection in self._readers:
                connection.raw.close()
            self._readers.clear()
        if self._writer is not None:
            self._writer.raw.close()
        self._writer = None
        self._local = threading.local()


def _make_private(path: Path) -> None:
    """Make the database file for its owner alone; SQLite gives its log and index files the same mode."""
    # Whatever stands in the way, SQLite says it better.
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def purge_file(path: Path) -> None:
    """Rewrite a database file without anything that was deleted, and empty its log.

    `secure_delete` alone leaves copies behind where SQLite moved rows between pages. Raises StorageFailure where the
    disk is full, or where a reader holds on to old pages for longer than the time-out.
    """
    with storage_failures(path), closing(SqliteConnection(path, cache_kib=_READ_CACHE_KIB, read_only=False).raw) as raw:
        raw.execute("VACUUM")
        ((busy, _, _),) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if busy:
        raise StorageFailure(
            f"{path.name}: a reader still holds on to what was deleted",
            hint="Stop long-running reads and run the destruction again; it goes on where it stopped.",
        )


def copy_file(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, while others go on writing to it; on return it is on disk.

    Raises StorageFailure.
    """
    with (
        storage_failures(source),
        closing(SqliteConnection(source, cache_kib=_READ_CACHE_KIB, read_only=True).raw) as raw,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        # In one step: a copy in many steps starts again whenever another process commits.
        raw.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")


def _address(path: Path) -> str:
    """Give the URI under which SQLite opens the file.

    On a read-only disk SQLite cannot make the files beside it that reading takes. Nobody else can change it there
    either, so it is opened as unchanging; but not past a log that still holds changes.
    """
    address = path.absolute().as_uri()
    log = path.with_name(f"{path.name}-wal")
    try:
        lies_still = os.statvfs(path).f_flag & os.ST_RDONLY and not (log.exists() and log.stat().st_size)
    except OSError:
        # SQLite makes the file, or says itself what is in the way.
        lies_still = False
    return f"{address}?immutable=1" if lies_still else address


_HINTS = {
    "SQLITE_FULL": "The disk is full: free some space and try again; nothing was lost.",
    "SQLITE_READONLY": "The database may not be written: check the permissions of file and folder.",
    "SQLITE_CANTOPEN": "Check that the folder exists and may be written; where it may not, open a copy of the folder.",
    "SQLITE_BUSY": "Another process holds the database for long: stop it or wait.",
    "SQLITE_CORRUPT": "The file is damaged: keep it, and restore the last backup beside it.",
    "SQLITE_NOTADB": "This file is not an Eendracht database.",
    "SQLITE_IOERR": "The disk reports an error: check the machine; nothing was acknowledged.",
}


def _refuse(path: Path, error: sqlite3.DatabaseError) -> None:
    """Raise StorageFailure with a next step where the error is about disk, permission or damage."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if str(error).startswith("Could not decode to UTF-8"):
        name = "SQLITE_CORRUPT"
    for prefix, hint in _HINTS.items():
        if name.startswith(prefix):
            raise StorageFailure(f"{path.name}: {error}", hint=hint) from error


@contextmanager
def storage_failures(path: Path) -> Iterator[None]:
    """Turn what SQLite says about disk, permission or damage into a StorageFailure with a next step."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        _refuse(path, error)
        raise
