"""Both engines, each with a fresh database for every test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eendracht.kernel.store import Store
from tests.contract.engines import Engine
from tests.postgres_server import PostgresServer

_NUMBER = itertools.count()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite database with the tables and nothing in them."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    driver = Engine("sqlite", str(path)).driver()
    driver.migrate()
    driver.close()
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres_server: PostgresServer) -> str:
    """Give the name of a PostgreSQL database with the tables."""
    driver = Engine("postgresql", postgres_server.create_database("empty")).driver()
    driver.migrate()
    driver.close()
    return "empty"


def empty_tables(dsn: str) -> None:
    """Put a migrated database back to its first state, which is far quicker than a new database."""
    with psycopg.connect(dsn, autocommit=True, options="-c lock_timeout=10s") as connection:
        tables = connection.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchone()
        assert tables
        connection.execute(f"TRUNCATE {tables[0]}")
        connection.execute("INSERT INTO log_head (id, size, recorded_at, epoch, indexed) VALUES (1, 0, '', 1, 0)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Give an engine with an empty database."""
    if request.param == "sqlite":
        path = tmp_path / "node.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return Engine("sqlite", str(path))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    dsn = server.dsn(request.getfixturevalue("migrated_database"))
    empty_tables(dsn)
    return Engine("postgresql", dsn)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def bare_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Give an engine whose database has no tables yet."""
    if request.param == "sqlite":
        return Engine("sqlite", str(tmp_path / "bare.db"))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return Engine("postgresql", server.create_database(f"b{next(_NUMBER)}"))


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    """Give an empty store."""
    with engine.open() as opened:
        yield opened


def pytest_make_parametrize_id(val: Any) -> str | None:
    """Name a principal in a test id by its own name."""
    return getattr(val, "name", None)
