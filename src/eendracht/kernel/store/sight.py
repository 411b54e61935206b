"""What somebody may see, as columns: one table of facets for all, and for each asker which of them count.

A facet never changes what it stands for. So the table only grows, and what an asker may see of it follows from the
levels and owners that occur, which are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.access import Principal
from eendracht.kernel.store.driver import Connection

COLUMNS: Final = ("kind", "owner", "source", "lifecycle", "level")
"""What the segments of one facet share."""
_KIND, _OWNER, _LEVEL = COLUMNS.index("kind"), COLUMNS.index("owner"), COLUMNS.index("level")

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FacetTable:
    """Every facet by its number: `codes` hold, per column, the place of its value among `values`.

    `is_there` is False for a number that the database has no row for any more.
    """

    values: tuple[tuple[Any, ...], ...]
    codes: tuple[NDArray[np.int32], ...]
    is_there: Mask
    pairs: tuple[tuple[int, str], ...]
    """The levels and owners that occur together."""
    pair_of: NDArray[np.intp]
    numbers: dict[int, int]
    """The number of each facet by its id."""

    def see(self, asker: Principal) -> Mask:
        """Tell of each number whether the asker may see what has it; the last stands for no facet at all."""
        allowed = np.array([asker.may_see(level, owner) for level, owner in self.pairs], np.bool_)
        seen = np.zeros(len(self.is_there) + 1, np.bool_)
        if len(allowed):
            seen[:-1] = allowed[self.pair_of] & self.is_there
        for item in asker.hidden:
            gone = self._is_any(_KIND, item.kinds)
            if item.owners:
                gone &= self._is_any(_OWNER, item.owners)
            seen[:-1] &= ~gone
        return seen

    def narrow(self, seen: Mask, wanted: Sequence[Any]) -> Mask:
        """Give `seen` with only those left that have the wanted value per column; None asks nothing."""
        for column, value in enumerate(wanted):
            if value is not None:
                seen = seen.copy()
                seen[:-1] &= self._is_any(column, (value,))
        return seen

    def count(self, numbers: NDArray[np.int32]) -> tuple[dict[Any, int], ...]:
        """Count answers, given by the number of their facet, per value of each column, in order of value."""
        counts = np.bincount(numbers, minlength=len(self.is_there))
        found = []
        for values, codes in zip(self.values, self.codes, strict=True):
            # Exact: a double holds every whole number below 2**53.
            sums = np.bincount(codes, counts, len(values)).astype(np.int64).tolist()
            found.append(dict(sorted((value, count) for value, count in zip(values, sums, strict=True) if count)))
        return tuple(found)

    def _is_any(self, column: int, wanted: Sequence[Any]) -> Mask:
        values = self.values[column]
        return np.isin(self.codes[column], [values.index(value) for value in wanted if value in values])


def read_table(connection: Connection, numbers: dict[int, int], before: FacetTable | None) -> FacetTable:
    """Give the table of the facets with these numbers (by id), of which `before` may know the first."""
    known = len(before.is_there) if before is not None else 0
    if before is not None and (known > len(numbers) or list(before.numbers) != list(numbers)[:known]):
        before, known = None, 0
    fresh = list(numbers)[known:]
    found = {
        row[0]: row[1:]
        for row in connection.query(
            f"SELECT id, {', '.join(COLUMNS)} FROM facet WHERE {connection.among('id')}",
            (connection.bind_list(fresh),),
        )
    }
    values, codes = [], []
    for column in range(len(COLUMNS)):
        place = {value: at for at, value in enumerate(before.values[column] if before is not None else ())}
        new = [place.setdefault(found[facet][column], len(place)) if facet in found else 0 for facet in fresh]
        old = before.codes[column] if before is not None else np.empty(0, np.int32)
        values.append(tuple(place))
        codes.append(np.concatenate((old, np.array(new, np.int32))))
    there = before.is_there if before is not None else np.empty(0, np.bool_)
    is_there = np.concatenate((there, np.array([facet in found for facet in fresh], np.bool_)))
    width = max(1, len(values[_OWNER]))
    pairs, pair_of = np.unique(codes[_LEVEL].astype(np.int64) * width + codes[_OWNER], return_inverse=True)
    named = (
        tuple((values[_LEVEL][pair // width], values[_OWNER][pair % width]) for pair in pairs.tolist())
        if found or before
        else ()
    )
    return FacetTable(tuple(values), tuple(codes), is_there, named, pair_of, numbers)
