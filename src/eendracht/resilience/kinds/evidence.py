"""One proof for many accounts: what is asked, what shows that it is met, and what an organisation says of it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import SHA256_PATTERN, Code, Day, Line, Spec, Text
from eendracht.kernel.kinds.parties import OrganisationRef
from eendracht.resilience.kinds.recovery import AnyRef, Responsible

Framework = Literal["bio2", "ensia", "cbw", "open-standards"]
"""Baseline Informatiebeveiliging Overheid 2; ENSIA; Cyberbeveiligingswet with NIS2; the pas-toe-of-leg-uit list."""
FRAMEWORKS: Final[tuple[Framework, ...]] = ("bio2", "ensia", "cbw", "open-standards")
CONTROL_PATTERN: Final = r"^(bio2|ensia|cbw|open-standards)/[A-Za-z0-9][A-Za-z0-9._()-]{0,80}$"
ControlCode = Annotated[str, StringConstraints(pattern=CONTROL_PATTERN)]
"""A framework and the code in it, such as `bio2/5.30.01`."""


class Control(Spec):
    """Something that a framework asks, taken over from the file that the organisation has."""

    norm: Framework
    """The framework that asks it."""
    code: Annotated[Code, StringConstraints(max_length=80)]
    part_of: Code | None = None
    """The measure of ISO 27002 or the chapter that it stands under."""
    is_empty: bool = False
    """Whether the framework asks nothing under this number."""
    every_months: Annotated[int, Field(ge=1, le=120)] | None = None
    """How often it is done again; empty where the framework does not say."""
    url: Line = ""


class Evidence(Spec):
    """Something that shows that what is asked is so: a document, a test, a contract; with an owner and an end."""

    organisation: OrganisationRef
    satisfies: tuple[ControlCode, ...] = Field(min_length=1, max_length=200)
    """Everything that it shows, in every framework in which it counts."""
    type: Literal["document", "test", "scan", "exercise", "contract", "decision", "certificate"]
    about: tuple[AnyRef, ...] = Field(default=(), max_length=200)
    """What it is about; empty for the organisation as a whole."""
    responsible: Responsible | None = None
    """The role or team that keeps it up to date; without one it counts for nothing."""
    held_from: Day
    """The day on which it was made, signed or done."""
    expires_on: Day | None = None
    """The first day on which it no longer counts; empty where the period of what it shows decides."""
    location: Annotated[Line, StringConstraints(min_length=1)]
    """Where it can be looked at: an address or a place in an archive."""
    sha256: Annotated[str, StringConstraints(pattern=SHA256_PATTERN)] | None = None
    summary: Text = ""

    @field_validator("expires_on")
    @classmethod
    def _ends_later(cls, value: Day | None, info: ValidationInfo) -> Day | None:
        begin = info.data.get("held_from")
        if value and begin and value <= begin:
            raise PydanticCustomError("ends_before_begin", "it ends before it begins", {})
        return value

    @field_validator("satisfies")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise PydanticCustomError("control_twice", "a control stands here twice", {})
        return value


class ControlAnswer(Spec):
    """What an organisation says of itself about one control; it proves nothing without evidence."""

    organisation: OrganisationRef
    control: ControlCode
    complies: Literal["yes", "partly", "no", "not-applicable", "unknown"]
    answered_on: Day
    reason: Text = Field(default="", validate_default=True)
    """Why not, or why it does not apply: the *leg uit* of pas toe of leg uit."""
    due_on: Day | None = None
    """By when it will be met; behind this day an explanation no longer counts."""
    responsible: Responsible | None = None

    @field_validator("reason")
    @classmethod
    def _explained(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("complies") == "not-applicable" and not value:
            raise PydanticCustomError("not_explained", "say why it does not apply", {})
        return value
