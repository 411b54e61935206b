"""Operations with dates on columns: what is no date, or lies outside the years 1 to 9999, is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit, part_of_date
from eendracht.kernel.rules.columns import calendar, sql
from eendracht.kernel.rules.columns.equality import Equality
from eendracht.kernel.rules.columns.numbers import Reckoning
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import OK, Status, Value, constant, failed
from eendracht.kernel.rules.values import as_date

FIRST: Final = date.min.toordinal()
LAST: Final = date.max.toordinal()
_MARGIN: Final = {"years": 366, "months": 31, "days": 1}
"""The most days that one of a unit can move a date."""


class Dates(Equality):
    """AGE, DATE, DATE_ADD, DATE_DIFF, DATE_PART, DAY_OF_WEEK, START_OF, and MIN and MAX of dates."""

    def to_date(self, value: Value) -> Value:
        """Give a value as a date; text that is no ISO date is an error, and so is everything else."""
        if value.kind == "date":
            return value
        if value.is_constant:
            found = as_date(value.constant)
            return constant(found) if found and value.is_certain else self.misfit([value])
        if value.kind != "string":
            return self.misfit([value])
        made = self.once(calendar.parse_date(value.expression), "date")
        return Value("date", made, self.or_error(value.status, sql.is_null(made)), low=FIRST, high=LAST)

    def extreme_date(self, name: str, values: Sequence[Value]) -> Value:
        """MIN or MAX of dates; where all are text it stays text, as that is how they sort."""
        dates = [self.to_date(item) for item in values]
        if any(item.kind != "date" for item in dates):
            return self.misfit(dates)
        pick = max if name == "MAX" else min
        low, high = pick(item.low for item in dates), pick(item.high for item in dates)
        is_text = all(item.kind == "string" for item in values)
        made = (sql.greatest if name == "MAX" else sql.least)(
            [item.expression for item in (values if is_text else dates)]
        )
        return Value("string" if is_text else "date", made, self.status(dates), low=low, high=high)

    def of_calendar(self, node: ir.Operation, values: Sequence[Value], named: Mapping[str, Value]) -> Value:
        """Give the value of an operation on dates."""
        name = node.name
        if name == "DATE":
            return self._made(values)
        if name == "DATE_ADD":
            return self._later(values[0], named)
        if name in ("AGE", "DATE_DIFF"):
            return self._difference(name, values)
        moment = self.to_date(values[0])
        if moment.kind != "date":
            return self.misfit([moment])
        if name == "START_OF":
            made = calendar.start(str(node.options["part"]), moment.expression)
            return Value("date", made, self.status([moment]), low=max(moment.low - 366, FIRST), high=moment.high)
        part = "weekday" if name == "DAY_OF_WEEK" else str(node.options["part"])
        made, low, high = calendar.part(part, moment.expression)
        return Value("number", made, self.status([moment]), low=low, high=high)

    def part_of(self, value: Value, part: str) -> Value:
        """Give a field of a value (`$born.year`): null has null fields, and only a date has fields."""
        if value.kind == "null":
            return value
        if value.is_constant:
            if value.status != OK or value.kind != "date":
                return value if value.status != OK else failed()
            try:
                return constant(part_of_date(value.constant, part))
            except Unfit:
                return failed()
        if value.kind == "date" and part == "iso":
            return Value("string", sql.cast(value.expression, "VARCHAR"), value.status)
        if value.kind == "date" and part in ("year", "month", "day"):
            made, low, high = calendar.part(part, value.expression)
            return Value("number", made, value.status, low=low, high=high)
        return Value("null", sql.null("INTEGER"), self.or_error(value.status, sql.boolean(True)))

    def _difference(self, name: str, values: Sequence[Value]) -> Value:
        first, second = self.to_date(values[0]), self.to_date(values[1])
        unit = values[2] if name == "DATE_DIFF" else constant("years")
        if not unit.is_constant:
            raise Refused("unit-by-row", f"{name} with a unit that differs by person")
        is_counted = unit.kind == "string" and unit.constant in calendar.RANGE_OF
        if not is_counted or first.kind != "date" or second.kind != "date":
            return self.misfit((first, second, unit))
        made = calendar.difference(str(unit.constant), first, second, self.once)
        low, high = calendar.RANGE_OF[str(unit.constant)]
        return Value("number", made, self.status((first, second)), low=low, high=high)

    def _made(self, values: Sequence[Value]) -> Value:
        if any(item.kind != "number" for item in values):
            return self.misfit(values)
        failures: list[Sql] = []
        parts = [self._whole(item, failures) for item in values]
        made = self.once(calendar.make_date(*(item.expression for item in parts)), "date")
        failures.append(sql.is_null(made))
        status = self.or_error(self.status(values), sql.either(failures))
        return Value("date", made, status, low=FIRST, high=LAST)

    def _whole(self, value: Value, failures: list[Sql]) -> Value:
        """Give a number as a whole one, of 64 bits where that may be assumed of a part of a date."""
        reckoning = Reckoning(self.once)
        number = reckoning.close(value)
        failures += reckoning.failures
        if not number.scale:
            return Value("number", self.once(number.expression, "whole"), low=number.low, high=number.high)
        factor = sql.integer(10**number.scale)
        cell = self.once(number.expression, "number")
        whole = self.once(sql.divide(cell, factor), "whole")
        failures.append(sql.negated(sql.equals(sql.multiply(whole, factor), cell)))
        return Value("number", whole, low=number.low // 10**number.scale, high=number.high // 10**number.scale + 1)

    def _later(self, start: Value, named: Mapping[str, Value]) -> Value:
        moment = self.to_date(start)
        everything = (moment, *named.values())
        if moment.kind != "date" or any(item.kind != "number" for item in named.values()):
            return self.misfit(everything)
        failures: list[Sql] = []
        steps = {unit: self._whole(item, failures) for unit, item in named.items()}
        reckoning = Reckoning(self.once)
        days = [
            reckoning.arithmetic("MULTIPLY", [steps[unit], constant(factor)])
            for unit, factor in (("weeks", 7), ("days", 1))
            if unit in steps
        ]
        counts = {unit: steps[unit] for unit in ("years", "months") if unit in steps}
        if days:
            counts["days"] = reckoning.arithmetic("ADD", days)
        failures += reckoning.failures
        result = Value("date", moment.expression, low=moment.low, high=moment.high)
        for unit, count in counts.items():
            result = self._moved(result, unit, count, failures)
        status: Status = self.status(everything)
        return Value(
            "date",
            result.expression,
            self.or_error(status, sql.either(failures)) if failures else status,
            low=result.low,
            high=result.high,
        )

    def _moved(self, moment: Value, unit: str, count: Value, failures: list[Sql]) -> Value:
        """Move a date by a number of units; null outside the years 1 to 9999, and then among the failures."""
        low, high = calendar.RANGE_OF[unit]
        reach = count.expression
        if count.low < low or count.high > high:
            reach = calendar.reachable(reach, unit)
        made = calendar.later(moment.expression, unit, reach)
        margin = _MARGIN[unit]
        first, last = moment.low + min(count.low, 0) * margin, moment.high + max(count.high, 0) * margin
        if first >= FIRST and last <= LAST:
            return Value("date", made, low=first, high=last)
        made = self.once(calendar.within(self.once(made, "moved")), "date")
        failures.append(sql.is_null(made))
        return Value("date", made, low=max(first, FIRST), high=min(last, LAST))
