"""The events over HTTP: the same for everybody, in both languages, also for pages of other sites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eendracht.bootstrap import Wiring
from tests.web.described import describe_server
from tests.web.nodes import fill_node
from tests.web.serving import Server, run_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("events") / "node"
    with Wiring().create(folder) as instance:
        fill_node(instance, [])
    with run_server(folder) as started:
        yield started


def test_events_come_with_their_products_in_both_languages(server: Server) -> None:
    answer = describe_server(server.url).hold(httpx.get(server.url + "/v1/life-events?type=life"))
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
    listed = {event["code"]: event for event in answer.json()["lifeEvents"]}
    born = listed["child-born"]
    assert born["name"] == {"nl": "Kind geboren", "en": "A child is born"}
    assert born["products"][0] == {
        "name": "geboorteaangifte",
        "uri": "http://standaarden.overheid.nl/owms/terms/geboorteaangifte",
    }
    assert {event["type"] for event in listed.values()} == {"life"}


@pytest.mark.parametrize("query", ["?type=death", "?taal=nl"])
def test_a_question_that_is_not_understood_is_refused(server: Server, query: str) -> None:
    answer = describe_server(server.url).hold(httpx.get(server.url + "/v1/life-events" + query))
    assert answer.status_code == 400 and answer.json()["code"] == "invalid-input"
