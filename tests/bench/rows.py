"""One line of the bench report: a figure with everything that makes it mean something."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RUNS = 5


@dataclass(frozen=True)
class Row:
    """A measured figure beside its bar and its peer; `median` and `peer_median` are in `unit`.

    `better` says which way is good; `setting` holds sizes, seed, and warm or cold.
    """

    name: str
    median: float
    unit: str
    n: int
    setting: str
    better: str = "higher"
    bar: float | None = None
    peer: str = ""
    peer_median: float | None = None
    runs: int = RUNS
    remark: str = ""

    @property
    def reached(self) -> str:
        """Whether the bar was reached: yes, no, or nothing where there is none."""
        if self.bar is None:
            return ""
        good = self.median >= self.bar if self.better == "higher" else self.median <= self.bar
        return "yes" if good else "NO"

    @property
    def ratio(self) -> str:
        """How many times better than the peer."""
        if not self.peer_median or not self.median:
            return ""
        ratio = self.median / self.peer_median if self.better == "higher" else self.peer_median / self.median
        return f"{ratio:.2f}x"


def median_of(measure: Callable[[], float], runs: int = RUNS) -> float:
    """Run a measurement several times and give the median."""
    return statistics.median(measure() for _ in range(runs))


def timed(action: Callable[[], object]) -> float:
    """Give the seconds that an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def measure_syncs(folder: Path, count: int = 200) -> float:
    """Give how many times a second 4 KiB is written and synced here, one after the other."""
    path = folder / "sync-probe"
    with path.open("wb") as file:
        started = time.perf_counter()
        for _ in range(count):
            file.write(b"\0" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
        seconds = time.perf_counter() - started
    path.unlink()
    return count / seconds
