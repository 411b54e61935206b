"""The codes of an exercise as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from eendracht.kit.i18n import Words, gettext_noop

CODES: Final[Mapping[str, str]] = {
    # how far an exercise is, and how it ended
    "scheduled": gettext_noop("yet to begin"),
    "running": gettext_noop("going on"),
    "paused": gettext_noop("held"),
    "finished": gettext_noop("over"),
    "cancelled": gettext_noop("called off"),
    "ended": gettext_noop("its time was over"),
    "stopped": gettext_noop("stopped by its leaders"),
    "no-duff": gettext_noop("stopped for something real"),
    # the simulated status of a thing
    "up": gettext_noop("works"),
    "draining": gettext_noop("works on a reserve"),
    "switching": gettext_noop("is switching over"),
    "down": gettext_noop("out"),
    # what became of an expectation
    "pending": gettext_noop("not known yet"),
    "success": gettext_noop("met"),
    "partial": gettext_noop("met in part"),
    "failed": gettext_noop("not met"),
    "not-asked": gettext_noop("not asked"),
    "rated": gettext_noop("rated by an evaluator"),
    # what happens
    "started": gettext_noop("begun"),
    "resumed": gettext_noop("gone on"),
    "jumped": gettext_noop("the clock jumped"),
    "released": gettext_noop("given out"),
    "status": gettext_noop("status"),
    "expectation": gettext_noop("expectation"),
    # what players do
    "report": gettext_noop("report"),
    "decide": gettext_noop("decision"),
    "share": gettext_noop("told to another"),
    "act": gettext_noop("action"),
    "document": gettext_noop("written down"),
    "estimate": gettext_noop("estimate"),
    "fail-over": gettext_noop("fail over"),
    "isolate": gettext_noop("cut off"),
    "reconnect": gettext_noop("connect again"),
    "assign-crew": gettext_noop("send a crew"),
    "publish": gettext_noop("make known"),
    "other": gettext_noop("something else"),
    # what evaluators see
    "strength": gettext_noop("went well"),
    "improvement": gettext_noop("could go better"),
    # messages
    "in-app": gettext_noop("in the site"),
    "e-mail": gettext_noop("e-mail"),
    "webhook": gettext_noop("webhook"),
    "contextual": gettext_noop("always given"),
    "contingency": gettext_noop("given where it is needed"),
}
"""English for each code; the catalogues have the other languages."""

EXERCISE_HEADS: Final = (gettext_noop("Exercise"), gettext_noop("Name"), gettext_noop("Status"), gettext_noop("Led by"))
SCORE_HEADS: Final = (
    gettext_noop("Organisation"),
    gettext_noop("Objective"),
    gettext_noop("Points"),
    gettext_noop("Out of"),
    gettext_noop("Not judged"),
)
TELLING_HEADS: Final = (
    gettext_noop("Told by"),
    gettext_noop("Told to"),
    gettext_noop("Times"),
    gettext_noop("First after"),
)
FINDING_HEADS: Final = (
    gettext_noop("Organisation"),
    gettext_noop("Expectation"),
    gettext_noop("Status"),
    gettext_noop("Rating"),
    gettext_noop("found before"),
    gettext_noop("Lesson"),
)
ACTION_HEADS: Final = (
    gettext_noop("Action"),
    gettext_noop("Owner"),
    gettext_noop("To be done by"),
    gettext_noop("Status"),
    gettext_noop("overdue"),
    gettext_noop("found again"),
    gettext_noop("Times tried again"),
)
"""Heads of the tables at the prompt, in English."""


def say_code(words: Words, code: str) -> str:
    """Give what a code means; the code itself where it has no entry."""
    return words.gettext(CODES[code]) if code in CODES else code
