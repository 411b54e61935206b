"""The difference between what a file says and what is known: what would be recorded, and what a person must decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports.rows import COLUMN, Question, SourceRow
from eendracht.kernel.records import Prepared

Action = Literal["new", "changed", "unchanged", "double"]
"""`double`: an earlier row of the same file says it; this row is bound to the same record and adds nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that the source says otherwise; `held` tells that it is not taken over.

    `why` says what keeps it: another system is its source of truth, which `truth` names; another organisation owns the
    record; or the record ended.
    """

    field: str
    before: Any
    after: Any
    held: bool = False
    why: Literal["", "source", "owner", "ended"] = ""
    truth: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What a row means for the estate: a draft to record, or nothing to do."""

    action: Action
    ref: str
    row: SourceRow
    differences: tuple[Difference, ...]
    said: Mapping[str, Any] = field(repr=False, default_factory=dict)
    """What the row says, relations as refs."""
    draft: Prepared | None = field(repr=False, default=None)

    def list_refs(self) -> Iterator[str]:
        """Yield the ref of the record and the texts of the row that may be refs of others."""
        yield self.ref
        for value in self.said.values():
            yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two names that may be one; a person decides."""

    kind: str
    key: str
    ref: str
    name: str
    other_ref: str
    other_name: str
    likeness: float
    place: str


@dataclass(frozen=True, slots=True)
class Disappeared:
    """Something that an earlier delivery held and this one does not."""

    kind: str
    key: str
    uid: str
    place: str


@dataclass(frozen=True)
class Plan:
    """The difference between a file and the estate; nothing is written until it is applied."""

    system: str
    owner: str
    steps: tuple[Step, ...]
    stubs: tuple[Prepared, ...]
    doubts: tuple[Doubt, ...]
    disappeared: tuple[Disappeared, ...]
    faults: tuple[Fault, ...]
    questions: tuple[Question, ...]
    dropped: int = 0
    """How many rows are left out because of a fault in them."""

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, unchanged and refused, and what else there is to know."""
        result = {"new": 0, "changed": 0, "unchanged": 0, "double": 0, "refused": self.dropped}
        wrong = {fault.pointer.partition(COLUMN)[0] for fault in self.faults}
        for step in self.steps:
            # Of a row with a fault of which nothing else is new, nothing is taken over: that is not the same again.
            is_refused = step.action == "unchanged" and step.row.place in wrong
            result["refused" if is_refused else step.action] += 1
        return result | {
            "mentioned": len(self.stubs),
            "doubtful": len(self.doubts),
            "disappeared": len(self.disappeared),
            "faults": len({fault.pointer for fault in self.faults}),
            "questions": len(self.questions),
        }


@dataclass(frozen=True, slots=True)
class Policy:
    """Which system is the source of truth for which field: `{"application": {"rtoHours": "servicenow"}}`."""

    truths: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def source_of(self, kind: str, name: str) -> str:
        """Give the system that is the source of truth for the field; empty where there is none."""
        return self.truths.get(kind, {}).get(name, "")
