"""Append-only streams of what was decided and done: access decisions, processing lines, reads of the vault.

A line holds codes and references, never content about a person: the vault's id or a pairwise pseudonym stands for it.
`seal` puts the Merkle root over the lines since the last time into the ledger, so that a line cannot be changed, added
or left out afterwards; each line has a salt of its own, so that a proof for one line tells nothing of the next.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from eendracht.kernel.clock import Clock, SystemClock, timestamp
from eendracht.kernel.errors import Conflict, Fault, InvalidInput, UnreadableFile
from eendracht.kernel.ledger.entry import SALT_SIZE, commit
from eendracht.kernel.ledger.tree import leaf_hash, root_hash
from eendracht.kernel.private import PrivateDatabase
from eendracht.kernel.records import dump_canonical
from eendracht.kernel.store.append import EntryType
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.store import Store

MOST_BYTES = 8_192
"""How long a line may be."""
MOST_LINES = 100_000
"""How many lines one batch root covers at most."""

_STRETCH = 1_000
_CODE = re.compile(r"[a-z][A-Za-z0-9._:/-]{0,159}")
# What a line is about, where it names an item of the vault; a line that was tampered with may be no JSON at all.
_ITEM = "CASE WHEN json_valid(CAST(body AS TEXT)) THEN json_extract(CAST(body AS TEXT), '$.item') END"
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS line (
  stream TEXT, position INTEGER, at TEXT NOT NULL, salt BLOB NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (stream, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch (
  stream TEXT, start INTEGER, stop INTEGER NOT NULL, rv INTEGER NOT NULL, PRIMARY KEY (stream, start)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS line_item ON line ({_ITEM}, at);
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a stream; `at` is UTC."""

    position: int
    at: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """The lines `[start, stop)` of a stream and their root, as an entry of the ledger states them."""

    stream: str
    start: int
    stop: int
    root: bytes
    rv: int


@dataclass(frozen=True, slots=True)
class StreamVerification:
    """What became of one stream: how many lines there are, how many a root covers, and the first batch that is broken.

    Lines after the last root are open: nothing can be said of them yet.
    """

    stream: str
    lines: int
    sealed: int
    broken: Batch | None
    why: str = ""

    @property
    def holds(self) -> bool:
        """Whether every sealed line is what was sealed."""
        return self.broken is None


def check_code(text: str, pointer: str) -> None:
    """Raise InvalidInput unless the text is a code or a ref; free text may tell of a person."""
    if _CODE.fullmatch(text) is None:
        fault = Fault(
            pointer,
            "not-a-code",
            "Dit moet een code of verwijzing zijn, geen vrije tekst",
            "This must be a code or a ref, not free text",
            "For example ground:gm0344/wmo-2-3-2, or wmo-indication.",
        )
        raise InvalidInput("Only codes and refs can stand here", faults=[fault])


class Journal:
    """Keeps the streams of one node in a file of their own."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._file = PrivateDatabase(path, _SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def append(self, stream: str, lines: Sequence[Mapping[str, Any]]) -> int:
        """Append lines, all or none, and give the position of the first; they are on disk when this returns.

        Content is JSON without floats. Raises InvalidInput for a line that is too long, StorageFailure.
        """
        check_code(stream, "/stream")
        bodies = [dump_canonical(dict(line)) for line in lines]
        if any(len(body) > MOST_BYTES for body in bodies):
            raise InvalidInput(f"A line of a journal holds at most {MOST_BYTES} bytes")
        with self._file.writing() as connection:
            rows = connection.query(
                "SELECT position + 1, at FROM line WHERE stream = ? ORDER BY position DESC LIMIT 1", (stream,)
            )
            start, last = rows[0] if rows else (0, "")
            at = max(timestamp(self._clock.now()), last)
            connection.execute_many(
                "INSERT INTO line (stream, position, at, salt, body) VALUES (?, ?, ?, ?, ?)",
                [(stream, start + n, at, os.urandom(SALT_SIZE), body) for n, body in enumerate(bodies)],
            )
        return int(start)

    def read(self, stream: str, start: int = 0, limit: int = 1_000) -> list[Line]:
        """Give lines in order from a position."""
        rows = self._file.query(
            "SELECT position, at, body FROM line WHERE stream = ? AND position >= ? ORDER BY position LIMIT ?",
            (stream, start, limit),
        )
        return [Line(position, at, orjson.loads(body)) for position, at, body in rows]

    def find_about(self, items: Sequence[str], limit: int = 1_000, without: str = "") -> list[tuple[str, Line]]:
        """Give the lines of every stream that are about these items of the vault, each with its stream, newest first.

        A line is about the one item that it names as `item`. Those in which `without` was the asker are left out.
        """
        rows = self._file.query(
            f"SELECT stream, position, at, body FROM line WHERE {_ITEM} IN (SELECT value FROM json_each(?))"
            " AND coalesce(json_extract(CAST(body AS TEXT), '$.asker'), '') <> ?"
            " ORDER BY at DESC, stream, position DESC LIMIT ?",
            (orjson.dumps(list(items)).decode(), without or "-", limit),
        )
        return [(stream, Line(position, at, orjson.loads(body))) for stream, position, at, body in rows]

    def count(self, stream: str) -> int:
        """Give how many lines a stream holds."""
        rows = self._file.query("SELECT position FROM line WHERE stream = ? ORDER BY position DESC LIMIT 1", (stream,))
        return int(rows[0][0]) + 1 if rows else 0

    def streams(self) -> list[str]:
        """Give the names of the streams that hold lines."""
        return [row[0] for row in self._file.query("SELECT DISTINCT stream FROM line ORDER BY stream")]

    # -- bringing over ------------------------------------------------------------------------------------------

    def list_rows(self) -> Iterator[dict[str, Any]]:
        """Yield every line with its place, moment and salt (hexadecimal), for an export."""
        for stream in self.streams():
            start = 0
            while rows := self._file.query(
                "SELECT position, at, salt, body FROM line WHERE stream = ? AND position >= ?"
                " ORDER BY position LIMIT ?",
                (stream, start, _STRETCH),
            ):
                for position, at, salt, body in rows:
                    content = orjson.loads(body)
                    yield {"at": at, "body": content, "position": position, "salt": bytes(salt).hex(), "stream": stream}
                start = rows[-1][0] + 1

    def take_rows(self, rows: Iterable[Mapping[str, Any]], batches: Iterable[Batch]) -> None:
        """Put the lines of another node's journal into this one, which must be empty, with the roots in its ledger.

        Raises Conflict where there are lines, UnreadableFile for a line that is not as `list_rows` gives it.
        """
        if self.streams():
            raise Conflict("There are lines in this journal already")
        try:
            taken = [
                (row["stream"], row["position"], row["at"], bytes.fromhex(row["salt"]), dump_canonical(row["body"]))
                for row in rows
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableFile(f"A line of the journal is not as the format says: {error}") from None
        with self._file.writing() as connection:
            connection.execute_many("INSERT INTO line (stream, position, at, salt, body) VALUES (?, ?, ?, ?, ?)", taken)
            for batch in batches:
                _remember(connection, batch.stream, batch.start, batch.stop, batch.rv)

    # -- sealing ------------------------------------------------------------------------------------------------

    def seal(self, store: Store) -> list[int]:
        """Put a root over the lines that none covers yet into the ledger; gives the positions of these entries.

        A process that dies halfway leaves a root that is in the ledger and not remembered here: the next call covers
        those lines once more.
        """
        positions = []
        for stream in self.streams():
            start = self._sealed_until(store, stream)
            while hashes := self._hashes(stream, start, start + MOST_LINES):
                stop = start + len(hashes)
                root = base64.b64encode(root_hash(hashes)).decode()
                rv = store.note(EntryType.BATCH, {"stream": stream, "start": start, "stop": stop, "root": root})
                with self._file.writing() as connection:
                    _remember(connection, stream, start, stop, rv)
                positions.append(rv)
                start = stop
        return positions

    def _sealed_until(self, store: Store, stream: str) -> int:
        """Give up to where the ledger covers a stream; after a restore it may know less than this file remembers."""
        for start, stop, rv in self._file.query(
            "SELECT start, stop, rv FROM batch WHERE stream = ? ORDER BY start DESC", (stream,)
        ):
            rows = store.driver.reader().query("SELECT rv, body FROM entry WHERE rv = ? AND type = 2", (rv,))
            if any((b.stream, b.start, b.stop) == (stream, start, stop) for b in map(_parse_batch, rows)):
                return int(stop)
        return 0

    def _hashes(self, stream: str, start: int, stop: int) -> list[bytes]:
        rows = self._file.query(
            "SELECT position, at, salt, body FROM line WHERE stream = ? AND position >= ? AND position < ?"
            " ORDER BY position",
            (stream, start, stop),
        )
        return [
            leaf_hash(commit(bytes(salt), dump_canonical([stream, position, at, bytes(body).decode()])))
            for position, at, salt, body in rows
        ]

    def verify(self, store: Store) -> list[StreamVerification]:
        """Hold every line that is sealed against the roots in the ledger."""
        batches: dict[str, list[Batch]] = {stream: [] for stream in self.streams()}
        for batch in read_batches(store):
            batches.setdefault(batch.stream, []).append(batch)
        return [self._verify(stream, known) for stream, known in sorted(batches.items())]

    def _verify(self, stream: str, batches: Sequence[Batch]) -> StreamVerification:
        lines = self._file.query("SELECT count(*) FROM line WHERE stream = ?", (stream,))[0][0]
        sealed = max((batch.stop for batch in batches), default=0)
        for batch in sorted(batches, key=lambda item: (item.start, item.rv)):
            try:
                hashes = self._hashes(stream, batch.start, batch.stop)
            except (TypeError, ValueError, InvalidInput):
                return StreamVerification(stream, lines, sealed, batch, "lines cannot be read")
            if len(hashes) != batch.stop - batch.start:
                return StreamVerification(stream, lines, sealed, batch, "lines are missing")
            if root_hash(hashes) != batch.root:
                return StreamVerification(stream, lines, sealed, batch, "lines do not match their root")
        return StreamVerification(stream, lines, sealed, None)


def _remember(connection: Connection, stream: str, start: int, stop: int, rv: int) -> None:
    connection.execute(
        "INSERT INTO batch (stream, start, stop, rv) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (stream, start) DO UPDATE SET stop = excluded.stop, rv = excluded.rv",
        (stream, start, stop, rv),
    )


def read_batches(store: Store) -> Iterator[Batch]:
    """Yield every batch root in the ledger, in order; walks the whole log."""
    for row in store.driver.reader().stream("SELECT rv, body FROM entry WHERE type = 2 ORDER BY rv"):
        yield _parse_batch(row)


def _parse_batch(row: Sequence[Any]) -> Batch:
    data = orjson.loads(row[1])
    return Batch(data["stream"], data["start"], data["stop"], base64.b64decode(data["root"]), row[0])
