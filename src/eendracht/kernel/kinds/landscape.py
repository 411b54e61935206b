"""What there is: services, processes, applications, interfaces, data, and what they run on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from eendracht.kernel.kinds.fields import (
    Answer,
    Code,
    Count,
    Country,
    Criticality,
    Eurocent,
    Hosting,
    Hours,
    Lifecycle,
    Line,
    Part,
    Position,
    RefText,
    Relation,
    Requiring,
    Spec,
)
from eendracht.kernel.kinds.parties import OrganisationRef, PartyRef, SupplierRef

Filled = Annotated[Line, StringConstraints(min_length=1)]
Operator = Annotated[RefText, Relation(("organisation", "supplier", "team"), "run")]
ApplicationRef = Annotated[RefText, Relation(("application",))]
DatasetRef = Annotated[RefText, Relation(("dataset",))]


class Continuity(Requiring):
    """How bad it is when it stops, and how soon it must be back."""

    criticality: Criticality = "unknown"
    rto_hours: Hours | None = None
    """Recovery time objective."""
    rpo_hours: Hours | None = None
    """Recovery point objective: how much data may be lost."""
    mtpd_hours: Hours | None = None
    """Maximum tolerable period of disruption."""


class Channel(Part):
    """A way in which a service is asked for (cv:Channel)."""

    type: Literal["online", "counter", "phone", "post", "e-mail", "app", "other"]
    url: Line = ""
    """Address of the page or form."""
    contact: Line = ""
    """Telephone number, e-mail address or place of a counter."""
    hours: Line = ""
    """When it is open, as people read it."""


class Cost(Part):
    """What a service costs who asks for it (cv:Cost)."""

    amount_eurocent: Eurocent | None = None
    """Empty where it depends, which the description then tells."""
    description: Line = ""


class LegalResource(Part):
    """The article of a law on which a service rests (eli:LegalResource)."""

    law: Filled
    article: Line = ""
    url: Line = ""
    """Deep link, such as a juriconnect address at wetten.overheid.nl."""


class RuleOutput(Part):
    """An output of a rule that decides on a service: the executable law behind it."""

    law: Filled
    """Identifier of the law in the rulebook."""
    article: Line = ""
    output: Filled


class PublicService(Continuity):
    """What a citizen or entrepreneur gets from a public body (cpsv:PublicService)."""

    provided_by: OrganisationRef | None = None
    """The competent authority (cv:hasCompetentAuthority)."""
    upl: Line | None = None
    """Name or URI in the Uniforme Productnamenlijst."""
    level: Literal["state", "province", "water-board", "municipality", "other", "unknown"] = "unknown"
    """Level of government that gives it."""
    audience: tuple[Literal["citizen", "business", "government"], ...] = ()
    channels: tuple[Channel, ...] = Field(default=(), max_length=50)
    costs: tuple[Cost, ...] = Field(default=(), max_length=50)
    legal_resources: tuple[LegalResource, ...] = Field(default=(), max_length=100)
    rule_outputs: tuple[RuleOutput, ...] = Field(default=(), max_length=50)
    """Outputs of the rulebook that decide on it; empty where no executable law is known yet."""
    life_events: tuple[Annotated[RefText, Relation(("life-event",))], ...] = Field(default=(), max_length=50)
    """Events in which people look for it (cv:isGroupedBy)."""
    sdg_codes: tuple[Code, ...] = Field(default=(), max_length=50)
    """Areas of the Single Digital Gateway, such as C5."""
    decision_weeks: Annotated[int, Field(ge=0, le=520)] | None = None
    """Term within which is decided; empty where that is not known (Awb 4:13 then gives eight weeks)."""
    uses_per_day: Count | None = None
    users: Count | None = None
    """How many different people or businesses rely on it."""


class BusinessProcess(Continuity):
    """Work that delivers a service or keeps the organisation going."""

    performed_by: tuple[OrganisationRef, ...] = ()
    services: tuple[Annotated[RefText, Relation(("public-service",))], ...] = ()
    """Services to which it contributes; the service itself says that it requires the process."""


class Application(Continuity):
    """A program as an organisation uses it."""

    supplied_by: SupplierRef | None = None
    """Who sells or maintains it; the application runs on when they stop."""
    operated_by: Operator | None = None
    """Who keeps it running; the application stops with them."""
    hosted_on: tuple[Annotated[RefText, Relation(("platform", "facility", "component"), "run")], ...] = ()
    realises: tuple[Annotated[RefText, Relation(("reference-component",))], ...] = ()
    """Reference components that it fulfils."""
    datasets: tuple[DatasetRef, ...] = ()
    """Data that it holds or uses."""
    version: Line | None = None
    package: Line | None = None
    """Product name as the supplier sells it."""
    lifecycle: Lifecycle = "unknown"
    hosting: Hosting = "unknown"
    personal_data: Answer = "unknown"
    users: Count | None = None
    annual_cost_eurocent: Eurocent | None = None
    business_owner: Annotated[RefText, Relation(("role",))] | None = None
    url: Line | None = None
    repository: Line | None = None
    licence: Line | None = None


class Interface(Requiring):
    """A link over which applications exchange data (koppeling)."""

    source: ApplicationRef
    target: ApplicationRef
    standard: Line | None = None
    protocol: Line | None = None
    datasets: tuple[DatasetRef, ...] = ()
    direction: Literal["one-way", "two-way", "unknown"] = "unknown"
    lifecycle: Lifecycle = "unknown"


class ReferenceComponent(Spec):
    """A building block of a reference architecture such as GEMMA."""

    framework: Line | None = None
    code: Code | None = None
    part_of: Annotated[RefText, Relation(("reference-component",))] | None = None


class Component(Continuity):
    """A technical part: a server, a library, a database, a network, an identity service."""

    type: Literal[
        "server",
        "database",
        "library",
        "framework",
        "container",
        "operating-system",
        "device",
        "firmware",
        "network",
        "identity",
        "pki",
        "certificate",
        "hsm",
        "file",
        "model",
        "service",
        "other",
        "unknown",
    ] = "unknown"
    version: Line | None = None
    purl: Line | None = None
    """Package URL."""
    cpe: Line | None = None
    licence: Line | None = None
    supplied_by: SupplierRef | None = None
    operated_by: Operator | None = None
    lifecycle: Lifecycle = "unknown"


class Dataset(Requiring):
    """A collection of data under one responsibility."""

    controller: OrganisationRef | None = None
    held_in: tuple[Annotated[RefText, Relation(("application", "platform", "component"), "run")], ...] = ()
    personal_data: Answer = "unknown"
    themes: tuple[Line, ...] = ()
    licence: Line | None = None
    landing_page: Line | None = None


class Platform(Continuity):
    """Ground on which applications run: a cloud, a cluster, a mainframe."""

    type: Literal["iaas", "paas", "saas", "cluster", "network", "workspace", "other", "unknown"] = "unknown"
    supplied_by: SupplierRef | None = None
    operated_by: Operator | None = None
    located_in: tuple[Annotated[RefText, Relation(("facility",), "run")], ...] = ()
    jurisdiction: Country | None = None
    hosting: Hosting = "unknown"


class Facility(Continuity):
    """A building or site."""

    type: Literal["data-centre", "office", "exchange", "other", "unknown"] = "unknown"
    country: Country | None = None
    municipality: OrganisationRef | None = None
    operated_by: Operator | None = None
    position: Position | None = None


class FailureDomain(Requiring):
    """Something shared that can take several things down at once: a power feed, a region, a certificate authority."""

    type: Literal["power", "network", "region", "pki", "software", "jurisdiction", "other"] = "other"


class DomainName(Requiring):
    """A name in the DNS."""

    registrar: PartyRef | None = None
    dns_operator: Operator | None = None
    serves: tuple[Annotated[RefText, Relation()], ...] = ()
    """What people reach under it."""
