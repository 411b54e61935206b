"""Each operation of the exact dialect on columns: the same meaning as the interpreter, absences and failures included."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit, is_equal
from eendracht.kernel.rules.columns import calendar, sql
from eendracht.kernel.rules.columns.numbers import arithmetic, close, order_numbers, round_number
from eendracht.kernel.rules.columns.sql import Refused, Sql
from eendracht.kernel.rules.columns.values import (
    ERROR,
    NULL,
    OK,
    UNKNOWN,
    Moving,
    Status,
    Value,
    code_sql,
    constant,
    failed,
    moving,
    rescale,
)
from eendracht.kernel.rules.values import as_date

Share = Callable[[Sql, str], Sql]
"""Gives an expression a name, so that it is computed once: what it gives back is that name."""

_ARITHMETIC: Final = frozenset(("ADD", "SUBTRACT", "MULTIPLY", "DIVIDE", "MIN", "MAX"))
_ROUNDING: Final = frozenset(("ROUND", "CEIL", "FLOOR"))
_ORDER: Final[dict[str, type[exp.Binary]]] = {
    "GREATER_THAN": exp.GT,
    "LESS_THAN": exp.LT,
    "GREATER_THAN_OR_EQUAL": exp.GTE,
    "LESS_THAN_OR_EQUAL": exp.LTE,
}


class Operations:
    """Builds the value of an operation from the values of its operands."""

    def __init__(self, share: Share) -> None:
        self._share = share

    def once(self, expression: Sql, hint: str) -> Sql:
        """Name an expression that is used more than once, unless it is a name or literal already."""
        if isinstance(expression, exp.Column | exp.Literal | exp.Boolean | exp.Null):
            return expression
        if isinstance(expression, exp.Cast) and isinstance(expression.this, exp.Literal):
            return expression
        return self._share(expression, hint)

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
            return self._list(values)
        everything = (*values, *named.values())
        if all(item.is_constant for item in everything):
            return self._folded(node, values, named)
        if name == "NOT":
            return self._not(values[0])
        if name in _ARITHMETIC:
            return self._arithmetic(name, values)
        if name in _ROUNDING:
            return self._round(name, values[0], int(node.options["precision"]))
        if name in _ORDER:
            return self._order(name, values[0], values[1])
        return self._calendar(node, values, named)

    # --- Statuses ---

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

    def _misfit(self, values: Sequence[Value]) -> Value:
        """Operands of a type that the operation cannot take: an error wherever all of them are there."""
        status = self.status(values)
        if isinstance(status, int):
            return Value("null", status=status if status != OK else ERROR, is_constant=True)
        one = self.once(status.sql, "status")
        made = sql.case([(sql.equals(one, code_sql(OK)), code_sql(ERROR))], one)
        return Value("null", sql.null("INTEGER"), moving(made, (status.codes - {OK}) | {ERROR}))

    # --- Numbers and dates ---

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
        if name in ("MIN", "MAX") and all(item.kind in ("date", "string", "null") for item in values):
            dates = [self.to_date(item) for item in values]
            pick = sql.greatest if name == "MAX" else sql.least
            return Value("date", pick([item.expression for item in dates]), self.status(dates))
        if any(item.kind not in ("number", "null") for item in values):
            return self._misfit(values)
        if any(item.kind == "null" for item in values):
            return self._misfit(values)
        status = self.status(values)
        result, is_zero = arithmetic(name, values, self.once)
        if is_zero is not None:
            status = self._or_error(status, is_zero)
        return Value(
            "number", result.sql, status, scale=result.scale, low=result.low, high=result.high, over=result.over
        )

    def _or_error(self, status: Status, condition: Sql) -> Status:
        """Make a status an error where a condition holds for operands that are there."""
        error = code_sql(ERROR)
        if isinstance(status, int):
            if status != OK:
                return status
            return Moving(sql.case([(condition, error)], code_sql(OK)), frozenset((OK, ERROR)))
        one = self.once(status.sql, "status")
        holds = sql.both([sql.equals(one, code_sql(OK)), condition])
        return Moving(sql.case([(holds, error)], one), status.codes | {ERROR})

    def _round(self, name: str, value: Value, precision: int) -> Value:
        if value.kind != "number":
            return self._misfit([value])
        result = round_number(name, value, precision, self.once)
        status = self.status([value])
        return Value("number", result.sql, status, scale=result.scale, low=result.low, high=result.high)

    def _order(self, name: str, left: Value, right: Value) -> Value:
        status = self.status((left, right))
        if left.kind == right.kind == "number":
            return Value("boolean", order_numbers(_ORDER[name], left, right), status)
        if {left.kind, right.kind} <= {"date", "string"}:
            first, second = self.to_date(left), self.to_date(right)
            made = sql.compare(_ORDER[name], first.expression, second.expression)
            return Value("boolean", made, self.status((first, second)))
        return self._misfit((left, right))

    def to_date(self, value: Value) -> Value:
        """Give a value as a date; text that is no ISO date is an error."""
        if value.kind == "date":
            return value
        if value.is_constant:
            found = as_date(value.constant)
            return constant(found) if found and value.is_certain else self._misfit([value])
        if value.kind != "string":
            return self._misfit([value])
        made = self.once(calendar.parse_date(value.expression), "date")
        return Value("date", made, self._or_error(value.status, sql.is_null(made)))

    def _calendar(self, node: ir.Operation, values: Sequence[Value], named: Mapping[str, Value]) -> Value:
        name = node.name
        if name in ("AGE", "DATE_DIFF"):
            first, second = self.to_date(values[0]), self.to_date(values[1])
            unit = values[2] if name == "DATE_DIFF" else constant("years")
            if not unit.is_constant:
                raise Refused("unit-by-row", f"{name} with a unit that differs by person")
            if unit.constant not in ("days", "months", "years") or "null" in (first.kind, second.kind):
                return self._misfit((first, second))
            made = calendar.difference(str(unit.constant), first, second, self.once)
            low, high = calendar.RANGE_OF[str(unit.constant)]
            return Value("number", made, self.status((first, second)), low=low, high=high)
        if name in ("DAY_OF_WEEK", "DATE_PART"):
            moment = self.to_date(values[0])
            part = "weekday" if name == "DAY_OF_WEEK" else str(node.options["part"])
            made, low, high = calendar.part(part, moment.expression)
            return Value("number", made, self.status([moment]), low=low, high=high)
        if name == "START_OF":
            moment = self.to_date(values[0])
            return Value("date", calendar.start(str(node.options["part"]), moment.expression), self.status([moment]))
        if name == "DATE_ADD" and all(item.is_constant and item.is_certain for item in named.values()):
            moment = self.to_date(values[0])
            steps = {key: item.constant for key, item in named.items()}
            if any(not isinstance(step, int) or isinstance(step, bool) for step in steps.values()):
                return self._misfit([moment])
            return Value("date", calendar.later(moment.expression, steps), self.status([moment]))
        raise Refused(f"{name.lower().replace('_', '-')}-by-row", f"{name} whose operands differ by person")

    # --- Truth ---

    def code(self, value: Value) -> int | Sql:
        """Give a condition as one code: 0 false, 1 true, else the status that it has instead; null holds for nothing."""
        if value.is_constant:
            status = value.status
            assert isinstance(status, int)
            if status == OK:
                return int(value.constant) if value.kind == "boolean" else ERROR
            return 0 if status == NULL else status
        status = value.status
        if value.kind != "boolean":
            one = self.once(value.status_sql, "status")
            wrong = [(sql.equals(one, code_sql(OK)), code_sql(ERROR)), (sql.equals(one, code_sql(NULL)), code_sql(0))]
            return sql.case(
                [branch for branch, code in zip(wrong, (OK, NULL), strict=True) if code in value.codes], one
            )
        holds = sql.case([(value.expression, code_sql(1))], code_sql(0))
        if isinstance(status, int):
            return holds if status == OK else 0 if status == NULL else status
        if status.codes <= {OK, NULL}:
            there = sql.both([sql.equals(status.sql, code_sql(OK)), value.expression])
            return sql.case([(there, code_sql(1))], code_sql(0))
        one = self.once(status.sql, "status")
        branches = [(sql.equals(one, code_sql(OK)), holds)]
        if NULL in status.codes:
            branches.append((sql.equals(one, code_sql(NULL)), code_sql(0)))
        return sql.case(branches, one)

    def test(self, value: Value) -> Sql | None:
        """Give a condition as a plain test, where no row can have it absent or failing; null holds for nothing."""
        if value.is_constant or value.kind != "boolean" or not value.codes <= {OK, NULL}:
            return None
        if isinstance(value.status, int):
            return value.expression if value.status == OK else None
        return sql.both([sql.equals(value.status.sql, code_sql(OK)), value.expression])

    def _from_code(self, code: Sql, hint: str, codes: frozenset[int]) -> Value:
        one = self.once(code, hint)
        holds = sql.equals(one, code_sql(1))
        fine = sql.compare(exp.LTE, one, code_sql(1))
        return Value("boolean", holds, moving(sql.case([(fine, code_sql(OK))], one), codes | {OK}))

    def decides(self, name: str, value: Value) -> bool:
        """Whether a condition of AND or OR that is the same for everyone ends it: nothing after it is looked at."""
        code = self.code(value)
        return isinstance(code, int) and code in (int(name == "OR"), ERROR)

    def junction(self, name: str, values: Sequence[Value]) -> Value:
        """AND and OR: the first decisive or failing condition, in order; else what is absent; else the other."""
        decisive = int(name == "OR")
        codes: list[tuple[int | Sql, frozenset[int]]] = []
        tests: list[Sql | None] = []
        for value in values:
            code = self.code(value)
            if isinstance(code, int) and code == 1 - decisive:
                continue
            codes.append((code, absences(value)))
            tests.append(self.test(value))
            if isinstance(code, int) and code in (decisive, ERROR):
                break
        if not codes:
            return constant(not decisive)
        first = codes[0][0]
        if isinstance(first, int) and (len(codes) == 1 or first in (decisive, ERROR)):
            return _settled_truth(first)
        certain = [test for test in tests if test is not None]
        if len(certain) == len(tests):
            return Value("boolean", sql.either(certain) if decisive else sql.both(certain))
        return self._junction_code(codes, decisive)

    def _junction_code(self, codes: Sequence[tuple[int | Sql, frozenset[int]]], decisive: int) -> Value:
        branches: list[tuple[Sql, Sql]] = []
        rest: list[Sql] = []
        ends: Sql | None = None
        reached: frozenset[int] = frozenset()
        for code, absent in codes:
            reached |= absent
            if isinstance(code, int):
                if code in (decisive, ERROR):
                    ends = code_sql(code)
                    break
                rest.append(code_sql(code))
                continue
            one = self.once(code, "condition")
            branches.append((sql.equals(one, code_sql(decisive)), code_sql(decisive)))
            if ERROR in absent:
                branches.append((sql.equals(one, code_sql(ERROR)), code_sql(ERROR)))
            rest.append(one)
        # For OR the codes 0 (false) and 2, 3 (absent) remain: the largest decides; for AND 1, 2 and 3.
        otherwise = ends if ends is not None else sql.greatest(rest)
        return self._from_code(sql.case(branches, otherwise), "truth", reached)

    def _not(self, value: Value) -> Value:
        if value.kind == "boolean":
            plain = self.test(value)
            if plain is not None:
                return Value("boolean", sql.negated(plain))
            code = self.once(_as_sql(self.code(value)), "condition")
            one, zero = code_sql(1), code_sql(0)
            turned = sql.case([(sql.equals(code, zero), one), (sql.equals(code, one), zero)], code)
            return self._from_code(turned, "truth", absences(value))
        return self._misfit([value]) if value.kind != "null" else self._not_null(value)

    def _not_null(self, value: Value) -> Value:
        return Value("boolean", sql.boolean(True), self.status([value], is_null_fine=True))

    def choose(self, operands: Sequence[Value], default: Value | None) -> Value:
        """IF: the outcome of the first condition that holds; a condition that is absent takes no branch."""
        cases: list[tuple[int | Sql, Value | None, Value]] = []
        last = default if default is not None else constant(None)
        for condition, outcome in zip(operands[::2], operands[1::2], strict=True):
            code = self.code(condition)
            if isinstance(code, int):
                if code == 0:
                    continue
                last = outcome if code == 1 else Value("null", status=code, is_constant=True)
                break
            cases.append((code, condition, outcome))
        if not cases:
            return last
        return self._cases(cases, last)

    def _cases(self, cases: Sequence[tuple[Any, Any, Value]], last: Value) -> Value:
        tests: list[tuple[Sql, Sql | None]] = []
        for code, condition, _ in cases:
            plain = self.test(condition)
            if plain is not None:
                tests.append((self.once(plain, "condition"), None))
            else:
                one = self.once(code, "condition")
                tests.append((sql.equals(one, code_sql(1)), one))
        outcomes = [outcome for _, _, outcome in cases]
        kinds = {item.kind for item in (*outcomes, last) if item.kind != "null"}
        if len(kinds) > 1:
            raise Refused("mixed-kinds", f"IF with outcomes of different types ({', '.join(sorted(kinds))})")
        kind = kinds.pop() if kinds else "null"
        if kind == "list":
            raise Refused("list-by-row", "IF with lists as outcomes")
        absent = frozenset(code for _, condition, _ in cases for code in absences(condition))
        status = self._case_status(tests, outcomes, last, absent)
        if kind == "number":
            return _number_cases(tests, outcomes, last, status)
        empty = {"boolean": "BOOLEAN", "string": "VARCHAR", "date": "DATE", "null": "INTEGER"}[kind]

        def cell(value: Value) -> Sql:
            return sql.null(empty) if value.kind == "null" else value.expression

        branches = [(test, cell(outcome)) for (test, _), outcome in zip(tests, outcomes, strict=True)]
        return Value(kind, sql.case(branches, cell(last)), status)

    def _case_status(
        self,
        tests: Sequence[tuple[Sql, Sql | None]],
        outcomes: Sequence[Value],
        last: Value,
        absent: frozenset[int],
    ) -> Status:
        codes = absent.union(*(item.codes for item in (*outcomes, last)))
        if len(codes) == 1:
            return next(iter(codes))
        branches: list[tuple[Sql, Sql]] = []
        for (test, code), outcome in zip(tests, outcomes, strict=True):
            branches.append((test, outcome.status_sql))
            if code is not None:
                branches.append((sql.at_least(code, code_sql(UNKNOWN)), code))
        return Moving(self.once(sql.case(branches, last.status_sql), "status"), codes)

    # --- Equality ---

    def equals(self, left: Value, right: Value) -> Value:
        """Structural equality; null equals null, and a date its ISO text."""
        status = self.status((left, right), is_null_fine=True)
        if status == ERROR:
            return failed()
        same = self._same(left, right)
        if isinstance(same, bool):
            if isinstance(status, int):
                return constant(same) if status == OK else Value("null", status=status, is_constant=True)
            return Value("boolean", sql.boolean(same), status)
        return Value("boolean", same, status)

    def _same(self, left: Value, right: Value) -> bool | Sql:
        if left.is_constant and right.is_constant:
            return is_equal(left.constant, right.constant)
        if left.is_constant:
            left, right = right, left
        empty = _is_null(left)
        if right.status == NULL:
            return empty
        held = self._same_content(left, right)
        if left.is_certain and right.is_certain:
            return held
        # Both null, or both there and the same; what is absent has its own status.
        other = _is_null(right)
        there = [sql.negated(item) for item in (empty, other) if not isinstance(item, bool)]
        alike = held if isinstance(held, bool) and not held else sql.both([*there, _truth_sql(held)])
        if isinstance(empty, bool) or isinstance(other, bool):
            return alike
        return sql.either([sql.both([empty, other]), _truth_sql(alike)])

    def _same_content(self, left: Value, right: Value) -> bool | Sql:
        kinds = {left.kind, right.kind}
        if kinds == {"number"}:
            return order_numbers(exp.EQ, left, right)
        if kinds == {"boolean"}:
            if right.is_constant:
                return left.expression if right.constant else sql.negated(left.expression)
            return sql.equals(left.expression, right.expression)
        if kinds in ({"string"}, {"date"}):
            return sql.equals(left.expression, right.expression)
        if kinds == {"string", "date"}:
            moments = []
            for item in (left, right):
                if item.kind == "date":
                    moments.append(item.expression)
                elif item.is_constant:
                    found = as_date(item.constant)
                    if found is None:
                        return False
                    moments.append(sql.day(found))
                else:
                    moments.append(calendar.parse_date(item.expression))
            return sql.call("COALESCE", sql.equals(*moments), sql.boolean(False))
        if "list" in kinds:
            raise Refused("list-by-row", "EQUALS on a list that differs by person")
        return False

    def is_in(self, subject: Value, candidates: Value) -> Value:
        """Membership of a list that is the same for everyone."""
        if not candidates.is_constant:
            return self.equals(subject, candidates) if candidates.kind != "list" else self._refuse_list()
        if not candidates.is_certain:
            status = self.status((subject, candidates), is_null_fine=True)
            return constant(False) if status == OK else Value("boolean", sql.boolean(False), status)
        items = candidates.constant if isinstance(candidates.constant, list) else [candidates.constant]
        if subject.is_constant:
            status = self.status((subject,), is_null_fine=True)
            if status == OK:
                return constant(any(is_equal(subject.constant, item) for item in items))
            return Value("null", status=status, is_constant=True)
        status = self.status((subject,), is_null_fine=True)
        found = [self._same(subject, constant(item)) for item in items]
        if any(item is True for item in found):
            return Value("boolean", sql.boolean(True), status)
        moving = [item for item in found if not isinstance(item, bool)]
        if not moving:
            return Value("boolean", sql.boolean(False), status) if status != OK else constant(False)
        return Value("boolean", _membership(subject, items) or sql.either(moving), status)

    @staticmethod
    def _refuse_list() -> Value:
        raise Refused("list-by-row", "IN a list that differs by person")

    @staticmethod
    def _list(values: Sequence[Value]) -> Value:
        if all(item.is_constant and item.status in (OK, NULL) for item in values):
            return constant([item.constant for item in values])
        raise Refused("list-by-row", "a list whose items differ by person")


def _membership(subject: Value, items: Sequence[Any]) -> Sql | None:
    """Write a search among texts as IN, which reads better; None for other types."""
    if subject.kind != "string" or any(not isinstance(item, str) for item in items):
        return None
    found: Sql = exp.In(this=subject.expression, expressions=[sql.text(item) for item in items])
    empty = _is_null(subject)
    return found if isinstance(empty, bool) else sql.both([sql.negated(empty), found])


def _is_null(value: Value) -> bool | Sql:
    if NULL not in value.codes:
        return False
    if isinstance(value.status, int):
        return True
    return sql.equals(value.status.sql, code_sql(NULL))


def absences(value: Value) -> frozenset[int]:
    """Give the codes other than true and false that a condition can have; anything but a truth value is an error."""
    found = value.codes - {OK, NULL}
    return found | {ERROR} if value.kind not in ("boolean", "null") and OK in value.codes else found


def _truth_sql(value: bool | Sql) -> Sql:
    return sql.boolean(value) if isinstance(value, bool) else value


def _as_sql(code: int | Sql) -> Sql:
    return sql.integer(code, "TINYINT") if isinstance(code, int) else code


def _settled_truth(code: int) -> Value:
    return constant(bool(code)) if code <= 1 else Value("null", status=code, is_constant=True)


def _number_cases(
    tests: Sequence[tuple[Sql, Sql | None]], outcomes: Sequence[Value], last: Value, status: Status
) -> Value:
    closed = [item if item.kind == "null" else close(item) for item in (*outcomes, last)]
    present = [item for item in closed if item.kind == "number"]
    scale = max(item.scale for item in present)
    cells = [None if item.kind == "null" else rescale(item, scale) for item in closed]
    low = min(cell[1] for cell in cells if cell)
    high = max(cell[2] for cell in cells if cell)
    wide = sql.width(low, high)
    made = [
        sql.null(wide)
        if cell is None
        else cell[0]
        if sql.width(cell[1], cell[2]) == wide
        else sql.integer(item.low * 10 ** (scale - item.scale), wide)
        if item.is_constant
        else sql.cast(cell[0], wide)
        for cell, item in zip(cells, closed, strict=True)
    ]
    branches = [(test, cell) for (test, _), cell in zip(tests, made[:-1], strict=True)]
    return Value("number", sql.case(branches, made[-1]), status, scale=scale, low=low, high=high)
