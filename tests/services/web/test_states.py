"""Every page of the wing in each state: no fault for axe-core and the Nu HTML checker, narrow, large, by keys alone.

In Dutch the browser runs scripts, in English it runs none: so each act is done both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.services.web.filled import Filled, open_empty, serve_filled
from tests.services.web.states import PATHS, STATES, WING_PAGES, search
from tests.web.browser import SignedIn, arrive, open_page, run_browser
from tests.web.demo import Demo
from tests.web.judging import check_markup, judge, judge_room, with_scripts
from tests.web.keyboard import Keyboard
from tests.web.serving import run_server
from tests.web.test_accessible import State

LANGUAGES = ("nl", "en")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def signed_in(browser: Browser) -> SignedIn:
    return SignedIn(browser)


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
    arrive(page, PATHS.to(language, state.path or state.page, name) + state.query)
    if state.act:
        state.act(page)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.id)
def test_no_state_of_a_page_has_a_fault(
    signed_in: SignedIn,
    sites: dict[str, Demo],
    seen: dict[str, str],
    node_file: Callable[[str], Path],
    state: State,
    language: str,
) -> None:
    site = sites[state.node]
    axe = node_file("axe-core/axe.min.js").read_text()
    with signed_in.open_page(site.server.url, state.persona, java_script_enabled=language == "nl") as page:
        show(page, site, state, language)
        seen[f"{state.id}-{state.name}-{language}-{len(seen)}"] = page.content()
        assert page.locator("html").get_attribute("lang") == language
        if language == "en":
            copy = with_scripts(page)
            faults = judge(copy, axe)
            copy.close()
        else:
            faults = [*judge(page, axe), *judge_room(page)]
        assert not faults, "\n".join(faults)
        if language == "nl" and not state.act:
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
            arrive(page, PATHS.to("nl" if language == "nl" else "en", "front-office"))
            search(site.case)(page)
            seen[f"case-{language}"] = page.content()
            assert not [*judge(page, axe), *judge_room(page)]
            search("parkeervergunning", "Amsterdam")(page)
            seen[f"case-answer-{language}"] = page.content()
            assert not [*judge(page, axe), *judge_room(page)]


def test_no_page_has_a_fault_that_the_nu_checker_finds(
    seen: dict[str, str], node_file: Callable[[str], Path], tmp_path: Path
) -> None:
    assert seen, "the pages were not collected: run the whole module"
    check_markup(seen, node_file("vnu-jar/build/dist/vnu.jar"), tmp_path)


def test_every_page_of_the_wing_is_among_those_that_are_tested() -> None:
    assert {page.code for page in WING_PAGES} == {state.page for state in STATES} - {"sign-in", "person-return"}
