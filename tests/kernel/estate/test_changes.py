"""Estates after a change, held against the same change written into the plain description."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import Estate, Seed, compute_failure_times
from eendracht.kernel.estate.changes import add_alternative, add_node, replace_provider
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
