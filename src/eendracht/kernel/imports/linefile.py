"""A file of lines of any length, a batch at a time: what is in memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Final

from eendracht.kernel.imports.bounds import MAX_LINE_BYTES, refuse

BATCH_LINES: Final = 1_000
BATCH_BYTES: Final = 4_000_000
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A line with its number, counted from 1; `text` is None where it is longer than is read."""

    number: int
    text: bytes | None


@dataclass(frozen=True, slots=True)
class LineBatch:
    """Lines that follow each other, without empty ones, and where the next begins."""

    lines: tuple[NumberedLine, ...]
    place: int
    """Byte at which the next batch begins."""
    last: int
    """Number of the last line, empty ones counted."""


def digest_file(path: Path) -> str:
    """Give the SHA-256 of a file in hex; raises UnreadableFile where it cannot be opened."""
    try:
        with path.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise refuse(
            path.name,
            "not-openable",
            "Het bestand kan niet worden geopend",
            f"The file cannot be opened ({error.strerror or type(error).__name__})",
            "Check the name and whether you may read it.",
        ) from error


def read_batches(path: Path, place: int = 0, last: int = 0, until: int | None = None) -> Iterator[LineBatch]:
    """Yield the lines from a byte on in batches of at most 1,000 lines or 4 MB; `last` lines stood before it.

    With `until` it stops at that byte.
    """
    with path.open("rb") as stream:
        stream.seek(place)
        while until is None or place < until:
            lines: list[NumberedLine] = []
            size = 0
            while len(lines) < BATCH_LINES and size < BATCH_BYTES and (until is None or stream.tell() < until):
                text = stream.readline(MAX_LINE_BYTES + 1)
                if not text:
                    break
                last += 1
                is_whole = len(text) <= MAX_LINE_BYTES
                while not is_whole and not text.endswith(b"\n") and text:
                    text = stream.readline(MAX_LINE_BYTES)
                if last == 1:
                    text = text.removeprefix(_BOM)
                if not is_whole or text.strip():
                    lines.append(NumberedLine(last, text.strip() if is_whole else None))
                    size += len(text)
            if stream.tell() == place:
                return
            place = stream.tell()
            yield LineBatch(tuple(lines), place, last)
