"""Outcomes and questions of a form as plain data, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.values import to_plain
from eendracht.kernel.wording import Said
from eendracht.services.forms.answers import label_of, shape_of
from eendracht.services.forms.facts import Ask, FormFacts
from eendracht.services.forms.form import KnownFact, Step, ask_of
from eendracht.services.forms.outcomes import Outcome
from eendracht.services.forms.views import QuestionView

_RIGHTS: Final[Mapping[str, bool]] = {"yes": True, "no": False}


def both(said: Said) -> dict[str, str]:
    """Give a sentence in both languages."""
    return {"nl": said.nl, "en": said.en}


def describe_outcome(outcome: Outcome, facts: FormFacts) -> dict[str, Any]:
    """Give an outcome; `right` is null where it is not known, and amounts are in the unit that is named."""
    benefit = outcome.benefit
    missing = dict.fromkeys(ask_of(need, facts) for need in outcome.needs)
    return {
        "benefit": benefit.code,
        "name": {"nl": benefit.name_nl, "en": benefit.name_en},
        "status": outcome.status,
        "right": _RIGHTS.get(outcome.status),
        "from": outcome.since.isoformat(),
        "low": to_plain(outcome.low),
        "high": to_plain(outcome.high),
        "unit": outcome.unit,
        "per": benefit.per,
        "said": both(outcome.said),
        "law": {
            "id": benefit.law,
            "name": outcome.law_name,
            "article": outcome.article,
            "url": outcome.url,
            "outputs": list(benefit.outputs),
        },
        "missing": [describe_ask(ask) for ask in missing],
        "waitsFor": [{"fact": item.name, "setBy": item.held_by} for item in outcome.bodies],
        "disputedFigures": [
            {"fact": item.fact, "value": item.value, "source": item.source, "grade": item.grade}
            for item in outcome.disputed
        ],
        "refused": outcome.why_refused,
    }


def describe_ask(ask: Ask) -> dict[str, Any]:
    """Give a fact that is asked, and whose it is."""
    return {"fact": ask.name, "whose": ask.whose, "label": both(label_of(ask))}


def describe_question(view: QuestionView | None) -> dict[str, Any] | None:
    """Give a question with how it is answered and why it is asked; None where nothing is left to ask."""
    if view is None:
        return None
    return {
        "control": view.ask.control,
        **describe_ask(view.ask),
        "question": both(view.said),
        "hint": both(view.hint),
        "shape": view.shape,
        "choices": [{"value": code, "label": both(said)} for code, said in view.choices],
        "askedAsOne": [both(said) for said in view.members],
        "reasons": [
            {"benefit": item.benefit.code, "law": item.law_name, "article": item.article, "url": item.url}
            for item in view.reasons
        ],
        "atLeast": view.at_least,
        "atMost": view.at_most,
    }


def describe_known(item: KnownFact, library: Library) -> dict[str, Any]:
    """Give a fact of a register that was read, with what was stated instead of it."""
    shape, unit = shape_of(item.ask, library)
    return {
        **describe_ask(item.ask),
        "value": to_plain(item.value),
        "shape": shape,
        "unit": unit,
        "register": item.source,
        "stated": to_plain(item.claimed) if item.is_claimed else None,
        "isContradicted": item.is_claimed,
    }


def describe_step(step: Step, view: QuestionView | None, facts: FormFacts, library: Library) -> dict[str, Any]:
    """Give where a form stands: the next question, every outcome so far, and what registers said."""
    return {
        "isDone": step.is_done,
        "question": describe_question(view),
        "outcomes": [describe_outcome(item, facts) for item in step.outcomes],
        "known": [describe_known(item, library) for item in step.known],
    }
