"""The front office: one page for who helps people at a counter or by telephone.

What is typed about a person is sent by a form, stands in no address, and is kept nowhere; what is looked at is for a
purpose that was chosen, and on the journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from starlette.responses import Response

from eendracht.kernel.errors import Denied, EendrachtError, Fault, InvalidInput, NotFound
from eendracht.kernel.records import Record
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.services import front_office as office
from eendracht.services.case_views import CaseView
from eendracht.services.cases import name_of
from eendracht.services.door.answer import Answer
from eendracht.services.door.places import find_place, list_places
from eendracht.services.door.screening import MOST_CHARACTERS
from eendracht.services.experience.door import carry, count_onward, count_question
from eendracht.services.handover_views import HandoverContent
from eendracht.services.handovers import REASONS, Reason, accept, decline, open_content
from eendracht.services.pages.door import AUDIENCES, Asked, HitView, find, read_asked, read_one, view_hit
from eendracht.services.pages.experience import works_somewhere

_SHORT: Final = 200
LABELS: Final[Mapping[str, str]] = {
    "front-office/case-question": gettext_noop("A question on a case"),
    "front-office/hand-over": gettext_noop("Handing over to the right body"),
    "front-office/take-in": gettext_noop("Taking something in"),
    "bsn": gettext_noop("Citizen service number (BSN)"),
    "kvk": gettext_noop("Chamber of Commerce number (KvK)"),
    "email": gettext_noop("E-mail address"),
    "application": gettext_noop("application"),
    "objection": gettext_noop("objection"),
    "appeal": gettext_noop("appeal"),
    "message": gettext_noop("message or question"),
    "not-competent": gettext_noop("This is not for us"),
    "incomplete": gettext_noop("It is not complete"),
    "duplicate": gettext_noop("We have it already"),
    "other": gettext_noop("Another reason"),
}
"""What the codes on these pages mean, in English."""


@dataclass(frozen=True)
class Desk:
    """What lies on the desk: what was asked, what was found, and what is not right."""

    asked: Asked
    purpose: str = ""
    answer: Answer | None = None
    hits: Sequence[HitView] = ()
    services: Sequence[Record] = ()
    case: CaseView | None = None
    cases: Sequence[CaseView] | None = None
    is_absent: bool = False
    """A case was asked for that is not there, or may not be seen."""
    content: HandoverContent | None = None
    done: str = ""
    refused: EendrachtError | None = None
    passage_text: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_hand_over(self) -> bool:
        """Whether a hit may be handed to: there is no case yet, or one that is here and is not on its way already."""
        if self.case is None:
            return True
        under_way = any(view.state in ("offered", "escalated") for view in self.case.handovers)
        return self.case.is_responsible and not under_way


def show_front_office(visit: Visit) -> Response:
    """Show the desk: search, cases, and the hand-overs that wait."""
    read_question(Nothing, visit.query)
    _require_staff(visit)
    from eendracht.services.door.recorded import prepare_door  # arrays come with the first question

    prepare_door(visit.store)
    desk = Desk(read_asked(visit), read_one(visit, "purpose")[:_SHORT])
    if visit.posted is not None:
        try:
            desk = _serve(visit, desk)
        except (Denied, NotFound):
            raise
        except EendrachtError as error:
            desk = replace(desk, refused=error)
    return _render(visit, "services/front_office.html", desk)


def _require_staff(visit: Visit) -> None:
    visit.require_session()
    if not works_somewhere(visit.principal):
        raise Denied("This page is for who works at an organisation")


def _serve(visit: Visit, desk: Desk) -> Desk:
    """Do what a button asks."""
    instance, asker = visit.site.instance, visit.principal
    action, _, about = read_one(visit, "do").partition(":")
    if action == "person":
        scheme, identifier = read_one(visit, "scheme"), read_one(visit, "identifier")[:_SHORT]
        return replace(desk, cases=office.find_cases(instance, asker, scheme, identifier, desk.purpose))
    if action == "look":
        return replace(desk, content=open_content(instance, asker, about))
    if action == "accept":
        accept(instance, asker, about)
        return replace(desk, done="accepted")
    if action == "decline":
        decline(instance, asker, about, cast(Reason, read_one(visit, "reason")))
        return replace(desk, done="declined")
    number = office.read_number(read_one(visit, "q"))
    if number or action == "open":
        look = office.look_up_number if number else office.look_at_case
        case = look(instance, asker, number or about[:_SHORT], desk.purpose)
        desk = replace(desk, case=case, is_absent=case is None)
        return replace(desk, asked=replace(desk.asked, text=""))
    return _search(visit, desk, read_one(visit, "case"))


def _search(visit: Visit, desk: Desk, case: str) -> Desk:
    """Search the door and the services; an open case stays open."""
    instance, asker = visit.site.instance, visit.principal
    if case:
        view = office.look_at_case(instance, asker, case[:_SHORT], desk.purpose)
        desk = replace(desk, case=view, is_absent=view is None)
    text = read_one(visit, "q")
    if not text.strip():
        return desk
    answer = find(visit, desk.asked)
    passage = count_question(instance, read_one(visit, "passage"), _counts_for(visit, desk), is_assisted=True)
    return replace(
        desk,
        answer=answer,
        hits=[view_hit(visit, hit) for hit in answer.hits],
        services=office.find_services(instance, asker, desk.asked.text),
        passage_text=carry(instance, passage),
    )


def _counts_for(visit: Visit, desk: Desk) -> str:
    """Give the organisation for which a question at the counter counts: that of the case, else the asker's only one."""
    if desk.case is not None:
        return desk.case.organisation
    own = visit.principal.organisations
    return own[0] if len(own) == 1 else desk.asked.organisation


def _home_of(visit: Visit) -> str:
    """Give the municipality that is meant where none was typed: the one that the asker works for."""
    own = visit.principal.organisations
    place = find_place(own[0].partition(":")[2]) if len(own) == 1 else None
    return place.name if place else ""


def _render(visit: Visit, template: str, desk: Desk, **values: Any) -> Response:
    instance, asker = visit.site.instance, visit.principal
    if visit.posted is None:
        desk = replace(desk, asked=replace(desk.asked, municipality=_home_of(visit)))
    faults: Sequence[Fault] = desk.refused.faults if isinstance(desk.refused, InvalidInput) else ()
    page = visit.render(
        template,
        desk.refused.status if desk.refused else 200,
        desk=desk,
        asked=desk.asked,
        faults=faults,
        audiences=AUDIENCES,
        places=list_places(),
        longest=MOST_CHARACTERS,
        purposes=office.PURPOSES,
        schemes=office.SCHEMES,
        forms=office.FORMS,
        reasons=REASONS,
        label=lambda code: visit.words.gettext(LABELS[code]),
        offers=office.list_offers(instance, asker),
        name_of=lambda ref: name_of(instance, ref),
        may_write=asker.may_write,
        can_receive=lambda ref: office.can_receive(instance, ref),
        own=office.list_own(instance, asker),
        **values,
    )
    page.headers["Cache-Control"] = "no-store"
    if visit.posted is None:
        # The next person must not see by the button of the browser what the last one came for.
        page.headers["Clear-Site-Data"] = '"cache"'
    return page


# -- handing over ---------------------------------------------------------------------------------------------------


def show_hand_over(visit: Visit) -> Response:
    """Say what goes to whom, and once that is confirmed, hand it over and give what the person is told."""
    read_question(Nothing, visit.query)
    _require_staff(visit)
    if visit.posted is None:
        return visit.redirect("front-office")
    instance, asker = visit.site.instance, visit.principal
    receiver = read_one(visit, "receiver")[:_SHORT]
    name = name_of(instance, receiver)
    if not office.can_receive(instance, receiver):
        raise NotFound()
    case = read_one(visit, "case")[:_SHORT]
    view = office.look_at_case(instance, asker, case, "front-office/hand-over") if case else None
    if case and view is None:
        raise NotFound()
    desk = Desk(read_asked(visit), "front-office/hand-over", case=view, typed=_typed(visit))
    done: office.HandedOver | None = None
    if read_one(visit, "do") == "confirm":
        try:
            done = _hand_over(visit, view, receiver)
            count_onward(instance, read_one(visit, "passage"))
        except InvalidInput as error:
            desk = replace(desk, refused=error)
    confirmation = office.confirmation_of(instance, asker, view.id) if view and not done else {}
    return _render(
        visit,
        "services/hand_over.html",
        desk,
        receiver=receiver,
        receiver_name=name,
        done=done,
        goes_along=confirmation.get("received", ()),
        passage_text=read_one(visit, "passage"),
        key=read_one(visit, "key") or office.make_key(),
    )


def _typed(visit: Visit) -> dict[str, str]:
    """Give what the form of taking in holds; the question that was asked stands in it to begin with."""
    text = read_one(visit, "text") if "text" in (visit.posted or {}) else read_asked(visit).text
    return {"text": text[: office.LONGEST_TEXT], "form": read_one(visit, "form"), "own": read_one(visit, "own")}


def _hand_over(visit: Visit, view: CaseView | None, receiver: str) -> office.HandedOver:
    instance, asker = visit.site.instance, visit.principal
    if view is None:
        typed, own = _typed(visit), office.list_own(instance, asker)
        organisation = typed["own"] if typed["own"] in own else (own[0] if len(own) == 1 else "")
        if not organisation:
            nl, en = "Kies voor welke organisatie u dit aanneemt", "Choose for which organisation you take this in"
            raise InvalidInput("Nobody takes this in", faults=[Fault("/own", "no-organisation", nl, en)])
        view = office.take_in(instance, asker, organisation, typed["form"], typed["text"], read_one(visit, "key"))
    return office.hand_over(instance, asker, view.id, receiver)


PAGES: Final = (
    Page(
        "front-office",
        "balie",
        "front-office",
        show_front_office,
        "form",
        menu=gettext_noop("Front office"),
        icon="building-store",
        is_for=works_somewhere,
    ),
    Page("hand-over", "balie/overdragen", "front-office/hand-over", show_hand_over, "form"),
)
