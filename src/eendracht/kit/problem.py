"""Errors as HTTP tells them: problem documents of RFC 9457 that say what to do and never how the inside looks."""

from __future__ import annotations

import logging
import sqlite3
from typing import Final

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

from eendracht.kernel.errors import EendrachtError, Fault, StorageFailure

MEDIA_TYPE: Final = "application/problem+json"

_LOG = logging.getLogger("eendracht.web")


class RequestRefused(EendrachtError):
    """The request is refused by HTTP itself: a path, a method, a size or a type that is not served."""

    code = "request-refused"
    status = 400
    title_nl = "Dit verzoek kan niet worden beantwoord"
    title_en = "This request cannot be answered"
    default_hint = "Compare the request with the API description: /v1/openapi.json."

    def __init__(self, status: int, detail: str, *, hint: str | None = None, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail, hint=hint, faults=faults)
        # The one error whose status is only known when it happens.
        self.actual_status = status


class InternalError(EendrachtError):
    """Something that nobody foresaw; the log of the node has the details."""

    code = "internal-error"
    status = 500
    default_hint = "Try again; if it stays, tell the operator of the node when it happened."


def recognise(error: BaseException) -> EendrachtError:
    """Give any exception as one of ours; one that is not foreseen goes to the log whole and out without details."""
    if isinstance(error, EendrachtError):
        return error
    if isinstance(error, HTTPException):
        return RequestRefused(error.status_code, str(error.detail))
    if isinstance(error, sqlite3.Error):
        _LOG.error("the database refused", exc_info=error)
        return StorageFailure("The database refused")
    if isinstance(error, OSError):
        _LOG.error("the disk refused", exc_info=error)
        return StorageFailure("The disk refused")
    _LOG.error("not foreseen", exc_info=error)
    return InternalError("Something went wrong that was not foreseen")


def status_of(error: EendrachtError) -> int:
    """Give the HTTP status of an error."""
    return error.actual_status if isinstance(error, RequestRefused) else error.status


def encode_problem(error: EendrachtError) -> bytes:
    """Print an error as a problem document; `detail` is always there, as the API Design Rules ask."""
    problem = error.as_problem() | {"status": status_of(error)}
    problem.setdefault("detail", error.title_en)
    return orjson.dumps(problem, default=str)


def problem_headers(error: EendrachtError) -> dict[str, str]:
    """Give the headers that belong to an error: how to sign in, or how long to wait."""
    if status_of(error) == 401:
        return {"WWW-Authenticate": "Bearer"}
    if status_of(error) in (429, 503):
        return {"Retry-After": str(error.extra.get("retryAfter", 5))}
    return {}


def problem_response(error: BaseException) -> Response:
    """Give the response for any exception."""
    ours = recognise(error)
    headers = problem_headers(ours)
    if isinstance(error, HTTPException) and error.headers:
        headers |= dict(error.headers)
    return Response(encode_problem(ours), status_of(ours), headers, MEDIA_TYPE)
