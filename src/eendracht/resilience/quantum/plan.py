"""The plan of the move: when each step is, which chain makes it as long as it is, and which milestones are in danger.

Months are counted from today. A step that is done takes no time any more; one that was dropped is left out. A release
of which the supplier named no date, and a step of which nobody knows how long it takes, have no end in the worst case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, Literal

from eendracht.resilience.quantum.critical_path import Circle, Path, Task, Timed, find_critical_path
from eendracht.resilience.quantum.holdings import Holdings, Step
from eendracht.resilience.quantum.months import add_months, count_months
from eendracht.resilience.quantum.policy import Milestone
from eendracht.resilience.quantum.precedence import Precedence, list_precedences

MilestoneState = Literal["met", "on-track", "at-risk", "missed", "unknown"]
_WORST: Final[Mapping[MilestoneState, int]] = {"met": 0, "on-track": 1, "unknown": 2, "at-risk": 3, "missed": 4}


@dataclass(frozen=True, slots=True)
class Planned:
    """A step with when it is."""

    step: Step
    timed: Timed
    starts_on: date
    ends_on: date
    """In the best case."""
    waits_for: Sequence[Precedence]

    @property
    def worst_end(self) -> date | None:
        """The day on which it is done in the worst case; None where there is no end to it."""
        return self.ends_on if self.timed.is_bounded else None

    @property
    def is_done(self) -> bool:
        """Whether it is behind us."""
        return self.step.status == "done"

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        step = self.step
        return {
            "ref": step.ref,
            "name": step.name,
            "organisation": step.organisation,
            "about": step.about,
            "stage": step.stage,
            "status": step.status,
            "startsOn": self.starts_on.isoformat(),
            "endsOn": self.ends_on.isoformat(),
            "worstEndsOn": self.worst_end.isoformat() if self.worst_end else None,
            "slackMonths": print_months(self.timed.slack),
            "critical": self.timed.is_critical and not self.is_done,
            "waitsFor": [{"step": item.first, "why": item.why} for item in self.waits_for],
            "milestone": step.milestone or None,
        }


@dataclass(frozen=True, slots=True)
class MilestoneStatus:
    """How one organisation stands before one milestone."""

    milestone: Milestone
    state: MilestoneState
    steps: int
    """How many steps it has for it."""
    ends_on: date | None
    """When the last of these is done in the best case; None without steps."""


@dataclass(frozen=True)
class MovePlan:
    """The whole plan on a day."""

    day: date
    path: Path
    steps: Sequence[Planned]
    """By when they begin."""
    circle: Circle | None = None
    """Steps that wait for each other, where there are such."""

    @cached_property
    def by_ref(self) -> Mapping[str, Planned]:
        """The steps by their ref."""
        return {item.step.ref: item for item in self.steps}

    @property
    def critical(self) -> Sequence[Planned]:
        """One chain that makes the plan as long as it is, without what is done."""
        return [item for ref in self.path.critical if not (item := self.by_ref[ref]).is_done]

    @cached_property
    def _by_organisation(self) -> Mapping[str, Sequence[Planned]]:
        found: dict[str, list[Planned]] = defaultdict(list)
        for item in self.steps:
            found[item.step.organisation].append(item)
        return dict(found)

    def of(self, organisation: str) -> Sequence[Planned]:
        """Give the steps of one organisation or supplier."""
        return self._by_organisation.get(organisation, ())

    def list_until(self, things: Iterable[str]) -> Sequence[Planned]:
        """Give the steps about some things."""
        wanted = set(things)
        return [item for item in self.steps if item.step.about in wanted]

    def judge_milestones(self, organisation: str, milestones: Sequence[Milestone]) -> Sequence[MilestoneStatus]:
        """Tell how an organisation stands before each milestone; without steps for it nobody knows."""
        mine = self.of(organisation)
        return [
            self._judge(milestone, [item for item in mine if item.step.milestone == milestone.id])
            for milestone in milestones
        ]

    def _judge(self, milestone: Milestone, steps: Sequence[Planned]) -> MilestoneStatus:
        states = [judge_step(item, milestone.date, self.day) for item in steps]
        state: MilestoneState = max(states, key=_WORST.__getitem__, default="unknown")
        return MilestoneStatus(milestone, state, len(steps), max((item.ends_on for item in steps), default=None))


def judge_step(item: Planned, due: date, today: date) -> MilestoneState:
    """Tell whether a step is done by a day; a done step without its date counts as in time."""
    if item.is_done:
        return "missed" if item.step.done_on is not None and item.step.done_on > due else "met"
    if today > due:
        return "missed"
    if item.ends_on > due:
        return "at-risk"
    return "on-track" if item.worst_end is not None else "unknown"


def make_plan(holdings: Holdings) -> MovePlan:
    """Plan the move from what is recorded; a circle of steps is named, and the plan goes on without it."""
    today = holdings.day
    steps = {step.ref: step for step in holdings.steps if step.status != "dropped"}
    dropped = {step.ref for step in holdings.steps} - steps.keys()
    waits: dict[str, list[Precedence]] = defaultdict(list)
    for item in list_precedences(list(steps.values()), holdings.links, holdings.landscape):
        if item.first not in dropped and steps[item.then].status != "done":
            waits[item.then].append(item)
    tasks = [_make_task(step, today, frozenset(item.first for item in waits[step.ref])) for step in steps.values()]
    path, circle = _find_path(tasks)
    planned = [
        Planned(
            step,
            path.times[step.ref],
            add_months(today, path.times[step.ref].start),
            step.done_on or add_months(today, path.times[step.ref].finish),
            waits[step.ref],
        )
        for step in steps.values()
    ]
    planned.sort(key=lambda item: (item.timed.start, item.timed.finish, item.step.ref))
    return MovePlan(today, path, planned, circle)


def _find_path(tasks: Sequence[Task]) -> tuple[Path, Circle | None]:
    """Time the steps; what is stuck in a circle is taken out of it, and has no end in the worst case."""
    try:
        return find_critical_path(tasks), None
    except Circle as circle:
        stuck = circle.stuck
        freed = [
            replace(task, after=task.after - stuck, is_open=True) if task.name in stuck else task for task in tasks
        ]
        return find_critical_path(freed), circle


def _make_task(step: Step, today: date, after: frozenset[str]) -> Task:
    if step.status == "done":
        return Task(step.ref, Fraction(0))
    months = Fraction(step.months) if step.months is not None else None
    begin = max(Fraction(0), count_months(today, step.not_before)) if step.not_before else Fraction(0)
    is_open = step.stage == "supplier-release" and step.not_before is None
    return Task(step.ref, months, after, begin, is_open)


def print_months(months: Fraction) -> str:
    """Print months or years as records carry decimals: with two digits, rounded to the nearest."""
    hundredths = round(months * 100)
    sign, rest = ("-" if hundredths < 0 else ""), abs(hundredths)
    return f"{sign}{rest // 100}.{rest % 100:02d}"
