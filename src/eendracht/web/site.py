"""The frame around the pages: who asks, what was sent, whether that is genuine, and what an error looks like."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from eendracht.kernel.access import PUBLIC
from eendracht.kernel.errors import Denied, EendrachtError, NotFound, TooManyRequests, Unauthenticated, UsageFault
from eendracht.kernel.sessions import Session
from eendracht.kit.body import read_bounded
from eendracht.kit.forms import Posted
from eendracht.kit.i18n import Language
from eendracht.kit.pages import FORM_KEY, Page, Site, UploadedFile, Visit
from eendracht.kit.paths import NAME
from eendracht.kit.problem import RequestRefused, problem_headers, problem_response, recognise, status_of
from eendracht.web.door import Failures
from eendracht.web.service import Service
from eendracht.web.upload import FORM_WITH_FILE, read_upload

MOST_ATTEMPTS: Final = 30
"""How many sign-ins one address may begin or end in a row; each second gives one back."""
_SIGN_IN: Final = ("sign-in", "sign-in-return", "person-return")
MOST_FIELDS: Final = 5_000
"""How many fields a form may hold."""
_FORM: Final = "application/x-www-form-urlencoded"


class FormRefused(Denied):
    """What was sent does not come from a form of this site."""

    code = "form-refused"
    title_nl = "Dit formulier komt niet van deze site"
    title_en = "This form does not come from this site"
    default_hint = "Open the page itself, fill in the form there and send it again."


class FormExpired(Unauthenticated):
    """The session of the form has ended; nothing was done."""

    code = "form-expired"
    title_nl = "U bent intussen afgemeld; er is niets gedaan"
    title_en = "You were signed out in the meantime; nothing was done"
    default_hint = "Sign in, and do it again."


class Gate:
    """Makes a visit of a request, and shows the page in the slow lane."""

    def __init__(self, service: Service, site: Site) -> None:
        self._service = service
        self.site = site
        settings = site.instance.settings
        self._origins = frozenset(settings.own_addresses)
        self.cookie = cookie_name(site)
        self._attempts = Failures()
        self._forgers = Failures()

    def serve(self, page: Page, language: Language) -> Callable[[Request], Awaitable[Response]]:
        """Give the endpoint of a page in a language."""

        async def _show_page(request: Request) -> Response:
            visit = await self.receive(request, page, language)
            try:
                return await self._service.lanes.run(page.show, visit)
            finally:
                if visit.file is not None:
                    visit.file.content.close()

        return _show_page

    async def receive(self, request: Request, page: Page, language: Language) -> Visit:
        """Give the visit; raises where the session or token does not hold, and where a form is not our own."""
        principal, session, secret = PUBLIC, None, ""
        if "authorization" in request.headers:
            principal = (await self._service.door.identify(request.scope)).principal
        else:
            secret = request.cookies.get(self.cookie, "")
            session = await self._service.lanes.run(self.site.sessions.find, secret) if secret else None
            principal = session.principal if session else PUBLIC
        if not await self._service.lanes.run(self.site.has, page, principal):
            raise NotFound()
        if request.method == "POST" and page.takes == "nothing":
            raise RequestRefused(405, "This page takes no form")
        posted, is_stale, file = None, False, None
        if page.code in _SIGN_IN and (request.method == "POST" or page.takes == "nothing"):
            await self._slow_down(request)
        if request.method == "POST":
            await self._check_origin(request, principal.name)
            if page.takes == "file" and session is None:
                raise FormExpired("A file is taken from who is signed in")
            posted, file = await self._take(request, page, principal.name, is_signed_in=session is not None)
            is_stale = not _is_genuine(posted, session) and page.code != "sign-in"
            if is_stale and file is not None:
                file.content.close()
                file = None
            if is_stale and not page.keeps_typed:
                raise FormExpired("The form belongs to a session that has ended")
        name = request.path_params.get("name", "")
        query = request.scope["query_string"]
        return Visit(
            self.site, page, language, principal, session, name, query, posted, file, is_stale, secret, request.cookies
        )

    async def _take(
        self, request: Request, page: Page, actor: str, *, is_signed_in: bool
    ) -> tuple[Posted, UploadedFile | None]:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if page.takes != "file" and not (page.takes == "form-or-file" and media_type == FORM_WITH_FILE):
            return await _read_form(request), None
        try:
            return await read_upload(request, page.file_bytes, is_kept=is_signed_in)
        except EendrachtError as refused:
            await self._service.lanes.run(self.site.audit.note, "upload-refused", actor, reason=refused.code)
            raise

    async def _slow_down(self, request: Request) -> None:
        """Refuse an address that tries to sign in over and over; each second gives one try back."""
        address = request.client.host if request.client else ""
        if self._attempts.level(address) >= MOST_ATTEMPTS:
            if not self._attempts.is_told(address):
                await self._service.lanes.run(self.site.audit.note, "too-many-attempts", "public")
            raise TooManyRequests("Too many sign-ins came from this address", extra={"retryAfter": 10})
        self._attempts.add(address)

    async def _check_origin(self, request: Request, actor: str) -> None:
        """Refuse what another site sent; browsers say so themselves, and a page cannot make them lie."""
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site", "same-origin")
        if (origin is not None and origin not in self._origins) or site not in ("same-origin", "none"):
            # Whoever sends many in a row must not fill the disk: then one a second is kept.
            address = request.client.host if request.client else ""
            if self._forgers.level(address) < MOST_ATTEMPTS:
                self._forgers.add(address)
                await self._service.lanes.run(self.site.audit.note, "forged-form", actor)
            raise FormRefused("The request comes from another site")

    async def show_error(self, request: Request, failure: Exception) -> Response:
        """Show an error as a page to people and as a problem document to programs."""
        accepts = request.headers.get("accept", "")
        if "text/html" not in accepts and not request.url.path.startswith(("/nl", "/en")):
            return problem_response(failure)
        error: EendrachtError = recognise(failure)
        if status_of(error) == 404:
            error = NotFound()
        language: Language = "en" if request.url.path.split("/")[1] == "en" else "nl"
        try:
            secret = request.cookies.get(self.cookie, "")
            session = await self._service.lanes.run(self.site.sessions.find, secret) if secret else None
        except EendrachtError:
            session = None
        visit = Visit(self.site, self.site.pages[0], language, session.principal if session else PUBLIC, session)
        if isinstance(error, Denied):
            await self._service.lanes.run(self.site.audit.note, "denied", visit.principal.name, reason=error.code)
        again = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        page = visit.render("error.html", status_of(error), error=error, again=again)
        page.headers.update(problem_headers(error))
        if status_of(error) == 401:
            # A browser would ask for a password that nobody has.
            del page.headers["WWW-Authenticate"]
        return page


def cookie_name(site: Site) -> str:
    """Give the name of the cookie; over HTTPS the prefix keeps others of the domain from setting it."""
    return "__Host-eendracht" if site.instance.settings.address.startswith("https://") else "eendracht"


def route_of(page: Page, language: Language) -> str:
    """Give the path of a page as the router takes it: a ref holds a slash, so a name is the whole rest."""
    return page.paths[language].replace(NAME, "{name:path}")


def _is_genuine(posted: Posted, session: Session | None) -> bool:
    sent = (posted.get(FORM_KEY) or ("",))[0]
    return session is not None and hmac.compare_digest(sent.encode(), session.form_key.encode())


async def _read_form(request: Request) -> Posted:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _FORM:
        raise RequestRefused(415, "This is not a form")
    body = await read_bounded(request)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise UsageFault(f"The form cannot be read: {error}") from None
    posted: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\0" in value:
            raise UsageFault("The form holds a NUL character", hint="Leave it out.")
        posted.setdefault(name, []).append(value)
    return posted
