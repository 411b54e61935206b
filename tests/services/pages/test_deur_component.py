"""`<eendracht-deur>` on a page of another site, in a real browser, under a policy that allows next to nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from eendracht.services.experience.measures import Measures
from tests.web.browser import run_browser
from tests.web.demo import Demo, make_demo
from tests.web.judging import judge
from tests.web.serving import free_port, run_server

# Nothing inline, no evaluation, no element made from text; only the node may be loaded from and asked.
POLICY = (
    "default-src 'none'; script-src {node}; connect-src {node}; base-uri 'none'; form-action 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
HTML = """<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Een andere site</title>
<meta name="viewport" content="width=device-width"><script type="module" src="{node}/deur.js"></script></head>
<body><main><h1>Onze gemeente</h1><eendracht-deur node="{asked}" {attributes}>
<a href="{node}/nl/deur">Zoek een dienst</a></eendracht-deur></main></body></html>"""
WATCH = "addEventListener('securitypolicyviolation', e => (window.refused ??= []).push(e.violatedDirective))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = make_demo(tmp_path_factory.mktemp("component") / "node")
    with run_server(folder) as server:
        # The first question waits for the index; a node in use has it.
        httpx.post(f"{server.url}/v1/door", json={"text": "paspoort"}, timeout=60)
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors


@contextmanager
def other_site(node: str, attributes: str = "", asked: str = "") -> Iterator[str]:
    """Serve one page of a site of its own and give its address."""
    html = HTML.format(node=node, asked=asked or node, attributes=attributes).encode()
    policy = POLICY.format(node=f"{node} {asked}".strip())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(html)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        # By another name than that of the node, so that it is another site and not only another port.
        yield f"http://localhost:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def opened(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    context = browser.new_context(**options)
    page = context.new_page()
    page.add_init_script(WATCH)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    try:
        yield page
        assert page.evaluate("window.refused ?? []") == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert context.cookies() == []
    finally:
        context.close()
    assert not complaints, complaints


def find(page: Page, question: str) -> None:
    page.get_by_label("Waar bent u naar op zoek?").last.fill(question)
    page.get_by_role("button", name="Zoeken").click()


def test_a_question_on_another_site_gives_links_to_the_node(browser: Browser, node: Demo) -> None:
    with other_site(node.server.url, 'municipality="gm0344"') as url, opened(browser, url) as page:
        expect(page.get_by_text("Zoek een dienst")).to_be_hidden()
        find(page, "mijn paspoort is gestolen")
        status = page.get_by_role("status")
        expect(status).to_contain_text("passen misschien")
        links = page.get_by_role("listitem").get_by_role("link")
        assert links.count() >= 3
        assert links.first.inner_text() == "Paspoort"
        href = links.first.get_attribute("href")
        assert href
        assert href.startswith(f"{node.server.url}/nl/diensten/")
        assert httpx.get(href, timeout=60).status_code == 200
        expect(page.get_by_role("listitem").first).to_contain_text("Gemeente Utrecht")


def test_an_event_that_is_told_leads_to_all_that_it_takes(browser: Browser, node: Demo) -> None:
    with other_site(node.server.url) as url, opened(browser, url) as page:
        find(page, "mijn kind is geboren")
        expect(page.get_by_role("listitem").get_by_role("link").first).to_have_text("Geboorteaangifte")
        href = page.get_by_role("link", name="Kind geboren").get_attribute("href")
        assert href == f"{node.server.url}/nl/gebeurtenissen/child-born"
        assert httpx.get(href, timeout=60).status_code == 200


def test_a_question_counts_as_one_of_the_component(browser: Browser, node: Demo) -> None:
    before = count_answered(node)
    with other_site(node.server.url, 'municipality="gm0344"') as url, opened(browser, url) as page:
        find(page, "rijbewijs verlengen")
        expect(page.get_by_role("status")).to_contain_text("passen misschien")
    assert count_answered(node) == before + 1


def count_answered(node: Demo) -> int:
    measures = Measures(Path(node.folder) / "experience" / "measures.db")
    counts = measures.list_counts(date.min, date.max, ["organisation:gm0344"])
    measures.close()
    return sum(count.count for count in counts if (count.journey, count.step) == ("deur:component", "answered"))


def test_it_is_used_with_the_keys_alone(browser: Browser, node: Demo) -> None:
    with other_site(node.server.url) as url, opened(browser, url) as page:
        expect(page.get_by_role("button", name="Zoeken")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.type("rijbewijs verlengen")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("passen misschien")
        # The focus stays in the box, so that the question can be changed; the answer is next.
        assert page.evaluate("document.activeElement.shadowRoot.activeElement.id") == "q"
        for expected in ("BUTTON", "A", "A"):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.shadowRoot.activeElement.tagName") == expected
            outline = "getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle"
            assert page.evaluate(outline) == "solid"


def test_nothing_typed_nothing_found_and_a_number_of_a_person(browser: Browser, node: Demo) -> None:
    with other_site(node.server.url) as url, opened(browser, url) as page:
        status = page.get_by_role("status")
        find(page, "  ")
        expect(status).to_have_text("Typ eerst waar u naar op zoek bent.")
        find(page, "qwzx vbnm plokij")
        expect(status).to_have_text("Geen dienst past zeker.")
        expect(page.get_by_text("Bel 1400")).to_be_visible()
        expect(page.get_by_text("Zoek een dienst")).to_be_visible()
        find(page, "123456782 paspoort kwijt")
        expect(page.get_by_text("burgerservicenummer")).to_be_visible()
        expect(page.get_by_text("Zoek een dienst")).to_be_hidden()
        assert "123456782" not in page.url


def test_it_speaks_english_where_the_page_does(browser: Browser, node: Demo) -> None:
    with other_site(node.server.url, 'lang="en" audience="business"') as url, opened(browser, url) as page:
        page.get_by_label("What are you looking for?").last.fill("open a shop")
        page.get_by_role("button", name="Find").click()
        expect(page.get_by_role("status")).to_contain_text("may fit")
        href = page.get_by_role("listitem").get_by_role("link").first.get_attribute("href")
        assert href
        assert "/en/services/" in href


def test_the_policy_of_these_tests_does_refuse(browser: Browser, node: Demo) -> None:
    with (
        other_site(node.server.url, 'style="color: red"') as url,
        pytest.raises(AssertionError, match="style-src"),
        opened(browser, url) as page,
    ):
        expect(page.get_by_role("button", name="Zoeken")).to_be_visible()


def test_a_node_that_is_down_and_a_wrong_setting_are_told(browser: Browser, node: Demo) -> None:
    down = f"http://127.0.0.1:{free_port()}"
    with other_site(node.server.url, asked=down) as url, opened(browser, url) as page:
        find(page, "paspoort")
        expect(page.get_by_role("status")).to_contain_text("nu niet bereikbaar")
        expect(page.get_by_text("Zoek een dienst")).to_be_visible()
    with other_site(node.server.url, 'municipality="gm9999"') as url, opened(browser, url) as page:
        find(page, "paspoort")
        expect(page.get_by_role("status")).to_contain_text("niet goed ingesteld")


def test_without_a_script_there_is_a_link(browser: Browser, node: Demo) -> None:
    with other_site(node.server.url) as url:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(url)
        expect(page.get_by_role("link", name="Zoek een dienst")).to_be_visible()
        context.close()


def test_axe_finds_nothing_and_it_fits_a_narrow_screen(
    browser: Browser, node: Demo, node_file: Callable[[str], Path]
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()
    with other_site(node.server.url) as url:
        for question in ("", "paspoort", "mijn kind is geboren", "qwzx vbnm plokij"):
            # Only axe itself asks for what the policy refuses.
            context = browser.new_context(bypass_csp=True, viewport={"width": 320, "height": 640})
            page = context.new_page()
            page.goto(url)
            expect(page.get_by_role("button", name="Zoeken")).to_be_visible()
            if question:
                find(page, question)
                expect(page.get_by_role("status")).to_contain_text("pas")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            assert judge(page, axe) == []
            context.close()


def test_a_site_chooses_its_colours(browser: Browser, node: Demo) -> None:
    with other_site(node.server.url) as url, opened(browser, url) as page:
        page.evaluate("document.documentElement.style.setProperty('--utrecht-link-color', 'rgb(120, 0, 0)')")
        find(page, "paspoort")
        link = page.get_by_role("listitem").get_by_role("link").first
        expect(link).to_have_css("color", "rgb(120, 0, 0)")
