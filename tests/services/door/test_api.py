"""The door over HTTP on a real server: open to other origins, every fault at once, nothing of the text kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.described import Description, describe_server
from tests.web.nodes import PUBLIC_DRAFTS, fill_node, open_node
from tests.web.serving import run_server

MARKED = "111222333"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("door") / "node"
    with open_node(folder) as instance:
        fill_node(instance, PUBLIC_DRAFTS)
    with run_server(folder) as server:
        yield f"{server.url}/v1/door"
        _, printed, errors = server.stop()
    assert "Traceback" not in errors, errors
    assert MARKED not in printed + errors


@pytest.fixture(scope="module")
def description(address: str) -> Description:
    return describe_server(address.removesuffix("/v1/door"))


def test_a_page_of_another_origin_may_ask(address: str, description: Description) -> None:
    asked = {"text": f"bsn {MARKED} paspoort", "municipality": "gm0344", "language": "nl"}
    answer = httpx.post(address, json=asked, headers={"Origin": "https://gemeente.example"}, timeout=120)
    assert description.hold(answer).status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    # The node records a service of that name which stands on no list; the product itself is among the hits too.
    hit = next(hit for hit in body["hits"] if hit["product"] == "paspoort")
    assert (hit["level"], hit["authority"]["code"]) == ("municipality", "gm0344")
    assert hit["authority"]["name"] == {"nl": "Gemeente Utrecht"}
    assert body["removed"] == ["bsn"]
    assert body["event"] is None
    assert MARKED not in answer.text
    allowed = httpx.options(address, timeout=60)
    assert (allowed.status_code, allowed.headers["access-control-allow-headers"]) == (204, "Content-Type")


def test_an_event_that_is_told_is_named(address: str) -> None:
    body = httpx.post(address, json={"text": "my child was born", "language": "en"}, timeout=120).json()
    assert body["event"] == {"code": "child-born", "name": {"en": "A child is born"}}
    assert body["hits"][0]["product"] == "geboorteaangifte"


def test_every_fault_is_named_and_the_body_is_bounded(address: str, description: Description) -> None:
    wrong = httpx.post(address, json={"audience": "x", "municipality": "Utrecht", "q": ""}, timeout=60)
    assert description.hold(wrong).status_code == 400
    assert {fault["pointer"] for fault in wrong.json()["errors"]} == {"/text", "/audience", "/municipality", "/q"}
    assert wrong.headers["access-control-allow-origin"] == "*"
    gone = httpx.post(address, json={"text": "paspoort", "municipality": "gm9999"}, timeout=60)
    assert description.hold(gone).status_code == 404
    assert gone.json()["errors"][0]["code"] == "unknown-municipality"
    assert httpx.post(address, json={"text": "a" * 200_000}, timeout=60).status_code == 413
    assert httpx.get(address, params={"text": "x"}, timeout=60).status_code == 405
