"""Alembic migrations of the store, run from code when a database is behind."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

NEWEST = "0008"
"""The newest revision; a database that has it starts without loading Alembic."""

_ONE_AT_A_TIME = Lock()  # Alembic keeps its context in a module; processes wait for each other in the database

READ_REVISION = "SELECT version_num FROM alembic_version"


def migrate_to_newest(url: str) -> None:
    """Bring the database at this SQLAlchemy URL to the newest revision; raises what the engine's own library raises."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import DBAPIError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        with _ONE_AT_A_TIME:
            command.upgrade(config, NEWEST)
    except DBAPIError as error:
        raise (error.orig or error) from error
