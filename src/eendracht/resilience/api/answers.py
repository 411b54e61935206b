"""The file of a supplier over HTTP: what is open, asking, and handing in a signed answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kernel.disclosure import require_insider
from eendracht.kernel.store.append import Written
from eendracht.kernel.validation import require_valid
from eendracht.kit.body import body_schema, read_json
from eendracht.kit.questions import RefName
from eendracht.kit.routing import AskerOf, InstanceOf, Name, describe, json_response, refuse_questions
from eendracht.reference.supplier_questions import load_supplier_questions
from eendracht.resilience.answers import Asked, ask_question, record_answer
from eendracht.resilience.signatures import Judgement, signed_bytes, take_document
from eendracht.resilience.supplier_files import (
    FiledAnswer,
    FiledQuestion,
    OpenSupplier,
    State,
    SupplierFile,
    list_open,
    open_file,
)

router = APIRouter(tags=["resilience"], dependencies=[refuse_questions])


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class QuestionText(_Shape):
    """A text in Dutch and in English."""

    nl: str
    en: str


class ShippedQuestion(_Shape):
    """A question that ships, with why it is asked and on what that rests."""

    code: str
    topic: str
    text: QuestionText
    why: QuestionText
    sources: list[str]


class ShippedQuestions(_Shape):
    """All questions that ship."""

    supplier_questions: list[ShippedQuestion]


class AskerAnswer(_Shape):
    """An organisation that asked."""

    organisation: str
    name: str
    asked_on: date
    days: int
    """Since it asked."""
    answer_before: date | None
    is_late: bool


class LinkedAnswer(_Shape):
    """Something that an answer names; the name is empty where no record of it is known."""

    ref: str
    name: str


class AttachmentAnswer(_Shape):
    """A file that goes with an answer."""

    name: str
    media_type: str
    sha256: str
    url: str


class FiledAnswerShape(_Shape):
    """An answer with what its signature is worth today."""

    ref: str
    recorded_by: str
    answer: str
    valid_from: date
    valid_until: date
    """First day on which it no longer counts."""
    signed_at: str | None
    key: str | None
    signature: str
    signature_state: Judgement
    confirmed_by: str
    """Who vouches for the key; empty where nobody does."""
    attachments: list[AttachmentAnswer]
    sub_processors: list[LinkedAnswer]
    components: list[LinkedAnswer]
    """Components of which an imported bill gives the SHA-256 of an attachment."""
    signed_content: str
    """The bytes under the signature (canonical JSON), so that anybody can check it; empty where it is not signed."""


class FiledQuestionShape(_Shape):
    """A question of one customer or many, and its state."""

    code: str
    topic: str
    text: QuestionText
    state: State
    is_open: bool
    waiting_days: int | None
    sources: list[str]
    askers: list[AskerAnswer]
    answers: list[FiledAnswerShape]


class FiledKeyShape(_Shape):
    """A key of the supplier."""

    ref: str
    name: str
    algorithm: str
    state: Literal["confirmed", "unconfirmed", "revoked", "ended", "not-yet"]
    confirmed_by: str


class SupplierFileAnswer(_Shape):
    """The file of a supplier: open questions first."""

    supplier: str
    name: str
    names: list[str]
    """Refs that are settled to be this supplier."""
    synthetic: bool
    questions: list[FiledQuestionShape]
    keys: list[FiledKeyShape]


class OpenSupplierShape(_Shape):
    """A supplier with what is open."""

    ref: str
    name: str
    open: int
    askers: int
    answered: int
    expiring: int
    silent: int
    longest_days: int


class SupplierFilesAnswer(_Shape):
    """The suppliers to whom anything was asked, the most open questions first."""

    supplier_files: list[OpenSupplierShape]


class RecordedAnswer(_Shape):
    """What was recorded."""

    ref: str
    uid: str
    generation: int
    rv: int


class QuestionGiven(_Shape):
    """A question to a supplier: a code that ships, or one of one's own with topic and text."""

    supplier: RefName
    code: str = Field(max_length=100)
    organisation: str = Field(default="", max_length=221)
    """Who asks; may be left out by whoever is editor of one organisation."""
    topic: str = Field(default="", max_length=40)
    text: str = Field(default="", max_length=300)
    answer_before: date | None = None


class SignedAnswerGiven(_Shape):
    """A signed document that an organisation received from a supplier."""

    document: dict[str, Any]
    """As the supplier signed it, `eendracht-supplier-answer/1`."""
    organisation: str = Field(default="", max_length=221)
    """Who records it; may be left out by whoever is editor of one organisation."""


@router.get("/resilience/supplier-question-texts", **describe(ShippedQuestions))
def list_question_texts(_: AskerOf) -> Response:
    """List the questions that ship; the same for everybody."""
    questions = [
        {
            "code": item.code,
            "topic": item.topic,
            "text": {"nl": item.text_nl, "en": item.text_en},
            "why": {"nl": item.why_nl, "en": item.why_en},
            "sources": list(item.sources),
        }
        for item in load_supplier_questions().values()
    ]
    return json_response({"supplierQuestions": questions})


@router.get("/resilience/supplier-files", **describe(SupplierFilesAnswer, errors=(403,)))
def list_supplier_files(instance: InstanceOf, asker: AskerOf) -> Response:
    """List the suppliers to whom anything was asked, with how much is open and for how long."""
    require_insider(asker.principal)
    return json_response({"supplierFiles": [_say_open(item) for item in list_open(instance.store, asker.principal)]})


@router.get("/resilience/supplier-files/{name:path}", **describe(SupplierFileAnswer, errors=(403, 404)))
def get_supplier_file(name: Name, instance: InstanceOf, asker: AskerOf) -> Response:
    """Give the file of a supplier: each question with who asked, what was answered, and what the signature is worth."""
    require_insider(asker.principal)
    return json_response(say_file(open_file(instance.store, asker.principal, name)))


@router.post(
    "/resilience/supplier-questions",
    **describe(RecordedAnswer, status=201, body=body_schema(QuestionGiven), errors=(403, 409, 413, 415)),
)
async def post_question(instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """Ask a supplier something as an editor of an organisation; the same question of others is one question."""
    author = asker.require_write()
    given = require_valid(QuestionGiven, await read_json(request), "The question")
    asked = Asked(**{name: getattr(given, name) for name in QuestionGiven.model_fields})
    return _say_written(await asyncio.to_thread(ask_question, instance.store, author, asked))


@router.post(
    "/resilience/supplier-answers",
    **describe(RecordedAnswer, status=201, body=body_schema(SignedAnswerGiven), errors=(403, 413, 415)),
)
async def post_answer(instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """Record a signed answer as an editor of an organisation; one of which the signature does not hold is refused."""
    author = asker.require_write()
    given = require_valid(SignedAnswerGiven, await read_json(request), "The signed answer")
    answer = take_document(given.document)
    return _say_written(await asyncio.to_thread(record_answer, instance.store, author, answer, given.organisation))


def _say_written(written: Written) -> Response:
    content = {"ref": written.ref, "uid": written.uid, "generation": written.generation, "rv": written.rv}
    return json_response(content, 201)


def _say_open(item: OpenSupplier) -> dict[str, Any]:
    return {to_camel(name): value for name, value in asdict(item).items()}


def say_file(file: SupplierFile) -> dict[str, Any]:
    """Give a file as plain data."""
    return {
        "supplier": file.supplier.ref,
        "name": file.supplier.name,
        "names": list(file.names),
        "synthetic": file.supplier.is_synthetic,
        "questions": [_say_question(question) for question in file.questions],
        "keys": [_camel(asdict(key)) for key in file.keys],
    }


def _say_question(question: FiledQuestion) -> dict[str, Any]:
    return {
        "code": question.code,
        "topic": question.topic,
        "text": dict(question.text),
        "state": question.state,
        "isOpen": question.is_open,
        "waitingDays": question.waiting_days,
        "sources": list(question.sources),
        "askers": [_camel(asdict(asker)) for asker in question.askers],
        "answers": [_say_answer(answer) for answer in question.answers],
    }


def _say_answer(filed: FiledAnswer) -> dict[str, Any]:
    content = filed.answer.model_dump(mode="json", by_alias=True)
    kept = ("answer", "validFrom", "validUntil", "signedAt", "key", "signature", "attachments")
    return {
        "ref": filed.ref,
        "recordedBy": filed.recorded_by,
        **{name: content[name] for name in kept},
        "signatureState": filed.judgement,
        "confirmedBy": filed.confirmed_by,
        "subProcessors": [_camel(asdict(item)) for item in filed.sub_processors],
        "components": [_camel(asdict(item)) for item in filed.components],
        "signedContent": signed_bytes(filed.answer).decode() if filed.answer.signature else "",
    }


def _camel(values: Mapping[str, Any]) -> dict[str, Any]:
    return {to_camel(name): value for name, value in values.items()}
