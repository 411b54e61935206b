"""The pages: home, search, and one per record, in Dutch and English; each works without a script."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from jinja2 import PackageLoader
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from eendracht.kernel.errors import EendrachtError, NotFound
from eendracht.kit.assets import PATH as ASSETS_PATH
from eendracht.kit.assets import load_assets
from eendracht.kit.i18n import LANGUAGES, Language, words_of
from eendracht.kit.problem import problem_headers, problem_response, recognise, status_of
from eendracht.kit.templating import Templates
from eendracht.web.door import Asker
from eendracht.web.home_view import view_home
from eendracht.web.paths import PAGES, page_path, record_path
from eendracht.web.queries import AsOf, Nothing, RecordListing, read_question
from eendracht.web.record_view import view_record
from eendracht.web.routing import IMMUTABLE
from eendracht.web.search_view import view_search
from eendracht.web.service import Service


def _names_of(language: Language) -> dict[str, Any]:
    """Give what every template sees: the paths of its own language."""

    def to_page(page: str, /, **parameters: str | None) -> str:
        return page_path(language, page, **parameters)

    def to_record(ref: str, /, **parameters: str | None) -> str:
        return record_path(language, ref, **parameters)

    return {"to_page": to_page, "to_record": to_record}


_TEMPLATES: Final = Templates(PackageLoader("eendracht.web"), _names_of)


def _render(template: str, language: Language, other_path: str, status: int = 200, **values: Any) -> Response:
    html = _TEMPLATES.render(language, template, other_path=other_path, **values)
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization", "Content-Language": language}
    return Response(html, status, headers, "text/html; charset=utf-8")


async def _ask(request: Request) -> tuple[Service, Asker]:
    service: Service = request.app.state.service
    return service, await service.door.identify(request.scope)


def _language_of(request: Request) -> Language:
    return "en" if request.url.path.split("/")[1] == "en" else "nl"


async def show_start(request: Request) -> Response:
    """Send a visitor to the home page in the language of the node."""
    service: Service = request.app.state.service
    return RedirectResponse(f"/{service.instance.settings.language}", 302)


async def show_home(request: Request) -> Response:
    """Show the six priorities with what there is of each."""
    service, asker = await _ask(request)
    language = _language_of(request)
    raw = request.scope["query_string"]

    def _work() -> Response:
        read_question(Nothing, raw)
        view = view_home(service.store, asker.principal, words_of(language))
        return _render("home.html", language, page_path(words_of(language).other, "home"), here="home", view=view)

    return await service.lanes.run(_work)


async def show_search(request: Request) -> Response:
    """Show what a search finds, with counts per facet as links."""
    service, asker = await _ask(request)
    language = _language_of(request)
    raw = request.scope["query_string"]

    def _work() -> Response:
        asked = read_question(RecordListing, raw)
        view = view_search(service.store, asker.principal, asked, words_of(language))
        other = page_path(words_of(language).other, "search", **view.chosen)
        return _render("search.html", language, other, here="search", view=view)

    return await service.lanes.run(_work)


async def show_record(request: Request) -> Response:
    """Show one record: its fields, relations both ways, history, source and place in the log."""
    service, asker = await _ask(request)
    language = _language_of(request)
    name = request.path_params["name"]
    raw = request.scope["query_string"]

    def _work() -> Response:
        # The form sends an empty day where nothing was filled in.
        asked = read_question(AsOf, b"" if raw == b"asOf=" else raw)
        view = view_record(service, asker.principal, name, asked.as_of, words_of(language))
        day = _iso(asked.as_of)
        other = record_path(words_of(language).other, name, asOf=day)
        return _render("record.html", language, other, here="", view=view, day=day)

    return await service.lanes.run(_work)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


async def show_asset(request: Request) -> Response:
    """Give a file of the build under the name of its content, compressed for whoever takes that."""
    asset = load_assets().get(request.path_params["name"])
    if asset is None:
        raise NotFound()
    headers = {**IMMUTABLE, "Vary": "Accept-Encoding"}
    if asset.compressed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.compressed, 200, {**headers, "Content-Encoding": "gzip"}, asset.media_type)
    return Response(asset.content, 200, headers, asset.media_type)


async def show_error(request: Request, failure: Exception) -> Response:
    """Show an error as a page to people and as a problem document to programs."""
    if "text/html" not in request.headers.get("accept", "") and not request.url.path.startswith(("/nl", "/en")):
        return problem_response(failure)
    error: EendrachtError = recognise(failure)
    if status_of(error) == 404:
        error = NotFound()
    language = _language_of(request)
    status = status_of(error)
    title = error.title_nl if language == "nl" else error.title_en
    faults = [(fault.pointer, fault.nl if language == "nl" else fault.en) for fault in error.faults]
    other = page_path(words_of(language).other, "home")
    page = _render("error.html", language, other, status, here="", title=title, faults=faults, is_absent=status == 404)
    page.headers.update(problem_headers(error))
    return page


_SHOWS: Final = {"home": show_home, "search": show_search}

routes: Final = [
    Route("/", show_start),
    Route(f"{ASSETS_PATH}/{{name}}", show_asset),
    *(Route(path, _SHOWS[page]) for page, paths in PAGES.items() for path in paths.values()),
    *(Route(f"/{language}/records/{{name:path}}", show_record) for language in LANGUAGES),
]
