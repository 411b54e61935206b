"""Every page of the wing as a demonstration shows it: for axe-core and the Nu HTML checker, narrow, large, by keys.

In Dutch the browser runs scripts, in English it runs none. The walk goes from the largest supplier on the map to the
recovery board, a crisis and its situation report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from eendracht.bootstrap import WINGS
from eendracht.kernel.wing import load_parts
from eendracht.kit.paths import Paths
from eendracht.web.pages import PAGES
from tests.services.proactive.test_outside import run_command
from tests.web.browser import SignedIn, arrive, open_page, press, run_browser
from tests.web.demo import Demo
from tests.web.judging import check_markup, judge, judge_room, with_scripts
from tests.web.keyboard import Keyboard
from tests.web.serving import run_server
from tests.web.test_accessible import State
from tests.web.test_description import list_routes

LANGUAGES: Final[tuple[Literal["nl", "en"], ...]] = ("nl", "en")
PATHS: Final = Paths((*PAGES, *load_parts(WINGS, "pages")))
WING_PAGES: Final = tuple(load_parts([wing for wing in WINGS if wing.name == "resilience"], "pages"))
LEADER: Final = "crisis-leader"
SCENARIO: Final = "scenario:demo/grootste-leverancier"
SUPPLIER: Final = "supplier:demo/sputterlamp-systemen"
THING: Final = "application:demo/gm0088/website"
WALKED: Final = (
    *("advisory", "recovery-plan", "crisis", "sitrep"),
    *("exercise", "exercise-room", "exercise-report"),
)
"""Pages of what the walks make, here, in test_accounts and in test_exercises."""
ACCOUNTED: Final = "organisation:gm0088"
INCIDENT: Final = "cyber-incident:demo/gm0088-gijzel"
STATES: Final = (
    State("resilience"),
    State("resilience", persona=LEADER),
    State("estate", label="begin"),
    State("estate", query=f"?around={THING}&steps=2", persona=LEADER),
    State("estate", label="unknown", query="?around=bestaat-niet"),
    State("what-if", label="begin", persona=LEADER),
    State("what-if", query=f"?what={SCENARIO}", persona=LEADER),
    State("what-if", label="compared", query=f"?what={SUPPLIER}&hours=8&new=Iets anders", persona=LEADER),
    State("what-if", label="refused", query="?what=soort=niets,planeet=mars", persona=LEADER),
    State("concentration"),
    State("concentration", persona=LEADER),
    State("weak-points", persona=LEADER),
    State("contract-radar", persona=LEADER),
    State("collective-solutions", persona=LEADER),
    State("supplier-files", persona=LEADER),
    State("supplier-file", SUPPLIER, persona=LEADER),
    State("recovery", persona=LEADER),
    State("exercises", persona=LEADER),
    State("exercise-editor", persona=LEADER),
    State("exercise-editor", label="ready", query="?begin=ready", persona=LEADER),
    State("lessons", persona=LEADER),
    State("quantum"),
    State("quantum", persona=LEADER),
    State("quantum-links", persona=LEADER),
    State("quantum-links", label="safe", query="?state=safe", persona=LEADER),
    State("quantum-plan", persona=LEADER),
    State("quantum-data", persona=LEADER),
    State("quantum-organisation", "organisation:gm0088", persona=LEADER),
    State("quantum-link", "cryptographic-link:demo/gm0363", persona=LEADER),
    State("quantum-asset", "cryptographic-asset:demo/gm0088-ecdh-p-256", persona=LEADER),
    State("cryptography"),
    State("cryptography", persona=LEADER),
    State("cryptography", label="found", query="?q=RSA-2048 or ECDH", persona=LEADER),
    State("cryptography", label="nothing", query="?q=GOST", persona=LEADER),
    State("cryptography", label="refused", query="?q=banaan", persona=LEADER),
    State("evidence"),
    State("evidence", persona=LEADER),
    State("evidence", label="one", query=f"?organisation={ACCOUNTED}", persona=LEADER),
    State("incident-clock", persona=LEADER),
    State("incident", INCIDENT, persona=LEADER),
    State("advisories", persona=LEADER),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def signed_in(browser: Browser) -> SignedIn:
    return SignedIn(browser)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("resilience") / "node"
    made = run_command("--folder", str(folder), "demo", "--no-serve")
    assert made.returncode == 0, made.stderr
    with run_server(folder) as server:
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors


@pytest.fixture(scope="module")
def seen() -> dict[str, str]:
    return {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.id)
def test_no_state_of_a_page_has_a_fault(
    signed_in: SignedIn,
    site: Demo,
    seen: dict[str, str],
    node_file: Callable[[str], Path],
    state: State,
    language: Literal["nl", "en"],
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()
    with signed_in.open_page(site.server.url, state.persona, java_script_enabled=language == "nl") as page:
        arrive(page, PATHS.to(language, state.page, state.name) + state.query)
        seen[f"{state.id}-{language}"] = page.content()
        assert page.locator("html").get_attribute("lang") == language
        if language == "nl":
            assert not (faults := [*judge(page, axe), *judge_room(page)]), "\n".join(faults)
            keys = Keyboard(page)
            keys.arrive()
            keys.walk_round()
            return
        copy = with_scripts(page)
        assert not (faults := judge(copy, axe)), "\n".join(faults)
        copy.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_largest_supplier_to_the_recovery_board(
    browser: Browser, site: Demo, seen: dict[str, str], node_file: Callable[[str], Path], language: Literal["nl", "en"]
) -> None:
    """The order of a demonstration: what stops, where and why; what comes back first; a crisis; its report."""
    axe = node_file("axe-core/axe.min.js").read_text()

    def look(name: str) -> None:
        seen[f"walk-{name}-{language}"] = page.content()
        assert not (faults := [*judge(page, axe), *judge_room(page)]), (name, faults)

    with open_page(browser, site.server.url, LEADER) as page:
        page.set_default_timeout(30_000)
        arrive(page, PATHS.to(language, "what-if"))
        press(page.locator(f'main a[href*="{SCENARIO.replace(":", "%3A").replace("/", "%2F")}"]').first)
        expect(page.locator("figure svg")).to_have_count(2)
        assert page.locator("#services tbody tr, table tbody tr").count() > 10
        press(page.locator(f'main a[href^="{PATHS.to(language, "recovery")}?"]').last)
        assert page.locator("#scenario").input_value() == SCENARIO
        press(page.locator("main .nl-button--primary"))
        assert PATHS.to(language, "recovery-plan", "x").rpartition("/")[0] in page.url
        assert page.locator("svg rect").count() > 10
        look("recovery-plan")

        arrive(page, PATHS.to(language, "recovery"))
        page.select_option("#scenario", SCENARIO)
        page.select_option("#level", "grip-3")
        press(page.locator("button[value=crisis]"))
        crisis = page.url
        look("crisis")
        job = page.locator("#open-jobs option").first.get_attribute("value") or ""
        late = {"type": "late", "about": job, "hours": "9,5", "grounds": "Een onderdeel ontbreekt"}
        for report in (
            late,
            {"type": "crew-changed", "skill": "application", "people": "1"},
            {"type": "decision", "grounds": "Noodloket open in het stadhuis <b>nu</b>"},
        ):
            _report(page, report)
            assert page.url == crisis
        # Refused: what was typed stays.
        _report(page, {**late, "hours": "straks"})
        assert page.locator("#hours").input_value() == "straks"
        look("refused")
        arrive(page, crisis)
        assert page.locator("table").last.locator("tbody tr").count() == 3
        press(page.locator(f'main a[href^="{PATHS.to(language, "sitrep", "x").rpartition("/")[0]}"]').first)
        report_text = page.inner_text("main")
        assert "Noodloket open in het stadhuis <b>nu</b>" in report_text
        look("sitrep")


def _report(page: Page, said: dict[str, str]) -> None:
    page.select_option("#type", said["type"])
    for name in ("about", "hours", "people", "grounds"):
        page.fill(f"#{name}", said.get(name, ""))
    page.select_option("#skill", said.get("skill", ""))
    press(page.locator("main .nl-button--primary"))


def test_the_public_gets_counts_and_no_list_of_weak_points(site: Demo) -> None:
    """A list of single points of failure is a list of targets: no page and no answer of the API tells one."""
    routes = [route for wing in WINGS if wing.name == "resilience" for route in list_routes(wing.load("routes"))]
    asked = [
        f"/v1{route.path_format.replace('{name}', SUPPLIER).replace('{exercise}', '0' * 16)}?selector={SUPPLIER}"
        for route in routes
        if "GET" in route.methods
    ]
    asked += [re.sub(r"\?.*", "", path) for path in asked]
    asked += [PATHS.to(language, page.code, SUPPLIER) for page in WING_PAGES for language in LANGUAGES]
    asked += [f"/nl/wat-als?what={SUPPLIER}", "/v1/estate/suppliers", "/v1/findings", "/nl/bevindingen", "/nl", "/en"]
    asked += [f"/v1/findings/{code}" for code in ("single-point-of-failure", "supplier-stops-critical")]
    with site.signed_in(LEADER) as insider:
        assert "sputterlamp" in insider.get(f"/nl/wat-als?what={SUPPLIER}").text.lower()
    seen = set()
    with site.browser() as public:
        for path in asked:
            answer = public.get(path)
            seen.add(answer.status_code)
            # What was asked comes back in no other way than as what was asked.
            told = answer.text.replace(SUPPLIER, "").replace(quote(SUPPLIER), "").replace(quote(SUPPLIER, ""), "")
            assert answer.status_code >= 400 or "sputterlamp" not in told.lower(), path
    assert {200, 403} <= seen and not {500, 503} & seen


def test_no_page_has_a_fault_that_the_nu_checker_finds(
    seen: dict[str, str], node_file: Callable[[str], Path], tmp_path: Path
) -> None:
    assert seen, "the pages were not collected: run the whole module"
    check_markup(seen, node_file("vnu-jar/build/dist/vnu.jar"), tmp_path)


def test_every_page_of_the_wing_is_among_those_that_are_tested() -> None:
    assert {page.code for page in WING_PAGES} == {state.page for state in STATES} | set(WALKED)
