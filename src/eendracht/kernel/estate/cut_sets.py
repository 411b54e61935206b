"""Minimal cut sets: what has to fail together, and no less, for a target to stop for good.

Failures are permanent: buffers and switch-over put a stop off and never prevent it, so run groups alone count, and the
least fixed point of `fixpoint` says what falls. The answer is exact; where it would be too large there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.estate.adjacency import Adjacency, Ints
from eendracht.kernel.estate.cut_search import search_cut_sets
from eendracht.kernel.estate.cut_system import CutSystem
from eendracht.kernel.estate.fixpoint import find_fallen
from eendracht.kernel.estate.model import Case, Estate
from eendracht.kernel.estate.sweep import check_scenarios

MOST_CUT_SETS = 1_000_000


@dataclass(frozen=True, eq=False)
class CutSets:
    """All minimal cut sets of a target up to an order, as numbers of candidates.

    `by_order[n]` has one row per cut set of n candidates, shape (sets, n), in lexicographic order. One set of order 0
    means that the target is down with no candidate failed. Candidate i is the node set `candidates.of(i)`.
    """

    estate: Estate
    target: int
    unknown: Case
    candidates: Adjacency
    by_order: tuple[Ints, ...]

    def __len__(self) -> int:
        return sum(map(len, self.by_order))

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        for rows in self.by_order:
            for row in rows.tolist():
                yield tuple(row)

    @property
    def max_order(self) -> int:
        """The order up to which every cut set is there."""
        return len(self.by_order) - 1

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of cut sets per order, from order 0 on."""
        return tuple(map(len, self.by_order))


def find_cut_sets(
    estate: Estate,
    target: int,
    *,
    max_order: int,
    unknown: Case,
    candidates: Adjacency | None = None,
    failed: Sequence[int] | Ints = (),
    most: int = MOST_CUT_SETS,
) -> CutSets:
    """Find every minimal cut set of at most `max_order` candidates.

    A candidate is a set of nodes that fail together (`list_scenarios` packs them); without `candidates` it is each node
    by itself, number for number, save the target. Nodes in `failed` are down from the start, and so are unresolved
    providers in the worst case; a candidate that brings down nothing more is in no cut set. Raises InvalidInput for
    nodes that the estate lacks, TooManyCutSets where there are more than `most` or too many on the way.
    """
    _check(estate, target, max_order, failed)
    if candidates is None:
        nodes = np.delete(np.arange(len(estate)), target)
        candidates = Adjacency(np.append(np.arange(target + 1), np.arange(target, len(estate))), nodes)
    check_scenarios(estate, candidates)
    fallen = find_fallen(estate, failed, unknown=unknown)
    found = [np.zeros((int(fallen[target]), 0), dtype=np.int64)]
    if not fallen[target] and max_order:
        system = CutSystem(estate, target, candidates, fallen)
        found += [_put_in_order(sets) for sets in search_cut_sets(system, max_order, most)]
    found += [np.zeros((0, order), dtype=np.int64) for order in range(len(found), max_order + 1)]
    return CutSets(estate, target, unknown, candidates, tuple(found))


def _put_in_order(sets: Ints) -> Ints:
    rows = np.sort(sets, axis=1)
    return rows[np.lexsort(rows.T[::-1])]


def _check(estate: Estate, target: int, max_order: int, failed: Sequence[int] | Ints) -> None:
    """Refuse what cannot be asked, all faults at once."""
    faults = []
    if not 0 <= target < len(estate):
        faults.append(Fault("/target", "unknown-node", f"Geen knooppunt: {target}.", f"No such node: {target}."))
    if max_order < 0:
        faults.append(Fault("/max_order", "bad-order", "De orde is kleiner dan 0.", "The order is less than 0."))
    for place, node in enumerate(failed):
        if not 0 <= node < len(estate):
            faults.append(
                Fault(f"/failed/{place}", "unknown-node", f"Geen knooppunt: {node}.", f"No such node: {node}.")
            )
    if faults:
        raise InvalidInput("These cut sets cannot be looked for.", faults=faults)
