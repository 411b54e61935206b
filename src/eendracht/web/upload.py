"""A form with a file: streamed as it arrives to a file without a name, and bounded in size, fields and time."""

from __future__ import annotations

import asyncio
import tempfile
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

FORM_WITH_FILE: Final = "multipart/form-data"
MOST_FIELD_BYTES: Final = 2**20
"""How much the fields beside a file may hold together."""
MOST_BYTES: Final = MAX_FILE_BYTES + MOST_FIELD_BYTES
"""Largest form with a file: the largest file that an import reads, and the fields beside it."""
SECONDS: Final = 600.0
"""How long a file may take to arrive."""
_LONGEST_FIELD_BYTES: Final = 100_000
_MOST_FIELDS: Final = 5_000


class _Receiver:
    """Takes the parts of a form: small ones as text, of the one file at most so many bytes to disk."""

    def __init__(self, boundary: bytes, target: IO[bytes], kept_bytes: int) -> None:
        self.posted: dict[str, list[str]] = {}
        self.file_name = ""
        self.size = 0
        self._target = target
        self._kept_bytes = kept_bytes
        self._fields, self._field_bytes = 0, 0
        self._has_file = False
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
            if self._has_file:
                raise UsageFault("The form holds more than one file")
            self._has_file = self._is_file = True
            given = options[b"filename"].decode("utf-8", "replace")
            self.file_name = safe_name(given) if given else ""

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._target.write(data[start : min(end, start + max(0, self._kept_bytes - self.size))])
            self.size += end - start
            return
        self._text += data[start:end]
        self._field_bytes += end - start
        if len(self._text) > _LONGEST_FIELD_BYTES or self._field_bytes > MOST_FIELD_BYTES:
            raise UsageFault("A field of the form is too long")

    def _end(self) -> None:
        if self._is_file:
            return
        self._fields += 1
        if self._fields > _MOST_FIELDS:
            raise UsageFault("The form holds too many fields")
        self.posted.setdefault(self._name, []).append(self._text.decode("utf-8", "replace").replace("\0", ""))


async def read_upload(
    request: Request, file_bytes: int = 0, *, is_kept: bool = True
) -> tuple[Posted, UploadedFile | None]:
    """Give the fields of a form and its file, which the caller closes; raises RequestRefused and UsageFault.

    What announces itself as too large is refused before a byte of it is read. With `file_bytes` no more than that is
    kept of the file, and `size` tells how large it was. Where the file is not kept the fields come alone.
    """
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if media_type != FORM_WITH_FILE.encode() or not boundary:
        raise RequestRefused(415, "This is not a form with a file")
    most = MOST_BYTES if is_kept else file_bytes + MOST_FIELD_BYTES
    _require_bound(request.headers.get("content-length", "0"), most, file_bytes)
    target = tempfile.TemporaryFile(prefix="eendracht-")  # noqa: SIM115 - closed below, or by the caller
    try:
        receiver = _Receiver(boundary, target, (file_bytes or MAX_FILE_BYTES) if is_kept else 0)
        async with asyncio.timeout(SECONDS):
            total = 0
            async for part in request.stream():
                total += len(part)
                _require_bound(str(total), most, file_bytes)
                receiver.parser.write(part)
            receiver.parser.finalize()
    except BaseException as error:
        target.close()
        if isinstance(error, FormParserError):
            raise UsageFault(f"The form cannot be read: {error}") from None
        if isinstance(error, TimeoutError):
            raise RequestRefused(408, f"The file did not arrive within {SECONDS:.0f} seconds") from None
        if isinstance(error, ClientDisconnect):
            raise RequestRefused(400, "The connection was closed before the file was there") from None
        raise
    if not is_kept:
        target.close()
        return receiver.posted, None
    target.seek(0)
    return receiver.posted, UploadedFile(receiver.file_name, target, receiver.size)


def _require_bound(size: str, most: int, file_bytes: int) -> None:
    if size.isdecimal() and int(size) > most:
        hint = f"A file holds at most {(file_bytes or MAX_FILE_BYTES) // 1_000_000} MB: split it or make it smaller."
        raise RequestRefused(413, "The file is too large", hint=hint)
