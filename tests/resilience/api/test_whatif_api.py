"""What if over HTTP: for people of an organisation, and what they may not see is as if it were not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eendracht.bootstrap import Wiring
from tests.cli.command import CommandLine
from tests.resilience.small_landscape import DRAFTS
from tests.web.nodes import fill_node
from tests.web.serving import Server, run_server

Site = tuple[Server, dict[str, str], Path]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("whatif") / "node"
    with Wiring().create(folder) as instance:
        tokens = fill_node(instance, [item for item in DRAFTS if not item["ref"].startswith("organisation:")])
    with run_server(folder) as server:
        yield server, tokens, folder


def ask(site: Site, query: str, who: str = "gm0344/editor") -> httpx.Response:
    headers = {"Authorization": f"Bearer {site[1][who]}"} if who else {}
    return httpx.get(f"{site[0].url}/v1/resilience/what-if?{query}", headers=headers, timeout=60)


def test_who_works_at_an_organisation_is_answered(site: Site) -> None:
    answer = ask(site, "selector=facility:gm0344/zaal&hours=10&horizon=24&old=platform:gm0344/wolk&new=Nieuw")
    assert answer.status_code == 200
    body = answer.json()
    assert body["services"][0]["name"] == "Rijbewijs" and body["isSynthetic"]
    assert body["services"][0]["best"]["outages"] == [{"beginHours": 4.0, "endHours": 10.0}]
    assert [item["type"] for item in body["askNext"]] == ["unresolved", "untested"]
    assert not [item for item in body["after"]["services"] if item["certain"]]


def test_others_are_not(site: Site) -> None:
    assert ask(site, "selector=facility:gm0344/zaal", who="").status_code == 403


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "missing"), ("selector=facility:gm0344/weg", "matches-nothing"), ("selector=a&hours=0", "greater_than")],
)
def test_a_fault_is_told_with_its_place(site: Site, query: str, code: str) -> None:
    answer = ask(site, query)
    assert answer.status_code == 400
    assert code in {fault["code"] for fault in answer.json()["errors"]} or answer.json()["errors"]


def test_the_command_tells_the_same(site: Site) -> None:
    command = CommandLine(site[2])
    told = command.run("resilience", "whatif", "facility:gm0344/zaal", "--hours", "10", "--json").json
    assert told["services"][0]["best"]["outages"] == [{"beginHours": 4.0, "endHours": 10.0}]
    text = command.run("resilience", "whatif", "facility:gm0344/zaal", "--hours", "10").out
    assert "Rijbewijs" in text and "Reserve" in text
    assert "→" in command.run("resilience", "whatif", "facility:gm0344/weg", expect=1).err
    command.run("resilience", "whatif", "facility:gm0344/zaal", "--replace", "niets", expect=2)
