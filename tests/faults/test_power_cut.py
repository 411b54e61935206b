"""A power cut before every sync of 1,000 transactions: nothing acknowledged is lost, and the history proves itself.

A process with `disk_log` preloaded does the transactions; what the disk would hold at each sync is made from its log.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import EendrachtError
from tests.conftest import ROOT
from tests.faults.disk import Disk
from tests.faults.node import DATABASE, check_database, check_followers, check_signed, open_node, prepared
from tests.faults.transactions import ACKNOWLEDGEMENTS

TRANSACTIONS = 1_000
SEED = 20261123
GO_ON_EVERY = 25
"""At every so many points the node also goes on: it indexes, writes and signs."""


@pytest.fixture(scope="module")
def disk_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the library that logs what a process does to its files, compiled for this machine."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("shim") / "disk_log.so"
    source = Path(__file__).with_name("disk_log.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread"], check=True)
    return library


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """Give a folder in memory where there is one: what is tested is made thousands of times."""
    shared_memory = Path("/dev/shm")
    if not os.access(shared_memory, os.W_OK):
        yield tmp_path
        return
    folder = shared_memory / f"eendracht-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


Run = Callable[..., Path]


@pytest.fixture
def run(disk_log: Path, memory: Path) -> Run:
    """Give a function that runs transactions on the node in a folder and gives the log of its files."""

    def carry_out(folder: Path, count: int, mode: str = "", die_at: int | None = None) -> Path:
        log = memory / f"{folder.name}.{mode or 'log'}"
        folder.mkdir(exist_ok=True)
        places = {"DISK_ROOT": str(folder.resolve()), "DISK_LOG": str(log), "LD_PRELOAD": str(disk_log)}
        places["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        if die_at is not None:
            places["DISK_DIE_AT"] = str(die_at)
        command = [sys.executable, "-m", "tests.faults.transactions", str(folder), str(count), mode]
        done = subprocess.run(command, env=os.environ | places, check=False)
        assert done.returncode == (0 if die_at is None else -9)
        return log

    return carry_out


class Promises:
    """What the node acknowledged up to a moment."""

    def __init__(self) -> None:
        self.bodies: dict[int, bytes | None] = {}
        self.being_erased: set[int] = set()
        self.signed = 0
        self.least_size = 0

    def listen(self, path: str, data: bytes) -> bool:
        """Take in what is written to the file of acknowledgements."""
        if path != ACKNOWLEDGEMENTS:
            return False
        self.take(json.loads(data))
        return True

    def take(self, fact: dict[str, Any]) -> None:
        """Take in one acknowledgement."""
        self.signed = fact.get("signed", self.signed)
        self.least_size = max(self.least_size, fact.get("noted", -1) + 1, fact.get("size", 0), self.signed)
        if "rv" in fact:
            self.bodies[fact["rv"]] = fact["body"].encode()
        if "erasing" in fact:
            self.being_erased.add(fact["erasing"])
        if "erased" in fact:
            self.being_erased.remove(fact["erased"])
            self.bodies[fact["erased"]] = None

    def check(self, folder: Path) -> None:
        """Fail unless what is left in the folder keeps every promise."""
        if not self.bodies:
            with open_node(folder) as (store, history):
                assert history.verify().holds
            return
        with open_node(folder) as (store, history):
            verification = history.verify()
            assert verification.holds, verification
            assert verification.signed >= self.signed
            assert verification.entries == store.size >= self.least_size
        check_database(folder / DATABASE, self.bodies, self.being_erased)

    def go_on(self, folder: Path, number: int) -> None:
        """Fail unless the node can index, write and sign after what happened."""
        with open_node(folder) as (store, history):
            store.catch_up()
            store.append([prepared(1_000_000 + number, expected=0)], OPERATOR)
            store.catch_up()
            assert history.sign().checkpoint.size == store.size
            assert history.verify().holds
        check_followers(folder / DATABASE, self.being_erased)
        check_signed(folder)


def cut_at_every_sync(log: Path, disk: Disk, promises: Promises, target: Path) -> tuple[int, Counter[str]]:
    """Check what is left at each sync when all is lost, and when some is kept; gives how many states, and of what."""
    chance = random.Random(SEED)
    states = 0
    synced: Counter[str] = Counter()
    for path in disk.replay(log):
        synced["".join("#" if sign.isdigit() else sign for sign in path)] += 1
        for leave in (disk.leave_synced, chance.choice((disk.leave_prefix, disk.leave_sectors))):
            leave(target, *(() if leave == disk.leave_synced else (chance,)))
            try:
                promises.check(target)
                if disk.syncs % GO_ON_EVERY == 0:
                    promises.go_on(target, disk.syncs)
            except Exception as error:
                error.add_note(f"before sync {disk.syncs} of {path}, {leave.__name__}")
                raise
            states += 1
    return states, synced


@pytest.mark.slow
def test_power_cut_at_every_sync(run: Run, memory: Path) -> None:
    folder = memory / "node"
    log = run(folder, TRANSACTIONS)
    promises = Promises()
    disk = Disk(promises.listen)
    begin = time.monotonic()
    states, synced = cut_at_every_sync(log, disk, promises, memory / "left")
    seconds = time.monotonic() - begin
    print(f"{TRANSACTIONS} transactions, {disk.syncs} syncs, {states} states in {seconds:.0f} s, seed {SEED}; {synced}")
    assert disk.syncs >= TRANSACTIONS
    assert promises.signed > 0
    # The shim missed no change: what was replayed is what the process left behind.
    disk.leave_seen(memory / "left")
    (folder / ACKNOWLEDGEMENTS).unlink()
    (memory / "left" / ACKNOWLEDGEMENTS).unlink()
    left, real = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in (memory / "left", folder)
    )
    assert left == real


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["without-sync", "without-ledger-sync"])
def test_the_test_finds_a_missing_sync(run: Run, memory: Path, mode: str) -> None:
    """The control: where the database or the ledger is not synced, the same checks must fail."""
    log = run(memory / "node", 120, mode)
    promises = Promises()
    disk = Disk(promises.listen)
    lost = 0
    for _ in disk.replay(log):
        disk.leave_synced(memory / "left")
        try:
            promises.check(memory / "left")
        except (AssertionError, EendrachtError, sqlite3.Error):
            lost += 1
    print(f"{mode}: {lost} of {disk.syncs} states broken")
    assert lost > 0


@pytest.mark.slow
@pytest.mark.parametrize("behind", range(1, 7))
def test_a_killed_process_and_then_a_power_cut(run: Run, memory: Path, behind: int) -> None:
    """What a killed process wrote and had not synced, and the next one signs, must be safe before the signature is."""
    folder = memory / "node"
    whole = Disk()
    for _ in whole.replay(run(memory / "whole", 12)):
        pass
    first = run(folder, 12, die_at=whole.syncs - behind)
    promises = Promises()
    disk = Disk(promises.listen)
    for _ in disk.replay(first):
        pass
    states, _ = cut_at_every_sync(run(folder, 0, "sign"), disk, promises, memory / "left")
    assert promises.signed > 0 and states > 0
    disk.leave_synced(memory / "left")
    promises.check(memory / "left")
