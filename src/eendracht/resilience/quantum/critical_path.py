"""The critical path of steps that wait for each other, in exact months from today.

Early and late starts are those of the critical path method. What nobody knows (how long a step takes, or from when it
can begin) counts as nothing in the best case; in the worst case there is no end to it, nor to what waits for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from eendracht.kernel.errors import Fault, InvalidInput

MOST_TASKS: Final = 50_000
MOST_NAMED: Final = 20
_NOW: Final = Fraction(0)


class Circle(InvalidInput):
    """Steps wait for each other; `stuck` are those in a circle and all that wait for them."""

    code = "circle-of-steps"
    title_nl = "Stappen wachten op elkaar"
    title_en = "Steps wait for each other"
    default_hint = "Take one of the steps out of what the next one waits for."

    def __init__(self, waiting: Mapping[str, Sequence[str]]) -> None:
        """Take what each stuck step waits for."""
        self.stuck = frozenset(waiting)
        name, seen = min(waiting), dict[str, int]()
        while name not in seen:
            seen[name] = len(seen)
            name = next(one for one in waiting[name] if one in waiting)
        circle = list(seen)[seen[name] :][::-1]
        told = " → ".join([*circle[:MOST_NAMED], *(["…"] if len(circle) > MOST_NAMED else []), circle[0]])
        fault = Fault(
            "/spec/after",
            "circle",
            f"Deze stappen wachten op elkaar: {told}",
            f"These steps wait for each other: {told}",
            self.default_hint,
        )
        super().__init__("The steps go round in a circle", faults=[fault])


@dataclass(frozen=True, slots=True)
class Task:
    """A step; times in months from today.

    `months` is None where nobody knows how long it takes; `is_open` says that nobody knows from when it can begin.
    """

    name: str
    months: Fraction | None
    after: frozenset[str] = frozenset()
    not_before: Fraction = _NOW
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Timed:
    """When a step is, in months from today, in the best case; `slack` is how late it may be without moving the end."""

    start: Fraction
    finish: Fraction
    late_start: Fraction
    late_finish: Fraction
    is_bounded: bool
    """Whether the best case is all there is: nothing that it waits for is unknown."""

    @property
    def slack(self) -> Fraction:
        """Months by which it may be late."""
        return self.late_start - self.start

    @property
    def is_critical(self) -> bool:
        """Whether every delay of it moves the end."""
        return self.slack == 0

    @property
    def worst_finish(self) -> Fraction | None:
        """When it is done in the worst case; None where there is no end to it."""
        return self.finish if self.is_bounded else None


@dataclass(frozen=True, slots=True)
class Path:
    """A timetable, and one chain of steps that makes it as long as it is, from the first to the last."""

    times: Mapping[str, Timed]
    critical: Sequence[str]
    end: Fraction
    """When all is done in the best case."""
    is_bounded: bool
    missing: Mapping[str, Sequence[str]]
    """Steps that are waited for and not there, by who waits."""


def find_critical_path(tasks: Collection[Task]) -> Path:
    """Time the steps; raises Circle where steps wait for each other."""
    if len(tasks) > MOST_TASKS:
        raise InvalidInput(f"There are more than {MOST_TASKS} steps")
    by_name = {task.name: task for task in tasks}
    missing = {task.name: sorted(task.after - by_name.keys()) for task in tasks if not task.after <= by_name.keys()}
    before = {task.name: sorted(task.after & by_name.keys()) for task in tasks}
    order = sort_steps(before)
    start, finish, bounded = _go_forward(order, before, by_name, missing.keys())
    end = max(finish.values(), default=_NOW)
    late_finish = dict.fromkeys(by_name, end)
    for name in reversed(order):
        late_start = late_finish[name] - (finish[name] - start[name])
        for earlier in before[name]:
            late_finish[earlier] = min(late_finish[earlier], late_start)
    times = {
        name: Timed(
            start[name],
            finish[name],
            late_finish[name] - (finish[name] - start[name]),
            late_finish[name],
            bounded[name],
        )
        for name in order
    }
    critical = _follow_back(before, times, end)
    return Path(times, critical, end, all(bounded.values()), missing)


def _go_forward(
    order: Sequence[str], before: Mapping[str, Sequence[str]], by_name: Mapping[str, Task], missing: Collection[str]
) -> tuple[dict[str, Fraction], dict[str, Fraction], dict[str, bool]]:
    start: dict[str, Fraction] = {}
    finish: dict[str, Fraction] = {}
    bounded: dict[str, bool] = {}
    for name in order:
        task = by_name[name]
        start[name] = max([_NOW, task.not_before, *(finish[earlier] for earlier in before[name])])
        finish[name] = start[name] + (task.months or _NOW)
        bounded[name] = (
            task.months is not None
            and not task.is_open
            and name not in missing
            and all(bounded[earlier] for earlier in before[name])
        )
    return start, finish, bounded


def _follow_back(before: Mapping[str, Sequence[str]], times: Mapping[str, Timed], end: Fraction) -> Sequence[str]:
    """Give the chain that ends last: from each step back to one whose end is its start."""
    last = [name for name in times if times[name].finish == end]
    chain = []
    name = min(last, default=None)
    while name is not None:
        chain.append(name)
        name = min((one for one in before[name] if times[one].finish == times[name].start), default=None)
    return chain[::-1]


def sort_steps(before: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Give the steps so that each comes after what it waits for; raises Circle where none is."""
    waits = {name: len(earlier) for name, earlier in before.items()}
    after: dict[str, list[str]] = {name: [] for name in before}
    for name, earlier in before.items():
        for one in earlier:
            after[one].append(name)
    ready = sorted((name for name, count in waits.items() if not count), reverse=True)
    order = []
    while ready:
        name = ready.pop()
        order.append(name)
        for later in after[name]:
            waits[later] -= 1
            if not waits[later]:
                ready.append(later)
    if len(order) < len(before):
        raise Circle({name: earlier for name, earlier in before.items() if waits[name]})
    return order
