"""A proactive run: who is entitled to what they do not use, over a population, in columns.

It is heavy: a server leaves it to a process of its own. People stay the pseudonyms of the population.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from eendracht.kernel.errors import Fault
from eendracht.kernel.private import make_private_folder
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.runs import Manifest, read_manifest, run_population
from eendracht.services.proactive import listing
from eendracht.services.proactive.people import gather_people, reason_query
from eendracht.services.proactive.plans import Plan, law_run, list_keys, own_columns, plan_law
from eendracht.services.proactive.request import (
    ProactiveRefused,
    ProactiveRequest,
    accountability_faults,
    law_faults,
)
from eendracht.services.proactive.results import LawCounts, ProactiveResult
from eendracht.services.proactive.risk import assess_risk
from eendracht.services.proactive.tables import (
    ASKED,
    Tables,
    copy_query,
    find_tables,
    laws_tables,
    lay_out,
    name,
    register_faults,
    text,
    write,
)

if TYPE_CHECKING:
    import duckdb

RANKING: Final = "ranking.parquet"
"""The list: a line for each person and law, the largest amounts first."""
OUTCOMES: Final = "outcomes.parquet"
"""What each pseudonym came to for each law."""
SUMMARY: Final = "summary.json"
Report = Callable[[str, int, int], None]


@dataclass(slots=True)
class _Ready:
    """A run that was judged: everything is there and allowed."""

    request: ProactiveRequest
    library: Library
    tables: Tables
    manifest: Manifest
    plans: list[Plan]
    folder: Path
    regulations: dict[str, str] = field(default_factory=dict)
    reads: dict[str, set[str]] = field(default_factory=dict)

    @property
    def is_synthetic(self) -> bool:
        """Whether the people are made up."""
        return self.request.is_synthetic or self.manifest.is_synthetic


def run_proactive(
    library: Library,
    request: ProactiveRequest,
    report: Report = lambda *_: None,
    *,
    begin: Callable[[], None] = lambda: None,
    faults: Sequence[Fault] = (),
) -> ProactiveResult:
    """Find who is entitled and does not use it; writes the list and the outcomes in the folder `out`.

    `begin` is called once the run was judged, before facts are read; `faults` are those that were found beforehand.
    Raises ProactiveRefused with every fault: nothing was read of anybody then but keys and whether columns are there.
    """
    from eendracht.kernel.rules.columns import duck

    started = time.monotonic()
    report("prepare", 0, 0)
    make_private_folder(request.out)
    work = request.out / ".work"
    shutil.rmtree(work, ignore_errors=True)
    make_private_folder(work)
    try:
        with duck.working(request.memory_limit, folder=work) as connection:
            ready = _judge(connection, library, request, work, faults)
            begin()
            result = _carry_out(connection, ready, report)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    result = replace(result, seconds=time.monotonic() - started)
    _write_summary(request.out / SUMMARY, result)
    return result


def _write_summary(path: Path, result: ProactiveResult) -> None:
    path.touch(0o600)
    path.chmod(0o600)
    path.write_bytes(orjson.dumps(result.as_dict(), option=orjson.OPT_INDENT_2))


def _judge(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    request: ProactiveRequest,
    folder: Path,
    found: Sequence[Fault],
) -> _Ready:
    """Compile every law and hear every fault; nothing of anybody is read but which keys there are."""
    manifest = read_manifest(request.population) if request.population.exists() else Manifest()
    known = replace(request, is_synthetic=request.is_synthetic or manifest.is_synthetic)
    faults: list[Fault] = [*found, *accountability_faults(known), *law_faults(request, library)]
    tables = find_tables(connection, request, list_keys(library, request), faults)
    plans: list[Plan] = []
    if tables is not None:
        faults += register_faults(tables, request)
        shown = laws_tables(tables, request)
        lay_out(folder / "judged", shown, sources=manifest.sources, is_synthetic=manifest.is_synthetic)
        for asked in request.laws:
            if any(fault.pointer == f"/laws/{request.laws.index(asked)}" for fault in faults):
                continue
            at = (folder / "judged", shown, manifest)
            plan = plan_law(connection, library, known, asked, at, faults)
            plans += [plan] if plan else []
        if not faults:
            faults += listing.stranger_faults(connection, tables, request)
    if faults or tables is None:
        raise ProactiveRefused(f"The run has {len(faults)} fault(s)", faults=faults)
    return _Ready(known, library, tables, manifest, plans, folder)


def _carry_out(connection: duckdb.DuckDBPyConnection, ready: _Ready, report: Report) -> ProactiveResult:
    request, tables = ready.request, ready.tables
    people, key = gather_people(connection, tables, request), name(tables.key)
    copied = _copy_facts(connection, ready)
    for at, plan in enumerate(ready.plans):
        report("run", at, len(ready.plans))
        connection.execute(
            f"CREATE TEMP TABLE reason_{at} AS {reason_query(plan.asked.name, is_shared=plan.is_shared)}"
        )
        own = ", ".join(f"t.{name(column)}" for column in own_columns(tables, plan))
        asked = f"SELECT {own} FROM {copied.source(tables.subjects)} t JOIN reason_{at} r ON r.key = t.{key} WHERE"
        asked += " r.reason IS NULL"
        _run_law(connection, ready, copied, at, asked)
        listing.judge_outcomes(connection, at, plan, request, tables, ready.folder / f"law_{at}.parquet")
        assess_risk(connection, ready.library, request, plan, at, copied, ready.folder)
    report("list", 0, 0)
    lines = listing.write_ranking(connection, ready.plans, request, tables, copied, request.out / RANKING)
    outcomes = listing.write_outcomes(connection, ready.plans, request.out / OUTCOMES)
    assert outcomes == people
    with (request.out / OUTCOMES).open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    counts = [_counts(connection, ready, at, plan) for at, plan in enumerate(ready.plans)]
    return ProactiveResult(
        people,
        counts,
        lines,
        listing.count_handled(connection, request.out / RANKING),
        _columns_read(ready),
        ready.regulations,
        digest,
        0.0,
        ready.is_synthetic,
    )


def _copy_facts(connection: duckdb.DuckDBPyConnection, ready: _Ready) -> Tables:
    """Copy what the plans read, and nothing else."""
    tables, request = ready.tables, ready.request
    for plan in ready.plans:
        for table, columns in plan.reads.items():
            ready.reads.setdefault(table, set()).update(columns)
    ready.reads.setdefault(tables.subjects, set()).add(tables.key)
    # Who is whose partner is asked anyway; whether an income is an estimate only where somebody says so.
    for column in filter(None, (request.registers.partner, request.estimate_flag)):
        if column in tables.columns[tables.subjects]:
            ready.reads[tables.subjects].add(column)
    files: dict[str, Path] = {}
    facts = ready.folder / "facts"
    make_private_folder(facts)
    for table, wanted in ready.reads.items():
        files[table] = facts / f"{table}.parquet"
        own = {tables.key} if tables.key in tables.columns[table] else set()
        write(connection, copy_query(tables, table, wanted | own), files[table])
    types = {
        table: {
            str(row[0]): str(row[1])
            for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet({text(str(file))})").fetchall()
        }
        for table, file in files.items()
    }
    return Tables(files, types, tables.subjects, tables.key)


def _run_law(connection: duckdb.DuckDBPyConnection, ready: _Ready, copied: Tables, at: int, asked: str) -> None:
    """Run one law for who may be asked about."""
    request, plan, folder = ready.request, ready.plans[at], ready.folder / f"population_{at}"
    sources = {**ready.manifest.sources}
    sources[ASKED] = sources.get(copied.subjects, copied.subjects)
    lay_out(folder, copied, sources=sources, is_synthetic=ready.is_synthetic)
    write(connection, asked, folder / f"{ASKED}.parquet")
    result = run_population(ready.library, law_run(request, plan, folder, ready.folder / f"law_{at}.parquet"))
    ready.regulations |= result.regulations


def _counts(connection: duckdb.DuckDBPyConnection, ready: _Ready, at: int, plan: Plan) -> LawCounts:
    reasons, unused = listing.count_reasons(connection, at)
    law = plan.asked.law
    return LawCounts(law, plan.title, plan.article, plan.url, reasons, unused, plan.columns_of(ready.tables))


def _columns_read(ready: _Ready) -> list[str]:
    """Give every column that was read: those of the plans, and those by which people are left out or cared for."""
    tables, registers = ready.tables, ready.request.registers
    place = registers.table or tables.subjects
    plans = {f"{table}.{column}" for table, columns in ready.reads.items() for column in columns}
    care = {f"{place}.{column}" for column in (tables.key, *registers.columns)}
    uptake = {f"{registers.uptake}.{column}" for column in (tables.key, registers.uptake_law, registers.uptake_until)}
    return sorted(plans | care | uptake)


__all__ = ["OUTCOMES", "RANKING", "SUMMARY", "run_proactive"]
