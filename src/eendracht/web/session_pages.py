"""Signing in and out: as a persona of a demonstration, or at a provider: one for staff, one for everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse, Response

from eendracht.kernel.access import Principal
from eendracht.kernel.credentials import find_principal
from eendracht.kernel.errors import Denied, NotFound, UsageFault
from eendracht.kernel.sessions import Way
from eendracht.kit.identification import SignInRefused
from eendracht.kit.oidc import MINUTES, Door
from eendracht.kit.pages import Visit
from eendracht.kit.paths import is_own_path
from eendracht.kit.personas import Persona, name_principal
from eendracht.kit.questions import read_question
from eendracht.web.headers import allow_form_to
from eendracht.web.queries import SignInQuestion
from eendracht.web.site import cookie_name


@dataclass(frozen=True, slots=True)
class _Return:
    """Where the answer of a provider comes in, and what stands behind the name of the cookie of who asked."""

    page: str
    cookie: str


_RETURNS: Final[dict[Door, _Return]] = {
    "person": _Return("person-return", "-person-return"),
    "staff": _Return("sign-in-return", "-return"),
}
_DOORS: Final[tuple[Door, ...]] = ("person", "staff")


@dataclass(frozen=True, slots=True)
class _Choice:
    """A persona as a page shows it."""

    name: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class _Way:
    """One door of the sign-in page: whether it has a provider, and its personas."""

    code: Door
    has_provider: bool
    personas: tuple[_Choice, ...]


def show_sign_in(visit: Visit) -> Response:
    """Show the ways to sign in; of what is sent, begin a session."""
    if visit.posted is not None:
        return _sign_in(visit)
    asked = read_question(SignInQuestion, visit.query)
    return _show(visit, asked.next if is_own_path(asked.next) else "", asked.ended)


def _show(visit: Visit, following: str, ended: Door | Literal[""]) -> Response:
    providers = visit.site.providers
    has_ended = ended if visit.session is None else ""
    provider = providers.get(has_ended) if has_ended else None
    page = visit.render(
        "sign_in.html",
        next=following,
        doors=[_door(door, visit) for door in _DOORS],
        label=name_visitor(visit, visit.site.personas),
        ended=has_ended,
        end=provider.find_end() if provider else "",
        other=_other(visit),
    )
    if providers:
        page.headers["Content-Security-Policy"] = allow_form_to(
            dict.fromkeys(provider.origin for provider in providers.values())
        )
    return page


def name_visitor(visit: Visit, personas: Sequence[Persona]) -> str:
    """Give what whoever is signed in is called on a page."""
    if visit.subject and visit.session and visit.session.way == "persona":
        for persona in personas:
            if persona.find_subject(visit.site.instance) == visit.subject:
                return visit.words.gettext(persona.title)
    return name_principal(visit.principal.name, visit.words, personas)


def _other(visit: Visit) -> str:
    return visit.site.paths.to(visit.words.other, "sign-in")


def _door(door: Door, visit: Visit) -> _Way:
    chosen = [persona for persona in _personas(visit) if persona.is_person == (door == "person")]
    return _Way(door, door in visit.site.providers, tuple(_choice(persona, visit) for persona in chosen))


def _choice(persona: Persona, visit: Visit) -> _Choice:
    return _Choice(persona.name, visit.words.gettext(persona.title), visit.words.gettext(persona.about))


def _personas(visit: Visit) -> tuple[Persona, ...]:
    return visit.site.personas if visit.site.instance.settings.mode == "demo" else ()


def _sign_in(visit: Visit) -> Response:
    posted = visit.posted or {}
    way = (posted.get("way") or [""])[0]
    following = (posted.get("next") or [""])[0]
    if way == "oidc":
        wanted = (posted.get("door") or ["staff"])[0]
        for door in visit.site.providers:
            if door == wanted:
                return _go_to_provider(visit, door, following)
    if way != "persona":
        raise UsageFault("There is no such way to sign in")
    name = (posted.get("persona") or [""])[0]
    chosen = {persona.name: persona for persona in _personas(visit)}
    if name not in chosen:
        visit.site.audit.note("sign-in-refused", "public", reason="no-persona")
        raise Denied("There is no such persona here")
    try:
        principal = find_principal(visit.store, chosen[name].principal_name(visit.site.instance))
    except NotFound:
        raise Denied("This persona was not made yet", hint="Run: eendracht demo.") from None
    return _begin(visit, principal, "persona", following)


def _begin(visit: Visit, principal: Principal, way: Way, following: str) -> Response:
    if visit.secret:
        visit.site.sessions.end(visit.secret)
    secret = visit.site.sessions.begin(principal.name, way)
    visit.site.audit.note("sign-in", principal.name, reason=way)
    path = following if is_own_path(following) else _welcome(visit, principal)
    return _with_cookie(visit, RedirectResponse(path, 303), secret)


def _welcome(visit: Visit, principal: Principal) -> str:
    """Give where somebody comes who asked for no page."""
    pages = (page for page in visit.site.pages if page.welcomes(principal) and visit.site.has(page, principal))
    page = next(pages, None)
    return visit.to(page.code if page else "home")


def _go_to_provider(visit: Visit, door: Door, following: str) -> Response:
    wanted = following if is_own_path(following) else ""
    question = visit.site.providers[door].ask(_return_address(visit, door), wanted, visit.language)
    response = RedirectResponse(question.address, 303)
    return _with_cookie(visit, response, question.browser_secret, _RETURNS[door].cookie, 60 * MINUTES)


def _return_address(visit: Visit, door: Door) -> str:
    """Give where a provider sends the browser back: one address for each, which it knows."""
    own = visit.site.instance.settings.own_addresses[0]
    return own + visit.site.paths.to("nl", _RETURNS[door].page)


def show_return(visit: Visit) -> Response:
    """Take the answer of the provider of staff, and begin a session."""
    return _take_return(visit, "staff")


def show_person_return(visit: Visit) -> Response:
    """Take the answer of the provider of citizens and entrepreneurs, and begin a session."""
    return _take_return(visit, "person")


def _take_return(visit: Visit, door: Door) -> Response:
    answer = dict(parse_qsl(visit.query.decode("ascii", "replace"), max_num_fields=20))
    browser = visit.cookies.get(cookie_name(visit.site) + _RETURNS[door].cookie, "")
    if door not in visit.site.providers:
        raise NotFound()
    try:
        found = visit.site.providers[door].take_answer(answer, browser)
    except SignInRefused as refused:
        visit.site.audit.note("sign-in-refused", "public", reason=refused.reason)
        raise
    response = _begin(replace(visit, language=found.language), found.principal, "oidc", found.following)
    _drop_cookie(visit, response, _RETURNS[door].cookie)
    return response


def _with_cookie(
    visit: Visit, response: Response, secret: str, suffix: str = "", seconds: int | None = None
) -> Response:
    is_secure = visit.site.instance.settings.address.startswith("https://")
    name = cookie_name(visit.site) + suffix
    response.set_cookie(name, secret, seconds, path="/", httponly=True, samesite="lax", secure=is_secure)
    response.headers["Cache-Control"] = "no-store"
    return response


def _drop_cookie(visit: Visit, response: Response, suffix: str = "") -> None:
    # A browser takes nothing under a name that begins with __Host- unless it is secure, not even its end.
    is_secure = visit.site.instance.settings.address.startswith("https://")
    name = cookie_name(visit.site) + suffix
    response.delete_cookie(name, path="/", secure=is_secure, httponly=True, samesite="lax")


def show_sign_out(visit: Visit) -> Response:
    """End the session and go home; who came by the provider is told that it may still know them."""
    if visit.posted is None:
        return visit.redirect("home")
    if visit.session is not None:
        visit.site.sessions.end(visit.secret)
        visit.site.audit.note("sign-out", visit.principal.name)
    at_provider = visit.session is not None and visit.session.way == "oidc"
    door: Door = "person" if visit.subject else "staff"
    response = visit.redirect("sign-in", ended=door) if at_provider else visit.redirect("home")
    _drop_cookie(visit, response)
    # What was seen while signed in must not come back with the back button.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
