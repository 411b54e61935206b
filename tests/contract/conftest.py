"""Both engines, each with a fresh database for every test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    """Give the name of a PostgreSQL database with the tables and nothing in them."""
    driver = Engine("postgresql", postgres_server.create_database("empty")).driver()
    driver.migrate()
    driver.close()
    return "empty"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Give an engine with an empty database."""
    if request.param == "sqlite":
        path = tmp_path / "node.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return Engine("sqlite", str(path))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("migrated_database")
    return Engine("postgresql", server.create_database(f"t{next(_NUMBER)}", template))


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
