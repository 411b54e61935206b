"""The smallest set of nodes to bring up by hand, so that everything that waits for itself in a circle comes back.

Each strongly connected set of waiting nodes can be settled by itself: what it waits for outside is up in the end
whatever is chosen inside. A set that holds itself down (each of its nodes lacks too many members within it) has to be
entered by hand somewhere; the search branches over such sets, the small ones first, and deepens until one choice starts
all. Sets that have no node in common give the bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eendracht.kernel.estate.adjacency import Flags, Ints
from eendracht.kernel.estate.components import list_components
from eendracht.kernel.estate.groups import GroupTable
from eendracht.kernel.estate.model import Case, Estate
from eendracht.kernel.estate.waves import find_stuck

MAX_STEPS = 20_000
"""So many choices are tried per strongly connected set before the best one so far is given without proof."""


@dataclass(frozen=True, slots=True)
class BlackStart:
    """`nodes` are brought up by hand; no fewer than `at_least` do, which proves the answer where both are equal.

    `hopeless` wait for something that never comes, with everything else up: unresolved providers in the worst case.
    """

    nodes: tuple[int, ...]
    at_least: int
    hopeless: tuple[int, ...]

    @property
    def is_smallest(self) -> bool:
        """Whether it is proved that no fewer nodes do."""
        return len(self.nodes) == self.at_least


def find_black_start(estate: Estate, down: Sequence[int] | Ints, *, unknown: Case) -> BlackStart:
    """Find which nodes to bring up by hand, with all own failures repaired, so that all comes up that can.

    Groups count as in `order_recovery`. Raises InvalidInput for nodes that the estate lacks.
    """
    stuck = find_stuck(estate, down, unknown=unknown)
    tables = (estate.run, estate.start)
    hopeless = _list_hopeless(tables, stuck, unknown)
    waiting = _Waiting(tables, stuck & ~hopeless, hopeless, unknown)
    chosen: list[int] = []
    at_least = 0
    for component in list_components(waiting.waits_for):
        if len(component) > 1:
            nodes, proved = _Circle(waiting.restrict(component)).search()
            chosen += nodes
            at_least += proved
    return BlackStart(tuple(sorted(chosen)), at_least, tuple(np.flatnonzero(hopeless).tolist()))


def _list_hopeless(tables: Sequence[GroupTable], stuck: Flags, unknown: Case) -> Flags:
    """Flag the stuck nodes that are in no set of nodes that could all be up together."""
    down = np.append(np.zeros(len(stuck), dtype=np.bool_), unknown == "worst")
    count = -1
    while count != (count := int(down.sum())):
        for table in tables:
            lost = np.bincount(table.group_of_member[down[table.provider]], minlength=len(table))
            fallen = table.consumer[lost > table.sizes - table.k]
            down[fallen[stuck[fallen]]] = True
    return down[:-1]


class _Waiting:
    """Per waiting node its groups that are not met from outside: how many of which waiting nodes each still needs."""

    def __init__(self, tables: Sequence[GroupTable], waiting: Flags, hopeless: Flags, unknown: Case) -> None:
        self._groups: dict[int, list[tuple[int, tuple[int, ...]]]] = {
            node: [] for node in np.flatnonzero(waiting).tolist()
        }
        unresolved = len(waiting)
        for table in tables:
            for group in np.flatnonzero(waiting[table.consumer]).tolist():
                members = table.provider[table.members_of(group)].tolist()
                inside = tuple(one for one in members if one != unresolved and waiting[one])
                never = sum(unknown == "worst" if one == unresolved else bool(hopeless[one]) for one in members)
                needed = int(table.k[group]) - (len(members) - len(inside) - never)
                if needed > 0:
                    self._groups[int(table.consumer[group])].append((needed, inside))

    @property
    def waits_for(self) -> Mapping[int, Sequence[int]]:
        """The waiting nodes that each node may wait for."""
        return {node: [one for _, members in groups for one in members] for node, groups in self._groups.items()}

    def restrict(self, component: Sequence[int]) -> Mapping[int, list[tuple[int, frozenset[int]]]]:
        """Give the groups of a component once everything that it waits for outside is up."""
        inside = set(component)
        left = {}
        for node in component:
            groups = [
                (needed - sum(one not in inside for one in members), frozenset(members) & inside)
                for needed, members in self._groups[node]
            ]
            left[node] = [group for group in groups if group[0] > 0]
        return left


class _Circle:
    """One strongly connected set on its own."""

    def __init__(self, groups: Mapping[int, list[tuple[int, frozenset[int]]]]) -> None:
        self._groups = groups
        self._steps = 0

    def search(self) -> tuple[list[int], int]:
        """Give the nodes to start, and how many are needed at the least."""
        everything = frozenset(self._groups)
        best = self._start_greedily(everything)
        for depth in range(self._count_apart(everything), len(best)):
            found = self._deepen(everything, depth)
            if found is not None:
                return found, len(found)
            if self._steps > MAX_STEPS:
                return best, depth
        return best, len(best)

    def _deepen(self, down: frozenset[int], depth: int) -> list[int] | None:
        """Find at most `depth` nodes that start all that is down, or None; also None when out of steps."""
        down = self._settle(down)
        if not down:
            return []
        self._steps += 1
        if self._steps > MAX_STEPS or self._count_apart(down) > depth:
            return None
        for node in sorted(self._shrink(down)):
            rest = self._deepen(down - {node}, depth - 1)
            if rest is not None:
                return [node, *rest]
        return None

    def _settle(self, down: frozenset[int]) -> frozenset[int]:
        """Start what can start while these are down, and give what stays down."""
        left = set(down)
        moving = True
        while moving:
            moving = False
            for node in list(left):
                if all(len(members - left) >= needed for needed, members in self._groups[node]):
                    left.discard(node)
                    moving = True
        return frozenset(left)

    def _shrink(self, down: frozenset[int]) -> frozenset[int]:
        """Give a set within these that holds itself down and in which every node, once up, starts all."""
        for node in sorted(down):
            if node in down:
                down = self._settle(down - {node}) or down
        return down

    def _list_apart(self, down: frozenset[int]) -> Iterator[frozenset[int]]:
        """Yield sets without a common node that each hold themselves down."""
        while down := self._settle(down):
            held = self._shrink(down)
            yield held
            down -= held

    def _count_apart(self, down: frozenset[int]) -> int:
        return sum(1 for _ in self._list_apart(down))

    def _start_greedily(self, down: frozenset[int]) -> list[int]:
        """Enter one set after the other where it starts most."""
        chosen = []
        while down := self._settle(down):
            node = min(sorted(self._shrink(down)), key=lambda one: len(self._settle(down - {one})))
            chosen.append(node)
            down -= {node}
        return chosen
