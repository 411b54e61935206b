"""A bulk import that can be killed at any moment and started again: what the child process runs."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.store import Store
from tests.faults.node import open_node, prepared

BATCH = 40
SIGN_EVERY = 3

Acknowledged = tuple[str, int, int, str, str, int, str]
"""`record`, number, then what the store gave back: rv, uid, ref, generation, recorded_at."""


def import_records(folder: Path, total: int, reports: Connection) -> None:
    """Load applications 0..total in batches, sign in between, and report each acknowledgement before going on.

    A record that is there already is passed over, so it can be started again after it died.
    """
    with open_node(folder) as (store, history):
        reports.send(("open",))
        for number, first in enumerate(range(0, total, BATCH)):
            batch = _missing(store, range(first, min(first + BATCH, total)))
            if not batch:
                continue
            drafts = [prepared(item, expected=0) for item in batch]
            for item, written in zip(batch, store.append(drafts, OPERATOR), strict=True):
                reports.send(
                    ("record", item, written.rv, written.uid, written.ref, written.generation, written.recorded_at)
                )
            if number % 2:
                store.catch_up()
            if number % SIGN_EVERY == 0:
                reports.send(("signed", history.sign().checkpoint.size))
        store.catch_up()
        reports.send(("signed", history.sign().checkpoint.size))
    reports.send(("done",))


def _missing(store: Store, numbers: range) -> list[int]:
    """Give the numbers whose ref no record has."""
    refs = {prepared(number).ref: number for number in numbers}
    known = store.known_refs(list(refs))
    return [number for ref, number in refs.items() if ref not in known]
