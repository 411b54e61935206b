"""Which record each row of a delivery means: a known one, or a new one that gets a name; and what rows only mention.

A row is recognised by the key that its system gave before, else by a number that identifies the party, else by its
name. What may be one thing under two names becomes a doubt, for a person to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.differences import Doubt
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.identity import slug
from eendracht.kernel.imports.rows import OWNER, Mention, Reading, SourceRow
from eendracht.kernel.recognition import PARTIES, simplify_name
from eendracht.kernel.records import Prepared, Record, prepare
from eendracht.kernel.store.store import Store
from eendracht.kernel.surroundings import Surroundings
from eendracht.kernel.truths import PERIOD

COMPARED: Final = frozenset({"supplier", "application", "platform", "dataset", "team"})
"""Kinds of which two names that look alike are worth a question."""

STUBBED: Final = frozenset(
    {"supplier", "role", "platform", "reference-component", "facility", "component", "dataset", "team"}
)
"""Kinds that a mention is enough to make; a mention of another kind waits as a dangling ref until it is recorded."""

_ENVELOPE: Final = ("uid", "owner", "confidentiality", "source")


class Naming:
    """Gives every row its ref, one after another, so that rows can mention each other."""

    def __init__(
        self, store: Store, reading: Reading, owner: str, author: Principal, surroundings: Surroundings
    ) -> None:
        self._store, self._reading, self._owner, self._author = store, reading, owner, author
        self._day = today(store.clock).isoformat()
        self._authority = owner.partition(":")[2].partition("/")[0]
        self._bindings, self._known, self._taken = surroundings.bindings, surroundings.known, surroundings.taken
        self.faults = list(reading.faults)
        """Those of the reading, and what is found out later; whoever goes on adds to them."""
        self.doubts: list[Doubt] = []
        self.stubs: dict[str, Prepared] = {}
        """By ref, what is made because it is mentioned."""
        self.refs: dict[tuple[str, str], str] = {}
        """By kind and key, the ref of what a row means."""

    def name_row(self, row: SourceRow) -> bool:
        """Tell whether a row means something, and under which ref from now on; a fault says why it does not."""
        known = self._known[row.kind]
        bound = self._bindings.get((row.kind, row.key))
        record = known.by_uid.get(bound.uid) if bound else None
        name = str(row.spec.get("name", ""))
        if "ref" in row.facts:
            given = str(row.facts["ref"])
            record = known.by_ref.get(given)
            ref = record.ref if record else given
        elif record:
            ref = record.ref
        else:
            try:
                ref = known.recognise(name, row.spec) or self._new_ref(row.kind, name, row.spec)
            except InvalidInput as error:
                self.faults += [Fault(row.place_of("name"), f.code, f.nl, f.en, f.hint) for f in error.faults]
                return False
        is_new = ref not in known.titles
        self.refs[row.kind, row.key] = ref
        self._taken.add(ref)
        known.learn(ref, name, row.spec)
        if is_new and "ref" not in row.facts:
            self._doubt(row, ref, name)
        return True

    def _new_ref(self, kind: str, name: str, spec: Mapping[str, Any]) -> str:
        """Give a free name; only the operator gives out names by number, which belong to no organisation."""
        if kind == "supplier" and spec.get("kvk") and self._author.is_operator:
            ref = f"supplier:kvk.{spec['kvk']}"
            if not self._store.known_refs([ref]):
                return ref
        base = ref = f"{kind}:{self._authority}/{slug(simplify_name(name, kind) if kind in PARTIES else name)}"
        count = 1
        while ref in self._taken:
            count += 1
            ref = f"{base}-{count}"
        return ref

    def _doubt(self, row: SourceRow, ref: str, name: str, kind: str = "") -> None:
        """Ask about the first thing that has the same name under another number, or a name that may be this one."""
        kind = kind or row.kind
        known = self._known[kind]
        if kind not in COMPARED:
            return
        simple = simplify_name(name, kind)
        found = [(simple, other) for other in known.namesakes(ref, name)] or list(known.alike(ref, name))
        for other, other_ref in found[:1]:
            likeness = round(SequenceMatcher(None, simple, other).ratio(), 2)
            names = (
                (known.describe(ref), known.describe(other_ref)) if simple == other else (name, known.titles[other_ref])
            )
            self.doubts.append(Doubt(kind, row.key, ref, names[0], other_ref, names[1], likeness, row.place))

    # -- mentions -----------------------------------------------------------------------------------------------

    def resolve_mentions(self, row: SourceRow) -> dict[str, Any]:
        """Give the spec of a row with the refs of what it mentions."""
        spec = dict(row.spec)
        for mention in row.mentions:
            ref = self._owner if mention.key == OWNER else self._mentioned(row, mention)
            if ref is None:
                continue
            if self._is_list(row.kind, mention.field):
                spec[mention.field] = [*dict.fromkeys([*spec.get(mention.field, ()), ref])]
            else:
                spec[mention.field] = ref
        return spec

    def _mentioned(self, row: SourceRow, mention: Mention) -> str | None:
        known = self._known[mention.kind]
        if mention.key:
            ref = self.refs.get((mention.kind, mention.key))
            bound = self._bindings.get((mention.kind, mention.key))
            record = known.by_uid.get(bound.uid) if bound else None
            if ref or record:
                return ref or (record.ref if record else None)
        name = mention.name or mention.key
        try:
            ref = known.recognise(name, {})
            if ref:
                return ref
            ref = self._new_ref(mention.kind, name, {})
        except InvalidInput:
            place = row.place_of(mention.field)
            self.faults.append(
                Fault(place, "no-name", f"'{name[:60]}' is geen naam", f"'{name[:60]}' is not a name", "Correct it.")
            )
            return None
        known.learn(ref, name, {})
        if mention.kind in STUBBED:
            self._taken.add(ref)
            self._doubt(row, ref, name, mention.kind)
            self._add_stub(row, mention, ref, name)
        return ref

    def _add_stub(self, row: SourceRow, mention: Mention, ref: str, name: str) -> None:
        spec: dict[str, Any] = {"name": " ".join(name.split())[:300]}
        if mention.kind in ("role", "team"):
            spec["organisation"] = self._owner
        draft = draft_row(self._reading, self._owner, self._day, row, ref, spec)
        draft |= {"owner": self._owner, "confidentiality": {"level": "organisation"}}
        draft["source"] = draft["source"] | {"place": row.place_of(mention.field)[:500]}
        draft.pop("uid", None)
        try:
            self.stubs[ref] = prepare(draft, self._store.registry, 0)
        except InvalidInput as error:
            self.faults += [Fault(row.place_of(mention.field), f.code, f.nl, f.en, f.hint) for f in error.faults]

    def _is_list(self, kind: str, name: str) -> bool:
        return any(path.path[:2] == (name, "*") for path in self._store.registry.get(kind).relations)


def draft_row(
    reading: Reading,
    owner: str,
    day: str,
    row: SourceRow,
    ref: str,
    merged: Mapping[str, Any],
    current: Record | None = None,
) -> dict[str, Any]:
    """Put the envelope around a spec; a source that speaks in drafts of ours brings its own."""
    kept = {name: current.data[name] for name in ("owner", "confidentiality")} if current else {}
    said = {name: row.facts[name] for name in _ENVELOPE if name in row.facts}
    return {
        "ref": ref,
        "owner": owner,
        "validFrom": merged.get("validFrom"),
        "validUntil": merged.get("validUntil"),
        "confidentiality": {"level": "organisation"},
        "source": {
            "type": "import",
            "date": day,
            "system": reading.system[:500],
            "key": row.key[:500],
            "place": row.place[:500],
        },
        "spec": {name: value for name, value in merged.items() if name not in PERIOD},
        **kept,
        **said,
    }
