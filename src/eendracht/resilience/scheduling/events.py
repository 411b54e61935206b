"""What may happen during a recovery that a plan did not foresee."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from eendracht.resilience.scheduling.problem import RecoveryJob


@dataclass(frozen=True, slots=True)
class JobDone:
    """A job was done at a minute, earlier or later than planned; `started_minute` where it did not start as planned."""

    job: str
    minute: int
    started_minute: int | None = None


@dataclass(frozen=True, slots=True)
class JobLate:
    """A job that is running takes so long in all; `started_minute` where it did not start as planned."""

    job: str
    duration_minutes: int
    started_minute: int | None = None


@dataclass(frozen=True, slots=True)
class JobFailed:
    """A job did not succeed and has to be done again, in one of these modes; without names in any of its modes."""

    job: str
    modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrewLost:
    """So many crews of a skill are gone from now on, until a minute or for good."""

    skill: str
    crews: int
    until_minute: int | None = None


@dataclass(frozen=True, slots=True)
class JobAdded:
    """Something else turns out to be broken."""

    job: RecoveryJob


Event: TypeAlias = JobDone | JobLate | JobFailed | CrewLost | JobAdded
