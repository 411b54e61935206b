"""Objections against proactive use: made and taken back on the page, kept in the vault, told in the journal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from eendracht.kernel.instance import Instance
from eendracht.services.proactive.retention import STOP
from tests.services.overview.persons import OTHER, OWNER, WORDS, fill, open_persons, serve_persons
from tests.web.serving import Server

PAGE = "/nl/mijn-overzicht"
CHOICES = "/nl/mijn-overzicht/keuzes"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("choices") / "node"
    with open_persons(folder) as instance:
        fill(instance)
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serve_persons(folder) as served:
        yield served


@contextmanager
def sign_in(server: Server, persona: str) -> Iterator[tuple[httpx.Client, str]]:
    """Give a client that is signed in as a persona, and what its forms carry."""
    with httpx.Client(base_url=server.url, headers={"Accept": "text/html"}, timeout=30) as client:
        client.post("/nl/aanmelden", data={"way": "persona", "persona": f"persona/{persona}"})
        key = re.search(r'name="formKey" value="([0-9a-f]{64})"', client.get("/nl").text)
        assert key
        yield client, key[1]


def last_words(instance: Instance, persona: str, controller: str) -> list[tuple[str, bool]]:
    """Give law and objection of each stop of somebody at an organisation, in the order of their own numbers."""
    from eendracht.kernel.access import OPERATOR

    subject = instance.vault.find_subject("persona", persona)
    assert subject
    found = [
        content
        for item, content in instance.vault.read_subject(subject, "test", OPERATOR)
        if item.kind == STOP and item.controller == controller and isinstance(content, dict)
    ]
    return [(one["law"], one["stopped"]) for one in sorted(found, key=lambda one: one["order"])]


def test_somebody_objects_and_takes_it_back(server: Server, folder: Path) -> None:
    with sign_in(server, "parent") as (client, key):
        for choice, said in (("stop", "nee, u maakte bezwaar"), ("allow", "ja")):
            answer = client.post(CHOICES, data={"formKey": key, "choice": choice, "about": f"{OTHER}  "})
            assert answer.headers["location"] == PAGE + "#choices"
            section = client.get(PAGE).text.partition('id="choices"')[2].partition("</section>")[0]
            card = section.partition("Gemeente Amsterdam")[2].partition("</article>")[0]
            assert said in card
    with open_persons(folder) as instance:
        assert last_words(instance, "parent", OTHER) == [("", True), ("", False)]
        assert last_words(instance, "pensioner", OTHER) == []
        lines = [line.content for line in instance.journal.read("processing")]
    lines = [line for line in lines if line["event"].startswith("proactive-objection")]
    assert [line["event"] for line in lines] == ["proactive-objection", "proactive-objection-withdrawn"]
    assert all(set(line) == {"event", "item", "controller", "law"} for line in lines)


def test_somebody_takes_a_consent_back_but_not_that_of_another(server: Server) -> None:
    with sign_in(server, "parent") as (client, key), sign_in(server, "pensioner") as (other, others_key):
        found = re.search(r'name="about" value="([0-9a-f]+)"><button[^>]*value="revoke"', client.get(PAGE).text)
        assert found
        data = {"choice": "revoke", "about": found[1]}
        assert other.post(CHOICES, data={"formKey": others_key, **data}).status_code == 404
        assert "Ingetrokken op" not in client.get(PAGE).text
        assert client.post(CHOICES, data={"formKey": key, **data}).status_code == 303
        assert "Ingetrokken op" in client.get(PAGE).text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"choice": "stop", "about": "organisation:gm9999  "}, 404),
        ({"choice": "stop", "about": OWNER}, 404),
        ({"choice": "stop", "about": f"{OWNER} wet_x "}, 404),
        ({"choice": "delete", "about": f"{OWNER}  "}, 400),
        ({"choice": "", "about": ""}, 400),
    ],
)
def test_what_is_not_offered_is_refused(server: Server, folder: Path, data: dict[str, str], status: int) -> None:
    with sign_in(server, "pensioner") as (client, key):
        assert client.post(CHOICES, data={"formKey": key, **data}).status_code == status
    with open_persons(folder) as instance:
        assert len(last_words(instance, "pensioner", OWNER)) == 2


def test_a_form_of_elsewhere_or_of_staff_changes_nothing(server: Server, folder: Path) -> None:
    data = {"choice": "stop", "about": f"{OWNER}  "}
    with sign_in(server, "pensioner") as (client, key):
        assert client.post(CHOICES, data={"formKey": "0" * 64, **data}).status_code == 401
        forged = client.post(CHOICES, data={"formKey": key, **data}, headers={"Origin": "https://elsewhere.example"})
        assert forged.status_code == 403
    with sign_in(server, "front-office") as (staff, own):
        assert staff.post(CHOICES, data={"formKey": own, **data}).status_code == 403
    with open_persons(folder) as instance:
        assert len(last_words(instance, "pensioner", OWNER)) == 2
        assert WORDS["pensioner"] not in str(instance.journal.read("vault", 0, 10_000))
