"""Tiles on disk: layout, proofs, resumption, and everything that can go wrong with a disk or a process."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.errors import LedgerBroken, NotFound, StorageFailure, UsageFault
from eendracht.kernel.ledger.tiles import TileDirectory, parse_tile_path, tile_path
from eendracht.kernel.ledger.tree import EMPTY_ROOT, perfect_root, root_hash, verify_consistency, verify_inclusion
from tests.kernel.ledger import reference

LEAVES = reference.leaves(70_000)
SOURCE = str(Path(__file__).parents[3] / "src")


def files(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in (directory / "tile").rglob("*") if path.is_file()}


def corrupt(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at * 32] ^= 1
    path.write_bytes(content)


# The paths, the widths at 70,000 and those at 256 are the examples in the text of C2SP tlog-tiles.
def test_path_of_the_example_in_the_specification() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(0, 273, 112) == "tile/0/273.p/112"
    assert tile_path(63, 0, 1) == "tile/63/000.p/1"


@given(st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_a_tile_path_reads_back(level: int, index: int, width: int) -> None:
    assert parse_tile_path(tile_path(level, index, width)) == (level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000",
        "tile/64/000",
        "tile/0/0",
        "tile/0/x000/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/../../head",
        "tile/0/٠٠٠",
        "tile/0/000\n",
        "tile/entries/000",
    ],
)
def test_what_is_no_tile_path_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        parse_tile_path(path)


@pytest.mark.parametrize(("level", "index", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_has_no_path(level: int, index: int, width: int) -> None:
    with pytest.raises(UsageFault):
        tile_path(level, index, width)


def test_layout_of_the_example_in_the_specification(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    assert tiles.extend(LEAVES) == tiles.size == 70_000
    full = {f"tile/0/{index:03d}" for index in range(273)}
    assert files(tmp_path) == full | {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"}
    assert tiles.published_tile("tile/0/273.p/112") == b"".join(LEAVES[273 * 256 :])
    assert tiles.published_tile("tile/2/000.p/1") == perfect_root(b"".join(LEAVES[:65536]))
    assert tiles.published_tile("tile/0/007.p/9") == b"".join(LEAVES[7 * 256 : 7 * 256 + 9])
    for path in ("tile/0/273", "tile/0/273.p/113", "tile/2/000.p/2", "tile/3/000.p/1"):
        with pytest.raises(NotFound):
            tiles.published_tile(path)
    assert tiles.root() == root_hash(LEAVES)
    assert tiles.leaf_hashes(300, 1000) == b"".join(LEAVES[300:1000])
    assert tiles.leaf_hashes() == b"".join(LEAVES)


def test_layout_at_256(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:255])
    tiles.extend(LEAVES[255:256])
    assert files(tmp_path) == {"tile/0/000", "tile/1/000.p/1"}


def test_an_empty_directory_is_the_empty_tree(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path / "epoch-1")
    assert (tiles.size, tiles.root(), tiles.leaf_hashes()) == (0, EMPTY_ROOT, b"")
    assert tiles.extend([]) == 0
    with pytest.raises(UsageFault):
        tiles.inclusion_proof(0)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=8), st.data())
def test_growth_in_steps_gives_the_tree_of_the_specification(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("tiles")
    total = sum(steps)
    entries, at = reference.entries(total), 0
    for step in steps:
        # A new object each time: nothing is carried over but the files.
        TileDirectory(directory).extend(b"".join(LEAVES[at : at + step]))
        at += step
    tiles = TileDirectory(directory)
    assert tiles.size == total
    for size in {total, data.draw(st.integers(0, total))}:
        root = reference.mth(entries[:size])
        assert tiles.root(size) == root
        verify_consistency(size, total, root, tiles.root(), tiles.consistency_proof(size))
        if size:
            index = data.draw(st.integers(0, size - 1))
            proof = tiles.inclusion_proof(index, size)
            assert proof == reference.path(index, entries[:size])
            verify_inclusion(LEAVES[index], index, size, proof, root)
    assert tiles.compare(LEAVES[:total]) == total


def test_a_changed_entry_is_named(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:1000])
    for index in (0, 255, 256, 767, 768, 999):
        changed = [*LEAVES[:index], bytes(32), *LEAVES[index + 1 : 1000]]
        for judge in (tiles.compare, lambda hashes: tiles.extend([*hashes, *LEAVES[1000:1100]], start=0)):
            with pytest.raises(LedgerBroken) as caught:
                judge(changed)
            assert caught.value.extra == {"index": index}
            assert f"Entry {index} " in caught.value.detail
    assert tiles.size == 1000
    assert tiles.compare(LEAVES[512:1000], start=512) == 1000
    assert tiles.compare(LEAVES[500:900], start=500) == 900
    with pytest.raises(UsageFault):
        tiles.compare(LEAVES[:1001])


def test_a_changed_tile_is_named(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:1000])
    corrupt(tmp_path / "tile/0/001", 7)
    with pytest.raises(LedgerBroken) as caught:
        tiles.compare(LEAVES[:1000])
    assert caught.value.extra == {"index": 256 + 7}


def test_a_changed_inner_tile_is_found(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES)
    corrupt(tmp_path / "tile/1/000", 3)
    with pytest.raises(LedgerBroken) as caught:
        tiles.compare(LEAVES)
    assert caught.value.extra == {"index": 3 * 256}


def test_a_damaged_edge_is_never_extended(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:1000])
    corrupt(tmp_path / "tile/0/003.p/232", 5)
    with pytest.raises(LedgerBroken):
        tiles.extend(LEAVES[1000:1001])


def test_a_changed_head_is_found(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:1000])
    head = (tmp_path / "head").read_text().splitlines()
    for content in ("", "1000\n", f"999\n{head[1]}\n", f"01000\n{head[1]}\n", f"-1\n{head[1]}\n", "é"):
        (tmp_path / "head").write_text(content)
        with pytest.raises((LedgerBroken, UsageFault)) as caught:
            tiles.extend(LEAVES[1000:1001])
        assert caught.type is LedgerBroken


def test_a_head_set_back_cannot_give_the_history_another_end(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:300])
    old = (tmp_path / "head").read_bytes()
    tiles.extend(LEAVES[300:1000])
    (tmp_path / "head").write_bytes(old)
    (tmp_path / "tile/0/001.p").mkdir()
    (tmp_path / "tile/0/001.p/44").write_bytes(b"".join(LEAVES[256:300]))
    (tmp_path / "tile/1/000.p/1").write_bytes(perfect_root(b"".join(LEAVES[:256])))
    with pytest.raises(LedgerBroken) as caught:
        tiles.extend([*LEAVES[300:400], bytes(32), *LEAVES[401:1000]])
    assert caught.value.extra == {"index": 400}
    assert tiles.extend(LEAVES[300:1000]) == 1000


@pytest.mark.parametrize("lost", ["head", "tile/0/003.p/232", "tile/1/000.p/3", "tile/0/001", "tile"])
def test_what_is_lost_is_written_again_from_the_entries(tmp_path: Path, lost: str) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:1000])
    before = files(tmp_path)
    subprocess.run(["rm", "-r", str(tmp_path / lost)], check=True)
    if lost != "head":
        with pytest.raises(LedgerBroken):
            tiles.compare(LEAVES[:1000])
        with pytest.raises(LedgerBroken):
            tiles.extend([bytes(32), *LEAVES[1:1000]], start=0)
    assert tiles.extend(LEAVES[:1000], start=0) == 1000
    assert files(tmp_path) == before
    assert tiles.compare(LEAVES[:1000]) == 1000
    assert tiles.root() == root_hash(LEAVES[:1000])


def test_a_lost_tile_is_named(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:1000])
    (tmp_path / "tile/0/001").write_bytes(b"cut short")
    with pytest.raises(LedgerBroken, match="tile/0/001") as caught:
        tiles.inclusion_proof(300)
    assert caught.value.extra == {"index": 256}


def test_wrong_hashes_and_gaps_are_refused(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:10])
    for bad in ([b"short"], b"x" * 33):
        with pytest.raises(UsageFault):
            tiles.extend(bad)
    for start in (11, -1):
        with pytest.raises(UsageFault):
            tiles.extend(LEAVES[11:12], start=start)
    for call in (tiles.root, lambda size: tiles.inclusion_proof(0, size), lambda size: tiles.leaf_hashes(0, size)):
        with pytest.raises(UsageFault):
            call(11)
    assert tiles.size == 10


def test_a_disk_that_refuses_leaves_the_tree_as_it_was(tmp_path: Path) -> None:
    tiles = TileDirectory(tmp_path)
    tiles.extend(LEAVES[:100])
    (tmp_path / "tile/1").write_text("a file where a directory must come")
    with pytest.raises(StorageFailure):
        tiles.extend(LEAVES[100:1000])
    assert (tiles.size, tiles.root()) == (100, root_hash(LEAVES[:100]))
    assert not (tmp_path / "staging").exists()
    (tmp_path / "tile/1").unlink()
    assert tiles.extend(LEAVES[100:1000]) == 1000


def test_a_full_disk_leaves_the_tree_as_it_was(tmp_path: Path) -> None:
    program = """
import resource, sys
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.ledger.tiles import TileDirectory
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    TileDirectory(sys.argv[1]).extend(bytes(32 * 1000))
except StorageFailure:
    sys.exit(7)
"""
    done = run(program, tmp_path)
    assert done.returncode == 7, done.stderr
    tiles = TileDirectory(tmp_path)
    assert tiles.size == 0
    assert tiles.extend(LEAVES[:1000]) == 1000


def test_names_come_after_bytes_and_the_head_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[tuple[str, str]] = []
    sync, replace = os.fsync, Path.replace

    def record_sync(descriptor: int) -> None:
        sync(descriptor)
        events.append(("sync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))

    def record_replace(self: Path, target: Path) -> Path:
        events.append(("name", str(target)))
        assert ("sync", str(self)) in events
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(Path, "replace", record_replace)
    TileDirectory(tmp_path).extend(LEAVES[:1000])
    head = events.index(("name", str(tmp_path / "head")))
    for name in files(tmp_path):
        named = events.index(("name", str(tmp_path / name)))
        assert named < events.index(("sync", str((tmp_path / name).parent)), named) < head
    assert events[-1] == ("sync", str(tmp_path))


GROWER = """
import hashlib, sys
from eendracht.kernel.ledger.tiles import TileDirectory
tiles = TileDirectory(sys.argv[1])
step = int(sys.argv[2])
size = tiles.size
print("ready", flush=True)
while True:
    tiles.extend([hashlib.sha256(b"\\0entry %d" % at).digest() for at in range(size, size + step)])
    size += step
    print(size, flush=True)
"""


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_kill_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    tiles = TileDirectory(tmp_path)
    for _ in range(20):
        step = chance.choice([1, 97, 3000])
        process = subprocess.Popen(
            [sys.executable, "-c", GROWER, str(tmp_path), str(step)],
            env={**os.environ, "PYTHONPATH": SOURCE},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in process.stdout.read().splitlines() if line]
        process.wait()
        size = tiles.size
        assert size >= max(acknowledged, default=0)
        leaves = reference.leaves(size)
        assert tiles.compare(leaves) == size
        assert tiles.root() == root_hash(leaves)
    assert tiles.size > 0


def test_readers_in_another_process_see_a_whole_tree_while_it_grows(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", GROWER, str(tmp_path), "61"],
        env={**os.environ, "PYTHONPATH": SOURCE},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        process.stdout.readline()
        process.stdout.readline()
        tiles, seen, until = TileDirectory(tmp_path), set(), time.monotonic() + 2
        while time.monotonic() < until:
            size = tiles.size
            seen.add(size)
            root = tiles.root(size)
            for index in (0, size // 2, size - 1):
                leaf = reference.leaves(1, index)[0]
                verify_inclusion(leaf, index, size, tiles.inclusion_proof(index, size), root)
    finally:
        process.kill()
        process.wait()
    assert len(seen) > 5
