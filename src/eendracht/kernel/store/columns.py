"""The columns by which answers are filtered and counted: in memory, in step with the log.

A common word answers with half of all records. To look each of them up in the database costs far more than to find
them, so what filters and counts need of a segment (position, valid time, facet) is kept here: 20 bytes a segment.
Nobody's access is decided here: which facets count is said by whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.store.append import EntryType
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.sight import FacetTable, Mask, read_table

_STRIDE = 200_000
"""Positions for which segments are read at once, so that a large log does not stand in memory as rows."""
_MOST_FOLLOWED = 10_000
"""Entries beyond which everything is read again: that is quicker than to look up each record."""
_FACETS = 2**63
"""Numbers of facets are hashes, spread evenly below this."""

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answers:
    """What answers a question: positions, oldest first, and of each the number of its facet."""

    positions: Positions
    numbers: NDArray[np.int32]

    def order(self, first: Positions | None) -> Positions:
        """Give the positions newest first, those in `first` before the others."""
        newest = self.positions[::-1]
        if first is None:
            return newest
        leads = np.isin(newest, first)
        return np.concatenate((newest[leads], newest[~leads]))


@dataclass(frozen=True, slots=True)
class Columns:
    """Every segment at one size of the log; days are numbers such as 20261231. Never changed once made."""

    epoch: int
    size: int
    rv: Positions
    begin: NDArray[np.int32]
    end: NDArray[np.int32]
    facet: NDArray[np.int32]
    """Which facet, by its number here."""
    numbers: dict[int, int]
    """The number of each facet by its id; the same object as long as there is no other facet."""
    _days: dict[str, NDArray[np.int32]] = field(default_factory=dict, repr=False)

    def select(self, day: str, seen: Mask, among: Positions | None) -> Answers:
        """Give the segments that hold on the day and whose facet is seen; `among` narrows to positions.

        `seen` is by the number of the facet, the last for none, as a table of facets gives it.
        """
        numbers = self._numbers_on(day)
        if among is None:
            positions = np.flatnonzero(seen[numbers])
        else:
            positions = np.unique(among[among < self.size])
            positions = positions[seen[numbers[positions]]]
        return Answers(positions, numbers[positions])

    def _numbers_on(self, day: str) -> NDArray[np.int32]:
        """Give the number of the facet by position, -1 (the last) where nothing holds on the day."""
        kept = self._days.get(day)
        if kept is None:
            today = int(day.replace("-", ""))
            holds = (self.begin <= today) & (self.end > today)
            kept = np.full(self.size, -1, np.int32)
            kept[self.rv[holds]] = self.facet[holds]
            # One day is asked over and over; others are asked now and then.
            self._days.clear()
            self._days[day] = kept
        return kept

    def add(self, groups: Sequence[Row]) -> Columns:
        """Give these columns with more segments: rows of facet id, begin, end, how many, and positions as text."""
        if not groups:
            return self
        ids, begins, ends, counts, texts = zip(*groups, strict=True)
        numbers = self.numbers
        if any(facet not in numbers for facet in ids):
            numbers = dict(numbers)
        facets = [numbers.setdefault(facet, len(numbers)) for facet in ids]

        def extend(column: NDArray[np.int32], values: Sequence[int]) -> NDArray[np.int32]:
            return np.concatenate((column, np.repeat(np.array(values, np.int32), counts)))

        return Columns(
            self.epoch,
            self.size,
            np.concatenate((self.rv, _read_numbers(",".join(texts)))),
            extend(self.begin, begins),
            extend(self.end, ends),
            extend(self.facet, facets),
            numbers,
        )

    def grow(self, size: int, replaced: Positions) -> Columns:
        """Give these columns for a longer log, without the segments of the versions at these positions."""
        stays = ~np.isin(self.rv, replaced)
        return Columns(
            self.epoch, size, self.rv[stays], self.begin[stays], self.end[stays], self.facet[stays], self.numbers
        )


class ColumnKeeper:
    """Keeps the columns of one database in step with its log, whichever process writes to it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: Columns | None = None
        self._table: FacetTable | None = None

    def look(self, connection: Connection, columns: Columns) -> FacetTable:
        """Give the table of the facets of these columns; call it within the same `connection.reading()`."""
        with self._lock:
            table = self._table
            if table is None or table.numbers is not columns.numbers:
                table = self._table = read_table(connection, columns.numbers, table)
            return table

    def follow(self, connection: Connection) -> Columns:
        """Give the columns as the connection sees the log; call it first within `connection.reading()`.

        Whoever waits here has not looked at the log yet, so nobody finds columns of a later state than its own.
        """
        with self._lock:
            ((epoch, size),) = connection.query("SELECT epoch, size FROM log_head WHERE id = 1")
            kept = self._kept
            if kept is None or kept.epoch != epoch or kept.size > size:
                kept = _load(connection, epoch, size)
            elif kept.size < size:
                kept = _follow(connection, kept, size)
            self._kept = kept
            return kept


def _load(connection: Connection, epoch: int, size: int) -> Columns:
    nothing = np.empty(0, np.int32)
    columns = Columns(epoch, size, np.empty(0, np.int64), nothing, nothing, nothing, {})
    parts = size // _STRIDE + 1
    for part in range(parts):
        bounds = (_FACETS * part // parts, _FACETS * (part + 1) // parts - 1)
        columns = columns.add(_list_segments(connection, "s.facet BETWEEN ? AND ?", bounds))
    return columns


def _follow(connection: Connection, kept: Columns, size: int) -> Columns:
    """Read again what is known of every record that the new entries touch.

    An erasure takes segments away that its entry does not name: then everything is read again.
    """
    if size - kept.size > _MOST_FOLLOWED:
        return _load(connection, kept.epoch, size)
    entries = connection.query("SELECT uid, type FROM entry WHERE rv >= ?", (kept.size,))
    if any(kind == EntryType.ERASURE for _, kind in entries):
        return _load(connection, kept.epoch, size)
    uids = (connection.bind_list(sorted({uid for uid, _ in entries if uid is not None})),)
    replaced = query_positions(connection, f"SELECT rv FROM entry WHERE {connection.among('uid')}", uids)
    return kept.grow(size, replaced).add(_list_segments(connection, connection.among("s.uid"), uids))


def _list_segments(connection: Connection, condition: str, parameters: Sequence[Any]) -> list[Row]:
    # Groups are far quicker to read than segments, as many records are valid from the same day.
    day = "CAST(REPLACE({}, '-', '') AS INTEGER)"
    return connection.query(
        f"SELECT s.facet, {day.format('s.valid_from')}, {day.format('s.valid_until')}, COUNT(*), {connection.joined}"
        f" FROM segment s WHERE {condition} GROUP BY s.facet, s.valid_from, s.valid_until",
        parameters,
    )


def query_positions(connection: Connection, sql: str, parameters: Sequence[Any]) -> Positions:
    """Run a statement whose one column is `rv` and give its values."""
    # One long text is far quicker to hand over than a row for each position.
    ((text,),) = connection.query(f"SELECT {connection.joined} FROM ({sql}) t", parameters)
    return _read_numbers(text or "")


def _read_numbers(text: str) -> Positions:
    return np.fromstring(text, np.int64, sep=",")
