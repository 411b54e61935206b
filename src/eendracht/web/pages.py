"""The pages of the frame, in Dutch and English; each works without a script."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from jinja2 import PackageLoader
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from eendracht.kernel.errors import NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.sessions import Sessions
from eendracht.kernel.wing import load_parts
from eendracht.kit.assets import PATH as ASSETS_PATH
from eendracht.kit.assets import asset_path, load_assets
from eendracht.kit.i18n import LANGUAGES, Language, gettext_noop, words_of
from eendracht.kit.landscapes import Landscapes
from eendracht.kit.oidc import open_providers
from eendracht.kit.pages import Page, Site, Visit
from eendracht.kit.paths import Paths
from eendracht.kit.personas import PERSONAS, name_principal
from eendracht.kit.questions import Nothing, read_question
from eendracht.kit.routing import IMMUTABLE
from eendracht.kit.templating import Templates
from eendracht.web import import_pages, overview_pages, population_pages, rule_pages
from eendracht.web.edit_pages import may_write_somewhere, show_edit, show_kinds, show_new
from eendracht.web.graph_view import draw_neighbours
from eendracht.web.home_view import view_home
from eendracht.web.queries import RecordListing, RecordPageQuestion
from eendracht.web.record_view import view_record
from eendracht.web.search_view import view_search
from eendracht.web.session_pages import name_visitor, show_person_return, show_return, show_sign_in, show_sign_out
from eendracht.web.site import Gate, route_of


def show_home(visit: Visit) -> Response:
    """Show the six priorities with what there is of each."""
    read_question(Nothing, visit.query)
    wings = [wing.name for wing in visit.site.instance.open_wings(visit.principal)]
    # What is not at hand is not worked out here: the home page stays quick.
    tasks = visit.site.landscapes.peek_tasks(visit.store, visit.principal) if visit.session else None
    view = view_home(visit.store, visit.principal, visit.words, wings)
    return visit.render("home.html", view=view, tasks=tasks, has_tasks=may_write_somewhere(visit.principal))


def show_search(visit: Visit) -> Response:
    """Show what a search finds, with counts per facet as links."""
    asked = read_question(RecordListing, visit.query)
    view = view_search(visit.store, visit.principal, asked, visit.words)
    return visit.render("search.html", view=view, other=_in_other_language(visit, **view.chosen))


def _in_other_language(visit: Visit, **parameters: str) -> str:
    return visit.site.paths.to(visit.words.other, visit.page.code, visit.name, **parameters)


def show_record(visit: Visit) -> Response:
    """Show one record: its fields, relations both ways, history, source and place in the log."""
    # The form sends an empty day where nothing was filled in.
    asked = read_question(RecordPageQuestion, b"" if visit.query == b"asOf=" else visit.query)
    view = view_record(visit.site.instance, visit.principal, visit.name, asked.as_of, visit.words)
    day = asked.as_of.isoformat() if asked.as_of else ""
    may_edit = visit.session is not None and visit.principal.may_write(view.record.owner)
    graph = draw_neighbours(view.record, view.neighbours, visit.words, lambda ref: visit.to("record", ref, asOf=day))
    return visit.render("record.html", view=view, graph=graph, day=day, recorded=asked.recorded, may_edit=may_edit)


PAGES: Final = (
    Page("home", "", "", show_home, menu=gettext_noop("Home"), icon="home"),
    Page("search", "zoeken", "search", show_search, menu=gettext_noop("Search"), icon="search"),
    Page("record", "records/{name}", "records/{name}", show_record),
    Page("edit", "bewerken/{name}", "edit/{name}", show_edit, "form", True),
    Page(
        "new",
        "nieuw",
        "new",
        show_kinds,
        menu=gettext_noop("Record something new"),
        icon="plus",
        is_for=may_write_somewhere,
    ),
    Page("new-record", "nieuw/{name}", "new/{name}", show_new, "form", True),
    Page("organisation", "organisaties/{name}", "organisations/{name}", overview_pages.show_organisation),
    Page("supplier", "leveranciers/{name}", "suppliers/{name}", overview_pages.show_supplier),
    Page("impact", "uitval/{name}", "failure/{name}", overview_pages.show_impact),
    Page("map", "kaart", "map", overview_pages.show_map, menu=gettext_noop("Map"), icon="map"),
    Page(
        "findings",
        "bevindingen",
        "findings",
        overview_pages.show_findings,
        menu=gettext_noop("Findings"),
        icon="alert-triangle",
    ),
    Page("finding", "bevindingen/{name}", "findings/{name}", overview_pages.show_finding),
    Page(
        "regulations",
        "regelbank",
        "rulebook",
        rule_pages.show_regulations,
        menu=gettext_noop("Rulebook"),
        icon="book",
    ),
    Page("regulation", "regelbank/{name}", "rulebook/{name}", rule_pages.show_regulation),
    # Nothing is done here but to work something out, so a form needs no session.
    Page("case", "regel-proberen/{name}", "try-a-rule/{name}", rule_pages.show_case, "form", True),
    Page("population-run", "doorrekenen", "population-runs", population_pages.show_run, "form"),
    Page("law-impact", "wetswijziging", "change-of-law", population_pages.show_change, "form"),
    Page("run-result", "doorrekenen/{name}", "population-runs/{name}", population_pages.show_result),
    Page(
        "tasks",
        "mijn-taken",
        "my-tasks",
        overview_pages.show_tasks,
        "form",
        menu=gettext_noop("My tasks"),
        icon="checklist",
        is_for=may_write_somewhere,
    ),
    Page(
        "audit",
        "audit",
        "audit",
        overview_pages.show_audit,
        menu=gettext_noop("Audit"),
        icon="history",
        is_for=overview_pages.may_read_audit,
    ),
    Page(
        "import",
        "importeren",
        "import",
        import_pages.show_import,
        "file",
        menu=gettext_noop("Import"),
        icon="file-import",
        is_for=may_write_somewhere,
    ),
    Page("import-check", "importeren/{name}", "import/{name}", import_pages.show_check, "form"),
    Page(
        "jobs",
        "werk",
        "jobs",
        import_pages.show_jobs,
        "form",
        menu=gettext_noop("Jobs"),
        icon="progress",
        is_for=import_pages.may_have_jobs,
    ),
    Page("job", "werk/{name}", "jobs/{name}", import_pages.show_job, "form"),
    Page("node", "knooppunt", "node", overview_pages.show_node),
    Page("help", "hulp", "help", overview_pages.show_help),
    Page("accessibility", "toegankelijkheid", "accessibility", overview_pages.show_accessibility),
    Page("sign-in", "aanmelden", "sign-in", show_sign_in, "form"),
    Page("sign-in-return", "aanmelden/terug", "sign-in/return", show_return),
    Page("person-return", "aanmelden/burger/terug", "sign-in/person/return", show_person_return),
    Page("sign-out", "afmelden", "sign-out", show_sign_out, "form"),
)
"""Every page of the frame."""


_EMBEDDED: Final = "deur.js"
"""The component that pages of other sites place; its address there stays, whatever its content."""
_FOR_OTHER_SITES: Final = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


async def show_asset(request: Request) -> Response:
    """Give a file of the build under the name of its content, compressed for whoever takes that."""
    asset = load_assets().get(request.path_params["name"])
    if asset is None:
        raise NotFound()
    headers = {**IMMUTABLE, "Vary": "Accept-Encoding"}
    if asset is load_assets().get(asset_path(_EMBEDDED).rpartition("/")[2]):
        headers |= _FOR_OTHER_SITES
    if asset.compressed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.compressed, 200, {**headers, "Content-Encoding": "gzip"}, asset.media_type)
    return Response(asset.content, 200, headers, asset.media_type)


def make_site(instance: Instance, landscapes: Landscapes) -> Site:
    """Give the site of a node with all its pages."""
    settings, wings = instance.settings, instance.wings
    pages = (*PAGES, *(replace(page, wing=wing.name) for wing in wings for page in wing.load("pages")))
    personas = (*PERSONAS, *load_parts(wings, "personas"))
    words = {language: words_of(language, wings) for language in LANGUAGES}
    parts = {wing.name: PackageLoader(wing.templates_package) for wing in wings if wing.pages}

    def more(language: Language) -> dict[str, Any]:
        return {
            "name_principal": lambda visit: name_visitor(visit, personas),
            "name_author": lambda name: name_principal(name, words[language], personas),
        }

    return Site(
        instance=instance,
        pages=pages,
        paths=Paths(pages),
        templates=Templates(PackageLoader("eendracht.web"), words, more, parts, settings.templates_cache_folder),
        words=words,
        personas=personas,
        sessions=Sessions(
            instance.store,
            settings.session_idle_minutes,
            settings.session_hours,
            (settings.person_session_idle_minutes, settings.person_session_hours),
        ),
        audit=instance.audit,
        landscapes=landscapes,
        providers=open_providers(instance),
    )


def list_routes(gate: Gate) -> list[Route]:
    """Give the routes of the pages and of the files that they load."""

    async def _show_start(request: Request) -> Response:
        return RedirectResponse(f"/{gate.site.instance.settings.language}", 302)

    async def _show_embedded(request: Request) -> Response:
        if not gate.site.instance.store.switches.is_on("services"):
            raise NotFound()
        headers = {**_FOR_OTHER_SITES, "Cache-Control": "public, max-age=300"}
        return RedirectResponse(asset_path(_EMBEDDED), 302, headers)

    return [
        Route("/", _show_start),
        Route(f"{ASSETS_PATH}/{{name}}", show_asset),
        Route(f"/{_EMBEDDED}", _show_embedded),
        *(
            Route(route_of(page, language), gate.serve(page, language), methods=["GET", "POST"])
            for page in gate.site.pages
            for language in LANGUAGES
        ),
    ]
