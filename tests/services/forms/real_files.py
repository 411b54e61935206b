"""Files as other programs write them: Chromium prints a PDF and takes pictures."""

from __future__ import annotations

from functools import cache

from tests.web.browser import run_browser

PAGE = "<!doctype html><title>Huurcontract</title><h1>Huurcontract</h1><p>De huur is 650 euro per maand.</p>"


@cache
def print_files() -> dict[str, bytes]:
    """Give a PDF, a JPEG and a PNG by how their names end; skips where there is no Chromium."""
    with run_browser() as browser:
        page = browser.new_page(viewport={"width": 320, "height": 240})
        page.set_content(PAGE)
        return {"pdf": page.pdf(), "jpg": page.screenshot(type="jpeg"), "png": page.screenshot(type="png")}
