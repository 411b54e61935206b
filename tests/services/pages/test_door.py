"""The page of the door: what is answered, what comes back in it, where it leads, and what is counted of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from eendracht.kit.personas import create_personas
from eendracht.services.experience.measures import Count, Measures
from tests.web.demo import Demo, hidden_fields
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
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("door") / "node"
    with open_node(folder) as instance:
        fill_node(instance, [*PUBLIC_DRAFTS, SERVICE])
        create_personas(instance)
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
