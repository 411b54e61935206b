"""Ways through a graph that is given as the successors of each node."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

NodeT = TypeVar("NodeT", bound=Hashable)


def find_way_back(start: NodeT, successors: Mapping[NodeT, Iterable[NodeT]], inside: Collection[NodeT]) -> list[NodeT]:
    """Give the nodes of a shortest way from a node to itself over nodes of a set, in order; none where there is none.

    The way begins with the node and does not repeat it. Each node of the set is a key of `successors`.
    """
    before: dict[NodeT, NodeT] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for other in successors[node]:
            if other == start:
                steps = [node]
                while steps[-1] != start:
                    steps.append(before[steps[-1]])
                return steps[::-1]
            if other in inside and other not in before:
                before[other] = node
                waiting.append(other)
    return []
