"""A set of files in a folder or a .tar.gz, with a signed manifest of their sizes and SHA-256.

The manifest comes first, and nothing is unpacked that it does not name; whoever checks the signature knows that
nobody else made or changed the set. No path of an archive is ever trusted.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import orjson

from eendracht.kernel.errors import Conflict, Fault, StorageFailure, UnreadableFile
from eendracht.kernel.ledger.note import Signer, Verifier, parse_note, sign_note, verify_note
from eendracht.kernel.ledger.staging import sync_path
from eendracht.kernel.private import FILE_MODE, FOLDER_MODE

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
MOST_MANIFEST_BYTES: Final = 64 * 2**20

_ENDINGS = (".tar.gz", ".tgz")
_CHUNK = 2**20
_SAFE_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*/){0,5}[A-Za-z0-9_][A-Za-z0-9._-]*", re.ASCII)
_DAMAGE = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Packed:
    """One file of the set: its path below the top, its size and its SHA-256 in hexadecimal."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a set holds. `content` is `backup` or `keys`; `about` says more, by the content."""

    content: str
    node: str
    made_at: str
    files: tuple[Packed, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    format: int = 1

    def encode(self) -> bytes:
        """Give the manifest as it stands in the set."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"

    @classmethod
    def parse(cls, data: bytes, name: str) -> Manifest:
        """Read a manifest; raises UnreadableFile for one that is malformed or names a path that leads elsewhere."""
        try:
            raw = orjson.loads(data)
            if raw["format"] != 1:
                raise UnreadableFile(f"{name} has format {raw['format']}", hint="Update Eendracht on this machine.")
            files = tuple(Packed(str(f["path"]), int(f["bytes"]), str(f["sha256"])) for f in raw["files"])
            manifest = cls(str(raw["content"]), str(raw["node"]), str(raw["made_at"]), files, dict(raw["about"]))
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableFile(f"{name} holds no manifest that can be read", hint=_HINT) from error
        wrong = [_fault(name, f.path, "unsafe-path") for f in files if not _is_safe(f.path) or f.bytes < 0]
        if len({f.path for f in files}) != len(files):
            wrong.append(_fault(name, MANIFEST, "double-path"))
        if wrong:
            raise UnreadableFile(f"{name} is refused", faults=wrong, hint=_HINT)
        return manifest


_HINT = "Use another copy: this one is damaged, incomplete, or was tampered with."
_WORDS = {
    "unsafe-path": ("Dit pad leidt buiten de reservekopie", "This path leads outside the backup"),
    "double-path": ("Een bestand staat er twee keer in", "A file is named twice"),
    "not-a-file": ("Dit is geen gewoon bestand", "This is not a plain file"),
    "unexpected-file": ("Dit bestand staat niet in het manifest", "This file is not in the manifest"),
    "missing-file": ("Dit bestand ontbreekt", "This file is missing"),
    "changed-file": ("Dit bestand is gewijzigd of afgekapt", "This file was changed or cut short"),
}


def _fault(name: str, path: str, code: str) -> Fault:
    return Fault(f"{name} › {path[:200]}", code, *_WORDS[code], _HINT)


def _refused(name: str, path: str, code: str) -> UnreadableFile:
    return UnreadableFile(f"{name} is refused", faults=[_fault(name, path, code)], hint=_HINT)


def _is_safe(path: str) -> bool:
    return _SAFE_PATH.fullmatch(path) is not None and len(path) <= 200 and path not in (MANIFEST, SIGNATURE)


# -- packing ------------------------------------------------------------------------------------------------------


@contextmanager
def staging(beside: Path, purpose: str) -> Iterator[Path]:
    """Give a folder for its owner alone, on the disk of `beside`, that is gone afterwards; raises StorageFailure."""
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{beside.name}.{purpose}-", dir=beside.parent))
    except OSError as error:
        raise StorageFailure(f"{beside.parent}: {error.strerror}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pack(folder: Path, target: Path, manifest: Manifest, signer: Signer) -> Manifest:
    """Write the files of a folder as a set, whole or not at all, and give its manifest.

    A target that ends in .tar.gz becomes an archive, any other a folder. Raises Conflict where it exists,
    StorageFailure.
    """
    refuse_existing(target)
    try:
        files = tuple(_measure(folder, path) for path in sorted(folder.rglob("*")) if path.is_file())
        manifest = Manifest(manifest.content, manifest.node, manifest.made_at, files, manifest.about)
        encoded = manifest.encode()
        (folder / MANIFEST).write_bytes(encoded)
        (folder / SIGNATURE).write_bytes(sign_note(_signed_text(encoded), [signer]).encode())
        if target.name.endswith(_ENDINGS):
            _write_archive(folder, target, manifest)
        else:
            for path in (folder, *folder.rglob("*")):
                path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
                sync_path(path)
            folder.rename(target)
        sync_path(target.parent)
    except OSError as error:
        raise StorageFailure(f"{target}: {error.strerror}; no backup was made") from error
    return manifest


def refuse_existing(target: Path) -> None:
    """Raise Conflict where something is at the target already."""
    if target.exists() or target.is_symlink():
        raise Conflict(f"{target} exists already", hint="Name a new file or folder, or move the old one aside.")


def _write_archive(folder: Path, target: Path, manifest: Manifest) -> None:
    draft = folder.with_name(f"{folder.name}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=4) as archive:
                for path in (MANIFEST, SIGNATURE, *(item.path for item in manifest.files)):
                    info = tarfile.TarInfo(path)
                    info.size, info.mode = (folder / path).stat().st_size, FILE_MODE
                    with (folder / path).open("rb") as source:
                        archive.addfile(info, source)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)


def _measure(folder: Path, path: Path) -> Packed:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Packed(path.relative_to(folder).as_posix(), path.stat().st_size, digest)


def _signed_text(manifest: bytes) -> str:
    return f"eendracht-backup-v1\n{hashlib.sha256(manifest).hexdigest()}\n"


def publish(folder: Path, target: Path) -> None:
    """Give the node its place; the last step, after everything is on disk."""
    try:
        for path in folder.rglob("*"):
            sync_path(path)
        sync_path(folder)
        folder.rename(target)
        sync_path(target.parent)
    except OSError as error:
        raise StorageFailure(f"{target}: {error.strerror}; nothing was restored") from error


# -- unpacking ----------------------------------------------------------------------------------------------------


def unpack(source: Path, folder: Path, content: str) -> Manifest:
    """Unpack a set into an empty folder, each file held against the manifest, and give the manifest.

    The manifest is not trusted yet: see `check_signature`. Raises UnreadableFile for whatever is damaged, incomplete,
    unexpected or hostile, StorageFailure.
    """
    name = source.name
    try:
        with _members(source) as members:
            encoded = _read_small(members, MANIFEST, name)
            manifest = Manifest.parse(encoded, name)
            if manifest.content != content:
                raise UnreadableFile(f"{name} holds {manifest.content}, not {content}", hint="Name the other file.")
            folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            (folder / MANIFEST).write_bytes(encoded)
            (folder / SIGNATURE).write_bytes(_read_small(members, SIGNATURE, name))
            _unpack_files(members, folder, manifest.files, name)
    except FileNotFoundError:
        raise UnreadableFile(f"There is no {source}", hint="Check the path.") from None
    except _DAMAGE as error:
        raise UnreadableFile(f"{name} is damaged or cut short: {error}", hint=_HINT) from error
    except OSError as error:
        raise StorageFailure(f"{name}: {error.strerror or error}") from error
    return manifest


def check_signature(folder: Path, verifier: Verifier, name: str) -> None:
    """Return if the unpacked manifest was signed by this key of the log; raises UnverifiedNote or InvalidNote."""
    note = parse_note((folder / SIGNATURE).read_bytes())
    verify_note(note, [verifier])
    if note.text != _signed_text((folder / MANIFEST).read_bytes()):
        raise _refused(name, MANIFEST, "changed-file")


_Member = tuple[str, int, IO[bytes]]


@contextmanager
def _members(source: Path) -> Iterator[Iterator[_Member]]:
    if source.is_dir():
        yield _folder_members(source)
        return
    with tarfile.open(source, mode="r:gz") as archive:
        yield _archive_members(archive, source.name)


def _folder_members(source: Path) -> Iterator[_Member]:
    paths = [path for path in sorted(source.rglob("*")) if path.is_symlink() or not path.is_dir()]
    first = [path for path in (source / MANIFEST, source / SIGNATURE) if path in paths]
    for path in [*first, *(path for path in paths if path not in first)]:
        inside = path.relative_to(source).as_posix()
        if path.is_symlink() or not path.is_file():
            raise _refused(source.name, inside, "not-a-file")
        with path.open("rb") as file:
            yield inside, path.stat().st_size, file


def _archive_members(archive: tarfile.TarFile, name: str) -> Iterator[_Member]:
    for info in archive:
        file = archive.extractfile(info) if info.isreg() else None
        if file is None:
            raise _refused(name, info.name, "not-a-file")
        yield info.name, info.size, file


def _read_small(members: Iterator[_Member], path: str, name: str) -> bytes:
    found, size, file = next(members, ("", 0, io.BytesIO()))
    if found != path or size > MOST_MANIFEST_BYTES:
        raise UnreadableFile(f"{name} is no backup: it does not begin with {path}", hint=_HINT)
    return file.read(MOST_MANIFEST_BYTES)


def _unpack_files(members: Iterator[_Member], folder: Path, files: Sequence[Packed], name: str) -> None:
    wanted = {item.path: item for item in files}
    for path, size, file in members:
        item = wanted.pop(path, None)
        if item is None:
            raise _refused(name, path, "unexpected-file")
        if size != item.bytes or not _copy_checked(file, folder / path, item):
            raise _refused(name, path, "changed-file")
    if wanted:
        raise UnreadableFile(
            f"{name} is incomplete", faults=[_fault(name, path, "missing-file") for path in sorted(wanted)], hint=_HINT
        )


def _copy_checked(file: IO[bytes], target: Path, item: Packed) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as copy:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest() == item.sha256
