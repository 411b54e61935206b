"""Measure minimal cut sets on random fault trees of the size of published ones, beside sweeps over every combination.

The peer tries all sets of the order at once with the same evaluator, 64 to a word; it says what each brings down, and
not yet which are minimal.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from eendracht.kernel.estate import count_failing, find_cut_sets
from eendracht.kernel.estate.adjacency import Adjacency
from tests.bench.rows import RUNS, Row, median_of, timed
from tests.kernel.estate.fault_trees import Tree, draw_tree

SEED = 20_261_129
BAR_SECONDS = 5.0
_MAX_TRIED = 3_000_000


_TREES = ((1, 120, 90, 4), (2, 300, 350, 4), (0, 500, 500, 4), (2, 1500, 1600, 3))
"""Which tree from SEED on, how many events and gates, and up to which order."""


def measure() -> list[Row]:
    """Give the rows of the report."""
    rows = []
    for number, events, gates, highest in _TREES:
        tree = draw_tree(SEED + number, events, gates, or_share=0.66, at_least_share=0.1, shared_events=0.4)
        rows += [_measure_tree(tree, order) for order in range(2, highest + 1)]
    return [*rows, *(_measure_tree(_draw_thresholds(), order) for order in (2, 3, 4))]


def _draw_thresholds() -> Tree:
    """Give 4 of 10 over parts of three events and one that they share."""
    tree = Tree("top", {"top": (4, [f"part{number}" for number in range(10)])})
    for number in range(10):
        tree.gates[f"part{number}"] = (1, [f"shared{number // 2}", *(f"e{number}-{one}" for one in range(3))])
    return tree


def _measure_tree(tree: Tree, order: int) -> Row:
    estate, top = tree.build(), 0
    events = tree.pack_events(estate)
    found = find_cut_sets(estate, top, max_order=order, unknown="best", candidates=events)
    seconds = median_of(
        lambda: timed(lambda: find_cut_sets(estate, top, max_order=order, unknown="best", candidates=events))
    )
    row = Row(
        f"all minimal cut sets up to order {order}",
        seconds,
        "s",
        len(found),
        f"{len(tree.events):,} events, {len(tree.gates):,} gates, counts {found.counts[1:]}, seed {SEED}, cold",
        "lower",
        BAR_SECONDS,
    )
    count = len(tree.events)
    tried = np.array(list(combinations(range(count), order))) if _count_sets(count, order) <= _MAX_TRIED else None
    if tried is None:
        return row
    scenarios = Adjacency(np.arange(0, tried.size + 1, order), events.values[tried.ravel()])
    peer = timed(lambda: count_failing(estate, scenarios, np.array([top]), unknown="best"))
    return Row(
        row.name,
        row.median,
        row.unit,
        row.n,
        row.setting,
        row.better,
        row.bar,
        f"sweep of all {len(tried):,} sets, once",
        peer,
        RUNS,
    )


def _count_sets(events: int, order: int) -> float:
    return float(np.prod([(events - place) / (place + 1) for place in range(order)]))


if __name__ == "__main__":
    for measured in measure():
        print(measured)
