"""The estate over HTTP: what a failure brings down, and which suppliers weigh most, within what the asker may see."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from eendracht.kit.questions import AsOf
from eendracht.kit.routing import AskerOf, Name, describe, json_response, question
from eendracht.web import answers, queries
from eendracht.web.service import ServiceOf

router = APIRouter(tags=["estate"])


@router.get("/estate/impacts/{name:path}", **describe(answers.Impact, query=AsOf, errors=(404,)))
async def get_impact(
    name: Name, service: ServiceOf, asker: AskerOf, asked: Annotated[AsOf, question(AsOf)]
) -> Response:
    """Let one thing fail for good and give what stops, the most critical first, each with its chain of causes."""

    def _assess() -> Response:
        from eendracht.kernel.impact import assess_impact

        ref = service.store.get(name, asker.principal, asked.as_of).ref
        landscape = service.landscapes.get(service.store, asker.principal, asked.as_of)
        return json_response(assess_impact(landscape, ref).as_dict("en"))

    return await service.lanes.run(_assess)


@router.get("/estate/suppliers", **describe(answers.SupplierImpacts, query=queries.Ranking))
async def list_suppliers(
    service: ServiceOf, asker: AskerOf, asked: Annotated[queries.Ranking, question(queries.Ranking)]
) -> Response:
    """Let every supplier stop in turn and give what stops with it, the most critical first."""

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
