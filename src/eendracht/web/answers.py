"""The shapes of answers, for the API description; the bytes themselves come from the log as they were committed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Answer(BaseModel):
    """The root of every answer."""

    model_config = ConfigDict(alias_generator=to_camel, use_attribute_docstrings=True)


class Confidentiality(Answer):
    """Who may read it, and why not everyone."""

    level: Literal["public", "government", "organisation", "restricted"]
    ground: str
    until: date | None


class Source(Answer):
    """Where the content comes from."""

    type: Literal["statement", "scan", "import", "contract", "reference", "synthetic"]
    date: date
    confidence: str
    system: str
    key: str
    place: str


class Record(Answer):
    """One version of a record: the canonical bytes to which the ledger commits."""

    uid: str
    ref: str
    kind: str
    spec_version: int
    generation: int
    valid_from: date | None
    """First day on which it holds (Europe/Amsterdam)."""
    valid_until: date | None
    """First day on which it no longer holds."""
    ended: bool = False
    """Whether nothing holds from `validFrom` on; left out where it is not so."""
    recorded_at: datetime
    recorded_by: str
    owner: str
    origin: dict[str, Any] | None
    confidentiality: Confidentiality
    source: Source
    spec: dict[str, Any]
    """Content in the shape of its kind and version."""


class RecordPage(Answer):
    """A stretch of a list of records."""

    records: list[Record]
    after: str | None
    """Continues the list; null at its end."""


class Written(Answer):
    """What became of a draft."""

    rv: int
    """Position in the log."""
    uid: str
    ref: str
    generation: int
    recorded_at: datetime


class WrittenBatch(Answer):
    """What became of a batch of drafts, in their order."""

    records: list[Written]


class Version(Answer):
    """A version with its place in the log."""

    rv: int
    record: Record


class Versions(Answer):
    """Every version of a record that the asker may see, newest first."""

    versions: list[Version]


class Changes(Answer):
    """A stretch of the feed."""

    changes: list[Version]
    next: int
    """Position at which to go on."""


class Difference(Answer):
    """One place where two versions differ; null where it is absent."""

    pointer: str
    before: Any
    after: Any


class Differences(Answer):
    """Every place where two versions differ."""

    differences: list[Difference]


class Relation(Answer):
    """A record that points here, and in which field."""

    field: str
    ref: str
    name: str


class Relations(Answer):
    """What points at a record."""

    relations: list[Relation]


class Facets(Answer):
    """How many records answer, in all and per value."""

    total: int
    kind: dict[str, int]
    owner: dict[str, int]
    source: dict[str, int]
    lifecycle: dict[str, int]
    confidentiality: dict[str, int]


class Suggestion(Answer):
    """What may have been meant: a text, or a kind to list."""

    text: str
    kind: str


class Suggestions(Answer):
    """What may have been meant by a text that finds nothing."""

    suggestions: list[Suggestion]


class InclusionProof(Answer):
    """That an entry is in the log as last signed (RFC 9162); hashes in padded base64."""

    leaf_idx: int
    tree_size: int
    root: str
    leaf_hash: str
    proof: list[str]


class ConsistencyProof(Answer):
    """That the log only grew (RFC 9162); hashes in padded base64."""

    size1: int
    size2: int
    root1: str
    root2: str
    proof: list[str]


class Entry(Answer):
    """An entry with what it takes to check its commitment: SHA-256(salt ‖ canonical bytes of the record)."""

    rv: int
    recorded_at: datetime
    commitment: str = Field(pattern="^[0-9a-f]{64}$")
    salt: str = Field(pattern="^[0-9a-f]{64}$")
    record: dict[str, Any]


class Both(Answer):
    """A text in Dutch and in English."""

    nl: str
    en: str


class Rule(Answer):
    """What a verdict rests on; article and address are empty for a rule of the product itself."""

    code: str
    title: Both
    article: str
    url: str


class Input(Answer):
    """A fact that went in, and where and when it was stated."""

    label: Both
    value: Both
    ref: str
    source: str
    stated_on: date | None


class Explanation(Answer):
    """A verdict with its reasons."""

    verdict: Both
    rule: Rule
    inputs: list[Input]
    more_inputs: int
    steps: list[Both]
    changes: list[Both]


class Evidence(Answer):
    """A row on which a finding rests."""

    ref: str
    name: str
    place: str
    note: Both | None = None


class Finding(Answer):
    """Something that needs attention."""

    code: str
    severity: Literal["high", "medium", "low"]
    title: Both
    reason: Both
    next_step: Both
    count: int
    evidence: list[Evidence]


class Findings(Answer):
    """What needs attention today, as far as the asker may see it, the most pressing first."""

    made_at: datetime
    """When it was looked at."""
    is_current: bool
    """Whether nothing was recorded since."""
    findings: list[Finding]


class ExplainedFinding(Finding):
    """A finding with its reasons."""

    explanation: Explanation


class Failure(Answer):
    """One thing that stops, after how many hours, and why."""

    ref: str
    name: str
    at_hours: float
    critical: bool
    why: list[str]


class Impact(Answer):
    """What a failure brings down, when every unresolved ref holds; and how many when none does."""

    name: str
    seeds: list[str]
    failed_worst_case: int
    failures: list[Failure]
    explanation: Explanation


class SupplierImpact(Answer):
    """What stops with one supplier and all it controls."""

    ref: str
    name: str
    controls: int
    failed: int
    failed_critical: int
    organisations: int


class SupplierImpacts(Answer):
    """Suppliers by what stops with them, the most critical first."""

    suppliers: list[SupplierImpact]


class Health(Answer):
    """How the node is doing."""

    status: Literal["pass", "warn"]
    version: str
    log_size: int
    signed_size: int


class Readiness(Answer):
    """That the node takes reads and writes."""

    status: Literal["pass"]


class Fault(Answer):
    """One thing that is wrong, and where."""

    pointer: str
    code: str
    message: dict[str, str]
    hint: str


class Problem(Answer):
    """An error (RFC 9457)."""

    type: str
    code: str
    status: int
    title: str
    title_nl: str
    detail: str
    hint: str = ""
    errors: list[Fault] = []
