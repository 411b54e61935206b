"""Checks one regulation by itself: every name means something, and types and units agree."""

from __future__ import annotations

from collections.abc import Iterator

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.outline import (
    AREA_CODES,
    Finding,
    LooseName,
    has_fallback,
    references_in,
    source_expressions,
    spot_of,
)
from eendracht.kernel.rules.signatures import infer
from eendracht.kernel.rules.typed import (
    CONTEXT,
    KIND_NL,
    Environment,
    Problem,
    Typed,
    kinds_clash,
    names_of,
    shared_names,
    type_of_field,
    type_of_value,
    units_clash,
)

_LAX_NAMES = frozenset(("year", "current"))


def check_regulation(regulation: ir.Regulation) -> tuple[list[Finding], dict[int, list[LooseName]]]:
    """Give what is wrong in a regulation by itself, and per article the names that only other laws can explain.

    In the lenient dialect all of it is a warning.
    """
    check = _Check(regulation)
    loose: dict[int, list[LooseName]] = {}
    for position, article in enumerate(regulation.articles):
        if article.actions or article.inputs or article.open_terms or article.definitions or article.outputs:
            found = check.names(article)
            if found:
                loose[position] = found
            check.types(article)
    check.duplicates()
    unique = {(item.spot, item.code, item.en): item for item in check.findings}
    return list(unique.values()), loose


class _Check:
    def __init__(self, regulation: ir.Regulation) -> None:
        self.regulation = regulation
        self.is_exact = regulation.dialect == "exact"
        self.findings: list[Finding] = []
        self.shared = shared_names(regulation)
        self.definitions = {name for article in regulation.articles for name in article.definitions}
        self.parameters = {name for article in regulation.articles for name in article.parameters}

    def find(self, place: ir.Place, code: str, nl: str, en: str, hint: str, is_error: bool = True) -> None:
        """Add a finding."""
        severity = "error" if is_error and self.is_exact else "warning"
        self.findings.append(Finding("error" if severity == "error" else "warning", spot_of(place), code, nl, en, hint))

    # --- Names ---

    def names(self, article: ir.Article) -> list[LooseName]:
        """Report names without a meaning; gives those that only another law can give one."""
        actions = {action.output for action in article.actions}
        loose: list[LooseName] = []
        depends = article.implements or article.overrides or article.legal_character
        for expression, known in _expressions(article, actions):
            for node, is_inside in references_in(expression):
                name = node.name
                if name in known or self._is_known(article, name) or article.hooks:
                    continue
                if is_inside and not self.is_exact:
                    continue
                if depends:
                    loose.append(LooseName(name, spot_of(node.place)))
                else:
                    self.find(node.place, *undefined(name))
        return loose

    def _is_known(self, article: ir.Article, name: str) -> bool:
        return (
            name in CONTEXT
            or name in AREA_CODES
            or has_fallback(article, name)
            or name in self.definitions
            or name in self.parameters
            or (not self.is_exact and name in _LAX_NAMES)
        )

    # --- Types ---

    def types(self, article: ir.Article) -> None:
        """Report types and units that cannot be right."""
        environment = Environment(names_of(article, self.shared), self._problem)
        for action in article.actions:
            computed = infer(action.expression, environment)
            declared = article.outputs.get(action.output)
            if declared is not None:
                self._agree(action.expression.place, action.output, type_of_field(declared), computed)
                self._has_default(action, declared)
        for item in article.inputs.values():
            for expression in source_expressions(item.source):
                infer(expression, environment)
        for term in article.open_terms.values():
            for action in term.default:
                computed = infer(action.expression, environment)
                self._agree(action.expression.place, term.name, Typed(term.kind), computed)
        if article.requirements is not None:
            infer(article.requirements, environment)
        for definition in article.definitions.values():
            declared_as = Typed(definition.kind, definition.unit)
            self._agree(definition.place, definition.name, declared_as, type_of_value(definition.value))
        computed_outputs = {action.output for action in article.actions}
        for name, field in article.outputs.items():
            if name not in computed_outputs and self.is_exact:
                self.find(
                    field.place,
                    "output-without-action",
                    f"De uitkomst '{name}' wordt nergens berekend",
                    f"The output '{name}' is computed nowhere",
                    "Add an action for it, or remove it.",
                    is_error=False,
                )

    def _problem(self, problem: Problem) -> None:
        self.find(problem.place, problem.code, problem.nl, problem.en, problem.hint, problem.is_sure)

    def _agree(self, place: ir.Place, name: str, declared: Typed, computed: Typed) -> None:
        if kinds_clash(declared, computed):
            self.find(
                place,
                "wrong-type",
                f"'{name}' hoort {KIND_NL.get(declared.kind, declared.kind)} te zijn en is "
                f"{KIND_NL.get(computed.kind, computed.kind)}",
                f"'{name}' is declared {declared.kind} and is {computed.kind}",
                "Correct the declared type or the rule.",
            )
        elif units_clash(declared, computed):
            self.find(
                place,
                "unit-mismatch",
                f"'{name}' hoort in {declared.unit} te zijn en is in {computed.unit}",
                f"'{name}' is declared in {declared.unit} and is in {computed.unit}",
                "Convert it, or correct the declared unit.",
            )

    def _has_default(self, action: ir.Action, declared: ir.Field) -> None:
        node = action.expression
        is_open = isinstance(node, ir.Operation) and node.name == "IF" and "default" not in node.named
        if is_open and not declared.nullable:
            self.find(
                node.place,
                "missing-default",
                f"'{action.output}' mag niet leeg zijn, maar deze IF heeft geen default",
                f"'{action.output}' is not nullable, but this IF has no default",
                "Add a default, or allow null.",
            )

    def duplicates(self) -> None:
        """Report outputs that several articles compute: the first is taken."""
        first: dict[str, ir.Article] = {}
        for article in self.regulation.articles:
            for action in article.actions:
                other = first.setdefault(action.output, article)
                if other is not article:
                    self.find(
                        action.place,
                        "duplicate-output",
                        f"Artikel {other.number} berekent '{action.output}' ook; dat gaat voor",
                        f"Article {other.number} computes '{action.output}' too, and goes before",
                        "Give the outputs different names.",
                        is_error=False,
                    )


def undefined(name: str) -> tuple[str, str, str, str]:
    """Give code, texts and hint for a name without a meaning."""
    return (
        "undefined-name",
        f"'${name}' is nergens bepaald",
        f"'${name}' is not defined",
        "Declare it as parameter, input, definition or open term.",
    )


def _expressions(article: ir.Article, actions: set[str]) -> Iterator[tuple[ir.Expression, set[str]]]:
    """Yield every expression with the outputs that it may name."""
    for action in article.actions:
        yield action.expression, actions
    for item in article.inputs.values():
        for expression in source_expressions(item.source):
            yield expression, actions
    for term in article.open_terms.values():
        for action in term.default:
            yield action.expression, {other.output for other in term.default}
    if article.requirements is not None:
        yield article.requirements, actions
