"""Who takes part in an exercise: pseudonyms with an organisation and a role; names of people are nowhere."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final, Literal

from eendracht.kernel.clock import timestamp
from eendracht.kernel.store import Store
from eendracht.kernel.store.driver import Connection
from eendracht.resilience.exercises.log import list_released

Role = Literal["player", "observer"]
_COLUMNS: Final = "id, organisation, role, principal, joined_at"


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who takes part; `principal` is how they sign in, and is known in the exercise alone."""

    id: str
    organisation: str
    role: str
    principal: str
    joined_at: str


def find_participant(store: Store, exercise: str, principal: str) -> Participant | None:
    """Give as whom a principal takes part; None where it does not."""
    rows = store.driver.reader().query(
        f"SELECT {_COLUMNS} FROM exercise_participant WHERE principal = ? AND exercise = ?", (principal, exercise)
    )
    return Participant(*rows[0]) if rows else None


def count_players(store: Store, exercise: str) -> dict[str, int]:
    """Give how many players each organisation has."""
    rows = store.driver.reader().query(
        "SELECT organisation, count(*) FROM exercise_participant WHERE exercise = ? AND role = 'player'"
        " GROUP BY organisation",
        (exercise,),
    )
    return {str(organisation): int(count) for organisation, count in rows}


def enrol(
    store: Store, exercise: str, organisation: str, principals: list[str], role: Role = "player"
) -> list[Participant]:
    """Add participants, each once; who is there already stays as they are.

    A player who comes later finds all that their organisation got before, marked as late.
    """
    moment = timestamp(store.clock.now())
    added: list[Participant] = []

    def write(connection: Connection) -> None:
        there = {
            str(row[0]): Participant(*row[1:])
            for row in connection.query(
                f"SELECT principal, {_COLUMNS} FROM exercise_participant WHERE exercise = ?", (exercise,)
            )
        }
        new = [
            Participant(secrets.token_hex(6), organisation, role, principal, moment)
            for principal in dict.fromkeys(principals)
            if principal not in there
        ]
        added.extend(there[principal] for principal in dict.fromkeys(principals) if principal in there)
        added.extend(new)
        connection.execute_many(
            f"INSERT INTO exercise_participant (exercise, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
            [(exercise, item.id, item.organisation, item.role, item.principal, moment) for item in new],
        )
        if new and role == "player":
            _give_earlier(connection, exercise, organisation, [item.id for item in new], moment)

    store.act(write)
    return added


def _give_earlier(connection: Connection, exercise: str, organisation: str, players: list[str], moment: str) -> None:
    """Give new players the messages that their organisation had in the site before they came."""
    rows = connection.query(
        f"SELECT message, due_at FROM exercise_delivery WHERE exercise = ? AND {connection.among('message')}"
        " AND participant = '' AND channel = 'in-app' AND organisation = ?",
        (exercise, connection.bind_list(list_released(connection, exercise)), organisation),
    )
    connection.execute_many(
        "INSERT INTO exercise_delivery (exercise, participant, message, channel, organisation, state, due_at,"
        " delivered_at, seen_at, acknowledged_at, next_try_at, tries, is_late)"
        " VALUES (?, ?, ?, 'in-app', ?, 'delivered', ?, ?, '', '', '', 0, 1)",
        [(exercise, player, message, organisation, due, moment) for player in players for message, due in rows],
    )
