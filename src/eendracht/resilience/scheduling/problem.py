"""What has to be recovered, with whom and in which order at the least: a scheduling problem as data.

Time is in whole minutes since the moment from which losses count; that moment is minute 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Objective: TypeAlias = Literal["citizen-hours", "makespan"]
"""What a plan keeps as small as it can: lost citizen-hours with the penalties of breaches, or the last minute."""


@dataclass(frozen=True, slots=True)
class Need:
    """At least so many of these jobs and things are there before a job starts."""

    at_least: int
    of: tuple[str, ...]


def need_all(*names: str) -> Need:
    """Give the need of every one of the names."""
    return Need(len(names), names)


def need_any(*names: str) -> Need:
    """Give the need of one of the names."""
    return Need(1, names)


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to do a job, without a pause: restore, rebuild, failover, switch-supplier, manual-fallback, or another.

    `crews` tells how many crews of each skill are busy as long as it lasts; `needs` come on top of those of the job.
    """

    name: str
    duration_minutes: int
    crews: Mapping[str, int] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class RecoveryJob:
    """Something that comes back once, in one of its modes; it is there at the end of the mode.

    `citizens_per_hour` come back with it. With a `due_minute` (RTO), an end after it is a breach and counts as a loss
    of `breach_penalty_citizen_hours`. A job with a `started_minute` is running or done in its only mode: that is a
    fact, and what it needed is history.
    """

    name: str
    modes: tuple[Mode, ...]
    needs: tuple[Need, ...] = ()
    earliest_start_minute: int = 0
    due_minute: int | None = None
    breach_penalty_citizen_hours: int = 0
    citizens_per_hour: int = 0
    started_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Crews:
    """How many crews of a skill there are: from each minute in `levels` so many, until the next one.

    The first level is that of minute 0; the last lasts for ever, unless all of it repeats after
    `repeats_after_minutes` (a day of shifts: 1,440). Entries of the same skill add up.
    """

    skill: str
    levels: tuple[tuple[int, int], ...]
    repeats_after_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """So many crews of a skill are not there, in `[from_minute, until_minute)`; for good without an end."""

    skill: str
    crews: int
    from_minute: int
    until_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """What a job may need and nobody here recovers: there from a minute on (0: it is up), or never (None)."""

    name: str
    available_minute: int | None = 0


@dataclass(frozen=True, slots=True)
class RecoveryProblem:
    """All jobs are done once; nothing that has not started does so before `now_minute`."""

    jobs: tuple[RecoveryJob, ...]
    crews: tuple[Crews, ...] = ()
    things: tuple[Thing, ...] = ()
    absences: tuple[Absence, ...] = ()
    objective: Objective = "citizen-hours"
    now_minute: int = 0
    overtime: tuple[Crews, ...] = ()
    """Who stays after a shift to end what has started; nothing new begins with them."""


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """When a job is done and how, in `[start_minute, end_minute)`."""

    job: str
    mode: str
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    """Every job of a problem once, by start."""

    jobs: tuple[PlannedJob, ...]

    def __getitem__(self, job: str) -> PlannedJob:
        return next(planned for planned in self.jobs if planned.job == job)
