"""Filtering and counting in memory: every write is seen by the next search, whoever wrote it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.store import Query, Store, columns, load, searching
from eendracht.kernel.store.append import EntryType
from tests.contract.engines import EDE, EMMEN, SECURITY, STRANGER, Engine, draft
from tests.contract.test_search import check_answer, make_stock, open_with_words

ASKERS = (OPERATOR, PUBLIC, SECURITY, STRANGER)
DAYS = (None, date(2019, 1, 1), date(2025, 6, 1), date(2035, 1, 1))
LEVELS = ("public", "government", "organisation", "restricted")


def change(store: Store, chance: random.Random) -> None:
    """Write something: new records, other versions of known ones for a while or for good, names, erasures, notes."""
    ref = f"application:gm0114/a{chance.randrange(12)}"

    def put() -> None:
        begin = chance.choice(("2020-01-01", "2025-01-01", "2030-01-01"))
        fields = {"validUntil": "2034-01-01"} if chance.random() < 0.3 else {}
        name = " ".join(chance.choices(("Loket", "Zaak", "Balie"), k=2))
        one = draft(
            ref, level=chance.choice(LEVELS), name=name, owner=chance.choice((EMMEN, EDE)), validFrom=begin, **fields
        )
        one["validUntil"] = fields.get("validUntil")
        store.put(one, OPERATOR)

    def put_many() -> None:
        drafts = [
            draft(f"dataset:gm0114/d{chance.randrange(300)}", level=chance.choice(LEVELS), name="Loket")
            for _ in range(120)
        ]
        load(store, {one["ref"]: one for one in drafts}.values())

    def erase() -> None:
        if store.known_refs([ref]) and (positions := store.positions_of(ref)):
            store.erase(chance.sample(positions, chance.randint(1, len(positions))), {"ground": "x"}, purge=False)

    def note() -> None:
        store.note(EntryType.BATCH, {"root": "x"})

    actions: list[Callable[[], None]] = [put, put, put, put, put_many, erase, note]
    chance.choice(actions)()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("most_followed", [0, 150, 10_000])
def test_what_another_wrote_is_in_the_next_search(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, seed: int, most_followed: int
) -> None:
    monkeypatch.setattr(columns, "_MOST_FOLLOWED", most_followed)
    monkeypatch.setattr(columns, "_STRIDE", 40)
    chance = random.Random(seed)
    with open_with_words(engine) as writer, open_with_words(engine) as reader:
        for _ in range(25):
            for _ in range(chance.randint(0, 2)):
                change(chance.choice((writer, reader)), chance)
            text = chance.choice(("loket", "zaak loket", "bal", "zaak "))
            check_answer(reader, Query(text=text, limit=500), chance.choice(ASKERS), chance.choice(DAYS))
            asker, day = chance.choice(ASKERS), chance.choice(DAYS)
            assert reader.facets(Query(), asker, day).total == len(list(reader.snapshot(asker, day)))


def test_what_is_not_ranked_follows_newest_first_and_names_lead(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "RANKED", 10)
    with open_with_words(engine) as store:
        load(store, make_stock(200, seed=5))
        everything = store.find(Query(text="aanvraag ", limit=500), SECURITY).records
        named = {record.rv for record in everything if {"aanvraag", "aanvragen"} & set(record.name.lower().split())}
        right = sorted((record.rv for record in everything), key=lambda rv: (rv not in named, -rv))
        assert 12 < len(named) < len(right)
        given = [record.rv for record in everything]
        assert set(given[:10]) == set(right[:10])
        assert given[10:] == right[10:]
        for start, limit in ((0, 4), (4, 10), (8, 3), (10, 20), (len(right) - 5, 5), (len(right), 5)):
            page = store.find(Query(text="aanvraag ", limit=limit, after=str(start)), SECURITY)
            assert [record.rv for record in page.records] == given[start : start + limit]
            assert page.after == (str(start + limit) if start + limit < len(right) else "")


def test_page_and_counts_are_of_one_moment(engine: Engine) -> None:
    with open_with_words(engine) as store:
        store.put(draft("application:gm0114/a", name="Loket"), OPERATOR)
        connection = store.driver.reader()
        with connection.reading():
            before = connection.query("SELECT size FROM log_head")
            with open_with_words(engine) as other:
                other.put(draft("application:gm0114/b", name="Loket"), OPERATOR)
            assert connection.query("SELECT size FROM log_head") == before == [(1,)]
        assert connection.query("SELECT size FROM log_head") == [(2,)]
