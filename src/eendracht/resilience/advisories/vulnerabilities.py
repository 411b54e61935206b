"""The shape of what a CSAF 2.0 document says of vulnerabilities, and of the document as a whole (section 3.2.3)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from eendracht.resilience.advisories.document import (
    About,
    Acknowledgment,
    Filled,
    Moment,
    Note,
    Piece,
    ProductTree,
    Reference,
    Refs,
    Set,
    Some,
    Uri,
)


class Weakness(Piece):
    """An entry of the Common Weakness Enumeration."""

    id: Annotated[str, StringConstraints(pattern=r"^CWE-[1-9]\d{0,5}$")]
    name: Filled


class Flag(Piece):
    """Why a product is not affected: a justification as VEX knows them."""

    label: Literal[
        "component_not_present",
        "inline_mitigations_already_exist",
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "vulnerable_code_not_in_execute_path",
        "vulnerable_code_not_present",
    ]
    date: Moment | None = None
    group_ids: Refs | None = None
    product_ids: Refs | None = None


class Identifier(Piece):
    """What a vulnerability is called in a system other than CVE."""

    system_name: Filled
    text: Filled


class Involvement(Piece):
    """How far a party is with it."""

    party: Literal["coordinator", "discoverer", "other", "user", "vendor"]
    status: Literal["completed", "contact_attempted", "disputed", "in_progress", "not_contacted", "open"]
    date: Moment | None = None
    summary: Filled | None = None


class ProductStatus(Piece):
    """Which products are affected, repaired, not affected, or still looked at."""

    first_affected: Refs | None = None
    first_fixed: Refs | None = None
    fixed: Refs | None = None
    known_affected: Refs | None = None
    known_not_affected: Refs | None = None
    last_affected: Refs | None = None
    recommended: Refs | None = None
    under_investigation: Refs | None = None


class Restart(Piece):
    """What is restarted with a remediation."""

    category: Literal[
        "connected", "dependencies", "machine", "none", "parent", "service", "system", "vulnerable_component", "zone"
    ]
    details: Filled | None = None


class Remediation(Piece):
    """What can be done."""

    category: Literal["mitigation", "no_fix_planned", "none_available", "vendor_fix", "workaround"]
    details: Filled
    date: Moment | None = None
    entitlements: Some[Filled] | None = None
    group_ids: Refs | None = None
    product_ids: Refs | None = None
    restart_required: Restart | None = None
    url: Uri | None = None


class Score(Piece):
    """How bad it is for these products; what CVSS says is checked apart."""

    products: Refs
    cvss_v2: dict[str, Any] | None = None
    cvss_v3: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _scored(self) -> Self:
        if len(self.model_fields_set) < 2:
            raise PydanticCustomError("no_score", "products without a score say nothing", {})
        return self


class Threat(Piece):
    """How it is or may be used."""

    category: Literal["exploit_status", "impact", "target_set"]
    details: Filled
    date: Moment | None = None
    group_ids: Refs | None = None
    product_ids: Refs | None = None


class Vulnerability(Piece):
    """One vulnerability."""

    acknowledgments: Some[Acknowledgment] | None = None
    cve: Annotated[str, StringConstraints(pattern=r"^CVE-[0-9]{4}-[0-9]{4,}$")] | None = None
    cwe: Weakness | None = None
    discovery_date: Moment | None = None
    flags: Set[Flag] | None = None
    ids: Set[Identifier] | None = None
    involvements: Set[Involvement] | None = None
    notes: Some[Note] | None = None
    product_status: ProductStatus | None = None
    references: Some[Reference] | None = None
    release_date: Moment | None = None
    remediations: Some[Remediation] | None = None
    scores: Some[Score] | None = None
    threats: Some[Threat] | None = None
    title: Filled | None = None


class Advisory(Piece):
    """A CSAF 2.0 document."""

    document: About
    product_tree: ProductTree | None = None
    vulnerabilities: Annotated[list[Vulnerability], Field(min_length=1)] | None = None
