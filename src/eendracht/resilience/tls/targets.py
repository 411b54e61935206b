"""Which endpoints may be looked at, and at what pace: only those that the operator of the node allows."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.errors import Denied, Fault, InvalidInput
from eendracht.resilience.tls.probe import Endpoint, probe

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
CONNECTIONS_A_SECOND: Final = 50
"""Over all targets together."""
WORKERS: Final = 8
_TARGET: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}):(?P<port>[0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_targets(texts: Sequence[str]) -> list[Target]:
    """Read HOST:PORT; raises InvalidInput with every one that is none."""
    targets, faults = [], []
    for at, text in enumerate(texts):
        match = _TARGET.fullmatch(text.strip())
        port = int(match["port"]) if match else 0
        if match is None or not 0 < port < 2**16:
            nl, en = f"'{text[:80]}' is geen HOST:POORT", f"'{text[:80]}' is no HOST:PORT"
            faults.append(Fault(f"/{at}", "malformed-target", nl, en, "Such as www.example.nl:443 or [::1]:443."))
        else:
            targets.append(Target(match["host"].strip("[]").lower(), port))
    if faults:
        raise InvalidInput(f"{len(faults)} targets cannot be read", faults=faults)
    return targets


def require_allowed(targets: Sequence[Target], allowed: str) -> None:
    """Raise Denied, naming every target that is not on the list: HOST or HOST:PORT, apart by spaces.

    The machine itself (127.0.0.1, ::1, localhost) is always allowed.
    """
    listed = {entry.lower() for entry in allowed.split()}
    refused = [
        target
        for target in targets
        if target.host not in LOOPBACK and not {target.host, f"[{target.host}]", str(target)} & listed
    ]
    if refused:
        raise Denied(
            f"Not on the list of what may be looked at: {', '.join(map(str, refused[:20]))}",
            hint="The operator of the node sets scan_targets in node.toml: HOST or HOST:PORT, apart by spaces.",
        )


class Pace:
    """Lets so many connections a second begin, evenly, over all threads together."""

    def __init__(self, per_second: float = CONNECTIONS_A_SECOND) -> None:
        self._step = 1 / per_second
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Wait for one's turn."""
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + self._step
        time.sleep(max(0.0, turn - time.monotonic()))


def scan(
    targets: Sequence[Target],
    allowed: str,
    *,
    pace: Pace | None = None,
    report: Callable[[int, int], None] = lambda *_: None,
) -> Iterator[Endpoint]:
    """Look at each target, several at once and within the pace; yields them in order. Raises Denied before any."""
    require_allowed(targets, allowed)
    pace = pace or Pace()
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting = pool.map(lambda target: probe(target.host, target.port, before_each=pace.wait), targets)
        for done, endpoint in enumerate(waiting, 1):
            report(done, len(targets))
            yield endpoint
