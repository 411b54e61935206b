"""Conditions and small pieces of SQL for the lax dialect, built without a copy of each part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.sql import Sql

Condition = bool | Sql
"""Something that holds for all rows, for none, or for those where the expression is true; never NULL."""


@cache
def code(tag: int) -> Sql:
    """Give a tag as a literal."""
    return sql.integer(tag, "TINYINT")


def double(value: float) -> Sql:
    """Give a double as a literal: as a number where the engine reads it as Python does, else as text."""
    written = repr(float(value))
    digits = written.replace(".", "").strip("-0")
    is_plain = "e" not in written and len(digits) <= 15 and len(written) <= 20 and written != "-0.0"
    return sql.cast(exp.Literal.number(written) if is_plain else sql.text(written), "DOUBLE")


def call(name: str, *arguments: Sql) -> Sql:
    """Call a function of DuckDB by its own name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def both(conditions: Sequence[Sql]) -> Sql:
    """All of the conditions; unlike `sql.both` without a copy of each."""
    made = conditions[0]
    for item in conditions[1:]:
        made = exp.And(this=sql.wrap(made) if not isinstance(made, exp.And) else made, expression=sql.wrap(item))
    return made


def either(conditions: Sequence[Sql]) -> Sql:
    """Any of the conditions; unlike `sql.either` without a copy of each."""
    made = conditions[0]
    for item in conditions[1:]:
        made = exp.Or(this=sql.wrap(made) if not isinstance(made, exp.Or) else made, expression=sql.wrap(item))
    return made


def case_of(branches: Sequence[tuple[Sql, Sql]], default: Sql) -> Sql:
    """The outcome of the first condition that holds; unlike `sql.case` without a copy of each."""
    return exp.Case(ifs=[exp.If(this=condition, true=outcome) for condition, outcome in branches], default=default)


def all_of(*conditions: Condition) -> Condition:
    """Where all hold."""
    if any(item is False for item in conditions):
        return False
    rest = [item for item in conditions if not isinstance(item, bool)]
    return True if not rest else rest[0] if len(rest) == 1 else both(rest)


def any_of(*conditions: Condition) -> Condition:
    """Where one holds."""
    if any(item is True for item in conditions):
        return True
    rest = [item for item in conditions if not isinstance(item, bool)]
    return False if not rest else rest[0] if len(rest) == 1 else either(rest)


def none_of(condition: Condition) -> Condition:
    """Where it does not hold."""
    return not condition if isinstance(condition, bool) else sql.negated(condition)


def as_sql(condition: Condition) -> Sql:
    """Give a condition as an expression."""
    return sql.boolean(condition) if isinstance(condition, bool) else condition


def cases(branches: Iterable[tuple[Condition, Sql]], default: Sql) -> Sql:
    """The outcome of the first condition that holds; what never holds falls away."""
    kept: list[tuple[Sql, Sql]] = []
    for condition, outcome in branches:
        if condition is True:
            default = outcome
            break
        if condition is not False:
            kept.append((condition, outcome))
    while kept and kept[-1][1] == default:
        kept.pop()
    return case_of(kept, default) if kept else default
