"""What if, over HTTP: which services stop, for how many people, and what to ask next."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kernel.access import Principal
from eendracht.kernel.instance import Instance
from eendracht.kit.landscapes import Landscapes
from eendracht.kit.questions import AsOf
from eendracht.kit.routing import AskerOf, InstanceOf, LandscapesOf, describe, json_response, question

router = APIRouter(tags=["resilience"])

Selector = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")]
Hours = Annotated[float, Field(gt=0, le=8760)]
Ref = Annotated[str, StringConstraints(max_length=221, pattern=r"^[^\x00-\x1f\x7f]*$")]


class WhatIf(AsOf):
    """What fails, and for how long."""

    selector: Selector
    """A ref (also of a scenario), or field=value terms with commas between, such as jurisdiction=US."""
    hours: Hours | None = None
    """Hours until what fails is repaired; without it, it is not."""
    horizon: Hours | None = None
    """Hours for which it is followed; a week without it."""
    old: Ref = ""
    """Compare: the provider that changes."""
    new: Ref = ""
    """Compare: what takes its place or stands beside it; a name that is no ref stands on its own."""
    way: Literal["replace", "beside"] = "replace"
    """Whether it takes the place or stands beside."""


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class Between(_Shape):
    """A figure that lies between two others; `high` is null where nothing bounds it."""

    low: int
    high: int | None


class Outage(_Shape):
    """Hours of the scenario in which a service is out; `endHours` is null where it is not back."""

    begin_hours: float
    end_hours: float | None


class Course(_Shape):
    """What happens to a service in one case."""

    outages: list[Outage]
    uses_lost: int
    uses_deferred: int


class ServiceOutcome(_Shape):
    """What happens to one service."""

    ref: str
    name: str
    critical: bool
    certain: bool
    """Whether it stops in the best case too."""
    failed_at_hours: float
    persons: int | None
    """People who rely on it; null where nobody counted."""
    best: Course
    worst: Course
    why: list[str]
    """The chain of causes, back to what fails of its own."""


class AskNext(_Shape):
    """Something nobody recorded, and what it may cost by itself."""

    type: Literal["unresolved", "untested"]
    ref: str
    name: str
    asked_by: list[str]
    services: int
    critical: int
    persons: Between


class WhatIfOutcome(_Shape):
    """What a scenario comes to."""

    name: str
    begins: str
    horizon_hours: float
    seeds: list[str]
    possible_seeds: int
    """Things that the selector may mean as well, of which the records do not tell."""
    failed: Between
    persons: Between
    population: int | None
    citizen_hours: Between
    uses_lost: Between
    uses_deferred: Between
    unmeasured_services: int
    is_synthetic: bool
    services: list[ServiceOutcome]
    ask_next: list[AskNext]
    after: dict[str, Any] | None
    """The same scenario after the change, where one was asked."""


@router.get("/resilience/what-if", **describe(WhatIfOutcome, query=WhatIf, errors=(403, 404, 422)))
async def what_if(
    instance: InstanceOf, landscapes: LandscapesOf, asker: AskerOf, asked: Annotated[WhatIf, question(WhatIf)]
) -> Response:
    """Let something fail and give what it means for services and people, in the best and the worst case.

    For people who work at an organisation of this node.
    """
    return json_response(await asyncio.to_thread(_run, instance, landscapes, asker.principal, asked))


def _run(instance: Instance, landscapes: Landscapes, asker: Principal, asked: WhatIf) -> dict[str, Any]:
    from eendracht.kernel.disclosure import require_insider
    from eendracht.resilience.demand import read_demands
    from eendracht.resilience.open_questions import describe_questions, list_questions
    from eendracht.resilience.scenarios import plan_scenario
    from eendracht.resilience.whatif import Change, compare_change, describe, run_scenario

    require_insider(asker)
    store = instance.store
    landscape = landscapes.get(store, asker, asked.as_of)
    scenario = plan_scenario(
        store, asker, landscape, asked.selector, repaired_at_hours=asked.hours, horizon_hours=asked.horizon
    )
    outcome = run_scenario(landscape, read_demands(store, asker, landscape), scenario)
    after = None
    if asked.old and asked.new:
        after = describe(compare_change(outcome, Change(asked.old, asked.new, asked.way)), store.registry, "en")
    return {
        **describe(outcome, store.registry, "en"),
        "askNext": describe_questions(list_questions(outcome)),
        "after": after,
    }
