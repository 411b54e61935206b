"""Who feels it when a service stops: segments of the population, and how much each service is used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_validator
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

    @field_validator("profile")
    @classmethod
    def _whole_week(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if value and len(value) != HOURS_OF_WEEK:
            raise PydanticCustomError("profile_length", "a week has 168 hours", {"n": len(value)})
        if value and not any(value):
            raise PydanticCustomError("profile_empty", "a profile in which nothing is used says nothing", {})
        return value

    @field_validator("segments")
    @classmethod
    def _segments_once(cls, value: tuple[SegmentUse, ...]) -> tuple[SegmentUse, ...]:
        if len({use.segment for use in value}) < len(value):
            raise PydanticCustomError("segment_twice", "a segment stands here twice", {})
        return value
