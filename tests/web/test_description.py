"""The description of the API: judged by the Dutch API Design Rules, and held against what the server really does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import positive_data_acceptance

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
    assert document["info"]["contact"]["name"] == "To be filled in by the steward"
    operations = [item[method] for item in document["paths"].values() for method in item if method != "parameters"]
    identifiers = [operation["operationId"] for operation in operations]
    assert len(identifiers) == len(set(identifiers)) > 15
    for operation in operations:
        assert operation["summary"]
        for status, response in operation["responses"].items():
            assert "API-Version" in response["headers"]
            if status[0] in "45":
                assert list(response["content"]) == ["application/problem+json"]


# A draft that fits the outside can still break a rule of its kind, and a filter can name what is not there.
_EXCLUDED: list[CheckFunction] = [positive_data_acceptance]


def test_the_server_keeps_to_its_description(site: Site) -> None:
    schema = schemathesis.openapi.from_url(f"{site.server.url}/v1/openapi.json")
    headers = {"Authorization": f"Bearer {site.tokens['gm0344/editor']}"}
    tried = set()
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=50,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=MODES[0]) | operation.as_strategy(generation_mode=MODES[1]))
        def keeps(case: schemathesis.Case) -> None:
            if "waitSeconds" in (case.query or {}):
                case.query["waitSeconds"] = 0
            case.call_and_validate(headers=headers, excluded_checks=_EXCLUDED, timeout=30)

        keeps()
        tried.add(operation.label)
    assert len(tried) > 15
