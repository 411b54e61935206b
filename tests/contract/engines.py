"""What the contract tests share: an engine by name, drafts, and people who ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eendracht.kernel.access import Principal, parse_roles
from eendracht.kernel.clock import Clock
from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.store import Store
from eendracht.kernel.store.driver import Connection, Driver
from eendracht.kernel.store.index import Document, Indexed, Reach, Reading, Term
from eendracht.kernel.store.postgres import PostgresDriver
from eendracht.kernel.store.sqlite import SqliteDriver

REGISTRY = Registry(shared_kinds())
EMMEN, EDE = "organisation:gm0114", "organisation:gm0228"
EDITOR = Principal("anna", parse_roles([f"editor@{EMMEN}"]))
SECURITY = Principal("bram", parse_roles([f"editor@{EMMEN}", f"security@{EMMEN}"]))
STRANGER = Principal("carla", parse_roles([f"editor@{EDE}"]))


class NoWords:
    """A text index that holds nothing, for tests in which words are not the subject."""

    def read(self, versions: Iterable[tuple[str, Mapping[str, Any]]]) -> Reading:
        """Find no word in any record."""
        return Reading([Document("", "", "") for _ in versions], set())

    def update(self, connection: Connection, versions: Sequence[Indexed], words: set[str]) -> None:
        """Take nothing in."""

    def forget(self, connection: Connection, positions: Sequence[int]) -> None:
        """Have nothing to remove."""

    def parse(self, connection: Connection, text: str) -> tuple[Term, ...]:
        """Find no word in a question."""
        return ()

    def match(self, terms: Sequence[Term], reach: Reach) -> tuple[str, str]:
        """Answer with no position."""
        return "SELECT rv FROM entry WHERE recorded_at < ?", ""

    def describe(self, connection: Connection, positions: Sequence[int]) -> dict[int, Document]:
        """Know no words."""
        return {}

    def correct(self, connection: Connection, word: str) -> list[str]:
        """Propose nothing."""
        return []

    def nearest(self, word: str, candidates: Iterable[str]) -> list[str]:
        """Propose nothing."""
        return []


@dataclass(frozen=True)
class Engine:
    """An engine and its database; small enough to hand to another process."""

    name: str
    target: str

    def driver(self) -> Driver:
        """Give a driver on the database."""
        return SqliteDriver(Path(self.target)) if self.name == "sqlite" else PostgresDriver(self.target)

    def open(self, clock: Clock | None = None, registry: Registry = REGISTRY) -> Store:
        """Open the store on the database."""
        return Store(self.driver(), registry, NoWords(), clock)


_OUTSIDE = {"owner", "uid", "source", "validFrom", "validUntil"}


def draft(ref: str, *, level: str = "public", **fields: Any) -> dict[str, Any]:
    """Give a draft that Emmen owns; a field goes to the envelope where it belongs there, else to the spec."""
    outside = {key: value for key, value in fields.items() if key in _OUTSIDE}
    inside = {key: value for key, value in fields.items() if key not in _OUTSIDE}
    return {
        "ref": ref,
        "owner": EMMEN,
        "confidentiality": {"level": level},
        "source": {"type": "statement", "date": "2026-01-01"},
        "spec": {"name": ref.rpartition("/")[2]} | inside,
    } | outside
