"""Serial schedule generation: one job after the other takes the first place at which its crews are free.

The serial rule is what a crisis team does by hand: what gives most citizens per hour back, with all that waits for it,
for each minute of work goes first. For the makespan it is the job with the longest road to the end.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from eendracht.resilience.scheduling.calendars import find_slot
from eendracht.resilience.scheduling.instance import NEVER, Instance, Placement, Way
from eendracht.resilience.scheduling.needs import find_tails, list_bits, list_followers


def rank_jobs(instance: Instance) -> list[float]:
    """Give the priority of each job under the serial rule; the highest goes first."""
    return [float(road) for road in find_tails(instance)] if instance.is_makespan else _rank_by_citizens(instance)


def _rank_by_citizens(instance: Instance) -> list[float]:
    return [
        total / max(1, min(way.duration for way in ways))
        for total, ways in zip(weigh_with_followers(instance), instance.ways, strict=True)
    ]


def weigh_with_followers(instance: Instance) -> list[int]:
    """Give for each job the citizens per hour that come back with it and with all that may wait for it."""
    return [
        instance.weight[job] + sum(instance.weight[follower] for follower in list_bits(reached & ~(1 << job)))
        for job, reached in enumerate(_list_reached(instance))
    ]


def _list_reached(instance: Instance) -> list[int]:
    """Give for each job the bits of all jobs that may wait for it, however far."""
    followers = list_followers(instance)
    reached = [sum(1 << follower for follower in some) for some in followers]
    leaders: list[list[int]] = [[] for _ in reached]
    for job, some in enumerate(followers):
        for follower in some:
            leaders[follower].append(job)
    waiting = list(range(len(reached)))
    while waiting:
        job = waiting.pop()
        for leader in leaders[job]:
            grown = reached[leader] | reached[job]
            if grown != reached[leader]:
                reached[leader] = grown
                waiting.append(leader)
    return reached


def build_serial_plan(
    instance: Instance, priority: Sequence[float], ways: Sequence[int | None] | None = None
) -> Placement:
    """Place the jobs one by one, of those whose needs are placed the one with the highest priority.

    Each takes the mode in `ways`; where there is none, or its crews are gone, the one that is done first. What
    has started stays where it is.
    """
    return _Builder(instance, priority, ways).build()


def tighten(instance: Instance, placement: Placement) -> Placement:
    """Let every job, in the order of the starts, begin as early as it can, until none moves; nothing ends later."""
    moved = _place_again(instance, placement)
    while True:
        again = _place_again(instance, moved)
        if sum(again.starts) >= sum(moved.starts):
            return moved
        moved = again


def _place_again(instance: Instance, placement: Placement) -> Placement:
    return build_serial_plan(instance, give_priorities(_sort_by_start(instance, placement)), placement.ways)


def _sort_by_start(instance: Instance, placement: Placement) -> list[int]:
    """Sort jobs by start; of those that take no time, at one moment each comes after what it needs."""
    ends = instance.list_ends(placement)
    there = set(range(len(instance), len(instance) + len(instance.things)))
    moments = [*ends, *instance.things]
    waiting = sorted(range(len(instance)), key=lambda job: (placement.starts[job], ends[job]))
    order: list[int] = []
    while waiting:
        first = waiting[0]
        start = placement.starts[first]
        same = [job for job in waiting if ends[job] == placement.starts[job] == start] or [first]
        known = {member for member in there if moments[member] <= start}
        chosen = next((job for job in same if _is_met(instance.ways[job][placement.ways[job]], known)), first)
        order.append(chosen)
        there.add(chosen)
        waiting.remove(chosen)
    return order


def _is_met(way: Way, known: set[int]) -> bool:
    return all(sum(member in known for member in members) >= k for k, members in way.groups)


def give_priorities(order: Sequence[int]) -> list[float]:
    """Give the priorities by which jobs are placed in an order, as far as their needs allow it."""
    priority = [0.0] * len(order)
    for place, job in enumerate(order):
        priority[job] = -float(place)
    return priority


class _Builder:
    """One run; `ends` holds the minute of everything that is placed, things included."""

    def __init__(self, instance: Instance, priority: Sequence[float], ways: Sequence[int | None] | None) -> None:
        self.instance = instance
        self.priority = priority
        self.chosen = ways
        self.timelines = instance.open_timelines()
        self.ends: list[int | None] = [None] * len(instance)
        self.ends += [minute if minute < NEVER else None for minute in instance.things]
        self.starts = [0] * len(instance)
        self.ways = [0] * len(instance)
        self.followers = list_followers(instance)
        self.ready: list[tuple[float, int]] = []
        self.queued: set[int] = set()

    def build(self) -> Placement:
        instance = self.instance
        facts = [job for job, start in enumerate(instance.started) if start is not None]
        for job in facts:
            start = instance.started[job]
            assert start is not None
            self.starts[job], self.ends[job] = start, start + instance.ways[job][0].duration
        waiting = set(range(len(instance))) - set(facts)
        self._offer(waiting)
        while self.ready:
            _, job = heapq.heappop(self.ready)
            self.queued.discard(job)
            # Else its crews are gone for the modes of which the needs are met, and it waits for those of another.
            if self._place(job):
                waiting.discard(job)
                self._offer(follower for follower in self.followers[job] if follower in waiting)
        return Placement(tuple(self.starts), tuple(self.ways))

    def _offer(self, jobs: Iterable[int]) -> None:
        for job in jobs:
            if job not in self.queued and any(self._begin(way) is not None for _, way in self._open(job)):
                heapq.heappush(self.ready, (-self.priority[job], job))
                self.queued.add(job)

    def _open(self, job: int) -> list[tuple[int, Way]]:
        ways = list(enumerate(self.instance.ways[job]))
        chosen = None if self.chosen is None else self.chosen[job]
        return ways if chosen is None else [ways[chosen]]

    def _begin(self, way: Way) -> int | None:
        """Give when the needs of a way are met by what is placed; None when they are not."""
        begin = 0
        for k, members in way.groups:
            placed = sorted(end for member in members if (end := self.ends[member]) is not None)
            if len(placed) < k:
                return None
            begin = max(begin, placed[k - 1])
        return begin

    def _place(self, job: int) -> bool:
        options = self._list_options(job, self._open(job))
        options = options or self._list_options(job, list(enumerate(self.instance.ways[job])))
        if not options:
            return False
        end, _, number, start = min(options)
        self.starts[job], self.ways[job], self.ends[job] = start, number, end
        for skill, crews in self.instance.ways[job][number].demands:
            self.timelines[skill].take(start, end, crews)
        return True

    def _list_options(self, job: int, ways: Iterable[tuple[int, Way]]) -> list[tuple[int, int, int, int]]:
        """Give `(end, work, way, start)` for each way of which the needs are met and the crews come."""
        options = []
        for number, way in ways:
            begin = self._begin(way)
            if begin is not None:
                begin = max(begin, self.instance.earliest[job])
                start = find_slot(self.timelines, begin, way.duration, way.demands)
                if start is not None:
                    options.append((start + way.duration, way.crew_minutes, number, start))
        return options
