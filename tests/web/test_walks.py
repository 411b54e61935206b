"""Whole walks through the pages: with the keys alone, without a script, on a narrow screen and with large text."""

from __future__ import annotations

import fcntl
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.populations import LAW, POPULATION
from tests.web.browser import arrive, open_page, press, run_browser
from tests.web.demo import Demo, make_demo
from tests.web.keyboard import Keyboard
from tests.web.serving import run_server

APPLICATION = "application:gm0344/zaaksysteem"
LIST = "Applicatie;Status;Kosten per jaar;Referentie\nZaaksuite;In gebruik;12.500,00;{0}-1\nBelasting;Weg;veel;{0}-2\n"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = make_demo(tmp_path_factory.mktemp("walks") / "node", more=True)
    with run_server(folder) as server:
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors


@contextmanager
def open_keyboard(browser: Browser, site: Demo, **options: Any) -> Iterator[Keyboard]:
    """Give somebody with a keyboard at the start of the site; its address is typed."""
    with open_page(browser, site.server.url, locale="nl-NL", **options) as page:
        arrive(page, "/nl")
        keys = Keyboard(page)
        keys.arrive()
        yield keys


def sign_in(keys: Keyboard) -> None:
    """Go from the home page to the page after signing in, as who keeps records."""
    keys.follow("Aanmelden")
    keys.skip()
    keys.follow("Aanmelden als Eigenaar van records")
    expect(keys.page.get_by_role("button", name="Afmelden")).to_be_visible()


def heading(page: Page) -> str:
    """Give the heading of the page."""
    return page.locator("h1").inner_text()


def generation(site: Demo) -> int:
    """Give how often the record was recorded."""
    return int(httpx.get(f"{site.server.url}/v1/records/{APPLICATION}").json()["generation"])


# -- with the keys alone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/nl", "/nl/zoeken?q=gemeente", f"/nl/records/{APPLICATION}", f"/nl/bewerken/{APPLICATION}", "/nl/importeren",
     "/nl/kaart", "/nl/mijn-taken", "/nl/regelbank", f"/nl/regelbank/{LAW}", f"/nl/regel-proberen/{LAW}",
     f"/nl/doorrekenen?population={POPULATION}&law={LAW}"],
)  # fmt: skip
def test_tab_comes_to_everything_in_order_and_out_again(browser: Browser, site: Demo, path: str) -> None:
    with open_page(browser, site.server.url, "record-owner") as page:
        arrive(page, path)
        keys = Keyboard(page)
        keys.arrive()
        keys.skip()
        arrive(page, path)
        keys.arrive()
        count = keys.walk_round()
        assert count > 15
        # From the last stop back: the same way, and no way in that is not a way out.
        last = [keys.tab(back=True) for _ in range(10)]
        assert None not in last


def test_a_case_is_tried_with_the_keys_alone(browser: Browser, site: Demo) -> None:
    with open_page(browser, site.server.url, "") as page:
        arrive(page, f"/nl/regel-proberen/{LAW}")
        keys = Keyboard(page)
        keys.arrive()
        keys.go_to(id="p-bsn")
        keys.type("111")
        keys.press("Enter")
        assert "Wat de regel nog moet weten" in page.locator("main").inner_text()
        keys.go_to(id="f-bsn-111-leeftijd")
        keys.type("12")
        keys.press("Enter")
        assert page.locator(".e-outcome .e-figure").inner_text() in ("nee", "€ 0,00")
        keys.walk_round()


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ('<a href="#a">a</a> <a href="#b" style="outline: none">b</a>', "cannot be seen"),
        ('<a href="#a">a</a> <a href="#b" style="position: absolute; left: -99px; width: 9px">b</a>', "out of sight"),
        ('<a href="#a">a</a> <a href="#b" tabindex="1">b</a>', "tabindex above zero"),
        (
            '<p style="display: flex; flex-direction: row-reverse"><a href="#a">a</a><a href="#b">b</a></p>',
            "stands above",
        ),
        ('<a href="#a">a</a> <a href="#b" onkeydown="event.preventDefault()">b</a> <a href="#c">c</a>', "trap"),
        ('<a href="#a">a</a> <a href="#b" onfocus="blur()">b</a>', "does not come to"),
    ],
)
def test_a_walk_sees_what_is_wrong(browser: Browser, html: str, complaint: str) -> None:
    page = browser.new_page()
    page.set_content(f"<main>{html}</main>")
    keys = Keyboard(page)
    keys.arrive()
    with pytest.raises(AssertionError, match=complaint):
        keys.walk_round()
    page.set_content('<p style="inline-size: 200vw">a</p>')
    with pytest.raises(AssertionError):
        fits(page)
    page.set_content('<p style="inline-size: 5px; overflow: hidden; white-space: nowrap">cut off</p>')
    with pytest.raises(AssertionError):
        fits(page)
    page.close()


def test_signing_in_searching_and_opening_a_record(browser: Browser, site: Demo) -> None:
    with open_keyboard(browser, site) as keys:
        page = keys.page
        sign_in(keys)
        keys.go_to(id="q-head")
        keys.type("gemeente")
        keys.press("Enter")
        assert heading(page) == "Zoeken"
        before = page.locator("ol.e-results > li").count()
        keys.skip()
        # The facet says beforehand how many there will be.
        keys.go_to("organisatie", tag="link")
        promised = page.evaluate("document.activeElement.parentElement.querySelector('.nl-number-badge').textContent")
        keys.press("Enter")
        assert page.locator("ol.e-results > li").count() == int(promised) <= before
        keys.follow("Gemeente De Bilt")
        assert heading(page) == "Gemeente De Bilt"
        keys.follow("Pagina van de organisatie")
        assert page.url.endswith("/nl/organisaties/organisation:gm0310")
        keys.follow("Afmelden")
        expect(page.get_by_role("banner").get_by_role("link", name="Aanmelden")).to_be_visible()


def test_editing_with_faults_that_are_mended(browser: Browser, site: Demo) -> None:
    before = generation(site)
    with open_keyboard(browser, site) as keys:
        page = keys.page
        sign_in(keys)
        keys.go_to(id="q-head")
        keys.type(APPLICATION)
        keys.press("Enter")
        keys.follow("Zaaksysteem", tag="link")
        keys.follow("Bewerken")
        keys.go_to(id="spec-name")
        keys.type("")
        keys.go_to(id="spec-suppliedBy")
        keys.type("Bestaat Niet BV")
        keys.go_to("", tag="summary")
        page.keyboard.press("Space")
        keys.go_to(id="spec-users")
        keys.type("veel")
        keys.go_to("Vastleggen", tag="button")
        keys.press("Space")

        assert page.title().startswith("Fout: ")
        keys.land("faults")
        links = page.locator("#faults a").evaluate_all("all => all.map(link => link.getAttribute('href').slice(1))")
        mended = {"spec-name": "Zaaksysteem", "spec-suppliedBy": "Zaakbouwers BV", "spec-users": "1200"}
        assert set(links) == set(mended)
        for anchor in links:
            mend(keys, anchor, mended[anchor])
        keys.go_to("Vastleggen", tag="button")
        keys.press("Enter")
        assert not page.locator("#faults").count(), page.locator("#faults").inner_text()
        assert generation(site) == before + 1
        expect(page.get_by_text(f"Vastgelegd als versie {before + 1}.")).to_be_visible()
        assert "1.200" in page.content()
        keys.walk_round()


def mend(keys: Keyboard, anchor: str, text: str) -> None:
    """Go back to the summary, follow the link to a control, and fill in something else."""
    stop = keys.stop()
    is_above = stop is not None and stop.id == "faults"
    for _ in range(100):
        if keys.page.evaluate("document.activeElement.getAttribute('href')") == f"#{anchor}":
            break
        keys.tab(back=not is_above)
    keys.page.keyboard.press("Enter")
    control = keys.land(anchor)
    if control.tag == "select":
        choose(keys, text)
    else:
        keys.page.keyboard.press("Control+A")
        keys.page.keyboard.type(text)


def test_choices_and_days_by_key(browser: Browser, site: Demo) -> None:
    with open_keyboard(browser, site) as keys:
        page = keys.page
        sign_in(keys)
        keys.follow("Iets nieuws vastleggen")
        keys.follow("contract", tag="link")
        keys.go_to(id="spec-name")
        keys.type("Contract van de toetsen")
        keys.go_to(id="spec-buyer")
        keys.type("Gemeente Utrecht")
        keys.go_to(id="spec-supplier")
        keys.type("Zaakbouwers BV")
        keys.go_to("", tag="summary")
        page.keyboard.press("Enter")
        keys.go_to(id="spec-endDate")
        # Month first, as the browser of these tests writes a day.
        page.keyboard.type("12312030")
        assert page.locator("#spec-endDate").input_value() == "2030-12-31"
        keys.go_to(id="spec-renewal")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        chosen = page.locator("#spec-renewal").input_value()
        assert chosen
        keys.go_to("Nog een rij", tag="button")
        keys.press("Enter")
        assert page.locator("#spec-name").input_value() == "Contract van de toetsen"
        assert page.locator("#spec-renewal").input_value() == chosen
        keys.go_to("Vastleggen", tag="button")
        keys.press("Enter")
        assert heading(page) == "Contract van de toetsen"


def test_importing_a_file(browser: Browser, site: Demo, tmp_path: Path) -> None:
    file = tmp_path / "lijst.csv"
    file.write_text(LIST.format("K"), "utf-8")
    with open_keyboard(browser, site) as keys:
        page = keys.page
        sign_in(keys)
        keys.follow("Importeren")
        keys.skip()
        keys.go_to(id="file")
        # Enter opens the window of the browser in which a file is chosen; that is no page, and a test sets its outcome.
        page.set_input_files("#file", file)
        keys.go_to("Verder")
        keys.press("Enter")
        assert heading(page) == "Wat betekenen de kolommen?"
        keys.go_to(id="kind")
        page.keyboard.type("applicatie")
        keys.go_to("Opnieuw voorstellen")
        keys.press("Space")
        assert page.locator("#kind").input_value() == "application"
        keys.go_to(id="column-0")
        choose(keys, "(weglaten)")
        keys.go_to("Toon wat het verandert")
        keys.press("Enter")
        assert page.title().startswith("Fout: ")
        keys.land("faults")
        mend(keys, "column-0", "Naam")
        keys.go_to(id="column-3")
        choose(keys, "Sleutel")
        keys.go_to("Toon wat het verandert")
        keys.press("Enter")
        assert heading(page) == "Wat dit bestand verandert"
        # What is wrong in the file is told with its place, and can be scrolled to by key.
        faults = page.get_by_role("region", name="Niet overgenomen")
        assert "veel" in faults.inner_text()
        assert re.search(r"rij 3", faults.inner_text())
        keys.walk_round()
        keys.arrive()
        keys.follow("Dit vastleggen")
        expect(page.get_by_text("Klaar.")).to_be_visible(timeout=20_000)
        # The page looks again by itself; whoever reads on with the keys is not thrown out of it.
        keys.follow("Al het werk", tag="link")
        assert heading(page) == "Werk"
        keys.go_to(id="q-head")
        keys.type("Zaaksuite")
        keys.press("Enter")
        keys.follow("Zaaksuite", tag="link")
        assert heading(page) == "Zaaksuite"


def test_what_looks_again_by_itself_leaves_the_focus_where_it_is(browser: Browser, tmp_path: Path) -> None:
    """A job that waits, because another process has the lease: its page is refreshed while somebody stands in it."""
    folder = make_demo(tmp_path / "node")
    (folder / "jobs").mkdir(mode=0o700)
    with (folder / "jobs" / "lease").open("wb") as lease:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with run_server(folder) as server, open_page(browser, server.url, "record-owner") as page:
            arrive(page, "/nl/werk")
            keys = Keyboard(page)
            keys.arrive()
            keys.follow("Exporteren wat ik mag zien")
            for text in ("Kijk hoe ver het nu is", "Stoppen"):
                stop = keys.go_to(text)
                # Spoilt here, so that it is known when the page was looked at again.
                page.evaluate("() => { document.querySelector('#state > p').textContent = 'oud'; }")
                page.wait_for_function("() => document.querySelector('#state > p').textContent !== 'oud'")
                after = keys.stop()
                assert after is not None, f"the focus was lost from {text}"
                assert (after.text, after.tag) == (stop.text, stop.tag)
            fcntl.flock(lease, fcntl.LOCK_UN)
            expect(page.get_by_text("Klaar.")).to_be_visible(timeout=20_000)
            # What had the focus is gone with the work; the next stop is still on the way, not the top of the page.
            following = keys.tab()
            assert following is not None
            assert following.where in ("main", "footer")


def choose(keys: Keyboard, text: str) -> None:
    """Choose an option by typing what it begins with."""
    keys.page.keyboard.type(text[:12])
    chosen = keys.page.evaluate("document.activeElement.selectedOptions[0].textContent")
    assert chosen.startswith(text), chosen


# -- without a script, on a narrow screen, with large text -----------------------------------------------------------

_CUT_OFF = """
() => [...document.querySelectorAll('body *')].filter(element => {
  const isApart = element.closest('.e-scroll, .e-unseen, .e-search__word, .nl-skip-link, svg');
  if (isApart || !element.checkVisibility({visibilityProperty: true})) return false;
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const isOutside = box.right > document.documentElement.clientWidth + 1 || box.left < -1;
  // What is typed scrolls in its control; all other text that does not fit is gone where it is clipped.
  const isTyped = ['INPUT', 'TEXTAREA', 'SELECT', 'OPTION'].includes(element.tagName);
  const isClipped = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1
    || style.overflowY !== 'visible' && element.scrollHeight > element.clientHeight + 1;
  return isOutside || (!isTyped && isClipped);
}).slice(0, 5).map(element => element.outerHTML.slice(0, 160))
"""


def look_wide(page: Page) -> None:
    """Nothing to look at on an ordinary screen."""


def look_narrow(page: Page) -> None:
    """WCAG 1.4.10: at 320 CSS pixels nothing scrolls sideways and nothing is cut off, wide tables excepted."""
    assert page.viewport_size == {"width": 320, "height": 640}
    fits(page)


def look_large(page: Page) -> None:
    """WCAG 1.4.4: the same with text of 200 %."""
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    fits(page)


def fits(page: Page) -> None:
    """Fail where the page is wider than its window, or where something stands outside it."""
    width = page.evaluate("document.documentElement.clientWidth")
    cut_off = page.evaluate(_CUT_OFF)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, cut_off)
    assert not cut_off, (page.url, cut_off)


LOOKS: dict[str, tuple[Callable[[Page], None], int, int]] = {
    "wide": (look_wide, 1280, 800),
    "narrow": (look_narrow, 320, 640),
    "large": (look_large, 1280, 800),
}


@pytest.mark.parametrize("how", LOOKS)
def test_from_a_search_to_a_saved_record_without_a_script(browser: Browser, site: Demo, how: str) -> None:
    look, width, height = LOOKS[how]
    before = generation(site)
    options: dict[str, Any] = {"java_script_enabled": False, "viewport": {"width": width, "height": height}}
    with open_page(browser, site.server.url, "record-owner", **options) as page:
        look(page)
        page.fill("#q-head", "zaaksysteem")
        page.press("#q-head", "Enter")
        look(page)
        press(page.locator(".e-facet").get_by_role("link", name="applicatie"))
        look(page)
        press(page.locator("ol.e-results").get_by_role("link", name="Zaaksysteem", exact=True))
        look(page)
        press(page.get_by_role("link", name="Bewerken"))
        page.locator("summary").first.click()
        look(page)
        long = "Nietbestaandeleveranciermeteennaamzonderspaties" * 3
        page.fill("#spec-name", "")
        page.fill("#spec-suppliedBy", long)
        page.fill("#spec-requires", f"platform:gm0344/geheim-platform\n{long}")
        page.fill("#spec-users", "veel")
        page.fill("#spec-rtoHours", "-1")
        press(page.get_by_role("button", name="Vastleggen"))
        look(page)
        assert page.title().startswith("Fout: ")
        assert page.evaluate("document.activeElement.id") == "faults", "the summary has the focus without a script too"
        for link in page.locator("#faults a").all():
            link.click()
            look(page)
            control = page.locator(link.get_attribute("href") or "")
            expect(control).to_be_in_viewport()
            expect(control).to_be_focused()
        assert page.locator("#spec-suppliedBy").input_value() == long
        assert generation(site) == before
        for name, text in (
            ("name", "Zaaksysteem"),
            ("suppliedBy", "Zaakbouwers BV"),
            ("users", "7"),
            ("rtoHours", "4"),
        ):
            page.fill(f"#spec-{name}", text)
        page.fill("#spec-requires", "platform:gm0344/geheim-platform")
        press(page.get_by_role("button", name="Vastleggen"))
        look(page)
        expect(page.get_by_text(f"Vastgelegd als versie {before + 1}.")).to_be_visible()
        assert generation(site) == before + 1


@pytest.mark.parametrize("how", ["narrow", "large"])
def test_an_import_with_faults_fits_all_the_way(browser: Browser, site: Demo, tmp_path: Path, how: str) -> None:
    look, width, height = LOOKS[how]
    file = tmp_path / ("een-bestand-met-een-heel-lange-naam-zonder-spaties-" * 2 + ".csv")
    file.write_text(LIST.format(how) + "Onafgebrokennaam" * 12 + f";Weg;nietsnut{'x' * 90};{how}-3\n", "utf-8")
    options: dict[str, Any] = {"java_script_enabled": False, "viewport": {"width": width, "height": height}}
    with open_page(browser, site.server.url, "record-owner", **options) as page:
        arrive(page, "/nl/importeren")
        look(page)
        page.set_input_files("#file", file)
        press(page.get_by_role("button", name="Verder"))
        look(page)
        page.select_option("#kind", "application")
        press(page.get_by_role("button", name="Opnieuw voorstellen"))
        page.select_option("#column-0", "")
        press(page.get_by_role("button", name="Toon wat het verandert"))
        look(page)
        assert page.evaluate("document.activeElement.id") == "faults"
        page.select_option("#column-0", "name")
        page.select_option("#column-3", "key")
        press(page.get_by_role("button", name="Toon wat het verandert"))
        look(page)
        assert "veel" in page.content()
        press(page.get_by_role("button", name="Dit vastleggen"))
        until = time.monotonic() + 30
        while not page.get_by_text("Klaar.").count() and time.monotonic() < until:
            look(page)
            press(page.get_by_role("link", name="Kijk hoe ver het nu is"))
        look(page)
        expect(page.get_by_text("Klaar.")).to_be_visible()


def test_a_graph_that_does_not_fit_begins_at_the_box_that_it_is_about(browser: Browser, site: Demo) -> None:
    with open_page(browser, site.server.url, "record-owner", viewport={"width": 320, "height": 800}) as page:
        arrive(page, "/nl/records/application:gm0344/zaaksysteem")
        region = page.locator(".e-scroll:has(svg)")
        box, own = region.bounding_box(), region.locator(".box--here").bounding_box()
        assert box and own
        assert box["x"] - 1 <= own["x"] and own["x"] + own["width"] <= box["x"] + box["width"] + 1
