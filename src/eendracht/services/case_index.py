"""What must be settled in one place at one moment: which case is whose, and how far a hand-over is.

Operational tables (`service_case`, `handover`, `case_consent`, `built_in_case`) of ids, organisations, days and states,
never content: what a case is about, whom it concerns and what it is called lie in the vault, behind the item ids here.
That one body is responsible at each moment is a unique index, not a habit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, TypeVar

from eendracht.kernel.errors import NotFound
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.store import Store

T = TypeVar("T")

OPEN_STATES: Final = ("offered", "escalated")
"""A hand-over in one of these still waits for the receiver."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the index knows it.

    `matter` joins the cases that came out of one submission by hand-overs. `submission` and `reference` are items of
    the vault. State: `waiting` (the register does not have it yet), `registered`, `handed-over`, `withdrawn`.
    """

    id: str
    matter: str
    ask_key: str
    controller: str
    state: str
    is_owner: bool
    submission: str
    reference: str
    address_hash: str
    tries: int
    next_try_at: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """A hand-over as the index knows it.

    State: `offered`, `escalated`, `accepted`, `declined`, `withdrawn`. `delivery` is empty for a receiver on this node,
    `incoming` for one that another node offered, and `waiting`, `delivered` or `settled` for a receiver elsewhere.
    """

    id: str
    matter: str
    sender_case: str
    receiver_case: str
    sender: str
    receiver: str
    state: str
    item: str
    consent: str
    first_received_on: date
    offered_on: date
    escalates_on: date
    reason: str
    delivery: str
    tries: int
    next_try_at: str
    changed_at: str

    @property
    def is_open(self) -> bool:
        """Whether the receiver has still to answer."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent as the index knows it; `revoked_on` is empty while it holds."""

    id: str
    item: str
    matter: str
    receiver: str
    revoked_on: str


_CASE: Final = ", ".join(item.name for item in fields(CaseRow))
_HANDOVER: Final = ", ".join(item.name for item in fields(HandoverRow))
_CONSENT: Final = ", ".join(item.name for item in fields(ConsentRow))
_DAYS: Final = ("first_received_on", "offered_on", "escalates_on")


def hash_address(address: str) -> str:
    """Give what stands in the index for the address of a case in its register, which is itself in the vault."""
    return hashlib.sha256(address.encode()).hexdigest() if address else ""


class CaseIndex:
    """Cases, hand-overs and consents of one node by id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, action: Callable[[Connection], T]) -> T:
        """Run a function in the write transaction, one at a time over all processes, and give what it gave.

        Where it raises, nothing was written. Raises StorageFailure.
        """
        given: list[T] = []
        self._store.act(lambda connection: given.append(action(connection)))
        return given[-1]

    def find_cases(self, where: str = "true", parameters: Sequence[Any] = ()) -> list[CaseRow]:
        """Give cases for which a constant SQL condition holds, the oldest change first."""
        return read_cases(self._store.driver.reader(), where, parameters)

    def cases_of(self, references: Sequence[str]) -> list[CaseRow]:
        """Give the cases whose reference is one of these items of the vault."""
        reader = self._store.driver.reader()
        return read_cases(reader, reader.among("reference"), (reader.bind_list(references),))

    def get_case(self, case: str) -> CaseRow:
        """Give a case; raises NotFound."""
        found = self.find_cases("id = ?", (case,))
        if not found:
            raise NotFound("There is no such case")
        return found[0]

    def find_handovers(self, where: str = "true", parameters: Sequence[Any] = ()) -> list[HandoverRow]:
        """Give hand-overs for which a constant SQL condition holds, the oldest offer first."""
        return read_handovers(self._store.driver.reader(), where, parameters)

    def get_handover(self, handover: str) -> HandoverRow:
        """Give a hand-over; raises NotFound."""
        found = self.find_handovers("id = ?", (handover,))
        if not found:
            raise NotFound("There is no such hand-over")
        return found[0]

    def find_consents(self, where: str = "true", parameters: Sequence[Any] = ()) -> list[ConsentRow]:
        """Give consents for which a constant SQL condition holds."""
        return read_consents(self._store.driver.reader(), where, parameters)


def read_cases(connection: Connection, where: str, parameters: Sequence[Any]) -> list[CaseRow]:
    """Give cases for which a constant SQL condition holds, also inside a write transaction."""
    rows = connection.query(f"SELECT {_CASE} FROM service_case WHERE {where} ORDER BY changed_at, id", parameters)
    names = _CASE.split(", ")
    found = (dict(zip(names, row, strict=True)) for row in rows)
    return [CaseRow(**{**values, "is_owner": bool(values["is_owner"])}) for values in found]


def read_handovers(connection: Connection, where: str, parameters: Sequence[Any]) -> list[HandoverRow]:
    """Give hand-overs for which a constant SQL condition holds, also inside a write transaction."""
    found = []
    for row in connection.query(f"SELECT {_HANDOVER} FROM handover WHERE {where} ORDER BY offered_on, id", parameters):
        values = dict(zip(_HANDOVER.split(", "), row, strict=True))
        found.append(HandoverRow(**{**values, **{name: date.fromisoformat(values[name]) for name in _DAYS}}))
    return found


def read_consents(connection: Connection, where: str, parameters: Sequence[Any]) -> list[ConsentRow]:
    """Give consents for which a constant SQL condition holds, also inside a write transaction."""
    rows = connection.query(f"SELECT {_CONSENT} FROM case_consent WHERE {where} ORDER BY id", parameters)
    return [ConsentRow(*row) for row in rows]


def insert_row(connection: Connection, row: CaseRow | HandoverRow | ConsentRow) -> None:
    """Put a row in its table, inside a write transaction."""
    table = {CaseRow: "service_case", HandoverRow: "handover", ConsentRow: "case_consent"}[type(row)]
    names = [item.name for item in fields(row)]
    values = [getattr(row, name) for name in names]
    plain = [_plain(value) for value in values]
    marks = ", ".join("?" * len(names))
    connection.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", plain)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return value.isoformat() if isinstance(value, date) else value
