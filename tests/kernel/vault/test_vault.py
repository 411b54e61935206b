"""Content about persons: encrypted, bound to its place, read for a purpose that is on the journal."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, parse_roles
from eendracht.kernel.errors import Denied, InvalidInput, NotFound
from eendracht.kernel.vault import RetentionRule, VaultBroken
from eendracht.kernel.vault.sealing import padded_length, seal, unseal
from tests.kernel.node import GROUND, OWNER, ROLE, Node, files_with, open_node

KEPT = {"controller": OWNER, "ground": "ground:gm0344/wmo", "author": OPERATOR}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with open_node(tmp_path / "node") as opened:
        yield opened


def test_content_comes_back_as_it_was_put_and_lies_nowhere_in_clear(node: Node) -> None:
    subject = node.vault.add_subject("bsn", "999990019")
    assert node.vault.add_subject("bsn", "999990019") == node.vault.find_subject("bsn", "999990019") == subject
    assert node.vault.find_subject("kvk", "999990019") is None
    text = node.vault.put(subject, "case", {"naam": "Merijntje Gijzen", "bedrag": "12.50"}, **KEPT)
    raw = node.vault.put(subject, "message", b"\x00Merijntje Gijzen\xff", **KEPT)
    assert node.vault.get(text, "wmo", OPERATOR) == {"naam": "Merijntje Gijzen", "bedrag": "12.50"}
    assert node.vault.get(raw, "wmo", OPERATOR) == b"\x00Merijntje Gijzen\xff"
    assert files_with(node.settings.folder, "Merijntje", "999990019") == []
    assert {item.id for item in node.vault.list_items(subject, "wmo", OPERATOR)} == {text, raw}
    assert [item.id for item in node.vault.list_items(subject, "wmo", OPERATOR, "case")] == [text]


def test_files_are_for_their_owner_alone(node: Node) -> None:
    node.vault.put(node.vault.add_subject(), "case", b"x", **KEPT)
    folder = node.settings.vault_folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert {path.name for path in files} >= {"content.db", "content.db-wal", "keys.db", "keys.db-wal"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_every_read_is_on_the_journal_by_reference(node: Node) -> None:
    subject = node.vault.add_subject("bsn", "999990019")
    item = node.vault.put(subject, "case", b"x", **KEPT)
    node.vault.get(item, "ground:gm0344/wmo", OPERATOR)
    with pytest.raises(NotFound) as hidden:
        node.vault.get(item, "curious", Principal("vreemde", parse_roles(["editor@organisation:gm0363"])))
    with pytest.raises(NotFound) as absent:
        node.vault.get("0" * 32, "curious", OPERATOR)
    assert str(hidden.value) == str(absent.value)
    lines = [line.content for line in node.journal.read("vault")]
    assert [(line["item"], line["purpose"], line["asker"], line["outcome"]) for line in lines] == [
        (item, "ground:gm0344/wmo", "operator", "permit"),
        (item, "curious", "vreemde", "deny"),
    ]
    assert subject not in str(lines)
    assert node.vault.list_items(subject, "curious", PUBLIC) == []


def test_what_is_kept_of_a_person_is_read_at_once_and_a_file_is_only_named(node: Node) -> None:
    subject, other = node.vault.add_subject(), node.vault.add_subject()
    text = node.vault.put(subject, "case", {"naam": "Merijntje"}, **KEPT)
    file = node.vault.put(subject, "message", b"x" * 5_000, **KEPT)
    node.vault.put(other, "case", {"naam": "Flierefluiter"}, **KEPT)
    found = {item.id: content for item, content in node.vault.read_subject(subject, "wmo", OPERATOR)}
    assert found == {text: {"naam": "Merijntje"}, file: None}
    assert [item.id for item, _ in node.vault.read_subject(subject, "wmo", OPERATOR, "message")] == [file]
    assert node.vault.read_subject(subject, "wmo", PUBLIC) == []
    lines = [(line.content["event"], line.content["item"]) for line in node.journal.read("vault")]
    assert sorted(lines) == sorted([("read", text), ("list", file), ("list", file)])


@pytest.mark.parametrize("purpose", ["", "Ik wil het weten van Jan", "999990019", "a\nb", "x" * 161])
def test_a_purpose_is_a_code(node: Node, purpose: str) -> None:
    item = node.vault.put(node.vault.add_subject(), "case", b"x", **KEPT)
    with pytest.raises(InvalidInput) as caught:
        node.vault.get(item, purpose, OPERATOR)
    assert caught.value.faults[0].code == "not-a-code"


def test_what_may_not_be_kept_is_refused(node: Node) -> None:
    subject = node.vault.add_subject()
    with pytest.raises(InvalidInput, match="no retention rule"):
        node.vault.put(subject, "gossip", b"x", **KEPT)
    with pytest.raises(Denied):
        node.vault.put(subject, "case", b"x", controller=OWNER, ground="wmo", author=PUBLIC)
    with pytest.raises(NotFound):
        node.vault.put("subject-unknown", "case", b"x", **KEPT)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE item SET ciphertext = zeroblob(length(ciphertext)) WHERE id = ?",
        "UPDATE item SET nonce = zeroblob(12) WHERE id = ?",
        "UPDATE item SET kind = 'message' WHERE id = ?",
        "UPDATE item SET controller = 'organisation:gm0363' WHERE id = ?",
        "UPDATE item SET retain_until = '9999-12-31' WHERE id = ?",
        "UPDATE item SET form = 'bytes' WHERE id = ?",
        "UPDATE item SET subject = (SELECT o.subject FROM item o WHERE o.id <> item.id) WHERE id = ?",
        "UPDATE item SET (nonce, ciphertext) = (SELECT nonce, ciphertext FROM item o WHERE o.id <> item.id)"
        " WHERE id = ?",
    ],
)
def test_an_item_that_was_tampered_with_does_not_open(node: Node, change: str) -> None:
    item, _ = (node.vault.put(node.vault.add_subject(), "case", {"a": "b"}, **KEPT) for _ in range(2))
    with sqlite3.connect(node.settings.vault_folder / "content.db") as raw:
        raw.execute(change, (item,))
    with pytest.raises(VaultBroken):
        node.vault.get(item, "wmo", OPERATOR)


def test_another_key_opens_nothing(node: Node) -> None:
    item = node.vault.put(node.vault.add_subject(), "case", b"x", **KEPT)
    with sqlite3.connect(node.settings.vault_folder / "keys.db") as raw:
        raw.execute("UPDATE subject SET key = randomblob(32)")
    with pytest.raises(VaultBroken):
        node.vault.get(item, "wmo", OPERATOR)


def test_an_independent_reader_of_the_format_agrees() -> None:
    """The bytes on disk are plain AES-256-GCM: length in 8 bytes, content, zeros."""
    key = bytes(range(32))
    nonce, ciphertext = seal(key, b"inhoud", b"plaats")
    plain = AESGCM(key).decrypt(nonce, ciphertext, b"plaats")
    assert plain == (6).to_bytes(8, "big") + b"inhoud" + bytes(256 - 14)


@given(st.binary(max_size=3_000), st.binary(max_size=50))
def test_sealing_gives_content_back_and_hides_its_length(content: bytes, bound: bytes) -> None:
    key = b"k" * 32
    nonce, ciphertext = seal(key, content, bound)
    assert unseal(key, nonce, ciphertext, bound) == content
    assert len(ciphertext) == padded_length(len(content) + 8) + 16
    with pytest.raises(VaultBroken):
        unseal(key, nonce, ciphertext, bound + b"!")


@given(st.integers(min_value=256, max_value=2**40))
def test_padding_is_small_and_keeps_few_lengths_apart(length: int) -> None:
    """Padmé: overhead at most 12 %, and the length has no more bits than a float of that exponent."""
    padded = padded_length(length)
    assert length <= padded <= length * 1.12
    exponent = padded.bit_length() - 1
    assert padded % (1 << (exponent - exponent.bit_length())) == 0


@pytest.mark.parametrize(
    ("keeps", "start", "end"),
    [
        ("P7Y", date(2026, 5, 1), date(2033, 5, 1)),
        ("P18M", date(2026, 8, 31), date(2028, 2, 29)),
        ("P1Y", date(2028, 2, 29), date(2029, 2, 28)),
        ("P1M", date(2026, 12, 31), date(2027, 1, 31)),
        ("P1Y6M10D", date(2026, 1, 1), date(2027, 7, 11)),
        ("P30D", date(2026, 1, 31), date(2026, 3, 2)),
        ("P999Y", date(9999, 1, 1), date.max),
    ],
)
def test_retention_counts_as_the_calendar_does(keeps: str, start: date, end: date) -> None:
    assert RetentionRule("case", keeps, "art. 1").ends(start) == end


@pytest.mark.parametrize("keeps", ["", "P", "P0D", "7 jaar", "P7", "PT5H", "P-1Y"])
def test_a_period_is_an_iso_8601_period(keeps: str) -> None:
    with pytest.raises(ValueError, match="period"):
        RetentionRule("case", keeps, "art. 1")


def test_a_person_is_found_by_what_the_person_gives(node: Node) -> None:
    merijn = node.vault.add_subject("bsn", "999990019")
    other = node.vault.add_subject("bsn", "999993653")
    for subject, mail in ((merijn, "M.Gijzen@Example.nl"), (other, "ander@example.nl")):
        node.vault.add_identifier(subject, "email", mail)
        node.vault.add_identifier(subject, "name", "Merijntje  Gijzén")
        node.vault.put(subject, "case", b"x", **KEPT)

    def search(**given: str) -> list[str]:
        return node.vault.search_subjects(given, "gdpr-art-15", OPERATOR)

    assert search(email=" m.gijzen@example.NL ") == [merijn]
    assert search(bsn="9999.90.019") == [merijn]
    assert search(name="merijntje gijzen") == sorted([merijn, other])
    assert search(name="merijntje gijzen", email="ander@example.nl") == [other]
    assert search(name="merijntje gijzen", email="niemand@example.nl") == search(name=" ") == []
    assert node.vault.search_subjects({"bsn": "999990019"}, "gdpr-art-15", PUBLIC) == []
    editor = Principal("editor", parse_roles([f"editor@{OWNER}"]))
    assert node.vault.search_subjects({"bsn": "999990019"}, "gdpr-art-15", editor) == [merijn]
    lines = [line.content for line in node.journal.read("vault")]
    assert [line["found"] for line in lines] == [1, 1, 2, 1, 0, 0, 0, 1]
    assert lines[3] == {
        "event": "find",
        "schemes": ["email", "name"],
        "purpose": "gdpr-art-15",
        "asker": "operator",
        "found": 1,
    }
    assert files_with(node.settings.folder, "gijzen", "999990019", "niemand") == []
    assert merijn not in str(lines)
    with pytest.raises(InvalidInput):
        node.vault.search_subjects({"bsn": "999990019"}, "omdat mevrouw Gijzen belde", OPERATOR)
    with pytest.raises(NotFound):
        node.vault.add_identifier("subject-0", "email", "x@example.nl")


def test_whoever_was_destroyed_is_found_no_more_by_any_identifier(node: Node) -> None:
    subject = node.vault.add_subject("bsn", "999990019")
    node.vault.add_identifier(subject, "email", "m@example.nl")
    item = node.vault.put(subject, "case", b"x", **KEPT)
    again = node.vault.add_subject("bsn", "999993653")
    node.vault.add_identifier(again, "email", "m@example.nl")
    node.destruction.destroy_items([item], ground=GROUND, by=ROLE)
    assert node.vault.search_subjects({"email": "m@example.nl"}, "gdpr-art-17", OPERATOR) == [again]
    node.destruction.destroy_subject(again, ground=GROUND, by=ROLE)
    assert node.vault.search_subjects({"email": "m@example.nl"}, "gdpr-art-17", OPERATOR) == []
    with sqlite3.connect(node.settings.vault_folder / "keys.db") as raw:
        assert raw.execute("SELECT count(*) FROM identifier").fetchall() == [(0,)]
