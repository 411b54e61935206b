"""A case that is tried on a page: what the law comes to with what was typed, and what it still asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from eendracht.kernel.errors import EendrachtError, Fault
from eendracht.kernel.explanation import Explanation
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.catalogue import list_outputs
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.library import CODES, Choice, Library
from eendracht.kernel.rules.outcome import Evaluation
from eendracht.kernel.rules.values import Unknown, as_date
from eendracht.web.case_form import Answers, Ask, CaseField, Declared, Typed, declared_fields, read_answer

_CODE = ir.Field("", "string", ir.Place("", 0), description="")


@dataclass(frozen=True, slots=True)
class CaseView:
    """What the page shows: the controls, what came of it, and what is wrong with what was typed."""

    typed: Typed
    law: ir.Regulation | None
    outputs: Mapping[str, tuple[ir.Article, ir.Field | None]]
    output: str
    asked: Sequence[CaseField] = ()
    """What the law asks now, the first first."""
    given: Sequence[CaseField] = ()
    """What was typed before."""
    faults: Sequence[Fault] = ()
    choice: Choice | None = None
    found: Evaluation | None = None
    explanation: Explanation | None = None
    refused: EendrachtError | None = None
    """Why the law cannot be applied to this."""

    @property
    def outcome(self) -> Any:
        """What the output that was asked came to."""
        return self.found.outcomes.get(self.output) if self.found else None


def try_case(library: Library, law: str, service: str, typed: Typed, *, is_first: bool, source: str) -> CaseView:
    """Work out what was typed; the first time nothing was, and only the questions are given.

    `source` is what the reasons call the source of what was typed.
    """
    day = as_date(typed.on)
    if day is None:
        fault = Fault("/on", "malformed-date", "Schrijf een dag die bestaat", "Write a day that exists")
        return CaseView(typed, None, {}, typed.output, faults=[fault])
    areas = {ask.name: text for ask, text in typed.texts.items() if ask.name in CODES}
    choice = library.select(law, day, areas, service)
    return _Trial(library, choice, typed, day, source).view(is_first=is_first)


def main_output(law: ir.Regulation) -> str:
    """Give the output that people ask for: of those that nothing else in the law is made of, the first in a decision.

    Empty where the law has none.
    """
    outputs = list_outputs(law)
    used = {
        item.source.output
        for article in law.articles
        for item in article.inputs.values()
        if isinstance(item.source, ir.ArticleSource) and not item.source.law
    }
    for article in law.articles:
        for action in article.actions:
            used |= _names(action.expression) - {action.output}
    free = [name for name in outputs if name not in used] or list(outputs)
    decided = [name for name in free if outputs[name][0].decision_type]
    return next(iter(decided or free), "")


def _names(node: ir.Expression) -> set[str]:
    if isinstance(node, ir.Reference):
        return {node.name}
    if isinstance(node, ir.Operation):
        return {name for part in (*node.operands, *node.named.values()) for name in _names(part)}
    return set()


_LIBRARIES: WeakKeyDictionary[Library, tuple[Declared, tuple[str, ...]]] = WeakKeyDictionary()


def _of_library(library: Library) -> tuple[Declared, tuple[str, ...]]:
    """Give the facts that the laws ask for by name, and the parameters that may say who is meant."""
    found = _LIBRARIES.get(library)
    if found is None:
        names = (name for law in library for item in law.articles for name in item.parameters)
        found = _LIBRARIES[library] = (declared_fields(library), tuple(dict.fromkeys(names)))
    return found


def _says_who(item: CaseField) -> bool:
    """Whether a fact says about whom others are asked, such as the number of a partner; `needs` lists only those."""
    return any(
        isinstance(part, ir.Reference) and part.name == item.declared.name
        for given in item.article.inputs.values()
        if isinstance(given.source, ir.ArticleSource)
        for part in given.source.parameters.values()
    )


def _as_registers(values: Mapping[Ask, Any], source: str) -> list[Register]:
    """Give what was typed as rows, one for each subject."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for ask, value in values.items():
        if ask.key:
            rows.setdefault((ask.key, ask.subject), {ask.key: ask.subject})[ask.name] = value
    return [Register(source, key, [row]) for (key, _), row in rows.items()]


class _Trial:
    """One case that is worked out."""

    def __init__(self, library: Library, choice: Choice, typed: Typed, day: date, source: str) -> None:
        self.library = library
        self.choice = choice
        self.law = choice.regulation
        self.typed = typed
        self.day = day
        self.source = source
        self.outputs = list_outputs(self.law)
        self.output = typed.output if typed.output in self.outputs else main_output(self.law)
        everywhere, self.keys = _of_library(library)
        self.declared = {**everywhere, **declared_fields([self.law])}
        self.parameters: list[CaseField] = []
        if self.output:
            article = self.outputs[self.output][0]
            self.parameters = [
                self.field(Ask(name), (self.law, article, declared)) for name, declared in article.parameters.items()
            ]

    def field(self, ask: Ask, place: tuple[ir.Regulation, ir.Article, ir.Field]) -> CaseField:
        """Give the control of a fact with what was typed in it."""
        law, article, declared = place
        return CaseField(ask, declared, law, article, self.typed.texts.get(ask, ""), ask in self.typed.none)

    def fields_given(self) -> list[CaseField]:
        """Give the controls of facts that were asked before, in the order in which they came."""
        shown = {item.ask for item in self.parameters}
        fields = []
        for ask in self.typed.texts:
            place = self.declared.get(ask.name.casefold()) or self.place_of_code(ask)
            if ask not in shown and place is not None:
                fields.append(self.field(ask, place))
        return fields

    def place_of_code(self, ask: Ask) -> tuple[ir.Regulation, ir.Article, ir.Field] | None:
        """Give where a code of an area is asked, which no article declares."""
        if ask.name not in CODES or not self.output:
            return None
        return self.law, self.outputs[self.output][0], replace(_CODE, name=ask.name)

    def view(self, *, is_first: bool) -> CaseView:
        """Give the page."""
        fields = [*self.parameters, *self.fields_given()]
        base = CaseView(self.typed, self.law, self.outputs, self.output, choice=self.choice)
        if is_first or not self.output:
            return replace(base, asked=fields)
        values: dict[Ask, Any] = {}
        read = [self.read(item, values) for item in fields]
        faults = [item.fault for item in read if item.fault is not None]
        unasked = [item for item in read if item.declared.required and item.ask not in values and item.fault is None]
        if faults or unasked:
            asked = [item for item in read if item.fault is not None or item in unasked]
            return replace(base, asked=asked, given=[item for item in read if item not in asked], faults=faults)
        return self.work_out(base, read, values)

    def read(self, item: CaseField, values: dict[Ask, Any]) -> CaseField:
        """Read one control into the values; gives it with what is wrong."""
        fault: Fault | None = None
        if item.text.strip() or item.is_none:
            value, fault = read_answer(item)
            if fault is None and (value is not None or item.is_none):
                values[item.ask] = value
        elif item.declared.required and item.ask in self.typed.texts:
            fault = Fault("", "missing-parameter", "Vul dit in", "Fill this in")
        return replace(item, fault=replace(fault, pointer=f"/{item.ask.control}")) if fault else item

    def work_out(self, base: CaseView, read: Sequence[CaseField], values: Mapping[Ask, Any]) -> CaseView:
        """Evaluate the law, and ask what it wants."""
        asks: list[Ask] = []
        parameters = {ask.name: value for ask, value in values.items() if not ask.key}
        own = [item.ask.name for item in self.parameters]
        keys = dict.fromkeys(
            (*own, *(name for law in self.library for item in law.articles for name in item.parameters))
        )
        registers = tuple(Answers(key, values, asks) for key in keys)
        case = Case(self.day, parameters, registers)
        shown = replace(base, given=read)
        try:
            found = evaluate(
                self.library,
                self.law.id,
                [self.output],
                case,
                mode="propagate",
                is_whole_article=False,
                service=self.law.service,
            )
        except EendrachtError as error:
            return replace(shown, refused=error)
        asked = self.fields_missing(found, asks, {item.ask for item in read if item.ask in values})
        plain = Case(self.day, parameters, tuple(_as_registers(values, self.source)))
        if asked:
            asked = self.in_order(found, plain, asked)
        reasons = self.explain(plain) if shown.output in found.outcomes and not asked else None
        blank = {item.ask for item in asked}
        given = [item for item in read if item.ask not in blank]
        return replace(shown, found=found, asked=asked, given=given, explanation=reasons)

    def in_order(self, found: Evaluation, case: Case, asked: Sequence[CaseField]) -> list[CaseField]:
        """Ask the fewest facts first, in the best order, each with the answers that the laws name."""
        from eendracht.kernel.rules.needs import needs
        from eendracht.kernel.rules.questions import domain_of, fields_asked

        try:
            wanted = needs(self.library, self.law.id, [self.output], case, service=self.law.service)
            order = {need.name.casefold(): at for at, need in reversed([*enumerate(wanted.facts)])}
            about_others = any(need.is_about_other for need in wanted.facts)
        except EendrachtError:
            order, about_others = {}, True
        places = fields_asked(found.used.values())
        chosen = []
        for item in asked:
            domain = domain_of(places.get(item.ask.name.casefold(), ()))
            is_text = item.declared.kind == "string"
            choices = tuple(str(choice) for choice in domain.choices) if is_text else ()
            chosen.append(replace(item, choices=choices))
        needed = [
            item for item in chosen if item.ask.name.casefold() in order or (about_others and _says_who(item))
        ] or chosen
        return sorted(needed, key=lambda item: order.get(item.ask.name.casefold(), len(order)))

    def explain(self, case: Case) -> Explanation | None:
        """Give the reasons in plain words, where there are any."""
        from eendracht.kernel.rules.receipts import Request
        from eendracht.kernel.rules.sentences import explain

        request = Request(self.law.id, (self.output,), "propagate", "BESLUIT", False, self.law.service)
        try:
            return explain(self.library, request, self.output, case)
        except EendrachtError:
            return None

    def fields_missing(self, found: Evaluation, asks: Sequence[Ask], known: set[Ask]) -> list[CaseField]:
        """Give the controls of the facts for want of which the output is unknown, in the order they were asked."""
        outcome = found.outcomes.get(self.output)
        value = outcome.value if outcome else None
        facts = value.facts if isinstance(value, Unknown) else found.missing
        wanted = {fact.name.casefold(): fact for fact in facts}
        fields: dict[Ask, CaseField] = {}
        for ask in asks:
            fact = wanted.get(ask.name)
            place = self.declared.get(ask.name)
            if fact is None or place is None:
                continue
            spelled = replace(ask, name=place[2].name)
            same = any((item.name, item.subject) == (spelled.name, spelled.subject) for item in fields)
            if not same and spelled not in known:
                fields[spelled] = self.field(spelled, place)
        named = {ask.name.casefold() for ask in fields}
        for name in sorted(wanted.keys() - named):
            ask = Ask(wanted[name].name)
            place = self.declared.get(name) or self.place_of_code(ask)
            if place is not None and ask not in known:
                fields[ask] = self.field(ask, place)
        return list(fields.values())
