"""Requirement groups in arrays: which consumer needs at least k of which providers, and how long it lasts without."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eendracht.kernel.estate.adjacency import Adjacency, Flags, Ints, expand_ranges, group_by, offsets_of

TESTED, UNTESTED, NOT_STATED = 1, 0, -1

_PER_GROUP = ("consumer", "k", "buffer_seconds", "source")
_PER_MEMBER = ("provider", "switch_seconds", "tested", "place")
_COLUMNS = (*_PER_GROUP, *_PER_MEMBER)


@dataclass(frozen=True, eq=False)
class GroupTable:
    """All groups of one phase, sorted by consumer; group g has the members `indptr[g]:indptr[g + 1]`.

    One entry per group: `consumer`, `k`, `buffer_seconds` and `source` (the position in the input). One per member:
    `provider` (node index, or the number of nodes for an unresolved reference), `switch_seconds` (0 where the member
    takes over by itself), `tested` (1 yes, 0 no, -1 not stated) and `place` (in the group, as given). The first k
    members of a group serve from the start; the others are its alternatives.
    """

    node_count: int
    consumer: Ints
    k: Ints
    buffer_seconds: Ints
    source: Ints
    indptr: Ints
    provider: Ints
    switch_seconds: Ints
    tested: Ints
    place: Ints

    def __len__(self) -> int:
        return len(self.consumer)

    @cached_property
    def sizes(self) -> Ints:
        """Number of members per group."""
        return np.diff(self.indptr)

    @cached_property
    def group_of_member(self) -> Ints:
        """Group index per member."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.sizes)

    @cached_property
    def consumer_indptr(self) -> Ints:
        """Where the groups of each node begin; the groups of node v are `[v]:[v + 1]`."""
        return offsets_of(np.bincount(self.consumer, minlength=self.node_count + 1))

    @cached_property
    def memberships(self) -> Adjacency:
        """Per provider the positions in `provider` at which it stands."""
        positions = np.arange(len(self.provider), dtype=np.int32)
        return group_by(self.provider, positions, self.node_count + 1)

    def groups_of(self, node: int) -> range:
        """Give the groups that a node needs."""
        return range(int(self.consumer_indptr[node]), int(self.consumer_indptr[node + 1]))

    def members_of(self, group: int) -> slice:
        """Give where the members of a group stand."""
        return slice(int(self.indptr[group]), int(self.indptr[group + 1]))

    def join(self, other: GroupTable) -> GroupTable:
        """Give the groups of both tables as one, sorted by consumer."""
        columns = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _COLUMNS}
        sizes = np.concatenate([self.sizes, other.sizes])
        table = GroupTable(node_count=self.node_count, indptr=offsets_of(sizes), **columns)
        return table.select_groups(np.argsort(table.consumer, kind="stable"))

    def select_members(self, keep: Flags) -> GroupTable:
        """Give the same groups with only the members in `keep`; the caller leaves at least k in each."""
        kept = np.bincount(self.group_of_member[keep], minlength=len(self))
        columns = {name: getattr(self, name) for name in _PER_GROUP}
        columns |= {name: getattr(self, name)[keep] for name in _PER_MEMBER}
        return GroupTable(node_count=self.node_count, indptr=offsets_of(kept), **columns)

    def select_groups(self, groups: Ints) -> GroupTable:
        """Give the groups named by index, in that order."""
        sizes = self.sizes[groups]
        members = expand_ranges(self.indptr[groups], sizes)
        columns = {name: getattr(self, name)[groups] for name in _PER_GROUP}
        columns |= {name: getattr(self, name)[members] for name in _PER_MEMBER}
        return GroupTable(node_count=self.node_count, indptr=offsets_of(sizes), **columns)
