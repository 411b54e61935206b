"""A thousand TLS endpoints on loopback, in a process of their own, that count who came by."""

from __future__ import annotations

import contextlib
import multiprocessing
import selectors
import socket
import ssl
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from OpenSSL import SSL

from tests.resilience.tls.servers import write_certificate

SORTS: Final = ("hybrid", "large-hybrid", "modern", "classical")
"""What the endpoints are, by turns: the defaults of OpenSSL 4, one group of 1,024, without and an old library."""
_GROUPS: Final = {"large-hybrid": "SecP384r1MLKEM1024:x25519", "modern": "x25519:secp256r1"}
_ATTENDANTS: Final = 32


@contextmanager
def run_farm(count: int) -> Iterator[tuple[Sequence[int], Connection]]:
    """Serve on so many ports; gives these, and the end of a pipe.

    What is sent there is answered with the connections since the last time, by port. Port n is of sort n modulo four.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(count, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv(), ours
    finally:
        process.terminate()
        process.join(10)


def _serve(count: int, pipe: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        certificate = write_certificate(Path(folder))
        contexts = {sort: _make_context(sort, certificate) for sort in SORTS}
        listening = [socket.create_server(("127.0.0.1", 0), backlog=16) for _ in range(count)]
        counter: Counter[int] = Counter()
        with selectors.DefaultSelector() as selector, ThreadPoolExecutor(_ATTENDANTS) as pool:
            selector.register(pipe, selectors.EVENT_READ)
            for number, server in enumerate(listening):
                selector.register(server, selectors.EVENT_READ, SORTS[number % len(SORTS)])
            pipe.send([server.getsockname()[1] for server in listening])
            while True:
                for key, _ in selector.select():
                    if key.data is None:
                        pipe.recv()
                        pipe.send(dict(counter))
                        counter.clear()
                        continue
                    connection, _ = key.fileobj.accept()  # type: ignore[union-attr]
                    counter[connection.getsockname()[1]] += 1
                    pool.submit(_attend, connection, contexts[key.data])


def _make_context(sort: str, certificate: tuple[Path, Path]) -> Any:
    if sort == "classical":
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        old.load_cert_chain(*certificate)
        return old
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_file(str(certificate[0]))
    context.use_privatekey_file(str(certificate[1]))
    if sort in _GROUPS:
        from cryptography.hazmat.bindings.openssl.binding import Binding

        assert Binding.lib.SSL_CTX_set1_curves_list(context._context, _GROUPS[sort].encode()) == 1
    return context


def _attend(connection: socket.socket, context: Any) -> None:
    with connection, contextlib.suppress(OSError, ssl.SSLError, SSL.Error):
        connection.settimeout(5)
        if isinstance(context, ssl.SSLContext):
            context.wrap_socket(connection, server_side=True).close()
            return
        peer = SSL.Connection(context, connection)
        peer.set_accept_state()
        connection.setblocking(True)
        peer.do_handshake()
