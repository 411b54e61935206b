"""From outcomes to the list: who is listed, how certain that is, what is missing, and counts that add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eendracht.kernel.errors import Fault
from eendracht.services.proactive.plans import Plan
from eendracht.services.proactive.request import RAISES, ProactiveRequest
from eendracht.services.proactive.tables import Tables, name, text, write

if TYPE_CHECKING:
    import duckdb


def stranger_faults(
    connection: duckdb.DuckDBPyConnection, tables: Tables, request: ProactiveRequest
) -> Iterator[Fault]:
    """Yield that the register of uptake holds people who are not in the population: more than the run may know."""
    key = name(tables.key)
    uptake, subjects = tables.source(request.registers.uptake), tables.source(tables.subjects)
    row = connection.execute(
        f"SELECT count(DISTINCT u.{key}) FROM {uptake} u ANTI JOIN {subjects} s ON s.{key} = u.{key}"
    ).fetchone()
    count = int(row[0]) if row else 0
    if count:
        nl = f"{count} mensen in het gebruik staan niet in de populatie"
        en = f"{count} people in the uptake are not in the population"
        hint = "Give the uptake of who is in the population, and of nobody else."
        yield Fault(f"/population/{request.registers.uptake}", "not-in-population", nl, en, hint)


def judge_outcomes(
    connection: duckdb.DuckDBPyConnection, at: int, plan: Plan, request: ProactiveRequest, tables: Tables, path: Path
) -> None:
    """Make the table `outcome_<at>`: everybody with a reason and, where it is known, an amount a year in eurocents."""
    output, key = plan.asked.output, name(tables.key)
    amount = f"CAST(r.{name(output)} AS BIGINT) * {plan.asked.times}"
    status = f"r.{name(output + '_status')}"
    certainty = _certainty(plan, request, tables)
    flag = ""
    if certainty == "flag":
        column = name(request.estimate_flag)
        source = f"SELECT {key} AS key, {column} AS flag FROM {tables.source(tables.subjects)}"
        flag = f" LEFT JOIN ({source}) f ON f.key = p.key LEFT JOIN ({source}) g ON g.key = p.partner"
    known = {
        "flag": "CASE WHEN coalesce(f.flag, true) OR coalesce(g.flag, g.key IS NOT NULL) THEN 'estimate'"
        " ELSE 'sure' END"
    }.get(certainty, f"'{certainty}'")
    connection.execute(
        f"CREATE TEMP TABLE outcome_{at} AS SELECT p.key, p.partner, coalesce(p.reason, CASE"
        f" WHEN {status} = 'not-entitled' THEN 'not-entitled' WHEN {status} <> 'known' THEN 'depends'"
        f" WHEN {amount} <= 0 THEN 'not-entitled' WHEN {amount} < {request.threshold} THEN 'below-threshold'"
        f" ELSE {known} END) AS reason, CASE WHEN {status} = 'known' THEN {amount} END AS amount"
        f" FROM reason_{at} p LEFT JOIN read_parquet({text(str(path))}) r ON r.{key} = p.key{flag}"
    )
    if plan.is_shared:
        _keep_one_of_two(connection, at)


def _certainty(plan: Plan, request: ProactiveRequest, tables: Tables) -> str:
    read = {column for columns in plan.reads.values() for column in columns}
    if not read & set(request.estimates):
        return "sure"
    return "flag" if request.estimate_flag in tables.columns[tables.subjects] else "estimate"


def _keep_one_of_two(connection: duckdb.DuckDBPyConnection, at: int) -> None:
    """Of partners who would both be listed, keep the one with the larger amount; of equals the smaller key."""
    connection.execute(
        f"UPDATE outcome_{at} SET reason = 'listed-with-partner' WHERE key IN ("
        f"SELECT a.key FROM outcome_{at} a JOIN outcome_{at} b ON b.key = a.partner AND b.partner = a.key"
        " WHERE a.reason IN ('sure', 'estimate', 'depends') AND b.reason IN ('sure', 'estimate', 'depends')"
        " AND (coalesce(a.amount, -1), b.key) < (coalesce(b.amount, -1), a.key))"
    )


def count_reasons(connection: duckdb.DuckDBPyConnection, at: int) -> tuple[dict[str, int], int]:
    """Give how many come to each reason, and the eurocents a year of those listed with a known amount."""
    rows = connection.execute(f"SELECT reason, count(*) FROM outcome_{at} GROUP BY 1").fetchall()
    row = connection.execute(
        f"SELECT coalesce(sum(amount), 0)::BIGINT FROM outcome_{at} WHERE reason IN ('sure', 'estimate')"
    ).fetchone()
    return {str(reason): int(count) for reason, count in rows}, int(row[0]) if row else 0


def write_ranking(
    connection: duckdb.DuckDBPyConnection,
    plans: Sequence[Plan],
    request: ProactiveRequest,
    tables: Tables,
    copied: Tables,
    path: Path,
) -> int:
    """Write the list, the largest known amounts first and then who hangs on unknown facts; gives how many lines."""
    parts = [_lines_of_law(at, plan, copied) for at, plan in enumerate(plans)]
    raised = ", ".join(f"if_income_rises_{step}" for step in RAISES)
    query = (
        "SELECT row_number() OVER (ORDER BY amount DESC NULLS LAST, key, law) AS rank, key, law, article, amount,"
        f" certainty, missing, risk, risk_reason, {raised}, handling, representative FROM ({' UNION ALL '.join(parts)})"
        " ORDER BY rank"
    )
    return write(connection, query, path)


def _lines_of_law(at: int, plan: Plan, copied: Tables) -> str:
    raised = ", ".join(f"k.raised_{step} AS if_income_rises_{step}" for step in RAISES)
    return (
        f"SELECT o.key, {text(plan.asked.law)} AS law, {text(plan.article)} AS article, o.amount,"
        f" o.reason AS certainty, m.missing, coalesce(k.risk, 'unknown') AS risk, k.risk_reason, {raised},"
        " CASE WHEN p.guarded THEN 'representative' WHEN p.hidden_address THEN 'secret-address' ELSE 'post' END"
        " AS handling,"
        f" CASE WHEN p.guarded THEN p.representative END AS representative FROM outcome_{at} o"
        f" JOIN person p ON p.key = o.key LEFT JOIN risk_{at} k ON k.key = o.key"
        f" LEFT JOIN ({_missing_query(at, plan, copied)}) m ON m.key = o.key"
        " WHERE o.reason IN ('sure', 'estimate', 'depends')"
    )


def _missing_query(at: int, plan: Plan, copied: Tables) -> str:
    """Give for whoever hangs on unknown facts which: columns that are empty, of the person or of the partner."""
    key = name(copied.key)
    names: list[str] = []
    partners: list[str] = []
    for table in sorted(plan.reads):
        for column in sorted(plan.reads[table]):
            status = f"{column}_status"
            if status in copied.columns.get(table, {}) and table == copied.subjects:
                names.append(f"CASE WHEN f.{name(status)} = 'unknown' THEN {text(column)} END")
                partners.append(f"CASE WHEN g.{name(status)} = 'unknown' THEN {text('partner.' + column)} END")
    source = copied.source(copied.subjects)
    partners.append(f"CASE WHEN o.partner IS NOT NULL AND g.{key} IS NULL THEN 'partner' END")
    return (
        f"SELECT o.key, concat_ws(' ', {', '.join([*names, *partners])}) AS missing FROM outcome_{at} o"
        f" JOIN {source} f ON f.{key} = o.key LEFT JOIN {source} g ON g.{key} = o.partner"
        " WHERE o.reason = 'depends'"
    )


def write_outcomes(connection: duckdb.DuckDBPyConnection, plans: Sequence[Plan], path: Path) -> int:
    """Write what each pseudonym came to, a column a law; gives how many people."""
    columns = ", ".join(f"o{at}.reason AS {name(plan.asked.law)}" for at, plan in enumerate(plans))
    joins = " ".join(f"JOIN outcome_{at} o{at} ON o{at}.key = p.key" for at in range(len(plans)))
    return write(connection, f"SELECT p.key, {columns} FROM person p {joins} ORDER BY p.key", path)


def count_handled(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, int]:
    """Give how many lines go by post, to a representative, or by hand because the address is secret."""
    rows = connection.execute(f"SELECT handling, count(*) FROM read_parquet({text(str(path))}) GROUP BY 1").fetchall()
    return {str(handling): int(count) for handling, count in rows}
