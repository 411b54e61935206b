"""The records of a node as one file, on either engine, as they are at one moment while writers go on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from eendracht.config import Settings
from eendracht.kernel.errors import Conflict, StorageFailure
from eendracht.kernel.store.sqlite import copy_file

SQLITE_FILE = "database/eendracht.db"
POSTGRES_FILE = "database/eendracht.dump"


def dump_database(settings: Settings, folder: Path) -> None:
    """Write a consistent copy of the database below a folder; raises StorageFailure.

    SQLite's own backup, or `pg_dump` in its custom format, which must be of the server's version or newer.
    """
    (folder / SQLITE_FILE).parent.mkdir(parents=True, exist_ok=True)
    if not settings.database:
        copy_file(settings.database_file, folder / SQLITE_FILE)
        return
    _run("pg_dump", settings.database, "--format=custom", "--no-owner", f"--file={folder / POSTGRES_FILE}")


def load_database(settings: Settings, folder: Path) -> None:
    """Bring back the database from the files below a folder, into a place that holds none.

    Raises Conflict where the PostgreSQL database holds tables or the engines differ, StorageFailure.
    """
    if (folder / SQLITE_FILE).exists() == bool(settings.database):
        raise Conflict(
            "The backup was made on the other engine",
            hint="Give a PostgreSQL address for a backup of PostgreSQL, and none for one of SQLite.",
        )
    if not settings.database:
        (folder / SQLITE_FILE).rename(settings.database_file)
        return
    tables = _run(
        "psql",
        settings.database,
        "--no-psqlrc",
        "--tuples-only",
        "--command=SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()",
    )
    if tables.strip() != "0":
        raise Conflict("The PostgreSQL database is not empty", hint="Make a new one with createdb and name that.")
    options = ("--no-owner", "--single-transaction", "--exit-on-error", str(folder / POSTGRES_FILE))
    _run("pg_restore", settings.database, *options)


def _run(program: str, address: str, *options: str) -> str:
    """Run a PostgreSQL program; the password goes by the environment, for the list of processes is public."""
    from psycopg import conninfo

    if shutil.which(program) is None:
        raise StorageFailure(
            f"{program} is not on this machine", hint="Install the client programs of PostgreSQL: postgresql-client."
        )
    place = conninfo.conninfo_to_dict(address)
    environment = dict(os.environ)
    if password := place.pop("password", None):
        environment["PGPASSWORD"] = str(password)
    command = (program, "--no-password", f"--dbname={conninfo.make_conninfo('', **place)}", *options)
    result = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")  # noqa: S603
    if result.returncode:
        raise StorageFailure(f"{program}: {result.stderr.strip()[-500:]}", hint="Correct what it says and try again.")
    return result.stdout
