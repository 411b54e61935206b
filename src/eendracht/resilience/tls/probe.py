"""What a TLS endpoint offers: versions, and groups in the order that it prefers them, in nine connections at most.

Each connection says one ClientHello, reads the answer and ends. No handshake is finished, nothing is decrypted and no
data are asked. A group that was named is left out of the next ClientHello, until the server has none left.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final, Literal

from eendracht.resilience.tls.code_points import (
    GROUPS,
    TLS_1_0,
    TLS_1_1,
    TLS_1_2,
    TLS_1_3,
    VERSIONS,
    Quantum,
    name_group,
    name_suite,
)
from eendracht.resilience.tls.hello import Answer, Refused, Unreadable, read_answer, write_hello

MOST_CONNECTIONS: Final = 9
TIMEOUT_SECONDS: Final = 3.0
"""So long is waited for one answer, and for a connection."""
MOST_SECONDS: Final = 6.0
"""So long is spent on an endpoint; to keep a pace is not counted."""

Preference = Literal["server", "client", "unknown"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What one endpoint offers as far as it was seen.

    `groups` are those of the newest version that it speaks, in the order in which it chose them. That order is its own
    where `preference` is `server`; `client` means that it takes what the client names first. `is_complete` says whether
    every version and group was seen: otherwise there may be more. `fault` says why nothing was seen.
    """

    host: str
    port: int
    versions: tuple[int, ...] = ()
    suites: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    prime_bits: int | None = None
    preference: Preference = "unknown"
    is_complete: bool = False
    connections: int = 0
    seconds: float = 0.0
    fault: str = ""
    certificate: bytes = field(default=b"", repr=False)
    """The certificate (DER) that it sends in the clear, as TLS 1.2 and older do; empty where none was seen."""

    @property
    def is_quantum_safe(self) -> bool | None:
        """Whether the group that it chooses first withstands a quantum computer; None where that was not seen."""
        if not self.groups:
            return False if self.versions else None
        return name_quantum(self.groups[0]) in ("hybrid", "pure")

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "host": self.host,
            "port": self.port,
            "versions": [VERSIONS.get(version, f"0x{version:04X}") for version in self.versions],
            "suites": [name_suite(suite) for suite in self.suites],
            "groups": [
                {"name": name_group(group), "codePoint": group, "quantum": name_quantum(group)} for group in self.groups
            ],
            "finiteFieldBits": self.prime_bits,
            "preference": self.preference,
            "complete": self.is_complete,
            "quantumSafe": self.is_quantum_safe,
            "connections": self.connections,
            "seconds": round(self.seconds, 3),
            "fault": self.fault,
        }


def name_quantum(group: int) -> Quantum | Literal["unknown"]:
    """Tell whether a group withstands a quantum computer; `unknown` for a code point that is not in the table."""
    return GROUPS[group][1] if group in GROUPS else "unknown"


def probe(
    host: str, port: int, *, timeout: float = TIMEOUT_SECONDS, before_each: Callable[[], None] = lambda: None
) -> Endpoint:
    """Look at one endpoint; `before_each` is called before every connection, to keep a pace.

    What cannot be reached, or does not speak TLS, is an endpoint with a fault.
    """
    began = time.monotonic()
    looking = _Looking(host, port, timeout, before_each)
    fault, found = "", _Found()
    try:
        # Whoever resolves a name twice may be sent to another machine in between.
        looking.resolve()
        looking.look(found)
    except OSError as error:
        fault = "unreachable: " + (error.strerror or "no answer in time")
    except UnicodeError:
        fault = "unreachable: this is not the name of a host"
    except Unreadable as error:
        fault = f"no TLS: {error}"
    return Endpoint(
        host,
        port,
        tuple(found.versions),
        tuple(found.suites),
        tuple(found.groups),
        found.prime_bits,
        found.preference,
        found.is_complete,
        looking.connections,
        time.monotonic() - began,
        fault,
        found.certificate,
    )


class _Found:
    """What was seen so far."""

    def __init__(self) -> None:
        self.versions: list[int] = []
        self.suites: list[int] = []
        self.groups: list[int] = []
        self.prime_bits: int | None = None
        self.certificate = b""
        self.preference: Preference = "unknown"
        self.is_complete = False

    def note(self, answer: Answer) -> None:
        if answer.version not in self.versions:
            self.versions.append(answer.version)
        if answer.suite not in self.suites:
            self.suites.append(answer.suite)
        self.prime_bits = self.prime_bits or answer.prime_bits
        self.certificate = self.certificate or answer.certificate

    def settle_preference(self, offered: Sequence[int]) -> None:
        """Tell whose order it is: who follows the client names the first, then the last, and then goes on from before.

        Of two groups or fewer both orders look the same. Of who follows the client, groups go in the order of the
        offer. In TLS 1.2 the curve of an ECDSA certificate has to be among the groups: without it the answer is
        another, so that nothing is said of the order, nor of what there is besides.
        """
        if TLS_1_3 not in self.versions and any("_ECDSA_" in name_suite(suite) for suite in self.suites):
            self.is_complete = False
            return
        if len(self.groups) < 3:
            return
        by_offer = [group for group in offered if group in self.groups]
        if self.groups != [by_offer[0], by_offer[-1], *by_offer[1:-1]]:
            self.preference = "server"
        elif self.is_complete:
            self.preference, self.groups = "client", by_offer


class _Looking:
    def __init__(self, host: str, port: int, timeout: float, before_each: Callable[[], None]) -> None:
        self._host, self._port, self._timeout, self._before_each = host, port, timeout, before_each
        self._address: Any = None
        self._family = socket.AF_INET
        self._speaks_tls = False
        self._silence: TimeoutError | None = None
        """Why an answer did not come: it may not be taken for a refusal."""
        self._left_seconds = MOST_SECONDS
        self.connections = 0

    def resolve(self) -> None:
        family, _, _, _, address = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)[0]
        self._family, self._address = family, address

    def look(self, found: _Found) -> None:
        """Ask as long as the endpoint lets us; raises OSError or Unreadable only where nothing at all was seen."""
        try:
            self._look(found)
        except OSError:
            if not found.versions:
                raise
            found.is_complete = False
        if self._silence is not None:
            found.is_complete = False
            if not found.versions:
                raise self._silence
        if not found.versions:
            raise Unreadable("it refuses every version" if self._speaks_tls else "it does not answer as TLS does")

    def _look(self, found: _Found) -> None:
        """Ask for the newest version first, then for the older ones."""
        groups = list(GROUPS)
        # Two connections are kept for the older versions.
        self._list_groups(found, (TLS_1_3,), groups, MOST_CONNECTIONS - 2)
        has_new = TLS_1_3 in found.versions
        if has_new:
            self._ask_once(found, (TLS_1_2,), groups)
        else:
            self._list_groups(found, (TLS_1_2,), groups, MOST_CONNECTIONS - 1)
        self._ask_once(found, (TLS_1_1, TLS_1_0), groups)

    def _list_groups(self, found: _Found, versions: Sequence[int], groups: Sequence[int], last: int) -> None:
        """Ask again and again, each time without what was named before; the second time with the order turned round."""
        left = list(groups)
        while self.connections < last:
            answer = self._ask(versions, left[::-1] if len(found.groups) == 1 else left)
            if answer is None or answer.version != versions[0]:
                # It knows this version, and wants no group that is left; or it does not know it.
                found.is_complete = versions[0] in found.versions and self._silence is None
                break
            found.note(answer)
            if answer.group is None or answer.group not in left:
                # No group is named: RSA key exchange, or a prime of its own.
                found.is_complete = answer.group is None
                break
            found.groups.append(answer.group)
            left.remove(answer.group)
        found.settle_preference(groups)

    def _ask_once(self, found: _Found, versions: Sequence[int], groups: Sequence[int]) -> None:
        if self.connections < MOST_CONNECTIONS:
            answer = self._ask(versions, groups)
            if answer is not None and answer.version in versions:
                found.note(answer)

    def _ask(self, versions: Sequence[int], groups: Sequence[int]) -> Answer | None:
        """Say one ClientHello; None where it is refused or no answer comes. Raises OSError where nothing connects."""
        if self._left_seconds <= 0:
            raise TimeoutError
        self._before_each()
        self.connections += 1
        began = time.monotonic()
        try:
            return self._exchange(write_hello(_server_name(self._host), versions, groups))
        finally:
            self._left_seconds -= time.monotonic() - began

    def _exchange(self, hello: bytes) -> Answer | None:
        deadline = time.monotonic() + min(self._timeout, self._left_seconds)
        with socket.socket(self._family, socket.SOCK_STREAM) as connection:
            connection.settimeout(deadline - time.monotonic())
            connection.connect(self._address)

            def receive(count: int) -> bytes:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                connection.settimeout(left)
                return connection.recv(count)

            try:
                connection.sendall(hello)
                return read_answer(receive)
            except Refused:
                self._speaks_tls = True
            except TimeoutError as error:
                self._silence = error
            except (Unreadable, ConnectionError):
                # Some end the connection in the place of an alert.
                pass
        return None


def _server_name(host: str) -> str:
    """Give the name for SNI; an address has none (RFC 6066, section 3)."""
    try:
        ip_address(host)
    except ValueError:
        return host
    return ""
