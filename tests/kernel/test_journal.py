"""Streams of lines whose order and content the ledger vouches for."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eendracht.kernel.errors import InvalidInput
from tests.kernel.ledger import reference
from tests.kernel.node import Node, open_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with open_node(tmp_path / "node") as opened:
        yield opened


def test_lines_come_back_in_order_and_roots_hold(node: Node) -> None:
    for number in range(7):
        node.journal.append("access", [{"n": number}, {"n": -number}])
    assert [line.content["n"] for line in node.journal.read("access", 4, 3)] == [2, -2, 3]
    (rv,) = node.journal.seal(node.store)
    assert node.journal.seal(node.store) == []
    node.journal.append("access", [{"n": 99}])
    (found,) = node.journal.verify(node.store)
    assert found.holds and (found.lines, found.sealed) == (15, 14)
    entry = json.loads(node.store.driver.reader().query("SELECT body FROM entry WHERE rv = ?", (rv,))[0][0])
    assert (entry["type"], entry["stream"], entry["start"], entry["stop"]) == ("batch", "access", 0, 14)
    assert base64.b64decode(entry["root"]) == _root(node, 14)
    assert node.history.verify().holds


def _root(node: Node, size: int) -> bytes:
    """Compute the root from the file by RFC 9162, without our own code."""
    from hashlib import sha256

    with sqlite3.connect(node.settings.journal_file) as raw:
        rows = raw.execute("SELECT stream, position, at, salt, body FROM line ORDER BY position").fetchall()[:size]
    leaves = [
        sha256(salt + json.dumps([stream, n, at, body.decode()], separators=(",", ":")).encode()).digest()
        for stream, n, at, salt, body in rows
    ]
    return reference.mth(leaves)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE line SET body = x'7b7d' WHERE position = 1", "lines do not match their root"),
        ("UPDATE line SET body = '{}' WHERE position = 1", "lines cannot be read"),
        ("UPDATE line SET salt = x'00' WHERE position = 1", "lines cannot be read"),
        ("UPDATE line SET at = '2020-01-01T00:00:00.000000Z' WHERE position = 0", "lines do not match their root"),
        ("DELETE FROM line WHERE position = 2", "lines are missing"),
        ("DELETE FROM line", "lines are missing"),
    ],
)
def test_a_sealed_line_cannot_be_changed_or_left_out(node: Node, change: str, why: str) -> None:
    node.journal.append("access", [{"n": number} for number in range(4)])
    node.journal.seal(node.store)
    with sqlite3.connect(node.settings.journal_file) as raw:
        raw.execute(change)
    (found,) = node.journal.verify(node.store)
    assert not found.holds and found.why == why


def test_a_root_that_was_written_and_not_remembered_is_made_again(node: Node) -> None:
    node.journal.append("access", [{"n": 1}])
    node.journal.seal(node.store)
    with sqlite3.connect(node.settings.journal_file) as raw:
        raw.execute("DELETE FROM batch")
    assert len(node.journal.seal(node.store)) == 1
    assert node.journal.verify(node.store)[0].holds


def test_a_root_that_the_ledger_lost_is_made_again(node: Node) -> None:
    node.journal.append("access", [{"n": 1}])
    with sqlite3.connect(node.settings.journal_file) as raw:
        raw.execute("INSERT INTO batch VALUES ('access', 0, 1, 40)")
    assert node.journal.seal(node.store) == [0]


def test_writers_at_once_leave_no_gap(node: Node) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: node.journal.append("access", [{"n": n}]), range(100)))
    lines = node.journal.read("access")
    assert [line.position for line in lines] == list(range(100))
    assert sorted(line.content["n"] for line in lines) == list(range(100))
    assert [line.at for line in lines] == sorted(line.at for line in lines)


def test_a_line_is_short(node: Node) -> None:
    with pytest.raises(InvalidInput):
        node.journal.append("access", [{"text": "x" * 9_000}])
    assert node.journal.streams() == []
