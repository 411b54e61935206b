"""Conditions on columns: AND, OR, NOT and IF, with absences and failures in the order of the interpreter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.numbers import Reckoning
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.statuses import Statuses
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
    moving,
    widened,
)
from eendracht.kernel.rules.values import as_date

EMPTY_TYPES = {"boolean": "BOOLEAN", "string": "VARCHAR", "date": "DATE", "null": "INTEGER"}


class Truth(Statuses):
    """Operations on conditions."""

    def code(self, value: Value) -> int | Sql:
        """Give a condition as one code: 0 false, 1 true, else its status; null holds for nothing."""
        if value.is_constant:
            status = value.status
            assert isinstance(status, int)
            if status == OK:
                return int(value.constant) if value.kind == "boolean" else ERROR
            return 0 if status == NULL else status
        if value.code is not None:
            return value.code
        status = value.status
        if value.kind != "boolean":
            one = self.once(value.status_sql, "status")
            wrong = [(sql.equals(one, code_sql(OK)), code_sql(ERROR)), (sql.equals(one, code_sql(NULL)), code_sql(0))]
            return sql.case(
                [branch for branch, code in zip(wrong, (OK, NULL), strict=True) if code in value.codes], one
            )
        if isinstance(status, int):
            holds = sql.case([(value.expression, code_sql(1))], code_sql(0))
            return holds if status == OK else 0 if status == NULL else status
        if status.codes <= {OK, NULL}:
            there = sql.both([sql.equals(status.sql, code_sql(OK)), value.expression])
            return sql.case([(there, code_sql(1))], code_sql(0))
        one = self.once(status.sql, "status")
        branches = [(sql.compare(exp.GT, one, code_sql(NULL if NULL in status.codes else OK)), one)]
        if NULL in status.codes:
            branches.append((sql.equals(one, code_sql(NULL)), code_sql(0)))
        branches.append((value.expression, code_sql(1)))
        return sql.case(branches, code_sql(0))

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
        return Value("boolean", holds, moving(sql.case([(fine, code_sql(OK))], one), codes | {OK}), code=one)

    def junction(self, name: str, values: Sequence[Value]) -> Value:
        """AND and OR: the first decisive or failing condition, in order; else what is absent; else the other."""
        decisive = int(name == "OR")
        branches: list[tuple[Sql, Sql]] = []
        certain: list[Sql] = []
        rest: list[int | Sql] = []
        reached: frozenset[int] = frozenset()
        ends: int | None = None
        for value in values:
            fixed = _fixed_code(value)
            if fixed is not None:
                if fixed in (decisive, ERROR):
                    ends = fixed
                    reached |= {ERROR} & {fixed}
                    break
                if fixed > 1:
                    rest.append(fixed)
                    reached |= {fixed}
                continue
            plain = self.test(value)
            if plain is not None:
                certain.append(plain)
                branches.append((plain if decisive else sql.negated(plain), code_sql(decisive)))
                continue
            one = self.once(_as_sql(self.code(value)), "condition")
            absent = absences(value)
            reached |= absent
            branches.append((sql.equals(one, code_sql(decisive)), code_sql(decisive)))
            if ERROR in absent:
                branches.append((sql.equals(one, code_sql(ERROR)), code_sql(ERROR)))
            rest.append(one)
        if not branches:
            worst = max((code for code in rest if isinstance(code, int)), default=1 - decisive)
            return _settled_truth(worst if ends is None else ends)
        if ends is None and not rest:
            return Value("boolean", sql.either(certain) if decisive else sql.both(certain))
        # For OR the codes 0 (false) and 2, 3 (absent) remain: the largest decides; for AND 1, 2 and 3.
        otherwise = code_sql(ends) if ends is not None else sql.greatest([_as_sql(code) for code in rest])
        if ends is None and isinstance(rest[-1], exp.Column):
            branches = _without_last(branches, rest[-1], is_alone=len(rest) == 1)
        return self._from_code(sql.case(branches, otherwise), "truth", reached)

    def negation(self, value: Value) -> Value:
        """NOT; null holds for nothing, so that its negation is true."""
        plain = self.test(value)
        if plain is not None:
            return Value("boolean", sql.negated(plain))
        code = self.once(_as_sql(self.code(value)), "condition")
        one, zero = code_sql(1), code_sql(0)
        turned = sql.case([(sql.equals(code, zero), one), (sql.equals(code, one), zero)], code)
        return self._from_code(turned, "truth", absences(value))

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
        outcomes, last, is_mixed = _as_one_kind(outcomes, last)
        kinds = {item.kind for item in (*outcomes, last) if item.kind != "null"}
        if len(kinds) > 1:
            raise Refused("mixed-kinds", f"IF with outcomes of different types ({', '.join(sorted(kinds))})")
        kind = kinds.pop() if kinds else "null"
        if kind == "list":
            raise Refused("list-by-row", "IF with lists as outcomes")
        absent = frozenset(code for _, condition, _ in cases for code in absences(condition))
        status = self._case_status(tests, outcomes, last, absent)
        if kind == "number":
            return self._number_cases(tests, outcomes, last, status)
        empty = EMPTY_TYPES[kind]

        def cell(value: Value) -> Sql:
            return sql.null(empty) if value.kind == "null" else value.expression

        # Where the outcome is none the status says so: whatever the cell holds is not looked at.
        branches = [
            (test, cell(outcome))
            for (test, _), outcome in zip(tests, outcomes, strict=True)
            if outcome.kind != "null" or last.kind == "null"
        ]
        present = [item for item in (*outcomes, last) if item.kind != "null"]
        bounds = [bound for item in present for bound in (item.low, item.high)] or [0]
        made = sql.case(branches, cell(last))
        return Value(kind, made, status, low=min(bounds), high=max(bounds), is_mixed=is_mixed)

    def _number_cases(
        self, tests: Sequence[tuple[Sql, Sql | None]], outcomes: Sequence[Value], last: Value, status: Status
    ) -> Value:
        everything = (*outcomes, last)
        present = [at for at, item in enumerate(everything) if item.kind == "number"]
        cells: list[Value | None] = [None] * len(everything)
        reckoning = Reckoning(self.once)
        for at, cell in zip(present, reckoning.alike([everything[at] for at in present]), strict=True):
            cells[at] = cell
        low = min(cell.low for cell in cells if cell)
        high = max(cell.high for cell in cells if cell)
        wide = sql.width(low, high)
        made = [
            sql.null(wide)
            if cell is None
            else sql.integer(cell.low, wide)
            if cell.is_constant
            else widened(cell.expression, cell.low, cell.high, low, high)
            for cell in cells
        ]
        branches = [
            (test, cell)
            for (test, _), cell, outcome in zip(tests, made[:-1], outcomes, strict=True)
            if outcome.kind != "null" or last.kind == "null"
        ]
        whole = sql.case(branches, made[-1])
        if reckoning.failures:
            # What does not fit is null, and wrong only for those whose outcome it is.
            whole = self.once(whole, "outcome")
            status = self.or_error(status, sql.is_null(whole))
        first = next(cell for cell in cells if cell)
        return Value("number", whole, status, scale=first.scale, low=low, high=high, over=first.over)

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


def _as_one_kind(outcomes: Sequence[Value], last: Value) -> tuple[list[Value], Value, bool]:
    """Give outcomes of which some are dates and others ISO text that is the same for everyone, all as dates."""
    everything = [*outcomes, last]
    kinds = {item.kind for item in everything if item.kind != "null"}
    is_mixed = any(item.is_mixed for item in everything)
    days = {at: as_date(item.constant) for at, item in enumerate(everything) if item.kind == "string"}
    if kinds == {"date", "string"} and all(days.values()):
        is_mixed = True
        everything = [constant(days[at]) if at in days else item for at, item in enumerate(everything)]
    return everything[:-1], everything[-1], is_mixed


def absences(value: Value) -> frozenset[int]:
    """Give the codes other than true and false that a condition can have; anything but a truth value is an error."""
    found = value.codes - {OK, NULL}
    return found | {ERROR} if value.kind not in ("boolean", "null") and OK in value.codes else found


def _without_last(branches: list[tuple[Sql, Sql]], last: Sql, *, is_alone: bool) -> list[tuple[Sql, Sql]]:
    """Leave out what the outcome of the last condition says by itself: its error, and alone its decision too."""
    said = [sql.equals(last, code_sql(ERROR))] + [sql.equals(last, code_sql(code)) for code in (0, 1) if is_alone]
    while branches and branches[-1][0] in said:
        branches = branches[:-1]
    return branches


def _fixed_code(value: Value) -> int | None:
    """Give the code of a condition that is the same for everyone; None for one that differs."""
    if not isinstance(value.status, int):
        return None
    if value.status != OK:
        return 0 if value.status == NULL else value.status
    if value.kind != "boolean":
        return ERROR
    return int(value.constant) if value.is_constant else None


def _as_sql(code: int | Sql) -> Sql:
    return sql.integer(code, "TINYINT") if isinstance(code, int) else code


def _settled_truth(code: int) -> Value:
    return constant(bool(code)) if code <= 1 else Value("null", status=code, is_constant=True)
