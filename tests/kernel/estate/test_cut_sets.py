"""Minimal cut sets against every subset tried, against sweeps, and against counts worked out by hand."""

from __future__ import annotations

import random
from collections.abc import Collection
from itertools import combinations
from math import comb

import numpy as np
import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import (
    CutSets,
    Estate,
    EstateBuilder,
    TooManyCutSets,
    count_failing,
    cut_growth,
    cut_search,
    find_cut_sets,
    find_single_points,
    list_scenarios,
)
from tests.bench.national import draw_national_estate
from tests.kernel.estate.cases import Case, PlainGroup, PlainMember, draw_case
from tests.kernel.estate.fault_trees import Tree, count_by_order, draw_tree


def draw_redundant_case(number: int) -> Case:
    """Draw an estate of mostly redundant groups, so that cut sets get large; members come from anywhere."""
    chance = random.Random(number)
    case = Case([f"n{place}" for place in range(13)])
    for consumer in case.nodes[5:] + chance.sample(case.nodes, 2):
        members = chance.sample([name for name in case.nodes if name != consumer], chance.choice([2, 3, 4, 5]))
        case.groups.append(PlainGroup(consumer, chance.choice([1, 1, 1, 2]), [PlainMember(name) for name in members]))
    return case


def list_failing(case: Case, failed: Collection[str], unresolved_fail: bool) -> set[str]:
    """Let groups fall one after the other, counting lost members, until none does."""
    down = set(failed) | ({"lost-1", "lost-2"} if unresolved_fail else set())
    moving = True
    while moving:
        moving = False
        for group in case.groups:
            lost = sum(member.provider in down for member in group.members)
            if group.phase == "run" and group.consumer not in down and len(group.members) - lost < group.k:
                down.add(group.consumer)
                moving = True
    return down


def try_everything(
    case: Case, target: str, sets: list[list[str]], order: int, given: list[str], unresolved_fail: bool
) -> set[frozenset[int]]:
    found: list[frozenset[int]] = []
    for size in range(order + 1):
        for chosen in map(frozenset, combinations(range(len(sets)), size)):
            if not any(cut <= chosen for cut in found):
                failed = [*given, *(name for number in chosen for name in sets[number])]
                if target in list_failing(case, failed, unresolved_fail):
                    found.append(chosen)
    return set(found)


def as_sets(found: CutSets) -> set[frozenset[int]]:
    cuts = [frozenset(cut) for cut in found]
    assert len(cuts) == len(set(cuts)) == len(found)
    return set(cuts)


@pytest.mark.parametrize("unknown", ["best", "worst"])
def test_equals_every_subset_on_random_estates_with_cycles(unknown: Unknown) -> None:
    orders = np.zeros(5, dtype=np.int64)
    for number in range(1_000):
        chance = random.Random(number)
        if number % 2:
            case = draw_redundant_case(number)
        else:
            case = draw_case(300_000 + number, switches=False, unknown=number % 4 == 0)
        estate, target = case.build(), chance.choice(case.nodes)
        sets = [chance.sample(case.nodes, min(len(case.nodes), chance.choice([1, 1, 1, 2, 3]))) for _ in range(7)]
        given = chance.sample(case.nodes, 1) if number % 5 == 0 else []
        found = find_cut_sets(
            estate,
            estate.locate(target),
            max_order=4,
            unknown=unknown,
            candidates=list_scenarios([[estate.locate(name) for name in names] for names in sets]),
            failed=[estate.locate(name) for name in given],
        )
        assert as_sets(found) == try_everything(case, target, sets, 4, given, unknown == "worst")
        orders += found.counts
    assert (orders > 30).all()


def test_every_node_but_the_target_is_a_candidate_when_none_is_named() -> None:
    for number in range(200):
        case = draw_case(400_000 + number, switches=False)
        estate, target = case.build(), case.nodes[-1]
        found = find_cut_sets(estate, estate.locate(target), max_order=3, unknown="best")
        sets = [[name] if name != target else [] for name in case.nodes]
        assert as_sets(found) == try_everything(case, target, sets, 3, [], False)
        assert [found.candidates.of(number).tolist() for number in range(len(estate))] == [
            [estate.locate(name) for name in names] for names in sets
        ]


@pytest.mark.parametrize("inputs", [(2, 3), (1, 6)])
def test_equals_every_subset_on_random_trees(inputs: tuple[int, int]) -> None:
    total = 0
    for number in range(150):
        tree = draw_tree(number, 13, 12, at_least_share=0.25, shared_events=0.5, shared_gates=0.3, inputs=inputs)
        _, found = tree.find(5)
        assert found == tree.try_everything(5)
        total += len(found)
    assert total > 1_000


def check_each(tree: Tree, found: set[frozenset[str]]) -> None:
    for cut in found:
        assert tree.fails(cut)
        assert not any(tree.fails(cut - {name}) for name in cut)


@pytest.mark.parametrize("seed", range(6))
def test_large_trees_equal_sweeps_of_all_pairs_and_samples_of_triples(seed: int) -> None:
    tree = draw_tree(seed, 140, 160, or_share=0.5 + 0.05 * seed, at_least_share=0.1, shared_events=0.4)
    _, found = tree.find(3)
    check_each(tree, found)
    estate = tree.build()
    numbers = [estate.locate(name) for name in tree.events]
    top = np.array([estate.locate(tree.top)])
    chance = random.Random(seed)
    sampled = [chance.sample(range(len(numbers)), 3) for _ in range(5_000)]
    sets = [*combinations(range(len(numbers)), 2), *sampled]
    hits = count_failing(estate, list_scenarios([[numbers[n] for n in one] for one in sets]), top, unknown="best")
    for one, hit in zip(sets, hits.tolist(), strict=True):
        names = [tree.events[number] for number in one]
        subsets = (frozenset(part) for size in (1, 2, 3) for part in combinations(names, size))
        assert any(part in found for part in subsets) == bool(hit)


def nest(*gates: tuple[str, int, str]) -> Tree:
    return Tree(gates[0][0], {name: (lost, inputs.split()) for name, lost, inputs in gates})


def test_pressure_tank() -> None:
    """NUREG-0492, Fault Tree Handbook (1981), chapter VIII: E1 = T + K2 + S·(S1 + K1 + R)."""
    tree = nest(("E1", 1, "T E2"), ("E2", 1, "K2 E3"), ("E3", 2, "S E4"), ("E4", 1, "S1 E5"), ("E5", 1, "K1 R"))
    expected = [{"T"}, {"K2"}, {"S", "S1"}, {"S", "K1"}, {"S", "R"}]
    assert tree.find(6)[1] == {frozenset(names) for names in expected}
    assert tree.find(1)[1] == {frozenset(["T"]), frozenset(["K2"])}


def test_bridge_network() -> None:
    """The bridge of the reliability textbooks: cut sets {1,2}, {4,5}, {1,3,5}, {2,3,4}."""
    tree = nest(
        ("out", 4, "14 25 135 234"), ("14", 1, "1 4"), ("25", 1, "2 5"), ("135", 1, "1 3 5"), ("234", 1, "2 3 4")
    )
    assert tree.find(5)[1] == {frozenset(cut) for cut in ("12", "45", "135", "234")}


@pytest.mark.parametrize(("lost", "of", "each"), [(4, 10, 1), (2, 70, 3), (3, 12, 4), (1, 9, 2)])
def test_at_least_m_of_n_over_parts_has_a_binomial_number(lost: int, of: int, each: int) -> None:
    tree = Tree("top", {"top": (lost, [f"part{n}" for n in range(of)])})
    for number in range(of):
        tree.gates[f"part{number}"] = (1, [f"e{number}-{one}" for one in range(each)])
    found, _ = tree.find(4)
    assert found.counts[lost] == len(found) == comb(of, lost) * each**lost


def test_wide_thresholds_beyond_the_order_have_no_cut_sets() -> None:
    tree = Tree("top", {"top": (35, [f"e{number}" for number in range(70)])})
    assert len(tree.find(4)[0]) == 0


def test_nested_thresholds_by_generating_functions() -> None:
    """2 of 3 over disjoint 2-of-4 and 3-of-4 parts: products of binomials, added over the pairs of parts."""
    tree = Tree("top", {"top": (2, ["a", "b", "c"])})
    for part, lost in (("a", 2), ("b", 2), ("c", 3)):
        tree.gates[part] = (lost, [f"{part}{number}" for number in range(4)])
    found, _ = tree.find(6)
    assert found.counts == (0, 0, 0, 0, 36, 48, 0)


def test_a_supplier_that_owns_both_alternatives_is_a_cut_set_of_order_one() -> None:
    builder = EstateBuilder()
    for name in ("login", "digid", "eherkenning", "host-1", "host-2", "host-3"):
        builder.add_node(name)
    builder.add_group("login", ["digid", "eherkenning"])
    builder.add_group("digid", ["host-1"])
    builder.add_group("eherkenning", ["host-2"])
    estate = builder.build()
    holdings = list_scenarios([[3, 4], [3], [4, 5], [5]])
    found = find_cut_sets(estate, 0, max_order=3, unknown="best", candidates=holdings)
    assert list(found) == [(0,), (1, 2)]
    assert list(find_cut_sets(estate, 0, max_order=3, unknown="best", candidates=holdings, failed=[3])) == [(0,), (2,)]


def test_what_is_down_already_has_the_empty_cut_set_and_what_cannot_fail_none() -> None:
    builder = EstateBuilder()
    for name in ("a", "b", "c"):
        builder.add_node(name)
    builder.add_group("a", ["b", "nobody-knows"], k=2)
    estate = builder.build()
    assert list(find_cut_sets(estate, 0, max_order=2, unknown="best")) == [(1,)]
    assert list(find_cut_sets(estate, 0, max_order=2, unknown="worst")) == [()]
    assert list(find_cut_sets(estate, 0, max_order=0, unknown="worst")) == [()]
    assert find_cut_sets(estate, 0, max_order=2, unknown="worst").counts == (1, 0, 0)
    assert list(find_cut_sets(estate, 2, max_order=2, unknown="worst")) == []
    assert list(find_cut_sets(estate, 0, max_order=0, unknown="best")) == []


def test_a_cycle_lives_until_something_from_outside_stops_it() -> None:
    builder = EstateBuilder()
    for name in ("a", "b", "power", "water"):
        builder.add_node(name)
    builder.add_group("a", ["b"])
    builder.add_group("b", ["a"])
    builder.add_group("b", ["power", "water"])
    found = find_cut_sets(builder.build(), 0, max_order=3, unknown="best")
    assert list(found) == [(1,), (2, 3)]


def test_order_one_equals_the_single_points_of_failure() -> None:
    drawn = draw_national_estate(11, nodes=3_000, suppliers=100, groups=8_000, back_share=0.01)
    target = int(np.flatnonzero(drawn.estate.critical)[0])
    alone = np.zeros(len(drawn.estate), dtype=np.bool_)
    alone[target] = True
    estate = Estate(**{name: getattr(drawn.estate, name) for name in Estate.__dataclass_fields__} | {"critical": alone})
    found = find_cut_sets(estate, target, max_order=1, unknown="best")
    assert [cut[0] for cut in found] == find_single_points(estate, unknown="best").nodes.tolist()


def test_more_than_may_be_given_is_an_error_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Tree("top", {"top": (2, ["a", "b"]), "a": (1, [f"a{n}" for n in range(60)])})
    tree.gates["b"] = (1, [f"b{n}" for n in range(60)])
    estate = tree.build()
    events = tree.pack_events(estate)

    def ask(**limits: int) -> CutSets:
        return find_cut_sets(estate, 0, max_order=2, unknown="best", candidates=events, **limits)

    assert len(ask(most=3_600)) == 3_600
    with pytest.raises(TooManyCutSets) as caught:
        ask(most=3_599)
    assert "order" in caught.value.hint
    plain = Tree("top", {"top": (1, [f"e{n}" for n in range(9)])})
    with pytest.raises(TooManyCutSets):
        find_cut_sets(plain.build(), 0, max_order=1, unknown="best", most=8)
    wide = draw_tree(0, 140, 160, or_share=0.65, at_least_share=0.1, shared_events=0.4)
    assert len(wide.find(3)[0])
    monkeypatch.setattr(cut_growth, "MAX_PAIRS", 3)
    with pytest.raises(TooManyCutSets):
        wide.find(3)
    monkeypatch.setattr(cut_search, "MAX_EFFECTS", 3)
    with pytest.raises(TooManyCutSets):
        wide.find(2)


def test_bad_questions_are_refused_with_every_fault() -> None:
    estate = Tree("top", {"top": (1, ["a"])}).build()
    with pytest.raises(InvalidInput) as caught:
        find_cut_sets(estate, 7, max_order=-1, unknown="best", failed=[0, 9])
    assert [fault.pointer for fault in caught.value.faults] == ["/target", "/max_order", "/failed/1"]
    with pytest.raises(InvalidInput):
        find_cut_sets(estate, 0, max_order=1, unknown="best", candidates=list_scenarios([[5]]))


def test_counts_and_order_of_what_is_given() -> None:
    found, names = draw_tree(5, 60, 70, or_share=0.7).find(3)
    assert list(found.counts) == count_by_order(names) + [0] * (4 - len(count_by_order(names)))
    assert list(found) == sorted(found, key=lambda cut: (len(cut), cut))
    assert found.max_order == 3
