"""Forms for programs: over the API without a state on the server, and as a command over a file of registers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.instance import Instance
from eendracht.web.app import create_app
from tests.web.described import Description

PARENT = Path(__file__).parent / "files" / "parent.json"
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with Wiring().create(tmp_path_factory.mktemp("forms-api") / "node") as instance:
        yield instance


def post(node: Instance, content: Any) -> tuple[int, dict[str, Any]]:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(node))
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            description = Description((await client.get("/v1/openapi.json")).json())
            return description.hold(await client.post("/v1/forms", json=content))

    answer = asyncio.run(run())
    return answer.status_code, answer.json()


def registers() -> list[dict[str, Any]]:
    return [{"name": name, **item} for name, item in json.loads(PARENT.read_text()).items()]


def test_state_in_and_next_question_or_result_out(node: Instance) -> None:
    content: dict[str, Any] = {
        "name": "child-born",
        "date": "2026-04-15",
        "registers": registers(),
        "subject": "p1",
        "answers": {},
    }
    replies = {"yes-no": "no", "money": "0"}
    asked = []
    while True:
        status, step = post(node, content)
        assert status == 200
        if step["isDone"]:
            break
        question = step["question"]
        asked.append(question["fact"])
        assert question["reasons"] and question["reasons"][0]["url"].startswith("https://wetten.overheid.nl/")
        content["answers"][question["control"]] = replies[question["shape"]]
    assert asked == ["medebewoner_heeft_te_veel_vermogen", "inkomen_medebewoners"]
    found = {item["benefit"]: item for item in step["outcomes"]}
    assert (found["kinderbijslag"]["low"], found["kinderbijslag"]["unit"]) == (29_507, "eurocent")
    assert all(item["right"] for item in found.values())
    assert any(item["register"] == "BRI" and item["value"] == 2_150_000 for item in step["known"])


def test_every_fault_is_named_with_its_place(node: Instance) -> None:
    answers = {"me.kale_huur": "veel", "me.niets": "1", "partner.geboortedatum": "?"}
    status, problem = post(node, {"name": "huurtoeslag", "answers": answers})
    assert status == 400
    assert {item["pointer"] for item in problem["errors"]} == {"/answers/me.kale_huur", "/answers/me.niets"}
    assert post(node, {"name": "niets"})[0] == 404
    assert post(node, {"name": "huurtoeslag", "extra": 1})[0] == 400


def run_command(node: Instance, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from eendracht.bootstrap import main; main()"
    folder = str(node.settings.folder)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    call = [sys.executable, "-c", code, "--folder", folder, "services", "entitlements", *arguments]
    return subprocess.run(call, capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_the_command_says_what_somebody_may_be_entitled_to(node: Instance) -> None:
    done = run_command(node, "--persona", str(PARENT), "--date", "2026-04-15", "--json")
    assert done.returncode == 0, done.stderr
    found = {item["benefit"]: item for item in json.loads(done.stdout)["entitlements"]}
    assert len(found) == 8
    assert found["kinderbijslag"]["right"] is True and found["kinderbijslag"]["low"] == 29_507
    assert found["zorgtoeslag"]["low"] == 13_700
    assert found["aow"]["right"] is False
    assert found["huurtoeslag"]["right"] is None
    assert {item["fact"] for item in found["huurtoeslag"]["missing"]} == {
        "medebewoner_heeft_te_veel_vermogen",
        "inkomen_medebewoners",
    }
    assert {item["setBy"] for item in found["bijstand"]["waitsFor"]} == {"gemeente"}
    read = run_command(node, "--persona", str(PARENT), "--date", "2026-04-15")
    assert "Kinderbijslag: ja, € 295,07 per kwartaal." in read.stdout
    assert "Huurtoeslag: nog niet bekend." in read.stdout and "geen besluit" in read.stdout


def test_a_file_that_is_no_persona_is_refused_with_a_hint(node: Instance, tmp_path: Path) -> None:
    for text in ('{"BRP": []}', "[]", "{"):
        file = tmp_path / "persona.json"
        file.write_text(text)
        done = run_command(node, "--persona", str(file))
        assert done.returncode == 1 and "→" in done.stderr and "Traceback" not in done.stderr
