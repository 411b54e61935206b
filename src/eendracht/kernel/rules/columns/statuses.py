"""Statuses on columns: what an operation comes to when an operand is null, unknown, untranslatable or failing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.numbers import Reckoning
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import ERROR, NULL, OK, Moving, Status, Value, code_sql, moving

Share = Callable[[Sql, str], Sql]
"""Gives an expression a name, so that it is computed once: what it gives back is that name."""


class Statuses:
    """What operations say of their operands."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self.hints: dict[int, str] = {}
        """What the result of an operation, by the identity of its node, is called."""

    def once(self, expression: Sql, hint: str) -> Sql:
        """Name an expression that is used more than once, unless it is a name or literal already."""
        if isinstance(expression, exp.Column | exp.Literal | exp.Boolean | exp.Null):
            return expression
        if isinstance(expression, exp.Cast) and isinstance(expression.this, exp.Literal):
            return expression
        return self._share(expression, hint)

    def status(self, values: Sequence[Value], *, is_null_fine: bool = False) -> Status:
        """Give the status of an operation that needs all its operands: the worst; a null is an error, or else fine."""
        fixed = max((item.status for item in values if isinstance(item.status, int)), default=OK)
        changing = list(
            {str(item.status.sql): item.status for item in values if isinstance(item.status, Moving)}.values()
        )
        if fixed == ERROR or not changing:
            return self._settled(fixed, is_null_fine)
        reached = frozenset(code for item in changing for code in item.codes if code >= fixed) | {fixed}
        if all(OK not in item.codes for item in changing):
            reached -= {OK}
        outcome = OK if is_null_fine else ERROR
        settled = frozenset(outcome if code == NULL else code for code in reached)
        if len(settled) == 1:
            return next(iter(settled))
        parts = [item.sql for item in changing]
        worst = sql.greatest([*parts, *([code_sql(fixed)] if fixed else [])])
        if NULL not in reached:
            return Moving(worst, settled)
        worst = self.once(worst, "status")
        return Moving(sql.case([(sql.equals(worst, code_sql(NULL)), code_sql(outcome))], worst), settled)

    @staticmethod
    def _settled(fixed: int, is_null_fine: bool) -> int:
        return fixed if fixed != NULL else OK if is_null_fine else ERROR

    def misfit(self, values: Sequence[Value]) -> Value:
        """Operands of a type that the operation cannot take: an error wherever all of them are there."""
        status = self.status(values)
        if isinstance(status, int):
            return Value("null", status=status if status != OK else ERROR, is_constant=True)
        one = self.once(status.sql, "status")
        made = sql.case([(sql.equals(one, code_sql(OK)), code_sql(ERROR))], one)
        return Value("null", sql.null("INTEGER"), moving(made, (status.codes - {OK}) | {ERROR}))

    def or_error(self, status: Status, condition: Sql) -> Status:
        """Make a status an error where a condition holds for operands that are there."""
        error = code_sql(ERROR)
        if isinstance(status, int):
            if status != OK:
                return status
            return Moving(sql.case([(condition, error)], code_sql(OK)), frozenset((OK, ERROR)))
        one = self.once(status.sql, "status")
        holds = sql.both([sql.equals(one, code_sql(OK)), condition])
        return Moving(sql.case([(holds, error)], one), status.codes | {ERROR})

    def with_failures(self, status: Status, failures: Sequence[Sql]) -> Status:
        """Make a status an error where one of the conditions holds for operands that are there."""
        return self.or_error(status, sql.either(failures)) if failures else status

    def checked(self, value: Value, reckoning: Reckoning) -> Value:
        """Give a number with an error where the reckoning failed."""
        if not reckoning.failures:
            return value
        return replace(value, status=self.with_failures(value.status, reckoning.failures), code=None)

    def closed(self, value: Value) -> Value:
        """Give a number without a divisor, anything else as it is; raises Refused where that would lose something."""
        if value.kind != "number" or value.over is None:
            return value
        reckoning = Reckoning(self.once)
        return self.checked(reckoning.close(value), reckoning)
