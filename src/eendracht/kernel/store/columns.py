"""The columns by which answers are filtered and counted: in memory, in step with the log.

A common word answers with half of all records. To look each of them up in the database costs far more than to find
them, so what filters and counts need of a segment (position, valid time, facet) is kept here: 20 bytes a segment.
Nobody's access is decided here: which facets an asker may see is asked of the database each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.store.append import EntryType
from eendracht.kernel.store.driver import Connection, Row

_STRIDE = 200_000
"""Positions for which segments are read at once, so that a large log does not stand in memory as rows."""
_MOST_FOLLOWED = 10_000
"""Entries beyond which everything is read again: that is quicker than to look up each record."""
_FACETS = 2**63
"""Numbers of facets are hashes, spread evenly below this."""

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answers:
    """What answers a question: positions, oldest first, and of each the place of its facet in the rows given."""

    positions: Positions
    facets: NDArray[np.int32]

    def count(self) -> dict[int, int]:
        """Count the answers per facet, by its place in the rows; facets without an answer are left out."""
        counts = np.bincount(self.facets)
        found = np.flatnonzero(counts)
        return dict(zip(found.tolist(), counts[found].tolist(), strict=True))

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
    """The number of each facet by its id."""

    def select(self, day: str, facets: Sequence[int], among: Positions | None) -> Answers:
        """Give the segments that hold on the day and have one of these facets (ids); `among` narrows to positions."""
        place = np.full(len(self.numbers) + 1, -1, np.int32)  # the last stands for a position where nothing holds
        known = [(self.numbers[facet], at) for at, facet in enumerate(facets) if facet in self.numbers]
        if known:
            numbers, places = zip(*known, strict=True)
            place[list(numbers)] = places
        today = int(day.replace("-", ""))
        holds = (self.begin <= today) & (self.end > today)
        by_position = np.full(self.size, -1, np.int32)
        by_position[self.rv[holds]] = place[self.facet[holds]]
        answers = by_position >= 0
        if among is not None:
            is_among = np.zeros(self.size, np.bool_)
            is_among[among[among < self.size]] = True
            answers &= is_among
        positions = np.flatnonzero(answers)
        return Answers(positions, by_position[positions])

    def add(self, groups: Sequence[Row]) -> Columns:
        """Give these columns with more segments: rows of facet id, begin, end, how many, and positions as text."""
        if not groups:
            return self
        ids, begins, ends, counts, texts = zip(*groups, strict=True)
        numbers = dict(self.numbers)
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
