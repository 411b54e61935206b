"""Serving a node: one process, loopback unless the settings say otherwise, with the upkeep of the node beside it."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from eendracht.kernel.collection import settle
from eendracht.kernel.durable import JobRunner
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.instance import Instance
from eendracht.web.app import create_app
from eendracht.web.connection import PatientProtocol
from eendracht.web.upkeep import Upkeep

MOST_CONNECTIONS: Final = 1_000
GRACE_SECONDS: Final = 10
"""How long requests that run may take to finish when the server stops."""


class _Server(uvicorn.Server):
    """Uvicorn that says where it listens, and takes a signal to stop for a clean end."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup()
        if self.started:
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            sys.stdout.write(f"Eendracht: http://{host}:{self.config.port}/\n")
            sys.stdout.flush()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(instance: Instance) -> None:
    """Serve pages and API until SIGTERM or SIGINT, printing the address once it listens.

    Requests that run are finished, and what was added is signed. Raises StorageFailure where the address is taken.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    config = uvicorn.Config(
        create_app(instance),
        host=instance.settings.host,
        port=instance.settings.port,
        loop="uvloop",
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # What was loaded stays for good: the collector need not walk over it again.
    settle()
    upkeep = Upkeep(instance)
    upkeep.start()
    runner = JobRunner(instance, instance.job_kinds)
    runner.start()
    server = _Server(config)
    try:
        server.run()
    except SystemExit:
        if not server.started:
            address = f"{instance.settings.host}:{instance.settings.port}"
            raise StorageFailure(f"{address} cannot be listened on", hint="Choose another port in node.toml.") from None
        raise
    finally:
        runner.stop()
        upkeep.stop()
