"""Cases over HTTP: submit, follow, confirm, consent; a person reaches its own, an editor those of its organisation."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from eendracht.kernel.errors import Denied, NotFound
from eendracht.kernel.records import Level
from eendracht.kit.body import body_schema
from eendracht.kit.routing import AskerOf, InstanceOf, describe, refuse_questions
from eendracht.services import cases, consents
from eendracht.services.api.quiet import answer_quietly, read_body, run_quietly
from eendracht.services.case_index import CaseIndex, hash_address
from eendracht.services.case_jobs import ask_once
from eendracht.services.case_requests import (
    CaseAnswer,
    CaseAnswers,
    CaseListing,
    ConfirmationAnswers,
    ConsentAnswer,
    ConsentGiven,
    NotificationGiven,
    SubmissionGiven,
    print_cases,
)
from eendracht.services.zgw.notifications import CHANNEL

router = APIRouter(tags=["cases"], dependencies=[refuse_questions])

MOST_NOTIFICATION_BYTES: Final = 64 * 2**10
IdPath = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$", description="Id of a case or consent")]
Code = Annotated[str, Path(pattern=r"^[a-z0-9._-]{1,100}$", description="Code of an organisation", examples=["gm0344"])]


@router.post(
    "/cases", **describe(CaseAnswer, status=201, body=body_schema(SubmissionGiven), errors=(403, 404, 409, 413))
)
async def submit_case(instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """Submit something: it is received, confirmed, and put in the case register of the organisation.

    By the person, or by an editor of the organisation for that person. A register that does not answer gets it later.
    """
    author = asker.require_write()
    given = await read_body(request, SubmissionGiven)
    submission = given.to_submission(author.subject)
    if not submission.subject:
        raise Denied("Name the person for whom this is")
    return await answer_quietly(lambda: cases.submit(instance, author, submission).as_dict(), 201)


@router.post("/case-listings", **describe(CaseAnswers, body=body_schema(CaseListing), errors=(413, 415)))
async def list_cases(instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """List the cases of a person that the asker may see, the newest first, each with its hand-overs."""
    given = await read_body(request, CaseListing)
    subject = given.subject or asker.principal.subject
    return await answer_quietly(lambda: print_cases(cases.list_cases(instance, asker.principal, subject)))


@router.get("/cases/{case}", **describe(CaseAnswer, errors=(404,)))
async def get_case(case: IdPath, instance: InstanceOf, asker: AskerOf) -> Response:
    """Give a case as it was last read from its register."""
    return await answer_quietly(lambda: cases.get_case(instance, asker.principal, case).as_dict())


@router.post("/cases/{case}/refresh", **describe(CaseAnswer, errors=(404, 409)))
async def refresh_case(case: IdPath, instance: InstanceOf, asker: AskerOf) -> Response:
    """Read status and deadline of a case anew from its register."""
    return await answer_quietly(lambda: cases.refresh(instance, asker.principal, case).as_dict())


@router.get("/cases/{case}/confirmations", **describe(ConfirmationAnswers, errors=(404,)))
async def list_confirmations(case: IdPath, instance: InstanceOf, asker: AskerOf) -> Response:
    """Give the confirmations of receipt of a case, as they were given."""

    def _list() -> dict[str, Any]:
        return {"confirmations": cases.list_confirmations(instance, asker.principal, case)}

    return await answer_quietly(_list)


@router.post(
    "/cases/{case}/consents", **describe(ConsentAnswer, status=201, body=body_schema(ConsentGiven), errors=(403, 404))
)
async def give_consent(case: IdPath, instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """Let named data go along with a case to another organisation, besides what was submitted."""
    author = asker.require_write()
    given = await read_body(request, ConsentGiven)
    return await answer_quietly(
        lambda: consents.give_consent(instance, author, case, given.receiver, given.fields).as_dict(), 201
    )


@router.post("/case-consents/{consent}/revoke", **describe(ConsentAnswer, errors=(403, 404)))
async def revoke_consent(consent: IdPath, instance: InstanceOf, asker: AskerOf) -> Response:
    """Take a consent back; open hand-overs that rest on it are withdrawn."""
    author = asker.require_write()
    return await answer_quietly(lambda: consents.revoke_consent(instance, author, consent).as_dict())


@router.post(
    "/case-notifications/{code}",
    **describe(status=204, body=body_schema(NotificationGiven), errors=(403, 404, 413, 415)),
)
async def take_notification(code: Code, instance: InstanceOf, asker: AskerOf, request: Request) -> Response:
    """Hear from the register of an organisation that a case changed (Notificaties API 1.0).

    The register sends a token of this node along, of a principal with a role for that organisation. What the
    notification says is not believed: the case is read anew.
    """
    organisation = f"organisation:{code}"
    if asker.is_public or not asker.principal.may_see(Level.ORGANISATION, organisation):
        raise NotFound()
    found = await read_body(request, NotificationGiven, MOST_NOTIFICATION_BYTES)
    if found.kanaal == CHANNEL:
        await run_quietly(lambda: _ask_refresh(instance, organisation, found.hoofdObject))
    return Response(status_code=204)


def _ask_refresh(instance: Any, organisation: str, address: str) -> None:
    rows = CaseIndex(instance.store).find_cases(
        "address_hash = ? AND controller = ?", (hash_address(address), organisation)
    )
    for row in rows:
        ask_once(instance, "case-refresh", {"case": row.id}, organisation)
