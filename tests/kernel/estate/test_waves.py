"""Recovery order against repeated looking, and deadlocks against networkx."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import networkx as nx  # type: ignore[import-untyped]
import numpy as np
import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import EstateBuilder, order_recovery
from tests.kernel.estate.cases import Case, draw_case


def look_for_starts(case: Case, down: set[str], repaired: dict[str, float], ghosts_up: bool) -> dict[str, float]:
    """Start what can be started, the earliest first, until nothing can; gives the moments."""
    up = dict.fromkeys(set(case.nodes) - down, -math.inf)
    while True:
        options = {}
        for node in down - up.keys():
            moments = [repaired[node]]
            for group in case.groups:
                if group.consumer == node:
                    have = sorted(
                        up.get(m.provider, -math.inf)
                        for m in group.members
                        if m.provider in up or (ghosts_up and m.provider not in case.nodes)
                    )
                    moments.append(have[group.k - 1] if len(have) >= group.k else math.inf)
            options[node] = max(moments)
        ready = {node: moment for node, moment in options.items() if moment < math.inf}
        if not ready:
            return up
        first = min(ready.values())
        up |= {node: moment for node, moment in ready.items() if moment == first}


@pytest.mark.parametrize("unknown", ["best", "worst"])
def test_equals_repeated_looking_on_random_estates(unknown: Unknown) -> None:
    for number in range(500):
        case = draw_case(40_000 + number, switches=False, unknown=True)
        draw = random.Random(number)
        estate = case.build()
        down = set(draw.sample(case.nodes, draw.randint(1, len(case.nodes))))
        repaired = {node: draw.choice([0.0, 1.0, 2.5, 8.0, math.inf]) for node in case.nodes}
        order = order_recovery(
            estate,
            [estate.locate(node) for node in sorted(down)],
            unknown=unknown,
            repaired_at_hours=np.array([repaired[node] for node in case.nodes]),
        )
        expected = look_for_starts(case, down, repaired, unknown == "best")
        assert order.up_at_hours.tolist() == [expected.get(node, math.inf) for node in case.nodes]
        assert {estate.names[node] for node in order.waiting} == set(case.nodes) - expected.keys()
        started = [node for wave in order.waves for node in wave.tolist()]
        assert {estate.names[node] for node in started} == down & expected.keys()
        assert len(set(started)) == len(started)
        check_waves(case, [[estate.names[node] for node in wave] for wave in order.waves], down, unknown == "best")


def check_waves(case: Case, waves: list[list[str]], down: set[str], ghosts_up: bool) -> None:
    """Each wave can start once the earlier ones have, and not before the wave just before it has."""
    up = set(case.nodes) - down | ({"lost-1", "lost-2"} if ghosts_up else set())
    before: set[str] = set()
    for wave in waves:
        for node in wave:
            groups = [group for group in case.groups if group.consumer == node]
            assert all(sum(m.provider in up for m in group.members) >= group.k for group in groups)
            if before:
                earlier = up - before
                assert any(sum(m.provider in earlier for m in group.members) < group.k for group in groups)
        up |= set(wave)
        before = set(wave)


def test_deadlocks_are_the_components_of_what_cannot_start() -> None:
    seen = 0
    for number in range(500):
        case = draw_case(60_000 + number, switches=False)
        estate = case.build()
        order = order_recovery(estate, range(len(estate)), unknown="best")
        expected = look_for_starts(case, set(case.nodes), dict.fromkeys(case.nodes, 0.0), True)
        stuck = set(case.nodes) - expected.keys()
        graph = nx.DiGraph()
        graph.add_nodes_from(stuck)
        for group in case.groups:
            if sum(m.provider in expected for m in group.members) < group.k:
                graph.add_edges_from((group.consumer, m.provider) for m in group.members if m.provider in stuck)
        cycles = {frozenset(c) for c in nx.strongly_connected_components(graph) if len(c) > 1}
        assert {frozenset(estate.names[node] for node in d.nodes) for d in order.deadlocks} == cycles
        for deadlock in order.deadlocks:
            mine = {estate.names[node] for node in deadlock.nodes}
            reached = set().union(*(nx.descendants(graph, node) for node in mine)) - mine
            assert deadlock.is_root == (not any(cycle <= reached for cycle in cycles))
        seen += len(cycles)
    assert seen > 100


def test_dns_identity_and_pki_run_on_but_cannot_start() -> None:
    builder = EstateBuilder()
    for name in ("power", "dns", "identity", "pki", "portal"):
        builder.add_node(name)
    builder.add_group("dns", ["identity"], phase="start")
    builder.add_group("identity", ["pki"], phase="start")
    builder.add_group("pki", ["dns"], phase="start")
    builder.add_group("dns", ["power"])
    builder.add_group("portal", ["dns"])
    estate = builder.build()
    order = order_recovery(estate, range(5), unknown="best")
    assert [wave.tolist() for wave in order.waves] == [[0]]
    assert [(deadlock.nodes, deadlock.is_root) for deadlock in order.deadlocks] == [((1, 2, 3), True)]
    assert order.waiting.tolist() == [1, 2, 3, 4]
    assert not order_recovery(estate, [1, 4], unknown="best").deadlocks


def test_bad_input_is_refused() -> None:
    builder = EstateBuilder()
    builder.add_node("a")
    estate = builder.build()
    with pytest.raises(InvalidInput):
        order_recovery(estate, [3], unknown="best")
    with pytest.raises(InvalidInput):
        order_recovery(estate, [0], unknown="best", repaired_at_hours=math.nan)
    assert Fraction(order_recovery(estate, [0], unknown="best", repaired_at_hours=1.5).up_at_hours[0]) == Fraction(3, 2)
