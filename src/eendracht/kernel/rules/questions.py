"""Questions that an evaluation may ask of a case: who asks them, about whom, and which answers make a difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.values import Fact, Unknown, as_date, is_number, unknown

OTHER: Final = "\x00other"
"""Stands for any text that the law does not name."""
_COMPARED: Final = frozenset(
    ("EQUALS", "IN", "GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL")
)
_WHOLE: Final = frozenset(("eurocent", "years", "months", "weeks", "days", "hours"))


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """A fact about a subject: the name, and the key with its value as text (both empty for the case itself)."""

    name: str
    key: str = ""
    subject: str = ""


def subject_of(key: Any) -> str:
    """Give the value of a key as text; of one that is unknown, by what it is unknown."""
    if isinstance(key, Unknown):
        return "?" + ",".join(sorted(f"{fact.name} {fact.key}" for fact in key.facts))
    return str(key)


class _Asking(Register):
    """Answers every question about the subjects of one key with "unknown", and remembers what was asked."""

    def __init__(self, key: str) -> None:
        super().__init__("", key, ())
        self.asked: dict[Fact, tuple[Question, Any]] = {}
        self._name = ""
        self.columns = self  # type: ignore[assignment]

    def get(self, folded: str) -> str:
        """Take note of the name that is looked for."""
        self._name = folded
        return folded

    def find(self, key: Any) -> list[dict[str, Any]]:
        """Give a row that says of the name looked for that it is unknown."""
        subject = subject_of(key)
        question = Question(self._name, self.key, subject)
        fact = Fact(self._name, key=f"{self.key}={subject}")
        self.asked[fact] = (question, key)
        return [{self._name: unknown(fact)}]


class Inquiry:
    """A case that answers what it has, and keeps the questions that it has no answer to."""

    def __init__(self, case: Case, keys: Iterable[str]) -> None:
        self.case = case
        first = [register.key for register in case.registers]
        self._asking = [_Asking(key) for key in dict.fromkeys((*first, *case.parameters, *keys)) if key]

    def question(self, fact: Fact) -> Question:
        """Give the question behind a fact that an outcome wants."""
        for asking in self._asking:
            if fact in asking.asked:
                return asking.asked[fact][0]
        return Question(fact.name.casefold())

    def may_be_answered(self, question: Question) -> bool:
        """Whether it is known about whom it is; a partner of whom the number is unknown cannot be looked up."""
        return not question.subject.startswith("?")

    def with_answers(self, answers: Mapping[Question, Any], names: Mapping[str, str]) -> Case:
        """Give the case with answers; `names` has the name of each question as the law spells it."""
        loose = {names[question.name]: value for question, value in answers.items() if not question.key}
        rows: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        for question, value in answers.items():
            if question.key:
                rows[question.key, question.subject][question.name] = value
        given = [Register("", key, [{key: subject, **row}]) for (key, subject), row in rows.items()]
        registers = (*self.case.registers, *given, *self._asking)
        return Case(self.case.on, {**self.case.parameters, **loose}, registers, self.case.claims)


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a fact is asked: the law, the article, and the field that declares it."""

    law: ir.Regulation
    article: ir.Article
    field: ir.Field
    order: int


def fields_asked(laws: Iterable[ir.Regulation]) -> dict[str, list[Asked]]:
    """Give by folded name each parameter and each fact from outside that the laws declare, in the order of the laws."""
    found: dict[str, list[Asked]] = defaultdict(list)
    order = 0
    for law in laws:
        for article in law.articles:
            inputs = [item.field for item in article.inputs.values() if not isinstance(item.source, ir.ArticleSource)]
            for field in (*article.parameters.values(), *inputs):
                order += 1
                found[field.name.casefold()].append(Asked(law, article, field, order))
    return found


# --- Which answers make a difference ---


@dataclass(frozen=True, slots=True)
class Domain:
    """The answers to a question that a law tells apart: `values` has one for each.

    None when the law computes with the answer. `choices` are the answers that the law names, for a form.
    """

    values: tuple[Any, ...] | None
    choices: tuple[Any, ...] = ()


def domain_of(places: Iterable[Asked]) -> Domain:
    """Give the answers that the law tells apart, over all places that ask for the fact."""
    found = list(places)
    kinds = {asked.field.kind for asked in found}
    values = [value for asked in found for value in _compared_with(asked)]
    compared = None if any(value is _ANYTHING for value in values) else values
    if kinds == {"boolean"}:
        return Domain((True, False, *((None,) if compared and None in compared else ())), (True, False))
    if compared is None:
        return Domain(None)
    unique = list({repr(value): value for value in compared}.values())
    if unique and all(isinstance(value, str) or value is None for value in unique):
        if kinds <= {"date"} or any(as_date(value) for value in unique):
            return _dates(unique)
        texts = sorted(value for value in unique if value is not None)
        return Domain((*texts, *((None,) if None in unique else ()), OTHER), tuple(texts))
    if unique and all(is_number(value) for value in unique):
        whole = all(asked.field.unit in _WHOLE or asked.field.precision == 0 for asked in found)
        low = max((asked.field.minimum for asked in found if is_number(asked.field.minimum)), default=None)
        return Domain(tuple(_around(sorted(unique), whole=whole, low=low)))
    return Domain(None)


_ANYTHING: Final = object()


def _dates(values: list[Any]) -> Domain:
    days = [as_date(value) for value in values]
    if None in days:
        return Domain(None)
    ordinals = _around(sorted({day.toordinal() for day in days if day}), whole=True, low=1)
    return Domain(tuple(date.min + timedelta(days=int(ordinal) - 1) for ordinal in ordinals))


def _around(marks: list[Any], *, whole: bool, low: Any) -> Iterator[Any]:
    """Yield each mark and one value between and beside them."""
    before: Any = None
    for mark in marks:
        if before is None:
            if low is None or mark > low:
                yield mark - 1 if low is None else max(mark - 1, low)
        elif not whole or mark - before > 1:
            yield before + 1 if mark - before > 1 else Fraction(before + mark) / 2
        yield mark
        before = mark
    yield before + 1


def _compared_with(asked: Asked) -> Iterator[Any]:
    """Yield the constants that a fact is compared with in its article, and `_ANYTHING` where it is used otherwise."""
    article = asked.article
    roots = [action.expression for action in article.actions]
    roots += [action.expression for term in article.open_terms.values() for action in term.default]
    roots += [article.requirements] if article.requirements else []
    for root in roots:
        yield from _uses(root, asked)
    for item in article.inputs.values():
        if isinstance(item.source, ir.ArticleSource):
            given = [*item.source.parameters.values()]
            # A reference within the law passes all parameters on.
            if any(_mentions(part, asked.field.name) for part in given):
                yield _ANYTHING


def _uses(node: ir.Expression, asked: Asked) -> Iterator[Any]:
    name = asked.field.name
    if isinstance(node, ir.Reference) and node.name == name:
        yield _ANYTHING
    if not isinstance(node, ir.Operation):
        return
    parts = list(node.operands)
    direct = [part for part in parts if isinstance(part, ir.Reference) and part.name == name and not part.path]
    if node.name in _COMPARED and direct:
        for part in parts:
            if part not in direct:
                yield from _constants(part, asked)
        return
    if direct and node.name in ("AND", "OR", "NOT", "IF") and asked.field.kind == "boolean":
        parts = [part for part in parts if part not in direct]
    for part in (*parts, *node.named.values()):
        yield from _uses(part, asked)


def _constants(node: ir.Expression, asked: Asked) -> Iterator[Any]:
    if isinstance(node, ir.Constant):
        yield from node.value if isinstance(node.value, list) else [node.value]
    elif isinstance(node, ir.Operation) and node.name == "LIST":
        for part in node.operands:
            yield from _constants(part, asked)
    elif isinstance(node, ir.Reference) and not node.path and node.name in asked.article.definitions:
        value = asked.article.definitions[node.name].value
        yield from value if isinstance(value, list) else [value]
    else:
        yield _ANYTHING


def _mentions(node: ir.Expression, name: str) -> bool:
    if isinstance(node, ir.Reference):
        return node.name == name
    return isinstance(node, ir.Operation) and any(
        _mentions(part, name) for part in (*node.operands, *node.named.values())
    )
