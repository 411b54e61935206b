"""Small pieces of SQL, built as expressions: typed literals, guarded division, cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Final

from sqlglot import exp

from eendracht.kernel.rules.columns.refusals import Refused

Sql = exp.Expr

INT64: Final = 2**63 - 1
INT128: Final = 2**127 - 1


def column(name: str) -> Sql:
    """Name a column."""
    return exp.column(name, quoted=True)


def width(low: int, high: int) -> str:
    """Give the narrowest integer type for a range; the widest also for what is beyond it."""
    return "BIGINT" if low >= -INT64 - 1 and high <= INT64 else "INT128"


def fits(low: int, high: int) -> bool:
    """Whether the widest integer type holds a range."""
    return low >= -INT128 - 1 and high <= INT128


def integer(value: int, type_name: str = "") -> Sql:
    """Give a whole number as a literal with its type; raises Refused beyond 128 bits."""
    if not fits(value, value):
        raise Refused("wider-than-128-bits", f"a number of {len(str(abs(value)))} digits")
    return cast(exp.Literal.number(value), type_name or width(value, value))


def boolean(value: bool) -> Sql:
    """Give a truth value."""
    return exp.true() if value else exp.false()


def text(value: str) -> Sql:
    """Give a text."""
    return exp.Literal.string(value)


def day(value: date) -> Sql:
    """Give a date."""
    return cast(exp.Literal.string(value.isoformat()), "DATE")


def null(type_name: str) -> Sql:
    """Give the null of a type."""
    return cast(exp.null(), type_name)


def add(left: Sql, right: Sql) -> Sql:
    """Sum."""
    return exp.Add(this=wrap(left), expression=wrap(right))


def subtract(left: Sql, right: Sql) -> Sql:
    """Difference."""
    return exp.Sub(this=wrap(left), expression=wrap(right))


def multiply(left: Sql, right: Sql) -> Sql:
    """Product."""
    return exp.Mul(this=wrap(left), expression=wrap(right))


def divide(left: Sql, right: Sql) -> Sql:
    """Whole quotient, towards zero; the divisor is never zero."""
    return exp.IntDiv(this=wrap(left), expression=wrap(right))


def negate(value: Sql) -> Sql:
    """Negative."""
    return exp.Neg(this=wrap(value))


def compare(kind: type[exp.Binary], left: Sql, right: Sql) -> Sql:
    """Compare two values."""
    return kind(this=wrap(left), expression=wrap(right))


def equals(left: Sql, right: Sql) -> Sql:
    """Whether two values that are there are equal."""
    return compare(exp.EQ, left, right)


def at_least(left: Sql, right: Sql) -> Sql:
    """Whether left is right or more."""
    return compare(exp.GTE, left, right)


def both(conditions: Sequence[Sql]) -> Sql:
    """All of the conditions."""
    return exp.and_(*conditions)


def either(conditions: Sequence[Sql]) -> Sql:
    """Any of the conditions."""
    return exp.or_(*conditions)


def negated(condition: Sql) -> Sql:
    """Not the condition."""
    return exp.Not(this=wrap(condition))


def is_null(value: Sql) -> Sql:
    """Whether a cell is empty."""
    return exp.Is(this=wrap(value), expression=exp.null())


def case(branches: Sequence[tuple[Sql, Sql]], default: Sql) -> Sql:
    """The outcome of the first condition that holds."""
    if not branches:
        return default
    return exp.Case(
        ifs=[exp.If(this=free(condition), true=free(outcome)) for condition, outcome in branches], default=free(default)
    )


def free(value: Sql) -> Sql:
    """Give an expression that stands in no tree yet: itself, or a copy. It stands in one place of one tree."""
    return value.copy() if value.parent else value


def attempt(value: Sql) -> Sql:
    """Compute a value, or give null for the rows where it does not fit its type."""
    return exp.Anonymous(this="TRY", expressions=[value])


def call(name: str, *arguments: Sql) -> Sql:
    """Call a function."""
    return exp.func(name, *arguments)


def greatest(values: Sequence[Sql]) -> Sql:
    """The largest."""
    first, *others = _different(values)
    return exp.Greatest(this=first, expressions=others, ignore_nulls=True) if others else first


def least(values: Sequence[Sql]) -> Sql:
    """The smallest."""
    first, *others = _different(values)
    return exp.Least(this=first, expressions=others, ignore_nulls=True) if others else first


def _different(values: Sequence[Sql]) -> list[Sql]:
    return list({item.sql(): item for item in values}.values())


def cast(value: Sql, type_name: str) -> Sql:
    """Give a value another type."""
    return exp.Cast(this=free(value), to=data_type(type_name).copy())


@cache
def data_type(name: str) -> exp.DataType:
    """Give a type by its name, read once."""
    return exp.DataType.build(name)


def wrap(value: Sql) -> Sql:
    """Put an operation between parentheses."""
    return exp.Paren(this=value) if isinstance(value, exp.Binary | exp.Connector | exp.Not | exp.Is | exp.In) else value
