"""The shapes of what the routes on rules answer, for the API description."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from eendracht.web.answers import Answer, Both, Fault


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
