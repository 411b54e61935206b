"""Exercises and what was learned from them; what players wrote and who they were is not in these records."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from eendracht.kernel.kinds.fields import SHA256_PATTERN, Code, Count, Day, Line, Part, RefText, Relation, Spec, Text
from eendracht.kernel.kinds.parties import OrganisationRef

ExerciseRef = Annotated[RefText, Relation(("exercise",))]


class ExerciseResult(Part):
    """What an organisation reached on one objective."""

    organisation: OrganisationRef
    objective: Code
    points: Annotated[int, Field(ge=0, lt=2**53)]
    """In thousandths of a point of the scenario."""
    possible: Annotated[int, Field(ge=0, lt=2**53)]
    """The same for what was judged; expectations that nobody judged count in neither."""
    unjudged: Count = 0
    """Expectations of which nothing is known."""


class Exercise(Spec):
    """Organisations that practised a disturbance together (HSEEP 2020)."""

    type: Literal["seminar", "workshop", "tabletop", "game", "drill", "functional", "full-scale"] = "tabletop"
    led_by: OrganisationRef
    organisations: tuple[OrganisationRef, ...] = Field(min_length=1, max_length=2_000)
    """Who take part."""
    status: Literal["planned", "finished", "stopped", "cancelled"] = "planned"
    held_on: Day | None = None
    objectives: tuple[Line, ...] = Field(default=(), max_length=200)
    scenario_sha256: Annotated[str, Field(pattern=SHA256_PATTERN)] | None = None
    """Of the scenario as it was when the exercise was made; what it says stays with its leaders."""
    results: tuple[ExerciseResult, ...] = Field(default=(), max_length=20_000)
    """Per organisation and objective; nothing of a person leaves an exercise."""


class Lesson(Spec):
    """What was seen in an exercise and should go better, or is worth keeping."""

    exercise: ExerciseRef
    organisation: OrganisationRef
    type: Literal["strength", "improvement"] = "improvement"
    objective: Code | None = None
    """Which objective of the scenario it is about."""
    expectation: Code | None = None
    """Which expectation was not met; the same one in another exercise is a repeated finding."""
    root_cause: Text = ""
    """Why it went so; without names of people."""
    capability: Literal["planning", "organisation", "equipment", "training", "exercises", "unknown"] = "unknown"
    """What it takes to do better (the elements of HSEEP)."""
    repeats: tuple[Annotated[RefText, Relation(("lesson",))], ...] = Field(default=(), max_length=50)
    """The same finding in earlier exercises."""
