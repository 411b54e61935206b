"""A real PostgreSQL server for the tests, from the machine's own packages, gone when the tests are."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import psycopg

USER = "postgres"


def find_binaries() -> Path | None:
    """Give the folder with `initdb` and `postgres`: Debian's newest version, else the one on PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if places:
        return places[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """Starts a server on a fresh data folder, on a unix socket and a free loopback port.

    With `fsync` off it forgets what was written when the machine stops, which a test may, and a measurement may not.
    Commits are synchronous either way. As root it runs as the user `postgres`, because PostgreSQL refuses root.
    """

    def __init__(self, binaries: Path, *, fsync: bool = False) -> None:
        self._binaries = binaries
        self._fsync = fsync
        self.folder = Path(tempfile.mkdtemp(prefix="eendracht-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    def __enter__(self) -> PostgresServer:
        if os.getuid() == 0:
            shutil.chown(self.folder, USER)
        data = self.folder / "data"
        initdb: list[str | Path] = [self._binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8"]
        initdb += ["--locale=C.UTF-8", "--no-sync"]
        if b"--icu-locale" in subprocess.check_output([self._binaries / "initdb", "--help"]):
            # A database that sorts as people do, so that a test sees where text must compare byte by byte.
            initdb += ["--locale-provider=icu", "--icu-locale=nl-NL"]
        subprocess.run(self._as_user(initdb), check=True, stdout=subprocess.DEVNULL)
        self.start()
        return self

    def _as_user(self, command: list[str | Path]) -> list[str | Path]:
        user: list[str | Path] = ["--reuid", USER, "--regid", USER, "--init-groups"] if os.getuid() == 0 else []
        return ["setpriv", *user, "--pdeathsig", "QUIT", "--", *command]

    def start(self) -> None:
        """Start the server and return when it answers."""
        on = "on" if self._fsync else "off"
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "fsync": on,
            "full_page_writes": on,
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
            "log_min_messages": "fatal",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_user([self._binaries / "postgres", "-D", self.folder / "data", *options]),
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.dsn("postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop at once, as in a power cut: sessions are cut off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
            self._process = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database: str) -> str:
        """Give the connection string of a database over the unix socket."""
        return f"host={self.folder} port={self.port} user={USER} dbname={database}"

    def create_database(self, name: str, template: str = "template0") -> str:
        """Make a database as a copy of another; gives its connection string."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.dsn(name)
