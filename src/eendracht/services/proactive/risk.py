"""The risk of paying back: what is left of an amount when an income that is an estimate turns out higher.

The law itself answers it: whoever is listed is run again with each estimated amount raised by some per cents, with a
partner alike. In between the steps the turning point of one person is found by `payback.find_turning_point`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eendracht.kernel.private import make_private_folder
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.runs import run_population
from eendracht.services.proactive.plans import Plan, law_run, own_columns
from eendracht.services.proactive.request import RAISES, ProactiveRequest
from eendracht.services.proactive.tables import ASKED, Tables, lay_out, name, text, write

if TYPE_CHECKING:
    import duckdb

_WIDTH = 100
"""A key that is a number is multiplied by this to make room for the steps."""


def assess_risk(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    request: ProactiveRequest,
    plan: Plan,
    at: int,
    copied: Tables,
    folder: Path,
) -> None:
    """Make the table `risk_<at>`: for who is listed with an amount, what it becomes when income rises, and the risk."""
    raised = ", ".join(f"CAST(NULL AS BIGINT) AS raised_{step}" for step in RAISES)
    listed = f"SELECT key, amount FROM outcome_{at} WHERE reason IN ('sure', 'estimate')"
    read = {column for columns in plan.reads.values() for column in columns}
    if not read & set(request.estimates):
        connection.execute(
            f"CREATE TEMP TABLE risk_{at} AS SELECT key, 'none' AS risk, 'no-estimate' AS risk_reason, {raised}"
            f" FROM ({listed})"
        )
        return
    out = folder / f"raised_{at}.parquet"
    if _run_raised(connection, library, request, plan, at, copied, folder / f"raised_{at}", out):
        _judge(connection, request, plan, at, copied, out)
    else:
        connection.execute(
            f"CREATE TEMP TABLE risk_{at} AS SELECT key, 'none' AS risk, '' AS risk_reason, {raised} FROM ({listed})"
        )


def _run_raised(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    request: ProactiveRequest,
    plan: Plan,
    at: int,
    copied: Tables,
    folder: Path,
    out: Path,
) -> int:
    """Run the law for everybody listed at each step; gives how many rows there were."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE near AS SELECT key, bool_or(is_listed) AS is_listed FROM (SELECT key, true AS"
        f" is_listed FROM outcome_{at} WHERE reason IN ('sure', 'estimate') UNION ALL SELECT partner, false FROM"
        f" outcome_{at} WHERE reason IN ('sure', 'estimate') AND partner IS NOT NULL) GROUP BY key"
    )
    make_private_folder(folder / "files")
    files: dict[str, Path] = {}
    for table in plan.reads:
        files[table] = folder / "files" / f"{table}.parquet"
        write(connection, _raised_query(copied, table, plan, request), files[table])
    tables = Tables(files, copied.columns, copied.subjects, copied.key)
    place = folder / "population"
    lay_out(place, tables, sources={}, is_synthetic=True)
    own = ", ".join(name(column) for column in own_columns(copied, plan))
    kept = f"SELECT {own} FROM {tables.source(copied.subjects)} WHERE __asked"
    rows = write(connection, kept, place / f"{ASKED}.parquet")
    if rows:
        _without_mark(connection, tables, copied.subjects, place)
        run_population(library, law_run(request, plan, place, out))
    return rows


def _without_mark(connection: duckdb.DuckDBPyConnection, tables: Tables, table: str, place: Path) -> None:
    file = place / f"{table}.parquet"
    file.unlink()
    write(connection, f"SELECT * EXCLUDE (__asked) FROM {tables.source(table)}", file)


def _raised_query(copied: Tables, table: str, plan: Plan, request: ProactiveRequest) -> str:
    """Give the rows of a table once for each step, under keys of their own, with what is an estimate raised."""
    types = copied.columns[table]
    parts = []
    for column in sorted(plan.reads[table] | {copied.key}):
        if column == copied.key or _points_to_person(copied, column):
            parts.append(f"{_stepped(f't.{name(column)}', types[column])} AS {name(column)}")
        elif column in request.estimates:
            cell = f"t.{name(column)}"
            parts.append(f"{cell} + greatest({cell}, 0) * s.step // 100 AS {name(column)}")
        else:
            parts.append(f"t.{name(column)}")
        if f"{column}_status" in types:
            parts.append(f"t.{name(column + '_status')}")
    mark = ", n.is_listed AS __asked" if table == copied.subjects else ""
    steps = ", ".join(f"({step})" for step in RAISES)
    return (
        f"SELECT {', '.join(parts)}{mark} FROM {copied.source(table)} t JOIN near n ON n.key = t.{name(copied.key)}"
        f" CROSS JOIN (VALUES {steps}) s(step)"
    )


def _points_to_person(copied: Tables, column: str) -> bool:
    return column.endswith(f"_{copied.key}")


def _stepped(cell: str, kind: str) -> str:
    if kind == "VARCHAR":
        return f"{cell} || '~' || s.step"
    return f"CAST({cell} AS BIGINT) * {_WIDTH} + s.step"


def _judge(
    connection: duckdb.DuckDBPyConnection, request: ProactiveRequest, plan: Plan, at: int, copied: Tables, out: Path
) -> None:
    """Say how large the risk is: by what would be lost when the income is ten per cent higher, then by the rest."""
    output, key = name(plan.asked.output), name(copied.key)
    kind = copied.columns[copied.subjects][copied.key]
    joins, columns = [], []
    for step in RAISES:
        wanted = f"o.key || '~{step}'" if kind == "VARCHAR" else f"CAST(o.key AS BIGINT) * {_WIDTH} + {step}"
        joins.append(f"LEFT JOIN read_parquet({text(str(out))}) r{step} ON r{step}.{key} = {wanted}")
        columns.append(f"CAST(r{step}.{output} AS BIGINT) * {plan.asked.times} AS raised_{step}")
    first, *_, last = RAISES
    # DuckDB lets a later column name an earlier one.
    connection.execute(
        f"CREATE TEMP TABLE risk_{at} AS SELECT o.key, {', '.join(columns)},"
        f" CASE WHEN raised_{first} IS NULL THEN 'unknown' WHEN raised_{first} <= 0 OR raised_{first} * 2 < o.amount"
        f" THEN 'high' WHEN raised_{first} < o.amount THEN 'middle' WHEN raised_{last} < o.amount THEN 'low'"
        " ELSE 'none' END AS risk, 'income-is-estimate' AS risk_reason"
        f" FROM outcome_{at} o {' '.join(joins)} WHERE o.reason IN ('sure', 'estimate')"
    )
