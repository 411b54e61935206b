"""Real TLS servers on loopback: pyOpenSSL (quantum-safe groups), the ssl module of Python, and a few that are none."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from OpenSSL import SSL


def write_certificate(folder: Path, *, is_rsa: bool = False) -> tuple[Path, Path]:
    """Make a certificate of its own for localhost; gives its file and that of its key."""
    key = rsa.generate_private_key(65537, 2048) if is_rsa else ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    kind = "rsa" if is_rsa else "ec"
    paths = folder / f"{kind}.crt", folder / f"{kind}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


class Counter:
    """How many connections a server took, and how many handshakes were finished in them."""

    def __init__(self) -> None:
        self.connections = 0
        self.handshakes = 0


@contextmanager
def listen(handle: Callable[[socket.socket, Counter], None]) -> Iterator[tuple[int, Counter]]:
    """Serve on a free port of loopback; each connection is handled in a thread of its own."""
    counter = Counter()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        is_over = threading.Event()

        def attend(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError, ssl.SSLError, SSL.Error):
                connection.settimeout(5)
                handle(connection, counter)

        def work() -> None:
            while not is_over.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                if is_over.is_set():
                    connection.close()
                    return
                counter.connections += 1
                threading.Thread(target=attend, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield server.getsockname()[1], counter
        is_over.set()
        with contextlib.suppress(OSError):
            socket.create_connection(server.getsockname(), timeout=1).close()
        thread.join(5)


@contextmanager
def classical(
    certificate: tuple[Path, Path], change: Callable[[ssl.SSLContext], None]
) -> Iterator[tuple[int, Counter]]:
    """Serve with Python's own ssl module: OpenSSL 3.0, which knows no quantum-safe group."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    change(context)

    def handle(connection: socket.socket, counter: Counter) -> None:
        with context.wrap_socket(connection, server_side=True):
            counter.handshakes += 1

    with listen(handle) as found:
        yield found


@contextmanager
def modern(certificate: tuple[Path, Path], groups: str = "", options: int = 0) -> Iterator[tuple[int, Counter]]:
    """Serve with pyOpenSSL, on the OpenSSL of the package cryptography; `groups` as OpenSSL lists them."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_file(str(certificate[0]))
    context.use_privatekey_file(str(certificate[1]))
    if options:
        context.set_options(options)
    if groups:
        from cryptography.hazmat.bindings.openssl.binding import Binding

        library = Binding.lib
        assert library.SSL_CTX_set1_curves_list(context._context, groups.encode()) == 1, groups

    def handle(connection: socket.socket, counter: Counter) -> None:
        peer = SSL.Connection(context, connection)
        peer.set_accept_state()
        connection.setblocking(True)
        peer.do_handshake()
        counter.handshakes += 1

    with listen(handle) as found:
        yield found


@contextmanager
def between(
    port: int, lets_through: Callable[[bytes, int], bool], before: bytes = b""
) -> Iterator[tuple[int, Counter]]:
    """Stand before a server as a firewall does: what it does not let through stays without an answer.

    `lets_through` gets the ClientHello and the number of the connection; `before` goes before each answer.
    """

    def handle(connection: socket.socket, counter: Counter) -> None:
        number, hello = counter.connections, connection.recv(65_536)
        if not lets_through(hello, number):
            connection.recv(1)
            return
        with socket.create_connection(("127.0.0.1", port), timeout=5) as server:
            server.sendall(hello)
            connection.sendall(before)
            while said := server.recv(65_536):
                connection.sendall(said)

    with listen(handle) as found:
        yield found
