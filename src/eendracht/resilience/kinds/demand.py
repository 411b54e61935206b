"""Who feels it when a service stops: segments of the population, and how much each service is used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import Count, Day, Line, Part, Ratio, RefText, Relation, Spec
from eendracht.kernel.kinds.parties import OrganisationRef

HOURS_OF_WEEK = 168
Weight = Annotated[int, Field(ge=0, le=1_000_000)]


class PopulationSegment(Spec):
    """A part of the population; no person belongs to two segments of one partition."""

    persons: Count
    partition: Line = "population"
    """Name of the division that it is a part of; segments of different divisions overlap in a way that nobody knows."""
    municipality: OrganisationRef | None = None
    group: Line = ""
    """Which people there, such as `65+`; empty for all."""
    counted_on: Day | None = None


class SegmentUse(Part):
    """How many different people of a segment rely on a service."""

    segment: Annotated[RefText, Relation(("population-segment",))]
    persons: Count


class Demand(Spec):
    """How much a service is used, by whom and when."""

    service: Annotated[RefText, Relation(("public-service",))]
    uses_per_day: Count
    """In an average day of the week that the profile describes."""
    persons: Count | None = None
    """How many different people rely on it; empty where nobody counted."""
    segments: tuple[SegmentUse, ...] = Field(default=(), max_length=2000)
    profile: tuple[Weight, ...] = Field(default=(), max_length=HOURS_OF_WEEK)
    """Weight of each hour of the week from Monday 0:00; empty for use that is spread evenly."""
    deferrable_share: Ratio = Decimal(0)
    """Part of the uses that is made later when the service is back."""
    deadlines: tuple[date, ...] = Field(default=(), max_length=366)
    """Days that end a term: what falls out on them cannot be made later."""
    measured_on: Day | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.profile and len(self.profile) != HOURS_OF_WEEK:
            raise PydanticCustomError("profile_length", "a week has 168 hours", {"n": len(self.profile)})
        if self.profile and not any(self.profile):
            raise PydanticCustomError("profile_empty", "a profile in which nothing is used says nothing", {})
        if len({use.segment for use in self.segments}) < len(self.segments):
            raise PydanticCustomError("segment_twice", "a segment stands here twice", {})
        return self
