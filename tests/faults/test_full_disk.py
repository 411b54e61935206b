"""A full disk: a clear error, nothing acknowledged lost, and the node goes on when there is space again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.ledger.history import History
from eendracht.kernel.store import Store
from tests.faults.conftest import Volume
from tests.faults.node import (
    DATABASE,
    check_database,
    check_followers,
    check_signed,
    expected_body,
    open_node,
    prepared,
)

KIB = 1024


class Writing:
    """Somebody who goes on writing, indexing and signing until the disk refuses."""

    def __init__(self, store: Store, history: History, first: int = 0) -> None:
        self.store = store
        self.history = history
        self.bodies: dict[int, bytes | None] = {}
        self.signed = 0
        self.number = first
        self.doing = ""

    def step(self) -> None:
        """Write a few records, index, sign."""
        self.doing = "append"
        items = [prepared(self.number + n, expected=0) for n in range(5)]
        for item, written in zip(items, self.store.append(items, OPERATOR), strict=True):
            self.bodies[written.rv] = expected_body(item, written)
        self.number += 5
        self.doing = "catch_up"
        self.store.catch_up()
        self.doing = "sign"
        self.signed = self.history.sign().checkpoint.size

    def run_into_the_wall(self) -> StorageFailure:
        """Go on until the disk refuses; gives how it said so."""
        with pytest.raises(StorageFailure) as caught:
            for _ in range(10_000):
                self.step()
        return caught.value


def check(folder: Path, writing: Writing) -> None:
    """Fail unless what was acknowledged is on disk."""
    check_database(folder / DATABASE, writing.bodies)
    assert check_signed(folder) >= writing.signed


@pytest.mark.parametrize("left_kib", [0, *range(4, 120, 8), 300])
def test_full_disk(volume: Callable[[int], Volume], left_kib: int) -> None:
    disk = volume(12_000)
    with open_node(disk.path) as (store, history):
        writing = Writing(store, history)
        for _ in range(3):
            writing.step()
        disk.fill(left_kib * KIB)
        for _ in range(3):  # refused is refused, however often one tries
            refusal = writing.run_into_the_wall()
            assert refusal.hint
            assert "full" in f"{refusal} {refusal.hint}".lower() or "space" in f"{refusal} {refusal.hint}".lower()
        assert store.get("application:gm0114/a0", OPERATOR).body == writing.bodies[0]
        assert history.verify().holds
        disk.free()
        writing.number += 5  # an append that was refused in the index may be there already
        writing.step()
        assert history.verify().holds
        check(disk.path, writing)
    with open_node(disk.path) as (store, history):
        again = Writing(store, history, first=100_000)
        again.bodies = writing.bodies
        again.step()
        assert history.verify().holds
    check(disk.path, again)
    check_followers(disk.path / DATABASE)
    assert not list(disk.path.rglob("*.draft")) and not list(disk.path.rglob("staging"))


def test_every_step_meets_the_wall(volume: Callable[[int], Volume]) -> None:
    """The disk fills up while writing, while indexing and while signing: each says so and loses nothing."""
    met: Counter[str] = Counter()
    disk = volume(24_000)
    with open_node(disk.path) as (store, history):
        writing = Writing(store, history)
        for left_kib in range(0, 600, 12):
            disk.fill(left_kib * KIB)
            writing.run_into_the_wall()
            met[writing.doing] += 1
            disk.free()
            writing.number += 5
            assert history.verify().holds
    check(disk.path, writing)
    print(dict(met))
    assert set(met) == {"append", "catch_up", "sign"}


def test_disk_full_while_a_reader_keeps_the_log_from_shrinking(volume: Callable[[int], Volume]) -> None:
    """The write-ahead log grows as long as somebody reads an old state; full is an error then too, and passes."""
    disk = volume(6_000)
    with open_node(disk.path) as (store, history):
        writing = Writing(store, history)
        writing.step()
        with open_node(disk.path) as (other, _):
            reader = other.driver.reader()
            reader.execute("BEGIN")
            reader.query("SELECT size FROM log_head")
            writing.run_into_the_wall()
            assert (disk.path / f"{DATABASE}-wal").stat().st_size > 2_000 * KIB
            reader.execute("COMMIT")
        check(disk.path, writing)
        assert history.verify().holds
        disk.grow(24_000)
        writing.number += 5
        writing.step()
    check(disk.path, writing)
    assert not (disk.path / f"{DATABASE}-wal").exists()


def test_new_node_on_a_full_disk(volume: Callable[[int], Volume]) -> None:
    disk = volume(2_000)
    for left_kib in (0, 4, 40, 100):
        disk.fill(left_kib * KIB)
        with pytest.raises(StorageFailure) as caught, open_node(disk.path):
            pass
        assert caught.value.hint
        disk.free()
    with open_node(disk.path) as (store, history):
        Writing(store, history).step()
        assert history.verify().holds
