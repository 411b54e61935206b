"""Reads law files: those that a cache knows by their hash are outlined at once and parsed when a rule is needed."""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, overload

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.articles import parse_articles
from eendracht.kernel.rules.document import MAXIMUM_BYTES, Faults, read_document, refuse_size
from eendracht.kernel.rules.failures import NoSuchRule
from eendracht.kernel.rules.outline import Outline, make_outline
from eendracht.kernel.rules.outline_cache import Kept, OutlineCache
from eendracht.kernel.rules.services import parse_service_law

LAW_SUFFIXES = (".yaml", ".yml")
_SERVICE: Final = re.compile(rb"^(service|properties)\s*:", re.MULTILINE)
_ARTICLES: Final = re.compile(rb"^articles\s*:", re.MULTILINE)


class StoredArticles(Sequence[ir.Article]):
    """The articles of a law file that was checked before, parsed from the bytes at hand when first asked for."""

    def __init__(self, data: bytes, file: str) -> None:
        self._data = data
        self._file = file
        self._articles: tuple[ir.Article, ...] | None = None

    @property
    def is_parsed(self) -> bool:
        """Whether anybody has asked yet."""
        return self._articles is not None

    def _all(self) -> tuple[ir.Article, ...]:
        if self._articles is None:
            regulation = parse_regulation(self._data, self._file, Faults(self._file))
            self._articles = tuple(regulation.articles) if regulation else ()
            self._data = b""
        return self._articles

    @overload
    def __getitem__(self, at: int) -> ir.Article: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[ir.Article, ...]: ...
    def __getitem__(self, at: int | slice) -> ir.Article | tuple[ir.Article, ...]:
        return self._all()[at]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[ir.Article]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return self._all() == tuple(other) if isinstance(other, tuple | StoredArticles) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all()) if self.is_parsed else f"<articles of {self._file}>"

    def __reduce__(self) -> Any:
        return tuple, (self._all(),)


@dataclass(slots=True)
class Reading:
    """What was read from law files: regulations with their outlines, and what is wrong or odd in the files."""

    regulations: list[ir.Regulation]
    outlines: list[Outline]
    errors: list[Fault]
    warnings: list[Fault]


def read_laws(paths: Iterable[Path], cache: Path | None = None) -> Reading:
    """Read all law files at or below the paths; raises NoSuchRule for a missing path."""
    reading = Reading([], [], [], [])
    files = list_law_files(paths)
    kept = OutlineCache.open(cache, reading.warnings) if cache is not None else None
    for root, file in files:
        name = file.relative_to(root).as_posix() if file != root else file.name
        _read_law(file, name, reading, kept)
    if kept is not None:
        kept.save(reading.warnings)
    return reading


def _read_law(file: Path, name: str, reading: Reading, cache: OutlineCache | None) -> None:
    faults = Faults(name)
    data = _read_bytes(file, faults)
    sha256 = hashlib.sha256(data).hexdigest() if cache is not None and data else ""
    known = cache.get(sha256) if cache is not None and data else None
    if known is not None:
        place = ir.Place(name, known.regulation.place.line, known.regulation.place.path)
        regulation = replace(known.regulation, place=place, articles=StoredArticles(data, name))
        reading.regulations.append(regulation)
        reading.outlines.append(known.outline)
        reading.warnings += known.warnings_in(name)
        return
    parsed = parse_regulation(data, name, faults) if data else None
    reading.errors += faults.errors
    reading.warnings += faults.warnings
    if parsed is None:
        return
    outline = make_outline(parsed)
    reading.regulations.append(parsed)
    reading.outlines.append(outline)
    if cache is not None and not faults.errors:
        cache.put(sha256, Kept.of(parsed, outline, faults.warnings))


def _read_bytes(file: Path, faults: Faults) -> bytes:
    """Give the content of a file; empty, with the reason among the faults, where it cannot be a law."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        place = ir.Place(faults.file, 1)
        reason = str(error.strerror)
        faults.error(
            place, "unreadable-law", f"Niet te lezen: {reason}", f"Cannot be read: {reason}", "Check its rights."
        )
        return b""
    if len(data) > MAXIMUM_BYTES:
        refuse_size(faults.file, faults)
        return b""
    if not data:
        place = ir.Place(faults.file, 1)
        faults.error(place, "not-a-law", "Dit bestand is leeg", "This file is empty", "Remove it, or write the law.")
    return data


def read_regulations(paths: Iterable[Path]) -> tuple[list[ir.Regulation], list[Fault], list[Fault]]:
    """Read all law files at or below the paths; gives what was read, the errors and the warnings."""
    reading = read_laws(paths)
    return reading.regulations, reading.errors, reading.warnings


def list_law_files(paths: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Give each law file with the folder it was found under, in a fixed order; raises NoSuchRule for a missing path."""
    found = []
    for path in paths:
        if path.is_file():
            found.append((path, path))
        elif path.is_dir():
            found += [
                (path, file) for file in sorted(path.rglob("*")) if file.suffix in LAW_SUFFIXES and file.is_file()
            ]
        else:
            raise NoSuchRule(f"There is no file or folder {path}", hint="Give the folder that holds the law files.")
    return found


def parse_regulation(data: bytes, file: str, faults: Faults) -> ir.Regulation | None:
    """Read one law file of either format; None with the reasons among the faults."""
    if len(data) <= MAXIMUM_BYTES and _SERVICE.search(data) and not _ARTICLES.search(data):
        return parse_service_law(data, file, faults)
    document = read_document(data, file, faults)
    if document is None:
        return None
    return parse_articles(data, file, faults, document)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from walking what is being read, over and over: all of it stays."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
