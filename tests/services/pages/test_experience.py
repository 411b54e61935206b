"""The page of experience: what who works there sees, and what nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.instance import Instance
from eendracht.kernel.sessions import Sessions
from eendracht.services.experience.measures import measures_of
from eendracht.services.experience.passages import begin_passage
from eendracht.web.app import create_app
from tests.web.nodes import OTHER, OWNER, PUBLIC_DRAFTS, draft, fill_node

NOW = datetime.now(UTC)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with Wiring().create(tmp_path / "node") as instance:
        change = draft("journey-change:gm0344/kortere-vraag", "Kortere vraag", journey="kwijtschelding")
        change["spec"] |= {"organisation": OWNER, "changedOn": NOW.date().isoformat()}
        fill_node(instance, [*PUBLIC_DRAFTS, change])
        create_principal(instance.store, "clerk", [f"reader@{OWNER}"])
        measures = measures_of(instance)
        for organisation, journey, count in ((OWNER, "kwijtschelding", 12), (OTHER, "paspoort", 30)):
            for _ in range(count):
                measures.note_begin(begin_passage(journey, organisation, NOW))
        yield instance


def ask(instance: Instance, path: str, who: str = "") -> tuple[int, str]:
    cookies = {"eendracht": Sessions(instance.store, 30, 10).begin(who, "persona")} if who else {}

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(instance))
        async with httpx.AsyncClient(transport=transport, base_url="http://node", cookies=cookies) as client:
            return await client.get(path, headers={"Accept": "text/html"})

    answer = asyncio.run(run())
    return answer.status_code, answer.text


def test_it_shows_the_journeys_of_own_organisations_only(node: Instance) -> None:
    for path in ("/nl/ervaringen", "/en/experience?days=30"):
        status, page = ask(node, path, "clerk")
        assert status == 200 and "kwijtschelding" in page and "paspoort" not in page
    assert "Kortere vraag" in page and "Too few to say" in page


def test_it_is_not_for_whoever_works_nowhere(node: Instance) -> None:
    assert ask(node, "/nl/ervaringen")[0] == 403
    assert 'href="/nl/ervaringen"' not in ask(node, "/nl")[1]
    assert ask(node, "/nl/ervaringen?days=31", "clerk")[0] == 400
