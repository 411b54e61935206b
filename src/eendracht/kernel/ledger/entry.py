"""The leaf of the log: a position, a moment and a commitment, in canonical JSON; never the record itself."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.ledger.tree import HASH_SIZE, leaf_hash

ENTRY_VERSION = 1
SALT_SIZE = 32
MAX_POSITION = 2**53 - 1
"""Largest position that canonical JSON (RFC 8785) can carry as a number."""

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def commit(salt: bytes, record: bytes) -> bytes:
    """Give the commitment to a record: SHA-256(salt ‖ canonical bytes of the record).

    The salt is 32 random bytes, known only to those who may read the record, so that nobody can guess the record from
    the log. Raises InvalidInput for a salt of another length.
    """
    if len(salt) != SALT_SIZE:
        raise InvalidInput(f"A salt is {SALT_SIZE} bytes long, not {len(salt)}.")
    return sha256(salt + record).digest()


def entry_bytes(rv: int, recorded_at: str, commitment: bytes) -> bytes:
    """Give the canonical JSON (RFC 8785) of a log entry.

    `rv` is the position in the log, `recorded_at` a moment in UTC such as `2026-11-23T20:26:33.123456Z`, `commitment`
    32 bytes. Raises InvalidInput naming every field that is wrong.
    """
    if not (
        type(rv) is int
        and 0 <= rv <= MAX_POSITION
        and len(commitment) == HASH_SIZE
        and _MOMENT.fullmatch(recorded_at)
        and _exists(recorded_at)
    ):
        raise InvalidInput("This cannot be an entry of the log.", faults=_entry_faults(rv, recorded_at, commitment))
    return b'{"commitment":"%b","recorded_at":"%b","rv":%d,"v":%d}' % (
        commitment.hex().encode(),
        recorded_at.encode(),
        rv,
        ENTRY_VERSION,
    )


def leaf_hash_of(rv: int, recorded_at: str, commitment: bytes) -> bytes:
    """Give the leaf hash of a log entry; raises InvalidInput like `entry_bytes`."""
    return leaf_hash(entry_bytes(rv, recorded_at, commitment))


def _exists(recorded_at: str) -> bool:
    """Say whether the calendar and the clock know this moment."""
    try:
        datetime.fromisoformat(recorded_at)
    except ValueError:
        return False
    return True


def _entry_faults(rv: int, recorded_at: str, commitment: bytes) -> list[Fault]:
    """Name every field that cannot be in an entry."""
    faults = []
    if type(rv) is not int or not 0 <= rv <= MAX_POSITION:
        faults.append(
            Fault("/rv", "position", "De positie is geen geheel getal van 0 tot 2⁵³.", f"{rv} is no position.")
        )
    if not _MOMENT.fullmatch(recorded_at) or not _exists(recorded_at):
        faults.append(
            Fault(
                "/recorded_at",
                "moment",
                "Dit is geen moment in UTC met microseconden.",
                f"{recorded_at!r} is no moment in UTC with microseconds.",
                "Write it like 2026-11-23T20:26:33.123456Z.",
            )
        )
    if len(commitment) != HASH_SIZE:
        faults.append(
            Fault(
                "/commitment",
                "hash-length",
                f"Een SHA-256-waarde is {HASH_SIZE} bytes lang.",
                f"A SHA-256 hash is {HASH_SIZE} bytes long, not {len(commitment)}.",
            )
        )
    return faults
