"""Requirement groups in arrays: which consumer needs at least k of which providers, and how long it lasts without."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eendracht.kernel.estate.adjacency import Adjacency, Flags, Ints, expand_ranges, group_by, offsets_of

TESTED, UNTESTED, NOT_STATED = 1, 0, -1


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

    def select_members(self, keep: Flags) -> GroupTable:
        """Give the same groups with only the members in `keep`; the caller leaves at least k in each."""
        sizes = np.add.reduceat(keep, self.indptr[:-1], dtype=np.int64) if len(self) else self.sizes
        return GroupTable(
            self.node_count,
            self.consumer,
            self.k,
            self.buffer_seconds,
            self.source,
            offsets_of(sizes),
            self.provider[keep],
            self.switch_seconds[keep],
            self.tested[keep],
            self.place[keep],
        )

    def select_groups(self, groups: Ints) -> GroupTable:
        """Give the groups named by index, in that order."""
        sizes = self.sizes[groups]
        members = expand_ranges(self.indptr[groups], sizes)
        return GroupTable(
            self.node_count,
            self.consumer[groups],
            self.k[groups],
            self.buffer_seconds[groups],
            self.source[groups],
            offsets_of(sizes),
            self.provider[members],
            self.switch_seconds[members],
            self.tested[members],
            self.place[members],
        )
