"""What every test may ask for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres_server import PostgresServer, find_binaries

# Where a run decides what lands, the same tree gives the same answer; elsewhere chance goes on looking.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("searching", deadline=None)
settings.load_profile("repeatable" if os.environ.get("CI") else "searching")

ROOT = Path(__file__).parents[1]

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 << 30


def _keep_scratch_in_memory() -> None:
    """Put what tests write in memory, where a machine has room: most of their time went to waiting for a disk.

    A `TMPDIR` of one's own is left alone. What a crash does to a disk is tested by its own file system layer.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    disk = os.statvfs(_MEMORY)
    if disk.f_flag & os.ST_NOEXEC or disk.f_bavail * disk.f_frsize < _ROOM_BYTES:
        return
    os.environ["TMPDIR"] = str(_MEMORY)
    tempfile.tempdir = None


_keep_scratch_in_memory()


@pytest.fixture(scope="session")
def shared() -> Callable[..., Path]:
    """Give a function that finds a file of the reference material, or skips the test where it is absent."""
    base = Path(os.environ.get("EENDRACHT_SHARED", ROOT.parent / "shared"))

    def locate(*parts: str) -> Path:
        path = base.joinpath(*parts)
        if not path.exists():
            pytest.skip(f"reference material {'/'.join(parts)} is not on this machine")
        return path

    return locate


@pytest.fixture(scope="session")
def node_tool() -> Callable[[str], Path]:
    """Give a function that finds a Node.js tool of `make setup-tools` (such as `spectral`), or skips the test."""

    def locate(name: str) -> Path:
        path = ROOT / ".tools" / "bin" / name
        if not path.exists():
            pytest.skip(f"{name} is not installed: run `make setup-tools`")
        return path

    return locate


@pytest.fixture(scope="session")
def node_file() -> Callable[[str], Path]:
    """Give a function that finds a file of a package of `make setup-tools`, or skips the test."""

    def locate(path: str) -> Path:
        found = ROOT / ".tools" / "node_modules" / path
        if not found.exists():
            pytest.skip(f"{path} is not installed: run `make setup-tools`")
        return found

    return locate


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server (fsync off: what a test writes need not outlive the machine), or skip without one."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("there is no PostgreSQL server on this machine (Debian package postgresql)")
    with PostgresServer(binaries) as server:
        yield server
