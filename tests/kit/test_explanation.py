"""One explanation on a terminal, as JSON and on a page: the same parts, none left out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.kernel.instance import Instance
from eendracht.web.app import create_app
from tests.cli.command import CommandLine
from tests.web.nodes import PUBLIC_DRAFTS, draft, fill_node, open_node

FAILING = "application:gm0344/zaaksysteem"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node") as instance:
        extra = draft("application:gm0344/onbekend", "Onbekend", requires=["application:gm0344/zaaksysteem"])
        fill_node(instance, [*PUBLIC_DRAFTS, extra])
        yield instance


def get(instance: Instance, path: str) -> httpx.Response:
    """Ask as the public."""

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(instance))
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            return await client.get(path, headers={"Accept": "text/html" if path[1:3] in ("nl", "en") else "*/*"})

    return asyncio.run(run())


def words_of(html: str) -> str:
    """Give the words of a page, spaces folded."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def parts_of(explanation: dict[str, Any], language: str) -> list[str]:
    """Give every sentence of an explanation in a language."""
    said = [explanation["verdict"], explanation["rule"]["title"], *explanation["steps"], *explanation["changes"]]
    said += [item["label"] for item in explanation["inputs"]]
    return [" ".join(item[language].split()) for item in said] + [explanation["rule"]["article"]]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_failure_is_explained_alike_everywhere(node: Instance, tmp_path: Path, language: str) -> None:
    answer = get(node, f"/v1/estate/impacts/{FAILING}").json()
    explanation = answer["explanation"]
    assert explanation["rule"]["code"] == "failure" and explanation["steps"] and explanation["inputs"]
    assert explanation["inputs"][0]["statedOn"] == "2026-01-01"
    page = "uitval" if language == "nl" else "failure"
    shown = words_of(get(node, f"/{language}/{page}/{FAILING}").text)
    (tmp_path / "node" / "node.toml").write_text(f'name = "test.example/eendracht"\nlanguage = "{language}"\n')
    line = CommandLine(tmp_path / "node")
    printed = " ".join(line.run("--as", "public", "estate", "impact", FAILING).out.split())
    assert line.read("--as", "public", "estate", "impact", FAILING)["explanation"] == explanation
    for part in parts_of(explanation, language):
        assert part in shown, part
        assert part in printed, part


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_finding_is_explained_alike_everywhere(node: Instance, tmp_path: Path, language: str) -> None:
    codes = [finding["code"] for finding in get(node, "/v1/findings").json()["findings"]]
    assert "unknown-criticality" in codes and "dangling-reference" in codes
    (tmp_path / "node" / "node.toml").write_text(f'name = "test.example/eendracht"\nlanguage = "{language}"\n')
    line = CommandLine(tmp_path / "node")
    for code in codes:
        explanation = get(node, f"/v1/findings/{code}").json()["explanation"]
        page = "bevindingen" if language == "nl" else "findings"
        shown = words_of(get(node, f"/{language}/{page}/{code}").text)
        for part in parts_of(explanation, language):
            assert part in shown, (code, part)
    printed = " ".join(line.run("--as", "public", "briefing", "--why", codes[0]).out.split())
    explanation = line.read("--as", "public", "briefing", "--why", codes[0])
    assert explanation == get(node, f"/v1/findings/{codes[0]}").json()["explanation"]
    for part in parts_of(explanation, language)[:3]:
        assert part in printed
    assert "There is no finding" in line.run("briefing", "--why", "nothing", expect=1).err


def test_another_thing_can_be_asked_for_and_one_that_stands_is_refused(node: Instance) -> None:
    stopping = "public-service:gm0344/paspoort"
    steps = get(node, f"/v1/estate/impacts/{FAILING}?why={stopping}").json()["explanation"]["steps"]
    assert "Paspoort" in steps[-1]["en"] and "Zaaksysteem" in steps[0]["en"]
    assert get(node, f"/v1/estate/impacts/{FAILING}?why=organisation:gm0344").status_code == 404
    assert get(node, "/v1/findings/nothing").status_code == 404
    assert get(node, "/v1/findings?limit=1").status_code == 400
