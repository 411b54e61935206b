"""The smallest set to start by hand, against trying every set."""

from __future__ import annotations

from itertools import combinations

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import EstateBuilder, black_start, find_black_start
from tests.kernel.estate.cases import Case, draw_case
from tests.kernel.estate.test_cut_sets import draw_redundant_case


def start(case: Case, up: set[str], ghosts_up: bool) -> set[str]:
    """Start what has enough members up in every group, over and over."""
    up = set(up)
    while True:
        ready = set()
        for node in set(case.nodes) - up:
            mine = [group for group in case.groups if group.consumer == node]
            if all(
                sum(m.provider in up or (ghosts_up and m.provider not in case.nodes) for m in group.members) >= group.k
                for group in mine
            ):
                ready.add(node)
        if not ready:
            return up
        up |= ready


def list_possible(case: Case, ghosts_up: bool) -> set[str]:
    """Take away what cannot be up with all that is left, over and over."""
    left = set(case.nodes)
    while True:
        lacking = {
            group.consumer
            for group in case.groups
            if sum(m.provider in left or (ghosts_up and m.provider not in case.nodes) for m in group.members) < group.k
        }
        if not lacking & left:
            return left
        left -= lacking


@pytest.mark.parametrize("unknown", ["best", "worst"])
def test_equals_trying_every_set(unknown: Unknown) -> None:
    sizes = [0] * 6
    for number in range(400):
        case = draw_redundant_case(number) if number % 2 else draw_case(600_000 + number, switches=False, unknown=True)
        if number % 2:
            for group in case.groups:
                group.k = max(1, len(group.members) - number % 3)
        estate = case.build()
        found = find_black_start(estate, range(len(estate)), unknown=unknown)
        possible = list_possible(case, unknown == "best")
        by_hand = {estate.names[node] for node in found.nodes}
        assert {estate.names[node] for node in found.hopeless} == set(case.nodes) - possible
        assert start(case, by_hand, unknown == "best") == possible
        assert found.is_smallest
        for size in range(len(by_hand)):
            for names in combinations(sorted(possible), size):
                assert start(case, set(names), unknown == "best") != possible
        sizes[min(5, len(by_hand))] += 1
    assert sizes[0] and sizes[1] > 20 and sizes[2] > 20


def test_dns_identity_and_pki_need_one_of_them_and_a_second_circle_its_own() -> None:
    builder = EstateBuilder()
    for name in ("dns", "identity", "pki", "vault", "keys", "portal"):
        builder.add_node(name)
    builder.add_group("dns", ["identity"], phase="start")
    builder.add_group("identity", ["pki"], phase="start")
    builder.add_group("pki", ["dns"], phase="start")
    builder.add_group("vault", ["keys"])
    builder.add_group("vault", ["dns"])
    builder.add_group("keys", ["vault"])
    builder.add_group("portal", ["vault", "dns"], k=2)
    estate = builder.build()
    found = find_black_start(estate, range(6), unknown="best")
    assert found.is_smallest
    assert len(found.nodes) == 2
    assert found.nodes[0] in (0, 1, 2)
    assert found.nodes[1] in (3, 4)
    assert find_black_start(estate, [0, 5], unknown="best").nodes == ()
    with pytest.raises(InvalidInput):
        find_black_start(estate, [9], unknown="best")


def test_a_circle_that_is_too_large_to_prove_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = EstateBuilder()
    for number in range(16):
        builder.add_node(f"n{number}")
    for number in range(16):
        others = [f"n{(number + step) % 16}" for step in (1, 5, 7, 11)]
        builder.add_group(f"n{number}", others, k=3)
    estate = builder.build()
    exact = find_black_start(estate, range(16), unknown="best")
    monkeypatch.setattr(black_start, "MAX_STEPS", 2)
    hurried = find_black_start(estate, range(16), unknown="best")
    assert hurried.at_least <= exact.at_least <= len(exact.nodes) <= len(hurried.nodes)
    assert not hurried.is_smallest
