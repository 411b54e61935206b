"""A node that is served for real, once for all tests that do not spoil it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.demo import Demo, make_demo
from tests.web.nodes import PUBLIC_DRAFTS, draft, fill_node, open_node
from tests.web.serving import Patient, Server, run_server

HIDDEN = (
    draft("platform:gm0344/geheim-platform", "Geheim platform", "organisation"),
    draft("component:gm0344/kluis", "Kluis", "restricted"),
)


@dataclass
class Site:
    """A served node, its folder and its tokens."""

    server: Server
    folder: Path
    tokens: dict[str, str]

    def call(self, method: str, path: str, who: str = "", **options: Any) -> httpx.Response:
        """Send a request as a principal, or as the public."""
        headers = {**options.pop("headers", {})}
        if who:
            headers["Authorization"] = f"Bearer {self.tokens.get(who, who)}"
        with httpx.Client(transport=Patient(), timeout=40) as client:
            return client.request(method, self.server.url + path, headers=headers, **options)

    def get(self, path: str, who: str = "", **options: Any) -> httpx.Response:
        """Send a GET request."""
        return self.call("GET", path, who, **options)


@pytest.fixture(scope="session")
def make_site(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], tuple[Path, dict[str, str]]]:
    """Give a function that makes a filled node and gives its folder and tokens."""

    def make() -> tuple[Path, dict[str, str]]:
        folder = tmp_path_factory.mktemp("site") / "node"
        with open_node(folder) as instance:
            tokens = fill_node(instance, [*PUBLIC_DRAFTS, *HIDDEN])
        return folder, tokens

    return make


@pytest.fixture(scope="session")
def site(make_site: Callable[[], tuple[Path, dict[str, str]]]) -> Iterator[Site]:
    """Give a served node."""
    folder, tokens = make_site()
    with run_server(folder) as server:
        yield Site(server, folder, tokens)
        code, _, errors = server.stop()
    assert code == 0
    assert "Traceback" not in errors, errors


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Give a served demonstration node."""
    folder = make_demo(tmp_path_factory.mktemp("demo") / "node")
    with run_server(folder) as server:
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors
