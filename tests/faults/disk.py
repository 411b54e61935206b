"""What a disk holds after a power cut: the log of `disk_log.c` replayed, with every unsynced change open to loss.

The model is as hard as POSIX allows. A change of a file is safe when that file was synced after it; a name in a folder
is safe when that folder was synced after it. What is not safe may be there wholly, partly, or not at all. Names within
one folder change in order (a journal does so), those of different folders independently.
"""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_HEADER = struct.Struct("<ciqI")


@dataclass(eq=False)
class Change:
    """A write, or a new size where `data` is None; `order` counts over all files."""

    order: int
    at: int
    data: bytes | None

    def apply(self, content: bytearray) -> None:
        """Make the change."""
        if self.data is None:
            del content[self.at :]
            content.extend(bytes(self.at - len(content)))
            return
        content.extend(bytes(max(0, self.at - len(content))))
        content[self.at : self.at + len(self.data)] = self.data


@dataclass(eq=False)
class File:
    """A file: what is safe, what the running system sees, and the changes between them."""

    safe: bytearray = field(default_factory=bytearray)
    seen: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)


@dataclass(eq=False)
class Folder:
    """A folder: the names that are safe, those seen, and the changes between them, each as one step."""

    safe: dict[str, File | Folder] = field(default_factory=dict)
    seen: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[dict[str, File | Folder | None]] = field(default_factory=list)

    def change(self, step: dict[str, File | Folder | None]) -> None:
        """Give or take names (None), together."""
        _take(self.seen, step)
        self.pending.append(step)


def _take(names: dict[str, File | Folder], step: dict[str, File | Folder | None]) -> None:
    for name, node in step.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


Survival = Callable[[File], bytes]
"""What is left of a file."""


class Disk:
    """The disk of one process after another; `replay` stops before every sync."""

    def __init__(self, listen: Callable[[str, bytes], bool] = lambda _path, _data: False) -> None:
        """Start empty. Writes to a path for which `listen` says True are told to it and kept off the disk."""
        self.root = Folder()
        self.syncs = 0
        self._listen = listen
        self._order = 0
        self._changed: dict[int, File] = {}

    # -- replay -------------------------------------------------------------------------------------------------

    def replay(self, log: Path) -> Iterator[str]:
        """Carry out what a process did; yields the path of the file or folder that it is about to sync."""
        opened: dict[int, tuple[str, File | Folder]] = {}
        with log.open("rb") as file:
            while header := file.read(_HEADER.size):
                kind, descriptor, number, length = _HEADER.unpack(header)
                data = file.read(length)
                if kind in b"oc":
                    opened[descriptor] = (data.decode(), self._open(data.decode(), kind == b"c"))
                elif kind == b"x":
                    del opened[descriptor]
                elif kind == b"w":
                    self._write(*opened[descriptor], Change(self._next(), number, data))
                elif kind == b"t":
                    self._write(*opened[descriptor], Change(self._next(), number, None))
                elif kind == b"s":
                    path, node = opened[descriptor]
                    yield path
                    self._sync(node)
                else:
                    self._rename(kind, data.decode())

    def _next(self) -> int:
        self._order += 1
        return self._order

    def _parent(self, path: str) -> tuple[Folder, str]:
        folder = self.root
        *parts, name = path.split("/")
        for part in parts:
            inner = folder.seen[part]
            assert isinstance(inner, Folder)
            folder = inner
        return folder, name

    def _open(self, path: str, is_new: bool) -> File | Folder:
        if not path:
            return self.root
        folder, name = self._parent(path)
        if is_new:
            folder.change({name: File()})
        return folder.seen[name]

    def _write(self, path: str, node: File | Folder, change: Change) -> None:
        assert isinstance(node, File)
        if change.data is not None and self._listen(path, change.data):
            return
        change.apply(node.seen)
        node.pending.append(change)
        self._changed[id(node)] = node

    def _sync(self, node: File | Folder) -> None:
        self.syncs += 1
        if isinstance(node, File):
            for change in node.pending:
                change.apply(node.safe)
            self._changed.pop(id(node), None)
        else:
            for step in node.pending:
                _take(node.safe, step)
        node.pending.clear()

    def _rename(self, kind: bytes, paths: str) -> None:
        source, _, target = paths.partition("\0")
        folder, name = self._parent(source)
        if kind == b"d":
            folder.change({name: Folder()})
        elif kind in b"ur":
            folder.change({name: None})
        else:
            into, new = self._parent(target)
            node = folder.seen[name]
            if into is folder:
                folder.change({name: None, new: node})
            else:
                into.change({new: node})
                folder.change({name: None})

    # -- power cut ----------------------------------------------------------------------------------------------

    def leave_synced(self, target: Path) -> None:
        """Write what is left when everything unsynced is lost."""
        self._leave(self.root, target, lambda file: bytes(file.safe), lambda _: 0)

    def leave_prefix(self, target: Path, chance: random.Random) -> None:
        """Write what is left when the disk was overtaken in its order, the last write torn somewhere."""
        orders = [change.order for file in self._changed.values() for change in file.pending]
        last = chance.choice(orders) if orders else 0

        def survive(file: File) -> bytes:
            content = bytearray(file.safe)
            for change in file.pending:
                if change.order < last or (change.order == last and change.data is None):
                    change.apply(content)
                elif change.order == last and change.data is not None:
                    Change(0, change.at, change.data[: chance.randrange(len(change.data))]).apply(content)
            return bytes(content)

        self._leave(self.root, target, survive, lambda steps: chance.randint(0, steps))

    def leave_sectors(self, target: Path, chance: random.Random) -> None:
        """Write what is left when the disk took unsynced sectors in an order of its own."""
        sector, share = chance.choice((512, 4096)), chance.choice((0.1, 0.5, 0.9))

        def survive(file: File) -> bytes:
            content = bytearray(file.safe)
            for change in file.pending:
                if change.data is None:
                    if chance.random() < share:
                        change.apply(content)
                    continue
                begin = change.at
                while begin < change.at + len(change.data):
                    until = min((begin // sector + 1) * sector, change.at + len(change.data))
                    if chance.random() < share:
                        Change(0, begin, change.data[begin - change.at : until - change.at]).apply(content)
                    begin = until
            return bytes(content)

        self._leave(self.root, target, survive, lambda steps: chance.randint(0, steps))

    def leave_seen(self, target: Path) -> None:
        """Write what the running system sees: the state after a killed process."""
        self._leave(self.root, target, lambda file: bytes(file.seen), lambda steps: steps)

    def _leave(self, folder: Folder, target: Path, survive: Survival, keep: Callable[[int], int]) -> None:
        if folder is self.root:
            shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        names = dict(folder.safe)
        for step in folder.pending[: keep(len(folder.pending))]:
            _take(names, step)
        for name, node in names.items():
            if isinstance(node, Folder):
                self._leave(node, target / name, survive, keep)
            else:
                (target / name).write_bytes(survive(node))
