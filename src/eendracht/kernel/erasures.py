"""The erasure journal: a file outside every backup that tells what must be destroyed, before it is.

One JSON object a line: an order with what it destroys, or that an order is done. It holds positions, commitments, uids
and pseudonyms, and nothing else about what was destroyed. Every line carries the hash of the one before it, so that a
line cannot be taken out unseen. After a restore its orders are applied again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import orjson

from eendracht.kernel.errors import Fault, StorageFailure, UnreadableFile
from eendracht.kernel.private import FILE_MODE
from eendracht.kernel.records import dump_canonical

_BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Doomed:
    """A version to destroy: the commitment tells it from another version at that position after a restore."""

    rv: int
    commitment: str
    uid: str


@dataclass(frozen=True, slots=True)
class Share:
    """How many pieces of one kind an order destroys, and from which period (UTC dates, inclusive)."""

    kind: str
    count: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be destroyed, on which ground (law and article), and by whom (a role, never a name).

    `remaining_references` counts the records that point at it and stay: their content names it.
    """

    id: str
    at: str
    node: str
    ground: str
    by: str
    specification: tuple[Share, ...]
    versions: tuple[Doomed, ...] = ()
    subjects: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    remaining_references: int = 0

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Order:
        """Read an order from its JSON; raises KeyError or TypeError where it is not one."""
        known = {name: str(data[name]) for name in ("id", "at", "node", "ground", "by")}
        return cls(
            **known,
            specification=tuple(Share(**share) for share in data["specification"]),
            versions=tuple(Doomed(**version) for version in data["versions"]),
            subjects=tuple(map(str, data["subjects"])),
            items=tuple(map(str, data["items"])),
            remaining_references=int(data["remaining_references"]),
        )


@dataclass(frozen=True, slots=True)
class Erasures:
    """What an erasure journal says: every order in turn, and the leaf in the ledger of each that is done."""

    orders: tuple[Order, ...]
    done: Mapping[str, int]

    @property
    def pending(self) -> tuple[Order, ...]:
        """The orders that a killed process did not finish."""
        return tuple(order for order in self.orders if order.id not in self.done)


class ErasureJournal:
    """Appends orders to the file and reads them back; several processes may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Erasures:
        """Give all orders; raises UnreadableFile that names the first line that is damaged.

        A last line without its end was never acknowledged and is passed over.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Erasures((), {})
        except OSError as error:
            raise StorageFailure(f"{self.path}: {error.strerror}") from error
        return parse_erasures(content, self.path.name)

    def order(self, order: Order) -> None:
        """Append an order; it is on disk when this returns. Raises StorageFailure."""
        self._append({"order": asdict(order)})

    def finish(self, order: Order, leaf: int) -> None:
        """Append that an order was carried out, and at which position of the ledger that stands."""
        self._append({"done": order.id, "leaf": leaf})

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keep other processes from carrying out orders; raises StorageFailure."""
        with _opened(self.path.with_name(f"{self.path.name}.lock")):
            yield

    def _append(self, line: dict[str, Any]) -> None:
        with _opened(self.path) as file:
            content = file.read()
            whole = content.rfind(b"\n") + 1
            lines = content[:whole].splitlines()
            previous = sha256(lines[-1]).hexdigest() if lines else _BEGINNING
            try:
                file.truncate(whole)
                file.seek(whole)
                file.write(dump_canonical({"v": 1, "previous": previous, **line}) + b"\n")
                file.flush()
                os.fsync(file.fileno())
                _sync_folder(self.path.parent)
            except OSError as error:
                raise StorageFailure(f"{self.path}: {error.strerror}; nothing was destroyed") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE), "r+b")
    except OSError as error:
        raise StorageFailure(f"{path}: {error.strerror}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def parse_erasures(content: bytes, name: str) -> Erasures:
    """Read the content of an erasure journal; raises UnreadableFile that names the first line that is damaged."""
    orders: list[Order] = []
    done: dict[str, int] = {}
    previous = _BEGINNING
    for number, line in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), 1):
        try:
            data = orjson.loads(line)
            if data["v"] != 1 or data["previous"] != previous:
                raise ValueError
            if "order" in data:
                orders.append(Order.parse(data["order"]))
            else:
                done[str(data["done"])] = int(data["leaf"])
        except (ValueError, KeyError, TypeError):
            raise UnreadableFile(
                f"{name} is damaged",
                faults=[
                    Fault(
                        f"{name} › {number}",
                        "damaged-line",
                        "Deze regel is gewijzigd, of een regel ervoor ontbreekt",
                        "This line was changed, or a line before it is missing",
                        "Use another copy of the erasure journal.",
                    )
                ],
                hint="Keep this file, and take another copy of the erasure journal of this node.",
            ) from None
        previous = sha256(line).hexdigest()
    return Erasures(tuple(orders), done)
