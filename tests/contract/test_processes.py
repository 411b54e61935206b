"""Several processes on one database: they start at once, write at once, and a watcher misses nothing."""

from __future__ import annotations

import itertools
import multiprocessing
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.records import Record, prepare
from eendracht.kernel.store import Store, sqlite
from eendracht.kernel.store import postgres as postgres_module
from eendracht.kernel.store.append import EntryType
from tests.contract.engines import REGISTRY, Engine, draft

PROCESSES = 4
PUTS, BATCHES, BATCH = 60, 6, 40
SPAWN = multiprocessing.get_context("spawn")


def _write(engine: Engine, who: int, start: Barrier) -> float:
    """Write from two threads, alone and in batches, also to records that the others write; gives the longest wait."""
    longest = 0.0
    start.wait(60)
    with engine.open() as store:

        def put_one_by_one() -> None:
            nonlocal longest
            for n in range(PUTS):
                begin = time.monotonic()
                store.put(draft(f"application:gm0114/shared-{n % 10}", users=who), OPERATOR)
                longest = max(longest, time.monotonic() - begin)

        side = threading.Thread(target=put_one_by_one)
        side.start()
        for n in range(BATCHES):
            drafts = [
                draft(f"application:gm0114/p{who}-{n}-{m}", requires=[f"component:gm0114/c{m}"]) for m in range(BATCH)
            ]
            store.append([prepare(item, REGISTRY) for item in drafts], OPERATOR)
            store.catch_up()
        side.join()
    return longest


def _watch(store: Store, total: int) -> list[Record]:
    seen: list[Record] = []
    deadline = time.monotonic() + 60
    while len(seen) < total and time.monotonic() < deadline:
        since = seen[-1].rv + 1 if seen else 0
        store.wait_for_news(since, 0.05)
        seen += store.changes(since, OPERATOR, 50)
    return seen


def test_processes_write_at_once_and_a_watcher_misses_nothing(bare_engine: Engine) -> None:
    """Four processes make the tables, then write, all at once; positions are dense and times never go back."""
    total = PROCESSES * (PUTS + BATCHES * BATCH)
    with SPAWN.Manager() as manager, ProcessPoolExecutor(PROCESSES, SPAWN) as pool:
        start = manager.Barrier(PROCESSES)
        waits = [pool.submit(_write, bare_engine, who, start) for who in range(PROCESSES)]  # type: ignore[arg-type]
        with bare_engine.open() as store:
            seen = _watch(store, total)
            longest = [wait.result(60) for wait in waits]
            assert [record.rv for record in seen] == list(range(total))
            times = [record.data["recordedAt"] for record in seen]
            assert all(left <= right for left, right in itertools.pairwise(times))
            assert (store.size, len(store.changes(0, OPERATOR, total + 1))) == (total, total)
            for n in range(10):
                generations = [
                    record.generation for record in store.history(f"application:gm0114/shared-{n}", OPERATOR)
                ]
                assert generations == list(range(PROCESSES * PUTS // 10, 0, -1))
            reader = store.driver.reader()
            assert reader.query("SELECT count(*) FROM edge") == [(PROCESSES * BATCHES * BATCH,)]
            assert max(longest) < 20


def test_a_wait_for_the_log_head_is_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a process that holds the log head hears so in the end, and can write after it."""
    with engine.open() as holder, engine.open() as waiter:
        with holder.driver.writing():
            # Only for the waiter: PostgreSQL would end a holder that is idle for as long.
            monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.3)
            monkeypatch.setattr(postgres_module, "LOCK_TIMEOUT_S", 0.3)
            begin = time.monotonic()
            with pytest.raises(StorageFailure) as caught:
                waiter.put(draft("application:gm0114/a"), OPERATOR)
            assert time.monotonic() - begin < 5
            assert "stop it or wait" in caught.value.hint
            with pytest.raises(StorageFailure):
                waiter.note(EntryType.BATCH, {"root": "x"})
        assert waiter.put(draft("application:gm0114/a"), OPERATOR).rv == 0


def test_readers_do_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.open() as store:
        store.put(draft("application:gm0114/a"), OPERATOR)
        with engine.open() as other, other.driver.writing() as connection:
            connection.execute("UPDATE log_head SET size = 99 WHERE id = 1")
            assert (store.size, store.get("application:gm0114/a", OPERATOR).rv) == (1, 0)
            connection.execute("UPDATE log_head SET size = 1 WHERE id = 1")


def test_many_threads_get_what_they_wrote(engine: Engine) -> None:
    """Each of 64 threads sees its own write at once, and positions are handed out once."""
    written: list[int] = []
    with engine.open() as store:

        def work(n: int) -> None:
            ref = f"application:gm0114/t{n}"
            rv = store.put(draft(ref), OPERATOR).rv
            assert store.get(ref, OPERATOR).rv == rv
            written.append(rv)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(written) == list(range(64))


def test_connections_end_with_their_threads(engine: Engine) -> None:
    """A thread that is gone leaves no connection behind for long."""
    with engine.open() as store:
        connections: list[Any] = []
        for _ in range(40):
            thread = threading.Thread(target=lambda: connections.append(store.driver.reader()))
            thread.start()
            thread.join()
        for connection in connections[:-1]:
            with pytest.raises(Exception, match="closed"):
                connection.raw.execute("SELECT 1")
