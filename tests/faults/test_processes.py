"""Several processes on one database when one of them is slow, or dies where it hurts most."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.store import sqlite
from tests.faults.node import DATABASE, check_database, check_followers, expected_body, open_node, prepared

SPAWN = multiprocessing.get_context("spawn")
LONG = 6_000
"""More records than a reader takes from the database at once."""


def _die_with_the_lock(folder: Path, line: Connection) -> None:
    with open_node(folder) as (store, _), store.driver.writing() as connection:
        connection.execute("UPDATE log_head SET size = size + 1000000")
        connection.execute("DELETE FROM entry")
        line.send("locked")
        time.sleep(60)


def _die_while_signing(folder: Path, line: Connection) -> None:
    with open_node(folder) as (store, history):

        def half_way(_: object) -> None:
            history.tiles.extend(b"", start=history.tiles.size)
            line.send("locked")
            time.sleep(60)

        store.act(half_way)


@pytest.mark.parametrize("victim", [_die_with_the_lock, _die_while_signing])
def test_a_writer_killed_with_the_lock_stops_nobody(tmp_path: Path, victim: object) -> None:
    with open_node(tmp_path) as (store, history):
        first = prepared(0, expected=0)
        (written,) = store.append([first], OPERATOR)
        near, far = SPAWN.Pipe()
        process = SPAWN.Process(target=victim, args=(tmp_path, far))  # type: ignore[arg-type]
        process.start()
        assert near.poll(30) and near.recv() == "locked"
        assert store.get("application:gm0114/a0", OPERATOR).rv == 0, "readers do not wait for the lock"
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        begin = time.monotonic()
        second = prepared(1, expected=0)
        (later,) = store.append([second], OPERATOR)
        waited = time.monotonic() - begin
        process.join()
        assert waited < 2, f"{waited:.1f} s"
        assert later.rv == 1
        store.catch_up()
        history.sign()
        assert history.verify().holds
    bodies = {0: expected_body(first, written), 1: expected_body(second, later)}
    check_database(tmp_path / DATABASE, bodies)
    check_followers(tmp_path / DATABASE)


def _read_slowly(folder: Path, line: Connection) -> None:
    with open_node(folder) as (store, _):
        records = store.snapshot(OPERATOR)
        seen = [next(records).rv]
        line.send("reading")
        line.recv()
        seen += [record.rv for record in records]
        line.send(seen)
        line.send(store.size)


def test_a_long_read_sees_one_moment_while_others_write_and_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_CHECKPOINT_PAGES", 500)
    with open_node(tmp_path) as (store, history):
        store.append([prepared(number, 1, expected=0) for number in range(LONG)], OPERATOR)
        near, far = SPAWN.Pipe()
        process = SPAWN.Process(target=_read_slowly, args=(tmp_path, far))
        process.start()
        assert near.poll(30) and near.recv() == "reading"
        log = tmp_path / f"{DATABASE}-wal"
        for round_ in range(10):
            store.append([prepared(n, 1, round_ + 1) for n in range(round_ * 200, round_ * 200 + 200)], OPERATOR)
            store.append([prepared(LONG + round_ * 200 + n, 1, expected=0) for n in range(200)], OPERATOR)
            store.catch_up()
            history.sign()
            store.driver.reader().query("PRAGMA wal_checkpoint(PASSIVE)")
        near.send("go on")
        assert near.poll(30) and near.recv() == list(range(LONG)), "the old state, whole and nothing else"
        assert near.poll(30) and near.recv() == store.size == LONG + 4_000
        process.join()
        store.append([prepared(3 * LONG, 1)], OPERATOR)
        grown = log.stat().st_size
        for number in range(20):
            store.append([prepared(2 * LONG + number * 100 + n, 1) for n in range(100)], OPERATOR)
        assert log.stat().st_size <= grown, "the log starts over when nobody reads the old state"
        assert history.verify().holds


def test_a_thread_asks_on_while_it_reads_a_snapshot(tmp_path: Path) -> None:
    """Whoever walks over a snapshot may ask for what needs the index, and write; both see the present."""
    with open_node(tmp_path) as (store, _):
        store.append([prepared(number, 1, expected=0) for number in range(LONG)], OPERATOR)
        records = store.snapshot(OPERATOR)
        next(records)
        assert len(store.incoming("component:gm0114/c3", OPERATOR, limit=LONG)) == len(range(3, LONG, 7))
        store.append([prepared(LONG, 1, expected=0)], OPERATOR)
        assert store.size == LONG + 1
        assert sum(1 for _ in records) == LONG - 1
