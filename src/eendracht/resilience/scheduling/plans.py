"""What comes out: a plan, how good it is, how good any plan can be, and who found it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from eendracht.resilience.scheduling.problem import Objective, RecoveryPlan

Status: TypeAlias = Literal["optimal", "feasible"]


class Solver(StrEnum):
    """Who found the plan."""

    SERIAL = "serial"
    BUNDLES = "bundles"
    KEPT = "kept"
    CP_SAT = "cp-sat"
    NEIGHBOURHOODS = "neighbourhoods"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A plan and what is known about it; no plan is better than `bound`.

    `value`, `bound` and `serial_value` are minutes for the makespan and citizen-minutes otherwise. `is_searched` is
    False where the process that searches gave no answer: then the plan is that of the serial rule or better.
    """

    plan: RecoveryPlan
    objective: Objective
    value: int
    bound: int
    serial_value: int
    found_by: Solver
    seconds: float
    is_searched: bool = True

    @property
    def status(self) -> Status:
        """Whether it is proved that no plan is better."""
        return "optimal" if self.value <= self.bound else "feasible"

    @property
    def gap(self) -> float:
        """The share of the value that a better plan could save at the very most."""
        return (self.value - self.bound) / self.value if self.value else 0.0

    @property
    def gain(self) -> float:
        """The share of the value of the serial rule that this plan saves."""
        return (self.serial_value - self.value) / self.serial_value if self.serial_value else 0.0

    @property
    def makespan_minutes(self) -> int:
        """When everything is done."""
        return max((job.end_minute for job in self.plan.jobs), default=0)
