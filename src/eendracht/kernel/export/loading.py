"""Making a node again from an export: the same log, proved by the same tree, and all that stands beside it."""

from __future__ import annotations

import gzip
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from eendracht.kernel.backup.archive import Manifest, check_signature, publish, refuse_existing, staging, unpack
from eendracht.kernel.errors import LedgerBroken, UnreadableFile
from eendracht.kernel.export.writing import (
    CHECKPOINT,
    CONTENT,
    ERASURES,
    JOURNAL,
    LOG,
    OPERATIONAL,
    OPERATIONS,
    PUBLIC_KEY,
    SUBJECTS,
)
from eendracht.kernel.instance import Instance
from eendracht.kernel.journal import read_batches
from eendracht.kernel.ledger.checkpoint import VerifiedCheckpoint, verify_checkpoint
from eendracht.kernel.ledger.note import Ed25519Verifier, parse_note
from eendracht.kernel.records import dump_canonical
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.rebuilding import Taken, take_log

_BYTES = frozenset({"given", "facts", "details"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came over: `entries` of the log under a root that the old node signed, `items` of content about persons.

    `key` is the public key that signed; whether it is the key of the node that is meant is for a person to compare.
    """

    folder: Path
    node: str
    entries: int
    root: str
    key: str
    items: int


Create = Callable[[Path, str], Instance]
"""Makes an empty node in a folder under a name."""


def load_export(
    source: Path, target: Path, create: Create, *, name: str = "", persons: Path | None = None, key: str = ""
) -> Loaded:
    """Make a node in the folder `target`, which must not exist, from an export and a set with persons if given.

    It has a key of its own, and the name of the old one unless another is given. `key` is the public key of the old
    node; without it the key in the export is used, and told. Raises Conflict, UnreadableFile, UnverifiedNote,
    LedgerBroken, StorageFailure; nothing is kept then (but for tables that were already in PostgreSQL).
    """
    refuse_existing(target)
    with staging(target, "load") as stage:
        folder = stage / "export"
        manifest = unpack(source, folder, "export")
        key = key or (folder / PUBLIC_KEY).read_text("ascii").strip()
        verifier = Ed25519Verifier.parse(key)
        check_signature(folder, verifier, source.name)
        signed = _read_checkpoint(folder / CHECKPOINT, verifier)
        with create(stage / "node", name or manifest.node) as instance:
            entries = take_log(instance.store, map(_read_entry, _read_lines(folder / LOG)))
            _check_root(instance, signed, entries)
            _take_operations(instance, folder / OPERATIONS)
            instance.journal.take_rows(_read_lines(folder / JOURNAL), read_batches(instance.store))
            _copy_rest(instance, folder)
            items = _take_persons(instance, persons, stage / "persons", verifier, manifest) if persons else 0
            instance.history.sign()
        publish(stage / "node", target)
    return Loaded(target, manifest.node, entries, signed.checkpoint.root.hex(), key, items)


def _read_checkpoint(path: Path, verifier: Ed25519Verifier) -> VerifiedCheckpoint:
    note = path.read_bytes()
    origin = parse_note(note).text.partition("\n")[0]
    return verify_checkpoint(note, origin, [verifier])


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError:
                    raise UnreadableFile(f"{path.name}, line {number} is not JSON") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableFile(f"{path.name} is damaged: {error}") from error


def _read_entry(line: dict[str, Any]) -> Taken:
    try:
        return Taken(
            rv=line["rv"],
            type=line["type"],
            recorded_at=line["recordedAt"],
            commitment=bytes.fromhex(line["commitment"]),
            salt=None if line["salt"] is None else bytes.fromhex(line["salt"]),
            body=None if line["body"] is None else dump_canonical(line["body"]),
            uid=line["uid"],
            valid_from=line["validFrom"],
            valid_until=line["validUntil"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(f"Entry {line.get('rv')} is not as the format says: {error}") from None


def _check_root(instance: Instance, signed: VerifiedCheckpoint, entries: int) -> None:
    instance.history.follow()
    size, root = signed.checkpoint.size, signed.checkpoint.root
    if entries != size or instance.history.tiles.root(size) != root:
        raise LedgerBroken(f"The {entries} entries do not give the root that the old node signed over {size}")


def _take_operations(instance: Instance, path: Path) -> None:
    rows: dict[str, list[Row]] = {table: [] for table in OPERATIONAL}
    for line in _read_lines(path):
        columns = OPERATIONAL.get(line["table"])
        if columns is None:
            raise UnreadableFile(f"{path.name} has rows of a table {str(line['table'])[:40]}")
        values = line["row"]
        rows[line["table"]].append(tuple(values[name].encode() if name in _BYTES else values[name] for name in columns))

    def write(connection: Connection) -> None:
        for table, columns in OPERATIONAL.items():
            marks = ", ".join("?" * len(columns))
            connection.execute_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows[table])

    instance.store.act(write)
    instance.store.switches.forget()


def _copy_rest(instance: Instance, folder: Path) -> None:
    if (folder / ERASURES).is_file():
        shutil.copyfile(folder / ERASURES, instance.settings.erasure_journal)
        instance.settings.erasure_journal.chmod(0o600)
    if (folder / "declarations").is_dir():
        shutil.copytree(folder / "declarations", instance.settings.declarations_folder)


def _take_persons(instance: Instance, source: Path, folder: Path, verifier: Ed25519Verifier, export: Manifest) -> int:
    manifest = unpack(source, folder, "persons")
    check_signature(folder, verifier, source.name)
    if manifest.node != export.node:
        raise UnreadableFile(f"{source.name} is of {manifest.node}, and the export of {export.node}")
    instance.vault.take_subjects(_read_lines(folder / SUBJECTS))
    return instance.vault.take_opened(_read_lines(folder / CONTENT))
