"""Every page in both languages, empty, filled, with faults and denied: no fault for axe-core and the Nu HTML checker.

What this run counts goes into the accessibility statement, with EENDRACHT_WRITE_REPORT=1 in the environment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from eendracht.kit.accessibility import FILE, read_report
from eendracht.kit.paths import Paths
from eendracht.kit.personas import create_personas
from eendracht.web.pages import PAGES
from tests.populations import LAW, POPULATION
from tests.web.browser import SignedIn, arrive, press, run_browser
from tests.web.demo import Demo, make_demo
from tests.web.judging import WIDE_TABLES, judge, list_markup_faults, widest
from tests.web.nodes import fill_node, open_node
from tests.web.serving import run_server

PATHS = Paths(PAGES)
APPLICATION = "application:gm0344/zaaksysteem"


@dataclass(frozen=True)
class State:
    """A page in one state: as whom, on which node, and what is done there before it is looked at."""

    page: str
    name: str = ""
    label: str = "filled"
    persona: str = ""
    node: str = "demo"
    query: str = ""
    act: Callable[[Page], None] | None = None
    path: str = ""

    @property
    def id(self) -> str:
        """What the test is called."""
        return f"{self.page}-{self.label}" + (f"-{self.persona}" if self.persona else "")


def submit_faults(page: Page) -> None:
    page.fill("#spec-name", "")
    page.fill("#spec-suppliedBy", "Bestaat niet BV")
    page.fill("#validFrom", "2026-05-01")
    page.fill("#validUntil", "2026-04-01")
    press(page.locator("main .nl-button--primary"))


def submit_signed_out(page: Page) -> None:
    page.fill("#spec-description", "Getypt terwijl de sessie afliep")
    page.context.clear_cookies()
    press(page.locator("main .nl-button--primary"))


LIST = b"Applicatie;Status;Telefoon\nZaaksuite;In gebruik;030-1234567\nBelastingen;misschien;030-7654321\n"


def send_file(page: Page, content: bytes = LIST) -> None:
    language = page.url.split("/")[3]
    arrive(page, PATHS.to("en" if language == "en" else "nl", "import"))
    page.set_input_files("#file", {"name": "lijst.csv", "mimeType": "text/csv", "buffer": content})
    press(page.locator("main .nl-button--primary"))


def send_unreadable(page: Page) -> None:
    send_file(page, b"<html><table></table></html>")


def map_without_name(page: Page) -> None:
    send_file(page)
    page.select_option("#column-0", "")
    press(page.locator("main .nl-button--primary"))


def check_file(page: Page) -> None:
    send_file(page)
    page.select_option("#kind", "application")
    press(page.locator("button[value=propose]"))
    page.select_option("#column-0", "name")
    press(page.locator("main .nl-button--primary"))


def follow_import(page: Page) -> None:
    check_file(page)
    press(page.locator("main .nl-button--primary"))


def leave_decision(page: Page) -> None:
    follow_import(page)
    page.get_by_text("Klaar.").or_(page.get_by_text("Done.")).wait_for()
    arrive(page, PATHS.to("en" if page.url.split("/")[3] == "en" else "nl", "tasks"))
    page.wait_for_selector("#decisions")


def ask_sweep(page: Page) -> None:
    arrive(page, PATHS.to("en" if page.url.split("/")[3] == "en" else "nl", "jobs"))
    press(page.locator("button[value=sweep]"))


def fill_case(page: Page) -> None:
    page.fill("#p-bsn", "111")
    press(page.locator("main .nl-button--primary"))


def answer_case(page: Page) -> None:
    fill_case(page)
    for _ in range(5):
        part = page.locator("fieldset.e-part").first
        if part.locator("#output").count():
            return
        for control in part.locator("select").all():
            control.select_option("no")
        for control in part.locator("input[type=text]").all():
            control.fill("GM0344" if "gemeente" in (control.get_attribute("name") or "") else "40")
        press(page.locator("main .nl-button--primary"))


def fault_case(page: Page) -> None:
    press(page.locator("main .nl-button--primary"))


def choose_run(page: Page) -> None:
    page.select_option("#population", POPULATION)
    page.select_option("#law", LAW)
    if page.locator("#onAfter").count():
        page.fill("#on", "2025-06-01")
        page.fill("#onAfter", "2026-06-01")
    press(page.locator("main .nl-button--primary"))


def fault_run(page: Page) -> None:
    choose_run(page)
    press(page.locator("main .nl-button--primary"))


def confirm_run(page: Page) -> None:
    choose_run(page)
    page.locator("input[name=outputs]").nth(1).check()
    if page.locator("#by").count():
        page.select_option("#by", "wijk")
    press(page.locator("main .nl-button--primary"))


def follow_run(page: Page) -> None:
    confirm_run(page)
    press(page.locator("main .nl-button--primary"))
    page.locator("main .nl-button--primary").wait_for()
    press(page.locator("main .nl-button--primary"))


def follow_any_run(page: Page) -> None:
    arrive(page, PATHS.to("en" if page.url.split("/")[3] == "en" else "nl", "population-run"))
    follow_run(page)


def follow_change(page: Page) -> None:
    arrive(page, PATHS.to("en" if page.url.split("/")[3] == "en" else "nl", "law-impact"))
    follow_run(page)


STATES = (
    State("regulations"),
    State("regulations", persona="record-owner"),
    State("regulations", label="nothing", query="?q=xyzzyqwert"),
    State("regulations", label="layer", query="?layer=WET"),
    State("regulations", label="faults", node="empty"),
    State("regulation", LAW),
    State("regulation", LAW, label="past", query="?version=2025-01-01"),
    State("regulation", "verordening_proeftoeslag_utrecht", label="little"),
    State("regulation", "bestaat_niet", label="absent"),
    State("case", LAW),
    State("case", LAW, label="asked", act=fill_case),
    State("case", LAW, label="known", act=answer_case),
    State("case", LAW, label="faults", act=fault_case),
    State("population-run", persona="record-owner"),
    State("population-run", label="denied"),
    State("population-run", label="chosen", persona="record-owner", act=choose_run),
    State("population-run", label="faults", persona="record-owner", act=fault_run),
    State("population-run", label="confirm", persona="record-owner", act=confirm_run),
    State("law-impact", persona="record-owner"),
    State("law-impact", label="confirm", persona="record-owner", act=confirm_run),
    State("run-result", "0", label="absent", persona="record-owner"),
    State("run-result", "0", persona="record-owner", act=follow_any_run),
    State("run-result", "0", label="change", persona="record-owner", act=follow_change),
    State("import", persona="record-owner"),
    State("import", label="denied"),
    State("import-check", "0", label="absent", persona="record-owner"),
    State("import-check", "0", label="map", persona="record-owner", act=send_file),
    State("import-check", "0", label="fault", persona="record-owner", act=map_without_name),
    State("import-check", "0", label="unreadable", persona="record-owner", act=send_unreadable),
    State("import-check", "0", label="check", persona="record-owner", act=check_file),
    State("job", "0", label="absent", persona="record-owner"),
    State("job", "0", persona="record-owner", act=follow_import),
    State("job", "0", label="sweep", persona="auditor", act=ask_sweep),
    State("jobs", persona="record-owner"),
    State("jobs", persona="coordinator", label="empty"),
    State("jobs", label="denied"),
    State("home"),
    State("home", persona="record-owner"),
    State("home", node="empty", label="empty"),
    State("search"),
    State("search", query="?q=zaaksysteem"),
    State("search", label="nothing", query="?q=xyzzyqwert"),
    State("search", label="fault", query="?kind=UNKNOWN"),
    State("search", node="empty", label="empty"),
    State("record", APPLICATION),
    State("record", APPLICATION, persona="record-owner"),
    State("record", "organisation:gm0344"),
    State("record", "component:gm0344/bestaat-niet", label="absent"),
    State("record", APPLICATION, label="fault", query="?asOf=gisteren"),
    State("record", APPLICATION, label="past", query="?asOf=2026-05-01"),
    State("edit", APPLICATION, persona="record-owner"),
    State("edit", APPLICATION, persona="record-owner", label="faults", act=submit_faults),
    State("edit", APPLICATION, persona="record-owner", label="signed-out", act=submit_signed_out),
    State("edit", APPLICATION, label="denied"),
    State("edit", "organisation:gm0363", label="denied", persona="record-owner"),
    State("new", persona="record-owner"),
    State("new", label="denied"),
    State("new-record", "application", persona="record-owner"),
    State("new-record", "contract", persona="record-owner"),
    State("new-record", "application", label="denied", persona="auditor"),
    State("organisation", "organisation:gm0344"),
    State("organisation", "organisation:gm0363", label="little"),
    State("supplier", "supplier:kvk.11111111"),
    State("impact", "supplier:kvk.11111111"),
    State("impact", "public-service:gm0344/paspoort", label="nothing"),
    State("map"),
    State("map", node="empty", label="empty"),
    State("findings"),
    State("findings", node="empty", label="empty"),
    State("finding", "dangling-reference"),
    State("tasks", persona="record-owner"),
    State("tasks", persona="record-owner", label="decisions", act=leave_decision),
    State("tasks", persona="auditor", label="empty"),
    State("tasks", label="denied"),
    State("audit", persona="auditor"),
    State("audit", persona="record-owner", label="denied"),
    State("node"),
    State("help"),
    State("accessibility"),
    State("sign-in"),
    State("sign-in-return", label="absent", query="?state=x&code=y"),
    State("person-return", label="absent", query="?state=x&code=y"),
    State("sign-in", persona="coordinator"),
    State("sign-in", node="empty", label="empty"),
)


@dataclass
class Run:
    """What a run saw."""

    pages: dict[str, str] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def signed_in(browser: Browser) -> SignedIn:
    return SignedIn(browser)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Demo]]:
    folder = make_demo(tmp_path_factory.mktemp("accessible") / "node", more=True)
    empty = tmp_path_factory.mktemp("empty") / "node"
    with open_node(empty) as instance:
        fill_node(instance, [])
        create_personas(instance)
    broken = empty.parent / "laws"
    broken.mkdir()
    (broken / "wet.yaml").write_text("$id: wet\narticles: [{number: 1, text: <b>x</b>}]\n")
    with run_server(folder) as one, run_server(empty, EENDRACHT_LAWS=str(broken)) as other:
        yield {"demo": Demo(one, folder), "empty": Demo(other, empty)}


@pytest.fixture(scope="module")
def run() -> Run:
    return Run()


def visit(signed_in: SignedIn, sites: dict[str, Demo], state: State, **options: Any) -> Any:
    return signed_in.open_page(sites[state.node].server.url, state.persona, **options)


def show(page: Page, state: State, language: Any) -> None:
    arrive(page, PATHS.to(language, state.page, state.name) + state.query)
    if state.act:
        state.act(page)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.id)
def test_no_page_has_a_fault_that_axe_finds(
    signed_in: SignedIn,
    sites: dict[str, Demo],
    run: Run,
    node_file: Callable[[str], Path],
    state: State,
    language: str,
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()
    with visit(signed_in, sites, state) as page:
        show(page, state, language)
        run.pages[f"{state.id}-{state.name.replace(':', '.').replace('/', '.')}-{language}{len(run.pages)}"] = (
            page.content()
        )
        assert page.locator("html").get_attribute("lang") == language
        faults = judge(page, axe)
        run.violations += faults
        assert not faults, "\n".join(faults)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.id)
def test_every_page_fits_a_narrow_screen_and_takes_large_text(
    signed_in: SignedIn, sites: dict[str, Demo], state: State
) -> None:
    """WCAG 1.4.10 and 1.4.4: no scrolling both ways at 320 CSS pixels, nor with text of 200 %; tables fit as well."""
    with visit(signed_in, sites, state, viewport={"width": 320, "height": 640}) as page:
        show(page, state, "nl")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, widest(page)
        assert not page.evaluate(WIDE_TABLES)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, widest(page)


def test_no_page_has_a_fault_that_the_nu_checker_finds(
    run: Run, node_file: Callable[[str], Path], tmp_path: Path
) -> None:
    assert run.pages, "the pages were not collected: run the whole module"
    faults = list_markup_faults(run.pages, node_file("vnu-jar/build/dist/vnu.jar"), tmp_path)
    if os.environ.get("EENDRACHT_WRITE_REPORT") == "1":
        _write_report(run, node_file, len(faults))
    assert not faults, "\n".join(faults[:20])


def _write_report(run: Run, node_file: Callable[[str], Path], html_errors: int) -> None:
    tools = {
        name: json.loads(node_file(f"{name}/package.json").read_text())["version"] for name in ("axe-core", "vnu-jar")
    }
    report = {
        "tested_on": date.today().isoformat(),  # noqa: DTZ011 - the day on the wall
        "tools": tools,
        "pages": len({state.page for state in STATES}),
        "states": len(run.pages),
        "violations": len(run.violations),
        "html_errors": html_errors,
    }
    FILE.write_text(json.dumps(report, indent=2) + "\n")


def test_every_page_is_among_those_that_are_tested() -> None:
    assert {page.code for page in PAGES} - {state.page for state in STATES} == {"sign-out"}


def test_the_statement_tells_of_a_run_over_these_pages() -> None:
    report = read_report()
    assert report is not None
    assert report.pages == len({state.page for state in STATES}), "run it again with EENDRACHT_WRITE_REPORT=1"
    assert report.violations == report.html_errors == 0
