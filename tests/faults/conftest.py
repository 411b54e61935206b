"""Disks of their own for a test: small ones, and ones that can be made read only."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class Volume:
    """A file system in memory, mounted on a folder."""

    def __init__(self, path: Path, size_kib: int) -> None:
        self.path = path
        path.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", str(path))

    @property
    def free_bytes(self) -> int:
        """How much can still be written."""
        space = os.statvfs(self.path)
        return space.f_bavail * space.f_frsize

    def fill(self, left_bytes: int) -> None:
        """Take all space but so much."""
        with (self.path / "ballast").open("wb") as file:
            file.write(bytes(max(0, self.free_bytes - left_bytes)))

    def free(self) -> None:
        """Give back the space that `fill` took."""
        (self.path / "ballast").unlink()

    def grow(self, size_kib: int) -> None:
        """Give it another size."""
        _mount("-o", f"remount,size={size_kib}k", str(self.path))

    def set_read_only(self, wanted: bool) -> None:
        """Remount it so that nobody can write, or so that everybody can again."""
        _mount("-o", f"remount,{'ro' if wanted else 'rw'}", str(self.path))

    def unmount(self) -> None:
        """Let go of it."""
        subprocess.run(["umount", "--lazy", str(self.path)], check=True)


def _mount(*arguments: str) -> None:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a file system needs root on Linux")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Callable[[int], Volume]]:
    """Give a function that mounts a disk of so many KiB; the test skips where that is not possible."""
    volumes: list[Volume] = []

    def make(size_kib: int) -> Volume:
        volumes.append(Volume(tmp_path / f"volume-{len(volumes)}", size_kib))
        return volumes[-1]

    yield make
    for item in volumes:
        item.unmount()
