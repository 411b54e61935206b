"""Destroying, backing up and restoring where the records lie in PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.backup import back_up, restore
from eendracht.kernel.errors import Conflict, StorageFailure
from tests.kernel.node import GROUND, OWNER, ROLE, draft, files_with, open_node, open_store
from tests.postgres_server import PostgresServer

CANARY = "kanariepiet7391"

pytestmark = pytest.mark.postgres


def make_database(server: PostgresServer, name: str) -> str:
    """Make an empty database and give its address as a URI."""
    server.create_database(name)
    return f"postgresql://postgres@/{name}?host={server.folder}&port={server.port}"


def data_files_with(server: PostgresServer, text: str) -> list[str]:
    """Give the data files of the server that hold a text, once what it wrote is in them."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    return files_with(server.folder / "data" / "base", text)


def test_what_was_destroyed_is_in_no_data_file_and_does_not_come_back(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    database = make_database(postgres_server, "living")
    with open_node(tmp_path / "node", database=database) as node:
        for number in range(60):
            node.store.put(draft(f"ander-{number}", spec={"description": CANARY if number % 3 == 0 else "x"}), OPERATOR)
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("ANALYZE")
        subject = node.vault.add_subject()
        item = node.vault.put(subject, "case", {"a": "b"}, controller=OWNER, ground="wmo", author=OPERATOR)
        node.history.sign()
        back_up(node.settings, node.store, node.signer, tmp_path / "b.tar.gz", tmp_path / "k.tar.gz")
        assert data_files_with(postgres_server, CANARY)
        for number in range(0, 60, 3):
            node.destruction.destroy_record(f"application:gm0344/ander-{number}", ground=GROUND, by=ROLE)
        assert data_files_with(postgres_server, CANARY) == []
        assert node.history.verify().erased == 20
    journal = tmp_path / "node" / "erasures.jsonl"
    target = make_database(postgres_server, "restored")
    where = (tmp_path / "b.tar.gz", tmp_path / "restored", journal, tmp_path / "k.tar.gz", open_store)
    restored = restore(*where, database=target)
    assert (restored.restored_size, restored.epoch, restored.reapplied) == (60, 2, 20)
    with open_node(tmp_path / "restored", database=target) as back:
        assert data_files_with(postgres_server, CANARY) == []
        assert back.history.verify().erased == 20
        assert back.store.get("application:gm0344/ander-1", OPERATOR).name == "ander-1"
        assert back.vault.get(item, "test", OPERATOR) == {"a": "b"}
        back.store.put(draft("nieuw"), OPERATOR)
    with pytest.raises(Conflict, match="not empty"):
        restore(where[0], tmp_path / "again", *where[2:], database=target)
    with pytest.raises(Conflict, match="other engine"):
        restore(where[0], tmp_path / "again", *where[2:])
    with pytest.raises(StorageFailure, match="psql") as caught:
        restore(where[0], tmp_path / "again", *where[2:], database="postgresql://u@127.0.0.1:1/none")
    assert "geheim" not in str(caught.value)


def test_names_and_questions_go_along(postgres_server: PostgresServer, tmp_path: Path) -> None:
    with open_node(tmp_path / "node", database=make_database(postgres_server, "names")) as node:
        first = node.store.put(draft("zaaksysteem"), OPERATOR)
        node.store.rename(first.uid, f"application:gm0344/{CANARY}", OPERATOR)
        node.store.rename(first.uid, "application:gm0344/zaken", OPERATOR)

        def remember(connection) -> None:
            row = ("s", "application", "1", first.uid, "", CANARY.encode(), b"{}", "2026-01-02", None)
            connection.execute("INSERT INTO binding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            question = json.dumps({"otherRef": f"application:gm0344/{CANARY}"}).encode()
            row = ("s", "supplier", "17", "alike", question, 1, "2026-01-02", None)
            connection.execute("INSERT INTO review VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

        node.store.act(remember)
        node.destruction.destroy_record(first.uid, ground=GROUND, by=ROLE, generations=[2])
        assert node.store.get("application:gm0344/zaaksysteem", OPERATOR).ref == "application:gm0344/zaken"
    assert data_files_with(postgres_server, CANARY) == []
