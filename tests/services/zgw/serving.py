"""A ZGW register that a test starts: it holds every request against `openapi.yaml`, keeps state, and can misbehave.

`python -m tests.services.zgw.serving PORT` serves it with uvicorn. It is no reference implementation: it knows the
operations of the description, the JWT, the CRS headers, uniqueness of an identificatie, and pages.
"""

from __future__ import annotations

import asyncio
import base64
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator, FormatChecker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.web.serving import Server, free_port, run_python

SECRET = "a-secret-of-the-register-of-the-tests"
CLIENT = "eendracht"
RSIN = "002220647"
PAGE_SIZE = 3
TYPES = ("B1026", "B0000")

RUN = "import sys; from tests.services.zgw.serving import main; main(int(sys.argv[1]))"


class Register:
    """The state of the register, and what it was told to do wrong."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.description = _plain(yaml.safe_load((Path(__file__).parent / "openapi.yaml").read_text("utf-8")))
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}
        self.seen: list[dict[str, Any]] = []
        self.trouble: dict[str, Any] = {}
        self._fill()

    def _fill(self) -> None:
        # More than a page of each, with what is looked for at the end.
        for at in range(4):
            self.add("catalogi/api/v1/zaaktypen", {"identificatie": f"X{at}", "eindeGeldigheid": None})
        for name in TYPES:
            zaaktype = self.add("catalogi/api/v1/zaaktypen", {"identificatie": name, "eindeGeldigheid": None})
            for number, says in enumerate(("Ontvangen", "In behandeling", "Doorgezonden", "Besloten"), 1):
                row = {"zaaktype": zaaktype["url"], "omschrijving": says, "volgnummer": number}
                self.add("catalogi/api/v1/statustypen", row)
        old = {"identificatie": "B1026", "eindeGeldigheid": "2020-01-01"}
        self.add("catalogi/api/v1/zaaktypen", old)
        for says in ("Brief", "Besluit", "Bijlage", "Aanvraag"):
            self.add("catalogi/api/v1/informatieobjecttypen", {"omschrijving": says})

    def add(self, place: str, row: dict[str, Any]) -> dict[str, Any]:
        name = str(uuid.uuid4())
        made = {"url": f"{self.base}/{place}/{name}", "uuid": name, **row}
        self.rows.setdefault(place, {})[name] = made
        return made

    def list(self, place: str) -> list[dict[str, Any]]:
        return list(self.rows.get(place, {}).values())


def _plain(node: Any) -> Any:
    """Turn what OpenAPI 3.0 says (nullable) into JSON Schema."""
    if isinstance(node, dict):
        node = {key: _plain(value) for key, value in node.items()}
        if node.pop("nullable", False):
            return {"anyOf": [node, {"type": "null"}]}
    return [_plain(item) for item in node] if isinstance(node, list) else node


def problem(status: int, code: str, params: list[dict[str, str]] | None = None) -> Response:
    body = {"type": "", "code": code, "title": code, "status": status, "detail": code, "instance": "urn:uuid:0"}
    return JSONResponse({**body, **({"invalidParams": params} if params else {})}, status)


class Handler:
    """Answers requests as the description says."""

    def __init__(self, register: Register) -> None:
        self.register = register

    async def __call__(self, request: Request) -> Response:
        path = request.url.path
        self.register.seen.append({"method": request.method, "path": path, "headers": dict(request.headers)})
        mishap = await self._mishap(request)
        if mishap is not None:
            return mishap
        if not self._knows(request):
            return problem(403, "not_authenticated")
        found = self._operation(request.method.lower(), path)
        if found is None:
            return problem(404, "not_found")
        template, operation = found
        faults = self._faults(request, operation)
        body = await request.json() if request.method == "POST" else {}
        faults += self._body_faults(operation, body)
        if faults:
            return problem(400, "invalid", faults)
        answer = self._post(path, body) if request.method == "POST" else self._get(request, path, template)
        if self.register.trouble.pop("drop_answer", None) == path:
            # Done, but nobody hears of it.
            await asyncio.sleep(30)
        return answer

    async def _mishap(self, request: Request) -> Response | None:
        trouble = self.register.trouble
        if trouble.get("down"):
            return problem(503, "service_unavailable")
        fails = trouble.get("fail_times", {}).get(request.method, 0)
        if fails:
            trouble["fail_times"][request.method] = fails - 1
            return problem(502, "bad_gateway")
        return None

    def _knows(self, request: Request) -> bool:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import OctKey

        header = request.headers.get("authorization", "")
        try:
            token = jwt.decode(header.removeprefix("Bearer "), OctKey.import_key(SECRET), algorithms=["HS256"])
        except (JoseError, ValueError):
            return False
        claims = token.claims
        return claims.get("client_id") == claims.get("iss") == CLIENT and {
            "iat",
            "user_id",
            "user_representation",
        } <= set(claims)

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        for template, item in self.register.description["paths"].items():
            if method in item and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                return template, item[method]
        return None

    def _faults(self, request: Request, operation: dict[str, Any]) -> list[dict[str, str]]:
        faults = []
        parameters = operation.get("parameters", [])
        known = {item["name"] for item in parameters if item["in"] == "query"}
        faults += [
            {"name": name, "code": "unknown-parameters", "reason": "-"} for name in request.query_params.keys() - known
        ]
        for item in parameters:
            source: Any = request.query_params if item["in"] == "query" else request.headers
            value = source.get(item["name"])
            if value is None:
                if item.get("required"):
                    faults.append({"name": item["name"], "code": "required", "reason": "-"})
                continue
            typed: Any = int(value) if item["schema"].get("type") == "integer" else value
            if list(Draft7Validator(item["schema"], format_checker=FormatChecker()).iter_errors(typed)):
                faults.append({"name": item["name"], "code": "invalid", "reason": value})
        return faults

    def _body_faults(self, operation: dict[str, Any], body: Any) -> list[dict[str, str]]:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return []
        schemas = self.register.description["components"]["schemas"]
        schema = schemas[content["application/json"]["schema"]["$ref"].rpartition("/")[2]]
        validator = Draft7Validator(schema, format_checker=FormatChecker())
        return [
            {
                "name": ".".join(map(str, error.path)) or error.message.split("'")[1],
                "code": str(error.validator),
                "reason": error.message,
            }
            for error in validator.iter_errors(body)
        ]

    def _post(self, path: str, body: dict[str, Any]) -> Response:
        place, register = path.strip("/"), self.register
        if "identificatie" in body and any(
            row["identificatie"] == body["identificatie"] and row["bronorganisatie"] == body["bronorganisatie"]
            for row in register.list(place)
        ):
            params = [{"name": "identificatie", "code": "identificatie-niet-uniek", "reason": "-"}]
            return problem(400, "invalid", params)
        if place.endswith("/zaken"):
            if not any(row["url"] == body["zaaktype"] for row in register.list("catalogi/api/v1/zaaktypen")):
                return problem(400, "invalid", [{"name": "zaaktype", "code": "bad-url", "reason": "-"}])
            body = {"status": None, "einddatum": None, "einddatumGepland": None, **body}
        if place.endswith("/enkelvoudiginformatieobjecten"):
            size = len(base64.b64decode(body["inhoud"], validate=True))
            if size != body["bestandsomvang"]:
                return problem(400, "invalid", [{"name": "bestandsomvang", "code": "file-size", "reason": "-"}])
        made = register.add(place, body)
        if place.endswith("/statussen"):
            self._set_status(made)
        return JSONResponse(made, 201)

    def _set_status(self, status: dict[str, Any]) -> None:
        for row in self.register.list("zaken/api/v1/zaken"):
            if row["url"] == status["zaak"]:
                row["status"] = status["url"]

    def _get(self, request: Request, path: str, template: str) -> Response:
        place = path.strip("/")
        if template.endswith("{uuid}"):
            place, _, name = place.rpartition("/")
            row = self.register.rows.get(place, {}).get(name)
            return JSONResponse(row) if row else problem(404, "not_found")
        wanted = {
            key: value
            for key, value in request.query_params.items()
            if key not in ("page", "status", "datumGeldigheid")
        }
        rows = [row for row in self.register.list(place) if all(row.get(key) == value for key, value in wanted.items())]
        if place.endswith("zaakinformatieobjecten"):
            return JSONResponse(rows)
        page = int(request.query_params.get("page", 1))
        stretch = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        following = str(request.url.include_query_params(page=page + 1)) if page * PAGE_SIZE < len(rows) else None
        return JSONResponse({"count": len(rows), "next": following, "previous": None, "results": stretch})


def make_app(base: str) -> Starlette:
    register = Register(base)
    handler = Handler(register)

    async def tell(_: Request) -> Response:
        return JSONResponse(
            {"rows": {place: list(rows.values()) for place, rows in register.rows.items()}, "seen": register.seen}
        )

    async def trouble(request: Request) -> Response:
        register.trouble = await request.json()
        return Response(status_code=204)

    async def advance(request: Request) -> Response:
        """Let a clerk work: set a status by its name, change dates."""
        asked = await request.json()
        (zaak,) = [row for row in register.list("zaken/api/v1/zaken") if row["identificatie"] == asked["identificatie"]]
        types = register.list("catalogi/api/v1/statustypen")
        (kind,) = [
            row for row in types if row["zaaktype"] == zaak["zaaktype"] and row["omschrijving"] == asked["status"]
        ]
        moment = f"{datetime.now(UTC).date().isoformat()}T12:00:00Z"
        made = register.add(
            "zaken/api/v1/statussen", {"zaak": zaak["url"], "statustype": kind["url"], "datumStatusGezet": moment}
        )
        zaak.update({"status": made["url"], **asked.get("fields", {})})
        return JSONResponse(zaak)

    return Starlette(
        routes=[
            Route("/_state", tell),
            Route("/_trouble", trouble, methods=["POST"]),
            Route("/_advance", advance, methods=["POST"]),
            Route("/{path:path}", handler.__call__, methods=["GET", "POST"]),
        ]
    )


def main(port: int) -> None:
    import uvicorn

    uvicorn.run(make_app(f"http://127.0.0.1:{port}"), host="127.0.0.1", port=port, log_level="warning")


@contextmanager
def run_register(port: int = 0) -> Iterator[Server]:
    """Serve a register on a port of loopback."""
    port = port or free_port()
    with run_python(RUN, [str(port)], port, "/_state") as server:
        yield server


def connection_text(url: str, organisation: str = "organisation:gm0344") -> str:
    """Give the part of cases.toml that names the register."""
    return (
        f'[registers."{organisation}"]\nzaken = "{url}/zaken/api/v1"\ncatalogi = "{url}/catalogi/api/v1"\n'
        f'documenten = "{url}/documenten/api/v1"\nnotificaties = "{url}/notificaties/api/v1"\nrsin = "{RSIN}"\n'
        f'client_id = "{CLIENT}"\nsecret = "{SECRET}"\ndocument_type = "Aanvraag"\ndefault_case_type = "B0000"\n'
        'case_types = {"public-service:gm0344/parkeren" = "B1026"}\n'
        'statuses = {"received" = "Ontvangen", "handed-over" = "Doorgezonden"}\n'
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
