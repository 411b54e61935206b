"""Equality and membership on columns: a number is no text; null equals null, and a date its ISO text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from eendracht.kernel.rules.arithmetic import is_equal
from eendracht.kernel.rules.columns import calendar, sql
from eendracht.kernel.rules.columns.numbers import Reckoning
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.truth import Truth
from eendracht.kernel.rules.columns.values import (
    ERROR,
    NULL,
    OK,
    UNKNOWN,
    UNTRANSLATABLE,
    Status,
    Value,
    code_sql,
    constant,
    failed,
)
from eendracht.kernel.rules.values import as_date


class Equality(Truth):
    """EQUALS and IN."""

    def equals(self, left: Value, right: Value) -> Value:
        """Structural equality; null equals null, and a date its ISO text."""
        status = self.status((left, right), is_null_fine=True)
        if status == ERROR:
            return failed()
        reckoning = Reckoning(self.once)
        same = self._same(left, right, reckoning)
        status = self.with_failures(status, reckoning.failures)
        if isinstance(same, bool):
            if isinstance(status, int):
                return constant(same) if status == OK else Value("null", status=status, is_constant=True)
            return Value("boolean", sql.boolean(same), status)
        return Value("boolean", same, status)

    def _same(self, left: Value, right: Value, reckoning: Reckoning) -> bool | Sql:
        if left.is_constant and right.is_constant:
            return is_equal(left.constant, right.constant)
        if left.is_constant:
            left, right = right, left
        empty = _is_null(left)
        if right.status == NULL:
            return empty
        held = self._same_content(left, right, reckoning)
        if left.is_certain and right.is_certain:
            return held
        # Both null, or both there and the same; what is absent has its own status.
        other = _is_null(right)
        there = [sql.negated(item) for item in (empty, other) if not isinstance(item, bool)]
        alike = held if isinstance(held, bool) and not held else sql.both([*there, _truth_sql(held)])
        if isinstance(empty, bool) or isinstance(other, bool):
            return alike
        return sql.either([sql.both([empty, other]), _truth_sql(alike)])

    def _same_content(self, left: Value, right: Value, reckoning: Reckoning) -> bool | Sql:
        kinds = {left.kind, right.kind}
        if kinds == {"number"}:
            return reckoning.order(exp.EQ, left, right)
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
        """Membership of a list that is the same for everyone; of a single value, equality."""
        if not candidates.is_constant:
            if candidates.kind == "list":
                raise Refused("list-by-row", "IN a list that differs by person")
            return self._is_same_as_one(subject, candidates)
        status = self.status((subject, candidates), is_null_fine=True)
        if not candidates.is_certain or status == ERROR:
            if isinstance(status, int) and status != OK:
                return Value("null", status=status, is_constant=True)
            return constant(False) if status == OK else Value("boolean", sql.boolean(False), status)
        items = candidates.constant if isinstance(candidates.constant, list) else [candidates.constant]
        if subject.is_constant:
            if status == OK:
                return constant(any(is_equal(subject.constant, item) for item in items))
            return Value("null", status=self.status((subject,), is_null_fine=True), is_constant=True)
        return self._is_in_constants(subject, items, status)

    def _is_in_constants(self, subject: Value, items: Sequence[Any], status: Status) -> Value:
        reckoning = Reckoning(self.once)
        found = [self._same(subject, constant(item), reckoning) for item in items]
        status = self.with_failures(status, reckoning.failures)
        if any(item is True for item in found):
            return Value("boolean", sql.boolean(True), status)
        moving = [item for item in found if not isinstance(item, bool)]
        if not moving:
            return Value("boolean", sql.boolean(False), status) if status != OK else constant(False)
        return Value("boolean", _membership(subject, items) or sql.either(moving), status)

    def is_among(self, subject: Value, items: Sequence[Value]) -> Value:
        """Membership of a list whose items differ by person: an absent item matters only where no other is equal."""
        cases: list[Value] = []
        for code, members in ((ERROR, (subject, *items)), (UNTRANSLATABLE, (subject,)), (UNKNOWN, (subject,))):
            tests = [sql.equals(item.status_sql, code_sql(code)) for item in members if code in item.codes]
            if tests:
                cases += [Value("boolean", sql.either(tests)), Value("null", status=code, is_constant=True)]
        found = self.junction("OR", [self.equals(subject, item) for item in items])
        return self.choose(cases, found) if cases else found

    def _is_same_as_one(self, subject: Value, candidate: Value) -> Value:
        """Membership of what is no list: equality, but null has no members."""
        same = self.equals(subject, candidate)
        empty = _is_null(candidate)
        if same.is_constant or empty is False:
            return same
        return replace(same, sql=sql.both([sql.negated(_truth_sql(empty)), same.expression]), code=None)

    @staticmethod
    def list_of(values: Sequence[Value]) -> Value:
        """LIST of what is the same for everyone."""
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


def _truth_sql(value: bool | Sql) -> Sql:
    return sql.boolean(value) if isinstance(value, bool) else value
