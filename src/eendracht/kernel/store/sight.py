"""What an asker may see, as columns: the facets that the database gives for them, ready to filter and count by.

A facet never changes what it stands for, so a sight holds until there is a facet that it does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.access import Principal
from eendracht.kernel.store.driver import Connection, Row

COLUMNS: Final = ("kind", "owner", "source", "lifecycle", "level")
"""What the segments of one facet share."""
HIDDEN: Final = -1
"""The row of what does not count."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The rows of facets that somebody may see.

    `values` are per column those that occur, sorted; `codes` per column the place of each row's value among them.
    """

    values: tuple[list[Any], ...]
    codes: tuple[NDArray[np.intp], ...]
    rows: NDArray[np.int32]
    """The row of each facet by its number, `HIDDEN` where it may not be seen; the last stands for no facet."""

    @property
    def nothing(self) -> NDArray[np.int32]:
        """Give `rows` with none left."""
        return np.full_like(self.rows, HIDDEN)

    def narrow(self, wanted: Sequence[Any]) -> NDArray[np.int32]:
        """Give `rows` with only those left that have the wanted value per column; None asks nothing."""
        if all(value is None for value in wanted):
            return self.rows
        counts = np.ones(len(self.codes[0]) + 1, np.bool_)
        for value, values, codes in zip(wanted, self.values, self.codes, strict=True):
            if value is not None:
                counts[:-1] &= codes == (values.index(value) if value in values else len(values))
        return np.where(counts[self.rows], self.rows, np.int32(HIDDEN))

    def count(self, rows: NDArray[np.int32]) -> tuple[dict[Any, int], ...]:
        """Count answers, given by their row, per value of each column; values without an answer are left out."""
        numbers = np.bincount(rows, minlength=len(self.codes[0]))
        found = []
        for values, codes in zip(self.values, self.codes, strict=True):
            # Exact: a double holds every whole number below 2**53.
            sums = np.bincount(codes, numbers, len(values)).astype(np.int64).tolist()
            found.append({value: count for value, count in zip(values, sums, strict=True) if count})
        return tuple(found)


def look(connection: Connection, asker: Principal, numbers: dict[int, int]) -> Sight:
    """Give what the asker may see of the facets with these numbers (by id)."""
    visible, parameters = asker.visible("f")
    found: list[Row] = connection.query(
        f"SELECT f.id, {', '.join(f'f.{name}' for name in COLUMNS)} FROM facet f WHERE TRUE{visible}", parameters
    )
    known = [row for row in found if row[0] in numbers]
    rows = np.full(len(numbers) + 1, HIDDEN, np.int32)
    rows[[numbers[row[0]] for row in known]] = np.arange(len(known), dtype=np.int32)
    values, codes = [], []
    for column in range(1, len(COLUMNS) + 1):
        occurring = sorted({row[column] for row in known})
        place = {value: at for at, value in enumerate(occurring)}
        values.append(occurring)
        codes.append(np.array([place[row[column]] for row in known], np.intp))
    return Sight(tuple(values), tuple(codes), rows)
