"""Who the people of a population are as far as a run must know before it asks anything: whom it must leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eendracht.services.proactive.request import ADULT, ProactiveRequest
from eendracht.services.proactive.tables import Tables, name, text

if TYPE_CHECKING:
    import duckdb


def gather_people(connection: duckdb.DuckDBPyConnection, tables: Tables, request: ProactiveRequest) -> int:
    """Make the tables `person`, `uses`, `stops` and `kept` of the engine; gives how many people there are.

    An unknown date of birth makes nobody a minor, and an empty flag is no flag. Stops whose key is no key of this
    population are about somebody else.
    """
    registers = request.registers
    place = registers.table or tables.subjects
    key, kind = name(tables.key), tables.columns[tables.subjects][tables.key]
    columns = [f"s.{key} AS key"]
    for flag in ("objection", "deceased", "hidden_address", "guarded"):
        column = registers.flags.get(flag)
        columns.append(f"coalesce(c.{name(column)}, false) AS {flag}" if column else f"false AS {flag}")
    for other in ("representative", "partner"):
        column = getattr(registers, other)
        columns.append(f"{f'c.{name(column)}' if column else f'CAST(NULL AS {kind})'} AS {other}")
    columns.append(f"coalesce(c.{name(registers.born)} > {_birthday(request)}, false) AS minor")
    source = f"{tables.source(tables.subjects)} s"
    if place == tables.subjects:
        columns = [column.replace('c."', 's."') for column in columns]
    else:
        source += f" LEFT JOIN {tables.source(place)} c ON c.{key} = s.{key}"
    connection.execute(f"CREATE TEMP TABLE person AS SELECT {', '.join(columns)} FROM {source}")
    uptake = tables.source(registers.uptake)
    until = name(registers.uptake_until)
    connection.execute(
        f"CREATE TEMP TABLE uses AS SELECT DISTINCT {name(tables.key)} AS key, {name(registers.uptake_law)} AS law"
        f" FROM {uptake} WHERE {until} IS NULL OR {until} > DATE '{request.on.isoformat()}'"
    )
    connection.execute(f"CREATE TEMP TABLE stops (key {kind}, law VARCHAR)")
    if request.stops:
        connection.executemany(
            f"INSERT INTO stops SELECT TRY_CAST(? AS {kind}), ?", [list(stop) for stop in request.stops]
        )
    # Of whoever is left out nothing more is read, but for what the law asks of somebody's partner.
    stays = "NOT (deceased OR objection OR minor OR key IN (SELECT key FROM stops WHERE law = ''))"
    connection.execute(
        f"CREATE TEMP TABLE kept AS SELECT key FROM person WHERE {stays}"
        f" UNION SELECT partner FROM person WHERE partner IS NOT NULL AND {stays}"
    )
    row = connection.execute("SELECT count(*) FROM person").fetchone()
    return int(row[0]) if row else 0


def _birthday(request: ProactiveRequest) -> str:
    """Give the last day on which somebody can be born who is an adult on the day of the run."""
    return f"CAST(DATE '{request.on.isoformat()}' - INTERVAL {ADULT} YEAR AS DATE)"


def reason_query(law: str, *, is_shared: bool) -> str:
    """Give for everybody, with the partner, why they are not asked about for a law; null for whoever is asked about."""
    law = text(law)
    partner = ""
    branch = ""
    if is_shared:
        partner = f" LEFT JOIN uses v ON v.key = p.partner AND v.law = {law}"
        branch = " WHEN v.key IS NOT NULL THEN 'partner-using'"
    return (
        "SELECT p.key, p.partner, CASE WHEN p.deceased THEN 'deceased'"
        " WHEN p.objection OR o.key IS NOT NULL THEN 'objection' WHEN p.minor THEN 'minor'"
        f" WHEN u.key IS NOT NULL THEN 'using'{branch} END AS reason FROM person p"
        f" LEFT JOIN uses u ON u.key = p.key AND u.law = {law}{partner}"
        f" LEFT JOIN (SELECT DISTINCT key FROM stops WHERE law IN ('', {law})) o ON o.key = p.key"
    )
