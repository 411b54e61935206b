"""Dates of the lax dialect in columns: ISO 8601 text, as dates where that is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from eendracht.kernel.rules.arithmetic import Unfit
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_sql import Condition, all_of, any_of, both, call, case_of, cases, none_of
from eendracht.kernel.rules.columns.lax_values import (
    BOOL,
    ERROR,
    FLOAT,
    INT,
    NULL,
    STRICT_DATE,
    STRICT_MOMENT,
    TEXT,
    Form,
    Source,
    Value,
    of_tags,
)
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.lenient_operations import as_moment

CheckColumn = Callable[[str, str], None]
"""Refuses a column of texts that stand for dates in another way than YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS."""

_DAYS: Final = 3_700_000
_KNOWN: Final = frozenset((("known",),))


@dataclass(frozen=True, slots=True)
class _Moment:
    """Where a value is no date at all, where it is none, and the date as DATE or TIMESTAMP."""

    nothing: Condition
    wrong: Condition
    day: Sql | None
    stamp: Sql


def _moment(value: Value, check: CheckColumn) -> _Moment:
    others = tuple(tag for tag in value.forms if tag not in (NULL, TEXT))
    if not value.has(TEXT):
        return _Moment(value.is_(NULL), value.is_(*others), sql.null("DATE"), sql.null("TIMESTAMP"))
    form = value.forms[TEXT]
    assert form.sql is not None
    if form.day is not None:
        stamp = sql.cast(form.day, "TIMESTAMP")
        return _Moment(value.is_(NULL), value.is_(*others), form.day, stamp)
    for source in form.sources:
        _check_source(source, check)
    empty = all_of(value.is_(TEXT), sql.equals(form.sql, sql.text("")))
    pattern = sql.text(f"{STRICT_DATE}(T\\d{{2}}:\\d{{2}}:\\d{{2}})?")
    fits = both(
        [
            call("REGEXP_FULL_MATCH", form.sql, pattern),
            sql.compare(exp.GTE, form.sql, sql.text("0001")),
        ]
    )
    stamp = case_of([(fits, exp.TryCast(this=form.sql, to=exp.DataType.build("TIMESTAMP")))], sql.null("TIMESTAMP"))
    wrong = all_of(value.is_(TEXT), none_of(empty), sql.is_null(stamp))
    return _Moment(any_of(value.is_(NULL), empty), any_of(value.is_(*others), wrong), None, stamp)


def _check_source(source: Source, check: CheckColumn) -> None:
    if source[0] == "known":
        return
    if source[0] == "made":
        raise Refused("date-of-parts", "a date that is put together from texts")
    if source[0] == "column":
        check(source[1], source[2])
        return
    text = source[1]
    if text and not re.fullmatch(f"{STRICT_DATE}|{STRICT_MOMENT}", text, re.ASCII):
        try:
            as_moment(text)
        except Unfit:
            return
        raise Refused("date-format", f"the date '{text}' is not written as YYYY-MM-DD")


def subtract_dates(end: Value, start: Value, unit: str, check: CheckColumn) -> Value:
    """Give the time from start to end in a unit, as `lenient_operations.subtract_dates` does."""
    last, first = _moment(end, check), _moment(start, check)
    wrong, nothing = _in_order(last, first)
    forms: dict[int, Form] = {}
    tag = INT
    if unit in ("years", "months"):
        one = last.day if last.day is not None else last.stamp
        two = first.day if first.day is not None else first.stamp
        months = sql.subtract(_months(one), _months(two))
        years = sql.subtract(
            sql.subtract(_part("year", one), _part("year", two)),
            case_of([(sql.compare(exp.LT, _month_day(one), _month_day(two)), sql.integer(1))], sql.integer(0)),
        )
        forms[INT] = Form(years, -9999, 9999) if unit == "years" else Form(months, -120_000, 120_000)
    elif last.day is not None and first.day is not None and unit in ("days", "weeks"):
        days = sql.cast(sql.subtract(last.day, first.day), "BIGINT")
        forms[INT] = Form(days if unit == "days" else _floor(days, 7), -_DAYS, _DAYS)
    else:
        seconds = call("DATE_DIFF", sql.text("second"), first.stamp, last.stamp)
        if unit in ("hours", "minutes"):
            tag, size = FLOAT, 3600 if unit == "hours" else 60
            real = exp.Div(this=sql.cast(seconds, "DOUBLE"), expression=sql.cast(sql.integer(size), "DOUBLE"))
            forms[FLOAT] = Form(real, -_DAYS * 1440, _DAYS * 1440)
        else:
            days = _floor(seconds, 86_400)
            forms[INT] = Form(days if unit == "days" else _floor(days, 7), -_DAYS, _DAYS)
    return of_tags([(wrong, ERROR), (nothing, NULL)], tag, forms)


def _in_order(last: _Moment, first: _Moment) -> tuple[Condition, Condition]:
    """Where one of two is wrong, where one is nothing; both are read before either counts."""
    return any_of(last.wrong, first.wrong), any_of(last.nothing, first.nothing)


def _part(name: str, moment: Sql) -> Sql:
    return call("DATE_PART", sql.text(name), moment)


def _months(moment: Sql) -> Sql:
    return sql.add(sql.multiply(_part("year", moment), sql.integer(12)), _part("month", moment))


def _month_day(moment: Sql) -> Sql:
    return sql.add(sql.multiply(_part("month", moment), sql.integer(100)), _part("day", moment))


def _floor(number: Sql, size: int) -> Sql:
    """Whole quotient towards minus infinity."""
    rest = exp.Mod(this=sql.wrap(number), expression=sql.integer(size))
    whole = sql.divide(number, sql.integer(size))
    return sql.subtract(whole, case_of([(sql.compare(exp.LT, rest, sql.integer(0)), sql.integer(1))], sql.integer(0)))


def add_to_date(start: Value, amount: Value, unit: str, check: CheckColumn) -> Value:
    """Move a date by whole units; raises Refused for fractions of days."""
    if amount.has(FLOAT) and unit not in ("years", "months"):
        raise Refused("fraction-of-days", "a date that moves by a fraction")
    moment = _moment(start, check)
    nothing = any_of(moment.nothing, amount.is_(NULL))
    numbers = [sql.cast(amount.part(INT), "BIGINT")] if amount.has(INT) else []
    parts: list[tuple[Condition, Sql]] = [(amount.is_(INT), item) for item in numbers]
    if amount.has(FLOAT):
        whole = exp.TryCast(this=call("TRUNC", amount.part(FLOAT)), to=exp.DataType.build("BIGINT"))
        parts.append((amount.is_(FLOAT), whole))
    if not parts:
        return of_tags([(moment.wrong, ERROR), (nothing, NULL)], ERROR, {})
    asked = cases(parts[:-1], parts[-1][1])
    most = {"years": 10_000, "months": 120_000, "weeks": _DAYS // 7, "days": _DAYS}.get(unit, _DAYS * 1440)
    sane = sql.compare(exp.LTE, call("ABS", asked), sql.integer(most))
    steps = sql.cast(case_of([(sane, asked)], sql.integer(0)), "INTEGER")
    moved = sql.add(moment.stamp, call(f"TO_{unit.upper()}", steps))
    year = _part("year", moved)
    fits = both([sane, sql.compare(exp.GTE, year, sql.integer(1)), sql.compare(exp.LTE, year, sql.integer(9999))])
    wrong = any_of(moment.wrong, all_of(none_of(nothing), any_of(amount.is_(BOOL, TEXT), none_of(fits))))
    text, day = _written(start, moment, moved, unit)
    form = Form(text, sources=_KNOWN, day=day)
    return of_tags([(wrong, ERROR), (nothing, NULL)], TEXT, {TEXT: form})


def _written(start: Value, moment: _Moment, moved: Sql, unit: str) -> tuple[Sql, Sql | None]:
    as_day = call("STRFTIME", moved, sql.text("%Y-%m-%d"))
    as_stamp = call("STRFTIME", moved, sql.text("%Y-%m-%dT%H:%M:%S"))
    if unit in ("hours", "minutes"):
        return as_stamp, None
    if moment.day is not None:
        return as_day, sql.cast(moved, "DATE")
    has_time = sql.compare(exp.GT, call("LENGTH", start.part(TEXT)), sql.integer(10))
    return case_of([(has_time, as_stamp)], as_day), None


def day_of_week(value: Value, check: CheckColumn) -> Value:
    """Give the day of the week, Monday 0."""
    moment = _moment(value, check)
    number = sql.subtract(_part("isodow", moment.day if moment.day is not None else moment.stamp), sql.integer(1))
    return of_tags([(moment.wrong, ERROR), (moment.nothing, NULL)], INT, {INT: Form(number, 0, 6)})
