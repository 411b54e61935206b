"""The opened parts of one node, handed to whoever needs them: commands, pages, jobs."""

from __future__ import annotations

from dataclasses import dataclass

from eendracht.config import Settings
from eendracht.kernel.ledger.history import History
from eendracht.kernel.store import Store


@dataclass(frozen=True)
class Instance:
    """One node: its settings, its records and the history that proves them."""

    settings: Settings
    store: Store
    history: History

    def close(self) -> None:
        """Finish what was handed in and let go of every file."""
        self.store.close()

    def __enter__(self) -> Instance:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
