"""Cut sets of one order more: what brings down enough members of a redundant group, out of what brings down each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import comb

import numpy as np

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.estate.adjacency import Ints
from eendracht.kernel.estate.small_sets import Family, SetSpace, unite
from eendracht.kernel.estate.success_paths import PathBound, count_missing

MAX_PAIRS = 2_000_000_000
MAX_UNIONS = 50_000_000
MAX_SETS = 10_000_000
"""So many pairs are compared, unions made of them, and sets held, for one order."""

_AT_ONCE = 2**18
_NOTHING: Family = {0: np.zeros((1, 0), dtype=np.int32)}


class TooManyCutSets(EendrachtError):
    """There are more cut sets, or more sets on the way to them, than may be held; nothing is cut short in silence."""

    code = "too-many-cut-sets"
    status = 422
    title_nl = "Er zijn te veel combinaties van uitval"
    title_en = "There are too many cut sets"
    default_hint = "Ask for a lower order, or for fewer candidates."


class Growth:
    """Makes the sets of an order that can still become, or be, a cut set of at most `max_order` items."""

    def __init__(self, space: SetSpace, bound: PathBound, max_order: int) -> None:
        self._space, self._bound, self._max_order = space, bound, max_order
        self._pairs = self._unions = self._sets = 0

    def keep_growing(self, family: Family) -> Family:
        """Give the sets of a family that can still grow into a cut set."""
        kept = {size: sets[self._bound.can_grow(sets, self._max_order - size)] for size, sets in family.items()}
        return {size: sets for size, sets in kept.items() if len(sets)}

    def grow(self, members: Sequence[Family], needed: int, order: int) -> Ints:
        """Give sets of exactly `order` items that hold, for `needed` of the members, a set of that member.

        All minimal ones are among them, as far as they can be part of a cut set and each member's own set is smaller.
        Raises TooManyCutSets.
        """
        members = sorted((family for family in members if family), key=lambda family: sum(map(len, family.values())))
        if not self._may_yield(members, needed, order):
            return np.zeros((0, order), dtype=np.int32)
        reached: list[Family] = [_NOTHING, *({} for _ in range(needed))]
        for place, family in enumerate(members):
            left = len(members) - place - 1
            for lost in range(min(needed - 1, place), -1, -1):
                if reached[lost]:
                    smallest = order if lost + 1 == needed else 0
                    counted, missed = self._add_member(reached[lost], family, smallest, order)
                    reached[lost + 1] = self._space.gather([reached[lost + 1], *counted])
                    reached[lost] = missed if needed - lost <= left else {}
        return reached[needed].get(order, np.zeros((0, order), dtype=np.int32))

    def _may_yield(self, members: Sequence[Family], needed: int, order: int) -> bool:
        """Tell whether so few items can bring down enough of these members, and then more than this group."""
        if len(members) < needed:
            return False
        most, covered = 0, np.zeros(1, dtype=np.uint64)
        for size in range(1, order):
            rows = [family[size] for family in members if size in family]
            if rows:
                together = np.concatenate(rows)
                keys = np.sort(self._space.pack(together))
                begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
                most += comb(order, size) * int(np.diff(np.append(begins, len(keys))).max())
                covered |= np.bitwise_or.reduce(self._bound.cover(together))
        return most >= needed and int(count_missing(covered)[0]) <= self._bound.reach(self._max_order - order)

    def _add_member(self, sets: Family, family: Family, smallest: int, order: int) -> tuple[list[Family], Family]:
        """Give what also brings down one more member, and the sets that do not do so by themselves.

        A set that does is counted as it is, and so is a set of the member that holds one of the sets: to join these
        with others would make nothing minimal.
        """
        counted: list[Family] = []
        missed: Family = {}
        for size, rows in sets.items():
            does = self._space.contain_any(rows, family)
            counted.append({size: rows[does]})
            if not does.all():
                missed[size] = rows[~does]
        for size, rows in family.items():
            holds = self._space.contain_any(rows, missed)
            counted.append({size: rows[holds]})
            others = rows[~holds]
            if len(others):
                counted += [self._join(known, others, smallest, order) for known in missed.values()]
        return counted, missed

    def _join(self, left: Ints, right: Ints, smallest: int, order: int) -> Family:
        """Give the unions of all pairs that have a size in smallest..order and can still grow."""
        parts: list[Family] = []
        whole = left.shape[1] + right.shape[1]
        overlap = max(1, whole - order)
        if overlap <= min(left.shape[1], right.shape[1]):
            self._pairs += self._space.count_overlapping(left, right, overlap)
            self._check()
            first, second = self._space.pair_overlapping(left, right, overlap)
            for begin in range(0, len(first), _AT_ONCE):
                chosen = slice(begin, begin + _AT_ONCE)
                parts += self._select(left[first[chosen]], right[second[chosen]], smallest, min(order, whole - 1))
        if smallest <= whole <= order:
            for one, other in self._pair_promising(left, right, self._max_order - whole):
                parts += self._select(left[one], right[other], whole, whole)
        return self._space.gather(parts)

    def _pair_promising(self, left: Ints, right: Ints, more: int) -> Iterator[tuple[Ints, Ints]]:
        """Yield the places of pairs that together hit enough success paths."""
        self._pairs += len(left) * len(right)
        self._check()
        of_left, of_right = self._bound.cover(left), self._bound.cover(right)
        step = max(1, _AT_ONCE // len(right))
        for begin in range(0, len(left), step):
            missing = count_missing(of_left[begin : begin + step, None] | of_right)
            one, other = np.nonzero(missing <= self._bound.reach(more))
            if len(one):
                yield one + begin, other

    def _select(self, left: Ints, right: Ints, smallest: int, largest: int) -> Iterator[Family]:
        """Yield the unions of rows at the same place that have a wanted size and can still grow."""
        for size, rows in unite(left, right):
            if smallest <= size <= largest:
                self._unions += len(rows)
                rows = self._space.drop_repeats(rows)
                rows = rows[self._bound.can_grow(rows, self._max_order - size)]
                self._sets += len(rows)
                self._check()
                yield {size: rows}

    def _check(self) -> None:
        if self._pairs > MAX_PAIRS or self._unions > MAX_UNIONS or self._sets > MAX_SETS:
            raise TooManyCutSets("More combinations have to be held on the way than there is room for.")
