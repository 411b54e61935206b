"""Keeps the outlines of law files between runs, in one file, by the hash of their bytes.

The file is data that is validated when it is read, never code. It counts only when it was made by exactly these
sources of the reader; what is damaged, older or of somebody else is ignored and made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.outline import Outline

FILE_NAME = "law-outlines.json"
_MAGIC = b"eendracht law outlines 1\n"
_SLACK = 1000
"""So many entries that this load did not use are kept at least, and as many again as it used."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning about a file, its place without the name of the file."""

    tail: str
    code: str
    nl: str
    en: str
    hint: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A regulation without its articles, its outline, and the warnings that reading it gave."""

    regulation: ir.Regulation
    outline: Outline
    remarks: tuple[Remark, ...]

    @classmethod
    def of(cls, regulation: ir.Regulation, outline: Outline, warnings: Iterable[Fault]) -> Kept:
        """Take what is worth keeping."""
        length = len(regulation.place.file)
        remarks = (Remark(fault.pointer[length:], fault.code, fault.nl, fault.en, fault.hint) for fault in warnings)
        place = ir.Place("", regulation.place.line, regulation.place.path)
        return cls(replace(regulation, articles=(), place=place), outline, tuple(remarks))

    def warnings_in(self, file: str) -> list[Fault]:
        """Give the warnings as they are said of a file."""
        return [Fault(f"{file}{item.tail}", item.code, item.nl, item.en, item.hint) for item in self.remarks]


class OutlineCache:
    """The kept outlines of a folder. `open` it, `get` and `put`, and `save` once."""

    def __init__(self, folder: Path, entries: dict[str, Kept]) -> None:
        self._folder = folder
        self._entries = entries
        self._used: dict[str, Kept] = {}
        self._is_changed = False

    @classmethod
    def open(cls, folder: Path, warnings: list[Fault]) -> OutlineCache | None:
        """Open the cache of a folder, which is made for the owner alone; None, with a warning, where it is not safe."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_private(folder.lstat(), stat.S_ISDIR):
                _warn(warnings, folder, "unsafe-cache", "is niet alleen van u", "is not yours alone")
                return None
            return cls(folder, _read(folder / FILE_NAME))
        except OSError as error:
            _warn(warnings, folder, "no-cache", f"is niet te gebruiken ({error.strerror})", f"fails: {error.strerror}")
            return None

    def get(self, sha256: str) -> Kept | None:
        """Give what is kept of a file."""
        found = self._entries.get(sha256)
        if found is not None:
            self._used[sha256] = found
        return found

    def put(self, sha256: str, kept: Kept) -> None:
        """Keep something of a file."""
        self._used[sha256] = self._entries[sha256] = kept
        self._is_changed = True

    def save(self, warnings: list[Fault]) -> None:
        """Write what is new, all or nothing; a failure is a warning."""
        if not self._is_changed:
            return
        others = [item for item in self._entries.items() if item[0] not in self._used]
        entries = self._used | dict(others[: len(self._used) + _SLACK])
        payload = orjson.dumps(entries)
        try:
            _write(self._folder, _MAGIC + _sources() + b"\n" + _digest(payload) + b"\n" + payload)
        except OSError as error:
            reason = error.strerror
            _warn(
                warnings, self._folder, "no-cache", f"is niet te schrijven ({reason})", f"cannot be written: {reason}"
            )


def _read(path: Path) -> dict[str, Kept]:
    """Give the entries of a cache file; none where it is missing, foreign, of another version or damaged."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return {}
    with os.fdopen(handle, "rb") as stream:
        if not _is_private(os.fstat(handle), stat.S_ISREG):
            return {}
        data = stream.read()
    head = _MAGIC + _sources() + b"\n"
    if not data.startswith(head):
        return {}
    digest, _, payload = data[len(head) :].partition(b"\n")
    if digest != _digest(payload):
        return {}
    try:
        entries: dict[str, Kept] = _adapter().validate_json(payload)
    except ValueError:
        return {}
    return entries


def _write(folder: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{FILE_NAME}.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(folder / FILE_NAME)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _is_private(status: os.stat_result, is_type: Any) -> bool:
    """Whether it is of the right type, ours, and of nobody else."""
    return bool(is_type(status.st_mode)) and status.st_uid == os.geteuid() and not status.st_mode & 0o077


@cache
def _sources() -> bytes:
    """Give the hash of everything that decides what an outline says: our sources, Python and the YAML reader."""
    digest = hashlib.sha256(f"{sys.version} yaml {yaml.__version__}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest().encode()


def _digest(payload: bytes) -> bytes:
    return hashlib.sha256(payload).hexdigest().encode()


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(dict[str, Kept])


def _warn(warnings: list[Fault], folder: Path, code: str, nl: str, en: str) -> None:
    faults = Faults("")
    hint = f"Give a folder of your own: chmod 700 {folder}. Laws are read without a cache."
    faults.warn(ir.Place(str(folder), 0), code, f"De map voor de cache {nl}", f"The cache folder {en}", hint)
    warnings += faults.warnings
