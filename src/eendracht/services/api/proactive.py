"""Proactive runs over HTTP: who leaves what unused, in counts; the work is a job."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.identity import REF_PATTERN
from eendracht.kernel.kinds.fields import Day
from eendracht.kernel.validation import validate
from eendracht.kit.body import body_schema, read_json
from eendracht.kit.routing import DYNAMIC, AskerOf, InstanceOf, describe, json_response, refuse_questions

router = APIRouter(tags=["services"])

MOST_BYTES: Final = 2**16
Ref = Annotated[str, StringConstraints(pattern=REF_PATTERN, max_length=221)]
Word = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f-\x9f=]*$", max_length=200)]
M = TypeVar("M", bound=BaseModel)
Law = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f-\x9f]+$", max_length=400)]


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class ProactiveRunRequest(_Shape):
    """Which benefits are held against which population, on which grounds, and who answers for it."""

    population: Ref
    """The record of the population."""
    laws: Annotated[tuple[Law, ...], Field(min_length=1, max_length=20)]
    """Each as `law:output`; `:12` or `:4` behind it where the amount is of a month or quarter, `:own` or `:shared`."""
    date: Day
    """Day on which the laws are asked."""
    controller: Ref
    """The organisation that answers for the use."""
    grounds: Annotated[tuple[Ref, ...], Field(max_length=20)] = ()
    """The records of the grounds, one for each law; a synthetic population needs none."""
    purpose: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")] = ""
    """What the data are used for, in the words of the grounds."""
    dpia: Ref | None = None
    """The processing activity of which the DPIA was done."""
    approver: Annotated[str, StringConstraints(max_length=160)] = ""
    """The role that approves, as `role:gm0344/teammanager`; never a person."""
    threshold: Annotated[int, Field(ge=0, lt=2**53)] = 0
    """List amounts from so many eurocents a year."""
    estimates: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    """Columns of which the value is an estimate, such as the income of the running year."""
    estimate_flag: Word = ""
    """Column that says for whom it is an estimate; empty: for everybody."""
    registers: Annotated[dict[Word, Word], Field(max_length=20, json_schema_extra={"additionalProperties": False})] = {}
    """Names of tables and columns that differ from the usual ones, such as `deceased`: `overleden`."""


class SendRequest(_Shape):
    """By which way the messages of an approved run leave."""

    way: Literal["print", "webhook"]


class ProactiveJob(_Shape):
    """The job that does what was asked, and where to follow it."""

    id: str
    address: str


async def _read_run(request: Request) -> ProactiveRunRequest:
    return _require(ProactiveRunRequest, await read_json(request, MOST_BYTES))


async def _read_send(request: Request) -> SendRequest:
    return _require(SendRequest, await read_json(request, MOST_BYTES))


def _require(model: type[M], content: Any) -> M:
    asked, faults = validate(model, content)
    if asked is None or faults:
        raise InvalidInput(f"The request has {len(faults)} fault(s)", faults=faults)
    return asked


@router.post(
    "/proactive-runs",
    dependencies=[refuse_questions],
    **describe(ProactiveJob, status=202, body=body_schema(ProactiveRunRequest), errors=(403, 404, 409, 413, 415)),
)
def ask_run(
    instance: InstanceOf, asker: AskerOf, asked: Annotated[ProactiveRunRequest, Depends(_read_run)]
) -> Response:
    """Ask who is entitled to something and does not use it, as an editor of the organisation that answers for it.

    Refused with every fault at once where a ground, the DPIA or the approver is missing. The job gives counts, in which
    no group of fewer than ten shows.
    """
    from eendracht.services.proactive.asking import ProactiveAsk, ask_proactive_run

    wanted = ProactiveAsk(
        asked.population,
        asked.laws,
        asked.date,
        asked.controller,
        asked.grounds,
        asked.purpose,
        asked.dpia or "",
        asked.approver,
        asked.threshold,
        asked.estimates,
        asked.estimate_flag,
        asked.registers,
    )
    return _followed(ask_proactive_run(instance, asker.require_write(), wanted))


JobName = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,79}$", description="Id of a run")]


@router.post(
    "/proactive-runs/{job}/messages",
    dependencies=[refuse_questions],
    **describe(ProactiveJob, status=202, body=body_schema(SendRequest), errors=(403, 404, 409, 413, 415)),
)
def approve_run(
    job: JobName, instance: InstanceOf, asker: AskerOf, asked: Annotated[SendRequest, Depends(_read_send)]
) -> Response:
    """Approve the list of a run and let its messages leave, as another editor than the one who asked for it."""
    from eendracht.services.proactive.sending import ask_sending

    return _followed(ask_sending(instance, asker.require_write(), job, asked.way))


def _followed(job: str) -> Response:
    address = f"/v1/jobs/{job}"
    return json_response({"id": job, "address": address}, 202, {**DYNAMIC, "Location": address})
