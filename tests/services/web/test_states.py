"""Every page of the wing in each state: no fault for axe-core and the Nu HTML checker, narrow, large, by keys alone.

In Dutch the browser runs scripts, in English it runs none: so each act is done both ways.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.services.web.filled import Filled, open_empty, serve_filled
from tests.services.web.states import PATHS, STATES, WING_PAGES, search
from tests.web.browser import open_page, run_browser
from tests.web.demo import Demo
from tests.web.keyboard import Keyboard
from tests.web.serving import run_server
from tests.web.test_accessible import TAGS, WIDE_TABLES, State, _widest

LANGUAGES = ("nl", "en")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Demo]]:
    base = tmp_path_factory.mktemp("states")
    with open_empty(base / "empty"):
        pass
    with serve_filled(base / "node", base / "town") as filled, run_server(base / "empty") as empty:
        yield {"demo": filled, "empty": Demo(empty, base / "empty")}


@pytest.fixture(scope="module")
def seen() -> dict[str, str]:
    return {}


def show(page: Page, site: Demo, state: State, language: Any) -> None:
    name = getattr(site, state.name, state.name) if state.page == "proactive-run" else state.name
    page.goto(PATHS.to(language, state.path or state.page, name) + state.query)
    if state.act:
        state.act(page)


def with_scripts(page: Page) -> Page:
    """Give the page as it stands in a browser that runs scripts: what judges it is one."""
    assert page.context.browser
    copy = page.context.browser.new_page()
    address, content = page.url, page.content()
    copy.route(
        lambda url: url == address.partition("#")[0],
        lambda route: route.fulfill(body=content, content_type="text/html; charset=utf-8"),
    )
    copy.goto(address)
    return copy


def judge(page: Page, axe: str) -> list[str]:
    """Give what is wrong: for axe, at 320 CSS pixels (WCAG 1.4.10), and with text of 200 % (1.4.4)."""
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", TAGS)
    faults = [f"{item['id']}: {item['nodes'][0]['html'][:200]}" for item in found["violations"]]
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        faults.append(f"wider than 320: {_widest(page)}")
    faults += [f"wide table: {table}" for table in page.evaluate(WIDE_TABLES)]
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if page.evaluate("document.documentElement.scrollWidth") > 1280:
        faults.append(f"large text: {_widest(page)}")
    page.evaluate("document.documentElement.style.fontSize = ''")
    return faults


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.id)
def test_no_state_of_a_page_has_a_fault(
    browser: Browser,
    sites: dict[str, Demo],
    seen: dict[str, str],
    node_file: Callable[[str], Path],
    state: State,
    language: str,
) -> None:
    site = sites[state.node]
    axe = node_file("axe-core/axe.min.js").read_text()
    with open_page(browser, site.server.url, state.persona, java_script_enabled=language == "nl") as page:
        show(page, site, state, language)
        page = page if language == "nl" else with_scripts(page)
        seen[f"{state.id}-{state.name}-{language}-{len(seen)}"] = page.content()
        assert page.locator("html").get_attribute("lang") == language
        faults = judge(page, axe)
        assert not faults, "\n".join(faults)
        if language == "nl":
            # The list of events is long, and the same on each page of the door.
            keys = Keyboard(page)
            keys.arrive()
            keys.walk_round()


def test_a_case_is_shown_and_handed_over_without_a_fault(
    browser: Browser, sites: dict[str, Demo], seen: dict[str, str], node_file: Callable[[str], Path]
) -> None:
    """What needs the number of a case, which each node makes anew."""
    site = sites["demo"]
    assert isinstance(site, Filled)
    axe = node_file("axe-core/axe.min.js").read_text()
    for language in LANGUAGES:
        with open_page(browser, site.server.url, "front-office") as page:
            page.goto(PATHS.to("nl" if language == "nl" else "en", "front-office"))
            search(site.case)(page)
            seen[f"case-{language}"] = page.content()
            assert not judge(page, axe)
            search("parkeervergunning", "Amsterdam")(page)
            seen[f"case-answer-{language}"] = page.content()
            assert not judge(page, axe)


def test_no_page_has_a_fault_that_the_nu_checker_finds(
    seen: dict[str, str], node_file: Callable[[str], Path], tmp_path: Path
) -> None:
    jar = node_file("vnu-jar/build/dist/vnu.jar")
    if shutil.which("java") is None:
        pytest.skip("there is no Java on this machine (Debian package default-jre-headless)")
    assert seen, "the pages were not collected: run the whole module"
    for name, content in seen.items():
        (tmp_path / f"{re.sub(r'[^a-z0-9.-]', '_', name)}.html").write_text(content)
    result = subprocess.run(
        ["java", "-jar", jar, "--errors-only", "--format", "json", "--exit-zero-always", *tmp_path.glob("*.html")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    messages = json.loads(result.stderr)["messages"]
    faults = sorted({f"{item['url'].rpartition('/')[2]}: {item['message']}" for item in messages})
    assert not faults, "\n".join(faults[:20])


def test_every_page_of_the_wing_is_among_those_that_are_tested() -> None:
    assert {page.code for page in WING_PAGES} == {state.page for state in STATES} - {"sign-in", "person-return"}
