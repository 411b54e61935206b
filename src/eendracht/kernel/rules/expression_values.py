"""Gives expressions of the exact dialect their value: lazy, three-valued, each step on record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit
from eendracht.kernel.rules.failures import RuleFailure
from eendracht.kernel.rules.meaning import combine, is_in, operate_strictly, truth
from eendracht.kernel.rules.trace import Node
from eendracht.kernel.rules.values import Absent, join_absent

_COLLECTION_LIMIT = 1000
"""RFC-016: a longer collection is an error."""


class ExpressionValues(ABC):
    """Values of expressions, for whoever can say what a name means.

    `explores` asks that what is unknown carries every fact that it may yet need, also behind open conditions.
    """

    explores: bool = False

    @abstractmethod
    def resolve(self, node: ir.Reference, local: Mapping[str, Any], steps: list[Node]) -> Any:
        """Give what a reference names, and record it."""

    def value(self, node: ir.Expression, local: Mapping[str, Any], steps: list[Node]) -> Any:
        """Give the value of an expression, or its absence; raises RuleFailure. Appends to the steps."""
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
            failure = RuleFailure(str(error), node.place)
            step.message = f"Compute {node.name}(...): {error}"
            raise failure from error
        except RuleFailure as failure:
            step.message = f"Compute {node.name}(...): {failure.reason}"
            raise
        return step.result

    def _operate(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        name = node.name
        if name in ("AND", "OR"):
            return self._junction(node, local, steps)
        if name == "IF":
            return self._choose(node, local, steps)
        if name == "FOREACH":
            return self._for_each(node, local, steps)
        values = [self.value(item, local, steps) for item in node.operands]
        if name == "IN":
            return is_in(values[0], values[1])
        if name == "LIST":
            return values
        named = {key: self.value(item, local, steps) for key, item in node.named.items()}
        absent = join_absent((*values, *named.values()))
        if absent is not None:
            return absent
        return operate_strictly(node, values, named)

    def _junction(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        decisive = node.name == "OR"
        absences: list[Absent] = []
        for item in node.operands:
            value = self.value(item, local, steps)
            if isinstance(value, Absent):
                absences.append(value)
            elif truth(node.name, value) is decisive:
                return decisive
        return join_absent(absences, is_every=False) or (not decisive)

    def _choose(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        for condition, outcome in zip(node.operands[::2], node.operands[1::2], strict=True):
            value = self.value(condition, local, steps)
            if isinstance(value, Absent):
                return self._explore(node, condition, value, local, steps) if self.explores else value
            if truth("IF", value):
                return self.value(outcome, local, steps)
        default = node.named.get("default")
        return None if default is None else self.value(default, local, steps)

    def _explore(
        self, node: ir.Operation, first: ir.Expression, absent: Absent, local: Mapping[str, Any], steps: list[Node]
    ) -> Absent:
        """Give what an IF may yet ask for, whichever way its first open condition turns out."""
        begin = next(at for at, item in enumerate(node.operands) if item is first)
        outcomes: list[Any] = []
        for at in range(begin, len(node.operands), 2):
            condition = absent if at == begin else self._attempt(node.operands[at], local, steps)
            if condition is False or condition is None:
                continue
            outcomes += [self._attempt(node.operands[at + 1], local, steps)]
            if condition is True:
                break
            outcomes += [condition] if at > begin else []
        else:
            outcomes.append(self._attempt(node.named.get("default"), local, steps))
        found = join_absent((absent, join_absent(outcomes, is_every=False)))
        assert found is not None
        return found

    def _attempt(self, node: ir.Expression | None, local: Mapping[str, Any], steps: list[Node]) -> Any:
        """Give the value of what may never be computed; false where it cannot be."""
        try:
            return None if node is None else self.value(node, local, steps)
        except RuleFailure:
            return False

    def _for_each(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        collection = self.value(node.operands[0], local, steps)
        if isinstance(collection, Absent):
            inner = {node.options["as"]: collection}
            parts = (node.named.get("filter"), node.operands[1]) if self.explores else ()
            found = [self._attempt(part, inner, steps) for part in parts if part is not None]
            return join_absent((collection, join_absent(found, is_every=False)))
        items = [] if collection is None else collection if isinstance(collection, list) else [collection]
        if len(items) > _COLLECTION_LIMIT:
            raise Unfit(f"FOREACH over {len(items)} items; {_COLLECTION_LIMIT} at most")
        results: list[Any] = []
        filters: list[Any] = []
        condition = node.named.get("filter")
        for at, item in enumerate(items):
            inner = {node.options["as"]: item}
            step = Node("operation", f"FOREACH[{at}]", place=node.place)
            steps.append(step)
            if condition is not None:
                kept = self.value(condition, inner, step.children)
                filters.append(kept)
                if kept is None or isinstance(kept, Absent) or not truth("FOREACH", kept):
                    continue
            step.result = self.value(node.operands[1], inner, step.children)
            results.append(step.result)
        skipped = len(items) - len(results)
        if items:
            steps.append(
                Node("operation", "FOREACH", len(results), message=f"{len(results)} evaluated, {skipped} skipped")
            )
        # A filter without an answer leaves the whole without one (RFC-016), whichever item it is.
        absent = join_absent(filters)
        if absent is not None or None in filters:
            return absent
        return combine(node.options["combine"], results)
