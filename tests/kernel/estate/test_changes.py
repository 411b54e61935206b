"""Estates after a change, held against the same change written into the plain description."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import Estate, Seed, compute_failure_times, simulate
from eendracht.kernel.estate.changes import add_alternative, add_node, put_gates, replace_provider
from tests.kernel.estate.cases import Case, PlainGroup, PlainMember, draw_case


def fail_each(estate: Estate, names: list[str]) -> list[set[str]]:
    """Give what fails with each of the names, in the best case."""
    found = []
    for name in names:
        failed = compute_failure_times(estate, [Seed(estate.locate(name))], unknown="best").failed
        found.append({estate.names[node] for node in failed.tolist()})
    return found


def replace_plainly(group: PlainGroup, old: str, new: str) -> PlainGroup:
    if group.consumer == new:
        return group
    names = dict.fromkeys(new if member.provider == old else member.provider for member in group.members)
    return replace(group, members=[PlainMember(name) for name in names], k=min(group.k, len(names)))


def add_plainly(group: PlainGroup, old: str, new: str) -> PlainGroup:
    names = [member.provider for member in group.members]
    if old not in names or new in names or group.consumer == new:
        return group
    return replace(group, members=[*group.members, PlainMember(new)])


@pytest.mark.parametrize("is_new", [False, True])
def test_a_change_is_that_of_the_description(is_new: bool) -> None:
    for number in range(200):
        case = draw_case(number, unknown=True)
        draw = random.Random(number)
        old, new = draw.sample(case.nodes, 2)
        if is_new:
            new = "nieuw"
        plain = Case([*case.nodes, new] if is_new else case.nodes, tick=case.tick)
        estate, node = add_node(case.build(), new)
        for change, plainly in ((replace_provider, replace_plainly), (add_alternative, add_plainly)):
            changed = change(estate, [estate.locate(old)], node)
            plain.groups = [plainly(group, old, new) for group in case.groups]
            assert fail_each(changed, plain.nodes) == fail_each(plain.build(), plain.nodes), (number, change)
            np.testing.assert_array_equal(changed.run.indptr, plain.build().run.indptr)


def test_a_node_that_is_not_there_is_refused() -> None:
    estate = draw_case(1).build()
    with pytest.raises(NotFound):
        replace_provider(estate, [len(estate)], 0)


def test_gates_are_those_of_the_description() -> None:
    """The same estate with the gates written out as things of their own goes the same way, whichever are opened."""
    for number in range(150):
        case = draw_case(number, unknown=True)
        draw = random.Random(number)
        estate, gates = put_gates(case.build())
        plain = Case(list(case.nodes), tick=case.tick)
        named: list[str] = []
        for group in sorted(case.groups, key=lambda item: case.nodes.index(item.consumer)):
            members = list(group.members)
            for place, member in enumerate(members):
                needs_hand = member.switch > 0 and not member.automatic
                if group.phase == "run" and place >= group.k and needs_hand:
                    named.append(f"gate {len(named)}")
                    plain.nodes.append(named[-1])
                    plain.groups.append(PlainGroup(named[-1], 1, [PlainMember(member.provider)]))
                    members[place] = PlainMember(named[-1])
            plain.groups.append(replace(group, members=members))
        assert len(gates) == len(named), number
        described = plain.build()
        seeds = [(draw.choice(case.nodes), case.hours(draw.randrange(5))) for _ in range(2)]
        opened = [case.hours(draw.randrange(1, 12)) if draw.random() < 0.7 else None for _ in gates]
        by_gates, by_words = (
            simulate(
                world,
                [
                    *(Seed(world.locate(name), at) for name, at in seeds),
                    *(Seed(node, 0.0, end) for node, end in zip(closed, opened, strict=True)),
                ],
                unknown="best",
                horizon_hours=case.hours(40),
            )
            for world, closed in (
                (estate, [gate for gate, *_ in gates]),
                (described, [described.locate(name) for name in named]),
            )
        )
        for name in case.nodes:
            first = [(c.seconds, c.state) for c in by_gates.by_node.get(estate.locate(name), [])]
            second = [(c.seconds, c.state) for c in by_words.by_node.get(described.locate(name), [])]
            assert first == second, (number, name)


def test_deciding_when_it_fails_costs_as_much_as_switching_over_by_itself() -> None:
    groups = [PlainGroup("service", 1, [PlainMember("first"), PlainMember("second", switch=2)])]
    estate = Case(["service", "first", "second"], groups).build()
    by_itself = simulate(estate, [Seed(1, 3.0)], unknown="best").list_outages(0)
    gated, [(gate, consumer, provider, hours)] = put_gates(estate)
    assert (consumer, provider, hours) == (0, 2, 2.0)
    decided = simulate(gated, [Seed(1, 3.0), Seed(gate, 0.0, 3.0 + hours)], unknown="best").list_outages(0)
    never = simulate(gated, [Seed(1, 3.0), Seed(gate)], unknown="best").list_outages(0)
    assert [(outage.begin_hours, outage.end_hours) for outage in by_itself] == [(3.0, 5.0)]
    assert decided == by_itself
    assert [(outage.begin_hours, outage.end_hours) for outage in never] == [(3.0, None)]
