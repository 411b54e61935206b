"""The state of a form on a page: what was typed so far, carried by the form itself and kept nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from eendracht.kernel.errors import NotFound
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.values import as_date
from eendracht.reference.facts import Benefit
from eendracht.services.forms.answers import LONGEST, UNKNOWN, read_value
from eendracht.services.forms.extracts import Dossier
from eendracht.services.forms.facts import Ask, parse_control
from eendracht.services.forms.form import Form

MOST_ANSWERS: Final = 200
_ANSWER, _CLAIM, _EVIDENCE = "a.", "c.", "e."


@dataclass(frozen=True, slots=True)
class State:
    """What a form sends: the day, the text of each answer in the order given, and of each claim with its evidence."""

    on: date
    answers: Mapping[Ask, str] = field(default_factory=dict)
    claims: Mapping[Ask, str] = field(default_factory=dict)
    evidence: Mapping[Ask, str] = field(default_factory=dict)
    acts_for: str = ""
    """The vault subject for whom somebody acts; empty for oneself."""

    def with_answer(self, ask: Ask, text: str) -> State:
        """Give the state with an answer as the newest."""
        kept = {key: value for key, value in self.answers.items() if key != ask}
        return replace(self, answers={**kept, ask: text})

    def without(self, ask: Ask) -> State:
        """Give the state without an answer."""
        return replace(self, answers={key: value for key, value in self.answers.items() if key != ask})

    def with_claim(self, ask: Ask, text: str, evidence: str) -> State:
        """Give the state with a value stated against a register."""
        return replace(self, claims={**self.claims, ask: text}, evidence={**self.evidence, ask: evidence})

    def without_claim(self, ask: Ask) -> State:
        """Give the state in which the register is right after all."""
        return replace(self, claims={key: value for key, value in self.claims.items() if key != ask})

    @property
    def last(self) -> Ask | None:
        """The newest answer."""
        return next(reversed(list(self.answers)), None)

    def fields(self) -> list[tuple[str, str]]:
        """Give the hidden fields that carry it."""
        found = [("on", self.on.isoformat()), *([("for", self.acts_for)] if self.acts_for else [])]
        for prefix, texts in ((_ANSWER, self.answers), (_CLAIM, self.claims), (_EVIDENCE, self.evidence)):
            found += [(prefix + ask.control, text) for ask, text in texts.items()]
        return found

    def form(self, benefits: Sequence[Benefit], dossier: Dossier, library: Library) -> Form:
        """Give the form that it stands for; what cannot be read is asked again."""
        skipped = frozenset(ask for ask, text in self.answers.items() if text == UNKNOWN)
        answers = _values({ask: text for ask, text in self.answers.items() if ask not in skipped}, library, self.on)
        claims = _values(self.claims, library, self.on)
        return Form(tuple(benefits), self.on, dossier.registers, dossier.subject, answers, claims, skipped)


def _values(texts: Mapping[Ask, str], library: Library, on: date) -> dict[Ask, Any]:
    read = {ask: read_value(ask, text, library, on) for ask, text in texts.items()}
    return {ask: value for ask, (value, fault) in read.items() if fault is None}


def read_state(posted: Mapping[str, Sequence[str]], today: date) -> State:
    """Read what a form carries; a field that is none of ours is passed over."""
    texts: dict[str, dict[Ask, str]] = {_ANSWER: {}, _CLAIM: {}, _EVIDENCE: {}}
    for name, values in posted.items():
        ask = parse_control(name[2:]) if name[:2] in texts else None
        if ask is not None and len(texts[name[:2]]) < MOST_ANSWERS:
            texts[name[:2]][ask] = (values[0] if values else "")[:LONGEST]
    day = as_date((posted.get("on") or [""])[0]) or today
    acts_for = (posted.get("for") or [""])[0][:100]
    return State(day, texts[_ANSWER], texts[_CLAIM], texts[_EVIDENCE], acts_for)


def state_from(content: Mapping[str, Any]) -> State:
    """Give the state that a draft holds; raises NotFound for what is no draft."""
    try:
        fields = {name: [text] for name, text in content["fields"]}
        return read_state(fields, date.fromisoformat(dict(content["fields"])["on"]))
    except (KeyError, TypeError, ValueError):
        raise NotFound("This is no draft of a form") from None
