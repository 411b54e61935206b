"""TLS probe: a thousand endpoints on loopback at the pace that the product keeps, and who answers right.

The peer is certmonitor, which finishes a handshake besides and offers three groups; it keeps no pace. Where it is not
installed its column stays empty. Connections are counted by the servers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from eendracht.resilience.tls.probe import MOST_CONNECTIONS, probe
from eendracht.resilience.tls.targets import CONNECTIONS_A_SECOND, WORKERS, Target, scan
from tests.bench.rows import Row
from tests.bench.tls_farm import SORTS, run_farm

HOSTS: Final = 1_000
BAR_SECONDS: Final = 300.0
ALONE: Final = 20
"""So many are looked at one after the other, without a pace."""
BAR_ALONE_SECONDS: Final = 1.0
_SAFE: Final = ("hybrid", "large-hybrid")


def measure(hosts: int = HOSTS) -> list[Row]:
    """Give the rows of the report; three minutes, for the pace is part of what is measured."""
    with run_farm(hosts) as (ports, counted):
        expected = {port: SORTS[number % len(SORTS)] in _SAFE for number, port in enumerate(ports)}
        started = time.perf_counter()
        found = list(scan([Target("127.0.0.1", port) for port in ports], ""))
        seconds = time.perf_counter() - started
        counted.send("count")
        connections = counted.recv()
        peer_seconds, peer_right = _ask_peer(ports, expected)
        alone = max(probe("127.0.0.1", port).seconds for port in ports[:ALONE])
    right = sum(endpoint.is_quantum_safe is expected[endpoint.port] for endpoint in found)
    setting = (
        f"{hosts:,} endpoints of {len(SORTS)} sorts by turns, loopback, {WORKERS} threads, at most"
        f" {CONNECTIONS_A_SECOND} connections a second; {sum(connections.values()):,} connections, no seed"
    )
    peer = "certmonitor 0.7.0, no pace" if peer_seconds else ""
    return [
        Row("all endpoints", seconds, "s", hosts, setting, "lower", BAR_SECONDS, peer, peer_seconds, 1),
        Row("slowest endpoint, one at a time", alone, "s", ALONE, f"{setting}; these without a pace", "lower",
            BAR_ALONE_SECONDS, runs=1),
        Row("most connections to one endpoint", max(connections.values()), "", hosts, setting, "lower",
            MOST_CONNECTIONS, runs=1),
        Row("endpoints told right: quantum-safe first or not", right, "", hosts, setting, "higher", hosts, peer,
            peer_right, 1),
    ]  # fmt: skip


def _ask_peer(ports: Sequence[int], expected: dict[int, bool]) -> tuple[float | None, float | None]:
    """Give the seconds of the peer, and how many endpoints it tells right; None where it is not there."""
    if find_spec("certmonitor") is None:
        return None, None
    from certmonitor import scan_hosts

    hosts = [("127.0.0.1", port) for port in ports]
    started = time.perf_counter()
    told = list(scan_hosts(hosts, max_workers=WORKERS, enabled_validators=["pq_key_exchange"]))
    seconds = time.perf_counter() - started
    right = sum(
        bool(one.get("results", {}).get("pq_key_exchange", {}).get("is_pq")) is expected[one["port"]] for one in told
    )
    return seconds, float(right)
