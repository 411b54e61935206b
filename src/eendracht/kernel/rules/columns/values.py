"""A value in columns: an expression with its type, its scale and range, and the expression of its status.

A number is a whole number `sql` over `10^scale`, and over `over` where a quotient has not been rounded yet. `low` and
`high` bound the whole number, so that the compiler knows its width and no row can overflow unseen; of a date they are
ordinals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final, Literal

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.values import Absent, Number, Untranslatable, is_number, normalise

Kind = Literal["number", "boolean", "string", "date", "null", "list"]

OK: Final = 0
NULL: Final = 1
UNKNOWN: Final = 2
UNTRANSLATABLE: Final = 3
ERROR: Final = 4
FIRST: Final = date.min.toordinal()
LAST: Final = date.max.toordinal()
STATUS_WORDS: Final = ("known", "null", "unknown", "untranslatable", "error")
"""How a status is written in a result, by its code."""


@dataclass(frozen=True, slots=True)
class Moving:
    """A status that differs by row: the expression of its code, and the codes that it can have."""

    sql: Sql
    codes: frozenset[int]


Status = int | Moving
"""A code that is the same for every row, or one that differs."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """A divisor that is carried until the next rounding: always positive, with its largest value."""

    sql: Sql | None
    high: int

    @property
    def constant(self) -> int | None:
        """The divisor itself where it is the same for everyone."""
        return self.high if self.sql is None else None


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression comes to for each row."""

    kind: Kind
    sql: Sql | None = None
    status: Status = OK
    constant: Any = None
    is_constant: bool = False
    scale: int = 0
    low: int = 0
    high: int = 0
    over: Quotient | None = None
    children: str = ""
    """The table whose rows a list stands for."""
    code: Sql | None = None
    """Of a condition, where it was computed as one code: 0 false, 1 true, else its status."""
    is_mixed: bool = False
    """Whether a date is text for some rows; it then has no fields."""
    is_nobody: bool = False
    """Whether it is the key of someone of whom no table knows."""

    @property
    def is_certain(self) -> bool:
        """Whether every row has a value."""
        return self.status == OK

    @property
    def expression(self) -> Sql:
        """The expression of the value; of a constant, its literal."""
        if not self.is_constant:
            assert self.sql is not None
            return self.sql
        if self.kind == "number":
            return sql.integer(self.low)
        if self.kind == "boolean":
            return sql.boolean(self.constant)
        if self.kind == "date":
            return sql.day(self.constant)
        if self.kind == "string":
            return sql.text(self.constant)
        return sql.null("INTEGER")

    @property
    def status_sql(self) -> Sql:
        """The expression of the status."""
        return status_sql(self.status)

    @property
    def codes(self) -> frozenset[int]:
        """The statuses that a row can have."""
        return codes_of(self.status)


def status_sql(status: Status) -> Sql:
    """Give a status as an expression."""
    return code_sql(status) if isinstance(status, int) else status.sql


def codes_of(status: Status) -> frozenset[int]:
    """Give the codes that a status can have."""
    return frozenset((status,)) if isinstance(status, int) else status.codes


def code_sql(code: int) -> Sql:
    """Give a code as a literal."""
    return sql.integer(code, "TINYINT")


def moving(expression: Sql, codes: Iterable[int]) -> Status:
    """Give a status by an expression; where it can have one code only, that code."""
    found = frozenset(codes)
    return next(iter(found)) if len(found) == 1 else Moving(expression, found)


def constant(value: Any) -> Value:
    """Give a value that is the same for everyone."""
    if value is None:
        return Value("null", status=NULL, is_constant=True)
    if isinstance(value, Absent):
        status = UNTRANSLATABLE if isinstance(value, Untranslatable) else UNKNOWN
        return Value("null", status=status, is_constant=True)
    if isinstance(value, bool):
        return Value("boolean", constant=value, is_constant=True)
    if is_number(value):
        whole, scale = to_scaled(value)
        if isinstance(whole, Fraction):
            top, bottom = whole.numerator, whole.denominator
            return Value("number", sql.integer(top), low=top, high=top, over=Quotient(None, bottom))
        return Value("number", constant=value, is_constant=True, scale=scale, low=whole, high=whole)
    if isinstance(value, date):
        return Value("date", constant=value, is_constant=True, low=value.toordinal(), high=value.toordinal())
    if isinstance(value, str):
        return Value("string", constant=value, is_constant=True)
    if isinstance(value, list):
        return Value("list", constant=value, is_constant=True)
    raise Refused("object-value", "an object as a value")


def failed() -> Value:
    """Give a value that fails for everyone."""
    return Value("null", status=ERROR, is_constant=True)


def to_scaled(value: Number) -> tuple[Number, int]:
    """Give a number as a whole number and decimals; without a finite decimal expansion as it is, and none."""
    scaled: Number = value
    scale = 0
    while isinstance(scaled, Fraction):
        if scale > 38:
            return value, 0
        scaled = normalise(scaled * 10)
        scale += 1
    return scaled, scale


def widened(expression: Sql, low: int, high: int, new_low: int, new_high: int) -> Sql:
    """Give an integer the type that the result of an operation on it needs."""
    wide = sql.width(new_low, new_high)
    return expression if wide == sql.width(low, high) else sql.cast(expression, wide)
