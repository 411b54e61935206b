"""An export can be read by its description alone, and a node made from it is the same node."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from eendracht.bootstrap import Wiring
from eendracht.config import Settings
from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.backup.archive import Manifest, pack
from eendracht.kernel.credentials import create_principal, find_principal
from eendracht.kernel.errors import Conflict, EendrachtError, LedgerBroken, NotFound, UnreadableFile
from eendracht.kernel.export import Loaded, load_export, write_export, write_persons
from eendracht.kernel.instance import Instance
from eendracht.kernel.store import Query
from eendracht.kernel.vault import RetentionRule
from tests.kernel.node import GROUND, OWNER, ROLE, draft
from tests.postgres_server import PostgresServer

TABLES = {
    "entry": "rv, type, recorded_at, commitment, salt, uid, level, owner, valid_from, valid_until, body",
    "record": "uid, ref, generation, rv",
    "former_ref": "ref, uid, until",
    "segment": "rv, valid_from, valid_until, facet, uid, ref, kind, owner, level, source, lifecycle, name",
    "facet": "id, kind, owner, source, lifecycle, level",
    "edge": "target, rv, field",
    "principal": "name, roles",
    "binding": "system, kind, key, uid, place, given, facts, last_seen, missing_since",
}
RULES = (RetentionRule("case", "P7Y", "Selectielijst gemeenten 2020, 1.1"),)


def create(folder: Path, name: str) -> Instance:
    """Make an empty node that keeps cases."""
    instance = Wiring().create(folder, name)
    instance.__dict__["retention"] = RULES
    return instance


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    """A node in which everything happened that a log can hold: versions, renames, ends, destructions, a journal."""
    with create(tmp_path / "old", "old.example/node") as instance:
        store = instance.store
        for number in range(30):
            requires = [f"application:gm0344/ander-{number - 1}"] if number else []
            store.put(draft(f"ander-{number}", spec={"name": f"Toepassing {number}", "requires": requires}), OPERATOR)
        for number in range(5):
            later = draft(f"ander-{number}", spec={"name": f"Later {number}", "lifecycle": "phasing-out"})
            store.put(later | {"validFrom": "2027-01-01", "validUntil": "2027-07-01"}, OPERATOR)
        store.put(draft("geheim") | {"confidentiality": {"level": "restricted"}}, OPERATOR)
        store.rename("application:gm0344/ander-7", "application:gm0344/hernoemd", OPERATOR)
        store.rename("application:gm0344/hernoemd", "application:gm0344/nog-eens", OPERATOR)
        store.end("application:gm0344/ander-9", date(2026, 12, 31), OPERATOR)
        doomed = store.put(draft("ander-3", spec={"name": "Weg"}), OPERATOR)
        store.put(draft("helemaal-weg"), OPERATOR)
        instance.destruction.destroy_record(doomed.ref, ground=GROUND, by=ROLE, generations=[doomed.generation])
        instance.destruction.destroy_record("application:gm0344/helemaal-weg", ground=GROUND, by=ROLE)
        create_principal(store, "gm0344/editor", ["editor@organisation:gm0344"])
        instance.audit.note("principal-granted", "operator", about="gm0344/editor")
        instance.journal.seal(store)
        subject = instance.vault.add_subject("bsn", "999990019")
        instance.vault.put(
            subject, "case", {"verhaal": "mantelzorg"}, controller=OWNER, ground="ground:gm0344/wmo", author=OPERATOR
        )
        instance.vault.put(subject, "case", b"\x00brief", controller=OWNER, ground="ground:gm0344/wmo", author=OPERATOR)
        yield instance


@pytest.fixture(params=["export.tar.gz", "export"], ids=["archive", "folder"])
def export(node: Instance, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    target = tmp_path / str(request.param)
    write_export(node, target)
    return target


def rows_of(instance: Instance, table: str) -> list[Any]:
    """Give all rows of a table, sorted."""
    return sorted(map(str, instance.store.driver.reader().query(f"SELECT {TABLES[table]} FROM {table}")))


def test_the_node_made_from_it_is_the_same_node(node: Instance, export: Path, tmp_path: Path) -> None:
    node.store.catch_up()
    size = node.store.size
    loaded = load_export(export, tmp_path / "new", create, key=node.history.verifier_key)
    assert isinstance(loaded, Loaded) and (loaded.node, loaded.entries, loaded.items) == ("old.example/node", size, 0)
    with Wiring().open(tmp_path / "new") as new:
        for table in TABLES:
            assert rows_of(new, table) == rows_of(node, table), table
        assert new.history.tiles.root(size).hex() == loaded.root == node.history.tiles.root(size).hex()
        verified = new.history.verify()
        assert verified.holds and verified.erased == 2
        assert all(stream.holds for stream in new.journal.verify(new.store))
        assert new.journal.seal(new.store) == []
        assert find_principal(new.store, "gm0344/editor").may_write(OWNER)
        for ref, day in (("hernoemd", None), ("ander-2", date(2027, 3, 1)), ("ander-2", None), ("nog-eens", None)):
            ours, theirs = (i.store.get(f"application:gm0344/{ref}", OPERATOR, day) for i in (new, node))
            assert ours.body == theirs.body
        for asker in (OPERATOR, PUBLIC):
            ours, theirs = (i.store.search(Query(text="toepassing", limit=50), asker) for i in (new, node))
            assert [r.ref for r in ours.page.records] == [r.ref for r in theirs.page.records]
        with pytest.raises(NotFound):
            new.store.get("application:gm0344/geheim", PUBLIC)
        assert new.store.get("application:gm0344/ander-4", OPERATOR, known_at=20).body
        new.store.put(draft("nieuw"), OPERATOR)
        new.history.sign()
        assert new.history.verify().holds
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"old", "new", export.name})


def test_persons_go_along_only_for_a_purpose_and_open_in_the_new_node(
    node: Instance, export: Path, tmp_path: Path
) -> None:
    persons = tmp_path / "persons"
    before = node.journal.count("vault")
    write_persons(node, persons, "exit-2026")
    lines = node.journal.read("vault", before)
    assert [(line.content["event"], line.content["purpose"]) for line in lines] == [("read", "exit-2026")] * 2
    assert (persons / "content.jsonl.gz").stat().st_mode & 0o077 == 0
    assert load_export(export, tmp_path / "new", create, persons=persons).items == 2
    with Wiring().open(tmp_path / "new") as new:
        new.__dict__["retention"] = RULES
        subject = new.vault.find_subject("bsn", "999990019")
        assert subject == node.vault.find_subject("bsn", "999990019")
        ours = new.vault.list_items(str(subject), "exit-2026", OPERATOR)
        assert ours == node.vault.list_items(str(subject), "exit-2026", OPERATOR)
        assert new.vault.get(ours[0].id, "exit-2026", OPERATOR) == {"verhaal": "mantelzorg"}
        assert new.vault.get(ours[1].id, "exit-2026", OPERATOR) == b"\x00brief"
        assert new.vault._keys.key_of(str(subject)) != node.vault._keys.key_of(str(subject))


# -- a reader that knows the description and nothing of Eendracht --------------------------------------------------


def tree_root(leaves: list[bytes]) -> bytes:
    """Give the root as RFC 9162, section 2.1.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read lines of JSON."""
    with gzip.open(path) as file:
        return [json.loads(line) for line in file]


def check_note(note: str, key: str) -> str:
    """Give the text of a signed note (C2SP signed-note) once the key signed it."""
    text, _, signatures = note.rpartition("\n\n")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.split("+", 2)[2])[1:])
    public.verify(base64.b64decode(signatures.split()[-1])[4:], f"{text}\n".encode())
    return text


def test_it_can_be_read_and_proved_by_its_description_alone(node: Instance, tmp_path: Path) -> None:
    write_export(node, tmp_path / "export")
    folder = tmp_path / "export"
    manifest = json.loads((folder / "manifest.json").read_text())
    for item in manifest["files"]:
        content = (folder / item["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (item["bytes"], item["sha256"])
    key = (folder / "log.vkey").read_text().strip()
    signed = check_note((folder / "manifest.sig").read_text(), key).splitlines()
    assert signed[1] == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    entries = read_lines(folder / "log.jsonl.gz")
    leaves = []
    for place, entry in enumerate(entries):
        assert entry["rv"] == place
        if entry["body"] is not None:
            committed = bytes.fromhex(entry["salt"]) + rfc8785.dumps(entry["body"])
            assert hashlib.sha256(committed).hexdigest() == entry["commitment"]
        leaf = {"commitment": entry["commitment"], "recorded_at": entry["recordedAt"], "rv": place, "v": 1}
        leaves.append(rfc8785.dumps(leaf))
    _, size, root = check_note((folder / "checkpoint").read_text(), key).splitlines()[:3]
    assert int(size) == len(entries) == manifest["about"]["entries"]
    assert base64.b64decode(root) == tree_root(leaves)
    assert sum(entry["body"] is None for entry in entries) == 2
    for day in ("2026-12-01", "2027-03-01"):
        newest: dict[str, dict[str, Any]] = {}
        for entry in entries:
            begin, end = entry["validFrom"] or "0001-01-01", entry["validUntil"] or "9999-12-31"
            if entry["type"] in (0, 4) and begin <= day < end:
                newest[entry["uid"]] = entry
        held = {e["body"]["spec"]["name"] for e in newest.values() if e["type"] == 0 and e["body"] is not None}
        assert held == {record.name for record in node.store.snapshot(OPERATOR, date.fromisoformat(day))}
    lines = read_lines(folder / "journal.jsonl.gz")
    for entry in entries:
        if entry["type"] == 2:
            batch = entry["body"]
            covered = [
                li
                for li in lines
                if li["stream"] == batch["stream"] and batch["start"] <= li["position"] < batch["stop"]
            ]
            commitments = [
                hashlib.sha256(
                    bytes.fromhex(li["salt"])
                    + rfc8785.dumps([li["stream"], li["position"], li["at"], rfc8785.dumps(li["body"]).decode()])
                ).digest()
                for li in covered
            ]
            assert base64.b64decode(batch["root"]) == tree_root(commitments)
    assert {path.name for path in (folder / "kinds").iterdir()} == {
        f"{k.name}.schema.json" for k in node.store.registry
    }


# -- what must not get through ---------------------------------------------------------------------------------------


def rewrite(folder: Path, place: int, **changes: Any) -> None:
    """Change a line of the log, and make the manifest fit, as somebody with the disk but not the key could."""
    path = folder / "log.jsonl.gz"
    lines = read_lines(path)
    lines[place] |= changes
    with gzip.open(path, "wt") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


@pytest.mark.parametrize(
    "changes", [{"recordedAt": "2020-01-01T00:00:00.000000Z"}, {"rv": 3}, {"body": {"x": 1}}, {"commitment": "zz"}]
)
def test_a_changed_export_is_refused_and_leaves_nothing(
    node: Instance, tmp_path: Path, changes: dict[str, Any]
) -> None:
    write_export(node, tmp_path / "export")
    rewrite(tmp_path / "export", 8, **changes)
    with pytest.raises(EendrachtError) as refused:
        load_export(tmp_path / "export", tmp_path / "new", create)
    assert refused.value.faults[0].code == "changed-file"
    assert not (tmp_path / "new").exists()


def test_a_log_that_its_signer_did_not_sign_is_refused(node: Instance, tmp_path: Path) -> None:
    """Whoever holds the key can sign another manifest, but not make the old checkpoint fit another log."""
    write_export(node, tmp_path / "export")
    checkpoint = (tmp_path / "export" / "checkpoint").read_bytes()
    node.store.put(draft("later"), OPERATOR)
    write_export(node, tmp_path / "second")
    forged = tmp_path / "forged-content"
    (tmp_path / "second").rename(forged)
    (forged / "checkpoint").write_bytes(checkpoint)
    for name in ("manifest.json", "manifest.sig"):
        (forged / name).unlink()
    pack(forged, tmp_path / "forged", Manifest("export", node.settings.name, "2026-11-24", (), {}), node.signer)
    with pytest.raises(LedgerBroken):
        load_export(tmp_path / "forged", tmp_path / "new", create)
    assert not (tmp_path / "new").exists()


def test_another_key_another_node_and_a_full_node_are_refused(node: Instance, tmp_path: Path) -> None:
    export = tmp_path / "export"
    write_export(node, export)
    with create(tmp_path / "other", "other.example/node") as other:
        key = other.history.verifier_key
        other.vault.add_subject()
        write_persons(other, tmp_path / "others", "exit-2026")
    with pytest.raises(EendrachtError, match=r"known key|signed"):
        load_export(export, tmp_path / "new", create, key=key)
    with pytest.raises(EendrachtError):
        load_export(export, tmp_path / "new", create, persons=tmp_path / "others")
    with pytest.raises(Conflict):
        load_export(export, tmp_path / "other", create)
    with pytest.raises(UnreadableFile):
        load_export(tmp_path / "others", tmp_path / "new", create)
    assert not (tmp_path / "new").exists()


@pytest.mark.postgres
def test_it_comes_back_on_the_other_engine(node: Instance, tmp_path: Path, postgres_server: PostgresServer) -> None:
    postgres_server.create_database("exported")
    address = f"postgresql://postgres@/exported?host={postgres_server.folder}&port={postgres_server.port}"
    write_export(node, tmp_path / "export")
    node.store.catch_up()
    load_export(tmp_path / "export", tmp_path / "new", lambda folder, name: Wiring().create(folder, name, address))
    with Wiring().open(tmp_path / "new") as new:
        assert isinstance(new.settings, Settings) and new.store.driver.name == "postgresql"
        for table in ("record", "former_ref", "segment", "facet", "edge", "principal"):
            assert rows_of(new, table) == rows_of(node, table), table
        assert new.history.verify().holds
