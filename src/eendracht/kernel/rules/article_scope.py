"""One article of the exact dialect for one case: what its names mean, and each value when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit, describe, part_of_date
from eendracht.kernel.rules.expression_values import ExpressionValues
from eendracht.kernel.rules.facts import look_up
from eendracht.kernel.rules.failures import RuleFailure, Untranslated
from eendracht.kernel.rules.library import NoSuchRule
from eendracht.kernel.rules.meaning import context_value, is_of_kind
from eendracht.kernel.rules.trace import Node, ResolveKind
from eendracht.kernel.rules.values import Absent, Fact, Untranslatable, at_output, unknown

if TYPE_CHECKING:
    from eendracht.kernel.rules.interpreter import Run

_BUSY = object()


@dataclass(frozen=True, slots=True)
class Failed:
    """An output or input that failed; raised again by whoever needs it."""

    failure: RuleFailure


class Scope(ExpressionValues):
    """One article with its parameters: its inputs and outputs are computed once, when they are first needed."""

    def __init__(self, run: Run, law: ir.Regulation, article: ir.Article, parameters: Mapping[str, Any]) -> None:
        self.run = run
        self.explores = run.explores
        self.law = law
        self.article = article
        self.parameters = parameters
        self.actions = {action.output: action for action in article.actions}
        self.outputs = tuple(self.actions)
        self.values: dict[str, Any] = {}
        self.inputs: dict[str, tuple[Any, ResolveKind, Node]] = {}
        self.terms: dict[str, tuple[Any, Node]] = {}
        self.hooked: dict[str, Any] = {}
        self.before: list[Node] = []
        self.computed: list[Node] = []
        self.after: list[Node] = []
        self.is_shown = False
        """Whether a step shows this article; each is shown once, and named elsewhere."""

    def place_of(self, name: str) -> ir.Place:
        """Where an input stands in the file."""
        found = self.article.inputs.get(name)
        return found.field.place if found else self.article.place

    def finish(self) -> Node:
        """Give the step of this article: inputs in the order of the file, hooks before, actions, hooks after."""
        node = Node("article", f"{self.law.id}:{self.article.number}", law=self.law, article=self.article)
        node.message = f"{self.law.name}, artikel {self.article.number}"
        inputs = [self.inputs[name][2] for name in self.article.inputs if name in self.inputs]
        terms = [found[1] for found in self.terms.values()]
        node.children = [*inputs, *terms, *self.before, *self.computed, *self.after]
        return node

    # --- Outputs ---

    def output(self, name: str) -> Any:
        """Give the value of an output, its absence, or how it failed."""
        found = self.values.get(name, self)
        if found is _BUSY:
            raise RuleFailure(f"'{name}' depends on itself", self.article.place, hint="Break the cycle of references.")
        if found is not self:
            return found
        action = self.actions.get(name)
        if action is None:
            raise NoSuchRule(f"Output '{name}' not found in law '{self.law.id}'")
        self.values[name] = _BUSY
        node = Node("action", name, place=action.place, basis=action.basis, field=self.article.outputs.get(name))
        try:
            value = self._taint() or at_output(self.value(action.expression, {}, node.children))
            node.result = value
        except RuleFailure as failure:
            value = Failed(failure)
            node.message = f"Computing {name}: {failure.reason}"
        self.computed.append(node)
        self.values[name] = value
        return value

    def _taint(self) -> Untranslatable | None:
        """Do what the mode says with an article that holds untranslatable constructs."""
        constructs = self.article.untranslated
        if not constructs or self.run.mode == "warn":
            return None
        name = f"{self.law.id}:{self.article.number}"
        if self.run.mode == "propagate":
            return Untranslatable(frozenset((name,)))
        refused = [item for item in constructs if not item.accepted]
        if refused:
            raise Untranslated(
                f"Untranslatable construct in {name}: {refused[0].construct} ({refused[0].reason})", refused[0].place
            )
        return None

    # --- Names ---

    def resolve(self, node: ir.Reference, local: Mapping[str, Any], steps: list[Node]) -> Any:
        """Give what a reference names, and record it."""
        value, kind = self._named(node, local, steps)
        if isinstance(value, Failed):
            steps.append(Node("resolve", node.name, kind=kind, message=f"${node.name}: {value.failure.reason}"))
            raise value.failure
        for part in node.path:
            if isinstance(value, Absent):
                break
            value = self._part(value, part, node)
        name = ".".join((node.name, *node.path))
        steps.append(Node("resolve", name, value, kind, place=node.place, field=self._field(node.name)))
        return value

    def _part(self, value: Any, part: str, node: ir.Reference) -> Any:
        if isinstance(value, date):
            try:
                return part_of_date(value, part)
            except Unfit as error:
                raise RuleFailure(str(error), node.place) from error
        if isinstance(value, dict):
            if part in value:
                return value[part]
            return unknown(Fact(f"{node.name}.{part}", self.law.id, self.article.number))
        if value is None:
            return None
        raise RuleFailure(f"${node.name} is {describe(value)} and has no '{part}'", node.place)

    def _field(self, name: str) -> ir.Field | None:
        found = self.article.inputs.get(name)
        return found.field if found else self.article.parameters.get(name) or self.article.outputs.get(name)

    def _named(self, node: ir.Reference, local: Mapping[str, Any], steps: list[Node]) -> tuple[Any, ResolveKind]:
        name = node.name
        if name in local:
            return local[name], "LOCAL"
        context = context_value(name, self.run.case.on)
        if context is not None:
            return context, "CONTEXT"
        if name in self.actions and self.values.get(name) is not _BUSY:
            return self.output(name), "OUTPUT"
        if name in self.article.inputs:
            found = self._input(name)
            return found[0], found[1]
        if name in self.article.definitions:
            return self.article.definitions[name].value, "DEFINITION"
        if name in self.article.open_terms:
            if name not in self.terms:
                self.terms[name] = self._term(self.article.open_terms[name])
            return self.terms[name][0], "OPEN_TERM"
        if name in self.parameters:
            return self.parameters[name], "PARAMETER"
        if name in self.article.parameters:
            return unknown(Fact(name, self.law.id, self.article.number)), "PARAMETER"
        if name in self.hooked:
            return self.hooked[name], "HOOK"
        for article in self.law.articles:
            if name in article.definitions:
                return article.definitions[name].value, "DEFINITION"
        raise RuleFailure(f"'${name}' is not defined", node.place, hint="Declare it as parameter, input or definition.")

    def _input(self, name: str) -> tuple[Any, ResolveKind]:
        found = self.inputs.get(name)
        if found is None:
            item = self.article.inputs[name]
            if isinstance(item.source, ir.ArticleSource):
                value, node = self._from_article(name, item.source)
                kind: ResolveKind = "RESOLVED_INPUT"
            else:
                value, node, kind = self._from_outside(name, item.field)
            found = self.inputs[name] = (value, kind, node)
        return found[0], found[1]

    def _from_article(self, name: str, source: ir.ArticleSource) -> tuple[Any, Node]:
        steps: list[Node] = []
        if source.law:
            parameters = {key: self.value(item, {}, steps) for key, item in source.parameters.items()}
            for absent in parameters.values():
                if isinstance(absent, Absent) and not self.run.explores:
                    node = Node("cross_law_reference", f"{source.law}#{source.output}", absent, children=steps)
                    return absent, node
            for code in ("gemeente_code", "provincie_code", "waterschap_code"):
                if code in self.run.case.parameters:
                    parameters.setdefault(code, self.run.case.parameters[code])
        else:
            parameters = {
                **self.parameters,
                **{key: self.value(item, {}, steps) for key, item in source.parameters.items()},
            }
        return self.run.reference(source, self, parameters, name, steps)

    def _from_outside(self, name: str, declared: ir.Field) -> tuple[Any, Node, ResolveKind]:
        found = look_up(self.run.case, name, self.parameters, declared.kind)
        if found is None:
            keys = ", ".join(sorted(self.article.parameters))
            value: Any = unknown(Fact(name, self.law.id, self.article.number, keys))
            return value, Node("resolve", name, value, "DATA_SOURCE", field=declared), "DATA_SOURCE"
        kind: ResolveKind = "DATA_SOURCE" if found.register else "PARAMETER"
        node = Node("resolve", name, found.value, kind, provider=found.register, field=declared, place=declared.place)
        if not isinstance(found.value, Absent) and not is_of_kind(found.value, declared.kind):
            failure = RuleFailure(f"'{name}' must be {declared.kind}, not {describe(found.value)}", declared.place)
            node.message = failure.reason
            return Failed(failure), node, kind
        return found.value, node, kind

    def _term(self, term: ir.OpenTerm) -> tuple[Any, Node]:
        run, on = self.run, self.run.case.on
        parameters = {**run.case.parameters, **self.parameters}
        filling = run.library.fill(self.law, self.article.number, term.name, on, parameters)
        node = Node("open_term_resolution", term.name, kind="OPEN_TERM", law=self.law, article=self.article)
        if filling is not None:
            run.laws.append(filling.regulation.id)
            try:
                scope = run.scope(filling.regulation, filling.article, self.parameters)
                if not scope.is_shown:
                    run.show(node, scope)
                value = scope.output(term.name)
            finally:
                run.laws.pop()
            node.law, node.article, node.message = filling.regulation, filling.article, filling.reason.en
        elif term.default:
            default = Scope(run, self.law, _with_actions(self.article, term.default), self.parameters)
            value = default.output(term.default[0].output)
            node.children, node.message = default.finish().children, f"Open term '{term.name}': default"
        elif areas := run.library.areas_that_fill(self.law.id, self.article.number, term.name, on):
            code = {"G": "gemeente_code", "P": "provincie_code", "W": "waterschap_code"}[areas[0][0]]
            if parameters.get(code) is None:
                value = unknown(Fact(code, self.law.id, self.article.number))
            else:
                value = self._silent(term, node, f"No regulation of {parameters[code]} fills '{term.name}'")
        else:
            value = self._silent(term, node, f"Nothing in force on {on} fills the open term '{term.name}'")
        node.result = None if isinstance(value, Failed) else value
        return value, node

    def _silent(self, term: ir.OpenTerm, node: Node, reason: str) -> Any:
        node.kind, node.message = "OPEN_TERM_SILENT", reason
        if not term.required:
            return None
        return Failed(RuleFailure(reason, term.place, hint="Load the regulation that fills it."))


def _with_actions(article: ir.Article, actions: tuple[ir.Action, ...]) -> ir.Article:
    return replace(article, actions=actions, open_terms={})
