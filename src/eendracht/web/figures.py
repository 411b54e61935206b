"""What the operator may measure (Prometheus): requests, durations, log and checkpoint; nothing of a single record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from eendracht.kernel.instance import Instance

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0)


class _Log(Collector):
    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def collect(self) -> Iterable[Metric]:
        size = self._instance.store.size
        last = self._instance.history.last_checkpoint()
        signed = last.checkpoint.size if last else 0
        yield GaugeMetricFamily("eendracht_log_size", "Entries in the log", value=size)
        yield GaugeMetricFamily("eendracht_log_signed", "Entries under the last signed checkpoint", value=signed)


class Figures:
    """Counts what one server answers, per route and status."""

    def __init__(self, instance: Instance) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(_Log(instance))
        self._requests = Counter(
            "eendracht_requests", "Requests answered", ("route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "eendracht_request_seconds", "Time to answer", ("route",), buckets=_BUCKETS, registry=self._registry
        )
        self._counters: dict[tuple[str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def note(self, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is the template, never a path with a name in it."""
        counter = self._counters.get((route, status))
        if counter is None:
            counter = self._counters[route, status] = self._requests.labels(route, str(status))
        timer = self._timers.get(route)
        if timer is None:
            timer = self._timers[route] = self._seconds.labels(route)
        counter.inc()
        timer.observe(seconds)

    def print(self) -> bytes:
        """Give all figures in the text format of Prometheus."""
        return generate_latest(self._registry)
