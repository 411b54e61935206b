"""The plain pages: search, and one per record; read only, in Dutch and English, without a script."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from eendracht.kernel.errors import EendrachtError, NotFound
from eendracht.kit.problem import problem_headers, problem_response, recognise, status_of
from eendracht.web.door import Asker
from eendracht.web.queries import AsOf, RecordListing, read_question
from eendracht.web.record_view import view_record
from eendracht.web.search_view import view_search
from eendracht.web.service import Service
from eendracht.web.texts import LANGUAGES, Language, Texts

SEARCH_PATHS: Final[dict[Language, str]] = {"nl": "/nl/zoeken", "en": "/en/search"}

_TEMPLATES: Final = Environment(
    loader=PackageLoader("eendracht.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE: Final = files("eendracht.web").joinpath("static/eendracht.css").read_bytes()


def record_path(language: Language, ref: str) -> str:
    """Give the path of the page of a record."""
    return f"/{language}/records/{quote(ref, safe=':/')}"


def with_query(path: str, **parameters: str | None) -> str:
    """Give a path with the parameters that have a value."""
    kept = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


_TEMPLATES.globals.update(record_path=record_path, with_query=with_query, search_paths=SEARCH_PATHS)


def _render(template: str, texts: Texts, status: int = 200, **values: Any) -> Response:
    html = _TEMPLATES.get_template(template).render(t=texts, **values)
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization", "Content-Language": texts.language}
    return Response(html, status, headers, "text/html; charset=utf-8")


async def _ask(request: Request) -> tuple[Service, Asker]:
    service: Service = request.app.state.service
    return service, await service.door.identify(request.scope)


def _texts_of(request: Request) -> Texts:
    first = request.url.path.split("/")[1]
    return Texts("en" if first == "en" else "nl")


async def show_start(request: Request) -> Response:
    """Send a visitor to the language of the node, or to the search page of a language."""
    language = request.url.path.strip("/")
    if language not in LANGUAGES:
        return RedirectResponse("/nl", 302)
    return RedirectResponse(SEARCH_PATHS["en" if language == "en" else "nl"], 302)


async def show_search(request: Request) -> Response:
    """Show what a search finds, with counts per facet as links."""
    service, asker = await _ask(request)
    texts = _texts_of(request)
    raw = request.scope["query_string"]

    def _work() -> Response:
        asked = read_question(RecordListing, raw)
        view = view_search(service.store, asker.principal, asked, texts)
        return _render("search.html", texts, view=view, other_path=with_query(SEARCH_PATHS[texts.other], **view.chosen))

    return await service.lanes.run(_work)


async def show_record(request: Request) -> Response:
    """Show one record: its fields, relations both ways, history, source and place in the log."""
    service, asker = await _ask(request)
    texts = _texts_of(request)
    name = request.path_params["name"]
    raw = request.scope["query_string"]

    def _work() -> Response:
        # The form sends an empty day where nothing was filled in.
        asked = read_question(AsOf, b"" if raw == b"asOf=" else raw)
        view = view_record(service, asker.principal, name, asked.as_of, texts)
        day = _iso(asked.as_of)
        other = with_query(record_path(texts.other, name), asOf=day)
        return _render("record.html", texts, view=view, other_path=other, day=day)

    return await service.lanes.run(_work)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


async def show_style(request: Request) -> Response:
    """Give the one style sheet."""
    return Response(_STYLE, 200, {"Cache-Control": "public, max-age=3600"}, "text/css; charset=utf-8")


async def show_error(request: Request, failure: Exception) -> Response:
    """Show an error as a page to people and as a problem document to programs."""
    if "text/html" not in request.headers.get("accept", "") and not request.url.path.startswith(("/nl", "/en")):
        return problem_response(failure)
    error: EendrachtError = recognise(failure)
    if status_of(error) == 404:
        error = NotFound()
    texts = _texts_of(request)
    status = status_of(error)
    title = error.title_nl if texts.language == "nl" else error.title_en
    faults = [fault.nl if texts.language == "nl" else fault.en for fault in error.faults]
    page = _render(
        "error.html",
        texts,
        status,
        title=title,
        faults=faults,
        is_absent=status == 404,
        other_path=SEARCH_PATHS[texts.other],
    )
    page.headers.update(problem_headers(error))
    return page


routes: Final = [
    Route("/", show_start),
    Route("/nl", show_start),
    Route("/en", show_start),
    Route("/eendracht.css", show_style),
    *(Route(path, show_search) for path in SEARCH_PATHS.values()),
    *(Route(f"/{language}/records/{{name:path}}", show_record) for language in LANGUAGES),
]
