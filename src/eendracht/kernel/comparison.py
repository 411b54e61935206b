"""What differs between two versions of a record, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from eendracht.kernel.records import Record
from eendracht.kernel.validation import escape_pointer

_BOOKKEEPING: Final = frozenset({"generation", "recordedAt", "recordedBy"})


@dataclass(frozen=True, slots=True)
class Change:
    """One place (JSON Pointer into the record) where two versions differ; None where it is absent."""

    pointer: str
    before: Any
    after: Any


def compare_versions(before: Record, after: Record) -> list[Change]:
    """Give every difference between two versions but those that every version has, in order of place."""
    old = {key: value for key, value in before.data.items() if key not in _BOOKKEEPING}
    new = {key: value for key, value in after.data.items() if key not in _BOOKKEEPING}
    return list(_differences(old, new, ""))


def _differences(before: Any, after: Any, pointer: str) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _differences(before.get(key), after.get(key), f"{pointer}/{escape_pointer(key)}")
    elif before != after:
        yield Change(pointer, before, after)
