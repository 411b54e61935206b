"""The ready exercise, played in two browser windows by two organisations, to its report and an action that is closed.

One window runs scripts and the other none. What the one decides is seen by the other, and what is out follows from the
estate of the demonstration.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from eendracht.bootstrap import WINGS
from eendracht.kernel.wing import load_parts
from eendracht.kit.paths import Paths
from eendracht.web.pages import PAGES
from tests.services.proactive.test_outside import run_command
from tests.web.browser import arrive, open_page, press, run_browser
from tests.web.demo import Demo
from tests.web.judging import check_markup, judge, judge_room, with_scripts
from tests.web.keyboard import Keyboard
from tests.web.serving import run_server

PATHS: Final = Paths((*PAGES, *load_parts(WINGS, "pages")))
LEADER, PLAYER = "crisis-leader", "record-owner"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("exercise") / "node"
    made = run_command("--folder", str(folder), "demo", "--no-serve")
    assert made.returncode == 0, made.stderr
    with run_server(folder) as server:
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors


def wait_until(page: Page, path: str, holds: Callable[[], bool], seconds: float = 20) -> float:
    """Look again until something holds; gives after how long that was."""
    began = time.monotonic()
    arrive(page, path)
    while not holds():
        assert time.monotonic() - began < seconds, page.inner_text("main")[:3000]
        time.sleep(0.3)
        arrive(page, path)
    return time.monotonic() - began


def test_two_organisations_play_the_ready_exercise(
    browser: Browser, site: Demo, node_file: Callable[[str], Path], tmp_path: Path
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()
    seen: dict[str, str] = {}

    def look(page: Page, name: str, *, scripts: bool) -> None:
        seen[name] = page.content()
        if scripts:
            assert not (faults := [*judge(page, axe), *judge_room(page)]), (name, faults)
            keys = Keyboard(page)
            keys.arrive()
            keys.walk_round()
        else:
            copy = with_scripts(page)
            assert not (faults := judge(copy, axe)), (name, faults)
            copy.close()

    url = site.server.url
    with (
        open_page(browser, url, LEADER) as lead,
        open_page(browser, url, PLAYER, java_script_enabled=False) as other,
    ):
        for page in (lead, other):
            page.set_default_timeout(30_000)
        arrive(lead, PATHS.to("nl", "exercises"))
        press(lead.locator("main .nl-button--primary"))
        assert "verkiezingen" in lead.locator("#scenario").input_value()
        press(lead.locator("button[value=check]"))
        look(lead, "checked", scripts=True)
        press(lead.locator("button[value=make]"))
        look(lead, "room-before", scripts=True)
        exercise = lead.url.rpartition("/")[2]
        room, play = PATHS.to("nl", "exercise-room", exercise), PATHS.to("nl", "exercise", exercise)
        play_en = PATHS.to("en", "exercise", exercise)
        failing = re.search(r"thing: (\S+)", _scenario(lead))
        assert failing

        # Both join, each for an organisation of its own.
        arrive(other, play_en)
        look(other, "join", scripts=False)
        press(other.locator("button[value=join]"))
        arrive(lead, play)
        lead.locator("#organisation").select_option(index=1)
        press(lead.locator("button[value=join]"))
        arrive(lead, room)
        lead.fill("#speed", "5")
        press(lead.locator("button[value=start]"))

        # The first message comes to both; the other confirms it.
        wait_until(other, play_en, lambda: other.locator("button[value=acknowledge]").count() > 0)
        press(other.locator("button[value=acknowledge]").first)
        assert other.locator("button[value=acknowledge]").count() == 0

        # The clock jumps to the failure: services of both are out, and what waits for that is given out.
        arrive(lead, room)
        lead.fill("#to", "0:16")
        press(lead.locator("button[value=jump]"))
        wait_until(
            other, play_en, lambda: "(played)" in other.inner_text("#live") and other.locator("#live h3").count() > 1
        )
        look(other, "play-without-scripts", scripts=False)
        assert "out" in other.inner_text("#live-status")
        assert "EXERCISE" in other.inner_text("#live")
        arrive(lead, play)
        look(lead, "play", scripts=True)

        # The leader's organisation tells the other, and sends a crew: the other sees it come back.
        told = other.locator(".e-meta strong").first.inner_text()
        lead.select_option("#to", label=told)
        lead.fill("#share-text", "Het datacentrum is uit, wij sturen een ploeg")
        press(lead.locator("button[value=share]"))
        choice = lead.locator("#choice option", has_text="ploeg").first.get_attribute("value")
        assert choice and failing[1] in choice
        lead.select_option("#choice", choice)
        press(lead.locator("button[value=decide]"))
        arrive(other, play_en)
        assert "wij sturen een ploeg" in other.inner_text("#live-status")
        other.select_option("#choice", "publish||")
        other.fill("#decide-text", "De balie is open, kom langs <b>")
        press(other.locator("button[value=decide]"))
        assert "De balie is open, kom langs <b>" in other.inner_text("#live-status")
        other.fill("#value", "veel")
        press(other.locator("button[value=estimate]"))
        assert other.locator("#fault").count() == 1
        look(other, "refused", scripts=False)

        # In the window with scripts the page follows by itself.
        arrive(lead, room)
        lead.fill("#to", "1:05")
        press(lead.locator("button[value=jump]"))
        arrive(lead, play)
        expect(lead.locator("#live-status tbody tr", has_text="werkt").first).to_be_visible()
        wait_until(other, play_en, lambda: "works" in other.inner_text("#live-status"))

        # An evaluator rates, and it ends: everybody is told.
        arrive(lead, room)
        lead.locator("#what").select_option(index=1)
        lead.select_option("#rating", "S")
        lead.fill("#rate-text", "Kort en helder")
        press(lead.locator("button[value=rate]"))
        arrive(lead, room)
        look(lead, "room", scripts=True)
        press(lead.locator("button[value=stop]"))
        taken = wait_until(other, play_en, lambda: "END OF EXERCISE" in other.inner_text("#live"))
        assert taken < 5
        look(other, "over", scripts=False)

        # The report, on the page and as a file.
        arrive(lead, PATHS.to("nl", "exercise-report", exercise))
        look(lead, "report", scripts=True)
        assert "De balie is open, kom langs <b>" in lead.inner_text("main")
        with site.signed_in(LEADER) as visitor:
            pdf = visitor.get(f"{PATHS.to('nl', 'exercise-report', exercise)}?form=pdf")
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
        assert "oefenverslag" in text and told in text

        _close_an_action(lead, other, told, look)
    check_markup(seen, node_file("vnu-jar/build/dist/vnu.jar"), tmp_path)


def _scenario(page: Page) -> str:
    """Give the ready scenario as the editor shows it."""
    address = page.url
    arrive(page, f"{PATHS.to('nl', 'exercise-editor')}?begin=ready")
    text = page.locator("#scenario").input_value()
    arrive(page, address)
    return text


def _close_an_action(lead: Page, other: Page, organisation: str, look: Callable[..., None]) -> None:
    """Make a lesson and an action of the organisation of both; who did the work cannot close it, the other can."""
    arrive(lead, PATHS.to("nl", "lessons"))
    option = lead.locator("#finding option", has_text=organisation).first.get_attribute("value")
    assert option
    lead.select_option("#finding", option)
    lead.fill("#lesson-name", "Spreek af wie het publiek vertelt")
    press(lead.locator("button[value=lesson]"))
    lead.fill("input[name=name] >> nth=0", "Een vaste woordvoerder per dienst")
    lead.locator("select[name=owner]").first.select_option(label=organisation)
    lead.locator("input[name=due]").first.fill("2020-01-01")
    press(lead.locator("button[value=action]"))
    look(lead, "lessons", scripts=True)
    assert "Te laat" in lead.inner_text("main")
    lead.locator("textarea[name=evidence]").first.fill("Lijst van woordvoerders, versie 1")
    press(lead.locator("button[value=done]"))
    press(lead.locator("button[value=passed]"))
    assert "kan het niet zelf hertoetsen" in lead.inner_text("#fault ~ ul, .utrecht-alert--error")
    look(lead, "not-by-the-same", scripts=True)
    arrive(other, PATHS.to("nl", "lessons"))
    press(other.locator("button[value=passed]"))
    assert other.locator("button[value=passed]").count() == 0
    assert "gesloten" in other.inner_text("main")
