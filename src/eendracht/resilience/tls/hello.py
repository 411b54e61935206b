"""The first words of TLS: a ClientHello that is written, and what a server answers before anything is encrypted.

RFC 8446 sections 4.1 and 4.2, RFC 5246 section 7.4, RFC 8422 section 5.4. A ClientHello of TLS 1.3 offers groups and
sends no share for any of them, so that a server has to name the one that it wants (HelloRetryRequest).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from eendracht.resilience.tls.code_points import SUITES_12, SUITES_13, TLS_1_2, TLS_1_3

_RETRY: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that is a HelloRetryRequest (RFC 8446, section 4.1.3)."""
_SIGNATURES: Final = (
    0x0905, 0x0904, 0x0906, 0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B,
    0x0401, 0x0501, 0x0601, 0x0203, 0x0201,
)  # fmt: skip
"""ML-DSA, ECDSA, EdDSA and RSA: a certificate of any sort will do."""
_ALERT, _HANDSHAKE = 21, 22
_UNRECOGNIZED_NAME: Final = bytes((1, 112))
"""A warning, after which the handshake goes on (RFC 6066, section 3)."""
_SERVER_HELLO, _CERTIFICATE, _SERVER_KEY_EXCHANGE, _SERVER_HELLO_DONE = 2, 11, 12, 14
_MOST_RECORD: Final = 2**14 + 256
_MOST_BYTES: Final = 2**17
"""A server that says more before its key exchange is not listened to any longer."""


class Refused(Exception):
    """The server answered with an alert."""

    def __init__(self, alert: int) -> None:
        super().__init__(f"alert {alert}")
        self.alert = alert


class Unreadable(Exception):
    """What came back is no TLS, or ends halfway."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server chose: version and suite, and the group (a code point), where it says one.

    Of TLS 1.2 with finite-field Diffie-Hellman `prime_bits` is the size of the group that the server made up, and
    `certificate` the certificate (DER) that it sent before anything was encrypted.
    """

    version: int
    suite: int
    group: int | None = None
    prime_bits: int | None = None
    certificate: bytes = b""


def write_hello(name: str, versions: Sequence[int], groups: Sequence[int]) -> bytes:
    """Give a ClientHello as one record, with groups in the order of preference; `name` goes along as SNI."""
    is_13 = TLS_1_3 in versions
    oldest = max(version for version in versions if version <= TLS_1_2) if min(versions) <= TLS_1_2 else TLS_1_2
    suites = [*(SUITES_13 if is_13 else ()), *(SUITES_12 if min(versions) <= TLS_1_2 else ())]
    extensions = [
        _extension(10, _list(2, struct.pack(f"!{len(groups)}H", *groups))),
        _extension(11, b"\x01\x00"),
        _extension(13, _list(2, struct.pack(f"!{len(_SIGNATURES)}H", *_SIGNATURES))),
        # Older servers do not speak to who cannot renegotiate safely (RFC 5746).
        _extension(0xFF01, b"\x00"),
    ]
    if name:
        host = name.encode("idna")
        extensions.append(_extension(0, _list(2, b"\x00" + _list(2, host))))
    if is_13:
        extensions.append(_extension(43, _list(1, struct.pack(f"!{len(versions)}H", *versions))))
        extensions.append(_extension(51, _list(2, b"")))
    body = struct.pack("!H", oldest) + os.urandom(32) + _list(1, os.urandom(32) if is_13 else b"")
    body += _list(2, struct.pack(f"!{len(suites)}H", *suites)) + b"\x01\x00" + _list(2, b"".join(extensions))
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + _list(2, message)


def _list(size: int, content: bytes) -> bytes:
    return len(content).to_bytes(size, "big") + content


def _extension(code: int, content: bytes) -> bytes:
    return struct.pack("!H", code) + _list(2, content)


def read_answer(receive: Callable[[int], bytes]) -> Answer:
    """Read what a server chose; `receive` gives at most so many bytes and none at the end.

    Of TLS 1.2 it is read as far as the key exchange, which names the group. Raises Refused, and Unreadable.
    """
    messages = _Messages(receive)
    kind, body = messages.next()
    if kind != _SERVER_HELLO:
        raise Unreadable(f"a message of type {kind} where a ServerHello belongs")
    answer = _read_server_hello(body)
    if answer.version == TLS_1_3:
        return answer
    while True:
        kind, body = messages.next()
        if kind == _CERTIFICATE:
            chain = _Reader(body).sized(3)
            answer = replace(answer, certificate=chain.take(chain.number(3)) if chain else b"")
        if kind == _SERVER_KEY_EXCHANGE:
            return _read_key_exchange(answer, body)
        if kind == _SERVER_HELLO_DONE:
            return answer


class _Messages:
    """The handshake messages in the records of a connection."""

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._buffer = b""
        self._seen = 0

    def next(self) -> tuple[int, bytes]:
        while len(self._buffer) < 4 or len(self._buffer) < 4 + int.from_bytes(self._buffer[1:4], "big"):
            self._read_record()
        length = int.from_bytes(self._buffer[1:4], "big")
        kind, body = self._buffer[0], self._buffer[4 : 4 + length]
        self._buffer = self._buffer[4 + length :]
        return kind, body

    def _read_record(self) -> None:
        head = self._read(5)
        kind, major, length = head[0], head[1], int.from_bytes(head[3:5], "big")
        if kind not in (_ALERT, _HANDSHAKE) or major != 3 or not 0 < length <= _MOST_RECORD:
            raise Unreadable("this is not TLS")
        content = self._read(length)
        if kind == _ALERT:
            if length < 2:
                raise Unreadable("an alert that ends halfway")
            if content[:2] != _UNRECOGNIZED_NAME:
                raise Refused(content[1])
        self._seen += length
        if self._seen > _MOST_BYTES:
            raise Unreadable("the server says too much")
        if kind == _HANDSHAKE:
            self._buffer += content

    def _read(self, count: int) -> bytes:
        content = b""
        while len(content) < count:
            more = self._receive(count - len(content))
            if not more:
                raise Unreadable("the connection ended halfway" if content or self._buffer else "nothing came back")
            content += more
        return content


class _Reader:
    """Takes fields from a message; raises Unreadable where it ends too soon."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __bool__(self) -> bool:
        return bool(self._content)

    def take(self, count: int) -> bytes:
        if len(self._content) < count:
            raise Unreadable("a message that ends halfway")
        found, self._content = self._content[:count], self._content[count:]
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def sized(self, size: int) -> _Reader:
        return _Reader(self.take(self.number(size)))


def _read_server_hello(body: bytes) -> Answer:
    reader = _Reader(body)
    version, random = reader.number(2), reader.take(32)
    reader.sized(1)
    suite = reader.number(2)
    reader.take(1)
    group = None
    extensions = reader.sized(2) if reader else _Reader(b"")
    while extensions:
        code, content = extensions.number(2), extensions.sized(2)
        if code == 43:
            version = content.number(2)
        elif code == 51:
            group = content.number(2)
    if version == TLS_1_3 and random != _RETRY and group is None:
        raise Unreadable("a ServerHello without a group")
    return Answer(version, suite, group)


def _read_key_exchange(answer: Answer, body: bytes) -> Answer:
    """Read the group of a ServerKeyExchange: a named curve, or the size of a prime."""
    reader = _Reader(body)
    name = SUITES_12.get(answer.suite, "")
    if name.startswith("TLS_DHE_"):
        prime = reader.take(reader.number(2))
        return replace(answer, prime_bits=int.from_bytes(prime, "big").bit_length())
    if name.startswith("TLS_ECDHE_") and reader.number(1) == 3:
        return replace(answer, group=reader.number(2))
    return answer
