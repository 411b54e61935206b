"""The columns of a result: each output as a plain type, and beside it its status in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.truth import EMPTY_TYPES
from eendracht.kernel.rules.columns.values import ERROR, OK, STATUS_WORDS, Value, code_sql

_DIGITS: Final = 38
"""The most digits of a decimal."""


def output_columns(outputs: Mapping[str, Value], plans: Sequence[Mapping[str, Value]] = ()) -> dict[str, Sql]:
    """Give the columns of the result, of one type over all plans; raises Refused for an output that has none."""
    columns: dict[str, Sql] = {}
    for name, value in outputs.items():
        alike = [plan[name] for plan in plans or (outputs,)]
        made, is_tried = _output(value, alike)
        fine = sql.equals(value.status_sql, code_sql(OK))
        there = not (value.is_constant and value.status != OK)
        columns[name] = made if value.is_certain or not there else sql.case([(fine, made)], exp.null())
        words = _status_words(value)
        if is_tried and OK in value.codes:
            lost = sql.both([fine, sql.is_null(made)])
            words = sql.case([(lost, sql.text(STATUS_WORDS[ERROR]))], words)
        columns[f"{name}_status"] = words
    return columns


def _output(value: Value, alike: Sequence[Value]) -> tuple[Sql, bool]:
    """Give the value in the type of the output, and whether it may not fit that for some row."""
    kinds = {item.kind for item in alike if item.kind != "null"}
    if len(kinds) > 1:
        raise Refused("mixed-kinds", "an output whose type differs by area")
    kind = kinds.pop() if kinds else "null"
    if kind == "list":
        raise Refused("list-by-row", "a list as an output")
    numbers = [item for item in alike if item.kind == "number"]
    wanted = _number_type(numbers) if kind == "number" else EMPTY_TYPES[kind]
    if value.kind == "null":
        return sql.null(wanted), False
    if kind != "number":
        return value.expression, False
    if wanted.startswith("DECIMAL"):
        return _decimal(value, wanted)
    made = value.expression
    return (made if sql.width(value.low, value.high) == wanted else sql.cast(made, wanted)), False


def _number_type(numbers: Sequence[Value]) -> str:
    """Whole numbers stay whole; others become a decimal that holds every digit.

    So do whole numbers beyond 64 bits: Parquet has no such type, and the engine would write a double.
    """
    scale = max(item.scale for item in numbers)
    if not scale and sql.width(min(item.low for item in numbers), max(item.high for item in numbers)) == "BIGINT":
        return "BIGINT"
    if scale > _DIGITS:
        raise Refused("wider-than-128-bits", f"an output of {scale} decimals")
    digits = max(_digits_of(item) + scale - item.scale for item in numbers)
    return f"DECIMAL({min(max(digits, scale), _DIGITS)}, {scale})"


def _decimal(value: Value, wanted: str) -> tuple[Sql, bool]:
    digits = _digits_of(value)
    whole = sql.cast(value.expression, f"DECIMAL({min(digits, _DIGITS)}, 0)")
    scale = int(wanted.partition(",")[2].strip(" )"))
    precision = int(wanted.removeprefix("DECIMAL(").partition(",")[0])
    made = whole
    if value.scale:
        unit = exp.Literal.number("0." + "0" * (value.scale - 1) + "1")
        made = sql.multiply(whole, sql.cast(unit, f"DECIMAL({value.scale}, {value.scale})"))
    made = sql.cast(made, wanted)
    is_tried = digits + scale - value.scale > precision
    return (sql.attempt(made) if is_tried else made), is_tried


def _digits_of(value: Value) -> int:
    return len(str(max(abs(value.low), abs(value.high), 1)))


def _status_words(value: Value) -> Sql:
    if isinstance(value.status, int):
        return sql.text(STATUS_WORDS[value.status])
    branches = [
        (sql.equals(value.status.sql, code_sql(code)), sql.text(STATUS_WORDS[code])) for code in sorted(value.codes)
    ]
    return sql.case(branches[:-1], branches[-1][1])
