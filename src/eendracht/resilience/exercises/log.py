"""What happened in an exercise, in order, and who was told what: rows in the database of the node.

An event is never changed. What may happen only once in an exercise (an inject is given out, a window closes) carries
the name of that step, and a second one of the same name is not written. What people write themselves is sealed with
the key of the exercise, which lies in the vault and is destroyed with it; the other columns hold codes and refs.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import orjson

from eendracht.kernel.clock import parse_moment, timestamp
from eendracht.kernel.errors import NotFound
from eendracht.kernel.store import Store
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.vault.sealing import NONCE_SIZE, seal, unseal

Seen = Callable[[Connection], None]
"""Tables that change together with an event."""

_EVENT: Final = "position, at, offset_ms, type, organisation, participant, step, body, sealed"
_NO_KEY: Final = b""
FINISHED: Final = "finished"
"""The step that ends an exercise: after it nothing more is given out."""
TURNS: Final = ("paused", "resumed", "jumped", "finished")
"""What leaders do with the clock."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: when (UTC), at which second of the exercise, by whom, and what was said of it.

    `body` holds codes, refs and numbers; `text` is what somebody wrote, empty where the key is gone.
    """

    position: int
    at: datetime
    offset: float
    type: str
    organisation: str = ""
    participant: str = ""
    step: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that is to be written; `tables` changes other rows in the same transaction."""

    type: str
    offset: float
    organisation: str = ""
    participant: str = ""
    step: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    tables: Seen | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ExerciseRow:
    """An exercise as the node keeps it."""

    id: str
    owner: str
    """The organisation that leads it."""
    record: str
    """Its record in the estate."""
    scenario: Mapping[str, Any] = field(repr=False)
    key_item: str
    """Where in the vault its key lies."""
    state: str
    created_at: str
    known_at: int
    """The size of the log of records when it was made: the estate that it simulates."""


_ROW: Final = "id, owner, record, scenario, key_item, state, created_at, known_at"


class ExerciseLog:
    """Reads and writes the events of one exercise; without its key what people wrote cannot be read or written."""

    def __init__(self, store: Store, exercise: str, key: bytes = _NO_KEY) -> None:
        self.store = store
        self.exercise = exercise
        self._key = key

    def read(self, start: int = 0) -> list[Event]:
        """Give the events from a position on, in order."""
        rows = self.store.driver.reader().query(
            f"SELECT {_EVENT} FROM exercise_event WHERE exercise = ? AND position >= ? ORDER BY position",
            (self.exercise, start),
        )
        return [self._open(row) for row in rows]

    def append(self, entries: Sequence[Entry], known: int | None = None, unless: Sequence[str] = TURNS) -> list[int]:
        """Write events in one transaction, with the tables that go with them; gives the positions.

        One whose step was taken already is left out, its tables too, and has position -1. So are all of them where
        an event of the types `unless` came at or after the position `known`: they follow from how it stood before.
        """
        positions: list[int] = []

        def write(connection: Connection) -> None:
            if known is not None and connection.query(
                f"SELECT 1 FROM exercise_event WHERE exercise = ? AND position >= ? AND {connection.among('type')}"
                " LIMIT 1",
                (self.exercise, known, connection.bind_list(list(unless))),
            ):
                positions.extend([-1] * len(entries))
                return
            moment = timestamp(self.store.clock.now())
            ((position,),) = connection.query(
                "SELECT coalesce(max(position), -1) + 1 FROM exercise_event WHERE exercise = ?", (self.exercise,)
            )
            for entry in entries:
                if entry.step and was_taken(connection, self.exercise, entry.step):
                    positions.append(-1)
                    continue
                connection.execute(
                    f"INSERT INTO exercise_event (exercise, {_EVENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (self.exercise, *self._row(entry, position, moment)),
                )
                if entry.tables is not None:
                    entry.tables(connection)
                positions.append(position)
                position += 1

        self.store.act(write)
        return positions

    def _row(self, entry: Entry, position: int, moment: str) -> Row:
        sealed = None
        if entry.text:
            nonce, ciphertext = seal(self._key, entry.text.encode(), self._bound(position))
            sealed = nonce + ciphertext
        return (
            position,
            moment,
            round(entry.offset * 1000),
            entry.type,
            entry.organisation,
            entry.participant,
            entry.step,
            orjson.dumps(dict(entry.body), option=orjson.OPT_SORT_KEYS).decode(),
            sealed,
        )

    def _open(self, row: Row) -> Event:
        position, at, offset, type, organisation, participant, step, body, sealed = row
        text = ""
        if sealed is not None and self._key:
            data = bytes(sealed)
            text = unseal(self._key, data[:NONCE_SIZE], data[NONCE_SIZE:], self._bound(position)).decode()
        moment = parse_moment(at)
        return Event(position, moment, offset / 1000, type, organisation, participant, step, orjson.loads(body), text)

    def _bound(self, position: int) -> bytes:
        return f"{self.exercise}/{position}".encode()


def was_taken(connection: Connection, exercise: str, step: str) -> bool:
    """Tell whether a step of an exercise was taken already."""
    # The second condition lets the index be used: it holds no event without a step.
    sql = "SELECT 1 FROM exercise_event WHERE exercise = ? AND step = ? AND step <> ''"
    return bool(connection.query(sql, (exercise, step)))


def list_released(connection: Connection, exercise: str) -> list[str]:
    """Give the ids of the injects that were given out."""
    begin, end = "released:", "released;"
    sql = "SELECT step FROM exercise_event WHERE exercise = ? AND step >= ? AND step < ? AND step <> ''"
    return [str(step).removeprefix(begin) for (step,) in connection.query(sql, (exercise, begin, end))]


def new_exercise_id() -> str:
    """Give an id that nobody can guess."""
    return secrets.token_hex(8)


def add_exercise(store: Store, row: ExerciseRow) -> None:
    """Keep a new exercise."""
    values = (
        row.id,
        row.owner,
        row.record,
        orjson.dumps(dict(row.scenario)).decode(),
        row.key_item,
        row.state,
        row.created_at,
        row.known_at,
    )
    store.act(
        lambda connection: connection.execute(f"INSERT INTO exercise ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    )


def get_exercise(store: Store, exercise: str) -> ExerciseRow:
    """Give an exercise by its id; raises NotFound."""
    rows = store.driver.reader().query(f"SELECT {_ROW} FROM exercise WHERE id = ?", (exercise,))
    if not rows:
        raise NotFound("There is no such exercise")
    return _read(rows[0])


def list_exercises(store: Store) -> list[ExerciseRow]:
    """Give every exercise, the newest first."""
    rows = store.driver.reader().query(f"SELECT {_ROW} FROM exercise ORDER BY created_at DESC, id")
    return [_read(row) for row in rows]


def list_unclosed(store: Store) -> list[str]:
    """Give the ids of exercises that were started, and of which not everybody was told yet that they are over."""
    rows = store.driver.reader().query(
        "SELECT exercise FROM exercise_event WHERE step IN ('started', 'closed') AND step <> ''"
        " GROUP BY exercise HAVING count(*) = 1"
    )
    return [str(exercise) for (exercise,) in rows]


def set_state(exercise: str, state: str) -> Seen:
    """Give what marks how far an exercise is, for lists of exercises."""
    return lambda connection: connection.execute("UPDATE exercise SET state = ? WHERE id = ?", (state, exercise))


def forget_exercise(store: Store, exercise: str) -> None:
    """Delete every row of an exercise; what became a record stays."""

    def write(connection: Connection) -> None:
        for table in ("exercise_event", "exercise_participant", "exercise_delivery"):
            connection.execute(f"DELETE FROM {table} WHERE exercise = ?", (exercise,))
        connection.execute("DELETE FROM exercise WHERE id = ?", (exercise,))

    store.act(write)


def _read(row: Row) -> ExerciseRow:
    values = list(row)
    values[3] = _parse_scenario(row[3])
    return ExerciseRow(*values)


@lru_cache(maxsize=32)
def _parse_scenario(text: str) -> Mapping[str, Any]:
    """Read a scenario once: every question about an exercise begins with its row."""
    scenario: Mapping[str, Any] = orjson.loads(text)
    return scenario
