"""Dates on columns: complete years and months by the rule of the corresponding day, parts, starts and steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import Value

Once = Callable[[Sql, str], Sql]

RANGE_OF: Final = {"years": (-9999, 9999), "months": (-120_000, 120_000), "days": (-3_700_000, 3_700_000)}
"""What a difference between two dates of the years 1 to 9999 can come to."""

_DATE_PATTERN: Final = r"\d{4}-\d{2}-\d{2}"


def parse_date(value: Sql) -> Sql:
    """Read text as an ISO date; null where it is none."""
    is_iso = exp.RegexpFullMatch(this=value, expression=sql.text(_DATE_PATTERN))
    return sql.case([(is_iso, exp.TryCast(this=value, to=exp.DataType.build("DATE")))], sql.null("DATE"))


def _number(name: str, value: Sql) -> Sql:
    return sql.cast(sql.call(name, value), "BIGINT")


def _month_day(value: Value, *, is_end: bool) -> Sql:
    """Give month x 100 + day; at the end of a span, the last of February counts as the 29th."""
    if value.is_constant:
        day: date = value.constant
        whole = day.month * 100 + day.day
        return sql.integer(229 if is_end and whole == 228 and not _is_leap(day.year) else whole)
    month, number = _number("MONTH", value.expression), _number("DAY", value.expression)
    plain = sql.add(sql.multiply(month, sql.integer(100)), number)
    if not is_end:
        return plain
    is_last = sql.both(
        [
            sql.equals(month, sql.integer(2)),
            sql.equals(number, _number("DAY", exp.LastDay(this=value.expression))),
        ]
    )
    return sql.case([(is_last, sql.integer(229))], plain)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _year(value: Value) -> Sql:
    return sql.integer(value.constant.year) if value.is_constant else _number("YEAR", value.expression)


def _years(start: Value, end: Value) -> Sql:
    begun = sql.subtract(_year(end), _year(start))
    short = sql.compare(exp.LT, _month_day(end, is_end=True), _month_day(start, is_end=False))
    return sql.subtract(begun, sql.case([(short, sql.integer(1))], sql.integer(0)))


def _months(start: Value, end: Value) -> Sql:
    first, last = start.expression, end.expression
    begun = sql.add(
        sql.multiply(sql.subtract(_year(end), _year(start)), sql.integer(12)),
        sql.subtract(_number("MONTH", last), _number("MONTH", first)),
    )
    is_end = sql.equals(_number("DAY", last), _number("DAY", exp.LastDay(this=last)))
    short = sql.both([sql.compare(exp.LT, _number("DAY", last), _number("DAY", first)), sql.negated(is_end)])
    return sql.subtract(begun, sql.case([(short, sql.integer(1))], sql.integer(0)))


def difference(unit: str, start: Value, end: Value, once: Once) -> Sql:
    """Give the signed difference in days, or in complete months or years."""
    if unit == "days":
        return sql.cast(exp.DateDiff(this=end.expression, expression=start.expression, unit=exp.var("DAY")), "BIGINT")
    count = _years if unit == "years" else _months
    forward = sql.at_least(end.expression, start.expression)
    return sql.case([(forward, count(start, end))], sql.negate(count(end, start)))


def part(name: str, value: Sql) -> tuple[Sql, int, int]:
    """Give a part of a date and its range."""
    if name == "weekday":
        return sql.subtract(sql.cast(exp.DayOfWeekIso(this=value), "BIGINT"), sql.integer(1)), 0, 6
    ranges = {"year": (1, 9999), "quarter": (1, 4), "month": (1, 12), "week": (1, 53), "day": (1, 31)}
    return _number({"week": "WEEKOFYEAR"}.get(name, name.upper()), value), *ranges[name]


def start(name: str, value: Sql) -> Sql:
    """Give the first day of the period that a date lies in."""
    if name == "day":
        return value
    return sql.cast(exp.TimestampTrunc(this=value, unit=exp.var(name.upper())), "DATE")


def later(value: Sql, steps: Mapping[str, int]) -> Sql:
    """Add years, months, weeks and days, in that order; the day is cut to the end of the month."""
    result = value
    for unit in ("years", "months", "weeks", "days"):
        if steps.get(unit):
            step = exp.Interval(this=sql.text(str(steps[unit])), unit=exp.var(unit[:-1].upper()))
            result = sql.cast(sql.add(result, step), "DATE")
    return result
