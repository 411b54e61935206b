"""A read-only disk: what is there can be read and verified, writing is refused clearly, and nothing changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.store import Query
from tests.conftest import ROOT
from tests.faults.conftest import Volume
from tests.faults.node import DATABASE, check_followers, expected_body, open_node, prepared

RECORDS = 300


def _make(folder: Path) -> dict[int, bytes | None]:
    with open_node(folder) as (store, history):
        items = [prepared(number, expected=0) for number in range(RECORDS)]
        written = store.append(items, OPERATOR)
        store.catch_up()
        history.sign()
        return {result.rv: expected_body(item, result) for item, result in zip(items, written, strict=True)}


def _contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _read_everything(folder: Path, bodies: dict[int, bytes | None]) -> None:
    with open_node(folder) as (store, history):
        assert {record.rv: record.body for record in store.changes(0, OPERATOR, 1_000)} == bodies
        assert store.get("application:gm0114/a7", OPERATOR).name == "Toepassing 7"
        assert len(store.find(Query(kind="application", limit=100), OPERATOR).records) == 100
        assert store.find(Query(text="toepassing 7"), OPERATOR).records[0].name == "Toepassing 7"
        assert len(store.incoming("component:gm0114/c3", OPERATOR)) == len(range(3, RECORDS, 7))
        assert sum(1 for _ in store.snapshot(OPERATOR)) == RECORDS
        assert history.last_checkpoint() is not None
        verification = history.verify()
        assert verification.holds and verification.signed == verification.entries == RECORDS
        assert history.prove_entry(5).leaf_hash


def _write_is_refused(folder: Path) -> None:
    with open_node(folder) as (store, history):
        for attempt in (
            lambda: store.append([prepared(1_000_000)], OPERATOR),
            lambda: store.erase([0], {"ground": "none"}),
            lambda: store.rename("application:gm0114/a7", "application:gm0114/renamed", OPERATOR),
            history.start_epoch,
        ):
            with pytest.raises(StorageFailure) as caught:
                attempt()
            assert "may not be written" in caught.value.hint


def test_node_that_was_closed_lies_on_a_read_only_disk(volume: Callable[[int], Volume]) -> None:
    disk = volume(20_000)
    bodies = _make(disk.path)
    before = _contents(disk.path)
    disk.set_read_only(True)
    _read_everything(disk.path, bodies)
    _write_is_refused(disk.path)
    assert _contents(disk.path) == before
    disk.set_read_only(False)
    with open_node(disk.path) as (store, history):
        store.append([prepared(1_000_000)], OPERATOR)
        store.catch_up()
        assert history.sign().checkpoint.size == RECORDS + 1
        assert history.verify().holds
    check_followers(disk.path / DATABASE)


def test_node_of_a_killed_process_lies_on_a_read_only_disk(volume: Callable[[int], Volume]) -> None:
    """The write-ahead log holds records that nobody can bring into the database here; they must not be passed over."""
    disk = volume(20_000)
    bodies = _make(disk.path)
    _leave_log_behind(disk.path)
    assert (disk.path / f"{DATABASE}-wal").stat().st_size > 0
    disk.set_read_only(True)
    with open_node(disk.path) as (store, history):
        assert store.size == RECORDS + 1
        assert history.verify().holds
    disk.set_read_only(False)
    (disk.path / f"{DATABASE}-shm").unlink()
    disk.set_read_only(True)
    with pytest.raises(StorageFailure) as caught, open_node(disk.path):
        pass
    assert "copy" in caught.value.hint
    disk.set_read_only(False)
    with open_node(disk.path) as (store, _):
        assert store.size == RECORDS + 1
        assert {record.rv: record.body for record in store.changes(0, OPERATOR, RECORDS)} == bodies


def _leave_log_behind(folder: Path) -> None:
    program = (
        "import os, signal; from pathlib import Path\n"
        "from tests.faults.node import *; from eendracht.kernel.access import OPERATOR\n"
        f"with open_node(Path({str(folder)!r})) as (store, history):\n"
        "    store.append([prepared(1_000_000)], OPERATOR); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": paths}, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o700, 0o644), (0o755, 0o600), (0o755, 0o644)])
def test_folder_of_somebody_else(folder_mode: int, file_mode: int) -> None:
    """A user without rights on the folder gets a clear refusal; `chmod` does not stop root, so another user tries."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to become somebody else")
    folder = Path(tempfile.mkdtemp())
    _make(folder)
    folder.chmod(folder_mode)
    (folder / DATABASE).chmod(file_mode)
    program = (
        "import os, sys; from pathlib import Path; from tests.faults.node import *\n"
        "from eendracht.kernel.errors import StorageFailure\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        f"    with open_node(Path({str(folder)!r})): pass\n"
        "except StorageFailure as error:\n"
        "    print(error, '|', error.hint)\n"
    )
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    shutil.rmtree(folder)
    assert done.stdout.startswith("eendracht.db: ")
    assert "may be written" in done.stdout or "may not be written" in done.stdout
