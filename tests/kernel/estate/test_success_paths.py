"""Success paths keep the target up, and the bound that they give never refuses what leads to a cut set."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from eendracht.kernel.estate import find_cut_sets, list_scenarios
from eendracht.kernel.estate.cut_system import CutSystem
from eendracht.kernel.estate.fixpoint import find_fallen
from eendracht.kernel.estate.success_paths import PATHS, PathBound, draw_success_paths
from tests.kernel.estate.test_cut_sets import draw_redundant_case


@pytest.mark.parametrize("number", range(60))
def test_paths_hold_and_no_part_of_a_cut_set_is_refused(number: int) -> None:
    estate = draw_redundant_case(number).build()
    target = len(estate) - 1
    candidates = list_scenarios(np.arange(target)[:, None])
    system = CutSystem(estate, target, candidates, find_fallen(estate, (), unknown="best"))
    on_path = draw_success_paths(system.plan, system.target_row, system.item_rows)
    for path in range(PATHS):
        off = np.flatnonzero(on_path >> np.uint64(path) & np.uint64(1) == 0)
        assert not system.sweep(off[None])[system.target_row].any()
    cuts = list(find_cut_sets(estate, target, max_order=4, unknown="best", candidates=candidates))
    bound = PathBound(on_path)
    check_parts(bound, [cut for cut in cuts if len(cut) > 1])
    pairs = np.array([cut for cut in cuts if len(cut) == 2], dtype=np.int64).reshape(-1, 2)
    bound.exclude_pairs(pairs)
    check_parts(bound, [cut for cut in cuts if len(cut) > 2])
    if len(pairs):
        assert not bound.can_grow(np.array([[*pairs[0], 10]]), 0).any()


def check_parts(bound: PathBound, cuts: list[tuple[int, ...]]) -> None:
    for cut in cuts:
        for size in range(1, len(cut) + 1):
            parts = np.array(list(combinations(cut, size)))
            assert bound.can_grow(parts, len(cut) - size).all()
            assert bound.can_grow(parts, len(cut) - size + 1).all()
