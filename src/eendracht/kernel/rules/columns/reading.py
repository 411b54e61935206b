"""How a column of a population becomes a value: its type is checked, its status told, its number made whole."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.plan import Frame
from eendracht.kernel.rules.columns.population import STATUS_SUFFIX, Column, Table
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import (
    ERROR,
    NULL,
    OK,
    STATUS_WORDS,
    UNKNOWN,
    UNTRANSLATABLE,
    Kind,
    Status,
    Value,
    code_sql,
    moving,
)

_KINDS: dict[str, Kind] = {
    "integer": "number",
    "decimal": "number",
    "boolean": "boolean",
    "string": "string",
    "date": "date",
}
_ALLOWED: dict[str, frozenset[str]] = {
    "number": frozenset(("integer", "decimal")),
    "amount": frozenset(("integer", "decimal")),
    "boolean": frozenset(("boolean",)),
    "date": frozenset(("date", "string")),
    "string": frozenset(("string", "integer", "boolean", "date", "decimal")),
    "any": frozenset(_KINDS),
}


@dataclass(frozen=True, slots=True)
class ColumnNeed:
    """A column that a plan reads: of which table, and which article wants it as which type."""

    table: str
    column: str
    law: str
    article: str


@dataclass(frozen=True, slots=True)
class ColumnFault:
    """A column that is not there or has a type that the rule cannot take."""

    name: str
    table: str
    found: str
    wanted: str
    place: ir.Place


def is_allowed(column: Column, kind: str) -> bool:
    """Whether a column may stand for a field of a kind: a float never may."""
    return column.type in _ALLOWED.get(kind, frozenset())


def read_column(frame: Frame, table: Table, column: Column, *, is_always_there: bool) -> Value:
    """Give the value of a column in a frame."""
    raw = exp.column(column.name, table=table.name, quoted=True)
    kind = _KINDS[column.type]
    cell = frame.read(table.name, column.name, _whole(raw, column) if kind == "number" else raw)
    status = _status(frame, table, column, cell, is_always_there=is_always_there)
    if kind != "number":
        return Value(kind, cell, status)
    return Value("number", cell, status, scale=column.scale, low=column.low, high=column.high)


def _whole(raw: Sql, column: Column) -> Sql:
    wide = sql.width(column.low, column.high)
    if column.type == "decimal" and column.scale:
        digits = column.scale + 1
        factor = exp.cast(exp.Literal.number(10**column.scale), f"DECIMAL({digits}, 0)")
        return sql.cast(sql.multiply(raw, factor), wide)
    return raw if column.sql_type == wide else sql.cast(raw, wide)


def _status(frame: Frame, table: Table, column: Column, cell: Sql, *, is_always_there: bool) -> Status:
    branches: list[tuple[Sql, Sql]] = []
    codes = {OK}
    if not is_always_there:
        codes.add(UNKNOWN)
        key = exp.column(table.key, table=table.name, quoted=True)
        there = frame.read(table.name, "is_there", sql.negated(sql.is_null(key)))
        branches.append((sql.negated(there), code_sql(UNKNOWN)))
    told = table.find(f"{column.name}{STATUS_SUFFIX}")
    if told is not None:
        word = frame.read(table.name, told.name, exp.column(told.name, table=table.name, quoted=True))
        codes |= {NULL, UNKNOWN, UNTRANSLATABLE}
        branches += [(sql.equals(word, sql.text(STATUS_WORDS[code])), code_sql(code)) for code in range(NULL, ERROR)]
    if column.may_be_null:
        codes.add(NULL)
        branches.append((sql.is_null(cell), code_sql(NULL)))
    return moving(sql.case(branches, code_sql(OK)), codes)
