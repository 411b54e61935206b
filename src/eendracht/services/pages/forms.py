"""The page of a form: one question at a time, without a script, and for who is not signed in nothing is kept.

What was typed travels in the form itself, never in an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Denied, EendrachtError, Fault, NotFound
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.reference.facts import load_benefits
from eendracht.services.experience.door import carry, count_onward
from eendracht.services.experience.forms import Shown, count_effort, count_form, count_handed_in, count_offer
from eendracht.services.experience.measures import EFFORTS, passage_key
from eendracht.services.experience.passages import Passage, open_passage
from eendracht.services.forms import drafts
from eendracht.services.forms.corrections import Corrections, keep_claims
from eendracht.services.forms.extracts import Dossier, dossier_of
from eendracht.services.forms.facts import Ask
from eendracht.services.forms.file_types import MOST_BYTES
from eendracht.services.forms.form import benefits_for
from eendracht.services.forms.guard import worked_out_quietly
from eendracht.services.forms.handing_in import HandedIn, Part, hand_in
from eendracht.services.forms.outcomes import Outcome
from eendracht.services.forms.representation import (
    Representation,
    list_representations,
    reader_for,
    require_capacity,
    require_representation,
)
from eendracht.services.forms.session import Sitting, Turn, read_turn
from eendracht.services.forms.state import State, read_state
from eendracht.services.forms.views import FormView
from eendracht.services.pages.evidence import EvidenceDesk

_NOBODY = "organisation:unknown"
_EVENT_TITLES = {
    "child-born": ("Er is een kind geboren", "A child was born"),
    "adopting-or-fostering": ("U neemt een kind op in uw gezin", "You take a child into your family"),
    "turning-18": ("U wordt 18", "You turn 18"),
    "living-together": ("U gaat samenwonen", "You move in together"),
    "divorce": ("U gaat scheiden", "You divorce"),
    "losing-a-job": ("U bent uw werk kwijt", "You lost your job"),
    "low-income": ("U moet rondkomen van weinig geld", "You live on a low income"),
    "debts": ("U heeft schulden", "You have debts"),
    "retiring": ("U gaat met pensioen", "You retire"),
    "growing-old": ("U wordt ouder", "You grow older"),
    "death-of-a-relative": ("Er is iemand overleden", "Someone has died"),
    "opening-a-shop": ("U begint een winkel of bakkerij", "You open a shop or bakery"),
    "opening-a-cafe": ("U begint een café of restaurant", "You open a café or restaurant"),
    "moving-house": ("U gaat verhuizen", "You move house"),
}


def list_forms(visit: Visit) -> Response:
    """List what can be filled in: by what happened, and by benefit."""
    read_question(Nothing, visit.query)
    at = 0 if visit.language == "nl" else 1
    benefits = list(load_benefits().values())
    events = sorted({event for item in benefits for event in item.life_events} & _EVENT_TITLES.keys())
    return visit.render(
        "services/apply_list.html",
        events=[(event, _EVENT_TITLES[event][at]) for event in events],
        benefits=[(item.code, item.name_nl if at == 0 else item.name_en, item.authority_name) for item in benefits],
    )


def show_form(visit: Visit) -> Response:
    """Ask what a law still needs, one question a page, and show what comes of it."""
    read_question(Nothing, visit.query)
    benefits = benefits_for(visit.name)
    with worked_out_quietly():
        return _Applying(visit).show(benefits)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept of a form that was handed in: ids of claims, reports and receipts, and how many files."""

    claims: Sequence[str]
    reports: Sequence[str]
    receipts: Sequence[str]
    files: int


class _Applying:
    """One visit to a form."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.instance = visit.site.instance
        self.day = today(visit.store.clock)
        self.sent = ((visit.posted or {}).get("passage") or [""])[0]
        passage = open_passage(self.sent, passage_key(self.instance)) if self.sent else None
        self.is_assisted = passage is not None and passage.is_assisted
        # Where a helper sits beside, it is not the helper whom the form is about, whoever is signed in.
        is_own = visit.session is not None and not visit.is_stale and not self.is_assisted
        self.me = visit.principal.subject if is_own else ""
        self.acting: Representation | None = None
        self.turn: Turn | None = None
        self.file_fault: Fault | None = None

    @property
    def subject(self) -> str:
        """The vault subject that the form is about; empty for who is not signed in."""
        return self.acting.represented if self.acting else self.me

    def show(self, benefits: tuple[Any, ...]) -> Response:
        posted = self.visit.posted
        state = read_state(posted, self.day) if posted is not None else State(self.day)
        turn = self.turn = read_turn(posted) if posted is not None else None
        if turn is not None and turn.action == "for" and self.me:
            state = State(self.day, acts_for=turn.about if turn.about != self.me else "")
        if state.acts_for and self.me:
            self.acting = require_representation(
                self.instance.vault,
                self.instance.journal,
                self.visit.principal,
                state.acts_for,
                self.visit.name,
                self.day,
            )
        elif state.acts_for:
            raise Denied("Acting for someone else takes signing in")
        sitting = Sitting(self.instance.lawbook.library, self.day, benefits, self.dossier())
        self.evidence = EvidenceDesk(self.instance, self.visit.name, self.subject, self.reader)
        if turn is None or turn.action == "for":
            return self.render(sitting, sitting.start(state))
        if turn.action == "resume" and self.me:
            draft = drafts.find_draft(self.instance.vault, self.me, self.visit.name, self.visit.principal)
            return self.render(sitting, sitting.show(draft.state if draft else state))
        if turn.action == "save" and self.me:
            drafts.keep_draft(self.instance.vault, self.me, self.visit.name, state, self.controller(state, sitting))
            return self.render(sitting, sitting.show(state), is_saved=True)
        if turn.action == "submit":
            return self.submit(sitting, state)
        if turn.action == "help":
            count_onward(self.instance, self.sent)
        controller = self.controller(state, sitting)
        self.file_fault = self.evidence.take(turn, self.visit.file, sitting.form(state), controller)
        return self.render(sitting, sitting.take(state, turn, is_held=self.file_fault is not None))

    def dossier(self) -> Dossier:
        """Give what registers know of whom the form is about; nothing for who is not signed in."""
        if not self.subject:
            return Dossier()
        vault, journal = self.instance.vault, self.instance.journal
        if self.acting is None:
            return dossier_of(vault, journal, self.me, drafts.PURPOSE, self.visit.principal)
        represented = self.acting.represented
        return dossier_of(vault, journal, represented, drafts.PURPOSE, self.reader(), representation=self.acting)

    def reader(self) -> Principal:
        """Give as whom is read what is kept of whom the form is about."""
        return self.visit.principal if self.acting is None else reader_for(self.instance.vault, self.acting)

    def controller(self, state: State, sitting: Sitting) -> str:
        """Give the organisation that answers for what is kept: the first that decides on what is asked."""
        return next(iter(self.authorities(sitting, state)))

    def authorities(self, sitting: Sitting, state: State) -> dict[str, list[str]]:
        """Give the organisations that decide, each with its products; a municipality is that of residence."""
        found = sitting.form(state).facts
        area = next((str(item[0]) for item in [found.value(Ask("gemeente_code"))] if item), "")
        products: dict[str, list[str]] = {}
        for item in sitting.benefits:
            code = area if item.authority == "municipality" else item.authority
            if code:
                products.setdefault(f"organisation:{code}", []).append(item.upl_term)
        return products or {_NOBODY: []}

    def count(self, sitting: Sitting, view: FormView, handed: list[HandedIn] | None) -> Passage | None:
        """Count the page that is shown, and give the passage that it carries on."""
        question, action = view.question, self.turn.action if self.turn else ""
        if view.mode == "handed-in":
            passage = open_passage(self.sent, passage_key(self.instance))
            count_handed_in(self.instance, passage, is_taken=any(item.number for item in handed or ()))
            return passage
        is_known, fact = False, ""
        if question is not None and view.mode == "question":
            fact = question.ask.control.casefold()
            form = sitting.form(view.state)
            is_known = question.ask in view.state.answers or form.facts.find(question.ask) is not None
        is_refused = self.file_fault is not None or (question is not None and question.fault is not None)
        shown = Shown(fact or view.mode, fact, action, is_known, is_refused)
        organisation = self.controller(view.state, sitting)
        journey = self.visit.name.rstrip("/").rpartition("/")[2].casefold()
        known = "" if organisation == _NOBODY else organisation
        passage = count_form(self.instance, self.sent, journey, known, shown)
        if view.mode == "result" and self.me:
            count_offer(self.instance, passage)
        return passage

    def submit(self, sitting: Sitting, state: State) -> Response:
        """Hand the form in: keep claims and receipts, report doubts, and give it to the cases of who decides."""
        if not self.me:
            raise Denied("Handing in takes signing in", hint="Sign in first; your answers stay in this page.")
        view = sitting.show(state)
        if view.mode != "result":
            return self.render(sitting, view)
        if self.acting is None:
            require_capacity(self.instance.vault, self.visit.principal, self.day)
        form = sitting.form(state)
        controller = self.controller(state, sitting)
        files = self.evidence.files_of(list(form.claims))
        found = Corrections(form, state.evidence, files, sitting.dossier, controller, self.evidence.reader)
        claims, reports = keep_claims(self.instance, self.subject, found)
        receipts = drafts.keep_receipts(
            self.instance, sitting.library, self.subject, form, view.step.outcomes, controller
        )
        content = drafts.content_of(form, view.step.outcomes, self.visit.name, receipts)
        labels = drafts.labels_of(form, view.step.outcomes)
        key = (self.visit.posted or {}).get("key", [""])[0][:64]
        handed = [
            hand_in(self.instance, self._asker_for(part.organisation), self.subject, part, content, labels, key)
            for part in self.parts(sitting, state, view.step.outcomes, found)
        ]
        # Only now: what a process that is killed before did not hand in still waits.
        self.evidence.forget(list(form.claims), controller)
        sent = sum(len(items) for items in files.values())
        view = replace(view, mode="handed-in")
        return self.render(sitting, view, handed=handed, kept=Kept(claims, reports, receipts, sent))

    def parts(self, sitting: Sitting, state: State, outcomes: Sequence[Outcome], found: Corrections) -> Iterator[Part]:
        """Yield what goes to each organisation that decides."""
        for organisation, products in self.authorities(sitting, state).items():
            own = [item for item in outcomes if item.benefit.upl_term in products]
            yield Part(organisation, tuple(products), found.documents(self.instance, own))

    def _asker_for(self, organisation: str) -> Principal:
        if self.acting is None:
            return self.visit.principal
        return Principal("services/forms", frozenset({(Role.EDITOR, organisation)}))

    def render(
        self,
        sitting: Sitting,
        view: FormView,
        *,
        is_saved: bool = False,
        handed: list[HandedIn] | None = None,
        kept: Kept | None = None,
    ) -> Response:
        """Give the page."""
        visit = self.visit
        question = view.question
        faults = [("value", question.fault if question else None), ("evidence-file", self.file_fault)]
        links = [(at, "", item.nl if visit.language == "nl" else item.en) for at, item in faults if item]
        asks = [*view.state.claims, *([question.ask] if question and question.is_correction else [])]
        is_first = visit.posted is None
        passage = self.count(sitting, view, handed)
        page = visit.render(
            "services/apply.html",
            422 if links else 200,
            view=view,
            title=_title(visit.name, visit.language),
            links=links,
            file_fault=self.file_fault,
            files={ask.control: items for ask, items in self.evidence.files_of(asks).items()},
            is_signed_in=bool(self.me),
            is_synthetic=sitting.dossier.is_synthetic,
            acting=self.acting,
            others=self.others() if is_first and self.me else [],
            has_draft=is_first and bool(self.me) and self.has_draft(),
            is_saved=is_saved,
            handed=[(self.name_of(item.organisation), item) for item in handed or ()],
            kept=kept,
            key=_key(visit),
            is_assisted=self.is_assisted,
            passage_text=carry(self.instance, passage),
            efforts=EFFORTS,
        )
        page.headers["Cache-Control"] = "no-store"
        return page

    def others(self) -> list[Representation]:
        """Give for whom the person may act today."""
        found = list_representations(self.instance.vault, self.me, self.visit.principal)
        return [item for item in found if item.by == self.me and item.covers(self.visit.name, self.day)]

    def has_draft(self) -> bool:
        """Tell whether there is a form to go on with."""
        return drafts.find_draft(self.instance.vault, self.me, self.visit.name, self.visit.principal) is not None

    def name_of(self, organisation: str) -> str:
        """Give the name of an organisation; its ref where it is not recorded."""
        try:
            return self.visit.store.get(organisation, self.visit.principal).name
        except (NotFound, EendrachtError):
            names = {f"organisation:{item.authority}": item.authority_name for item in load_benefits().values()}
            return names.get(organisation, organisation)


def take_effort(visit: Visit) -> Response:
    """Count how hard somebody found a form, and thank them; the score stands beside nobody."""
    read_question(Nothing, visit.query)
    sent, score = ((visit.posted or {}).get(name, [""])[0] for name in ("passage", "effort"))
    is_counted = count_effort(visit.site.instance, sent, score)
    page = visit.render("services/apply_effort.html", 200 if is_counted else 422, is_counted=is_counted)
    page.headers["Cache-Control"] = "no-store"
    return page


def _title(name: str, language: str) -> str:
    """Give what the form is about: the event in words, or the name of the benefit."""
    term = name.rstrip("/").rpartition("/")[2].casefold()
    if term in _EVENT_TITLES:
        return _EVENT_TITLES[term][0 if language == "nl" else 1]
    benefit = benefits_for(name)[0]
    return benefit.name_nl if language == "nl" else benefit.name_en


def _key(visit: Visit) -> str:
    """Give the id by which a form that is sent twice is handed in once."""
    import secrets

    return (visit.posted or {}).get("key", [""])[0][:64] or secrets.token_hex(12)


PAGES = (
    Page("apply", "aanvragen", "apply", list_forms),
    # For who is not signed in nothing is done but to work something out, so a form needs no session.
    Page("apply-effort", "aanvragen-moeite", "apply-effort", take_effort, "form", True),
    Page("apply-form", "aanvragen/{name}", "apply/{name}", show_form, "form-or-file", True, MOST_BYTES),
)
"""The pages of this part."""
