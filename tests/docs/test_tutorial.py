"""What the tutorial says that a reader sees in a browser, while its own blocks run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.docs.pages import DOCS, Session, read_blocks
from tests.web.browser import open_page, run_browser

TUTORIAL = DOCS / "tutorials" / "your-first-node.md"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Give a shell for the blocks of the tutorial."""
    session = Session(tmp_path)
    yield session
    session.close()


@pytest.mark.slow
def test_the_public_sees_no_list_and_personas_sign_in(session: Session) -> None:
    text = TUTORIAL.read_text("utf-8")
    for label in ("Sign in as Record owner", "My tasks", "Sign out", "Audit"):
        assert f"**{label}**" in text
    seen = []
    for block in read_blocks(TUTORIAL):
        if block.language != "sh" or block.reason:
            continue
        session.run(block)
        address = f"http://127.0.0.1:{session.port}"
        if "> serve.log" in block.text:
            kinds = httpx.get(f"{address}/v1/facets").json()["kind"]
            assert set(kinds) <= {"organisation", "succession", "same-as"}
            assert "/en" in httpx.get(f"{address}/nl").text
            seen.append("public")
        if "> demo.log" in block.text:
            walk_as_personas(address)
            seen.append("personas")
    assert seen == ["public", "personas"]


def walk_as_personas(address: str) -> None:
    """Do what section 7 tells, by the words that it names."""
    with run_browser() as browser, open_page(browser, address) as page:
        page.goto("/en/sign-in")
        page.get_by_role("button", name="Sign in as Record owner").click()
        page.get_by_role("link", name="My tasks").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("tasks")
        page.get_by_role("button", name="Sign out").click()
        page.goto("/en/sign-in")
        page.get_by_role("button", name="Sign in as Auditor").click()
        page.get_by_role("link", name="Audit", exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Audit")
        expect(page.get_by_role("main")).to_contain_text("Signed in")
