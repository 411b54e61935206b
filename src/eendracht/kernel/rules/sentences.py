"""Explains an outcome in plain words, Dutch (B1) and English: article, numbers, what decided, what would change it.

The sentences come from the trace of the evaluation; what would change the outcome is found by evaluating again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, Final

from eendracht.kernel.explanation import Explanation, Input, Rule
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.narration import Narrator, definition_of, unit_of
from eendracht.kernel.rules.needs import Need, needs
from eendracht.kernel.rules.outcome import Evaluation, Outcome
from eendracht.kernel.rules.questions import OTHER, domain_of, fields_asked
from eendracht.kernel.rules.reads import TABLE, Read, Watch, cells_of, narrow, with_cell
from eendracht.kernel.rules.receipts import Request
from eendracht.kernel.rules.retracing import Reading, Seen
from eendracht.kernel.rules.spoken import article_said, grade_said, name_said, sentence, value_said
from eendracht.kernel.rules.turning import Turn, Turning, Variable, variable_of
from eendracht.kernel.rules.values import Unknown, Untranslatable, as_date, is_number
from eendracht.kernel.wording import Said, say

NO_DECISION: Final = Said("Dit is informatie, geen besluit.", "This is information, not a decision.")
HARDSHIP: Final = Said(
    "Is de uitkomst heel onredelijk? Dan kan een medewerker misschien afwijken.",
    "Is the outcome very unfair? Then a member of staff may be able to make an exception.",
)
NOT_A_NO: Final = Said("Onbekend betekent niet: geen recht.", "Unknown does not mean: no right.")
GIVERS: Final = Said(
    "U kunt deze gegevens zelf opgeven, of een register geeft ze.",
    "You can give these facts yourself, or a register gives them.",
)
_ELSE: Final = Said("iets anders", "something else")
_MORE: Final = Said("meer", "more")
_LESS: Final = Said("minder", "less")
_LATER: Final = Said("later", "later")
_EARLIER: Final = Said("eerder", "earlier")
_OF_OTHER: Final = Said(" van een ander", " of someone else")
_MOST_INPUTS: Final = 20
_MOST_CHANGES: Final = 4
_MOST_VARIED: Final = 8
_MOST_MISSING: Final = 8


def explain(library: Library, request: Request, output: str, case: Case) -> Explanation:
    """Explain one output of a request for a case, in both languages.

    Raises as `evaluate` does, and NoSuchRule for an output that the request does not give.
    """
    return _Explaining(library, replace(request, is_whole_article=False), output, case).explanation()


class _Explaining:
    """The explanation of one output."""

    def __init__(self, library: Library, request: Request, output: str, case: Case) -> None:
        self.library, self.request, self.output, self.case = library, request, output, case
        watch = Watch(case)
        self.found: Evaluation = request.run(library, watch.case)
        self.reads: list[Read] = [
            narrow(read, self.found, case.parameters) if read.column == TABLE else read for read in watch.reads()
        ]
        self.reading = Reading(self.found)

    def explanation(self) -> Explanation:
        outcome = self.found.outcomes.get(self.output)
        if outcome is None:
            return self.without_outcome()
        name = name_said(self.output, outcome.field)
        if isinstance(outcome.value, Unknown):
            return self.unknown(outcome, name)
        value = value_said(outcome.value, outcome.field.unit if outcome.field else "")
        verdict = _filled("{name}: {value}.", "{name}: {value}.", name=name, value=value)
        if isinstance(outcome.value, Untranslatable):
            verdict = _filled("{name}: dit moet een mens beoordelen.", "{name}: a person has to judge this.", name=name)
            return Explanation(verdict, rule_of(outcome.law, outcome.article), steps=self.closing())
        seen = self.reading.output(self.output, outcome.law, outcome.article, outcome.value)
        return self.told(verdict, outcome.law, outcome.article, seen, outcome)

    def told(
        self, verdict: Said, law: ir.Regulation, article: ir.Article, seen: Seen | None, outcome: Outcome | None
    ) -> Explanation:
        narrator = Narrator(self.reading)
        if seen is not None:
            narrator.tell(seen)
        inputs = list(self.inputs(narrator.facts))
        return Explanation(
            verdict,
            rule_of(law, article),
            inputs[:_MOST_INPUTS],
            max(0, len(inputs) - _MOST_INPUTS),
            (*narrator.steps, *self.closing()),
            self.changes(narrator.facts, outcome),
        )

    def without_outcome(self) -> Explanation:
        """Explain that there is no outcome: a required fact is missing, or the requirements are not met."""
        law = self.found.law
        article = law.article_of(self.output) or law.articles[0]
        name = name_said(self.output, article.outputs.get(self.output))
        if self.found.missing_required or self.found.requirements_met:
            return self.wanting(name, law, article)
        verdict = _filled(
            "{name}: er is geen uitkomst. De voorwaarden van de wet kloppen niet.",
            "{name}: there is no outcome. The conditions of the law do not hold.",
            name=name,
        )
        return self.told(verdict, law, article, self.reading.requirements(), None)

    def unknown(self, outcome: Outcome, name: Said) -> Explanation:
        return self.wanting(name, outcome.law, outcome.article)

    def wanting(self, name: Said, law: ir.Regulation, article: ir.Article) -> Explanation:
        """Explain that facts are missing: which, who asks for them, and from whom they can come."""
        wanted = needs(self.library, self.request.law, [self.output], self.case, service=self.request.service)
        verdict = _filled(
            "{name}: nog niet bekend. Er ontbreken gegevens.", "{name}: not known yet. Facts are missing.", name=name
        )
        steps = [NOT_A_NO, *(missing_said(need) for need in wanted.facts[:_MOST_MISSING])]
        if more := len(wanted.facts) - _MOST_MISSING:
            nl, en = "Er {n:kan|kunnen} nog {n} {n:vraag|vragen} volgen.", "{n} more {n:question|questions} may follow."
            steps += [say(nl, en, n=more)] if more > 0 else []
        steps += [GIVERS] if wanted.facts else []
        changes = [
            _filled(
                "Is dit bekend: {name}? Dan gaat de berekening verder.",
                "Once {name} is known, the calculation goes on.",
                name=name_of(need),
            )
            for need in wanted.facts[:1]
        ]
        return Explanation(verdict, rule_of(law, article), steps=(*steps, *self.closing()), changes=changes)

    def closing(self) -> list[Said]:
        """Say what is always said: that it is no decision, and that there may be room to depart from it."""
        for law in self.found.used.values():
            for article in law.articles:
                if "hardheidsclausule" in article.text.casefold():
                    where = article_said(law, article)
                    return [
                        NO_DECISION,
                        _filled("Een uitzondering kan via {law}.", "An exception is possible under {law}.", law=where),
                    ]
        return [NO_DECISION, HARDSHIP]

    # --- What went in ---

    def inputs(self, facts: Iterable[Seen]) -> Iterator[Input]:
        """Yield each fact and figure once, with where it came from."""
        keys = {register.key for register in self.case.registers}
        told: set[tuple[str, str, str]] = set()
        for seen in facts:
            assert isinstance(seen.expression, ir.Reference)
            name = ".".join((seen.expression.name, *seen.expression.path))
            kind = seen.node.kind if seen.node else ""
            mark = (name.casefold(), repr(seen.value), kind)
            if mark in told or name in keys or kind in ("CONTEXT", "LOCAL"):
                continue
            told.add(mark)
            yield self.input(seen, name)

    def input(self, seen: Seen, name: str) -> Input:
        value = value_said(seen.value, unit_of(seen))
        label = sentence(name_said(name, seen.field))
        definition = definition_of(seen) if seen.node is not None and seen.node.kind == "DEFINITION" else None
        if definition is None:
            return Input(label, value, source=self.source_of(seen))
        if grade := grade_said(definition.grade):
            value = Said(f"{value.nl} ({grade.nl})", f"{value.en} ({grade.en})")
        law, article = seen.scope.law, seen.scope.article
        place = f"{law.name}, art. {article.number}" if article.number else law.name
        source = f"{place}; {definition.source}" if definition.source else place
        return Input(label, value, source=source, date=law.valid_from.isoformat() if law.valid_from else "")

    def source_of(self, seen: Seen) -> str:
        """Give where a fact came from: the register, or the question itself."""
        assert isinstance(seen.expression, ir.Reference)
        if seen.node is not None and seen.node.provider:
            return seen.node.provider
        for node in seen.scope.node.children:
            if node.type == "resolve" and node.name == seen.expression.name and node.provider:
                return node.provider
        item = seen.scope.article.inputs.get(seen.expression.name)
        if item is not None and isinstance(item.source, ir.ArticleSource) and item.source.law:
            return item.source.law
        return "parameter"

    # --- What would change it ---

    def changes(self, facts: Sequence[Seen], outcome: Outcome | None) -> list[Said]:
        """Say for the facts that decided at which value the outcome turns; without outcome, the requirements."""
        if outcome is None:
            turning = Turning(lambda case: self.request.run(self.library, case).requirements_met, False)
        else:
            turning = Turning(self.outcome_of, outcome.value)
        unit = outcome.field.unit if outcome and outcome.field else ""
        said: dict[Said, None] = {}
        for variable, field in self.variables(facts):
            for turn in turning.turns(variable):
                ending = value_said(turn.outcome, unit) if outcome is not None else None
                said[turn_said(turn, field, ending)] = None
            if len(said) >= _MOST_CHANGES:
                break
        return list(said)[:_MOST_CHANGES]

    def outcome_of(self, case: Case) -> Any:
        """Evaluate another case; an outcome that is not there is unknown."""
        found = self.request.run(self.library, case).outcomes.get(self.output)
        return Unknown(frozenset()) if found is None else found.value

    def variables(self, facts: Sequence[Seen]) -> Iterator[tuple[Variable, ir.Field | None]]:
        """Yield the facts of the case that can be varied: first those that were told, then the others that were read.

        Among them a number that is zero comes last.
        """
        keys = {register.key for register in self.case.registers}
        told = [seen.expression.name if isinstance(seen.expression, ir.Reference) else "" for seen in facts]
        read = [item.column for item in self.reads if item.subject is not None and item.column]
        known = {name.casefold(): name for name in (*self.case.parameters, *read)}
        asked = fields_asked(self.found.used.values())
        fields = {name.casefold(): seen.field for name, seen in zip(told, facts, strict=True)}
        found: list[tuple[Variable, ir.Field | None]] = []
        for name in dict.fromkeys(name.casefold() for name in (*told, *read, *self.case.parameters)):
            places = asked.get(name, [])
            field = places[0].field if places else fields.get(name)
            if name not in known or known[name] in keys or field is None:
                continue
            more = {"choices": domain_of(places).choices, "step": _step(field), "minimum": field.minimum}
            found += [(item, field) for item in variable_of(self.case, known[name], self.reads, **more)]
        found += self.cells(told)
        found.sort(key=lambda pair: is_number(pair[0].value) and not pair[0].value)
        yield from found[:_MOST_VARIED]

    def cells(self, told: Sequence[str]) -> Iterator[tuple[Variable, ir.Field | None]]:
        """Yield the cells of tables that can be varied (service-based format), those that were told first."""
        asked = fields_asked(self.found.used.values())
        found: list[tuple[tuple[int, str], Variable, ir.Field | None]] = []
        for at, read in enumerate(self.reads):
            if read.column != TABLE:
                continue
            for law in self.found.used.values():
                article = law.articles[0]
                for name, column in cells_of(read, article):
                    field, value = article.inputs[name].field, read.value[0][column]
                    put = partial(with_cell, self.case, read, column)
                    if column != read.key:
                        choices = domain_of(asked.get(name.casefold(), ())).choices
                        cell = Variable(name, value, put, _step(field), choices, field.minimum)
                        found.append(((at, column), cell, field))
        found.sort(key=lambda item: item[1].name not in told)
        taken: set[tuple[int, str]] = set()
        for place, cell, declared in found:
            # Two names may stand for one cell.
            if place not in taken:
                taken.add(place)
                yield cell, declared


def _step(field: ir.Field) -> Any:
    """Give the smallest difference that counts: a cent, a year, one; of a ratio a hundredth of a percent."""
    if field.unit in ("euro", "percentage"):
        return Fraction(1, 100)
    return Fraction(1, 10_000) if field.unit == "ratio" else 1


def turn_said(turn: Turn, field: ir.Field | None, outcome: Said | None) -> Said:
    """Say at which value of a fact the outcome is another; without one, that the requirements are met."""
    value = _ELSE if turn.value == OTHER else value_said(turn.value, field.unit if field else "")
    if turn.direction and not (turn.direction < 0 and turn.value == 0):
        is_day = as_date(turn.value) is not None
        more, less = (_LATER, _EARLIER) if is_day else (_MORE, _LESS)
        word = more if turn.direction > 0 else less
        value = Said(f"{value.nl} of {word.nl}", f"{value.en} or {word.en}")
    if outcome is None:
        ending = Said("Dan kloppen de voorwaarden.", "Then the conditions hold.")
    else:
        ending = _filled("Dan is de uitkomst: {outcome}.", "Then the outcome is: {outcome}.", outcome=outcome)
    return _filled(
        "Stel: {name}{whose} is {value}. {ending}",
        "Suppose {name}{whose} is {value}. {ending}",
        name=name_said(turn.name, field),
        whose=_OF_OTHER if turn.is_about_other else Said("", ""),
        value=value,
        ending=ending,
    )


def name_of(need: Need) -> Said:
    """Name a missing fact in words."""
    place = ir.Place("", 0)
    return name_said(need.name, ir.Field(need.name, "any", place, description=need.description))


def missing_said(need: Need) -> Said:
    """Say of a missing fact who asks for it, and who can give it."""
    number = f", artikel {need.article}" if need.article else ""
    number_en = f", article {need.article}" if need.article else ""
    whose = _OF_OTHER if need.is_about_other else Said("", "")
    giver = (
        Said(f" Dit staat in: {need.register}.", f" It is kept in: {need.register}.") if need.register else Said("", "")
    )
    return _filled(
        "Nodig: {name}{whose}. Dit vraagt {law}{article}.{giver}",
        "Needed: {name}{whose}. {law}{article} asks for it.{giver}",
        name=name_of(need),
        whose=whose,
        law=Said(need.law_name, need.law_name),
        article=Said(number, number_en),
        giver=giver,
    )


def rule_of(law: ir.Regulation, article: ir.Article) -> Rule:
    """Give the article as what a verdict rests on, with its address."""
    url = article.url or law.url or (f"https://wetten.overheid.nl/{law.bwb_id}" if law.bwb_id else "")
    label = f"{law.name}, artikel {article.number}" if article.number else law.name
    return Rule(law.id, Said(law.name, law.name), label, url)


def _filled(nl: str, en: str, **values: Said) -> Said:
    first = nl.format(**{key: value.nl for key, value in values.items()})
    return sentence(Said(first, en.format(**{key: value.en for key, value in values.items()})))
