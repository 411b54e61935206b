"""Runs laws of the service-based format for one case: the lax dialect, with every step on record.

Numbers are integers and IEEE doubles, nulls give way (`lenient_operations`). A name is looked for among dates, claims
of the subject, the element at hand, definitions, parameters, outputs, replaced inputs, tables and other laws, in that
order. An input is resolved when a rule first needs it. A required input that is null ends the run without outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.failures import RuleFailure
from eendracht.kernel.rules.lenient_operations import aggregate, apply_operation, as_lax, enforce, part_of
from eendracht.kernel.rules.lenient_sources import (
    ABSENT,
    claims_on,
    find_table,
    moment_named,
    overwritten,
    read_table,
)
from eendracht.kernel.rules.library import Library, NoSuchRule
from eendracht.kernel.rules.outcome import Evaluation, Outcome
from eendracht.kernel.rules.service_expressions import AGGREGATES, COMPARISONS, names_in
from eendracht.kernel.rules.trace import Node, ResolveKind
from eendracht.kernel.rules.values import Fact, as_date

_DEEPEST: Final = 60
"""Laws that may refer to each other in one chain; a longer one goes round."""
_BUSY: Final = object()


class _MissingRequired(Exception):
    """A required input that is null; ends the run."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        super().__init__(fact.name)


def evaluate_lax(
    library: Library,
    law: str,
    outputs: Sequence[str],
    case: Case,
    *,
    service: str = "",
    approved: bool = True,
    overwrite_input: Mapping[str, Any] | None = None,
    requested_output: str | None = None,
) -> Evaluation:
    """Compute outputs of a law as a body carries it out; all of them where none are named.

    With `requested_output` that one and the outputs it mentions. `approved` leaves claims out that nobody has approved.
    `overwrite_input` replaces fields of bodies (`{service: {field: value}}`) or inputs by name.
    Raises NoSuchRule for a law, version or output that is not there, RuleFailure where a rule cannot be applied.
    """
    run = _Run(library, case, approved, overwrite_input or {})
    return run.evaluate(law, service, [*outputs, *([requested_output] if requested_output else [])], requested_output)


class _Run:
    """One evaluation: what is remembered across laws."""

    def __init__(self, library: Library, case: Case, approved: bool, overwrite: Mapping[str, Any]) -> None:
        self.library = library
        self.case = case
        self.approved = approved
        self.overwrite = overwrite
        self.scopes: dict[tuple[Any, ...], _Scope] = {}
        self.used: dict[tuple[str, str], ir.Regulation] = {}
        self.depth = 0

    def evaluate(self, law: str, service: str, outputs: Sequence[str], requested: str | None) -> Evaluation:
        choice = self.library.select(law, self.case.on, {}, service)
        regulation = choice.regulation
        scope = self.scope(regulation, self.case.on, {name: as_lax(v) for name, v in self.case.parameters.items()})
        for output in outputs:
            if output not in scope.actions:
                raise NoSuchRule(f"Output '{output}' not found in law '{law}'")
        names = [name for name in scope.actions if not outputs or name in outputs or name in scope.mentioned(requested)]
        root = Node("article", law, law=regulation)
        root.message = f"{law} ({self.case.on} {', '.join(names)}): {choice.reason.en}"
        found = Evaluation(regulation, {}, root, self.used)
        try:
            found.requirements_met = scope.meets_requirements()
            for name in names if found.requirements_met else ():
                value, field = scope.output(name), scope.article.outputs.get(name)
                found.outcomes[name] = Outcome(value, "direct", regulation, scope.article, field)
        except _MissingRequired as missing:
            found.outcomes, found.requirements_met, found.missing_required = {}, False, True
            found.lacking = frozenset((missing.fact,))
            root.message += f": required {missing.fact.name} of {missing.fact.law} is missing"
        root.children = scope.computed
        return found

    def scope(self, law: ir.Regulation, on: date, parameters: Mapping[str, Any]) -> _Scope:
        key = (law.id, law.service, law.sha256, on, repr(sorted(parameters.items())))
        found = self.scopes.get(key)
        if found is None:
            found = self.scopes[key] = _Scope(self, law, on, parameters)
            self.used[law.id, law.sha256] = law
        return found


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A value with where it came from."""

    value: Any
    kind: ResolveKind
    provider: str = ""
    node: Node | None = None


class _Scope:
    """One law with its parameters on a date: its inputs and outputs are computed once, when they are first needed."""

    def __init__(self, run: _Run, law: ir.Regulation, on: date, parameters: Mapping[str, Any]) -> None:
        self.run = run
        self.law = law
        self.article = law.articles[0]
        self.on = on
        self.parameters = parameters
        self.actions = {action.output: action for action in self.article.actions}
        self.claims = claims_on(run.case, law, parameters, run.approved)
        self.values: dict[str, Any] = {}
        self.inputs: dict[str, _Resolved] = {}
        self.computed: list[Node] = []
        self._meets: Any = None

    def mentioned(self, output: str | None) -> set[str]:
        """Give an output with those that its rule mentions, and theirs."""
        found: set[str] = set()
        todo = [output] if output else []
        while todo:
            name = todo.pop()
            if name not in found and name in self.actions:
                found.add(name)
                todo += names_in(self.actions[name].expression)
        return found

    # --- Requirements and outputs ---

    def meets_requirements(self) -> bool:
        """Whether all requirements of the law hold; true where it has none."""
        if self._meets is _BUSY:
            raise RuleFailure(
                f"The requirements of '{self.law.id}' depend on themselves",
                self.article.place,
                hint="Break the cycle of references.",
            )
        if self._meets is None:
            self._meets = _BUSY
            node = Node("requirement", "requirements", place=self.article.place)
            self.computed.append(node)
            expression = self.article.requirements
            node.result = self._meets = expression is None or bool(self.value(expression, {}, node.children))
        return bool(self._meets)

    def output(self, name: str) -> Any:
        """Give the value of an output."""
        if name in self.values:
            if self.values[name] is _BUSY:
                place = self.actions[name].place
                raise RuleFailure(f"'{name}' depends on itself", place, hint="Break the cycle of references.")
            return self.values[name]
        action, declared = self.actions[name], self.article.outputs.get(name)
        self.values[name] = _BUSY
        node = Node("action", name, place=action.place, basis=action.basis, field=declared)
        value = overwritten(self.run.overwrite, self.law.service, name)
        if value is ABSENT:
            value = self.value(action.expression, {}, node.children)
        else:
            node.message = f"Computing {name}: replaced by the case"
        try:
            self.values[name] = node.result = enforce(value, declared)
        except (TypeError, OverflowError, ValueError) as error:
            raise RuleFailure(f"'{name}' cannot be brought within its bounds", action.place) from error
        self.computed.append(node)
        return node.result

    # --- Names ---

    def resolve(self, node: ir.Reference, local: Mapping[str, Any], steps: list[Node]) -> Any:
        """Give what a reference names, and record it."""
        found = self.named(node.name, local, steps)
        value = found.value
        for part in node.path:
            value = part_of(value, part)
        step = found.node
        if step is None or node.path:
            item = self.article.inputs.get(node.name)
            name = ".".join((node.name, *node.path))
            step = Node("resolve", name, value, found.kind, provider=found.provider, place=node.place)
            step.field = item.field if item else self.article.parameters.get(node.name)
            steps.append(step)
        return value

    def named(self, name: str, local: Mapping[str, Any], steps: list[Node]) -> _Resolved:
        """Give a value by its name, in the order of the format."""
        moment = moment_named(name, self.on)
        if moment is not None:
            return _Resolved(moment, "CONTEXT")
        if name in self.claims:
            return _Resolved(self.claims[name], "DATA_SOURCE", "claim")
        if name in local:
            return _Resolved(local[name], "LOCAL")
        if name in self.article.definitions:
            replaced = overwritten(self.run.overwrite, self.law.service, name, name)
            value = self.article.definitions[name].value if replaced is ABSENT else replaced
            return _Resolved(value, "DEFINITION")
        if name in self.parameters:
            return _Resolved(self.parameters[name], "PARAMETER")
        if name in self.values and self.values[name] is not _BUSY:
            return _Resolved(self.values[name], "OUTPUT")
        if name in self.article.inputs:
            return self._input(name, local, steps)
        if name in self.actions:
            return _Resolved(self.output(name), "OUTPUT")
        return _Resolved(None, "CONTEXT")

    def _input(self, name: str, local: Mapping[str, Any], steps: list[Node]) -> _Resolved:
        known = self.inputs.get(name)
        # What stands in an element of a list may decide about an input, so that it is resolved for each element.
        if known is not None and not local:
            return known
        item = self.article.inputs[name]
        node = Node("resolve", name, field=item.field, place=item.field.place)
        steps.append(node)
        try:
            found = self._from_source(item, local, node)
        except Unfit as error:
            node.message = f"Resolving {name}: {error}"
            raise RuleFailure(f"'{name}': {error}", item.field.place) from error
        node.result, node.kind, node.provider = found.value, found.kind, found.provider
        if found.value is None and item.field.required:
            keys = ", ".join(sorted(self.article.parameters))
            node.message = f"Resolving {name}: required and missing"
            raise _MissingRequired(Fact(name, self.law.id, self.article.number, keys))
        if not local:
            self.inputs[name] = found
        return _Resolved(found.value, found.kind, found.provider, node)

    def _from_source(self, item: ir.Input, local: Mapping[str, Any], node: Node) -> _Resolved:
        source, name = item.source, item.field.name
        of = (source.service, source.output) if isinstance(source, ir.ArticleSource) else (self.law.service, name)
        replaced = overwritten(self.run.overwrite, *of, name)
        if replaced is not ABSENT:
            return _Resolved(replaced, "INPUT", "overwrite")
        if isinstance(source, ir.ArticleSource):
            return _Resolved(self._from_law(item, source, local, node.children), "RESOLVED_INPUT")
        if isinstance(source, ir.TableSource):
            register = find_table(self.run.case.registers, self.law, source)
            if register is not None:
                value = read_table(
                    register, source, item.field.kind, lambda wanted: self.value(wanted, local, node.children)
                )
                return _Resolved(value, "DATA_SOURCE", f"{register.service}.{register.name}".strip("."))
        return _Resolved(None, "DATA_SOURCE")

    def _from_law(self, item: ir.Input, source: ir.ArticleSource, local: Mapping[str, Any], steps: list[Node]) -> Any:
        own = {key: self.value(given, local, steps) for key, given in source.parameters.items()}
        on = self._date_of(item.field, local, steps)
        node = Node("cross_law_reference", f"{source.law}#{source.output}")
        steps.append(node)
        try:
            law = self.run.library.select(source.law, on, {}, source.service).regulation
        except NoSuchRule as error:
            reason = f"{error.detail} (as carried out by {source.service})"
            node.message = f"Reference: {source.law}#{source.output}: {reason}"
            raise RuleFailure(reason, item.field.place, hint=error.hint) from error
        if law.dialect != "lax":
            raise RuleFailure(f"Law '{law.id}' of {source.service} is in another format", item.field.place)
        scope = self.run.scope(law, on, {**self.parameters, **own})
        node.law, node.article = law, scope.article
        node.field = scope.article.outputs.get(source.output)
        if self.run.depth >= _DEEPEST:
            raise RuleFailure(f"The laws refer to each other without end: {law.id}", item.field.place)
        node.result = self._ask(scope, source.output, node)
        return node.result

    def _ask(self, scope: _Scope, output: str, node: Node) -> Any:
        """Give an output of another law: null where its requirements are not met or it has no such output."""
        before, is_known = len(scope.computed), scope.values.get(output, _BUSY) is not _BUSY
        self.run.depth += 1
        try:
            if not scope.meets_requirements():
                node.message = f"Reference: {node.name}: requirements not met"
                return None
            if output not in scope.actions:
                node.message = f"Reference: {node.name}: there is no such output"
                return None
            return scope.output(output)
        finally:
            self.run.depth -= 1
            node.children = scope.computed[before:]
            node.type = "cached" if is_known else node.type

    def _date_of(self, field: ir.Field, local: Mapping[str, Any], steps: list[Node]) -> date:
        """Give the date on which another law is asked: the one that the field refers to, else that of this law."""
        reference = field.temporal.reference if field.temporal else ""
        if not reference.startswith("$"):
            return as_date(reference) or self.on
        name, *path = reference[1:].split(".")
        value = self.resolve(ir.Reference(field.place, None, name, tuple(path)), local, steps)
        return as_date(value) or self.run.case.on

    # --- Expressions ---

    def value(self, node: ir.Expression, local: Mapping[str, Any], steps: list[Node]) -> Any:
        """Give the value of an expression; raises RuleFailure. Appends to the steps."""
        if isinstance(node, ir.Constant):
            return node.value
        if isinstance(node, ir.Reference):
            return self.resolve(node, local, steps)
        assert isinstance(node, ir.Operation)
        step = Node("operation", node.name, place=node.place, basis=node.basis)
        steps.append(step)
        try:
            step.result = self._operate(node, local, step.children)
        except Unfit as error:
            step.message = f"Compute {node.name}(...): {error}"
            raise RuleFailure(str(error), node.place) from error
        return step.result

    def _operate(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        name = node.name
        if name in ("AND", "OR"):
            return self._junction(node, local, steps)
        if name == "IF":
            return self._choose(node, local, steps)
        if name == "COALESCE":
            return self._first(node, local, steps)
        if name == "FOREACH":
            return self._for_each(node, local, steps)
        values = [self.value(item, local, steps) for item in node.operands]
        if name == "LIST":
            return values
        if name in AGGREGATES:
            return aggregate(name, values)
        if name in COMPARISONS and len(values) == 1 and isinstance(values[0], list):
            values = values[0]
        return apply_operation(name, values, str(node.options.get("unit") or ""))

    def _junction(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> bool:
        decisive = node.name == "OR"
        for item in node.operands:
            value = self.value(item, local, steps)
            values = value if isinstance(value, list) and len(node.operands) == 1 else [value]
            if any(bool(element) is decisive for element in values):
                return decisive
        return not decisive

    def _choose(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        for condition, outcome in zip(node.operands[::2], node.operands[1::2], strict=True):
            if self.value(condition, local, steps):
                return self.value(outcome, local, steps)
        default = node.named.get("default")
        return 0 if default is None else self.value(default, local, steps)

    def _first(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        for item in node.operands:
            value = self.value(item, local, steps)
            if value is not None:
                return value
        return None

    def _for_each(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        collection = self.value(node.operands[0], local, steps)
        combine = node.options["combine"]
        if not collection:
            return 0
        results: list[Any] = []
        condition = node.named.get("filter")
        for at, item in enumerate(collection if isinstance(collection, list) else [collection]):
            inner = {**local, **(item if isinstance(item, dict) else {}), node.options["as"]: item}
            step = Node("operation", f"FOREACH[{at}]", place=node.place)
            steps.append(step)
            if condition is None or self.value(condition, inner, step.children):
                step.result = self.value(node.operands[1], inner, step.children)
                results.append(step.result)
        return aggregate(combine, results) if combine else results
