"""The documentation site: it builds without a warning, every link leads somewhere, and nothing comes from elsewhere."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from playwright.sync_api import expect

from tests.web.browser import run_browser
from tests.web.serving import ROOT

LOADING = {
    "link": "href",
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
    "embed": "src",
}
"""Elements by which a page loads something, and the attribute that says what."""
ELSEWHERE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"]?)\s*(?:https?:)?//")
"""How a style sheet loads something from another host."""


class PageParser(HTMLParser):
    """Collects what a page loads, where its links lead, and which anchors it has."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one element."""
        given = {name: value or "" for name, value in attrs}
        self.anchors.update(given[name] for name in ("id", "name") if name in given)
        # Where the pages before and after are is told, not loaded.
        if tag in LOADING and LOADING[tag] in given and given.get("rel") not in ("prev", "next", "canonical"):
            self.loads.append(given[LOADING[tag]])
        elif "href" in given:
            self.links.append(given["href"])
        self.loads += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site strictly from a copy, so that a build of somebody else is not disturbed."""
    if find_spec("zensical") is None:
        pytest.skip("zensical is not installed: run `make setup`")
    folder = tmp_path_factory.mktemp("documentation")
    copytree(ROOT / "docs", folder / "docs")
    (folder / "zensical.toml").write_text((ROOT / "zensical.toml").read_text("utf-8"), "utf-8")
    (folder / "src").symlink_to(ROOT / "src")
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout + done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, PageParser]:
    """Give every page of the site by its path."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        parser = PageParser()
        parser.feed(path.read_text("utf-8"))
        found[path.relative_to(site).as_posix()] = parser
    return found


def test_every_page_stands_in_the_navigation_and_is_built(pages: dict[str, PageParser]) -> None:
    navigation = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]
    listed = list(_paths(navigation))
    documents = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    expected = sorted(path.as_posix() for path in documents if path.parts[0] != "plans")
    assert sorted(listed) == expected, "add the page to nav in zensical.toml"
    for path in listed:
        built = "index.html" if path == "index.md" else path.removesuffix(".md") + "/index.html"
        assert built in pages
    assert len(pages) == len(listed) + 1  # and the page for what is not there


def _paths(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    else:
        for inner in entry.values() if isinstance(entry, dict) else entry:
            yield from _paths(inner)


def test_every_link_leads_to_a_page_and_an_anchor(site: Path, pages: dict[str, PageParser]) -> None:
    wrong, checked = [], 0
    for name, page in pages.items():
        if name == "404.html":
            continue  # shown at any path, so that its links are those of the root
        for link in page.links:
            if urlsplit(link).scheme:
                continue
            target, anchor = urldefrag(link)
            path = ((site / name).parent / unquote(target)).resolve() if target else site / name
            path = path / "index.html" if path.is_dir() else path
            checked += 1
            known = pages.get(path.relative_to(site).as_posix()) if path.is_relative_to(site) else None
            if not path.is_file() or (anchor and known is not None and unquote(anchor) not in known.anchors):
                wrong.append((name, link))
    assert wrong == []
    assert checked > 1_000


def test_no_page_loads_anything_from_elsewhere(site: Path, pages: dict[str, PageParser]) -> None:
    loads = {(name, load) for name, page in pages.items() for load in page.loads}
    assert len(loads) > len(pages)
    assert [load for load in loads if urlsplit(load[1]).netloc] == []
    styles = list(site.rglob("*.css"))
    assert styles
    assert [path.name for path in styles if ELSEWHERE.search(path.read_text("utf-8"))] == []


def test_what_is_refused_would_be_found() -> None:
    parser = PageParser()
    parser.feed('<link rel="stylesheet" href="https://a.example/x.css"><img src="//b.example/y.png"><a href="#z">z</a>')
    assert [urlsplit(load).netloc for load in parser.loads] == ["a.example", "b.example"]
    assert parser.links == ["#z"]
    assert ELSEWHERE.search("@import url(https://a.example/x.css)")
    assert ELSEWHERE.search("src: url('//a.example/x.woff2')")
    assert not ELSEWHERE.search("src: url(../x.woff2); xmlns='http://www.w3.org/2000/svg'")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and prints nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serve_files(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(5)


READ = ("/", "/tutorials/your-first-node/", "/reference/api/", "/reference/python/", "/reference/settings/")


def test_a_reader_at_any_width_gets_all_of_it_from_one_host(site: Path) -> None:
    with serve_files(site) as address, run_browser() as browser:
        for width in (1280, 320):
            context = browser.new_context(viewport={"width": width, "height": 900})
            page = context.new_page()
            asked: list[str] = []
            wrong: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
            for path in READ:
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                # WCAG 2.2, 1.4.10: nothing is lost beside the screen; a wide table scrolls within itself.
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide <= 0, (path, width)
            assert len(asked) > len(READ)
            assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
            assert wrong == []
            context.close()


def test_the_search_finds_a_setting(site: Path) -> None:
    with serve_files(site) as address, run_browser() as browser:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        # The key opens the search once its script is there, which a busy machine may take its time for.
        page.goto(address, wait_until="networkidle")
        page.keyboard.press("/")
        page.keyboard.type("audit_syslog")
        expect(page.get_by_text("To a collector, as syslog")).to_be_visible(timeout=60_000)
        assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
