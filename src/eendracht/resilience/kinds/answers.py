"""Asked by many, answered once: what customers ask a supplier, and what it signed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import Code, Day, Line, Part, RefText, Relation, Spec, Text
from eendracht.kernel.kinds.governance import Sha256
from eendracht.kernel.kinds.parties import OrganisationRef, SupplierRef
from eendracht.kernel.ledger.note import decode_base64

Topic = Literal[
    "certificate", "sub-processors", "sbom", "exit-terms", "continuity", "location", "ownership", "security", "other"
]
QuestionCode = Annotated[Code, StringConstraints(pattern=r"^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$")]
KEY_BYTES: Final = {"ed25519": 32, "ml-dsa-44": 1312, "ml-dsa-65": 1952}
"""Length of a raw public key, by algorithm (RFC 8032; FIPS 204, table 2)."""
Base64 = Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class SupplierQuestion(Spec):
    """What a customer wants to know of a supplier; the same question of others is one question."""

    supplier: SupplierRef
    code: QuestionCode
    """Code of a question that ships, or one of its own."""
    topic: Topic
    asked_by: OrganisationRef
    asked_on: Day
    answer_before: Day | None = None


class Attachment(Part):
    """A file that goes with an answer; the supplier or its customer keeps it, the record knows its fingerprint."""

    name: Line
    media_type: Line = ""
    sha256: Sha256
    url: Line = ""


class SupplierAnswer(Spec):
    """What a supplier answered, once, for all its customers, until a day."""

    supplier: SupplierRef
    code: QuestionCode
    topic: Topic
    answer: Text
    valid_from: Day
    valid_until: Day
    """First day on which it no longer counts."""
    attachments: tuple[Attachment, ...] = Field(default=(), max_length=50)
    sub_processors: tuple[SupplierRef, ...] = Field(default=(), max_length=500)
    signed_at: AwareDatetime | None = None
    key: Annotated[RefText, Relation(("supplier-key",))] | None = None
    """Key by which the signature is checked; empty for an answer that nobody signed."""
    signature: Base64 = Field(default="", validate_default=True)

    @field_validator("valid_until")
    @classmethod
    def _lasts(cls, value: date, info: ValidationInfo) -> date:
        return _after_begin(value, info)

    @field_validator("signature")
    @classmethod
    def _signed(cls, value: str, info: ValidationInfo) -> str:
        # What is wrong with the other fields is told there.
        if "key" in info.data and bool(value) != (info.data["key"] is not None):
            raise PydanticCustomError("half_signed", "a signature and its key come together", {})
        if value and "signed_at" in info.data and info.data["signed_at"] is None:
            raise PydanticCustomError("signed_when", "a signature says when it was made", {})
        return value


class SupplierKey(Spec):
    """A key by which a supplier signs its answers."""

    supplier: SupplierRef
    algorithm: Literal["ed25519", "ml-dsa-44", "ml-dsa-65"]
    public_key: Base64
    valid_from: Day
    valid_until: Day | None = None
    """First day on which it no longer counts."""
    revoked_on: Day | None = None
    confirmed_by: OrganisationRef | None = None
    """Who made sure that it is the supplier's, by another way than the network; counts where they own the record."""

    @field_validator("public_key")
    @classmethod
    def _whole(cls, value: str, info: ValidationInfo) -> str:
        size = KEY_BYTES.get(info.data.get("algorithm", ""))
        if size is not None and _size(value) != size:
            text = "a public key of this algorithm has {bytes} bytes, in base64"
            raise PydanticCustomError("key_length", text, {"bytes": size})
        return value

    @field_validator("valid_until")
    @classmethod
    def _lasts(cls, value: date | None, info: ValidationInfo) -> date | None:
        return value if value is None else _after_begin(value, info)


def _after_begin(end: date, info: ValidationInfo) -> date:
    begin = info.data.get("valid_from")
    if begin is not None and end <= begin:
        raise PydanticCustomError("ends_before_begin", "it ends before it begins", {})
    return end


def _size(text: str) -> int:
    """Give the length in bytes of standard base64; -1 for anything else."""
    try:
        return len(decode_base64(text))
    except ValueError:
        return -1
