"""The earliest that each job can be done if no other job takes its crews."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from eendracht.resilience.scheduling.calendars import Timeline, find_slot
from eendracht.resilience.scheduling.instance import NEVER, Instance, Way
from eendracht.resilience.scheduling.needs import list_followers


@dataclass(frozen=True, slots=True)
class Heads:
    """By job the earliest minute at which it can start, and at which it can be done; they may be of two modes."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]


def find_heads(instance: Instance) -> Heads:
    """Give the heads of each job: the least fixed point over its needs, the crews there are, and its modes.

    Ends are settled in increasing order (Knuth, A generalization of Dijkstra's algorithm, 1977).
    """
    timelines = instance.open_timelines()
    followers = list_followers(instance)
    ends = [NEVER] * len(instance) + list(instance.things)
    queue: list[tuple[int, int]] = []
    for job, start in enumerate(instance.started):
        if start is not None:
            ends[job] = start + instance.ways[job][0].duration
    for job in range(len(instance)):
        if ends[job] == NEVER:
            heapq.heappush(queue, (_find_earliest(instance, job, timelines, ends)[1], job))
    while queue:
        end, job = heapq.heappop(queue)
        if end < ends[job]:
            ends[job] = end
            for follower in followers[job]:
                if ends[follower] > end:
                    heapq.heappush(queue, (_find_earliest(instance, follower, timelines, ends)[1], follower))
    starts = [
        _find_earliest(instance, job, timelines, ends)[0] if start is None else start
        for job, start in enumerate(instance.started)
    ]
    return Heads(tuple(starts), tuple(ends[: len(instance)]))


def _find_earliest(instance: Instance, job: int, timelines: Sequence[Timeline], ends: Sequence[int]) -> tuple[int, int]:
    """Give the earliest start and the earliest end over all ways, while the needed have these ends."""
    earliest, done = NEVER, NEVER
    for way in instance.ways[job]:
        begin = max(instance.earliest[job], _begin(way, ends))
        start = find_slot(timelines, begin, way.duration, way.demands) if begin < NEVER else None
        if start is not None:
            earliest, done = min(earliest, start), min(done, start + way.duration)
    return earliest, done


def _begin(way: Way, ends: Sequence[int]) -> int:
    return max((sorted(ends[member] for member in members)[k - 1] for k, members in way.groups), default=0)
