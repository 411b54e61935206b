"""Runs the real command line in a process of its own, as a person would."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MAIN = "from eendracht.bootstrap import main; main()"


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as data."""
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """The command `eendracht` on the node in one folder."""

    folder: Path

    def run(self, *words: str, typed: str = "", expect: int | None = 0) -> Outcome:
        """Run a command and check its exit code."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EENDRACHT_")}
        environment |= {"COLUMNS": "100", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(
            [sys.executable, "-c", _MAIN, "--folder", str(self.folder), *words],
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment,
            timeout=120,
            check=False,
        )
        if expect is not None:
            assert done.returncode == expect, (words, done.returncode, done.stdout[-2000:], done.stderr[-4000:])
        return Outcome(done.returncode, done.stdout, done.stderr)

    def type_at_terminal(self, *words: str, typed: str) -> str:
        """Run a command at a terminal, type a line once it asks, and give all that the screen showed."""
        process, terminal = pty.fork()
        if process == 0:
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
            os.execv(sys.executable, [sys.executable, "-c", _MAIN, "--folder", str(self.folder), *words])
        shown = b""
        with os.fdopen(terminal, "r+b", buffering=0) as screen:
            while b": " not in shown:
                shown += screen.read(1024)
            screen.write(typed.encode() + b"\n")
            try:
                while more := screen.read(1024):
                    shown += more
            except OSError:  # Linux answers so when the other side has gone
                pass
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0, shown
        return shown.decode()

    def read(self, *words: str) -> Any:
        """Run a command with --json and give what it printed."""
        return self.run(*words, "--json").json
