"""What a target rests on, laid out for cut sets: the part of the estate below it, and an item for each candidate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.estate.adjacency import Adjacency, Flags, Ints, expand_ranges, offsets_of
from eendracht.kernel.estate.groups import GroupTable
from eendracht.kernel.estate.model import Estate
from eendracht.kernel.estate.plan import Plan, build_plan
from eendracht.kernel.estate.propagation import propagate
from eendracht.kernel.estate.sweep import BitCalculus

Words: TypeAlias = NDArray[np.uint64]

_CACHE_BYTES = 2**21
_CYCLIC_BYTES = 2**26
"""Space for the words of one chunk: what a cache holds, and more where rows in cycles have to be visited again."""


@dataclass(frozen=True, slots=True)
class Redundancy:
    """A redundant group: it falls once `needed` of its members have; a member is a place in `CutSystem.member_rows`."""

    needed: int
    members: tuple[int, ...]


class CutSystem:
    """The nodes below a target that have not fallen yet, and the items that can bring them down.

    An item is a candidate: a leaf that all its nodes need. `redundancies` are the distinct redundant groups.
    """

    def __init__(self, estate: Estate, target: int, candidates: Adjacency, fallen: Flags) -> None:
        table, target, item_base = _cut_out(estate.run, target, candidates, fallen)
        self.plan: Plan = build_plan(table)
        self.target_row = int(self.plan.row_of_node[target])
        self.item_rows = self.plan.row_of_node[item_base : table.node_count]
        redundant = np.flatnonzero(table.k < table.sizes)
        members = np.unique(table.select_groups(redundant).provider)
        self.member_rows = self.plan.row_of_node[members]
        found: dict[Redundancy, None] = {}
        for group in redundant.tolist():
            places = np.searchsorted(members, np.sort(table.provider[table.members_of(group)]))
            found[Redundancy(int(table.sizes[group] - table.k[group] + 1), tuple(places.tolist()))] = None
        self.redundancies = list(found)

    @cached_property
    def chunk(self) -> int:
        """Number of sets that go through a sweep at once."""
        space = _CYCLIC_BYTES if self.plan.back_reads.size else _CACHE_BYTES
        return 64 * min(512, max(32, space // (8 * self.plan.row_count)))

    def sweep(self, sets: Ints) -> Words:
        """Give what each set of items brings down: one line of bits per row of the plan, one bit per set."""
        words = np.zeros((self.plan.row_count, -(-len(sets) // 64)), dtype=np.uint64)
        number = np.arange(len(sets))
        bit = np.left_shift(np.uint64(1), (number % 64).astype(np.uint64))
        flat = words.reshape(-1)
        for column in range(sets.shape[1]):
            np.add.at(flat, self.item_rows[sets[:, column]] * np.int64(words.shape[1]) + number // 64, bit)
        propagate(self.plan, words, BitCalculus())
        return words

    def cut_chunks(self, sets: Ints) -> Iterator[Ints]:
        """Yield the sets in chunks."""
        for first in range(0, len(sets), self.chunk):
            yield sets[first : first + self.chunk]


def _cut_out(table: GroupTable, target: int, candidates: Adjacency, fallen: Flags) -> tuple[GroupTable, int, int]:
    """Give the groups below a target with renumbered nodes, the items behind them; then the target and first item."""
    below = _list_below(table, target, fallen)
    number = np.full(table.node_count + 1, -1, dtype=np.int64)
    number[below] = np.arange(len(below))
    item_count = len(candidates.indptr) - 1
    nodes = len(below) + item_count
    groups = table.select_groups(np.flatnonzero(number[table.consumer] >= 0))
    groups = groups.select_members(~fallen[groups.provider])
    number[table.node_count] = nodes
    groups = replace(groups, node_count=nodes, consumer=number[groups.consumer], provider=number[groups.provider])
    item = len(below) + np.repeat(np.arange(item_count), np.diff(candidates.indptr))
    at = number[candidates.values]
    hits = (at >= 0) & (at < nodes)
    return groups.join(_tabulate_items(nodes, at[hits], item[hits])), int(number[target]), len(below)


def _list_below(table: GroupTable, target: int, fallen: Flags) -> Ints:
    """Give the nodes that have not fallen among the target and all that it rests on, without the unresolved one."""
    seen = fallen.copy()
    seen[-1] = True
    found, front = [], np.array([target])
    while len(front):
        seen[front] = True
        found.append(front)
        begin = table.consumer_indptr[front]
        groups = expand_ranges(begin, table.consumer_indptr[front + 1] - begin)
        providers = table.provider[expand_ranges(table.indptr[groups], table.sizes[groups])]
        front = np.unique(providers[~seen[providers]])
    return np.sort(np.concatenate(found))


def _tabulate_items(node_count: int, consumers: Ints, items: Ints) -> GroupTable:
    """Give a group of one for each node that an item brings down."""
    count = len(items)
    order = np.argsort(consumers, kind="stable")
    nothing = np.zeros(count, dtype=np.int64)
    return GroupTable(
        node_count=node_count,
        consumer=consumers[order],
        k=np.ones(count, dtype=np.int64),
        buffer_seconds=nothing,
        source=nothing,
        indptr=offsets_of(np.ones(count, dtype=np.int64)),
        provider=items[order],
        switch_seconds=nothing,
        tested=nothing,
        place=nothing,
    )
