"""What was given out to whom, and when it came: one row for each player, mailbox and node, and never a second one.

In the site a message has come when its row is committed, in the same transaction as the event that gives it out. Mail
and webhooks are tried until they are taken; what comes late is marked so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from eendracht.kernel.clock import parse_moment, timestamp
from eendracht.kernel.store import Store
from eendracht.kernel.store.driver import Connection, Row
from eendracht.resilience.exercises.log import FINISHED, Seen, list_released, was_taken
from eendracht.resilience.exercises.messages import CLOSING

LATE_SECONDS: Final = 5.0
"""A message that comes so long after it was due is marked late; seconds of the wall clock."""
CLAIM_SECONDS: Final = 15.0
"""What a process took to send and did not settle, as it was killed, is taken again after so long."""
TO_ORGANISATION: Final = ""
"""Stands in place of a participant for what goes to a mailbox or a node."""

_TO_RECIPIENT: Final = "exercise = ? AND participant = '' AND channel = ? AND organisation = ?"
_WAITING: Final = "state = 'waiting' AND next_try_at > ''"
"""What the index of waiting deliveries finds."""
_COLUMNS: Final = (
    "participant, message, channel, organisation, state, due_at, delivered_at, seen_at, acknowledged_at, tries, is_late"
)
_INSERT: Final = (
    "INSERT INTO exercise_delivery (exercise, participant, message, channel, organisation, state, due_at,"
    " delivered_at, seen_at, acknowledged_at, next_try_at, tries, is_late)"
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one recipient; moments are empty as long as it is not so far."""

    participant: str
    message: str
    channel: str
    organisation: str
    state: str
    due_at: str
    delivered_at: str
    seen_at: str
    acknowledged_at: str
    tries: int
    is_late: bool


def give_out(
    store: Store, exercise: str, message: str, due_at: datetime, organisations: Sequence[str], ways: Sequence[str]
) -> Seen:
    """Give what adds the deliveries of a message: to every player of the organisations, and to mailboxes and nodes.

    An organisation without a player gets a row too, so that whoever comes later finds the message.
    """
    due = timestamp(due_at)

    def write(connection: Connection) -> None:
        now = store.clock.now()
        moment, late = timestamp(now), int((now - due_at).total_seconds() > LATE_SECONDS)
        if "in-app" in ways:
            connection.execute(
                f"{_INSERT} SELECT exercise, id, ?, 'in-app', organisation, 'delivered', ?, ?, '', '', '', 0, ?"
                " FROM exercise_participant WHERE exercise = ? AND role = 'player'"
                f" AND {connection.among('organisation')}",
                (message, due, moment, late, exercise, connection.bind_list(list(organisations))),
            )
            connection.execute_many(
                f"{_INSERT} VALUES (?, '', ?, 'in-app', ?, 'delivered', ?, ?, '', '', '', 0, ?)",
                [(exercise, message, organisation, due, moment, late) for organisation in organisations],
            )
        connection.execute_many(
            f"{_INSERT} VALUES (?, '', ?, ?, ?, 'waiting', ?, '', '', '', ?, 0, 0)",
            [
                (exercise, message, way, organisation, due, moment)
                for way in ways
                if way != "in-app"
                for organisation in organisations
            ],
        )

    return write


@dataclass(frozen=True, slots=True)
class Departing:
    """One message on its way to a mailbox or a node."""

    message: str
    channel: str
    organisation: str
    due_at: str

    @property
    def recipient(self) -> tuple[str, str]:
        """Channel and organisation: whom one message is offered to at a time."""
        return self.channel, self.organisation


Outcome = Literal["delivered", "refused", "away"]
"""What becomes of a message that is offered: taken, refused for good, or nobody there that takes it now."""
Tried = tuple[Departing, Outcome]
"""What was offered and what became of it."""


def has_waiting(store: Store, exercise: str, now: datetime) -> bool:
    """Tell whether something is to be offered now."""
    rows = store.driver.reader().query(
        "SELECT 1 FROM exercise_delivery WHERE exercise = ? AND state = 'waiting' AND next_try_at <= ? LIMIT 1",
        (exercise, timestamp(now)),
    )
    return bool(rows)


def claim_waiting(store: Store, exercise: str, choose: Callable[[list[Departing]], list[Departing]]) -> list[Departing]:
    """Take what is to be offered now, so that nobody else does in the next while: of each recipient the longest due.

    `choose` leaves out what is not to go now. Whoever is killed with what it took leaves it to be taken again after
    `CLAIM_SECONDS`. Once the exercise was stopped only the message that tells so is given.
    """
    chosen: list[Departing] = []

    def write(connection: Connection) -> None:
        now = store.clock.now()
        is_stopped = was_taken(connection, exercise, FINISHED)
        closing = f" AND {connection.among('message')}" if is_stopped else ""
        names = [connection.bind_list(sorted(CLOSING))] if is_stopped else []
        # No id of a message holds a space, and every moment is printed with as many characters.
        rows = connection.query(
            "SELECT channel, organisation, min(due_at || ' ' || message) FROM exercise_delivery"
            f" WHERE exercise = ? AND state = 'waiting' AND next_try_at <= ?{closing} GROUP BY channel, organisation",
            (exercise, timestamp(now), *names),
        )
        found = [Departing(first.split()[1], channel, ref, first.split()[0]) for channel, ref, first in rows]
        chosen.extend(choose(sorted(found, key=lambda item: item.due_at)))
        until = timestamp(now + timedelta(seconds=CLAIM_SECONDS))
        connection.execute_many(
            f"UPDATE exercise_delivery SET tries = tries + 1, next_try_at = ? WHERE {_TO_RECIPIENT} AND message = ?",
            [(until, exercise, item.channel, item.organisation, item.message) for item in chosen],
        )

    store.act(write)
    return chosen


def settle_tries(store: Store, exercise: str, tried: Sequence[Tried]) -> None:
    """Keep what became of what was offered; what nobody took waits again."""

    def write(connection: Connection) -> None:
        now = store.clock.now()
        for item, outcome in tried:
            to = (exercise, item.channel, item.organisation)
            if outcome != "away":
                late = int((now - parse_moment(item.due_at)).total_seconds() > LATE_SECONDS)
                moment = timestamp(now) if outcome == "delivered" else ""
                # What was taken just as the exercise was stopped came all the same.
                connection.execute(
                    f"UPDATE exercise_delivery SET state = ?, delivered_at = ?, is_late = ? WHERE {_TO_RECIPIENT}"
                    " AND message = ? AND state IN ('waiting', 'stopped')",
                    (outcome, moment, late, *to, item.message),
                )
            else:
                # It is given back alone: what another process has in hand of the same recipient is not touched.
                connection.execute(
                    f"UPDATE exercise_delivery SET next_try_at = ? WHERE {_TO_RECIPIENT}"
                    f" AND message = ? AND {_WAITING}",
                    (timestamp(now), *to, item.message),
                )

    store.act(write)


def stop_waiting(exercise: str, but: str) -> Seen:
    """Give what lets nothing more go out after the end, but for the message that tells so."""
    return lambda connection: connection.execute(
        "UPDATE exercise_delivery SET state = 'stopped' WHERE exercise = ? AND state = 'waiting' AND message <> ?",
        (exercise, but),
    )


def list_inbox(store: Store, exercise: str, participant: str) -> list[Delivery]:
    """Give what somebody got in the site, the newest first, and mark it as seen."""
    reader = store.driver.reader()
    given_out = [*list_released(reader, exercise), *sorted(CLOSING)]
    rows = reader.query(
        f"SELECT {_COLUMNS} FROM exercise_delivery WHERE exercise = ? AND {reader.among('message')}"
        " AND participant = ? AND channel = 'in-app' ORDER BY delivered_at DESC, due_at DESC, message DESC",
        (exercise, reader.bind_list(given_out), participant),
    )
    found = [_read(row) for row in rows]
    unseen = [item.message for item in found if not item.seen_at]
    if unseen:
        moment = timestamp(store.clock.now())
        store.act(
            lambda connection: connection.execute_many(
                "UPDATE exercise_delivery SET seen_at = ?"
                " WHERE exercise = ? AND message = ? AND participant = ? AND seen_at = ''",
                [(moment, exercise, message, participant) for message in unseen],
            )
        )
    return found


def acknowledge(store: Store, exercise: str, participant: str, message: str) -> bool:
    """Keep that somebody confirmed a message, the first time; tells whether they got it at all."""
    moment, found = timestamp(store.clock.now()), False

    def write(connection: Connection) -> None:
        nonlocal found
        where = "WHERE exercise = ? AND participant = ? AND message = ? AND channel = 'in-app'"
        key = (exercise, participant, message)
        found = bool(connection.query(f"SELECT 1 FROM exercise_delivery {where}", key))
        connection.execute(
            f"UPDATE exercise_delivery SET acknowledged_at = ? {where} AND acknowledged_at = ''", (moment, *key)
        )

    store.act(write)
    return found


def count_deliveries(store: Store, exercise: str) -> list[tuple[str, str, str, int, int, int]]:
    """Give message, channel, state, and how many deliveries there are, are late, and were confirmed."""
    rows = store.driver.reader().query(
        "SELECT message, channel, state, count(*), sum(is_late),"
        " sum(CASE WHEN acknowledged_at <> '' THEN 1 ELSE 0 END) FROM exercise_delivery"
        " WHERE exercise = ? AND (participant <> '' OR channel <> 'in-app') GROUP BY message, channel, state"
        " ORDER BY message, channel, state",
        (exercise,),
    )
    return [(str(m), str(c), str(s), int(n), int(late), int(done)) for m, c, s, n, late, done in rows]


def _read(row: Row) -> Delivery:
    values = list(row)
    values[-1] = bool(values[-1])
    return Delivery(*values)
