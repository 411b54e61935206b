"""What is to be sent and what became of it: one row a message, without a word about a person.

The id of a message follows from run, pseudonym and law, so that a run that is sent twice sends each message once; what
it says lies in the vault. Only a digest of the pseudonym is in the id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

from eendracht.kernel.private import PrivateDatabase

State = Literal["waiting", "sent", "printed", "held", "failed"]
TRIES: Final = 6
"""How often a message is offered to a receiver that does not take it."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS message (
  id TEXT PRIMARY KEY, run TEXT NOT NULL, controller TEXT NOT NULL, law TEXT NOT NULL, item TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL, tries INTEGER NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS message_run ON message (run, state);
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One message: its id, the vault item that holds it, and how far it is; `reason` says why it is held or failed."""

    id: str
    run: str
    controller: str
    law: str
    item: str
    state: str
    reason: str
    tries: int
    at: str


def message_id(run: str, key: str, law: str) -> str:
    """Give the id of a message: the same for the same run, person and law."""
    return sha256("\0".join((run, key, law)).encode()).hexdigest()[:32]


class Outbox:
    """The messages of a node; let go of it with `close`."""

    def __init__(self, path: Path) -> None:
        self._file = PrivateDatabase(path, _SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Outbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def find(self, message: str) -> Row | None:
        """Give a message by its id."""
        rows = self._file.query(f"SELECT {_COLUMNS} FROM message WHERE id = ?", (message,))
        return Row(*rows[0]) if rows else None

    def add(self, row: Row) -> None:
        """Add a message; one that is there already stays as it is."""
        with self._file.writing() as connection:
            connection.execute(
                f"INSERT INTO message ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (row.id, row.run, row.controller, row.law, row.item, row.state, row.reason, row.tries, row.at),
            )

    def settle(self, message: str, state: State, at: str, reason: str = "", *, is_try: bool = False) -> None:
        """Say how far a message is."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE message SET state = ?, reason = ?, at = ?, tries = tries + ? WHERE id = ?",
                (state, reason, at, int(is_try), message),
            )

    def list_rows(self, run: str, state: str = "") -> list[Row]:
        """Give the messages of a run, in the order of their ids."""
        sql, given = f"SELECT {_COLUMNS} FROM message WHERE run = ?", [run]
        if state:
            sql, given = f"{sql} AND state = ?", [run, state]
        return [Row(*row) for row in self._file.query(f"{sql} ORDER BY id", given)]

    def count(self, run: str) -> dict[str, int]:
        """Give how many messages of a run are how far, those that are held by why."""
        return {str(name): int(count) for name, count in self._query_counts(run)}

    def _query_counts(self, run: str) -> Sequence[Sequence[Any]]:
        return self._file.query(
            "SELECT CASE WHEN state = 'held' THEN reason ELSE state END, count(*) FROM message WHERE run = ?"
            " GROUP BY 1",
            (run,),
        )


_COLUMNS: Final = "id, run, controller, law, item, state, reason, tries, at"
