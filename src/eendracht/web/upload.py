"""A form with a file: streamed to disk as it arrives, refused as soon as it is known to be too large."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import IO, Any, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from eendracht.kernel.errors import UsageFault
from eendracht.kernel.imports.bounds import MAX_FILE_BYTES
from eendracht.kernel.uploads import safe_name
from eendracht.kit.forms import Posted
from eendracht.kit.pages import UploadedFile
from eendracht.kit.problem import RequestRefused

MOST_BYTES: Final = MAX_FILE_BYTES + 2**20
"""Largest form with a file: the largest file that an import reads, and the fields beside it."""
SECONDS: Final = 600.0
"""How long a file may take to arrive."""
_MOST_FIELD_BYTES: Final = 100_000
_MOST_FIELDS: Final = 100


class _Receiver:
    """Takes the parts of a form: small ones as text, the one file to disk."""

    def __init__(self, boundary: bytes, target: IO[bytes]) -> None:
        self.posted: dict[str, list[str]] = {}
        self.file_name = ""
        self.size = 0
        self._target = target
        self._begin()
        callbacks: dict[str, Any] = {
            "on_part_begin": self._begin,
            "on_header_field": self._take_header_name,
            "on_header_value": self._take_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._start_content,
            "on_part_data": self._take,
            "on_part_end": self._end,
        }
        self.parser = MultipartParser(boundary, callbacks)  # type: ignore[arg-type]

    def _begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._header_name, self._header_value, self._text = b"", b"", b""
        self._name, self._is_file = "", False

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name, self._header_value = b"", b""

    def _start_content(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")[:200]
        if b"filename" in options:
            if self.file_name:
                raise UsageFault("The form holds more than one file")
            self._is_file = True
            given = options[b"filename"].decode("utf-8", "replace")
            self.file_name = safe_name(given) if given else ""

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._target.write(data[start:end])
            self.size += end - start
            return
        self._text += data[start:end]
        if len(self._text) > _MOST_FIELD_BYTES:
            raise UsageFault("A field of the form is too long")

    def _end(self) -> None:
        if self._is_file:
            return
        if sum(map(len, self.posted.values())) >= _MOST_FIELDS:
            raise UsageFault("The form holds too many fields")
        self.posted.setdefault(self._name, []).append(self._text.decode("utf-8", "replace").replace("\0", ""))


async def read_upload(request: Request) -> tuple[Posted, UploadedFile | None]:
    """Give the fields of a form and its file, which the caller removes; raises RequestRefused and UsageFault.

    What announces itself as too large is refused before a byte of it is read.
    """
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if media_type != b"multipart/form-data" or not boundary:
        raise RequestRefused(415, "This is not a form with a file")
    hint = f"A file holds at most {MAX_FILE_BYTES // 1_000_000} MB: split it."
    too_large = RequestRefused(413, "The file is too large", hint=hint)
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > MOST_BYTES:
        raise too_large
    descriptor, path = tempfile.mkstemp(prefix="eendracht-")
    try:
        with os.fdopen(descriptor, "wb") as target:
            receiver = _Receiver(boundary, target)
            async with asyncio.timeout(SECONDS):
                total = 0
                async for part in request.stream():
                    total += len(part)
                    if total > MOST_BYTES:
                        raise too_large
                    receiver.parser.write(part)
                receiver.parser.finalize()
    except BaseException as error:
        Path(path).unlink(missing_ok=True)
        if isinstance(error, FormParserError):
            raise UsageFault(f"The form cannot be read: {error}") from None
        if isinstance(error, TimeoutError):
            raise RequestRefused(408, f"The file did not arrive within {SECONDS:.0f} seconds") from None
        if isinstance(error, ClientDisconnect):
            raise RequestRefused(400, "The connection was closed before the file was there") from None
        raise
    return receiver.posted, UploadedFile(receiver.file_name, Path(path), receiver.size)
