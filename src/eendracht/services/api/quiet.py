"""Work on content about people, in a thread, and out of the log whatever goes wrong with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.validation import require_valid
from eendracht.kit.body import read_json
from eendracht.kit.problem import InternalError
from eendracht.kit.routing import json_response

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

MOST_BYTES: Final = 32 * 2**20
"""Largest body with attachments, which are in base64."""
NOTHING_KEPT: Final = {"Cache-Control": "no-store"}
_LOG = logging.getLogger("eendracht.cases")


async def answer_quietly(work: Callable[[], Mapping[str, Any]], status: int = 200) -> Response:
    """Do work in a thread and answer with what it gives; nothing of the answer is kept on the way."""
    return json_response(await run_quietly(work), status, NOTHING_KEPT)


async def run_quietly(work: Callable[[], T]) -> T:
    """Do work in a thread; raises its own errors, and InternalError without any content for what nobody foresaw."""
    return await asyncio.to_thread(_run, work)


def _run(work: Callable[[], T]) -> T:
    try:
        return work()
    except EendrachtError:
        raise
    except Exception as error:  # noqa: BLE001 - its text may hold what somebody submitted
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        place = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else "-"
        _LOG.error("not foreseen: %s at %s", type(error).__name__, place)
        raise InternalError("Something went wrong that was not foreseen") from None


async def read_body(request: Request, model: type[M], most_bytes: int = MOST_BYTES) -> M:
    """Read a request; raises InvalidInput with every fault, UsageFault, RequestRefused."""
    return require_valid(model, await read_json(request, most_bytes), "The request")
