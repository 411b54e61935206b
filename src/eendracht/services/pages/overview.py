"""Mijn overzicht: the page of a citizen or entrepreneur, and the download of all that is known of them."""

from __future__ import annotations

from typing import Final

import orjson
from starlette.responses import Response

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import UsageFault
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.services.overview.assemble import make_overview
from eendracht.services.overview.choices import change_choice, read_scope, take_consent_back
from eendracht.services.overview.download import make_download
from eendracht.services.overview.own_file import open_own_file


def is_person(principal: Principal) -> bool:
    """Tell whether somebody is a citizen or entrepreneur."""
    return bool(principal.subject)


def show_overview(visit: Visit) -> Response:
    """Show what the government does for the person who is signed in, knows of them, and did with it."""
    read_question(Nothing, visit.query)
    visit.require_session()
    own = open_own_file(visit.site.instance, visit.principal)
    there = {page.code for page in visit.site.pages}
    page = visit.render("services/overview.html", overview=make_overview(own), there=there)
    page.headers["Cache-Control"] = "no-store"
    return page


def take_choice(visit: Visit) -> Response:
    """Keep an objection of the person who is signed in, or that it or a consent is taken back."""
    read_question(Nothing, visit.query)
    visit.require_session()
    posted = visit.posted or {}
    choice, about = ((posted.get(name) or [""])[0] for name in ("choice", "about"))
    if posted and choice not in ("stop", "allow", "revoke"):
        raise UsageFault("There is no such choice")
    if posted:
        own = open_own_file(visit.site.instance, visit.principal)
        if choice == "revoke":
            take_consent_back(own, about)
        else:
            change_choice(own, read_scope(about), is_stopped=choice == "stop")
    answer = visit.redirect("my-overview")
    answer.headers["Location"] += "#choices"
    return answer


def send_own_data(visit: Visit) -> Response:
    """Send all that is known of the person who is signed in, as a file."""
    read_question(Nothing, visit.query)
    visit.require_session()
    content = make_download(open_own_file(visit.site.instance, visit.principal))
    headers = {
        "Cache-Control": "no-store",
        "Vary": "Authorization, Cookie",
        "Content-Disposition": 'attachment; filename="mijn-gegevens.json"',
    }
    return Response(orjson.dumps(content, option=orjson.OPT_INDENT_2), 200, headers, "application/json")


PAGES: Final = (
    Page(
        "my-overview",
        "mijn-overzicht",
        "my-overview",
        show_overview,
        menu=gettext_noop("My overview"),
        icon="user",
        is_for=is_person,
        welcomes=is_person,
    ),
    Page("my-choices", "mijn-overzicht/keuzes", "my-overview/choices", take_choice, "form"),
    Page("my-data", "mijn-overzicht/gegevens", "my-overview/data", send_own_data),
)
"""The page, what is chosen on it, and the download."""
