"""Runs every bench module and renews its section of docs/reference/benchmarks.md: `python -m tests.bench [NAME...]`."""

from __future__ import annotations

import ast
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
    "cut_sets",
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
    "recovery",
    "crypto",
    "tls",
    "exercise",
)
HEAD = """# Benchmarks

Made by `make bench`; do not edit. Every figure is the median of its runs, measured beside its peer in the same run. \
A figure without n, sizes, seed and warm or cold beside it does not count. `python -m tests.bench NAME` renews one \
section; each says when it was measured.
"""
REPORT = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"


def main(names: Iterable[str]) -> None:
    """Run the chosen modules (default: all), print their rows, and renew their sections of the report."""
    sections = read_sections(REPORT.read_text("utf-8")) if REPORT.exists() else {}
    for name in tuple(names) or MODULES:
        started = time.perf_counter()
        module = importlib.import_module(f"tests.bench.bench_{name}")
        measured = describe_machine()
        rows: list[Row] = module.measure()
        sections[title_of(name)] = f"{measured}\n\n{render(rows)}\n"
        print(f"## {title_of(name)}\n\n{sections[title_of(name)]}", flush=True)
        print(f"({name}: {time.perf_counter() - started:.0f} s)\n", flush=True)
    parts = [f"## {title}\n\n{sections[title]}" for title in map(title_of, MODULES) if title in sections]
    REPORT.write_text("\n".join([HEAD, *parts]), "utf-8")
    print(f"Wrote {REPORT}")


def title_of(name: str) -> str:
    """Give the title of a module's section: the first line of its docstring."""
    source = (Path(__file__).parent / f"bench_{name}.py").read_text("utf-8")
    return (ast.get_docstring(ast.parse(source)) or name).splitlines()[0]


def read_sections(report: str) -> dict[str, str]:
    """Give the sections of an earlier report by title, each as it was measured then."""
    _, *parts = report.split("\n## ")
    return {title: body.strip("\n") + "\n" for title, _, body in (part.partition("\n") for part in parts)}


def describe_machine() -> str:
    """Say on what machine and when the figures of a section are measured."""
    with tempfile.TemporaryDirectory() as folder:
        syncs = measure_syncs(Path(folder))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"Measured {time.strftime('%Y-%m-%d')} on {os.cpu_count()} shared cores, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, {syncs:.0f} fdatasync/s of 4 KiB, load {load} at the start."
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
