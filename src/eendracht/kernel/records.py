"""The envelope: one shape around every record, its two times, and the bytes to which the ledger commits.

A *draft* is what someone wants to say; a *record* is what was said, with its position in the log. The stored bytes
are canonical JSON: sorted ASCII keys, no floats (decimals are text), integers below 2**53, so that sorted orjson
equals RFC 8785. The writer splices generation, time and author into bytes that were prepared outside the lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Annotated, Any, Final, Literal, NamedTuple

import orjson
from pydantic import Field

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.identity import UID_PATTERN
from eendracht.kernel.kinds import Kind, Registry
from eendracht.kernel.kinds.fields import Day, Line, Part, Ratio, RefText
from eendracht.kernel.kinds.registry import Guard
from eendracht.kernel.validation import validate

BEGIN_OF_TIME: Final = "0001-01-01"
"""Stands in columns for a `validFrom` that is open or unknown."""
END_OF_TIME: Final = "9999-12-31"
"""Stands in columns for a `validUntil` that is open."""


class Level(IntEnum):
    """Who may read a record, from everyone to a few."""

    PUBLIC = 0
    """Everyone."""
    GOVERNMENT = 1
    """Everyone who holds a role for any organisation."""
    ORGANISATION = 2
    """Those who hold a role for the owner."""
    RESTRICTED = 3
    """Those who hold a role for the owner that may see restricted records."""


class Confidentiality(Part):
    """Who may read it, why not everyone, and when that ends.

    Passing the end date opens nothing by itself: it becomes a finding, and a person decides.
    """

    level: Literal["public", "government", "organisation", "restricted"] = "organisation"
    ground: Line = ""
    """Law and article, or policy, on which it rests."""
    until: Day | None = None


class Source(Part):
    """Where the content comes from."""

    type: Literal["statement", "scan", "import", "contract", "reference", "synthetic"] = "statement"
    date: Day
    confidence: Ratio = Decimal(1)
    system: Line = ""
    """The system or file that it was taken from."""
    key: Line = ""
    """The key of the row or object in that system."""
    place: Line = ""
    """Where in the file: sheet, row, line."""


class Envelope(Part):
    """The outside of a draft; the spec is validated by its kind."""

    ref: RefText
    uid: Annotated[str, Field(pattern=UID_PATTERN)] | None = None
    owner: RefText
    valid_from: Day | None = None
    valid_until: Day | None = None
    ended: bool = False
    """That nothing holds of the record from `validFrom` on; the spec tells what it was."""
    confidentiality: Confidentiality = Confidentiality()
    source: Source
    spec: dict[str, Any]


def draft_schema() -> dict[str, Any]:
    """Give the JSON Schema of a draft but for its spec, whose shape is that of its kind."""
    schema = Envelope.model_json_schema(by_alias=True)
    parts = schema.pop("$defs")
    schema["properties"]["confidentiality"] = parts["Confidentiality"]
    schema["properties"]["source"] = parts["Source"]
    schema["title"] = "Draft"
    return schema


class Edge(NamedTuple):
    """A ref in a spec: the field that holds it and what it points at."""

    field: str
    target: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft that was validated and printed as far as it can be without the log."""

    kind: str
    ref: str
    uid: str | None
    owner: str
    level: int
    valid_from: str
    valid_until: str
    name: str
    source: str
    lifecycle: str
    spec: dict[str, Any] = field(repr=False)
    """The spec as it is printed."""
    edges: tuple[Edge, ...]
    expected: int | None
    """Generation that the author saw: 0 for *must be new*, None for *whatever is there*."""
    ended: bool
    """Whether it says that nothing holds from `valid_from` on."""
    parts: tuple[bytes, bytes, bytes, bytes] = field(repr=False)
    guard: Guard | None = field(default=None, repr=False)
    """What its kind asks of what was recorded before."""

    @property
    def content(self) -> dict[str, Any]:
        """The draft as plain data: the envelope without what the log adds."""
        parsed: dict[str, Any] = orjson.loads(b"%b,%b,%b,%b}" % self.parts)
        return parsed

    def finish(self, uid: str, generation: int, recorded_at: str, recorded_by: bytes) -> bytes:
        """Give the canonical bytes of the record; `recorded_by` is already JSON."""
        head, middle, tail, end = self.parts
        return b'%b,"generation":%d,%b,"recordedAt":"%b","recordedBy":%b,%b,"uid":"%b",%b}' % (
            head,
            generation,
            middle,
            recorded_at.encode(),
            recorded_by,
            tail,
            uid.encode(),
            end,
        )


def dump_canonical(value: Any) -> bytes:
    """Print plain data (no floats) as canonical JSON."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def prepare(draft: Mapping[str, Any], registry: Registry, expected: int | None = None) -> Prepared:
    """Validate a draft and print what does not depend on the log.

    The draft is JSON-like: `ref`, `owner`, `validFrom`, `validUntil` (half open, Europe/Amsterdam), `ended` (true where
    the record ends on `validFrom`), `confidentiality`, `source`, `spec`. Raises InvalidInput with every fault of
    envelope and spec.
    """
    envelope, faults = validate(Envelope, draft)
    raw_spec = draft.get("spec")
    raw_ref = draft.get("ref")
    kind = _kind_of(raw_ref, registry, faults)
    spec = None
    if kind is not None and isinstance(raw_spec, dict):
        spec, spec_faults = validate(kind.model, raw_spec, "/spec")
        faults += spec_faults
    if envelope is not None:
        faults += _interval_faults(envelope)
    if spec is None or envelope is None or kind is None or faults:
        raise InvalidInput(f"{raw_ref if isinstance(raw_ref, str) else 'draft'}: {len(faults)} fault(s)", faults=faults)
    content = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    edges = _edges_of(kind, content, faults)
    if envelope.ended:
        edges = ()
    if faults:
        raise InvalidInput(f"{envelope.ref}: {len(faults)} fault(s)", faults=faults)
    return _print(envelope, kind, content, edges, expected)


def _kind_of(raw_ref: Any, registry: Registry, faults: list[Fault]) -> Kind | None:
    if not isinstance(raw_ref, str):
        return None
    name = raw_ref.partition(":")[0]
    try:
        return registry.get(name, "/ref")
    except InvalidInput as error:
        faults.extend(error.faults)
        return None


def _interval_faults(envelope: Envelope) -> Iterable[Fault]:
    begin, end = envelope.valid_from, envelope.valid_until
    if begin is not None and end is not None and begin >= end:
        yield Fault(
            "/validUntil",
            "empty-interval",
            "'Geldig tot' ligt niet na 'Geldig vanaf'",
            "'Valid until' does not lie after 'Valid from'",
            "validUntil is the first day on which it no longer holds.",
        )
    if envelope.ended and (begin is None or end is not None):
        yield Fault(
            "/validUntil" if end is not None else "/validFrom",
            "end-without-day",
            "Een einde heeft alleen een 'Geldig vanaf' (validFrom): de eerste dag waarop niets meer geldt",
            "An end has a validFrom, the first day on which nothing holds any more, and no validUntil",
            "To let it hold again later, record a version with a later validFrom.",
        )


def _edges_of(kind: Kind, content: dict[str, Any], faults: list[Fault]) -> tuple[Edge, ...]:
    edges = []
    for path, pointer, ref in kind.find_relations(content):
        targets = path.relation.targets
        if targets and ref.partition(":")[0] not in targets:
            faults.append(
                Fault(
                    f"/spec{pointer}",
                    "wrong-target-kind",
                    f"Hier hoort een {' of '.join(targets)}",
                    f"This must refer to a {' or '.join(targets)}",
                    f"'{ref[:80]}' is of another kind.",
                )
            )
        edges.append(Edge(path.field, ref))
    return tuple(edges)


def _print_confidentiality(confidentiality: Confidentiality) -> bytes:
    if confidentiality.ground or confidentiality.until:
        return _dump_confidentiality(confidentiality)
    return _PRINTED_LEVELS[confidentiality.level]


def _dump_confidentiality(confidentiality: Confidentiality) -> bytes:
    return b'{"confidentiality":' + dump_canonical(confidentiality.model_dump(mode="json", by_alias=True))


_PRINTED_LEVELS: Final = {
    level: _dump_confidentiality(Confidentiality(level=level))
    for level in ("public", "government", "organisation", "restricted")
}


@lru_cache(maxsize=4_096)
def _print_owner(kind: str, owner: str) -> bytes:
    return dump_canonical({"kind": kind, "origin": None, "owner": owner})[1:-1]


def _print(
    envelope: Envelope, kind: Kind, content: dict[str, Any], edges: tuple[Edge, ...], expected: int | None
) -> Prepared:
    source = envelope.source.model_dump(mode="json", by_alias=True)
    begin = envelope.valid_from.isoformat() if envelope.valid_from else None
    end = envelope.valid_until.isoformat() if envelope.valid_until else None
    name = content["name"]
    return Prepared(
        kind=kind.name,
        ref=envelope.ref,
        uid=envelope.uid,
        owner=envelope.owner,
        level=Level[envelope.confidentiality.level.upper()],
        valid_from=begin or BEGIN_OF_TIME,
        valid_until=end or END_OF_TIME,
        name=name,
        source=envelope.source.type,
        lifecycle=content.get("lifecycle", ""),
        spec=content,
        edges=edges,
        expected=expected,
        ended=envelope.ended,
        parts=(
            _print_confidentiality(envelope.confidentiality) + (b',"ended":true' if envelope.ended else b""),
            _print_owner(kind.name, envelope.owner),
            dump_canonical({"ref": envelope.ref, "source": source, "spec": content, "specVersion": kind.version})[1:-1],
            dump_canonical({"validFrom": begin, "validUntil": end})[1:-1],
        ),
        guard=kind.guard,
    )


@dataclass(frozen=True)
class Record:
    """One version as it was recorded: its position in the log and its canonical bytes."""

    rv: int
    body: bytes = field(repr=False)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The envelope as plain data, letter for letter what was committed."""
        parsed: dict[str, Any] = orjson.loads(self.body)
        return parsed

    @property
    def uid(self) -> str:
        """The identity that never changes."""
        return str(self.data["uid"])

    @property
    def ref(self) -> str:
        """The name under which this version was recorded."""
        return str(self.data["ref"])

    @property
    def kind(self) -> str:
        """The kind, as the ref says it."""
        return str(self.data["kind"])

    @property
    def owner(self) -> str:
        """Ref of the organisation that answers for it."""
        return str(self.data["owner"])

    @property
    def generation(self) -> int:
        """How many versions of this record there were, this one included."""
        return int(self.data["generation"])

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.data["spec"]["name"])

    @property
    def ended(self) -> bool:
        """Whether this version says that nothing holds from its `validFrom` on."""
        return bool(self.data.get("ended", False))

    @property
    def is_synthetic(self) -> bool:
        """Whether it was made up for a demonstration or a test."""
        return bool(self.data["source"]["type"] == "synthetic")

    def spec(self, registry: Registry) -> dict[str, Any]:
        """Give the spec as the newest version of its kind says it."""
        return registry.get(self.kind).upcast(self.data["spec"], self.data["specVersion"])
