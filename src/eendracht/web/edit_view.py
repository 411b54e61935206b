"""The form of a record: made from the shape of its kind, read back as a draft, with every fault at its control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import today
from eendracht.kernel.comparison import Change, compare_versions
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.identity import slug
from eendracht.kernel.kinds.registry import Kind
from eendracht.kernel.records import Envelope, Record, prepare
from eendracht.kernel.store import Store
from eendracht.kernel.store.append import Written
from eendracht.kit.forms import (
    Control,
    FormField,
    Posted,
    Shape,
    can_hold,
    fill_form,
    lay_out,
    list_fields,
    read_form,
    shape_form,
)
from eendracht.kit.i18n import Words
from eendracht.kit.values import list_refs
from eendracht.web.record_view import Changed, show_changes
from eendracht.web.ref_fields import CONTROLS, REF, Near, offer_refs, resolve_names
from eendracht.web.search_view import name_of

_ENVELOPE: Final = ("owner", "validFrom", "validUntil", "confidentiality")
_SOURCE: Final = Shape(name="source", control=Control.CHOICE, is_required=True, options=("statement", "synthetic"))
"""What a person may say that the content is; other sources are what scans, imports and tables bring."""
_FIRST: Final = frozenset({"name", "description"})
"""Fields that are always in sight."""
_MOST_NAMED: Final = 200


@dataclass(frozen=True, slots=True)
class EditView:
    """The form on the page."""

    title: str
    action: str
    back: str
    ref: str
    generation: int
    is_new: bool
    main: Sequence[FormField]
    more: Sequence[FormField]
    envelope: Sequence[FormField]
    kept: Sequence[str]
    links: Sequence[tuple[str, str, str]]
    """Anchor, label and text of each fault."""
    owners: Sequence[tuple[str, str]]
    """Ref and name of those whose record it may be."""
    names: Mapping[str, str]
    """The names behind the refs in the form, as far as the asker may see them."""
    near: Mapping[str, Sequence[Near]]
    """What may be meant by a name that is not clear, per name of a control."""
    offers: Mapping[str, Sequence[tuple[str, str]]]
    """Refs and names that controls offer while somebody types, per kinds that they may hold."""
    is_synthetic: bool = False
    """Whether the record is made up as it stands."""
    is_stale: bool = False
    changes: Sequence[Changed] | None = None
    """What somebody else changed; None where nobody did."""

    @property
    def is_more_open(self) -> bool:
        """Whether a fault stands among the fields that are folded away."""
        return any(item.faults for item in list_fields(self.more))


@dataclass
class EditForm:
    """A form that is being filled in: what is there, what was typed, and what is wrong."""

    store: Store
    asker: Principal
    kind: Kind
    record: Record | None
    posted: Posted
    generation: int
    faults: list[Fault] = field(default_factory=list)
    changes: list[Change] | None = None
    near: Mapping[str, Sequence[Near]] = field(default_factory=dict)

    @property
    def content(self) -> dict[str, Any]:
        """The spec as it is recorded, in the newest version of its kind."""
        return self.record.spec(self.store.registry) if self.record else {}

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The fields of the spec that a form can hold."""
        content = self.content
        return tuple(
            shape
            for shape in shape_form(self.kind.model)
            if shape.name not in content or can_hold(shape, content[shape.name])
        )

    @property
    def envelope_shapes(self) -> tuple[Shape, ...]:
        """The fields around the spec; a ref is chosen once."""
        names = _ENVELOPE if self.record else ("ref", *_ENVELOPE)
        return tuple(_loosen(shape) for shape in shape_form(Envelope) if shape.name in names)

    @property
    def source_type(self) -> str:
        """What the content is unless somebody says otherwise: what was made up stays made up, whoever changes it."""
        return "synthetic" if self.record is not None and self.record.is_synthetic else "statement"

    @property
    def kept(self) -> dict[str, Any]:
        """What stays as it is, because no form can hold it."""
        shown = {shape.name for shape in self.shapes}
        return {name: value for name, value in self.content.items() if name not in shown}

    def record_draft(self) -> Written | None:
        """Record what was typed; None, with `faults` or `changes` filled, where that cannot be."""
        posted = self._resolve_names()
        draft = self._read_draft(posted)
        if self.faults:
            self.faults += self._other_faults(draft)
            return None
        try:
            return self.store.put(draft, self.asker, self.generation)
        except InvalidInput as error:
            self.faults += error.faults
        except Denied:
            self.faults.append(
                Fault(
                    "/owner", "denied", "U mag niet voor deze organisatie schrijven", "You may not write for this one"
                )
            )
        except Conflict as conflict:
            self._take_conflict(conflict)
        return None

    def _other_faults(self, draft: Mapping[str, Any]) -> list[Fault]:
        """Give what is wrong besides the names, so that all faults are told at once."""
        told = {fault.pointer for fault in self.faults}
        try:
            prepare(draft, self.store.registry)
        except InvalidInput as error:
            return [fault for fault in error.faults if not any(fault.pointer.startswith(place) for place in told)]
        return []

    def _take_conflict(self, conflict: Conflict) -> None:
        current = self._current()
        if current is None or self.record is None:
            self.faults.append(
                Fault("/ref", "occupied", "Deze verwijzing is al in gebruik", "This ref is in use", "Choose another.")
            )
            return
        versions = {version.generation: version for version in self.store.history(self.record.uid, self.asker)}
        seen = versions.get(self.generation, self.record)
        self.changes = compare_versions(seen, current)
        self.generation = current.generation

    def _current(self) -> Record | None:
        if self.record is None:
            return None
        return self.store.history(self.record.uid, self.asker)[0]

    def _read_draft(self, posted: Posted) -> dict[str, Any]:
        envelope = read_form(self.envelope_shapes, posted, "")
        spec = {**self.kept, **read_form(self.shapes, posted, "spec")}
        owner = str(envelope.get("owner", ""))
        ref = self.record.ref if self.record else str(envelope.get("ref") or self._propose_ref(owner, spec))
        source = {"type": self._read_source_type(posted), "date": today(self.store.clock).isoformat()}
        named = {"uid": self.record.uid} if self.record else {}
        return {**envelope, **named, "ref": ref, "source": source, "spec": spec}

    def _read_source_type(self, posted: Posted) -> str:
        chosen = (posted.get(_SOURCE.name) or [self.source_type])[0]
        if chosen not in _SOURCE.options:
            nl, en = "Kies of dit een opgave is of verzonnen", "Choose whether this is a statement or made up"
            self.faults.append(Fault(f"/{_SOURCE.name}", "unknown-choice", nl, en))
            return self.source_type
        return chosen

    def _propose_ref(self, owner: str, spec: Mapping[str, Any]) -> str:
        authority = owner.partition(":")[2].partition("/")[0]
        return f"{self.kind.name}:{authority}/{slug(str(spec.get('name', '')))}"

    def _resolve_names(self) -> Posted:
        fields = lay_out(self.envelope_shapes, self.posted, (), "") + lay_out(self.shapes, self.posted, (), "spec")
        resolved = resolve_names(self.store, self.asker, fields, self.posted)
        self.faults += resolved.faults
        self.near = resolved.near
        return resolved.posted

    # -- the page -----------------------------------------------------------------------------------------------

    def view(self, words: Words, action: str, back: str, *, more: str = "", is_stale: bool = False) -> EditView:
        """Give the page of the form as it stands."""
        posted = {_SOURCE.name: [self.source_type], **self.posted}
        envelope = lay_out((*self.envelope_shapes, _SOURCE), posted, self.faults, "")
        fields = lay_out(self.shapes, self.posted, self.faults, "spec", more=more)
        main = [item for item in fields if _is_in_sight(item)]
        if self.record is not None:
            title = words.gettext("Edit %(name)s", name=self.record.name)
        else:
            title = words.gettext("New: %(kind)s", kind=words.kind(self.kind.name))
        return EditView(
            title=title,
            action=action,
            back=back,
            ref=self.record.ref if self.record else "",
            generation=self.generation,
            is_new=self.record is None,
            main=main,
            more=[item for item in fields if item not in main],
            envelope=envelope,
            kept=[words.field(name) for name in self.kept],
            links=self._links((*fields, *envelope), words),
            names={} if is_stale else self._names((*fields, *envelope)),
            owners=[] if is_stale else self._owners(),
            near={} if is_stale else self.near,
            offers={} if is_stale else self._offer((*fields, *envelope)),
            is_synthetic=self.source_type == "synthetic",
            is_stale=is_stale,
            changes=None if self.changes is None else self._show(self.changes, words),
        )

    def _owners(self) -> list[tuple[str, str]]:
        """Give ref and name of each organisation for which the asker may write; none where that is any of them."""
        if self.asker.is_operator:
            return []
        refs = sorted(organisation for role, organisation in self.asker.roles if role is Role.EDITOR)
        names = {record.ref: record.name for record in self.store.get_among(refs, self.asker)}
        return sorted(((ref, names.get(ref, ref)) for ref in refs), key=lambda item: item[1])

    def _names(self, fields: Sequence[FormField]) -> dict[str, str]:
        refs = {ref for item in list_fields(fields) if item.shape.control in CONTROLS for ref in item.values}
        return {ref: name_of(self.store, self.asker, ref) for ref in sorted(refs)[:_MOST_NAMED] if REF.fullmatch(ref)}

    def _offer(self, fields: Sequence[FormField]) -> dict[str, list[tuple[str, str]]]:
        owner = (self.posted.get("owner") or [""])[0]
        return offer_refs(self.store, self.asker, fields, owner if REF.fullmatch(owner) else "")

    def _show(self, changes: Sequence[Change], words: Words) -> list[Changed]:
        refs = list_refs(value for change in changes for value in (change.before, change.after))
        names = {record.ref: record.name for record in self.store.get_among(refs, self.asker)} if refs else {}
        return show_changes(changes, words, names)

    def _links(self, fields: Sequence[FormField], words: Words) -> list[tuple[str, str, str]]:
        links = []
        told: set[int] = set()
        for item in list_fields(fields):
            for fault in item.faults:
                told.add(id(fault))
                text = fault.nl if words.language == "nl" else fault.en
                links.append((item.id, words.field(item.shape.name), text))
        # What belongs to no control, such as something that a form cannot hold, is told all the same.
        rest = [fault for fault in self.faults if id(fault) not in told]
        return links + [("main", "", fault.nl if words.language == "nl" else fault.en) for fault in rest]


def open_form(store: Store, asker: Principal, name: str, posted: Posted | None) -> EditForm:
    """Give the form of a record that the asker may see; raises NotFound, and Denied where it may not write it."""
    record = _newest(store, asker, name)
    if record.kind not in store.registry:
        raise NotFound(f"This node does not know the kind {record.kind}")
    asker.require_write(record.owner)
    kind = store.registry.get(record.kind)
    if posted is not None:
        return EditForm(store, asker, kind, record, posted, _read_generation(posted))
    form = EditForm(store, asker, kind, record, {}, record.generation)
    data = {**record.data, "owner": record.owner}
    form.posted = {
        **fill_form(form.envelope_shapes, {key: data[key] for key in _ENVELOPE if data.get(key)}, ""),
        **fill_form(form.shapes, form.content, "spec"),
    }
    return form


def _newest(store: Store, asker: Principal, name: str) -> Record:
    try:
        record = store.get(name, asker)
    except NotFound:
        record = store.history(name, asker)[0]
    return record


def new_form(store: Store, asker: Principal, kind: Kind, posted: Posted | None) -> EditForm:
    """Give the form of something new; raises Denied where the asker may write for nobody."""
    owners = sorted(organisation for role, organisation in asker.roles if role is Role.EDITOR)
    if not owners and not asker.is_operator:
        raise Denied(f"{asker.name} holds no editor role")
    form = EditForm(store, asker, kind, None, posted or {}, 0)
    if posted is None:
        start = {"owner": owners[0] if owners else "", "confidentiality": {"level": "organisation"}}
        form.posted = {**fill_form(form.envelope_shapes, start, ""), **fill_form(form.shapes, {}, "spec")}
    return form


def typed_form(store: Store, asker: Principal, ref: str, posted: Posted) -> EditForm | None:
    """Give a form with only what was typed, for who was signed out; None where its kind is not known."""
    kind = ref.partition(":")[0]
    if kind not in store.registry:
        return None
    return EditForm(store, asker, store.registry.get(kind), None, posted, _read_generation(posted))


def _read_generation(posted: Posted) -> int:
    text = (posted.get("generation") or ["0"])[0]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _loosen(shape: Shape) -> Shape:
    """Let the ref of something new be left empty: it follows from owner and name."""
    if shape.name != "ref":
        return shape
    return Shape(name=shape.name, control=Control.TEXT, most=shape.most, about=shape.about)


def _is_in_sight(item: FormField) -> bool:
    if item.shape.is_required or item.shape.name in _FIRST or item.faults:
        return True
    if item.shape.control in (Control.PART, Control.PARTS):
        return any(_is_filled(inner) for inner in list_fields([inner for row in item.rows for inner in row]))
    return _is_filled(item)


def _is_filled(item: FormField) -> bool:
    return "\n".join(item.values).strip() not in ("", item.shape.default)
