"""Nodes of other organisations that take messages of an exercise: real servers, that can be away, silent or refuse."""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eendracht.kernel.clock import parse_moment


@dataclass(frozen=True)
class Arrival:
    """A message as it came in."""

    key: str
    body: dict[str, Any]
    at: datetime

    @property
    def seconds(self) -> float:
        """How long after it was due it came."""
        return (self.at - parse_moment(self.body["dueAt"])).total_seconds()


@dataclass
class Node:
    """A node on a port of its own; it answers with `status` while it is there."""

    port: int = 0
    status: int = 204
    slowness: float = 0.0
    arrivals: list[Arrival] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _holder: socket.socket | None = None

    def __post_init__(self) -> None:
        # The port stays ours while the node is away: bound, and nobody listens.
        self._holder = socket.socket()
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._holder.bind(("127.0.0.1", self.port))
        self.port = int(self._holder.getsockname()[1])

    @property
    def origin(self) -> str:
        """How the list of recipients names it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Be there."""
        node = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(node.slowness)
                key = self.headers["Idempotency-Key"]
                node.arrivals.append(Arrival(key, body, datetime.now(UTC)))
                self.send_response(node.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            allow_reuse_port = True
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Be away: who connects is refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def be_silent(self) -> None:
        """Take connections and never say anything."""
        assert self._holder is not None
        self._holder.listen(1_000)

    def close(self) -> None:
        """Be gone for good."""
        self.stop()
        if self._holder is not None:
            self._holder.close()
