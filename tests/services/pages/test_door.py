"""The page of the door: what is answered, what comes back in it, where it leads, and what is counted of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from eendracht.bootstrap import WINGS
from eendracht.kernel.wing import load_parts
from eendracht.kit.personas import PERSONAS, create_personas
from eendracht.services.experience.measures import Count, Measures
from tests.web.browser import open_page, press, run_browser
from tests.web.demo import Demo, hidden_fields
from tests.web.judging import judge
from tests.web.keyboard import Keyboard
from tests.web.nodes import PUBLIC_DRAFTS, draft, fill_node, open_node
from tests.web.serving import run_server

BSN = "123456782"
"""Passes the eleven-test; it is the example number of many forms."""
SITE = "https://utrecht.example/parkeervergunning"
SERVICE = draft(
    "public-service:gm0344/parkeren",
    "Parkeervergunning bewoners",
    providedBy="organisation:gm0344",
    upl="http://standaarden.overheid.nl/owms/terms/parkeervergunning",
    channels=[{"type": "online", "url": SITE}],
)
SERVICE["spec"]["level"] = "municipality"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("door") / "node"
    with open_node(folder) as instance:
        fill_node(instance, [*PUBLIC_DRAFTS, SERVICE])
        create_personas(instance, [*PERSONAS, *load_parts(WINGS, "personas")])
    (folder / "node.toml").write_text('name = "test.example/eendracht"\nmode = "demo"\n')
    with run_server(folder) as server:
        yield Demo(server, folder)
        _, out, errors = server.stop()
    assert "Traceback" not in errors, errors
    assert BSN not in out + errors
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert BSN.encode() not in kept
    assert b"gestolenpaspoortvraag" not in kept


def text_of(html: str) -> str:
    main = html[html.index("<main") : html.index("</main")]
    return " ".join(unescape(re.sub(r"<datalist.*?</datalist>|<[^>]+>", " ", main)).split())


def ask(client: httpx.Client, q: str, municipality: str = "", **fields: str) -> httpx.Response:
    path = fields.pop("path", "/nl/deur")
    return client.post(path, data={"q": q, "municipality": municipality, **fields}, timeout=60)


def counts(site: Demo) -> dict[tuple[str, str, str, bool], int]:
    measures = Measures(Path(site.folder) / "experience" / "measures.db")
    today = datetime.now(UTC).date()
    found: list[Count] = measures.list_counts(today - timedelta(days=1), today + timedelta(days=2))
    measures.close()
    return {(item.organisation, item.name, item.step, item.is_assisted): item.count for item in found}


def test_words_lead_to_a_service_its_body_and_why(site: Demo) -> None:
    with site.browser() as client:
        page = ask(client, "mijn paspoort is gestolen", "utrecht")
        assert page.status_code == 200
        text = text_of(page.text)
        assert "Paspoort Wie het doet: Gemeente Utrecht" in text
        assert "Lijkt op:" in text
        assert 'value="mijn paspoort is gestolen"' in page.text
        assert page.headers["Cache-Control"] == "no-store"
        english = ask(client, "my passport was stolen", "gm0344", path="/en/door")
        assert "Given by: Gemeente Utrecht" in text_of(english.text)
        without = text_of(ask(client, "mijn paspoort is gestolen").text)
        assert "uw gemeente" in without
        assert "Vul uw gemeente in" in without


def test_a_citizen_service_number_does_not_come_back(site: Demo) -> None:
    with site.browser() as client:
        page = ask(client, f"ik ben {BSN} en mijn paspoort is weg gestolenpaspoortvraag", BSN)
        assert BSN not in page.text
        assert "burgerservicenummer" in text_of(page.text)
        only = ask(client, BSN)
        assert BSN not in only.text
        assert "burgerservicenummer" in text_of(only.text)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("3511 AB", "Dit is een postcode"),
        ("Bergen", "Bergen (NH), Bergen (L)"),
        ("Utrehct", "Bedoelde u: Utrecht?"),
        ("nergenshuizen", "Deze gemeente kennen wij niet"),
        ("Maarssen", "hoort nu bij Gemeente Stichtse Vecht"),
    ],
)
def test_a_place_that_is_not_recognised_is_told_and_the_answer_stays(site: Demo, typed: str, told: str) -> None:
    with site.browser() as client:
        text = text_of(ask(client, "rijbewijs verlengen", typed).text)
        assert told in text
        assert "Rijbewijs" in text


@pytest.mark.parametrize("question", ["asdkjh qweoiu zxcv", "?!", "x" * 12_000])
def test_where_nothing_fits_a_person_helps(site: Demo, question: str) -> None:
    with site.browser() as client:
        page = ask(client, question)
        assert page.status_code == 200
        assert "Een medewerker helpt u" in text_of(page.text)


def test_markup_in_a_question_stays_text(site: Demo) -> None:
    with site.browser() as client:
        page = ask(client, '"><script>alert(1)</script> paspoort', '"><b>')
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "<b>" not in page.text


def test_nothing_typed_is_a_fault_at_the_field(site: Demo) -> None:
    with site.browser() as client:
        page = ask(client, "   ")
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.text
        assert client.get("/nl/deur?q=paspoort").status_code == 400


def test_none_of_these_leads_to_a_person(site: Demo) -> None:
    with site.browser() as client:
        text = text_of(ask(client, "mijn paspoort is gestolen", "Utrecht", do="person").text)
        assert "Een medewerker helpt u" in text
        assert "Utrecht" in text


def test_going_on_is_counted_and_leads_to_the_site_of_the_body(site: Demo) -> None:
    with site.browser() as client:
        page = ask(client, "parkeervergunning", "Utrecht").text
        before = counts(site)
        links = [unescape(link) for link in re.findall(r'href="(/nl/deur/verder/site/[^"]+)"', page)]
        assert len(links) == 1
        for _ in range(2):
            answer = client.get(links[0])
            assert (answer.status_code, answer.headers["Location"]) == (303, SITE)
        after = counts(site)
        place = ("organisation:gm0344",)
        assert after[*place, "reached", "verder", False] == before.get((*place, "reached", "verder", False), 0) + 1
        assert after[*place, "completed", "", False] == before.get((*place, "completed", "", False), 0) + 1
        # Asked once more in other words, it is the same passage, and nothing counts as asked twice.
        fields = hidden_fields(page)
        ask(client, "vergunning om te parkeren", "Utrecht", passage=fields["passage"])
        last = counts(site)
        assert last[*place, "begun", "", False] == after[*place, "begun", "", False]
        assert not [key for key in last if key[1] == "asked-twice"]


@pytest.mark.parametrize(
    "path",
    ["site/public-service:gm0344/paspoort", "site/application:gm0344/zaaksysteem", "site/", "elders/x",
     "site/public-service:gm0344/bestaat-niet", "site/https://elders.example/"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(site: Demo, path: str) -> None:
    with site.browser() as client:
        answer = client.get(f"/nl/deur/verder/{path}", headers={"Accept": "text/html"})
        assert answer.status_code == 404


def test_a_helper_beside_is_told_on_each_page_and_counted_apart(site: Demo) -> None:
    with site.browser() as client:
        start = client.get("/nl/meehelpen")
        assert "Iemand helpt mee" in text_of(start.text)
        assert start.headers["Clear-Site-Data"] == '"cache"'
        page = ask(client, "kinderbijslag", "Utrecht", path="/nl/meehelpen")
        assert "Iemand helpt mee" in text_of(page.text)
        assert counts(site)["organisation:gm0344", "begun", "", True] == 1


def test_the_component_stands_at_one_address_for_every_site(site: Demo) -> None:
    with site.browser() as client:
        first = client.get("/deur.js")
        assert first.status_code == 302
        file = client.get(first.headers["Location"])
        for answer in (first, file):
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert answer.headers.get_list("Cross-Origin-Resource-Policy") == ["cross-origin"]
        assert file.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in file.headers["Cache-Control"]
        style = re.search(r'href="(/static/[^"]+\.css)"', client.get("/nl").text)
        assert style
        assert client.get(style[1]).headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_words_lead_to_the_page_of_a_service_with_clicks_alone(browser: Browser, site: Demo) -> None:
    for language, question, name in (("nl", "ik heb een baby gekregen", "Geboorteaangifte"),
                                     ("en", "my passport was stolen", "Paspoort")):  # fmt: skip
        with open_page(browser, site.server.url, java_script_enabled=False) as page:
            page.goto(f"/{language}")
            press(page.get_by_role("link", name={"nl": "Vind een dienst", "en": "Find a service"}[language]))
            page.fill("#door-q", question)
            page.fill("#municipality", "Utrecht")
            press(page.locator("button[value=find]"))
            press(page.locator("main ol").get_by_role("link", name=name, exact=True).first)
            assert page.url.startswith(
                f"{site.server.url}/{language}/{'diensten' if language == 'nl' else 'services'}/"
            )
            assert name in page.locator("h1").inner_text()
            assert "passport" not in page.url


def test_a_form_is_filled_in_together_without_anything_of_the_helper(browser: Browser, site: Demo) -> None:
    with open_page(browser, site.server.url, "parent") as page:
        # Who helps is signed in and has registers that know them: nothing of it may show.
        page.goto("/nl/meehelpen")
        page.fill("#door-q", "kinderbijslag")
        press(page.locator("button[value=find]"))
        press(page.get_by_role("button", name="Samen invullen").first)
        for _ in range(2):
            told = page.locator("main").inner_text()
            assert "Iemand helpt mee" in told
            assert "registers" not in told
            if page.locator("button[value=skip]").count():
                press(page.locator("button[value=skip]"))
        assert "nog niet bekend" in told
        assert not page.locator("button[value=submit]").count()
        press(page.get_by_role("link", name="De persoon gaat weg"))
        assert page.locator("#door-q").input_value() == ""


@pytest.mark.parametrize("path", ["/nl/deur", "/en/door", "/nl/meehelpen"])
def test_axe_finds_nothing_and_it_fits_a_narrow_screen(
    browser: Browser, site: Demo, node_file: Callable[[str], Path], path: str
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()
    with open_page(browser, site.server.url, viewport={"width": 320, "height": 640}) as page:
        for question, place in ((None, ""), ("", ""), ("parkeervergunning", "3511AB"), ("qwzx vbnm plokij", "Utrecht")):
            page.goto(path)
            if question is not None:
                page.fill("#door-q", question)
                page.fill("#municipality", place)
                press(page.locator("button[value=find]"))
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            assert judge(page, axe) == []


def test_it_is_used_with_the_keys_alone(browser: Browser, site: Demo) -> None:
    with open_page(browser, site.server.url) as page:
        page.goto("/nl/deur")
        keys = Keyboard(page)
        keys.arrive()
        keys.go_to(id="door-q")
        keys.type("rijbewijs verlengen")
        keys.press("Enter")
        assert "passen misschien" in page.locator("main").inner_text()
        keys.walk_round()
