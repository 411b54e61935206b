"""The leaf is canonical JSON, says sorted orjson and says RFC 8785."""

from __future__ import annotations

import hashlib
from datetime import datetime

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.ledger.entry import commit, entry_bytes, leaf_hash_of

MOMENT = "2026-11-23T20:26:33.123456Z"


@given(st.integers(0, 2**53 - 1), st.datetimes(), st.binary(min_size=32, max_size=32))
def test_entry_is_canonical_json(rv: int, moment: datetime, commitment: bytes) -> None:
    recorded_at = moment.isoformat(timespec="microseconds") + "Z"
    content: dict[str, int | str] = {"v": 1, "rv": rv, "recorded_at": recorded_at, "commitment": commitment.hex()}
    found = entry_bytes(rv, recorded_at, commitment)
    assert found == orjson.dumps(content, option=orjson.OPT_SORT_KEYS) == rfc8785.dumps(dict(content))
    assert leaf_hash_of(rv, recorded_at, commitment) == hashlib.sha256(b"\x00" + found).digest()


def test_commitment_is_the_hash_of_salt_and_record() -> None:
    assert commit(b"s" * 32, b'{"a":1}') == hashlib.sha256(b"s" * 32 + b'{"a":1}').digest()
    with pytest.raises(InvalidInput):
        commit(b"s" * 31, b"x{}")


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-23T20:26:33Z",
        "2026-11-23T20:26:33.123456+00:00",
        "2026-02-30T20:26:33.123456Z",
        "2026-11-23T24:00:00.123456Z",
        '2026-11-23T20:26:33.12345"Z',
        MOMENT + "\n",
        "",
    ],
)
def test_a_moment_that_is_not_in_utc_with_microseconds_is_refused(moment: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        entry_bytes(1, moment, bytes(32))
    assert [fault.pointer for fault in caught.value.faults] == ["/recorded_at"]


def test_every_fault_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        entry_bytes(-1, "yesterday", bytes(31))
    assert [fault.pointer for fault in caught.value.faults] == ["/rv", "/recorded_at", "/commitment"]
    for rv in (2**53, True, 1.0):
        with pytest.raises(InvalidInput):
            entry_bytes(rv, MOMENT, bytes(32))  # type: ignore[arg-type]
