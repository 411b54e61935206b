"""Naive references, written from the text of the semantics and sharing nothing with the library.

`TickSimulator` walks clock tick by clock tick and looks at every node and group again and again; `solve_least_times`
iterates the formula on fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from tests.kernel.estate.cases import Case, PlainGroup

INFINITE = Fraction(10**9)


class _Box:
    """A run group with its counters."""

    def __init__(self, group: PlainGroup) -> None:
        self.group = group
        self.serving = list(range(group.k))
        self.met = True
        self.drained = 0
        self.empty = False
        self.progress: dict[int, int] = {}
        self.completed: set[int] = set()


class TickSimulator:
    """States of all nodes at the end of each step of each tick; `history` has one dict per step."""

    def __init__(self, case: Case, *, unresolved_fail: bool) -> None:
        self.case = case
        self.boxes = [_Box(group) for group in case.groups if group.phase == "run"]
        self.starts = [group for group in case.groups if group.phase == "start"]
        names = {member.provider for group in case.groups for member in group.members}
        self.ghosts = sorted(names - set(case.nodes))
        self.seeds = list(case.seeds)
        if unresolved_fail:
            first = min(begin for _, begin, _ in case.seeds)
            self.seeds += [(ghost, first, None) for ghost in self.ghosts]
        self.everybody = [*case.nodes, *self.ghosts]
        self.works = dict.fromkeys(self.everybody, True)
        self.crashed = dict.fromkeys(self.everybody, False)

    def run(self, ticks: int) -> list[tuple[int, str, str]]:
        """Give (tick, node, state) for each change, step by step, nodes in the order of the case."""
        changes: list[tuple[int, str, str]] = []
        known = dict.fromkeys(self.case.nodes, "up")
        for tick in range(ticks):
            if tick:
                self._let_a_tick_pass()
            for step in (self._repair, self._fail, self._switch):
                step(tick)
                self._close_step()
                for node in self.case.nodes:
                    state = self._describe(node)
                    if state != known[node]:
                        known[node] = state
                        changes.append((tick, node, state))
        return changes

    def _let_a_tick_pass(self) -> None:
        for box in self.boxes:
            if not box.met:
                box.drained += 1
                for place in box.progress:
                    box.progress[place] += 1

    def _own_failure(self, node: str, tick: int) -> bool:
        return any(name == node and begin <= tick and (end is None or tick < end) for name, begin, end in self.seeds)

    def _ready(self, box: _Box) -> list[int]:
        return [
            place
            for place, member in enumerate(box.group.members)
            if self.works[member.provider]
            and (place in box.serving or member.automatic or member.switch == 0 or place in box.completed)
        ]

    def _working(self, group: PlainGroup) -> int:
        return sum(self.works[member.provider] for member in group.members)

    def _repair(self, tick: int) -> None:
        self._go_up(lambda node: self._own_failure_lasts(node, tick))

    def _go_up(self, failing: Callable[[str], bool]) -> None:
        """Meet and start whatever can be, over and over, until a whole round changes nothing."""
        moving = True
        while moving:
            moving = False
            for box in self.boxes:
                if not box.met and len(self._ready(box)) >= box.group.k:
                    box.met, box.empty, box.drained, moving = True, False, 0, True
            for node in self.everybody:
                if self.works[node] or failing(node):
                    continue
                if any(box.empty for box in self.boxes if box.group.consumer == node):
                    continue
                needs = [group for group in self.starts if group.consumer == node]
                if self.crashed[node] and any(self._working(group) < group.k for group in needs):
                    continue
                self.works[node], self.crashed[node], moving = True, False, True

    def _own_failure_lasts(self, node: str, tick: int) -> bool:
        """During repair a failure that begins at this very tick has not begun, unless it adjoins one that ends now."""
        return self._own_failure(node, tick) and (tick not in self._begins(node) or self._own_failure(node, tick - 1))

    def _begins(self, node: str) -> set[int]:
        return {begin for name, begin, _ in self.seeds if name == node}

    def _fail(self, tick: int) -> None:
        moving = True
        while moving:
            moving = False
            for node in self.everybody:
                boxes = [box for box in self.boxes if box.group.consumer == node and box.empty]
                crash = self._own_failure(node, tick) or any(self._working(box.group) < box.group.k for box in boxes)
                if crash and not self.crashed[node]:
                    self.crashed[node] = moving = True
                if self.works[node] and (crash or boxes):
                    self.works[node], moving = False, True
                    self._forget(node)
            for box in self.boxes:
                if box.met and len(self._ready(box)) < box.group.k:
                    box.met, box.drained, moving = False, 0, True
                if not box.met and not box.empty and box.drained >= box.group.buffer:
                    box.empty = moving = True

    def _forget(self, node: str) -> None:
        for box in self.boxes:
            for place, member in enumerate(box.group.members):
                if member.provider == node:
                    box.progress.pop(place, None)
                    box.completed.discard(place)

    def _switch(self, tick: int) -> None:
        for box in self.boxes:
            for place in [p for p, done in box.progress.items() if done >= box.group.members[p].switch]:
                box.completed.add(place)
                del box.progress[place]
        self._go_up(lambda node: self._own_failure(node, tick))

    def _close_step(self) -> None:
        for box in self.boxes:
            ready = self._ready(box)
            if box.met:
                kept = [place for place in box.serving if place in ready]
                fresh = [place for place in ready if place not in kept]
                box.serving = (kept + fresh)[: box.group.k]
                box.progress, box.completed = {}, set()
            else:
                for place, member in enumerate(box.group.members):
                    if self.works[member.provider] and place not in ready:
                        box.progress.setdefault(place, 0)

    def _describe(self, node: str) -> str:
        boxes = [box for box in self.boxes if box.group.consumer == node]
        if self.crashed[node]:
            return "down"
        if not self.works[node]:
            return "switching"
        return "up" if all(box.met for box in boxes) else "draining"


def solve_least_times(case: Case, *, unresolved_fail: bool) -> dict[str, Fraction]:
    """Iterate T(v) = min over run groups of the (n - k + 1)-th smallest T plus buffer, downwards from never."""
    times = dict.fromkeys(case.nodes, INFINITE)
    own = dict.fromkeys(case.nodes, INFINITE)
    for node, begin, _ in case.seeds:
        own[node] = min(own[node], begin * case.tick)
    ghost = min(own.values()) if unresolved_fail else INFINITE
    while True:
        fresh = {}
        for node in case.nodes:
            moments = [own[node]]
            for group in case.groups:
                if group.consumer == node and group.phase == "run":
                    ordered = sorted(times.get(member.provider, ghost) for member in group.members)
                    moments.append(ordered[len(ordered) - group.k] + group.buffer * case.tick)
            fresh[node] = min(*moments, INFINITE)
        if fresh == times:
            return times
        times = fresh
