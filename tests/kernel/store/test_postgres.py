"""What only PostgreSQL does: marks, lost connections, refusals with a next step, and the use of indexes."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.store import Query, Store, load
from eendracht.kernel.store.driver import Row
from eendracht.kernel.store.postgres import PostgresDriver, translate
from tests.contract.engines import Engine, draft
from tests.postgres_server import PostgresServer, find_binaries

A = "application:gm0114/a"
_NUMBER = itertools.count()

pytestmark = pytest.mark.postgres


@pytest.fixture
def dsn(postgres_server: PostgresServer) -> str:
    """Give a database without tables."""
    return postgres_server.create_database(f"k{next(_NUMBER)}")


@pytest.fixture
def store(dsn: str) -> Iterator[Store]:
    """Give an empty store on PostgreSQL."""
    with Engine("postgresql", dsn).open() as opened:
        yield opened


def end_sessions(dsn: str) -> None:
    """Cut off every session on the database but this one, as an administrator or a network can."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


class TestMarks:
    @pytest.mark.parametrize(
        ("sql", "wanted"),
        [
            ("SELECT 1", "SELECT 1"),
            ("a = ? AND b = ?", "a = %s AND b = %s"),
            ("a LIKE 'x%?' AND b = ?", "a LIKE 'x%%?' AND b = %s"),
            ("a = 'it''s ?' AND b % ? = 0", "a = 'it''s ?' AND b %% %s = 0"),
            ('"odd?name" = ? -- why?\nAND c = ?', '"odd?name" = %s -- why?\nAND c = %s'),
        ],
    )
    def test_translates_what_stands_outside_quotes(self, sql: str, wanted: str) -> None:
        assert translate(sql) == wanted

    def test_the_server_reads_what_was_meant(self, store: Store) -> None:
        literal = 'it\'s 100% \\ "?" %s -- x'
        quoted = literal.replace("'", "''")
        rows = store.driver.reader().query(f"SELECT '{quoted}', ?::text, 7 % ?::int", (literal, 4))
        assert rows == [(literal, literal, 3)]

    @given(st.lists(st.sampled_from(["?", "%", "'", '"', "''", "a", "-", "\n", "%s"]), max_size=12))
    def test_marks_as_many_as_stand_outside_quotes(self, parts: list[str]) -> None:
        """A plain reader, letter by letter, counts the same marks, and quoted text comes back as it was."""
        sql, outside, quote = "".join(parts) + "\n", 0, ""
        position = 0
        while position < len(sql):
            letter = sql[position]
            if not quote and sql.startswith("--", position):
                position = sql.index("\n", position)
            elif letter in "'\"":
                if not quote and letter not in sql[position + 1 :]:
                    return  # a quote that never closes is no SQL
                quote = "" if quote == letter else quote or letter
            elif letter == "?" and not quote:
                outside += 1
            position += 1
        marked = translate(sql)
        assert marked.replace("%%", "").count("%s") == outside
        assert (marked % (("?",) * outside)) == sql


class TestSessions:
    def test_reads_only_what_it_should(self, store: Store) -> None:
        with pytest.raises(StorageFailure):
            store.driver.reader().query("DELETE FROM entry RETURNING rv")

    def test_commits_are_durable_whatever_the_server_says(self, store: Store, dsn: str) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            name = connection.info.dbname
            connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        end_sessions(dsn)
        with store.driver.writing() as session:
            assert session.query("SHOW synchronous_commit") == [("on",)]
            assert session.query("SHOW transaction_isolation") == [("read committed",)]

    def test_takes_an_address_as_well(self, postgres_server: PostgresServer, dsn: str) -> None:
        name = dsn.rpartition("=")[2]
        address = f"postgresql://postgres@/{name}?host={postgres_server.folder}&port={postgres_server.port}"
        with Engine("postgresql", address).open() as store:
            assert store.put(draft(A), OPERATOR).rv == 0

    def test_comes_back_after_sessions_were_cut(self, store: Store, dsn: str) -> None:
        store.put(draft(A), OPERATOR)
        end_sessions(dsn)
        assert store.get(A, PUBLIC).rv == 0
        assert store.put(draft(A), OPERATOR).rv == 1

    def test_keeps_nothing_of_a_write_that_was_cut(self, store: Store, dsn: str) -> None:
        store.put(draft(A), OPERATOR)
        with pytest.raises(StorageFailure) as caught, store.driver.writing() as session:
            session.execute("UPDATE log_head SET size = 7 WHERE id = 1")
            end_sessions(dsn)
        assert caught.value.hint
        assert store.size == 1
        assert store.put(draft(A), OPERATOR).rv == 1

    def test_a_deferred_failure_stops_the_commit(self, store: Store) -> None:
        with pytest.raises(psycopg.Error), store.driver.writing() as session:
            session.execute("UPDATE log_head SET size = 7 WHERE id = 1")
            session.execute("INSERT INTO log_head (id) VALUES (1)")
            session.execute("UPDATE log_head SET size = 8 WHERE id = 1")
        assert store.size == 0
        assert store.put(draft(A), OPERATOR).rv == 0

    def test_waits_out_a_restart(self) -> None:
        """A server that stops at once gives an error with a next step; what was acknowledged is there afterwards."""
        binaries = find_binaries()
        if binaries is None:
            pytest.skip("there is no PostgreSQL server on this machine")
        with (
            PostgresServer(binaries, fsync=True) as server,
            Engine("postgresql", server.create_database("node")).open() as store,
        ):
            store.put(draft(A), OPERATOR)
            server.stop()
            for attempt in (lambda: store.put(draft(A), OPERATOR), lambda: store.get(A, PUBLIC)):
                with pytest.raises(StorageFailure) as caught:
                    attempt()
                assert caught.value.hint
            server.start()
            assert store.get(A, PUBLIC).rv == 0
            assert store.put(draft(A), OPERATOR).rv == 1

    def test_a_stream_that_is_left_holds_nothing(self, store: Store, dsn: str) -> None:
        load(store, (draft(f"application:gm0114/n{n}") for n in range(50)))
        stream = store.snapshot(PUBLIC)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        with psycopg.connect(dsn) as connection:
            rows = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
            ).fetchone()
        assert rows == (0,)

    def test_batches_hold_every_type(self, store: Store) -> None:
        rows = [
            (n, 0, f"é\\{{\"',{n}", bytes([0, n, 255]), None if n else b"", None, n % 4, "", "a", "b", b"\\x")
            for n in range(3)
        ]
        columns = "rv, type, recorded_at, commitment, salt, uid, level, owner, valid_from, valid_until, body"
        with store.driver.writing() as session:
            session.execute_many(f"INSERT INTO entry ({columns}) VALUES ({', '.join('?' * 11)})", rows)
            session.execute_many("UPDATE entry SET owner = ? WHERE rv = ?", [(f"o{n}", n) for n in range(3)])
            session.execute_many("INSERT INTO edge (rv, field, target) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [])
            edges = [(1, "requires", A), (1, "requires", A), (2, "requires", A)]
            session.execute_many("INSERT INTO edge (rv, field, target) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", edges)
        reader = store.driver.reader()
        assert reader.query(f"SELECT {columns} FROM entry ORDER BY rv") == [
            (*row[:7], f"o{n}", *row[8:]) for n, row in enumerate(rows)
        ]
        assert reader.query("SELECT rv FROM edge ORDER BY rv") == [(1,), (2,)]
        assert reader.query(f"SELECT count(*) FROM entry WHERE {reader.among('rv')}", ([],)) == [(0,)]
        assert reader.query(f"SELECT rv FROM entry WHERE {reader.among('rv')}", ([2, 2**40],)) == [(2,)]
        odd = ["o1", "a'b", 'c"d', "e,f", "{g}", "NULL", "\\", ""]
        assert reader.query(f"SELECT rv FROM entry WHERE {reader.among('owner')}", (odd,)) == [(1,)]


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"port": "1"}, "cannot be reached"),
            ({"host": "/nowhere"}, "cannot be reached"),
            ({"dbname": "nobody-made-it"}, "createdb"),
            ({"user": "stranger"}, "no such database|user name"),
        ],
    )
    def test_each_has_a_next_step(self, dsn: str, change: dict[str, str], words: str) -> None:
        parts = dict(part.split("=", 1) for part in dsn.split()) | change
        with pytest.raises(StorageFailure) as caught:
            PostgresDriver(" ".join(f"{key}={value}" for key, value in parts.items())).migrate()
        assert any(word in caught.value.hint for word in words.split("|"))

    def test_a_password_stays_out_of_the_message(self, postgres_server: PostgresServer, dsn: str) -> None:
        hba = postgres_server.folder / "data" / "pg_hba.conf"
        before = hba.read_text()
        try:
            hba.write_text("host all locked all scram-sha-256\n" + before)
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
                connection.execute("SELECT pg_reload_conf()")
            name = dsn.rpartition("=")[2]
            driver = PostgresDriver(_address("hunter2", postgres_server.port, name))
            with pytest.raises(StorageFailure) as caught:
                driver.migrate()
            assert "user name, password" in caught.value.hint
            assert "hunter2" not in str(caught.value.as_problem())
            PostgresDriver(_address("right", postgres_server.port, name)).reader()
        finally:
            hba.write_text(before)

    def test_a_standby_may_not_be_written(self, dsn: str) -> None:
        Engine("postgresql", dsn).open().close()
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{connection.info.dbname}" SET default_transaction_read_only = on')
        with Engine("postgresql", dsn).open() as store, pytest.raises(StorageFailure) as caught:
            store.put(draft(A), OPERATOR)
        assert "primary" in caught.value.hint

    def test_text_must_be_unicode(self, postgres_server: PostgresServer) -> None:
        with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as connection:
            connection.execute(
                "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
            )
        with pytest.raises(StorageFailure) as caught:
            PostgresDriver(postgres_server.dsn("latin")).migrate()
        assert "LATIN1" in caught.value.detail
        assert "UTF8" in caught.value.hint

    def test_a_full_disk_is_named(self, store: Store, dsn: str) -> None:
        """The server's own code for a full disk, raised by a trigger, stops the write and nothing is kept."""
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(
                "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
            )
            connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON entry EXECUTE FUNCTION fill()")
        with pytest.raises(StorageFailure) as caught:
            store.put(draft(A), OPERATOR)
        assert "disk of the database server is full" in caught.value.hint
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("DROP TRIGGER full_disk ON entry")
        assert store.put(draft(A), OPERATOR).rv == 0

    def test_a_server_without_connections_says_so(self, dsn: str) -> None:
        held: list[psycopg.Connection[Any]] = []
        try:
            with pytest.raises(StorageFailure) as caught:
                while len(held) < 200:
                    held.append(PostgresDriver(dsn).reader().raw)
        finally:
            for connection in held:
                connection.close()
        assert "max_connections" in caught.value.hint


class TestPlans:
    def test_lists_and_lookups_walk_an_index(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        load(store, (draft(f"application:gm0114/n{n:05}", requires=[A]) for n in range(6_000)))
        store.act(lambda connection: connection.execute("ANALYZE"))
        asked: list[tuple[str, Any]] = []
        reader = store.driver.reader()
        run = reader.query

        def note(sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
            asked.append((sql, parameters))
            return run(sql, parameters)

        monkeypatch.setattr(reader, "query", note)
        name = "application:gm0114/n03000"
        store.get(name, PUBLIC)
        store.get(name, PUBLIC, known_at=5_000)
        store.find(Query(kind="application", after=name), PUBLIC)
        store.changes(5_900, PUBLIC)
        store.history(name, PUBLIC)
        store.incoming(name, PUBLIC)
        for sql, parameters in asked:
            if " log_head " not in sql:
                plan = "\n".join(row[0] for row in run(f"EXPLAIN {sql}", parameters))
                assert not re.search("Seq Scan on (entry|record|segment|edge)", plan), f"{sql}\n{plan}"
        assert len(asked) > 8


def test_threads_share_one_server(store: Store) -> None:
    """Sixteen threads read and write with roles, each over its own session."""
    faults: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for m in range(5):
                store.put(draft(f"application:gm0114/w{n}-{m}"), OPERATOR)
                assert len(store.changes(0, PUBLIC)) > m
        except BaseException as error:  # noqa: BLE001 - the test looks at anything that went wrong
            faults.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (faults, store.size) == ([], 80)


def _address(word: str, port: int, name: str) -> str:
    return f"postgresql://locked:{word}@127.0.0.1:{port}/{name}"
