"""Rounding of a quotient of whole numbers as SQL, by divisions that cut towards zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import Quotient
from eendracht.kernel.rules.values import round_half_up


def rounded_bounds(name: str, low: int, high: int, over: Quotient) -> tuple[int, int]:
    """The outermost results of rounding; a divisor that differs by person can be 1, and larger than any numerator."""
    divisor = over.constant
    if divisor is None:
        return min(low - 1, 0), max(high + 1, 0)
    first, last = Fraction(low, divisor), Fraction(high, divisor)
    if name == "ROUND":
        return round_half_up(first), round_half_up(last)
    return (math.ceil(first), math.ceil(last)) if name == "CEIL" else (math.floor(first), math.floor(last))


def rounded_sql(
    name: str,
    whole: Sql,
    divisor: Sql,
    constant: int | None,
    bounds: tuple[int, int],
    wide: str,
    once: Callable[[Sql, str], Sql],
) -> Sql:
    """Give a whole number, with its bounds, over a positive divisor, rounded to a whole number.

    `constant` is the divisor itself where it is the same for everyone.
    """
    low, high = bounds
    is_mixed = low < 0 < high
    if is_mixed:
        whole = once(whole, "numerator")
    one, two = sql.integer(1, wide), sql.integer(2, wide)

    def half(size: Sql) -> Sql:
        if constant is not None and constant % 2 == 0:
            return sql.divide(sql.add(size, sql.integer(constant // 2, wide)), divisor)
        return sql.divide(sql.add(sql.multiply(two, size), divisor), sql.multiply(two, divisor))

    def away(size: Sql) -> Sql:
        if constant is not None:
            return sql.divide(sql.add(size, sql.integer(constant - 1, wide)), divisor)
        return sql.divide(sql.subtract(sql.add(size, divisor), one), divisor)

    positive = {"ROUND": half(whole), "CEIL": away(whole), "FLOOR": sql.divide(whole, divisor)}[name]
    if low >= 0:
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
