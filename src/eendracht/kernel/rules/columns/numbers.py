"""Numbers on columns: whole numbers over a power of ten, and a divisor that is carried until the next rounding."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.sql import Refused, Sql
from eendracht.kernel.rules.columns.values import Quotient, Value, rescale, widened

Once = Callable[[Sql, str], Sql]


def arithmetic(name: str, values: Sequence[Value], once: Once) -> tuple[Value, Sql | None]:
    """Give the result of ADD, SUBTRACT, MULTIPLY, DIVIDE, MIN or MAX, and where a divisor is zero (None: nowhere)."""
    if name in ("MIN", "MAX"):
        return _extreme(name, values), None
    if name == "MULTIPLY":
        result = values[0]
        for value in values[1:]:
            result = _product(result, value)
        return result, None
    if name == "DIVIDE":
        return _divide(values, once)
    if len(values) == 1:
        return (_negative(values[0]) if name == "SUBTRACT" else values[0]), None
    result = values[0]
    for value in values[1:]:
        result = _sum(result, value if name == "ADD" else _negative(value))
    return result, None


def _made(expression: Sql, scale: int, low: int, high: int, over: Quotient | None = None) -> Value:
    sql.width(low, high)
    return Value("number", expression, scale=scale, low=low, high=high, over=over)


def _negative(value: Value) -> Value:
    if value.is_constant:
        return replace(value, constant=-value.constant, low=-value.low, high=-value.high)
    return _made(sql.negate(value.expression), value.scale, -value.high, -value.low, value.over)


def _sum(left: Value, right: Value) -> Value:
    left, right, over = _common_divisor(left, right)
    scale = max(left.scale, right.scale)
    first, low, high = rescale(left, scale)
    second, other_low, other_high = rescale(right, scale)
    total_low, total_high = low + other_low, high + other_high
    first = widened(first, low, high, total_low, total_high)
    second = widened(second, other_low, other_high, total_low, total_high)
    # A negative literal or operand reads better as a difference.
    if isinstance(second, exp.Neg):
        return _made(sql.subtract(first, second.this), scale, total_low, total_high, over)
    return _made(sql.add(first, second), scale, total_low, total_high, over)


def _common_divisor(left: Value, right: Value) -> tuple[Value, Value, Quotient | None]:
    """Bring two numbers over one divisor."""
    if left.over is None and right.over is None:
        return left, right, None
    first, second = left.over or Quotient(None, 1), right.over or Quotient(None, 1)
    if first.constant is not None and second.constant is not None:
        common = math.lcm(first.constant, second.constant)
        return (
            _times(left, common // first.constant),
            _times(right, common // second.constant),
            Quotient(None, common),
        )
    if first == second:
        return left, right, first
    product = _divisor_product(first, second)
    return _times_divisor(left, second), _times_divisor(right, first), product


def _divisor_sql(over: Quotient) -> Sql:
    return sql.integer(over.high) if over.sql is None else over.sql


def _divisor_product(first: Quotient, second: Quotient) -> Quotient | None:
    if first.constant == 1 and second.constant == 1:
        return None
    if first.constant == 1:
        return second
    if second.constant == 1:
        return first
    high = first.high * second.high
    if first.constant is not None and second.constant is not None:
        return Quotient(None, high)
    made = sql.multiply(widened(_divisor_sql(first), 1, first.high, 1, high), _divisor_sql(second))
    return Quotient(made, high)


def _times(value: Value, factor: int) -> Value:
    """Multiply the whole number of a value, leaving its scale and dropping its divisor."""
    if value.is_constant:
        return Value(
            "number",
            constant=value.constant * factor,
            is_constant=True,
            scale=value.scale,
            low=value.low * factor,
            high=value.high * factor,
        )
    if factor == 1:
        return replace(value, over=None)
    low, high = sorted((value.low * factor, value.high * factor))
    expression = sql.multiply(widened(value.expression, value.low, value.high, low, high), sql.integer(factor))
    return _made(expression, value.scale, low, high)


def _times_divisor(value: Value, over: Quotient) -> Value:
    if over.constant is not None:
        return _times(value, over.constant)
    bounds = (value.low * over.high, value.high * over.high, value.low, value.high)
    low, high = min(bounds), max(bounds)
    expression = sql.multiply(widened(value.expression, value.low, value.high, low, high), _divisor_sql(over))
    return _made(expression, value.scale, low, high)


def _product(left: Value, right: Value) -> Value:
    over = _divisor_product(left.over or Quotient(None, 1), right.over or Quotient(None, 1))
    corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    low, high = min(corners), max(corners)
    first = widened(left.expression, left.low, left.high, low, high)
    return _made(sql.multiply(first, right.expression), left.scale + right.scale, low, high, over)


def _divide(values: Sequence[Value], once: Once) -> tuple[Value, Sql | None]:
    result = values[0]
    zero: list[Sql] = []
    for value in values[1:]:
        if value.is_constant:
            if value.low == 0:
                return result, sql.boolean(True)
            inverse = 1 / Fraction(value.constant)
            result = replace(_times(replace(result, over=None), inverse.numerator), over=result.over)
            result = replace(
                result, over=_divisor_product(result.over or Quotient(None, 1), Quotient(None, inverse.denominator))
            )
            continue
        if value.over is not None:
            result = _times_divisor(result, value.over) if result.over is None else _refuse_nested()
        whole = once(value.expression, "divisor")
        if value.low <= 0:
            zero.append(sql.equals(whole, sql.integer(0)))
        size = whole if value.low > 0 else sql.call("ABS", whole)
        if value.low < 0:
            result = _signed(result, whole)
        # The divisor counts in its own decimals: multiply the numerator instead.
        result = replace(_times(replace(result, over=None), 10**value.scale), over=result.over)
        divisor = Quotient(size, max(abs(value.low), abs(value.high), 1))
        result = replace(result, over=_divisor_product(result.over or Quotient(None, 1), divisor))
    return result, sql.either(zero) if zero else None


def _refuse_nested() -> Value:
    raise Refused("nested-quotient", "DIVIDE by a quotient that was not rounded")


def _signed(value: Value, whole: Sql) -> Value:
    """Move the sign of a divisor to the numerator."""
    size = max(abs(value.low), abs(value.high))
    negative = sql.compare(exp.LT, whole, sql.integer(0))
    made = sql.case([(negative, sql.negate(value.expression))], value.expression)
    return _made(made, value.scale, -size, size, value.over)


def _extreme(name: str, values: Sequence[Value]) -> Value:
    closed = [close(value) for value in values]
    scale = max(value.scale for value in closed)
    cells = [rescale(value, scale) for value in closed]
    pick = max if name == "MAX" else min
    low, high = pick(cell[1] for cell in cells), pick(cell[2] for cell in cells)
    wide = (min(cell[1] for cell in cells), max(cell[2] for cell in cells))
    parts = [widened(cell[0], cell[1], cell[2], *wide) for cell in cells]
    return _made(sql.greatest(parts) if name == "MAX" else sql.least(parts), scale, low, high)


def close(value: Value) -> Value:
    """Give a number without a divisor; raises Refused where that would lose something."""
    if value.over is None:
        return value
    divisor = value.over.constant
    if divisor is not None:
        digits, rest = 0, divisor
        while rest != 1 and digits <= 28:
            digits += 1
            rest = divisor // math.gcd(divisor, 10**digits)
        if rest == 1:
            times = _times(value, 10**digits // divisor)
            return replace(times, scale=value.scale + digits)
    raise Refused("unrounded-quotient", "DIVIDE whose quotient is used before it is rounded")


def order_numbers(kind: type[exp.Binary], left: Value, right: Value) -> Sql:
    """Compare two numbers, over their divisors where they have them."""
    left, right, _ = _common_divisor(left, right)
    scale = max(left.scale, right.scale)
    first, low, high = rescale(left, scale)
    second, other_low, other_high = rescale(right, scale)
    wide = (min(low, other_low), max(high, other_high))
    return sql.compare(kind, widened(first, low, high, *wide), widened(second, other_low, other_high, *wide))


def round_number(name: str, value: Value, precision: int, once: Once) -> Value:
    """Round to decimals: ROUND half away from zero, CEIL up, FLOOR down; negative decimals are tens and hundreds."""
    over = value.over or Quotient(None, 1)
    if over.constant == 1 and precision >= value.scale:
        return replace(value, over=None)
    up, down = 10 ** max(precision - value.scale, 0), 10 ** max(value.scale - precision, 0)
    if over.constant is not None:
        common = math.gcd(up, down * over.constant)
        up, over = up // common, Quotient(None, down * over.constant // common)
    else:
        over = _divisor_product(over, Quotient(None, down)) or over
    numerator = _times(value, up)
    shift = 10 ** max(-precision, 0)
    low = _rounded(name, numerator.low, over) * shift
    high = _rounded(name, numerator.high, over) * shift
    whole = _rounded_sql(name, numerator, over, once)
    wide_low, wide_high = min(low, numerator.low), max(high, numerator.high)
    if shift > 1:
        whole = sql.multiply(widened(whole, *_wider(numerator, over), wide_low, wide_high), sql.integer(shift))
    return (
        _made(whole, max(precision, 0), low, high)
        if sql.width(low, high) == sql.width(wide_low, wide_high)
        else _made(sql.cast(whole, sql.width(low, high)), max(precision, 0), low, high)
    )


def _wider(numerator: Value, over: Quotient) -> tuple[int, int]:
    """The range that is passed on the way to a rounding: twice the numerator and the divisor."""
    size = 2 * max(abs(numerator.low), abs(numerator.high)) + over.high
    return -size, size


def _rounded(name: str, whole: int, over: Quotient) -> int:
    """The outermost result of rounding a bound; a divisor that differs by person can be 1."""
    divisor = over.constant or 1
    exact = Fraction(whole, divisor)
    if over.constant is None:
        return whole if whole == 0 else whole + (1 if whole > 0 else -1)
    if name == "CEIL":
        return math.ceil(exact)
    if name == "FLOOR":
        return math.floor(exact)
    size = (2 * abs(whole) + divisor) // (2 * divisor)
    return size if whole >= 0 else -size


def _rounded_sql(name: str, numerator: Value, over: Quotient, once: Once) -> Sql:
    bounds = _wider(numerator, over)
    wide = sql.width(*bounds)
    whole = widened(numerator.expression, numerator.low, numerator.high, *bounds)
    divisor = sql.integer(over.high, wide) if over.sql is None else over.sql
    if over.sql is not None:
        # Where the divisor is zero the status says so; the division must not be tried.
        divisor = sql.call("NULLIF", sql.cast(divisor, wide), sql.integer(0, wide))
        divisor = once(divisor, "divisor")
    is_mixed = numerator.low < 0 < numerator.high
    if is_mixed:
        whole = once(whole, "numerator")
    one, two = sql.integer(1, wide), sql.integer(2, wide)

    def half(size: Sql) -> Sql:
        return sql.divide(sql.add(sql.multiply(two, size), divisor), sql.multiply(two, divisor))

    def away(size: Sql) -> Sql:
        return sql.divide(sql.subtract(sql.add(size, divisor), one), divisor)

    positive = {"ROUND": half(whole), "CEIL": away(whole), "FLOOR": sql.divide(whole, divisor)}[name]
    if numerator.low >= 0:
        return positive
    minus = sql.negate(whole)
    negative = {
        "ROUND": sql.negate(half(minus)),
        "CEIL": sql.divide(whole, divisor),
        "FLOOR": sql.negate(away(minus)),
    }[name]
    if not is_mixed:
        return negative
    return sql.case([(sql.at_least(whole, sql.integer(0, wide)), positive)], negative)
