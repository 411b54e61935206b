"""Operations with dates on columns: what is no date, or lies outside the years 1 to 9999, is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit, part_of_date
from eendracht.kernel.rules.columns import calendar, sql
from eendracht.kernel.rules.columns.equality import Equality
from eendracht.kernel.rules.columns.numbers import Reckoning
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import FIRST, LAST, OK, Value, constant, failed
from eendracht.kernel.rules.values import as_date

_MARGIN: Final = {"years": 366, "months": 31, "days": 1}
"""The most days that one of a unit can move a date."""


@dataclass(frozen=True, slots=True)
class AsDates:
    """Operands as dates, and where one of them is text that is none."""

    values: list[Value]
    failures: list[Sql]


class Dates(Equality):
    """AGE, DATE, DATE_ADD, DATE_DIFF, DATE_PART, DAY_OF_WEEK, START_OF, and MIN and MAX of dates."""

    def as_dates(self, values: Sequence[Value]) -> AsDates | None:
        """Give operands as dates; None where one never is. Text that is no ISO date fails, once all are there."""
        found: list[Value] = []
        failures: list[Sql] = []
        for value in values:
            if value.kind == "date":
                found.append(value)
            elif value.is_constant:
                day = as_date(value.constant) if value.is_certain else None
                if day is None:
                    return None
                found.append(constant(day))
            elif value.kind == "string":
                made = self.once(calendar.parse_date(value.expression), "date")
                found.append(Value("date", made, value.status, low=FIRST, high=LAST))
                failures.append(sql.is_null(made))
            else:
                return None
        return AsDates(found, failures)

    def extreme_date(self, name: str, values: Sequence[Value]) -> Value:
        """MIN or MAX of dates; where all are text it stays text, as that is how they sort."""
        dates = self.as_dates(values)
        if dates is None:
            return self.misfit(values)
        pick = max if name == "MAX" else min
        low, high = pick(item.low for item in dates.values), pick(item.high for item in dates.values)
        is_text = all(item.kind == "string" for item in values)
        cells = [item.expression for item in (values if is_text else dates.values)]
        made = sql.greatest(cells) if name == "MAX" else sql.least(cells)
        status = self.with_failures(self.status(values), dates.failures)
        is_mixed = not is_text and any(item.kind == "string" or item.is_mixed for item in values)
        return Value("string" if is_text else "date", made, status, low=low, high=high, is_mixed=is_mixed)

    def of_calendar(self, node: ir.Operation, values: Sequence[Value], named: Mapping[str, Value]) -> Value:
        """Give the value of an operation on dates."""
        name = node.name
        if name == "DATE":
            return self._made(values)
        if name == "DATE_ADD":
            return self._later(values[0], named)
        if name in ("AGE", "DATE_DIFF"):
            return self._difference(name, values)
        dates = self.as_dates(values)
        if dates is None:
            return self.misfit(values)
        (moment,) = dates.values
        status = self.with_failures(self.status(values), dates.failures)
        if name == "START_OF":
            made = calendar.start(str(node.options["part"]), moment.expression)
            return Value("date", made, status, low=max(moment.low - 366, FIRST), high=moment.high)
        part = "weekday" if name == "DAY_OF_WEEK" else str(node.options["part"])
        made, low, high = calendar.part(part, moment.expression)
        return Value("number", made, status, low=low, high=high)

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
        if value.is_mixed:
            raise Refused("mixed-kinds", f"the field '{part}' of a date that is text for some")
        if value.kind == "date" and part == "iso":
            return Value("string", sql.cast(value.expression, "VARCHAR"), value.status)
        if value.kind == "date" and part in ("year", "month", "day"):
            made, low, high = calendar.part(part, value.expression)
            return Value("number", made, value.status, low=low, high=high)
        return Value("null", sql.null("INTEGER"), self.or_error(value.status, sql.boolean(True)))

    def _difference(self, name: str, values: Sequence[Value]) -> Value:
        unit = values[2] if name == "DATE_DIFF" else constant("years")
        if not unit.is_constant:
            raise Refused("unit-by-row", f"{name} with a unit that differs by person")
        dates = self.as_dates(values[:2])
        if dates is None or unit.kind != "string" or unit.constant not in calendar.RANGE_OF:
            return self.misfit(values)
        first, second = dates.values
        made = calendar.difference(str(unit.constant), first, second, self.once)
        low, high = calendar.RANGE_OF[str(unit.constant)]
        status = self.with_failures(self.status(values), dates.failures)
        return Value("number", made, status, low=low, high=high)

    def _made(self, values: Sequence[Value]) -> Value:
        if any(item.kind != "number" for item in values):
            return self.misfit(values)
        failures: list[Sql] = []
        parts = [self._whole(item, failures) for item in values]
        made = self.once(calendar.make_date(*(item.expression for item in parts)), "date")
        failures.append(sql.is_null(made))
        status = self.with_failures(self.status(values), failures)
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
        dates = self.as_dates([start])
        everything = (start, *named.values())
        if dates is None or any(item.kind != "number" for item in named.values()):
            return self.misfit(everything)
        (moment,) = dates.values
        failures = dates.failures
        steps = {unit: self._whole(item, failures) for unit, item in named.items()}
        reckoning = Reckoning(self.once)
        days = [
            reckoning.arithmetic("MULTIPLY", [steps[unit], constant(factor)])
            for unit, factor in (("weeks", 7), ("days", 1))
            if unit in steps
        ]
        counts: dict[str, Value] = {unit: steps[unit] for unit in ("years", "months") if unit in steps}
        if days:
            counts["days"] = reckoning.arithmetic("ADD", days)
        failures += reckoning.failures
        result = Value("date", moment.expression, low=moment.low, high=moment.high)
        for unit, count in counts.items():
            result = self._moved(result, unit, count, failures)
        status = self.with_failures(self.status(everything), failures)
        return Value("date", result.expression, status, low=result.low, high=result.high)

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
