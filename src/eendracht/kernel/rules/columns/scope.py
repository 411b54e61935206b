"""An article on a frame with its parameters: its names, expressions and outputs as values in columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns.foreach import compile_foreach
from eendracht.kernel.rules.columns.operations import Operations
from eendracht.kernel.rules.columns.plan import Frame
from eendracht.kernel.rules.columns.population import Table
from eendracht.kernel.rules.columns.reading import ColumnFault
from eendracht.kernel.rules.columns.references import References
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import ERROR, OK, UNKNOWN, UNTRANSLATABLE, Moving, Value, constant, failed
from eendracht.kernel.rules.interpreter import context_value
from eendracht.kernel.rules.library import NoSuchRule

if TYPE_CHECKING:
    from eendracht.kernel.rules.columns.compiler import Compiler

_BUSY: Final = Value("null", status=-1, is_constant=True)
_DEEPEST: Final = 3
"""How often an output may wait for itself about someone else, before it counts as without end."""


class Scope:
    """One article on one frame."""

    def __init__(
        self,
        compiler: Compiler,
        law: ir.Regulation,
        article: ir.Article,
        frame: Frame,
        parameters: Mapping[str, Value],
        withheld: frozenset[str] = frozenset(),
        enclosing: frozenset[str] = frozenset(),
    ) -> None:
        from eendracht.kernel.rules.columns.compiler import label

        self.compiler = compiler
        self.law = law
        self.article = article
        self.frame = frame
        self.parameters = parameters
        self.withheld = withheld
        self.enclosing = enclosing
        self.group = label(law, article)
        self.operations = Operations(self.share)
        self._references = References(self)
        self._actions = {action.output: action for action in article.actions}
        self._outputs: dict[str, Value] = {}
        self._inputs: dict[str, Value] = {}

    def share(self, expression: Sql, hint: str) -> Sql:
        """Give an expression a name in the frame."""
        return self.frame.define(expression, hint, self.group)

    def named(self, value: Value, hint: str) -> Value:
        """Give a value whose expressions are columns of the frame, so that others can use it without repeating it."""
        if value.is_constant or value.kind == "list":
            return value
        assert value.sql is not None
        made = value.sql if isinstance(value.sql, exp.Column) else self.share(value.sql, hint)
        status = value.status
        if isinstance(status, Moving) and not isinstance(status.sql, exp.Column):
            status = Moving(self.share(status.sql, f"{hint}_status"), status.codes)
        return replace(value, sql=made, status=status)

    @property
    def computing(self) -> frozenset[str]:
        """Outputs of this article that are being computed."""
        return self.enclosing | {name for name, value in self._outputs.items() if value is _BUSY}

    def output(self, name: str) -> Value:
        """Give the value of an output."""
        found = self._outputs.get(name)
        waiting = (self.law.id, self.article.number, name)
        if found is _BUSY or self.compiler.computing.count(waiting) > _DEEPEST:
            raise self._placed(Refused("cycle", f"'{name}' depends on itself"), self.article.place)
        if found is not None:
            return found
        action = self._actions.get(name)
        if action is None:
            raise NoSuchRule(f"Output '{name}' not found in law '{self.law.id}'")
        self._outputs[name] = _BUSY
        self.operations.hints[id(action.expression)] = name
        self.compiler.computing.append(waiting)
        try:
            tainted = self._taint()
            value = tainted if tainted is not None else self.value(action.expression, {})
            value = self.named(self.operations.closed(value), name)
        except Refused as refused:
            del self._outputs[name]
            raise self._placed(refused, action.place) from None
        finally:
            self.compiler.computing.pop()
        self._outputs[name] = value
        return value

    def _placed(self, refused: Refused, place: ir.Place) -> Refused:
        if not refused.places:
            refused.places = (f"{self.law.id}, article {self.article.number}", str(place))
        return refused

    def _taint(self) -> Value | None:
        constructs = self.article.untranslated
        if not constructs or self.compiler.mode == "warn":
            return None
        if self.compiler.mode == "propagate":
            return Value("null", status=UNTRANSLATABLE, is_constant=True)
        return failed() if any(not item.accepted for item in constructs) else None

    # --- Expressions ---

    def value(self, node: ir.Expression, local: Mapping[str, Table]) -> Value:
        """Give the value of an expression."""
        if isinstance(node, ir.Constant):
            return constant(node.value)
        if isinstance(node, ir.Reference):
            return self._reference(node, local)
        assert isinstance(node, ir.Operation)
        try:
            return self._operation(node, local)
        except Refused as refused:
            raise self._placed(refused, node.place) from None

    def _operation(self, node: ir.Operation, local: Mapping[str, Table]) -> Value:
        if node.name == "FOREACH":
            return compile_foreach(self, node, self.value(node.operands[0], local), local)
        if node.name == "IF":
            return self._choose(node, local)
        if node.name in ("AND", "OR"):
            return self._junction(node, local)
        if node.name == "IN" and isinstance(node.operands[1], ir.Operation) and node.operands[1].name == "LIST":
            subject = self.value(node.operands[0], local)
            items = [self.value(item, local) for item in node.operands[1].operands]
            if not all(item.is_constant and item.status <= 1 for item in items if isinstance(item.status, int)) or any(
                not item.is_constant for item in items
            ):
                return self.operations.is_among(subject, items)
            return self.operations.is_in(subject, self.operations.list_of(items))
        values = [self.value(item, local) for item in node.operands]
        named = {key: self.value(item, local) for key, item in node.named.items()}
        return self.operations.apply(node, values, named)

    def _junction(self, node: ir.Operation, local: Mapping[str, Table]) -> Value:
        """AND or OR; what stands after a condition that decides for everyone is not looked at."""
        values: list[Value] = []
        for item in node.operands:
            value = self.value(item, local)
            values.append(value)
            if value.is_constant and self.operations.code(value) in (int(node.name == "OR"), ERROR):
                break
        return self.operations.junction(node.name, values)

    def _choose(self, node: ir.Operation, local: Mapping[str, Table]) -> Value:
        """IF; branches that nobody takes are not looked at, so that their columns are not needed."""
        operands: list[Value] = []
        for condition, outcome in zip(node.operands[::2], node.operands[1::2], strict=True):
            value = self.value(condition, local)
            code = self.operations.code(value) if value.is_constant else None
            if code == 0:
                continue
            if code == 1:
                return self.operations.choose(operands, self.value(outcome, local))
            if code is not None:
                return self.operations.choose(operands, Value("null", status=int(str(code)), is_constant=True))
            operands += [value, self.value(outcome, local)]
        default = node.named.get("default")
        return self.operations.choose(operands, None if default is None else self.value(default, local))

    # --- Names ---

    def _reference(self, node: ir.Reference, local: Mapping[str, Table]) -> Value:
        if node.name in local:
            return self._field_of(local[node.name], node)
        value = self._named(node)
        for part in node.path:
            if value.kind == "list":
                raise Refused("object-by-row", f"a field '{part}' of rows")
            value = self.operations.part_of(value, part)
        return value

    def _field_of(self, table: Table, node: ir.Reference) -> Value:
        if not node.path:
            raise Refused("object-by-row", f"${node.name} as a whole")
        column = table.find(node.path[0])
        if column is None:
            self.compiler.faults.append(ColumnFault(node.path[0], table.name, "", "any", node.place))
            return failed()
        wanted = ir.Field(node.path[0], "any", node.place)
        value = self.compiler.read(self.frame, table, column.name, wanted, self.article, self.law)
        for part in node.path[1:]:
            value = self.operations.part_of(value, part)
        return value

    def _named(self, node: ir.Reference) -> Value:
        """Resolve a name in the interpreter's order."""
        name = node.name
        context = context_value(name, self.compiler.on)
        if context is not None:
            return constant(context)
        if name in self._actions and name not in self.computing:
            return self.output(name)
        if name in self.article.inputs:
            if name not in self._inputs:
                self._inputs[name] = self.named(self._references.input(self.article.inputs[name]), name)
            return self._inputs[name]
        if name in self.article.definitions:
            return constant(self.article.definitions[name].value)
        if name in self.article.open_terms:
            if name not in self._inputs:
                self._inputs[name] = self._references.term(self.article.open_terms[name])
            return self._inputs[name]
        if name in self.withheld:
            raise Refused("foreach-parameter", f"${name} in FOREACH")
        if name in self.parameters:
            return self.parameters[name]
        if name in self.article.parameters:
            return Value("null", status=UNKNOWN, is_constant=True)
        for article in self.law.articles:
            if name in article.definitions:
                return constant(article.definitions[name].value)
        return failed()


__all__ = ["OK", "Scope"]
