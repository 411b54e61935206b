"""What follows the log: who points at whom, and the words of the text index.

The followers run behind the appends, in bulk, under the same lock; `log_head.indexed` says how far they are. A reader
that needs them waits until they have caught up with what was committed before it asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from eendracht.kernel.kinds import Registry
from eendracht.kernel.store.driver import Connection

STRIDE = 2_000
"""How many entries one transaction indexes; it stays under a quarter of a second."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """One version as the followers see it."""

    rv: int
    uid: str
    spec: dict[str, Any]
    ref: str


class TextIndex(Protocol):
    """The words of the records, in the way of one engine."""

    def update(self, connection: Connection, versions: Sequence[Indexed]) -> None:
        """Take in new versions; what they replaced is dropped where nothing refers to it any more."""
        ...

    def forget(self, connection: Connection, positions: Sequence[int]) -> None:
        """Remove every trace of destroyed versions, also from freed pages and from lists of words."""
        ...


_EDGE = "INSERT INTO edge (rv, field, target) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


@dataclass(frozen=True)
class Followers:
    """Brings edges and text up to the head of the log."""

    registry: Registry
    text: TextIndex

    def advance(self, connection: Connection) -> int:
        """Index the next stretch of the log; gives how many entries are still to do."""
        ((size, done),) = connection.query("SELECT size, indexed FROM log_head WHERE id = 1")
        if done >= size:
            return 0
        until = min(done + STRIDE, size)
        versions = []
        for rv, uid, body in connection.query(
            "SELECT rv, uid, body FROM entry WHERE rv >= ? AND rv < ? AND type = 0 AND body IS NOT NULL", (done, until)
        ):
            data = orjson.loads(body)
            spec = self.registry.get(data["kind"]).upcast(data["spec"], data["specVersion"])
            versions.append(Indexed(rv, uid, spec, data["ref"]))
        connection.execute_many(_EDGE, self._edges(versions))
        self.text.update(connection, versions)
        connection.execute("UPDATE log_head SET indexed = ? WHERE id = 1", (until,))
        return int(size - until)

    def _edges(self, versions: Sequence[Indexed]) -> list[tuple[int, str, str]]:
        rows = []
        for version in versions:
            kind = self.registry.get(version.ref.partition(":")[0])
            for path in kind.relations:
                for _, target in path.find(version.spec):
                    rows.append((version.rv, path.field, target))
        return rows
