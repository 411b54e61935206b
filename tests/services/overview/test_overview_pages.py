"""The page of one's own overview in a real browser: who comes there, what stands there, and that all can use it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.services.overview.persons import WORDS, fill, open_persons, serve_persons
from tests.web.browser import arrive, open_page, press, run_browser
from tests.web.judging import judge
from tests.web.keyboard import Keyboard
from tests.web.serving import Server

PAGES = {"nl": "/nl/mijn-overzicht", "en": "/en/my-overview"}
DATA = {"nl": "/nl/mijn-overzicht/gegevens", "en": "/en/my-overview/data"}


@dataclass
class Site:
    """A served node of two persons."""

    server: Server
    folder: Path
    subjects: dict[str, str]

    @contextmanager
    def client(self, persona: str = "") -> Iterator[httpx.Client]:
        """Give a client, signed in as a persona where one is named."""
        with httpx.Client(base_url=self.server.url, headers={"Accept": "text/html"}, timeout=30) as client:
            if persona:
                answer = client.post("/nl/aanmelden", data={"way": "persona", "persona": f"persona/{persona}"})
                assert answer.status_code == 303, answer.text
            yield client


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("overview") / "node"
    with open_persons(folder) as instance:
        subjects = fill(instance)
    with serve_persons(folder) as server:
        yield Site(server, folder, subjects)
        code, printed, logged = server.stop()
    assert code == 0
    # What was shown to somebody stands in no log, and in no file of the node in clear.
    hidden = [*WORDS.values(), *subjects.values()]
    assert not [word for word in hidden if word in printed or word in logged]
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [word for word in WORDS.values() if word.encode() in content], path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


def test_a_person_comes_to_the_overview_and_sees_only_what_is_its_own(site: Site) -> None:
    for name, other in (("parent", "pensioner"), ("pensioner", "parent")):
        with site.client(name) as client:
            answer = client.post("/en/sign-in", data={"way": "persona", "persona": f"persona/{name}"})
            assert answer.headers["location"] == PAGES["en"]
            for path in (*PAGES.values(), *DATA.values()):
                page = client.get(path)
                assert page.status_code == 200, path
                assert WORDS[name] in page.text
                assert page.headers["cache-control"] == "no-store"
                for hidden in (WORDS[other], *site.subjects.values(), "note-"):
                    assert hidden not in page.text, (path, hidden)
            # Whatever is put behind it, it stays one's own.
            for more in (f"?subject={site.subjects[other]}", "?persona=persona/pensioner"):
                assert client.get(PAGES["nl"] + more).status_code == 400
            assert client.get(PAGES["nl"] + "/" + site.subjects[other]).status_code == 404


def test_nobody_else_comes_there(site: Site) -> None:
    with site.client() as client:
        for path in (*PAGES.values(), *DATA.values()):
            assert client.get(path).status_code == 401, path
        assert PAGES["nl"] not in client.get("/nl").text
    for persona in ("front-office", "auditor", "record-owner"):
        with site.client(persona) as client:
            for path in (*PAGES.values(), *DATA.values()):
                page = client.get(path)
                assert page.status_code == 403, (persona, path)
                assert not [word for word in WORDS.values() if word in page.text]
            assert PAGES["nl"] not in client.get("/nl").text


def test_the_download_is_a_file_of_ones_own(site: Site) -> None:
    with site.client("parent") as client:
        answer = client.get(DATA["nl"])
    assert answer.headers["content-disposition"] == 'attachment; filename="mijn-gegevens.json"'
    content = json.loads(answer.content)
    assert content["format"] == "eendracht-own-data/1"
    assert {one["kind"] for one in content["kept"]} >= {"register-extract", "claim", "calculation-receipt"}


def test_whoever_is_erased_is_out_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    with open_persons(folder) as instance:
        subjects = fill(instance)
    with serve_persons(folder) as server:
        site = Site(server, folder, subjects)
        with site.client("parent") as client:
            assert client.get(PAGES["nl"]).status_code == 200
            with open_persons(folder) as instance:
                instance.destruction.destroy_subject(subjects["parent"], ground="AVG, art. 17.1.a", by="fg")
            assert client.get(PAGES["nl"]).status_code == 401
            again = client.post("/nl/aanmelden", data={"way": "persona", "persona": "persona/parent"})
            assert again.status_code == 403
        with site.client("pensioner") as client:
            assert WORDS["pensioner"] in client.get(PAGES["nl"]).text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_person_finds_the_way_without_scripts(site: Site, browser: Browser, language: str) -> None:
    words = {
        "nl": ("Ik ben burger of ondernemer", "Mijn overzicht", "Wie mijn gegevens gebruikte", "MijnOverheid"),
        "en": ("I am a citizen or entrepreneur", "My overview", "Who used what is known of me", "MijnOverheid"),
    }[language]
    with open_page(browser, site.server.url, java_script_enabled=False) as page:
        arrive(page, "/nl/aanmelden" if language == "nl" else "/en/sign-in")
        expect(page.get_by_role("heading", name=words[0])).to_be_visible()
        press(page.locator('button[value="persona/parent"]'))
        expect(page.get_by_role("heading", level=1, name=words[1])).to_be_visible()
        expect(page.get_by_role("heading", level=2, name=words[2])).to_be_visible()
        expect(page.get_by_role("navigation").get_by_role("link", name=words[1])).to_be_visible()
        assert words[3] not in page.content()
        # What is late stands first, and leads to its place.
        press_first = page.locator("main li a").first
        assert "Kwijtschelding" in (press_first.text_content() or "")
        assert press_first.get_attribute("href") == "#cases"


@pytest.mark.parametrize("persona", ["parent", "baker"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_no_fault(
    site: Site, browser: Browser, node_file: Callable[[str], Path], language: str, persona: str
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()
    with open_page(browser, site.server.url, persona) as page:
        for path in (PAGES[language], "/nl/aanmelden" if language == "nl" else "/en/sign-in"):
            arrive(page, path)
            assert judge(page, axe) == [], path


def test_it_fits_a_narrow_screen_and_takes_large_text(site: Site, browser: Browser) -> None:
    with open_page(browser, site.server.url, "parent", viewport={"width": 320, "height": 640}) as page:
        for path in (PAGES["nl"], "/nl/aanmelden"):
            arrive(page, path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.set_viewport_size({"width": 1280, "height": 800})
        arrive(page, PAGES["nl"])
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_the_keys_go_through_it_in_the_order_that_it_is_read(site: Site, browser: Browser) -> None:
    with open_page(browser, site.server.url, "parent") as page:
        arrive(page, PAGES["nl"])
        keys = Keyboard(page)
        keys.arrive()
        stops = []
        while (stop := keys.tab()) is not None:
            stops.append(stop)
        main = [stop.text for stop in stops if stop.where == "main"]
        assert main[0].startswith("Kwijtschelding")
        assert "Alles wat over mij bekend is downloaden" in main
