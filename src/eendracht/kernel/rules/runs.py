"""A run over a population: what is asked, on which ground, and what came of it in counts.

It is heavy: a server leaves it to a process of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from eendracht.kernel.errors import Fault, InvalidInput, UsageFault
from eendracht.kernel.rules.grounds import Ground, Use, require_ground
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Mode

if TYPE_CHECKING:
    import duckdb

    from eendracht.kernel.rules import ir
    from eendracht.kernel.rules.columns.duck import Allow, Run
    from eendracht.kernel.rules.columns.lax_population import LaxRun

MANIFEST = "population.json"
"""Beside the tables of a folder: whether they are synthetic, and from which dataset each comes."""

Report = Callable[[str, int, int], None]
"""Told the stage, and how far it is of how much."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is asked: outputs of a law on a date for a population, on which ground, for which purpose and controller.

    A population that says that it is synthetic needs no ground. `memory_limit` is as DuckDB writes it (`6GiB`).
    `service` names the body whose version of the law is meant (service-based format).
    """

    law: str
    outputs: tuple[str, ...]
    on: date
    population: Path
    out: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    ground: Ground | None = None
    purpose: str = ""
    controller: str = ""
    is_synthetic: bool = False
    subjects: str = ""
    mode: Mode = "propagate"
    memory_limit: str = ""
    threads: int = 0
    service: str = ""
    engine: Literal["duckdb", "spark"] = "duckdb"
    database: str = ""
    """Address of a PostgreSQL database whose tables are the population, in place of files."""


@dataclass(frozen=True, slots=True)
class OutputCounts:
    """What an output came to for everyone: how many have each status, and of numbers and truth values the sum."""

    statuses: Mapping[str, int]
    unit: str = ""
    total: str = ""
    smallest: str = ""
    largest: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Give the counts as plain data; numbers are decimal text."""
        return {
            "statuses": dict(self.statuses),
            "unit": self.unit,
            "total": self.total,
            "min": self.smallest,
            "max": self.largest,
        }


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run gave, in counts; the rows lie in the file, for their owner only."""

    rows: int
    outputs: Mapping[str, OutputCounts]
    columns_read: Sequence[str]
    regulations: Mapping[str, str]
    seconds: float
    is_synthetic: bool

    def as_dict(self) -> dict[str, Any]:
        """Give the result as plain data."""
        return {
            "rows": self.rows,
            "outputs": {name: counts.as_dict() for name, counts in self.outputs.items()},
            "columnsRead": list(self.columns_read),
            "regulations": dict(self.regulations),
            "seconds": round(self.seconds, 3),
            "isSynthetic": self.is_synthetic,
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a population says of itself."""

    is_synthetic: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)


def read_manifest(population: Path) -> Manifest:
    """Read what stands beside the tables; an absent file says nothing. Raises InvalidInput."""
    path = population / MANIFEST if population.is_dir() else population.with_name(f"{population.stem}.{MANIFEST}")
    if not path.is_file():
        return Manifest()
    try:
        document = orjson.loads(path.read_bytes())
        return Manifest(
            document.get("synthetic") is True, {str(k): str(v) for k, v in document.get("sources", {}).items()}
        )
    except (orjson.JSONDecodeError, AttributeError) as error:
        fault = Fault(path.name, "malformed-manifest", "Dit is geen geldige JSON", "This is not a valid manifest", "")
        raise InvalidInput("The population cannot be used", faults=[fault]) from error


def run_population(library: Library, request: RunRequest, report: Report = lambda *_: None) -> RunResult:
    """Run outputs of a law for everyone in a population and write them beside their keys.

    Apart from whether keys repeat, nothing is read before the columns fit and the ground covers each source that the
    plan reads. The result is there whole or not at all.

    Raises InvalidInput, NoGround, NoSuchRule, NotCompiled, StorageFailure.
    """
    from eendracht.kernel.rules.columns import duck

    started = time.monotonic()
    report("prepare", 0, 0)
    with duck.working(request.memory_limit, request.threads, request.out.parent) as connection:
        run, is_synthetic = prepare_population_run(connection, library, request)
        report("run", 0, 0)
        if request.engine == "spark":
            from eendracht.kernel.rules.columns.spark import run_spark

            if not isinstance(run, duck.Run):
                raise UsageFault("The service-based format does not run on Spark", hint="Choose duckdb.")
            rows = run_spark(run, request.out)
        else:
            rows = duck.write_result(connection, run, request.out)
        report("count", rows, rows)
        units = {name: field.unit if field else "" for name, field in run.fields.items()}
        with duck.reading_result(connection, request.out) as source:
            counts = {name: _count(connection, source, name, units[name]) for name in request.outputs}
    return RunResult(
        rows,
        counts,
        run.columns_read,
        {f"{law.id}@{law.valid_from or '-'}": law.sha256 for law in run.used.values()},
        time.monotonic() - started,
        is_synthetic,
    )


def prepare_population_run(
    connection: duckdb.DuckDBPyConnection, library: Library, request: RunRequest
) -> tuple[Run | LaxRun, bool]:
    """Compile a request and judge its ground; gives the run, and whether its population is synthetic."""
    manifest = Manifest() if request.database else read_manifest(request.population)
    is_synthetic = request.is_synthetic or manifest.is_synthetic

    def allow(needed: Mapping[str, set[str]]) -> None:
        if not is_synthetic:
            _require(needed, manifest, library, request)

    return prepare_run(connection, library, request, allow), is_synthetic


def prepare_run(
    connection: duckdb.DuckDBPyConnection, library: Library, request: RunRequest, allow: Allow = lambda _: None
) -> Run | LaxRun:
    """Compile a request in the dialect of its law; raises InvalidInput, NoSuchRule, NotCompiled, and as `allow`."""
    from eendracht.kernel.rules.columns import duck

    keys = key_parameters(library, request)
    asked = (request.law, request.outputs, request.on)
    is_lax = _regulation(library, request).dialect == "lax"
    if request.database and (is_lax or request.engine == "spark"):
        raise UsageFault("This law or engine reads files, not a database", hint="Give the population as Parquet files.")
    if is_lax:
        from eendracht.kernel.rules.columns import lax_population as lax

        tables = lax.open_lax_population(connection, request.population, keys, request.subjects)
        with lax.refusals_told():
            lax.allow_lax_run(library, *asked, tables, request.parameters, request.service, allow)
            return lax.prepare_lax_run(connection, library, *asked, tables, request.parameters, request.service)
    if request.database:
        tables = duck.open_postgres(request.database, keys, request.subjects)
    else:
        tables = duck.open_population(connection, request.population, keys, request.subjects)
    return duck.prepare_run(connection, library, *asked, tables, request.parameters, request.mode, allow)


def write_sql(library: Library, request: RunRequest, dialect: str = "duckdb") -> str:
    """Give the query of a request for a population that is not there yet, as text; raises NoSuchRule, NotCompiled."""
    from eendracht.kernel.rules.columns import duck
    from eendracht.kernel.rules.columns.assumed import assume_population

    asked = (request.law, request.outputs, request.on)
    if _regulation(library, request).dialect == "lax":
        from eendracht.kernel.rules.columns.lax_assumed import assume_lax_run
        from eendracht.kernel.rules.columns.lax_population import refusals_told

        with refusals_told():
            run = assume_lax_run(library, *asked, dict(request.parameters), request.service)
        return run.query.sql(dialect, pretty=True)
    tables = assume_population(library, key_parameters(library, request))
    return duck.write_sql(library, *asked, tables, request.parameters, dialect)


def key_parameters(library: Library, request: RunRequest) -> list[str]:
    """Give the parameters of the articles asked that may say who is meant, in their order."""
    regulation = _regulation(library, request)
    found: dict[str, None] = {}
    for output in request.outputs:
        article = regulation.article_of(output)
        for name in article.parameters if article else ():
            if name not in request.parameters:
                found[name] = None
    return list(found)


def _regulation(library: Library, request: RunRequest) -> ir.Regulation:
    return library.select(request.law, request.on, request.parameters, request.service).regulation


def _require(needed: Iterable[str], manifest: Manifest, library: Library, request: RunRequest) -> None:
    sources = tuple(sorted(manifest.sources.get(table, table) for table in needed))
    law = _regulation(library, request)
    names = (law.id, law.name, law.bwb_id)
    require_ground(request.ground, Use(names, request.purpose, request.controller, sources, request.on))


def _count(connection: duckdb.DuckDBPyConnection, source: str, name: str, unit: str) -> OutputCounts:
    quoted, status = f'"{name}"', f'"{name}_status"'
    rows = connection.execute(f"SELECT {status}, count(*) FROM {source} GROUP BY 1 ORDER BY 1").fetchall()
    kind = connection.execute(f"DESCRIBE SELECT {quoted} FROM {source}").fetchall()[0][1]
    statuses = {str(word): int(count) for word, count in rows}
    if kind == "BOOLEAN":
        row = connection.execute(f"SELECT count(*) FILTER ({quoted}) FROM {source}").fetchone()
        return OutputCounts(statuses, unit, str(row[0] if row else 0))
    if kind in ("BIGINT", "HUGEINT", "INTEGER") or kind.startswith("DECIMAL"):
        row = connection.execute(
            f"SELECT coalesce(sum({quoted}), 0), min({quoted}), max({quoted}) FROM {source}"
        ).fetchone()
        assert row is not None
        return OutputCounts(statuses, unit, *("" if item is None else str(item) for item in row))
    return OutputCounts(statuses, unit)
