"""What the routes on cases and hand-overs are asked, and what they answer; every fault at once, each with its place."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from eendracht.kernel.identity import REF_PATTERN
from eendracht.kernel.kinds.fields import Day
from eendracht.services.case_topics import MOST_PRODUCTS
from eendracht.services.case_views import CaseView, HandoverView
from eendracht.services.cases import Submission
from eendracht.services.decision_terms import Form
from eendracht.services.handover_delivery import Incoming, IncomingDocument
from eendracht.services.handovers import Extra, Offer
from eendracht.services.registers import Document, document_of

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
"""The id of a case, hand-over or consent."""
Ref = Annotated[str, StringConstraints(pattern=REF_PATTERN, max_length=221)]
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9._:/-]{0,159}$")]
AnswerValue = (
    Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]
    | bool
    | Annotated[int, Field(gt=-(2**53), lt=2**53)]
    | None
)
Answers = Annotated[dict[FieldName, AnswerValue], Field(max_length=500)]
Number = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
"""By which a document of a hand-over is known."""
Products = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=300)], ...], Field(max_length=MOST_PRODUCTS)
]
Labels = Annotated[dict[FieldName, Line], Field(max_length=500)]


_BASE64_PATTERN: Final = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
"""For whoever reads the description; who reads the content decodes it."""


class _Request(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class DocumentGiven(_Request):
    """An attachment."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
    content: Annotated[
        str, StringConstraints(max_length=28 * 2**20), Field(json_schema_extra={"pattern": _BASE64_PATTERN})
    ]
    """In base64."""
    file_name: Line = ""
    media_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=100)] = (
        "application/octet-stream"
    )

    @field_validator("content")
    @classmethod
    def _is_base64(cls, value: str) -> str:
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise PydanticCustomError("not_base64", "Write the content in base64") from None
        return value

    def to_document(self, number: str = "") -> Document:
        """Give the document as the library takes it."""
        return document_of(number, self.title, base64.b64decode(self.content), self.media_type, self.file_name)


Documents = Annotated[tuple[DocumentGiven, ...], Field(max_length=50)]


class SubmissionGiven(_Request):
    """What somebody submits."""

    organisation: Ref
    """Who it is for, as far as is known; another passes it on."""
    form: Form
    subject: Line = ""
    """Pseudonym of the person; a person leaves it out, an editor names whom it is for."""
    service: Ref | Literal[""] = ""
    products: Products = ()
    """Names, terms or URIs in the Uniforme Productnamenlijst; left out, they follow from the service."""
    answers: Answers = {}
    documents: Documents = ()
    labels: Labels = {}
    """What people call the answers."""
    received_on: Day | None = None
    """Day on which paper came in; today where it is left out."""
    objection_term_ends: Day | None = None
    """Last day on which could be objected."""
    key: Line = ""
    """Own id of the form: the same one again is the same case."""

    def to_submission(self, subject: str) -> Submission:
        """Give the submission as the library takes it."""
        return Submission(
            subject=self.subject or subject,
            organisation=self.organisation,
            form=self.form,
            answers=self.answers,
            documents=tuple(item.to_document() for item in self.documents),
            service=self.service,
            products=self.products,
            labels=self.labels,
            received_on=self.received_on,
            objection_term_ends=self.objection_term_ends,
            key=self.key,
        )


class CaseListing(_Request):
    """Whose cases are asked."""

    subject: Line = ""
    """Pseudonym of the person; a person leaves it out."""


class ConsentGiven(_Request):
    """What a person lets go along, and to whom."""

    receiver: Ref
    fields: Annotated[tuple[FieldName, ...], Field(min_length=1, max_length=100)]


class ExtraGiven(_Request):
    """Something that goes along although it was not submitted."""

    name: FieldName
    value: Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]
    source: Ref | Literal[""] = ""
    """Dataset that it comes from; needed on a ground."""


class OfferGiven(_Request):
    """A hand-over that is proposed."""

    case: Id
    receiver: Ref
    extra: Annotated[tuple[ExtraGiven, ...], Field(max_length=100)] = ()
    ground: Ref | Literal[""] = ""
    """Record of the ground on which the extra goes along."""
    purpose: Line = ""
    consent: Id | Literal[""] = ""
    """Consent on which the extra goes along."""

    def to_offer(self) -> Offer:
        """Give the offer as the library takes it."""
        extra = tuple(Extra(item.name, item.value, item.source) for item in self.extra)
        return Offer(self.case, self.receiver, extra, self.ground, self.purpose, self.consent)


class NotificationGiven(BaseModel):
    """A notification of the Notificaties API; nothing of it is believed, and what it has besides is left aside."""

    kanaal: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    hoofdObject: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    resource: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    resourceUrl: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    actie: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    aanmaakdatum: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    kenmerken: dict[str, Any] = {}


class DeclineGiven(_Request):
    """Why a hand-over is declined."""

    reason: Literal["not-competent", "incomplete", "duplicate", "other"]


class IncomingGiven(_Request):
    """A hand-over that another node offers."""

    handover: Id
    sender: Ref
    receiver: Ref
    matter: Line
    case: Id
    form: Form
    first_received_on: Day
    service: Ref | Literal[""] = ""
    service_name: Line = ""
    products: Products = ()
    """Terms in the Uniforme Productnamenlijst of the sender."""
    objection_term_ends: Day | Literal[""] = ""
    answers: Answers = {}
    documents: Annotated[tuple[Number, ...], Field(max_length=50)] = ()
    """Numbers of the documents, each of which was sent before."""
    labels: Labels = {}
    extra: Annotated[dict[FieldName, str], Field(max_length=100)] = {}
    is_withdrawn: bool = False

    def to_incoming(self) -> Incoming:
        """Give the hand-over as the library takes it."""
        plain = self.model_dump(exclude={"objection_term_ends"})
        ends = self.objection_term_ends
        return Incoming(**plain, objection_term_ends=ends.isoformat() if ends else "")


class IncomingDocumentGiven(DocumentGiven):
    """A document of a hand-over that another node is about to offer."""

    handover: Id
    sender: Ref
    receiver: Ref
    number: Number

    def to_incoming(self) -> IncomingDocument:
        """Give the document as the library takes it."""
        return IncomingDocument(self.handover, self.sender, self.receiver, self.to_document(self.number))


class _Answer(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class ArrivedAnswer(_Answer):
    """A document that came."""

    number: str


class HandoverAnswer(_Answer):
    """A hand-over: its state, who is responsible, and what the person is told."""

    id: str
    case: str
    sender: str
    receiver: str
    state: Literal["offered", "escalated", "accepted", "declined", "withdrawn"]
    firstReceivedOn: str
    offeredOn: str
    escalatesOn: str
    reason: str
    isDelivered: bool
    responsible: str
    telling: dict[str, str]


class HandoverAnswers(_Answer):
    """Hand-overs that wait for an answer."""

    handovers: list[HandoverAnswer]


class ContentAnswer(_Answer):
    """What a hand-over takes along."""

    handover: HandoverAnswer
    serviceName: str
    about: dict[str, str]
    form: str
    answers: dict[str, Any]
    extra: dict[str, Any]
    documents: list[str]


class CaseAnswer(_Answer):
    """A case: reference, status, deadline, who is responsible, and its hand-overs."""

    id: str
    matter: str
    organisation: str
    service: str
    serviceName: str
    products: list[str]
    about: dict[str, str]
    """What it is about, by language; empty where nobody said it."""
    form: str
    number: str
    firstReceivedOn: str
    submittedOn: str
    decideBy: str | None
    decideByArticle: str
    deadline: str | None
    endedOn: str | None
    status: str
    statusAt: str
    readAt: str
    state: Literal["waiting", "registered", "handed-over"]
    isResponsible: bool
    telling: dict[str, str]
    handovers: list[HandoverAnswer]


class CaseAnswers(_Answer):
    """Cases of a person."""

    cases: list[CaseAnswer]


class ConfirmationAnswers(_Answer):
    """Confirmations of receipt of a case, in Dutch and English."""

    confirmations: list[dict[str, Any]]


class ConsentAnswer(_Answer):
    """A consent."""

    id: str
    case: str
    receiver: str
    fields: list[str]
    givenOn: str
    revokedOn: str


def print_handovers(views: list[HandoverView]) -> dict[str, Any]:
    """Give hand-overs as the API prints them."""
    return {"handovers": [view.as_dict() for view in views]}


def print_cases(views: list[CaseView]) -> dict[str, Any]:
    """Give cases as the API prints them."""
    return {"cases": [view.as_dict() for view in views]}
