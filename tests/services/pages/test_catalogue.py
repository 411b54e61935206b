"""Pages of the catalogue: by event, audience, level and body; one product or service with law and rule."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.instance import Instance
from eendracht.web.app import create_app
from tests.services.catalogues import EVENT, FULL, OWN
from tests.web.browser import open_page, run_browser
from tests.web.judging import judge
from tests.web.nodes import OTHER, OWNER, draft, fill_node
from tests.web.serving import run_server

HOSTILE = draft("public-service:gm0344/vals", "<script>alert(1)</script>", upl="paspoort")
HOSTILE["spec"] |= {
    "channels": [{"type": "online", "url": "javascript:alert(1)"}],
    "legalResources": [{"law": "Wet", "url": "javascript:alert(2)"}],
}
HIDDEN = draft("public-service:gm0363/geheim", "Geheime dienst", "organisation", owner=OTHER, upl="paspoort")
BODIES = (
    draft(OWNER, "Gemeente Utrecht", type="municipality"),
    draft(OTHER, "Gemeente Amsterdam", owner=OTHER, type="municipality"),
)


def fill(folder: Path) -> Instance:
    instance = Wiring().create(folder)
    fill_node(instance, [*BODIES, EVENT, FULL, OWN, HOSTILE, HIDDEN])
    return instance


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with fill(tmp_path_factory.mktemp("catalogue") / "node") as instance:
        yield instance


def ask(instance: Instance, path: str) -> tuple[int, str]:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(instance))
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            return await client.get(path, headers={"Accept": "text/html"})

    answer = asyncio.run(run())
    return answer.status_code, answer.text


def text_of(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_the_first_page_shows_what_happens_in_a_life_and_a_business(node: Instance) -> None:
    status, page = ask(node, "/nl/diensten")
    assert status == 200 and "Kind geboren" in page and "Een winkel of bakkerij openen" in page
    assert "A child is born" in ask(node, "/en/services")[1]
    assert 'href="/nl/diensten"' in ask(node, "/nl")[1]


def test_an_event_shows_its_products_in_their_order(node: Instance) -> None:
    text = text_of(ask(node, "/nl/diensten?event=child-born")[1])
    names = ("Geboorteaangifte", "Burgerservicenummer (bsn)", "Kinderbijslag", "Kindgebonden budget")
    assert sorted(names, key=text.index) == list(names)
    assert ask(node, "/nl/diensten?event=nothing")[0] == 404


def test_products_are_listed_by_audience_and_level_page_by_page(node: Instance) -> None:
    page = ask(node, "/en/services?audience=business&level=water-board&limit=20")[1]
    first = re.findall(r'href="/en/services/([^"?]+)"', page)
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None and len(first) == 20
    second = re.findall(r'href="/en/services/([^"?]+)"', ask(node, unescape(following[1]))[1])
    assert second and not set(first) & set(second)
    assert ask(node, "/nl/diensten?level=koninkrijk")[0] == 400


def test_a_product_shows_law_rule_events_and_who_recorded_it(node: Instance) -> None:
    text = text_of(ask(node, "/nl/diensten/zorgtoeslag")[1])
    assert "Artikel 2 Wet op de zorgtoeslag" in text and "heeft recht op zorgtoeslag" in text
    assert "18 jaar worden" in text and "Geen organisatie op dit knooppunt" in text
    page = ask(node, "/nl/diensten/paspoort")[1]
    assert "Nog geen: geen regel" in text_of(page) and "Paspoort aanvragen" in page
    assert "Geheime dienst" not in page
    assert 'href="/nl/regelbank/wet_op_de_zorgtoeslag"' in ask(node, "/nl/diensten/zorgtoeslag")[1]


def test_an_ordinance_is_shown_as_that_of_its_municipality(node: Instance) -> None:
    assert "alleen in Gemeente Rotterdam" in text_of(ask(node, "/nl/diensten/terrasvergunning")[1])


def test_a_service_shows_what_its_body_recorded(node: Instance) -> None:
    text = text_of(ask(node, f"/nl/diensten/{FULL['ref']}")[1])
    for words in (
        "Gemeente Utrecht",
        "030 286 00 00",
        "ma-vr 9-17",
        "€ 83,77",
        "Artikel 26 Paspoortwet",
        "A1, C5",
        "4 weken",
    ):
        assert words in text
    bare = text_of(ask(node, f"/nl/diensten/{OWN['ref']}")[1])
    assert "Hoe is niet vastgelegd" in bare and "acht weken (Awb 4:13)" in bare and bare.count("onbekend") >= 2


def test_the_services_of_one_body_are_listed(node: Instance) -> None:
    page = ask(node, f"/nl/diensten?organisation={OWNER}")[1]
    assert "Paspoort aanvragen" in page and "Iets eigens" in page
    assert "Er zijn er geen die u mag zien" in ask(node, f"/nl/diensten?organisation={OTHER}")[1]


def test_what_is_hidden_or_unknown_is_not_found(node: Instance) -> None:
    for name in (HIDDEN["ref"], "public-service:gm0344/weg", "paspoortje", OWNER):
        assert ask(node, f"/nl/diensten/{name}")[0] == 404


def test_a_hostile_record_cannot_act(node: Instance) -> None:
    page = ask(node, f"/nl/diensten/{HOSTILE['ref']}")[1]
    assert "<script>alert" not in page and 'href="javascript' not in page


@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_no_fault_and_nothing_is_wider_than_a_phone(
    tmp_path_factory: pytest.TempPathFactory, node_file: Callable[[str], Path], language: str
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()
    folder = tmp_path_factory.mktemp("served") / "node"
    fill(folder).close()
    base = {"nl": "/nl/diensten", "en": "/en/services"}[language]
    ends = (
        "",
        "?event=opening-a-cafe",
        "?audience=citizen",
        f"?organisation={OWNER}",
        "/zorgtoeslag",
        "/terrasvergunning",
    )
    with run_server(folder) as server, run_browser() as browser:
        for end in (*ends, f"/{FULL['ref']}", f"/{OWN['ref']}"):
            with open_page(browser, server.url, viewport={"width": 320, "height": 800}) as page:
                page.goto(base + end)
                assert judge(page, axe) == [], end
                assert page.evaluate("document.documentElement.scrollWidth") <= 320, end
