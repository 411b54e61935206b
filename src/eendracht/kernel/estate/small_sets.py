"""Families of small sets of numbers in arrays: one set per row, its numbers in rising order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.estate.adjacency import Flags, Ints, expand_ranges

Family: TypeAlias = dict[int, Ints]
"""Rows by size of the set; the rows of one size have shape (sets, size)."""

_WORD = 64


class SetSpace:
    """Sets of numbers below `count`, packed into keys that sort and compare as the rows do."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._bits = max(1, (count - 1).bit_length())

    def pack(self, rows: Ints) -> NDArray[Any]:
        """Give one key per row: a word where the set fits in it, else its bytes."""
        size = rows.shape[1]
        if size * self._bits > _WORD:
            return np.ascontiguousarray(rows.astype(">u4")).view(f"S{4 * size}").ravel()
        keys = np.zeros(len(rows), dtype=np.uint64)
        for column in range(size):
            keys <<= np.uint64(self._bits)
            keys |= rows[:, column].astype(np.uint64)
        return keys

    def drop_repeats(self, rows: Ints) -> Ints:
        """Give each set once, in order."""
        if len(rows) < 2 or not rows.shape[1]:
            return rows[:1]
        keys = self.pack(rows)
        if keys.dtype != np.uint64:
            return rows[np.unique(keys, return_index=True)[1]]
        keys.sort()
        keys = keys[np.append(True, keys[1:] != keys[:-1])]
        found = np.empty((len(keys), rows.shape[1]), dtype=np.int32)
        for column in reversed(range(rows.shape[1])):
            found[:, column] = keys & np.uint64((1 << self._bits) - 1)
            keys >>= np.uint64(self._bits)
        return found

    def gather(self, parts: Iterable[Family]) -> Family:
        """Put families together, each set once."""
        rows: dict[int, list[Ints]] = {}
        for part in parts:
            for size, sets in part.items():
                if len(sets):
                    rows.setdefault(size, []).append(sets)
        return {
            size: several[0] if len(several) == 1 else self.drop_repeats(np.concatenate(several))
            for size, several in rows.items()
        }

    def contain_any(self, rows: Ints, family: Family) -> Flags:
        """Flag the rows that contain, or are, a set of the family."""
        size = rows.shape[1]
        found = np.full(len(rows), 0 in family)
        for smaller, sets in family.items():
            if smaller == 1 and size:
                known = np.zeros(self.count, dtype=np.bool_)
                known[sets[:, 0]] = True
                found |= known[rows].any(axis=1)
            elif 1 < smaller <= size:
                known_keys = np.sort(self.pack(sets))
                for columns in combinations(range(size), smaller):
                    keys = self.pack(rows[:, columns])
                    place = np.minimum(np.searchsorted(known_keys, keys), len(known_keys) - 1)
                    found |= known_keys[place] == keys
        return found

    def count_overlapping(self, left: Ints, right: Ints, shared: int) -> int:
        """Count the pairs that `pair_overlapping` gives, which has to hold them."""
        first, _ = self._list_subsets(left, shared)
        second, _ = self._list_subsets(right, shared)
        second.sort()
        return int((np.searchsorted(second, first, "right") - np.searchsorted(second, first)).sum())

    def pair_overlapping(self, left: Ints, right: Ints, shared: int) -> tuple[Ints, Ints]:
        """Give the places of all pairs that have at least `shared` numbers in common; some pairs more than once."""
        first, left_place = self._list_subsets(left, shared)
        second, right_place = self._list_subsets(right, shared)
        order = np.argsort(second, kind="stable")
        second, right_place = second[order], right_place[order]
        begin = np.searchsorted(second, first)
        counts = np.searchsorted(second, first, "right") - begin
        return np.repeat(left_place, counts), right_place[expand_ranges(begin, counts)]

    def _list_subsets(self, rows: Ints, size: int) -> tuple[NDArray[Any], Ints]:
        """Give the key of each subset of `size` numbers, and the row that it is of."""
        chosen = list(combinations(range(rows.shape[1]), size))
        keys = np.concatenate([self.pack(rows[:, columns]) for columns in chosen])
        return keys, np.tile(np.arange(len(rows)), len(chosen))


def unite(left: Ints, right: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield the unions of rows at the same place, sorted by size; a size of which there is none is left out."""
    rows = np.concatenate([left, right], axis=1)
    rows.sort(axis=1)
    repeated = np.zeros(rows.shape, dtype=np.bool_)
    repeated[:, 1:] = rows[:, 1:] == rows[:, :-1]
    sizes = rows.shape[1] - repeated.sum(axis=1)
    for size in range(max(left.shape[1], right.shape[1]), rows.shape[1] + 1):
        picked = np.flatnonzero(sizes == size)
        if len(picked):
            yield size, rows[picked][~repeated[picked]].reshape(-1, size)


def list_bits(words: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Give row and bit number of every bit that is set, row by row."""
    row, word = np.nonzero(words)
    filled = words[row, word].astype("<u8").view(np.uint8).reshape(-1, 8)
    place, bit = np.nonzero(np.unpackbits(filled, axis=1, bitorder="little"))
    return row[place], word[place] * _WORD + bit
