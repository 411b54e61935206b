"""Security advisories over HTTP: hand one in, see what is recorded, and say how far it is."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kernel.disclosure import require_insider
from eendracht.kernel.validation import require_valid
from eendracht.kit.body import MOST_BATCH_BYTES, body_schema, read_bounded, read_json
from eendracht.kit.questions import RefName
from eendracht.kit.routing import AskerOf, InstanceOf, LandscapesOf, Name, describe, json_response, refuse_questions
from eendracht.resilience.advisories.board import AdvisoryLine, MatchLine
from eendracht.resilience.advisories.matching import Outcome
from eendracht.resilience.api.dependence_answers import WrittenAnswer

router = APIRouter(prefix="/resilience", tags=["resilience"], dependencies=[refuse_questions])
Text = Annotated[str, StringConstraints(max_length=10_000, strip_whitespace=True, pattern=r"^[^\x00]*$")]
Handling = Literal["open", "planned", "done", "accepted", "not-needed"]


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class CitizensShape(_Shape):
    """How many people rely on a service; high is null where nothing bounds it."""

    low: int
    high: int | None


class MatchShape(_Shape):
    """One thing that an advisory touches."""

    ref: str
    generation: int
    about: str
    name: str
    outcome: Outcome
    status: Handling
    acts: str
    due_on: date | None
    services: list[str]


class AdvisoryShape(_Shape):
    """An advisory with what it means here."""

    ref: str
    tracking_id: str
    title: str
    publisher: str
    version: str
    released_at: str
    received_on: date
    vulnerabilities: list[str]
    highest_score: str | None
    counts: dict[Outcome, int]
    services: list[str]
    """Services that rest on something that waits."""
    citizens: CitizensShape
    matches: list[MatchShape]
    synthetic: bool


class AdvisoriesAnswer(_Shape):
    """The advisories that were recorded, those with most that waits first."""

    advisories: list[AdvisoryShape]


class KeptAnswer(BaseModel):
    """What an advisory means here, and how much of it was recorded."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", frozen=True, use_attribute_docstrings=True)

    tracking_id: str
    advisory: str
    """Ref; empty where nothing was recorded."""
    recorded: int
    changed: int
    counts: dict[Outcome, int]
    citizens: CitizensShape


class HandlingGiven(BaseModel):
    """How far it is with one thing."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True, use_attribute_docstrings=True
    )

    status: Handling
    generation: Annotated[int, Field(ge=1, lt=2**53)]
    """Of the version that was seen."""
    reason: Text = ""
    """Needed where a risk is accepted or nothing is needed."""
    handled_by: RefName | Literal[""] = ""
    """A role or team."""


_DOCUMENT = {"type": "object", "description": "A document of CSAF 2.0, as its publisher gives it."}


@router.get("/advisories", **describe(AdvisoriesAnswer, errors=(403,)))
def list_board(instance: InstanceOf, landscapes: LandscapesOf, asker: AskerOf) -> Response:
    """Give the advisories that were recorded, with what they touch, for how many people, and who acts."""
    from eendracht.resilience.advisories.board import list_advisories
    from eendracht.resilience.demand import read_demands

    require_insider(asker.principal)
    store, principal = instance.store, asker.principal
    landscape = landscapes.get(store, principal, None)
    lines = list_advisories(store, principal, landscape, read_demands(store, principal, landscape))
    return json_response({"advisories": [_tell(line) for line in lines]})


def _tell(line: AdvisoryLine) -> dict[str, Any]:
    spec = line.spec
    return {
        "ref": line.record.ref,
        "trackingId": spec["trackingId"],
        "title": spec["name"],
        "publisher": spec["publisher"],
        "version": spec["version"],
        "releasedAt": spec["releasedAt"],
        "receivedOn": spec["receivedOn"],
        "vulnerabilities": list(spec.get("vulnerabilities", ())),
        "highestScore": spec.get("highestScore"),
        "counts": line.counts,
        "services": [thing.ref for thing in line.services],
        "citizens": line.persons.as_dict(),
        "matches": [_tell_match(match) for match in line.matches],
        "synthetic": line.record.is_synthetic,
    }


def _tell_match(match: MatchLine) -> dict[str, Any]:
    return {
        "ref": match.record.ref,
        "generation": match.record.generation,
        "about": match.spec["about"],
        "name": match.name,
        "outcome": match.spec["outcome"],
        "status": match.spec.get("status", "open"),
        "acts": match.spec.get("acts", ""),
        "dueOn": match.spec.get("dueOn"),
        "services": [thing.ref for thing in match.services],
    }


@router.post("/advisories", **describe(KeptAnswer, status=201, body=_DOCUMENT, errors=(403, 409, 413, 415)))
async def hand_in(request: Request, instance: InstanceOf, asker: AskerOf) -> Response:
    """Check a CSAF 2.0 document and record what it touches of the organisations for which the author writes."""
    author = asker.require_write()
    content = await read_bounded(request, MOST_BATCH_BYTES)

    def keep() -> dict[str, Any]:
        """Write it on a thread: the event loop waits for nobody."""
        from eendracht.resilience.advisories.reading import read_advisory
        from eendracht.resilience.advisories.recording import keep_advisory
        from eendracht.resilience.advisories.telling import tell_assessment

        kept = keep_advisory(instance.store, author, read_advisory(content))
        recorded = {"advisory": kept.advisory, "recorded": kept.recorded, "changed": kept.changed}
        return {**tell_assessment(kept.assessment), **recorded}

    return json_response(await asyncio.to_thread(keep), 201)


@router.post(
    "/advisory-matches/{name:path}/status",
    **describe(WrittenAnswer, body=body_schema(HandlingGiven), errors=(403, 404, 409, 413, 415)),
)
async def change_handling(name: Name, request: Request, instance: InstanceOf, asker: AskerOf) -> Response:
    """Say how far it is with one thing that an advisory touches."""
    author = asker.require_write()
    given = require_valid(HandlingGiven, await read_json(request), "The handling")

    def change() -> dict[str, Any]:
        """Write it on a thread: the event loop waits for nobody."""
        from eendracht.resilience.advisories.board import handle_match

        written = handle_match(
            instance.store,
            author,
            name,
            given.status,
            generation=given.generation,
            reason=given.reason,
            handled_by=given.handled_by,
        )
        return {"ref": written.ref, "generation": written.generation}

    return json_response(await asyncio.to_thread(change))
