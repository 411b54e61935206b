"""The description of the API (OpenAPI 3.1), as the Dutch API Design Rules 2.2 want it."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from eendracht.kernel.kinds import Registry
from eendracht.web import answers
from eendracht.web.headers import API_VERSION

TO_BE_FILLED_IN: Final = "To be filled in by the steward"

_VERSION_HEADER: Final = {"API-Version": {"description": "Full version of the API", "schema": {"type": "string"}}}
_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_METHODS: Final = ("get", "put", "post", "delete", "patch")
_TAGS: Final = {
    "records": "What organisations publish: typed, versioned, with two times.",
    "ledger": "The history that proves itself.",
    "estate": "What depends on what.",
    "rules": "Laws as data: which there are, and what they come to. Information, never a decision.",
    "services": "The right door, the catalogue, and what somebody may have a right to.",
    "resilience": "What breaks, on whom we depend, and what comes back first.",
    "cases": "What was submitted: it stays in the register of the organisation, and its status stands here.",
    "handovers": "What goes on to the body that is competent, with one that is responsible at each moment.",
    "operations": "How the node is doing.",
}


def describe_api(api: FastAPI, registry: Registry) -> dict[str, Any]:
    """Give the OpenAPI document of the mounted API."""
    document = get_openapi(
        title="Eendracht",
        version=API_VERSION,
        description="Records of public bodies, their history and what depends on what. No token: what is public.",
        routes=api.routes,
        openapi_version="3.1.0",
        servers=[{"url": "/v1"}],
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
        contact={"name": TO_BE_FILLED_IN, "email": "steward@example.invalid", "url": "https://example.invalid/"},
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = answers.Problem.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{}, {"bearer": []}]
    kinds = sorted(kind.name for kind in registry)
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                _complete(path[method], kinds)
    return document


def _complete(operation: dict[str, Any], kinds: list[str]) -> None:
    responses = operation["responses"]
    if responses.get("422", {}).get("description") == "Validation Error":
        # FastAPI adds it to every route that takes something; here that answers 400.
        responses.pop("422")
    for status, response in responses.items():
        response["headers"] = {**response.get("headers", {}), **_VERSION_HEADER}
        if status[0] in "45":
            response["content"] = _PROBLEM
        else:
            _drop_empty(response)
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "kind" and parameter["in"] == "query":
            parameter["schema"] = {"type": "string", "enum": kinds}


def _drop_empty(response: dict[str, Any]) -> None:
    """Leave out media types without a schema, which FastAPI adds where the answer has its own."""
    content = {media: value for media, value in response.get("content", {}).items() if value.get("schema")}
    if content:
        response["content"] = content
    else:
        response.pop("content", None)
