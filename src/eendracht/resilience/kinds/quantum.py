"""Getting ready for quantum: how long data must stay secret, who talks to whom, and the steps of the move."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import Day, Line, Quantity, RefText, Relation, Spec
from eendracht.kernel.kinds.parties import OrganisationRef, PartyRef

Years = Annotated[int, Field(ge=0, le=500)]
Months = Annotated[Quantity, Field(ge=0, le=1200)]
Stage = Literal[
    "inventory",
    "supplier-release",
    "hsm-firmware",
    "root-ca",
    "issuing-ca",
    "leaf",
    "trust-store",
    "protocol-switch",
    "retire",
]
StepRef = Annotated[RefText, Relation(("quantum-step",))]
LinkEnd = Annotated[
    RefText, Relation(("application", "component", "platform", "public-service", "organisation", "supplier"))
]
_HUNDREDTH = Decimal("0.01")


class DataShelfLife(Spec):
    """How long a dataset must stay secret, and how long it must be sure that nobody changed it."""

    dataset: Annotated[RefText, Relation(("dataset",))]
    confidential_years: Years | None = None
    """Years from today on which what is recorded now must still be secret; empty where nobody judged it."""
    integrity_years: Years | None = None
    """Years in which a signature on it must still prove something; empty where nobody judged it."""
    risk: Literal["high", "medium", "low", "unknown"] = "unknown"
    """Quantum risk of its use, as the EU roadmap divides it and the organisation judged it."""
    ground: Line = ""
    """On what it rests: an article of a law, a selection list, a decision."""
    assessed_on: Day | None = None


class CryptographicLink(Spec):
    """Two ends that exchange data, with what was seen between them."""

    client: LinkEnd
    """Who calls."""
    server: LinkEnd
    """Who answers."""
    interface: Annotated[RefText, Relation(("interface",))] | None = None
    """The link in the landscape that it is part of."""
    endpoint: Annotated[RefText, Relation(("tls-endpoint",))] | None = None
    """Over which endpoint the server is reached."""
    observed_group: Line = ""
    """Key exchange group that they were seen to agree on, as IANA names it; empty where nobody looked."""
    observed_on: Day | None = None
    datasets: tuple[Annotated[RefText, Relation(("dataset",))], ...] = Field(default=(), max_length=1000)
    """What goes over it."""

    @field_validator("server")
    @classmethod
    def _two_ends(cls, value: str, info: ValidationInfo) -> str:
        if value == info.data.get("client"):
            raise PydanticCustomError("one_end", "a link has two ends", {})
        return value


class QuantumStep(Spec):
    """A step of the move to quantum-safe cryptography, of one organisation or supplier."""

    organisation: PartyRef
    """Who takes it."""
    about: Annotated[RefText, Relation()]
    """What moves: a system, an authority, a device, or one cryptographic asset."""
    stage: Stage
    duration_months: Months | None = None
    """How long the work takes; empty where nobody knows."""
    not_before: Day | None = None
    """Before which it cannot begin, such as the day on which a supplier delivers; of a release that is not done, empty
    means that the supplier named no date."""
    after: tuple[StepRef, ...] = Field(default=(), max_length=200)
    """Steps that must be done before; what follows from the landscape need not be repeated here."""
    status: Literal["planned", "running", "done", "dropped", "unknown"] = "unknown"
    done_on: Day | None = None
    milestone: Literal["first-steps", "high-risk", "medium-risk"] | None = None
    """Milestone of the EU roadmap for which it must be done in time."""

    @field_validator("duration_months")
    @classmethod
    def _in_hundredths(cls, value: Decimal | None) -> Decimal | None:
        if value is not None and value != value.quantize(_HUNDREDTH):
            raise PydanticCustomError("too_fine", "write months with at most two decimals", {})
        return value


class QuantumPreparation(Spec):
    """How far an organisation says that it is with preparing for quantum computers."""

    organisation: OrganisationRef
    state: Literal["not-started", "inventorying", "planned", "moving", "done", "unknown"] = "unknown"
    stated_on: Day | None = None
    starts_on: Day | None = None
    """When it will begin; empty where it does not know."""
