"""How good a plan can be at the very best: lower bounds that need no solver.

**Makespan.** The longest road through the needs; and for each skill the work that cannot start before some minute and
that has some road behind it, done by all crews without a gap.

**Citizen-hours.** A job with duration p that works evenly has its end p/2 after the middle of its work. Each job may
pass weight on to jobs that it cannot do without (it ends at least its own duration later), and spread the rest over its
earliest end and over the skills that it uses. For one skill, or several taken together, the least weighted sum of
middles is the cost of a preemptive schedule in which, at each minute, all crews work on the job with most weight per
crew-minute among those that can have started: a transport problem with a product of cost and time. So every division of
weights gives a bound (Lagrange); a search that shifts weight to what is worth most, by small powers, looks for a good
one. Middles as in Goemans, Improved approximation algorithms for scheduling with release dates (1997). All of it holds
for calendars, k of n and modes, of which the least duration and work are taken.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import ceil, exp
from typing import Final

from eendracht.resilience.scheduling.heads import Heads, find_heads
from eendracht.resilience.scheduling.instance import Instance
from eendracht.resilience.scheduling.needs import find_tails, list_last_needs, list_sure_needs
from eendracht.resilience.scheduling.supply import Piece, list_pools

_SAFETY: Final = 1e-9
"""Share of a bound that rounding may have added."""
_ROUNDS: Final = 400


def find_bound(instance: Instance, seconds: float) -> int:
    """Give a value that no plan goes below, in the unit of the objective; search for so long at most."""
    heads = find_heads(instance)
    if instance.is_makespan:
        return _bound_makespan(instance, heads)
    return max(sum(instance.losses(heads.ends)), _Weights(instance, heads).search(seconds))


def _bound_makespan(instance: Instance, heads: Heads) -> int:
    durations = [min(way.duration for way in ways) for ways in instance.ways]
    tails = [tail - duration for tail, duration in zip(find_tails(instance), durations, strict=True)]
    best = max((head + tail for head, tail in zip(heads.ends, tails, strict=True)), default=0)
    for pool in list_pools(instance):
        supply = pool.supply
        jobs = [(heads.starts[job], tails[job], work) for job, work in enumerate(pool.work) if work]
        jobs.sort(key=lambda job: -job[1])
        for begin in {begin for begin, _, _ in jobs}:
            done = supply.work_until(begin)
            # From the longest road behind it to the shortest, more and more jobs share the least of these roads.
            for start, tail, work in jobs:
                if start >= begin:
                    done += work
                    best = max(best, ceil(supply.minute_of(done) - _SAFETY * done) + tail)
    return best


class _Weights:
    """A division of the weights: a share of each job for its earliest end, each pool of crews and each sure need."""

    def __init__(self, instance: Instance, heads: Heads) -> None:
        self.instance = instance
        self.heads = heads
        self.durations = [min(way.duration for way in ways) for ways in instance.ways]
        self.pools = list_pools(instance)
        self.work: list[dict[int, tuple[float, int]]] = [
            {
                number: (pool.supply.work_until(heads.starts[job]), pool.work[job])
                for number, pool in enumerate(self.pools)
                if pool.work[job]
            }
            for job in range(len(instance))
        ]
        self.needs = list_last_needs(list_sure_needs(instance))
        self.order = _sort_by_needs(self.needs)
        self.shares = [
            [1.0 / (1 + len(work) + len(needs))] * (1 + len(work) + len(needs))
            for work, needs in zip(self.work, self.needs, strict=True)
        ]

    def search(self, seconds: float) -> int:
        """Give the best bound that is found in this time."""
        certain = sum(
            penalty
            for end, due, penalty in zip(self.heads.ends, self.instance.due, self.instance.penalty, strict=True)
            if end > due
        )
        best, until = 0.0, time.monotonic() + seconds
        scale = max(1, max(self.heads.ends, default=1))
        for turn in range(_ROUNDS):
            worth = self._value()
            bound = sum(w * value for w, (value, _) in zip(self.instance.weight, worth, strict=True))
            best = max(best, bound)
            if time.monotonic() > until:
                break
            self._shift(worth, 4.0 / (1 + turn / 20) / scale)
        return ceil(best * (1 - _SAFETY)) + certain

    def _value(self) -> list[tuple[float, list[float]]]:
        """Give what one citizen per hour is worth at each job, together and by share."""
        amounts = [float(weight) for weight in self.instance.weight]
        for job in reversed(self.order):
            first = 1 + len(self.work[job])
            for share, need in zip(self.shares[job][first:], self.needs[job], strict=True):
                amounts[need] += share * amounts[job]
        middles = self._find_middles(amounts)
        worth: list[tuple[float, list[float]]] = [(0.0, [])] * len(amounts)
        for job in self.order:
            duration = self.durations[job]
            values = [float(self.heads.ends[job])]
            values += [middles[pool][job] + duration / 2 for pool in self.work[job]]
            values += [worth[need][0] + duration for need in self.needs[job]]
            worth[job] = (sum(share * value for share, value in zip(self.shares[job], values, strict=True)), values)
        return worth

    def _find_middles(self, amounts: Sequence[float]) -> list[dict[int, float]]:
        found: list[dict[int, float]] = []
        for number, pool in enumerate(self.pools):
            jobs = [job for job, work in enumerate(self.work) if number in work]
            pieces = [
                Piece(*self.work[job][number], amounts[job] * self.shares[job][1 + list(self.work[job]).index(number)])
                for job in jobs
            ]
            found.append(dict(zip(jobs, pool.supply.find_middles(pieces), strict=True)))
        return found

    def _shift(self, worth: Sequence[tuple[float, list[float]]], step: float) -> None:
        for job, (value, values) in enumerate(worth):
            powers = [
                share * exp(max(-30.0, min(30.0, step * (one - value))))
                for share, one in zip(self.shares[job], values, strict=True)
            ]
            total = sum(powers)
            self.shares[job] = [power / total for power in powers]


def _sort_by_needs(needs: Sequence[Sequence[int]]) -> list[int]:
    """Give the jobs so that each comes after those it cannot do without."""
    order: list[int] = []
    missing = [len(some) for some in needs]
    followers: list[list[int]] = [[] for _ in needs]
    for job, some in enumerate(needs):
        for need in some:
            followers[need].append(job)
    ready = [job for job, count in enumerate(missing) if not count]
    while ready:
        job = ready.pop()
        order.append(job)
        for follower in followers[job]:
            missing[follower] -= 1
            if not missing[follower]:
                ready.append(follower)
    return order
