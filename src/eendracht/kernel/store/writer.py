"""The one writer thread of a process: it groups what many threads ask into one synced commit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from eendracht.kernel.clock import Clock
from eendracht.kernel.errors import EendrachtError, StorageFailure
from eendracht.kernel.store.append import Appending, Committed, Request, Result, Write
from eendracht.kernel.store.driver import Connection, Driver

MOST_REQUESTS = 512
"""How many requests share a commit."""
MOST_DRAFTS = 2_000
"""How many drafts share a commit, so that no transaction holds the lock for long."""

Action = Callable[[Connection], int]
Follow = Callable[[Connection, Sequence[Committed]], None]
_Job = tuple[Request | Action, "Future[Result]"]


class Writer:
    """Takes requests from any thread and answers each when its commit is on disk."""

    def __init__(self, driver: Driver, clock: Clock, before_commit: Follow, after_commit: Callable[[], None]) -> None:
        self._driver = driver
        self._clock = clock
        self._before_commit = before_commit
        self._after_commit = after_commit
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()
        self._closed = False

    def submit(self, request: Request | Action) -> Future[Result]:
        """Hand in a request, or an action that needs the write lock; the future is done when it is durable or refused.

        The future raises what refused it: Conflict, NotFound or StorageFailure.
        """
        future: Future[Result] = Future()
        with self._guard:
            if self._closed:
                raise StorageFailure("The store is closed", hint="Open it again.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="eendracht-writer", daemon=True)
                self._thread.start()
            self._queue.put((request, future))
        return future

    def close(self) -> None:
        """Finish what was handed in and stop."""
        with self._guard:
            self._closed = True
            thread = self._thread
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        carried: _Job | None = None
        while True:
            first = carried if carried is not None else self._queue.get()
            carried = None
            if first is None:
                return
            if not isinstance(first[0], Request):
                self._act(first[0], first[1])
                continue
            jobs = [first]
            drafts = _weight(first[0])
            while len(jobs) < MOST_REQUESTS and drafts < MOST_DRAFTS:
                try:
                    job = self._queue.get_nowait()
                except Empty:
                    break
                if job is None:
                    self._queue.put(None)
                    break
                if not isinstance(job[0], Request):
                    carried = job
                    break
                jobs.append(job)
                drafts += _weight(job[0])
            self._commit(jobs)

    def _commit(self, jobs: Sequence[_Job]) -> None:
        requests = [request for request, _ in jobs if isinstance(request, Request)]
        try:
            with self._driver.writing() as connection:
                answers = Appending(connection, self._clock).run(requests)
                self._before_commit(connection, list(zip(requests, answers, strict=True)))
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of anything
            for _, future in jobs:
                future.set_exception(error)
            return
        self._after_commit()
        for (_, future), answer in zip(jobs, answers, strict=True):
            if isinstance(answer, EendrachtError):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def _act(self, action: Action, future: Future[Result]) -> None:
        try:
            with self._driver.writing() as connection:
                answer = action(connection)
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of anything
            future.set_exception(error)
            return
        self._after_commit()
        future.set_result(answer)


def _weight(request: Request) -> int:
    return len(request.drafts) if isinstance(request, Write) else 1
