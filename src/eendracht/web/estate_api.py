"""The estate over HTTP: what needs attention, what a failure brings down, and which suppliers weigh most."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from eendracht.kernel.disclosure import require_insider
from eendracht.kit.questions import Nothing
from eendracht.kit.routing import AskerOf, Name, describe, json_response, question, refuse_questions
from eendracht.web import answers, queries
from eendracht.web.service import ServiceOf

router = APIRouter(tags=["estate"])

Code = Annotated[str, Path(pattern="^[A-Za-z][A-Za-z-]{0,60}$", description="Code of a finding")]


@router.get("/findings", **describe(answers.Findings, query=Nothing), dependencies=[refuse_questions])
async def list_findings(service: ServiceOf, asker: AskerOf) -> Response:
    """Say what needs attention today, each finding with the rows on which it rests."""

    def _list() -> Response:
        found = service.landscapes.list_findings(service.store, asker.principal)
        rows = [finding.as_dict() for finding in found.findings]
        return json_response({"madeAt": found.made_at, "isCurrent": found.is_current, "findings": rows})

    return await service.lanes.run(_list)


@router.get("/findings/{code}", **describe(answers.ExplainedFinding, errors=(404,)), dependencies=[refuse_questions])
async def get_finding(code: Code, service: ServiceOf, asker: AskerOf) -> Response:
    """Give one finding with its reasons: rule and article, what went in, and what would change it."""

    def _explain() -> Response:
        from eendracht.kernel.briefing.tasks import explain_finding, find_finding

        found = service.landscapes.list_findings(service.store, asker.principal)
        finding = find_finding(found.findings, code)
        return json_response({**finding.as_dict(), "explanation": explain_finding(found.scope, finding).as_dict()})

    return await service.lanes.run(_explain)


@router.get("/estate/impacts/{name:path}", **describe(answers.Impact, query=queries.ImpactListing, errors=(404,)))
async def get_impact(
    name: Name,
    service: ServiceOf,
    asker: AskerOf,
    asked: Annotated[queries.ImpactListing, question(queries.ImpactListing)],
) -> Response:
    """Let one thing fail for good and give what stops, the most critical first, each with its chain of causes."""

    def _assess() -> Response:
        from eendracht.kernel.impact import assess_impact, explain_impact

        record = service.store.get(name, asker.principal, asked.as_of)
        landscape = service.landscapes.get(service.store, asker.principal, asked.as_of)
        impact = assess_impact(landscape, record.ref)
        explanation = explain_impact(service.store, asker.principal, impact, record.name, asked.why)
        return json_response({**impact.as_dict("en"), "explanation": explanation.as_dict()})

    return await service.lanes.run(_assess)


@router.get("/estate/suppliers", **describe(answers.SupplierImpacts, query=queries.Ranking, errors=(403,)))
async def list_suppliers(
    service: ServiceOf, asker: AskerOf, asked: Annotated[queries.Ranking, question(queries.Ranking)]
) -> Response:
    """Let every supplier stop in turn and give what stops with it, the most critical first; for whoever works here."""
    require_insider(asker.principal)

    def _rank() -> Response:
        from eendracht.kernel.impact import rank_suppliers

        landscape = service.landscapes.get(service.store, asker.principal, asked.as_of)
        rows = [
            {
                "ref": item.ref,
                "name": item.name,
                "controls": item.controls,
                "failed": item.failed,
                "failedCritical": item.failed_critical,
                "organisations": item.organisations,
            }
            for item in rank_suppliers(landscape, counted=asked.limit)[: asked.limit]
        ]
        return json_response({"suppliers": rows})

    return await service.lanes.run(_rank)
