"""A real server in a process of its own, over a node in a folder."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

ROOT = Path(__file__).parents[2]
_STILL_LOOKING: Final = re.compile(rb'"still-looking"|Kijk opnieuw|Look again')

SERVE = """
import sys
from pathlib import Path
from typing import Final
from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.web.server import serve

with open_instance(load_settings(Path(sys.argv[1]))) as instance:
    serve(instance)
"""


def free_port() -> int:
    """Give a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running server: its address, its process, and how long it took to answer from the start of the process."""

    url: str
    process: subprocess.Popen[str]
    start_seconds: float

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    def memory_mib(self) -> float:
        """Give the resident memory of the process in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return int(kib) / 1024

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Tell it to stop and give its exit code and what it printed."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


class Patient(httpx.HTTPTransport):
    """Sends a request again, as the server advises, as long as what it asks is still being worked out."""

    def __init__(self) -> None:
        # Certificates are not read: the servers of the tests speak plain HTTP.
        super().__init__(verify=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Give the answer; at most a minute is waited."""
        request.read()
        for _ in range(300):
            answer = super().handle_request(request)
            if answer.status_code != 503 or not _STILL_LOOKING.search(answer.read()):
                break
            time.sleep(0.2)
        return answer


@contextmanager
def run_python(code: str, arguments: Sequence[str], port: int, ready: str, **environment: str) -> Iterator[Server]:
    """Run a Python program that serves, and wait until it answers."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                httpx.get(url + ready, timeout=5)
                break
            except httpx.TransportError:
                if process.poll() is not None or time.perf_counter() - started > 30:
                    raise RuntimeError(f"no server: {process.communicate(timeout=5)}") from None
                time.sleep(0.01)
        server = Server(url, process, time.perf_counter() - started)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@contextmanager
def run_server(folder: Path, port: int = 0, **environment: str) -> Iterator[Server]:
    """Serve the node in a folder on a port of loopback, by default a free one."""
    port = port or free_port()
    environment = {"EENDRACHT_PORT": str(port), "EENDRACHT_CHECKPOINT_SECONDS": "1", **environment}
    with run_python(SERVE, [str(folder)], port, "/v1/health", **environment) as server:
        yield server
