"""What a regulation is to others, without its bodies: dates, outputs, references, delegation; and what is odd in it.

An outline holds all that an index of many laws and the checks across laws need. It is plain data, so that it can be
kept between runs; whoever needs a rule itself takes the regulation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import make_fault
from eendracht.kernel.rules.signatures import infer
from eendracht.kernel.rules.typed import CONTEXT, Environment, Typed, names_of, shared_names, type_of_field

AREA_CODES = ("gemeente_code", "provincie_code", "waterschap_code")
"""Parameters of a case that say where it plays; they come along with every reference."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file whose name is known elsewhere."""

    line: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong (or odd) in one regulation by itself."""

    severity: Literal["error", "warning"]
    spot: Spot
    code: str
    nl: str
    en: str
    hint: str

    def at(self, file: str) -> Fault:
        """Give it as a fault in a file."""
        return make_fault(ir.Place(file, self.spot.line, self.spot.path), self.code, self.nl, self.en, self.hint)


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter, or an expression passed as one: name, type, unit, and whether it must be given."""

    name: str
    kind: ir.Kind
    unit: ir.Unit
    required: bool = False


@dataclass(frozen=True, slots=True)
class OutputLine:
    """An output with what it is computed from: outputs, inputs from articles and open terms, by name."""

    name: str
    kind: ir.Kind
    unit: ir.Unit
    spot: Spot
    outputs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputLine:
    """An input that comes from another article: which, and what is passed to it."""

    name: str
    kind: ir.Kind
    unit: ir.Unit
    law: str
    service: str
    output: str
    passed: tuple[Named, ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class TermLine:
    """An open term: whether it must be filled, and which inputs its default takes."""

    name: str
    kind: ir.Kind
    required: bool
    has_default: bool
    spot: Spot
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PowerLine:
    """That an article fills an open term of another article (`implements`) or replaces an output (`overrides`)."""

    law: str
    article: str
    name: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class HookLine:
    """When an article fires by itself."""

    point: str
    legal_character: str
    decision_type: str
    stage: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class LooseName:
    """A name that only another law can give a meaning: the one whose open term is filled, or a hook."""

    name: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class ArticleOutline:
    """One article that can be run, or that acts on another one; `position` is its place among the articles."""

    position: int
    number: str
    spot: Spot
    legal_character: str = ""
    parameters: tuple[Named, ...] = ()
    outputs: tuple[OutputLine, ...] = ()
    inputs: tuple[InputLine, ...] = ()
    terms: tuple[TermLine, ...] = ()
    implements: tuple[PowerLine, ...] = ()
    overrides: tuple[PowerLine, ...] = ()
    hooks: tuple[HookLine, ...] = ()
    loose: tuple[LooseName, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """The articles of a regulation that matter to others, and the findings in it."""

    articles: tuple[ArticleOutline, ...]
    findings: tuple[Finding, ...]


def make_outline(regulation: ir.Regulation) -> Outline:
    """Outline a regulation, and check it as far as it goes by itself. Never raises."""
    from eendracht.kernel.rules.regulation_checks import check_regulation

    findings, loose = check_regulation(regulation)
    shared = shared_names(regulation)
    articles = [
        _outline_article(regulation, article, position, loose.get(position, ()), shared)
        for position, article in enumerate(regulation.articles)
        if _matters(article)
    ]
    return Outline(tuple(articles), tuple(findings))


def spot_of(place: ir.Place) -> Spot:
    """Give a place without its file."""
    return Spot(place.line, place.path)


def references_in(
    expression: ir.Expression, bound: frozenset[str] = frozenset()
) -> Iterator[tuple[ir.Reference, bool]]:
    """Yield the references to names that FOREACH does not bind, and whether each stands in a FOREACH."""
    todo: list[tuple[ir.Expression, frozenset[str], bool]] = [(expression, bound, False)]
    while todo:
        node, names, inside = todo.pop()
        if isinstance(node, ir.Reference):
            if node.name not in names:
                yield node, inside
        elif isinstance(node, ir.Operation):
            inner, within = names, inside
            outer = node.operands
            if node.name == "FOREACH":
                inner, within = names | {str(node.options.get("as") or "item")}, True
                outer = node.operands[:1]
                todo += [(item, inner, True) for item in reversed(node.operands[1:])]
            todo += [(item, inner, within) for item in node.named.values()]
            todo += [(item, names, inside) for item in reversed(outer)]


def source_expressions(source: ir.Source) -> Iterable[ir.Expression]:
    """Give the expressions that a source is asked with."""
    if isinstance(source, ir.ArticleSource):
        return source.parameters.values()
    if isinstance(source, ir.TableSource):
        return [selection.value for selection in source.selections]
    return ()


def has_fallback(article: ir.Article, name: str) -> bool:
    """Whether a name still means something while the output of that name is being computed."""
    return any(name in known for known in (article.inputs, article.definitions, article.open_terms, article.parameters))


def _matters(article: ir.Article) -> bool:
    parts = (article.actions, article.outputs, article.inputs, article.parameters, article.open_terms)
    return any((*parts, article.implements, article.overrides, article.hooks))


def _outline_article(
    regulation: ir.Regulation,
    article: ir.Article,
    position: int,
    loose: Iterable[LooseName],
    shared: dict[str, Typed],
) -> ArticleOutline:
    environment = Environment(names_of(article, shared))
    return ArticleOutline(
        position,
        article.number,
        spot_of(article.place),
        article.legal_character,
        tuple(Named(name, field.kind, field.unit, field.required) for name, field in article.parameters.items()),
        tuple(_outputs(article, environment, regulation.dialect == "exact")),
        tuple(_inputs(article, environment)),
        tuple(_terms(article)),
        tuple(PowerLine(item.law, item.article, item.open_term, spot_of(item.place)) for item in article.implements),
        tuple(PowerLine(item.law, item.article, item.output, spot_of(item.place)) for item in article.overrides),
        tuple(
            HookLine(item.point, item.legal_character, item.decision_type, item.stage, spot_of(item.place))
            for item in article.hooks
        ),
        tuple(loose),
    )


def _outputs(article: ir.Article, environment: Environment, is_exact: bool) -> Iterator[OutputLine]:
    actions = {action.output: action for action in article.actions}
    for name in dict.fromkeys((*article.outputs, *actions)):
        declared, action = article.outputs.get(name), actions.get(name)
        computed = infer(action.expression, environment) if action else Typed()
        found = type_of_field(declared) if declared else computed
        place = declared.place if declared else action.place if action else article.place
        kind = computed.kind if found.kind == "any" else found.kind
        expressions = [action.expression] if action else []
        if action and article.requirements is not None:
            expressions.append(article.requirements)
        uses = _uses(article, expressions, name, set(actions), is_exact)
        yield OutputLine(name, kind, found.unit or computed.unit, spot_of(place), *uses)


def _inputs(article: ir.Article, environment: Environment) -> Iterator[InputLine]:
    for name, item in article.inputs.items():
        source = item.source
        if isinstance(source, ir.ArticleSource):
            passed = [(key, infer(value, environment)) for key, value in source.parameters.items()]
            yield InputLine(
                name,
                item.field.kind,
                item.field.unit,
                source.law,
                source.service,
                source.output,
                tuple(Named(key, found.kind, found.unit) for key, found in passed),
                spot_of(item.field.place),
            )


def _terms(article: ir.Article) -> Iterator[TermLine]:
    for name, term in article.open_terms.items():
        expressions = [action.expression for action in term.default]
        _, inputs, _ = _uses(article, expressions, "", set(), True)
        yield TermLine(name, term.kind, term.required, bool(term.default), spot_of(term.place), inputs)


def _uses(
    article: ir.Article, expressions: list[ir.Expression], own: str, actions: set[str], is_exact: bool
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Give the outputs, inputs and open terms that expressions take, also by way of what inputs are asked with.

    In the lenient dialect definitions, parameters and inputs go before outputs, and a name in the body of a FOREACH may
    be a field of the element.
    """
    outputs: dict[str, None] = {}
    inputs: dict[str, None] = {}
    terms: dict[str, None] = {}
    todo = list(expressions)
    while todo:
        for node, is_inside in references_in(todo.pop()):
            name = node.name
            if name in CONTEXT or (is_inside and not is_exact):
                continue
            if name in actions and not ((name == own or not is_exact) and has_fallback(article, name)):
                outputs[name] = None
            elif name in article.inputs and (is_exact or name not in article.definitions):
                if name not in inputs:
                    inputs[name] = None
                    todo += source_expressions(article.inputs[name].source)
            elif name in article.open_terms and name not in article.definitions:
                terms[name] = None
    return tuple(outputs), tuple(inputs), tuple(terms)
