"""Forms over HTTP: the state of a form in, the next question or the result out; nothing of it is kept."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from eendracht.kernel.clock import today
from eendracht.kernel.instance import Instance
from eendracht.kernel.kinds.fields import Day
from eendracht.kit.body import body_schema, read_json
from eendracht.kit.routing import AskerOf, InstanceOf, describe, json_response, refuse_questions
from eendracht.services.forms.guard import worked_out_quietly
from eendracht.services.forms.requests import FormRequest, answer_form, read_form_request

router = APIRouter(tags=["services"])

MOST_BYTES: Final = 256 * 2**10
_NOTHING_KEPT: Final = {"Cache-Control": "no-store"}


class FormStep(BaseModel):
    """Where a form stands: the next question or none, every outcome so far, and what registers said."""

    date: Day
    isDone: bool
    question: dict[str, Any] | None
    outcomes: list[dict[str, Any]]
    known: list[dict[str, Any]]
    notice: dict[str, str]
    """That this is information and no decision, in Dutch and English."""


@router.post(
    "/forms",
    dependencies=[refuse_questions],
    **describe(FormStep, body=body_schema(FormRequest), errors=(404, 413, 415)),
)
async def take_form_step(instance: InstanceOf, _: AskerOf, request: Request) -> Response:
    """Give the next question of a form, or its result; what a given register has is never asked.

    Nothing of the request is kept. The outcome is information, not a decision.
    """
    content = await read_json(request, MOST_BYTES)
    return json_response(await asyncio.to_thread(_answer, instance, content), headers=_NOTHING_KEPT)


def _answer(instance: Instance, content: Any) -> dict[str, Any]:
    asked = read_form_request(content)
    with worked_out_quietly():
        return answer_form(instance.lawbook.library, asked, today(instance.store.clock))
