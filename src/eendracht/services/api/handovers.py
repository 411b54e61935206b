"""Hand-overs over HTTP: offer, look, accept, decline, withdraw, and what another node offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from eendracht.kernel.access import Principal
from eendracht.kernel.instance import Instance
from eendracht.kit.body import body_schema
from eendracht.kit.routing import Asker, AskerOf, InstanceOf, describe, refuse_questions
from eendracht.services import handover_delivery, handover_views, handovers
from eendracht.services.api.quiet import answer_quietly, read_body
from eendracht.services.case_requests import (
    ArrivedAnswer,
    ContentAnswer,
    DeclineGiven,
    HandoverAnswer,
    HandoverAnswers,
    IncomingDocumentGiven,
    IncomingGiven,
    OfferGiven,
    print_handovers,
)
from eendracht.services.case_views import HandoverView

router = APIRouter(tags=["handovers"], dependencies=[refuse_questions])

IdPath = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$", description="Id of a hand-over")]


@router.post(
    "/handovers", **describe(HandoverAnswer, status=201, body=body_schema(OfferGiven), errors=(403, 404, 409, 413, 415))
)
async def offer_handover(instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """Offer a case to another organisation, as an editor of the one that is responsible.

    More than was submitted goes along only on a ground or by consent.
    """
    author = asker.require_write()
    given = await read_body(request, OfferGiven)
    return await answer_quietly(lambda: handovers.offer(instance, author, given.to_offer()).as_dict(), 201)


@router.get("/handovers", **describe(HandoverAnswers))
async def list_handovers(instance: InstanceOf, asker: AskerOf) -> Response:
    """List the hand-overs that wait, to and from the organisations of the asker."""
    return await answer_quietly(lambda: print_handovers(handover_views.list_waiting(instance, asker.principal)))


@router.post(
    "/handovers/incoming",
    **describe(HandoverAnswer, status=201, body=body_schema(IncomingGiven), errors=(403, 404, 409, 413, 415)),
)
async def receive_handover(instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """Take what another node offers to an organisation of this one; the same one again is there already."""
    author = asker.require_write()
    incoming = (await read_body(request, IncomingGiven)).to_incoming()
    return await answer_quietly(lambda: handover_delivery.receive(instance, author, incoming).as_dict(), 201)


@router.post(
    "/handovers/incoming/documents",
    **describe(ArrivedAnswer, status=201, body=body_schema(IncomingDocumentGiven), errors=(403, 404, 409, 413, 415)),
)
async def receive_document(instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """Take a document that goes along with a hand-over that another node offers next; the same one again is there."""
    author = asker.require_write()
    given = await read_body(request, IncomingDocumentGiven)

    def _keep() -> dict[str, object]:
        handover_delivery.receive_document(instance, author, given.to_incoming())
        return {"number": given.number}

    return await answer_quietly(_keep, 201)


@router.get("/handovers/{handover}", **describe(HandoverAnswer, errors=(404,)))
async def get_handover(handover: IdPath, instance: InstanceOf, asker: AskerOf) -> Response:
    """Give the state of a hand-over, for its parties and the person whose case it is."""
    return await answer_quietly(lambda: handover_views.get_handover(instance, asker.principal, handover).as_dict())


@router.post("/handovers/{handover}/look", **describe(ContentAnswer, errors=(403, 404)))
async def look_at_handover(handover: IdPath, instance: InstanceOf, asker: AskerOf) -> Response:
    """Show an editor of a party what a hand-over takes along; each look is on the journal."""

    def _look() -> dict[str, object]:
        found = handovers.open_content(instance, asker.principal, handover)
        return {
            "handover": found.view.as_dict(),
            "serviceName": found.service_name,
            "about": {"nl": found.about.nl, "en": found.about.en},
            "form": found.form,
            "answers": found.answers,
            "extra": found.extra,
            "documents": list(found.documents),
        }

    return await answer_quietly(_look)


@router.post("/handovers/{handover}/accept", **describe(HandoverAnswer, errors=(403, 404, 409)))
async def accept_handover(handover: IdPath, instance: InstanceOf, asker: AskerOf) -> Response:
    """Take a case over, as an editor of the receiver, which is responsible from this moment."""
    return await _answer(handovers.accept, instance, asker, handover)


@router.post(
    "/handovers/{handover}/decline",
    **describe(HandoverAnswer, body=body_schema(DeclineGiven), errors=(403, 404, 409, 413, 415)),
)
async def decline_handover(handover: IdPath, instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """Say as an editor of the receiver that a case is not for it; the sender stays responsible."""
    author = asker.require_write()
    given = await read_body(request, DeclineGiven)
    return await answer_quietly(lambda: handovers.decline(instance, author, handover, given.reason).as_dict())


@router.post("/handovers/{handover}/withdraw", **describe(HandoverAnswer, errors=(403, 404, 409)))
async def withdraw_handover(handover: IdPath, instance: InstanceOf, asker: AskerOf) -> Response:
    """Take an offer back, as an editor of the sender."""
    return await _answer(handovers.withdraw, instance, asker, handover)


async def _answer(
    verb: Callable[[Instance, Principal, str], HandoverView], instance: Instance, asker: Asker, handover: str
) -> Response:
    author = asker.require_write()
    return await answer_quietly(lambda: verb(instance, author, handover).as_dict())
