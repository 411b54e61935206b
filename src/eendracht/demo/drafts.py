"""The envelope of a synthetic draft: every one says that it was made up, and from which key."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

SYSTEM: Final = "eendracht demo"
"""`source.system` of every synthetic record."""
AUTHORITY: Final = "demo"
"""Authority of every synthetic ref, so that none collides with what an organisation really has."""

Draft = dict[str, Any]
"""A draft as `kernel.records.prepare` takes it."""


class DraftMaker:
    """Makes drafts that all carry one date and one begin of validity."""

    def __init__(self, on: date) -> None:
        self._date = on.isoformat()
        self._begin = on.replace(year=on.year - 2, month=1, day=1).isoformat()

    def make(self, ref: str, owner: str, level: str, spec: dict[str, Any]) -> Draft:
        """Wrap a spec; `owner` is a ref, `level` a confidentiality level."""
        return {
            "ref": ref,
            "owner": owner,
            "validFrom": self._begin,
            "confidentiality": {"level": level},
            "source": {"type": "synthetic", "date": self._date, "system": SYSTEM, "key": ref},
            "spec": spec,
        }
