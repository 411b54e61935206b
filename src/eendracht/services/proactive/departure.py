"""How messages leave a node: each is opened only now, and stays where its person objected meanwhile.

What a receiver does not take is offered again. What left is on the processing log by the id of its item.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from eendracht.kernel.clock import timestamp
from eendracht.kernel.populations import STREAM
from eendracht.services.proactive.channels import Webhook
from eendracht.services.proactive.delivery import NotDelivered, Printer, make_event, post_event
from eendracht.services.proactive.messages import NOTICES
from eendracht.services.proactive.outbox import TRIES, Outbox, Row
from eendracht.services.proactive.stops import Stops, clerk

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

Way = Literal["print", "webhook"]
WAYS: Final = ("print", "webhook")
PURPOSE: Final = "proactive-send"
"""For what the vault is opened."""
_FIRST_WAIT: Final = 1.0


@dataclass(frozen=True, slots=True)
class Departure:
    """The messages of one batch that wait in the outbox, and the way that they take."""

    instance: Instance
    outbox: Outbox
    batch: str
    controller: str
    webhook: Webhook | None
    wait: Callable[[float], None] = time.sleep

    def send(self, way: Way, folder: Path, report: Callable[[int, int], None] = lambda *_: None) -> None:
        """Let every message that waits leave; what a receiver does not take is offered again, with growing waits."""
        if way == "print":
            self._print(folder)
            return
        pause = _FIRST_WAIT
        for attempt in range(TRIES):
            waiting = self.outbox.list_rows(self.batch, "waiting")
            if not waiting:
                return
            if attempt:
                self.wait(pause)
                pause *= 2
            for done, row in enumerate(waiting):
                report(done, len(waiting))
                self._offer(row, is_last=attempt + 1 == TRIES)

    def _print(self, folder: Path) -> None:
        """Lay down the letters of the batch; those of before are laid down again only where the folder is the same."""
        printer = Printer(folder)
        letters: dict[str, Mapping[str, Any]] = {}
        for row in self.outbox.list_rows(self.batch):
            is_again = row.state == "printed" and printer.has_letter(row.id)
            if (row.state == "waiting" or is_again) and (data := self._read(row)) is not None:
                printer.print_letter(row.id, data)
                letters[row.id] = data
                self._settle(row, "printed")
        printer.write_index(letters)

    def _offer(self, row: Row, *, is_last: bool) -> None:
        data = self._read(row)
        if self.webhook is None or data is None:
            return
        now = self.instance.store.clock.now()
        try:
            post_event(self.webhook, make_event(row.id, row.controller, now, data), now)
        except NotDelivered as error:
            is_over = error.is_final or is_last
            code = error.detail.lower().replace(" ", "-")
            self.outbox.settle(row.id, "failed" if is_over else "waiting", self._now(), code, is_try=True)
        else:
            self._settle(row, "sent")

    def _read(self, row: Row) -> Mapping[str, Any] | None:
        """Open a message, unless its person objected meanwhile or it was destroyed; then it stays here."""
        vault = self.instance.vault
        found = vault.describe(items=[row.item])
        if not found:
            self._settle(row, "held", "destroyed")
            return None
        scope = {"notices": row.law} if row.law in NOTICES else {"law": row.law}
        if Stops(self.instance, self.controller).has_stopped(found[0].subject, **scope):
            self._settle(row, "held", "objection")
            return None
        content = vault.get(row.item, PURPOSE, clerk(self.controller))
        assert isinstance(content, dict)
        return content

    def _settle(self, row: Row, state: Literal["sent", "printed", "held"], reason: str = "") -> None:
        self.outbox.settle(row.id, state, self._now(), reason, is_try=state == "sent")
        noted = {"event": "proactive-message", "run": row.run, "message": row.id, "controller": row.controller}
        self.instance.journal.append(STREAM, [{**noted, "law": row.law, "item": row.item, "state": reason or state}])

    def _now(self) -> str:
        return timestamp(self.instance.store.clock.now())
