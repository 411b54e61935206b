"""What the page of a record shows: fields, relations both ways, versions, and the place in the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.comparison import compare_versions
from eendracht.kernel.errors import InvalidInput, NotFound
from eendracht.kernel.identity import is_uid, parse_ref
from eendracht.kernel.instance import Instance
from eendracht.kernel.records import Record
from eendracht.kernel.store import Incoming
from eendracht.kit.forms import is_money
from eendracht.kit.i18n import Words
from eendracht.web.graph_view import Neighbours, find_neighbours
from eendracht.web.search_view import name_of

MOST_RELATIONS: Final = 200
MOST_VERSIONS: Final = 100
_CODES: Final = frozenset(
    {"type", "lifecycle", "hosting", "criticality", "personalData", "direction", "phase", "status"}
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the content: its label and its values as text."""

    label: str
    values: list[str]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A ref in the content; `name` is empty where nothing answers that the asker may see."""

    field: str
    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A place where a version differs from the one before it."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A version, and what it changed; nothing for the first."""

    record: Record
    changes: list[Changed]


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record for a page."""

    record: Record
    asked: str
    """The former name or uid under which it was asked for, where that is not its ref."""
    owner_name: str
    fields: list[Field]
    outgoing: list[Outgoing]
    incoming: list[Incoming]
    versions: list[Shown]
    signed_size: int
    neighbours: Neighbours


def view_record(instance: Instance, asker: Principal, name: str, as_of: date | None, words: Words) -> RecordView:
    """Give what the page shows; raises NotFound."""
    store = instance.store
    try:
        record = store.get(name, asker, as_of)
    except NotFound:
        # A record may hold on another day only; its page then shows the version that comes or was.
        if as_of is not None or not _could_be_a_name(name):
            raise
        record = store.history(name, asker)[0]
    # A kind that this node does not know is shown as it was recorded.
    is_known = record.kind in store.registry
    relations = store.registry.get(record.kind).relations if is_known else ()
    spec = record.spec(store.registry) if is_known else record.data["spec"]
    refs = [(path.field, ref) for path in relations for _, ref in path.find(spec)][:MOST_RELATIONS]
    relation_fields = {path.path[0] for path in relations if len([step for step in path.path if step != "*"]) == 1}
    last = instance.history.last_checkpoint()
    outgoing = [Outgoing(field, ref, name_of(store, asker, ref)) for field, ref in refs]
    incoming = store.incoming(record.uid, asker, as_of, MOST_RELATIONS)
    known = [(item.field, item.ref, item.name) for item in outgoing]
    return RecordView(
        record=record,
        asked=name if name != record.ref and not is_uid(name) else "",
        owner_name=name_of(store, asker, record.owner),
        fields=[
            Field(words.field(key), list(_flatten(key, value, words)))
            for key, value in spec.items()
            if key != "name" and key not in relation_fields
        ],
        outgoing=outgoing,
        incoming=incoming,
        versions=_compare(store.history(record.uid, asker)[:MOST_VERSIONS], words),
        signed_size=last.checkpoint.size if last else 0,
        neighbours=find_neighbours(record, known, incoming, store.registry),
    )


def _compare(versions: list[Record], words: Words) -> list[Shown]:
    """Put beside each version what it changed in the one before it; they come newest first."""
    shown = []
    for at, version in enumerate(versions):
        before = versions[at + 1] if at + 1 < len(versions) else None
        changes = compare_versions(before, version) if before else []
        shown.append(
            Shown(
                version,
                [
                    Changed(label_pointer(change.pointer, words), _say(change.before, words), _say(change.after, words))
                    for change in changes
                ],
            )
        )
    return shown


def label_pointer(pointer: str, words: Words) -> str:
    """Give what people call the place at a JSON Pointer into a record."""
    steps = [step for step in pointer.split("/") if step and step != "spec" and not step.isdigit()]
    return words.field(".".join(steps)) if steps else pointer


def _say(value: Any, words: Words) -> str:
    return "; ".join(_flatten("", value, words))


def _could_be_a_name(name: str) -> bool:
    if is_uid(name):
        return True
    try:
        parse_ref(name)
    except InvalidInput:
        return False
    return True


def _flatten(key: str, value: Any, words: Words) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _flatten(key, item, words)
    elif isinstance(value, dict):
        parts = (f"{words.field(name)}: {', '.join(_flatten(name, item, words))}" for name, item in value.items())
        yield "; ".join(parts)
    elif isinstance(value, bool):
        yield words.value("yes" if value else "no")
    elif isinstance(value, int) and is_money(key):
        yield words.euro(value)
    elif value is not None:
        # A year is no count.
        grouped = isinstance(value, int) and not key.lower().endswith("year")
        yield words.number(value) if grouped else (words.value(value) if key in _CODES else str(value))
