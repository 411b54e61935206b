"""The landscapes that a server keeps at hand, and what stands out in them.

To look through all that somebody may see takes seconds on a large node. It is done by one thread of its own, so that
no number of askers keeps the others waiting: who asks waits a moment, and then gets what was found before the last
change, if there is that, or hears that it is not ready yet.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeVar

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.collection import settle
from eendracht.kernel.errors import Busy
from eendracht.kernel.store import Store

if TYPE_CHECKING:
    from eendracht.kernel.briefing import Finding
    from eendracht.kernel.briefing.scope import Scope
    from eendracht.kernel.briefing.tasks import Task
    from eendracht.kernel.landscape import Landscape
    from eendracht.kernel.wing import Wing

T = TypeVar("T")

PATIENCE_SECONDS: Final = 1.0
"""How long a page waits for what is being looked at."""
_MOST_KEPT: Final = 3
_MOST_DERIVED: Final = 24
_MOST_WAITING: Final = 20


class StillLooking(Busy):
    """What was asked is being worked out, and was not ready in time; asked again, it soon is."""

    code = "still-looking"
    title_nl = "Dit wordt nog uitgezocht"
    title_en = "This is still being worked out"
    default_hint = "Ask again in a few seconds."


@dataclass(frozen=True, slots=True)
class Found:
    """What needs attention as somebody sees it, and from what that was made.

    `made_at` is when (UTC); where it is not `is_current`, something was recorded since and a new look is under way.
    """

    scope: Scope
    findings: Sequence[Finding]
    made_at: str
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class _Kept:
    state: tuple[object, ...]
    value: Any


class Landscapes:
    """Keeps the last few landscapes, and what was found in them, by what the asker may see."""

    def __init__(self, wings: Callable[[Principal], tuple[Wing, ...]] = lambda _: ()) -> None:
        """Take what tells which wings are there for an asker."""
        self._wings = wings
        self._kept: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()
        self._running: dict[tuple[object, ...], Future[Any]] = {}
        self._lock = threading.Lock()
        # One at a time: each costs a walk over all records, and memory.
        self._builder = ThreadPoolExecutor(1, thread_name_prefix="eendracht-landscape")

    def close(self) -> None:
        """Stop after what is under way."""
        self._builder.shutdown(cancel_futures=True)

    def get(self, store: Store, asker: Principal, as_of: date | None, patience: float = PATIENCE_SECONDS) -> Landscape:
        """Give the landscape as it is now, for this asker; raises StillLooking where it is not there in time."""
        day = as_of or today(store.clock)
        kept, is_current = self._ask(("landscape", day), store, asker, lambda: _build(store, asker, day), patience)
        if not is_current:
            raise StillLooking("Something was recorded, and the landscape is being read anew")
        landscape: Landscape = kept
        return landscape

    def derive(
        self,
        name: tuple[str, ...],
        store: Store,
        asker: Principal,
        make: Callable[[Landscape], T],
        patience: float = PATIENCE_SECONDS,
    ) -> T:
        """Give what follows from the landscape of today, worked out once; `name` tells it from what else follows.

        Raises StillLooking where it is not there in time.
        """
        day = today(store.clock)
        key = ("derived", *name, day)
        kept, is_current = self._ask(key, store, asker, lambda: make(self._landscape(store, asker, day)), patience)
        if not is_current:
            raise StillLooking("Something was recorded, and this is being worked out anew")
        found: T = kept
        return found

    def _landscape(self, store: Store, asker: Principal, day: date) -> Landscape:
        """Give the landscape to a builder: the kept one, or a new one that is kept."""
        state, key = _state(store), ("landscape", day, asker.roles, asker.is_operator)
        with self._lock:
            kept = self._kept.get(key)
        landscape: Landscape = kept.value if kept is not None and kept.state == state else _build(store, asker, day)
        self._keep(key, _Kept(state, landscape))
        return landscape

    def list_findings(self, store: Store, asker: Principal, patience: float = PATIENCE_SECONDS) -> Found:
        """Give what needs attention today, as this asker sees it; raises StillLooking where it is not there in time."""
        day = today(store.clock)
        found: Found
        found, is_current = self._ask(("findings", day), store, asker, lambda: self._find(store, asker, day), patience)
        return found if is_current else Found(found.scope, found.findings, found.made_at, is_current=False)

    def peek_findings(self, store: Store, asker: Principal) -> Found | None:
        """Give what was found for this asker and is still current, without looking; None where nothing is."""
        found: Found | None = self._peek("findings", store, asker)
        return found

    def list_tasks(
        self, store: Store, asker: Principal, patience: float = PATIENCE_SECONDS
    ) -> tuple[Found, Sequence[Task]]:
        """Give what somebody has to do, and what that follows from; raises StillLooking as `list_findings` does."""
        from eendracht.kernel.briefing.tasks import list_tasks

        key, state = ("tasks", today(store.clock), asker.roles, asker.is_operator), _state(store)
        found = self.list_findings(store, asker, patience)
        tasks = self.peek_tasks(store, asker)
        if tasks is None:
            tasks = list_tasks(found.scope, found.findings, asker, self._wings(asker))
            if found.is_current:
                self._keep(key, _Kept(state, tasks))
        return found, tasks

    def peek_tasks(self, store: Store, asker: Principal) -> Sequence[Task] | None:
        """Give the tasks that were worked out for this asker and are still current, without looking; else None."""
        kept: Sequence[Task] | None = self._peek("tasks", store, asker)
        return kept

    def _peek(self, what: str, store: Store, asker: Principal) -> Any:
        key = (what, today(store.clock), asker.roles, asker.is_operator)
        with self._lock:
            kept = self._kept.get(key)
        return kept.value if kept is not None and kept.state == _state(store) else None

    def _find(self, store: Store, asker: Principal, day: date) -> Found:
        from eendracht.kernel.briefing.report import list_findings
        from eendracht.kernel.briefing.scope import Scope

        made_at = timestamp(store.clock.now())
        scope = Scope(store, asker, day, self._landscape(store, asker, day))
        return Found(scope, list_findings(scope, self._wings(asker)), made_at)

    def _ask(
        self,
        what: tuple[object, ...],
        store: Store,
        asker: Principal,
        build: Callable[[], Any],
        patience: float,
    ) -> tuple[Any, bool]:
        """Give what is kept or becomes ready in time, and whether nothing was recorded since."""
        key, state = (*what, asker.roles, asker.is_operator), _state(store)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.state == state:
                self._kept.move_to_end(key)
                return kept.value, True
            running = self._running.get(key)
            if running is None:
                if len(self._running) >= _MOST_WAITING:
                    raise Busy("Too many landscapes are asked for at once")
                running = self._running[key] = self._builder.submit(self._run, key, store, build)
        try:
            made: _Kept = running.result(patience)
        except TimeoutError:
            if kept is None:
                raise StillLooking("All that you may see is being looked through") from None
            return kept.value, False
        return made.value, made.state == state

    def _run(self, key: tuple[object, ...], store: Store, build: Callable[[], Any]) -> _Kept:
        try:
            state = _state(store)
            made = _Kept(state, build())
            self._keep(key, made)
            settle()
            return made
        finally:
            with self._lock:
                self._running.pop(key, None)

    def _keep(self, key: tuple[object, ...], made: _Kept) -> None:
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            for name in ("landscape", "findings", "tasks", "derived"):
                same = [other for other in self._kept if other[0] == name]
                for other in same[: -(_MOST_DERIVED if name == "derived" else _MOST_KEPT)]:
                    del self._kept[other]


def _state(store: Store) -> tuple[object, ...]:
    """Give what a landscape is made from: it changes with each record, and with each switch of a wing."""
    return store.size, store.switches.list_off()


def _build(store: Store, asker: Principal, day: date) -> Landscape:
    # Numpy and the engine load with the first question, so that an idle server stays small.
    from eendracht.kernel.landscape import build_landscape

    return build_landscape(store, asker, day)
