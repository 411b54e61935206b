"""Filling a node with the public bodies that ship."""

from __future__ import annotations

from collections.abc import Callable

from eendracht.kernel.bodies import draft_bodies
from eendracht.kernel.store import Store, load
from eendracht.reference import load_public_bodies


def load_bodies(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Record the public bodies of the reference table that the node does not know yet; gives how many."""
    bodies = load_public_bodies()
    return load(store, draft_bodies(bodies), only_new=True, progress=progress, total=len(bodies))
