"""Tutorials and how-tos do what they say: every block is run in order, and what a page shows is what is printed."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import pytest

from eendracht.config import load_settings
from tests.docs.pages import Block, Session, ShellFailed, fits, list_pages, read_blocks

PAGES = list_pages()
MOST_NOT_RUN = 2
"""How many blocks of one page may stay out of the run."""


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    session = Session(tmp_path)
    printed = ""
    try:
        for block in read_blocks(page):
            if block.reason:
                continue
            if block.language == "sh":
                printed = session.run(block)
            elif block.language == "text":
                assert fits(block.text, printed), f"{block.place}: expected\n{block.text}\nbut it printed\n{printed}"
        assert session.list_running() == [], "the page leaves something running"
    finally:
        session.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_not_run_is_little_and_has_a_reason(page: Path) -> None:
    blocks = read_blocks(page)
    assert sum(block.language == "sh" and not block.reason for block in blocks) >= 3
    assert sum(bool(block.reason) for block in blocks) <= MOST_NOT_RUN
    before = [block.language for block in blocks if block.language in ("sh", "text")]
    assert before[0] == "sh"
    assert all(pair != ("text", "text") for pair in itertools.pairwise(before))


@pytest.mark.parametrize(
    "block",
    [block for page in PAGES for block in read_blocks(page) if block.language == "toml"],
    ids=lambda block: block.place,
)
def test_settings_that_a_page_shows_are_taken(block: Block, tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text(block.text, "utf-8")
    settings = load_settings(tmp_path, {})
    for name, value in tomllib.loads(block.text).items():
        assert getattr(settings, name) == value
        assert "secret" not in name, f"{block.place}: a secret belongs in the environment"


@pytest.mark.parametrize(
    ("expected", "printed", "holds"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\nc\n", False),
        ("a\nb\n", "a\nb\nc\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\n", "a\nb\nc\n", True),
        ("...\nb\n", "a\nb\nc\n", False),
        ("key ... end\n", "key 12 end\n", True),
        ("key ... end\n", "key 12\n end\n", False),
        ("a.b\n", "axb\n", False),
        ("", "something\n", False),
    ],
)
def test_what_a_page_shows_is_compared(expected: str, printed: str, holds: bool) -> None:
    assert fits(expected, printed) is holds


def make_page(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text, "utf-8")
    return path


def test_a_block_that_no_rule_covers_is_refused(tmp_path: Path) -> None:
    for info in ("console", "bash", "", "sh {.not-run}", 'sh {.not-run reason=""}', "sh {.no-run}"):
        with pytest.raises(ValueError, match="is not one of"):
            read_blocks(make_page(tmp_path, f"# A\n\n```{info}\necho a\n```\n"))
    with pytest.raises(ValueError, match="has no end"):
        read_blocks(make_page(tmp_path, "```sh\necho a\n"))


def run_text(folder: Path, text: str, seconds: float = 10) -> str:
    session = Session(folder)
    try:
        return session.run(Block(Path(__file__), 1, "sh", text), seconds)
    finally:
        session.close()


def test_a_command_that_fails_or_hangs_is_found(tmp_path: Path) -> None:
    assert run_text(tmp_path, "echo a; false || echo b\n") == "a\nb\n"
    for text, seconds in (("echo before\nfalse\necho after\n", 10), ("false | cat\n", 10), ("sleep 30\n", 0.3)):
        with pytest.raises(ShellFailed, match=r"a command failed|not done after"):
            run_text(tmp_path, text, seconds)


def test_the_blocks_of_a_page_are_one_session_and_nothing_stays(tmp_path: Path) -> None:
    session = Session(tmp_path)
    try:
        session.run(Block(Path(__file__), 1, "sh", "mkdir a\ncd a\nsleep 60 &\nsleeper=$!\n"))
        assert session.run(Block(Path(__file__), 2, "sh", 'basename "$PWD"\n')) == "a\n"
        assert len(session.list_running()) == 1
        # A port in a block is a free one, and reads as that of the page in what is printed.
        assert (
            session.run(Block(Path(__file__), 3, "sh", "echo http://127.0.0.1:8373/\n")) == "http://127.0.0.1:8373/\n"
        )
    finally:
        session.close()
    assert session.list_running() == []
