"""One proof for many accounts over HTTP: the matrix, and taking over what was proposed."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider
from eendracht.kernel.validation import require_valid
from eendracht.kit.body import body_schema, read_json
from eendracht.kit.questions import Question, RecordName, RefName
from eendracht.kit.routing import (
    AskerOf,
    InstanceOf,
    describe,
    json_response,
    question,
    refuse_questions,
)
from eendracht.resilience.api.dependence_answers import FaultShape, WrittenAnswer
from eendracht.resilience.evidence.accounts import State, Why

router = APIRouter(prefix="/resilience", tags=["resilience"])
Framework = Literal["bio2", "ensia", "cbw", "open-standards"]


class EvidenceQuestion(Question):
    """Which accounts are meant."""

    organisation: RefName | Literal[""] = ""
    """Ref of one organisation; empty for all of which something is recorded."""
    framework: Framework | Literal[""] = ""
    """One framework; empty for all."""


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class SubjectShape(_Shape):
    """A text in Dutch and English."""

    nl: str
    en: str


class StandingShape(_Shape):
    """How one control stands for one organisation."""

    control: str
    subject: SubjectShape
    state: State
    why: Why
    until: date | None
    """First day on which the state changes by itself; of what expired the day on which it did."""
    evidence: list[str]


class AccountShape(_Shape):
    """One framework for one organisation."""

    framework: Framework
    organisation: str
    name: str
    counts: dict[State, int]
    controls: list[StandingShape]
    """For insiders; for others none."""


class WantedShape(_Shape):
    """Evidence that would fill most of what is lacking; the list is greedy, and the topics are not official."""

    topic: str
    name: SubjectShape
    type: str
    fills: list[str]


class ProposalShape(_Shape):
    """Something recorded that may be evidence; it counts once somebody takes it over."""

    ref: str
    name: str
    type: str
    held_from: date
    satisfies: list[str]


class MatrixAnswer(_Shape):
    """Every control against every organisation, and which account still lacks what."""

    day: date
    accounts: list[AccountShape]
    silent_organisations: int
    """Organisations of which nothing is recorded that the asker may see."""
    shared_evidence: int
    """Pieces of evidence that count in more than one account."""
    faults: list[FaultShape]
    synthetic: bool
    wanted: list[WantedShape]
    """Where one organisation was asked about."""
    proposals: list[ProposalShape]


class ProposalGiven(BaseModel):
    """Something recorded that somebody takes over as evidence."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True, use_attribute_docstrings=True
    )

    organisation: RefName
    proposal: RecordName
    """Ref of what was proposed."""
    responsible: RefName
    """The role or team that keeps it."""


@router.get("/evidence", **describe(MatrixAnswer, query=EvidenceQuestion, errors=(404,)))
def get_evidence(
    instance: InstanceOf, asker: AskerOf, asked: Annotated[EvidenceQuestion, question(EvidenceQuestion)]
) -> Response:
    """Give each account against the evidence there is: counts for everybody, what is lacking for insiders."""
    from eendracht.resilience.evidence.matrix import build_matrix
    from eendracht.resilience.evidence.proposals import propose_evidence
    from eendracht.resilience.evidence.telling import tell_matrix

    store, principal = instance.store, asker.principal
    with_names = is_insider(principal)
    matrix = build_matrix(store, principal, asked.organisation, asked.framework)
    proposals = []
    if with_names and len(matrix.organisations) == 1:
        lacking = [item for account in matrix.accounts for item in account.lacking]
        proposals = propose_evidence(store, principal, matrix.organisations[0], lacking)
    return json_response(tell_matrix(matrix, proposals, with_names=with_names))


@router.post(
    "/evidence/proposals",
    **describe(WrittenAnswer, status=201, body=body_schema(ProposalGiven), errors=(403, 404, 409, 413, 415)),
    dependencies=[refuse_questions],
)
async def take_over_proposal(request: Request, instance: InstanceOf, asker: AskerOf) -> Response:
    """Record something that was proposed as evidence of an organisation, with who keeps it."""
    author = asker.require_write()
    given = require_valid(ProposalGiven, await read_json(request), "The proposal")

    def take() -> dict[str, Any]:
        """Write it on a thread: the event loop waits for nobody."""
        from eendracht.resilience.evidence.matrix import build_matrix
        from eendracht.resilience.evidence.proposals import accept_proposal

        author.require_write(given.organisation)
        matrix = build_matrix(instance.store, author, given.organisation)
        lacking = [item for account in matrix.accounts for item in account.lacking]
        written = accept_proposal(
            instance.store, author, given.organisation, given.proposal, given.responsible, lacking
        )
        return {"ref": written.ref, "generation": written.generation}

    return json_response(await asyncio.to_thread(take), 201)
