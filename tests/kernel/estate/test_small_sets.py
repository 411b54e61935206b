"""Families of small sets against Python's own sets."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.estate.small_sets import SetSpace, list_bits, unite

Sets = list[frozenset[int]]


def as_rows(sets: Sets, size: int) -> np.ndarray:
    return np.array([sorted(one) for one in sets], dtype=np.int32).reshape(-1, size)


def as_sets(rows: np.ndarray) -> Sets:
    return [frozenset(row) for row in rows.tolist()]


@st.composite
def draw_families(draw: st.DrawFn) -> tuple[SetSpace, Sets, int, Sets, int]:
    """Draw a space, of few numbers or of so many that a set fits in no word, and two lists of sets of one size each."""
    highest = draw(st.sampled_from([6, 300, 70_000]))
    numbers = st.sampled_from(sorted({highest * step // 7 for step in range(8)} | {0, 1, 2}))
    sizes = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    families = [draw(st.lists(st.frozensets(numbers, min_size=n, max_size=n), min_size=1, max_size=12)) for n in sizes]
    return SetSpace(highest + 1), families[0], sizes[0], families[1], sizes[1]


@given(draw_families())
def test_repeats_and_containment(drawn: tuple[SetSpace, Sets, int, Sets, int]) -> None:
    space, left, size, right, other = drawn
    rows = as_rows(left, size)
    once = space.drop_repeats(rows)
    assert sorted(map(sorted, set(left))) == once.tolist()
    held = space.contain_any(rows, {other: as_rows(right, other)})
    assert held.tolist() == [any(small <= one for small in right) for one in left]
    assert space.contain_any(rows, {}).tolist() == [False] * len(left)
    assert space.contain_any(rows, {0: np.zeros((1, 0), np.int32)}).all()


@given(draw_families(), st.integers(1, 4))
def test_pairs_that_overlap(drawn: tuple[SetSpace, Sets, int, Sets, int], shared: int) -> None:
    space, left, size, right, other = drawn
    shared = min(shared, size, other)
    one, two = space.pair_overlapping(as_rows(left, size), as_rows(right, other), shared)
    expected = {(a, b) for a, b in product(range(len(left)), range(len(right))) if len(left[a] & right[b]) >= shared}
    assert set(zip(one.tolist(), two.tolist(), strict=True)) == expected
    assert space.count_overlapping(as_rows(left, size), as_rows(right, other), shared) == len(one)


@given(draw_families())
def test_unions_by_size(drawn: tuple[SetSpace, Sets, int, Sets, int]) -> None:
    _, left, size, right, other = drawn
    pairs = list(product(left, right))
    united = dict(unite(as_rows([a for a, _ in pairs], size), as_rows([b for _, b in pairs], other)))
    expected: dict[int, Sets] = {}
    for a, b in pairs:
        expected.setdefault(len(a | b), []).append(a | b)
    assert {count: as_sets(rows) for count, rows in united.items()} == expected


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=9))
def test_bits(words: list[int]) -> None:
    row, bit = list_bits(np.array(words, dtype=np.uint64).reshape(-1, 1))
    assert list(zip(row.tolist(), bit.tolist(), strict=True)) == [
        (place, number) for place, word in enumerate(words) for number in range(64) if word >> number & 1
    ]
