"""Finds outputs that depend on themselves, through articles, laws and open terms, on a day that all of them hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product

from eendracht.kernel.graphs import find_way_back
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.structure import Node, Structure

_COMBINATIONS = 500
"""So many combinations of areas are tried for one knot of references."""


def report_cycles(structure: Structure, faults: Faults) -> None:
    """Report each cycle once, with its whole path, at the output where it begins."""
    graph = {node: structure.uses(node) for node in structure.nodes()}
    told: set[frozenset[tuple[str, str, str]]] = set()
    for knot in find_knots(graph):
        for cycle in _real_cycles(structure, graph, knot):
            steps = [structure.output(node) for node in cycle]
            key = frozenset((regulation.id, article.number, output.name) for regulation, article, output in steps)
            if key in told:
                continue
            told.add(key)
            names = [
                f"{regulation.id}#{output.name} ({regulation.place.file}:{output.spot.line})"
                for regulation, _, output in steps
            ]
            path = " → ".join([*names, names[0]])
            regulation, _, output = steps[0]
            faults.error(
                ir.Place(regulation.place.file, output.spot.line, output.spot.path),
                "reference-cycle",
                f"Deze uitkomst hangt van zichzelf af: {path}",
                f"This output depends on itself: {path}",
                "Break the cycle: one of these must come from a definition, a parameter or another article.",
            )


def find_knots(graph: Mapping[Node, Iterable[Node]]) -> Iterator[list[Node]]:
    """Yield the sets of nodes that all reach each other, or themselves (Tarjan 1972, without recursion)."""
    order: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    held: set[Node] = set()
    for root in graph:
        if root in order:
            continue
        work: list[tuple[Node, Iterator[Node]]] = []
        _enter(root, graph, order, low, stack, held, work)
        while work:
            node, others = work[-1]
            for other in others:
                if other not in order:
                    _enter(other, graph, order, low, stack, held, work)
                    break
                if other in held:
                    low[node] = min(low[node], order[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    at = stack.index(node) if stack[-1] != node else len(stack) - 1
                    knot = stack[at:]
                    del stack[at:]
                    held.difference_update(knot)
                    if len(knot) > 1 or node in graph.get(node, ()):
                        yield knot


def _enter(
    node: Node,
    graph: Mapping[Node, Iterable[Node]],
    order: dict[Node, int],
    low: dict[Node, int],
    stack: list[Node],
    held: set[Node],
    work: list[tuple[Node, Iterator[Node]]],
) -> None:
    order[node] = low[node] = len(order)
    stack.append(node)
    held.add(node)
    work.append((node, iter(graph.get(node, ()))))


def _real_cycles(structure: Structure, graph: Mapping[Node, Iterable[Node]], knot: list[Node]) -> Iterator[list[Node]]:
    """Yield a shortest cycle of a knot for every day and area on which there is one."""
    laws = {node: structure.library.regulations[node[0]] for node in knot}
    spans = {node: structure.span(law) for node, law in laws.items()}
    by_type: dict[str, set[str]] = {}
    for law in laws.values():
        if law.jurisdiction:
            by_type.setdefault(law.jurisdiction[:2], set()).add(law.jurisdiction)
    for day in sorted({span[0] for span in spans.values()}):
        for areas in islice(product(*map(sorted, by_type.values())), _COMBINATIONS):
            here = {
                node
                for node, law in laws.items()
                if spans[node][0] <= day < spans[node][1] and law.jurisdiction in ("", *areas)
            }
            cycle = _shortest(graph, here)
            if cycle:
                yield cycle


def _shortest(graph: Mapping[Node, Iterable[Node]], nodes: set[Node]) -> list[Node]:
    """Give the nodes of a cycle within the set, the first in the order of the files; empty where there is none."""
    for knot in find_knots({node: [other for other in graph[node] if other in nodes] for node in sorted(nodes)}):
        cycle = find_way_back(min(knot), graph, set(knot))
        if cycle:
            return cycle
    return []
