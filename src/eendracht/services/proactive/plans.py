"""What each law of a run would read, judged before a cell is looked at: missing columns and grounds that fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kernel.rules.columns.refusals import NotCompiled
from eendracht.kernel.rules.grounds import NoGround, Use, require_ground
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.runs import Manifest, RunRequest, key_parameters, prepare_run
from eendracht.services.proactive.request import LawAsked, ProactiveRequest
from eendracht.services.proactive.tables import ASKED, Tables

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Plan:
    """What one law reads of each table, which article yields the amount, and how the law is called."""

    asked: LawAsked
    reads: Mapping[str, frozenset[str]]
    article: str
    title: str
    url: str
    is_shared: bool
    """Whether partners get it once together."""

    def columns_of(self, tables: Tables) -> list[str]:
        """Give the columns that say something of a person, as `table.column`."""
        return sorted(
            f"{table}.{column}" for table, columns in self.reads.items() for column in columns if column != tables.key
        )


def list_keys(library: Library, request: ProactiveRequest) -> list[str]:
    """Give the parameters of the laws that may say who is meant; a law that is not there has none."""
    found: dict[str, None] = {}
    for asked in request.laws:
        try:
            run = RunRequest(asked.law, (asked.output,), request.on, Path(), Path())
            found |= dict.fromkeys(key_parameters(library, run))
        except EendrachtError:
            continue
    return list(found)


def plan_law(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    request: ProactiveRequest,
    asked: LawAsked,
    shown: tuple[Path, Tables, Manifest],
    faults: list[Fault],
) -> Plan | None:
    """Compile one law over the tables that it is shown and judge its ground; appends every fault to the list."""
    folder, tables, manifest = shown
    place = f"/laws/{asked.law}"

    def allow(needed: Mapping[str, set[str]]) -> None:
        if not (request.is_synthetic or manifest.is_synthetic):
            require_ground(asked.ground, _use(library, request, asked, needed, tables, manifest))

    run = RunRequest(asked.law, (asked.output,), request.on, folder, request.out, subjects=tables.subjects)
    try:
        prepared = prepare_run(connection, library, run, allow)
    except (InvalidInput, NoGround) as error:
        faults += [
            Fault(f"{place}{_under(fault.pointer)}", fault.code, fault.nl, fault.en, fault.hint)
            for fault in error.faults
        ]
        return None
    except NotCompiled as error:
        faults.append(Fault(place, error.reason, error.detail, error.detail, error.hint))
        return None
    law = library.select(asked.law, request.on).regulation
    article = law.article_of(asked.output)
    number = article.number if article else ""
    reads: dict[str, set[str]] = {}
    for read in prepared.columns_read:
        table, _, column = read.partition(".")
        reads.setdefault(table, set()).add(column)
    frozen = {table: frozenset(columns) for table, columns in reads.items()}
    return Plan(
        asked, frozen, number, law.name, (article.url if article else "") or law.url, _is_shared(request, asked, reads)
    )


def _is_shared(request: ProactiveRequest, asked: LawAsked, reads: Mapping[str, set[str]]) -> bool:
    partner = request.registers.partner
    looks = any(partner in columns for columns in reads.values())
    return bool(partner) and (looks if asked.is_shared is None else asked.is_shared)


def _use(
    library: Library,
    request: ProactiveRequest,
    asked: LawAsked,
    needed: Mapping[str, set[str]],
    tables: Tables,
    manifest: Manifest,
) -> Use:
    """Give the use that a law makes: what it reads, who uses it already, and on whom care is needed."""
    law = library.select(asked.law, request.on).regulation
    registers = request.registers
    read = {*needed, registers.uptake, registers.table or tables.subjects}
    sources = tuple(sorted({manifest.sources.get(table, table) for table in read}))
    purpose = request.purpose or (asked.ground.purpose if asked.ground else "")
    return Use((law.id, law.name, law.bwb_id), purpose, request.controller, sources, request.on)


def _under(pointer: str) -> str:
    return pointer if pointer.startswith("/") else f"/{pointer}" if pointer else ""


def own_columns(tables: Tables, plan: Plan) -> list[str]:
    """Give what the table of who is asked about holds: the key, and by which law or day somebody is asked about."""
    read = plan.reads.get(tables.subjects, frozenset())
    groups = ("gemeente_code", "provincie_code", "waterschap_code", "calculation_date")
    return [tables.key, *(column for column in groups if column in read)]


def law_run(request: ProactiveRequest, plan: Plan, folder: Path, out: Path) -> RunRequest:
    """Give the run of one law over tables that were laid out for it."""
    asked = plan.asked
    return RunRequest(
        asked.law,
        (asked.output,),
        request.on,
        folder,
        out,
        ground=asked.ground,
        purpose=request.purpose or (asked.ground.purpose if asked.ground else ""),
        controller=request.controller,
        is_synthetic=request.is_synthetic,
        subjects=ASKED,
        memory_limit=request.memory_limit,
    )
