"""The server as a process: how it starts and stops, what it weighs, and what it does under attack or on a full disk."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR
from tests.web.conftest import Site
from tests.web.nodes import draft
from tests.web.serving import SERVE, free_port, run_python, run_server

HEAVY = ("duckdb", "pandas", "scipy", "highspy", "ortools", "networkx")

_LIST_MODULES = """
import asyncio, json, sys
from pathlib import Path
import httpx
from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.web.server import create_app

async def ask(app):
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
        idle = sorted(sys.modules)
        for path in ("/v1/records", "/nl/zoeken", "/v1/findings", "/v1/openapi.json"):
            assert (await client.get(path)).status_code == 200, path
        print(json.dumps([idle, sorted(sys.modules)]))

with open_instance(load_settings(Path(sys.argv[1]))) as instance:
    asyncio.run(ask(create_app(instance)))
"""


def test_it_weighs_little(site: Site) -> None:
    with run_server(site.folder) as server:
        assert server.memory_mib() < 150


def test_it_never_imports_what_belongs_in_a_worker(site: Site) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIST_MODULES, str(site.folder)],
        env={"PYTHONPATH": str(Path(__file__).parents[2] / "src"), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    idle, used = json.loads(done.stdout)
    assert not set(HEAVY) & set(used)
    assert "numpy" not in idle
    assert "eendracht.web.app" in idle


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_signs_what_was_added(
    make_site: Callable[[], tuple[Path, dict[str, str]]], number: signal.Signals
) -> None:
    folder, tokens = make_site()
    with run_server(folder, EENDRACHT_CHECKPOINT_SECONDS="3600") as server:
        content = draft("component:gm0344/laatste", "Laatste")
        headers = {"Authorization": f"Bearer {tokens['gm0344/editor']}"}
        written = httpx.put(f"{server.url}/v1/records/{content['ref']}", json=content, headers=headers)
        assert written.status_code == 201
        code, out, errors = server.stop(number)
    assert (code, errors) == (0, "")
    assert out == f"Eendracht: {server.url}/\n"
    with open_instance(load_settings(folder)) as instance:
        last = instance.history.last_checkpoint()
        assert last is not None
        assert last.checkpoint.size == instance.store.size
        assert instance.history.verify().holds


def test_a_port_that_is_taken_is_said(site: Site) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(site.folder)],
        env={
            "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
            "EENDRACHT_PORT": str(site.server.port),
            "PATH": "/usr/bin",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"127.0.0.1:{site.server.port} cannot be listened on" in done.stderr


def test_a_full_disk_refuses_writes_and_nothing_else(make_site: Callable[[], tuple[Path, dict[str, str]]]) -> None:
    folder, tokens = make_site()
    largest = max(path.stat().st_size for path in folder.iterdir() if path.is_file())
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest}, {largest}))\n{SERVE}"
    port = free_port()
    headers = {"Authorization": f"Bearer {tokens['gm0344/editor']}"}
    environment = {"EENDRACHT_PORT": str(port), "EENDRACHT_CHECKPOINT_SECONDS": "3600"}
    statuses = []
    with run_python(limited, [str(folder)], port, "/v1/health", **environment) as server:
        for number in range(400):
            content = draft(f"component:gm0344/vol-{number}", "Vol", description="x" * 9_000)
            response = httpx.put(f"{server.url}/v1/records/{content['ref']}", json=content, headers=headers)
            statuses.append(response.status_code)
            if response.status_code != 201:
                break
        assert statuses[-1] == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["retry-after"]
        assert response.json()["code"] == "storage-failure"
        assert "Traceback" not in response.text
        assert httpx.get(f"{server.url}/v1/records").status_code == 200
        assert httpx.get(f"{server.url}/v1/records/component:gm0344/vol-{number}").status_code == 404
        server.stop()
    with open_instance(load_settings(folder)) as instance:
        assert instance.history.verify().holds
        names = [version.ref for version in instance.store.changes(0, OPERATOR, 1_000)]
    assert sum(name.startswith("component:gm0344/vol-") for name in names) == len(statuses) - 1


def raw(site: Site, data: bytes, seconds: float = 3) -> bytes:
    """Send bytes over a connection and give what comes back until it is closed or nothing more comes."""
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=seconds) as connection:
        received = b""
        try:
            connection.sendall(data)
            while part := connection.recv(65_536):
                received += part
        except OSError:
            pass
        return received


def test_endless_headers_are_cut_off(site: Site) -> None:
    assert raw(site, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Filler: " + b"y" * 200_000) == b""
    assert site.get("/v1/health").status_code == 200


def test_slow_headers_are_cut_off(site: Site) -> None:
    started = time.monotonic()
    assert raw(site, b"GET /v1/records HTTP/1.1\r\nHost: x\r\n", seconds=30) == b""
    assert 8 < time.monotonic() - started < 20


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET /v1/records?q=%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /v1/records/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /nl/records/%ff%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET http://evil.example/v1/records?a=\xe9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"FOO /v1/records HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
def test_malformed_requests_get_no_inside_and_no_500(site: Site, data: bytes) -> None:
    answer = raw(site, data)
    assert not answer.startswith(b"HTTP/1.1 5"), answer
    assert b"Traceback" not in answer
    assert site.get("/v1/health").status_code == 200
