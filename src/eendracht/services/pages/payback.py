"""The page on which a person sees what a change would cost before it is a debt, and asks to be warned.

What was typed travels in the form itself, never in an address; nothing is kept but what the person asks to be kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from starlette.responses import Response

from eendracht.kernel.clock import today
from eendracht.kernel.errors import Denied, Fault
from eendracht.kernel.rules.spoken import value_said
from eendracht.kernel.wording import Said
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.reference.facts import load_fact_names
from eendracht.services.forms.answers import UNKNOWN, label_of, read_value
from eendracht.services.forms.extracts import Dossier, dossier_of
from eendracht.services.forms.facts import PARTNERSHIP, Ask
from eendracht.services.forms.form import Form
from eendracht.services.forms.guard import worked_out_quietly
from eendracht.services.forms.session import Turn, read_turn
from eendracht.services.forms.state import State, read_state
from eendracht.services.forms.views import QuestionView, view_question
from eendracht.services.proactive.changes import (
    INCOMES,
    Change,
    Expected,
    expect_change,
    list_advances,
    next_question,
)
from eendracht.services.proactive.payback import MONTHS, PURPOSE
from eendracht.services.proactive.watches import Watches

MONTH_NAMES: Final = (
    Said("januari", "January"),
    Said("februari", "February"),
    Said("maart", "March"),
    Said("april", "April"),
    Said("mei", "May"),
    Said("juni", "June"),
    Said("juli", "July"),
    Said("augustus", "August"),
    Said("september", "September"),
    Said("oktober", "October"),
    Said("november", "November"),
    Said("december", "December"),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed of a change, as it was typed, what it means, and what is wrong with it."""

    texts: Mapping[str, str] = field(default_factory=dict)
    change: Change = field(default_factory=Change)
    faults: Sequence[Fault] = ()


def show_payback(visit: Visit) -> Response:
    """Ask what changes, then only what no register knows, and show what comes back of each benefit."""
    read_question(Nothing, visit.query)
    visit.require_session()
    if not visit.principal.subject:
        raise Denied("This page is for citizens and entrepreneurs")
    with worked_out_quietly():
        return _Asking(visit).show()


class _Asking:
    """One visit."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.instance = visit.site.instance
        self.day = today(visit.store.clock)
        self.library = self.instance.lawbook.library
        self.watches = Watches(self.instance)

    def show(self) -> Response:
        """Give the page that follows from what was sent."""
        posted = self.visit.posted
        state = read_state(posted or {}, self.day)
        dossier = dossier_of(
            self.instance.vault, self.instance.journal, self.visit.principal.subject, PURPOSE, self.visit.principal
        )
        if posted is None:
            return self.render(dossier, state, Typed({"month": str(self.day.month)}))
        turn = read_turn(posted)
        if turn.action == "end":
            self.watches.end(self.visit.principal, turn.about)
            return self.render(dossier, state, Typed({"month": str(self.day.month)}), done="ended")
        typed = self.read(posted)
        if typed.faults or turn.action == "edit":
            return self.render(dossier, state, typed)
        fault = None
        if turn.ask is not None and turn.action in ("next", "skip"):
            state, fault = self.answer(state, turn, turn.ask)
        if turn.action == "warn":
            self.watches.ask(self.visit.principal, state, dossier, "nl" if self.visit.language == "nl" else "en")
            return self.work_out(dossier, state, typed, done="asked")
        return self.work_out(dossier, state, typed, turn.text if fault else "", fault)

    def answer(self, state: State, turn: Turn, ask: Ask) -> tuple[State, Fault | None]:
        """Give the state with what was answered, or what is wrong with the answer."""
        if turn.action == "skip":
            return state.with_answer(ask, UNKNOWN), None
        _, fault = read_value(ask, turn.text, self.library, self.day)
        return (state, fault) if fault else (state.with_answer(ask, turn.text), None)

    def read(self, posted: Mapping[str, Sequence[str]]) -> Typed:
        """Read what changes; one who tells of nothing is asked to."""
        names = (*(f"income.{name}" for name in INCOMES), "household", "month")
        texts = {name: (posted.get(name) or [""])[0].strip()[:40] for name in names}
        faults, incomes = [], {}
        for name in INCOMES:
            if not texts[f"income.{name}"]:
                continue
            value, fault = read_value(Ask(name), texts[f"income.{name}"], self.library, self.day)
            if fault:
                faults.append(replace(fault, pointer=f"/income.{name}"))
            else:
                incomes[name] = int(value)
        household, month = texts["household"], texts["month"]
        if household not in ("", "none", *(code for code, _ in list_ties())):
            faults.append(Fault("/household", "no-such-choice", "Kies een van de antwoorden", "Choose an answer"))
        if month not in (str(number) for number in range(1, MONTHS + 1)):
            faults.append(Fault("/month", "no-such-choice", "Kies een maand", "Choose a month"))
        elif not faults and not incomes and not household:
            nl, en = "Vul in wat er verandert", "Fill in what changes"
            faults.append(Fault(f"/income.{INCOMES[0]}", "missing-answer", nl, en))
        change = Change() if faults else Change(incomes, household, int(month))
        return Typed(texts, change, faults)

    def work_out(
        self,
        dossier: Dossier,
        state: State,
        typed: Typed,
        text: str = "",
        fault: Fault | None = None,
        done: str = "",
    ) -> Response:
        """Ask the next fact, or show what it comes to."""
        form = state.form(list_advances(), dossier, self.library)
        question, is_then = next_question(self.library, form, typed.change)
        if question is not None:
            view = view_question(question, state, self.library, text, fault)
            return self.render(dossier, state, typed, view, is_then=is_then)
        return self.render(dossier, state, typed, found=expect_change(self.library, form, typed.change), done=done)

    def render(
        self,
        dossier: Dossier,
        state: State,
        typed: Typed,
        question: QuestionView | None = None,
        *,
        found: list[Expected] | None = None,
        is_then: bool = False,
        done: str = "",
    ) -> Response:
        """Give the page."""
        visit = self.visit
        faults = [*typed.faults, *([question.fault] if question and question.fault else [])]
        links = [(one.pointer[1:], "", one.nl if visit.language == "nl" else one.en) for one in faults]
        form = state.form(list_advances(), dossier, self.library)
        page = visit.render(
            "services/payback.html",
            422 if faults else 200,
            q=question,
            found=found,
            is_then=is_then,
            done=done,
            links=links,
            texts=typed.texts,
            change=typed.change,
            carried=[*state.fields(), *(typed.texts.items() if question or found is not None else ())],
            incomes=[(name, label_of(Ask(name)), _known(form, name)) for name in INCOMES],
            ties=list_ties(),
            months=MONTH_NAMES,
            month=self.day.month,
            standing=self.watches.list_items(visit.principal.subject),
            is_synthetic=dossier.is_synthetic,
            label_of=label_of,
        )
        page.headers["Cache-Control"] = "no-store"
        return page


def list_ties() -> list[tuple[str, Said]]:
    """Give the ties that make somebody a partner."""
    choices = load_fact_names()[PARTNERSHIP].choices
    return [(choice.code, Said(_bare(choice.nl), _bare(choice.en))) for choice in choices if choice.code]


def _bare(text: str) -> str:
    """Give what follows on *Yes,* in a choice."""
    said = text.partition(", ")[2] or text
    return said[:1].upper() + said[1:]


def _known(form: Form, name: str) -> Said | None:
    """Give what is known of an income, in words; None where nothing is."""
    found = form.facts.value(Ask(name))
    return value_said(found[0], "eurocent") if found and found[0] is not None else None


PAGES: Final = (Page("pay-back", "terugbetalen", "pay-back", show_payback, "form"),)
"""The page of this part; one's own overview leads to it."""
