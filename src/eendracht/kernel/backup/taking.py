"""Taking a backup while the node goes on.

It holds records, ledger, encrypted vault content, journal and declarations. It never holds the erasure journal or
populations; subject keys and the key of the log go into a set of their own.
"""

from __future__ import annotations

import platform
import shutil
import sqlite3
from dataclasses import fields
from pathlib import Path

import orjson

from eendracht import __version__
from eendracht.config import Settings
from eendracht.kernel.backup.archive import Manifest, pack, refuse_existing, staging
from eendracht.kernel.backup.database import dump_database
from eendracht.kernel.clock import timestamp
from eendracht.kernel.errors import StorageFailure, UsageFault
from eendracht.kernel.ledger.note import Signer
from eendracht.kernel.ledger.tiles import TileDirectory
from eendracht.kernel.ledger.tree import HASH_SIZE
from eendracht.kernel.store.migrations import NEWEST
from eendracht.kernel.store.sqlite import copy_file
from eendracht.kernel.store.store import Store

APART = frozenset({"folder", "database", "oidc_client_secret"})
"""Settings that do not go along: the place of the node, and what is or may hold a secret."""
CARRIED = tuple(item.name for item in fields(Settings) if item.name not in APART)
"""Settings that go along."""

_STRIDE = 1 << 18


def back_up(settings: Settings, store: Store, signer: Signer, target: Path, keys: Path) -> Manifest:
    """Write a backup to `target` and its keys to `keys` (each a folder, or a .tar.gz), and give its manifest.

    The parts are copied in an order in which none is behind what it needs: the ledger, then the records that it
    covers, then content, journal, and the keys last. Raises Conflict where a target exists, StorageFailure.
    """
    if target.resolve() == keys.resolve() or target.resolve() in keys.resolve().parents:
        raise UsageFault("The keys must not lie with the backup", hint="Name another file, kept in another place.")
    refuse_existing(target)
    refuse_existing(keys)
    with staging(target, "backup") as folder, staging(keys, "keys") as apart:
        content, secrets = folder / "content", apart / "keys"
        try:
            content.mkdir()
            secrets.mkdir()
            about = _describe(settings, store)
            _copy_ledger(settings.ledger_folder, content / "ledger")
            dump_database(settings, content)
            _copy_sqlite(settings.vault_folder / "content.db", content / "vault" / "content.db")
            _copy_sqlite(settings.journal_file, content / "journal" / "journal.db")
            if settings.declarations_folder.is_dir():
                shutil.copytree(settings.declarations_folder, content / "declarations")
            _copy_sqlite(settings.vault_folder / "keys.db", secrets / "vault" / "keys.db")
            shutil.copytree(settings.keys_folder, secrets / "keys")
        except OSError as error:
            raise StorageFailure(f"{error.filename}: {error.strerror}; no backup was made") from error
        made_at = timestamp(store.clock.now())
        pack(secrets, keys, Manifest("keys", settings.name, made_at, ()), signer)
        return pack(content, target, Manifest("backup", settings.name, made_at, (), about), signer)


def _describe(settings: Settings, store: Store) -> dict[str, object]:
    connection = store.driver.reader()
    ((size, epoch),) = connection.query("SELECT size, epoch FROM log_head WHERE id = 1")
    leaves = [orjson.loads(body) for _, body in connection.stream("SELECT rv, body FROM entry WHERE type = 1")]
    return {
        "engine": store.driver.name,
        "log": {"size": size, "epoch": epoch},
        "erasures": [leaf["order"] for leaf in leaves if "order" in leaf],
        "settings": {name: getattr(settings, name) for name in CARRIED},
        "versions": {
            "eendracht": __version__,
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "schema": NEWEST,
        },
    }


def _copy_ledger(source: Path, target: Path) -> None:
    """Copy checkpoints and leaf hashes of every epoch; the tiles follow from the leaf hashes."""
    for epoch in sorted(source.glob("epoch-*")):
        folder = target / epoch.name
        folder.mkdir(parents=True)
        kept = {path.name: path.read_text() for path in (epoch / "checkpoints").glob("*") if path.name.isdigit()}
        (folder / "checkpoints.json").write_bytes(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS))
        tiles = TileDirectory(epoch)
        size = tiles.size
        with (folder / "leaves").open("wb") as file:
            for start in range(0, size, _STRIDE):
                file.write(tiles.leaf_hashes(start, min(start + _STRIDE, size)))


def rebuild_ledger(source: Path, target: Path) -> None:
    """Make tiles and checkpoints again from what `back_up` wrote; raises LedgerBroken, StorageFailure."""
    for epoch in sorted(source.glob("epoch-*")):
        folder = target / epoch.name
        checkpoints = folder / "checkpoints"
        checkpoints.mkdir(parents=True)
        with (epoch / "leaves").open("rb") as file:
            while hashes := file.read(_STRIDE * HASH_SIZE):
                TileDirectory(folder).extend(hashes)
        for name, note in orjson.loads((epoch / "checkpoints.json").read_bytes()).items():
            if not name.isdigit():
                raise UsageFault(f"{epoch.name} holds a checkpoint without a size")
            (checkpoints / name).write_text(note)


def _copy_sqlite(source: Path, target: Path) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_file(source, target)
