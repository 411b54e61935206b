"""How many crews of one skill there are at each minute, and how many of them are still free."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from math import lcm

from eendracht.resilience.scheduling.problem import Absence, Crews


class Calendar:
    """A step function of minutes that repeats every `period` from `settled_minute` on."""

    def __init__(self, crews: Iterable[Crews], absences: Iterable[Absence]) -> None:
        self._crews = tuple(crews)
        self._absences = tuple(absences)
        self.period = lcm(*(entry.repeats_after_minutes or 1 for entry in self._crews))
        ends = [entry.levels[-1][0] for entry in self._crews if not entry.repeats_after_minutes]
        ends += [minute for gone in self._absences for minute in (gone.from_minute, gone.until_minute or 0)]
        self.settled_minute = max(ends, default=0)

    @property
    def is_steady(self) -> bool:
        """Whether nothing changes any more once it is settled."""
        return self.period == 1

    def level_at(self, minute: int) -> int:
        """Give the crews there are at a minute."""
        there = sum(_level(entry, minute) for entry in self._crews)
        gone = sum(
            absence.crews
            for absence in self._absences
            if absence.from_minute <= minute and (absence.until_minute is None or minute < absence.until_minute)
        )
        return max(0, there - gone)

    def list_steps(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Give `(minute, level)` at `begin` and at each later change before `end`."""
        marks = {begin}
        for entry in self._crews:
            repeats = entry.repeats_after_minutes
            turns = range(begin - begin % repeats, end, repeats) if repeats else (0,)
            marks.update(turn + minute for turn in turns for minute, _ in entry.levels)
        for absence in self._absences:
            marks.update((absence.from_minute, absence.until_minute or 0))
        steps: list[tuple[int, int]] = []
        for minute in sorted(mark for mark in marks if begin <= mark < end):
            level = self.level_at(minute)
            if not steps or steps[-1][1] != level:
                steps.append((minute, level))
        return steps


def _level(entry: Crews, minute: int) -> int:
    if entry.repeats_after_minutes:
        minute %= entry.repeats_after_minutes
    return entry.levels[bisect_right(entry.levels, minute, key=lambda level: level[0]) - 1][1]


class Timeline:
    """The crews of a skill that are free; it grows to the right as far as it is looked at."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.settled_minute, self.period = calendar.settled_minute, calendar.period
        self._known = calendar.settled_minute + calendar.period
        steps = calendar.list_steps(0, self._known)
        self._minutes = [minute for minute, _ in steps]
        self._free = [level for _, level in steps]
        self.last_end = 0

    def find(self, start: int, duration: int, crews: int) -> int | None:
        """Give the first minute from `start` at which so many are free as long as asked; None if there is none."""
        limit = max(self.settled_minute, self.last_end, start) + self.period
        self._reach(start + duration)
        at = bisect_right(self._minutes, start) - 1
        while True:
            if self._free[at] < crews:
                at += 1
                if not self._has(at):
                    return None
                start = self._minutes[at]
                if start > limit:
                    return None
                continue
            stop = at + 1
            while self._has(stop, start + duration) and self._minutes[stop] < start + duration:
                if self._free[stop] < crews:
                    break
                stop += 1
            else:
                return start
            at = stop

    def take(self, start: int, end: int, crews: int) -> None:
        """Let so many be busy in `[start, end)`; they need not be there."""
        self._reach(end)
        first, last = self._cut(start), self._cut(end)
        for at in range(first, last):
            self._free[at] -= crews
        self.last_end = max(self.last_end, end)

    def list_free(self, end: int) -> list[tuple[int, int]]:
        """Give `(minute, free)` at minute 0 and at each change before `end`."""
        self._reach(end)
        stop = bisect_left(self._minutes, end)
        return list(zip(self._minutes[:stop], self._free[:stop], strict=True))

    def _cut(self, minute: int) -> int:
        at = bisect_left(self._minutes, minute)
        if at == len(self._minutes) or self._minutes[at] != minute:
            self._minutes.insert(at, minute)
            self._free.insert(at, self._free[at - 1])
        return at

    def _has(self, at: int, until: int = 0) -> bool:
        if at >= len(self._minutes):
            self._reach(max(until, self._known + self.period))
        return at < len(self._minutes)

    def _reach(self, minute: int) -> None:
        if minute < self._known or self._calendar.is_steady:
            return
        begin, self._known = self._known, minute + max(self.period, minute // 4)
        for step, level in self._calendar.list_steps(begin, self._known):
            self._cut(step)
            self._free[-1] = level


def find_slot(
    timelines: Sequence[Timeline], start: int, duration: int, demands: Sequence[tuple[int, int]]
) -> int | None:
    """Give the first minute from `start` at which every demand `(skill, crews)` is free; None if there is none."""
    if not duration:
        return start
    first = start
    asked = [timelines[skill] for skill, _ in demands]
    settled = max((max(line.last_end, line.settled_minute) for line in asked), default=0)
    limit = max(first, settled) + lcm(*(line.period for line in asked))
    while start <= limit:
        moved = False
        for skill, crews in demands:
            found = timelines[skill].find(start, duration, crews)
            if found is None:
                return None
            moved = moved or found > start
            start = found
        if not moved:
            return start
    return None
