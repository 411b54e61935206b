"""The description of the API: judged by the Dutch API Design Rules, and held against what the server really does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import schemathesis
from fastapi import APIRouter
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import positive_data_acceptance

from eendracht.bootstrap import WINGS
from eendracht.web.description import TO_BE_FILLED_IN
from tests.web.conftest import Site

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def test_spectral_finds_no_error(
    site: Site, node_tool: Callable[[str], Path], shared: Callable[..., Path], tmp_path: Path
) -> None:
    ruleset = shared("reference", "data", "adr", "spectral-linter-adr-2.2.yaml")
    description = tmp_path / "openapi.json"
    description.write_bytes(site.get("/v1/openapi.json").content)
    result = subprocess.run(
        [node_tool("spectral"), "lint", "--ruleset", ruleset, "--format", "json", "--quiet", description],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    findings = [finding for finding in json.loads(result.stdout or "[]") if finding["severity"] == 0]
    assert findings == []
    assert result.returncode == 0, result.stderr


def test_every_operation_is_described_with_version_and_problems(site: Site) -> None:
    document = site.get("/v1/openapi.json").json()
    assert document["info"]["contact"]["name"] == TO_BE_FILLED_IN
    operations = [item[method] for item in document["paths"].values() for method in item if method != "parameters"]
    identifiers = [operation["operationId"] for operation in operations]
    assert len(identifiers) == len(set(identifiers)) > 15
    for operation in operations:
        assert operation["summary"]
        for status, response in operation["responses"].items():
            assert "API-Version" in response["headers"]
            if status[0] in "45":
                assert list(response["content"]) == ["application/problem+json"]


# A draft can break a rule of its kind, a cursor belong to another kind of list, a size lie beyond the log; a number of
# a case can have more digits than are read, and its registers more rows together; a document is in base64; a
# selector names fields that exist.
STRICTER_THAN_DESCRIBED = (
    "PUT /records/{name}",
    "POST /records",
    "GET /records",
    "GET /ledger/consistency-proof",
    "POST /evaluations",
    "POST /needs",
    "POST /population-runs",
    "POST /cases",
    "POST /handovers/incoming",
    "POST /resilience/supplier-questions",
    "POST /resilience/supplier-answers",
    "POST /resilience/incidents",
    "POST /resilience/advisories",
    "POST /door",
    "GET /resilience/what-if",
    "GET /resilience/cryptography",
)


def test_every_route_of_every_wing_is_described(site: Site) -> None:
    """Only what a browser asks before it sends a page's question elsewhere (OPTIONS) is not."""
    described = labels_of(site.get("/v1/openapi.json").json())
    routes = [route for wing in WINGS for route in list_routes(wing.load("routes"))]
    assert len(routes) > 15
    for route in routes:
        labels = {f"{method} {route.path_format}" for method in route.methods}
        assert labels <= described or route.methods == {"OPTIONS"}, labels
        assert route.include_in_schema or not labels & described


def list_routes(router: APIRouter) -> Iterator[APIRoute]:
    """Give the routes of a router and of those that it takes in."""
    for route in router.routes:
        yield from list_routes(route.original_router) if hasattr(route, "original_router") else [route]


def labels_of(document: dict[str, Any]) -> set[str]:
    """Give method and path of every operation that is described."""
    items = document["paths"].items()
    return {f"{method.upper()} {path}" for path, item in items for method in item if method != "parameters"}


def test_the_server_keeps_to_its_description(site: Site) -> None:
    schema = schemathesis.openapi.from_url(f"{site.server.url}/v1/openapi.json")
    token = site.tokens["gm0344/editor"]
    labels = [hold_to_description(result.ok(), token) for result in schema.get_all_operations()]
    assert set(labels) == labels_of(site.get("/v1/openapi.json").json())


def hold_to_description(operation: Any, token: str) -> str:
    """Send good and bad requests to one operation and judge each answer by the description; give its label."""
    stricter = operation.label in STRICTER_THAN_DESCRIBED
    excluded: list[CheckFunction] = [positive_data_acceptance] if stricter else []

    @settings(
        max_examples=50,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=MODES[0]) | operation.as_strategy(generation_mode=MODES[1]))
    def send(case: schemathesis.Case) -> None:
        if "waitSeconds" in (case.query or {}):
            case.query["waitSeconds"] = 0
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=excluded, timeout=30)

    send()
    return str(operation.label)
