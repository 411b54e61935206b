"""What the migrations make is what the tables say, on both engines."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.store.migrations import NEWEST, READ_REVISION
from eendracht.kernel.store.tables import metadata
from tests.contract.engines import Engine, draft
from tests.postgres_server import PostgresServer

MADE_PER_ENGINE = "search_text"
"""Tables of the text index: FTS5 with its shadows on one engine, a tsvector on the other."""


def connect(engine: Engine) -> sqlalchemy.Engine:
    if engine.name == "sqlite":
        return sqlalchemy.create_engine(f"sqlite:///{engine.target}")
    parts = dict(part.split("=", 1) for part in engine.target.split())
    return sqlalchemy.create_engine(sqlalchemy.URL.create("postgresql+psycopg", query=parts))


def is_described(_: Any, name: str | None, kind: str, reflected: bool, counterpart: Any) -> bool:
    return not (kind == "table" and reflected and counterpart is None and str(name).startswith(MADE_PER_ENGINE))


def test_migrations_make_what_the_tables_say(engine: Engine) -> None:
    with connect(engine).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": is_described, "compare_type": True, "target_metadata": metadata}
        )
        assert compare_metadata(context, metadata) == []


def test_a_second_migration_changes_nothing(engine: Engine) -> None:
    with engine.open() as store:
        store.put(draft("application:gm0114/a"), OPERATOR)
    with engine.open() as store:
        assert store.driver.reader().query(READ_REVISION) == [(NEWEST,)]
        assert store.size == 1


def test_threads_migrate_at_once(bare_engine: Engine) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        driver = bare_engine.driver()
        try:
            driver.migrate()
        except BaseException as error:  # noqa: BLE001 - the test looks at anything that went wrong
            failures.append(error)
        finally:
            driver.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.postgres
def test_text_sorts_by_bytes_on_postgresql(postgres_server: PostgresServer, migrated_database: str) -> None:
    """The test server sorts as people do; no column of ours may."""
    with connect(Engine("postgresql", postgres_server.dsn(migrated_database))).connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT attrelid::regclass || '.' || attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND attcollation <> 0"
            " AND attcollation <> '\"C\"'::regcollation AND c.relname <> 'alembic_version'"
        ).fetchall()
    assert rows == []


@pytest.mark.postgres
def test_a_user_without_rights_hears_what_to_do(postgres_server: PostgresServer) -> None:
    dsn = postgres_server.create_database("closed")
    with connect(Engine("postgresql", dsn)).begin() as connection:
        connection.exec_driver_sql("CREATE ROLE visitor LOGIN")
        connection.exec_driver_sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    with pytest.raises(StorageFailure) as caught:
        Engine("postgresql", dsn.replace("user=postgres", "user=visitor")).open()
    assert "privilege" in caught.value.hint
