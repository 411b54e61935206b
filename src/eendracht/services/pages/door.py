"""The page of the right door: a question in people's own words, and the services that it may be about.

The question is sent by a form and comes back in it, without a citizen service number; it is written nowhere, and stands
in no address. A helper may sit beside: then every page says so, and nothing of who is helped is looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import StringConstraints
from starlette.responses import RedirectResponse, Response

from eendracht.kernel.errors import NotFound
from eendracht.kernel.records import Record
from eendracht.kernel.wording import Said
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, Question, read_question
from eendracht.services.door.answer import Answer, Hit
from eendracht.services.door.authorities import find_home
from eendracht.services.door.places import NOWHERE, Place, find_place, list_places, name_place
from eendracht.services.door.screening import MOST_CHARACTERS, screen
from eendracht.services.experience.door import carry, count_onward, count_question
from eendracht.services.pages.experience import works_somewhere

AUDIENCES: Final = ("citizen", "business")


class OnwardQuestion(Question):
    """The passage from which somebody goes on."""

    passage: Annotated[str, StringConstraints(max_length=2_000)] = ""


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit as people see it, with the ways on from it; a way that is not there is empty."""

    name: str
    hit: Hit
    authority: Said
    organisation: str
    """Ref of the body, where this node has a record of it."""
    service: str
    """Name under which the page of the service stands."""
    apply: str
    """Name under which the form stands."""
    site: str
    """Address at which the body itself takes it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody sent, as it comes back in the page."""

    text: str = ""
    municipality: str = ""
    audience: str = ""
    place: Place = NOWHERE
    wants_person: bool = False

    @property
    def code(self) -> str:
        """The municipality that was recognised."""
        return self.place.code

    @property
    def organisation(self) -> str:
        """The ref of that municipality; empty where none was recognised."""
        return f"organisation:{self.code}" if self.code else ""

    @property
    def home(self) -> str:
        """What the municipality is called that stands there now; empty where that is not known."""
        body = find_home(self.code).municipality
        return name_place(body) if body else ""


def show_door(visit: Visit) -> Response:
    """Ask what somebody is looking for, and show which services it may be about."""
    return _show(visit, is_assisted=False)


def show_assisted(visit: Visit) -> Response:
    """Do the same with a helper beside: at a counter, in a library or by telephone."""
    return _show(visit, is_assisted=True)


def _show(visit: Visit, *, is_assisted: bool) -> Response:
    read_question(Nothing, visit.query)
    from eendracht.services.door.recorded import prepare_door  # arrays come with the first question

    prepare_door(visit.store)
    asked = read_asked(visit)
    answer = find(visit, asked) if read_one(visit, "q").strip() else None
    instance = visit.site.instance
    sent = read_one(visit, "passage")
    passage = None
    if answer is not None:
        passage = count_question(instance, sent, asked.organisation, is_assisted=is_assisted)
    is_empty = visit.posted is not None and answer is None and not asked.wants_person
    page = visit.render(
        "services/door.html",
        422 if is_empty else 200,
        asked=asked,
        answer=answer,
        hits=[view_hit(visit, hit) for hit in answer.hits] if answer else [],
        passage_text=carry(instance, passage),
        is_assisted=is_assisted,
        is_empty=is_empty,
        audiences=AUDIENCES,
        places=list_places(),
        events=list_events(visit),
        event=answer.event if answer is not None else None,
        is_staff=works_somewhere(visit.principal),
        longest=MOST_CHARACTERS,
    )
    page.headers["Cache-Control"] = "no-store"
    if is_assisted and visit.posted is None:
        # A new start for the next person: nothing of the last one comes back by the button of the browser.
        page.headers["Clear-Site-Data"] = '"cache"'
    return page


def read_asked(visit: Visit) -> Asked:
    """Read what was sent; a citizen service number in it does not come back."""
    sent = {name: read_one(visit, name) for name in ("q", "municipality", "audience", "do")}
    # An address of a place is a place: no number of a person stands in the page that comes back.
    typed = screen(sent["municipality"][:200]).text
    audience = sent["audience"] if sent["audience"] in AUDIENCES else ""
    return Asked(screen(sent["q"]).text, typed, audience, find_place(typed), sent["do"] == "person")


def read_one(visit: Visit, name: str) -> str:
    """Give one field of what was sent; nothing where it is not there."""
    return ((visit.posted or {}).get(name) or [""])[0]


def find(visit: Visit, asked: Asked) -> Answer:
    """Ask the door of this node; what was typed is screened once more there, so that its remarks are complete."""
    from eendracht.services.door.recorded import door_of

    return door_of(visit.store).find(read_one(visit, "q"), municipality=asked.code, audience=asked.audience)


def view_hit(visit: Visit, hit: Hit) -> HitView:
    """Give a hit with the ways on that this node has."""
    term = hit.uri.rpartition("/")[2]
    record = _get(visit, hit.service) if hit.service else None
    ref = f"organisation:{hit.authority.code}" if hit.authority.code else ""
    paths = visit.site.paths
    return HitView(
        hit.name[:1].upper() + hit.name[1:],
        hit,
        hit.authority.name,
        ref if ref and _get(visit, ref) else "",
        (hit.service or term) if "service" in paths else "",
        term if "apply-form" in paths and has_form(term) else "",
        _site_of(visit, record),
    )


def _get(visit: Visit, ref: str) -> Record | None:
    try:
        return visit.store.get(ref, visit.principal)
    except NotFound:
        return None


def _site_of(visit: Visit, record: Record | None) -> str:
    """Give the address at which a body takes a service online, as it recorded it itself."""
    spec = record.spec(visit.store.registry) if record else {}
    for channel in spec.get("channels", ()):
        url = str(channel.get("url") or "")
        if channel["type"] == "online" and url.startswith(("https://", "http://")):
            return url
    return ""


def has_form(term: str) -> bool:
    """Tell whether a form is about a product by its UPL term, or about an event by its code."""
    from eendracht.services.forms.form import benefits_for

    try:
        return bool(term) and bool(benefits_for(term))
    except NotFound:
        return False


def list_events(visit: Visit) -> dict[str, list[tuple[str, str]]]:
    """Give code and name of the events by which somebody may browse, those of a life and of a business."""
    if "services" not in visit.site.paths:
        return {}
    from eendracht.reference.life_events import load_life_events

    found: dict[str, list[tuple[str, str]]] = {"life": [], "business": []}
    for event in load_life_events():
        found[event.type].append((event.code, event.name(visit.language)))
    return found


def show_onward(visit: Visit) -> Response:
    """Count that somebody goes on, and send the browser there: a page of this site, or the one that a body recorded."""
    asked = read_question(OnwardQuestion, visit.query)
    way, _, name = visit.name.partition("/")
    if way == "site":
        record = _get(visit, name)
        target = _site_of(visit, record) if record and record.kind == "public-service" else ""
    else:
        page = {"service": "service", "apply": "apply-form"}.get(way, "")
        target = visit.to(page, name) if name and page in visit.site.paths else ""
    if not target:
        raise NotFound()
    count_onward(visit.site.instance, asked.passage)
    return RedirectResponse(target, 303, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})


PAGES: Final = (
    Page("door", "deur", "door", show_door, "form", True, menu=gettext_noop("Find a service"), icon="door-enter"),
    Page("door-onward", "deur/verder/{name}", "door/onward/{name}", show_onward),
    Page("assisted", "meehelpen", "help-somebody", show_assisted, "form", True),
)
