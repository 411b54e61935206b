"""Which cryptography stands where: assets, the inventories that told of them, and endpoints that were looked at."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import (
    NO_NUL,
    SHA256_PATTERN,
    Answer,
    Count,
    Day,
    Line,
    Part,
    RefText,
    Relation,
    Spec,
)
from eendracht.kernel.kinds.parties import OrganisationRef

PurposeGround = Literal["stated", "derived", "ambiguous", "unknown"]
GroupClass = Literal["hybrid", "pure", "draft", "none", "unknown"]
"""Whether a group withstands a quantum computer: with a classical one beside it, alone, by a draft, or not."""
UserRef = Annotated[RefText, Relation(("application", "component", "platform", "public-service", "interface"))]
AssetRef = Annotated[RefText, Relation(("cryptographic-asset",))]
Place = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True, pattern=NO_NUL)]
Json = Annotated[str, StringConstraints(max_length=20_000, pattern=NO_NUL)]
Sha256 = Annotated[str, StringConstraints(pattern=SHA256_PATTERN)]


class CertificateFacts(Part):
    """What a certificate says that is about no natural person."""

    subject: Line = ""
    """Host name or organisation that it is for; empty where that may be a person."""
    issuer: Line = ""
    """Authority that signed it."""
    not_before: Day | None = None
    """First day (UTC) on which it holds."""
    not_after: Day | None = None
    """Last day (UTC) on which it holds."""
    fingerprint_sha256: Sha256 | None = None
    """SHA-256 of the whole certificate (DER)."""
    signature_algorithm: Line = ""
    """With which the authority signed it, such as ECDSA-SHA384."""
    key_algorithm: Line = ""
    """Family of the key in it, such as RSA."""
    key_parameters: Line = ""
    """Size or curve of the key in it, such as 2048 or P-256."""
    is_ca: bool | None = None
    """Whether it may sign other certificates; empty where it does not say."""

    @field_validator("not_after")
    @classmethod
    def _in_order(cls, value: date | None, info: ValidationInfo) -> date | None:
        begins = info.data.get("not_before")
        if value is not None and begins is not None and value < begins:
            raise PydanticCustomError("ends_before_begin", "it ends before it begins", {})
        return value


class ProtocolFacts(Part):
    """What is agreed upon in a protocol."""

    protocol: Line = ""
    """Such as tls, ipsec or ssh."""
    version: Line = ""
    cipher_suites: tuple[Line, ...] = Field(default=(), max_length=500)
    groups: tuple[Line, ...] = Field(default=(), max_length=200)
    """Key exchange groups, the preferred ones first."""


class MaterialFacts(Part):
    """A key, token, seed or other material; never its value."""

    type: Line = "unknown"
    """Such as private-key or secret-key, as CycloneDX names it."""
    state: Line = ""
    """Such as active or compromised, as CycloneDX names it."""
    size_bits: Count | None = None
    """Size in bits."""
    algorithm: Line = ""
    """With which it is used, as the source names it."""


class CryptographicAsset(Spec):
    """A use of cryptography: what CycloneDX calls a cryptographic asset."""

    type: Literal["algorithm", "certificate", "protocol", "related-crypto-material", "unknown"] = "unknown"
    algorithm_family: Line | None = None
    """Such as RSA, ECDH, ML-KEM; empty where the evidence does not tell."""
    parameter_set: Line | None = None
    """Such as 2048 or P-256."""
    purpose: Line | None = None
    """What it is used for, as CycloneDX names primitives and functions; empty where the evidence does not tell."""
    purpose_ground: PurposeGround = "unknown"
    """How the purpose is known: the source states it, it follows from other facts, or it may be several."""
    purpose_reason: Line = ""
    """What decided that, or what is in the way."""
    used_by: tuple[UserRef, ...] = Field(default=(), max_length=1000)
    """What stops if it can no longer be trusted."""
    inventory: Annotated[RefText, Relation(("cryptographic-inventory",))] | None = None
    """The inventory that told of it."""
    bom_ref: Line = ""
    """Its name within the inventory."""
    oid: Line = ""
    """Object identifier, as the source states it."""
    mode: Line = ""
    """Mode of a block cipher, such as gcm."""
    classical_bits: Count | None = None
    """Strength in bits against a classical computer, as the source states it."""
    nist_level: Annotated[int, Field(ge=0, le=6)] | None = None
    """Quantum security level of NIST that the source states; nobody checked it."""
    implementation: Line = ""
    """Package URL of what implements it."""
    locations: tuple[Place, ...] = Field(default=(), max_length=1000)
    """Where it is: a file with a line number, or an endpoint."""
    certificate: CertificateFacts | None = None
    protocol: ProtocolFacts | None = None
    material: MaterialFacts | None = None
    made_of: tuple[AssetRef, ...] = Field(default=(), max_length=1000)
    """Assets on which it rests, such as the algorithm of a key."""
    crypto_properties: Json = ""
    """What the inventory says of it (cryptoProperties of CycloneDX) as JSON text; values of keys are left out."""


class CryptographicInventory(Spec):
    """An inventory of cryptography: a bill, a keystore, a scan, or what somebody stated."""

    organisation: OrganisationRef | None = None
    """Whose cryptography it is."""
    subject: Annotated[RefText, Relation(("application", "component", "platform", "public-service"))] | None = None
    """What it is the inventory of."""
    source_type: Literal["cyclonedx", "certificate", "keystore", "tls-scan", "statement", "unknown"] = "unknown"
    format_version: Line = ""
    """Version of the format, such as 1.6."""
    taken_on: Day | None = None
    """Day on which it was made; empty where it does not say."""
    tool: Line = ""
    """What made it."""
    assets: Count | None = None
    """How many cryptographic assets it tells of."""
    unresolved: Count | None = None
    """Of how many of them the purpose is not known."""
    sha256: Sha256 | None = None
    """SHA-256 of the file."""


class EndpointGroup(Part):
    """A key exchange group that an endpoint offers."""

    group: Line
    """Name in the registry of IANA."""
    quantum: GroupClass = "unknown"


class TlsEndpoint(Spec):
    """An endpoint of TLS as it was seen from outside."""

    organisation: OrganisationRef | None = None
    """Whose endpoint it is."""
    host: Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
    port: Annotated[int, Field(ge=1, le=65535)]
    serves: tuple[UserRef, ...] = Field(default=(), max_length=1000)
    """What people and systems reach over it."""
    versions: tuple[Line, ...] = Field(default=(), max_length=20)
    """Versions of TLS that it was seen to speak."""
    groups: tuple[EndpointGroup, ...] = Field(default=(), max_length=100)
    """Groups that it was seen to offer, in order of preference."""
    preference: Literal["server", "client", "unknown"] = "unknown"
    """Whose order that is."""
    is_complete: bool = False
    """Whether every group was seen."""
    key_exchange_quantum_safe: Answer = "unknown"
    """Whether the group that it chooses first withstands a quantum computer."""
    guideline: Line = ""
    """Guideline by which it was judged."""
    guideline_date: Day | None = None
    guideline_level: Literal["good", "sufficient", "phase-out", "insufficient", "unknown"] = "unknown"
    """Outcome of that guideline."""
    fault: Line = ""
    """Why nothing was seen; empty where something was."""
    scanned_on: Day | None = None
    certificate: CertificateFacts | None = None
