"""What the routes of the API are made with: who asks, what is asked, and how it is described.

The frame sets `request.app.state.service`; a route of a wing reaches the node through `InstanceOf` and
`LandscapesOf` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol, TypeVar

import orjson
from fastapi import Depends, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from eendracht.kernel.access import PUBLIC, Principal
from eendracht.kernel.errors import Denied, Unauthenticated
from eendracht.kernel.instance import Instance
from eendracht.kit.landscapes import Landscapes
from eendracht.kit.questions import NAME_PATTERN, Nothing, read_question

M = TypeVar("M", bound=BaseModel)

DYNAMIC: Final[Mapping[str, str]] = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
"""For what depends on who asks."""
IMMUTABLE: Final[Mapping[str, str]] = {"Cache-Control": "public, max-age=31536000, immutable"}
"""For what never changes and everybody may see."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks over HTTP, and whether the token lets it write."""

    principal: Principal
    may_write: bool = False
    is_public: bool = False

    def require_write(self) -> Principal:
        """Give the author of a write; raises Unauthenticated without a token, Denied with one that only reads."""
        if self.is_public:
            raise Unauthenticated("Writing needs a token", hint="Send it as: Authorization: Bearer eendracht_…")
        if not self.may_write:
            raise Denied("This token only reads", hint="Ask the operator of the node for a token that writes.")
        return self.principal


THE_PUBLIC: Final = Asker(PUBLIC, is_public=True)


class Serving(Protocol):
    """What the frame puts behind every request."""

    instance: Instance
    landscapes: Landscapes

    async def identify(self, scope: Any) -> Asker:
        """Give who asks; raises Unauthenticated or TooManyRequests."""
        ...


def _serving(request: Request) -> Serving:
    serving: Serving = request.app.state.service
    return serving


def instance_of(request: Request) -> Instance:
    """Give the node behind a request."""
    return _serving(request).instance


def landscapes_of(request: Request) -> Landscapes:
    """Give the landscapes that the server keeps at hand."""
    return _serving(request).landscapes


async def asker_of(request: Request) -> Asker:
    """Give who asks; raises Unauthenticated or TooManyRequests."""
    return await _serving(request).identify(request.scope)


InstanceOf = Annotated[Instance, Depends(instance_of)]
LandscapesOf = Annotated[Landscapes, Depends(landscapes_of)]
AskerOf = Annotated[Asker, Depends(asker_of)]
Name = Annotated[
    str,
    Path(pattern=NAME_PATTERN, max_length=221, description="Ref, former ref or uid", examples=["organisation:gm0344"]),
]


def question(model: type[M]) -> Any:
    """Give the dependency that reads the query string as this model."""

    def read(request: Request) -> M:
        return read_question(model, request.scope["query_string"])

    return Depends(read)


refuse_questions: Final = question(Nothing)
"""For a route without parameters: an unknown one is an error, not silently dropped."""


def describe_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    """Give the query parameters of a model as OpenAPI describes them."""
    schema = model.model_json_schema(by_alias=True)
    required = schema.get("required", [])
    parameters = []
    for name, described in schema["properties"].items():
        said = described.get("default")
        described = {key: value for key, value in described.items() if key not in ("title", "default")}
        options = [option for option in described.get("anyOf", []) if option.get("type") != "null"]
        if len(options) == 1:
            described = {**options[0], **{key: value for key, value in described.items() if key != "anyOf"}}
        elif options:
            described["anyOf"] = options
        if said not in (None, ""):
            described["default"] = said
        text = described.pop("description", "")
        parameters.append(
            {"name": name, "in": "query", "required": name in required, "description": text, "schema": described}
        )
    return parameters


def describe(
    answer: type[BaseModel] | None = None,
    *,
    query: type[BaseModel] | None = None,
    status: int = 200,
    media_types: tuple[str, ...] = (),
    body: Mapping[str, Any] | None = None,
    errors: tuple[int, ...] = (),
) -> dict[str, Any]:
    """Give the arguments of a route that describe it; the handler returns a Response itself.

    `answer` is the shape of a JSON answer; `media_types` other forms of it. Every operation can answer 400, 401, 429
    and 503; `errors` names what else it can.
    """
    content: dict[str, Any] = {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    success: dict[str, Any] = {"description": (answer.__doc__ or "").partition("\n")[0] if answer else "As asked"}
    if answer:
        success["model"] = answer
    if content:
        success["content"] = content
    extra: dict[str, Any] = {}
    if query:
        extra["parameters"] = describe_parameters(query)
    if body:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": dict(body)}}}
    responses: dict[int | str, dict[str, Any]] = {status: success}
    responses |= {code: {"description": _ERRORS[code]} for code in sorted({400, 401, 429, 503, *errors})}
    return {
        "status_code": status,
        "response_class": Response,
        "response_model": None,
        "responses": responses,
        "openapi_extra": extra,
    }


_ERRORS: Final = {
    400: "The request is not valid; every fault is listed",
    401: "The token does not hold",
    403: "The asker may not do this",
    404: "Not found, or hidden from the asker",
    409: "The name is taken or in another way in use",
    412: "The record was changed in the meantime; both versions are in the answer",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "A rule cannot be applied to these facts",
    429: "Too many wrong tokens",
    503: "The storage refuses, or too much is asked at once",
}


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] = DYNAMIC) -> Response:
    """Give plain data, or bytes that are JSON already, as a response."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return Response(body, status, headers, "application/json")
