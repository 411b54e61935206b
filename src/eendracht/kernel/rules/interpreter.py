"""Runs regulations for one case: exact, lazy, three-valued, with every step on record. It is the meaning of the rules.

The exact dialect. An input is resolved when a rule first needs it, so what no branch reaches is never missing. Unknown
travels: AND, OR and IF decide without it where they can (Kleene; an IF on an unknown condition takes no branch).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.article_scope import Failed, Scope
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.failures import RuleFailure
from eendracht.kernel.rules.library import Library, NoSuchRule
from eendracht.kernel.rules.outcome import Evaluation, Mode, Outcome, Provenance
from eendracht.kernel.rules.trace import Node


def evaluate_exact(
    library: Library,
    law: str,
    outputs: Sequence[str],
    case: Case,
    *,
    mode: Mode = "error",
    stage: str = "BESLUIT",
    is_whole_article: bool = True,
    explores: bool = False,
) -> Evaluation:
    """Compute outputs of a law for a case, with the hooks that its decision sets off.

    With `is_whole_article` all outputs of the articles asked come along. With `explores` an unknown output carries
    every fact that it may yet ask for, also behind conditions that are open; its trace is of no use then. Raises
    NoSuchRule for a law, version or output that is not there, RuleFailure when a rule asked for cannot be applied.
    """
    return Run(library, case, mode, stage, explores).evaluate(law, outputs, is_whole_article)


class Run:
    """One evaluation: what is remembered across articles."""

    def __init__(self, library: Library, case: Case, mode: Mode, stage: str, explores: bool = False) -> None:
        self.library = library
        self.case = case
        self.mode = mode
        self.stage = stage
        self.explores = explores
        self.scopes: dict[tuple[Any, ...], Scope] = {}
        self.used: dict[tuple[str, str], ir.Regulation] = {}
        self.laws: list[str] = []
        self.unfinished: list[tuple[Node, Scope, tuple[str, ...]]] = []

    def evaluate(self, law: str, outputs: Sequence[str], is_whole_article: bool) -> Evaluation:
        """Compute the outputs asked and what their decision sets off; raises as `evaluate_exact`."""
        choice = self.library.select(law, self.case.on, self.case.parameters)
        regulation = choice.regulation
        root = Node("article", law, message="", law=regulation)
        root.message = f"{law} ({self.case.on} {', '.join(outputs)}): {choice.reason.en}"
        outcomes: dict[str, Outcome] = {}
        self.laws.append(regulation.id)
        entered: list[Scope] = []
        for output in outputs:
            article = regulation.article_of(output)
            if article is None:
                raise NoSuchRule(f"Output '{output}' not found in law '{law}'")
            holder, holding = regulation, article
            provenance: Provenance = "direct"
            replaced = self.library.override_of(regulation.id, article.number, output, self.case.on, self.laws)
            if replaced and replaced[0].id != regulation.id:
                holder, holding, provenance = *replaced, "override"
            scope = self.scope(holder, holding, self.case.parameters)
            if scope not in entered:
                entered.append(scope)
                scope.is_shown = True
                self._fire(scope, "pre_actions", outcomes)
            names = dict.fromkeys((output, *(scope.outputs if is_whole_article else ())))
            for name in names:
                if name in outcomes:
                    continue
                value = scope.output(name)
                if isinstance(value, Failed):
                    if name in outputs:
                        raise value.failure
                    continue
                outcomes[name] = Outcome(value, provenance, holder, holding, holding.outputs.get(name))
            self._fire(scope, "post_actions", outcomes)
        if not self.explores:
            self.finish()
        root.children = [scope.finish() for scope in entered]
        if len(outputs) == 1 and outputs[0] in outcomes:
            root.result = outcomes[outputs[0]].value
        return Evaluation(regulation, outcomes, root, self.used)

    def show(self, node: Node, scope: Scope) -> None:
        """Let a step show an article that it entered; its other outputs come last, when none can wait for another."""
        scope.is_shown = True
        self.unfinished.append((node, scope, tuple(self.laws)))

    def finish(self) -> None:
        """Compute the other outputs of every article that was entered, and show each below its step."""
        laws = self.laws
        while self.unfinished:
            node, scope, self.laws = self._next()
            for name in scope.outputs:
                scope.output(name)
            node.children = [*node.children, *scope.finish().children]
        self.laws = laws

    def _next(self) -> tuple[Node, Scope, list[str]]:
        node, scope, laws = self.unfinished.pop(0)
        return node, scope, list(laws)

    def _fire(self, scope: Scope, point: str, outcomes: dict[str, Outcome]) -> None:
        for regulation, article, hook in self.library.hooks_on(scope.article, point, self.stage, self.case.on):
            node = Node(
                "hook_resolution",
                f"{regulation.id}:{article.number}",
                kind="HOOK",
                message=f"Hook {point} on {hook.legal_character} stage {hook.stage} → {regulation.id}:{article.number}",
                law=regulation,
                article=article,
            )
            known = {name: item.value for name, item in outcomes.items() if item.is_known}
            shown: dict[int, tuple[Scope, bool]] = {}
            for output in dict.fromkeys(action.output for action in article.actions):
                holder, holding = regulation, article
                replaced = self.library.override_of(regulation.id, article.number, output, self.case.on, self.laws)
                if replaced:
                    holder, holding = replaced
                hooked = self.scope(holder, holding, {**known, **self.case.parameters})
                hooked.is_shown = True
                shown[id(hooked)] = (hooked, bool(replaced))
                value = hooked.output(output)
                if not isinstance(value, Failed) and output not in outcomes:
                    outcomes[output] = Outcome(value, "reactive", holder, holding, holding.outputs.get(output))
                    scope.hooked[output] = value
            for hooked, is_override in shown.values():
                step = hooked.finish()
                if is_override:
                    step.type, step.kind = "override_resolution", "OVERRIDE"
                node.children.append(step)
            (scope.before if point == "pre_actions" else scope.after).append(node)

    def scope(self, regulation: ir.Regulation, article: ir.Article, parameters: Mapping[str, Any]) -> Scope:
        """Give an article with its parameters, made at its first use."""
        # What replaces an output depends on the laws that led here.
        special = self.library.special_laws.intersection(self.laws)
        version = (regulation.id, regulation.valid_from, regulation.jurisdiction, article.number)
        key = (*version, special, _frozen(parameters))
        found = self.scopes.get(key)
        if found is None:
            found = self.scopes[key] = Scope(self, regulation, article, parameters)
            self.used[regulation.id, regulation.sha256] = regulation
        return found

    def reference(
        self, source: ir.ArticleSource, caller: Scope, parameters: Mapping[str, Any], name: str, steps: list[Node]
    ) -> tuple[Any, Node]:
        """Compute an output of another article; gives the value (or how it failed) and the step."""
        law = source.law or caller.law.id
        node = Node("cross_law_reference", f"{law}#{source.output}", children=steps)
        try:
            regulation = (
                caller.law
                if law == caller.law.id
                else self.library.select(law, self.case.on, {**self.case.parameters, **parameters}).regulation
            )
            article = regulation.article_of(source.output)
            if article is None:
                raise NoSuchRule(f"Output '{source.output}' not found in law '{law}'")
            replaced = self.library.override_of(law, article.number, source.output, self.case.on, self.laws)
            if replaced and replaced[1] is not caller.article:
                regulation, article = replaced
                node.type, node.kind = "override_resolution", "OVERRIDE"
        except NoSuchRule as error:
            node.message = f"Reference: {law}#{source.output}: {error.detail}"
            return Failed(RuleFailure(error.detail, caller.place_of(name), hint=error.hint)), node
        node.law, node.article, node.field = regulation, article, article.outputs.get(source.output)
        self.laws.append(regulation.id)
        try:
            scope = self.scope(regulation, article, parameters)
            if scope.is_shown:
                node.type = "cached"
            else:
                self.show(node, scope)
            value = scope.output(source.output)
        finally:
            self.laws.pop()
        node.result = None if isinstance(value, Failed) else value
        if isinstance(value, Failed):
            node.message = f"Reference: {law}#{source.output} failed: {value.failure.reason}"
        return value, node


def _frozen(parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted((name, _freeze(value)) for name, value in parameters.items()))


def _freeze(value: Any) -> str:
    return f"{type(value).__name__}:{value!r}"
