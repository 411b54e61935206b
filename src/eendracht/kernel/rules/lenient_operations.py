"""Operations of the lax dialect on values: integers and IEEE doubles as Python has them, nulls that give way.

Dates are ISO 8601 text here, moments `YYYY-MM-DDTHH:MM:SS`. Sums run from left to right without compensation, so that
columns can do the same.
"""

from __future__ import annotations

import calendar
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit, describe

_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "GREATER_THAN": operator.gt,
    "GREATER_OR_EQUAL": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_OR_EQUAL": operator.le,
}
_COMPARISONS: Final = frozenset(("EQUALS", "NOT_EQUALS", *_COMPARE))
_SECONDS: Final = {"hours": 3600, "minutes": 60}


def as_lax(value: Any) -> Any:
    """Give a value the form that it has in this dialect: a fraction as the nearest double, a date as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Fraction | Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: as_lax(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_lax(item) for item in value]
    return value


def compare(name: str, left: Any, right: Any) -> bool | None:
    """Compare two values; null for an order with null or between values that have none. Equality takes null too."""
    if name == "EQUALS":
        return bool(left == right)
    if name == "NOT_EQUALS":
        return bool(left != right)
    if left is None or right is None:
        return None
    try:
        return bool(_COMPARE[name](left, right))
    except TypeError:
        return None


def is_among(subject: Any, candidates: Any) -> bool:
    """Whether a value, or any element of a list, is among the candidates: of a list, or the keys of a mapping.

    A candidate that is no list stands for itself.
    """
    if isinstance(candidates, Mapping):
        candidates = list(candidates)
    items = candidates if isinstance(candidates, list) else [] if candidates is None else [candidates]
    if isinstance(subject, list):
        return any(item in items for item in subject)
    return subject in items


def aggregate(name: str, values: Iterable[Any]) -> Any:
    """Bring values together without the nulls among them; nothing gives 0. Lists count by their elements.

    Raises Unfit for values that the operation cannot take.
    """
    present = [value for value in values if value is not None]
    if name == "CONCAT":
        return "".join(str(value) for value in present) if present else 0
    present = [item for value in present for item in (value if isinstance(value, list) else [value])]
    present = [value for value in present if value is not None]
    if not present:
        return 0
    if name in ("AND", "OR"):
        return all(present) if name == "AND" else any(present)
    try:
        result = _reduce(name, present)
    except (TypeError, OverflowError) as error:
        raise Unfit(f"{name} cannot take {', '.join(describe_lax(value) for value in present[:4])}") from error
    if isinstance(result, float) and not math.isfinite(result):
        raise Unfit(f"the result of {name} is too large")
    return result


def _reduce(name: str, values: Sequence[Any]) -> Any:
    if name == "MIN":
        return min(values)
    if name == "MAX":
        return max(values)
    if name == "ADD":
        result: Any = 0
        for value in values:
            result = result + value
        return result
    step = {"SUBTRACT": operator.sub, "MULTIPLY": _multiply, "DIVIDE": _divide}[name]
    if isinstance(values[0], str):
        raise TypeError(name)
    result = values[0]
    for value in values[1:]:
        result = step(result, value)
    return result


def _multiply(left: Any, right: Any) -> Any:
    """Multiply; an integer below 1 truncates the product (as the format's own engine does)."""
    if isinstance(left, str) or isinstance(right, str):
        raise TypeError("text")
    product = left * right
    return int(product) if isinstance(right, int) and right < 1 else product


def _divide(left: Any, right: Any) -> Any:
    return left / right if right != 0 else 0


def subtract_dates(end: Any, start: Any, unit: str) -> int | float | None:
    """Give the time from start to end: completed years, months by the calendar alone, days, or hours with fractions.

    Null for want of one of them. Raises Unfit for what is no date.
    """
    last, first = as_moment(end), as_moment(start)
    if last is None or first is None:
        return None
    if unit == "years":
        return last.year - first.year - ((last.month, last.day) < (first.month, first.day))
    if unit == "months":
        return (last.year - first.year) * 12 + last.month - first.month
    difference = last - first
    if unit in _SECONDS:
        return difference.total_seconds() / _SECONDS[unit]
    return difference.days // 7 if unit == "weeks" else difference.days


def add_to_date(start: Any, amount: Any, unit: str) -> str | None:
    """Move a date; years and months clamp to the end of the month. Null for want of a date or an amount."""
    moment = as_moment(start)
    if moment is None or amount is None:
        return None
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise Unfit(f"ADD_DATE takes a number of {unit}, not {describe_lax(amount)}")
    is_moment = "T" in str(start) or unit in _SECONDS
    try:
        if unit in ("years", "months"):
            months = moment.year * 12 + moment.month - 1 + int(amount) * (12 if unit == "years" else 1)
            moment = _in_month(moment, months // 12, months % 12 + 1)
        else:
            moment += timedelta(**{unit: amount})
    except (ValueError, OverflowError) as error:
        raise Unfit("the sum of ADD_DATE is no date") from error
    return moment.isoformat(timespec="seconds") if is_moment else moment.date().isoformat()


def _in_month(moment: datetime, year: int, month: int) -> datetime:
    last = calendar.monthrange(year, month)[1]
    return moment.replace(year=year, month=month, day=min(moment.day, last))


def combine_datetime(day: Any, clock: Any) -> str | None:
    """Give a moment from a date and a time of day: `HH:MM`, or a whole hour (24 is the next midnight)."""
    moment = as_moment(day)
    if moment is None or clock is None or clock == "":
        return None
    midnight = moment.replace(hour=0, minute=0, second=0)
    if isinstance(clock, int | float) and not isinstance(clock, bool):
        return (midnight + timedelta(hours=clock)).isoformat(timespec="seconds")
    try:
        at = time.fromisoformat(str(clock))
    except ValueError as error:
        raise Unfit(f"{describe_lax(clock)} is no time of day") from error
    return midnight.replace(hour=at.hour, minute=at.minute, second=at.second).isoformat(timespec="seconds")


def day_of_week(day: Any) -> int | None:
    """Give the day of the week, Monday 0."""
    moment = as_moment(day)
    return None if moment is None else moment.weekday()


def as_moment(value: Any) -> datetime | None:
    """Read a date or a moment; null and empty text are none. Raises Unfit."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError as error:
            raise Unfit(f"{describe_lax(value)} is no date") from error
        return found.replace(tzinfo=None, microsecond=0)
    raise Unfit(f"{describe_lax(value)} is no date")


def look_up_key(key: Any, table: Any) -> Any:
    """Give what a mapping has for a key; null where it has nothing."""
    if isinstance(key, Mapping) and not isinstance(table, Mapping):
        key, table = table, key
    if not isinstance(table, Mapping) or isinstance(key, list | dict):
        return None
    return table.get(key)


def count(value: Any) -> int:
    """Give the length of a list; of anything else 1, or 0 where it is null, empty, zero or false."""
    return len(value) if isinstance(value, list) else 1 if value else 0


def part_of(value: Any, part: str) -> Any:
    """Give a field of an object, or that field of each element of a list; null where there is none."""
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list):
        return [part_of(item, part) for item in value]
    return None


def enforce(value: Any, declared: ir.Field | None) -> Any:
    """Close a value at an output: clamp, round half to even, and cut to an integer for eurocent.

    Only where the output has these; a number or amount that is null counts as 0 then. Truth values, lists and objects
    stay as they are.
    """
    if declared is None or isinstance(value, bool | list | dict):
        return value
    low, high, digits = declared.minimum, declared.maximum, declared.precision
    is_bound = low is not None or high is not None or digits is not None or declared.unit == "eurocent"
    if not is_bound or (declared.kind not in ("number", "amount") and not isinstance(value, int | float)):
        return value
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return value
    value = 0 if value is None else value
    if low is not None:
        value = max(value, low)
    if high is not None:
        value = min(value, high)
    if digits is not None:
        value = round(value, digits)
    return int(value) if declared.unit == "eurocent" else value


def apply_operation(name: str, values: Sequence[Any], unit: str) -> Any:
    """Do an operation on values that are all there to see; one that the format does not know gives null."""
    first, second = (*values, None, None)[:2]
    if name in _COMPARISONS:
        return compare(name, first, second)
    if name in ("IN", "NOT_IN"):
        return is_among(first, second) is (name == "IN")
    if name in ("NOT_NULL", "IS_NULL"):
        return (first is None) is (name == "IS_NULL")
    if name in ("EXISTS", "NOT"):
        return bool(first) is (name == "EXISTS")
    if name == "LENGTH":
        return count(first)
    if name == "GET":
        return look_up_key(first, second)
    if name == "SUBTRACT_DATE":
        return subtract_dates(first, second, unit)
    if name == "ADD_DATE":
        return add_to_date(first, second, unit)
    if name == "COMBINE_DATETIME":
        return combine_datetime(first, second)
    if name == "DAY_OF_WEEK":
        return day_of_week(first)
    return None


def describe_lax(value: Any) -> str:
    """Name a value for an error, without printing what it says."""
    return "a number" if isinstance(value, float) else describe(value)
