"""The two lists that are asked most, as bare ASGI: records and changes, joined from the bytes that were committed.

Every request is authorised and filtered by itself; only the reading of a query string is remembered.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.types import Receive, Scope, Send

from eendracht.kernel.records import Record
from eendracht.kernel.store import Page, Query
from eendracht.kit.problem import MEDIA_TYPE, encode_problem, problem_headers, recognise, status_of
from eendracht.kit.questions import read_question
from eendracht.kit.routing import Asker
from eendracht.web.headers import API_HEADERS, Header
from eendracht.web.queries import ChangesSince, RecordListing
from eendracht.web.service import Service

JSON_LINES: Final = "application/x-ndjson"

_JSON: Final[Header] = (b"content-type", b"application/json")
_LINES: Final[Header] = (b"content-type", JSON_LINES.encode())
_FRESH: Final[tuple[Header, ...]] = ((b"cache-control", b"private, no-cache"), (b"vary", b"Authorization, Accept"))

_JSON_HEADERS: Final[tuple[Header, ...]] = (_JSON, *_FRESH)

Answer = tuple[bytes, Sequence[Header]]


class HotRoute(ABC):
    """A GET route without a framework around it."""

    path: str
    """Where it is served; also its label in the figures."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, a problem document included."""
        started = time.perf_counter()
        status = 200
        try:
            door = self._service.door
            asker = door.recall(scope["headers"]) or await door.identify(scope)
            body, headers = await self.answer(scope, asker)
        except Exception as failure:  # noqa: BLE001 - whatever went wrong leaves as a problem document
            error = recognise(failure)
            status, body = status_of(error), encode_problem(error)
            headers = [(b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
            headers += [(name.lower().encode(), value.encode()) for name, value in problem_headers(error).items()]
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length, *API_HEADERS]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        self._service.figures.note(self.path, status, time.perf_counter() - started)

    @abstractmethod
    async def answer(self, scope: Scope, asker: Asker) -> Answer:
        """Give the body and the headers; raises what the error tree knows."""


@lru_cache(maxsize=4_096)
def _read_listing(query_string: bytes) -> tuple[Query, date | None, bytes]:
    """Give the query, the day, and the beginning of the link to the next page."""
    listing = read_question(RecordListing, query_string)
    pairs = [pair for pair in parse_qsl(query_string.decode("ascii")) if pair[0] != "after"]
    following = f"<{RecordList.path}?{urlencode([*pairs, ('after', '')])}".encode()
    return listing.to_query(listing.after, listing.limit), listing.as_of, following


class RecordList(HotRoute):
    """Answers `GET /v1/records`."""

    path = "/v1/records"

    async def answer(self, scope: Scope, asker: Asker) -> Answer:
        """Give a page of records as they were committed, and where the list goes on."""
        query, day, following = _read_listing(scope["query_string"])
        store, lanes = self._service.store, self._service.lanes
        if query.kind:
            store.registry.get(query.kind, "/query/kind")

        def _find() -> Page:
            return store.find(query, asker.principal, day)

        # A text first waits until the index has caught up, so it never runs in the event loop.
        page = await (lanes.run(_find) if query.text else lanes.read(_find))
        if not page.after:
            return _join([record.body for record in page.records], b"null"), _JSON_HEADERS
        # No character of a ref or of a count needs escaping in a query string.
        after = page.after.encode()
        link = (b"link", following + after + b'>; rel="next"')
        return _join([record.body for record in page.records], b'"' + after + b'"'), (*_JSON_HEADERS, link)


def _join(bodies: list[bytes], after: bytes) -> bytes:
    """Put records in their frame with one copy of the bytes."""
    if not bodies:
        return b'{"records":[],"after":' + after + b"}"
    bodies[0] = b'{"records":[' + bodies[0]
    bodies[-1] += b'],"after":' + after + b"}"
    return b",".join(bodies)


@lru_cache(maxsize=1_024)
def _read_since(query_string: bytes) -> ChangesSince:
    return read_question(ChangesSince, query_string)


class ChangeList(HotRoute):
    """Answers `GET /v1/changes`, as one JSON document or as lines of JSON."""

    path = "/v1/changes"

    async def answer(self, scope: Scope, asker: Asker) -> Answer:
        """Give the visible versions at or after a position, after a wait where there are none and that was asked."""
        asked = _read_since(scope["query_string"])
        service = self._service
        if asked.wait_seconds:
            await service.news.wait(asked.since, asked.wait_seconds)
        # The size first: what is committed after it is looked at again next time, and nothing is skipped.
        size = await service.news.size()
        store = service.store

        def _read() -> list[Record]:
            return store.changes(asked.since, asker.principal, asked.limit)

        records = await service.lanes.read(_read)
        following = records[-1].rv + 1 if len(records) == asked.limit else max(size, asked.since)
        if records:
            following = max(following, records[-1].rv + 1)
        lines = [b'{"rv":%d,"record":%b}' % (record.rv, record.body) for record in records]
        if any(name == b"accept" and JSON_LINES.encode() in value for name, value in scope["headers"]):
            headers = [_LINES, *_FRESH, (b"link", b'<%b?since=%d>; rel="next"' % (self.path.encode(), following))]
            return b"".join([line + b"\n" for line in lines]), headers
        return b'{"changes":[%b],"next":%d}' % (b",".join(lines), following), _JSON_HEADERS
