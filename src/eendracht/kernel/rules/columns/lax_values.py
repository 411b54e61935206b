"""A value of the lax dialect in columns: an expression for each type that a row can have, and a tag that tells which.

The dialect has Python's types: a rule may give an integer in one row and a double, a text or null in the next. So a
value is a set of forms by tag. MISSING and ERROR are no values: they end the run of that row. An expression is valid
in the rows that have its tag, and NULL or something within its bounds elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_sql import Condition, cases, code, double
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql

NULL: Final = 0
BOOL: Final = 1
INT: Final = 2
FLOAT: Final = 3
TEXT: Final = 4
RECORD: Final = 5
LIST: Final = 6
MISSING: Final = 8
ERROR: Final = 9
NUMBERS: Final = (BOOL, INT, FLOAT)
HALTS: Final = (MISSING, ERROR)
SQL_TYPES: Final = {BOOL: "BOOLEAN", INT: "BIGINT", FLOAT: "DOUBLE", TEXT: "VARCHAR"}

ITEM: Final = "item"
"""Table name under which the element of a list speaks of its own fields."""
EXACT: Final = 2**53
"""Up to here an integer is the same number as a double."""
BIGGEST: Final = 1.7976931348623157e308
STRICT_DATE: Final = r"\d{4}-\d{2}-\d{2}"
STRICT_MOMENT: Final = STRICT_DATE + r"T\d{2}:\d{2}:\d{2}"

Source = tuple[str, ...]
"""Where a text comes from: `("known",)` (a date), `("constant", text)`, `("column", table, name)` or `("made",)`."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a value is where it has one type. `low` and `high` bound a number; `day` is the date that a text is."""

    sql: Sql | None = None
    low: float = 0
    high: float = 0
    sources: frozenset[Source] = frozenset()
    day: Sql | None = None
    fields: Mapping[Any, Value] = field(default_factory=dict)
    items: tuple[Value, ...] | None = None
    """The elements of a list that is written out; None for one of `sql`, whose `element` speaks of ITEM."""
    element: Value | None = None
    most: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """A value by row: its forms by tag, and the expression of the tag where there are several."""

    forms: Mapping[int, Form]
    tag: Sql | None = None
    constant: Any = None
    is_constant: bool = False

    def has(self, *tags: int) -> bool:
        """Whether some row may have one of the tags."""
        return any(tag in self.forms for tag in tags)

    def is_(self, *tags: int) -> Condition:
        """Where the value has one of the tags."""
        wanted = [tag for tag in self.forms if tag in tags]
        if not wanted or len(wanted) == len(self.forms):
            return bool(wanted)
        assert self.tag is not None
        if len(wanted) == 1:
            return sql.equals(self.tag, code(wanted[0]))
        return exp.In(this=sql.wrap(self.tag), expressions=[code(tag) for tag in wanted])

    @property
    def tag_sql(self) -> Sql:
        """The expression of the tag."""
        return code(next(iter(self.forms))) if self.tag is None else self.tag

    @property
    def halts(self) -> Condition:
        """Where there is no value because the run has ended."""
        return self.is_(*HALTS)

    def part(self, tag: int) -> Sql:
        """The expression of a form."""
        found = self.forms[tag].sql
        assert found is not None
        return found


# --- Making values ---


def value_of(constant: Any) -> Value:
    """Give a constant of the law; raises Refused for an integer beyond 64 bits."""
    return Value({tag_of(constant): _form_of(constant)}, None, constant, True)


def tag_of(constant: Any) -> int:
    """Give the tag of a Python value."""
    if constant is None:
        return NULL
    if isinstance(constant, Mapping):
        return RECORD
    kinds = {bool: BOOL, int: INT, float: FLOAT, str: TEXT, list: LIST, tuple: LIST}
    if type(constant) not in kinds:
        raise Refused("unknown-type", f"a value of type {type(constant).__name__}")
    return kinds[type(constant)]


def _form_of(constant: Any) -> Form:
    if constant is None:
        return Form()
    if isinstance(constant, bool):
        return Form(sql.boolean(constant))
    if isinstance(constant, int):
        return Form(sql.integer(within(constant), "BIGINT"), constant, constant)
    if isinstance(constant, float):
        return Form(double(constant), constant, constant)
    if isinstance(constant, str):
        return Form(sql.text(constant), sources=frozenset((("constant", constant),)), day=_day_of(constant))
    if isinstance(constant, Mapping):
        return Form(fields={key: value_of(item) for key, item in constant.items()})
    return Form(items=tuple(value_of(item) for item in constant))


def _day_of(text: str) -> Sql | None:
    if re.fullmatch(STRICT_DATE, text, re.ASCII):
        try:
            return sql.day(date.fromisoformat(text))
        except ValueError:
            return None
    return None


def within(value: float) -> int:
    """Give a bound as an integer; raises Refused beyond 64 bits."""
    if not abs(value) <= sql.INT64:
        raise Refused("wider-than-64-bits", "an integer can become larger than 64 bits")
    return int(value)


NOTHING: Final = value_of(None)
ZERO: Final = value_of(0)
FAILED: Final = Value({ERROR: Form()})
LACKING: Final = Value({MISSING: Form()})


def truth_value(condition: Condition) -> Value:
    """Give a condition as a value."""
    if isinstance(condition, bool):
        return value_of(condition)
    return Value({BOOL: Form(condition)})


def integer_value(expression: Sql, low: float, high: float) -> Value:
    """Give an integer of every row."""
    return Value({INT: Form(expression, within(low), within(high))})


def of_tags(branches: Sequence[tuple[Condition, int]], default: int, forms: Mapping[int, Form]) -> Value:
    """Give a value by where it has which tag; a form that no row has falls away."""
    reached: list[tuple[Condition, int]] = []
    for condition, tag in branches:
        if condition is False:
            continue
        if condition is True:
            default = tag
            break
        reached.append((condition, tag))
    tags = {tag for _, tag in reached} | {default}
    kept = {tag: forms.get(tag, Form()) for tag in sorted(tags)}
    made = cases([(condition, code(tag)) for condition, tag in reached], code(default))
    return Value(kept, made if len(kept) > 1 else None)


# --- Lists ---


def identity(parameters: Mapping[str, Value]) -> str:
    """Tell parameters apart by what they are in columns."""
    return "|".join(f"{name}={_written(parameters[name])}" for name in sorted(parameters))


def _written(value: Value) -> str:
    if value.is_constant:
        return repr(value.constant)
    parts = [value.tag.sql() if value.tag is not None else ""]
    for tag, form in value.forms.items():
        fields = [f"{key}:{_written(item)}" for key, item in form.fields.items()]
        items = [_written(item) for item in form.items or ()]
        parts.append(f"{tag}:{form.sql.sql() if form.sql is not None else ''}{fields}{items}")
    return ";".join(parts)
