"""kill -9 at any moment of a bulk import: nothing acknowledged is lost, and the import goes on where it stopped."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.records import Record
from eendracht.kernel.store.append import Written
from tests.faults.importing import import_records
from tests.faults.node import (
    DATABASE,
    check_database,
    check_followers,
    check_signed,
    expected_body,
    open_node,
    prepared,
)

KILLS = 50
NODES = 5
TOTAL = 3_600
SEED = 20261123


@pytest.fixture(scope="module")
def fork_server() -> Any:
    """Give processes that start in milliseconds, because everything is imported once beforehand."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["pytest", "alembic.command", "alembic.autogenerate", "sqlalchemy.dialects.sqlite", "tests.faults.importing"]
    )
    return context


class Import:
    """One import process, and what it acknowledged so far."""

    def __init__(self, context: Any, folder: Path) -> None:
        self.reports, far_end = context.Pipe(duplex=False)
        self.process = context.Process(target=import_records, args=(folder, TOTAL, far_end), daemon=True)
        self.process.start()
        far_end.close()

    def kill_after(self, reports: int, seconds: float) -> list[tuple[Any, ...]]:
        """Kill it with SIGKILL so long after so many reports, and give all it reported."""
        heard: list[tuple[Any, ...]] = []
        try:
            while len(heard) < reports:
                heard.append(self.reports.recv())
        except EOFError:
            pass
        time.sleep(seconds)
        self.process.kill()
        self.process.join()
        return heard + _rest(self.reports)


def _rest(reports: Connection) -> list[tuple[Any, ...]]:
    rest = []
    try:
        while reports.poll():
            rest.append(reports.recv())
    except EOFError:
        pass
    return rest


def _moment(heard: list[tuple[Any, ...]]) -> str:
    if not heard:
        return "before it opened"
    if ("done",) in heard:
        return "after the end"
    return {"open": "before a record", "record": "in or after a batch", "signed": "after a checkpoint"}[heard[-1][0]]


class Promises:
    """What a node acknowledged over all its lives."""

    def __init__(self) -> None:
        self.bodies: dict[int, bytes | None] = {}
        self.signed = 0

    def take(self, heard: list[tuple[Any, ...]]) -> None:
        for report in heard:
            if report[0] == "record":
                written = Written(*report[2:])
                self.bodies[written.rv] = expected_body(prepared(report[1]), written)
            elif report[0] == "signed":
                self.signed = report[1]

    def check(self, folder: Path) -> None:
        """Fail unless the node keeps every promise, both as it lies there and after a start."""
        if self.bodies:
            check_database(folder / DATABASE, self.bodies)
        assert check_signed(folder) >= self.signed
        with open_node(folder) as (store, history):
            before = history.verify()
            assert before.holds and before.signed >= self.signed, before
            for rv, body in list(self.bodies.items())[:: max(1, len(self.bodies) // 20)]:
                assert store.changes(rv, OPERATOR, 1) == [Record(rv, body or b"")]
            store.catch_up()
            assert history.sign().checkpoint.size == store.size
            after = history.verify()
            assert after.holds and after.entries == after.signed == store.size
        assert check_signed(folder) == after.entries
        check_followers(folder / DATABASE)


@pytest.mark.slow
def test_kill_at_any_moment(tmp_path: Path, fork_server: Any) -> None:
    chance = random.Random(SEED)
    moments: Counter[str] = Counter()
    acknowledged = 0
    for number in range(NODES):
        folder = tmp_path / str(number)
        folder.mkdir()
        promises = Promises()
        for _ in range(KILLS // NODES):
            reports = chance.choice((0, 1, *range(41, 300, 40)))
            heard = Import(fork_server, folder).kill_after(reports, chance.uniform(0, 0.04))
            promises.take(heard)
            moments[_moment(heard)] += 1
            promises.check(folder)
        heard = Import(fork_server, folder).kill_after(TOTAL * 2, 0)
        assert heard[-1] == ("done",)
        promises.take(heard)
        promises.check(folder)
        with open_node(folder) as (store, _):
            rows = store.driver.reader().query("SELECT ref, generation FROM record")
        assert sorted(rows) == sorted((f"application:gm0114/a{item}", 1) for item in range(TOTAL))
        acknowledged += len(promises.bodies)
    print(f"{KILLS} kills {dict(moments)}, {acknowledged} records acknowledged")
    assert moments["in or after a batch"] >= KILLS // 5
    assert "after the end" not in moments
