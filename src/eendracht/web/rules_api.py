"""Rules over HTTP: which there are, what they come to in a case, which facts they need, and runs over a population.

Nothing of a case is kept: not in the log, not in a figure, not in an address. What comes of it is information.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from eendracht.kernel.errors import Busy, EendrachtError, InvalidInput
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.rules.catalogue import describe_entry, group_warnings, list_entries
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.library import Library
from eendracht.kit.body import body_schema, read_exact_json
from eendracht.kit.problem import InternalError
from eendracht.kit.routing import DYNAMIC, AskerOf, describe, json_response, question, refuse_questions
from eendracht.web import rule_answers
from eendracht.web.rule_requests import (
    EvaluationRequest,
    NeedsRequest,
    PopulationRunRequest,
    RegulationListing,
    read_request,
)
from eendracht.web.service import Service, ServiceOf

T = TypeVar("T")

router = APIRouter(tags=["rules"])

AT_ONCE: Final = 4
"""How many cases are worked out at the same time; more must wait and try again."""
SECONDS: Final = 10.0
"""How long a case may take before it is answered that it took too long."""

_NOTHING_KEPT: Final = {"Cache-Control": "no-store"}
_LOG = logging.getLogger("eendracht.rules")
_places = threading.BoundedSemaphore(AT_ONCE)


async def _read_body(request: Request) -> dict[str, Any]:
    return await read_exact_json(request)


Body = Annotated[dict[str, Any], Depends(_read_body)]


@router.get("/regulations", **describe(rule_answers.Regulations, query=RegulationListing))
async def list_regulations(
    service: ServiceOf, asked: Annotated[RegulationListing, question(RegulationListing)]
) -> Response:
    """List the regulations of this node by key, each with its versions and what they yield."""

    def _list() -> Response:
        library = service.instance.lawbook.library
        entries = list_entries(library, asked.q, asked.layer)
        left = [entry for entry in entries if entry.key > asked.after]
        warnings = group_warnings(library)
        shown = left[: asked.limit]
        after = shown[-1].key if len(left) > len(shown) else None
        rows = [describe_entry(entry, warnings) for entry in shown]
        return json_response({"regulations": rows, "total": len(entries), "after": after})

    return await service.lanes.run(_list)


@router.post(
    "/evaluations",
    dependencies=[refuse_questions],
    **describe(
        rule_answers.Evaluation,
        body=body_schema(EvaluationRequest),
        errors=(404, 413, 415, 422),
    ),
)
async def evaluate_case(service: ServiceOf, _: AskerOf, body: Body) -> Response:
    """Work out outputs of a law for one case; a fact that nobody gave makes an output unknown, and is named.

    Nothing of the request is kept. The outcome is information, not a decision.
    """
    asked = read_request(EvaluationRequest, body)

    def _evaluate(library: Library) -> Mapping[str, Any]:
        from eendracht.kernel.rules.answer import describe_evaluation
        from eendracht.kernel.rules.evaluation import evaluate

        case = asked.to_case()
        choice = library.select(asked.law, case.on, case.parameters, asked.service)
        found = evaluate(
            library,
            asked.law,
            asked.outputs,
            case,
            mode=asked.mode,
            stage=asked.stage,
            is_whole_article=False,
            service=asked.service,
        )
        described = describe_evaluation(found, choice, with_trace=asked.trace)
        reasons = {"explanations": _explain(library, asked, case)} if asked.explanation else {}
        return {"date": case.on.isoformat(), **described, **reasons}

    return await answer_case(service, _evaluate)


def _explain(library: Library, asked: EvaluationRequest, case: Case) -> dict[str, Any]:
    from eendracht.kernel.rules.receipts import Request as Asked
    from eendracht.kernel.rules.sentences import explain

    request = Asked(asked.law, asked.outputs, asked.mode, asked.stage, False, asked.service)
    return {name: explain(library, request, name, case).as_dict() for name in asked.outputs}


@router.post(
    "/needs",
    dependencies=[refuse_questions],
    **describe(rule_answers.Needs, body=body_schema(NeedsRequest), errors=(404, 413, 415, 422)),
)
async def find_needs(service: ServiceOf, _: AskerOf, body: Body) -> Response:
    """Say which facts are still needed to decide outputs of a law, the fewest and in the best order to ask.

    A fact that the parameters or registers give is never asked. Nothing of the request is kept.
    """
    asked = read_request(NeedsRequest, body)

    def _find(library: Library) -> Mapping[str, Any]:
        from eendracht.kernel.rules.needs import needs

        return needs(library, asked.law, asked.outputs, asked.to_case(), service=asked.service).as_dict()

    return await answer_case(service, _find)


@router.post(
    "/population-runs",
    dependencies=[refuse_questions],
    **describe(
        rule_answers.JobAsked,
        status=202,
        body=body_schema(PopulationRunRequest),
        errors=(403, 404, 409, 413, 415, 422),
    ),
)
async def ask_population_run(service: ServiceOf, asker: AskerOf, body: Body) -> Response:
    """Ask for a run over a registered population, as an editor of the organisation that answers for it.

    The job that does it can be followed; it gives counts, in which no group of fewer than ten shows.
    """
    author = asker.require_write()
    asked = read_request(PopulationRunRequest, body)

    def _ask() -> Response:
        from eendracht.kernel.population_requests import PopulationRequest, ask_population_run

        wanted = PopulationRequest(
            asked.population,
            asked.law,
            asked.outputs,
            asked.date,
            asked.ground or "",
            asked.purpose,
            asked.controller,
        )
        job = ask_population_run(service.instance, author, wanted)
        address = f"/v1/jobs/{job}"
        return json_response({"id": job, "address": address}, 202, {**DYNAMIC, "Location": address})

    return await service.lanes.run(_ask)


JobName = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,79}$", description="Id of a job")]


@router.get("/jobs/{job}", **describe(rule_answers.JobState, errors=(404,)), dependencies=[refuse_questions])
async def get_job(job: JobName, service: ServiceOf, asker: AskerOf) -> Response:
    """Say how far a job is, and what came of it in counts."""

    def _get() -> Response:
        return json_response(Jobs(service.store).get(job, asker.principal).as_dict())

    return await service.lanes.run(_get)


async def answer_case(service: Service, work: Callable[[Library], Mapping[str, Any]]) -> Response:
    """Work out a case in a thread and answer; raises Busy where it takes too long or too many are asked."""
    try:
        async with asyncio.timeout(SECONDS):
            content = await service.lanes.run(_work_out, service, work)
    except TimeoutError:
        raise Busy(f"The case took longer than {SECONDS:.0f} seconds", hint="Ask for fewer rows.") from None
    return json_response(content, headers=_NOTHING_KEPT)


def _work_out(service: Service, work: Callable[[Library], T]) -> T:
    with one_of_few():
        return work(service.instance.lawbook.library)


@contextmanager
def one_of_few() -> Iterator[None]:
    """Let a few cases be worked out at once, and keep what one of them holds out of the log of the node.

    Raises Busy where there is no place, InternalError for what nobody foresaw.
    """
    if not _places.acquire(blocking=False):
        raise Busy("Too many cases are worked out at once")
    try:
        yield
    except (EendrachtError, TimeoutError):
        raise
    except RecursionError:
        raise InvalidInput("The case is nested too deep") from None
    except Exception as error:  # noqa: BLE001 - its text may hold what the case holds
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        place = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else "-"
        _LOG.error("not foreseen: %s at %s", type(error).__name__, place)
        raise InternalError("Something went wrong that was not foreseen") from None
    finally:
        _places.release()
