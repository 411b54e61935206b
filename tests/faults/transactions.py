"""Transactions of every sort on a node, each acknowledged in a file; run as a process with `disk_log` preloaded.

    python -m tests.faults.transactions FOLDER COUNT [without-sync | without-ledger-sync | sign]

The two modes without syncs break the promise on purpose, for the control of the test; `sign` writes nothing and signs.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.records import Prepared
from eendracht.kernel.store import sqlite
from eendracht.kernel.store.append import EntryType, Written
from tests.faults.node import draft, expected_body, open_node, prepared

ACKNOWLEDGEMENTS = "acknowledgements"
SIGN_EVERY, CATCH_UP_EVERY, RENAME_EVERY, ERASE_EVERY, NOTE_EVERY = 40, 25, 60, 150, 90
CHECKPOINT_PAGES = 250
SEED = 7


class Transactions:
    """Writes, revises, renames, destroys, notes and signs, by a fixed seed."""

    def __init__(self, folder: Path, report: Callable[[dict[str, Any]], None]) -> None:
        self._folder = folder
        self._report = report
        self._chance = random.Random(SEED)
        self._generations: dict[int, int] = {}
        self._versions: list[tuple[int, int]] = []
        self._done_with: set[int] = set()

    def run(self, count: int) -> None:
        """Carry out so many transactions."""
        with open_node(self._folder) as (self.store, self.history):
            for number in range(1, count + 1):
                self._step(number)
                if number % CATCH_UP_EVERY == 0:
                    self.store.catch_up()
                if number % SIGN_EVERY == 0:
                    self._report({"signed": self.history.sign().checkpoint.size})

    def _step(self, number: int) -> None:
        if number % ERASE_EVERY == 0:
            rv, record = self._versions.pop(self._chance.randrange(len(self._versions)))
            self._done_with.add(record)
            self._report({"erasing": rv})
            self.store.erase([rv], {"ground": "Archiefwet art. 5"})
            self._report({"erased": rv})
        elif number % RENAME_EVERY == 0:
            self._rename()
        elif number % NOTE_EVERY == 0:
            self._report({"noted": self.store.note(EntryType.BATCH, {"root": "00" * 32})})
        else:
            self._write()

    def _write(self) -> None:
        items: list[tuple[int, Prepared]] = []
        for _ in range(self._chance.choice((1, 1, 1, 2, 3))):
            if self._generations and self._chance.random() < 0.4:
                number = self._pick()
                if any(number == other for other, _ in items):
                    continue
            else:
                number = len(self._generations)
            revision = self._generations.get(number, 0)
            self._generations[number] = revision + 1
            items.append((number, prepared(number, 3, revision, revision)))
        written = self.store.append([item for _, item in items], OPERATOR)
        for (number, item), result in zip(items, written, strict=True):
            self._acknowledge(number, result, expected_body(item, result))

    def _rename(self) -> None:
        number = self._pick()
        self._done_with.add(number)
        name = draft(number)["ref"]
        written = self.store.rename(name, f"{name}-renamed", OPERATOR)
        self._acknowledge(number, written, self.store.changes(written.rv, OPERATOR, 1)[0].body)

    def _pick(self) -> int:
        return self._chance.choice([number for number in self._generations if number not in self._done_with])

    def _acknowledge(self, number: int, written: Written, body: bytes) -> None:
        self._versions.append((written.rv, number))
        self._report({"rv": written.rv, "body": body.decode()})


def main() -> None:
    """Run as the command line says."""
    folder, count, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
    descriptor = os.open(folder / ACKNOWLEDGEMENTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def report(fact: dict[str, Any]) -> None:
        os.write(descriptor, json.dumps(fact).encode() + b"\n")

    # Often, so that the syncs of a checkpoint are among those that the power cut comes before.
    sqlite._CHECKPOINT_PAGES = CHECKPOINT_PAGES
    if mode == "without-sync":
        opened = sqlite.SqliteConnection.__init__

        def open_carelessly(self: sqlite.SqliteConnection, *args: Any, **options: Any) -> None:
            opened(self, *args, **options)
            self.raw.execute("PRAGMA synchronous=OFF")

        sqlite.SqliteConnection.__init__ = open_carelessly  # type: ignore[method-assign]
    elif mode == "without-ledger-sync":
        os.fsync = lambda _: None  # type: ignore[assignment]
    if mode == "sign":
        with open_node(folder) as (store, history):
            report({"signed": history.sign().checkpoint.size})
            report({"size": store.size})
        return
    Transactions(folder, report).run(count)


if __name__ == "__main__":
    main()
