"""Doubts as nodes: all turning out well is the best case, and each alone is that one thing written down as failing."""

from __future__ import annotations

from dataclasses import replace

from eendracht.kernel.estate import Estate, Seed, compute_failure_times
from eendracht.kernel.estate.doubts import list_doubts
from tests.kernel.estate.cases import Case, PlainGroup, draw_case


def list_failing(estate: Estate, nodes: list[int], size: int, unknown: str = "best") -> set[int]:
    failed = compute_failure_times(estate, [Seed(node) for node in nodes], unknown=unknown).failed  # type: ignore[arg-type]
    return {node for node in failed.tolist() if node < size}


def without(group: PlainGroup, consumer: str, name: str) -> PlainGroup:
    """Give a group in which a certain alternative never works."""
    if group.consumer != consumer or group.phase != "run":
        return group
    kept = [
        member
        for place, member in enumerate(group.members)
        if place < group.k or member.provider != name or member.tested
    ]
    return replace(group, members=kept)


def test_each_doubt_is_one_thing_that_may_turn_out_badly() -> None:
    unresolved = untested = 0
    for number in range(300):
        case = draw_case(number, unknown=True)
        estate = case.build()
        size = len(estate)
        doubted = list_doubts(estate)
        base = [estate.locate(case.seeds[0][0])]
        assert list_failing(doubted.estate, base, size) == list_failing(estate, base, size)
        bad = [doubt.node for doubt in doubted.doubts]
        worst = list_failing(estate.tested_only, base, size, "worst")
        assert list_failing(doubted.estate, [*base, *bad], size) == worst
        for doubt in doubted.doubts:
            found = list_failing(doubted.estate, [*base, doubt.node], size)
            if doubt.type == "unresolved":
                plain = Case([*case.nodes, doubt.name], case.groups, tick=case.tick)
                seeds = [*base, size]
                unresolved += 1
            else:
                consumer = estate.names[doubt.consumers[0]]
                groups = [without(group, consumer, doubt.name) for group in case.groups]
                if sum(one != other for one, other in zip(groups, case.groups, strict=True)) != 1:
                    continue
                plain, seeds = Case(case.nodes, groups, tick=case.tick), base
                untested += 1
            assert found == list_failing(plain.build(), seeds, size), (number, doubt)
    assert unresolved > 100 and untested > 100
