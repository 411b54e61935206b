"""The laws of one node: read once, when they are first asked for, and never the reason that the node stops."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.rules.library import Library

RULEBOOK: Final = Path(__file__).parents[2] / "rulebook"
"""The rulebook that ships."""


class LawsUnusable(EendrachtError):
    """A law file of this node has a fault; every fault is listed, and until they are mended no rule is run.

    A law without its newest version would give the figures of another year, so nothing is left out in silence.
    """

    code = "laws-unusable"
    status = 503
    title_nl = "De regels van dit knooppunt zijn nu niet te gebruiken"
    title_en = "The rules of this node cannot be used now"
    default_hint = "The operator of the node corrects the law files that are named: eendracht rules check."


class Lawbook:
    """Where the laws of a node lie, and the library that is made of them; several threads may ask at once."""

    def __init__(self, paths: Sequence[Path] = (), cache: Path | None = None) -> None:
        self.paths = tuple(paths) or (RULEBOOK,)
        self._cache = cache
        self._lock = threading.Lock()
        self._library: Library | None = None
        self._refusal: LawsUnusable | None = None

    @property
    def library(self) -> Library:
        """The laws, checked as a whole; raises LawsUnusable with every fault."""
        with self._lock:
            if self._refusal is None and self._library is None:
                try:
                    self._library = Library.load(self.paths, cache=self._cache)
                except (EendrachtError, OSError) as error:
                    self._refusal = _refuse(error)
            if self._refusal is not None:
                # A new one each time: an error that is raised carries the frames of whoever asked.
                raise LawsUnusable(self._refusal.detail, faults=self._refusal.faults)
            assert self._library is not None
            return self._library


def _refuse(error: EendrachtError | OSError) -> LawsUnusable:
    if isinstance(error, OSError):
        return LawsUnusable(f"A law file cannot be read: {error.strerror}")
    return LawsUnusable(error.detail or error.title_en, faults=error.faults)
