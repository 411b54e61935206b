"""What the pages of a form show: one question with why it is asked, the outcome so far, or the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from eendracht.kernel.errors import Fault
from eendracht.kernel.explanation import Explanation
from eendracht.kernel.rules.library import Library
from eendracht.kernel.wording import Said
from eendracht.reference.facts import load_fact_names
from eendracht.services.forms.answers import (
    NONE,
    UNKNOWN,
    label_of,
    municipalities,
    question_of,
    said_of,
    shape_of,
    write_value,
)
from eendracht.services.forms.extracts import Dossier, Source
from eendracht.services.forms.facts import Ask
from eendracht.services.forms.form import Form, Question, Reason, Step
from eendracht.services.forms.outcomes import Outcome
from eendracht.services.forms.state import State

Mode = Literal["start", "question", "correct", "result", "handed-in"]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One control: the words, how it is answered, what was typed, what is wrong with it, and why it is asked."""

    ask: Ask
    said: Said
    hint: Said
    shape: str
    choices: tuple[tuple[str, Said], ...] = ()
    members: tuple[Said, ...] = ()
    text: str = ""
    fault: Fault | None = None
    reasons: tuple[Reason, ...] = ()
    number: int = 1
    at_least: int = 0
    at_most: int = 0
    is_correction: bool = False
    evidence: str = ""
    register_says: Said | None = None


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact with its value in words, where it comes from, and what was stated instead."""

    ask: Ask
    label: Said
    value: Said
    source: str
    as_of: date | None = None
    register_name: Said | None = None
    is_base_register: bool = False
    claimed: Said | None = None
    is_nothing: bool = False
    """Whether it is zero, no or none: what people look at last."""


@dataclass(frozen=True, slots=True)
class FormView:
    """A whole page: the mode, the hidden state, and what stands on it."""

    mode: Mode
    state: State
    step: Step
    question: QuestionView | None = None
    known: tuple[FactView, ...] = ()
    given: tuple[FactView, ...] = ()
    explanation: Explanation | None = None
    explained: str = ""
    unanswered: tuple[Said, ...] = ()

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """What each benefit comes to at this moment."""
        return self.step.outcomes


def view_question(
    question: Question, state: State, library: Library, text: str = "", fault: Fault | None = None
) -> QuestionView:
    """Give the control of the next question."""
    return _control(
        question.ask,
        library,
        text=text,
        fault=fault,
        members=tuple(Said(item.label_nl, item.label_en) for item in question.members),
        reasons=question.reasons,
        number=len(state.answers) + 1,
        at_least=question.at_least,
        at_most=question.at_most,
    )


def view_answer(ask: Ask, state: State, library: Library, text: str = "", fault: Fault | None = None) -> QuestionView:
    """Give the control of a question that was answered before, to change the answer."""
    before = state.answers.get(ask, "")
    order = list(state.answers)
    number = order.index(ask) + 1 if ask in order else len(order) + 1
    return _control(ask, library, text=text or ("" if before == UNKNOWN else before), fault=fault, number=number)


def view_correction(
    ask: Ask, form: Form, state: State, library: Library, text: str = "", fault: Fault | None = None
) -> QuestionView:
    """Give the control in which somebody says what a register should have."""
    known = form.facts.find(ask)
    shape, _ = shape_of(ask, library)
    shown = text or state.claims.get(ask) or (write_value(known[0], shape) if known else "")
    return _control(
        ask,
        library,
        text=shown,
        fault=fault,
        is_correction=True,
        evidence=state.evidence.get(ask, ""),
        register_says=said_of(ask, known[0], library) if known else None,
    )


def _control(ask: Ask, library: Library, **more: Any) -> QuestionView:
    item = load_fact_names().get(ask.name)
    shape, _ = shape_of(ask, library)
    choices: tuple[tuple[str, Said], ...] = ()
    if item is not None and item.choices:
        choices = tuple((choice.code or NONE, Said(choice.nl, choice.en)) for choice in item.choices)
    elif shape == "area":
        choices = tuple((code, Said(name, name)) for code, name in municipalities().items())
    elif shape == "yes-no":
        choices = (("yes", Said("Ja", "Yes")), ("no", Said("Nee", "No")))
    hint = Said(item.hint_nl, item.hint_en) if item else _GATE_HINT
    return QuestionView(ask, question_of(ask), hint, shape, choices, **more)


def view_known(step: Step, dossier: Dossier, library: Library) -> tuple[FactView, ...]:
    """Give what registers said of the facts that the rules read, with source and day."""
    return tuple(
        FactView(
            item.ask,
            label_of(item.ask),
            said_of(item.ask, item.value, library),
            item.source,
            source.as_of if source else None,
            _register_name(item.source, source),
            bool(source and source.base_register),
            said_of(item.ask, item.claimed, library) if item.is_claimed else None,
            item.value in (0, None, False) and not item.is_claimed,
        )
        for item in step.known
        for source in (dossier.sources.get(item.source),)
    )


def _register_name(code: str, source: Source | None) -> Said:
    base = source.base_register if source else None
    if base is not None:
        return Said(f"{base.name_nl} ({base.code})", f"{base.name_en} ({base.code})")
    return _OTHER_REGISTERS.get(code, Said(code, code))


_GATE_HINT: Final = Said("Kies nee als u niets daarvan heeft.", "Choose no if you have none of them.")
_OTHER_REGISTERS: Final = {
    "IB": Said("Aangifte inkomstenbelasting", "Income tax return"),
    "RBVZ": Said("Register van zorgverzekerden", "Register of insured persons"),
    "HUUR": Said("Huurgegevens van de verhuurder", "Rent data of the landlord"),
    "SVB": Said("Sociale Verzekeringsbank", "Sociale Verzekeringsbank"),
}


def view_given(form: Form, library: Library) -> tuple[FactView, ...]:
    """Give what the person answered, in the order asked."""
    return tuple(FactView(ask, label_of(ask), said_of(ask, value, library), "") for ask, value in form.answers.items())


def view_unanswered(form: Form) -> tuple[Said, ...]:
    """Give the facts of which the person said not to know them."""
    return tuple(label_of(ask) for ask in form.skipped)
