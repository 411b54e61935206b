"""The same question under each assumption: unresolved providers hold or fail, untested alternatives work or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from eendracht.kernel.estate.adjacency import Adjacency
from eendracht.kernel.estate.fixpoint import FailureTimes, compute_failure_times
from eendracht.kernel.estate.model import Case, Estate, Seed
from eendracht.kernel.estate.sweep import Sweep, sweep_failures

Result = TypeVar("Result")


class View(NamedTuple):
    """What is taken for granted: `unknown` for unresolved providers, `trust_untested` for untested alternatives."""

    unknown: Case
    trust_untested: bool

    def apply(self, estate: Estate) -> Estate:
        """Give the estate as this view sees it."""
        return estate if self.trust_untested else estate.tested_only


BEST = View("best", trust_untested=True)
WORST = View("worst", trust_untested=False)
VIEWS = (BEST, View("best", trust_untested=False), View("worst", trust_untested=True), WORST)
"""Every view, the most hopeful first; what fails in BEST fails in all, what fails in any fails in WORST."""


def compare_failure_times(estate: Estate, seeds: Sequence[Seed]) -> Mapping[View, FailureTimes]:
    """Compute the failure times of one scenario under every view; views that cannot differ share their result."""
    return _compare(estate, lambda seen, unknown: compute_failure_times(seen, seeds, unknown=unknown))


def compare_sweeps(estate: Estate, scenarios: Adjacency) -> Mapping[View, Sweep]:
    """Sweep the scenarios under every view; views that cannot differ share their result."""
    return _compare(estate, lambda seen, unknown: sweep_failures(seen, scenarios, unknown=unknown))


def _compare(estate: Estate, compute: Callable[[Estate, Case], Result]) -> Mapping[View, Result]:
    results: dict[tuple[int, Case], Result] = {}
    compared = {}
    for view in VIEWS:
        seen = view.apply(estate)
        key: tuple[int, Case] = (id(seen), view.unknown if estate.has_unresolved else "best")
        if key not in results:
            results[key] = compute(seen, view.unknown)
        compared[view] = results[key]
    return compared
