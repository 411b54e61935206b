"""Pages of the rulebook: an article beside its rule, a case that leaves no trace, and runs over a population."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from tests.populations import GROUND, LAW, POPULATION
from tests.web.demo import Demo, hidden_fields, make_demo
from tests.web.markup import ATTACKS
from tests.web.nodes import OWNER
from tests.web.serving import run_server

CASE = f"/nl/regel-proberen/{LAW}"
MARKED = "987654321"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = make_demo(tmp_path_factory.mktemp("rules") / "node", more=True)
    with run_server(folder) as server:
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors
    assert MARKED not in errors


def text_of(html: str) -> str:
    main = html[html.index("<main") : html.index("</main")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def send(client: httpx.Client, **fields: Any) -> httpx.Response:
    return client.post(CASE, data={"output": "hoogte_toeslag", "on": "2026-06-01", **fields})


def controls(html: str) -> list[str]:
    """Give the names of the controls of facts, in the order of the page."""
    return [unescape(name) for name in re.findall(r'<(?:input|select|textarea)[^>]* name="([pf]\|[^"]+)"', html)]


def test_the_list_finds_by_word_and_by_layer(site: Demo) -> None:
    with site.browser() as client:
        assert "4 regelingen" in text_of(client.get("/nl/regelbank").text)
        page = client.get("/nl/regelbank?q=toetsinkomen&layer=WET").text
        assert "1 regeling" in text_of(page)
        assert 'href="/nl/regelbank/wet_op_de_proefgegevens"' in page
        assert client.get("/nl/regelbank?layer=WETJE").status_code == 400


def test_an_article_stands_beside_its_rule_with_sources_and_who_fills_it(site: Demo) -> None:
    with site.browser() as client:
        text = text_of(client.get(f"/nl/regelbank/{LAW}").text)
        for words in (
            "Wie 18 jaar of ouder is",
            "leeftijd is ten minste minimumleeftijd",
            "als heeft partner, dan: dit is ten hoogste inkomensgrens samen",
            "in alle andere gevallen: inkomen is ten hoogste inkomensgrens alleen",
            "Inkomensgrens alleen € 26.000,00 voorbeeld officiële bron",
            "Verordening proeftoeslag Utrecht",
            "vult in: toeslagbedrag",
        ):
            assert words in text.replace("\u00a0", " "), words
        past = text_of(client.get(f"/nl/regelbank/{LAW}?version=2025-01-01").text).replace("\u00a0", " ")
        assert "Deze versie geldt vandaag niet" in past
        assert "€ 20.000,00" in past
        assert client.get(f"/nl/regelbank/{LAW}?version=2024-01-01").status_code == 404
        assert client.get("/nl/regelbank/bestaat_niet").status_code == 404


def test_a_case_is_asked_step_by_step_without_a_session(site: Demo) -> None:
    with site.browser() as client:
        assert controls(client.get(CASE).text) == ["p|bsn"]
        asked = send(client, **{"p|bsn": MARKED})
        assert asked.status_code == 200
        assert "betekent niet dat er geen recht is" in text_of(asked.text)
        first = controls(asked.text)[:-1]
        assert {f"f|bsn|{MARKED}|heeft_partner", f"f|bsn|{MARKED}|leeftijd"} <= set(first)
        given = {"p|bsn": MARKED, f"f|bsn|{MARKED}|heeft_partner": "yes", f"f|bsn|{MARKED}|leeftijd": "40"}
        partner = send(client, **given)
        assert f"f|bsn|{MARKED}|partner_bsn" in controls(partner.text)
        given |= {f"f|bsn|{MARKED}|partner_bsn": "12", f"f|bsn|{MARKED}|loon": "15.000", f"f|bsn|{MARKED}|winst": "0"}
        both = send(client, **given)
        assert "f|bsn|12|loon" in controls(both.text), "the facts of the partner are asked about the partner"
        given |= {"f|bsn|12|loon": "10.000,50", "f|bsn|12|winst": "0", "p|gemeente_code": "GM0344"}
        known = send(client, **given)
        text = text_of(known.text)
        assert "€ 240,00" in text
        assert "Waarom" in text
        assert "Elke stap van de berekening" in text
        assert "€ 25.000,50" in send(client, **{**given, "output": "heeft_recht"}).text.replace("\u00a0", " ")
        assert known.headers["cache-control"] == "no-store"
        assert MARKED not in str(known.url)


def test_what_cannot_be_read_is_told_at_its_control(site: Demo) -> None:
    wrong = {"p|bsn": "1", "f|bsn|1|loon": "veel", "f|bsn|1|leeftijd": "x"}
    with site.browser() as client:
        answer = send(client, **wrong)
        assert answer.status_code == 422
        for control in ("f-bsn-1-loon", "f-bsn-1-leeftijd"):
            assert f'href="#{control}"' in answer.text
            assert f'id="{control}"' in answer.text
        assert 'value="veel"' in answer.text
        for fields in ({"on": "2026-02-30"}, {"on": "2019-01-01"}, {"p|bsn": ""}):
            assert send(client, **{"p|bsn": "1", **fields}).status_code == 422


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_script_in_a_case_stays_text(site: Demo, attack: str) -> None:
    with site.browser() as client:
        for name in (
            "p|bsn",
            f"f|bsn|{attack}|loon",
            f"f|{attack}|1|{attack}",
            f"p|{attack}",
            "on",
            "output",
            "service",
        ):
            answer = send(client, **{"p|bsn": attack, name: attack, "none": name})
            assert answer.status_code in (200, 404, 422), name
            main = answer.text[answer.text.index("<main") :]
            assert "<script" not in main.lower()
            assert attack not in main or not re.search(r"[<>\"]", attack)


def test_a_case_is_kept_nowhere(site: Demo) -> None:
    for path in site.folder.rglob("*"):
        if path.is_file():
            assert MARKED.encode() not in path.read_bytes(), path


def test_a_form_of_another_site_is_refused(site: Demo) -> None:
    with site.browser() as client:
        client.headers["Origin"] = "https://elders.example"
        assert send(client, **{"p|bsn": "1"}).status_code == 403


# -- runs ---------------------------------------------------------------------------------------------------------


def ask_run(client: httpx.Client, path: str, **fields: Any) -> httpx.Response:
    key = hidden_fields(client.get(f"{path}?population={POPULATION}&law={LAW}&on=2025-06-01&onAfter=2026-06-01").text)
    given = {
        "population": POPULATION,
        "law": LAW,
        "on": "2025-06-01",
        "onAfter": "2026-06-01",
        "outputs": ["hoogte_toeslag"],
        "ground": GROUND,
        "purpose": "Uitproberen",
        "controller": OWNER,
        "by": "wijk",
        "act": "run",
    }
    return client.post(path, data={"formKey": key["formKey"], **given, **fields})


def follow(client: httpx.Client, place: str) -> str:
    until = time.monotonic() + 60
    while "Klaar." not in (page := client.get(place)).text:
        assert time.monotonic() < until, text_of(page.text)
        assert "Mislukt" not in page.text
        time.sleep(0.1)
    return place.rpartition("/")[2]


def test_a_run_ends_in_counts_and_a_chart(site: Demo) -> None:
    with site.signed_in() as client:
        answer = ask_run(client, "/nl/doorrekenen")
        assert answer.status_code == 303, text_of(answer.text)
        job = follow(client, answer.headers["location"])
        page = client.get(f"/nl/doorrekenen/{job}")
        assert "minder dan 10" in text_of(page.text)
        assert '<svg class="e-chart"' in page.text
        assert "geen besluit" in text_of(page.text)
        report = client.get(f"/nl/werk/{job}?report=1")
        assert report.content[:4] == b"PAR1"
    with site.signed_in("auditor") as other:
        assert other.get(f"/nl/werk/{job}?report=1").status_code == 404


def test_a_change_of_law_shows_who_gains(site: Demo) -> None:
    with site.signed_in() as client:
        job = follow(client, ask_run(client, "/nl/wetswijziging").headers["location"])
        text = text_of(client.get(f"/nl/doorrekenen/{job}").text)
        # Rows 201 to 260 gain but for the fifteen minors among them: all of them in the south.
        assert re.search(r"Iedereen 400 45 0 de rest minder dan 10 € 12\.150,00|Iedereen 400 45 0", text), text
        assert re.search(r"zuid 200 45 0 155 0", text), text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"outputs": []}, "Kies een uitkomst"),
        ({"outputs": ["bestaat_niet"]}, "Kies een uitkomst"),
        ({"controller": "organisation:gm0363"}, "waarvoor u redacteur bent"),
        ({"population": "population:gm0344/geheim"}, "Deze populatie is er niet"),
        ({"on": "gisteren"}, "Schrijf een dag die bestaat"),
    ],
)
def test_what_is_wrong_with_a_run_is_told(site: Demo, fields: dict[str, Any], words: str) -> None:
    with site.signed_in() as client:
        answer = ask_run(client, "/nl/doorrekenen", **fields)
        assert answer.status_code == 422
        assert words in text_of(answer.text)


def test_a_run_is_for_editors(site: Demo) -> None:
    with site.browser() as client:
        assert client.get("/nl/doorrekenen").status_code == 401
    with site.signed_in("auditor") as client:
        assert client.get("/nl/doorrekenen").status_code == 403
        assert client.get("/nl/doorrekenen/population-run-0").status_code == 404
