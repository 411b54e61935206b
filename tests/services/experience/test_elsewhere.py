"""Questions from other sites: how each ended is counted as one of a day, and nothing else of it is there."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.clock import today
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.instance import Instance
from eendracht.kernel.sessions import Sessions
from eendracht.services.experience.elsewhere import sum_elsewhere
from eendracht.services.experience.journeys import rank_journeys
from eendracht.services.experience.measures import OUTCOME, Count, measures_of
from eendracht.web.app import create_app
from tests.web.nodes import OTHER, OWNER, PUBLIC_DRAFTS, fill_node

SURE, UNSURE, NOTHING = "mijn paspoort is gestolen", "recept voor pannenkoeken", "???!!!"
"""A question with an answer, one that is out of scope but comes near something, and one without a word in it."""
ELSEWHERE = {"Origin": "https://gemeente.example", "User-Agent": "zwiebertje", "Cookie": "gevonden=zwiebertje"}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with Wiring().create(tmp_path_factory.mktemp("elsewhere") / "node") as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        create_principal(instance.store, "clerk", [f"reader@{OWNER}"])
        yield instance


def ask(instance: Instance, questions: Sequence[dict[str, Any]]) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=create_app(instance))
        async with httpx.AsyncClient(transport=transport, base_url="http://node", headers=ELSEWHERE) as client:
            return [await client.post("/v1/door", json=question) for question in questions]

    return asyncio.run(run())


def show(instance: Instance, path: str) -> str:
    cookies = {"eendracht": Sessions(instance.store, 30, 10).begin("clerk", "persona")}

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(instance))
        async with httpx.AsyncClient(transport=transport, base_url="http://node", cookies=cookies) as client:
            return await client.get(path, headers={"Accept": "text/html"})

    return asyncio.run(run()).text


def list_counts(instance: Instance) -> list[Count]:
    day = today(instance.store.clock)
    return measures_of(instance).list_counts(day, day + timedelta(days=1))


def test_what_is_counted_is_how_it_ended_and_the_way_and_no_more(node: Instance) -> None:
    here = OWNER.partition(":")[2]
    asked = [
        {"text": f"{SURE} zwiebertje", "municipality": here, "through": "component"},
        {"text": f"{SURE} zwiebertje", "municipality": here, "through": "component"},
        {"text": UNSURE, "municipality": here, "through": "component"},
        {"text": NOTHING, "municipality": here},
        {"text": SURE},
        {"text": SURE, "municipality": "gm9999"},
        {"text": SURE, "through": "elsewhere"},
    ]
    answers = ask(node, asked)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 404, 400]
    assert not any("set-cookie" in answer.headers for answer in answers)
    day = today(node.store.clock)
    assert set(list_counts(node)) == {
        Count(day, "deur:component", OWNER, False, OUTCOME, "answered", 0, 2),
        Count(day, "deur:component", OWNER, False, OUTCOME, "none-of-these", 0, 1),
        Count(day, "deur:direct", OWNER, False, OUTCOME, "handed-over", 0, 1),
        Count(day, "deur:direct", "operator", False, OUTCOME, "answered", 0, 1),
    }
    folder = Path(node.settings.folder) / "experience"
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    for hidden in (b"zwiebertje", b"paspoort", b"gemeente.example", b"127.0.0.1"):
        assert hidden not in content
    assert rank_journeys(list_counts(node)) == []


def test_the_page_of_experience_shows_those_of_own_organisations(node: Instance) -> None:
    measures = measures_of(node)
    for organisation, count in ((OWNER, 1), (OTHER, 977)):
        measures.add_made_up(
            [Count(today(node.store.clock), "deur:direct", organisation, False, OUTCOME, "answered", 0, count)]
        )
    page = show(node, "/nl/ervaringen")
    assert "De zoekhulp op andere sites" in page and "Zoekvak op een andere site" in page
    assert "Search box on another site" in show(node, "/en/experience?days=30")
    assert "977" not in page


def test_sums_are_those_counted_by_hand() -> None:
    """400 made-up counts; seed 12."""
    draw = random.Random(12)
    ends = ("answered", "none-of-these", "handed-over")
    told: Counter[tuple[str, bool, str]] = Counter()
    counts = []
    for _ in range(400):
        organisation, is_component, end = draw.choice((OWNER, OTHER)), draw.random() < 0.5, draw.choice(ends)
        journey, count = "deur:component" if is_component else "deur:direct", draw.randint(1, 9)
        told[organisation, is_component, end] += count
        counts.append(Count(date(2026, 11, 2), journey, organisation, False, OUTCOME, end, 0, count))
    counts.append(Count(date(2026, 11, 2), "deur", OWNER, False, "begun", "", 0, 5))
    views = sum_elsewhere(counts)
    assert len(views) == 4
    assert [view.asked for view in views] == sorted((view.asked for view in views), reverse=True)
    for view in views:
        found = (view.answered, view.none_of_these, view.handed_over)
        assert found == tuple(told[view.organisation, view.is_component, end] for end in ends)
