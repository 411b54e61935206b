"""Whether the node lives, whether it takes reads and writes, and its figures for the operator."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from eendracht import __version__
from eendracht.kernel.errors import NotFound, StorageFailure
from eendracht.kernel.store.driver import Connection
from eendracht.kit.routing import AskerOf, describe, json_response, refuse_questions
from eendracht.web import answers
from eendracht.web.figures import MEDIA_TYPE
from eendracht.web.service import ServiceOf

router = APIRouter(tags=["operations"], dependencies=[refuse_questions])

READY_WITHIN_S: Final = 5.0
MOST_UNSIGNED: Final = 100_000
"""How far the checkpoint may lag behind the log before health says *warn*."""
_FRESH: Final = {"Cache-Control": "no-store"}
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def _take_write_lock(connection: Connection) -> None:
    """Do nothing with the write lock: that it was given is the answer."""


@router.get("/health", **describe(answers.Health))
async def get_health(service: ServiceOf) -> Response:
    """Say that the process lives, and how far log and checkpoint are (both are public)."""
    size = await service.news.size()
    last = await service.lanes.run(service.history.last_checkpoint)
    signed = last.checkpoint.size if last else 0
    status = "pass" if size - signed <= MOST_UNSIGNED else "warn"
    content = {"status": status, "version": __version__, "logSize": size, "signedSize": signed}
    return json_response(content, headers=_FRESH)


@router.get("/health/readiness", **describe(answers.Readiness))
async def get_readiness(service: ServiceOf) -> Response:
    """Say whether the database takes reads and writes; 503 with the reason where it does not."""
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            await service.lanes.run(service.store.act, _take_write_lock)
    except TimeoutError:
        raise StorageFailure("The database did not give the write lock in time") from None
    return json_response({"status": "pass"}, headers=_FRESH)


@router.get("/metrics", **describe(media_types=("text/plain",), errors=(404,)))
async def get_metrics(request: Request, service: ServiceOf, asker: AskerOf) -> Response:
    """Give the figures for Prometheus, to a program on the machine itself; for others there is nothing here."""
    if not _is_local(request):
        raise NotFound("There is nothing here")
    return Response(await service.lanes.run(service.figures.print), 200, _FRESH, MEDIA_TYPE)


def _is_local(request: Request) -> bool:
    # Behind a proxy on this machine everybody seems to be local.
    if any(name in request.headers for name in _FORWARDED) or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
