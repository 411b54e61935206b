"""What pages and the API may be asked about dependence."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from eendracht.kit.questions import Question, RecordName, RefName, Words

Category = Annotated[str, StringConstraints(max_length=200, pattern=r"^$|^[a-z-]+/[^\s\x00-\x1f\x7f]+$")]


class SpreadQuestion(Question):
    """Which concentration is meant."""

    by: Literal["supplier", "owner", "jurisdiction", "chain"] = "owner"
    """Direct supplier, ultimate owner, country whose law can force it, or everybody in the chain."""
    measure: Literal["spend", "services", "citizen-hours"] = "spend"
    """What is counted: yearly spend, services that depend on it, or citizen-hours a day at risk."""
    category: Category = ""
    """One category, such as `platform/iaas`; empty for the whole."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many parties to list."""


class RadarQuestion(Question):
    """Which contracts are meant."""

    organisation: RefName | Literal[""] = ""
    """Ref of the buyer; empty for all."""
    supplier: RefName | Literal[""] = ""
    """Ref of the supplier or of its ultimate owner; empty for all."""


class WeakPointQuestion(Question):
    """How much is listed."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many of each to list."""


class _Given(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class ProposalGiven(_Given):
    """A collective solution that is proposed."""

    owner: RefName
    """Organisation that proposes it."""
    weak_point: RecordName
    """Ref of a weak point that several organisations share."""
    cost_key: Literal["equal", "inhabitants", "services", "citizen-hours"] = "equal"
    """By what the costs are shared out."""
    name: Annotated[str, StringConstraints(max_length=300, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """What it is called; by default after the weak point."""
    alternative: Annotated[
        str, StringConstraints(max_length=500, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")
    ] = ""
    """What would stand beside it or take its place."""
    cost_eurocent: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    """A year, for all together."""


class StatusGiven(_Given):
    """The next status of a collective solution."""

    status: Literal["proposed", "in-preparation", "agreed", "in-use", "dropped"]
    generation: Annotated[int, Field(ge=1, lt=2**53)]
    """The generation that was read."""


class AlternativesGiven(_Given):
    """Which causes the alternatives must take away."""

    max_order: Literal[1, 2] = 1
    """1: what alone stops something critical; 2: also two things together."""


class CryptographyQuestion(Question):
    """Which cryptography is meant."""

    q: Words = ""
    """Such as `RSA-2048 or ECDH`, or `where is sha1`; empty for counts of everything."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many assets and services to list."""
