"""The envelope of what a demonstration records: made up, and marked so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from eendracht.kernel.instance import Instance
from eendracht.kernel.store import load

DAY: Final = "2026-11-01"
SYSTEM: Final = "eendracht demo"


def made_up(ref: str, owner: str, name: str, confidentiality: str = "public", **spec: Any) -> dict[str, Any]:
    """Give a draft that says that it was made up."""
    return {
        "ref": ref,
        "owner": owner,
        "validFrom": "2024-01-01",
        "confidentiality": {"level": confidentiality},
        "source": {"type": "synthetic", "date": DAY, "system": SYSTEM, "key": ref},
        "spec": {"name": name, **{key: value for key, value in spec.items() if value}},
    }


def record(instance: Instance, drafts: Iterable[dict[str, Any]]) -> None:
    """Record drafts that are not there yet."""
    load(instance.store, drafts, only_new=True)
