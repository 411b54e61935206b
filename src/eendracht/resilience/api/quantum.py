"""The move to quantum-safe cryptography over HTTP: counts for everybody, names for insiders."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider, require_insider
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
from eendracht.resilience.api import quantum_answers as answers
from eendracht.resilience.quantum.questions import DayQuestion, LinkQuestion, ListQuestion
from eendracht.resilience.quantum.serving import keep_overview

router = APIRouter(prefix="/resilience/quantum", tags=["resilience"])


@router.get("", **describe(answers.QuantumAnswer, query=ListQuestion))
def get_quantum(
    instance: InstanceOf,
    landscapes: LandscapesOf,
    asker: AskerOf,
    asked: Annotated[ListQuestion, question(ListQuestion)],
) -> Response:
    """Give how ready everybody is by layer of government, in counts; to insiders what to move first as well."""
    overview = keep_overview(landscapes, instance.store, asker.principal)
    return json_response(overview.describe(is_insider(asker.principal), asked.limit))


@router.get("/policies", **describe(answers.PoliciesAnswer, query=Nothing), dependencies=[refuse_questions])
def list_policies() -> Response:
    """Give the rules of every authority, with their source and date."""
    from eendracht.resilience.quantum.policy import read_policies

    return json_response({"policies": [policy.model_dump(mode="json") for policy in read_policies()]})


@router.get(
    "/organisations/{name:path}",
    **describe(answers.OrganisationAnswer, query=Nothing, errors=(403, 404)),
    dependencies=[refuse_questions],
)
def get_organisation(name: Name, instance: InstanceOf, landscapes: LandscapesOf, asker: AskerOf) -> Response:
    """Give how ready one organisation is: assets, links, plan, milestones and data."""
    require_insider(asker.principal)
    overview = keep_overview(landscapes, instance.store, asker.principal)
    return json_response(overview.describe_organisation(overview.find_organisation(name), 1000))


@router.get("/links", **describe(answers.LinksAnswer, query=LinkQuestion, errors=(403,)))
def list_links(
    instance: InstanceOf,
    landscapes: LandscapesOf,
    asker: AskerOf,
    asked: Annotated[LinkQuestion, question(LinkQuestion)],
) -> Response:
    """Give the links with the state of both ends and who holds them up, the worst first."""
    require_insider(asker.principal)
    overview = keep_overview(landscapes, instance.store, asker.principal)
    links = overview.links_of(asked.organisation) if asked.organisation else overview.links
    chosen = [link for link in links if asked.state in ("", link.state)]
    shown = [link.as_dict() for link in chosen[: asked.limit]]
    return json_response({"links": shown, "total": len(chosen), "synthetic": overview.holdings.is_synthetic})


@router.get("/plan", **describe(answers.PlanAnswer, query=ListQuestion, errors=(403,)))
def get_plan(
    instance: InstanceOf,
    landscapes: LandscapesOf,
    asker: AskerOf,
    asked: Annotated[ListQuestion, question(ListQuestion)],
) -> Response:
    """Give the steps of the move with when they are, in order, and the chain that makes it as long as it is."""
    require_insider(asker.principal)
    overview = keep_overview(landscapes, instance.store, asker.principal)
    plan = overview.plan
    steps = plan.of(asked.organisation) if asked.organisation else plan.steps
    return json_response(
        {
            "steps": [item.as_dict() for item in steps[: asked.limit]],
            "total": len(steps),
            "criticalPath": [item.step.ref for item in plan.critical],
            "endsInMonths": f"{float(plan.path.end):.2f}",
            "endIsKnown": plan.path.is_bounded,
            "faults": [fault.as_dict() for fault in overview.faults],
            "synthetic": overview.holdings.is_synthetic,
        }
    )


@router.get("/deadlines", **describe(answers.DeadlinesAnswer, query=ListQuestion, errors=(403,)))
def list_deadlines(
    instance: InstanceOf,
    landscapes: LandscapesOf,
    asker: AskerOf,
    asked: Annotated[ListQuestion, question(ListQuestion)],
) -> Response:
    """Give X, Y and the slack of every dataset and system in each scenario (Mosca)."""
    require_insider(asker.principal)
    overview = keep_overview(landscapes, instance.store, asker.principal)
    everything = (*overview.deadlines, *overview.system_deadlines)
    found = [item for item in everything if asked.organisation in ("", item.owner)]
    shown = [item.as_dict() for item in found[: asked.limit]]
    return json_response({"deadlines": shown, "total": len(found), "synthetic": overview.holdings.is_synthetic})


@router.get(
    "/verdicts/{name:path}",
    **describe(answers.VerdictsAnswer, query=DayQuestion, errors=(403, 404)),
)
def get_verdicts(
    name: Name,
    instance: InstanceOf,
    landscapes: LandscapesOf,
    asker: AskerOf,
    asked: Annotated[DayQuestion, question(DayQuestion)],
) -> Response:
    """Give what every authority says of one cryptographic asset on a day, with rules, sources, dates and conflicts."""
    require_insider(asker.principal)
    overview = keep_overview(landscapes, instance.store, asker.principal)
    return json_response(
        {**overview.judge_asset(name, asked.on).as_dict(), "synthetic": overview.holdings.is_synthetic}
    )
