"""What an engine must be able to do, so that everything above it is written once.

SQL is written with `?` marks; a driver that wants other marks translates them. Text of one statement works on both
engines but for lists, for which the driver gives the fragment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

Row = tuple[Any, ...]
T = TypeVar("T")


class Connection(Protocol):
    """One connection to the database, used by one thread at a time."""

    joined: str
    """The aggregate that gives many values of the column `rv` as one text, with commas between them."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and give all its rows."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Answer what is asked within from one state of the database; keep it short."""
        ...

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Run a statement and yield its rows without holding them all."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that gives no rows."""
        ...

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each row of parameters, as one batch."""
        ...

    def among(self, column: str) -> str:
        """Give the condition that the column is in the list that is bound to one mark by `bind_list`."""
        ...

    def bind_list(self, values: Sequence[Any]) -> Any:
        """Give the parameter that carries a list."""
        ...


class Driver(Protocol):
    """An engine: SQLite or PostgreSQL."""

    name: str

    def migrate(self) -> None:
        """Bring the tables to the newest version; safe to run at every start."""
        ...

    def reader(self) -> Connection:
        """Give the read connection of the calling thread."""
        ...

    def read_briefly(self, read: Callable[[], T], seconds: float) -> T:
        """Run a function that reads on the calling thread, and cut it off; for a thread that may not be held up.

        Raises TimeoutError where it takes longer, or where the engine cannot promise that it is short.
        """
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """Open the write transaction, with the log head locked; commit at the end, or roll back on an error.

        Raises StorageFailure where the disk is full, the database is read only, or it cannot be reached.
        """
        ...

    def data_version(self) -> int:
        """Give a number that changes when another connection committed; cheap enough to poll."""
        ...

    def purge(self) -> None:
        """Leave no byte of what was deleted in the files of the database, as far as the engine can see to that.

        It rewrites the tables and may take long; raises StorageFailure where it cannot be done now.
        """
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
