"""Two journeys as somebody walks them in a browser: a parent whose child was just born, and a baker who starts a shop.

Tests walk them, the script of the screenshots takes its pictures on the way, and neither knows where a page stands: the
words are typed at the door, and from there on links and buttons lead.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Locator, Page

from tests.web.browser import arrive, press
from tests.web.serving import ROOT

Language = Literal["nl", "en"]
DOOR: Final = {"nl": "/nl/deur", "en": "/en/door"}
SIGN_IN: Final = {"nl": "/nl/aanmelden", "en": "/en/sign-in"}
OVERVIEW: Final = {"nl": "/nl/mijn-overzicht", "en": "/en/my-overview"}
FRONT_OFFICE: Final = {"nl": "/nl/balie", "en": "/en/front-office"}
PARENT_SAYS: Final = {"nl": "er is een baby geboren", "en": "my child was born"}
BAKER_SAYS: Final = {"nl": "ik wil een bakkerij met een terras openen", "en": "I want to open a bakery with a terrace"}
AT_THE_COUNTER: Final = {"nl": "kinderbijslag", "en": "child benefit"}
TOWN: Final = "Rotterdam"
TOWN_NAME: Final = "Gemeente Rotterdam"
TERRACE: Final = {
    "me.heeft_exploitatievergunning": "yes",
    "me.gewenst_openingsuur": "8",
    "me.obstakelvrije_ruimte": "1,8",
    "me.schenkt_alcohol": "no",
    "me.gewenst_sluitingsuur_doordeweeks": "18",
    "me.gewenst_sluitingsuur_weekend": "18",
    "me.gewenste_oppervlakte": "60,5",
}
"""What the baker answers about the terrace."""
TAKES_CASES: Final = "organisation:gm0599 organisation:gm0088 organisation:zb000143 organisation:oorg12369"
"""Whose cases the demonstration keeps: of the baker, of the counter, and of the bodies that decide for the parent."""
_SERVER_TIME: Final = """
() => {
  const [page] = performance.getEntriesByType('navigation');
  return page.responseStart - page.requestStart;
}
"""
"""From the last byte of the request to the first of the answer, as the browser itself saw it."""


def make_demo_node(folder: Path) -> None:
    """Make the demonstration that `eendracht demo` gives, with its made-up people."""
    code = "from eendracht.bootstrap import main; main()"
    command = [sys.executable, "-c", code, "--folder", str(folder), "demo", "--no-serve"]
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin", "HOME": str(folder.parent)}
    subprocess.run(command, check=True, capture_output=True, timeout=120, env=environment)


def _nothing(_name: str, _page: Page) -> None:
    """Take no picture."""


@dataclass
class Journey:
    """One walk: the page, and what was seen on the way."""

    page: Page
    language: Language
    look: Callable[[str, Page], None] = _nothing
    """Called at every page with its name."""
    milliseconds: dict[str, float] = field(default_factory=dict)
    """How long the server worked on each page, by its name."""
    asked: list[str] = field(default_factory=list)
    """What the form asked, by the name of the fact."""
    known: set[str] = field(default_factory=set)
    """What the form knew beforehand, by the name of the fact."""

    def see(self, name: str) -> None:
        """Note the page that stands there now."""
        self.milliseconds[name] = float(self.page.evaluate(_SERVER_TIME))
        self.look(name, self.page)

    def go(self, path: Mapping[str, str], name: str) -> None:
        """Type an address."""
        arrive(self.page, path[self.language])
        self.see(name)

    def follow(self, target: Locator, name: str) -> None:
        """Follow a link, or press a button that leads to a page."""
        press(target)
        self.see(name)

    def button(self, value: str) -> Locator:
        """Give the button of a form by what it does."""
        return self.page.locator(f"main button[name=do][value='{value}']")

    def text(self) -> str:
        """Give what can be read on the page."""
        return self.page.locator("main").inner_text()

    def say(self, words: Mapping[str, str], audience: str = "") -> list[str]:
        """Type words at the door and give what was found, the best first."""
        self.page.fill("#door-q", words[self.language])
        self.page.fill("#municipality", TOWN)
        self.page.select_option("#audience", audience)
        self.follow(self.button("find").first, "answer")
        return [heading.inner_text() for heading in self.page.locator("ol.e-results h3").all()]

    def givers(self) -> dict[str, str]:
        """Give who gives each service that was found."""
        rows = self.page.locator("ol.e-results > li")
        return {row.locator("h3").inner_text(): row.locator("p").first.inner_text() for row in rows.all()}

    def open_event(self, code: str) -> list[str]:
        """Go from the door to what happens in a life or a business, and give the services that belong to it."""
        there = f"a[href*='/gebeurtenissen/{code}'], main a[href*='/events/{code}']"
        self.follow(self.page.locator(f"main {there}").first, "event")
        if not self.page.locator("#municipality").input_value():
            self.page.select_option("#municipality", label=TOWN_NAME)
            self.follow(self.page.locator("main form button").first, "event in town")
        return [heading.inner_text() for heading in self.page.locator("ol.e-results h3").all()]

    def open_form(self, code: str) -> None:
        """Follow the link to the form of an event or a service."""
        there = f"main a[href*='/aanvragen/{code}'], main a[href*='/apply/{code}']"
        self.follow(self.page.locator(there).first, "form")

    def sign_in(self, persona: str) -> None:
        """Sign in as a persona and come back to the page where one was."""
        back = self.page.url
        arrive(self.page, SIGN_IN[self.language])
        press(self.page.locator(f'button[value="persona/{persona}"]'))
        arrive(self.page, back)
        self.see("known")

    def note_known(self) -> None:
        """Note what the form knows beforehand."""
        buttons = self.page.locator("main button[value^='correct:']").all()
        self.known = {str(button.get_attribute("value")).partition(":")[2] for button in buttons}

    def confirm(self) -> None:
        """Say that what registers know is right, where that is asked still."""
        if self.button("go").count():
            self.follow(self.button("go"), "confirmed")

    def correct(self, fact: str, value: str, evidence: str) -> None:
        """Say that a register is wrong, what it should say, and how that can be seen."""
        self.follow(self.page.locator(f"main button[value='correct:{fact}']").first, "correct")
        self.page.fill("#value", value)
        self.page.fill("#evidence", evidence)
        self.follow(self.button("claim"), "corrected")

    def answer(self, answers: Mapping[str, str], otherwise: str = "0") -> None:
        """Answer every question until there is an outcome: by the name of the fact, else no or nothing."""
        while self.page.locator("main input[name=ask]").count():
            fact = str(self.page.locator("main input[name=ask]").get_attribute("value"))
            assert fact not in self.asked, f"{fact} is asked twice"
            self.asked.append(fact)
            self.look(f"question-{len(self.asked)}", self.page)
            self._fill(answers.get(fact, ""), otherwise)
            self.follow(self.button("next"), f"after question {len(self.asked)}")
        self.look("result", self.page)

    def _fill(self, value: str, otherwise: str) -> None:
        options = self.page.locator("main input[type=radio]")
        if options.count():
            (self.page.locator(f"main input[type=radio][value='{value}']") if value else options.last).check()
        elif self.page.locator("main select#value").count():
            self.page.select_option("#value", value)
        else:
            self.page.fill("#value", value or otherwise)


def walk_parent(journey: Journey, sign_in: Callable[[Journey], None]) -> None:
    """Walk from words to a receipt and one's own overview; raises AssertionError where a step does not lead on."""
    journey.go(DOOR, "door")
    found = journey.say(PARENT_SAYS)
    assert "Geboorteaangifte" in found, found
    services = journey.open_event("child-born")
    assert {"Geboorteaangifte", "Kinderbijslag", "Kindgebonden budget"} <= set(services)
    journey.open_form("child-born")
    assert not journey.page.locator("main button[value^='correct:']").count(), "nobody is signed in"
    sign_in(journey)
    journey.note_known()
    journey.correct("me.loon_uit_dienstbetrekking", "23500", "jaaropgave")
    journey.confirm()
    journey.answer({})
    journey.follow(journey.button("submit"), "handed in")
    journey.go(OVERVIEW, "overview")


def walk_baker(journey: Journey) -> None:
    """Walk from words to whether a terrace is allowed, as who signs for the bakery; raises AssertionError."""
    journey.go(DOOR, "door")
    journey.say(BAKER_SAYS, "business")
    givers = journey.givers()
    assert "Nederlandse Voedsel- en Warenautoriteit" in givers["Levensmiddelenbedrijfregistratie"], givers
    assert TOWN_NAME in givers["Terrasvergunning"]
    services = journey.open_event("opening-a-shop")
    assert {"Handelsregister inschrijving", "Terrasvergunning", "Precariobelasting"} <= set(services), services
    journey.open_form("terrasvergunning")
    journey.follow(journey.page.locator("main button[value^='for:']").first, "for the bakery")
    journey.note_known()
    journey.confirm()
    journey.answer(TERRACE)


def walk_counter(journey: Journey) -> str:
    """Hand what somebody brings to the counter to the body that is competent, and give what the person is told.

    Raises AssertionError where it takes more than two clicks from what was found.
    """
    journey.go(FRONT_OFFICE, "front office")
    found = journey.say(AT_THE_COUNTER)
    assert found, "nothing was found at the counter"
    offered = journey.page.locator("main form[action*='hand-over'], main form[action*='overdragen']")
    journey.follow(offered.locator("button").first, "hand over")
    journey.follow(journey.button("confirm"), "handed over")
    return journey.text()
