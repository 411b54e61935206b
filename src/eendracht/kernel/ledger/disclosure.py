"""What somebody needs to check a commitment: the salt and the content, for those who may read it and nobody else."""

from __future__ import annotations

from dataclasses import dataclass

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.records import Record
from eendracht.kernel.store.store import Store


@dataclass(frozen=True, slots=True)
class Disclosure:
    """An entry of the log laid open: `commitment` must equal SHA-256(`salt` ‖ `body`)."""

    rv: int
    recorded_at: str
    commitment: bytes
    salt: bytes
    body: bytes


def disclose_entry(store: Store, rv: int, asker: Principal) -> Disclosure:
    """Lay an entry open for whoever may read it.

    Raises NotFound, in the same words, for one that is hidden, destroyed or not there.
    """
    rows = store.driver.reader().query(
        "SELECT recorded_at, commitment, salt, body, level, owner FROM entry WHERE rv = ?", (rv,)
    )
    if rows and rows[0][3] is not None and asker.may_see(rows[0][4], rows[0][5]):
        recorded_at, commitment, salt, body = rows[0][:4]
        record = Record(rv, bytes(body))
        if not store.seen_by(asker).is_hidden(record.kind, record.owner):
            return Disclosure(rv, recorded_at, bytes(commitment), bytes(salt), bytes(body))
    raise NotFound(f"There is no entry {rv} that you may read")
