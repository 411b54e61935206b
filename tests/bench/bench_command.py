"""Command line: how soon it answers, and a demonstration from nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.rows import Row, median_of, timed

START = "from eendracht.bootstrap import main; main()"
DEMO_RUNS = 5


def measure() -> list[Row]:
    """Time whole processes: the help beside a bare import of the library under it, and the small demonstration."""
    help_seconds = median_of(lambda: timed(lambda: run(["-c", START, "--help"])), 11)
    typer_seconds = median_of(lambda: timed(lambda: run(["-c", "import typer"])), 11)
    demo_seconds = median_of(_time_demo, DEMO_RUNS)
    return [
        Row(
            "eendracht --help",
            help_seconds,
            "s",
            1,
            "whole process, warm file cache",
            "lower",
            1.5 * typer_seconds,
            "python -c 'import typer'",
            typer_seconds,
            runs=11,
            remark="the bar is 1.5 times the peer of this run",
        ),
        Row(
            "small demonstration, from installed to briefing",
            demo_seconds,
            "s",
            1,
            "seed 2026, empty folder, whole process, warm file cache",
            "lower",
            20,
            runs=DEMO_RUNS,
        ),
    ]


def run(arguments: list[str], folder: str = "") -> None:
    """Run Python as a process of its own and wait for it."""
    environment = dict(os.environ) | ({"EENDRACHT_FOLDER": folder} if folder else {})
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)


def _time_demo() -> float:
    with tempfile.TemporaryDirectory(prefix="eendracht-bench-") as folder:
        return timed(lambda: run(["-c", START, "demo", "--no-serve"], str(Path(folder) / "node")))
