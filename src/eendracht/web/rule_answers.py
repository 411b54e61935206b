"""The shapes of what the routes on rules answer, for the API description."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from eendracht.web.answers import Answer, Both, Explanation, Fault


class OutputField(Answer):
    """Something that a law yields."""

    name: str
    article: str
    type: str
    unit: str
    description: str


class LawVersion(Answer):
    """One version of a regulation, as one file gives it."""

    valid_from: date | None
    valid_to: date | None
    """Last day in force."""
    schema_version: str
    sha256: str
    """Of the bytes of the file."""
    outputs: list[OutputField]
    warnings: list[Fault]


class Regulation(Answer):
    """A law, regulation or ordinance."""

    key: str
    id: str
    name: str
    layer: str
    area: str
    """Code of the municipality, province or water board; empty for the whole country."""
    service: str
    bwb_id: str
    url: str
    versions: list[LawVersion]
    """The newest first."""


class Regulations(Answer):
    """A stretch of the list of regulations."""

    regulations: list[Regulation]
    total: int
    after: str | None
    """Continues the list; null at its end."""


class MissingFact(Answer):
    """A fact that nobody gave, and who asks for it."""

    name: str
    law: str
    article: str
    key: str
    """Names of the keys by which it would be found."""


class LawUsed(Answer):
    """A version of a law that was used."""

    id: str
    name: str
    layer: str
    service: str
    jurisdiction: str
    bwb_id: str
    valid_from: date | None
    valid_to: date | None
    schema_version: str
    sha256: str


class LawChosen(LawUsed):
    """The version that was taken, and why."""

    reason: Both


class RuleOutput(Answer):
    """What an output came to."""

    value: Any
    unit: str
    type: str
    status: Literal["known", "unknown", "untranslatable"]
    provenance: Literal["direct", "reactive", "override"]
    law: str
    article: str
    url: str
    missing: list[MissingFact]
    untranslatable: list[str]


class Evaluation(Answer):
    """What a law comes to in one case: information, not a decision."""

    date: date
    law: LawChosen
    outputs: dict[str, RuleOutput]
    missing: list[MissingFact]
    requirements_met: bool
    missing_required: bool
    regulations: list[LawUsed]
    notice: Both
    trace: dict[str, Any] | None = None
    """Every step (trace schema v1); left out where it was not asked."""
    explanations: dict[str, Explanation] | None = None
    """The reasons of each output in plain words; left out where they were not asked."""


class Need(Answer):
    """A missing fact, who asks for it and how it can be answered."""

    name: str
    law: str
    law_name: str
    article: str
    url: str
    description: str
    type: str
    unit: str
    about: str
    """The parameter by which its subject is known; empty for the case itself."""
    is_about_other: bool
    """Whether the subject is another than that of the case, such as a partner."""
    choices: list[Any]
    """Answers that the law names."""
    takes_other: bool
    """Whether any other answer counts too."""
    source_table: str = Field(alias="register")
    """The table that the law names as its source."""
    is_sure: bool
    """Whether no answers to the others make it needless."""
    is_now: bool
    """Whether the evaluation waits for it at this moment."""


class Needs(Answer):
    """The missing facts in the order to ask; none where the outputs are decided."""

    facts: list[Need]
    settled: dict[str, Any]
    """Outputs that no answer can change any more, with their value."""
    expected_questions: float
    """How many questions are asked on average."""
    is_exact: bool
    """Whether each fact is needed for some answers to the others."""


class JobAsked(Answer):
    """The job that does what was asked, and where to follow it."""

    id: str
    address: str


class JobState(Answer):
    """How far a job is, and what came of it in counts."""

    id: str
    kind: str
    asked_by: str
    organisation: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    stage: str
    done: int
    total: int
    percent: int
    result: dict[str, Any]
    error: dict[str, Any]
    asked_at: str
    ended_at: str
