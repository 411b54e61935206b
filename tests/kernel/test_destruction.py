"""What is destroyed is nowhere any more, the history still proves itself, and a killed process can go on."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.erasures import ErasureJournal
from eendracht.kernel.errors import InvalidInput, NotFound, UnreadableFile
from eendracht.kernel.store import load
from tests.kernel.node import GROUND, OWNER, ROLE, Node, draft, files_with, open_node

CANARY = "kanariepiet7391"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    with open_node(tmp_path / "node") as opened:
        yield opened


def put_canary(node: Node) -> list[int]:
    """Record two versions that hold the canary in every place, among others that do not."""
    for number in range(20):
        node.store.put(draft(f"ander-{number}"), OPERATOR)
    spec = {"description": f"{CANARY} in de beschrijving", "alsoKnownAs": [f"De {CANARY}"], "tags": [CANARY]}
    canary = draft(CANARY, spec=spec, owner=f"organisation:{CANARY}")
    positions = [node.store.put(canary, OPERATOR).rv]
    canary["spec"]["suppliedBy"] = f"supplier:gm0344/{CANARY}"
    positions.append(node.store.put(canary, OPERATOR).rv)
    uid = node.store.get(f"application:gm0344/{CANARY}", OPERATOR).uid

    def remember(connection) -> None:
        row = ("gm0344/cmdb", "application", CANARY, uid, CANARY, CANARY.encode(), b"{}", "2026-01-02", None)
        connection.execute("INSERT INTO binding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        question = json.dumps({"name": "iets", "otherRef": f"application:gm0344/{CANARY}"}).encode()
        row = ("gm0344/crediteuren", "supplier", "17", "alike", question, 1, "2026-01-02", None)
        connection.execute("INSERT INTO review VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    node.store.act(remember)
    node.store.catch_up()
    return positions


def test_a_destroyed_record_is_found_in_no_file(node: Node) -> None:
    positions = put_canary(node)
    node.history.sign()
    assert files_with(node.settings.folder, CANARY)
    declaration = node.destruction.destroy_record(f"application:gm0344/{CANARY}", ground=GROUND, by=ROLE)
    node.history.sign()
    assert files_with(node.settings.folder, CANARY) == []
    found = node.history.verify()
    assert found.holds and found.erased == 2
    with pytest.raises(NotFound):
        node.store.get(f"application:gm0344/{CANARY}", OPERATOR)
    leaf = node.store.driver.reader().query("SELECT body FROM entry WHERE rv = ?", (declaration.leaf,))[0][0]
    assert json.loads(leaf)["positions"] == positions
    assert json.loads(leaf)["ground"] == GROUND
    assert [(share.kind, share.count) for share in declaration.specification] == [("application", 2)]
    assert node.store.get("application:gm0344/ander-7", OPERATOR).name == "ander-7"


def test_many_destroyed_records_leave_no_copy_in_moved_pages(node: Node) -> None:
    """SQLite's secure_delete alone leaves some: rows are copied when pages split."""
    chance = random.Random(7)
    names = [f"{CANARY if number % 2 else 'blijft'}-{number:04d}" for number in range(4_000)]
    chance.shuffle(names)
    for start in range(0, len(names), 100):
        again = [name for name in names[:start] if chance.random() < 0.02]
        specs = [{"name": f"{name} {'x' * chance.randint(0, 250)}"} for name in names[start : start + 100] + again]
        load(node.store, [draft(spec["name"].split()[0], spec=spec) for spec in specs])
    gone = [name for name in names if name.startswith(CANARY)]
    positions = [rv for name in gone for rv in node.store.positions_of(f"application:gm0344/{name}")]
    node.store.erase(positions, {"ground": GROUND})
    assert files_with(node.settings.folder, CANARY) == []


def test_a_destroyed_version_takes_its_names_along(node: Node) -> None:
    store = node.store
    first = store.put(draft("zaaksysteem"), OPERATOR)
    store.rename(first.uid, f"application:gm0344/{CANARY}", OPERATOR)
    store.rename(first.uid, "application:gm0344/zaken", OPERATOR)
    node.destruction.destroy_record(first.uid, ground=GROUND, by=ROLE, generations=[2])
    assert files_with(node.settings.folder, CANARY) == []
    with pytest.raises(NotFound):
        store.get(f"application:gm0344/{CANARY}", OPERATOR)
    assert store.get("application:gm0344/zaaksysteem", OPERATOR).ref == "application:gm0344/zaken"
    assert [record.generation for record in store.history(first.uid, OPERATOR)] == [3, 1]


def test_destroying_the_newest_name_gives_back_the_one_before(node: Node) -> None:
    store = node.store
    early = store.put(draft("zaaksysteem", validUntil="2020-01-01"), OPERATOR)
    late = draft(CANARY, uid=early.uid, validFrom="2020-01-01")
    store.put(late, OPERATOR)
    node.destruction.destroy_record(early.uid, ground=GROUND, by=ROLE, generations=[2])
    assert files_with(node.settings.folder, CANARY) == []
    day = datetime(2019, 5, 1, tzinfo=UTC).date()
    assert store.get("application:gm0344/zaaksysteem", OPERATOR, as_of=day).uid == early.uid
    again = store.put(draft("zaaksysteem", validFrom="2021-01-01"), OPERATOR)
    assert (again.uid, again.generation) == (early.uid, 3)


def test_a_write_in_the_same_commit_as_a_partial_destruction_finds_its_record(node: Node) -> None:
    from eendracht.kernel.records import prepare
    from eendracht.kernel.store.append import Appending, Erase, Write

    first = node.store.put(draft("zaaksysteem"), OPERATOR)
    node.store.put(draft("zaaksysteem", spec={"description": "nieuw"}), OPERATOR)
    write = Write([prepare(draft("zaaksysteem", spec={"description": "derde"}), node.store.registry)], OPERATOR)
    with node.store.driver.writing() as connection:
        answers = Appending(connection, node.store.clock).run([Erase([first.rv], {"ground": GROUND}), write])
    assert [(item.uid, item.generation) for item in answers[1]] == [(first.uid, 3)]


def test_a_destroyed_subject_leaves_no_key_and_no_content(node: Node) -> None:
    folder = node.settings.folder
    subject = node.vault.add_subject("bsn", "999990019")
    kept = {"controller": OWNER, "ground": "ground:gm0344/wmo", "author": OPERATOR}
    item = node.vault.put(subject, "case", {"verhaal": CANARY}, **kept)
    other = node.vault.put(node.vault.add_subject(), "case", {"verhaal": "anders"}, **kept)
    key = node.vault._keys.key_of(subject)
    assert key and files_with(folder, key)
    declaration = node.destruction.destroy_subject(subject, ground="AVG, art. 17", by=ROLE)
    assert files_with(folder, CANARY, "999990019", key) == []
    assert "content.db" not in " ".join(files_with(folder, item))
    assert "keys.db" not in " ".join(files_with(folder, subject))
    with pytest.raises(NotFound):
        node.vault.get(item, "wmo", OPERATOR)
    assert node.vault.get(other, "wmo", OPERATOR) == {"verhaal": "anders"}
    assert node.vault.find_subject("bsn", "999990019") is None
    assert node.vault.add_subject("bsn", "999990019") != subject
    assert node.history.verify().holds
    assert [(share.kind, share.count) for share in declaration.specification] == [("case", 1)]


def test_retention_follows_the_calendar_of_its_kind(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 1, 31, 12, tzinfo=UTC))
    with open_node(tmp_path / "node", clock) as node:
        subject = node.vault.add_subject()
        kept = {"controller": OWNER, "ground": "ground:gm0344/wmo", "author": OPERATOR}
        message = node.vault.put(subject, "message", b"hallo", **kept)
        case = node.vault.put(subject, "case", {"verhaal": "lang"}, **kept)
        # 2 March begins at 23:00 UTC on 1 March in Amsterdam: 30 days after 31 January.
        clock.moment = datetime(2026, 3, 1, 22, 59, tzinfo=UTC)
        assert node.destruction.sweep_retention() == []
        clock.moment = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
        (declaration,) = node.destruction.sweep_retention()
        assert declaration.ground == "AVG, art. 5.1.e (P30D)"
        with pytest.raises(NotFound):
            node.vault.get(message, "wmo", OPERATOR)
        assert node.vault.get(case, "wmo", OPERATOR) == {"verhaal": "lang"}
        clock.moment = datetime(2033, 1, 31, tzinfo=UTC)
        assert len(node.destruction.sweep_retention()) == 1
        assert not node.vault.knows(subject)
        assert node.destruction.sweep_retention() == []


def test_a_list_is_destroyed_in_one_go(node: Node) -> None:
    put_canary(node)
    names = [f"application:gm0344/{CANARY}", "application:gm0344/ander-3", "application:gm0344/ander-4"]
    with pytest.raises(NotFound):
        node.destruction.destroy_records([*names, "application:gm0344/onbekend"], ground=GROUND, by=ROLE)
    assert node.store.size == 22
    declaration = node.destruction.destroy_records(names, ground=GROUND, by=ROLE)
    assert [(share.kind, share.count) for share in declaration.specification] == [("application", 4)]
    assert node.history.verify().erased == 4


def test_a_declaration_is_kept_and_names_what_the_law_asks(node: Node) -> None:
    put_canary(node)
    node.store.put(draft("verwijzer", spec={"requires": [f"application:gm0344/{CANARY}"]}), OPERATOR)
    declaration = node.destruction.destroy_record(f"application:gm0344/{CANARY}", ground=GROUND, by=ROLE)
    assert declaration.remaining_references == 1
    kept = json.loads((node.settings.declarations_folder / f"{declaration.id}.json").read_text())
    assert kept["ground"] == GROUND and kept["by"] == ROLE and kept["leaf"] == declaration.leaf
    text = (node.settings.declarations_folder / f"{declaration.id}.txt").read_text()
    for part in ("VERKLARING VAN VERNIETIGING", GROUND, ROLE, "application: 2", str(declaration.leaf), "Wijze"):
        assert part in text


@pytest.mark.parametrize(("ground", "by"), [("", ""), (" ", "a\nb"), ("x" * 301, "\x07")])
def test_ground_and_role_are_needed_and_all_faults_are_told(node: Node, ground: str, by: str) -> None:
    put_canary(node)
    with pytest.raises(InvalidInput) as caught:
        node.destruction.destroy_record(f"application:gm0344/{CANARY}", ground=ground, by=by)
    assert [fault.pointer for fault in caught.value.faults] == ["/ground", "/by"]
    assert not node.settings.erasure_journal.exists()


def test_the_erasure_journal_names_a_changed_and_a_missing_line(node: Node) -> None:
    for name in ("een", "twee"):
        node.store.put(draft(name), OPERATOR)
        node.destruction.destroy_record(f"application:gm0344/{name}", ground=GROUND, by=ROLE)
    path = node.settings.erasure_journal
    content = path.read_bytes()
    assert len(ErasureJournal(path).read().orders) == 2
    path.write_bytes(content + b'{"v":1,"half a li')
    assert len(ErasureJournal(path).read().orders) == 2
    lines = content.splitlines(keepends=True)
    for damaged, line in (
        (content.replace(b'"rv":0', b'"rv":9'), 2),
        (lines[0] + lines[2], 2),
        (b"".join(lines[1:]), 1),
    ):
        path.write_bytes(damaged)
        with pytest.raises(UnreadableFile) as caught:
            ErasureJournal(path).read()
        assert caught.value.faults[0].pointer == f"erasures.jsonl › {line}"


CHILD = """
import os, signal, sys
from pathlib import Path
from tests.kernel import node as parts

folder, what, step = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

def report(reached):
    if reached == step:
        os.kill(os.getpid(), signal.SIGKILL)

class Text(parts.SqliteTextIndex):
    def forget(self, connection, positions):
        report("words")
        super().forget(connection, positions)

parts.SqliteTextIndex = Text
opened = parts.open_node(folder, report=report)
purge = opened.store.driver.purge
opened.store.driver.purge = lambda: (report("pages"), purge())
if what.startswith("subject-"):
    opened.destruction.destroy_subject(what, ground=parts.GROUND, by=parts.ROLE)
else:
    opened.destruction.destroy_record(what, ground=parts.GROUND, by=parts.ROLE)
"""


@pytest.mark.parametrize("step", ["ordered", "logged", "words", "pages", "purged", "declared"])
def test_a_killed_destruction_of_a_record_goes_on(tmp_path: Path, step: str) -> None:
    with open_node(tmp_path / "node") as node:
        put_canary(node)
    _kill(tmp_path / "node", f"application:gm0344/{CANARY}", step)
    with open_node(tmp_path / "node") as node:
        (declaration,) = node.destruction.resume()
        node.history.sign()
        assert files_with(tmp_path, CANARY) == []
        _check_once(node, declaration.id)
        assert node.history.verify().erased == 2
        assert node.destruction.resume() == []


@pytest.mark.parametrize("step", ["ordered", "erased", "logged", "purged", "declared"])
def test_a_killed_destruction_of_a_subject_goes_on(tmp_path: Path, step: str) -> None:
    with open_node(tmp_path / "node") as node:
        subject = node.vault.add_subject("bsn", "999990019")
        kept = {"controller": OWNER, "ground": "ground:gm0344/wmo", "author": OPERATOR}
        node.vault.put(subject, "case", CANARY.encode(), **kept)
        key = node.vault._keys.key_of(subject)
    _kill(tmp_path / "node", subject, step)
    with open_node(tmp_path / "node") as node:
        declaration = node.destruction.destroy_subject(subject, ground=GROUND, by=ROLE)
        assert files_with(tmp_path, key) == []
        assert "content.db" not in " ".join(files_with(tmp_path, subject))
        _check_once(node, declaration.id)
        assert node.history.verify().holds


def _kill(folder: Path, what: str, step: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    child = subprocess.run([sys.executable, "-c", CHILD, folder, what, step], env=environment, timeout=60)
    assert child.returncode == -signal.SIGKILL


def _check_once(node: Node, order: str) -> None:
    rows = node.store.driver.reader().query("SELECT body FROM entry WHERE type = 1")
    assert [json.loads(body)["order"] for (body,) in rows] == [order]
    assert (node.settings.declarations_folder / f"{order}.txt").exists()
    assert ErasureJournal(node.settings.erasure_journal).read().pending == ()
