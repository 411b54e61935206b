"""Success paths, and what they tell about sets of failures that are still to grow.

A success path is a set of items that keeps the target up for as long as none of them fails. So each cut set hits every
path, and a set that leaves more paths unhit than the items still to be added can hit will never be part of a cut set of
that order. The paths are drawn so that they overlap as little as they can, the cheapest one time after time, each
making what it uses dearer (multiplicative weights: Plotkin, Shmoys and Tardos, 1995).
"""

from __future__ import annotations

from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.estate.adjacency import Flags, Ints
from eendracht.kernel.estate.plan import Bucket, Plan

Words: TypeAlias = NDArray[np.uint64]
Prices: TypeAlias = NDArray[np.float64]

PATHS = 64
_AT_ONCE = 16
_PASSES = 3
_DEARER = 1.5
_HIGHEST_PRICE = 1e30
_MAX_STEPS = 50_000_000
_MAX_APART = 8_192


def draw_success_paths(plan: Plan, target_row: int, item_rows: Ints) -> Words:
    """Draw PATHS success paths of a target, one word per item: bit p tells that the item is on path p.

    Items are rows that need nothing. The same plan gives the same paths.
    """
    chance = np.random.default_rng(PATHS)
    weight = np.ones(len(item_rows))
    on_path = np.zeros((len(item_rows), PATHS), dtype=np.bool_)
    for first in range(0, PATHS, _AT_ONCE):
        prices = np.zeros((plan.row_count, _AT_ONCE))
        prices[item_rows] = weight[:, None] * chance.uniform(1.0, 1.1, (len(item_rows), _AT_ONCE))
        _add_prices(plan, prices)
        used = _follow(plan, target_row, prices)[item_rows]
        on_path[:, first : first + _AT_ONCE] = used
        weight *= _DEARER ** used.sum(axis=1)
        weight /= weight.max(initial=1.0)
    return _pack_flags(on_path)[:, 0]


def _pack_flags(flags: Flags) -> Words:
    """Turn lines of flags, a multiple of 64 each, into words."""
    return np.packbits(flags, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def _count_needed(bucket: Bucket) -> int:
    """Give how many inputs have to stay up for a gate of the bucket to stay up."""
    return len(bucket.inputs) - bucket.threshold + 1


def _add_prices(plan: Plan, prices: Prices) -> None:
    """Give each gate the price of its cheapest inputs; on cycles an estimate, of some passes."""
    for _ in range(_PASSES if plan.back_reads.size else 1):
        for bucket in plan.buckets:
            needed, offered = _count_needed(bucket), prices[bucket.inputs]
            if needed < len(offered):
                offered.partition(needed - 1, axis=0)
            total = offered[:needed].sum(axis=0)
            prices[bucket.first_row : bucket.end_row] = np.minimum(total, _HIGHEST_PRICE)


def _follow(plan: Plan, target_row: int, prices: Prices) -> Flags:
    """Mark, per column of prices, the rows that stay up when each marked gate keeps its cheapest inputs up."""
    marked = np.zeros(prices.shape, dtype=np.bool_)
    marked[target_row] = True
    count = -1
    while count != (count := int(marked.sum())):
        for bucket in reversed(plan.buckets):
            rows = np.flatnonzero(marked[bucket.first_row : bucket.end_row].any(axis=1))
            if len(rows):
                inputs = bucket.inputs[:, rows]
                kept = np.broadcast_to(marked[bucket.first_row + rows], (*inputs.shape, prices.shape[1]))
                if _count_needed(bucket) < len(inputs):
                    kept = kept & _flag_cheapest(prices[inputs], _count_needed(bucket))
                np.logical_or.at(marked, inputs.ravel(), kept.reshape(-1, prices.shape[1]))
        if not plan.back_reads.size:
            break
    return marked


def _flag_cheapest(offered: Prices, needed: int) -> Flags:
    flags = np.zeros(offered.shape, dtype=np.bool_)
    np.put_along_axis(flags, np.argpartition(offered, needed - 1, axis=0)[:needed], True, axis=0)
    return flags


class PathBound:
    """Tells which sets of items can still grow into a minimal cut set; it never refuses one that can."""

    def __init__(self, on_path: Words) -> None:
        self._on_path = on_path
        self._counts = np.bitwise_count(on_path).astype(np.int64)
        self._reach = np.append(0, np.cumsum(np.sort(self._counts)[::-1]))
        self._apart: Words | None = None
        """Per item the items that it is in no wanted set with, one bit each."""
        self._most_new = np.zeros(0, dtype=np.int64)
        """Per item the most paths that one item beside it adds, where it can be in a set with it."""

    def cover(self, rows: Ints) -> Words:
        """Give the paths that each set hits, one word per set."""
        covered = np.zeros(len(rows), dtype=np.uint64)
        for column in range(rows.shape[1]):
            covered |= self._on_path[rows[:, column]]
        return covered

    def reach(self, more: int) -> int:
        """Give how many paths `more` items hit at the most."""
        return int(self._reach[min(more, len(self._reach) - 1)])

    def exclude_pairs(self, pairs: Ints) -> None:
        """Take in that no wanted set contains any of these pairs; left undone where there are too many items."""
        size = len(self._on_path)
        if size > _MAX_APART:
            return
        apart = np.zeros((size, 64 * -(-size // 64)), dtype=np.bool_)
        apart[pairs[:, 0], pairs[:, 1]] = apart[pairs[:, 1], pairs[:, 0]] = True
        self._apart = _pack_flags(apart)
        self._most_new = np.zeros(size, dtype=np.int64)
        for item in range(size):
            new = np.bitwise_count(self._on_path & ~self._on_path[item])
            self._most_new[item] = np.where(apart[item, :size], 0, new).max(initial=0)
        for more in range(2, len(self._reach)):
            together = int((self._counts + (more - 1) * self._most_new).max(initial=0))
            self._reach[more] = min(self._reach[more], together)

    def can_grow(self, rows: Ints, more: int) -> Flags:
        """Flag the sets of which a cut set may be left after at most `more` items have been added."""
        covered = self.cover(rows)
        fits = count_missing(covered) <= self.reach(more)
        if self._apart is not None:
            fits &= ~_hold_pair(self._apart, rows)
        left = np.flatnonzero(fits)
        different, back = np.unique(covered[left], return_inverse=True)
        if more and len(different) * len(self._on_path) <= _MAX_STEPS:
            following = self._list_following(different, more)
            step = max(1, _MAX_STEPS // (64 * max(1, following.shape[1])))
            for begin in range(0, len(left), step):
                picked = left[begin : begin + step]
                next_items = following[back[begin : begin + step]]
                if self._apart is not None:
                    for column in range(rows.shape[1]):
                        next_items &= ~self._apart[rows[picked, column]]
                fits[picked] = next_items.any(axis=1)
        return fits

    def _list_following(self, covered: Words, more: int) -> Words:
        """Give, one bit each, the items after which the other `more` - 1 may hit what is left of the paths."""
        size = len(self._on_path)
        after = (more - 1) * self._most_new if len(self._most_new) else self.reach(more - 1)
        flags = np.zeros((len(covered), 64 * -(-size // 64)), dtype=np.bool_)
        step = max(1, 2**18 // size)
        for first in range(0, len(covered), step):
            flags[first : first + step, :size] = (
                count_missing(covered[first : first + step, None] | self._on_path) <= after
            )
        return _pack_flags(flags)


def count_missing(covered: Words) -> NDArray[np.uint8]:
    """Count the paths that are not hit."""
    return np.asarray(np.bitwise_count(~covered))


def _hold_pair(apart: Words, rows: Ints) -> Flags:
    """Flag the sets that contain a pair of items that stand apart."""
    held = np.zeros(len(rows), dtype=np.bool_)
    for one, other in combinations(range(rows.shape[1]), 2):
        word = apart[rows[:, one], rows[:, other] // 64]
        held |= (word >> (rows[:, other] % 64).astype(np.uint64)) & np.uint64(1) != 0
    return held
