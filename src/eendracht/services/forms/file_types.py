"""Which files are taken as evidence, told by their content and never by what they call themselves.

Sources: ISO 32000-2 (PDF), ITU-T T.81 (JPEG), ISO/IEC 15948 (PNG). A file is followed from its beginning to its own
end, so that one that only begins like a picture, or was cut off, is found. What a reader does with it (a virus, a
script in a PDF) is not looked for: that is for whoever opens it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.errors import Fault

MOST_BYTES: Final = 10 * 2**20
"""Largest file."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PDF_TAIL: Final = 2_048


@dataclass(frozen=True, slots=True)
class FileType:
    """A sort of file: its media type, what people call it, and how its names end."""

    media_type: str
    name: str
    suffixes: tuple[str, ...]
    begins: bytes
    is_whole: Callable[[bytes], bool]


def check_file(name: str, size: int, content: bytes) -> FileType | Fault:
    """Give what a file is, or what is wrong with it; `content` may be cut off where `size` is too large."""
    if not size:
        return _fault("empty-file", "Dit bestand is leeg", "This file is empty")
    if size > MOST_BYTES:
        return _fault("file-too-large", "Dit bestand is groter dan 10 MB", "This file is larger than 10 MB")
    found = next((item for item in TYPES if content.startswith(item.begins)), None)
    if found is None:
        return _fault("wrong-file-type", "Dit is geen PDF, JPEG of PNG", "This is no PDF, JPEG or PNG")
    suffix = name.rpartition(".")[2].casefold() if "." in name else ""
    if suffix and suffix not in found.suffixes:
        nl = f"De naam eindigt op .{suffix[:10]}, maar de inhoud is {found.name}. Geef het de juiste naam"
        en = f"The name ends in .{suffix[:10]}, but the content is {found.name}. Give it the right name"
        return _fault("disguised-file", nl, en)
    if not found.is_whole(content):
        nl, en = f"Deze {found.name} is beschadigd of niet compleet", f"This {found.name} is damaged or not complete"
        return _fault("damaged-file", nl, en)
    return found


def _fault(code: str, nl: str, en: str) -> Fault:
    return Fault("/evidence-file", code, nl, en)


def _is_whole_pdf(content: bytes) -> bool:
    tail = content[-_PDF_TAIL:]
    return content[5:6].isdigit() and b"startxref" in tail and tail.rfind(b"%%EOF") > tail.rfind(b"startxref")


def _is_whole_png(content: bytes) -> bool:
    """Follow the chunks with their check sums to the last; what lies behind it is no part of the picture."""
    at, is_first, has_data = len(_PNG), True, False
    while at + 12 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        end = at + 8 + length
        if end + 4 > len(content) or is_first != (kind == b"IHDR"):
            return False
        if zlib.crc32(content[at + 4 : end]) != int.from_bytes(content[end : end + 4]):
            return False
        has_data = has_data or kind == b"IDAT"
        if kind == b"IEND":
            return has_data
        at, is_first = end + 4, False
    return False


def _is_whole_jpeg(content: bytes) -> bool:
    """Follow the segments to the scan, which needs a frame before it and an end behind it."""
    at, has_frame = 2, False
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return False
        marker = content[at + 1]
        if marker == 0xFF:  # a marker may be filled up before it
            at += 1
            continue
        if marker in (0xD8, 0xD9, 0x00) or 0xD0 <= marker <= 0xD7:
            return False
        if marker == 0xDA:
            return has_frame and content.find(b"\xff\xd9", at) > 0
        has_frame = has_frame or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC))
        at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4]))
    return False


TYPES: Final = (
    FileType("application/pdf", "PDF", ("pdf",), b"%PDF-", _is_whole_pdf),
    FileType("image/jpeg", "JPEG", ("jpg", "jpeg", "jpe", "jfif"), b"\xff\xd8\xff", _is_whole_jpeg),
    FileType("image/png", "PNG", ("png",), _PNG, _is_whole_png),
)
