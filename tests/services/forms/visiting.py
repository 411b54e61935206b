"""A form as a browser without a script fills it in: over the real application, by its own HTML alone."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from eendracht.kernel.credentials import create_principal
from eendracht.kernel.instance import Instance
from eendracht.kernel.sessions import Sessions
from eendracht.web.app import create_app


@dataclass
class Seen:
    """One page: its status, its text, the hidden fields, and how long the processor worked on it."""

    status: int
    html: str
    cpu_seconds: float
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def asks(self) -> str:
        """The control that the page asks for; empty where it asks nothing."""
        return self.fields.get("ask", "")


class _Fields(HTMLParser):
    """Reads the hidden fields of the form of a page."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._action, self._is_inside = action, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("action") == self._action
        if tag == "input" and self._is_inside and given.get("type") == "hidden":
            self.found[given["name"] or ""] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False


class Visitor:
    """Somebody at a form: signed in as a subject of the vault, or not."""

    def __init__(self, instance: Instance, path: str, subject: str = "") -> None:
        self.path = path
        self._cookies: dict[str, str] = {}
        if subject:
            name = f"person/{subject}"
            create_principal(instance.store, name, [])
            self._cookies = {"eendracht": Sessions(instance.store, 30, 10).begin(name, "persona")}
        self._app = create_app(instance)
        self.seen = self._send("GET", None)

    def press(self, do: str, file: tuple[str, bytes] | None = None, **typed: str) -> Seen:
        """Press a button with what was typed and the file that was chosen, as the page of this moment carries it."""
        self.seen = self._send("POST", {**self.seen.fields, **typed, "do": do}, file)
        return self.seen

    def _send(self, method: str, data: dict[str, str] | None, file: tuple[str, bytes] | None = None) -> Seen:
        async def run() -> tuple[httpx.Response, float]:
            transport = httpx.ASGITransport(app=self._app)
            options: dict[str, Any] = {"transport": transport, "base_url": "http://node", "cookies": self._cookies}
            async with httpx.AsyncClient(**options) as client:
                begun = time.process_time()
                more: dict[str, Any] = {"files": {"file": file}} if file else {}
                answer = await client.request(method, self.path, data=data, headers={"Accept": "text/html"}, **more)
                return answer, time.process_time() - begun

        answer, seconds = asyncio.run(run())
        reader = _Fields(self.path)
        reader.feed(answer.text)
        return Seen(answer.status_code, answer.text, seconds, reader.found)
