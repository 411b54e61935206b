"""Bringing a node back from a backup, in a folder of its own that appears when all of it holds.

Nothing that was destroyed comes back: the erasure journal is applied again before anyone can read the node. The log
goes on in a new epoch, which commits to the last checkpoint that is known of the one before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from eendracht.config import Settings, write_settings
from eendracht.kernel.backup.archive import Manifest, check_signature, publish, refuse_existing, staging, unpack
from eendracht.kernel.backup.database import load_database
from eendracht.kernel.backup.taking import CARRIED, rebuild_ledger
from eendracht.kernel.destruction import Destruction
from eendracht.kernel.erasures import ErasureJournal, Erasures, parse_erasures
from eendracht.kernel.errors import Conflict, LedgerBroken, StorageFailure, UnreadableFile, UsageFault
from eendracht.kernel.journal import Journal
from eendracht.kernel.ledger.history import History, Verification
from eendracht.kernel.ledger.note import Ed25519Signer
from eendracht.kernel.private import FILE_MODE, make_private_folder
from eendracht.kernel.store.store import Store
from eendracht.kernel.vault import Vault

LOG_KEY = "log.key"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: `restored_size` entries of the backup, `reapplied` orders of destruction that found something.

    `size` counts also what the restore itself recorded; `epoch` is the new one.
    """

    folder: Path
    manifest: Manifest
    restored_size: int
    size: int
    epoch: int
    reapplied: int
    verification: Verification


def restore(
    backup: Path,
    target: Path,
    erasure_journal: Path,
    keys: Path,
    open_store: Callable[[Settings], Store],
    *,
    database: str = "",
    last_checkpoint: Path | None = None,
    accept_empty_journal: bool = False,
) -> Restored:
    """Bring back a node from `backup` and `keys` into the folder `target`, which must not exist.

    `erasure_journal` is the newest copy of the file that says what was destroyed; it may only be empty where
    `accept_empty_journal` says so. `last_checkpoint` is a checkpoint of the log that is newer than the backup, from
    the old machine or a witness. `database` is the address of an empty PostgreSQL database, for a backup of one.

    Raises Conflict, UsageFault, UnreadableFile, UnverifiedNote, LedgerBroken, StorageFailure; nothing is kept then
    (but for tables that were already in PostgreSQL).
    """
    refuse_existing(target)
    erasures, journal_bytes = _read_journal(erasure_journal, accept_empty_journal)
    with staging(target, "restore") as stage:
        unpack(keys, stage / "keys", "keys")
        unpacked = stage / "backup"
        manifest = unpack(backup, unpacked, "backup")
        signer = _read_signer(stage / "keys" / "keys" / LOG_KEY, keys.name)
        check_signature(stage / "keys", signer.verifier, keys.name)
        check_signature(unpacked, signer.verifier, backup.name)
        _check_journal(erasures, manifest, accept_empty_journal)
        settings = _settings_of(manifest, stage / "node", database)
        try:
            _lay_out(settings, unpacked, stage / "keys", journal_bytes)
        except OSError as error:
            raise StorageFailure(f"{error.filename}: {error.strerror}; nothing was restored") from error
        restored = _revive(settings, manifest, signer, erasures, open_store, last_checkpoint)
        write_settings(settings)
        publish(settings.folder, target)
    return replace(restored, folder=target)


def _read_journal(path: Path, accept_empty: bool) -> tuple[Erasures, bytes]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UsageFault(
            f"There is no erasure journal {path}",
            hint="Without it, what was destroyed would come back. Take it from the old machine or its copy; only if"
            " nothing was ever destroyed, give an empty file and --accept-empty-journal.",
        ) from None
    except OSError as error:
        raise StorageFailure(f"{path}: {error.strerror}") from error
    erasures = parse_erasures(content, path.name)
    if not erasures.orders and not accept_empty:
        raise UsageFault(
            f"The erasure journal {path.name} is empty",
            hint="If nothing was destroyed since the backup, or the journal is lost for good, add"
            " --accept-empty-journal: the restore then goes on, and what was destroyed since may come back.",
        )
    return erasures, content[: content.rfind(b"\n") + 1]


def _check_journal(erasures: Erasures, manifest: Manifest, accept_empty: bool) -> None:
    """Refuse the journal of another node, and one that lacks what the backup itself knows was destroyed."""
    others = {order.node for order in erasures.orders} - {manifest.node}
    if others:
        raise Conflict(f"The erasure journal is of {', '.join(sorted(others))}, the backup of {manifest.node}")
    missing = set(manifest.about.get("erasures", ())) - {order.id for order in erasures.orders}
    if missing and (erasures.orders or not accept_empty):
        raise Conflict(
            f"The erasure journal is older than the backup: it lacks {len(missing)} destruction(s)",
            hint="Take the newest copy of the erasure journal of this node.",
        )


def _read_signer(path: Path, name: str) -> Ed25519Signer:
    try:
        return Ed25519Signer.parse(path.read_text("ascii").strip())
    except (FileNotFoundError, UnicodeDecodeError):
        raise UnreadableFile(f"{name} holds no key of the log", hint="Name the keys made with the backup.") from None


def _settings_of(manifest: Manifest, folder: Path, database: str) -> Settings:
    known = manifest.about.get("settings", {})
    settings = Settings(folder=folder, database=database, **{name: known[name] for name in CARRIED if name in known})
    faults = settings.faults()
    if faults:
        raise UsageFault("; ".join(faults))
    return settings


def _lay_out(settings: Settings, unpacked: Path, keys: Path, journal: bytes) -> None:
    make_private_folder(settings.folder)
    (keys / "keys").rename(settings.keys_folder)
    for name in ("vault", "journal", "declarations"):
        make_private_folder(settings.folder / name)
        if (unpacked / name).is_dir():
            for path in (unpacked / name).iterdir():
                path.rename(settings.folder / name / path.name)
    if (keys / "vault" / "keys.db").is_file():
        (keys / "vault" / "keys.db").rename(settings.vault_folder / "keys.db")
    rebuild_ledger(unpacked / "ledger", settings.ledger_folder)
    with os.fdopen(os.open(settings.erasure_journal, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(journal)
        file.flush()
        os.fsync(file.fileno())
    load_database(settings, unpacked)
    shutil.rmtree(unpacked)


def _revive(
    settings: Settings,
    manifest: Manifest,
    signer: Ed25519Signer,
    erasures: Erasures,
    open_store: Callable[[Settings], Store],
    last_checkpoint: Path | None,
) -> Restored:
    """Verify what came back, begin the new epoch, destroy again, and verify once more."""
    with open_store(settings) as store:
        history = History(store, settings.ledger_folder, signer)
        restored_size = store.size
        if restored_size < manifest.about["log"]["size"] or history.epoch != manifest.about["log"]["epoch"]:
            raise LedgerBroken("The database of the backup is not the one that its manifest describes")
        _require(history.verify())
        history.start_epoch(last_checkpoint)
        journal = Journal(settings.journal_file, store.clock)
        vault = Vault(settings.vault_folder, (), journal, store.clock)
        try:
            record = ErasureJournal(settings.erasure_journal)
            destruction = Destruction(store, vault, record, settings.declarations_folder, settings.name, store.clock)
            reapplied = destruction.reapply(erasures.orders)
            destruction.resume()
        finally:
            vault.close()
            journal.close()
        history.sign()
        verification = _require(history.verify())
        return Restored(settings.folder, manifest, restored_size, store.size, history.epoch, reapplied, verification)


def _require(verification: Verification) -> Verification:
    if verification.broken is not None:
        raise LedgerBroken(
            f"Entry {verification.broken.rv}: {verification.broken.why}", extra={"index": verification.broken.rv}
        )
    return verification
