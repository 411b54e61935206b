"""Groups of subjects for whom the same law holds: one plan for each date and area that makes a difference.

The table of subjects may say for each on which date (`calculation_date`) and in which area (`gemeente_code`, ...) they
are asked about; an empty date is the date of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.compiler import Compiled
from eendracht.kernel.rules.columns.population import Column, Table
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql

if TYPE_CHECKING:
    import duckdb

CALCULATION_DATE = "calculation_date"


@dataclass(slots=True)
class Group:
    """Subjects who share a plan: which dates with which areas (None: no area, or none that makes a difference)."""

    plan: Compiled
    members: dict[date | None, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Varying:
    """The columns of the subjects by which they differ in law: a date, an area, both or neither."""

    day: Column | None
    area: Column | None

    @property
    def columns(self) -> list[Column]:
        """The columns that there are."""
        return [column for column in (self.day, self.area) if column is not None]


def find_varying(table: Table, areas: Iterable[str], constants: Mapping[str, Any]) -> Varying:
    """Give the columns by which subjects differ; `areas` are the parameters on which the choice of a law depends."""
    codes = [code for code in sorted(areas) if code not in constants and table.find(code) is not None]
    if len(codes) > 1:
        raise Refused("areas-of-two-kinds", "regulations of areas of two kinds at once")
    return Varying(find_day(table), table.find(codes[0]) if codes else None)


def find_day(table: Table) -> Column | None:
    """Give the column of the subjects that says on which date each is asked about."""
    found = table.find(CALCULATION_DATE)
    return found if found is not None and found.type == "date" else None


def list_members(
    connection: duckdb.DuckDBPyConnection, table: Table, varying: Varying
) -> list[tuple[date | None, Any]]:
    """Give each date with each area that subjects have together, in order."""
    if not varying.columns:
        return [(None, None)]
    cells = [exp.column(column.name, quoted=True) for column in varying.columns]
    query = exp.select(*cells).distinct().from_(table.source.copy()).order_by(*(cell.copy() for cell in cells))
    rows = connection.execute(query.sql("duckdb")).fetchall()
    return [(row[0] if varying.day else None, row[-1] if varying.area else None) for row in rows]


def make_groups(
    members: Sequence[tuple[date | None, Any]],
    compiled: Callable[[date | None, Any], Compiled],
    written: Callable[[Compiled], str],
) -> list[Group]:
    """Compile for each date and area, and put those together whose queries are the same."""
    groups: dict[str, Group] = {}
    for day, area in members:
        plan = compiled(day, area)
        group = groups.setdefault(written(plan) if len(members) > 1 else "", Group(plan))
        group.members.setdefault(day, []).append(area)
    return list(groups.values())


def condition_of(group: Group, table: Table, varying: Varying) -> Sql:
    """Give the condition by which the subjects of a group are found."""
    parts: list[Sql] = []
    for day, areas in group.members.items():
        tests: list[Sql] = []
        if varying.day is not None:
            cell = exp.column(varying.day.name, table=table.name, quoted=True)
            tests.append(sql.is_null(cell) if day is None else sql.equals(cell, sql.day(day)))
        if varying.area is not None:
            tests.append(_among(exp.column(varying.area.name, table=table.name, quoted=True), areas))
        parts.append(sql.both(tests))
    return sql.either(parts)


def _among(cell: Sql, areas: Sequence[Any]) -> Sql:
    parts: list[Sql] = []
    named = [area for area in areas if area is not None]
    if named:
        parts.append(exp.In(this=cell.copy(), expressions=[sql.text(str(area)) for area in named]))
    if None in areas:
        parts.append(sql.is_null(cell.copy()))
    return sql.either(parts)
