"""HTTP connections with an end to patience: slow or endless headers, idle peers and peers that do not read."""

from __future__ import annotations

import asyncio
import socket
from asyncio import TimerHandle
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS: Final = 10.0
"""How long the headers of a request may take, counted from the connection or the answer before."""
MOST_HEADER_BYTES: Final = 64 * 1024
STALLED_SECONDS: Final = 60.0
"""How long a peer may leave an answer unread."""

SEND_BUFFER_BYTES: Final = 512 * 1024
"""Room for a page of records, so that most answers leave in one go."""


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, which by itself waits for headers for ever and takes any amount of them."""

    _header_timer: TimerHandle | None = None
    _write_timer: TimerHandle | None = None
    _header_bytes = 0
    _in_headers = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock with the connection."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=SEND_BUFFER_BYTES)
        handle = transport.get_extra_info("socket")
        if handle is not None:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Count what arrives before the headers are complete."""
        if self._in_headers:
            self._header_bytes += len(data)
            if self._header_timer is None:
                self._header_timer = self.loop.call_later(HEADER_SECONDS, self._give_up)
        super().data_received(data)
        if self._in_headers and self._header_bytes > MOST_HEADER_BYTES:
            self._give_up()

    def on_headers_complete(self) -> None:
        """Stop the clock: body and answer have limits of their own."""
        self._in_headers = False
        self._header_bytes = 0
        self._stop_header_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect the next request."""
        super().on_message_complete()
        self._in_headers = True

    def pause_writing(self) -> None:
        """Start the clock on a peer that does not read."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(STALLED_SECONDS, self._give_up)

    def resume_writing(self) -> None:
        """Stop that clock."""
        self._stop_write_timer()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the clocks."""
        self._stop_header_timer()
        self._stop_write_timer()
        super().connection_lost(exc)

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()
