"""Dates on columns: complete years and months by the rule of the corresponding day, parts, starts and steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
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
    """Read text as an ISO date of the years 1 to 9999; null where it is none."""
    is_iso = exp.RegexpFullMatch(this=value, expression=sql.text(_DATE_PATTERN))
    is_counted = sql.at_least(value, sql.text("0001"))
    parsed = exp.TryCast(this=value, to=exp.DataType.build("DATE"))
    return sql.case([(sql.both([is_iso, is_counted]), parsed)], sql.null("DATE"))


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
    begun = sql.subtract(_counted_months(end), _counted_months(start))
    short = sql.compare(exp.LT, _month_end_day(end), _day(start))
    return sql.subtract(begun, sql.case([(short, sql.integer(1))], sql.integer(0)))


def _counted_months(value: Value) -> Sql:
    if value.is_constant:
        return sql.integer(value.constant.year * 12 + value.constant.month)
    return sql.add(sql.multiply(_year(value), sql.integer(12)), _number("MONTH", value.expression))


def _day(value: Value) -> Sql:
    return sql.integer(value.constant.day) if value.is_constant else _number("DAY", value.expression)


def _month_end_day(value: Value) -> Sql:
    """Give the day of the month; the last day of any month counts as the 31st."""
    if value.is_constant:
        day: date = value.constant
        is_end = (day.month, day.day) == (12, 31) or (day + timedelta(days=1)).day == 1
        return sql.integer(31 if is_end else day.day)
    last = _number("DAY", exp.LastDay(this=value.expression))
    return sql.case([(sql.equals(_day(value), last), sql.integer(31))], _day(value))


def difference(unit: str, start: Value, end: Value, once: Once) -> Sql:
    """Give the signed difference in days, or in complete months or years."""
    if unit == "days":
        return sql.cast(exp.DateDiff(this=end.expression, expression=start.expression, unit=exp.var("DAY")), "BIGINT")
    count = _years if unit == "years" else _months
    if start.high <= end.low:
        return count(start, end)
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


def within(value: Sql) -> Sql:
    """Give a date of the years 1 to 9999; null for another."""
    return sql.case([(_between(value, sql.day(date.min), sql.day(date.max)), value)], sql.null("DATE"))


def later(value: Sql, unit: str, count: Sql) -> Sql:
    """Add years, months or days; the day is cut to the end of the month. `count` is null where it is out of reach."""
    if unit == "days":
        return sql.add(value, sql.cast(count, "INTEGER"))
    if isinstance(count, exp.Cast) and isinstance(count.this, exp.Literal | exp.Neg):
        text = str(count.this.this.this) if isinstance(count.this, exp.Neg) else str(count.this.this)
        sign = "-" if isinstance(count.this, exp.Neg) else ""
        step: Sql = exp.Interval(this=sql.text(f"{sign}{text}"), unit=exp.var(unit[:-1].upper()))
    else:
        step = exp.Anonymous(this=f"TO_{unit.upper()}", expressions=[sql.cast(count, "INTEGER")])
    return sql.cast(sql.add(value, step), "DATE")


def reachable(count: Sql, unit: str) -> Sql:
    """Give a number of years, months or days that can lie between two dates; null for another."""
    low, high = RANGE_OF[unit]
    return sql.case([(_between(count, sql.integer(low), sql.integer(high)), count)], sql.null("BIGINT"))


def make_date(year: Sql, month: Sql, day: Sql) -> Sql:
    """Build a date; null where there is no such day."""
    one = sql.integer(1)
    parts = [sql.cast(item, "BIGINT") for item in (year, month)]
    first = exp.Anonymous(this="MAKE_DATE", expressions=[*parts, one])
    length = _number("DAY", exp.LastDay(this=first))
    is_month = sql.both([_between(year, one, sql.integer(9999)), _between(month, one, sql.integer(12))])
    made = sql.add(first, sql.cast(sql.subtract(day, one), "INTEGER"))
    inner = sql.case([(_between(day, one, length), made)], sql.null("DATE"))
    return sql.case([(is_month, inner)], sql.null("DATE"))


def _between(value: Sql, low: Sql, high: Sql) -> Sql:
    return exp.Between(this=value, low=low, high=high)
