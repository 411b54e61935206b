"""Asked by many, answered once: a question to a supplier, and the signed answer that every customer reuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final, get_args

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput, NotFound, UsageFault
from eendracht.kernel.identity import slug
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.kernel.store.append import Written
from eendracht.kernel.validation import validate
from eendracht.reference.supplier_questions import load_supplier_questions
from eendracht.resilience.kinds.answers import SupplierAnswer, SupplierKey, Topic
from eendracht.resilience.signatures import (
    SigningKey,
    fault_of_judgement,
    judge_answer,
    signed_bytes,
)

LEVEL: Final = "government"
"""Who reads questions and answers: every public body, so that nobody asks again what was answered."""
TOPICS: Final[tuple[str, ...]] = get_args(Topic)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks: a code that ships, or one of their own with its topic and text."""

    supplier: str
    code: str
    organisation: str = ""
    """Who asks; empty where the author writes for one organisation only."""
    topic: str = ""
    text: str = ""
    answer_before: date | None = None


def choose_organisation(author: Principal, given: str, pointer: str = "/organisation") -> str:
    """Give the organisation for which somebody writes: the one that they say, or the only one there is.

    Raises InvalidInput where several are possible and none is said, Denied where they may not write for it.
    """
    if given:
        author.require_write(given)
        return given
    own = sorted(organisation for role, organisation in author.roles if role is Role.EDITOR)
    if len(own) == 1:
        return own[0]
    if not own and not author.is_operator:
        raise Denied(f"{author.name} holds no editor role")
    nl, en = "Zeg voor welke organisatie u dit doet", "Say for which organisation you do this"
    raise InvalidInput("It is not said for which organisation", faults=[Fault(pointer, "missing", nl, en)])


def ask_question(store: Store, author: Principal, asked: Asked) -> Written:
    """Record a question of an organisation to a supplier, today; raises InvalidInput with every fault, Denied.

    A question that the organisation asked already stands, with the day on which it did: that raises Conflict.
    """
    faults = list(_question_faults(store, author, asked))
    organisation = ""
    try:
        organisation = choose_organisation(author, asked.organisation)
    except InvalidInput as error:
        faults += error.faults
    if faults:
        raise InvalidInput(f"The question: {len(faults)} fault(s)", faults=faults)
    supplier = store.get(asked.supplier, author)
    known = load_supplier_questions().get(asked.code)
    spec: dict[str, Any] = {
        "name": known.text_nl if known else asked.text.strip(),
        "supplier": supplier.ref,
        "code": asked.code,
        "topic": known.topic if known else asked.topic,
        "askedBy": organisation,
        "askedOn": today(store.clock).isoformat(),
    }
    if asked.answer_before:
        spec["answerBefore"] = asked.answer_before.isoformat()
    ref = f"supplier-question:{_authority(organisation)}/{name_supplier(supplier)}/{asked.code}"
    try:
        return store.put(_draft(store, ref, organisation, supplier, spec), author, expected=0)
    except Conflict as conflict:
        nl, en = "Uw organisatie heeft dit al gevraagd", "Your organisation has asked this already"
        fault = Fault("/code", "asked-already", nl, en)
        raise Conflict("This was asked already", faults=[fault], hint="Nothing more is needed.") from conflict


def _question_faults(store: Store, author: Principal, asked: Asked) -> Iterator[Fault]:
    yield from _supplier_faults(store, author, asked.supplier)
    known = load_supplier_questions().get(asked.code)
    if not asked.code:
        yield Fault("/code", "missing", "Kies een vraag", "Choose a question")
    elif known is None:
        _, wrong = validate(SupplierAnswer, {"code": asked.code, "topic": asked.topic or None})
        yield from (fault for fault in wrong if fault.pointer in ("/code", "/topic"))
        if not asked.text.strip():
            yield Fault("/text", "missing", "Schrijf uw vraag", "Write your question")
        elif len(asked.text) > 300:
            yield Fault("/text", "string-too-long", "Gebruik hoogstens 300 tekens", "Use at most 300 characters")
    elif asked.topic not in ("", known.topic):
        nl, en = f"Deze vraag gaat over {known.topic}", f"This question is about {known.topic}"
        yield Fault("/topic", "other-topic", nl, en)
    if asked.answer_before is not None and asked.answer_before <= today(store.clock):
        nl, en = "Kies een dag na vandaag", "Choose a day after today"
        yield Fault("/answerBefore", "in-the-past", nl, en)


def record_answer(store: Store, author: Principal, answer: SupplierAnswer, organisation: str = "") -> Written:
    """Record a signed answer that an organisation received, once its signature is found to hold.

    Whoever recorded it, all customers read it. The same document again is there already. Raises InvalidInput with every
    fault, Denied.
    """
    faults = list(_supplier_faults(store, author, answer.supplier))
    known = load_supplier_questions().get(answer.code)
    if known is not None and known.topic != answer.topic:
        nl, en = f"Deze vraag gaat over {known.topic}", f"This question is about {known.topic}"
        faults.append(Fault("/topic", "other-topic", nl, en))
    owner = ""
    try:
        owner = choose_organisation(author, organisation)
    except InvalidInput as error:
        faults += error.faults
    judgement = judge_answer(answer, find_key(store, author, answer), store.clock.now())
    fault = fault_of_judgement(judgement)
    # Whether a key is of a supplier that is not there cannot be said.
    if fault is not None and not (judgement == "other-supplier" and any(f.pointer == "/supplier" for f in faults)):
        faults.append(fault)
    if faults:
        raise InvalidInput(f"The signed answer: {len(faults)} fault(s)", faults=faults)
    supplier = store.get(answer.supplier, author)
    mark = sha256(signed_bytes(answer)).hexdigest()[:16]
    ref = f"supplier-answer:{_authority(owner)}/{name_supplier(supplier)}/{answer.code}/{mark}"
    spec = answer.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    try:
        return store.put(_draft(store, ref, owner, supplier, spec), author, expected=0)
    except Conflict:
        there = store.get(ref[:221], author)
        return Written(there.rv, there.uid, there.ref, there.generation, there.data["recordedAt"])


def _supplier_faults(store: Store, author: Principal, name: str) -> Iterator[Fault]:
    try:
        is_there = bool(name) and store.get(name, author).kind == "supplier"
    except (NotFound, UsageFault):
        is_there = False
    if not is_there:
        nl, en = "Deze leverancier is hier niet bekend", "This supplier is not known here"
        yield Fault("/supplier", "no-supplier", nl, en, "Record the supplier first, or choose one that is there.")


def find_key(store: Store, asker: Principal, answer: SupplierAnswer) -> SigningKey | None:
    """Give the key by which an answer says that it is signed, as far as the asker may see it."""
    if answer.key is None:
        return None
    try:
        record = store.get(answer.key, asker)
    except NotFound:
        return None
    return read_key(store, asker, record, answer.supplier)


def read_key(store: Store, asker: Principal, record: Record, supplier: str) -> SigningKey | None:
    """Give what a record says of a key, and whether it is of this supplier; None where it is no key."""
    spec, faults = validate(SupplierKey, record.spec(store.registry))
    if record.kind != "supplier-key" or spec is None or faults:
        return None
    return SigningKey(record.ref, record.owner, spec, _is_same(store, asker, spec.supplier, supplier))


def _is_same(store: Store, asker: Principal, one: str, other: str) -> bool:
    """Tell whether two refs are one record; a claim that two suppliers are one makes no key of the other."""
    if one == other:
        return True
    try:
        return store.get(one, asker).uid == store.get(other, asker).uid
    except NotFound:
        return False


def name_supplier(supplier: Record) -> str:
    """Give the part of a ref that tells which supplier it is about."""
    return slug(supplier.ref.partition(":")[2].replace("/", "."))[:60].rstrip("-._")


def _authority(organisation: str) -> str:
    return organisation.partition(":")[2].partition("/")[0]


def _draft(store: Store, ref: str, owner: str, supplier: Record, spec: dict[str, Any]) -> dict[str, Any]:
    # What is said of a made-up supplier is made up too.
    origin = "synthetic" if supplier.is_synthetic else "statement"
    return {
        "ref": ref[:221],
        "owner": owner,
        "confidentiality": {"level": LEVEL},
        "source": {"type": origin, "date": today(store.clock).isoformat()},
        "spec": spec,
    }
