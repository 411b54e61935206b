"""The duty to report incidents over HTTP: the clock, opening an incident, and saying what was filed."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kernel.disclosure import require_insider
from eendracht.kernel.validation import require_valid
from eendracht.kit.body import body_schema, read_json
from eendracht.kit.questions import RecordName, RefName
from eendracht.kit.routing import AskerOf, InstanceOf, Name, describe, json_response, refuse_questions
from eendracht.resilience.incidents.register import IncidentFile
from eendracht.resilience.incidents.terms import TERMS, Due, Stage, State

router = APIRouter(prefix="/resilience", tags=["resilience"], dependencies=[refuse_questions])
Line = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(max_length=10_000, strip_whitespace=True, pattern=r"^[^\x00]*$")]


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class DueShape(_Shape):
    """How one report of an incident stands."""

    stage: Stage
    state: State
    due_at: datetime | None
    filed_at: datetime | None
    provisional: bool
    """Whether the moment still moves, because the report from which it is counted was not filed yet."""
    seconds_left: int | None
    """Below zero where it is too late; null where nothing is to be filed."""
    source: str
    """Article of the directive on which the term rests."""


class IncidentShape(_Shape):
    """An incident with its reports."""

    ref: str
    name: str
    organisation: str
    detected_at: datetime
    significant: Literal["yes", "no", "unknown"]
    status: Literal["open", "handled"]
    generation: int
    reports: list[DueShape]
    synthetic: bool


class IncidentsAnswer(_Shape):
    """The incidents that the asker may see, the first report that is due first."""

    now: datetime
    incidents: list[IncidentShape]


class IncidentWritten(_Shape):
    """What was recorded."""

    ref: str


class _Given(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class IncidentGiven(_Given):
    """An incident that is opened; name no person."""

    name: Annotated[Line, StringConstraints(min_length=1)]
    organisation: RefName | Literal[""] = ""
    """Empty where the author writes for one organisation only."""
    detected_at: AwareDatetime
    significant: Literal["yes", "no", "unknown"] = "unknown"
    ground: Text = ""
    """Why it is significant or is not."""
    about: Annotated[tuple[RecordName, ...], Field(max_length=200)] = ()
    led_by: RefName | Literal[""] = ""


class ReportGiven(_Given):
    """A report that was filed."""

    stage: Stage
    filed_at: AwareDatetime
    recipient: Annotated[Line, StringConstraints(min_length=1)]
    reference: Line = ""
    filed_by: RefName | Literal[""] = ""
    """A role or team; never a named person."""


class HandledGiven(_Given):
    """That the handling of an incident ended."""

    handled_at: AwareDatetime


@router.get("/incidents", **describe(IncidentsAnswer, errors=(403,)))
def list_clock(instance: InstanceOf, asker: AskerOf) -> Response:
    """Give the incidents with until when each report is due, by the clock of the server."""
    from eendracht.resilience.incidents.register import list_incidents

    require_insider(asker.principal)
    now = instance.store.clock.now()
    files = list_incidents(instance.store, asker.principal, now)
    return json_response({"now": now.isoformat(timespec="seconds"), "incidents": [_tell(file, now) for file in files]})


def _tell(file: IncidentFile, now: datetime) -> dict[str, Any]:
    return {
        "ref": file.record.ref,
        "name": file.record.name,
        "organisation": file.spec["organisation"],
        "detectedAt": file.spec["detectedAt"],
        "significant": file.spec.get("significant", "unknown"),
        "status": file.spec.get("status", "open"),
        "generation": file.record.generation,
        "reports": [_tell_due(due, now) for due in file.dues],
        "synthetic": file.record.is_synthetic,
    }


def _tell_due(due: Due, now: datetime) -> dict[str, Any]:
    left = due.left(now)
    return {
        "stage": due.stage,
        "state": due.state,
        "dueAt": due.due_at.isoformat(timespec="seconds") if due.due_at else None,
        "filedAt": due.filed_at.isoformat(timespec="seconds") if due.filed_at else None,
        "provisional": due.is_provisional,
        "secondsLeft": int(left.total_seconds()) if left is not None else None,
        "source": TERMS[due.stage].source,
    }


@router.post(
    "/incidents",
    **describe(IncidentWritten, status=201, body=body_schema(IncidentGiven), errors=(403, 409, 413, 415)),
)
async def open_one(request: Request, instance: InstanceOf, asker: AskerOf) -> Response:
    """Open an incident; the terms run from the moment at which the organisation became aware of it."""
    author = asker.require_write()
    given = require_valid(IncidentGiven, await read_json(request), "The incident")

    def write() -> str:
        """Write it on a thread: the event loop waits for nobody."""
        from eendracht.resilience.incidents.register import IncidentSaid, open_incident

        said = IncidentSaid(
            given.name,
            given.organisation,
            given.detected_at,
            given.significant,
            given.ground,
            given.about,
            given.led_by,
        )
        return open_incident(instance.store, author, said)

    return json_response({"ref": await asyncio.to_thread(write)}, 201)


@router.post(
    "/incidents/{name:path}/reports",
    **describe(IncidentWritten, status=201, body=body_schema(ReportGiven), errors=(403, 404, 409, 413, 415)),
)
async def file_one(name: Name, request: Request, instance: InstanceOf, asker: AskerOf) -> Response:
    """Record that a report of an incident was filed."""
    author = asker.require_write()
    given = require_valid(ReportGiven, await read_json(request), "The report")

    def write() -> str:
        """Write it on a thread: the event loop waits for nobody."""
        from eendracht.resilience.incidents.register import file_report

        return file_report(
            instance.store,
            author,
            name,
            given.stage,
            filed_at=given.filed_at,
            recipient=given.recipient,
            reference=given.reference,
            filed_by=given.filed_by,
        )

    return json_response({"ref": await asyncio.to_thread(write)}, 201)


@router.post(
    "/incidents/{name:path}/end",
    **describe(IncidentWritten, body=body_schema(HandledGiven), errors=(403, 404, 409, 413, 415)),
)
async def end_one(name: Name, request: Request, instance: InstanceOf, asker: AskerOf) -> Response:
    """Record that the handling of an incident ended."""
    author = asker.require_write()
    given = require_valid(HandledGiven, await read_json(request), "The end of the handling")

    def write() -> str:
        """Write it on a thread: the event loop waits for nobody."""
        from eendracht.resilience.incidents.register import handle_incident

        handle_incident(instance.store, author, name, given.handled_at)
        return name

    return json_response({"ref": await asyncio.to_thread(write)})
