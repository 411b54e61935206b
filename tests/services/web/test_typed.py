"""What is typed on a page of the wing: script stays text, and a number of a person stays nowhere."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import httpx
import pytest
from playwright.sync_api import Browser

from tests.services.web.filled import Filled, serve_filled
from tests.web.browser import run_browser
from tests.web.demo import hidden_fields
from tests.web.markup import ATTACKS, LINES, LONG, Reader
from tests.web.nodes import OTHER

BSN: Final = "240194780"
"""Passes the eleven-test, and is nobody's here."""
GROUPED: Final = "2401 94 780"
PURPOSE: Final = "front-office/case-question"


@dataclass(frozen=True)
class Place:
    """A form of the wing: as whom it is sent, with what around what is typed, and the fields that are typed in."""

    path: str
    fields: tuple[str, ...]
    persona: str = ""
    around: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What the test is called."""
        return f"{self.path}-{self.around.get('do', '').partition(':')[0]}"


WAGE: Final = "me.loon_uit_dienstbetrekking"
DESK: Final = ("q", "municipality", "audience", "passage", "case", "purpose")
PLACES: Final = (
    Place("/nl/deur", ("q", "municipality", "audience", "passage", "do")),
    Place("/nl/meehelpen", ("q", "municipality", "audience", "passage"), around={"do": "find"}),
    Place(
        "/nl/aanvragen/kinderbijslag",
        ("value", "key", "passage", "a.me.geboortedata_kinderen"),
        around={"do": "next", "ask": "me.geboortedata_kinderen"},
    ),
    Place("/nl/aanvragen/child-born", ("value", "evidence", "key"), "parent", {"do": "claim", "ask": WAGE}),
    Place("/nl/aanvragen/child-born", ("do", "key"), "parent"),
    Place("/nl/mijn-overzicht/keuzes", ("choice", "about"), "parent"),
    Place("/nl/balie", DESK, "front-office", {"do": "find"}),
    Place("/nl/balie", ("scheme", "identifier", "purpose"), "front-office", {"do": "person"}),
    Place("/nl/balie", ("identifier", "q"), "front-office", {"do": "person", "scheme": "bsn", "purpose": PURPOSE}),
    Place("/nl/balie", ("do", "reason", "q"), "front-office", {"purpose": PURPOSE}),
    Place("/nl/balie/overdragen", ("text", "form", "own", "q", "key"), "front-office", {"receiver": OTHER}),
    Place("/nl/balie/overdragen", ("form", "own", "q"), "front-office", {"receiver": OTHER, "do": "confirm"}),
    Place("/nl/balie/overdragen", ("receiver", "case"), "front-office", {"do": "confirm"}),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Reader:
    return Reader(browser.new_page())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    base = tmp_path_factory.mktemp("typed")
    with serve_filled(base / "node", base / "town") as filled:
        yield filled
        _, out, errors = filled.server.stop()
    # What the second test typed everywhere: all that a server keeps or says was written by now.
    for text in (BSN, GROUPED):
        assert text not in out + errors
        for path in (base / "node").rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            assert text.encode() not in content, path


def clients(site: Filled) -> Iterator[tuple[Place, httpx.Client, dict[str, str]]]:
    for place in PLACES:
        with site.browser() as client:
            key = ""
            if place.persona:
                client.post("/nl/aanmelden", data={"way": "persona", "persona": f"persona/{place.persona}"})
                page = "/nl/balie" if place.persona == "front-office" else "/nl/mijn-overzicht"
                key = hidden_fields(client.get(page).text).get("formKey", "")
            yield place, client, {"formKey": key, **place.around}


def test_script_in_every_field_stays_text(site: Filled, reader: Reader) -> None:
    attacks = [*ATTACKS.values(), LINES, LONG]
    for place, client, around in clients(site):
        seen = set()
        for attack in attacks:
            answer = client.post(place.path, data={**around, **dict.fromkeys(place.fields, attack)}, timeout=60)
            assert answer.status_code < 500, (place.id, answer.status_code)
            seen.add(answer.status_code)
            if answer.status_code != 303:
                reader.read_clean(answer.text, place.id)
        for name in place.fields:
            answer = client.post(place.path, data={**around, name: ATTACKS["attribute"]}, timeout=60)
            assert answer.status_code < 500, (place.id, name)
            if answer.status_code != 303:
                reader.read_clean(answer.text, f"{place.id} {name}")


def test_what_is_handed_in_with_script_is_text_for_who_reads_it(site: Filled, reader: Reader) -> None:
    """Taken in at one counter, and on the page of the desk and of the person to whom it is shown."""
    for attack in (ATTACKS["element"], ATTACKS["attribute"]):
        with site.signed_in("front-office") as client:
            key = hidden_fields(client.get("/nl/balie").text)["formKey"]
            sent = {"formKey": key, "receiver": OTHER, "form": "application", "text": attack, "do": "confirm"}
            done = client.post("/nl/balie/overdragen", data=sent)
            assert done.status_code == 200
            reader.read_clean(done.text, "done")
            number = re.search(r"EEN-[0-9A-F]{16}", done.text)
            assert number
            found = client.post("/nl/balie", data={"formKey": key, "q": number[0], "purpose": PURPOSE, "do": "find"})
            assert number[0] in reader.read_clean(found.text, "found").text


def test_a_number_of_a_person_stays_on_no_page_and_in_no_address(site: Filled) -> None:
    """At each field it is typed alone and in a sentence; where it lies afterwards is looked at when the server ends."""
    for place, client, around in clients(site):
        for name in place.fields:
            for typed in (BSN, f"ik ben {GROUPED} en heb hulp nodig"):
                if name == "evidence" or (name == "text" and place.around.get("do") == "confirm"):
                    continue
                answer = client.post(place.path, data={**around, name: typed}, timeout=60)
                assert answer.status_code < 500, (place.id, name)
                assert BSN not in answer.headers.get("location", "")
                assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
                if name in ("q", "municipality", "identifier"):
                    assert BSN not in answer.text and GROUPED not in answer.text, (place.id, name)


def test_pages_with_what_was_typed_are_kept_by_no_browser(site: Filled) -> None:
    for place, client, around in clients(site):
        answer = client.post(place.path, data={**around, "q": "paspoort", "value": "1"}, timeout=60)
        if answer.status_code in (200, 422):
            assert answer.headers["cache-control"] == "no-store", place.id


@pytest.mark.parametrize("persona", ["parent", "front-office"])
def test_persons_and_staff_are_kept_apart(site: Filled, persona: str) -> None:
    """Who is one has nothing of the other: no page, no link, no record, no route."""
    own = {"parent": "/nl/mijn-overzicht", "front-office": "/nl/balie"}
    others = {
        "parent": ("/nl/balie", "/nl/proactief", f"/nl/proactief/{site.run}", "/nl/ervaringen", "/nl/mijn-taken"),
        "front-office": ("/nl/mijn-overzicht", "/nl/mijn-overzicht/gegevens", "/nl/audit"),
    }[persona]
    with site.signed_in(persona) as client:
        assert client.get(own[persona]).status_code == 200
        menu = client.get("/nl").text
        for path in others:
            answer = client.get(path)
            assert answer.status_code in (403, 404) or path == "/nl/mijn-taken", (path, answer.status_code)
            assert f'href="{path}"' not in menu or path == "/nl/mijn-taken", path
