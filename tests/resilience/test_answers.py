"""Supplier files: asked by many, answered once, signed, expiring; silence and broken signatures are visible."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import PUBLIC, Principal, parse_roles
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.errors import Conflict, Denied, InvalidInput, NotFound
from eendracht.kernel.imports.cyclonedx import read_cyclonedx
from eendracht.kernel.instance import Instance
from eendracht.kernel.reconcile import apply_plan, plan_import
from eendracht.kernel.store import Store
from eendracht.reference.supplier_questions import load_supplier_questions
from eendracht.resilience.answers import TOPICS, Asked, ask_question, record_answer
from eendracht.resilience.signatures import read_document
from eendracht.resilience.supplier_files import list_open, open_file
from tests.resilience.signing import ALGORITHMS, SUPPLIER, Signer
from tests.web.nodes import OTHER, OWNER, PUBLIC_DRAFTS, draft, fill_node, open_node

UTRECHT = Principal("gm0344/editor", parse_roles([f"editor@{OWNER}"]))
AMSTERDAM = Principal("gm0363/editor", parse_roles([f"editor@{OTHER}"]))
SIGNER, STRANGER = Signer.make(), Signer.make(supplier="supplier:kvk.22222222")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    clock = FixedClock(datetime(2026, 6, 1, 10, 0, tzinfo=UTC))
    with open_node(tmp_path / "node", clock) as instance:
        fill_node(instance, [*PUBLIC_DRAFTS, draft("supplier:kvk.22222222", "Ander"), SIGNER.key_draft()])
        yield instance


def record(store: Store, document: dict[str, Any], author: Principal = UTRECHT) -> str:
    return record_answer(store, author, read_document(json.dumps(document).encode())).ref


def move_to(store: Store, day: str) -> None:
    assert isinstance(store.clock, FixedClock)
    store.clock.moment = datetime.fromisoformat(f"{day}T10:00:00+00:00")


def state_of(store: Store, asker: Principal = UTRECHT, code: str = "exit.terms") -> str:
    return next(q.state for q in open_file(store, asker, SUPPLIER).questions if q.code == code)


def codes_of(refused: pytest.ExceptionInfo[InvalidInput]) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.code) for fault in refused.value.faults}


def test_the_questions_that_ship_have_a_topic_a_reason_and_a_measure_that_exists(shared: Any) -> None:
    measures = shared("reference", "resilience", "bio2", "bio2_1.3_overheidsmaatregelen.json").read_text("utf-8")
    registers = shared("reference", "resilience", "dora", "roi_codelists.json").read_text("utf-8")
    for item in load_supplier_questions().values():
        assert item.topic in TOPICS and item.why_nl and item.why_en and item.sources, item.code
        for source in item.sources:
            family, _, number = source.partition(" ")
            if family == "BIO2":
                assert f'"id": "{number}"' in measures, source
            if family == "DORA":
                assert number in registers, source


def test_the_same_question_of_two_customers_is_one_question_and_silence_grows(node: Instance) -> None:
    store = node.store
    ask_question(store, UTRECHT, Asked(SUPPLIER, "exit.terms", answer_before=date(2026, 7, 1)))
    move_to(store, "2026-06-11")
    ask_question(store, AMSTERDAM, Asked(SUPPLIER, "exit.terms"))
    with pytest.raises(Conflict):
        ask_question(store, AMSTERDAM, Asked(SUPPLIER, "exit.terms"))
    move_to(store, "2026-07-21")
    file = open_file(store, AMSTERDAM, SUPPLIER)
    question = file.questions[0]
    assert (question.code, question.state, question.waiting_days) == ("exit.terms", "silent", 50)
    assert [(a.organisation, a.days, a.is_late) for a in question.askers] == [(OWNER, 50, True), (OTHER, 40, False)]
    (open_supplier,) = list_open(store, AMSTERDAM)
    assert (open_supplier.open, open_supplier.askers, open_supplier.longest_days) == (1, 2, 50)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_answer_signed_outside_is_reused_by_every_customer(node: Instance, algorithm: str) -> None:
    signer = Signer.make(algorithm)
    node.store.put(signer.key_draft(), UTRECHT)
    ask_question(node.store, UTRECHT, Asked(SUPPLIER, "exit.terms"))
    ref = record(node.store, signer.sign())
    assert record(node.store, signer.sign()) == ref
    for asker in (UTRECHT, AMSTERDAM):
        assert state_of(node.store, asker) == "answered"
    question = open_file(node.store, AMSTERDAM, SUPPLIER).questions
    (filed,) = next(q.answers for q in question if q.code == "exit.terms")
    assert (filed.judgement, filed.confirmed_by, filed.recorded_by) == ("confirmed", OWNER, OWNER)


def test_an_answer_runs_out_with_its_days(node: Instance) -> None:
    store = node.store
    ask_question(store, UTRECHT, Asked(SUPPLIER, "exit.terms"))
    record(store, SIGNER.sign(validFrom="2026-06-03"))
    states = {}
    for day in ("2026-06-02", "2026-06-03", "2026-11-01", "2026-11-02", "2026-12-31", "2027-01-01", "2027-01-11"):
        move_to(store, day)
        states[day] = state_of(store)
    # From 2 November to 1 January are 60 days; the last day on which it counts is 31 December.
    assert list(states.values()) == [
        "not-yet",
        "answered",
        "answered",
        "expiring",
        "expiring",
        "expired",
        "expired",
    ]
    assert open_file(store, UTRECHT, SUPPLIER).questions[0].waiting_days == 10


@pytest.mark.parametrize(
    "field",
    [
        "name",
        "supplier",
        "code",
        "topic",
        "answer",
        "validFrom",
        "validUntil",
        "attachments",
        "subProcessors",
        "signedAt",
    ],
)
def test_a_change_of_any_field_is_refused(node: Instance, field: str) -> None:
    other = {
        "supplier": "supplier:kvk.22222222",
        "code": "exit.duration",
        "topic": "other",
        "validFrom": "2026-02-01",
        "validUntil": "2028-01-01",
        "attachments": [{"name": "a", "mediaType": "", "sha256": "0" * 64, "url": ""}],
        "subProcessors": ["supplier:kvk.33333333"],
        "signedAt": "2026-05-02T09:00:00Z",
    }
    document = SIGNER.sign()
    document[field] = other.get(field, "Iets anders")
    with pytest.raises(InvalidInput) as refused:
        record(node.store, document)
    assert codes_of(refused) & {("/signature", "broken"), ("/key", "other-supplier")}


def test_what_cannot_be_recorded_as_signed_is_refused_with_every_fault(node: Instance) -> None:
    document = SIGNER.sign(answer=" met een spatie ", signedAt="2026-05-01T09:00:00.5Z", extra=1)
    del document["subProcessors"]
    document["format"] = "iets/9"
    with pytest.raises(InvalidInput) as refused:
        record(node.store, document)
    assert codes_of(refused) == {
        ("/format", "unknown-format"),
        ("/subProcessors", "missing"),
        ("/extra", "extra-forbidden"),
        ("/answer", "not-canonical"),
        ("/signedAt", "not-canonical"),
    }
    for data in (b"{", b"[]", b"x" * (2**20 + 1)):
        with pytest.raises(InvalidInput):
            read_document(data)


def test_a_key_counts_in_its_days_for_its_supplier_and_not_after_it_was_revoked(node: Instance) -> None:
    store = node.store
    for key, fault in (
        (SIGNER.key_draft(validFrom="2026-05-02"), ("/key", "key-not-valid")),
        (SIGNER.key_draft(validUntil="2026-05-01"), ("/key", "key-not-valid")),
        (SIGNER.key_draft(revokedOn="2026-06-01"), ("/key", "key-revoked")),
        (SIGNER.key_draft(supplier="supplier:kvk.22222222"), ("/key", "other-supplier")),
        (Signer(SIGNER.algorithm, SUPPLIER, Signer.make().secret).key_draft(), ("/signature", "broken")),
    ):
        store.put(key, UTRECHT)
        with pytest.raises(InvalidInput) as refused:
            record(store, SIGNER.sign())
        assert codes_of(refused) == {fault}
    with pytest.raises(InvalidInput) as refused:
        record(store, SIGNER.sign(key="supplier-key:gm0344/nergens"))
    assert codes_of(refused) == {("/key", "no-key")}
    store.put(SIGNER.key_draft(), UTRECHT)
    with pytest.raises(InvalidInput) as refused:
        record(store, SIGNER.sign(signedAt="2026-06-01T10:06:00Z"))
    assert codes_of(refused) == {("/signedAt", "signed-later")}


def test_what_held_at_the_write_is_judged_again_at_every_read(node: Instance) -> None:
    store = node.store
    ask_question(store, UTRECHT, Asked(SUPPLIER, "exit.terms"))
    ref = record(store, SIGNER.sign())
    good = store.get(ref, UTRECHT)
    envelope = {name: good.data[name] for name in ("ref", "owner", "confidentiality", "source", "spec")}
    store.put({**envelope, "spec": envelope["spec"] | {"answer": "Wij stoppen nooit."}}, UTRECHT)
    assert state_of(store) == "unproven"
    store.put({**envelope, "spec": envelope["spec"] | {"description": "Alles is goed."}}, UTRECHT)
    assert state_of(store) == "unproven"
    unsigned = {name: value for name, value in envelope["spec"].items() if name not in ("key", "signature")}
    store.put({**envelope, "spec": unsigned}, UTRECHT)
    assert state_of(store) == "unproven"
    store.put(envelope, UTRECHT)
    assert state_of(store) == "answered"
    store.put(SIGNER.key_draft(confirmedBy=None), UTRECHT)
    assert state_of(store) == "unconfirmed"
    # Who recorded the key cannot vouch for it in the name of another.
    store.put(SIGNER.key_draft(confirmedBy=OTHER), UTRECHT)
    assert state_of(store) == "unconfirmed"
    store.put(SIGNER.key_draft(revokedOn="2026-06-02"), UTRECHT)
    assert state_of(store) == "answered"
    move_to(store, "2026-06-02")
    assert state_of(store) == "unproven"


def test_a_newer_answer_takes_the_place_of_an_older_one(node: Instance) -> None:
    record(node.store, SIGNER.sign())
    record(node.store, SIGNER.sign(answer="Een maand.", signedAt="2026-05-20T09:00:00Z"), AMSTERDAM)
    questions = open_file(node.store, UTRECHT, SUPPLIER).questions
    answers = next(q.answers for q in questions if q.code == "exit.terms")
    assert [filed.answer.answer[:9] for filed in answers] == ["Een maand", "Opzegterm"]


def test_unknown_sub_processors_are_unknown_and_attachments_lead_to_imported_components(node: Instance) -> None:
    digest = sha256(b"what was delivered").hexdigest()
    part = {"type": "library", "bom-ref": "openssl", "name": "openssl", "version": "4.0.3"}
    part["hashes"] = [{"alg": "SHA-256", "content": digest}]
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [part]}
    reading = read_cyclonedx(json.dumps(bill).encode(), "bom.json")
    apply_plan(node.store, plan_import(node.store, reading, OWNER, UTRECHT), UTRECHT)
    attachment = {"name": "bom.json", "mediaType": "application/vnd.cyclonedx+json", "sha256": digest, "url": ""}
    record(
        node.store,
        SIGNER.sign(
            code="sbom.components",
            topic="sbom",
            attachments=[attachment],
            subProcessors=["supplier:kvk.22222222", "supplier:kvk.99999999"],
        ),
    )
    found = {}
    for asker in (UTRECHT, AMSTERDAM):
        questions = open_file(node.store, asker, SUPPLIER).questions
        (filed,) = next(q.answers for q in questions if q.code == "sbom.components")
        found[asker.name] = filed
        assert [(item.ref, item.name) for item in filed.sub_processors] == [
            ("supplier:kvk.22222222", "Ander"),
            ("supplier:kvk.99999999", ""),
        ]
    assert [item.name for item in found["gm0344/editor"].components] == ["openssl"]
    assert not found["gm0363/editor"].components


def test_suppliers_that_are_settled_to_be_one_have_one_file_but_no_key_of_each_other(node: Instance) -> None:
    store = node.store
    claim = {"left": SUPPLIER, "right": "supplier:kvk.22222222", "confidence": "1", "status": "confirmed"}
    store.put(STRANGER.key_draft(), UTRECHT)
    ask_question(store, UTRECHT, Asked("supplier:kvk.22222222", "exit.terms"))
    assert not open_file(store, UTRECHT, SUPPLIER).questions[0].is_open
    store.put(draft("same-as:gm0344/een", "Een", **claim), UTRECHT)
    file = open_file(store, UTRECHT, SUPPLIER)
    assert file.names == [SUPPLIER, "supplier:kvk.22222222"] and file.questions[0].state == "silent"
    forged = Signer(STRANGER.algorithm, SUPPLIER, STRANGER.secret)
    with pytest.raises(InvalidInput) as refused:
        record(store, forged.sign(key=STRANGER.key))
    assert codes_of(refused) == {("/key", "other-supplier")}


def test_who_may_not_ask_or_see_is_told_so(node: Instance) -> None:
    store = node.store
    with pytest.raises(InvalidInput) as refused:
        ask_question(
            store, UTRECHT, Asked("supplier:kvk.00000000", "own.x", topic="niets", answer_before=date(2026, 6, 1))
        )
    assert {pointer for pointer, _ in codes_of(refused)} == {"/supplier", "/topic", "/text", "/answerBefore"}
    with pytest.raises(Denied):
        ask_question(store, UTRECHT, Asked(SUPPLIER, "exit.terms", OTHER))
    with pytest.raises(Denied):
        ask_question(store, PUBLIC, Asked(SUPPLIER, "exit.terms"))
    ask_question(store, UTRECHT, Asked(SUPPLIER, "own.maan", topic="other", text="Draait het op de maan?"))
    assert open_file(store, PUBLIC, SUPPLIER).count("silent") == 0
    assert open_file(store, AMSTERDAM, SUPPLIER).count("silent") == 1
    with pytest.raises(NotFound):
        open_file(store, UTRECHT, "application:gm0344/zaaksysteem")
