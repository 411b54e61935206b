"""Signing in and out: as a persona of a demonstration, or at the identity provider of the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse, Response

from eendracht.kernel.credentials import find_principal
from eendracht.kernel.errors import Denied, NotFound, UsageFault
from eendracht.kit.oidc import MINUTES, SignInRefused
from eendracht.kit.pages import Visit
from eendracht.kit.paths import is_own_path
from eendracht.kit.personas import Persona, name_principal
from eendracht.kit.questions import read_question
from eendracht.web.headers import allow_form_to
from eendracht.web.queries import SignInQuestion
from eendracht.web.site import cookie_name

RETURN_SUFFIX: Final = "-return"
"""Behind the name of the cookie by which the answer of a provider is known to come to who asked."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A persona as a page shows it."""

    name: str
    title: str
    about: str


def show_sign_in(visit: Visit) -> Response:
    """Show the ways to sign in; of what is sent, begin a session."""
    if visit.posted is not None:
        return _sign_in(visit)
    asked = read_question(SignInQuestion, visit.query)
    return _show(visit, asked.next if is_own_path(asked.next) else "", bool(asked.ended))


def _show(visit: Visit, following: str, has_ended: bool) -> Response:
    label = name_principal(visit.principal.name, visit.words, visit.site.personas)
    personas = [_choice(persona, visit) for persona in _personas(visit)]
    provider = visit.site.provider
    page = visit.render(
        "sign_in.html",
        next=following,
        personas=personas,
        provider=provider.origin if provider.is_there else "",
        label=label,
        has_ended=has_ended and visit.session is None,
        end=provider.find_end() if has_ended and visit.session is None else "",
        other=_other(visit),
    )
    if provider.is_there:
        page.headers["Content-Security-Policy"] = allow_form_to(provider.origin)
    return page


def _other(visit: Visit) -> str:
    return visit.site.paths.to(visit.words.other, "sign-in")


def _choice(persona: Persona, visit: Visit) -> _Choice:
    return _Choice(persona.name, visit.words.gettext(persona.title), visit.words.gettext(persona.about))


def _personas(visit: Visit) -> tuple[Persona, ...]:
    return visit.site.personas if visit.site.instance.settings.mode == "demo" else ()


def _sign_in(visit: Visit) -> Response:
    posted = visit.posted or {}
    way = (posted.get("way") or [""])[0]
    following = (posted.get("next") or [""])[0]
    if way == "oidc" and visit.site.provider.is_there:
        return _go_to_provider(visit, following)
    if way != "persona":
        raise UsageFault("There is no such way to sign in")
    name = (posted.get("persona") or [""])[0]
    if name not in {persona.name for persona in _personas(visit)}:
        visit.site.audit.note("sign-in-refused", "public", reason="no-persona")
        raise Denied("There is no such persona here")
    try:
        principal = find_principal(visit.store, name)
    except NotFound:
        raise Denied("This persona was not made yet", hint="Run: eendracht demo.") from None
    if visit.secret:
        visit.site.sessions.end(visit.secret)
    secret = visit.site.sessions.begin(principal.name, "persona")
    visit.site.audit.note("sign-in", principal.name, reason="persona")
    path = following if is_own_path(following) else visit.to("home")
    return _with_cookie(visit, RedirectResponse(path, 303), secret)


def _go_to_provider(visit: Visit, following: str) -> Response:
    wanted = following if is_own_path(following) else visit.to("home")
    question = visit.site.provider.ask(_return_address(visit), wanted)
    response = RedirectResponse(question.address, 303)
    return _with_cookie(visit, response, question.browser_secret, RETURN_SUFFIX, 60 * MINUTES)


def _return_address(visit: Visit) -> str:
    """Give where the provider sends the browser back: one address, which the provider knows."""
    own = visit.site.instance.settings.own_addresses[0]
    return own + visit.site.paths.to("nl", "sign-in-return")


def show_return(visit: Visit) -> Response:
    """Take the answer of the provider, and begin a session."""
    answer = dict(parse_qsl(visit.query.decode("ascii", "replace"), max_num_fields=20))
    browser = visit.cookies.get(cookie_name(visit.site) + RETURN_SUFFIX, "")
    try:
        principal, following = visit.site.provider.take_answer(answer, browser)
    except SignInRefused as refused:
        visit.site.audit.note("sign-in-refused", "public", reason=refused.reason)
        raise
    if visit.secret:
        visit.site.sessions.end(visit.secret)
    secret = visit.site.sessions.begin(principal.name, "oidc")
    visit.site.audit.note("sign-in", principal.name, reason="oidc")
    response = _with_cookie(visit, RedirectResponse(following, 303), secret)
    _drop_cookie(visit, response, RETURN_SUFFIX)
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
    response = visit.redirect("sign-in", ended="1") if at_provider else visit.redirect("home")
    _drop_cookie(visit, response)
    # What was seen while signed in must not come back with the back button.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
