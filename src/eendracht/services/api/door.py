"""The right door over HTTP, open to pages of other sites. Free text stands in the body, never in an address.

Nothing of the text is kept: not in the log, not in a figure, not in an error. How a question ended counts as one of a
day.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kernel.errors import EendrachtError, InvalidInput
from eendracht.kernel.validation import validate
from eendracht.kit.body import body_schema, read_json
from eendracht.kit.problem import InternalError, problem_response
from eendracht.kit.routing import AskerOf, InstanceOf, describe, json_response, refuse_questions
from eendracht.services.experience.elsewhere import count_answer

router = APIRouter(tags=["services"])

MOST_BYTES: Final = 128 * 2**10
"""Largest body; 10,000 characters of it are read."""

_OPEN: Final = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
_PREFLIGHT: Final = {
    **_OPEN,
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}
_LOG = logging.getLogger("eendracht.services.door")


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class DoorQuestion(_Shape):
    """What somebody asks, in their own words."""

    text: str
    """Free text in Dutch or English; the first 10,000 characters are read, and nothing of it is kept."""
    audience: Literal["", "citizen", "business"] = ""
    municipality: Annotated[str, StringConstraints(pattern=r"^(gm[0-9]{4})?$")] = ""
    """Code of the municipality where they live; a former one gives way to its successor."""
    language: Literal["nl", "en"] | None = None
    """Language of the sentences in the answer; both where it is left out."""
    through: Literal["", "component"] = ""
    """`component` where `<eendracht-deur>` asks. Of a question is counted, as one of a day, this and how it ended."""


class Told(_Shape):
    """A sentence in Dutch, English or both."""

    nl: str | None = None
    en: str | None = None


class DoorAuthority(_Shape):
    """A public body; without a code it is not known which one."""

    level: str
    code: str | None
    name: Told


class DoorHit(_Shape):
    """One product or service that the question may be about."""

    product: str
    """Name in the Uniforme Productnamenlijst; empty for a service that stands on no list."""
    uri: str
    name: str
    level: str
    authority: DoorAuthority
    other_authorities: list[DoorAuthority]
    """Bodies of other levels that give the same product."""
    service: str | None
    """Ref of the record of the service at that body."""
    audiences: list[str]
    score: float
    reason: Told


class DoorEvent(_Shape):
    """An event in a life or a business."""

    code: str
    name: Told


class DoorAnswer(_Shape):
    """Products for a question, best first, or that none of them is sure enough."""

    hits: list[DoorHit]
    is_none: bool
    """None of the hits is sure enough: a person should help."""
    hand_over: Told | None
    removed: list[Literal["bsn"]]
    """What was recognised in the text and left out before it was read."""
    remarks: list[Told]
    event: DoorEvent | None
    """The event that the question tells of: `GET /v1/life-events` lists what each takes."""


async def _read_question(request: Request) -> DoorQuestion | EendrachtError:
    try:
        question, faults = validate(DoorQuestion, await read_json(request, MOST_BYTES))
    except EendrachtError as error:
        return error
    if question is None or faults:
        return InvalidInput(f"The request has {len(faults)} fault(s)", faults=faults)
    return question


Asked = Annotated[DoorQuestion | EendrachtError, Depends(_read_question)]


@router.post(
    "/door",
    dependencies=[refuse_questions],
    **describe(DoorAnswer, body=body_schema(DoorQuestion), errors=(404, 413, 415)),
)
def ask_door(instance: InstanceOf, _: AskerOf, question: Asked) -> Response:
    """Find the public service for a question in plain words, and the body that gives it.

    Pages of other origins may ask. Nothing of the text is kept; a citizen service number in it is left out first.
    """
    try:
        if isinstance(question, EendrachtError):
            raise question
        return json_response(_answer(instance, question), headers=_OPEN)
    except EendrachtError as error:
        response = problem_response(error)
        response.headers.update(_OPEN)
        return response


@router.options("/door", include_in_schema=False)
def allow_door() -> Response:
    """Tell a browser that pages of other origins may ask."""
    return Response(None, 204, _PREFLIGHT)


def _answer(instance: Any, question: DoorQuestion) -> Mapping[str, Any]:
    from eendracht.services.door.recorded import door_of

    organisation = f"organisation:{question.municipality}" if question.municipality else ""
    try:
        found = door_of(instance.store).find(
            question.text, municipality=question.municipality, audience=question.audience
        )
        count_answer(instance, found, organisation, is_component=question.through == "component")
    except EendrachtError:
        raise
    except Exception as error:  # noqa: BLE001 - its text may hold what was asked
        _LOG.error("not foreseen: %s", type(error).__name__)
        raise InternalError("Something went wrong that was not foreseen") from None
    answer = found.as_dict()
    return answer if question.language is None else _in_language(answer, question.language)


def _in_language(value: Any, language: str) -> Any:
    """Leave out the other language of every sentence."""
    if isinstance(value, dict):
        if set(value) == {"nl", "en"}:
            return {language: value[language]}
        return {key: _in_language(item, language) for key, item in value.items()}
    return [_in_language(item, language) for item in value] if isinstance(value, list) else value
