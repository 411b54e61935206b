"""What each view takes for granted, by hand and by order."""

from __future__ import annotations

import numpy as np

from eendracht.kernel.estate import (
    BEST,
    VIEWS,
    WORST,
    EstateBuilder,
    Member,
    Seed,
    View,
    compare_failure_times,
    compare_sweeps,
    list_scenarios,
)
from tests.kernel.estate.cases import draw_case


def test_each_view_by_hand() -> None:
    builder = EstateBuilder()
    for name in ("a", "b", "c", "hopeful", "unsure", "firm", "apart"):
        builder.add_node(name)
    builder.add_group("hopeful", [Member("a"), Member("b", tested=False)])
    builder.add_group("unsure", [Member("a"), Member("no record", tested=True)])
    builder.add_group("firm", [Member("a"), Member("b", tested=True)])
    builder.add_group("apart", ["c"])
    views = compare_failure_times(builder.build(), [Seed(0)])
    names = ("a", "b", "c", "hopeful", "unsure", "firm", "apart")
    assert {view: {names[node] for node in times.failed} for view, times in views.items()} == {
        View("best", True): {"a"},
        View("best", False): {"a", "hopeful"},
        View("worst", True): {"a", "unsure"},
        View("worst", False): {"a", "hopeful", "unsure"},
    }


def test_views_stand_in_order_on_random_estates() -> None:
    for number in range(200):
        case = draw_case(80_000 + number, repairs=False, switches=False, unknown=True)
        estate = case.build()
        times = compare_failure_times(estate, case.seeds_for(estate))
        sweeps = compare_sweeps(estate, list_scenarios([node] for node in range(len(estate))))
        for view in VIEWS:
            assert (times[BEST].seconds >= times[view].seconds).all()
            assert (times[view].seconds >= times[WORST].seconds).all()
            assert (sweeps[BEST].failed_count <= sweeps[view].failed_count).all()
            assert (sweeps[view].failed_count <= sweeps[WORST].failed_count).all()


def test_views_that_cannot_differ_share_their_result() -> None:
    case = draw_case(3, repairs=False, switches=False)
    estate = case.build()
    views = compare_sweeps(estate, list_scenarios([[0]]))
    assert views[View("best", True)] is views[View("worst", True)]
    assert np.array_equal(views[BEST].failed_count, views[View("worst", True)].failed_count)
