"""The wing switched off: each of its pages and routes answers as one that never was, and nothing leads there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.openapi.utils import get_openapi

from eendracht.bootstrap import WINGS
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs, run_job
from eendracht.kernel.sessions import Sessions
from eendracht.kernel.store.switches import switch_wing
from eendracht.kernel.wing import load_parts
from eendracht.web.app import create_app
from tests.services.catalogues import EVENT, OWN
from tests.services.web.filled import counter_of, open_empty
from tests.services.web.states import PATHS, WING_PAGES
from tests.web.nodes import OWNER

WING = next(wing for wing in WINGS if wing.name == "services")
NOWHERE = {"page": "/nl/bestaat-niet", "route": "/v1/bestaat-niet"}
DESCRIBED = get_openapi(title="-", version="-", routes=WING.load("routes").routes)
ROUTES = [(method.upper(), path) for path, item in DESCRIBED["paths"].items() for method in item]
PAGES = [PATHS.to(language, page.code, "x") for page in WING_PAGES for language in ("nl", "en")]  # type: ignore[arg-type]
WHO = ("", "persona/front-office", "persona/parent", "persona/auditor")
_OWN = re.compile(r"/(?:nl|en)/[^\"<&]*|[0-9a-f]{64}")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with open_empty(tmp_path_factory.mktemp("off") / "node", EVENT, OWN) as instance:
        yield instance


@pytest.fixture
def off(node: Instance) -> Iterator[Instance]:
    assert switch_wing(node.store, "services", "", False)
    yield node
    assert switch_wing(node.store, "services", "", True)


def name_of(instance: Instance, who: str) -> str:
    found = {persona.name: persona.principal_name(instance) for persona in load_parts(WINGS, "personas")}
    return found.get(who, who)


def ask(
    instance: Instance, calls: list[tuple[str, str]], who: str = "", accept: str = "text/html"
) -> list[httpx.Response]:
    """Send requests, as the public or with a session."""
    cookies = {"eendracht": Sessions(instance.store, 30, 10).begin(name_of(instance, who), "persona")} if who else {}

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=create_app(instance))
        headers = {"Accept": accept}
        options: dict[str, Any] = {"transport": transport, "base_url": "http://node", "headers": headers}
        async with httpx.AsyncClient(cookies=cookies, **options) as client:
            return [
                await client.request(method, path, **({} if method in ("GET", "OPTIONS") else {"data": {"q": "x"}}))
                for method, path in calls
            ]

    return asyncio.run(run())


def shape(answer: httpx.Response) -> tuple[int, str, str]:
    """Give what an answer tells, but for the address that was asked."""
    return answer.status_code, answer.headers["content-type"], _OWN.sub("", answer.text)


@pytest.mark.parametrize("who", WHO)
def test_each_page_is_as_one_that_never_was(off: Instance, who: str) -> None:
    for language in ("nl", "en"):
        own = [path for path in PAGES if path.startswith(f"/{language}/")]
        for method in ("GET", "POST"):
            nowhere, *answers = ask(
                off, [(method, f"/{language}/bestaat-niet"), *((method, path) for path in own)], who
            )
            for path, answer in zip(own, answers, strict=True):
                assert answer.status_code == 404, (method, path)
                if method == "GET":
                    assert shape(answer) == shape(nowhere), (method, path)


def test_each_route_is_as_one_that_never_was(off: Instance) -> None:
    calls = [(method, "/v1" + re.sub(r"\{[^}]*\}", "x", path)) for method, path in ROUTES]
    assert len(calls) > 20
    nowhere, *answers = ask(off, [("GET", "/v1/bestaat-niet"), *calls], accept="application/json")
    for call, answer in zip(calls, answers, strict=True):
        assert shape(answer)[:2] == shape(nowhere)[:2], call
        assert {**answer.json(), "instance": ""} == {**nowhere.json(), "instance": ""}, call
    described = ask(off, [("GET", "/v1/openapi.json")])[0].json()
    assert not {path for _, path in ROUTES} & set(described["paths"])
    own = set(DESCRIBED["components"]["schemas"]) - set(described["components"]["schemas"])
    assert {"HandoverAnswer", "CaseAnswer", "DoorAnswer"} <= own | {"DoorAnswer"}


@pytest.mark.parametrize("who", WHO)
def test_nothing_leads_there(off: Instance, who: str) -> None:
    places = [
        "/nl", "/en", "/nl/zoeken", "/nl/knooppunt", "/nl/hulp", "/nl/aanmelden", "/nl/nieuw", "/nl/mijn-taken",
        f"/nl/records/{OWNER}", f"/nl/organisaties/{OWNER}",
    ]  # fmt: skip
    links = {path for path in PAGES if not path.endswith("/x")}
    for place, answer in zip(places, ask(off, [("GET", place) for place in places], who), strict=True):
        found = set(re.findall(r'href="([^"?#]*)', answer.text)) & links
        assert not found, (place, found)


def test_its_records_and_events_are_there_for_nobody(node: Instance) -> None:
    path = f"/v1/records/{EVENT['ref']}"
    calls = [("GET", path), ("GET", "/v1/records?q=reis"), ("GET", f"/nl/records/{EVENT['ref']}")]
    before = ask(node, calls)
    assert [answer.status_code for answer in before] == [200, 200, 200]
    switch_wing(node.store, "services", "", False)
    try:
        gone, listed, page = ask(node, calls)
        assert (gone.status_code, page.status_code) == (404, 404)
        assert EVENT["ref"] not in listed.text
        nowhere = ask(node, [("GET", "/v1/records/life-event:gm0344/bestaat-niet")])[0]
        assert {**gone.json(), "instance": "", "detail": ""} == {**nowhere.json(), "instance": "", "detail": ""}
    finally:
        switch_wing(node.store, "services", "", True)


def test_no_job_of_it_runs(off: Instance) -> None:
    kinds = {kind.name: kind for kind in off.job_kinds}
    own = [kind.name for kind in WING.load("jobs")]
    assert own
    for name in own:
        try:
            job = Jobs(off.store).ask(name, {}, counter_of(OWNER, "persona/front-office"), OWNER)
        except EendrachtError as refused:
            assert refused.code in ("wing-off", "not-found", "invalid-input"), (name, refused.code)
            continue
        run_job(off, kinds, job)
        found = Jobs(off.store).find(job)
        assert found and (found.state, found.error["code"]) == ("failed", "wing-off"), name


def test_off_for_one_organisation_it_is_gone_for_who_works_there(node: Instance) -> None:
    switch_wing(node.store, "services", OWNER, False)
    try:
        for answer in ask(node, [("GET", path) for path in PAGES], "persona/front-office"):
            assert answer.status_code == 404
        assert ask(node, [("GET", "/nl/deur")])[0].status_code == 200
        assert ask(node, [("GET", f"/nl/diensten/{OWN['ref']}")])[0].status_code in (200, 404)
    finally:
        switch_wing(node.store, "services", OWNER, True)
