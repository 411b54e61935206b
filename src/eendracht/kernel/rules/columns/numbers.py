"""Numbers on columns: whole numbers over a power of ten, and a divisor that is carried until the next rounding.

What may not fit 128 bits for some row is tried, and is null there: `failures` are the conditions under which a row has
operands and no result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.rounding import rounded_bounds, rounded_sql
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import Quotient, Value, widened

Once = Callable[[Sql, str], Sql]
_ONE = Quotient(None, 1)


class Reckoning:
    """Computes with numbers in columns, and collects where a row fails."""

    def __init__(self, once: Once) -> None:
        self._once = once
        self.failures: list[Sql] = []

    def arithmetic(self, name: str, values: Sequence[Value]) -> Value:
        """Give the result of ADD, SUBTRACT, MULTIPLY, DIVIDE, MIN or MAX."""
        if name in ("MIN", "MAX"):
            return self._extreme(name, values)
        if name == "DIVIDE":
            return self._divide(values)
        result = values[0]
        if len(values) == 1:
            return self._negative(result) if name == "SUBTRACT" else result
        for value in values[1:]:
            if name == "MULTIPLY":
                result = self._product(result, value)
            else:
                result = self._sum(result, value, is_less=name == "SUBTRACT")
        return result

    def _made(
        self,
        build: Callable[..., Sql],
        operands: Sequence[tuple[Sql, int, int]],
        scale: int,
        low: int,
        high: int,
        over: Quotient | None = None,
    ) -> Value:
        """Give the result of an operation on whole numbers, each with its range."""
        wide = min(low, *(item[1] for item in operands)), max(high, *(item[2] for item in operands))
        if sql.fits(low, high):
            parts = [widened(item, first, last, *wide) for item, first, last in operands]
            made = widened(build(*parts), *wide, low, high)
            return Value("number", made, scale=scale, low=low, high=high, over=over)
        named = [self._once(item, "operand") for item, _, _ in operands]
        parts = [widened(item, first, last, *wide) for item, (_, first, last) in zip(named, operands, strict=True)]
        result = self._once(sql.attempt(build(*parts)), "wide")
        there = [sql.negated(sql.is_null(item)) for item in named if isinstance(item, exp.Column)]
        self.failures.append(sql.both([sql.is_null(result), *there]))
        low, high = max(low, -sql.INT128 - 1), min(high, sql.INT128)
        return Value("number", result, scale=scale, low=low, high=high, over=over)

    def rescale(self, value: Value, scale: int) -> Value:
        """Give a value at a scale that is not smaller than its own."""
        if value.is_constant:
            whole = value.low * 10 ** (scale - value.scale)
            return replace(value, scale=scale, low=whole, high=whole)
        return value if value.scale == scale else replace(self._times(value, 10 ** (scale - value.scale)), scale=scale)

    def _negative(self, value: Value) -> Value:
        if value.is_constant:
            return replace(value, constant=-value.constant, low=-value.low, high=-value.high)
        operand = (value.expression, value.low, value.high)
        return self._made(sql.negate, [operand], value.scale, -value.high, -value.low, value.over)

    def _sum(self, left: Value, right: Value, *, is_less: bool) -> Value:
        left, right, over = self._common_divisor(left, right)
        scale = max(left.scale, right.scale)
        left, right = self.rescale(left, scale), self.rescale(right, scale)
        operands = [(item.expression, item.low, item.high) for item in (left, right)]
        if is_less:
            return self._made(sql.subtract, operands, scale, left.low - right.high, left.high - right.low, over)
        return self._made(sql.add, operands, scale, left.low + right.low, left.high + right.high, over)

    def _common_divisor(self, left: Value, right: Value) -> tuple[Value, Value, Quotient | None]:
        """Bring two numbers over one divisor."""
        if left.over is None and right.over is None:
            return left, right, None
        first, second = left.over or _ONE, right.over or _ONE
        if first.constant is not None and second.constant is not None:
            common = math.lcm(first.constant, second.constant)
            left = self._times(left, common // first.constant)
            return left, self._times(right, common // second.constant), Quotient(None, common)
        if first == second:
            return left, right, first
        product = self._divisor_product(first, second)
        return self._times_divisor(left, second), self._times_divisor(right, first), product

    def _divisor_product(self, first: Quotient, second: Quotient) -> Quotient | None:
        if first.constant is not None and second.constant is not None:
            high = first.constant * second.constant
            return Quotient(None, high) if high != 1 else None
        if 1 in (first.constant, second.constant):
            return second if first.constant == 1 else first
        operands = [
            (sql.integer(item.high) if item.sql is None else item.sql, 1, item.high) for item in (first, second)
        ]
        made = self._made(sql.multiply, operands, 0, 1, first.high * second.high)
        return Quotient(made.expression, made.high)

    def _times(self, value: Value, factor: int) -> Value:
        """Multiply the whole number of a value, leaving its scale and dropping its divisor."""
        if value.is_constant:
            whole = value.low * factor
            return Value(
                "number",
                constant=value.constant * factor,
                is_constant=True,
                scale=value.scale,
                low=whole,
                high=whole,
            )
        if factor == 1:
            return replace(value, over=None)
        known = _factor_of(value)
        if known is not None:
            return self._times(known[0], known[1] * factor)
        low, high = sorted((value.low * factor, value.high * factor))
        operands = [(value.expression, value.low, value.high), (sql.integer(factor), factor, factor)]
        return self._made(_product_in_order, operands, value.scale, low, high)

    def _times_divisor(self, value: Value, over: Quotient) -> Value:
        if over.constant is not None:
            return self._times(value, over.constant)
        assert over.sql is not None
        bounds = (value.low * over.high, value.high * over.high, value.low, value.high)
        operands = [(value.expression, value.low, value.high), (over.sql, 1, over.high)]
        return self._made(sql.multiply, operands, value.scale, min(bounds), max(bounds))

    def _product(self, left: Value, right: Value) -> Value:
        over = self._divisor_product(left.over or _ONE, right.over or _ONE)
        corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        operands = [(item.expression, item.low, item.high) for item in (left, right)]
        return self._made(_product_in_order, operands, left.scale + right.scale, min(corners), max(corners), over)

    def _divide(self, values: Sequence[Value]) -> Value:
        result = values[0]
        if result.is_constant:
            result = Value("number", result.expression, scale=result.scale, low=result.low, high=result.high)
        for value in values[1:]:
            if value.is_constant:
                if value.low == 0:
                    self.failures.append(sql.boolean(True))
                    return result
                inverse = 1 / Fraction(value.constant)
                over = self._divisor_product(result.over or _ONE, Quotient(None, inverse.denominator))
                result = replace(self._times(result, inverse.numerator), over=over)
                continue
            result = self._divide_by_row(result, value)
        return result

    def _divide_by_row(self, result: Value, value: Value) -> Value:
        if value.over is not None:
            if result.over is not None:
                raise Refused("nested-quotient", "DIVIDE by a quotient that was not rounded")
            result = self._times_divisor(result, value.over)
        whole = self._once(value.expression, "divisor")
        if value.low <= 0 <= value.high:
            self.failures.append(sql.equals(whole, sql.integer(0)))
        size = Value("number", whole, low=value.low, high=value.high)
        if value.low <= 0:
            largest = max(-value.low, value.high, 1)
            size = self._made(lambda item: sql.call("ABS", item), [(whole, value.low, value.high)], 0, 0, largest)
        if value.low < 0:
            result = self._signed(result, whole)
        # The divisor counts in its own decimals: multiply the numerator instead.
        result = replace(self._times(result, 10**value.scale), over=result.over)
        return replace(result, over=self._divisor_product(result.over or _ONE, Quotient(size.expression, size.high)))

    def _signed(self, value: Value, whole: Sql) -> Value:
        """Move the sign of a divisor to the numerator."""
        size = max(abs(value.low), abs(value.high))
        negative = sql.compare(exp.LT, whole, sql.integer(0))

        def build(item: Sql) -> Sql:
            item = self._once(item, "numerator")
            return sql.case([(negative, sql.negate(item))], item)

        return self._made(build, [(value.expression, value.low, value.high)], value.scale, -size, size, value.over)

    def alike(self, values: Sequence[Value]) -> list[Value]:
        """Give numbers at one scale, over one divisor that is the same for everyone; raises Refused for another."""
        overs = [(value.over or _ONE).constant for value in values]
        if any(over != 1 for over in overs) and all(over is not None for over in overs):
            common = math.lcm(*(over for over in overs if over is not None))
            over = Quotient(None, common)
            pairs = zip(values, overs, strict=True)
            values = [replace(self._times(item, common // (own or 1)), over=over) for item, own in pairs]
            if _decimals_of(common) is not None:
                values = [self.close(item) for item in values]
        else:
            values = [self.close(item) for item in values]
        scale = max(value.scale for value in values)
        return [replace(self.rescale(value, scale), over=value.over) for value in values]

    def _extreme(self, name: str, values: Sequence[Value]) -> Value:
        cells = self.alike(values)
        wide = low, high = min(cell.low for cell in cells), max(cell.high for cell in cells)
        # An operand that is absent does not count in SQL: only those that are always there bound the result.
        certain = [cell for cell, value in zip(cells, values, strict=True) if value.is_certain]
        if certain and not self.failures:
            if name == "MAX":
                low = max(cell.low for cell in certain)
            else:
                high = min(cell.high for cell in certain)
        parts = [widened(cell.expression, cell.low, cell.high, *wide) for cell in cells]
        made = sql.greatest(parts) if name == "MAX" else sql.least(parts)
        if sql.width(low, high) != sql.width(*wide):
            made = sql.cast(made, sql.width(low, high))
        return Value("number", made, scale=cells[0].scale, low=low, high=high, over=cells[0].over)

    def close(self, value: Value) -> Value:
        """Give a number without a divisor; raises Refused where that would lose something."""
        if value.over is None:
            return value
        divisor = value.over.constant
        digits = None if divisor is None else _decimals_of(divisor)
        if digits is None or divisor is None:
            raise Refused("unrounded-quotient", "DIVIDE whose quotient is used before it is rounded")
        return replace(self._times(value, 10**digits // divisor), scale=value.scale + digits)

    def order(self, kind: type[exp.Binary], left: Value, right: Value) -> Sql:
        """Compare two numbers, over their divisors where they have them."""
        left, right, _ = self._common_divisor(left, right)
        scale = max(left.scale, right.scale)
        first, second = self.rescale(left, scale), self.rescale(right, scale)
        wide = (min(first.low, second.low), max(first.high, second.high))
        parts = [widened(item.expression, item.low, item.high, *wide) for item in (first, second)]
        return sql.compare(kind, *parts)

    def round(self, name: str, value: Value, precision: int) -> Value:
        """Round to decimals: ROUND half away from zero, CEIL up, FLOOR down; negative decimals are tens, hundreds."""
        over = value.over or _ONE
        if over.constant == 1 and precision >= value.scale:
            return replace(value, over=None)
        up, down = 10 ** max(precision - value.scale, 0), 10 ** max(value.scale - precision, 0)
        if over.constant is not None:
            common = math.gcd(up, down * over.constant)
            up, over = up // common, Quotient(None, down * over.constant // common)
        else:
            over = self._divisor_product(over, Quotient(None, down)) or over
        numerator = self._times(value, up)
        shift = 10 ** max(-precision, 0)
        low, high = (bound * shift for bound in rounded_bounds(name, numerator.low, numerator.high, over))
        return self._rounded(name, numerator, over, shift, (max(precision, 0), low, high))

    def _rounded(self, name: str, numerator: Value, over: Quotient, shift: int, result: tuple[int, int, int]) -> Value:
        scale, low, high = result
        # On the way lies twice the numerator and the divisor.
        size = 2 * max(abs(numerator.low), abs(numerator.high)) + over.high
        size = max(size, abs(low), abs(high))
        divisor = sql.integer(over.high, sql.width(-size, size)) if over.sql is None else over.sql
        if over.sql is None and not sql.fits(over.high, over.high):
            raise Refused("wider-than-128-bits", f"a divisor of {len(str(over.high))} digits")

        def build(whole: Sql, *others: Sql) -> Sql:
            by = self._once(others[0], "divisor") if others else divisor
            bounds = (numerator.low, numerator.high)
            made = rounded_sql(name, whole, by, over.constant, bounds, sql.width(-size, size), self._once)
            return made if shift == 1 else sql.multiply(made, sql.integer(shift))

        operands = [(numerator.expression, numerator.low, numerator.high)]
        if over.sql is not None:
            # Where the divisor is zero the status says so; the division must not be tried.
            operands.append((sql.call("NULLIF", over.sql, sql.integer(0, sql.width(1, over.high))), 1, over.high))
        made = self._made(build, operands, scale, -size, size)
        low, high = max(low, made.low), min(high, made.high)
        expression = made.expression
        if sql.width(low, high) != sql.width(-size, size):
            expression = sql.cast(expression, sql.width(low, high))
        return Value("number", expression, scale=scale, low=low, high=high)


def _factor_of(value: Value) -> tuple[Value, int] | None:
    """Take a multiplication by a literal apart, so that two in a row become one."""
    made = value.expression
    if not isinstance(made, exp.Mul) or not isinstance(made.expression, exp.Cast) or isinstance(made.this, exp.Cast):
        return None
    if not isinstance(made.expression.this, exp.Literal):
        return None
    factor = int(made.expression.this.this)
    if factor == 0 or value.low % factor or value.high % factor:
        return None
    inner = made.this.this if isinstance(made.this, exp.Paren) else made.this
    return replace(value, sql=inner, low=value.low // factor, high=value.high // factor), factor


def _product_in_order(left: Sql, right: Sql) -> Sql:
    """One factor with the width of the result is enough."""
    if isinstance(right, exp.Cast) and isinstance(left, exp.Cast) and isinstance(right.this, exp.Column):
        return sql.multiply(left, right.this)
    return sql.multiply(left, right)


def _decimals_of(divisor: int) -> int | None:
    """How many decimals a quotient by this divisor has; None when they do not end, or after 28."""
    for digits in range(29):
        if 10**digits % divisor == 0:
            return digits
    return None
