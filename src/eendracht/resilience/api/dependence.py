"""Dependence over HTTP: concentration, what weighs most, the contract radar, and solving it together."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.validation import require_valid
from eendracht.kit.body import body_schema, read_json
from eendracht.kit.questions import Nothing
from eendracht.kit.routing import (
    AskerOf,
    InstanceOf,
    LandscapesOf,
    Name,
    describe,
    json_response,
    question,
    refuse_questions,
)
from eendracht.resilience.alternatives_jobs import ask_alternatives
from eendracht.resilience.api import dependence_answers as answers
from eendracht.resilience.dependence import Dependence
from eendracht.resilience.questions import (
    AlternativesGiven,
    ProposalGiven,
    RadarQuestion,
    SpreadQuestion,
    StatusGiven,
    WeakPointQuestion,
)

router = APIRouter(prefix="/resilience", tags=["resilience"])


@router.get("/concentration", **describe(answers.ConcentrationAnswer, query=SpreadQuestion, errors=(404,)))
def get_concentration(
    instance: InstanceOf,
    landscapes: LandscapesOf,
    asker: AskerOf,
    asked: Annotated[SpreadQuestion, question(SpreadQuestion)],
) -> Response:
    """Give how much hangs on how few, with a range for what is unknown; parties for whoever works for a public body."""
    spread = Dependence(landscapes, instance.store, asker.principal).measure_spread(asked.measure, asked.category)
    found = spread.by[asked.by].as_dict(asked.limit)
    if not is_insider(asker.principal):
        found |= {"shares": [], "faults": []}
    return json_response({**found, "categories": list(spread.categories), "synthetic": spread.is_synthetic})


@router.get("/importance", **describe(answers.WeakPointsAnswer, query=WeakPointQuestion, errors=(403,)))
def get_importance(
    instance: InstanceOf,
    landscapes: LandscapesOf,
    asker: AskerOf,
    asked: Annotated[WeakPointQuestion, question(WeakPointQuestion)],
) -> Response:
    """Give what each supplier's failure changes, what hides behind redundancy, and what could not start again."""
    require_insider(asker.principal)
    found = Dependence(landscapes, instance.store, asker.principal).find_weak_points()
    return json_response({**found.as_dict(asked.limit), "synthetic": found.is_synthetic})


@router.get("/contracts", **describe(answers.RadarAnswer, query=RadarQuestion))
def get_contracts(
    instance: InstanceOf,
    landscapes: LandscapesOf,
    asker: AskerOf,
    asked: Annotated[RadarQuestion, question(RadarQuestion)],
) -> Response:
    """Give the contract radar: until when each can be decided on, who could leave together, and wrong dates."""
    radar = Dependence(landscapes, instance.store, asker.principal).scan_contracts()
    return json_response(radar.of(asked.organisation, asked.supplier).as_dict())


@router.get(
    "/collective-solutions",
    **describe(answers.CollectiveAnswer, query=Nothing, errors=(403,)),
    dependencies=[refuse_questions],
)
def list_collective(instance: InstanceOf, landscapes: LandscapesOf, asker: AskerOf) -> Response:
    """Give the weak points that several organisations share, and the solutions that were proposed."""
    from eendracht.resilience.collective import list_solutions

    require_insider(asker.principal)
    _, shared = Dependence(landscapes, instance.store, asker.principal).list_shared()
    solutions = [
        {"ref": record.ref, "generation": record.generation, "owner": record.owner, "spec": record.spec(registry)}
        for registry in [instance.store.registry]
        for record in list_solutions(instance.store, asker.principal)
    ]
    return json_response({"weakPoints": [point.as_dict() for point in shared], "solutions": solutions})


@router.post(
    "/collective-solutions",
    **describe(answers.WrittenAnswer, status=201, body=body_schema(ProposalGiven), errors=(403, 404, 409, 413, 415)),
    dependencies=[refuse_questions],
)
async def propose_collective(
    request: Request, instance: InstanceOf, landscapes: LandscapesOf, asker: AskerOf
) -> Response:
    """Propose a solution to everybody whose critical services hang on a weak point; it is restricted."""
    author = asker.require_write()
    given = require_valid(ProposalGiven, await read_json(request), "The proposal")

    def propose() -> dict[str, Any]:
        """Write it on a thread: the event loop waits for nobody."""
        from eendracht.resilience.collective import Proposal, propose_solution, require_proposer

        require_proposer(author, given.owner)
        portfolio, _ = Dependence(landscapes, instance.store, author).list_shared()
        proposal = Proposal(
            given.owner, given.weak_point, given.cost_key, given.name, given.alternative, given.cost_eurocent
        )
        written = propose_solution(instance.store, author, portfolio, proposal)
        return {"ref": written.ref, "generation": written.generation}

    return json_response(await asyncio.to_thread(propose), 201)


@router.post(
    "/collective-solutions/{name:path}/status",
    **describe(answers.WrittenAnswer, body=body_schema(StatusGiven), errors=(403, 404, 409, 413, 415)),
    dependencies=[refuse_questions],
)
async def change_collective(name: Name, request: Request, instance: InstanceOf, asker: AskerOf) -> Response:
    """Let a collective solution go on to its next status."""
    author = asker.require_write()
    given = require_valid(StatusGiven, await read_json(request), "The status")

    def change() -> dict[str, Any]:
        """Write it on a thread: the event loop waits for nobody."""
        from eendracht.resilience.collective import change_status

        written = change_status(instance.store, author, name, given.status, given.generation)
        return {"ref": written.ref, "generation": written.generation}

    return json_response(await asyncio.to_thread(change))


@router.post(
    "/alternatives",
    **describe(answers.JobAnswer, status=202, body=body_schema(AlternativesGiven), errors=(403, 413, 415)),
    dependencies=[refuse_questions],
)
async def find_alternatives(request: Request, instance: InstanceOf, asker: AskerOf) -> Response:
    """Ask for the cheapest alternatives by which nothing stops a critical service alone; gives a job."""
    author = asker.require_write()
    given = require_valid(AlternativesGiven, await read_json(request), "The request")
    job = await asyncio.to_thread(ask_alternatives, instance, author, given.max_order)
    return json_response({"job": job}, 202)
