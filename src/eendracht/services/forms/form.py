"""The reversed form: the rules say which facts they need, and only what no register has is asked, one at a time.

Several laws can be asked at once, for an event in a life. A fact is asked once, whatever the laws call it
(`reference/fact_names.csv`), and in the order that settles most: each law ranks its facts by expected information, and
over the laws the fact with the highest sum of 1 / rank comes first; one that decides for few people comes last. A fact
of which somebody says not to know it stays unknown, and the outcome says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any, Final

from eendracht.kernel.errors import NotFound
from eendracht.kernel.rules.facts import Register
from eendracht.kernel.rules.library import CODES, Library
from eendracht.kernel.rules.needs import Need
from eendracht.reference.facts import CITIZEN, Benefit, FactName, load_benefits, load_fact_names
from eendracht.services.forms.facts import (
    KEY,
    MYSELF,
    PARTNERSHIP,
    STATED,
    UNKNOWN_KEY,
    Ask,
    FormFacts,
)
from eendracht.services.forms.outcomes import Outcome, work_out


@dataclass(frozen=True, slots=True)
class Form:
    """A form in progress: what is asked for, on which day, what registers know, and what was stated so far.

    `answers` are facts that no register has, `claims` those that are stated against a register, `skipped` those of
    which the person said not to know them.
    """

    benefits: tuple[Benefit, ...]
    on: date
    registers: tuple[Register, ...] = ()
    subject: str = MYSELF
    answers: Mapping[Ask, Any] = field(default_factory=dict)
    claims: Mapping[Ask, Any] = field(default_factory=dict)
    skipped: frozenset[Ask] = frozenset()

    @property
    def facts(self) -> FormFacts:
        """The facts as the rules take them; a claim comes before the register that it contradicts."""
        key = self.benefits[0].key if self.benefits else KEY
        subject = self.subject if key == KEY or any(item.key == key for item in self.registers) else MYSELF
        return FormFacts(self.on, self.registers, subject, {**self.answers, **self.claims}, key)

    def answered(self, ask: Ask, value: Any) -> Form:
        """Give the form with one more answer."""
        return replace(self, answers={**self.answers, ask: value}, skipped=self.skipped - {ask})

    def skipping(self, ask: Ask) -> Form:
        """Give the form in which somebody said not to know a fact."""
        return replace(self, skipped=self.skipped | {ask})

    def claimed(self, ask: Ask, value: Any) -> Form:
        """Give the form in which somebody says that a register is wrong about a fact."""
        return replace(self, claims={**self.claims, ask: value})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a fact is asked: the benefit that needs it, with the article."""

    benefit: Benefit
    law_name: str
    article: str
    url: str


@dataclass(frozen=True, slots=True)
class Question:
    """One fact to ask, by whom it is needed, and how many may follow.

    `members` are the facts of a group that is asked for as one. `at_least` more questions follow whatever the answers,
    at most `at_most`; both without this one.
    """

    ask: Ask
    kind: str
    unit: str
    reasons: tuple[Reason, ...]
    at_least: int
    at_most: int
    description: str = ""
    law_choices: tuple[Any, ...] = ()
    members: tuple[FactName, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact that the rules read, with the register that it stands in and what was stated instead of it."""

    ask: Ask
    value: Any
    source: str
    claimed: Any = None
    is_claimed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Where a form stands: the next question (None: nothing is left to ask), and every outcome so far."""

    question: Question | None
    outcomes: tuple[Outcome, ...]
    known: tuple[KnownFact, ...]
    """What registers said of the facts that were read."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to ask."""
        return self.question is None


def next_step(library: Library, form: Form) -> Step:
    """Work out every outcome, and give the question that settles most; never one that a register or answer settles."""
    facts = form.facts
    outcomes = tuple(work_out(library, benefit, facts) for benefit in form.benefits)
    return Step(_choose(form, facts, outcomes), outcomes, known_facts(form, outcomes))


def _choose(form: Form, facts: FormFacts, outcomes: Sequence[Outcome]) -> Question | None:
    scores: dict[Ask, Fraction] = {}
    wanted: dict[Ask, list[tuple[Outcome, Need]]] = {}
    for outcome in outcomes:
        seen: set[Ask] = set()
        places = 0
        for need in outcome.needs:
            ask = ask_of(need, facts)
            if ask in form.skipped or ask in seen or facts.value(ask) is not None:
                continue
            seen.add(ask)
            places += not _is_seldom(ask)
            weight = _SELDOM if _is_seldom(ask) else Fraction(1, places)
            scores[ask] = scores.get(ask, Fraction(0)) + weight
            wanted.setdefault(ask, []).append((outcome, need))
    if not scores:
        return None
    order = {name: at for at, name in enumerate(load_fact_names())}
    ranked = sorted(scores, key=lambda ask: (-scores[ask], order.get(ask.name, len(order)), ask.whose))
    gates = _gated(form, ranked)
    asked = list(dict.fromkeys(gates.get(ask, ask) for ask in ranked))
    sure = {gates.get(ask, ask) for ask in ranked if any(need.is_sure for _, need in wanted[ask])}
    most = len(ranked) - 1 + len(set(gates.values())) + max(item.seldom for item in outcomes)
    return _question(asked[0], wanted, gates, (len(sure - {asked[0]}), most))


_SELDOM: Final = Fraction(1, 1_000)


def _is_seldom(ask: Ask) -> bool:
    """Whether a fact decides for few: the laws count each answer as likely, which people know better."""
    item = load_fact_names().get(ask.name)
    return item is not None and item.is_seldom


def _gated(form: Form, asks: Iterable[Ask]) -> dict[Ask, Ask]:
    """Give the gate of each fact that belongs to a group of which several are still open and nothing was said."""
    names = load_fact_names()
    members: dict[Ask, list[Ask]] = {}
    for ask in asks:
        group = names[ask.name].group if ask.name in names else ""
        gate = Ask(group, ask.whose)
        if group and gate not in form.answers and gate not in form.skipped:
            members.setdefault(gate, []).append(ask)
    return {ask: gate for gate, found in members.items() if len(found) > 1 for ask in found}


def _question(
    ask: Ask,
    wanted: Mapping[Ask, Sequence[tuple[Outcome, Need]]],
    gates: Mapping[Ask, Ask],
    more: tuple[int, int],
) -> Question:
    parts = [part for part, gate in gates.items() if gate == ask] or [ask]
    reasons = {
        outcome.benefit.code: Reason(outcome.benefit, need.law_name, need.article, need.url)
        for part in parts
        for outcome, need in wanted.get(part, ())
    }
    need = wanted[parts[0]][0][1]
    members = tuple(load_fact_names()[part.name] for part in parts) if parts != [ask] else ()
    kind, unit = ("boolean", "") if members else kind_of(ask, need)
    return Question(ask, kind, unit, tuple(reasons.values()), *more, need.description, need.choices, members)


def kind_of(ask: Ask, need: Need | None = None) -> tuple[str, str]:
    """Give how a fact is asked: `dates`, `area`, `choice`, or the type and unit that the law declares."""
    item = load_fact_names().get(ask.name)
    if ask.name == "geboortedata_kinderen":
        return "dates", ""
    if ask.name in CODES:
        return "area", ""
    if item is not None and item.choices:
        return "choice", ""
    return (need.kind, need.unit) if need is not None else ("any", "")


def ask_of(need: Need, facts: FormFacts) -> Ask:
    """Give the question behind a missing fact: under the one name of the table, about the one whose it is.

    As long as nobody said whether there is a partner, a fact of the partner comes down to that question.
    """
    item = load_fact_names().get(need.name)
    name = item.asks or item.name if item is not None else need.name
    if need.is_about_other:
        return Ask(PARTNERSHIP) if facts.partner_key is UNKNOWN_KEY else Ask(name, "partner")
    return Ask(name)


def known_facts(form: Form, outcomes: Iterable[Outcome]) -> tuple[KnownFact, ...]:
    """Give what registers say of the facts that the rules read, each once; people only see what was used."""
    facts = form.facts
    registers = {register.name for register in form.registers}
    found: dict[Ask, KnownFact] = {}
    partner = facts.partner_key
    for read in (read for outcome in outcomes for read in outcome.reads):
        item = load_fact_names().get(read.column)
        if item is None or read.subject is None or item.is_of_body:
            continue
        name = item.asks or item.name
        ask = Ask(name, "partner" if partner is not None and str(read.subject) == str(partner) else "me")
        said = facts.find(ask)
        if ask in found or said is None or said[1] not in registers:
            continue
        claimed = form.claims.get(ask)
        found[ask] = KnownFact(ask, said[0], said[1], claimed, ask in form.claims)
    return tuple(found.values())


def benefits_for(name: str) -> tuple[Benefit, ...]:
    """Give what a form is about: a benefit by its code or UPL term, or all that belong to a life event.

    Raises NotFound.
    """
    benefits = load_benefits()
    term = name.rstrip("/").rpartition("/")[2].casefold()
    for benefit in benefits.values():
        if term in (benefit.code, benefit.upl_term.casefold()):
            return (benefit,)
    found = tuple(item for item in benefits.values() if term in item.life_events)
    if not found:
        raise NotFound("There is no form of this name", hint="Look for the service first.")
    return found


__all__ = ["CITIZEN", "STATED", "Form", "KnownFact", "Question", "Reason", "Step", "benefits_for", "next_step"]
