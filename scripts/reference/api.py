"""The reference page of the API, from the description that a node itself gives (OpenAPI)."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
from scripts.reference.writing import code, paragraph, table

from eendracht.bootstrap import create_instance
from eendracht.config import Settings
from eendracht.web.app import create_app

DESCRIPTION: Final = "/v1/openapi.json"
_METHODS: Final = ("get", "put", "post", "delete", "patch")
_PREFIX: Final = "#/components/schemas/"
_BOUNDS: Final = {
    "minimum": "at least {:,}",
    "maximum": "at most {:,}",
    "minLength": "at least {:,} characters",
    "maxLength": "at most {:,} characters",
    "minItems": "at least {:,} of them",
    "maxItems": "at most {:,} of them",
}
"""What a bound of JSON Schema says to a reader."""


@cache
def read_description() -> dict[str, Any]:
    """Give the OpenAPI document of a new node, asked of the application itself."""

    async def ask() -> dict[str, Any]:
        settings = Settings(folder=Path(folder) / "node")
        with create_instance(settings) as instance:
            transport = httpx.ASGITransport(create_app(instance))  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                document: dict[str, Any] = (await client.get(DESCRIPTION)).raise_for_status().json()
                return document

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(ask())


def list_operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path under the server and description of every endpoint, in the order of the document."""
    for path, item in read_description()["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def render_api() -> list[str]:
    """Give the lines of the page."""
    document = read_description()
    server = document["servers"][0]["url"]
    lines = [
        "# API",
        "",
        *paragraph(
            f"{document['info']['description']} Version {document['info']['version']}, under `{server}`.",
            "A token goes in the header `Authorization: Bearer TOKEN`; `eendracht access token` makes one.",
            "A wrong token is refused, never taken for the public.",
            f"A running node gives the same for programs at `{DESCRIPTION}` (OpenAPI {document['openapi']}).",
            "Every answer says the version of the API in the header `API-Version`.",
        ),
        "",
        *table(
            ("endpoint", "what it does"),
            [
                (f"[`{method} {server}{path}`](#{_anchor(method, path)})", _says(operation)[0])
                for method, path, operation in list_operations()
            ],
        ),
    ]
    for tag in document["tags"]:
        lines += ["", f"## {tag['name'].capitalize()}", "", tag["description"]]
        for method, path, operation in list_operations():
            if operation["tags"] == [tag["name"]]:
                lines += ["", *_operation(method, path, operation)]
    lines += ["", "## Shapes", "", "What requests and answers are made of; a field with * is always there."]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += ["", f"### {name}", "", *_shape(schema)]
    return lines


def _anchor(method: str, path: str) -> str:
    """Give the anchor that the heading of an endpoint gets, here and where repositories are shown."""
    return re.sub(r"[^a-z0-9-]+", "", f"{method}-{path}".lower())


def _says(operation: dict[str, Any]) -> list[str]:
    """Give what an endpoint does, as paragraphs: its description, or else its summary."""
    text = operation.get("description") or operation["summary"] + "."
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _operation(method: str, path: str, operation: dict[str, Any]) -> list[str]:
    lines = [f"### {method} {path}"]
    for text in _says(operation):
        lines += ["", text]
    rows = [
        (
            code(item["name"]) + (" *" if item.get("required") else ""),
            item["in"],
            _type(item["schema"]),
            " ".join([item.get("description", ""), _bounds(item["schema"])]).strip(),
        )
        for item in operation.get("parameters", ())
    ]
    if rows:
        lines += ["", *table(("parameter", "in", "type", "meaning"), rows)]
    if body := operation.get("requestBody"):
        star = "required" if body.get("required") else "optional"
        for media, content in body["content"].items():
            lines += ["", f"Request body ({star}), `{media}`:", "", *_properties(content["schema"])]
    answers = [
        (status, answer["description"], _content(answer)) for status, answer in sorted(operation["responses"].items())
    ]
    return [*lines, "", *table(("status", "answer", "content"), answers)]


def _content(answer: dict[str, Any]) -> str:
    shown = []
    for media, content in answer.get("content", {}).items():
        shape = _type(content["schema"])
        shown.append(f"{code(media)}: {shape}" if shape.startswith("[") else code(media))
    return ", ".join(shown)


def _shape(schema: dict[str, Any]) -> list[str]:
    lines = [" ".join(schema["description"].split()), ""] if schema.get("description") else []
    return lines + _properties(schema)


def _properties(schema: dict[str, Any]) -> list[str]:
    rows = list(_rows(schema))
    return table(("field", "type", "meaning"), rows) if rows else [_type(schema)]


def _rows(schema: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    required = schema.get("required", ())
    for name, shape in schema.get("properties", {}).items():
        star = " *" if name in required else ""
        meaning = " ".join([*shape.get("description", "").split(), _bounds(shape)]).strip()
        yield code(prefix + name) + star, _type(shape), meaning
        # Parts that have no name of their own, as in a request, are told where they stand.
        inner = shape.get("items", shape)
        yield from _rows(inner, f"{prefix}{name}.") if "properties" in inner else ()


def _type(schema: dict[str, Any]) -> str:
    if target := schema.get("$ref"):
        name = target.removeprefix(_PREFIX)
        return f"[{name}](#{name.lower()})"
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(_type(option) for option in options))
    if "enum" in schema:
        return " ".join(code(value) for value in schema["enum"])
    if "const" in schema:
        return code(schema["const"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"{_type(schema['additionalProperties'])} by name"
    words = {"string": "text", "integer": "whole number", "boolean": "yes or no", "null": "nothing"}
    formats = {"date": "date", "date-time": "moment (UTC)"}
    return str(formats.get(schema.get("format", ""), words.get(kind, kind)))


def _bounds(schema: dict[str, Any]) -> str:
    bounds = [words.format(schema[key]) for key, words in _BOUNDS.items() if key in schema]
    if schema.get("default") not in (None, "", [], {}):
        bounds.append(f"default {schema['default']}")
    return f"({'; '.join(bounds)})" if bounds else ""
