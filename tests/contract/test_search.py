"""Searching in words, on both engines, against a reference that looks at every record with its own eyes."""

from __future__ import annotations

import itertools
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import Stemmer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, Role
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.records import Record
from eendracht.kernel.search import PostgresTextIndex, SqliteTextIndex
from eendracht.kernel.store import Query, Store, Suggestion, load
from tests.contract.engines import EDE, EDITOR, EMMEN, REGISTRY, SECURITY, STRANGER, Engine, draft

ASKERS = (OPERATOR, PUBLIC, EDITOR, SECURITY, STRANGER)
AUDITOR = Principal("dirk", frozenset({(Role.AUDITOR, EDE), (Role.READER, EMMEN)}))
STEMMER = Stemmer.Stemmer("dutch")
_NUMBER = itertools.count()


def open_with_words(engine: Engine) -> Store:
    text = SqliteTextIndex() if engine.name == "sqlite" else PostgresTextIndex()
    return Store(engine.driver(), REGISTRY, text)


@pytest.fixture
def words(engine: Engine) -> Iterator[Store]:
    """Give an empty store that indexes words."""
    with open_with_words(engine) as opened:
        yield opened


def put(store: Store, *drafts: dict[str, Any]) -> None:
    for one in drafts:
        store.put(one, OPERATOR)


def found(store: Store, text: str, asker: Principal = OPERATOR, **filters: Any) -> list[str]:
    return [record.ref.rpartition("/")[2] for record in store.find(Query(text=text, **filters), asker).records]


# -- the reference: every record, one by one ----------------------------------------------------------------------


def plain_words(text: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[^\W_]+", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def words_of(record: Record) -> set[str]:
    spec = record.data["spec"]
    authority, _, name = record.ref.partition(":")[2].partition("/")
    texts = [spec["name"], name or authority, spec.get("description", "")]
    texts += [*spec.get("alsoKnownAs", ()), *spec.get("tags", ())]
    texts += [spec[key] for key in ("oin", "kvk", "number", "package") if key in spec]
    return set(plain_words(" ".join(texts)))


def stem_of(word: str) -> str:
    return word if any(letter.isdigit() for letter in word) else str(STEMMER.stemWord(word))


def answers(record: Record, text: str) -> bool:
    asked = plain_words(text)
    held = words_of(record)
    stems = {stem_of(word) for word in held}
    for position, word in enumerate(asked):
        is_open = position == len(asked) - 1 and text[-1:].isalnum()
        if not (stem_of(word) in stems or (is_open and any(other.startswith(word) for other in held))):
            return False
    return bool(asked)


def expect(store: Store, query: Query, asker: Principal, day: date | None = None) -> list[Record]:
    return [
        record
        for record in store.snapshot(asker, day)
        if answers(record, query.text)
        and query.kind in ("", record.kind)
        and query.owner in ("", record.owner)
        and query.lifecycle in ("", record.data["spec"].get("lifecycle", ""))
    ]


def count(records: Iterable[Record], *path: str) -> dict[str, int]:
    values: Counter[str] = Counter()
    for record in records:
        value: Any = record.data
        for step in path:
            value = value.get(step, "") if isinstance(value, dict) else ""
        if value:
            values[value] += 1
    return dict(values)


def check_answer(store: Store, query: Query, asker: Principal, day: date | None = None) -> None:
    right = expect(store, query, asker, day)
    page = store.find(query, asker, day)
    assert sorted(record.ref for record in page.records) == sorted(record.ref for record in right)
    facets = store.facets(query, asker, day)
    assert facets.total == len(right)
    assert facets.kind == count(right, "kind")
    assert facets.owner == count(right, "owner")
    assert facets.source == count(right, "source", "type")
    assert facets.lifecycle == count(right, "spec", "lifecycle")
    assert facets.level == count(right, "confidentiality", "level")


# fmt: off
STOCK = [
    "vergunning", "vergunningen", "parkeervergunning", "aanvraag", "aanvragen", "loket", "loketten", "systeem",
    "systemen", "zaak", "zaken", "gegevens", "gegeven", "koppeling", "koppelingen", "coördinatie", "burger",
    "burgers", "2026", "v2",
]
# fmt: on
KINDS = ("application", "dataset", "platform")


def make_stock(count: int, seed: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(seed)
    for number in range(count):
        kind = chance.choice(KINDS)
        extra: dict[str, Any] = {"owner": chance.choice((EMMEN, EDE))}
        if kind == "application":
            extra["lifecycle"] = chance.choice(("in-use", "planned"))
        if chance.random() < 0.3:
            extra["validFrom"] = chance.choice(("2020-01-01", "2030-01-01"))
        if chance.random() < 0.3:
            extra["alsoKnownAs"] = [chance.choice(STOCK)]
        yield draft(
            f"{kind}:gm0114/{chance.choice(STOCK[:4])}-{number}",
            level=chance.choice(("public", "government", "organisation", "restricted")),
            name=" ".join(chance.choices(STOCK, k=2)).capitalize(),
            description=" ".join(chance.choices(STOCK, k=4)),
            **extra,
        )


def test_answers_and_counts_are_those_of_a_look_at_every_record(words: Store) -> None:
    load(words, make_stock(300, seed=7))
    queries = [
        "vergunning",
        "vergunningen ",
        "zaak",
        "zak",
        "Coordinatie",
        "loket gegeven",
        "parkeerverg",
        "v2",
        "2026",
    ]
    for text, asker in itertools.product(queries, (*ASKERS, AUDITOR)):
        check_answer(words, Query(text=text, limit=500), asker)
    asked = Query(text="aanvraag", limit=500)
    for query in (
        replace(asked, kind="dataset"),
        replace(asked, owner=EDE),
        replace(asked, lifecycle="planned"),
        replace(asked, kind="platform", owner=EMMEN),
    ):
        check_answer(words, query, SECURITY)
    check_answer(words, Query(text="systeem", limit=500), SECURITY, date(2031, 5, 5))
    for asker in (*ASKERS, AUDITOR):
        all_of_them = list(words.snapshot(asker))
        assert words.facets(Query(), asker).owner == count(all_of_them, "owner")
        assert words.facets(Query(), asker).total == len(all_of_them)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["public", "organisation", "restricted"]),
            st.lists(st.sampled_from([*STOCK[:6], "parkervergunning", "aanvraagh", "lokett"]), min_size=1, max_size=3),
        ),
        max_size=12,
    ),
    st.sampled_from(
        ["vergunning", "parkeervergunningg", "aanvraag", "aanvraagg", "loket aanvraag", "lokket", "dataset"]
    ),
)
def test_a_hidden_record_changes_nothing_for_who_may_not_see_it(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, list[str]]], text: str
) -> None:
    answered = []
    for only_visible in (True, False):
        path = tmp_path_factory.mktemp("node") / "node.db"
        with open_with_words(Engine("sqlite", str(path))) as store:
            for number, (level, name) in enumerate(records):
                if level == "public" or not only_visible:
                    put(store, draft(f"application:gm0114/a{number}", level=level, name=" ".join(name)))
            result = store.search(Query(text=text), STRANGER)
            refs = [record.ref for record in result.page.records]
            nothing = store.search(Query(text=text, kind="dataset"), STRANGER)
            answered.append((refs, result.facets, result.suggestions, result.corrected, result.jump, nothing))
    assert answered[0] == answered[1]


# -- what people type ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        # Groups that the sample vocabulary of the Dutch Snowball stemmers reduces to one stem.
        ("lichamelijkheden", "lichamelijk"),
        ("lichamelijke", "lichamelijk"),
        ("opglimpende", "opglimpen"),
        ("opglimping", "opglimpen"),
        ("opglimpingen", "opglimping"),
        # The little and the capital letters of Dutch.
        ("Coördinatie", "coordinatie"),
        ("IJSBAAN", "ijsbaan"),
        ("één", "een"),
    ],
)
def test_forms_of_a_word_find_each_other(words: Store, written: str, asked: str) -> None:
    put(words, draft("application:gm0114/a", name="Iets", description=f"met {written} erin"))
    assert found(words, asked + " ") == ["a"]
    assert found(words, asked.upper()) == ["a"]


def test_a_word_of_the_name_weighs_most_and_the_whole_name_comes_first(words: Store) -> None:
    put(
        words,
        draft("application:gm0114/rest", name="Klantbeeld", description="Toont een zaak"),
        draft("application:gm0114/label", name="Centric", alsoKnownAs=["Zaak en document"]),
        draft("application:gm0114/long", name="Alles over een zaak en nog veel meer van dat alles"),
        draft("application:gm0114/forms", name="Zaken online"),
        draft("application:gm0114/name", name="Zaak online"),
        draft("application:gm0114/whole", name="Zaak"),
    )
    assert found(words, "zaak")[0] == "whole"
    order = found(words, "zaak")
    assert order.index("name") < order.index("long") < order.index("label") < order.index("rest")
    assert order.index("name") < order.index("forms")


def test_the_last_word_may_be_unfinished(words: Store) -> None:
    put(words, draft("application:gm0114/a", name="Omgevingsloket"), draft("application:gm0114/b", name="Omgeving"))
    assert sorted(found(words, "omgev")) == ["a", "b"]
    assert found(words, "omgevings loket") == []
    assert found(words, "omgev ") == []


@pytest.mark.parametrize(
    "text", ["", "  ", "?!", "\x00", "'", '"', "OR", "NEAR(", "a:*", "{name}:", "'a':*", "é" * 5000]
)
def test_signs_are_no_commands(words: Store, text: str) -> None:
    put(words, draft("application:gm0114/loket", name="Loket"))
    result = words.search(Query(text=text), OPERATOR)
    assert result.jump is None
    assert (result.facets.total == 1) == (text == "")


def test_codes_are_found_as_they_are(words: Store) -> None:
    put(words, draft("supplier:kvk.12345678", name="Bakker", kvk="12345678"))
    put(words, draft("organisation:gm0114", name="Emmen", oin="00000001001509381000"))
    assert [r.kind for r in words.find(Query(text="12345678"), OPERATOR).records] == ["supplier"]
    assert [r.kind for r in words.find(Query(text="00000001001509381000"), OPERATOR).records] == ["organisation"]
    assert words.search(Query(text="12345679"), OPERATOR).suggestions == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("parkervergunning", "parkeervergunning"),
        ("parkeervergunnnig", "parkeervergunning"),
        ("parkeerfergunning", "parkeervergunning"),
        ("lokte", "loket"),
        ("parkervergunning lokte", "parkeervergunning loket"),
    ],
)
def test_a_typo_finds_what_was_meant(words: Store, typed: str, meant: str) -> None:
    put(words, draft("application:gm0114/a", name="Parkeervergunning", description="aan het loket"))
    result = words.search(Query(text=typed), OPERATOR)
    assert result.corrected == meant
    assert Suggestion(text=meant) in result.suggestions
    assert [record.name for record in result.page.records] == ["Parkeervergunning"]
    assert result.facets.total == 1
    assert found(words, typed) == []


def test_words_that_never_meet_are_offered_apart(words: Store) -> None:
    put(words, draft("application:gm0114/a", name="Parkeren"), draft("application:gm0114/b", name="Belasting"))
    texts = {suggestion.text for suggestion in words.search(Query(text="parkeren belasting "), OPERATOR).suggestions}
    assert texts == {"parkeren", "belasting"}


def test_a_kind_is_offered_where_there_is_one_to_see(words: Store) -> None:
    put(words, draft("dataset:gm0114/a", name="Bomen"), draft("platform:gm0114/b", level="restricted", name="Wolk"))
    assert Suggestion(kind="dataset") in words.search(Query(text="datasett"), STRANGER).suggestions
    assert words.search(Query(text="platfrom"), STRANGER).suggestions == ()
    assert Suggestion(kind="platform") in words.search(Query(text="platfrom"), OPERATOR).suggestions


def test_a_suggestion_never_names_a_hidden_word(words: Store) -> None:
    put(
        words,
        draft("application:gm0114/a", level="restricted", name="Verzoeken"),
        draft("application:gm0114/b", name="Verzoek"),
    )
    result = words.search(Query(text="verzoekem"), STRANGER)
    assert all("verzoeken" not in suggestion.text for suggestion in result.suggestions)
    assert Suggestion(text="verzoeken") in words.search(Query(text="verzoekem"), OPERATOR).suggestions


# -- jumping, paging, replacing -----------------------------------------------------------------------------------


def test_a_ref_or_uid_leads_to_its_record_alone(words: Store) -> None:
    put(words, draft("application:gm0114/zaak", level="organisation", name="Zaak"))
    put(words, draft("application:gm0114/zaak-2", name="Zaak"))
    uid = words.get("application:gm0114/zaak", OPERATOR).uid
    words.rename("application:gm0114/zaak", "application:gm0114/dossier", OPERATOR)
    for name in ("application:gm0114/dossier", " application:gm0114/zaak ", uid):
        result = words.search(Query(text=name), EDITOR)
        assert result.jump is not None
        assert result.jump.uid == uid
        assert [record.uid for record in result.page.records] == [uid]
        assert result.facets.level == {"organisation": 1}
        hidden = words.search(Query(text=name), STRANGER)
        assert hidden.jump is None
        assert all(record.uid != uid for record in hidden.page.records)


def test_pages_follow_on_each_other(words: Store) -> None:
    load(words, make_stock(150, seed=3))
    whole = found(words, "vergunning", limit=500)
    after, pieces = "", []
    while True:
        page = words.find(Query(text="vergunning", limit=7, after=after), OPERATOR)
        pieces += [record.ref.rpartition("/")[2] for record in page.records]
        after = page.after
        if not after:
            break
    assert len(whole) > 14
    assert pieces == whole
    with pytest.raises(InvalidInput):
        words.find(Query(text="vergunning", after="application:gm0114/x"), OPERATOR)


def test_words_of_what_was_replaced_are_gone(words: Store) -> None:
    put(words, draft("application:gm0114/a", name="Kwetterbak"))
    assert found(words, "kwetterbak") == ["a"]
    put(words, draft("application:gm0114/a", name="Loket"))
    assert found(words, "kwetterbak") == []
    assert words.search(Query(text="kweterbak"), OPERATOR).suggestions == ()
    assert words.driver.reader().query("SELECT 1 FROM vocabulary WHERE word = ?", ("kwetterbak",)) == []
    # What still holds at another time keeps its words.
    put(words, draft("application:gm0114/a", name="Balie", validFrom="2040-01-01"))
    assert found(words, "loket") == ["a"]
    assert [r.name for r in words.find(Query(text="balie"), OPERATOR, date(2040, 1, 1)).records] == ["Balie"]
