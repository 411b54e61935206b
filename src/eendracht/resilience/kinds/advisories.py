"""Security advisories that came in, and what each means for one thing of ours."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import SHA256_PATTERN, Code, Day, Line, Part, RefText, Relation, Spec, Text
from eendracht.resilience.kinds.recovery import AnyRef, Responsible

Sha256 = Annotated[str, StringConstraints(pattern=SHA256_PATTERN)]
Score = Annotated[Decimal, Field(ge=0, le=10, max_digits=3, decimal_places=1)]
VulnerabilityCode = Annotated[Line, StringConstraints(min_length=1)]


class SecurityAdvisory(Spec):
    """A CSAF advisory that came in: which it is and of which vulnerabilities it speaks; the file is not kept."""

    tracking_id: Annotated[Line, StringConstraints(min_length=1)]
    """What the publisher calls it (document/tracking/id)."""
    publisher: Line
    namespace: Line
    """The publisher's own address, by which its numbers are told from those of others."""
    version: Code
    status: Literal["draft", "interim", "final"]
    released_at: AwareDatetime
    received_on: Day
    """The first day on which it was read here; terms begin then."""
    tlp: Literal["white", "green", "amber", "red", "none"] = "none"
    """Traffic Light Protocol."""
    url: Line = ""
    sha256: Sha256
    """Of the file that was read last."""
    vulnerabilities: tuple[VulnerabilityCode, ...] = Field(default=(), max_length=2000)
    highest_score: Score | None = None
    """Base score of CVSS; empty where it gives none."""


class VulnerabilityVerdict(Part):
    """What one vulnerability means for the thing."""

    vulnerability: VulnerabilityCode
    outcome: Literal["affected", "under-investigation", "unknown", "fixed", "not-affected"]
    recognised_by: Literal["purl", "cpe", "name"]
    product: Line = ""
    """The product of the advisory that decided it."""
    justification: Line = ""
    """Why it is not affected, as the publisher says (VEX), or why it is not known."""
    score: Score | None = None


class AdvisoryMatch(Spec):
    """What an advisory means for one component, application or platform, who acts by when, and what was done."""

    advisory: Annotated[RefText, Relation(("security-advisory",))]
    about: AnyRef
    outcome: Literal["affected", "under-investigation", "unknown", "fixed", "not-affected"]
    """The worst of its verdicts; `unknown` is to be looked at, and never counts as safe."""
    verdicts: tuple[VulnerabilityVerdict, ...] = Field(min_length=1, max_length=2000)
    measures: tuple[Line, ...] = Field(default=(), max_length=50)
    """What can be done, as the publisher says."""
    acts: Annotated[RefText, Relation(("organisation", "supplier", "team"))] | None = None
    """Who operates it, else who owns it."""
    due_on: Day | None = None
    """By when; empty where the norm leaves it to a decision."""
    status: Literal["open", "planned", "done", "accepted", "not-needed"] = "open"
    """How far it is; `accepted` is a risk that somebody took on with a reason."""
    handled_by: Responsible | None = None
    """A role or team; never a named person."""
    handled_on: Day | None = None
    reason: Text = ""
    """Why the risk was accepted, or what was done."""

    @field_validator("verdicts")
    @classmethod
    def _vulnerabilities_once(cls, value: tuple[VulnerabilityVerdict, ...]) -> tuple[VulnerabilityVerdict, ...]:
        if len({item.vulnerability for item in value}) < len(value):
            raise PydanticCustomError("vulnerability_twice", "a vulnerability stands here twice", {})
        return value
