"""A file that comes by a form: who may send one, and that nothing of one that is refused stays on the disk.

What is looked for is in `/proc`: a file that came in has no name.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.web.demo import Demo, hidden_fields, make_demo
from tests.web.serving import run_server

BOUNDARY = "grens"
SENT = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="lijst.csv"\r\n'
    "Content-Type: text/csv\r\n\r\nApplicatie;Status\r\n" + "Zaaksuite;In gebruik\r\n" * 2_000
).encode()


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder for temporary files of the server."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[Demo]:
    folder = make_demo(tmp_path_factory.mktemp("upload") / "node")
    with run_server(folder, TMPDIR=str(temporary)) as server:
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors


def list_files(site: Demo, temporary: Path) -> list[str]:
    """Give the files of forms in the folder, also those without a name that the server holds open there."""
    held = []
    for descriptor in Path(f"/proc/{site.server.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            held.append(descriptor.readlink())
    there = [*temporary.iterdir(), *(path for path in held if path.parent == temporary)]
    return [path.name for path in there if path.name.startswith(("eendracht-", "#"))]


def wait_until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something holds; fails where it does not come to hold."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


def begin_upload(site: Demo, cookie: str, announced: int, body: bytes = b"") -> socket.socket:
    """Send the head of a form with a file, and of its body only what is given."""
    held = f"Cookie: {cookie}\r\n" if cookie else ""
    head = (
        f"POST /nl/importeren HTTP/1.1\r\nHost: 127.0.0.1:{site.server.port}\r\n"
        f"Origin: {site.server.url}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"{held}Content-Length: {announced}\r\nAccept: text/html\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", site.server.port), timeout=10)
    connection.sendall(head.encode() + body)
    return connection


@pytest.mark.parametrize("cookie", ["", "eendracht=verzonnen"], ids=["none", "made-up"])
def test_without_a_session_a_file_is_refused_before_it_is_read(site: Demo, temporary: Path, cookie: str) -> None:
    with begin_upload(site, cookie, 10_000_000) as connection:
        # The answer comes though not a byte of the body was sent.
        answer = connection.recv(500)
        assert answer.split(b" ")[1] == b"401"
        assert not list_files(site, temporary)


def test_what_was_sent_of_a_file_goes_when_the_connection_does(site: Demo, temporary: Path) -> None:
    with site.signed_in() as client:
        cookie = f"eendracht={client.cookies['eendracht']}"
    with begin_upload(site, cookie, 10_000_000, SENT):
        # Of who is signed in the file does lie in this folder: looking there tells whether one was left.
        wait_until(lambda: bool(list_files(site, temporary)))
    wait_until(lambda: not list_files(site, temporary))


def post_file(client: httpx.Client, key: str) -> httpx.Response:
    data = {"formKey": key, "owner": "organisation:gm0344", "profile": "", "system": ""}
    return client.post("/nl/importeren", data=data, files={"file": ("lijst.csv", SENT)})


def test_the_file_of_a_form_of_another_session_does_not_stay(site: Demo, temporary: Path) -> None:
    with site.signed_in() as client:
        uploads = site.folder / "uploads"
        before = list(uploads.glob("*"))
        for key in ("", "0" * 64):
            assert post_file(client, key).status_code == 401
            assert not list_files(site, temporary)
        assert list(uploads.glob("*")) == before
        # The same with the key of the session is taken, and leaves nothing in the temporary folder either.
        key = hidden_fields(client.get("/nl/importeren").text)["formKey"]
        assert post_file(client, key).status_code == 303
        wait_until(lambda: not list_files(site, temporary))
        assert len(list(uploads.glob("*"))) == len(before) + 1
