"""What a page of the site is, and the visit of one to it: who asks, in which language, with what in hand.

A page is a synchronous function from a `Visit` to a response. The frame does the rest: it finds out who asks, reads and
checks a form, and keeps the event loop free. Pages of wings are made in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final, Literal

from starlette.responses import RedirectResponse, Response

from eendracht.kernel.access import PUBLIC, Principal
from eendracht.kernel.audit import Audit
from eendracht.kernel.errors import Denied, Unauthenticated
from eendracht.kernel.instance import Instance
from eendracht.kernel.sessions import Session, Sessions
from eendracht.kernel.store import Store
from eendracht.kit.forms import Posted
from eendracht.kit.i18n import Language, Words
from eendracht.kit.landscapes import Landscapes
from eendracht.kit.oidc import Door, Provider
from eendracht.kit.paths import Paths
from eendracht.kit.personas import Persona
from eendracht.kit.templating import Templates

FORM_KEY: Final = "formKey"
"""Name of the hidden field by which a form of a session is told from a forged one."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its path behind the language in Dutch and English, and what shows it.

    `takes` is what may be sent to it; a form with a file is taken from who is signed in. Where `keeps_typed`, the page
    itself shows again what was sent with a session that ended; else the frame refuses that. Of a file that comes with a
    form (`form-or-file`) at most `file_bytes` are kept, so that the page can say that it was too large.
    """

    code: str
    nl: str
    en: str
    show: Callable[[Visit], Response]
    takes: Literal["nothing", "form", "file", "form-or-file"] = "nothing"
    keeps_typed: bool = False
    file_bytes: int = 0
    menu: str = ""
    """The text (English) under which it stands in the menu; empty for a page that does not."""
    icon: str = ""
    is_for: Callable[[Principal], bool] = lambda _: True
    """To whom the menu shows it; the page itself refuses whoever may not see it."""
    welcomes: Callable[[Principal], bool] = lambda _: False
    """Who comes here after signing in, where they asked for no other page."""
    wing: str = ""
    """The wing that brings it; set by the frame."""

    @property
    def paths(self) -> Mapping[Language, str]:
        """The path in each language."""
        return {"nl": f"/nl/{self.nl}".rstrip("/"), "en": f"/en/{self.en}".rstrip("/")}


@dataclass(frozen=True, slots=True)
class Site:
    """What every page of one node shares."""

    instance: Instance
    pages: tuple[Page, ...]
    paths: Paths
    templates: Templates
    sessions: Sessions
    audit: Audit
    landscapes: Landscapes
    providers: Mapping[Door, Provider]
    words: Mapping[Language, Words]
    personas: tuple[Persona, ...]

    def has(self, page: Page, asker: Principal) -> bool:
        """Tell whether a page is there for somebody: that of a wing that is off is not."""
        return not page.wing or self.instance.store.switches.is_open(page.wing, asker)


@dataclass(frozen=True)
class Visit:
    """One request for a page."""

    site: Site
    page: Page
    language: Language
    principal: Principal = PUBLIC
    session: Session | None = None
    name: str = ""
    """What the page is about, from its path."""
    query: bytes = b""
    posted: Posted | None = None
    """What was sent, once it is sure that it comes from our own form."""
    file: UploadedFile | None = None
    is_stale: bool = False
    """Whether what was sent came with a session that has ended, or from a form of another one."""
    secret: str = field(default="", repr=False)
    """The secret of the session."""
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def store(self) -> Store:
        """The records."""
        return self.site.instance.store

    @property
    def words(self) -> Words:
        """The words of the language."""
        return self.site.words[self.language]

    @property
    def form_key(self) -> str:
        """What forms of this session carry."""
        return self.session.form_key if self.session else ""

    @property
    def subject(self) -> str:
        """The vault subject of the citizen or entrepreneur who is signed in; empty for whoever is none."""
        return self.principal.subject if self.session else ""

    def sent(self, name: str) -> str:
        """Give the first text that was sent under a name, without blanks around it; empty where there is none."""
        return ((self.posted or {}).get(name) or [""])[0].strip()

    def to(self, page: str, name: str = "", /, **parameters: str | None) -> str:
        """Give the path of a page in the language of the visit."""
        return self.site.paths.to(self.language, page, name, **parameters)

    def require_session(self) -> Session:
        """Give the session; raises Unauthenticated where nobody is signed in."""
        if self.session is None:
            raise Unauthenticated("This page is for who is signed in", hint="Sign in first.")
        return self.session

    def require_staff(self) -> Session:
        """Give the session; raises Unauthenticated where nobody is signed in, Denied for a citizen or entrepreneur."""
        session = self.require_session()
        if self.subject:
            raise Denied("This page is for who works for an organisation")
        return session

    def render(self, template: str, status: int = 200, *, other: str | None = None, **values: Any) -> Response:
        """Give a page; `other` is its path in the other language, where that is not the same page asked alike."""
        if other is None:
            other = self.site.paths.to(self.words.other, self.page.code, self.name)
            if self.query and self.posted is None:
                other += "?" + self.query.decode("ascii", "replace")
        html = self.site.templates.render(
            self.language,
            template,
            visit=self,
            menu=[page for page in self.site.pages if page.menu and self._is_offered(page)],
            other_path=other,
            status=status,
            **values,
        )
        headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
        headers["Content-Language"] = self.language
        return Response(html, status, headers, "text/html; charset=utf-8")

    def _is_offered(self, page: Page) -> bool:
        return page.is_for(self.principal) and self.site.has(page, self.principal)

    def redirect(self, page: str, name: str = "", /, **parameters: str | None) -> Response:
        """Send the browser to a page, after something was done."""
        return RedirectResponse(self.to(page, name, **parameters), 303)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came with a form: the name that it claims, made harmless, its content, and how large it was.

    The content lies in a file without a name, which is gone when it is closed or its process ends; the frame closes it.
    """

    name: str
    content: IO[bytes]
    size: int
