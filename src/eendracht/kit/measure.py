"""A quick measurement of one node on one machine; the full report with peers is made by `make bench`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.instance import Instance
from eendracht.kernel.store import Query, load

_SYNCS = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was measured, its value and unit, and over how many."""

    name: str
    value: float
    unit: str
    n: int


def measure_node(instance: Instance, records: int, asker: Principal) -> list[Figure]:
    """Write, read, search, sign and verify in a node that is thrown away afterwards; warm, one run each."""
    store = instance.store
    figures = [_measure_syncs(instance)]

    def timed(name: str, unit: str, n: int, started: float) -> None:
        seconds = time.perf_counter() - started
        figures.append(Figure(name, n / seconds if unit.endswith("/s") else seconds * 1000 / n, unit, n))

    singles = max(1, records // 20)
    started = time.perf_counter()
    for draft in _drafts("single", singles):
        store.put(draft, OPERATOR)
    timed("put, one client", "records/s", singles, started)
    started = time.perf_counter()
    load(store, _drafts("bulk", records))
    timed("bulk, search caught up", "records/s", records, started)
    started = time.perf_counter()
    for number in range(records):
        store.get(f"application:bench/bulk-{number}", asker)
    timed("get by ref", "records/s", records, started)
    started = time.perf_counter()
    for number in range(100):
        store.search(Query(text=f"toepassing {number}"), asker)
    timed("search", "ms", 100, started)
    started = time.perf_counter()
    instance.history.sign()
    timed("sign the log", "ms", 1, started)
    started = time.perf_counter()
    found = instance.history.verify()
    timed("verify the log", "entries/s", found.entries, started)
    return figures


def _measure_syncs(instance: Instance) -> Figure:
    path = instance.settings.folder / "sync-probe"
    with path.open("wb") as file:
        started = time.perf_counter()
        for _ in range(_SYNCS):
            file.write(b"\0" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
        seconds = time.perf_counter() - started
    path.unlink()
    return Figure("fdatasync of 4 KiB", _SYNCS / seconds, "syncs/s", _SYNCS)


def _drafts(name: str, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "ref": f"application:bench/{name}-{number}",
            "owner": "organisation:bench",
            "confidentiality": {"level": "public"},
            "source": {"type": "synthetic", "date": "2026-01-01"},
            "spec": {
                "name": f"Toepassing {number}",
                "description": "Een verzonnen toepassing om te meten. " * 20,
                "requires": [f"component:bench/{name}-{number + step}" for step in range(3)],
                "operatedBy": f"supplier:bench/{number % 50}",
                "hostedOn": [f"platform:bench/{number % 20}"],
            },
        }
