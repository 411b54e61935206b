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
        return Value(kind, cell, status, low=column.low, high=column.high)
    return Value("number", cell, status, scale=column.scale, low=column.low, high=column.high)


def _whole(raw: Sql, column: Column) -> Sql:
    wide = sql.width(column.low, column.high)
    if column.type == "decimal" and column.scale:
        precision = int(column.sql_type[len("DECIMAL(") :].partition(",")[0])
        digits = column.scale + 1
        factor = sql.cast(exp.Literal.number(10**column.scale), f"DECIMAL({digits}, 0)")
        if precision + digits <= 38:
            return sql.cast(sql.multiply(raw, factor), wide)
        # So many digits leave no room to multiply: the part before and the part after the point apart.
        before = exp.Anonymous(this="TRUNC", expressions=[raw])
        after = sql.cast(sql.subtract(raw, before), f"DECIMAL({digits - 1}, {column.scale})")
        whole = sql.multiply(sql.cast(before, "INT128"), sql.integer(10**column.scale, "INT128"))
        return sql.cast(sql.add(whole, sql.cast(sql.multiply(after, factor), "INT128")), wide)
    return raw if column.sql_type == wide else sql.cast(raw, wide)


def _status(frame: Frame, table: Table, column: Column, cell: Sql, *, is_always_there: bool) -> Status:
    branches: list[tuple[Sql, Sql]] = []
    codes = {OK}
    if not is_always_there:
        codes.add(UNKNOWN)
        key = exp.column(table.key, table=table.name, quoted=True)
        is_absent = frame.read(table.name, f"no_{table.name}", sql.is_null(key))
        branches.append((is_absent, code_sql(UNKNOWN)))
    told = table.find(f"{column.name}{STATUS_SUFFIX}")
    if told is not None:
        word = frame.read(table.name, f"{column.name}_told", exp.column(told.name, table=table.name, quoted=True))
        told_codes = (NULL, UNKNOWN, UNTRANSLATABLE, ERROR)
        codes |= set(told_codes)
        branches += [(sql.equals(word, sql.text(STATUS_WORDS[code])), code_sql(code)) for code in told_codes]
    if column.may_be_null:
        codes.add(NULL)
        branches.append((sql.is_null(cell), code_sql(NULL)))
    return moving(sql.case(branches, code_sql(OK)), codes)
