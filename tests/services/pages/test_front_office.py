"""The front office: a hand-over in two clicks, looks that are journalled, and refusals that tell nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from eendracht.bootstrap import open_instance
from eendracht.config import Settings, load_settings
from eendracht.kernel.instance import Instance
from eendracht.kernel.journal import Journal
from eendracht.kernel.store import load
from eendracht.kernel.wing import load_parts
from eendracht.kit.personas import PERSONAS, Persona, create_personas
from eendracht.services.case_views import CaseView
from eendracht.services.cases import Submission, submit
from eendracht.services.front_office import STREAM
from eendracht.services.handovers import Offer, offer
from tests.services.case_nodes import AMSTERDAM, UTRECHT, editor, make_node
from tests.services.pages.test_door import text_of
from tests.web.browser import open_page, press, run_browser
from tests.web.demo import Demo, hidden_fields
from tests.web.judging import judge
from tests.web.keyboard import Keyboard
from tests.web.nodes import draft
from tests.web.serving import run_server

BSN = "123456782"
OTHER_BSN = "111222333"
CANARY = "Zwaluwstaart-Kanarie"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


class Office:
    """A served node with a case at each of two municipalities, and who works at the counter of one."""

    def __init__(self, demo: Demo, cases: dict[str, str], numbers: dict[str, str]) -> None:
        self.demo = demo
        self.cases = cases
        self.numbers = numbers

    def journal(self, stream: str) -> list[dict[str, Any]]:
        """Give the lines of a stream, as they lie in the file."""
        journal = Journal(Settings(folder=self.demo.folder, name="test.example/eendracht").journal_file)
        lines = [line.content for line in journal.read(stream)]
        journal.close()
        return lines


def keep_case(instance: Instance, organisation: str, bsn: str) -> CaseView:
    subject = instance.vault.add_subject("bsn", bsn)
    answers = {"toelichting": CANARY}
    asked = Submission(subject, organisation, "application", answers, products=("belastingkwijtschelding",))
    return submit(instance, editor(organisation), asked)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office") / "node"
    built_in = f"{UTRECHT} {AMSTERDAM}"
    with make_node(folder, built_in) as instance:
        cases = {
            "mine": keep_case(instance, UTRECHT, BSN),
            "theirs": keep_case(instance, AMSTERDAM, BSN),
        }
        load(instance.store, [draft("application:gm0344/balie", "Balie", owner=UTRECHT)], size=1)
        create_personas(instance, [persona for persona in instance_personas(instance) if persona.roles])
    settings = f'name = "test.example/eendracht"\nmode = "demo"\nbuilt_in_cases = "{built_in}"\n'
    (folder / "node.toml").write_text(settings)
    with run_server(folder) as server:
        httpx.post(f"{server.url}/v1/door", json={"text": "paspoort"}, timeout=60)
        ids = {name: view.id for name, view in cases.items()}
        yield Office(Demo(server, folder), ids, {name: view.number for name, view in cases.items()})
        _, out, errors = server.stop()
    assert "Traceback" not in errors, errors
    for secret in (BSN, OTHER_BSN, CANARY):
        assert secret not in out + errors


def instance_personas(instance: Instance) -> list[Persona]:
    return [*PERSONAS, *load_parts(instance.wings, "personas")]


def send(client: httpx.Client, path: str = "/nl/balie", **fields: str) -> httpx.Response:
    key = hidden_fields(client.get("/nl/balie").text)["formKey"]
    return client.post(path, data={"formKey": key, **fields}, timeout=60)


def test_it_is_for_who_works_somewhere(office: Office) -> None:
    with office.demo.browser() as client:
        assert client.get("/nl/balie").status_code == 401
        assert 'href="/nl/balie"' not in client.get("/nl").text
    with office.demo.signed_in("front-office") as client:
        page = client.get("/nl/balie")
        assert page.status_code == 200
        assert page.headers["Clear-Site-Data"] == '"cache"'
        assert "Utrecht" in page.text


def test_a_case_is_found_by_its_number_and_the_look_is_on_the_journal(office: Office) -> None:
    with office.demo.signed_in("front-office") as client:
        case, number = office.cases["mine"], office.numbers["mine"]
        page = send(client, q=f" {number.lower()} ", purpose="front-office/case-question", do="find")
        assert page.status_code == 200
        text = text_of(page.text)
        assert f"Nummer {number}" in text
        assert "zegt het zaakregister" in text
        assert office.journal(STREAM)[-1] == {
            "event": "look", "purpose": "front-office/case-question", "asker": "persona/front-office", "cases": [case],
        }  # fmt: skip


def test_a_case_is_named_in_the_language_of_the_page(office: Office) -> None:
    with office.demo.signed_in("front-office") as client:
        for path, name in (("/nl/balie", "Kwijtschelding van belasting"), ("/en/front-office", "Remission of taxes")):
            asked = {"scheme": "bsn", "identifier": BSN, "purpose": "front-office/case-question"}
            found = send(client, path, do="person", **asked)
            assert f"<strong>{name}</strong>" in found.text
            opened = send(client, path, do=f"open:{office.cases['mine']}", purpose="front-office/case-question")
            assert f"{name} (" in text_of(opened.text)


def test_a_case_of_another_organisation_is_as_one_that_is_not_there(office: Office) -> None:
    with office.demo.signed_in("front-office") as client:
        pages = []
        for number in (office.numbers["theirs"], "EEN-0000000000000000"):
            page = send(client, q=number, purpose="front-office/case-question", do="find")
            assert number not in page.text
            pages.append((page.status_code, text_of(page.text)))
            opened = send(client, do=f"open:{office.cases['theirs']}", purpose="front-office/case-question")
            assert text_of(opened.text) == pages[0][1]
        assert pages[0] == pages[1]
        assert "Er is geen zaak met dit nummer die u mag zien" in pages[0][1]


def test_a_person_is_found_by_number_with_own_cases_only(office: Office) -> None:
    with office.demo.signed_in("front-office") as client:
        purpose = "front-office/case-question"
        page = send(client, do="person", scheme="bsn", identifier="123 456 782", purpose=purpose)
        assert "1 zaak van deze persoon bij uw organisaties" in text_of(page.text)
        assert office.cases["mine"] in page.text
        assert office.cases["theirs"] not in page.text
        assert BSN not in page.text
        found = [line for line in office.journal("vault") if line["event"] == "find"]
        assert (found[-1]["purpose"], found[-1]["asker"]) == (purpose, "persona/front-office")
        opened = send(client, do=f"open:{office.cases['mine']}", purpose=purpose)
        assert office.numbers["mine"] in opened.text
        nobody = send(client, do="person", scheme="bsn", identifier="999999990", purpose=purpose)
        assert "0 zaken van deze persoon" in text_of(nobody.text)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"scheme": "bsn", "identifier": "123456789", "purpose": "front-office/case-question"}, "klopt niet"),
        ({"scheme": "kvk", "identifier": "1", "purpose": "front-office/case-question"}, "klopt niet"),
        ({"scheme": "iets", "identifier": BSN, "purpose": "front-office/case-question"}, "Kies wat voor nummer"),
        ({"scheme": "bsn", "identifier": BSN, "purpose": "nieuwsgierig"}, "Kies waarvoor"),
    ],
)
def test_nothing_is_looked_up_without_purpose_or_with_a_wrong_number(
    office: Office, fields: dict[str, str], told: str
) -> None:
    with office.demo.signed_in("front-office") as client:
        before = len(office.journal("vault"))
        page = send(client, do="person", **fields)
        assert page.status_code == 400
        assert told in text_of(page.text)
        assert len(office.journal("vault")) == before


def clicks_of(page: Page) -> list[str]:
    """Count the clicks on a page from now on, over every page that follows."""
    pressed: list[str] = []
    page.context.expose_binding("noteClick", lambda _, text: pressed.append(text))
    page.context.add_init_script("addEventListener('click', e => noteClick(e.target.textContent), true)")
    return pressed


def test_handing_over_takes_two_clicks(browser: Browser, office: Office) -> None:
    number = office.numbers["mine"]
    with open_page(browser, office.demo.server.url, "front-office") as page:
        page.goto("/nl/balie")
        page.fill("#door-q", number)
        press(page.locator("button[value=find]"))
        expect(page.get_by_role("heading", name="De zaak")).to_be_visible()
        page.fill("#door-q", "parkeervergunning aanvragen")
        page.fill("#municipality", "Amsterdam")
        press(page.locator("button[value=find]"))
        expect(page.get_by_role("heading", name="De zaak")).to_be_visible()
        clicks = clicks_of(page)
        page.reload()
        press(page.get_by_role("button", name="Draag over").first)
        expect(page.get_by_role("heading", name="Draag over aan Gemeente Amsterdam")).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text="toelichting")).to_be_visible()
        assert CANARY not in page.content()
        press(page.get_by_role("button", name="Draag over"))
        assert len(clicks) == 2, clicks
        main = page.locator("main").inner_text()
        assert "Overgedragen aan Gemeente Amsterdam" in main
        assert number in main
        assert "Gemeente Utrecht heeft uw aanvraag (Kwijtschelding van belasting) ontvangen" in main
        assert "Gemeente Utrecht blijft verantwoordelijk tot Gemeente Amsterdam het overneemt" in main
        # Sent once more by a reload, it is the same hand-over.
        page.reload()
        assert "Overgedragen aan Gemeente Amsterdam" in page.locator("main").inner_text()
        page.goto("/nl/balie")
        page.fill("#door-q", number)
        press(page.locator("button[value=find]"))
        expect(page.get_by_text("Doorgestuurd aan Gemeente Amsterdam")).to_be_visible()


def test_what_somebody_brings_is_taken_in_and_handed_over_in_two_clicks(browser: Browser, office: Office) -> None:
    with open_page(browser, office.demo.server.url, "front-office") as page:
        page.goto("/nl/balie")
        page.fill("#door-q", "mijn paspoort is gestolen")
        page.fill("#municipality", "Amsterdam")
        press(page.locator("button[value=find]"))
        clicks = clicks_of(page)
        page.reload()
        press(page.get_by_role("button", name="Draag over").first)
        assert page.locator("#text").input_value() == "mijn paspoort is gestolen"
        press(page.get_by_role("button", name="Draag over"))
        assert len(clicks) == 2, clicks
        main = page.locator("main").inner_text()
        assert "Overgedragen aan Gemeente Amsterdam" in main
        assert "Dit hebben wij ontvangen: wat u aan de balie inleverde" in main
        number = main.partition("Bewaar het nummer: ")[2][:20]
        assert len(number) == 20
        # The same form once more makes no second case.
        page.reload()
        assert number in page.locator("main").inner_text()


def test_nothing_is_taken_in_without_what_is_brought(office: Office) -> None:
    with office.demo.signed_in("front-office") as client:
        page = send(client, "/nl/balie/overdragen", receiver=AMSTERDAM, do="confirm", text=" ", form="brief")
        assert page.status_code == 400
        assert "Vul in wat er is ingeleverd" in text_of(page.text)
        assert "Kies wat het is" in text_of(page.text)
        for fields in ({"receiver": "organisation:gm0999"}, {"receiver": AMSTERDAM, "case": office.cases["theirs"]}):
            assert send(client, "/nl/balie/overdragen", do="confirm", **fields).status_code == 404
        assert client.get("/nl/balie/overdragen").status_code == 303


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_an_offer_is_looked_at_and_answered(office: Office, answer: str) -> None:
    """From Amsterdam to Utrecht, whose counter answers."""
    with open_instance(load_settings(office.demo.folder)) as instance:
        case = keep_case(instance, AMSTERDAM, BSN).id
        handover = offer(instance, editor(AMSTERDAM), Offer(case, UTRECHT)).id
    with office.demo.signed_in("front-office") as client:
        assert f"accept:{handover}" in client.get("/nl/balie").text
        looked = send(client, do=f"look:{handover}")
        assert CANARY in looked.text
        assert office.journal("cases")[-1]["event"] == "look"
        done = send(client, do=f"{answer}:{handover}", reason="not-competent")
        told = {"accept": "vanaf nu verantwoordelijk", "decline": "blijft verantwoordelijk"}[answer]
        assert told in text_of(done.text)
        assert handover not in done.text
        again = send(client, do=f"{answer}:{handover}", reason="not-competent")
        assert again.status_code == 409
        assert "al geantwoord" in text_of(again.text)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_nothing_and_it_fits_a_narrow_screen(
    browser: Browser, office: Office, node_file: Callable[[str], Path], language: str
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()

    def look(page: Page) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert judge(page, axe) == []

    with open_instance(load_settings(office.demo.folder)) as instance:
        offer(instance, editor(AMSTERDAM), Offer(keep_case(instance, AMSTERDAM, OTHER_BSN).id, UTRECHT))
        keep_case(instance, UTRECHT, OTHER_BSN)
    path = {"nl": "/nl/balie", "en": "/en/front-office"}[language]
    with open_page(browser, office.demo.server.url, "front-office", viewport={"width": 320, "height": 640}) as page:
        page.goto(path)
        look(page)
        press(page.locator("button[value^=look]").first)
        look(page)
        press(page.locator("button[value=person]"))
        look(page)
        page.fill("#identifier", OTHER_BSN)
        press(page.locator("button[value=person]"))
        look(page)
        press(page.locator("button[value^=open]").first)
        page.fill("#door-q", "parkeervergunning")
        page.fill("#municipality", "Amsterdam")
        press(page.locator("button[value=find]"))
        look(page)
        press(page.locator("main ol form button").first)
        look(page)


def test_the_desk_is_used_with_the_keys_alone(browser: Browser, office: Office) -> None:
    with open_page(browser, office.demo.server.url, "front-office") as page:
        page.goto("/nl/balie")
        keys = Keyboard(page)
        keys.arrive()
        keys.go_to(id="door-q")
        keys.type("parkeervergunning")
        keys.press("Enter")
        assert keys.walk_round() > 15
