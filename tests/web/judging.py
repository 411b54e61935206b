"""What judges a page: axe-core, its room on a narrow screen and with large text, and the Nu HTML checker."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What passes is not described: that is most of the work, and nobody reads it.
_FAULTS = """async tags => {
    const asked = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]};
    const {violations} = await axe.run(asked);
    return violations.map(fault => `${fault.id}: ${fault.nodes[0].html.slice(0, 200)}`);
}"""
WIDE_TABLES = """[...document.querySelectorAll(".e-scroll > table")].map(table => table.parentElement)
    .filter(region => region.scrollWidth > region.clientWidth).map(region => region.innerText.slice(0, 200))"""


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
    """Give what is wrong for axe."""
    page.evaluate(axe)
    found: list[str] = page.evaluate(_FAULTS, TAGS)
    return found


def judge_room(page: Page) -> list[str]:
    """Give what is wrong at 320 CSS pixels (WCAG 1.4.10), and with text of 200 % (1.4.4)."""
    faults = []
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        faults.append(f"wider than 320: {widest(page)}")
    faults += [f"wide table: {table}" for table in page.evaluate(WIDE_TABLES)]
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if page.evaluate("document.documentElement.scrollWidth") > 1280:
        faults.append(f"large text: {widest(page)}")
    page.evaluate("document.documentElement.style.fontSize = ''")
    return faults


def widest(page: Page) -> str:
    """Give the elements that reach beyond the screen, for a message."""
    found: str = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1"
        " && !e.closest('.e-scroll')).slice(0, 5).map(e => e.outerHTML.slice(0, 160)).join('\\n')"
    )
    return found


def list_markup_faults(pages: Mapping[str, str], jar: Path, folder: Path) -> list[str]:
    """Let the Nu HTML checker read pages by name and give every error that it finds; skips without Java."""
    if shutil.which("java") is None:
        pytest.skip("there is no Java on this machine (Debian package default-jre-headless)")
    for name, content in pages.items():
        (folder / f"{re.sub(r'[^a-z0-9.-]', '_', name)}.html").write_text(content)
    result = subprocess.run(
        ["java", "-jar", jar, "--errors-only", "--format", "json", "--exit-zero-always", *folder.glob("*.html")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    messages = json.loads(result.stderr)["messages"]
    return sorted(f"{item['url'].rpartition('/')[2]}: {item['message']}" for item in messages)


def check_markup(pages: Mapping[str, str], jar: Path, folder: Path) -> None:
    """Fail where the Nu HTML checker finds an error."""
    faults = list_markup_faults(pages, jar, folder)
    assert not faults, "\n".join(faults[:20])
