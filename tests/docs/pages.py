"""The pages of the documentation that are worked through: their code blocks, and one shell session to run them in."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.web.serving import ROOT, free_port

DOCS: Final = ROOT / "docs"
PORT: Final = "8373"
"""The port that the pages name; a run takes a free one in its place."""
LANGUAGES: Final = ("sh", "text", "toml", "yaml")
"""What a block may be written in: `sh` is run, `text` is what the block before prints, `toml` are settings."""
_FENCE: Final = re.compile(r"^(?P<fence>`{3,})(?P<info>[^`]*)$")
_NOT_RUN: Final = re.compile(r'(?P<language>\w+) \{\.not-run reason="(?P<reason>[^"]{10,})"\}')


@dataclass(frozen=True)
class Block:
    """One code block: where it begins, in what it is written, and why it is not run where that is so."""

    page: Path
    line: int
    language: str
    text: str
    reason: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for a message."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def list_pages() -> list[Path]:
    """Give the pages whose blocks are run, in order of path."""
    return sorted([*(DOCS / "tutorials").glob("*.md"), *(DOCS / "how-to").glob("*.md")])


def read_blocks(page: Path) -> list[Block]:
    """Give the code blocks of a page in their order; raises ValueError for one that no rule covers."""
    blocks: list[Block] = []
    fence, info, begin, text = "", "", 0, []
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        match = _FENCE.match(line)
        if not fence and match:
            fence, info, begin, text = match["fence"], match["info"].strip(), number, []
        elif fence and line == fence:
            blocks.append(_make_block(page, begin, info, "\n".join(text) + "\n"))
            fence = ""
        elif fence:
            text.append(line)
    if fence:
        raise ValueError(f"{page}:{begin}: the block has no end")
    return blocks


def _make_block(page: Path, line: int, info: str, text: str) -> Block:
    marked = _NOT_RUN.fullmatch(info)
    language = marked["language"] if marked else info
    if language not in LANGUAGES:
        raise ValueError(f"{page}:{line}: '{info}' is not one of {', '.join(LANGUAGES)}, with or without a reason")
    return Block(page, line, language, text, marked["reason"] if marked else "")


def fits(expected: str, printed: str) -> bool:
    """Tell whether a text is what a page shows: `...` stands for anything, over lines where it stands alone on one."""
    parts = []
    for line in expected.rstrip().splitlines():
        if line.strip() == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append("[^\n]*".join(re.escape(piece) for piece in line.rstrip().split("...")) + r" *\n")
    return re.fullmatch("".join(parts) + r"\s*", printed.rstrip() + "\n") is not None


class ShellFailed(AssertionError):
    """A block ended wrongly, or took too long; the text says what the shell printed."""


class Session:
    """One shell, in which the blocks of a page run one after the other as a reader would type them.

    Every block stops at its first command that fails. The shell and what it started are one process group of their own,
    and what is left of it in the end is ended by the id of that group.
    """

    def __init__(self, folder: Path) -> None:
        self.port = str(free_port())
        self._folder = folder
        self._count = 0
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EENDRACHT_")}
        environment |= {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "COLUMNS": "100",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "EENDRACHT_PORT": self.port,
        }
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._send("set -euo pipefail")

    def run(self, block: Block, seconds: float = 120) -> str:
        """Run a block and give what it printed, with the port of the page; raises ShellFailed."""
        self._count += 1
        script = self._folder / f".block-{self._count}.sh"
        script.write_text(block.text.replace(PORT, self.port), "utf-8")
        mark = f"--end-of-block-{self._count}--"
        # The shell must not read its own next commands as the input of a block.
        self._send(f"source {shlex.quote(str(script))} < /dev/null")
        self._send(f"printf '%s\\n' {mark}")
        return self._read_until(mark, seconds, block).replace(self.port, PORT)

    def list_running(self) -> list[int]:
        """Give the processes that the page started and did not end."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != self._process.pid:
                try:
                    state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                except OSError:
                    continue
                if int(group) == self._process.pid and state != "Z":
                    found.append(int(entry.name))
        return found

    def close(self) -> None:
        """End the shell, and whatever of its process group still runs."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        if self._process.poll() is None or self.list_running():
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=5)
            end = time.monotonic() + 5
            while self.list_running() and time.monotonic() < end:
                time.sleep(0.01)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # reading says what it printed before it ended

    def _read_until(self, mark: str, seconds: float, block: Block) -> str:
        assert self._process.stdout is not None
        end, printed = time.monotonic() + seconds, b""
        while not printed.endswith(mark.encode() + b"\n"):
            if not select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise ShellFailed(f"{block.place}: not done after {seconds} s; it printed:\n{printed.decode()}")
            more = os.read(self._process.stdout.fileno(), 65_536)
            if not more:
                raise ShellFailed(f"{block.place}: a command failed; it printed:\n{printed.decode()}")
            printed += more
        return printed.decode().removesuffix(mark + "\n")
