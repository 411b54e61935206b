"""Reads a trace back beside the rules that it came from: each step with the expression that it computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.outcome import Evaluation
from eendracht.kernel.rules.trace import Node
from eendracht.kernel.rules.values import Absent

_SCOPES = frozenset(("article", "cross_law_reference", "open_term_resolution", "override_resolution", "cached"))


@dataclass(frozen=True, slots=True)
class Scope:
    """An article as it was run: its step has the inputs and actions below it."""

    law: ir.Regulation
    article: ir.Article
    node: Node


@dataclass(frozen=True, slots=True)
class Seen:
    """An expression with the value it came to, the step (none for a constant), and the operands that were computed."""

    expression: ir.Expression
    value: Any
    node: Node | None
    scope: Scope
    parts: tuple[Seen, ...] = ()
    named: tuple[tuple[str, Seen], ...] = ()
    declared: ir.Field | None = None
    """The output of which this is the whole rule."""

    @property
    def operation(self) -> str:
        """The name of the operation; empty for a constant or a reference."""
        return self.expression.name if isinstance(self.expression, ir.Operation) else ""

    @property
    def field(self) -> ir.Field | None:
        """What is declared of a reference."""
        return self.node.field if self.node is not None else None

    def walk(self) -> Iterator[Seen]:
        """Yield this and all that it was computed from, within the article."""
        yield self
        for part in (*self.parts, *(item for _, item in self.named)):
            yield from part.walk()


class Reading:
    """A whole evaluation, read back."""

    def __init__(self, found: Evaluation) -> None:
        self._named: dict[str, list[Node]] = defaultdict(list)
        for node in found.trace.walk():
            if node.type in ("cross_law_reference", "cached", "override_resolution"):
                self._named[node.name].append(node)
        self._scopes = [
            Scope(node.law, node.article or node.law.articles[0], node)
            for node in found.trace.walk()
            if node.type in _SCOPES and node.law is not None and node.law.articles
        ]

    def output(self, name: str, law: ir.Regulation, article: ir.Article, value: Any) -> Seen | None:
        """Give how an output was computed; None where no step tells."""
        for scope in self._scopes:
            if scope.law is not law or scope.article.number != article.number:
                continue
            results = [node.result for node in scope.node.children if node.type == "action" and node.name == name]
            if any(_same(result, value) for result in results):
                return self._action(scope, name)
        return None

    def requirements(self) -> Seen | None:
        """Give how the requirements of the law were judged (service-based format)."""
        scope = self._scopes[0]
        node = next((child for child in scope.node.children if child.type == "requirement"), None)
        if node is None or scope.article.requirements is None:
            return None
        return _align(scope.article.requirements, list(node.children), scope)

    def follow(self, seen: Seen) -> Seen | None:
        """Give how what a reference names was computed; None for a fact, a definition or a date."""
        if not isinstance(seen.expression, ir.Reference) or seen.node is None or seen.expression.path:
            return None
        name, scope = seen.expression.name, seen.scope
        if seen.node.kind == "OUTPUT":
            return self._action(scope, name)
        if seen.node.kind == "OPEN_TERM":
            return self._term(scope, name)
        item = scope.article.inputs.get(name)
        if item is None or not isinstance(item.source, ir.ArticleSource):
            return None
        wanted = f"{item.source.law or scope.law.id}#{item.source.output}"
        elsewhere = (node for node in self._named.get(wanted, ()) if _same(node.result, seen.value))
        for node in (*seen.node.children, *scope.node.children, *elsewhere):
            if node.name == wanted and node.law is not None:
                article = node.article or node.law.articles[0]
                own = self._action(Scope(node.law, article, node), item.source.output)
                return own or self.output(item.source.output, node.law, article, node.result)
        return None

    def _term(self, scope: Scope, name: str) -> Seen | None:
        for node in scope.node.children:
            if node.type == "open_term_resolution" and node.name == name and node.law and node.article:
                if node.article is scope.article:
                    return self._default(scope, node, name)
                own = self._action(Scope(node.law, node.article, node), name)
                return own or self.output(name, node.law, node.article, node.result)
        return None

    def _default(self, scope: Scope, node: Node, name: str) -> Seen | None:
        term = scope.article.open_terms.get(name)
        if term is None or not term.default:
            return None
        for child in node.children:
            if child.type == "action" and child.name == term.default[0].output:
                return _align(term.default[0].expression, list(child.children), Scope(scope.law, scope.article, node))
        return None

    def _action(self, scope: Scope, name: str) -> Seen | None:
        actions = {action.output: action for action in scope.article.actions}
        if name not in actions:
            return None
        for node in scope.node.children:
            if node.type == "action" and node.name == name and node.place == actions[name].place:
                seen = _align(actions[name].expression, list(node.children), scope)
                return replace(seen, declared=scope.article.outputs.get(name))
        return None


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _align(expression: ir.Expression, steps: list[Node], scope: Scope) -> Seen:
    """Take the step of an expression from the steps in front, which stand in the order of computing."""
    if isinstance(expression, ir.Constant):
        return Seen(expression, expression.value, None, scope)
    if not steps:
        return Seen(expression, None, None, scope)
    node = steps.pop(0)
    if not isinstance(expression, ir.Operation):
        return Seen(expression, node.result, node, scope)
    inner = list(node.children)
    parts = _choose(expression, inner, scope) if expression.name == "IF" else _lazily(expression, inner, scope)
    named = (
        ()
        if expression.name in ("IF", "FOREACH")
        else tuple((key, _align(item, inner, scope)) for key, item in expression.named.items() if inner)
    )
    return Seen(expression, node.result, node, scope, tuple(parts), named)


def _lazily(expression: ir.Operation, steps: list[Node], scope: Scope) -> list[Seen]:
    if expression.name == "FOREACH":
        return [_align(expression.operands[0], steps, scope)]
    decisive = {"AND": False, "OR": True}.get(expression.name)
    parts = []
    for operand in expression.operands:
        if not steps and not isinstance(operand, ir.Constant):
            break
        parts.append(_align(operand, steps, scope))
        if decisive is not None and not isinstance(parts[-1].value, Absent) and bool(parts[-1].value) is decisive:
            break
    return parts


def _choose(expression: ir.Operation, steps: list[Node], scope: Scope) -> list[Seen]:
    """Give the conditions that were tried, and last the outcome that was taken."""
    parts = []
    for condition, outcome in zip(expression.operands[::2], expression.operands[1::2], strict=True):
        parts.append(_align(condition, steps, scope))
        if isinstance(parts[-1].value, Absent):
            return parts
        if parts[-1].value:
            return [*parts, _align(outcome, steps, scope)]
    default = expression.named.get("default")
    return [*parts, _align(default, steps, scope)] if default is not None else parts
