"""The log for whoever wants to check it: checkpoint, tiles and proofs for all, entries for those who may read them.

Tiles, checkpoint and proofs hold hashes only, under the paths of C2SP tlog-tiles with `/v1/ledger` as prefix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import orjson
from fastapi import APIRouter, Path
from starlette.responses import Response

from eendracht.kernel.errors import LedgerBroken, NotFound
from eendracht.kernel.ledger.disclosure import disclose_entry
from eendracht.kit.routing import (
    DYNAMIC,
    IMMUTABLE,
    AskerOf,
    describe,
    json_response,
    question,
    refuse_questions,
)
from eendracht.web import answers, queries
from eendracht.web.service import ServiceOf

router = APIRouter(tags=["ledger"])
T = TypeVar("T")

PUBLIC: Final = {"Cache-Control": "public, no-cache"}
Position = Annotated[int, Path(ge=0, le=queries.LARGEST, description="Position in the log, from 0")]


def _read_again(read: Callable[[], T]) -> T:
    """Read tiles, once more where a writer replaced one in between; a history that is broken stays so."""
    try:
        return read()
    except LedgerBroken:
        return read()


@router.get(
    "/ledger/checkpoint", dependencies=[refuse_questions], **describe(media_types=("text/plain",), errors=(404,))
)
def get_checkpoint(service: ServiceOf, asker: AskerOf) -> Response:
    """Give the last signed checkpoint: origin, size and root as a signed note (C2SP tlog-checkpoint)."""
    last = service.history.last_checkpoint()
    if last is None:
        raise NotFound("Nothing is signed yet", hint="Wait a minute, or sign: eendracht ledger checkpoint.")
    return Response(last.note.encode(), 200, PUBLIC, "text/plain; charset=utf-8")


@router.get("/ledger/verifier-key", dependencies=[refuse_questions], **describe(media_types=("text/plain",)))
def get_verifier_key(service: ServiceOf, asker: AskerOf) -> Response:
    """Give the public key of the log (C2SP signed-note); compare it with one that came by another way."""
    return Response(service.history.verifier_key + "\n", 200, PUBLIC, "text/plain; charset=utf-8")


@router.get(
    "/ledger/tile/{path:path}",
    dependencies=[refuse_questions],
    **describe(media_types=("application/octet-stream",), errors=(404,)),
)
def get_tile(
    path: Annotated[str, Path(max_length=60, description="Level, index and width", examples=["0/000.p/17"])],
    service: ServiceOf,
    asker: AskerOf,
) -> Response:
    """Give a tile of the tree: up to 256 hashes in a row."""
    tile = service.history.tiles.published_tile(f"tile/{path}")
    return Response(tile, 200, IMMUTABLE, "application/octet-stream")


@router.get(
    "/ledger/proofs/{rv}",
    dependencies=[refuse_questions],
    **describe(answers.InclusionProof, errors=(404,)),
)
def prove_entry(rv: Position, service: ServiceOf, asker: AskerOf) -> Response:
    """Give the proof that an entry is in the log as last signed, as a file that `ledger check-proof` judges."""
    proof = _read_again(lambda: service.history.prove_entry(rv))
    return json_response(proof.encode(), headers=PUBLIC)


@router.get("/ledger/consistency-proof", **describe(answers.ConsistencyProof, query=queries.Growth))
def prove_growth(
    service: ServiceOf, asker: AskerOf, asked: Annotated[queries.Growth, question(queries.Growth)]
) -> Response:
    """Give the proof that the log only grew between two sizes, as a file that `ledger check-proof` judges."""
    proof = _read_again(lambda: service.history.prove_growth(asked.size1, asked.size2))
    return json_response(proof.encode(), headers=PUBLIC)


@router.get("/ledger/entries/{rv}", dependencies=[refuse_questions], **describe(answers.Entry, errors=(404,)))
def get_entry(rv: Position, service: ServiceOf, asker: AskerOf) -> Response:
    """Give an entry with its salt, so that a reader can check the commitment; only to those who may read it."""
    entry = disclose_entry(service.store, rv, asker.principal)
    content = {
        "rv": rv,
        "recordedAt": entry.recorded_at,
        "commitment": entry.commitment.hex(),
        "salt": entry.salt.hex(),
        "record": orjson.Fragment(entry.body),
    }
    return json_response(content, headers=DYNAMIC)
