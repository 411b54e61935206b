"""Reading what a request brings: bounded in size, time and depth before anything looks at it."""

from __future__ import annotations

import asyncio
import json
import re
from decimal import Decimal
from typing import Any, Final

import orjson
from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request

from eendracht.kernel.errors import UsageFault
from eendracht.kit.problem import RequestRefused

MOST_BYTES: Final = 2**20
"""Largest body of a single record."""
MOST_BATCH_BYTES: Final = 16 * 2**20
"""Largest body of a batch."""
DEEPEST: Final = 64
"""How deep objects and lists may lie in each other."""
SECONDS: Final = 30.0
"""How long a body may take to arrive."""

_BRACKETS = re.compile(rb"[\[\]{}]")


async def read_json(request: Request, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """Give the JSON object in the body; raises UsageFault or RequestRefused (408, 413, 415)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise RequestRefused(415, "The body is not JSON", hint="Send it with Content-Type: application/json.")
    return parse_object(await read_bounded(request, most_bytes))


async def read_bounded(request: Request, most_bytes: int = MOST_BYTES) -> bytes:
    """Give the body; raises RequestRefused (400, 408, 413) where it is cut short, too slow or too large."""
    try:
        async with asyncio.timeout(SECONDS):
            return await _collect(request, most_bytes)
    except TimeoutError:
        raise RequestRefused(408, f"The body did not arrive within {SECONDS:.0f} seconds") from None
    except ClientDisconnect:
        raise RequestRefused(400, "The connection was closed before the body was there") from None


async def _collect(request: Request, most_bytes: int) -> bytes:
    too_large = RequestRefused(413, f"The body is larger than {most_bytes} bytes", hint="Send it in smaller batches.")
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise too_large
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most_bytes:
            raise too_large
        parts.append(part)
    return b"".join(parts)


def parse_object(body: bytes) -> dict[str, Any]:
    """Give the JSON object in these bytes; raises UsageFault for anything else, and for one that is too deep."""
    if _depth(body) > DEEPEST:
        raise UsageFault(f"The JSON is deeper than {DEEPEST}", hint="Send plain records.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UsageFault(f"The body is no JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    if not isinstance(value, dict):
        raise UsageFault("The body is no JSON object", hint="Begin with a { and name the fields.")
    return value


def _depth(body: bytes) -> int:
    """Give how deep JSON is; of what is no JSON it may be anything, for that is refused anyway."""
    # Without what is escaped every second part between quotes is a text: far faster than a pattern over each character.
    parts = body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    depth = deepest = 0
    for match in _BRACKETS.finditer(b"".join(parts[::2])):
        if match[0] in b"[{":
            depth += 1
            if depth > deepest:
                deepest = depth
                if deepest > DEEPEST:
                    break
        else:
            depth -= 1
    return deepest


# -- numbers without loss ---------------------------------------------------------------------------------------------

MOST_DIGITS: Final = 60
"""How long a number may be written; a larger exponent would take memory that the body does not show."""


async def read_exact_json(request: Request, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """Give the JSON object in the body, its fractions as decimals; raises as `read_json`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise RequestRefused(415, "The body is not JSON", hint="Send it with Content-Type: application/json.")
    return parse_exact_object(await read_bounded(request, most_bytes))


def parse_exact_object(body: bytes) -> dict[str, Any]:
    """Give the JSON object in these bytes with every number as it is written; raises as `parse_object`."""
    parse_object(body)
    try:
        value: dict[str, Any] = json.loads(body, parse_float=_decimal, parse_int=_whole)
    except ValueError as error:
        raise UsageFault(f"The body is no JSON: {error}") from None
    return value


def _decimal(text: str) -> Decimal:
    number = Decimal(text) if len(text) <= MOST_DIGITS else None
    if number is None or abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError(f"a number of more than {MOST_DIGITS} digits")
    return number


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a number of more than {MOST_DIGITS} digits")
    return int(text)


# -- how a body is described -------------------------------------------------------------------------------------------


def body_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Give the JSON Schema of a body in one piece, as a description of an API can hold it."""
    schema = model.model_json_schema(by_alias=True)
    parts = schema.pop("$defs", {})

    def inline(item: Any) -> Any:
        if isinstance(item, dict):
            if "$ref" in item:
                return inline(parts[item["$ref"].rpartition("/")[2]])
            # Names that do not fit are refused; the schema of the model leaves them open.
            closed = {"additionalProperties": False} if "patternProperties" in item else {}
            return {**closed, **{key: inline(value) for key, value in item.items()}}
        return [inline(value) for value in item] if isinstance(item, list) else item

    inlined: dict[str, Any] = inline(schema)
    return inlined
