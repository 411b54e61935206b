"""Where work runs: brief reads in the event loop itself, everything else in a few threads with a bounded queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

from eendracht.kernel.errors import Busy
from eendracht.kernel.store import Store

T = TypeVar("T")

BRIEF_S: Final = 0.005
"""How long a read may hold the event loop before it moves to a thread."""
THREADS: Final = 6
MOST_WAITING: Final = 200
POLL_S: Final = 0.05
"""How often the log is looked at while somebody waits for news."""


class Lanes:
    """The fast and the slow lane of one server."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="eendracht-slow")
        self._waiting = 0

    async def run(self, work: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Run blocking work in a thread; raises Busy where too much waits already."""
        if self._waiting >= MOST_WAITING:
            raise Busy("The queue is full")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, partial(work, *arguments, **options))
        finally:
            self._waiting -= 1

    async def read(self, work: Callable[[], T]) -> T:
        """Run a read at once where it proves to be brief, else in a thread."""
        try:
            return self._store.driver.read_briefly(work, BRIEF_S)
        except TimeoutError:
            return await self.run(work)

    def close(self) -> None:
        """Let the threads finish."""
        self._threads.shutdown(wait=True, cancel_futures=True)


class News:
    """Lets any number of requests wait for the log to grow, with one watcher for all and no thread per waiter."""

    def __init__(self, store: Store, lanes: Lanes) -> None:
        self._store = store
        self._lanes = lanes
        self._waiters: dict[asyncio.Future[None], int] = {}
        self._watcher: asyncio.Task[None] | None = None

    async def size(self) -> int:
        """Give the size of the log."""
        return await self._lanes.read(lambda: self._store.size)

    async def wait(self, since: int, seconds: float) -> None:
        """Return when the log is larger than `since`, or after so many seconds."""
        if seconds <= 0 or await self.size() > since:
            return
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters[waiter] = since
        if self._watcher is None or self._watcher.done():
            self._watcher = loop.create_task(self._watch())
        try:
            await asyncio.wait_for(waiter, seconds)
        except TimeoutError:
            return
        finally:
            del self._waiters[waiter]

    async def _watch(self) -> None:
        while self._waiters:
            await asyncio.sleep(POLL_S)
            size = await self.size()
            for waiter, since in self._waiters.items():
                if size > since and not waiter.done():
                    waiter.set_result(None)
