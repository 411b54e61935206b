"""Each operation of the exact dialect on columns: the meaning of the interpreter, absences and failures included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.dates import Dates
from eendracht.kernel.rules.columns.numbers import Reckoning
from eendracht.kernel.rules.columns.values import OK, Value, constant, failed

_ARITHMETIC: Final = frozenset(("ADD", "SUBTRACT", "MULTIPLY", "DIVIDE", "MIN", "MAX"))
_ROUNDING: Final = frozenset(("ROUND", "CEIL", "FLOOR"))
_ORDER: Final[dict[str, type[exp.Binary]]] = {
    "GREATER_THAN": exp.GT,
    "LESS_THAN": exp.LT,
    "GREATER_THAN_OR_EQUAL": exp.GTE,
    "LESS_THAN_OR_EQUAL": exp.LTE,
}


class Operations(Dates):
    """Builds the value of an operation from the values of its operands."""

    def apply(self, node: ir.Operation, values: Sequence[Value], named: Mapping[str, Value]) -> Value:
        """Give the value of an operation other than FOREACH; raises Refused for what columns cannot carry."""
        name = node.name
        if name in ("AND", "OR"):
            return self.junction(name, values)
        if name == "IF":
            return self.choose(values, named.get("default"))
        if name == "EQUALS":
            return self.equals(values[0], values[1])
        if name == "IN":
            return self.is_in(values[0], values[1])
        if name == "LIST":
            return self.list_of(values)
        everything = (*values, *named.values())
        if all(item.is_constant for item in everything):
            return self._folded(node, values, named)
        if name == "NOT":
            return self.negation(values[0])
        if name in _ARITHMETIC:
            return self._arithmetic(name, values)
        if name in _ROUNDING:
            return self._round(node, values[0])
        if name in _ORDER:
            return self._order(name, values[0], values[1])
        return self.of_calendar(node, values, named)

    def _folded(self, node: ir.Operation, values: Sequence[Value], named: Mapping[str, Value]) -> Value:
        """Compute an operation on constants by the interpreter's own operations."""
        from eendracht.kernel.rules.interpreter import operate_strictly

        status = self.status((*values, *named.values()))
        if node.name == "NOT":
            status = self.status(values, is_null_fine=True)
        assert isinstance(status, int)
        if status != OK:
            return Value("null", status=status, is_constant=True)
        try:
            result = operate_strictly(
                node, [item.constant for item in values], {key: item.constant for key, item in named.items()}
            )
            return constant(result)
        except Unfit:
            return failed()

    def _arithmetic(self, name: str, values: Sequence[Value]) -> Value:
        if name in ("MIN", "MAX") and all(item.kind in ("date", "string") for item in values):
            return self.extreme_date(name, values)
        if any(item.kind != "number" for item in values):
            return self.misfit(values)
        reckoning = Reckoning(self.once)
        result = replace(reckoning.arithmetic(name, values), status=self.status(values))
        return self.checked(result, reckoning)

    def _round(self, node: ir.Operation, value: Value) -> Value:
        if value.kind != "number":
            return self.misfit([value])
        reckoning = Reckoning(self.once)
        rounded = reckoning.round(node.name, value, int(node.options["precision"]))
        made = self.once(rounded.expression, self.hints.get(id(node), "rounded"))
        result = replace(rounded, sql=made, status=self.status([value]))
        return self.checked(result, reckoning)

    def _order(self, name: str, left: Value, right: Value) -> Value:
        status = self.status((left, right))
        if left.kind == right.kind == "number":
            reckoning = Reckoning(self.once)
            return self.checked(Value("boolean", reckoning.order(_ORDER[name], left, right), status), reckoning)
        dates = self.as_dates((left, right))
        if dates is None:
            return self.misfit((left, right))
        made = sql.compare(_ORDER[name], *(item.expression for item in dates.values))
        return Value("boolean", made, self.with_failures(status, dates.failures))
