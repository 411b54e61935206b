"""Store: writing, reading, searching and counting, on SQLite and on PostgreSQL beside it."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, create_engine, insert

from eendracht.bootstrap import registry
from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, parse_roles
from eendracht.kernel.records import prepare
from eendracht.kernel.search import PostgresTextIndex, SqliteTextIndex
from eendracht.kernel.store import Query, Store, load
from eendracht.kernel.store.postgres import PostgresDriver
from eendracht.kernel.store.sqlite import SqliteDriver
from tests.bench.estate_drafts import VOCABULARY, make_drafts
from tests.bench.rows import RUNS, Row, measure_syncs
from tests.postgres_server import PostgresServer, find_binaries

SINGLES, THREADS, EACH, BULK, LARGE = 1_000, 64, 100, 20_000, 100_000
QUESTIONS = 200
SEED = 1


def measure() -> list[Row]:
    """Measure SQLite with its bars, then PostgreSQL without."""
    with tempfile.TemporaryDirectory(prefix="eendracht-bench-") as folder:
        path = Path(folder)
        syncs = measure_syncs(path)
        number = iter(range(10_000))

        def fresh() -> Store:
            return Store(SqliteDriver(path / f"{next(number)}.db"), registry(), SqliteTextIndex())

        rows = _measure_engine("SQLite", fresh, f"FULL, {syncs:.0f} fdatasync/s", True)
        rows += _measure_large(fresh())
        rows += _measure_floor(path)
    return rows + _measure_postgres()


def _measure_engine(engine: str, fresh: Callable[[], Store], state: str, barred: bool) -> list[Row]:
    singles, crowds, bulks, gets, feeds = [], [], [], [], []
    for run in range(RUNS):
        drafts = list(make_drafts(BULK, SEED + run))
        alone, shares = list(make_drafts(SINGLES, 1_001)), _make_shares()
        with fresh() as store:
            singles.append(_rate(SINGLES, partial(_put_each, store, alone)))
            crowds.append(_rate(THREADS * EACH, partial(_put_crowd, store, shares)))
            # What was put before is no part of the bulk.
            store.catch_up()
            bulks.append(_rate(BULK, partial(load, store, drafts)))
            gets.append(_rate(BULK, partial(_get_each, store, [draft["ref"] for draft in drafts])))
            feeds.append(_rate(store.size, partial(_read_feed, store)))
    setting = f"1.5 kB, 5 relations, seed {SEED}, {state}"

    def row(name: str, values: list[float], n: int, bar: float) -> Row:
        return Row(f"{engine}: {name}", statistics.median(values), "/s", n, setting, bar=bar if barred else None)

    return [
        row("put, one client", singles, SINGLES, 800),
        row("put, 64 threads", crowds, THREADS * EACH, 4_000),
        row("bulk, with edges and words caught up", bulks, BULK, 12_000),
        row("get by ref", gets, BULK, 10_000),
        row("feed, pages of 500", feeds, SINGLES + THREADS * EACH + BULK, 100_000),
    ]


def _rate(count: int, action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return count / (time.perf_counter() - started)


def _make_shares() -> list[list[dict[str, Any]]]:
    shares = [list(make_drafts(EACH, 2_000 + thread)) for thread in range(THREADS)]
    for thread, share in enumerate(shares):
        for draft in share:
            draft["ref"] += f"-{thread}"
    return shares


def _put_each(store: Store, drafts: list[dict[str, Any]]) -> None:
    for draft in drafts:
        store.put(draft, OPERATOR)


def _put_crowd(store: Store, shares: list[list[dict[str, Any]]]) -> None:
    threads = [threading.Thread(target=_put_each, args=(store, share)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _get_each(store: Store, refs: list[str]) -> None:
    for ref in refs:
        store.get(ref, OPERATOR)


def _read_feed(store: Store) -> None:
    since = 0
    while page := store.changes(since, OPERATOR, 500):
        since = page[-1].rv + 1


def _measure_large(store: Store) -> list[Row]:
    load(store, make_drafts(LARGE, SEED))
    askers = [
        PUBLIC,
        *(Principal(f"p{n}", parse_roles([f"reader@organisation:gm{n * 20:04d}"])) for n in range(19)),
    ]
    with store:
        queries = [
            Query(text=text, kind=kind)
            for text in ("", *VOCABULARY[:40:4], *VOCABULARY[200:1200:100], f"{VOCABULARY[3]} {VOCABULARY[90]}")
            for kind in ("", "application")
        ]
        asked = [(queries[at % len(queries)], askers[at % len(askers)]) for at in range(QUESTIONS)]
        for query, asker in asked[:20]:
            store.search(query, asker)
        pages = [_seconds(partial(store.find, query, asker)) for query, asker in asked]
        searches = [_seconds(partial(store.search, query, asker)) for query, asker in asked]
        facets = [_seconds(partial(store.facets, query, asker)) for query, asker in asked]
    setting = f"{LARGE:,} records, {len(queries)} queries with and without text, {len(askers)} principals, warm"
    return [
        Row(name, 1000 * statistics.quantiles(values, n=20)[18], "ms", QUESTIONS, setting, "lower", 100, runs=QUESTIONS)
        for name, values in (
            ("SQLite: ranked page, p95", pages),
            ("SQLite: facets, p95", facets),
            ("SQLite: page and facets together, p95", searches),
        )
    ]


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _measure_floor(path: Path) -> list[Row]:
    kinds = registry()
    bodies = [
        prepare(draft, kinds).finish("0190", 1, "2026-01-01T00:00:00.000000Z", b'"x"') for draft in make_drafts(BULK, 9)
    ]
    raw = [_rate(BULK, partial(_insert_raw, path / f"floor{run}.db", bodies)) for run in range(RUNS)]
    core = [_rate(BULK, partial(_insert_core, path / f"core{run}.db", bodies)) for run in range(RUNS)]
    setting = "the same bytes in one table without index, salt, validation or words, 2,000 a commit"
    return [
        Row("floor: stdlib sqlite3", statistics.median(raw), "/s", BULK, f"{setting}, FULL"),
        Row("floor: SQLAlchemy Core", statistics.median(core), "/s", BULK, setting),
    ]


def _insert_raw(path: Path, bodies: list[bytes]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE entry (rv INTEGER PRIMARY KEY, kind TEXT, body BLOB)")
    for first in range(0, BULK, 2_000):
        connection.execute("BEGIN")
        rows = [(body,) for body in bodies[first : first + 2_000]]
        connection.executemany("INSERT INTO entry (kind, body) VALUES ('x', ?)", rows)
        connection.execute("COMMIT")
    connection.close()


def _insert_core(path: Path, bodies: list[bytes]) -> None:
    engine = create_engine(f"sqlite:///{path}")
    key = Column("rv", Integer, primary_key=True)
    table = Table("entry", MetaData(), key, Column("kind", Text), Column("body", LargeBinary))
    table.metadata.create_all(engine)
    for first in range(0, BULK, 2_000):
        with engine.begin() as opened:
            opened.execute(insert(table), [{"kind": "x", "body": body} for body in bodies[first : first + 2_000]])
    engine.dispose()


def _measure_postgres() -> list[Row]:
    binaries = find_binaries()
    if binaries is None:
        return []
    with _databases(binaries) as fresh:
        return _measure_engine("PostgreSQL", fresh, "fsync on, Unix socket", False)


@contextmanager
def _databases(binaries: Path) -> Iterator[Callable[[], Store]]:
    with PostgresServer(binaries, fsync=True) as server:
        number = iter(range(10_000))

        def fresh() -> Store:
            dsn = server.create_database(f"bench{next(number)}")
            return Store(PostgresDriver(dsn), registry(), PostgresTextIndex())

        yield fresh
