"""The decisions that imports left to a person: what is asked, what may be answered, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from eendracht.kernel.errors import NotFound
from eendracht.kernel.imports.answers import SETTINGS
from eendracht.kernel.review import Review
from eendracht.kit.forms import Posted
from eendracht.kit.i18n import Words

_VALUES: Final = "values"


@dataclass(frozen=True, slots=True)
class Choice:
    """A control of a decision: its label, and codes and labels of what may be chosen; none for a text."""

    label: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision to take. `is_same_as` asks whether two names are one; else there is a control for each answer."""

    id: str
    text: str
    place: str
    is_same_as: bool
    choices: Sequence[Choice]


def view_decisions(reviews: Sequence[Review], words: Words) -> list[Decision]:
    """Give the decisions as a page asks them."""
    return [_view(review, words) for review in reviews]


def find_review(reviews: Sequence[Review], name: str) -> Review:
    """Give the decision that a form names; raises NotFound where it is not open, or not for this asker."""
    found = next((review for review in reviews if _id_of(review) == name), None)
    if found is None:
        raise NotFound("This decision is not open", hint="Open the page again.")
    return found


def read_answer(review: Review, posted: Posted) -> str:
    """Give what was chosen in the form, as `answer_reviews` takes it."""
    if review.details.get("setting") != _VALUES:
        return (posted.get("answer") or [""])[0].strip()
    values = review.details["values"]
    meant = [(posted.get(f"answer.{at}") or [""])[0].strip() for at in range(len(values))]
    return "; ".join(f"{value}={meaning}" for value, meaning in zip(values, meant, strict=True))


def _id_of(review: Review) -> str:
    return sha256("\0".join((review.system, review.kind, review.key)).encode()).hexdigest()[:16]


def _view(review: Review, words: Words) -> Decision:
    details = review.details
    is_same_as, setting = review.code == "same-as", details.get("setting")
    # The text of a review lists codes to type; the page shows their words to choose from.
    text = review.text[words.language] if is_same_as else details[words.language]
    choices: list[Choice] = []
    if setting == _VALUES:
        options = [(code, words.value({"true": "yes", "false": "no"}.get(code, code))) for code in details["choices"]]
        choices = [Choice(value, [("", words.gettext("(leave out)")), *options]) for value in details["values"]]
    elif setting in SETTINGS:
        choices = [Choice(words.gettext("Answer"), [(code, _say(code, words)) for code in details["choices"]])]
    elif not is_same_as:
        choices = [Choice(words.gettext("Answer"), ())]
    return Decision(_id_of(review), text, review.place, is_same_as, choices)


def _say(code: str, words: Words) -> str:
    return {
        "comma": words.gettext("the comma stands before the decimals"),
        "point": words.gettext("the point stands before the decimals"),
        "day-first": words.gettext("the day stands first"),
        "month-first": words.gettext("the month stands first"),
        "minutes": words.gettext("minutes"),
        "hours": words.gettext("hours"),
        "days": words.gettext("days"),
        "months": words.gettext("months"),
    }.get(code, code)
