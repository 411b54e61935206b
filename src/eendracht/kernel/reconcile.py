"""Many sources, one record: what a file says, held against what is known, shown before anything is written.

A row is recognised by the key that its system gave before, else by a number that identifies the party, else by its
name. What the system changed since its last delivery is taken over; what someone else changed stays. Where another
system is the source of truth for a field, a difference is shown and not taken over. What disappeared is flagged and
never deleted; names that look alike go to the review queue, for a person to decide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, Final, Literal

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kernel.identity import slug
from eendracht.kernel.imports.rows import OWNER, Mention, Question, Reading, SourceRow
from eendracht.kernel.records import Prepared, Record, prepare
from eendracht.kernel.store.append import Written
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.store import Store

ALIKE: Final = 0.85
"""Words that match at least this well may be one word, mistyped; names of such words are put to a person."""

COMPARED: Final = frozenset({"supplier", "application", "platform", "dataset", "team"})
"""Kinds of which two names that look alike are worth a question."""

NUMBERS: Final = ("kvk", "lei", "oin", "purl")
"""Fields that identify a party or product wherever it is named."""

STUBBED: Final = frozenset(
    {"supplier", "role", "platform", "reference-component", "facility", "component", "dataset", "team"}
)
"""Kinds that a mention is enough to make; a mention of another kind waits as a dangling ref until it is recorded."""

_LEGAL_FORM: Final = re.compile(
    r"\b(?:b\.?\s?v|n\.?\s?v|v\.?o\.?f|inc|ltd|gmbh|s\.?a|llc|holding|nederland|nl|the netherlands|group)\b\.?",
    re.IGNORECASE,
)

_ENVELOPE: Final = ("uid", "owner", "confidentiality", "source")

Action = Literal["new", "changed", "unchanged", "double"]
"""`double`: an earlier row of the same file says it; this row is bound to the same record and adds nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that the source says otherwise; `held` tells that another system is its source of truth."""

    field: str
    before: Any
    after: Any
    held: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What a row means for the estate: a draft to record, or nothing to do."""

    action: Action
    ref: str
    row: SourceRow
    differences: tuple[Difference, ...]
    draft: Prepared | None = field(repr=False, default=None)


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

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed and unchanged, and what else there is to know."""
        result = {"new": 0, "changed": 0, "unchanged": 0, "double": 0}
        for step in self.steps:
            result[step.action] += 1
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

    def holds(self, kind: str, name: str, system: str) -> bool:
        """Tell whether another system is the source of truth for the field."""
        truth = self.truths.get(kind, {}).get(name)
        return truth is not None and truth != system


def simplify_name(name: str) -> str:
    """Give the name by which two spellings of one party are compared: no legal form, accents, case or punctuation."""
    try:
        return slug(_LEGAL_FORM.sub(" ", name))
    except InvalidInput:
        return name.strip().lower()


def may_be_one(one: str, other: str) -> bool:
    """Tell whether two simplified names may be one, mistyped: as many words, each the same or nearly so.

    A word with a digit must be the same: `Fase 2` is not `Fase 3`; nor is `Druk West` a spelling of `Druk Oost`.
    """
    left, right = one.split("-"), other.split("-")
    if one == other or len(left) != len(right):
        return one.replace("-", "") == other.replace("-", "") and one != other
    return all(
        a == b or (a.isalpha() and b.isalpha() and SequenceMatcher(None, a, b).ratio() >= ALIKE)
        for a, b in zip(left, right, strict=True)
    )


def plan_import(store: Store, reading: Reading, owner: str, author: Principal, policy: Policy | None = None) -> Plan:
    """Compare what a file says with what is known; writes nothing.

    `owner` is the ref of the organisation for which the file is imported. Rows that their kind refuses become faults
    with their place; the others are planned.
    """
    return _Planner(store, reading, owner, author, policy or Policy()).plan()


def apply_plan(store: Store, plan: Plan, author: Principal) -> list[Written]:
    """Record everything that a plan holds, and what the system delivered, in one transaction.

    Raises Conflict where a record changed since the plan was made: nothing is written then.
    """
    drafts = [step.draft for step in plan.steps if step.draft is not None]
    ordered = [*plan.stubs, *drafts]

    def remember(connection: Connection, written: Sequence[Written]) -> None:
        uids = {item.ref: item.uid for item in written}
        _remember(connection, plan, uids, timestamp(store.clock.now()), today(store.clock).isoformat())

    return store.append(ordered, author, also=remember)


class _Planner:
    def __init__(self, store: Store, reading: Reading, owner: str, author: Principal, policy: Policy) -> None:
        self.store, self.reading, self.owner, self.author, self.policy = store, reading, owner, author, policy
        self.authority = owner.partition(":")[2]
        self.system = f"{self.authority}/{reading.system}"
        self.day = today(store.clock).isoformat()
        self.faults: list[Fault] = list(reading.faults)
        self.stubs: dict[str, Prepared] = {}
        self.doubts: list[Doubt] = []
        self.refs: dict[tuple[str, str], str] = {}
        self.taken: set[str] = set()
        self.compared: set[str] = set()
        kinds = {row.kind for row in reading.rows} | {m.kind for row in reading.rows for m in row.mentions}
        self.known = {kind: self._load(kind) for kind in kinds}
        self.bindings = self._load_bindings()

    # -- what is known ------------------------------------------------------------------------------------------

    def _load(self, kind: str) -> _Known:
        known = _Known()
        everywhere = kind in ("supplier", "organisation")
        for record in self.store.snapshot(self.author, kind=kind, owner="" if everywhere else self.owner):
            known.add(record)
        return known

    def _load_bindings(self) -> dict[tuple[str, str], tuple[str, dict[str, Any], str]]:
        rows = self.store.driver.reader().query(
            "SELECT kind, key, uid, given, place FROM binding WHERE system = ?", (self.system,)
        )
        return {(kind, key): (uid, orjson.loads(given), place) for kind, key, uid, given, place in rows}

    # -- planning -----------------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """Name every row first, so that rows can mention each other, then compare."""
        rows = [row for row in self.reading.rows if self._name_row(row)]
        steps = [step for row in rows if (step := self._compare(row))]
        seen = {(row.kind, row.key) for row in self.reading.rows}
        kinds = {row.kind for row in self.reading.rows}
        gone = [
            Disappeared(kind, key, uid, place)
            for (kind, key), (uid, _, place) in self.bindings.items()
            if kind in kinds and (kind, key) not in seen
        ]
        return Plan(
            self.system,
            self.owner,
            tuple(steps),
            tuple(self.stubs.values()),
            tuple(self.doubts),
            tuple(gone),
            tuple(self.faults),
            self.reading.questions,
        )

    def _name_row(self, row: SourceRow) -> bool:
        bound = self.bindings.get((row.kind, row.key))
        record = self.known[row.kind].by_uid.get(bound[0]) if bound else None
        name = str(row.spec.get("name", ""))
        if "ref" in row.facts:
            self.refs[row.kind, row.key] = str(row.facts["ref"])
            self.taken.add(str(row.facts["ref"]))
            return True
        try:
            ref = (
                record.ref
                if record
                else self._find(row.kind, name, row.spec) or self._new_ref(row.kind, name, row.spec)
            )
        except InvalidInput as error:
            self.faults += [Fault(row.place_of("name"), f.code, f.nl, f.en, f.hint) for f in error.faults]
            return False
        self.refs[row.kind, row.key] = ref
        self.taken.add(ref)
        if record is None and ref not in self.known[row.kind].by_ref:
            self._doubt(row, ref, name)
            self.known[row.kind].learn(ref, name, row.spec)
        return True

    def _find(self, kind: str, name: str, spec: Mapping[str, Any]) -> str | None:
        known = self.known[kind]
        for number in NUMBERS:
            if spec.get(number) and (ref := known.numbers.get((number, str(spec[number])))):
                return ref
        ref = known.names.get(simplify_name(name)) if name else None
        return None if ref is None or known.contradicts(ref, spec) else ref

    def _new_ref(self, kind: str, name: str, spec: Mapping[str, Any]) -> str:
        if kind == "supplier" and spec.get("kvk"):
            return f"supplier:kvk.{spec['kvk']}"
        base = ref = f"{kind}:{self.authority}/{slug(name)}"
        count = 1
        while ref in self.taken or ref in self.known[kind].by_ref:
            count += 1
            ref = f"{base}-{count}"
        return ref

    def _doubt(self, row: SourceRow, ref: str, name: str, kind: str = "") -> None:
        known = self.known[kind or row.kind]
        if (kind or row.kind) not in COMPARED:
            return
        simple = simplify_name(name)
        for other, other_ref in known.alike(simple):
            if other_ref != ref and may_be_one(simple, other):
                likeness = SequenceMatcher(None, simple, other).ratio()
                title = known.titles.get(other_ref, other)
                self.doubts.append(
                    Doubt(kind or row.kind, row.key, ref, name, other_ref, title, round(likeness, 2), row.place)
                )
                return

    def _compare(self, row: SourceRow) -> Step | None:
        ref = self.refs[row.kind, row.key]
        if ref in self.compared:
            return Step("double", ref, row, ())
        self.compared.add(ref)
        spec = dict(row.spec)
        for mention in row.mentions:
            self._resolve(row, mention, spec)
        current = self.known[row.kind].by_ref.get(ref)
        bound = self.bindings.get((row.kind, row.key))
        merged, differences = self._merge(row, spec, current, bound[1] if bound else {})
        try:
            return self._step(row, ref, merged, differences, current)
        except EendrachtError as error:
            self.faults += [
                Fault(
                    row.place_of(f.pointer.split("/")[2] if f.pointer.count("/") > 1 else ""),
                    f.code,
                    f.nl,
                    f.en,
                    f.hint,
                )
                for f in error.faults
            ] or [Fault(row.place, error.code, error.title_nl, str(error), error.hint)]
            return None

    def _step(
        self, row: SourceRow, ref: str, merged: dict[str, Any], differences: list[Difference], current: Record | None
    ) -> Step:
        if current is not None and not [d for d in differences if not d.held]:
            return Step("unchanged", ref, row, tuple(differences))
        draft = self._draft(row, ref, merged)
        if current is not None:
            kept = {"owner": current.owner, "confidentiality": current.data["confidentiality"]}
            draft |= {name: value for name, value in kept.items() if name not in row.facts}
        prepared = prepare(draft, self.store.registry, current.generation if current else 0)
        return Step("changed" if current else "new", ref, row, tuple(differences), prepared)

    def _merge(
        self, row: SourceRow, spec: dict[str, Any], current: Record | None, given: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[Difference]]:
        before = current.spec(self.store.registry) if current else {}
        merged = dict(before)
        differences = []
        for name, value in spec.items():
            if name in before and (before[name] == value or given.get(name) == value):
                continue
            if name == "name" and current is not None and simplify_name(str(value)) == simplify_name(current.name):
                continue
            held = current is not None and self.policy.holds(row.kind, name, self.reading.system)
            differences.append(Difference(name, before.get(name), value, held))
            if not held:
                merged[name] = value
        return merged, differences

    def _draft(self, row: SourceRow, ref: str, spec: dict[str, Any]) -> dict[str, Any]:
        """Put the envelope around a spec; a source that speaks in drafts of ours brings its own."""
        said = {name: row.facts[name] for name in _ENVELOPE if name in row.facts}
        return {
            "ref": ref,
            "owner": self.owner,
            "validFrom": row.valid_from.isoformat() if row.valid_from else None,
            "validUntil": row.valid_until.isoformat() if row.valid_until else None,
            "confidentiality": {"level": "organisation"},
            "source": {
                "type": "import",
                "date": self.day,
                "system": self.reading.system[:500],
                "key": row.key[:500],
                "place": row.place[:500],
            },
            "spec": spec,
        } | said

    # -- mentions -----------------------------------------------------------------------------------------------

    def _resolve(self, row: SourceRow, mention: Mention, spec: dict[str, Any]) -> None:
        ref = self.owner if mention.key == OWNER else self._mentioned(row, mention)
        if ref is None:
            return
        if self._is_list(row.kind, mention.field):
            spec[mention.field] = [*dict.fromkeys([*spec.get(mention.field, ()), ref])]
        else:
            spec[mention.field] = ref

    def _mentioned(self, row: SourceRow, mention: Mention) -> str | None:
        known = self.known[mention.kind]
        if mention.key:
            ref = self.refs.get((mention.kind, mention.key))
            bound = self.bindings.get((mention.kind, mention.key))
            record = known.by_uid.get(bound[0]) if bound else None
            if ref or record:
                return ref or (record.ref if record else None)
        name = mention.name or mention.key
        try:
            found = self._find(mention.kind, name, {})
            if found:
                return found
            ref = self._new_ref(mention.kind, name, {})
        except InvalidInput:
            place = row.place_of(mention.field)
            self.faults.append(
                Fault(place, "no-name", f"'{name[:60]}' is geen naam", f"'{name[:60]}' is not a name", "Correct it.")
            )
            return None
        known.learn(ref, name, {})
        if mention.kind in STUBBED:
            self._doubt(row, ref, name, mention.kind)
            self._add_stub(row, mention, ref, name)
        return ref

    def _add_stub(self, row: SourceRow, mention: Mention, ref: str, name: str) -> None:
        spec: dict[str, Any] = {"name": name[:300]}
        if mention.kind in ("role", "team"):
            spec["organisation"] = self.owner
        draft = self._draft(row, ref, spec)
        draft["validFrom"] = draft["validUntil"] = None
        draft["source"]["place"] = row.place_of(mention.field)[:500]
        try:
            self.stubs[ref] = prepare(draft, self.store.registry, 0)
        except InvalidInput as error:
            self.faults += [Fault(row.place_of(mention.field), f.code, f.nl, f.en, f.hint) for f in error.faults]

    def _is_list(self, kind: str, name: str) -> bool:
        return any(path.path[:2] == (name, "*") for path in self.store.registry.get(kind).relations)


class _Known:
    """The records of one kind, by everything by which a row may recognise them."""

    def __init__(self) -> None:
        self.by_ref: dict[str, Record] = {}
        self.by_uid: dict[str, Record] = {}
        self.names: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self.numbers: dict[tuple[str, str], str] = {}
        self.numbers_of: dict[str, dict[str, str]] = {}

    def add(self, record: Record) -> None:
        """Take in a record that is there."""
        spec = record.data["spec"]
        self.by_ref[record.ref] = self.by_uid[record.uid] = record
        self.learn(record.ref, record.name, spec)
        for name in spec.get("alsoKnownAs", ()):
            self.names.setdefault(simplify_name(name), record.ref)

    def learn(self, ref: str, name: str, spec: Mapping[str, Any]) -> None:
        """Remember by what a thing can be recognised."""
        self.titles[ref] = name
        self.names.setdefault(simplify_name(name), ref)
        numbers = {number: str(spec[number]) for number in NUMBERS if spec.get(number)}
        self.numbers_of[ref] = numbers
        for number, value in numbers.items():
            self.numbers.setdefault((number, value), ref)

    def contradicts(self, ref: str, spec: Mapping[str, Any]) -> bool:
        """Tell whether a number of the row says that it is another party, whatever the name."""
        known = self.numbers_of.get(ref, {})
        return any(number in known and spec.get(number, known[number]) != known[number] for number in NUMBERS)

    def alike(self, simple: str) -> list[tuple[str, str]]:
        """Give the names that could be alike: the same beginning, or about the same length."""
        start = simple[:3]
        return [
            (name, ref)
            for name, ref in self.names.items()
            if name != simple and (name[:3] == start) and abs(len(name) - len(simple)) <= max(4, len(simple) // 3)
        ]


def _remember(connection: Connection, plan: Plan, uids: Mapping[str, str], moment: str, day: str) -> None:
    refs = [step.ref for step in plan.steps if step.ref not in uids]
    known = dict(uids)
    if refs:
        found = connection.query(
            f"SELECT ref, uid FROM record WHERE {connection.among('ref')}", (connection.bind_list(refs),)
        )
        known.update(found)
    connection.execute_many(
        "INSERT INTO binding (system, kind, key, uid, place, given, facts, last_seen, missing_since)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (system, kind, key) DO UPDATE SET uid = excluded.uid,"
        " place = excluded.place, given = excluded.given, facts = excluded.facts, last_seen = excluded.last_seen,"
        " missing_since = NULL",
        [
            (
                plan.system,
                step.row.kind,
                step.row.key,
                known[step.ref],
                step.row.place,
                _given(step),
                _facts(step.row),
                day,
            )
            for step in plan.steps
            if step.ref in known
        ],
    )
    connection.execute_many(
        "UPDATE binding SET missing_since = ? WHERE system = ? AND kind = ? AND key = ? AND missing_since IS NULL",
        [(day, plan.system, gone.kind, gone.key) for gone in plan.disappeared],
    )
    connection.execute_many(
        "INSERT INTO review (system, kind, key, code, details, weight, asked_at, answer)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (system, kind, key) DO NOTHING",
        [*_doubt_rows(plan, moment), *_question_rows(plan, moment)],
    )


def _given(step: Step) -> bytes:
    return orjson.dumps({d.field: d.after for d in step.differences} | dict(step.row.spec), default=str)


def _facts(row: SourceRow) -> bytes:
    return orjson.dumps(dict(row.facts), default=str)


def _doubt_rows(plan: Plan, moment: str) -> list[tuple[Any, ...]]:
    weights: dict[str, int] = defaultdict(int)
    for step in plan.steps:
        for difference in step.differences:
            for ref in difference.after if isinstance(difference.after, list) else [difference.after]:
                if isinstance(ref, str):
                    weights[ref] += 1
    rows = []
    for doubt in plan.doubts:
        details = {
            "ref": doubt.ref,
            "name": doubt.name,
            "otherRef": doubt.other_ref,
            "otherName": doubt.other_name,
            "likeness": str(doubt.likeness),
            "place": doubt.place,
        }
        key = f"{doubt.ref} = {doubt.other_ref}"
        weight = 1 + weights[doubt.ref] + weights[doubt.other_ref]
        rows.append((plan.system, doubt.kind, key, "same-as", orjson.dumps(details), weight, moment))
    return rows


def _question_rows(plan: Plan, moment: str) -> list[tuple[Any, ...]]:
    return [
        (
            plan.system,
            "mapping",
            f"{question.place} {question.column} {question.code}",
            question.code,
            orjson.dumps(
                {
                    "nl": question.nl,
                    "en": question.en,
                    "place": question.place,
                    "column": question.column,
                    "setting": question.setting,
                    "choices": question.choices,
                    "values": question.values[:20],
                }
            ),
            question.affected,
            moment,
        )
        for question in plan.questions
    ]
