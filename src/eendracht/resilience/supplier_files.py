"""The file of a supplier: of each question who asked and since when, what was answered, and what that is worth.

Unknown is never shown as good: an answer counts only where its signature holds by a key that an organisation vouches
for, on a day on which it is valid. Whoever never answered is shown with the days that the question has waited.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, Literal

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.deliveries import sees_deliveries
from eendracht.kernel.errors import NotFound
from eendracht.kernel.identity import SameAs, cluster_parties
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.kernel.validation import validate
from eendracht.reference.supplier_questions import load_supplier_questions
from eendracht.resilience.answers import read_key
from eendracht.resilience.kinds.answers import SupplierAnswer
from eendracht.resilience.signatures import Judgement, SigningKey, is_whole, judge_answer

State = Literal["answered", "expiring", "unconfirmed", "unproven", "expired", "not-yet", "silent", "not-asked"]
"""Only `answered` is good; `expiring` is good for at most 60 days more."""

EXPIRING: Final = timedelta(days=60)
SETTLED: Final = 0.9
"""Same-as claims at or above this confidence, or confirmed, join two suppliers."""
_DIGEST: Final = re.compile(rb"(?<=\")[0-9a-f]{64}(?=\")")
_OPEN: Final = frozenset({"unconfirmed", "unproven", "expired", "not-yet", "silent"})


@dataclass(frozen=True, slots=True)
class Asker:
    """An organisation that asked, and how many days ago; its name is empty where the records do not tell it."""

    organisation: str
    name: str
    asked_on: date
    days: int
    answer_before: date | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """Something that an answer names, with its name where a record of it is there; without one it is unknown."""

    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class FiledAnswer:
    """An answer, by whom it was recorded, and what its signature is worth today."""

    ref: str
    recorded_by: str
    answer: SupplierAnswer
    judgement: Judgement
    confirmed_by: str
    """Who vouches for the key; empty where nobody does."""
    sub_processors: Sequence[Linked]
    components: Sequence[Linked]
    """Components of which an imported bill gives the SHA-256 of an attachment."""


@dataclass(frozen=True, slots=True)
class FiledQuestion:
    """A question with all who asked it and all answers, the best first; several askers are one question."""

    code: str
    topic: str
    text: Mapping[str, str]
    why: Mapping[str, str]
    """Empty texts for a question that a customer wrote."""
    sources: Sequence[str]
    state: State
    waiting_days: int | None
    """Days since it was first asked or, later, since the last good answer ended; None where it does not wait."""
    askers: Sequence[Asker]
    answers: Sequence[FiledAnswer]

    @property
    def is_open(self) -> bool:
        """Whether somebody waits for a good answer."""
        return bool(self.askers) and self.state in _OPEN


@dataclass(frozen=True, slots=True)
class FiledKey:
    """A key of the supplier, and what became of it."""

    ref: str
    name: str
    algorithm: str
    state: Literal["confirmed", "unconfirmed", "revoked", "ended", "not-yet"]
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class SupplierFile:
    """All questions to one supplier (under every name that is settled to be its), the open ones first."""

    supplier: Record
    names: Sequence[str]
    questions: Sequence[FiledQuestion]
    keys: Sequence[FiledKey]

    def count(self, *states: State) -> int:
        """Give how many questions are in one of these states."""
        return sum(question.state in states for question in self.questions)


@dataclass(frozen=True, slots=True)
class OpenSupplier:
    """A supplier with what is open: one question of many customers counts once."""

    ref: str
    name: str
    open: int
    askers: int
    answered: int
    expiring: int
    silent: int
    longest_days: int


_ORDER: Final[Mapping[State, int]] = {
    "silent": 0,
    "unproven": 1,
    "expired": 2,
    "unconfirmed": 3,
    "not-yet": 4,
    "expiring": 5,
    "answered": 6,
    "not-asked": 7,
}


def open_file(store: Store, asker: Principal, name: str) -> SupplierFile:
    """Give the file of a supplier as the asker may see it; raises NotFound, also for what is no supplier."""
    supplier = store.get(name, asker)
    if supplier.kind != "supplier":
        raise NotFound(f"{name[:100]} is no supplier")
    drawer = _Drawer(store, asker)
    return drawer.open(supplier, drawer.names_of(supplier.ref))


def list_open(store: Store, asker: Principal) -> list[OpenSupplier]:
    """Give the suppliers to whom anything was asked or who answered, the longest silence first."""
    drawer = _Drawer(store, asker)
    found = []
    for ref in drawer.list_suppliers():
        try:
            supplier = store.get(ref, asker)
        except NotFound:
            continue
        file = drawer.open(supplier, drawer.names_of(supplier.ref), with_links=False)
        waiting = [question for question in file.questions if question.is_open]
        found.append(
            OpenSupplier(
                supplier.ref,
                supplier.name,
                len(waiting),
                len({item.organisation for question in waiting for item in question.askers}),
                file.count("answered", "expiring"),
                file.count("expiring"),
                sum(question.state == "silent" for question in waiting),
                max((question.waiting_days or 0 for question in waiting), default=0),
            )
        )
    found.sort(key=lambda item: (-item.open, -item.longest_days, item.ref))
    return found


@dataclass
class _Drawer:
    """Questions, answers and keys of all suppliers, read once."""

    store: Store
    asker: Principal
    questions: dict[str, list[Record]] = field(init=False)
    answers: dict[str, list[Record]] = field(init=False)
    keys: dict[str, list[Record]] = field(init=False)

    def __post_init__(self) -> None:
        self.day = today(self.store.clock)
        self.aliases = self._read_aliases()
        self.questions = self._read("supplier-question")
        self.answers = self._read("supplier-answer")
        self.keys = self._read("supplier-key")
        self.clusters = self._join()
        self.members: dict[str, list[str]] = defaultdict(list)
        for ref, cluster in self.clusters.items():
            self.members[cluster].append(ref)
        self.known: dict[str, str] = {}

    def _read_aliases(self) -> dict[str, str]:
        """Give the present name of each former one of a supplier."""
        rows = self.store.driver.reader().query(
            "SELECT f.ref, r.ref FROM former_ref f JOIN record r ON r.uid = f.uid"
            " WHERE f.ref > 'supplier:' AND f.ref < 'supplier;'"
        )
        return dict(rows)

    def _read(self, kind: str) -> dict[str, list[Record]]:
        found = defaultdict(list)
        for record in self.store.snapshot(self.asker, self.day, kind=kind):
            ref = record.spec(self.store.registry)["supplier"]
            found[self.aliases.get(ref, ref)].append(record)
        return found

    def _join(self) -> dict[str, str]:
        claims = []
        for record in self.store.snapshot(self.asker, self.day, kind="same-as"):
            spec = record.spec(self.store.registry)
            if spec.get("status") != "rejected":
                confidence = 1.0 if spec.get("status") == "confirmed" else float(spec["confidence"])
                left, right = (self.aliases.get(ref, ref) for ref in (spec["left"], spec["right"]))
                claims.append(SameAs(left, right, confidence))
        return cluster_parties((*self.questions, *self.answers), claims, SETTLED)

    def names_of(self, supplier: str) -> list[str]:
        """Give the refs of a supplier and of all that are settled to be the same."""
        return sorted({supplier, *self.members[self.clusters.get(supplier, supplier)]})

    def list_suppliers(self) -> list[str]:
        """Give one ref for each supplier that was asked or answered."""
        standing: dict[str, str] = {}
        for ref in sorted({*self.questions, *self.answers}):
            standing.setdefault(self.clusters.get(ref, ref), ref)
        return list(standing.values())

    def open(self, supplier: Record, names: Sequence[str], *, with_links: bool = True) -> SupplierFile:
        """Put one file together."""
        components = find_components(self.store, self.asker, self._hashes(names)) if with_links else {}
        asked: dict[str, list[Record]] = defaultdict(list)
        answered: dict[str, list[FiledAnswer]] = defaultdict(list)
        for name in names:
            for record in self.questions.get(name, ()):
                asked[record.data["spec"]["code"]].append(record)
            for record in self.answers.get(name, ()):
                filed = self._file(record, components, with_links)
                if filed is not None:
                    answered[filed.answer.code].append(filed)
        codes = [*load_supplier_questions(), *sorted({*asked, *answered} - load_supplier_questions().keys())]
        questions = [self._put_together(code, asked.get(code, ()), answered.get(code, ())) for code in codes]
        # Within a state the order is that of the table of questions.
        questions.sort(key=lambda item: (not item.is_open, _ORDER[item.state]))
        keys = [self._file_key(record) for name in names for record in self.keys.get(name, ())]
        return SupplierFile(supplier, names, questions, [key for key in keys if key is not None])

    def _file(self, record: Record, components: Mapping[str, Sequence[Linked]], with_links: bool) -> FiledAnswer | None:
        answer, _ = validate(SupplierAnswer, record.spec(self.store.registry))
        if answer is None:
            return None
        key = self._find_key(answer)
        judgement = judge_answer(answer, key, self.store.clock.now())
        vouching = (key.spec.confirmed_by or "") if key is not None and key.is_confirmed else ""
        sub_processors = [Linked(ref, self._name(ref)) for ref in answer.sub_processors] if with_links else []
        linked = [item for file in answer.attachments for item in components.get(file.sha256, ())]
        return FiledAnswer(record.ref, record.owner, answer, judgement, vouching, sub_processors, linked)

    def _hashes(self, names: Sequence[str]) -> set[str]:
        specs = (record.data["spec"] for name in names for record in self.answers.get(name, ()))
        return {item["sha256"] for spec in specs for item in spec.get("attachments", ())}

    def _find_key(self, answer: SupplierAnswer) -> SigningKey | None:
        if answer.key is None:
            return None
        try:
            record = self.store.get(answer.key, self.asker)
        except NotFound:
            return None
        return read_key(self.store, self.asker, record, answer.supplier)

    def _file_key(self, record: Record) -> FiledKey | None:
        key = read_key(self.store, self.asker, record, record.spec(self.store.registry)["supplier"])
        if key is None:
            return None
        spec = key.spec
        state: Literal["confirmed", "unconfirmed", "revoked", "ended", "not-yet"]
        state = "confirmed" if key.is_confirmed else "unconfirmed"
        if spec.valid_from > self.day:
            state = "not-yet"
        elif spec.valid_until is not None and spec.valid_until <= self.day:
            state = "ended"
        if spec.revoked_on is not None and spec.revoked_on <= self.day:
            state = "revoked"
        vouching = (spec.confirmed_by or "") if key.is_confirmed else ""
        return FiledKey(key.ref, spec.name, spec.algorithm, state, vouching)

    def _put_together(self, code: str, asked: Sequence[Record], answers: Iterable[FiledAnswer]) -> FiledQuestion:
        askers = self._list_askers(asked)
        ranked = sorted(answers, key=self._rank)
        state = self._judge(bool(askers), ranked)
        known = load_supplier_questions().get(code)
        if known is not None:
            text, why = {"nl": known.text_nl, "en": known.text_en}, {"nl": known.why_nl, "en": known.why_en}
            topic, sources = known.topic, known.sources
        else:
            first = asked[0] if asked else None
            said = first.name if first is not None else ranked[0].answer.name
            text, why, sources = {"nl": said, "en": said}, {"nl": "", "en": ""}, ()
            topic = first.data["spec"]["topic"] if first is not None else ranked[0].answer.topic
        waiting = self._waiting_days(askers, ranked) if askers and state in _OPEN else None
        return FiledQuestion(code, topic, text, why, sources, state, waiting, askers, ranked)

    def _list_askers(self, asked: Iterable[Record]) -> list[Asker]:
        """Give who asked, the longest ago first; an organisation that asked under two names of the supplier once."""
        first: dict[str, dict[str, Any]] = {}
        for record in asked:
            spec = record.data["spec"]
            before = first.get(spec["askedBy"])
            if before is None or spec["askedOn"] < before["askedOn"]:
                first[spec["askedBy"]] = spec
        found = []
        for organisation, spec in first.items():
            on = date.fromisoformat(spec["askedOn"])
            until = date.fromisoformat(spec["answerBefore"]) if spec.get("answerBefore") else None
            is_late = until is not None and until <= self.day
            days = max(0, (self.day - on).days)
            found.append(Asker(organisation, self._name(organisation), on, days, until, is_late))
        return sorted(found, key=lambda item: (item.asked_on, item.organisation))

    def _rank(self, filed: FiledAnswer) -> tuple[int, float]:
        """Order answers: what counts today first, and of those the one that was signed last."""
        worth = {"confirmed": 0, "unconfirmed": 1}.get(filed.judgement, 2)
        is_now = filed.answer.valid_from <= self.day < filed.answer.valid_until
        signed = filed.answer.signed_at.timestamp() if filed.answer.signed_at else 0.0
        return (worth if is_now else worth + 3), -signed

    def _judge(self, is_asked: bool, ranked: Sequence[FiledAnswer]) -> State:
        if not ranked:
            return "silent" if is_asked else "not-asked"
        best = ranked[0]
        if best.answer.valid_from <= self.day < best.answer.valid_until:
            if best.judgement == "confirmed":
                return "expiring" if best.answer.valid_until - self.day <= EXPIRING else "answered"
            return "unconfirmed" if best.judgement == "unconfirmed" else "unproven"
        if not is_whole(best.judgement):
            return "unproven"
        return "expired" if best.answer.valid_until <= self.day else "not-yet"

    def _waiting_days(self, askers: Sequence[Asker], ranked: Sequence[FiledAnswer]) -> int:
        since = askers[0].asked_on
        for filed in ranked:
            if filed.judgement == "confirmed" and filed.answer.valid_until <= self.day:
                since = max(since, filed.answer.valid_until)
        return max(0, (self.day - since).days)

    def _name(self, ref: str) -> str:
        if ref not in self.known:
            try:
                self.known[ref] = self.store.get(ref, self.asker).name
            except NotFound:
                self.known[ref] = ""
        return self.known[ref]


def find_components(store: Store, asker: Principal, hashes: Collection[str]) -> dict[str, list[Linked]]:
    """Give by SHA-256 the components of which an imported bill of materials gives it, as the asker may see them."""
    wanted = {digest.encode(): digest for digest in hashes}
    found: dict[str, dict[str, Linked]] = defaultdict(dict)
    if not wanted:
        return {}
    rows = store.driver.reader().stream("SELECT system, uid, facts FROM binding WHERE kind = 'component'")
    hits = [(system, uid, set(_DIGEST.findall(bytes(facts))) & wanted.keys()) for system, uid, facts in rows]
    for system, uid, digests in hits:
        if not digests or not sees_deliveries(asker, system):
            continue
        try:
            record = store.get(uid, asker)
        except NotFound:
            continue
        for digest in digests:
            found[wanted[digest]][record.ref] = Linked(record.ref, record.name)
    return {digest: [linked[ref] for ref in sorted(linked)] for digest, linked in found.items()}
