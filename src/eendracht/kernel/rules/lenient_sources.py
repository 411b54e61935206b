"""What the lax dialect takes from outside a law: claims of the subject, values that replace others, rows of tables."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.lenient_operations import aggregate, as_lax, describe_lax, is_among

SUBJECT_KEYS: Final = ("BSN", "KVK_NUMMER")
"""Parameters that say about whom a claim is."""
ABSENT: Final = object()
"""That nothing answers; null is an answer."""


def claims_on(case: Case, law: ir.Regulation, parameters: Mapping[str, Any], approved: bool) -> dict[str, Any]:
    """Give what the subject states in place of the values of a law, by name.

    With `approved` only what a civil servant has approved; else also what waits for that, but not what was rejected.
    A claim holds for the subject of the case (or the one it names), not for a partner or child.
    """
    found = {}
    for claim in case.claims:
        status = str(claim.get("status") or "APPROVED").upper()
        if (status != "APPROVED") if approved else (status == "REJECTED"):
            continue
        if claim.get("service") == law.service and claim.get("law") == law.id and _is_about(claim, case, parameters):
            found[str(claim.get("key"))] = as_lax(claim.get("new_value"))
    return found


def _is_about(claim: Mapping[str, Any], case: Case, parameters: Mapping[str, Any]) -> bool:
    for key in SUBJECT_KEYS:
        subject = claim.get(key.lower(), claim.get(key, case.parameters.get(key)))
        if subject is not None:
            return bool(parameters.get(key) == subject)
    return True


def moment_named(name: str, on: date) -> str | None:
    """Give a date of the format by its name, as text; the year too. None where the name is no date."""
    if name == "calculation_date":
        return on.isoformat()
    if name == "january_first":
        return on.replace(month=1, day=1).isoformat()
    if name == "prev_january_first":
        return on.replace(year=on.year - 1, month=1, day=1).isoformat()
    return f"{on.year:04}" if name == "year" else None


def overwritten(overwrite: Mapping[str, Any], service: str, field: str, name: str = "") -> Any:
    """Give the value that replaces a field of a service (`{service: {field: value}}`) or a name (`{name: value}`).

    ABSENT where nothing does.
    """
    of_service = overwrite.get(service)
    if isinstance(of_service, Mapping) and field in of_service:
        return as_lax(of_service[field])
    if name in overwrite and not (name == service and isinstance(of_service, Mapping)):
        return as_lax(overwrite[name])
    return ABSENT


def find_table(registers: Sequence[Register], law: ir.Regulation, source: ir.TableSource) -> Register | None:
    """Give the table of a source: of the body that it names (`source_type`), else of the body of the law."""
    if not source.table:
        return None
    for service in (source.source_type, law.service, ""):
        for register in registers:
            if register.name == source.table and register.service == service and (service or not register.service):
                return register
    return None


def read_table(register: Register, source: ir.TableSource, kind: str, value_of: Callable[[ir.Expression], Any]) -> Any:
    """Give what a table has for a source.

    Rows are filtered by every selection; null selects nothing. Without a row null, with one its value or record, with
    several a list, but one value where all are the same. A field of type array always gives a list. Raises Unfit.
    """
    rows: Sequence[Mapping[str, Any]] = register.rows
    for selection in source.selections:
        rows = _select(rows, register, selection, value_of(selection.value))
    values = _values(rows, register, source)
    if source.aggregation:
        return _aggregate(source.aggregation, values if values is not None else [], len(rows))
    if values is None:
        return None
    if kind == "array":
        if len(values) == 1 and not source.is_record:
            return [] if values[0] is None else values[0] if isinstance(values[0], list) else values
        return values
    if not values:
        return None
    is_scalar = not any(isinstance(value, list | dict) for value in values)
    if len(values) == 1 or (is_scalar and all(value == values[0] for value in values)):
        return values[0]
    return values


def _select(
    rows: Sequence[Mapping[str, Any]], register: Register, selection: ir.Selection, wanted: Any
) -> Sequence[Mapping[str, Any]]:
    column, operator = selection.column, selection.operator
    if operator in ("NOT_IN", "NOT_EQUALS"):
        return [row for row in rows if column in row and not is_among(as_lax(row[column]), wanted)]
    if wanted is None:
        return []
    if column == register.key and isinstance(wanted, str) and rows is register.rows:
        rows = register.find(wanted)
    return [
        row
        for row in rows
        if (cell := as_lax(row.get(column))) is not None
        and (cell == wanted or (isinstance(wanted, list) and not isinstance(cell, list) and cell in wanted))
    ]


def _values(rows: Sequence[Mapping[str, Any]], register: Register, source: ir.TableSource) -> list[Any] | None:
    """Give the values or records of the rows; None where the table has no such column."""
    if not source.is_record:
        column = source.columns[0]
        if not rows or any(column in row for row in register.rows):
            return [as_lax(row.get(column)) for row in rows]
        return None
    present = set(register.columns.values())
    columns = (
        [name for name in source.columns if name in present] if source.columns else list(register.columns.values())
    )
    return [{name: as_lax(row.get(name)) for name in columns} for row in rows] if columns else None


def _aggregate(name: str, values: list[Any], rows: int) -> Any:
    """Bring a column together, without its nulls; of nothing, count and sum give 0 and the others null."""
    present = [value for value in values if value is not None]
    if name == "count":
        return len(present) if values else rows
    if name == "sum":
        return aggregate("ADD", present)
    if not present:
        return None
    if name in ("min", "max"):
        return aggregate(name.upper(), present)
    if not all(isinstance(value, int | float) for value in present):
        raise Unfit(f"{name} cannot take {describe_lax(present[0])}")
    if name in ("avg", "mean", "average"):
        return aggregate("ADD", present) / len(present)
    if name == "median":
        return statistics.median(present)
    raise Unfit(f"there is no aggregation '{name}'")
