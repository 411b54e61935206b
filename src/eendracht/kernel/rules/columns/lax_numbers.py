"""Numbers of the lax dialect in columns: Python's integers and doubles, to the bit, within bounds that are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_choices import choose
from eendracht.kernel.rules.columns.lax_sql import Condition, all_of, any_of, call, cases, double, none_of
from eendracht.kernel.rules.columns.lax_values import (
    BIGGEST,
    BOOL,
    ERROR,
    EXACT,
    FAILED,
    FLOAT,
    INT,
    LIST,
    NULL,
    NUMBERS,
    RECORD,
    TEXT,
    ZERO,
    Form,
    Value,
    of_tags,
    value_of,
    within,
)
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql

Interval = tuple[float, float]
Settle = Callable[[Value, str], Value]
"""Gives a value whose expressions have names, so that the next step does not repeat them."""


def interval(value: Value, *tags: int) -> Interval:
    """Give the bounds of the numbers that a value can be."""
    found = [(0, 1) if tag == BOOL else (form.low, form.high) for tag, form in value.forms.items() if tag in tags]
    return (min(low for low, _ in found), max(high for _, high in found)) if found else (0, 0)


def integers(value: Value) -> Sql:
    """Give the integer of rows that have a truth value or an integer."""
    parts: list[tuple[Condition, Sql]] = []
    if value.has(BOOL):
        parts.append((value.is_(BOOL), sql.cast(value.part(BOOL), "BIGINT")))
    if value.has(INT):
        parts.append((value.is_(INT), value.part(INT)))
    return cases(parts[:-1], parts[-1][1])


def doubles(value: Value, why: str) -> Sql:
    """Give the number as a double; raises Refused where an integer may be too large to be the same number."""
    parts: list[tuple[Condition, Sql]] = []
    if value.has(BOOL, INT):
        if value.has(INT) and max(map(abs, interval(value, INT))) > EXACT:
            raise Refused(why, f"an integer beyond {EXACT} would have to become a double")
        parts.append((value.is_(BOOL, INT), sql.cast(integers(value), "DOUBLE")))
    if value.has(FLOAT):
        parts.append((value.is_(FLOAT), value.part(FLOAT)))
    return cases(parts[:-1], parts[-1][1])


def both_numbers(left: Value, right: Value) -> tuple[Sql, Sql]:
    """Give two numbers in one type in which they compare as they are."""
    if not left.has(FLOAT) and not right.has(FLOAT):
        return integers(left), integers(right)
    return doubles(left, "integer-beside-double"), doubles(right, "integer-beside-double")


def ordered(kind: type[exp.Binary], left: Value, right: Value) -> Condition:
    """Where an order holds between two numbers or two texts; nowhere else."""
    found: list[Condition] = []
    if left.has(*NUMBERS) and right.has(*NUMBERS):
        here, there = both_numbers(left, right)
        found.append(all_of(left.is_(*NUMBERS), right.is_(*NUMBERS), sql.compare(kind, here, there)))
    if left.has(TEXT) and right.has(TEXT):
        found.append(all_of(left.is_(TEXT), right.is_(TEXT), sql.compare(kind, left.part(TEXT), right.part(TEXT))))
    return any_of(*found)


# --- Sums and the like ---


def combine(name: str, values: Sequence[Value], settle: Settle) -> Value:
    """Bring values that have not halted together, without the nulls among them; nothing gives the integer 0."""
    if any(value.has(RECORD) for value in values):
        raise Refused("object-in-sum", f"{name} over objects")
    if any(value.has(LIST) for value in values):
        raise Refused("list-in-sum", f"{name} over a list beside other values")
    if name == "ADD":
        return finite(_sum(values))
    result = Value({NULL: Form()})
    for value in values:
        result = settle(_step(name, result, value), name)
    if name not in ("MIN", "MAX"):
        text = any_of(*(value.is_(TEXT) for value in values))
        result = choose([(text, FAILED)], result)
    return finite(choose([(result.is_(NULL), ZERO)], result))


def finite(value: Value) -> Value:
    """Let a double that is too large fail."""
    form = value.forms.get(FLOAT)
    if form is None or (abs(form.low) <= BIGGEST and abs(form.high) <= BIGGEST):
        return value
    assert form.sql is not None
    bad = all_of(value.is_(FLOAT), none_of(call("ISFINITE", form.sql)))
    within_doubles = Form(form.sql, max(form.low, -BIGGEST), min(form.high, BIGGEST))
    bounded = Value({**value.forms, FLOAT: within_doubles}, value.tag)
    return choose([(bad, FAILED)], bounded)


def _sum(values: Sequence[Value]) -> Value:
    has_double = any(value.has(FLOAT) for value in values)
    present = [value for value in values if value.has(*NUMBERS)]
    whole: Sql = sql.integer(0, "BIGINT")
    real: Sql = double(0)
    low: float = 0
    high: float = 0
    for value in present:
        least, most = _with_nothing(value, interval(value, BOOL, INT))
        low, high = low + least, high + most
        if value.has(BOOL, INT):
            whole = sql.add(whole, cases([(value.is_(BOOL, INT), integers(value))], sql.integer(0, "BIGINT")))
    span = (low, high)
    if has_double:
        if max(map(abs, span)) > EXACT:
            raise Refused("integer-beside-double", f"a sum of integers beyond {EXACT} beside doubles")
        for value in present:
            least, most = _with_nothing(value, interval(value, FLOAT))
            low, high = low + least, high + most
            number = doubles(value, "integer-beside-double")
            real = sql.add(real, cases([(value.is_(*NUMBERS), number)], double(0)))
    forms = {INT: Form(whole, within(span[0]), within(span[1])), FLOAT: Form(real, *_known(low, high))}
    bad = any_of(*(value.is_(TEXT) for value in values))
    is_double = any_of(*(value.is_(FLOAT) for value in values))
    return of_tags([(bad, ERROR), (is_double, FLOAT)], INT, forms)


def _with_nothing(value: Value, bounds: Interval) -> Interval:
    """Widen bounds by 0 where a row may have nothing to add."""
    return min(bounds[0], 0), max(bounds[1], 0)


def _known(low: float, high: float) -> Interval:
    return (-math.inf, math.inf) if math.isnan(low) or math.isnan(high) else (low, high)


def _step(name: str, done: Value, value: Value) -> Value:
    if done.forms.keys() == {NULL}:
        return value
    joined = _better(name, done, value) if name in ("MIN", "MAX") else _calculated(name, done, value)
    return choose([(value.is_(NULL), done), (done.is_(NULL), value)], joined)


def _better(name: str, done: Value, value: Value) -> Value:
    kind = exp.LT if name == "MIN" else exp.GT
    alike = any_of(
        all_of(done.is_(*NUMBERS), value.is_(*NUMBERS)),
        all_of(done.is_(TEXT), value.is_(TEXT)),
    )
    if alike is False:
        return FAILED
    return choose([(none_of(alike), FAILED), (ordered(kind, value, done), value)], done)


def _calculated(name: str, left: Value, right: Value) -> Value:
    if not left.has(*NUMBERS) or not right.has(*NUMBERS):
        return FAILED
    bad = any_of(none_of(left.is_(*NUMBERS)), none_of(right.is_(*NUMBERS)))
    made = {"SUBTRACT": _subtract, "MULTIPLY": _multiply, "DIVIDE": _divide}[name](left, right)
    return choose([(bad, FAILED)], made)


def _is_double(*values: Value) -> Condition:
    return any_of(*(value.is_(FLOAT) for value in values))


def _subtract(left: Value, right: Value) -> Value:
    forms: dict[int, Form] = {}
    if left.has(BOOL, INT) and right.has(BOOL, INT):
        (a, b), (c, d) = interval(left, BOOL, INT), interval(right, BOOL, INT)
        forms[INT] = Form(sql.subtract(integers(left), integers(right)), within(a - d), within(b - c))
    if left.has(FLOAT) or right.has(FLOAT):
        (a, b), (c, d) = interval(left, *NUMBERS), interval(right, *NUMBERS)
        here, there = doubles(left, "integer-beside-double"), doubles(right, "integer-beside-double")
        forms[FLOAT] = Form(sql.subtract(here, there), *_known(a - d, b - c))
    return of_tags([(_is_double(left, right), FLOAT)], INT, forms) if INT in forms else _only(FLOAT, forms)


def _only(tag: int, forms: dict[int, Form]) -> Value:
    return Value({tag: forms[tag]})


def _products(left: Interval, right: Interval) -> Interval:
    found = [0.0 if 0 in (a, b) else a * b for a in left for b in right]
    return _known(min(found), max(found))


def _multiply(left: Value, right: Value) -> Value:
    """A product; by an integer below 1 it is cut to an integer."""
    cuts: Condition = False
    if right.has(BOOL, INT) and interval(right, BOOL, INT)[0] < 1:
        below = interval(right, BOOL, INT)[1] < 1 or sql.compare(exp.LT, integers(right), sql.integer(1, "BIGINT"))
        cuts = all_of(right.is_(BOOL, INT), below)
    bounds = _products(interval(left, *NUMBERS), interval(right, *NUMBERS))
    forms: dict[int, Form] = {}
    whole: list[tuple[Condition, Sql]] = []
    if left.has(BOOL, INT) and right.has(BOOL, INT):
        a, b = interval(left, BOOL, INT), interval(right, BOOL, INT)
        low, high = _exact_products(a, b)
        whole.append((all_of(left.is_(BOOL, INT), right.is_(BOOL, INT)), sql.multiply(integers(left), integers(right))))
        forms[INT] = Form(None, within(low), within(high))
    if left.has(FLOAT) or right.has(FLOAT):
        product = sql.multiply(doubles(left, "integer-beside-double"), doubles(right, "integer-beside-double"))
        forms[FLOAT] = Form(product, *bounds)
        if cuts is not False and left.has(FLOAT):
            low, high = _products(interval(left, FLOAT), interval(right, BOOL, INT))
            known = forms.get(INT, Form())
            forms[INT] = Form(None, min(within(low), known.low), max(within(high), known.high))
            whole.append((all_of(left.is_(FLOAT), cuts), cut(product)))
    if INT in forms:
        expression = cases(whole, sql.null("BIGINT")) if len(whole) > 1 else whole[0][1]
        forms[INT] = Form(expression, forms[INT].low, forms[INT].high)
    is_double = any_of(right.is_(FLOAT), all_of(left.is_(FLOAT), none_of(cuts)))
    return of_tags([(is_double, FLOAT)], INT, forms) if INT in forms else _only(FLOAT, forms)


def _exact_products(left: Interval, right: Interval) -> Interval:
    found = [int(a) * int(b) for a in left for b in right]
    return min(found), max(found)


def cut(expression: Sql) -> Sql:
    """Cut a double to an integer; NULL beyond 64 bits."""
    return exp.TryCast(this=call("TRUNC", expression), to=exp.DataType.build("BIGINT"))


def _divide(left: Value, right: Value) -> Value:
    """A quotient, always a double; by zero the integer 0."""
    here, there = doubles(left, "integer-in-quotient"), doubles(right, "integer-in-quotient")
    low, high = interval(right, *NUMBERS)
    is_zero: Condition = False
    if low <= 0 <= high:
        is_zero = low == high or sql.equals(there, double(0))
    quotient = Form(exp.Div(this=sql.wrap(here), expression=sql.wrap(there)), *_quotients(left, right))
    return of_tags([(is_zero, INT)], FLOAT, {FLOAT: quotient, INT: ZERO.forms[INT]})


def _quotients(left: Value, right: Value) -> Interval:
    a, b = interval(left, *NUMBERS)
    c, d = interval(right, *NUMBERS)
    if right.has(FLOAT) and c <= 0 <= d:
        return -math.inf, math.inf
    if c <= 0 <= d:
        most = max(abs(a), abs(b))
        return -most, most
    found = [x / y for x in (a, b) for y in (c, d)]
    return _known(min(found), max(found))


# --- Outputs ---


def close(value: Value, declared: ir.Field | None, settle: Settle) -> Value:
    """Bring an output within its bounds, as `lenient_operations.enforce` does."""
    if declared is None:
        return value
    low, high, digits = declared.minimum, declared.maximum, declared.precision
    is_bound = low is not None or high is not None or digits is not None or declared.unit == "eurocent"
    if not is_bound:
        return value
    if declared.kind in ("number", "amount"):
        if value.has(TEXT):
            raise Refused("text-as-number", f"a text as the number '{declared.name}'")
        value = choose([(value.is_(NULL), ZERO)], value)
    if not value.has(INT, FLOAT):
        return value
    for bound, kind in ((low, exp.LT), (high, exp.GT)):
        if bound is not None:
            value = settle(_clamped(value, bound, kind), declared.name)
    if digits is not None and value.has(FLOAT):
        value = settle(_rounded(value, digits), declared.name)
    return _whole(value) if declared.unit == "eurocent" else value


def _clamped(value: Value, bound: Any, kind: type[exp.Binary]) -> Value:
    """Replace numbers beyond a bound by the bound; what stays is within it."""
    limit = value_of(bound)
    numbers = Value({tag: form for tag, form in value.forms.items() if tag in (INT, FLOAT)}, value.tag)
    if len(numbers.forms) == 1:
        numbers = Value(numbers.forms)
    beyond = all_of(value.is_(INT, FLOAT), ordered(kind, numbers, limit))
    kept = dict(value.forms)
    for tag in (INT, FLOAT):
        if tag in kept:
            form = kept[tag]
            if kind is exp.LT:
                low = math.ceil(bound) if tag == INT else bound
                kept[tag] = Form(form.sql, max(form.low, low), max(form.high, low))
            else:
                top = math.floor(bound) if tag == INT else bound
                kept[tag] = Form(form.sql, min(form.low, top), min(form.high, top))
    return choose([(beyond, limit)], Value(kept, value.tag))


def _rounded(value: Value, digits: int) -> Value:
    if digits < 0:
        raise Refused("negative-precision", "rounding to tens or hundreds")
    form = value.forms[FLOAT]
    assert form.sql is not None
    if digits == 0:
        made = call("ROUND_EVEN", form.sql, exp.Literal.number(0))
    else:
        # Only printing rounds the double as it is, as Python does.
        made = sql.cast(call("FORMAT", sql.text(f"{{:.{digits}f}}"), form.sql), "DOUBLE")
    low, high = (item if math.isinf(item) else round(item, digits) for item in (form.low, form.high))
    return Value({**value.forms, FLOAT: Form(made, low, high)}, value.tag)


def _whole(value: Value) -> Value:
    if not value.has(FLOAT):
        return value
    form = value.forms[FLOAT]
    assert form.sql is not None
    low, high = (int(within(math.trunc(item) if math.isfinite(item) else item)) for item in (form.low, form.high))
    parts: list[tuple[Condition, Sql]] = [(value.is_(FLOAT), cut(form.sql))]
    if value.has(INT):
        known = value.forms[INT]
        low, high = min(low, int(known.low)), max(high, int(known.high))
        parts.append((value.is_(INT), value.part(INT)))
    rest = {tag: item for tag, item in value.forms.items() if tag != FLOAT}
    whole = Form(cases(parts[:-1], parts[-1][1]), low, high)
    branches: list[tuple[Condition, int]] = [
        (value.is_(tag), tag) for tag in rest if tag != INT and value.is_(tag) is not False
    ]
    return of_tags(branches, INT, {**rest, INT: whole})
