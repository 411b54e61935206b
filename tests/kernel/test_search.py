"""Words, distances, and that nothing is left of what was destroyed."""

from __future__ import annotations

import random
import sqlite3
import string
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.search import SqliteTextIndex
from eendracht.kernel.search.words import measure_distance, nearest, read_document, split_words, stem_words, trigrams
from eendracht.kernel.store import Query, Store, load
from eendracht.kernel.store.sqlite import SqliteDriver
from tests.bench.estate_drafts import make_drafts
from tests.contract.engines import draft

CANARY = "qxkwetterzang"
LETTERS = "abc"


def one_edit(word: str) -> set[str]:
    """Give every word that one insertion, deletion, replacement or swap of neighbours makes (Damerau 1964)."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    inserted = {left + letter + right for left, right in cuts for letter in LETTERS}
    dropped = {left + right[1:] for left, right in cuts if right}
    replaced = {left + letter + right[1:] for left, right in cuts if right for letter in LETTERS}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    return inserted | dropped | replaced | swapped


@given(st.text(LETTERS, max_size=6), st.text(LETTERS, max_size=6))
def test_one_edit_is_measured_as_one(left: str, right: str) -> None:
    distance = measure_distance(left, right, 2)
    assert (distance == 0) == (left == right)
    assert (distance <= 1) == (right in one_edit(left) | {left})
    assert distance == measure_distance(right, left, 2)
    if distance == 2:
        assert any(right in one_edit(between) for between in one_edit(left))


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [("kitten", "sitting", 3), ("ca", "abc", 3), ("zaak", "zaka", 1), ("", "abc", 3), ("saturday", "sunday", 3)],
)
def test_distances_from_the_literature(left: str, right: str, distance: int) -> None:
    assert measure_distance(left, right, 5) == distance
    assert measure_distance(left, right, 1) == min(distance, 2)


def test_the_nearest_shares_most_with_what_was_typed() -> None:
    assert nearest("dossierzag", ["dossierweg", "dossierzaak", "dossierzag", "loket"]) == ["dossierzaak", "dossierweg"]
    assert nearest("zak", ["zaak"]) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Coördinatie-punt (BRP)", ["coordinatie", "punt", "brp"]),
        ("één e-mail_adres", ["een", "e", "mail", "adres"]),
        ("ĳsbaan STRAẞE", ["ijsbaan", "strasse"]),
        ("https://voorbeeld.nl/a?b=1", ["https", "voorbeeld", "nl", "a", "b", "1"]),
        ("Łódź Αθήνα", ["łodz", "αθηνα"]),
        ("", []),
    ],
)
def test_text_falls_apart_in_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@given(st.text(max_size=80))
def test_every_word_is_folded_and_whole(text: str) -> None:
    for word in split_words(text):
        assert word
        assert split_words(word) == [word]


def test_one_stem_for_the_forms_of_a_word() -> None:
    for forms in (
        ["lichamelijk", "lichamelijke", "lichamelijkheden"],
        ["opglimpen", "opglimpende", "opglimping", "opglimpingen"],
    ):
        assert len(set(stem_words(forms))) == 1
    assert stem_words(["v2en", "2026"]) == ["v2en", "2026"]


def test_trigrams_know_where_a_word_begins_and_ends() -> None:
    assert trigrams("zak") == {"^za", "zak", "ak$"}
    assert trigrams("a") == {"^a$"}


def test_the_authority_of_a_ref_is_no_word_unless_it_is_the_name() -> None:
    words: set[str] = set()
    assert read_document("application:gm0344/zaak-1", {"name": "X"}, words).label == "zaak 1"
    assert read_document("supplier:kvk.12345678", {"name": "X"}, words).label == "kvk 12345678"
    assert words == {"x", "zaak", "1", "kvk", "12345678"}


# -- destruction --------------------------------------------------------------------------------------------------


def open_store(path: Path) -> Store:
    return Store(SqliteDriver(path), Registry(shared_kinds()), SqliteTextIndex())


def files_holding(folder: Path, word: str) -> list[str]:
    return [path.name for path in sorted(folder.iterdir()) if word[:6].encode() in path.read_bytes().lower()]


@pytest.mark.parametrize("around", [0, 3_000])
def test_no_word_of_a_destroyed_version_is_left(tmp_path: Path, around: int) -> None:
    chance = random.Random(5)
    with open_store(tmp_path / "node.db") as store:
        load(store, make_drafts(around, seed=2))
        for number in range(3):
            text = " ".join(CANARY + "".join(chance.choices(string.ascii_lowercase[:10], k=n)) for n in range(6))
            name = f"application:gm0344/{CANARY}-{number}"
            store.put(draft(name, name=text, description=text, tags=[CANARY]), OPERATOR)
            store.search(Query(text=CANARY), OPERATOR)
        # One of them was replaced before, so that its words are only in what the index has yet to merge.
        store.put(draft(f"application:gm0344/{CANARY}-0", name="Iets"), OPERATOR)
        load(store, make_drafts(around // 3, seed=3))
        assert store.search(Query(text=CANARY), OPERATOR).facets.total >= 2
        for number in range(3):
            store.erase(store.positions_of(f"application:gm0344/{CANARY}-{number}"), {"ground": "test"})
        assert store.search(Query(text=CANARY), OPERATOR).facets.total == 0
        assert store.search(Query(text=CANARY[:-1] + "x"), OPERATOR).suggestions == ()
        assert store.driver.reader().query("SELECT word FROM word_trigram WHERE word LIKE 'qx%'") == []
    assert files_holding(tmp_path, CANARY) == []
    with closing(sqlite3.connect(tmp_path / "node.db")) as raw:
        # Raises where the index and the words it was made of differ.
        raw.execute("INSERT INTO search_text (search_text) VALUES ('integrity-check')")


def test_words_that_others_use_stay(tmp_path: Path) -> None:
    with open_store(tmp_path / "node.db") as store:
        store.put(draft("application:gm0344/a", name="Parkeren bij het loket"), OPERATOR)
        store.put(draft("application:gm0344/b", name="Loket"), OPERATOR)
        store.erase(store.positions_of("application:gm0344/a"), {"ground": "test"})
        assert [r.name for r in store.search(Query(text="lokett"), OPERATOR).page.records] == ["Loket"]
        assert store.search(Query(text="parkere"), OPERATOR).suggestions == ()


def test_a_word_that_went_comes_back(tmp_path: Path) -> None:
    with open_store(tmp_path / "node.db") as store:
        for name in ("Kwetterbak", "Loket", "Kwetterbak", "Loket", "Kwetterbakken"):
            store.put(draft("application:gm0344/a", name=name), OPERATOR)
            assert store.search(Query(text=name), OPERATOR).facets.total == 1
        assert store.search(Query(text="kwetterbak "), OPERATOR).facets.total == 1
