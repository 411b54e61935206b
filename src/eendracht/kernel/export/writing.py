"""Writing everything that a node holds as lines of JSON, described in docs/reference/export-format.md.

Content about persons goes into a set of its own, in clear and for a purpose; secrets that only this node needs (tokens,
sessions, keys) do not go along.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from eendracht import __version__
from eendracht.kernel.backup.archive import Manifest, pack, refuse_existing, staging
from eendracht.kernel.clock import timestamp
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.instance import Instance
from eendracht.kernel.records import BEGIN_OF_TIME, END_OF_TIME, dump_canonical
from eendracht.kernel.store.driver import Connection

FORMAT: Final = 1
LOG: Final = "log.jsonl.gz"
OPERATIONS: Final = "operations.jsonl.gz"
JOURNAL: Final = "journal.jsonl.gz"
CHECKPOINT: Final = "checkpoint"
PUBLIC_KEY: Final = "log.vkey"
ERASURES: Final = "erasures.jsonl"
CONTENT: Final = "content.jsonl.gz"
SUBJECTS: Final = "subjects.jsonl.gz"
OPERATIONAL: Final = {
    "principal": ("name", "roles"),
    "wing_off": ("wing", "organisation"),
    "binding": ("system", "kind", "key", "uid", "place", "given", "facts", "last_seen", "missing_since"),
    "review": ("system", "kind", "key", "code", "details", "weight", "asked_at", "answer"),
    "mapping_answer": ("system", "source_column", "setting", "value", "answer", "answered_at"),
}
"""Tables of operational state that go along, with their columns; bytes in them are JSON."""

Progress = Callable[[int, int], None]


def write_export(instance: Instance, target: Path, progress: Progress | None = None) -> Manifest:
    """Write all but content about persons to `target`, a folder or a .tar.gz, and give its manifest.

    The log is signed first, and goes as far as that checkpoint. Raises Conflict where the target exists,
    StorageFailure.
    """
    refuse_existing(target)
    settings, store = instance.settings, instance.store
    instance.journal.seal(store)
    signed = instance.history.sign()
    size = signed.checkpoint.size
    with staging(target, "export") as folder:
        content = folder / "content"
        try:
            content.mkdir()
            _write_lines(content / LOG, _log_lines(store.driver.reader(), size, progress))
            (content / CHECKPOINT).write_bytes(signed.note.encode())
            (content / PUBLIC_KEY).write_text(instance.history.verifier_key + "\n", "ascii")
            (content / "kinds").mkdir()
            for kind in store.registry:
                schema = orjson.dumps(kind.json_schema(), option=orjson.OPT_INDENT_2)
                (content / "kinds" / f"{kind.name}.schema.json").write_bytes(schema)
            _write_lines(content / OPERATIONS, _operational_lines(store.driver.reader()))
            _write_lines(content / JOURNAL, instance.journal.list_rows())
            if settings.erasure_journal.is_file():
                shutil.copyfile(settings.erasure_journal, content / ERASURES)
            if settings.declarations_folder.is_dir():
                shutil.copytree(settings.declarations_folder, content / "declarations")
        except OSError as error:
            raise StorageFailure(f"{error.filename}: {error.strerror}; no export was made") from error
        about = {"format": FORMAT, "entries": size, "version": __version__, "language": settings.language}
        made_at = timestamp(store.clock.now())
        return pack(content, target, Manifest("export", settings.name, made_at, (), about), instance.signer)


def write_persons(instance: Instance, target: Path, purpose: str) -> Manifest:
    """Write content about persons, opened, to a set of its own, and give its manifest.

    `purpose` is a code or the ref of a ground record; each item that is opened is on the journal. Raises Conflict,
    StorageFailure, InvalidInput, VaultBroken.
    """
    refuse_existing(target)
    with staging(target, "persons") as folder:
        content = folder / "content"
        try:
            content.mkdir(mode=0o700)
            _write_lines(content / CONTENT, instance.vault.list_opened(purpose))
            _write_lines(content / SUBJECTS, instance.vault.list_subjects())
        except OSError as error:
            raise StorageFailure(f"{error.filename}: {error.strerror}; no export was made") from error
        made_at = timestamp(instance.store.clock.now())
        manifest = Manifest("persons", instance.settings.name, made_at, (), {"format": FORMAT, "purpose": purpose})
        return pack(content, target, manifest, instance.signer)


def _write_lines(path: Path, lines: Iterable[dict[str, Any] | bytes]) -> None:
    with gzip.open(path, "wb", compresslevel=6) as file:
        for line in lines:
            file.write((line if isinstance(line, bytes) else dump_canonical(line)) + b"\n")


def _log_lines(reader: Connection, size: int, progress: Progress | None) -> Iterator[bytes]:
    rows = reader.stream(
        "SELECT rv, type, recorded_at, commitment, salt, uid, valid_from, valid_until, body FROM entry"
        " WHERE rv < ? ORDER BY rv",
        (size,),
    )
    for rv, kind, recorded_at, commitment, salt, uid, valid_from, valid_until, body in rows:
        head = {
            "commitment": bytes(commitment).hex(),
            "recordedAt": recorded_at,
            "rv": rv,
            "salt": None if salt is None else bytes(salt).hex(),
            "type": kind,
            "uid": uid,
            "validFrom": None if valid_from == BEGIN_OF_TIME else valid_from,
            "validUntil": None if valid_until == END_OF_TIME else valid_until,
        }
        # The body goes along byte for byte: its commitment is over these bytes.
        yield b'{"body":%b,%b' % (b"null" if body is None else bytes(body), dump_canonical(head)[1:])
        if progress and rv % 1_000 == 0:
            progress(rv, size)
    if progress:
        progress(size, size)


def _operational_lines(reader: Connection) -> Iterator[dict[str, Any]]:
    for table, columns in OPERATIONAL.items():
        for row in reader.stream(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {columns[0]}, {columns[1]}"):
            values = {
                name: bytes(value).decode() if isinstance(value, bytes | memoryview) else value
                for name, value in zip(columns, row, strict=True)
            }
            yield {"row": values, "table": table}
