"""The intake of a very large file of drafts: batch by batch, each one transaction, resumed where it was cut short.

What is in memory does not grow with the file: the refs that were seen stand in a temporary database on disk, and a
batch looks up its own records only. How far it is, and the report so far, is kept in the transaction of each batch: a
process that is killed at any moment leaves whole batches, and the next run of the same file goes on after the last.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.deliveries import name_system, remember_delivery
from eendracht.kernel.differences import Plan
from eendracht.kernel.errors import Conflict, Fault, UnreadableFile
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.jsonlines import read_line
from eendracht.kernel.imports.linefile import BATCH_LINES, LineBatch, NumberedLine, digest_file, read_batches
from eendracht.kernel.imports.registry import detect_format
from eendracht.kernel.imports.rows import Reading, SourceRow
from eendracht.kernel.reconcile import plan_batch
from eendracht.kernel.store.append import Written
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.store import Store

LARGE_BYTES: Final = 10_000_000
"""JSON Lines above this size go through the intake, and their difference is told in counts."""
MOST_REFUSALS: Final = 200
"""How many refused lines the report explains; the others it names by number."""
MOST_RANGES: Final = 2_000
"""How many stretches of refused lines the report names."""
_MOST_TRIES: Final = 3
"""How often a batch is planned anew where somebody changed one of its records in the meantime."""

Progress = Callable[[int, int], None]


@dataclass
class IntakeReport:
    """What became of the lines of a file."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    double: int = 0
    """Lines whose ref an earlier line has; the first counts."""
    refused: int = 0
    disappeared: int = 0
    """Refs of an earlier delivery that the file does not hold."""
    held: int = 0
    """Fields that were kept: another source is right about them, another organisation owns them, or it ended."""
    left_out: int = 0
    """Texts about persons that were not taken in."""
    lines: int = 0
    """How many lines were read, empty ones counted."""
    resumed_after: int = 0
    """The line up to which an earlier run had come."""
    refused_lines: list[list[int]] = field(default_factory=list)
    """First and last number of each stretch of refused lines."""
    refusals: list[dict[str, Any]] = field(default_factory=list)
    """Line and reason of the first that were refused or doubled."""

    def refuse(self, number: int, faults: Sequence[Fault], *, is_double: bool = False) -> None:
        """Count a line that is not taken in, and say why."""
        if is_double:
            self.double += 1
        else:
            self.refused += 1
            if self.refused_lines and self.refused_lines[-1][1] == number - 1:
                self.refused_lines[-1][1] = number
            elif len(self.refused_lines) < MOST_RANGES:
                self.refused_lines.append([number, number])
        if len(self.refusals) < MOST_REFUSALS:
            self.refusals += [{"line": number, **fault.as_dict()} for fault in faults[:3]]

    def list_faults(self) -> list[Fault]:
        """Give the first reasons for which lines were refused or doubled, each with its line."""
        return [
            Fault(f"regel {item['line']}", item["code"], item["message"]["nl"], item["message"]["en"], item["hint"])
            for item in self.refusals
        ]

    @property
    def counts(self) -> dict[str, int]:
        """What there is to know in figures."""
        names = ("new", "changed", "unchanged", "double", "refused", "disappeared", "held", "left_out", "lines")
        return {name: getattr(self, name) for name in names}


def is_large(path: Path) -> bool:
    """Tell whether a file is one for the intake: JSON Lines of more than 10 MB."""
    return path.is_file() and path.stat().st_size > LARGE_BYTES and detect_format(path) == "jsonlines"


class _Seen:
    """The refs of a file, on disk; SQLite removes the file when it is closed."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("CREATE TABLE seen (ref TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self.kinds: set[str] = set()

    def add(self, ref: str, line: int) -> int:
        """Take in a ref, and give the line that had it first: this one, or one before."""
        rows = self._file.execute("SELECT line FROM seen WHERE ref = ?", (ref,)).fetchall()
        if rows:
            return int(rows[0][0])
        self._file.execute("INSERT INTO seen (ref, line) VALUES (?, ?)", (ref, line))
        self.kinds.add(ref.partition(":")[0])
        return line

    def holds(self, ref: str) -> bool:
        """Tell whether the file has the ref."""
        return bool(self._file.execute("SELECT 1 FROM seen WHERE ref = ?", (ref,)).fetchall())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class Intake:
    """One large file on its way in, for one organisation."""

    def __init__(self, store: Store, path: Path, owner: str, author: Principal, source: str = "") -> None:
        self.store, self.path, self.owner, self.author = store, path, owner, author
        self.source = source or path.name
        self.system = name_system(owner, self.source)
        self._digest = digest_file(path)

    def survey(self, progress: Progress | None = None) -> IntakeReport:
        """Count what the rest of the file would change; writes nothing."""
        report, place = self._load()
        seen = self._remember_lines(place)
        total = self.path.stat().st_size
        for batch in read_batches(self.path, place, report.lines):
            self._plan(batch, report, seen)
            if progress:
                progress(batch.place, total)
        report.disappeared = sum(1 for _ in self._list_gone(seen))
        seen.close()
        return report

    def run(self, progress: Progress | None = None) -> IntakeReport:
        """Record the file from where an earlier run of it stopped, and give the report over all of it.

        Raises Conflict where another run of the same source is under way, Denied, StorageFailure; what was recorded
        before stays, and the next run goes on from there.
        """
        report, place = self._load()
        seen = self._remember_lines(place)
        total = self.path.stat().st_size
        for batch in read_batches(self.path, place, report.lines):
            report = self._take(batch, report, seen, place)
            place = batch.place
            if progress:
                progress(place, total)
        self._finish(report, seen)
        seen.close()
        return report

    # -- where it stands ----------------------------------------------------------------------------------------

    def _load(self) -> tuple[IntakeReport, int]:
        rows = self.store.driver.reader().query(
            "SELECT place, report FROM intake WHERE system = ? AND digest = ?", (self.system, self._digest)
        )
        if not rows:
            return IntakeReport(), 0
        report = IntakeReport(**orjson.loads(rows[0][1]))
        report.resumed_after = report.lines
        return report, rows[0][0]

    def _remember_lines(self, place: int) -> _Seen:
        """Give the refs of the lines that an earlier run took in."""
        seen = _Seen()
        for batch in read_batches(self.path, until=place) if place else ():
            for line in batch.lines:
                ref = _ref_of(line)
                if ref:
                    seen.add(ref, line.number)
        return seen

    def _save(self, connection: Connection, report: IntakeReport, before: int, place: int) -> None:
        """Move on from one place to the next, or refuse where another process did so."""
        rows = connection.query("SELECT digest, place FROM intake WHERE system = ?", (self.system,))
        stands = rows[0][1] if rows and rows[0][0] == self._digest else 0
        if stands != before:
            raise Conflict(f"Another import of {self.source} is under way", hint="Wait until it is done.")
        connection.execute(
            "INSERT INTO intake (system, digest, place, line, report, begun_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (system) DO UPDATE SET digest = excluded.digest, place = excluded.place,"
            " line = excluded.line, report = excluded.report",
            (
                self.system,
                self._digest,
                place,
                report.lines,
                orjson.dumps(asdict(report)),
                timestamp(self.store.clock.now()),
            ),
        )

    # -- a batch ------------------------------------------------------------------------------------------------

    def _take(self, batch: LineBatch, report: IntakeReport, seen: _Seen, before: int) -> IntakeReport:
        for attempt in range(1, _MOST_TRIES + 1):
            moved = IntakeReport(**orjson.loads(orjson.dumps(asdict(report))))
            plan = self._plan(batch, moved, seen)
            try:
                self._record(plan, moved, before, batch.place)
            except Conflict as conflict:
                if attempt == _MOST_TRIES or "current" not in conflict.extra:
                    raise
            else:
                break
        return moved

    def _record(self, plan: Plan, report: IntakeReport, before: int, place: int) -> None:
        moment, day = timestamp(self.store.clock.now()), today(self.store.clock).isoformat()

        def also(connection: Connection, written: Sequence[Written]) -> None:
            self._save(connection, report, before, place)
            remember_delivery(connection, plan, written, moment, day)

        self.store.advance_soon()
        self.store.append([step.draft for step in plan.steps if step.draft is not None], self.author, also=also)

    def _plan(self, batch: LineBatch, report: IntakeReport, seen: _Seen) -> Plan:
        """Compare a batch with what is known, and count what comes of it."""
        rows = dict(self._read(batch, report, seen))
        plan = plan_batch(self.store, Reading(self.source, tuple(rows.values())), self.owner, self.author)
        for step in plan.steps:
            setattr(report, step.action, getattr(report, step.action) + 1)
            report.held += sum(difference.held for difference in step.differences)
        planned = {step.row.place for step in plan.steps}
        for number, row in rows.items():
            if row.place not in planned:
                report.refuse(number, [fault for fault in plan.faults if _is_at(fault, row.place)])
        report.lines = batch.last
        return plan

    def _read(self, batch: LineBatch, report: IntakeReport, seen: _Seen) -> Iterator[tuple[int, SourceRow]]:
        """Yield the lines that are drafts of their own, by number; the others are refused."""
        for line in batch.lines:
            place = f"{self.path.name} › regel {line.number}"
            ref = _ref_of(line)
            first = seen.add(ref, line.number) if ref else line.number
            if first != line.number:
                report.refuse(line.number, [_double(place, first)], is_double=True)
                continue
            collector = Collector()
            row = self._read_row(line, place, collector)
            report.left_out += sum(item.count for item in collector.left_out)
            if row is None:
                report.refuse(line.number, collector.faults)
            else:
                yield line.number, row

    def _read_row(self, line: NumberedLine, place: str, collector: Collector) -> SourceRow | None:
        if line.text is None:
            hint = "A line holds 1 MB at most."
            collector.add_fault(Fault(place, "too-large", "Deze regel is te lang", "This line is too long", hint))
            return None
        try:
            return read_line(line.text, place, self.store.registry, collector)
        except UnreadableFile as error:
            for fault in error.faults:
                collector.add_fault(fault)
            return None

    # -- the end ------------------------------------------------------------------------------------------------

    def _list_gone(self, seen: _Seen) -> Iterator[tuple[str, str]]:
        """Yield kind and key of what an earlier delivery held and this file does not."""
        rows = self.store.driver.reader().stream(
            "SELECT kind, key FROM binding WHERE system = ? ORDER BY kind, key", (self.system,)
        )
        return ((kind, key) for kind, key in rows if kind in seen.kinds and not seen.holds(key))

    def _finish(self, report: IntakeReport, seen: _Seen) -> None:
        """Flag what disappeared, and forget how far the intake was: the next delivery is a new one."""
        day = today(self.store.clock).isoformat()
        gone = self._list_gone(seen)
        while some := list(islice(gone, BATCH_LINES)):
            report.disappeared += len(some)
            flagged = [(day, self.system, kind, key) for kind, key in some]
            self.store.act(partial(_flag, flagged=flagged))
        self.store.act(lambda connection: connection.execute("DELETE FROM intake WHERE system = ?", (self.system,)))


def _flag(connection: Connection, flagged: Sequence[tuple[str, ...]]) -> None:
    connection.execute_many(
        "UPDATE binding SET missing_since = ? WHERE system = ? AND kind = ? AND key = ? AND missing_since IS NULL",
        flagged,
    )


def _ref_of(line: NumberedLine) -> str:
    """Give the ref that a line gives, whether or not it is a draft otherwise."""
    try:
        draft = orjson.loads(line.text or b"")
    except orjson.JSONDecodeError:
        return ""
    ref = draft.get("ref") if isinstance(draft, dict) else None
    return ref[:500] if isinstance(ref, str) else ""


def _is_at(fault: Fault, place: str) -> bool:
    return fault.pointer == place or fault.pointer.startswith((f"{place} ", f"{place}/"))


def _double(place: str, first: int) -> Fault:
    return Fault(
        place,
        "duplicate-key",
        f"Deze ref staat ook op regel {first}; de eerste telt",
        f"This ref is also at line {first}; the first counts",
        "Keep one of the two, or import them as two files.",
    )
