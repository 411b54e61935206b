"""Which facts are still needed to decide outputs of a law, in the best order to ask them.

A fact that a parameter or a register of the case gives is never asked, nor one that no answer can make count any more.
The order: first the facts that every way to an outcome needs; then the one after which, over the answers that the law
tells apart and each as likely, the fewest questions are asked on average; then the easier to answer (yes or no, a
choice, a date, a number or amount, something else); then the order of the law. What the law computes with (an amount,
a date of birth) comes after what it only tells apart, unless every way needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any, Final

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.decision import Cell, Decision, Result, State
from eendracht.kernel.rules.evaluation import parameter_faults
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.failures import RuleFailure
from eendracht.kernel.rules.interpreter import evaluate_exact
from eendracht.kernel.rules.library import CODES, Library
from eendracht.kernel.rules.outcome import Evaluation
from eendracht.kernel.rules.questions import Asked, Domain, Inquiry, Question, domain_of, fields_asked, subject_of
from eendracht.kernel.rules.values import Fact, Unknown, to_plain, unknown

_MOST_CELLS: Final = 512
_MOST_STATES: Final = 10_000
"""How far answers are combined; beyond it the questions with the most answers count as open."""
_AREAS: Final = {
    "gemeente_code": "Code van de gemeente",
    "provincie_code": "Code van de provincie",
    "waterschap_code": "Code van het waterschap",
}
_KINDS: Final = {"boolean": 0, "string": 2, "date": 3, "number": 4, "amount": 4}


@dataclass(frozen=True, slots=True)
class Need:
    """A missing fact, who asks for it and how it can be answered.

    `about` names the parameter by which its subject is known (empty: the case itself), `is_about_other` says that the
    subject is not that of the case (a partner, say). `choices` are the answers that the law names; with `takes_other`
    any other answer counts too. `register` is the table that the law names as its source. `is_sure`: no answers to the
    others make it needless. `is_now`: the evaluation waits for it at this moment; the others may follow.
    """

    name: str
    law: str
    law_name: str
    article: str
    url: str
    description: str
    kind: str
    unit: str
    about: str = ""
    is_about_other: bool = False
    choices: tuple[Any, ...] = ()
    takes_other: bool = False
    register: str = ""
    is_sure: bool = False
    is_now: bool = True
    expected: Fraction | None = None
    """Questions asked on average when this one comes first; None where the answers cannot be listed."""

    def as_dict(self) -> dict[str, Any]:
        """Give the need as plain data."""
        return {
            "name": self.name,
            "law": self.law,
            "lawName": self.law_name,
            "article": self.article,
            "url": self.url,
            "description": self.description,
            "type": self.kind,
            "unit": self.unit,
            "about": self.about,
            "isAboutOther": self.is_about_other,
            "choices": to_plain(list(self.choices)),
            "takesOther": self.takes_other,
            "register": self.register,
            "isSure": self.is_sure,
            "isNow": self.is_now,
        }


@dataclass(frozen=True, slots=True)
class Needs:
    """The missing facts in the order to ask; none when the outputs are decided.

    `settled` has each output that no answer can change any more, with its value. `expected` is how many questions are
    asked on average. With `is_exact` each fact is needed for some answers to the others; else some may turn out not to
    be (a law that computes with an answer has no list of answers to try).
    """

    facts: tuple[Need, ...]
    settled: Mapping[str, Any]
    expected: Fraction
    is_exact: bool

    def as_dict(self) -> dict[str, Any]:
        """Give the needs as plain data."""
        return {
            "facts": [need.as_dict() for need in self.facts],
            "settled": {name: to_plain(value) for name, value in self.settled.items()},
            "expectedQuestions": round(float(self.expected), 2),
            "isExact": self.is_exact,
        }


def needs(library: Library, law: str, outputs: Sequence[str], case: Case, *, service: str = "") -> Needs:
    """Give the facts that are still needed to decide outputs of a law for a case.

    Raises InvalidInput for a parameter of a wrong type, NoSuchRule, RuleFailure when no answer could give an outcome.
    """
    regulation = library.select(law, case.on, case.parameters, service).regulation
    if regulation.dialect == "lax":
        from eendracht.kernel.rules.needs_lax import needs_lax

        return needs_lax(library, regulation, outputs, case)
    faults = parameter_faults(regulation, outputs, case)
    if wrong := [fault for fault in faults if fault.code != "missing-parameter"]:
        raise InvalidInput(f"{len(wrong)} faults in the case", faults=wrong)
    return _Search(library, law, tuple(outputs), case).needs()


class _Search:
    """One search for the needs of a case."""

    def __init__(self, library: Library, law: str, outputs: tuple[str, ...], case: Case) -> None:
        self.library, self.law, self.outputs = library, law, outputs
        self.required = _missing_required(library.select(law, case.on, case.parameters).regulation, outputs, case)
        absent = {fact.name: unknown(fact) for fact in self.required}
        self.case = case = replace(case, parameters={**case.parameters, **absent})
        used = self.run(case).used.values()
        self.asked = fields_asked(used)
        keys = [name for item in used for article in item.articles for name in article.parameters]
        self.inquiry = Inquiry(case, keys)
        self.names: dict[str, str] = {name: places[0].field.name for name, places in self.asked.items()}
        self.finite: list[Question] = []
        self.domains: dict[Question, Domain] = {}
        self.results: dict[State, tuple[Result, frozenset[Question], frozenset[Question]]] = {}

    def run(self, case: Case, *, explores: bool = True) -> Evaluation:
        return evaluate_exact(
            self.library, self.law, self.outputs, case, mode="propagate", is_whole_article=False, explores=explores
        )

    def questions(self, found: Evaluation, *, sure: bool = False) -> set[Question]:
        """Give the questions for want of which some output is unknown; with `sure` those that must be answered."""
        questions: set[Question] = set()
        for name in self.outputs:
            value = found.outcomes[name].value
            for fact in (value.sure if sure else value.facts) if isinstance(value, Unknown) else ():
                question = self.inquiry.question(fact)
                self.names.setdefault(question.name, fact.name)
                questions.add(question)
        return questions

    def needs(self) -> Needs:
        """Search, and describe what was found."""
        start = self.inquiry.with_answers({}, self.names)
        first = self.run(start)
        possible = sorted(self.questions(first), key=self.order)
        now = self.questions(self.run(start, explores=False))
        for question in possible:
            self.domains[question] = domain_of(self.asked.get(question.name, ()))
        listed = [question for question in possible if self.is_listed(question)]
        self.finite = _within_limits(listed, self.domains)
        decision = Decision([len(self.answers(question)) for question in self.finite], self.evaluate, self.lacks)
        facts = self.rank(decision, now)
        settled = self.settled(decision)
        ends = [self.look(self.walk(cell, frozenset())) for cell in decision.cells]
        # What the regulation of an area asks is seen when the area is known.
        is_local = any(question.name in CODES for question in possible)
        is_exact = not is_local and all(result.left <= sure for result, _, sure in ends)
        return Needs(facts, settled, decision.expected(decision.start), is_exact)

    def is_listed(self, question: Question) -> bool:
        return self.domains[question].values is not None and self.inquiry.may_be_answered(question)

    def answers(self, question: Question) -> tuple[Any, ...]:
        return self.domains[question].values or ()

    def order(self, question: Question) -> tuple[int, int, Question]:
        places = self.asked.get(question.name)
        return (places[0].order if places else 0, len(question.subject), question)

    # --- What each combination of answers comes to ---

    def evaluate(self, cell: Cell) -> Result:
        """Give what all answers of a cell come to."""
        return self.look(self.walk(cell, frozenset()))[0]

    def lacks(self, cell: Cell, at: int) -> bool:
        """Whether the outcome still wants a question when all others are answered."""
        return self.finite[at] in self.look(self.walk(cell, frozenset((at,))))[1]

    def walk(self, cell: Cell, without: frozenset[int]) -> State:
        """Answer one question after another as long as the outcome asks for one; gives the state that is reached."""
        state: State = (-1,) * len(cell)
        while True:
            asked = self.look(state)[1]
            following = (at for at, question in enumerate(self.finite) if question in asked and at not in without)
            at = next(following, -1)
            if at < 0:
                return state
            state = (*state[:at], cell[at], *state[at + 1 :])

    def look(self, state: State) -> tuple[Result, frozenset[Question], frozenset[Question]]:
        """Give what a state comes to, the questions that it may still ask, and those that it must."""
        found = self.results.get(state)
        if found is None:
            found = self.results[state] = self.compute(state)
        return found

    def compute(self, state: State) -> tuple[Result, frozenset[Question], frozenset[Question]]:
        given = {
            question: self.answers(question)[at] for question, at in zip(self.finite, state, strict=True) if at >= 0
        }
        try:
            found = self.run(self.inquiry.with_answers(given, self.names))
        except RuleFailure as failure:
            return Result(("failed", failure.reason)), frozenset(), frozenset()
        asked = self.questions(found)
        outcome = tuple(_comparable(found.outcomes[name].value) for name in self.outputs)
        left = frozenset(asked.difference(self.finite))
        return Result(outcome, left), frozenset(asked), frozenset(self.questions(found, sure=True))

    def settled(self, decision: Decision) -> dict[str, Any]:
        """Give the outputs that come to one value whatever the answers."""
        found: dict[str, Any] = {}
        outcomes = {result.outcome for result in decision.cells.values()}
        if any(isinstance(outcome, tuple) and outcome[0] == "failed" for outcome in outcomes):
            return found
        cell = next(iter(decision.cells))
        state = self.walk(cell, frozenset())
        given = {
            question: self.answers(question)[at] for question, at in zip(self.finite, state, strict=True) if at >= 0
        }
        values = self.run(self.inquiry.with_answers(given, self.names)).outcomes
        for at, name in enumerate(self.outputs):
            reached = {outcome[at] for outcome in outcomes if isinstance(outcome, tuple)}
            if len(reached) == 1 and not isinstance(values[name].value, Unknown):
                found[name] = values[name].value
        return found

    # --- The order ---

    def rank(self, decision: Decision, now: set[Question]) -> tuple[Need, ...]:
        """Give the needs in the order to ask."""
        ranked: list[tuple[Any, Need]] = []
        for fact in self.required:
            question = Question(fact.name.casefold())
            first = ((-1, Fraction(0)), False, 0, self.order(question))
            ranked.append((first, self.need(question, True, {question}, None)))
        ends = [self.look(self.walk(cell, frozenset())) for cell in decision.cells]
        left = {question for _, asked, _ in ends for question in asked.difference(self.finite)}
        for at in decision.relevant(decision.start):
            question, expected = self.finite[at], decision.expected_after(decision.start, at)
            is_sure = decision.is_sure(at)
            ranked.append(
                (self.key(question, is_sure, question in now, expected), self.need(question, is_sure, now, expected))
            )
        for question in left.difference(Question(fact.name.casefold()) for fact in self.required):
            is_sure = all(question in sure for _, _, sure in ends)
            ranked.append((self.key(question, is_sure, question in now, None), self.need(question, is_sure, now, None)))
        return tuple(need for _, need in sorted(ranked, key=lambda pair: pair[0]))

    def key(self, question: Question, is_sure: bool, is_now: bool, expected: Fraction | None) -> tuple[Any, ...]:
        places = self.asked.get(question.name)
        kind = _KINDS.get(places[0].field.kind, 5) if places else 5
        kind = 1 if kind > 1 and self.domains.get(question, Domain(None)).choices else kind
        rank = (0, Fraction(0)) if is_sure else (1, expected) if expected is not None else (2, Fraction(0))
        return (rank, not is_now, kind, self.order(question))

    def need(self, question: Question, is_sure: bool, now: set[Question], expected: Fraction | None) -> Need:
        """Describe a question by where the law asks for it first."""
        places = self.asked.get(question.name, ())
        domain = self.domains.get(question, Domain(None))
        known = subject_of(self.case.parameters.get(question.key, ""))
        common = {
            "about": question.key,
            "is_about_other": bool(question.key) and question.subject != known,
            "choices": domain.choices,
            "takes_other": bool(domain.choices) and _first(places, "kind") != "boolean",
            "is_sure": is_sure,
            "is_now": question in now,
            "expected": expected,
        }
        return described(places, self.names[question.name], self.law, common)


def _missing_required(law: ir.Regulation, outputs: Sequence[str], case: Case) -> list[Fact]:
    """Give the parameters that the articles of the outputs require and the case lacks."""
    found: dict[str, Fact] = {}
    for output in outputs:
        article = law.article_of(output)
        for name, field in article.parameters.items() if article else ():
            if field.required and name not in case.parameters:
                found.setdefault(name, Fact(name, law.id, article.number if article else ""))
    return list(found.values())


def described(places: Sequence[Asked], name: str, law: str, more: Mapping[str, Any]) -> Need:
    """Give a need with what its first place says of it; one that no place declares says the least."""
    if not places:
        return Need(name, law, law, "", "", _AREAS.get(name, ""), "string" if name in _AREAS else "any", "", **more)
    place = places[0]
    basis = place.field.basis
    url = (basis.url if basis else "") or place.article.url or place.law.url
    said = next((item.field.description for item in places if item.field.description), "")
    return Need(
        name, place.law.id, place.law.name, place.article.number, url, said, place.field.kind, place.field.unit, **more
    )


def _first(places: Sequence[Asked], name: str) -> Any:
    return getattr(places[0].field, name) if places else ""


def _within_limits(questions: Iterable[Question], domains: Mapping[Question, Domain]) -> list[Question]:
    """Leave out the questions with the most answers until all combinations can be tried."""
    found = list(questions)
    while found:
        sizes = [len(domains[question].values or ()) for question in found]
        if prod(sizes) <= _MOST_CELLS and prod(size + 1 for size in sizes) <= _MOST_STATES:
            break
        found.pop(max(range(len(found)), key=lambda at: (sizes[at], at)))
    return found


def _comparable(value: Any) -> tuple[str, str]:
    if isinstance(value, Unknown):
        return ("unknown", "")
    return (type(value).__name__, repr(value))
