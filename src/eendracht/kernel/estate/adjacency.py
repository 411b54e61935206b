"""Compressed adjacency: many short lists in two flat arrays, and the few steps that every graph walk here shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.signedinteger[Any]]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Adjacency:
    """List number i is `values[indptr[i]:indptr[i + 1]]`; `indptr` has one entry more than there are lists."""

    indptr: Ints
    values: Ints

    def of(self, item: int) -> Ints:
        """Give one list."""
        return self.values[self.indptr[item] : self.indptr[item + 1]]

    def of_all(self, items: Ints) -> Ints:
        """Give the lists of all items behind one another."""
        starts = self.indptr[items]
        return self.values[expand_ranges(starts, self.indptr[items + 1] - starts)]


def expand_ranges(starts: Ints, counts: Ints) -> Ints:
    """Give `starts[0], starts[0] + 1, …` (`counts[0]` of them), then the same for every next range."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - counts), counts))


def offsets_of(counts: Ints) -> Ints:
    """Turn list lengths into an `indptr`: 0 first, the total last."""
    indptr = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=indptr[1:])
    return indptr


def group_by(keys: Ints, values: Ints, size: int) -> Adjacency:
    """Collect `values` under their `keys` (each in 0..size-1), in the order in which they stand."""
    order = np.argsort(keys, kind="stable")
    return Adjacency(offsets_of(np.bincount(keys, minlength=size)), values[order])
