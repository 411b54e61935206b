"""What waits to go out to mailboxes and nodes, each of which is served by itself: who is away holds up nobody else.

One thread looks what waits, takes it, and keeps what came of it; it alone speaks with the database. Each message goes
out in a thread of its own, one at a time for each recipient.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from eendracht.resilience.exercises.deliveries import (
    Departing,
    Outcome,
    Tried,
    claim_waiting,
    has_waiting,
    settle_tries,
)
from eendracht.resilience.exercises.log import FINISHED, was_taken
from eendracht.resilience.exercises.messages import CLOSING
from eendracht.resilience.exercises.scenario import ScenarioFile
from eendracht.resilience.exercises.sending import Sender

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

LOOK_SECONDS: Final = 0.1
"""How often it is looked whether something waits, or the exercise was stopped."""
AGAIN_SECONDS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""How long a recipient that took nothing is left alone; the last one holds from then on."""
MOST_AT_ONCE: Final = 200
"""So many messages are on their way at a time; recipients that took nothing before get at most half of that."""
_MOST_MISSES_AT_END: Final = 2
"""The last message is offered every few seconds, however long somebody was away before."""
_LOG = logging.getLogger("eendracht.exercises")
_Lane = tuple[tuple[str, str], bool]


class Outbox:
    """Sends what waits in one exercise, from `start` until `close`."""

    def __init__(self, instance: Instance, exercise: str, scenario: ScenarioFile) -> None:
        self._store, self._id = instance.store, exercise
        self._sender = Sender(instance.settings, exercise, scenario)
        self._tried: queue.SimpleQueue[tuple[Departing, Outcome]] = queue.SimpleQueue()
        self._under_way: set[_Lane] = set()
        self._misses: dict[tuple[str, str], int] = {}
        self._again_at: dict[_Lane, float] = {}
        self._is_stopped = False
        self._failure: Exception | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="eendracht-outbox", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Send nothing more; what is on its way comes or does not, and is not waited for."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self._sender.close()

    def check(self) -> None:
        """Raise what ended it, where something did."""
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        try:
            while not self._ended.is_set():
                self._settle(list(self._collect()))
                self._send()
        except Exception as error:  # noqa: BLE001 - the conductor raises it, and is tried again with a new outbox
            self._failure = error

    def _collect(self) -> Iterator[tuple[Departing, Outcome]]:
        """Yield what came of messages since the last look; waits a moment for the first one."""
        try:
            yield self._tried.get(timeout=LOOK_SECONDS)
            while True:
                yield self._tried.get_nowait()
        except queue.Empty:
            return

    def _settle(self, tried: list[tuple[Departing, Outcome]]) -> None:
        settled: list[Tried] = []
        for item, outcome in tried:
            lane = _lane(item)
            self._under_way.discard(lane)
            misses = self._misses.pop(item.recipient, 0)
            self._again_at.pop(lane, None)
            if outcome == "away":
                most = _MOST_MISSES_AT_END if item.message in CLOSING else len(AGAIN_SECONDS) - 1
                self._again_at[lane] = time.monotonic() + AGAIN_SECONDS[min(misses, most)]
                self._misses[item.recipient] = misses + 1
            settled.append((item, outcome))
        if settled:
            settle_tries(self._store, self._id, settled)

    def _send(self) -> None:
        reader = self._store.driver.reader()
        self._is_stopped = self._is_stopped or was_taken(reader, self._id, FINISHED)
        if not has_waiting(self._store, self._id, self._store.clock.now()):
            return
        for item in claim_waiting(self._store, self._id, self._choose):
            self._under_way.add(_lane(item))
            threading.Thread(target=self._offer, args=(item,), name="eendracht-sending", daemon=True).start()

    def _choose(self, waiting: list[Departing]) -> list[Departing]:
        """Give what goes now: nothing to whom something is on its way, and first to who took the last one."""
        now = time.monotonic()
        free = [
            item
            for item in waiting
            if _lane(item) not in self._under_way and self._again_at.get(_lane(item), now) <= now
        ]
        room = MOST_AT_ONCE - len(self._under_way)
        there = [item for item in free if item.recipient not in self._misses][: max(0, room)]
        away = [item for item in free if item.recipient in self._misses]
        return there + away[: max(0, min(room - len(there), MOST_AT_ONCE // 2 - len(self._under_way)))]

    def _offer(self, item: Departing) -> None:
        outcome: Outcome = "away"
        try:
            outcome = self._sender.offer(item, lambda: self._is_stopped)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on and this one is tried again
            _LOG.error("message-not-sent %s", item.message, exc_info=error)
        finally:
            self._tried.put((item, outcome))


def _lane(item: Departing) -> _Lane:
    """Give what goes one after the other: the message that ends it all waits for nothing that is on its way."""
    return item.recipient, item.message in CLOSING
