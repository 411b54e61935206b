"""How things come back: ways to restore them, crews, the plan, and what was done and decided in a crisis."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import (
    Code,
    Count,
    Day,
    Eurocent,
    Hours,
    Line,
    Part,
    Quantity,
    RefText,
    Relation,
    Spec,
    Text,
)
from eendracht.kernel.kinds.parties import OrganisationRef

Skill = Annotated[Code, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
ScenarioRef = Annotated[RefText, Relation(("scenario",))]
CrisisRef = Annotated[RefText, Relation(("crisis",))]
AnyRef = Annotated[RefText, Relation()]
Responsible = Annotated[RefText, Relation(("role", "team", "organisation"))]


class CrewNeed(Part):
    """How many people of one skill a job takes while it lasts."""

    skill: Skill
    people: Annotated[int, Field(ge=1, le=10_000)]


class RestoreMode(Part):
    """One way to bring something back."""

    mode: Literal["restore", "rebuild", "failover", "switch-supplier", "manual-fallback"]
    duration_hours: Annotated[Hours, Field(gt=0)]
    crews: tuple[CrewNeed, ...] = Field(default=(), max_length=50)
    prerequisites: tuple[AnyRef, ...] = Field(default=(), max_length=200)
    """What must be up or done before, besides what it needs to start."""
    cost_eurocent: Eurocent | None = None
    tested_on: Day | None = None
    """When it was last shown to work in this time; empty means untested."""

    @model_validator(mode="after")
    def _skills_once(self) -> Self:
        if len({crew.skill for crew in self.crews}) < len(self.crews):
            raise PydanticCustomError("skill_twice", "a skill stands here twice", {})
        return self


class RestorePlan(Spec):
    """How something is brought back after it failed, and how people go on without it."""

    about: AnyRef
    modes: tuple[RestoreMode, ...] = Field(default=(), max_length=10)
    paper_procedure: Text = ""
    """What staff do by hand while it is away."""
    responsible: Responsible | None = None
    """A role or team; never a named person."""
    reviewed_on: Day | None = None

    @model_validator(mode="after")
    def _modes_once(self) -> Self:
        if len({mode.mode for mode in self.modes}) < len(self.modes):
            raise PydanticCustomError("mode_twice", "a way to restore stands here twice", {})
        return self


class Shift(Part):
    """Hours of every day in which a crew works, [from_hour, until_hour); over midnight where the end comes first."""

    from_hour: Annotated[int, Field(ge=0, le=23)]
    until_hour: Annotated[int, Field(ge=1, le=24)]
    people: Annotated[int, Field(ge=1, le=10_000)]


class Crew(Spec):
    """People of one skill that an organisation or supplier can send: counted, never named."""

    organisation: Annotated[RefText, Relation(("organisation", "supplier"))]
    skill: Skill
    people: Annotated[int, Field(ge=0, le=10_000)]
    """How many at once, day and night; with shifts: outside of these."""
    shifts: tuple[Shift, ...] = Field(default=(), max_length=10)
    travel_hours: Hours = Decimal(0)
    """How long after a call they begin."""


class PlannedJob(Part):
    """One thing that is brought back."""

    about: AnyRef
    mode: Code
    start_hours: Hours
    end_hours: Hours
    why: Line = ""
    """Why it stands here, in Dutch."""
    why_english: Line = ""
    citizens: Count = 0
    """How many people rely on the service that comes back."""


class RecoveryPlan(Spec):
    """In which order everything comes back after a scenario, with how good the order is known to be."""

    scenario: ScenarioRef
    organisation: OrganisationRef | None = None
    jobs: tuple[PlannedJob, ...] = Field(default=(), max_length=5000)
    objective_citizen_hours: Quantity
    serial_citizen_hours: Quantity
    """What the serial rule alone gives."""
    bound_citizen_hours: Quantity | None = None
    """No plan can do better than this."""
    status: Literal["optimal", "feasible", "serial"]
    """`optimal` only where it was proven."""
    crisis: CrisisRef | None = None
    after_event: Annotated[RefText, Relation(("crisis-event",))] | None = None
    """The event after which it was planned again; empty for the first plan."""


class Crisis(Spec):
    """A crisis that is going on: which scenario it follows, since when, and who leads."""

    scenario: ScenarioRef
    began_at: AwareDatetime
    led_by: Responsible | None = None
    level: Literal["grip-1", "grip-2", "grip-3", "grip-4", "grip-5", "grip-rijk", "none", "unknown"] = "unknown"
    """Coordinated regional incident response (GRIP), as the crisis team scaled up."""
    status: Literal["open", "aftercare", "closed"] = "open"


class CrisisEvent(Spec):
    """Something that was seen, done or decided in a crisis; the log is made of these and none is changed."""

    crisis: CrisisRef
    at: AwareDatetime
    type: Literal["done", "late", "failed", "crew-changed", "new-job", "decision", "observation"]
    about: AnyRef | None = None
    """What was brought back, is late or failed again."""
    duration_hours: Hours | None = None
    """How long it still takes, where that changed."""
    skill: Skill | None = None
    people: Count | None = None
    """How many of the skill there are from now on."""
    decided_by: Responsible | None = None
    grounds: Text = ""
    """On what a decision rests."""


class CrisisContact(Spec):
    """Whom to reach in a crisis: a role or desk with numbers that work at night; never a named person."""

    organisation: Annotated[RefText, Relation(("organisation", "supplier"))]
    role: Line
    phone: Line = ""
    second_phone: Line = ""
    """By another network where there is one."""
    other_channel: Line = ""
    """Such as a satellite phone, an emergency radio channel or a meeting place."""
    about: tuple[AnyRef, ...] = Field(default=(), max_length=200)
    """For what they are called; empty for everything of the organisation."""
    order: Annotated[int, Field(ge=1, le=1000)] = 100
    """Lowest first."""
    checked_on: Day | None = None
