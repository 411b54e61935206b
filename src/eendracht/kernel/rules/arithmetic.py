"""What the operations of the exact dialect do with values that are there: numbers without loss, dates, equality."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from eendracht.kernel.rules.values import Number, as_date, is_number, normalise, round_half_up


class Unfit(ValueError):
    """Operands that an operation cannot take; the text says which and why."""


def numbers(name: str, values: Sequence[Any]) -> list[Number]:
    """Give the values as numbers; raises Unfit."""
    for value in values:
        if not is_number(value):
            raise Unfit(f"{name} takes numbers, not {describe(value)}")
    return list(values)


def describe(value: Any) -> str:
    """Name a value for an error, without printing what it says: it may be about a person."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    if is_number(value):
        return "a number"
    return {str: "text", date: "a date", list: "a list", dict: "an object"}.get(type(value), "this")


def is_equal(left: Any, right: Any) -> bool:
    """Structural equality: a number is no text and no truth value; a date equals its ISO text."""
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left is right
    if isinstance(left, date) or isinstance(right, date):
        first, second = as_date(left), as_date(right)
        return first is not None and first == second
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(is_equal(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(is_equal(left[key], right[key]) for key in left)
    if is_number(left) != is_number(right):
        return False
    return bool(left == right)


def compare(name: str, left: Any, right: Any) -> int:
    """Give -1, 0 or 1 for two numbers or two dates; raises Unfit."""
    if is_number(left) and is_number(right):
        return int(left > right) - int(left < right)
    first, second = as_date(left), as_date(right)
    if first is None or second is None:
        raise Unfit(f"{name} compares two numbers or two dates, not {describe(left)} with {describe(right)}")
    return (first > second) - (first < second)


def add(values: Sequence[Any]) -> Number:
    """Sum."""
    return normalise(sum(numbers("ADD", values)))


def subtract(values: Sequence[Any]) -> Number:
    """The first less all others; of one alone, its negative."""
    found = numbers("SUBTRACT", values)
    return normalise(found[0] - sum(found[1:])) if len(found) > 1 else -found[0]


def multiply(values: Sequence[Any]) -> Number:
    """Product."""
    return normalise(math.prod(numbers("MULTIPLY", values)))


def divide(values: Sequence[Any]) -> Number:
    """The first by each other in turn; raises Unfit by zero."""
    first, *others = numbers("DIVIDE", values)
    result: Number = first
    for other in others:
        if other == 0:
            raise Unfit("DIVIDE by zero")
        result = normalise(Fraction(result) / other)
    return result


def extreme(name: str, values: Sequence[Any]) -> Any:
    """The largest (MAX) or smallest (MIN) of numbers or of dates."""
    best = values[0]
    compare(name, best, best)
    for value in values[1:]:
        order = compare(name, value, best)
        if order > 0 if name == "MAX" else order < 0:
            best = value
    return best


def round_to(name: str, value: Any, precision: int) -> Number:
    """ROUND half away from zero, CEIL up, FLOOR down, to so many decimals (negative: tens, hundreds)."""
    (number,) = numbers(name, [value])
    scaled = number * Fraction(10) ** precision
    rounders: dict[str, Callable[[Fraction], int]] = {"ROUND": round_half_up, "CEIL": math.ceil, "FLOOR": math.floor}
    whole = rounders[name](Fraction(scaled))
    return normalise(Fraction(whole) / Fraction(10) ** precision)


def to_date(name: str, value: Any) -> date:
    """Give an operand as a date; raises Unfit."""
    found = as_date(value)
    if found is None:
        raise Unfit(f"{name} takes a date (YYYY-MM-DD), not {describe(value)}")
    return found


def add_months(day: date, months: int) -> date:
    """The corresponding day, clamped to the end of the month; raises Unfit outside the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Unfit("a date outside the years 1 to 9999")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole(name: str, value: Any) -> int:
    """Give an operand as a whole number; raises Unfit."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Unfit(f"{name} takes whole numbers, not {describe(value)}")


def months_between(start: date, end: date) -> int:
    """Complete months from start to end, negative when the end lies before it."""
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def years_between(start: date, end: date) -> int:
    """Complete years from start to end (BW art. 1:2: someone born on 29 February turns a year older on the 28th)."""
    if end < start:
        return -years_between(end, start)
    years = end.year - start.year
    return years if add_months(start, 12 * years) <= end else years - 1


def date_add(start: Any, steps: dict[str, Any]) -> date:
    """Add years, then months, weeks and days."""
    day = to_date("DATE_ADD", start)
    for unit, factor in (("years", 12), ("months", 1)):
        if unit in steps:
            day = add_months(day, whole("DATE_ADD", steps[unit]) * factor)
    days = sum(whole("DATE_ADD", steps[unit]) * factor for unit, factor in (("weeks", 7), ("days", 1)) if unit in steps)
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise Unfit("a date outside the years 1 to 9999") from error


def date_diff(start: Any, end: Any, unit: Any) -> int:
    """The signed difference in days, or in complete months or years."""
    first, second = to_date("DATE_DIFF", start), to_date("DATE_DIFF", end)
    if unit == "days":
        return (second - first).days
    if unit == "months":
        return months_between(first, second)
    if unit == "years":
        return years_between(first, second)
    raise Unfit("DATE_DIFF counts in days, months or years")


def make_date(year: Any, month: Any, day: Any) -> date:
    """Build a date; raises Unfit when it does not exist."""
    try:
        return date(whole("DATE", year), whole("DATE", month), whole("DATE", day))
    except (ValueError, OverflowError) as error:
        raise Unfit("DATE: there is no such day") from error


def date_part(value: Any, part: str) -> int:
    """Year, quarter, month, ISO week or day of a date."""
    day = to_date("DATE_PART", value)
    return {
        "year": day.year,
        "quarter": (day.month + 2) // 3,
        "month": day.month,
        "week": day.isocalendar().week,
        "day": day.day,
    }[part]


def start_of(value: Any, part: str) -> date:
    """The first day of the year, quarter, month or (from Monday) week that a date lies in."""
    day = to_date("START_OF", value)
    if part == "year":
        return day.replace(month=1, day=1)
    if part == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    if part == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if part == "week" else day


def part_of_date(day: date, name: str) -> Any:
    """A field of a date as a rule names it (`$referencedate.year`); raises Unfit."""
    if name == "iso":
        return day.isoformat()
    if name in ("year", "month", "day"):
        return getattr(day, name)
    raise Unfit(f"a date has no '{name}'")


STRICT: Final[dict[str, Callable[[Sequence[Any]], Any]]] = {
    "ADD": add,
    "SUBTRACT": subtract,
    "MULTIPLY": multiply,
    "DIVIDE": divide,
    "MIN": lambda values: extreme("MIN", values),
    "MAX": lambda values: extreme("MAX", values),
    "GREATER_THAN": lambda values: compare("GREATER_THAN", *values) > 0,
    "LESS_THAN": lambda values: compare("LESS_THAN", *values) < 0,
    "GREATER_THAN_OR_EQUAL": lambda values: compare("GREATER_THAN_OR_EQUAL", *values) >= 0,
    "LESS_THAN_OR_EQUAL": lambda values: compare("LESS_THAN_OR_EQUAL", *values) <= 0,
    "EQUALS": lambda values: is_equal(*values),
    "AGE": lambda values: years_between(to_date("AGE", values[0]), to_date("AGE", values[1])),
    "DATE": lambda values: make_date(*values),
    "DAY_OF_WEEK": lambda values: to_date("DAY_OF_WEEK", values[0]).weekday(),
    "DATE_DIFF": lambda values: date_diff(*values),
}
"""Operations that take all their operands: one that is absent makes the result absent."""
