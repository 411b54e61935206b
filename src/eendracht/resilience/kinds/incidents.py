"""Cyber incidents that may have to be reported, the reports that were filed, and the reminders that were given."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import Answer, Line, RefText, Relation, Spec, Text
from eendracht.kernel.kinds.parties import OrganisationRef
from eendracht.resilience.kinds.recovery import AnyRef, Responsible

CyberIncidentRef = Annotated[RefText, Relation(("cyber-incident",))]
Stage = Literal["early-warning", "notification", "intermediate", "progress", "final"]


class CyberIncident(Spec):
    """An incident of which an organisation became aware; the terms of the duty to report run from that moment."""

    organisation: OrganisationRef
    detected_at: AwareDatetime
    """When the organisation became aware of it."""
    significant: Answer = "unknown"
    """Whether it is significant (NIS2 art. 23(3)); as long as that is not known the terms run."""
    ground: Text = Field(default="", validate_default=True)
    """Why it is significant or is not."""
    about: tuple[AnyRef, ...] = Field(default=(), max_length=200)
    status: Literal["open", "handled"] = "open"
    handled_at: AwareDatetime | None = None
    """When its handling ended; the term of the final report of an incident that went on for long runs from here."""
    asked_report_by: AwareDatetime | None = None
    """By when the CSIRT or the authority asked for an intermediate report."""
    led_by: Responsible | None = None

    @field_validator("ground")
    @classmethod
    def _grounded(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("significant") == "no" and not value:
            raise PydanticCustomError("not_grounded", "say why it is not significant", {})
        return value

    @field_validator("handled_at", "asked_report_by")
    @classmethod
    def _later(cls, value: AwareDatetime | None, info: ValidationInfo) -> AwareDatetime | None:
        detected = info.data.get("detected_at")
        if value and detected and value < detected:
            raise PydanticCustomError("before_detection", "this is before it was detected", {})
        return value


class IncidentReport(Spec):
    """A report of an incident that was filed with the CSIRT or the authority."""

    incident: CyberIncidentRef
    stage: Stage
    filed_at: AwareDatetime
    filed_by: Responsible | None = None
    """A role or team; never a named person."""
    recipient: Line
    """With whom, such as the CSIRT or the supervisor."""
    reference: Line = ""
    """The number under which it was received."""


class IncidentNotice(Spec):
    """A reminder that a term of the duty to report is near or has passed; each is given once."""

    incident: CyberIncidentRef
    stage: Stage
    type: Literal["term-near", "term-passed"]
    due_at: AwareDatetime
    given_at: AwareDatetime
