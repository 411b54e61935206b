"""The landscapes that a server keeps at hand, so that a second question does not read all records again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.store import Store

if TYPE_CHECKING:
    from eendracht.kernel.briefing import Finding
    from eendracht.kernel.briefing.scope import Scope
    from eendracht.kernel.landscape import Landscape
    from eendracht.kernel.wing import Wing

_MOST_KEPT: Final = 3


class Landscapes:
    """Keeps the last few landscapes; one belongs to a day, a size of the log and what the asker may see."""

    def __init__(self, wings: Callable[[Principal], tuple[Wing, ...]] = lambda _: ()) -> None:
        """Take what tells which wings are there for an asker."""
        self._wings = wings
        self._kept: OrderedDict[tuple[object, ...], Landscape] = OrderedDict()
        self._findings: OrderedDict[tuple[object, ...], tuple[Scope, Sequence[Finding]]] = OrderedDict()
        # One is built at a time: each costs a walk over all records, and memory.
        self._guard = threading.Lock()

    def get(self, store: Store, asker: Principal, as_of: date | None) -> Landscape:
        """Give the landscape as it is now, for this asker."""
        # Numpy and the engine load with the first question, so that an idle server stays small.
        from eendracht.kernel.landscape import build_landscape

        day = as_of or today(store.clock)
        with self._guard:
            key = (asker.roles, asker.is_operator, day, store.size, store.switches.list_off())
            kept = self._kept.get(key)
            if kept is None:
                kept = self._kept[key] = build_landscape(store, asker, day)
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return kept

    def list_findings(self, store: Store, asker: Principal) -> tuple[Scope, Sequence[Finding]]:
        """Give what needs attention today, as this asker sees it, and what it was made from."""
        from eendracht.kernel.briefing.report import list_findings
        from eendracht.kernel.briefing.scope import Scope

        landscape = self.get(store, asker, None)
        key = (asker.roles, asker.is_operator, today(store.clock), store.size, store.switches.list_off())
        with self._guard:
            kept = self._findings.get(key)
            if kept is None:
                scope = Scope(store, asker, today(store.clock), landscape)
                kept = self._findings[key] = (scope, list_findings(scope, self._wings(asker)))
                if len(self._findings) > _MOST_KEPT:
                    self._findings.popitem(last=False)
            self._findings.move_to_end(key)
            return kept
