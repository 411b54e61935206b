"""A problem and a placement as JSON, for the way to the process that searches and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from eendracht.resilience.scheduling.instance import Placement
from eendracht.resilience.scheduling.problem import (
    Absence,
    Crews,
    Mode,
    Need,
    RecoveryJob,
    RecoveryProblem,
    Thing,
)


def encode_problem(problem: RecoveryProblem) -> dict[str, Any]:
    """Give a problem as plain data."""
    return asdict(problem)


def decode_problem(said: Mapping[str, Any]) -> RecoveryProblem:
    """Give the problem that plain data of `encode_problem` stand for."""
    return RecoveryProblem(
        tuple(_decode_job(job) for job in said["jobs"]),
        _decode_crews(said["crews"]),
        tuple(Thing(**thing) for thing in said["things"]),
        tuple(Absence(**absence) for absence in said["absences"]),
        said["objective"],
        said["now_minute"],
        _decode_crews(said["overtime"]),
    )


def _decode_crews(said: Iterable[Mapping[str, Any]]) -> tuple[Crews, ...]:
    return tuple(
        Crews(one["skill"], tuple((minute, level) for minute, level in one["levels"]), one["repeats_after_minutes"])
        for one in said
    )


def _decode_job(said: Mapping[str, Any]) -> RecoveryJob:
    modes = tuple(
        Mode(mode["name"], mode["duration_minutes"], mode["crews"], _decode_needs(mode["needs"]))
        for mode in said["modes"]
    )
    return RecoveryJob(**{**said, "modes": modes, "needs": _decode_needs(said["needs"])})


def _decode_needs(said: Iterable[Mapping[str, Any]]) -> tuple[Need, ...]:
    return tuple(Need(need["at_least"], tuple(need["of"])) for need in said)


def encode_placement(placement: Placement) -> dict[str, Any]:
    """Give a placement as plain data."""
    return asdict(placement)


def decode_placement(said: Mapping[str, Any]) -> Placement:
    """Give the placement that plain data of `encode_placement` stand for."""
    return Placement(tuple(said["starts"]), tuple(said["ways"]))
