"""Single points of failure: nodes whose failure alone stops at least one critical node."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eendracht.kernel.estate.adjacency import Adjacency, Flags, Ints, group_by
from eendracht.kernel.estate.fixpoint import find_fallen
from eendracht.kernel.estate.model import Case, Estate
from eendracht.kernel.estate.sweep import count_failing, list_scenarios

_BATCH = 2048


@dataclass(frozen=True, eq=False)
class SinglePoints:
    """`nodes` stop a critical node other than themselves; `exposed` are critical nodes that need no seed to stop.

    Only in the worst case, and only because of unresolved providers, is any node exposed; then `nodes` are judged by
    the other critical nodes.
    """

    nodes: Ints
    exposed: Ints
    unknown: Case


def find_single_points(estate: Estate, *, unknown: Case) -> SinglePoints:
    """Find every single point of failure among all nodes.

    Most follow without a run: who fails a single point directly is one too. What is left, nodes that may hit several
    members of a redundant group at once, is swept in batches, those nearest to the critical nodes first.
    """
    fallen = find_fallen(estate, (), unknown=unknown)
    exposed = np.flatnonzero(estate.critical & fallen[:-1])
    watched = np.flatnonzero(estate.critical & ~fallen[:-1])
    requirements = _Requirements(estate, fallen, watched)
    single = requirements.close_directly(watched)
    left = np.flatnonzero((requirements.may_surprise & ~single)[:-1])
    left = left[np.argsort(-estate.plan.row_of_node[left], kind="stable")]
    while len(left):
        batch, left = left[:_BATCH], left[_BATCH:]
        hits = batch[count_failing(estate, list_scenarios(batch[:, None]), watched, unknown=unknown) > 0]
        single |= requirements.close_directly(hits)
        left = left[~single[left]]
    others = count_failing(estate, list_scenarios(watched[:, None]), watched, unknown=unknown) - 1
    single[watched] = others > 0
    return SinglePoints(np.flatnonzero(single[:-1]), exposed, unknown)


class _Requirements:
    """Who needs whom, as far as it leads to a watched node; nodes that have fallen already play no part.

    A membership is *direct* when the loss of that one member brings the consumer down.
    """

    def __init__(self, estate: Estate, fallen: Flags, watched: Ints) -> None:
        table, self._size = estate.run, len(estate) + 1
        gone = np.bincount(table.group_of_member[fallen[table.provider]], minlength=len(table))
        consumer = table.consumer[table.group_of_member]
        counts = ~fallen[table.provider] & ~fallen[consumer]
        leading = _close(group_by(consumer[counts], table.provider[counts], self._size), watched)
        counts &= leading[consumer]
        direct = counts & (table.sizes - table.k == gone)[table.group_of_member]
        self._direct = group_by(consumer[direct], table.provider[direct], self._size)
        pairs = np.unique(table.provider[counts] * np.int64(self._size) + consumer[counts])
        consumers = np.bincount(pairs // self._size, minlength=self._size)
        hits_directly = np.bincount(table.provider[direct], minlength=self._size) > 0
        self.may_surprise = hits_directly & (consumers > 1)
        """Nodes that bring something down directly and have another consumer: the rest fares as its one consumer."""

    def close_directly(self, nodes: Ints) -> Flags:
        """Flag the nodes and everything that brings one of them down through direct memberships."""
        return _close(self._direct, nodes)


def _close(providers: Adjacency, nodes: Ints) -> Flags:
    reached = np.zeros(len(providers.indptr) - 1, dtype=np.bool_)
    front = nodes
    while len(front):
        reached[front] = True
        found = providers.of_all(front)
        front = np.unique(found[~reached[found]])
    return reached
