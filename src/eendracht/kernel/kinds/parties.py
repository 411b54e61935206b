"""Who takes part: organisations, roles, teams, suppliers with their owners, and what they agreed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from eendracht.kernel.kinds.fields import (
    KVK_PATTERN,
    LEI_PATTERN,
    Code,
    Count,
    Country,
    Day,
    Eurocent,
    Line,
    Name,
    Oin,
    Part,
    Percentage,
    Position,
    Ratio,
    RefText,
    Relation,
    Requiring,
    Spec,
    Text,
)

OrganisationRef = Annotated[RefText, Relation(("organisation",))]
SupplierRef = Annotated[RefText, Relation(("supplier",))]
PartyRef = Annotated[RefText, Relation(("organisation", "supplier"))]

OrganisationType = Literal[
    "advisory-body",
    "agency",
    "caribbean-public-body",
    "department",
    "environment-service",
    "ggd",
    "high-council-of-state",
    "inspectorate",
    "joint-arrangement",
    "judicial-body",
    "ministry",
    "municipal-district",
    "municipality",
    "other-government-body",
    "police",
    "province",
    "safety-region",
    "water-board",
    "zbo",
    "unknown",
]


class Organisation(Requiring):
    """A public body, or a part of one that acts under its own name."""

    type: OrganisationType = "unknown"
    """What sort of body it is."""
    oin: Oin | None = None
    """Organisation identification number of Logius, as the source gives it."""
    tooi: Line | None = None
    """URI in the TOOI value lists."""
    kvk: Code | None = None
    rsin: Code | None = None
    roo: Code | None = None
    """Id in the register of government organisations."""
    part_of: OrganisationRef | None = None
    """The body that it belongs to."""
    runs_for: tuple[OrganisationRef, ...] = ()
    """Bodies for which it carries out tasks."""
    participants: tuple[OrganisationRef, ...] = ()
    """Bodies that take part in a joint arrangement."""
    province: OrganisationRef | None = None
    safety_region: OrganisationRef | None = None
    inhabitants: Count | None = None
    inhabitants_year: int | None = Field(default=None, ge=1900, le=2200)
    position: Position | None = None
    website: Line | None = None


class Role(Spec):
    """A function in an organisation; never a named person."""

    organisation: OrganisationRef
    mandate: Text = ""
    """What the role may decide."""


class Team(Requiring):
    """People who look after something together, counted and never named."""

    organisation: PartyRef
    size: Count | None = None
    skills: tuple[Line, ...] = Field(default=(), max_length=200)


class Ownership(Part):
    """A share in a supplier, held for a time."""

    owner: SupplierRef
    share: Percentage
    """Percentage of the votes."""
    valid_from: Day | None = None
    valid_until: Day | None = None
    """First day on which it no longer holds."""


class Supplier(Requiring):
    """A legal entity that delivers something."""

    legal_name: Name | None = None
    kvk: Annotated[str, Field(pattern=KVK_PATTERN)] | None = None
    lei: Annotated[str, Field(pattern=LEI_PATTERN)] | None = None
    country: Country | None = None
    """Where it is established."""
    jurisdiction: Country | None = None
    """Whose law can force it."""
    ownerships: tuple[Ownership, ...] = Field(default=(), max_length=100)
    """Who owns it, over time."""
    website: Line | None = None


class ExitPlan(Part):
    """How a customer leaves."""

    tested_on: Day | None = None
    duration_days: Count | None = None
    escrow: bool | None = None
    data_format: Line | None = None


class Subcontractor(Part):
    """A party further down the chain."""

    supplier: SupplierRef
    rank: int = Field(ge=1, le=20)
    """1 is a direct subcontractor."""


class Contract(Spec):
    """What a buyer and a supplier agreed, with its dates."""

    number: Line | None = None
    buyer: OrganisationRef
    supplier: SupplierRef
    covers: tuple[Annotated[RefText, Relation()], ...] = Field(default=(), max_length=1000)
    """What is delivered under it."""
    start_date: Day | None = None
    end_date: Day | None = None
    """First day after the contract."""
    notice_days: Count | None = None
    renewal: Literal["none", "tacit", "option", "unknown"] = "unknown"
    annual_value_eurocent: Eurocent | None = None
    exit_plan: ExitPlan | None = None
    substitutability: Literal["not-substitutable", "highly-complex", "medium", "easy", "unknown"] = "unknown"
    """As in the DORA register of information."""
    subcontractors: tuple[Subcontractor, ...] = Field(default=(), max_length=200)


class Agreement(Spec):
    """What parties agreed on sharing or processing data, or on working together."""

    type: Literal["data-sharing", "processor", "covenant", "service-level", "other"] = "other"
    parties: tuple[PartyRef, ...] = Field(min_length=1, max_length=500)
    datasets: tuple[Annotated[RefText, Relation(("dataset",))], ...] = ()
    start_date: Day | None = None
    end_date: Day | None = None
    """First day after the agreement."""


class Succession(Spec):
    """Who follows whom, and when: a merger, a split, a change of name or a transfer of tasks."""

    type: Literal["merger", "split", "rename", "transfer", "abolition"]
    predecessors: tuple[PartyRef, ...] = Field(min_length=1, max_length=100)
    successors: tuple[PartyRef, ...] = Field(default=(), max_length=100)
    date: Day
    """First day of the new situation."""


class SameAs(Spec):
    """A claim that two refs mean the same party or thing."""

    left: Annotated[RefText, Relation()]
    right: Annotated[RefText, Relation()]
    confidence: Ratio
    """How sure the claimant is."""
    evidence: Text = ""
    status: Literal["proposed", "confirmed", "rejected"] = "proposed"
