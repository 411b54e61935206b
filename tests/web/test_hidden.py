"""A hidden record is indistinguishable from an absent one: two nodes that differ in what is hidden answer alike."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.kernel.store import Store
from eendracht.web.app import create_app
from tests.web.nodes import FIXED, OWNER, PUBLIC_DRAFTS, draft, fill_node, open_node, uid_of

SECRET_A = "platform:gm0344/geheim-platform"
SECRET_B = "component:gm0344/reserve"
ABSENT = "platform:gm0344/bestaat-niet"

HIDDEN_A = [
    draft(SECRET_A, "Kwantumkluis", "restricted", requires=["application:gm0344/zaaksysteem"]),
    draft("contract:gm0344/geheim", "Geheim contract", "organisation", buyer=OWNER, supplier="supplier:kvk.11111111"),
    draft("supplier:kvk.22222222", "Stille leverancier", "restricted"),
]
HIDDEN_B = [
    draft(SECRET_B, "Noodvoorraad", "organisation"),
    draft("dataset:gm0344/verborgen", "Verborgen gegevens", "restricted", heldIn=["application:gm0344/zaaksysteem"]),
    draft(
        "same-as:gm0344/stil",
        "Stille claim",
        "restricted",
        left="supplier:kvk.11111111",
        right="supplier:kvk.3",
        confidence="0.95",
    ),
]

POSITIONS = range(len(PUBLIC_DRAFTS) + len(HIDDEN_A) + 2)
NAMES = (
    *(item["ref"] for item in (*PUBLIC_DRAFTS, *HIDDEN_A, *HIDDEN_B)),
    uid_of(SECRET_A),
    uid_of(SECRET_B),
    uid_of("organisation:gm0344"),
    ABSENT,
)
PATHS = (
    "/v1/records",
    "/v1/records?kind=platform",
    "/v1/records?owner=organisation:gm0344&limit=3",
    "/v1/records?confidentiality=restricted",
    "/v1/records?q=kwantumkluis",
    "/v1/records?q=kwantumkluiz",
    "/v1/records?q=noodvoorraad",
    "/v1/records?q=gemeente",
    f"/v1/records?q={SECRET_A}",
    "/v1/facets",
    "/v1/facets?q=stille",
    "/v1/suggestions?q=kwantumkluiz",
    "/v1/suggestions?q=noodvoorraat",
    "/v1/changes",
    "/v1/changes?since=6",
    "/v1/changes?limit=6",
    "/v1/estate/suppliers",
    "/v1/openapi.json",
    "/v1/health",
    "/nl/zoeken",
    "/nl/zoeken?q=kwantumkluis",
    "/en/search?q=noodvoorraat",
    "/en/search?kind=platform",
    *(f"/v1/records/{name}" for name in NAMES),
    *(f"/v1/records/{name}?asOf=2026-01-01&knownAt=7" for name in NAMES),
    *(f"/v1/versions/{name}" for name in NAMES),
    *(f"/v1/version-differences/{name}?before=1&after=1" for name in NAMES),
    *(f"/v1/incoming-relations/{name}" for name in NAMES),
    *(f"/v1/estate/impacts/{name}" for name in NAMES),
    *(f"/nl/records/{name}" for name in NAMES),
    *(f"/en/records/{name}?asOf=2026-06-01" for name in NAMES),
    *(f"/v1/ledger/entries/{rv}" for rv in POSITIONS),
)

# What the design says is public: commitments (and the salt of what may be read) differ by chance alone.
_CHANCE = re.compile(rb'"(commitment|salt)":"[0-9a-f]{64}"')


def build(folder: Path, hidden: list[dict[str, Any]]) -> tuple[Any, dict[str, str]]:
    """Make a node whose hidden records lie between the public ones, at the same positions in both nodes."""
    instance = open_node(folder, FIXED)
    drafts = [*PUBLIC_DRAFTS[:3], *hidden, *PUBLIC_DRAFTS[3:]]
    return instance, fill_node(instance, drafts)


async def ask(app: Any, calls: list[tuple[str, str, Any]], token: str) -> list[tuple[int, dict[str, str], bytes]]:
    """Send requests to the application and give status, headers and body of each."""
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://node", headers=headers) as client:
        answers = []
        for method, path, content in calls:
            response = await client.request(method, path, json=content)
            answers.append((response.status_code, dict(response.headers), _CHANCE.sub(b"", response.content)))
    return answers


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give two nodes that differ in their hidden records alone."""
    base = tmp_path_factory.mktemp("hidden")
    left, right = build(base / "a", HIDDEN_A), build(base / "b", HIDDEN_B)
    yield left, right
    for instance, _ in (left, right):
        instance.close()


@pytest.mark.parametrize("who", ["", "gm0363/editor"])
def test_outsiders_get_the_same_answer_from_both_nodes(both: Any, who: str) -> None:
    calls = [("GET", path, None) for path in PATHS]
    answers = []
    for instance, tokens in both:
        answers.append(asyncio.run(ask(create_app(instance), calls, tokens.get(who, ""))))
    for call, left, right in zip(calls, *answers, strict=True):
        assert left == right, call
    codes = {call[1]: answer[0] for call, answer in zip(calls, answers[0], strict=True)}
    assert codes[f"/v1/records/{SECRET_A}"] == codes[f"/v1/records/{ABSENT}"] == 404
    assert codes["/v1/records/organisation:gm0344"] == 200
    bodies = {call[1]: answer[2] for call, answer in zip(calls, answers[0], strict=True)}
    assert b'"recordedAt":"2026-06-01T10:00:00.000000Z"' in bodies["/v1/records/organisation:gm0344"]


def test_insiders_do_see_the_difference(both: Any) -> None:
    """The comparison can fail: whoever may see restricted records gets other answers."""
    calls = [("GET", f"/v1/records/{SECRET_A}", None), ("GET", "/v1/records?q=kwantumkluis", None)]
    answers = [asyncio.run(ask(create_app(node), calls, tokens["gm0344/security"])) for node, tokens in both]
    assert [answer[0] for answer in answers[0]] == [200, 200]
    assert answers[0] != answers[1]


def test_a_refused_write_tells_nothing_of_what_is_hidden(both: Any) -> None:
    def content(ref: str, owner: str) -> dict[str, Any]:
        made = draft(ref, "Poging", owner=owner)
        del made["uid"]
        return made

    names = (SECRET_A, SECRET_B, ABSENT)
    calls: list[tuple[str, str, Any]] = []
    for name in names:
        calls += [("PUT", f"/v1/records/{name}", content(name, owner)) for owner in (OWNER, "organisation:gm0363")]
        calls.append(("POST", "/v1/records", {"drafts": [content(name, "organisation:gm0363")]}))
    calls += [("PUT", f"/v1/records/{uid_of(name)}", content(name, "organisation:gm0363")) for name in names]
    answers = [asyncio.run(ask(create_app(node), calls, tokens["gm0363/editor"])) for node, tokens in both]
    assert answers[0] == answers[1]
    assert {answer[0] for answer in answers[0]} <= {403, 404}


def test_a_problem_names_a_hidden_record_as_it_names_an_absent_one(both: Any) -> None:
    instance, _ = both[0]
    store: Store = instance.store
    size = store.size
    calls = [("GET", f"/v1/records/{name}", None) for name in (SECRET_A, ABSENT)]
    hidden, absent = asyncio.run(ask(create_app(instance), calls, ""))
    assert hidden[2].replace(SECRET_A.encode(), b"") == absent[2].replace(ABSENT.encode(), b"")
    assert store.size == size
