"""The counts of journeys: how many began, reached a step, went on, came to the end, in which time, with which effort.

One row is one count of one day, journey, organisation and way (alone or assisted). There is no moment, no passage and
no person in it. The file stands outside the ledger: counts are corrected by counting on, never by a record.
"""

from __future__ import annotations

import bisect
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from eendracht.kernel.clock import Clock, SystemClock, today
from eendracht.kernel.instance import Instance
from eendracht.kernel.private import PrivateDatabase
from eendracht.services.experience.passages import Passage, derive_key

SECONDS: Final = (15, 30, 60, 120, 180, 300, 480, 720, 1_200, 1_800, 3_600)
"""Upper bounds of the classes in which times are counted; the last class is open."""
EFFORTS: Final = range(1, 8)
"""Scores of effort: 1 is very easy, 7 very hard (Customer Effort Score 2.0, turned so that low is good)."""
OUTCOME: Final = "outcome"
"""Name of a count of what has no passage; its step is how it ended."""
_MOST_REMEMBERED: Final = 20_000

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS measure (
  day TEXT NOT NULL, journey TEXT NOT NULL, organisation TEXT NOT NULL, assisted INTEGER NOT NULL,
  name TEXT NOT NULL, step TEXT NOT NULL, class INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (day, journey, organisation, assisted, name, step, class)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Count:
    """One count: of a day, journey, organisation and way; `step` and `bucket` where the name asks for them."""

    day: date
    journey: str
    organisation: str
    is_assisted: bool
    name: str
    step: str
    bucket: int
    count: int


class Measures:
    """Counts what happens in journeys, each event of a passage once."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._file = PrivateDatabase(path, _SCHEMA)
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def note_begin(self, passage: Passage) -> None:
        """Count a journey that began."""
        self._note(passage, [("begun", "", 0)])

    def note_step(self, passage: Passage) -> None:
        """Count that the step of a passage was reached."""
        self._note(passage, [("reached", passage.step, 0)])

    def note_answer(self, passage: Passage) -> None:
        """Count that the step of a passage was left by going on; who never does dropped off there."""
        self._note(passage, [("answered", passage.step, 0)])

    def note_end(self, passage: Passage) -> None:
        """Count a journey that came to its end, with its time, its questions and those that were asked twice."""
        bucket = bisect.bisect_left(SECONDS, passage.seconds(self._clock.now()))
        self._note(
            passage,
            [
                ("completed", "", 0),
                ("seconds", "", bucket),
                ("questions", "", len(passage.asked)),
                *([("asked-twice", "", passage.asked_twice)] if passage.asked_twice else []),
            ],
        )

    def note_effort(self, passage: Passage, score: int) -> None:
        """Count how hard somebody found it; raises ValueError for a score that is none."""
        if score not in EFFORTS:
            raise ValueError("a score of effort is 1 to 7")
        self._note(passage, [("effort", "", score)], once_as="effort")

    def _note(self, passage: Passage, events: list[tuple[str, str, int]], once_as: str = "") -> None:
        mark = (passage.number, once_as or events[0][0], events[0][1])
        with self._lock:
            if mark in self._seen:
                return
            self._seen[mark] = None
            while len(self._seen) > _MOST_REMEMBERED:
                self._seen.popitem(last=False)
        self._add((passage.journey, passage.organisation, int(passage.is_assisted)), events)

    def note_outcome(self, journey: str, organisation: str, outcome: str) -> None:
        """Count how something ended that has no passage."""
        self._add((journey, organisation, 0), [(OUTCOME, outcome, 0)])

    def _add(self, place: tuple[str, str, int], events: list[tuple[str, str, int]]) -> None:
        day = today(self._clock).isoformat()
        with self._file.writing() as connection:
            connection.execute_many(
                "INSERT INTO measure (day, journey, organisation, assisted, name, step, class, count)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                [(day, *place, *event) for event in events],
            )

    def add_made_up(self, counts: Iterable[Count]) -> None:
        """Add counts of a demonstration; the page of a demonstration says that they are made up."""
        with self._file.writing() as connection:
            connection.execute_many(
                "INSERT INTO measure (day, journey, organisation, assisted, name, step, class, count)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
                [
                    (
                        one.day.isoformat(),
                        one.journey,
                        one.organisation,
                        int(one.is_assisted),
                        one.name,
                        one.step,
                        one.bucket,
                        one.count,
                    )
                    for one in counts
                ],
            )

    def list_counts(self, since: date, until: date, organisations: Iterable[str] | None = None) -> list[Count]:
        """Give the counts of a period (`until` not included), of these organisations, or of all."""
        rows = self._file.query(
            "SELECT day, journey, organisation, assisted, name, step, class, count FROM measure"
            " WHERE day >= ? AND day < ? ORDER BY day, journey, organisation",
            (since.isoformat(), until.isoformat()),
        )
        wanted = None if organisations is None else frozenset(organisations)
        return [
            Count(date.fromisoformat(row[0]), row[1], row[2], bool(row[3]), *row[4:])
            for row in rows
            if wanted is None or row[2] in wanted
        ]


def measures_of(instance: Instance) -> Measures:
    """Give the counts of a node."""
    return instance.part(
        "services/experience",
        lambda node: Measures(node.settings.folder / "experience" / "measures.db", node.store.clock),
    )


def passage_key(instance: Instance) -> bytes:
    """Give the key under which the forms of a node carry their passages; it follows from the key of its log."""
    return derive_key(instance.signer.signer_key())
