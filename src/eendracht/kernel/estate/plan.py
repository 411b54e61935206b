"""The order of work over requirement groups: levels of gates, laid out so that numpy does all gates of a kind at once.

Every requirement becomes a *gate* that fails once m of its n inputs have failed. A group with k < n is a gate with
m = n - k + 1; a node is a gate with m = 1 over its redundant groups and the members of its other groups. (For recovery
it is the other way round: a group is up with k of n, a node with all.) Gates of one level and one shape (m, n) stand in
consecutive *rows*; a row reads rows of lower levels only, except where the estate has cycles: those reads are the
`back_reads`, after which a sweep has to visit the reader again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.estate.adjacency import Adjacency, Flags, Ints, expand_ranges, group_by, offsets_of
from eendracht.kernel.estate.groups import GroupTable

_MAX_HEIGHT_ROUNDS = 64
_SETTLED_HEIGHT = 0.01


@dataclass(frozen=True, slots=True)
class Bucket:
    """Gates of one shape in consecutive rows: fails once `threshold` of the inputs have failed.

    `inputs` has shape (n, gates); `delays` in seconds has the same shape, or is None where all are zero.
    """

    first_row: int
    threshold: int
    inputs: Ints
    delays: Ints | None

    @property
    def end_row(self) -> int:
        """First row after the bucket."""
        return self.first_row + int(self.inputs.shape[1])


@dataclass(frozen=True, slots=True)
class Plan:
    """Buckets in working order; `row_of_node` has one entry per node plus one for the unresolved provider.

    `readers` lists per row the rows that read it; `back_reads` has two lines: a reader, and a row of the same or a
    later bucket that it reads.
    """

    row_count: int
    row_of_node: Ints
    buckets: tuple[Bucket, ...]
    readers: Adjacency
    back_reads: Ints


def order_levels(groups: GroupTable) -> Ints:
    """Give each node a level above the levels of its providers, as far as cycles allow.

    Nodes without groups, and the unresolved provider (the last entry), are on level 0. Where cycles are left, nodes get
    a height first and edges that do not go up are set aside. Any order is right; a good one saves sweeps.
    """
    size = groups.node_count + 1
    consumers = groups.consumer[groups.group_of_member]
    level, placed = _peel(consumers, groups.provider, size)
    if placed.all():
        return level
    height = _estimate_heights(consumers, groups.provider, level, placed)
    upward = placed[groups.provider] | (height[groups.provider] < height[consumers])
    return _peel(consumers[upward], groups.provider[upward], size)[0]


def _peel(consumers: Ints, providers: Ints, size: int) -> tuple[Ints, Flags]:
    """Take away, level after level, the nodes that wait for nothing (Kahn, 1962); nodes on or after cycles remain."""
    readers = group_by(providers, consumers, size)
    waiting_for = np.bincount(consumers, minlength=size)
    level = np.zeros(size, dtype=np.int32)
    placed = np.zeros(size, dtype=np.bool_)
    front = np.flatnonzero(waiting_for == 0)
    current = 0
    while len(front):
        placed[front] = True
        level[front] = current
        current += 1
        reached = readers.of_all(front)
        np.subtract.at(waiting_for, reached, 1)
        front = np.unique(reached[waiting_for[reached] == 0])
    return level, placed


def _estimate_heights(consumers: Ints, providers: Ints, level: Ints, placed: Flags) -> NDArray[np.float64]:
    """Give nodes on cycles a height one above the mean of their providers plus half the spread.

    These are trophic levels (Levine, 1980) with a term that keeps them from falling below their higher providers; a few
    edges that close cycles hardly move them, so that most other edges go up.
    """
    size = len(level)
    known = placed[consumers]
    consumers, providers = consumers[~known], providers[~known]
    counts = np.maximum(np.bincount(consumers, minlength=size), 1)
    height = level.astype(np.float64)
    for _ in range(_MAX_HEIGHT_ROUNDS):
        below = height[providers]
        mean = np.bincount(consumers, weights=below, minlength=size) / counts
        square = np.bincount(consumers, weights=below * below, minlength=size) / counts
        spread = np.sqrt(np.maximum(square - mean * mean, 0.0))
        raised = np.where(placed, height, 1.0 + mean + spread / 2)
        moved = np.abs(raised - height).sum() / max(1, len(consumers))
        height = raised
        if moved < _SETTLED_HEIGHT:
            break
    return height


def build_plan(groups: GroupTable, *, recovery: bool = False) -> Plan:
    """Lay out the gates of all groups in working order; takes about half a second per million members.

    For `recovery` the gates tell when things are up instead of down: a group once k of n members are, a node once all
    of its groups are; buffers do not count.
    """
    gates = _list_gates(groups, recovery)
    order = np.lexsort((gates.sizes, gates.threshold, gates.is_node, gates.level))
    row_of_gate = np.empty(len(order), dtype=np.int32)
    row_of_gate[order] = np.arange(len(order), dtype=np.int32)
    inputs = row_of_gate[gates.inputs]
    buckets = tuple(_cut_buckets(gates, order, inputs))
    reading = np.repeat(row_of_gate, gates.sizes)
    readers = group_by(inputs, reading, len(order))
    bucket_start = np.zeros(len(order), dtype=np.int32)
    for bucket in buckets:
        bucket_start[bucket.first_row : bucket.end_row] = bucket.first_row
    back = inputs >= bucket_start[reading]
    back_reads = np.stack([reading[back], inputs[back]])
    return Plan(len(order), row_of_gate[: groups.node_count + 1], buckets, readers, back_reads)


@dataclass(frozen=True, slots=True)
class _Gates:
    """Gate i < nodes + 1 is a node, the rest are redundant groups; inputs are gate numbers, in gate order."""

    level: Ints
    is_node: Flags
    threshold: Ints
    sizes: Ints
    indptr: Ints
    inputs: Ints
    delays: Ints


def _list_gates(groups: GroupTable, recovery: bool) -> _Gates:
    nodes = groups.node_count + 1
    level = order_levels(groups)
    redundant = groups.k < groups.sizes
    redundant_groups = np.flatnonzero(redundant)
    gate_of_group = nodes + np.cumsum(redundant) - 1
    plain = ~redundant[groups.group_of_member]
    plain_group = groups.group_of_member[plain]

    node_readers = np.concatenate([groups.consumer[plain_group], groups.consumer[redundant_groups]])
    node_inputs = np.concatenate([groups.provider[plain], gate_of_group[redundant_groups].astype(np.int32)])
    node_delays = np.concatenate([groups.buffer_seconds[plain_group], groups.buffer_seconds[redundant_groups]])
    order = np.argsort(node_readers, kind="stable")

    sizes = np.concatenate([np.bincount(node_readers, minlength=nodes), groups.sizes[redundant_groups]])
    if recovery:
        threshold = np.concatenate([sizes[:nodes], groups.k[redundant_groups]])
    else:
        threshold = np.concatenate([np.ones(nodes, np.int64), (groups.sizes - groups.k + 1)[redundant_groups]])
    return _Gates(
        level=np.concatenate([level, level[groups.consumer[redundant_groups]]]),
        is_node=np.arange(len(sizes)) < nodes,
        threshold=threshold,
        sizes=sizes,
        indptr=offsets_of(sizes),
        inputs=np.concatenate([node_inputs[order], groups.provider[~plain]]),
        delays=np.concatenate([node_delays[order] * (not recovery), np.zeros(int((~plain).sum()), np.int64)]),
    )


def _cut_buckets(gates: _Gates, order: Ints, inputs: Ints) -> list[Bucket]:
    """Cut the ordered gates where level, role, threshold or size changes, and gather their inputs by column."""
    shape = np.stack([gates.level[order], gates.is_node[order], gates.threshold[order], gates.sizes[order]])
    edges = np.flatnonzero((shape[:, 1:] != shape[:, :-1]).any(axis=0)) + 1
    buckets = []
    for first, end in zip([0, *edges.tolist()], [*edges.tolist(), len(order)], strict=True):
        members = order[first:end]
        size = int(gates.sizes[members[0]])
        if size == 0:
            continue
        at = expand_ranges(gates.indptr[members], gates.sizes[members]).reshape(-1, size).T
        delays = gates.delays[at]
        buckets.append(
            Bucket(
                first,
                int(gates.threshold[members[0]]),
                np.ascontiguousarray(inputs[at]),
                np.ascontiguousarray(delays) if delays.any() else None,
            )
        )
    return buckets
