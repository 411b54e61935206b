"""Gathers what a reading finds, bounded: after a number of equal faults it counts instead of repeating."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports.rows import Ignored, LeftOut, Question

REPEAT_LIMIT: Final = 50
"""So many faults of one code at one column are listed; the rest is one line with a count."""


class Collector:
    """Collects faults, notes, questions and what was left out while a file is read."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._seen: Counter[tuple[str, str]] = Counter()
        self._notes: dict[tuple[str, str], Fault] = {}
        self._left_out: Counter[tuple[str, str, str]] = Counter()
        self._ignored: Counter[tuple[str, str]] = Counter()
        self.questions: list[Question] = []

    def add_fault(self, fault: Fault, group: str = "") -> None:
        """Keep a fault; `group` (a column or table) is what repeats are counted over."""
        self._seen[group, fault.code] += 1
        if self._seen[group, fault.code] <= REPEAT_LIMIT:
            self._faults.append(fault)

    def add_note(self, place: str, code: str, nl: str, en: str, hint: str = "") -> None:
        """Say once per place what was done."""
        self._notes.setdefault((place, code), Fault(place, code, nl, en, hint))

    def add_notes(self, notes: Iterable[Fault]) -> None:
        """Take over notes that were made elsewhere."""
        for note in notes:
            self._notes.setdefault((note.pointer, note.code), note)

    def leave_out(self, place: str, column: str, reason: str, count: int = 1) -> None:
        """Count data about persons or secrets that are not taken in."""
        self._left_out[place, column, reason] += count

    def ignore(self, place: str, name: str, count: int = 1) -> None:
        """Count something for which there is no place."""
        self._ignored[place, name] += count

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault, with one closing line per group that had too many to list."""
        tail = [
            Fault(
                group,
                code,
                f"En nog {count - REPEAT_LIMIT} keer hetzelfde",
                f"And the same {count - REPEAT_LIMIT} times more",
                "Correct the cause in the source, or answer the question about this column.",
            )
            for (group, code), count in self._seen.items()
            if count > REPEAT_LIMIT
        ]
        return (*self._faults, *tail)

    @property
    def fault_count(self) -> int:
        """How many faults there were, those that are only counted included."""
        return self._seen.total()

    @property
    def notes(self) -> tuple[Fault, ...]:
        """What was done that a person may want to know."""
        return tuple(self._notes.values())

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Columns from which personal data or secrets were kept out."""
        return tuple(LeftOut(place, column, reason, n) for (place, column, reason), n in self._left_out.items())

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        """What had no place."""
        return tuple(Ignored(place, name, n) for (place, name), n in self._ignored.items())
