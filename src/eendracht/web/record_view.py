"""What the page of a record shows: fields, relations both ways, versions, and the place in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.comparison import Change, compare_versions
from eendracht.kernel.errors import InvalidInput, NotFound
from eendracht.kernel.identity import is_uid, parse_ref
from eendracht.kernel.instance import Instance
from eendracht.kernel.kinds import Registry
from eendracht.kernel.records import Record
from eendracht.kernel.store import Incoming, Store
from eendracht.kit.i18n import Words
from eendracht.kit.values import list_refs, print_value, print_values
from eendracht.web.graph_view import Neighbours, find_neighbours
from eendracht.web.relation_words import say_incoming, say_outgoing
from eendracht.web.search_view import name_of, name_owners

MOST_RELATIONS: Final = 200
MOST_VERSIONS: Final = 100
_TITLES: Final = ("label", "name", "provider", "supplier", "owner")
"""Fields of a part that say what it is about, the best first."""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a value that has parts: its label, its text (a link where it has a ref), and what stands under it."""

    label: str
    text: str
    ref: str = ""
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the content: its label, and its values as text or, where they have parts, as a nested list."""

    label: str
    values: Sequence[str]
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A ref in the content; `name` is empty where nothing answers that the asker may see."""

    field: str
    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Related:
    """A record that refers here; `owner_name` is empty where all are of one owner."""

    ref: str
    name: str
    owner_name: str = ""

    @property
    def kind(self) -> str:
        """What it is."""
        return self.ref.partition(":")[0]


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
    outgoing: list[tuple[str, list[Outgoing]]]
    """What it refers to, per field, of which the words are given."""
    incoming: list[tuple[str, list[Related]]]
    """What refers to it, per relation as it is called from this side."""
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
    owner_name = name_of(store, asker, record.owner)
    owners = name_owners(store, asker, [item.ref for item in incoming], as_of)
    if set(owners.values()) == {owner_name}:
        owners = {}
    names = {item.ref: item.name for item in outgoing}
    known = [(item.field, item.ref, item.name) for item in outgoing]
    return RecordView(
        record=record,
        asked=name if name != record.ref and not is_uid(name) else "",
        owner_name=owner_name,
        fields=[
            _read_field(key, value, words, names)
            for key, value in _in_order(spec, record.kind, store.registry)
            if key != "name" and key not in relation_fields
        ],
        outgoing=_per_field(outgoing, words),
        incoming=_per_relation(incoming, owners, words),
        versions=_compare(store, asker, store.history(record.uid, asker)[:MOST_VERSIONS], words),
        signed_size=last.checkpoint.size if last else 0,
        neighbours=find_neighbours(record, known, incoming, store.registry),
    )


def _in_order(spec: Mapping[str, Any], kind: str, registry: Registry) -> list[tuple[str, Any]]:
    """Give the fields in the order of the form."""
    known = list(registry.get(kind).model.model_fields.values()) if kind in registry else []
    order = {field.alias: at for at, field in enumerate(known)}
    return sorted(spec.items(), key=lambda item: order.get(item[0], len(order)))


def _read_field(name: str, value: Any, words: Words, names: Mapping[str, str]) -> Field:
    rows = value if isinstance(value, list) else [value]
    if rows and all(isinstance(row, Mapping) for row in rows):
        return Field(words.field(name), (), [_read_row(row, words, names) for row in rows])
    return Field(words.field(name), list(print_values(name, value, words, names)))


def _read_row(row: Mapping[str, Any], words: Words, names: Mapping[str, str]) -> Part:
    """Give a row with what it is called on its first line, and the rest beneath it."""
    title = next((name for name in _TITLES if isinstance(row.get(name), str) and row[name]), "")
    text = next(print_values(title, row[title], words, names), "") if title else ""
    ref = row[title] if title and names.get(row[title]) else ""
    return Part("", text, ref, [_read_part(name, item, words, names) for name, item in row.items() if name != title])


def _read_part(name: str, value: Any, words: Words, names: Mapping[str, str]) -> Part:
    field = _read_field(name, value, words, names)
    is_named = isinstance(value, str) and bool(names.get(value))
    return Part(field.label, ", ".join(field.values), value if is_named else "", field.parts)


def _per_field(outgoing: Sequence[Outgoing], words: Words) -> list[tuple[str, list[Outgoing]]]:
    found: dict[str, list[Outgoing]] = {}
    for item in outgoing:
        found.setdefault(say_outgoing(item.field, words), []).append(item)
    return list(found.items())


def _per_relation(
    incoming: Sequence[Incoming], owners: Mapping[str, str], words: Words
) -> list[tuple[str, list[Related]]]:
    """Name each record once under what it is to this one; the longest list first."""
    found: dict[str, dict[str, Related]] = {}
    for item in incoming:
        said = found.setdefault(say_incoming(item.field, words), {})
        said.setdefault(item.ref, Related(item.ref, item.name, owners.get(item.ref, "")))
    ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [(label, sorted(items.values(), key=lambda item: (item.kind, item.name))) for label, items in ordered]


def _compare(store: Store, asker: Principal, versions: list[Record], words: Words) -> list[Shown]:
    """Put beside each version what it changed in the one before it; they come newest first."""
    pairs = [(version, versions[at + 1] if at + 1 < len(versions) else None) for at, version in enumerate(versions)]
    found = [(version, compare_versions(before, version) if before else []) for version, before in pairs]
    refs = list_refs(value for _, changes in found for change in changes for value in (change.before, change.after))
    names = {record.ref: record.name for record in store.get_among(refs, asker)} if refs else {}
    return [Shown(version, show_changes(changes, words, names)) for version, changes in found]


def show_changes(changes: Sequence[Change], words: Words, names: Mapping[str, str]) -> list[Changed]:
    """Print the places where two versions differ: first the content, then where it comes from."""
    return [
        Changed(
            label_pointer(change.pointer, words),
            print_value(_path_of(change.pointer), change.before, words, names),
            print_value(_path_of(change.pointer), change.after, words, names),
        )
        for change in sorted(changes, key=lambda change: not change.pointer.startswith("/spec"))
    ]


def label_pointer(pointer: str, words: Words) -> str:
    """Give what people call the place at a JSON Pointer into a record."""
    return words.field(_path_of(pointer)) or pointer


def _path_of(pointer: str) -> str:
    return ".".join(step for step in pointer.split("/") if step and step != "spec" and not step.isdigit())


def _could_be_a_name(name: str) -> bool:
    if is_uid(name):
        return True
    try:
        parse_ref(name)
    except InvalidInput:
        return False
    return True
