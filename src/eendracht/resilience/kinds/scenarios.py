"""What might fail, and what organisations could do about a weak point together."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import (
    Code,
    Day,
    Eurocent,
    Hours,
    Line,
    Part,
    Quantity,
    Ratio,
    RefText,
    Relation,
    Spec,
)
from eendracht.kernel.kinds.parties import OrganisationRef

Selector = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""What fails, as `resilience.selectors` reads it: a ref, or `field=value` terms with commas between."""


class ScenarioSeed(Part):
    """What fails of its own, and when."""

    selector: Selector
    failed_at_hours: Hours = Decimal(0)
    """Hours after the beginning of the scenario."""
    repaired_at_hours: Hours | None = None
    """Hours after the beginning; empty where it is not repaired by itself."""

    @field_validator("repaired_at_hours")
    @classmethod
    def _in_order(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is not None and value <= info.data.get("failed_at_hours", value - 1):
            raise PydanticCustomError("repair_before_failure", "it is repaired before it fails", {})
        return value


class Scenario(Spec):
    """Something that might happen, so that what follows can be worked out and practised."""

    organisation: OrganisationRef | None = None
    """Whose scenario it is; empty where it is of all."""
    seeds: tuple[ScenarioSeed, ...] = Field(min_length=1, max_length=200)
    begins_on: Day | None = None
    """Day of the beginning; empty for any Monday."""
    begins_at_hour: Annotated[int, Field(ge=0, le=23)] = 9
    """Hour of the day at which it begins (Europe/Amsterdam)."""
    horizon_hours: Annotated[Hours, Field(gt=0, le=8760)] = Decimal(168)
    """How long it is followed."""
    assumptions: tuple[Line, ...] = Field(default=(), max_length=50)
    """What was taken for granted."""


class Participant(Part):
    """An organisation that is asked to join."""

    organisation: OrganisationRef
    status: Literal["proposed", "joined", "declined"] = "proposed"
    share: Ratio | None = None
    """Share in the costs; empty where the key gives it."""


class CollectiveSolution(Spec):
    """What organisations that share a weak point could do about it together."""

    weak_points: tuple[Annotated[RefText, Relation()], ...] = Field(min_length=1, max_length=200)
    """What too much hangs on."""
    alternative: Line = ""
    """What would take its place or stand beside it."""
    participants: tuple[Participant, ...] = Field(min_length=1, max_length=1000)
    cost_eurocent: Eurocent | None = None
    """A year, for all together; empty where nobody asked yet."""
    cost_key: Literal["equal", "inhabitants", "services", "citizen-hours", "agreed", "unknown"] = "unknown"
    """By what the costs are shared out."""
    cut_sets_removed: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    """How many single causes that stop a critical service it takes away."""
    citizen_hours_removed: Quantity | None = None
    """Citizen-hours at risk a day that it takes away."""
    status: Literal["proposed", "in-preparation", "agreed", "in-use", "dropped"] = "proposed"
    decided_on: Day | None = None
    code: Code | None = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({item.organisation for item in self.participants}) < len(self.participants):
            raise PydanticCustomError("participant_twice", "an organisation stands here twice", {})
        if sum((item.share or Decimal(0) for item in self.participants), Decimal(0)) > 1:
            raise PydanticCustomError("shares_above_one", "the shares are more than the whole together", {})
        return self
