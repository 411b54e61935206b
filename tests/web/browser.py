"""Chromium from the system, as a person uses it: with or without scripts, on a wide or a narrow screen."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page of another program that a test visits may ask for a font elsewhere: nothing leaves the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

_LATE: Final = "the server responded with a status of 503"
_LOOKED_AGAIN: Final[WeakKeyDictionary[Page, int]] = WeakKeyDictionary()
"""How often a page was seen that said that it was still being worked out, and so had the status for that."""


@contextmanager
def run_browser() -> Iterator[Browser]:
    """Start Chromium, or skip where the system has none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("there is no Chromium on this machine (Debian package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


class SignedIn:
    """Signs a persona in once on each server, for tests that only look; one that signs out takes it from the others."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._known: dict[tuple[str, str], Any] = {}

    @contextmanager
    def open_page(self, url: str, persona: str = "", **options: Any) -> Iterator[Page]:
        """Give a page as `open_page` does."""
        if persona and (url, persona) not in self._known:
            with open_page(self._browser, url, persona) as page:
                self._known[url, persona] = page.context.storage_state()
        with open_page(self._browser, url, storage_state=self._known.get((url, persona)), **options) as page:
            yield page


@contextmanager
def open_page(browser: Browser, url: str, persona: str = "", **options: Any) -> Iterator[Page]:
    """Give a page of a fresh visitor, signed in as a persona where one is named; fails on whatever the page logs."""
    context: BrowserContext = browser.new_context(base_url=url, **options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message, url) else None)
    try:
        if persona:
            page.goto("/nl/aanmelden")
            press(page.locator(f'button[value="persona/{persona}"]'))
        yield page
    finally:
        context.close()
    late = [text for text in complaints if _LATE in text]
    if len(late) <= _LOOKED_AGAIN.get(page, 0):
        complaints = [text for text in complaints if _LATE not in text]
    assert not complaints, complaints


def arrive(page: Page, address: str) -> None:
    """Go to a page and wait until the server has worked out what it shows."""
    page.goto(address)
    look_again(page)


def look_again(page: Page, most: int = 60) -> None:
    """Look again, as the page itself advises, as long as what it shows is still being worked out."""
    button = page.locator("main .e-actions a", has_text=re.compile("Kijk opnieuw|Look again"))
    for _ in range(most):
        if not button.count():
            return
        _LOOKED_AGAIN[page] = _LOOKED_AGAIN.get(page, 0) + 1
        page.wait_for_timeout(500)
        _follow(button)
    raise AssertionError(f"{page.url} is still being worked out")


def press(target: Locator) -> None:
    """Press what leads to another page and wait until that page is there: a click alone may return before it is.

    As `arrive` does, it waits until the server has worked out what the page shows.
    """
    _follow(target)
    look_again(target.page)


def _follow(target: Locator) -> None:
    with target.page.expect_navigation():
        target.click()


def _is_complaint(message: Any, url: str) -> bool:
    # That a page answers 4xx is what some of them are for.
    is_ours = message.location["url"].startswith(url)
    return message.type == "error" and is_ours and "the server responded with a status of 4" not in message.text
