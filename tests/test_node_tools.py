"""The Node.js tools of the tests run: spectral judges an API description by the Dutch API Design Rules."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path


def test_spectral_finds_what_breaks_the_api_design_rules(
    node_tool: Callable[[str], Path], shared: Callable[..., Path], tmp_path: Path
) -> None:
    ruleset = shared("reference", "data", "adr", "spectral-linter-adr-2.2.yaml")
    description = tmp_path / "openapi.json"
    info = {
        "title": "Planted fault",
        "version": "one",
        "contact": {"name": "n", "email": "e@e.nl", "url": "https://e.nl"},
    }
    description.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": {}}))
    result = subprocess.run(
        [node_tool("spectral"), "lint", "--ruleset", ruleset, "--format", "json", "--quiet", description],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    codes = {finding["code"] for finding in json.loads(result.stdout)}
    assert result.returncode == 1, result.stderr
    # Rule API-56 of the API Design Rules: the version follows Semantic Versioning.
    assert "nlgov:semver" in codes
