"""A backup under way of a living node comes back whole, and what was destroyed does not."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.backup import Restored, back_up, restore
from eendracht.kernel.erasures import ErasureJournal
from eendracht.kernel.errors import Conflict, EendrachtError, LedgerBroken, NotFound, UnreadableFile, UsageFault
from eendracht.kernel.ledger.checkpoint import Checkpoint, sign_checkpoint
from eendracht.kernel.ledger.note import Ed25519Signer
from eendracht.kernel.ledger.tiles import TileDirectory
from eendracht.kernel.ledger.tree import verify_consistency
from tests.kernel.node import GROUND, NAME, OWNER, ROLE, Node, draft, files_with, open_node, open_store

CANARY = "kanariepiet7391"
ROOT = Path(__file__).parents[3]
KEPT = {"controller": OWNER, "ground": "ground:gm0344/wmo", "author": OPERATOR}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with open_node(tmp_path / "node") as opened:
        for number in range(10):
            opened.store.put(draft(f"ander-{number}"), OPERATOR)
        yield opened


class Place:
    """Where the files of one backup lie."""

    def __init__(self, folder: Path, ending: str = ".tar.gz") -> None:
        self.backup = folder / f"backup{ending}"
        self.keys = folder / f"keys{ending}"
        self.journal = folder / "node" / "erasures.jsonl"
        self.target = folder / "restored"

    def take(self, node: Node) -> None:
        """Make the backup."""
        back_up(node.settings, node.store, node.signer, self.backup, self.keys)

    def restore(self, **more: object) -> Restored:
        """Bring it back."""
        return restore(self.backup, self.target, self.journal, self.keys, open_store, **more)


@pytest.fixture(params=[".tar.gz", ""], ids=["archive", "folder"])
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    return Place(tmp_path, request.param)


@pytest.fixture
def archive(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_what_was_destroyed_after_the_backup_does_not_come_back(node: Node, place: Place, tmp_path: Path) -> None:
    node.store.put(draft(CANARY, spec={"description": CANARY}, owner=f"organisation:{CANARY}"), OPERATOR)
    subject = node.vault.add_subject("bsn", "999990019")
    node.vault.put(subject, "case", {"verhaal": CANARY}, **KEPT)
    message = node.vault.put(kept := node.vault.add_subject(), "message", b"weg", **KEPT)
    case = node.vault.put(kept, "case", {"verhaal": "blijft"}, **KEPT)
    key = node.vault._keys.key_of(subject)
    node.history.sign()
    place.take(node)
    node.destruction.destroy_record(f"application:gm0344/{CANARY}", ground=GROUND, by=ROLE)
    node.destruction.destroy_subject(subject, ground=GROUND, by=ROLE)
    node.destruction.destroy_items([message], ground=GROUND, by=ROLE)
    restored = place.restore()
    assert (restored.reapplied, restored.restored_size, restored.epoch) == (3, 11, 2)
    assert restored.verification.holds and restored.verification.erased == 1
    assert files_with(place.target, CANARY, "999990019", key) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["node", place.backup.name, place.keys.name, "restored"]
    )
    with open_node(place.target) as back:
        assert back.store.get("application:gm0344/ander-3", OPERATOR).name == "ander-3"
        assert back.vault.get(case, "wmo", OPERATOR) == {"verhaal": "blijft"}
        for gone in (lambda: back.vault.get(message, "wmo", OPERATOR), lambda: back.store.positions_of(CANARY)):
            with pytest.raises(NotFound):
                gone()
        assert not back.vault.knows(subject)
        back.store.put(draft("nieuw"), OPERATOR)
        back.history.sign()
        assert back.history.verify().holds
        assert back.destruction.resume() == []


def test_a_restore_of_a_restore_spares_what_came_after(node: Node, archive: Place, tmp_path: Path) -> None:
    """A position is used again in the new epoch; only position and commitment together name a version."""
    archive.take(node)
    doomed = node.store.put(draft("weg"), OPERATOR)
    node.destruction.destroy_record(doomed.uid, ground=GROUND, by=ROLE)
    archive.restore()
    with open_node(archive.target) as back:
        while back.store.size <= doomed.rv:
            back.store.put(draft(f"nieuw-{back.store.size}"), OPERATOR)
        second = Place(tmp_path / "second")
        second.take(back)
        second.journal = back.settings.erasure_journal
    assert second.restore().reapplied == 0
    with open_node(second.target) as back:
        assert back.store.driver.reader().query("SELECT body FROM entry WHERE rv = ?", (doomed.rv,))[0][0] is not None


def test_the_new_epoch_commits_to_the_last_checkpoint_and_the_old_one_still_proves(node: Node, archive: Place) -> None:
    first = node.history.sign().checkpoint
    for number in range(300):
        node.store.put(draft(f"meer-{number}"), OPERATOR)
    second = node.history.sign()
    archive.take(node)
    node.destruction.destroy_record("application:gm0344/meer-3", ground=GROUND, by=ROLE)
    restored = archive.restore()
    with open_node(archive.target) as back:
        size = restored.restored_size
        body = back.store.driver.reader().query("SELECT body FROM entry WHERE rv = ? AND type = 3", (size,))[0][0]
        assert json.loads(body)["previousCheckpoint"] == second.note.encode().decode()
        old, new = (TileDirectory(back.settings.ledger_folder / f"epoch-{n}") for n in (1, 2))
        verify_consistency(first.size, size, first.root, old.root(size), old.consistency_proof(first.size, size))
        assert old.root(size) == new.root(size) == second.checkpoint.root
        last = back.history.last_checkpoint().checkpoint
        assert last.origin == f"{NAME}/2" and last.size == back.store.size
        proof = new.consistency_proof(size, last.size)
        verify_consistency(size, last.size, second.checkpoint.root, last.root, proof)
        assert len(list((back.settings.ledger_folder / "epoch-1" / "checkpoints").iterdir())) == 2


def test_a_newer_checkpoint_from_elsewhere_is_committed_to(node: Node, archive: Place, tmp_path: Path) -> None:
    node.history.sign()
    archive.take(node)
    node.store.put(draft("verloren"), OPERATOR)
    newer = tmp_path / "newer"
    newer.write_bytes(node.history.sign().note.encode())
    restored = archive.restore(last_checkpoint=newer, accept_empty_journal=_empty(archive))
    with open_node(archive.target) as back:
        sql = "SELECT body FROM entry WHERE rv = ?"
        body = json.loads(back.store.driver.reader().query(sql, (restored.restored_size,))[0][0])
        assert body["previousCheckpoint"] == newer.read_text()


@pytest.mark.parametrize("forger", ["stranger", "fork"])
def test_a_checkpoint_of_another_history_is_refused(node: Node, archive: Place, tmp_path: Path, forger: str) -> None:
    node.history.sign()
    archive.take(node)
    signer = node.signer if forger == "fork" else Ed25519Signer.generate(NAME)
    forged = tmp_path / "forged"
    forged.write_bytes(sign_checkpoint(Checkpoint(f"{NAME}/1", 5, b"x" * 32), [signer]).encode())
    with pytest.raises(LedgerBroken):
        archive.restore(last_checkpoint=forged, accept_empty_journal=_empty(archive))
    assert not archive.target.exists()


def _empty(place: Place) -> bool:
    place.journal.touch()
    return True


WRITER = """
import sys
from pathlib import Path
from tests.kernel.node import OWNER, draft, open_node
from eendracht.kernel.access import OPERATOR
node, name = open_node(Path(sys.argv[1])), sys.argv[2]
number = 0
while not Path(sys.argv[1], "stop").exists():
    written = node.store.put(draft(f"schrijver-{name}-{number}"), OPERATOR)
    node.vault.put(node.vault.add_subject(), "case", {"a": "b"}, controller=OWNER, ground="wmo", author=OPERATOR)
    node.journal.append("access", [{"rv": written.rv}])
    if number % 5 == 0:
        node.journal.seal(node.store)
        node.history.sign()
    number += 1
print(number)
"""


def test_a_backup_under_four_writers_holds(node: Node, archive: Place) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    folder = node.settings.folder
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, folder, str(n)], env=environment, stdout=subprocess.PIPE, text=True
        )
        for n in range(4)
    ]
    try:
        deadline = time.monotonic() + 60
        while node.store.size < 150 and time.monotonic() < deadline:
            time.sleep(0.1)
        before = node.store.size
        archive.take(node)
        after = node.store.size
        grew_by = time.monotonic() + 60
        while node.store.size < after + 50 and time.monotonic() < grew_by:
            time.sleep(0.1)
    finally:
        (folder / "stop").touch()
        counts = [int(writer.communicate(timeout=60)[0]) for writer in writers]
    assert all(writer.returncode == 0 for writer in writers) and min(counts) > 0
    restored = archive.restore(accept_empty_journal=_empty(archive))
    assert before <= restored.restored_size <= after
    assert restored.verification.holds
    with open_node(archive.target) as back:
        assert all(found.holds for found in back.journal.verify(back.store))
        items = back.vault._file.query("SELECT id FROM item")
        assert len(items) > 20
        assert all(back.vault.get(item, "test", OPERATOR) == {"a": "b"} for (item,) in items)
    assert node.history.verify().holds


def test_keys_and_erasure_journal_are_not_in_the_backup(node: Node, place: Place) -> None:
    subject = node.vault.add_subject()
    node.vault.put(subject, "case", b"x", **KEPT)
    populations = node.settings.folder / "data" / "populations" / "p1"
    populations.mkdir(parents=True)
    (populations / "personen.parquet").write_bytes(b"PAR1 personen")
    node.destruction.destroy_record("application:gm0344/ander-1", ground=GROUND, by=ROLE)
    key = node.vault._keys.key_of(subject)
    place.take(node)
    unpacked = _unpacked(place.backup)
    secret = node.signer.signer_key()
    assert files_with(unpacked, key, secret, "personen", "erasures.jsonl") == []
    assert len(files_with(_unpacked(place.keys), key, secret)) == 2
    for path in (place.backup, place.keys):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    manifest = json.loads((unpacked / "manifest.json").read_text())
    assert manifest["about"]["log"] == {"size": 11, "epoch": 1}
    assert "database" not in manifest["about"]["settings"]


def _unpacked(path: Path) -> Path:
    if path.is_dir():
        return path
    folder = path.with_name(f"{path.name}.unpacked")
    with tarfile.open(path) as tar:
        tar.extractall(folder, filter="data")
    return folder


def test_a_restore_needs_the_erasure_journal(node: Node, archive: Place, tmp_path: Path) -> None:
    node.destruction.destroy_record("application:gm0344/ander-1", ground=GROUND, by=ROLE)
    early = archive.journal.read_bytes()
    node.destruction.destroy_record("application:gm0344/ander-2", ground=GROUND, by=ROLE)
    archive.take(node)
    full = archive.journal
    archive.journal = tmp_path / "elsewhere.jsonl"
    with pytest.raises(UsageFault, match="There is no erasure journal"):
        archive.restore()
    archive.journal.write_bytes(b"")
    with pytest.raises(UsageFault, match="is empty"):
        archive.restore()
    archive.journal.write_bytes(early)
    with pytest.raises(Conflict, match="older than the backup"):
        archive.restore(accept_empty_journal=True)
    archive.journal.write_bytes(full.read_bytes().replace(NAME.encode(), b"gm0363.example/eendracht"))
    with pytest.raises(EendrachtError):
        archive.restore()
    assert not archive.target.exists()
    archive.journal.write_bytes(b"")
    assert archive.restore(accept_empty_journal=True).verification.erased == 2


def test_nothing_is_overwritten(node: Node, place: Place) -> None:
    place.take(node)
    with pytest.raises(Conflict):
        place.take(node)
    place.target.mkdir()
    with pytest.raises(Conflict, match="exists already"):
        place.restore()
    with pytest.raises(UsageFault, match="must not lie with the backup"):
        other = place.backup.with_name("other")
        back_up(node.settings, node.store, node.signer, other, other / "keys")


# -- damaged and hostile archives ---------------------------------------------------------------------------------


def _rewrite(path: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> None:
    with tarfile.open(path) as tar:
        members = [(info, tar.extractfile(info).read()) for info in tar]
    change(members)
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def _at(members: list[tuple[tarfile.TarInfo, bytes]], name: str) -> int:
    return next(n for n, (info, _) in enumerate(members) if info.name == name)


def _flip(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    at = _at(members, "vault/content.db")
    info, content = members[at]
    members[at] = (info, content[:-1] + bytes([content[-1] ^ 1]))


def _drop(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    del members[_at(members, "vault/content.db")]


def _add(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members.append((tarfile.TarInfo("../../etc/cron.d/root"), b"boo"))


def _link(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    info = tarfile.TarInfo("vault/content.db")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    members[_at(members, "vault/content.db")] = (info, b"")


def _manifest(edit: Callable[[dict], None]) -> Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        info, content = members[0]
        data = json.loads(content)
        edit(data)
        members[0] = (info, json.dumps(data).encode())

    return change


def _set(key: str, value: object) -> Callable[[dict], None]:
    def edit(data: dict) -> None:
        data["files"][0][key] = value

    return edit


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_flip, "changed-file"),
        (_drop, "missing-file"),
        (_add, "unexpected-file"),
        (_link, "not-a-file"),
        (_manifest(_set("path", "../../../tmp/owned")), "unsafe-path"),
        (_manifest(_set("path", "/tmp/owned")), "unsafe-path"),
        (_manifest(_set("path", "a/../../b")), "unsafe-path"),
        (_manifest(lambda data: data["files"].append(data["files"][0])), "double-path"),
        (_manifest(lambda data: data["about"]["log"].update(size=1)), "changed-file"),
        (_manifest(lambda data: data.update(files="many")), ""),
        (_manifest(lambda data: data.update(format=2)), ""),
        (lambda members: members.reverse(), ""),
        (lambda members: members.clear(), ""),
    ],
)
def test_a_tampered_archive_is_refused_and_leaves_nothing(
    node: Node, archive: Place, tmp_path: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None], code: str
) -> None:
    node.vault.put(node.vault.add_subject(), "case", b"x", **KEPT)
    archive.take(node)
    _rewrite(archive.backup, change)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UnreadableFile) as caught:
        archive.restore(accept_empty_journal=_empty(archive))
    assert [fault.code for fault in caught.value.faults][:1] == ([code] if code else [])
    assert caught.value.hint
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("share", [0, 10, 200, 0.3, 0.7, 0.99])
def test_a_truncated_archive_is_refused(node: Node, archive: Place, share: float) -> None:
    archive.take(node)
    content = archive.backup.read_bytes()
    archive.backup.write_bytes(content[: int(share * len(content)) if share < 1 else int(share)])
    with pytest.raises(UnreadableFile):
        archive.restore(accept_empty_journal=_empty(archive))


def test_a_bomb_and_a_bare_file_are_refused(node: Node, archive: Place) -> None:
    archive.take(node)
    archive.backup.write_bytes(gzip.compress(bytes(300 * 2**20), 9))
    with pytest.raises(UnreadableFile):
        archive.restore(accept_empty_journal=_empty(archive))
    archive.backup.write_bytes(b"SQLite format 3\0")
    with pytest.raises(UnreadableFile):
        archive.restore(accept_empty_journal=True)
    archive.backup.unlink()
    with pytest.raises(UnreadableFile, match="There is no"):
        archive.restore(accept_empty_journal=True)


def test_a_backup_that_another_node_signed_is_refused(node: Node, archive: Place, tmp_path: Path) -> None:
    archive.take(node)
    with open_node(tmp_path / "other" / "node") as stranger:
        other = Place(tmp_path / "other")
        other.take(stranger)
    archive.keys = other.keys
    with pytest.raises(EendrachtError, match=r"signed"):
        archive.restore(accept_empty_journal=_empty(archive))
    archive.keys = archive.backup
    with pytest.raises(UnreadableFile, match="holds backup, not keys"):
        archive.restore(accept_empty_journal=True)


def test_a_folder_with_a_link_is_refused(node: Node, tmp_path: Path) -> None:
    place = Place(tmp_path, "")
    place.take(node)
    shutil.copy(place.backup / "journal" / "journal.db", tmp_path / "j.db")
    (place.backup / "journal" / "journal.db").unlink()
    (place.backup / "journal" / "journal.db").symlink_to(tmp_path / "j.db")
    with pytest.raises(UnreadableFile) as caught:
        place.restore(accept_empty_journal=_empty(place))
    assert caught.value.faults[0].code == "not-a-file"


def test_records_that_were_changed_before_the_backup_are_found(node: Node, archive: Place) -> None:
    node.history.sign()
    with sqlite3.connect(node.settings.database_file) as raw:
        raw.execute("UPDATE entry SET body = replace(body, 'ander-4', 'ander-X') WHERE rv = 4")
    archive.take(node)
    with pytest.raises(LedgerBroken, match="Entry 4"):
        archive.restore(accept_empty_journal=_empty(archive))
    assert not archive.target.exists()


def test_a_pending_destruction_is_finished_by_the_restore(node: Node, archive: Place) -> None:
    node.store.put(draft(CANARY), OPERATOR)
    archive.take(node)
    node.destruction.destroy_record(f"application:gm0344/{CANARY}", ground=GROUND, by=ROLE)
    content = archive.journal.read_bytes()
    archive.journal.write_bytes(content[: content.index(b"\n") + 1])
    assert archive.restore().reapplied == 1
    journal = ErasureJournal(archive.target / "erasures.jsonl").read()
    assert len(journal.orders) == 1 and journal.pending == ()
    assert files_with(archive.target, CANARY) == []


def test_every_setting_comes_back_but_secrets_and_places(node: Node, archive: Place) -> None:
    settings = replace(
        node.settings,
        address="https://eendracht.example",
        oidc_issuer="https://aanmelden.example",
        oidc_client_id="eendracht",
        oidc_client_secret=CANARY,
        audit_syslog="udp://127.0.0.1:514",
        retention_sweep_hours=7,
        language="en",
    )
    back_up(settings, node.store, node.signer, archive.backup, archive.keys)
    archive.journal.touch()
    archive.restore(accept_empty_journal=True)
    restored = load_settings(archive.target, {})
    assert restored == replace(settings, folder=archive.target, oidc_client_secret="")
    assert files_with(archive.target, CANARY) == []
