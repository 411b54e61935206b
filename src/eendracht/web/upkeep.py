"""What a running server does by itself: finish destructions, sweep retention, seal the journal, sign the log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from eendracht.kernel.import_reports import sweep_reports
from eendracht.kernel.instance import Instance
from eendracht.kernel.uploads import Uploads

SECONDS_IN_HOUR: Final = 3_600

_LOG = logging.getLogger("eendracht.upkeep")


class Upkeep:
    """Keeps a node in order from a thread of its own, beside the server.

    First it finishes the destructions that a killed process began. Then, as often as the settings say, it destroys
    what was kept long enough (files that came in too), seals new lines of the journal and signs a checkpoint where
    the log grew, and lets each wing ask for the work that is due. Destructions hold a lock that dies with its process,
    so two servers on one node do not both carry one out. What fails is logged with its code and tried again at the next
    turn; it keeps nothing else from being done.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="eendracht-upkeep", daemon=True)
        self._sweeps_at = 0.0

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the task under way, seal and sign what is left, and stop."""
        self._stopped.set()
        self._thread.join()
        self._prove()

    def _work(self) -> None:
        self._try("unfinished-destruction", self._finish_destructions)
        self._try("retention-not-swept", self._sweep)
        self._tend()
        while not self._stopped.wait(self._instance.settings.checkpoint_seconds):
            if time.monotonic() >= self._sweeps_at:
                self._try("retention-not-swept", self._sweep)
            self._tend()
            self._prove()

    def _tend(self) -> None:
        for wing in self._instance.wings:
            for tend in wing.load("upkeep"):
                self._try(f"{wing.name}-not-tended", partial(tend, self._instance))

    def _prove(self) -> None:
        self._try("journal-not-sealed", self._seal)
        self._try("no-checkpoint", self._sign)

    def _try(self, code: str, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as error:  # noqa: BLE001 - the server goes on, and tries again
            _LOG.error("%s", code, exc_info=error)

    def _finish_destructions(self) -> None:
        if self._instance.settings.erasure_journal.exists():
            self._instance.destruction.resume()

    def _sweep(self) -> None:
        # A node that never kept anything about persons has no vault yet, and gets none by looking.
        if self._instance.settings.vault_folder.exists():
            self._instance.destruction.sweep_retention()
        if self._instance.settings.populations_folder.exists():
            from eendracht.kernel.populations import sweep_populations

            sweep_populations(self._instance)
        settings, clock = self._instance.settings, self._instance.store.clock
        Uploads(settings.uploads_folder, clock).sweep()
        sweep_reports(settings.jobs_folder, clock)
        self._sweeps_at = time.monotonic() + SECONDS_IN_HOUR * self._instance.settings.retention_sweep_hours

    def _seal(self) -> None:
        if self._instance.settings.journal_file.exists():
            self._instance.journal.seal(self._instance.store)

    def _sign(self) -> None:
        last = self._instance.history.last_checkpoint()
        if self._instance.store.size > (last.checkpoint.size if last else 0):
            self._instance.history.sign()
