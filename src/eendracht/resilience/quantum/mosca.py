"""Mosca's inequality: data is too late when X + Y is more than Z.

X: how many years it must stay secret, or a signature on it must prove something. Y: how long the move still takes, by
the plan: until the last step about a system that holds the data or about a link that carries it. Z: the years until a
quantum computer that breaks it may be there, as scenarios. Slack is Z - X - Y in years. Where X or Y is not known there
is a best case (it counts as nothing) and no worst: the data is surely too late, or nobody knows.

Recorded today and read later, which is called harvesting, is a matter of secrecy alone: it happens where X is more than
Z, however soon the move is. A signature cannot be forged before the computer is there.

A system has the longest X of the data that it holds, and a Y of its own. Where of some of its data nobody judged X, or
recorded anything, the longest that is known is the best case. The move of data has no end that is known before every
system that holds or exchanges it has a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import yaml

from eendracht.kernel.kinds.fields import Answer
from eendracht.resilience.quantum.holdings import Holdings, ShelfLife
from eendracht.resilience.quantum.months import MONTHS_OF_YEAR, count_months
from eendracht.resilience.quantum.plan import MovePlan, print_months
from eendracht.resilience.quantum.uses import Aspect, Risk

Urgency = Literal["too-late", "in-time", "unknown"]
ASPECTS: Final[Sequence[Aspect]] = ("confidentiality", "integrity")


@dataclass(frozen=True, slots=True)
class Horizon:
    """A scenario: from when a quantum computer that breaks today's cryptography may be there."""

    id: str
    begins_on: date
    name: Mapping[str, str]
    source: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Years:
    """A length of time that is known to lie between two; `high` is None where nothing bounds it."""

    low: Fraction
    high: Fraction | None

    @property
    def is_known(self) -> bool:
        """Whether both are the same."""
        return self.low == self.high

    def as_dict(self) -> dict[str, str | None]:
        """Give it as plain data."""
        return {"low": print_months(self.low), "high": None if self.high is None else print_months(self.high)}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What follows in one scenario."""

    horizon: Horizon
    z: Fraction
    """Years from today; negative where the day is past."""
    best_slack: Fraction
    """Years that are left in the best case; below zero it is too late whatever is still unknown."""
    worst_slack: Fraction | None
    """The same in the worst case; None where nothing bounds it."""
    urgency: Urgency
    harvested: Answer
    """Whether what is recorded today can be read while it must still be secret; never so for integrity."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One aspect of one dataset or system: X, Y and every scenario."""

    subject: str
    """Ref of the dataset or system."""
    owner: str
    aspect: Aspect
    risk: Risk
    ground: str
    others: Sequence[str]
    """The systems that hold the dataset, or the datasets that the system holds."""
    x: Years
    y: Years
    scenarios: Sequence[Scenario]

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "subject": self.subject,
            "aspect": self.aspect,
            "risk": self.risk,
            "ground": self.ground,
            "others": list(self.others),
            "xYears": self.x.as_dict(),
            "yYears": self.y.as_dict(),
            "scenarios": [
                {
                    "scenario": item.horizon.id,
                    "zYears": print_months(item.z),
                    "urgency": item.urgency,
                    "bestSlackYears": print_months(item.best_slack),
                    "worstSlackYears": None if item.worst_slack is None else print_months(item.worst_slack),
                    "harvested": item.harvested,
                }
                for item in self.scenarios
            ],
        }


@cache
def read_horizons() -> Sequence[Horizon]:
    """Read the scenarios, the earliest first."""
    said = yaml.safe_load(files(__package__).joinpath("horizons.yaml").read_text("utf-8"))
    found = [Horizon(row["id"], row["from"], row["name"], row["source"]) for row in said]
    return sorted(found, key=lambda horizon: horizon.begins_on)


def weigh_data(holdings: Holdings, plan: MovePlan, horizons: Sequence[Horizon]) -> Sequence[Deadline]:
    """Weigh every dataset of which somebody recorded a shelf life, both aspects."""
    found = []
    for life in holdings.shelf_lives:
        systems = find_systems(holdings, life.dataset)
        y = measure_move(systems, plan, life.dataset)
        for aspect in ASPECTS:
            x = take_longest([life], aspect)
            faces = [face_scenario(horizon, aspect, x, y, plan.day) for horizon in horizons]
            found.append(Deadline(life.dataset, life.owner, aspect, life.risk, life.ground, systems, x, y, faces))
    return found


def weigh_systems(holdings: Holdings, plan: MovePlan, horizons: Sequence[Horizon]) -> Sequence[Deadline]:
    """Weigh every system that holds data of which somebody recorded a shelf life, both aspects."""
    found = []
    for system, lives in sorted(holdings.lives_of.items()):
        if not any(life.ref for life in lives):
            continue
        y, datasets = measure_move([system], plan), sorted(life.dataset for life in lives)
        owner, risk = holdings.owners.get(system, ""), holdings.risk_of[system]
        for aspect in ASPECTS:
            x = take_longest(lives, aspect)
            faces = [face_scenario(horizon, aspect, x, y, plan.day) for horizon in horizons]
            found.append(Deadline(system, owner, aspect, risk, "", datasets, x, y, faces))
    return found


def take_longest(lives: Sequence[ShelfLife], aspect: Aspect) -> Years:
    """Give the longest X of some data; nothing bounds it where of one nobody judged it."""
    said = [life.confidential_years if aspect == "confidentiality" else life.integrity_years for life in lives]
    known = [years for years in said if years is not None]
    longest = Fraction(max(known, default=0))
    return Years(longest, longest if len(known) == len(said) else None)


def find_systems(holdings: Holdings, dataset: str) -> Sequence[str]:
    """Give the systems that hold a dataset and the ends of the links that carry it."""
    return sorted(set(_list_systems(holdings, dataset)))


def _list_systems(holdings: Holdings, dataset: str) -> Iterator[str]:
    yield from holdings.systems_of.get(dataset, ())
    for link in holdings.links:
        if dataset in link.datasets:
            yield from (link.client, link.server)


def measure_move(systems: Sequence[str], plan: MovePlan, dataset: str = "") -> Years:
    """Give how many years the move of some systems still takes, and of data that they hold.

    Nothing bounds it where of one of the systems no step is recorded.
    """
    steps = plan.list_until([dataset, *systems])
    low = max((item.timed.finish for item in steps), default=Fraction(0)) / MONTHS_OF_YEAR
    is_planned = bool(steps) and {item.step.about for item in steps} >= set(systems)
    is_bounded = is_planned and all(item.timed.is_bounded for item in steps)
    return Years(low, low if is_bounded else None)


def face_scenario(horizon: Horizon, aspect: Aspect, x: Years, y: Years, today: date) -> Scenario:
    """Tell what follows from X and Y in one scenario."""
    z = count_months(today, horizon.begins_on) / MONTHS_OF_YEAR
    best = z - x.low - y.low
    worst = None if x.high is None or y.high is None else z - x.high - y.high
    urgency: Urgency = (
        "too-late" if best < 0 else "unknown" if worst is None else "too-late" if worst < 0 else "in-time"
    )
    harvested: Answer = "no"
    if aspect == "confidentiality":
        harvested = "yes" if x.low > z else "no" if x.high is not None else "unknown"
    return Scenario(horizon, z, best, worst, urgency, harvested)
