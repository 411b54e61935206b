"""The steps of a calculation as a list that can be opened: each with what it is, what it gave and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.trace import Node
from eendracht.kernel.rules.values import Unknown, Untranslatable
from eendracht.kernel.wording import Said
from eendracht.kit.i18n import Words
from eendracht.kit.rules import print_value
from eendracht.web.rule_words import label_of, operation_of

MOST_STEPS: Final = 1_500
"""How many steps a page shows; a longer calculation is cut off and says so."""
_ORIGINS: Final[Mapping[str, Said]] = {
    "PARAMETER": Said("gegeven", "given"),
    "DATA_SOURCE": Said("gegeven", "given"),
    "DEFINITION": Said("staat in de regel", "stands in the rule"),
    "OUTPUT": Said("uitkomst van dit artikel", "outcome of this article"),
    "INPUT": Said("gegeven", "given"),
    "RESOLVED_INPUT": Said("gegeven", "given"),
    "LOCAL": Said("van deze rij", "of this row"),
    "CONTEXT": Said("datum van de berekening", "date of the calculation"),
    "OPEN_TERM": Said("ingevuld door een andere regeling", "filled by another regulation"),
    "HOOK": Said("van een andere regeling", "of another regulation"),
    "OVERRIDE": Said("bijzondere regel", "special rule"),
}
_SAME_UNIT: Final = frozenset(("ADD", "SUBTRACT", "MIN", "MAX", "ROUND", "CEIL", "FLOOR", "IF", "FOREACH"))


@dataclass(frozen=True, slots=True)
class Step:
    """One step with those below it; `place` is the law and article, where it changes."""

    label: str
    value: str
    note: str
    url: str
    parts: tuple[Step, ...]


def view_trace(root: Node, words: Words) -> tuple[tuple[Step, ...], bool]:
    """Give the steps, and whether some were left out."""
    view = _View(words)
    steps = tuple(view.steps(root.children, None, ""))
    return steps, view.left < 0


class _View:
    def __init__(self, words: Words) -> None:
        self._words = words
        self._language = words.language
        self.left = MOST_STEPS

    def steps(self, nodes: list[Node], article: ir.Article | None, unit: str) -> Iterator[Step]:
        """Yield what the nodes show, in order."""
        for node in nodes:
            self.left -= 1
            if self.left < 0:
                return
            yield self.step(node, article, unit)

    def step(self, node: Node, article: ir.Article | None, unit: str) -> Step:
        """Give one step; `unit` is that of what it is a part of."""
        within = node.article or article
        own = self.unit_of(node, article, unit)
        below = own if node.type in ("action", "operation") and node.name != "MULTIPLY" else ""
        if node.type == "operation" and node.name not in _SAME_UNIT:
            below = ""
        parts = tuple(self.steps(node.children, within, below))
        url = node.article.url if node.article and node.type in ("article", "cross_law_reference") else ""
        return Step(self.label(node), self.value(node, own), self.note(node), url, parts)

    def unit_of(self, node: Node, article: ir.Article | None, unit: str) -> str:
        """Give the unit of what a step gave, as far as the law says it."""
        if node.field is not None:
            return node.field.unit
        if node.type == "operation":
            return unit
        if node.type == "open_term_resolution" and node.article is not None:
            return _declared_unit(node.article, node.name)
        return _declared_unit(article, node.name.rpartition("#")[2]) if article else ""

    def label(self, node: Node) -> str:
        """Give what a step is called."""
        if node.type == "operation":
            return operation_of(node.name, self._words)
        if node.type == "article":
            number = node.article.number if node.article else node.name
            return self._words.gettext("Article %(number)s", number=number)
        if node.type == "requirement":
            return self._words.gettext("Requirements")
        return label_of(node.name.rpartition("#")[2])

    def note(self, node: Node) -> str:
        """Give where what a step gave comes from."""
        if node.type in ("cross_law_reference", "cached", "open_term_resolution", "hook_resolution"):
            if node.law is None:
                return ""
            article = self._words.gettext("article %(number)s", number=node.article.number) if node.article else ""
            return ", ".join(filter(None, (node.law.name, article)))
        if node.type == "article" and node.law is not None:
            return node.law.name
        if node.type == "resolve" and node.kind in _ORIGINS:
            return _ORIGINS[node.kind][self._language]
        return ""

    def value(self, node: Node, unit: str) -> str:
        """Print what a step gave."""
        value: Any = node.result
        if isinstance(value, Unknown):
            return self._words.gettext("not known yet")
        if isinstance(value, Untranslatable):
            return self._words.gettext("a person has to judge this")
        if value is None and node.type in ("article", "requirement", "hook_resolution"):
            return ""
        is_number = not isinstance(value, bool | str)
        return print_value(value, unit if is_number else "", self._language)


def _declared_unit(article: ir.Article, name: str) -> str:
    if name in article.definitions:
        return article.definitions[name].unit
    if name in article.inputs:
        return article.inputs[name].field.unit
    field = article.parameters.get(name) or article.outputs.get(name)
    return field.unit if field else ""
