"""The shapes of what the API answers about the move to quantum-safe cryptography."""

from __future__ import annotations

from datetime import date as Date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from eendracht.resilience.api.dependence_answers import FaultShape

State = Literal["safe", "unknown", "broken"]
Started = Literal["yes", "no", "unknown"]
MilestoneState = Literal["met", "on-track", "at-risk", "missed", "unknown"]


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class LayerShape(_Shape):
    """How far a layer of government is, in counts."""

    layer: Literal["all", "central", "province", "municipality", "water-board", "other"]
    organisations: int
    started: dict[str, int]
    """How many have started, have not, or of how many nobody knows."""
    not_started_share: str | None
    """Part of those of whom it is known."""
    with_inventory: int
    with_plan: int
    assets: int
    """Algorithms in use that are recorded."""
    resolved: int
    """Of how many of these the purpose is known."""
    classes: dict[str, int]
    links: dict[str, int]
    suppliers: int
    suppliers_announced: int
    milestones: dict[str, dict[str, int]]


class BoundsShape(_Shape):
    """A count that lies between two; `high` is empty where nothing bounds it."""

    low: int
    high: int | None


class PriorityShape(_Shape):
    """A dataset in the row of what to move first."""

    dataset: str
    exposure: State
    services: list[str]
    citizens: BoundsShape | None
    years_late: str
    years_bounded: bool
    score: int | None
    """Exposure x citizens x years; empty where something of it is unknown."""


class QuantumAnswer(_Shape):
    """How ready everybody is; priorities and faults are for insiders."""

    day: Date
    layers: list[LayerShape]
    priorities: list[PriorityShape]
    faults: list[FaultShape]
    synthetic: bool


class EndShape(_Shape):
    """One end of a link."""

    ref: str
    owner: str
    state: State


class LinkShape(_Shape):
    """A link with the state of its ends and of what was seen."""

    ref: str
    name: str
    state: State
    client: EndShape
    server: EndShape
    observed: State
    observed_group: str | None
    observed_on: Date | None
    held_up_by: list[Literal["client", "server", "neither"]]
    to_ask: list[Literal["client", "server", "observation"]]
    datasets: list[str]


class LinksAnswer(_Shape):
    """Links, the worst first."""

    links: list[LinkShape]
    total: int
    synthetic: bool


class WaitShape(_Shape):
    """A step that must be done before, and why."""

    step: str
    why: Literal["recorded", "same-thing", "needs", "link"]


class StepShape(_Shape):
    """A step with when it is; the worst end is empty where nothing bounds it."""

    ref: str
    name: str
    organisation: str
    about: str
    stage: str
    status: str
    starts_on: Date
    ends_on: Date
    worst_ends_on: Date | None
    slack_months: str
    critical: bool
    waits_for: list[WaitShape]
    milestone: str | None


class PlanAnswer(_Shape):
    """The plan of the move."""

    steps: list[StepShape]
    total: int
    critical_path: list[str]
    ends_in_months: str
    end_is_known: bool
    faults: list[FaultShape]
    synthetic: bool


class YearsShape(_Shape):
    """Years between two; `high` is empty where nothing bounds them."""

    low: str
    high: str | None


class ScenarioShape(_Shape):
    """What follows in one scenario; slack below zero is too late."""

    scenario: str
    z_years: str
    urgency: Literal["too-late", "in-time", "unknown"]
    best_slack_years: str
    worst_slack_years: str | None
    harvested: Literal["yes", "no", "unknown"]


class DeadlineShape(_Shape):
    """X, Y and every scenario of one aspect of one dataset or system."""

    subject: str
    aspect: Literal["confidentiality", "integrity"]
    risk: Literal["high", "medium", "low", "unknown"]
    ground: str
    others: list[str]
    """Systems that hold the dataset, or datasets that the system holds."""
    x_years: YearsShape
    y_years: YearsShape
    scenarios: list[ScenarioShape]


class DeadlinesAnswer(_Shape):
    """Every dataset of which somebody recorded how long it matters, and every system that holds one."""

    deadlines: list[DeadlineShape]
    total: int
    synthetic: bool


class MilestoneShape(_Shape):
    """How an organisation stands before one milestone."""

    milestone: str
    date: Date
    state: MilestoneState
    steps: int
    ends_on: Date | None


class OrganisationAnswer(_Shape):
    """How ready one organisation is."""

    organisation: str
    name: str
    layer: str
    started: Started
    statement: str
    inventories: int
    assets: int
    resolved: int
    classes: dict[str, int]
    links: dict[str, int]
    suppliers: int
    suppliers_announced: int
    has_plan: bool
    milestones: list[MilestoneShape]
    open_links: list[LinkShape]
    plan: list[StepShape]
    deadlines: list[DeadlineShape]
    synthetic: bool


class SourceShape(_Shape):
    """Where a rule stands."""

    title: str
    section: str
    url: str
    published: str
    status: Literal["draft", "final"]


class RuledShape(_Shape):
    """A rule that holds."""

    rule: str
    outcome: str
    outcome_day: Date | None
    standing: str
    says: dict[str, str]
    wants: str | None
    contested: dict[str, str] | None
    source: SourceShape


class UndecidedShape(_Shape):
    """A rule that may hold, and what must be known to tell; no rule where that goes for all."""

    rule: str | None
    missing: str


class VerdictShape(_Shape):
    """What one authority says."""

    authority: str
    name: dict[str, str]
    force: str
    binds_dutch_government: bool
    outcome: str
    outcome_day: Date | None
    perhaps_until: Date | None
    standing: str
    day: Date
    rules: list[RuledShape]
    undecided: list[UndecidedShape]


class ConflictShape(_Shape):
    """Two authorities that contradict each other."""

    matter: Literal["algorithm", "parameter-set", "construction", "date"]
    rules: list[str]
    authorities: list[str]
    says: dict[str, str]


class VerdictsAnswer(_Shape):
    """One asset with what every authority says of it."""

    ref: str
    name: str
    owner: str
    family: str | None
    parameter_set: str | None
    purpose: str | None
    quantum: Literal["broken", "weakened", "safe", "unknown"]
    verdicts: list[VerdictShape]
    conflicts: list[ConflictShape]
    synthetic: bool


class PoliciesAnswer(_Shape):
    """The tables of every authority, as they stand in the product."""

    policies: list[dict[str, Any]]
