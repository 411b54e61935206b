"""A node on a folder, what is loaded into it, and what must be true of it whatever happened before."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Set
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.ledger.history import History
from eendracht.kernel.ledger.note import Ed25519Signer
from eendracht.kernel.records import Prepared, prepare
from eendracht.kernel.search import SqliteTextIndex
from eendracht.kernel.store import Store
from eendracht.kernel.store.append import Written
from eendracht.kernel.store.sqlite import SqliteDriver
from tests.kernel.ledger import reference

REGISTRY = Registry(shared_kinds())
SIGNER = Ed25519Signer("example.org/faults", Ed25519PrivateKey.from_private_bytes(bytes(32)))
DATABASE = "eendracht.db"


@contextmanager
def open_node(folder: Path) -> Iterator[tuple[Store, History]]:
    """Open store and history of the node in a folder, as a start of the product does."""
    store = Store(SqliteDriver(folder / DATABASE), REGISTRY, SqliteTextIndex())
    try:
        yield store, History(store, folder / "ledger", SIGNER)
    finally:
        store.close()


def draft(number: int, words: int = 6, revision: int = 0) -> dict[str, Any]:
    """Give one application that points at two components; the words differ from number to number."""
    text = " ".join(hashlib.sha256(f"{number}.{word}.{revision}".encode()).hexdigest()[:12] for word in range(words))
    return {
        "ref": f"application:gm0114/a{number}",
        "owner": "organisation:gm0114",
        "confidentiality": {"level": "public"},
        "source": {"type": "synthetic", "date": "2026-01-01"},
        "spec": {
            "name": f"Toepassing {number}",
            "description": text,
            "requires": [f"component:gm0114/c{number % 7}", f"component:gm0114/d{number % 11}"],
        },
    }


def prepared(number: int, words: int = 6, revision: int = 0, expected: int | None = None) -> Prepared:
    """Give the same, validated."""
    return prepare(draft(number, words, revision), REGISTRY, expected)


def expected_body(item: Prepared, written: Written) -> bytes:
    """Give the bytes that a record must have, from its draft and from what was acknowledged about it."""
    return item.finish(written.uid, written.generation, written.recorded_at, b'"operator"')


def check_database(path: Path, acknowledged: Mapping[int, bytes | None], being_erased: Set[int] = frozenset()) -> int:
    """Fail unless the file is sound, the log dense, and everything acknowledged there; gives the size of the log.

    Reads with SQLite alone. `acknowledged` holds bytes by position; None stands for bytes that were destroyed. Those of
    `being_erased` may be there or not, because their destruction was begun and not acknowledged.
    """
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ((size, indexed),) = raw.execute("SELECT size, indexed FROM log_head").fetchall()
        rows = raw.execute("SELECT rv, body FROM entry ORDER BY rv").fetchall()
        assert [row[0] for row in rows] == list(range(size))
        assert indexed <= size
        lost = [
            rv
            for rv, body in acknowledged.items()
            if rv >= size or (rows[rv][1] != body and not (rv in being_erased and rows[rv][1] is None))
        ]
        assert not lost, f"acknowledged and lost, or with other bytes: {lost[:10]}"
        return int(size)


def check_signed(folder: Path) -> int:
    """Fail unless the newest checkpoint has the root that RFC 9162 gives for the entries; gives its size, or 0."""
    notes = sorted((folder / "ledger").glob("epoch-*/checkpoints/*[0-9]"))
    if not notes:
        return 0
    _, size, root = notes[-1].read_text().splitlines()[:3]
    with closing(sqlite3.connect(folder / DATABASE)) as raw:
        leaves = [
            json.dumps(
                {"commitment": commitment.hex(), "recorded_at": at, "rv": rv, "v": 1},
                separators=(",", ":"),
            ).encode()
            for rv, at, commitment in raw.execute(
                "SELECT rv, recorded_at, commitment FROM entry WHERE rv < ? ORDER BY rv", (int(size),)
            )
        ]
    assert len(leaves) == int(size), "more was signed than is there"
    assert base64.b64encode(reference.mth(leaves)).decode() == root
    return int(size)


def check_followers(path: Path, being_erased: Set[int] = frozenset()) -> None:
    """Fail unless edges and words are exactly those that a walk over the current bodies gives.

    Words of `being_erased` may be left: what a destruction left undone is done when it is run again.
    """
    with closing(sqlite3.connect(path)) as raw:
        ((size, indexed),) = raw.execute("SELECT size, indexed FROM log_head").fetchall()
        assert size == indexed
        wanted = set()
        for rv, body in raw.execute("SELECT rv, body FROM entry WHERE type = 0 AND body IS NOT NULL"):
            wanted |= {(rv, target) for target in json.loads(body)["spec"].get("requires", ())}
        assert set(raw.execute("SELECT rv, target FROM edge")) == wanted
        held = {row[0] for row in raw.execute("SELECT rowid FROM search_text")}
        assert held - being_erased == {row[0] for row in raw.execute("SELECT DISTINCT rv FROM segment")} - being_erased
        raw.execute("INSERT INTO search_text (search_text) VALUES ('integrity-check')")
