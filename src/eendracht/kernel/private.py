"""A SQLite file of its own that only its owner may read, for what must not lie among the records."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.store.driver import Row
from eendracht.kernel.store.sqlite import SqliteConnection, purge_file, storage_failures

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_CACHE_KIB = 8_192


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner may enter; raises StorageFailure."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        path.chmod(FOLDER_MODE)
    except OSError as error:
        raise StorageFailure(f"{path}: {error.strerror}") from error


class PrivateDatabase:
    """One SQLite file (mode 0600 in a folder of 0700) on one connection, which threads use in turn.

    Every commit is synced; several processes may have it open.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        make_private_folder(path.parent)
        self._lock = threading.RLock()
        try:
            # SQLite gives its log and index files the mode of the database file.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE))
            path.chmod(FILE_MODE)
        except OSError as error:
            raise StorageFailure(f"{path}: {error.strerror}") from error
        with storage_failures(path):
            self._connection = SqliteConnection(path, cache_kib=_CACHE_KIB, read_only=False)
            self._connection.raw.executescript(schema)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and give all its rows; raises StorageFailure."""
        with self._lock, storage_failures(self.path):
            return self._connection.query(sql, parameters)

    @contextmanager
    def writing(self) -> Iterator[SqliteConnection]:
        """Open the write transaction of the file, one at a time over all processes; raises StorageFailure."""
        with self._lock, storage_failures(self.path):
            raw = self._connection.raw
            raw.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                raw.execute("COMMIT")
            except BaseException:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                raise

    def purge(self) -> None:
        """Leave no byte of what was deleted in the file and its log; raises StorageFailure."""
        with self._lock:
            purge_file(self.path)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.raw.close()
