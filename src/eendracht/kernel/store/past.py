"""What was recorded before, for the guards of kinds: read under the lock of the log, what waits in it included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.records import Record
from eendracht.kernel.store.driver import Connection, Row

_UIDS: Final = "SELECT uid FROM record WHERE ref = ? UNION SELECT uid FROM former_ref WHERE ref = ?"


@dataclass(slots=True)
class RecordedPast:
    """The versions that are stored, and rows of the table of entries that are yet to be written."""

    author: str
    connection: Connection
    staged: Sequence[Row]

    def list_versions(self, name: str) -> list[Record]:
        """Give every version of a record (uid or ref) whose content is still there, oldest first; ends left out."""
        uids = {name, *(row[0] for row in self.connection.query(_UIDS, (name, name)))}
        staged = [Record(row[0], row[10]) for row in self.staged if row[1] == 0]
        uids |= {record.uid for record in staged if record.ref == name}
        stored = self.connection.query(
            f"SELECT rv, body FROM entry WHERE {self.connection.among('uid')} AND type = 0 AND body IS NOT NULL"
            " ORDER BY rv",
            (self.connection.bind_list(sorted(uids)),),
        )
        return [*(Record(rv, bytes(body)) for rv, body in stored), *(item for item in staged if item.uid in uids)]
