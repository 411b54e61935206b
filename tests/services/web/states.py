"""Every page of the wing in each state that it can be in: as whom, on which node, and what is done there before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

from eendracht.bootstrap import WINGS
from eendracht.kernel.wing import load_parts
from eendracht.kit.paths import Paths
from eendracht.web.pages import PAGES
from tests.services.catalogues import OWN
from tests.services.web.filled import PASSPORT
from tests.web.browser import arrive, press
from tests.web.nodes import OTHER, OWNER
from tests.web.test_accessible import State

WING_PAGES: Final = tuple(load_parts([wing for wing in WINGS if wing.name == "services"], "pages"))
PATHS: Final = Paths((*PAGES, *load_parts(WINGS, "pages")))
NUMBER_OF_NOBODY: Final = "EEN-0000000000000000"
BSN: Final = "123456782"
PARENT, STAFF = "parent", "front-office"

Act = Callable[[Page], None]


def do(page: Page, code: str) -> None:
    """Press the button that asks for something, the first where there are more."""
    press(page.locator(f'main button[value="{code}"], main button[value^="{code}:"]').first)


def search(text: str, place: str = "") -> Act:
    """Ask the door, or the desk."""

    def act(page: Page) -> None:
        page.fill("#door-q", text)
        page.fill("#municipality", place)
        do(page, "find")

    return act


def then(*acts: Act | str) -> Act:
    """Do one thing after another; a text is the button that is pressed."""

    def act(page: Page) -> None:
        for item in acts:
            if isinstance(item, str):
                do(page, item)
            else:
                item(page)

    return act


def fill(**typed: str) -> Act:
    """Type in controls by their id."""

    def act(page: Page) -> None:
        for name, text in typed.items():
            page.fill(f"#{name}", text)

    return act


def answer_all(page: Page) -> None:
    """Answer every question of a form until there is none."""
    if page.locator("button[value=go]").count():
        do(page, "go")
    for _ in range(20):
        if not page.locator("input[name=ask]").count():
            return
        if page.locator("input[type=radio]").count():
            page.locator("input[type=radio]").last.check()
        elif page.locator("select#value").count():
            page.select_option("#value", index=1)
        else:
            page.fill("#value", "21-09-2026" if page.locator("textarea#value").count() else "0")
        do(page, "next")
    raise AssertionError("the form has no end")


def fill_in_together(page: Page) -> None:
    """Begin a form with a helper beside."""
    search("kinderbijslag")(page)
    press(
        page.get_by_role("button", name="Samen invullen").or_(page.get_by_role("button", name="Fill in together")).first
    )


def hand_over_first(page: Page) -> None:
    """Choose the first body to hand over to."""
    press(page.locator('main form[action$="/overdragen"] button, main form[action$="/hand-over"] button').first)


def person(identifier: str) -> Act:
    """Look up a person at the desk."""
    return then(fill(identifier=identifier), "person")


def form(label: str, name: str = "child-born", persona: str = PARENT, act: Act | None = None) -> State:
    return State("apply-form", name, label, persona, act=act)


WRONG_WAGE: Final = then("correct:me.loon_uit_dienstbetrekking", fill(value="veel"), "claim")
TAKE_IN: Final = then(search("mijn paspoort is gestolen", "Amsterdam"), hand_over_first)
NOTHING_BROUGHT: Final = then(TAKE_IN, fill(text=" "), "confirm")

STATES: Final = (
    State("door"),
    State("door", label="answer", act=search("mijn paspoort is gestolen", "Utrecht")),
    State("door", label="other-body", act=search("parkeervergunning", "Utrecht")),
    State("door", label="without-place", act=search("rijbewijs verlengen")),
    State("door", label="place-fault", act=search("parkeervergunning", "3511AB")),
    State("door", label="faults", act=search("")),
    State("door", label="nothing", act=search("qwzx vbnm plokij", "Utrecht")),
    State("door", label="number", act=search(f"mijn bsn is {BSN}")),
    State("door", label="person", act=then(search("paspoort", "Utrecht"), "person")),
    State("door", label="nothing", persona=STAFF, act=search("qwzx vbnm plokij")),
    State("door", label="empty", node="empty", act=search("paspoort", "Utrecht")),
    State("door-onward", "service/bestaat-niet", label="absent"),
    State("assisted"),
    State("assisted", label="answer", act=search("kinderbijslag")),
    State("services"),
    State("services", label="event", query="?event=child-born"),
    State("services", label="filter", query="?audience=business&level=water-board&limit=5"),
    State("services", label="body", query=f"?organisation={OWNER}"),
    State("services", label="body-empty", query=f"?organisation={OTHER}"),
    State("services", label="absent", query="?event=nothing"),
    State("services", label="fault", query="?level=koninkrijk"),
    State("service", "zorgtoeslag"),
    State("service", "paspoort", label="recorded"),
    State("service", PASSPORT["ref"], label="full"),
    State("service", OWN["ref"], label="little"),
    State("service", "public-service:gm0344/bestaat-niet", label="absent"),
    State("event", "child-born"),
    State("event", "bestaat-niet", label="absent"),
    State("pay-back", persona=PARENT),
    State("pay-back", label="denied"),
    State("apply-effort", label="denied"),
    State("apply"),
    State("apply-form", "bestaat-niet", label="absent"),
    form("start"),
    form("question", act=then("go")),
    form("question-fault", act=then("go", "skip", fill(value="veel"), "next")),
    form("choice-fault", act=then("go", "next")),
    form("correction", act=then("correct:me.loon_uit_dienstbetrekking")),
    form("correction-fault", act=WRONG_WAGE),
    form("corrected", act=then(WRONG_WAGE, fill(value="21500", evidence="loonstrook"), "claim")),
    form("result", act=answer_all),
    form("explained", act=then(answer_all, "show")),
    form("unknown", act=then("go", "skip", "skip")),
    form("saved", act=then("go", "save")),
    form("resumed", act=lambda page: (do(page, "go"), do(page, "save"), arrive(page, page.url))[0]),
    form("acting", "zorgtoeslag", act=then("for")),
    form("handed-in", act=then(answer_all, "submit")),
    form("nothing-known", "kinderbijslag", "baker"),
    form("start", "kinderbijslag", ""),
    form("fault", "kinderbijslag", "", then(fill(value="31-02-2020"), "next")),
    form("result", "kinderbijslag", "", answer_all),
    State("assisted", label="form", act=fill_in_together),
    State("my-overview", persona=PARENT),
    State("my-overview", persona="baker"),
    State("my-overview", label="empty", persona=PARENT, node="empty"),
    State("my-overview", label="denied"),
    State("my-overview", label="denied", persona=STAFF),
    State("my-overview", label="stopped", persona="pensioner", act=then("stop")),
    State("my-choices", label="denied"),
    State("my-data", label="denied"),
    State("front-office", persona=STAFF),
    State("front-office", label="empty", persona=STAFF, node="empty"),
    State("front-office", label="reader", persona="coordinator"),
    State("front-office", label="answer", persona=STAFF, act=search("parkeervergunning", "Amsterdam")),
    State("front-office", label="nothing", persona=STAFF, act=search("qwzx vbnm plokij", "Nergens")),
    State("front-office", label="case-absent", persona=STAFF, act=search(NUMBER_OF_NOBODY)),
    State("front-office", label="person", persona=STAFF, act=person(BSN)),
    State("front-office", label="person-faults", persona=STAFF, act=person("123456789")),
    State("front-office", label="look", persona=STAFF, act=then("look")),
    State("front-office", label="accepted", persona=STAFF, act=then("accept")),
    State("front-office", label="declined", persona=STAFF, act=then("decline")),
    State("front-office", label="denied"),
    State("front-office", label="denied", persona=PARENT),
    State("hand-over", label="take-in", persona=STAFF, path="front-office", act=TAKE_IN),
    State(
        "hand-over", label="faults", persona=STAFF, path="front-office", act=then(TAKE_IN, fill(text=" "), "confirm")
    ),
    State("hand-over", label="done", persona=STAFF, path="front-office", act=then(TAKE_IN, "confirm")),
    State("hand-over", label="denied"),
    State("proactive", persona=STAFF),
    State("proactive", label="empty", persona=STAFF, node="empty"),
    State("proactive", label="denied"),
    State("proactive", label="denied", persona=PARENT),
    State("proactive-run", "run", persona=STAFF),
    State("proactive-run", "own_run", label="own", persona=STAFF),
    State("proactive-run", "run", label="faults", persona=STAFF, act=then("webhook")),
    State("proactive-run", "bestaat-niet", label="absent", persona=STAFF),
    State("experience", persona=STAFF),
    State("experience", persona=STAFF, label="short", query="?days=30"),
    State("experience", label="empty", persona=STAFF, node="empty"),
    State("experience", label="fault", persona=STAFF, query="?days=31"),
    State("experience", label="denied"),
    State("sign-in"),
    State("person-return", label="absent", query="?state=x&code=y"),
)
