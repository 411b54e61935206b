"""The page of a form in a real browser: no fault for axe, no sideways scroll at 320 px, and no script needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from eendracht.bootstrap import Wiring
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.sessions import Sessions
from eendracht.services.forms.demo import fill_vault
from tests.web.browser import open_page, press, run_browser
from tests.web.judging import judge
from tests.web.serving import Server, run_server

LONG = "een-heel-lange-naam-zonder-een-plek-om-af-te-breken-van-een-huurcontract-uit-2026.pdf"
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 640}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as found:
        yield found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    folder = tmp_path_factory.mktemp("forms-browser") / "node"
    with Wiring().create(folder) as instance:
        name = f"person/{fill_vault(instance)['parent']}"
        create_principal(instance.store, name, [])
        secret = Sessions(instance.store, 30, 10).begin(name, "persona")
    with run_server(folder) as server:
        yield server, secret


def check(page: Page, axe: str) -> None:
    assert judge(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("path", ["/nl/aanvragen/child-born", "/en/apply/child-born"])
def test_every_sort_of_page_has_no_fault(
    browser: Browser, served: tuple[Server, str], node_file: Callable[[str], Path], path: str
) -> None:
    server, secret = served
    axe = node_file("axe-core/axe.min.js").read_text()
    with open_page(browser, server.url, **NARROW) as page:
        page.context.add_cookies([{"name": "eendracht", "value": secret, "url": server.url}])
        page.goto(path.rpartition("/")[0])
        check(page, axe)
        page.goto(path)
        check(page, axe)
        press(page.locator("button[value='correct:me.loon_uit_dienstbetrekking']").first)
        page.fill("#value", "veel")
        press(page.locator("button[value='claim']"))
        check(page, axe)
        page.set_input_files("#evidence-file", {"name": LONG, "mimeType": "application/pdf", "buffer": b"geen pdf"})
        press(page.locator("button[value='attach']"))
        assert page.locator("#evidence-file").get_attribute("aria-invalid") == "true"
        check(page, axe)
        page.set_input_files("#evidence-file", {"name": LONG, "mimeType": "application/pdf", "buffer": page.pdf()})
        press(page.locator("button[value='attach']"))
        assert page.locator("#files + ul > li").count() == 1
        check(page, axe)
        page.fill("#value", "21500")
        press(page.locator("button[value='claim']"))
        check(page, axe)
        while page.locator("input[name='ask']").count():
            if page.locator("input[type='radio']").count():
                page.locator("input[type='radio']").last.check()
            else:
                page.fill("#value", "0")
            press(page.locator("button[value='next']"))
        check(page, axe)
        press(page.locator("button[value='submit']"))
        check(page, axe)


def test_a_file_is_added_and_taken_away_without_a_script(browser: Browser, served: tuple[Server, str]) -> None:
    server, secret = served
    png = browser.new_page().screenshot()
    with open_page(browser, server.url, java_script_enabled=False, **NARROW) as page:
        page.context.add_cookies([{"name": "eendracht", "value": secret, "url": server.url}])
        page.goto("/nl/aanvragen/zorgtoeslag")
        press(page.locator("button[value='correct:me.geboortedatum']").first)
        page.set_input_files("#evidence-file", {"name": "akte.png", "mimeType": "image/png", "buffer": png})
        # Enter in the first field goes on with the correction, and the file with it.
        page.fill("#value", "1994-05-14")
        page.fill("#evidence", "zie akte")
        with page.expect_navigation():
            page.press("#value", "Enter")
        assert page.content().count("akte.png") == 1 and "akte" not in page.url
        page.locator("summary", has_text="Wat registers weten").click()
        press(page.locator("button[value='correct:me.geboortedatum']").first)
        assert page.input_value("#evidence") == "zie akte"
        page.keyboard.press("Tab")
        press(page.locator("button[value^='detach:']"))
        assert "akte.png" not in page.content() and page.input_value("#value") == "1994-05-14"


def test_without_a_script_and_without_signing_in(browser: Browser, served: tuple[Server, str]) -> None:
    with open_page(browser, served[0].url, java_script_enabled=False, **NARROW) as page:
        page.goto("/nl/aanvragen/kinderbijslag")
        page.fill("#value", "21-09-2026")
        page.keyboard.press("Tab")
        press(page.locator("button[value='next']"))
        assert page.locator("#outcome-kinderbijslag").count() == 1
        assert "?" not in page.url and "2026" not in page.url
