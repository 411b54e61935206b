"""The search for cut sets, order by order.

A cut set of order n that no smaller one contains brings down, somewhere on the way to the target, a redundant group of
which each lost member falls to fewer than n of its items: take the first node, in the order in which things fall, that
needs all n. So the sets of order n are unions of smaller ones over the members of one group; every such union is made,
swept, and kept per member where no smaller set does the same. Cycles change nothing, since what falls in a least fixed
point always falls in some order. Items that bring down the same members of redundant groups by themselves stand for one
another in every set, so that only one of each kind is searched with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eendracht.kernel.estate.adjacency import Adjacency, Ints, group_by
from eendracht.kernel.estate.cut_growth import Growth, TooManyCutSets
from eendracht.kernel.estate.cut_system import CutSystem, Words
from eendracht.kernel.estate.small_sets import Family, SetSpace, list_bits
from eendracht.kernel.estate.success_paths import PathBound, draw_success_paths

MAX_EFFECTS = 200_000_000
"""So many pairs of an item and a member that it brings down are held."""


def search_cut_sets(system: CutSystem, max_order: int, most: int) -> Iterator[Ints]:
    """Yield the minimal cut sets of each order from 1 to `max_order`, as rows of items; raises TooManyCutSets."""
    alone, item, member = _sweep_alone(system)
    yield alone[:, None]
    if len(alone) > most:
        raise TooManyCutSets("More cut sets were found than may be given.")
    twins = _find_twins(item, member, alone, len(system.item_rows))
    if max_order > 1 and len(twins):
        yield from _Search(system, twins, max_order, most - len(alone)).run()


def _sweep_alone(system: CutSystem) -> tuple[Ints, Ints, Ints]:
    """Give the items that stop the target alone, and all pairs of an item and a member that it brings down."""
    alone, items, members, held = [], [], [], 0
    every = np.arange(len(system.item_rows))[:, None]
    for chunk in system.cut_chunks(every):
        words = system.sweep(chunk)
        alone.append(chunk[list_bits(words[system.target_row][None])[1], 0])
        member, place = list_bits(words[system.member_rows])
        items.append(chunk[place, 0])
        members.append(member)
        held += len(member)
        if held > MAX_EFFECTS:
            raise TooManyCutSets("Too many things depend on one another below this target.")
    empty = [np.zeros(0, dtype=np.int64)]
    return np.concatenate(alone + empty), np.concatenate(items + empty), np.concatenate(members + empty)


@dataclass(frozen=True, slots=True)
class _Twins:
    """Kinds of items: `of_kind` lists the items of a kind, `members` what each kind brings down by itself."""

    of_kind: Adjacency
    members: Adjacency

    def __len__(self) -> int:
        return len(self.of_kind.indptr) - 1


def _find_twins(item: Ints, member: Ints, alone: Ints, items: int) -> _Twins:
    """Put items that bring down the same members into one kind; those that stop the target, or nothing, into none."""
    effects = group_by(item, member, items)
    kinds: dict[bytes, list[int]] = {}
    for number in np.setdiff1d(item, alone).tolist():
        kinds.setdefault(np.sort(effects.of(number)).tobytes(), []).append(number)
    sizes = np.array([len(same) for same in kinds.values()], dtype=np.int64)
    of_kind = np.array([number for same in kinds.values() for number in same], dtype=np.int64)
    first = [same[0] for same in kinds.values()]
    counts = np.array([len(effects.of(number)) for number in first], dtype=np.int64)
    values = [effects.of(number) for number in first] or [np.zeros(0, dtype=np.int64)]
    return _Twins(
        group_by(np.repeat(np.arange(len(sizes)), sizes), of_kind, len(sizes)),
        group_by(np.repeat(np.arange(len(counts)), counts), np.concatenate(values), len(counts)),
    )


class _Search:
    """The orders from 2 on, over kinds of items."""

    def __init__(self, system: CutSystem, twins: _Twins, max_order: int, most: int) -> None:
        self._system, self._twins, self._max_order, self._left = system, twins, max_order, most
        self._first_item = twins.of_kind.values[twins.of_kind.indptr[:-1]]
        self._space = SetSpace(len(twins))
        kind = np.repeat(np.arange(len(twins), dtype=np.int32), np.diff(twins.members.indptr))
        by_member = group_by(twins.members.values, kind, len(system.member_rows))
        self._families: list[Family] = [
            {1: by_member.of(member)[:, None]} if len(by_member.of(member)) else {}
            for member in range(len(system.member_rows))
        ]

    def run(self) -> Iterator[Ints]:
        """Yield the cut sets of each order, as rows of items."""
        system = self._system
        bound = PathBound(draw_success_paths(system.plan, system.target_row, system.item_rows[self._first_item]))
        for order in range(2, self._max_order + 1):
            growth = Growth(self._space, bound, self._max_order)
            self._families = [growth.keep_growing(family) for family in self._families]
            grown = (
                growth.grow([self._families[member] for member in group.members], group.needed, order)
                for group in self._system.redundancies
            )
            nothing = np.zeros((0, order), dtype=np.int32)
            sets = self._space.gather({order: rows} for rows in grown).get(order, nothing)
            cuts = np.concatenate([nothing, *self._sift(sets, order)])
            if order == 2 and len(cuts):
                bound.exclude_pairs(cuts)
            yield self._spell_out(cuts)

    def _sift(self, sets: Ints, order: int) -> Iterator[Ints]:
        """Yield the minimal cut sets among these; before the last order, add the others where they are minimal."""
        system, last = self._system, order == self._max_order
        found: list[list[Ints]] = [[] for _ in self._families]
        for chunk in system.cut_chunks(sets):
            words = self._sweep(chunk)
            if last:
                chunk = chunk[list_bits(words[system.target_row][None])[1]]
                words = self._sweep(chunk)
            target, members = words[system.target_row], words[system.member_rows]
            before = np.zeros_like(target)
            for left_out in range(order):
                fewer = self._sweep(np.delete(chunk, left_out, axis=1))
                before |= fewer[system.target_row]
                members &= ~fewer[system.member_rows]
            cuts = chunk[list_bits((target & ~before)[None])[1]]
            self._count(cuts)
            yield cuts
            member, place = list_bits(members & ~(target | before))
            for one in () if last else np.unique(member).tolist():
                found[one].append(chunk[place[slice(*np.searchsorted(member, (one, one + 1)))]])
        for family, rows in zip(self._families, found, strict=True):
            if rows:
                family[order] = np.concatenate(rows)

    def _sweep(self, kinds: Ints) -> Words:
        return self._system.sweep(self._first_item[kinds])

    def _count(self, cuts: Ints) -> None:
        """Take off what these kinds stand for from what may still be found."""
        many = np.diff(self._twins.of_kind.indptr)[cuts].prod(axis=1, dtype=np.float64)
        self._left -= int(min(many.sum(), 2.0**62))
        if self._left < 0:
            raise TooManyCutSets("More cut sets were found than may be given.")

    def _spell_out(self, cuts: Ints) -> Ints:
        """Put the items in the place of their kinds, every combination once."""
        of_kind = self._twins.of_kind
        rows = cuts.astype(np.int64)
        for column in range(rows.shape[1]):
            kinds = rows[:, column]
            counts = of_kind.indptr[kinds + 1] - of_kind.indptr[kinds]
            items = of_kind.of_all(kinds)
            rows = np.repeat(rows, counts, axis=0)
            rows[:, column] = items
        return rows
