"""Take the screenshots of the two journeys from a fresh demonstration node: python -m scripts.make_journey_screenshots.

Needs Chromium and the test extra. Nobody in the pictures exists, but for the public bodies.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page
from tests.services.walking import (
    TAKES_CASES,
    Journey,
    Language,
    make_demo_node,
    walk_baker,
    walk_counter,
    walk_parent,
)
from tests.web.browser import open_page, run_browser
from tests.web.serving import run_server

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "journeys"
SIZE = {"width": 1000, "height": 760}
SHOTS: dict[str, tuple[str, Callable[[Journey], object], Collection[str]]] = {
    "parent": (
        "",
        lambda journey: walk_parent(journey, lambda walker: walker.sign_in("parent")),
        ("answer", "event", "known", "correct", "question-1", "handed in", "overview"),
    ),
    "baker": ("baker", walk_baker, ("answer", "event", "question-1", "result")),
    "counter": ("front-office", walk_counter, ("hand over", "handed over")),
}
"""Who walks, as which persona from the start, how, and of which pages a picture is taken."""


def main() -> None:
    """Make the node, serve it, and walk both journeys and the counter in both languages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    languages: tuple[Language, ...] = ("en", "nl")
    for language in languages:
        with tempfile.TemporaryDirectory() as name:
            node = Path(name) / "node"
            make_demo_node(node)
            with run_server(node, EENDRACHT_BUILT_IN_CASES=TAKES_CASES) as server, run_browser() as browser:
                # The door is made at the first question, which need not be that of the pictures.
                httpx.post(f"{server.url}/v1/door", json={"text": "paspoort"}, timeout=120)
                for journey in SHOTS:
                    take(browser, server.url, language, journey)


def take(browser: Browser, url: str, language: Language, name: str) -> None:
    """Walk one journey and keep the pages that are wanted."""
    persona, walk, wanted = SHOTS[name]

    def look(step: str, page: Page) -> None:
        if step in wanted:
            page.screenshot(path=FOLDER / f"{name}-{step.replace(' ', '-')}-{language}.png")

    with open_page(browser, url, persona, viewport=SIZE) as page:
        walk(Journey(page, language, look))


if __name__ == "__main__":
    main()
