"""Audit events to a syslog receiver: RFC 5424 messages with the event as JSON, over UDP, TCP or a local socket."""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import Final
from urllib.parse import urlsplit

import orjson

from eendracht.kernel.audit import AuditEvent
from eendracht.kernel.journal import Line

FACILITY: Final = 13
"""Log audit, of table 1 of RFC 5424."""
SEVERITIES: Final = {"error": 3, "warning": 4, "notice": 5}
"""Numbers of table 2 of RFC 5424."""
TIMEOUT_SECONDS: Final = 2.0
_LOG: Final = logging.getLogger("eendracht.audit")


class Syslog:
    """Sends each event to a receiver, in the order in which it is handed in.

    The journal has the event before it comes here: where the receiver is away, that is logged, and the next event is
    tried again.
    """

    def __init__(self, address: str, node: str) -> None:
        """Take an address such as `udp://127.0.0.1:514`, `tcp://logs.example:601` or `unix:///dev/log`."""
        self._address = urlsplit(address)
        self._host = node.partition("/")[0] or "-"
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def __call__(self, event: AuditEvent, line: Line) -> None:
        """Send one event; never raises."""
        message = format_message(event, line, self._host)
        with self._lock:
            for attempt in (1, 2):
                try:
                    self._send(message)
                    return
                except OSError as error:
                    self._close()
                    if attempt == 2:
                        _LOG.error("audit-not-sent %s %s", event.code, error.strerror or error)

    def _send(self, message: bytes) -> None:
        if self._socket is None:
            self._socket = self._open()
        # RFC 6587, section 3.4.1: over a stream each message says how long it is.
        framed = b"%d %b" % (len(message), message) if self._address.scheme == "tcp" else message
        self._socket.sendall(framed)

    def _open(self) -> socket.socket:
        if self._address.scheme == "unix":
            opened = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            opened.connect(self._address.path)
            return opened
        place = (self._address.hostname or "", self._address.port or 514)
        if self._address.scheme == "tcp":
            return socket.create_connection(place, TIMEOUT_SECONDS)
        family, kind, protocol, _, target = socket.getaddrinfo(*place, type=socket.SOCK_DGRAM)[0]
        opened = socket.socket(family, kind, protocol)
        opened.connect(target)
        return opened

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def format_message(event: AuditEvent, line: Line, host: str) -> bytes:
    """Give the RFC 5424 message of an event: its code as MSGID, and its content as JSON after a byte order mark."""
    priority = FACILITY * 8 + SEVERITIES[event.severity]
    content = {"position": line.position, "at": line.at, "severity": event.severity, "title": event.en, **line.content}
    head = f"<{priority}>1 {line.at} {host[:255]} eendracht {os.getpid()} {event.code[:32]} - ".encode(
        "ascii", "replace"
    )
    return head + b"\xef\xbb\xbf" + orjson.dumps(content)
