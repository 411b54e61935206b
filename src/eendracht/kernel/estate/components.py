"""Strongly connected components: sets of nodes that all reach one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def list_components(successors: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """Give every component, each sorted; a component comes before those that lead to it.

    Every successor must be a key. Tarjan (1972), without recursion.
    """
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    for root in successors:
        if root in order:
            continue
        work = [(root, iter(successors[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for after in rest:
                if after not in order:
                    order[after] = low[after] = len(order)
                    stack.append(after)
                    on_stack.add(after)
                    work.append((after, iter(successors[after])))
                    break
                if after in on_stack:
                    low[node] = min(low[node], order[after])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    found.append(_unwind(stack, on_stack, node))
    return found


def _unwind(stack: list[int], on_stack: set[int], root: int) -> list[int]:
    """Take the component of `root` off the stack."""
    component: list[int] = []
    while not component or component[-1] != root:
        component.append(stack.pop())
    on_stack.difference_update(component)
    return sorted(component)
