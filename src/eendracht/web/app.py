"""The application: hot lists first, then the API under `/v1` and the pages, each answer guarded alike."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final

import anyio.to_thread
import orjson
from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eendracht.kernel.errors import EendrachtError, InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.validation import fault_of
from eendracht.kernel.wing import Wing
from eendracht.kit.problem import problem_response
from eendracht.kit.routing import AskerOf, InstanceOf, describe
from eendracht.web import answers, estate_api, ledger_api, operations_api, pages, queries, records_api, rules_api
from eendracht.web.description import describe_api
from eendracht.web.headers import API_HEADERS, PAGE_HEADERS
from eendracht.web.hot import JSON_LINES, ChangeList, HotRoute, RecordList
from eendracht.web.service import Service
from eendracht.web.site import Gate

# FastAPI asks for a validator of e-mail addresses that nothing here needs, on the standard error of every command.
logging.getLogger("fastapi").setLevel(logging.ERROR)

THREADS: Final = 8
"""How many ordinary requests run at once; each thread keeps a read connection."""
_API: Final = "/v1"


class Application:
    """The whole of the web frame as one ASGI application."""

    def __init__(self, service: Service) -> None:
        self.service = service
        routes: list[HotRoute] = [RecordList(service), ChangeList(service)]
        self._hot = {route.path: route for route in routes}
        self._inner = _Guard(_assemble(service), service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or start and stop."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            hot = self._hot.get(scope["path"])
            if hot is not None:
                await hot(scope, receive, send)
                return
        await self._inner(scope, receive, send)


def create_app(instance: Instance) -> Application:
    """Give the ASGI application over an opened node; the node stays the caller's to close."""
    return Application(Service(instance))


class _Guard:
    """Adds the headers, counts, and turns what escapes into a problem document."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        path = scope["path"]
        headers = API_HEADERS if path == _API or path.startswith(_API + "/") else PAGE_HEADERS

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # A page that must allow more than the others says so itself.
                own = {name for name, _ in message["headers"]}
                kept = [header for header in headers if header[0] not in own]
                message = {**message, "headers": [*message["headers"], *kept]}
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - Starlette answers, and then raises once more what it answered for
            if not status:
                await problem_response(error)(scope, receive, guarded)
        route = scope.get("route")
        template = getattr(route, "path_format", None) or getattr(route, "path", "other")
        self._service.figures.note(f"{scope['method']} {template}", status, time.perf_counter() - started)


def _assemble(service: Service) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        service.close()

    api = _assemble_api(service)
    gate = Gate(service, pages.make_site(service.instance, service.landscapes))
    routes = [Mount(_API, api), *pages.list_routes(gate)]
    handlers: dict[Any, Any] = dict.fromkeys((EendrachtError, HTTPException, Exception), gate.show_error)
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    app.router.redirect_slashes = False
    app.state.service = service
    return app


def _assemble_api(service: Service) -> FastAPI:
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    api.state.service = service
    for kind in (EendrachtError, HTTPException, RequestValidationError, Exception):
        api.add_exception_handler(kind, _show_problem)
    _include(api, service.instance.wings)

    @cache
    def document(off: frozenset[str]) -> bytes:
        # Described without the wings that are off: their routes leave nothing behind, nor do their answers.
        described = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        _include(described, [wing for wing in service.instance.wings if wing.name not in off])
        return orjson.dumps(describe_api(described, service.store.registry))

    def get_description() -> Response:
        """Give this description."""
        # Open to pages of other origins, as the API Design Rules ask of the description.
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
        switches = service.store.switches
        off = frozenset(wing.name for wing in service.instance.wings if not switches.is_on(wing.name))
        return Response(document(off), 200, headers, "application/json")

    api.add_api_route("/openapi.json", get_description, include_in_schema=False)
    return api


def _include(api: FastAPI, wings: Iterable[Wing]) -> None:
    own = (records_api.router, ledger_api.router, estate_api.router, rules_api.router, operations_api.router)
    for router in (_hot_router(), *own):
        api.include_router(router)
    for wing in wings:
        if wing.routes:
            api.include_router(wing.load("routes"), dependencies=[Depends(_require_wing(wing.name))])


def _require_wing(wing: str) -> Callable[..., None]:
    def require_wing(instance: InstanceOf, asker: AskerOf) -> None:
        if not instance.store.switches.is_open(wing, asker.principal):
            # The very answer to an address at which nothing stands.
            raise HTTPException(404)

    return require_wing


async def _show_problem(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        faults = [fault_of(item) for item in error.errors()]
        error = InvalidInput(f"The request has {len(faults)} fault(s)", faults=faults)
    return problem_response(error)


def _hot_router() -> APIRouter:
    """Describe the hot routes; the application answers them before FastAPI sees them."""
    router = APIRouter(tags=["records"])
    described: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (
            RecordList.path,
            "List records, in order of ref, or best first where words are asked",
            describe(answers.RecordPage, query=queries.RecordListing),
        ),
        (
            ChangeList.path,
            "Follow the feed: every version in the order of the log, as far as the asker may see it",
            describe(answers.Changes, query=queries.ChangesSince, media_types=(JSON_LINES,)),
        ),
    )
    for path, summary, options in described:
        router.add_api_route(path.removeprefix(_API), _answered_before(path), summary=summary, **options)
    return router


def _answered_before(path: str) -> Callable[[], Awaitable[Response]]:
    async def answered_before() -> Response:
        raise LookupError(f"{path} is answered before it comes here")

    answered_before.__name__ = path.rpartition("/")[2]
    return answered_before
