"""When everything fails, for one scenario of permanent failures: the least fixed point, computed in whole columns.

A node without a failure of its own fails at T(v) = min over its run groups of (the (n - k + 1)-th smallest T of the
members) + buffer; a seed at its own moment, if that is earlier. The failed set is the least one: nodes that only keep
each other alive go on living. An alternative takes over at once; switch-over times are for the simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.estate.adjacency import Flags, Ints
from eendracht.kernel.estate.model import NEVER, Case, Estate, Seed, check_seeds, to_hours, to_seconds
from eendracht.kernel.estate.propagation import propagate


@dataclass(frozen=True, eq=False)
class FailureTimes:
    """The moment at which each node fails, in seconds; `NEVER` where it does not.

    `seconds` has one entry per node and a last one for the unresolved providers.
    """

    estate: Estate
    seeds: tuple[Seed, ...]
    unknown: Case
    seconds: Ints

    @property
    def hours(self) -> NDArray[np.float64]:
        """Moment of failure per node in hours, infinite where it does not fail."""
        return to_hours(self.seconds[:-1])

    @property
    def failed(self) -> Ints:
        """The nodes that fail, by index."""
        return np.flatnonzero(self.seconds[:-1] < NEVER)


def list_seed_moments(estate: Estate, seeds: Sequence[Seed], unknown: Case) -> dict[int, int]:
    """Give the first failure of each seed in seconds; in the worst case unresolved providers fail with the first."""
    moments: dict[int, int] = {}
    for seed in seeds:
        moment = to_seconds(seed.failed_at_hours)
        moments[seed.node] = min(moment, moments.get(seed.node, NEVER))
    if moments and unknown == "worst":
        moments[estate.unresolved_node] = min(moments.values())
    return moments


def compute_failure_times(estate: Estate, seeds: Sequence[Seed], *, unknown: Case) -> FailureTimes:
    """Give the moment at which each node fails when the seeds fail for good; raises InvalidInput on bad seeds.

    The first call on an estate also makes its plan; a later one takes some 40 ms per million members.
    """
    check_seeds(estate, seeds, permanent=True)
    moments = list_seed_moments(estate, seeds, unknown)
    plan = estate.plan
    values = np.full(plan.row_count, NEVER, dtype=np.int64)
    values[plan.row_of_node[list(moments)]] = list(moments.values())
    propagate(plan, values, Moments())
    return FailureTimes(estate, tuple(seeds), unknown, values[plan.row_of_node])


def find_fallen(estate: Estate, failed: Sequence[int] | Ints, *, unknown: Case) -> Flags:
    """Flag what is down once these nodes are, the nodes themselves included; no seed is needed for that.

    The last entry stands for the unresolved providers, which are down in the worst case.
    """
    plan = estate.plan
    values = np.full(plan.row_count, NEVER, dtype=np.int64)
    values[plan.row_of_node[np.asarray(failed, dtype=np.int64)]] = 0
    if unknown == "worst":
        values[plan.row_of_node[-1]] = 0
    propagate(plan, values, Moments())
    return values[plan.row_of_node] < NEVER


class Moments:
    """A gate changes at the threshold-th smallest moment of its inputs, each put off by its delay."""

    sound = NEVER

    def evaluate(self, values: NDArray[Any], threshold: int, inputs: Ints, delays: Ints | None) -> NDArray[Any]:
        """Give the moment of each gate."""
        moments = values.take(inputs)
        if delays is not None:
            moments += delays
        if threshold == 1:
            return np.asarray(moments.min(axis=0))
        if threshold == len(inputs):
            return np.asarray(moments.max(axis=0))
        moments.partition(threshold - 1, axis=0)
        return np.asarray(moments[threshold - 1])

    def merge(self, rows: slice | Ints, old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        """Keep the earlier moment."""
        return np.asarray(np.minimum(old, new))
