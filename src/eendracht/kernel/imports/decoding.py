"""Turns the bytes of a text file into text: UTF-8, UTF-16 or Windows-1252, or a refusal with line and column."""

from __future__ import annotations

import codecs
import re
from typing import Final

from eendracht.kernel.errors import UnreadableFile
from eendracht.kernel.imports.bounds import refuse

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ESCAPED = re.compile(r"[\udc80-\udcff]")
_MULTIBYTE = re.compile(r"[^\x00-\x7f\udc80-\udcff]")


def decode_text(data: bytes, place: str) -> tuple[str, str]:
    """Give the text and the name of its encoding.

    A byte order mark decides; else UTF-16 shows by its zero bytes; else UTF-8 where it is valid; else Windows-1252,
    unless the file mixes both. Raises UnreadableFile with line and column of the first byte that does not fit.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _check(_strict(data[len(bom) :], encoding, place), place), encoding
    sample = data[:4096]
    if len(sample) >= 4 and len(sample) // 3 <= sample.count(0):
        encoding = "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        return _check(_strict(data, encoding, place), place), encoding
    try:
        return _check(data.decode("utf-8"), place), "utf-8"
    except UnicodeDecodeError:
        return _check(_decode_single_byte(data, place), place), "windows-1252"


def _decode_single_byte(data: bytes, place: str) -> str:
    loose = data.decode("utf-8", "surrogateescape")
    if _MULTIBYTE.search(loose):
        stray = _ESCAPED.search(loose)
        raise _undecodable(loose[: stray.start() if stray else 0], place, "mixed UTF-8 and another encoding")
    return _strict(data, "cp1252", place)


def _strict(data: bytes, encoding: str, place: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data[: error.start].decode(encoding, "replace"), place, encoding) from error


def _check(text: str, place: str) -> str:
    control = _CONTROL.search(text)
    if control is None:
        return text
    raise refuse(
        _place(text[: control.start()], place),
        "not-text",
        "Dit is geen tekstbestand",
        "This is not a text file: it holds control characters",
        "Check that the extension fits the content, and export it again as CSV.",
    )


def _undecodable(before: str, place: str, encoding: str) -> UnreadableFile:
    return refuse(
        _place(before, place),
        "undecodable",
        "Dit teken past niet bij de codering van het bestand",
        f"This character does not fit the encoding of the file ({encoding})",
        "Save the file again as 'CSV UTF-8'.",
    )


def _place(before: str, place: str) -> str:
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f"{place} › regel {line}, teken {column}"
