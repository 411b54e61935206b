"""Redundancy on paper: one cause that takes several members of a redundant group at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eendracht.kernel.estate.adjacency import Adjacency
from eendracht.kernel.estate.model import Case, Estate
from eendracht.kernel.estate.propagation import propagate
from eendracht.kernel.estate.small_sets import list_bits
from eendracht.kernel.estate.sweep import BitCalculus, check_scenarios, list_scenarios, seed_chunk

_CHUNK_BYTES = 2**26


@dataclass(frozen=True, slots=True)
class SharedCause:
    """Candidate `candidate` alone brings down these `members` (nodes) of run group `group`, two or more.

    `stops` says that too few are left, so that the consumer falls with them.
    """

    group: int
    candidate: int
    members: tuple[int, ...]
    stops: bool


def find_shared_causes(estate: Estate, *, unknown: Case, candidates: Adjacency | None = None) -> list[SharedCause]:
    """Find every candidate that by itself brings down at least two members of a redundant run group.

    A candidate is a set of nodes that fail together (`list_scenarios` packs them); without `candidates` it is each node
    by itself. Unresolved providers, which are not one cause, do not count as members. By group, then by candidate.
    Raises InvalidInput for a candidate with a node that the estate lacks.
    """
    if candidates is None:
        candidates = list_scenarios(np.arange(len(estate))[:, None])
    check_scenarios(estate, candidates)
    table, plan = estate.run, estate.plan
    groups = np.flatnonzero((table.k < table.sizes) & (table.sizes > 1))
    count = len(candidates.indptr) - 1
    found = []
    width = max(1, min(-(-count // 64), _CHUNK_BYTES // (8 * max(1, plan.row_count))))
    words = np.empty((plan.row_count, width), dtype=np.uint64)
    for first in range(0, count, 64 * width):
        words[:] = 0
        seed_chunk(words, plan, candidates, first, unknown)
        propagate(plan, words, BitCalculus())
        for group in groups.tolist():
            nodes = table.provider[table.members_of(group)]
            nodes = nodes[nodes < len(estate)]
            lost = words[plan.row_of_node[nodes]]
            several = np.zeros(width, dtype=np.uint64)
            for place in range(1, len(nodes)):
                several |= lost[place] & np.bitwise_or.reduce(lost[:place], axis=0)
            for bit in list_bits(several[None])[1].tolist():
                down = (lost[:, bit // 64] >> np.uint64(bit % 64)) & np.uint64(1) != 0
                gone = int(down.sum()) + (unknown == "worst") * (int(table.sizes[group]) - len(nodes))
                stops = gone > int(table.sizes[group] - table.k[group])
                found.append(SharedCause(group, first + bit, tuple(nodes[down].tolist()), stops))
    return sorted(found, key=lambda cause: (cause.group, cause.candidate))
