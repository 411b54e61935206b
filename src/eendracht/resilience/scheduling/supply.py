"""The work that the free crews of one or more skills together can do: minutes to crew-minutes and back."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from typing import Final

from eendracht.resilience.scheduling.instance import Instance, Way

_FEW_SKILLS: Final = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """What a pool of crews has to do for a job: not before `release` (crew-minutes), so much work, at such a weight."""

    release: float
    work: float
    weight: float


class Supply:
    """The crew-minutes that have gone by at each minute, without the minutes at which nobody is free."""

    def __init__(self, line: Sequence[tuple[int, int]], end: int) -> None:
        self._minutes: list[float] = []
        self._free: list[int] = []
        self._done: list[float] = []
        self._area: list[float] = []
        done = area = 0.0
        stops = [*(minute for minute, _ in line[1:]), end]
        for (minute, free), stop in zip(line, stops, strict=True):
            if free > 0:
                self._minutes.append(minute)
                self._free.append(free)
                self._done.append(done)
                self._area.append(area)
                done += free * (stop - minute)
                area += free * (stop - minute) * (stop + minute) / 2

    def work_until(self, minute: float) -> float:
        """Give the crew-minutes that have gone by."""
        at = bisect_right(self._minutes, minute) - 1
        if at < 0:
            return 0.0
        done = self._done[at] + self._free[at] * (minute - self._minutes[at])
        return min(done, self._done[at + 1]) if at + 1 < len(self._done) else done

    def minute_of(self, work: float) -> float:
        """Give the first minute at which so many crew-minutes have gone by."""
        at = max(0, bisect_left(self._done, work) - 1)
        return self._minutes[at] + (work - self._done[at]) / self._free[at]

    def _moment(self, work: float) -> float:
        """Give the integral of the minute over the work up to here."""
        at = max(0, bisect_left(self._done, work) - 1)
        more = work - self._done[at]
        return self._area[at] + more * (self._minutes[at] + more / self._free[at] / 2)

    def find_middles(self, pieces: Sequence[Piece]) -> list[float]:
        """Give the middle of the work on each piece when at each minute all crews do the heaviest that is released."""
        by_release = sorted(range(len(pieces)), key=lambda piece: pieces[piece].release)
        left = [piece.work for piece in pieces]
        moments = [0.0] * len(pieces)
        ready: list[tuple[float, int]] = []
        now, at = 0.0, 0
        while at < len(by_release) or ready:
            if not ready:
                now = max(now, pieces[by_release[at]].release)
            while at < len(by_release) and pieces[by_release[at]].release <= now:
                piece = by_release[at]
                heapq.heappush(ready, (-pieces[piece].weight / pieces[piece].work, piece))
                at += 1
            piece = ready[0][1]
            stop = now + left[piece]
            if at < len(by_release):
                stop = min(stop, pieces[by_release[at]].release)
            moments[piece] += self._moment(stop) - self._moment(now)
            left[piece] -= stop - now
            now = stop
            if left[piece] <= 1e-9:
                heapq.heappop(ready)
        return [moment / piece.work for moment, piece in zip(moments, pieces, strict=True)]


@dataclass(frozen=True, slots=True)
class Pool:
    """Crews of one or more skills taken together: what they can do, and the least work of each job for them."""

    supply: Supply
    work: tuple[int, ...]


def list_pools(instance: Instance) -> list[Pool]:
    """Give the crews of each skill, of each pair of skills where these are few, and of all skills together.

    A job of which the modes ask for different skills takes no work of any one of them for sure, but does of a pair.
    """
    skills = range(len(instance.calendars))
    groups: list[tuple[int, ...]] = [(skill,) for skill in skills]
    if any(len(ways) > 1 for ways in instance.ways):
        groups += combinations(skills, 2) if len(skills) <= _FEW_SKILLS else ()
        groups += [tuple(skills)] if len(skills) > 2 else []
    end = instance.find_horizon() + 1
    lines = [line.list_free(end) for line in instance.open_timelines()]
    return [
        Pool(
            Supply(_join([lines[skill] for skill in group]), end),
            tuple(
                0 if start is not None else min(_count_work(way, group) for way in ways)
                for ways, start in zip(instance.ways, instance.started, strict=True)
            ),
        )
        for group in groups
    ]


def _count_work(way: Way, skills: Collection[int]) -> int:
    return way.duration * sum(crews for skill, crews in way.demands if skill in skills)


def _join(lines: Sequence[Sequence[tuple[int, int]]]) -> list[tuple[int, int]]:
    """Add up the free crews of several skills."""
    changes: dict[int, int] = {}
    for line in lines:
        before = 0
        for minute, free in line:
            changes[minute] = changes.get(minute, 0) + max(0, free) - before
            before = max(0, free)
    minutes = sorted(changes)
    return list(zip(minutes, accumulate(changes[minute] for minute in minutes), strict=True))
