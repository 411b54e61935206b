"""Files that appear whole or not at all, also when the power fails: write, sync, rename, sync the directory."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

_SYNC_THREADS = 8


def sync_path(path: Path) -> None:
    """Return when the file or directory is on disk; raises OSError when the disk refuses."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a small file at once and for good; raises OSError when the disk refuses."""
    draft = path.with_name(f"{path.name}.draft")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # A half file would keep a full disk full, and no later one overwrites it.
        draft.unlink(missing_ok=True)
        raise
    draft.replace(path)
    sync_path(path.parent)


class Staging:
    """New files of one directory tree that get their names together, after their bytes are on disk.

    One process at a time may use it; what a killed predecessor left behind is removed at the start.
    """

    def __init__(self, base: Path) -> None:
        self._base = base
        self._folder = base / "staging"
        self._drafts: list[tuple[Path, Path]] = []

    def __enter__(self) -> Self:
        make_directories(self._base)
        if self._folder.exists():
            shutil.rmtree(self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        # Also after a full disk, so that half a batch does not keep the disk full.
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, path: str, content: bytes) -> None:
        """Write a file that will be `path` below the base; raises OSError when the disk refuses."""
        self._folder.mkdir(exist_ok=True)
        draft = self._folder / str(len(self._drafts))
        draft.write_bytes(content)
        self._drafts.append((draft, self._base / path))

    def publish(self) -> None:
        """Give all files their names; on return they are on disk. Raises OSError when the disk refuses."""
        if not self._drafts:
            return
        # Many small files: threads let the file system group their journal commits.
        with ThreadPoolExecutor(min(_SYNC_THREADS, len(self._drafts))) as threads:
            list(threads.map(sync_path, [draft for draft, _ in self._drafts]))
        parents = {path.parent for _, path in self._drafts}
        for parent in sorted(parents):
            make_directories(parent)
        for draft, path in self._drafts:
            draft.replace(path)
        for parent in parents:
            sync_path(parent)
        self._drafts.clear()


def make_directories(path: Path) -> None:
    """Make a directory and what is missing above it, each on disk on return; raises OSError when the disk refuses."""
    if path.is_dir():
        return
    make_directories(path.parent)
    path.mkdir(exist_ok=True)
    sync_path(path.parent)
