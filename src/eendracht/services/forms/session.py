"""One request of a form from what was sent to what is shown; knows no page and no framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules.library import Library
from eendracht.reference.facts import Benefit
from eendracht.services.forms.answers import LONGEST, UNKNOWN, read_value
from eendracht.services.forms.extracts import Dossier
from eendracht.services.forms.facts import Ask, parse_control
from eendracht.services.forms.form import Form, next_step
from eendracht.services.forms.outcomes import explain_outcome
from eendracht.services.forms.state import State
from eendracht.services.forms.views import (
    FormView,
    QuestionView,
    view_answer,
    view_correction,
    view_given,
    view_known,
    view_question,
    view_unanswered,
)

SEARCHING_SECONDS: Final = 0.15
"""How long a page looks for what would change an outcome."""
Posted = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a person did: the button, with what it is about."""

    action: str
    ask: Ask | None = None
    text: str = ""
    evidence: str = ""
    about: str = ""


def read_turn(posted: Posted) -> Turn:
    """Read which button was pressed, and what was typed with it; pressing Enter is going on."""
    action, _, about = (posted.get("do") or ["next"])[0].partition(":")
    ask = parse_control((posted.get("ask") or [""])[0])
    if action in ("change", "correct", "drop"):
        ask = parse_control(about)
    text = "\n".join(posted.get("value", ()))[:LONGEST]
    evidence = (posted.get("evidence") or [""])[0][:LONGEST]
    return Turn(action, ask, text, evidence, about[:100])


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a request works with: the laws, the day, what is asked for, and what is known."""

    library: Library
    today: date
    benefits: tuple[Benefit, ...]
    dossier: Dossier

    def take(self, state: State, turn: Turn, *, is_held: bool = False) -> FormView:
        """Apply what the person did, and give what to show; where `is_held`, a correction is shown once more."""
        ask = turn.ask
        if turn.action == "next" and ask is not None:
            return self._answer(state, turn, ask)
        if turn.action == "skip" and ask is not None:
            return self.show(state.with_answer(ask, UNKNOWN))
        if turn.action == "back" and state.last is not None:
            return self._again(state, state.last)
        if turn.action == "change" and ask is not None:
            return self._again(state, ask)
        if turn.action == "correct" and ask is not None:
            return self._correct(state, ask)
        if turn.action in ("claim", "attach", "detach") and ask is not None:
            return self._claim(state, turn, ask, is_held=is_held or turn.action != "claim")
        if turn.action == "drop" and ask is not None:
            return self.show(state.without_claim(ask))
        return self.show(state, turn.about if turn.action == "show" else "")

    def form(self, state: State) -> Form:
        """Give the form that a state stands for."""
        return state.form(self.benefits, self.dossier, self.library)

    def start(self, state: State) -> FormView:
        """Show what registers know, before anything is asked; without that, the first question."""
        view = self.show(state)
        return replace(view, mode="start") if view.known else view

    def show(self, state: State, explained: str = "") -> FormView:
        """Show the next question, or the result where nothing is left to ask."""
        form = self.form(state)
        step = next_step(self.library, form)
        base = FormView(
            "result",
            state,
            step,
            known=view_known(step, self.dossier, self.library),
            given=view_given(form, self.library),
            unanswered=view_unanswered(form),
        )
        if step.question is not None:
            return replace(base, mode="question", question=view_question(step.question, state, self.library))
        chosen = next((item for item in step.outcomes if item.benefit.code == explained), step.outcomes[0])
        reasons = explain_outcome(self.library, chosen, form.facts, SEARCHING_SECONDS)
        return replace(base, explanation=reasons, explained=chosen.benefit.code)

    def _with(self, state: State, question: QuestionView, *, is_correction: bool = False) -> FormView:
        base = self.show_outcomes(state)
        return replace(base, mode="correct" if is_correction else "question", question=question)

    def show_outcomes(self, state: State) -> FormView:
        """Give the outcomes and facts of a state, without reasons."""
        form = self.form(state)
        step = next_step(self.library, form)
        known = view_known(step, self.dossier, self.library)
        return FormView("result", state, step, known=known, given=view_given(form, self.library))

    def _answer(self, state: State, turn: Turn, ask: Ask) -> FormView:
        _, fault = read_value(ask, turn.text, self.library, self.today)
        if fault is not None:
            return self._refused(state, turn, ask, fault)
        return self.show(state.with_answer(ask, turn.text))

    def _refused(self, state: State, turn: Turn, ask: Ask, fault: Fault) -> FormView:
        base = self.show_outcomes(state.without(ask))
        asked = base.step.question
        if asked is not None and asked.ask == ask:
            question = view_question(asked, state.without(ask), self.library, turn.text, fault)
        else:
            question = view_answer(ask, state, self.library, turn.text, fault)
        return replace(base, mode="question", state=state, question=question)

    def _again(self, state: State, ask: Ask) -> FormView:
        text = state.answers.get(ask, "")
        without = state.without(ask) if ask == state.last else state
        base = self.show_outcomes(without)
        asked = base.step.question
        shown = "" if text == UNKNOWN else text
        if asked is not None and asked.ask == ask:
            question = view_question(asked, without, self.library, shown)
        else:
            question = view_answer(ask, state, self.library, shown)
        return replace(base, mode="question", state=without, question=question)

    def _correct(self, state: State, ask: Ask) -> FormView:
        return self._with(state, view_correction(ask, self.form(state), state, self.library), is_correction=True)

    def _claim(self, state: State, turn: Turn, ask: Ask, *, is_held: bool) -> FormView:
        _, fault = read_value(ask, turn.text, self.library, self.today)
        if fault is None and not is_held:
            return self.show(state.with_claim(ask, turn.text, turn.evidence))
        # What was typed so far is judged when somebody goes on with it, not when a file comes or goes.
        shown = fault if turn.action == "claim" else None
        question = view_correction(ask, self.form(state), state, self.library, turn.text, shown)
        return self._with(state, replace(question, evidence=turn.evidence), is_correction=True)
