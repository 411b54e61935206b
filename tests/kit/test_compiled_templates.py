"""Compiled templates are kept for the next start, and never in the way: not when damaged, stale or without a disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from eendracht.kit.i18n import words_of
from eendracht.kit.templating import Templates


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "page.html").write_text("<p>{{ name }} {{ _('Yes') }}</p>", "utf-8")
    return folder


def make(pages: Path, cache: Path) -> Templates:
    words = {language: words_of(language) for language in ("nl", "en")}
    return Templates(FileSystemLoader(pages), words, lambda _: {}, None, cache)  # type: ignore[arg-type]


def test_a_template_is_compiled_once_for_every_language_and_start(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    before = Environment.compile

    def count(self: Environment, source: str, *rest: object, **more: object) -> object:
        compiled.append(source)
        return before(self, source, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Environment, "compile", count)
    cache = tmp_path / "cache"
    for _ in range(2):
        templates = make(pages, cache)
        assert templates.render("nl", "page.html", name="<b>") == "<p>&lt;b&gt; Ja</p>"
        assert templates.render("en", "page.html", name="b") == "<p>b Yes</p>"
    assert len(compiled) == 1
    assert cache.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in cache.iterdir()} == {0o600}


@pytest.mark.parametrize("damage", [b"", b"j2", b"no bytecode at all"])
def test_a_damaged_file_is_made_again(pages: Path, tmp_path: Path, damage: bytes) -> None:
    cache = tmp_path / "cache"
    make(pages, cache).render("nl", "page.html", name="a")
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage)
    assert make(pages, cache).render("nl", "page.html", name="a") == "<p>a Ja</p>"
    assert file.read_bytes() == whole


def test_a_template_that_changed_is_not_shown_as_it_was(pages: Path, tmp_path: Path) -> None:
    make(pages, tmp_path / "cache").render("nl", "page.html", name="a")
    (pages / "page.html").write_text("<p>nieuw {{ name }}</p>", "utf-8")
    assert make(pages, tmp_path / "cache").render("nl", "page.html", name="a") == "<p>nieuw a</p>"


def test_without_a_disk_pages_are_shown_all_the_same(pages: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("no folder")
    assert make(pages, taken / "cache").render("nl", "page.html", name="a") == "<p>a Ja</p>"
