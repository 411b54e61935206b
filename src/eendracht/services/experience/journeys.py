"""What the counts say of journeys: which lose most people, at which step, and whether a change helped.

A share of few is not shown as a figure: below `FEWEST` passages it is *too few to say*. Of each share the 95 % interval
of Wilson (1927) is given, and a change is called better or worse only where the interval of the difference (Newcombe
1998, method 10) leaves out zero.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from eendracht.services.experience.measures import OUTCOME, SECONDS, Count

FEWEST: Final = 10
"""Passages below which nothing is said of shares and medians."""
_Z: Final = 1.959964
"""Two-sided 95 % point of the normal distribution."""
Judgement = Literal["better", "worse", "no-difference-shown", "too-few"]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole with its 95 % interval."""

    part: int
    whole: int

    @property
    def is_known(self) -> bool:
        """Whether there are enough to speak of."""
        return self.whole >= FEWEST

    @property
    def value(self) -> float:
        """The part as a fraction; 0 of nothing."""
        return self.part / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of Wilson."""
        if not self.whole:
            return 0.0, 1.0
        n, p, z = self.whole, self.value, _Z
        middle = p + z * z / (2 * n)
        spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        base = 1 + z * z / n
        return max(0.0, (middle - spread) / base), min(1.0, (middle + spread) / base)


@dataclass(frozen=True, slots=True)
class StepView:
    """One step: how many reached it, and which part of them did not go on."""

    step: str
    reached: int
    dropped: Share


@dataclass(frozen=True, slots=True)
class JourneyView:
    """How one journey of one organisation went in a period.

    `median_seconds` is the class in which the middle time lies (upper bound None: open), None where that is not known.
    `asked_twice` counts questions that were asked again, which must be zero.
    """

    journey: str
    organisation: str
    begun: int
    completed: Share
    median_seconds: tuple[int, int | None] | None
    mean_questions: float | None
    asked_twice: int
    effort: float | None
    efforts: int
    assisted: int
    steps: tuple[StepView, ...]

    @property
    def lost(self) -> int:
        """How many began and did not come to the end."""
        return self.completed.whole - self.completed.part

    @property
    def worst_step(self) -> StepView | None:
        """The step at which most people stopped; None where nobody did."""
        worst = max(self.steps, key=lambda step: step.dropped.part, default=None)
        return worst if worst is not None and worst.dropped.part else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A journey before and after a change, over as many days, and what may be said of the difference."""

    before: Share
    after: Share
    days: int
    difference: tuple[float, float, float]
    """Completed after minus before: its value and the ends of its 95 % interval."""
    judgement: Judgement


def rank_journeys(counts: Iterable[Count]) -> list[JourneyView]:
    """Give each journey of each organisation, the one that loses most people first."""
    grouped: dict[tuple[str, str], list[Count]] = defaultdict(list)
    for count in counts:
        if count.name != OUTCOME:
            grouped[count.journey, count.organisation].append(count)
    views = [_view(journey, organisation, group) for (journey, organisation), group in grouped.items()]
    return sorted(views, key=lambda view: (-view.lost, -(view.effort or 0), view.journey, view.organisation))


def compare_change(counts: Iterable[Count], changed_on: date, until: date) -> Comparison:
    """Compare the days from a change (`until` not included) with as many days before it.

    The counts are of one journey of one organisation.
    """
    days = max(0, (until - changed_on).days)
    since = changed_on - timedelta(days=days)
    sums: dict[tuple[bool, str], int] = defaultdict(int)
    for count in counts:
        if since <= count.day < until:
            sums[count.day >= changed_on, count.name] += count.count
    before, after = (Share(min(sums[at, "completed"], sums[at, "begun"]), sums[at, "begun"]) for at in (False, True))
    difference = _difference(before, after)
    return Comparison(before, after, days, difference, _judge(before, after, difference))


def _difference(before: Share, after: Share) -> tuple[float, float, float]:
    (low1, high1), (low2, high2) = after.interval, before.interval
    p1, p2 = after.value, before.value
    value = p1 - p2
    return (
        value,
        value - math.hypot(p1 - low1, high2 - p2),
        value + math.hypot(high1 - p1, p2 - low2),
    )


def _judge(before: Share, after: Share, difference: tuple[float, float, float]) -> Judgement:
    if not (before.is_known and after.is_known):
        return "too-few"
    _, low, high = difference
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no-difference-shown"


def _view(journey: str, organisation: str, counts: Sequence[Count]) -> JourneyView:
    sums: dict[str, int] = defaultdict(int)
    classes: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    steps: dict[str, dict[str, int]] = {}
    for count in counts:
        sums[count.name] += count.count
        classes[count.name][count.bucket] += count.count
        if count.step:
            steps.setdefault(count.step, defaultdict(int))[count.name] += count.count
    begun, completed = sums["begun"], min(sums["completed"], sums["begun"])
    is_known = sums["completed"] >= FEWEST
    efforts = sums["effort"]
    return JourneyView(
        journey,
        organisation,
        begun,
        Share(completed, begun),
        _median(classes["seconds"]) if is_known else None,
        _mean(classes["questions"]) if is_known else None,
        sum(times * count for times, count in classes["asked-twice"].items()),
        _mean(classes["effort"]) if efforts >= FEWEST else None,
        efforts,
        sum(count.count for count in counts if count.name == "begun" and count.is_assisted),
        tuple(_view_steps(steps)),
    )


def _view_steps(steps: Mapping[str, Mapping[str, int]]) -> Iterable[StepView]:
    for step, sums in sorted(steps.items(), key=lambda item: -item[1].get("reached", 0)):
        reached = sums.get("reached", 0)
        yield StepView(step, reached, Share(max(0, reached - sums.get("answered", 0)), reached))


def _median(classes: Mapping[int, int]) -> tuple[int, int | None]:
    half, seen = (sum(classes.values()) + 1) // 2, 0
    bucket = 0
    for bucket in sorted(classes):
        seen += classes[bucket]
        if seen >= half:
            break
    return (SECONDS[bucket - 1] if bucket else 0), (SECONDS[bucket] if bucket < len(SECONDS) else None)


def _mean(classes: Mapping[int, int]) -> float | None:
    whole = sum(classes.values())
    return sum(value * count for value, count in classes.items()) / whole if whole else None
