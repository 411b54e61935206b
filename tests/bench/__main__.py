"""Runs every bench module and writes docs/reference/benchmarks.md: `python -m tests.bench [NAME...]`."""

from __future__ import annotations

import importlib
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.bench.rows import Row, measure_syncs

MODULES = (
    "store",
    "ledger",
    "estate",
    "national",
    "http",
    "pages",
    "rules",
    "library",
    "command",
    "references",
    "door",
    "proactive",
    "journeys",
)
REPORT = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"


def main(names: Iterable[str]) -> None:
    """Run the chosen modules (default: all) and print their rows; write the report when all were run."""
    chosen = tuple(names) or MODULES
    parts: list[str] = []
    for name in chosen:
        started = time.perf_counter()
        module = importlib.import_module(f"tests.bench.bench_{name}")
        rows: list[Row] = module.measure()
        title = (module.__doc__ or name).strip().splitlines()[0]
        parts.append(f"## {title}\n\n{render(rows)}\n")
        print(parts[-1], flush=True)
        print(f"({name}: {time.perf_counter() - started:.0f} s)\n", flush=True)
    if chosen == MODULES:
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(head() + "\n".join(parts), "utf-8")
        print(f"Wrote {REPORT}")


def head() -> str:
    """Say on what machine and when the figures were measured."""
    with tempfile.TemporaryDirectory() as folder:
        syncs = measure_syncs(Path(folder))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        "# Benchmarks\n\nMade by `make bench`; do not edit. Every figure is the median of its runs, measured beside its"
        " peer in the same run. A figure without n, sizes, seed and warm or cold beside it does not count.\n\n"
        f"Measured {time.strftime('%Y-%m-%d')} on {os.cpu_count()} shared cores, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, {syncs:.0f} fdatasync/s of 4 KiB, load {load}.\n\n"
    )


def render(rows: Iterable[Row]) -> str:
    """Print rows as a Markdown table."""
    lines = [
        "| what | median | bar | reached | n | runs | setting | peer | peer's median | ratio | remark |",
        "| --- | ---: | ---: | --- | ---: | ---: | --- | --- | ---: | ---: | --- |",
    ]
    for row in rows:
        bar = "" if row.bar is None else f"{'≥' if row.better == 'higher' else '≤'} {number(row.bar)}"
        peer = "" if row.peer_median is None else f"{number(row.peer_median)} {row.unit}"
        cells = (
            row.name,
            f"{number(row.median)} {row.unit}",
            bar,
            row.reached,
            f"{row.n:,}",
            str(row.runs),
            row.setting,
            row.peer,
            peer,
            row.ratio,
            row.remark,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def number(value: float) -> str:
    """Print a figure with as many digits as it deserves."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main(sys.argv[1:])
