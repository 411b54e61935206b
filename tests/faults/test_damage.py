"""A damaged database: a clear error, or a history that names the entry; never other bytes passed off as a record's."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import LedgerBroken, NotFound, StorageFailure
from eendracht.kernel.store import sqlite
from tests.faults.node import DATABASE, expected_body, open_node, prepared

RECORDS = 400
PAGE = sqlite._PAGE_BYTES
FLIPS = 400
SEED = 20261123


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, bytes]]:
    """Give a node that was closed, and the bytes of its records."""
    folder = tmp_path_factory.mktemp("sound")
    with open_node(folder) as (store, history):
        items = [prepared(number, 20, expected=0) for number in range(RECORDS)]
        bodies = {
            written.rv: expected_body(item, written)
            for item, written in zip(items, store.append(items, OPERATOR), strict=True)
        }
        store.catch_up()
        history.sign()
    return folder, bodies


@pytest.fixture
def damaged(sound: tuple[Path, dict[int, bytes]], tmp_path: Path) -> Path:
    """Give a copy of it, to be damaged."""
    return Path(shutil.copytree(sound[0], tmp_path / "node"))


def _examine(folder: Path, bodies: dict[int, bytes]) -> str:
    """Say how the damage came out; fails where wrong bytes were passed off as right."""
    try:
        with open_node(folder) as (store, history):
            verification = history.verify()
            if verification.broken is not None:
                assert 0 <= verification.broken.rv <= RECORDS
                assert verification.broken.why
                return "verify names the entry"
            read = {record.rv: record.body for record in store.changes(0, OPERATOR, 2 * RECORDS)}
            assert read == bodies
            for number in range(0, RECORDS, 40):
                record = store.get(f"application:gm0114/a{number}", OPERATOR)
                assert record.body == bodies[record.rv]
            store.catch_up()
    except StorageFailure as error:
        assert error.hint and DATABASE in error.detail
        return "storage failure"
    except LedgerBroken:
        return "ledger broken"
    except NotFound:
        return "a derived table lost a name"
    return "no entry touched"


def test_flipped_bytes_anywhere(sound: tuple[Path, dict[int, bytes]], damaged: Path) -> None:
    folder, bodies = sound
    clean = (folder / DATABASE).read_bytes()
    chance = random.Random(SEED)
    seen: Counter[str] = Counter()
    for _ in range(FLIPS):
        content = bytearray(clean)
        page = chance.randrange(len(content) // PAGE)
        for _ in range(chance.choice((1, 1, 4, 64))):
            # The head of a page steers most; half of the damage goes there.
            at = page * PAGE + chance.randrange(chance.choice((64, PAGE)))
            content[at] = chance.randrange(256)
        for name in ("-wal", "-shm"):
            (damaged / f"{DATABASE}{name}").unlink(missing_ok=True)
        (damaged / DATABASE).write_bytes(content)
        seen[_examine(damaged, bodies)] += 1
    print(f"{FLIPS} damages, seed {SEED}: {dict(seen)}")
    assert seen["verify names the entry"] and seen["storage failure"]


def _entry_pages(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as raw:
        return [row[0] for row in raw.execute("SELECT pageno FROM dbstat WHERE name = 'entry' AND pagetype = 'leaf'")]


def test_verify_names_the_very_entry_on_a_destroyed_page(sound: tuple[Path, dict[int, bytes]], damaged: Path) -> None:
    try:
        pages = _entry_pages(damaged / DATABASE)
    except sqlite3.OperationalError:
        pytest.skip("this SQLite was built without dbstat")
    content = (damaged / DATABASE).read_bytes()
    page = pages[len(pages) // 2]
    lost = content[(page - 1) * PAGE : page * PAGE]
    first = min(rv for rv, body in sound[1].items() if body.partition(b'"uid":"')[2][:36] in lost)
    (damaged / DATABASE).write_bytes(content[: (page - 1) * PAGE] + bytes(PAGE) + content[page * PAGE :])
    with open_node(damaged) as (_, history):
        verification = history.verify()
    assert verification.broken is not None
    assert verification.broken.rv == first


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_truncated_file(sound: tuple[Path, dict[int, bytes]], damaged: Path, share: float) -> None:
    size = int((damaged / DATABASE).stat().st_size * share)
    with (damaged / DATABASE).open("r+b") as file:
        file.truncate(size)
    if size:
        # The very end holds words of the text index, which are made from the entries.
        outcome = _examine(damaged, sound[1])
        assert outcome != "no entry touched" or share == 0.999
        return
    # An empty file is a new database to SQLite; the checkpoint outside knows better.
    with open_node(damaged) as (store, history):
        assert store.size == 0
        verification = history.verify()
        assert verification.broken is not None and verification.broken.rv == 0
        assert verification.signed == RECORDS
        store.append([prepared(0)], OPERATOR)
        with pytest.raises(LedgerBroken):
            history.sign()


def test_a_database_that_was_replaced_is_not_signed(damaged: Path) -> None:
    """Another log, even a longer one, must not be signed on top of what was signed before."""
    (damaged / DATABASE).unlink()
    with open_node(damaged) as (store, history):
        for count in (RECORDS - 1, 1, 50):
            store.append([prepared(store.size + number, expected=0) for number in range(count)], OPERATOR)
            with pytest.raises(LedgerBroken) as caught:
                history.sign()
            assert caught.value.extra["index"] == RECORDS - 1
        verification = history.verify()
        assert verification.broken is not None and verification.broken.rv == 0


@pytest.mark.parametrize("content", [b"not a database at all" * 1000, b"%PDF-1.7\n", b"\0" * 8192])
def test_something_else(damaged: Path, content: bytes) -> None:
    (damaged / DATABASE).write_bytes(content)
    with pytest.raises(StorageFailure) as caught, open_node(damaged):
        pass
    assert caught.value.hint
    assert (damaged / DATABASE).read_bytes() == content, "what it is not ours to repair stays as it is"


def test_a_folder_in_place_of_the_database(tmp_path: Path) -> None:
    (tmp_path / DATABASE).mkdir()
    with pytest.raises(StorageFailure) as caught, open_node(tmp_path):
        pass
    assert caught.value.hint


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageFailure) as caught, open_node(tmp_path / "nowhere"):
        pass
    assert "folder" in caught.value.hint
