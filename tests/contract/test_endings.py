"""A record that ends: nothing from that day on, everything as it was before, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.errors import Conflict, Denied, InvalidInput, NotFound
from eendracht.kernel.records import prepare
from eendracht.kernel.store import Query, Store
from tests.contract.engines import EDITOR, REGISTRY, STRANGER, Engine, draft

A, B, C = (f"application:gm0114/{name}" for name in "abc")
DAY = date(2026, 5, 1)
LAST = date(2026, 4, 30)


def test_before_the_end_it_reads_as_it_did_and_from_then_on_not_at_all(store: Store) -> None:
    first = store.put(draft(A, users=1), EDITOR)
    store.put(draft(A, users=2, validFrom="2030-01-01"), EDITOR)
    before = store.get(A, PUBLIC, LAST).body
    end = store.end(A, DAY, EDITOR)
    assert (end.generation, end.uid) == (3, first.uid)
    assert store.get(A, PUBLIC, LAST).body == before
    for day in (DAY, date(2029, 1, 1), date(2031, 1, 1)):
        for name in (A, first.uid):
            with pytest.raises(NotFound):
                store.get(name, OPERATOR, day)
            with pytest.raises(NotFound):
                store.get(name, OPERATOR, day, known_at=store.size)
        assert store.find(Query(kind="application"), OPERATOR, day).records == ()
        assert list(store.snapshot(OPERATOR, day)) == list(store.snapshot(OPERATOR, day, store.size)) == []
        assert store.facets(Query(), OPERATOR, day).total == 0
    assert store.get(A, PUBLIC, date(2031, 1, 1), known_at=end.rv).data["spec"]["users"] == 2
    newest, *others = store.history(A, PUBLIC)
    assert newest.ended and newest.data["ended"] is True and newest.data["validFrom"] == "2026-05-01"
    assert [version.generation for version in others] == [2, 1]
    assert not any(version.ended or "ended" in version.data for version in others)
    assert [record.rv for record in store.changes(0, PUBLIC)] == [0, 1, 2]


def test_references_dangle_from_the_day_of_the_end(store: Store) -> None:
    store.put(draft(B), EDITOR)
    store.put(draft(A, requires=[B]), EDITOR)
    store.rename(B, C, EDITOR)
    store.end(C, DAY, EDITOR)
    assert store.dangling(PUBLIC, LAST) == []
    assert [(item.target, item.ref) for item in store.dangling(PUBLIC, DAY)] == [(B, A)]
    assert [item.ref for item in store.incoming(C, PUBLIC, DAY)] == [A]


def test_a_later_version_lets_it_hold_again(store: Store) -> None:
    store.put(draft(A, users=1), EDITOR)
    store.end(A, DAY, EDITOR)
    store.put(draft(A, users=2, validFrom="2027-01-01"), EDITOR)
    with pytest.raises(NotFound):
        store.get(A, PUBLIC, DAY)
    assert store.get(A, PUBLIC, date(2027, 1, 1)).data["spec"]["users"] == 2
    store.end(A, date(2028, 1, 1), EDITOR)
    assert store.get(A, PUBLIC, date(2027, 12, 31)).data["spec"]["users"] == 2


def test_an_end_can_be_put_forward_and_not_twice_for_nothing(store: Store) -> None:
    store.put(draft(A, validFrom="2026-01-01"), EDITOR)
    store.end(A, DAY, EDITOR)
    for day in (DAY, date(2030, 1, 1)):
        with pytest.raises(InvalidInput) as caught:
            store.end(A, day, EDITOR)
        assert caught.value.faults[0].code == "ended-already"
    store.end(A, date(2026, 3, 1), EDITOR)
    with pytest.raises(NotFound):
        store.get(A, PUBLIC, date(2026, 4, 1))
    with pytest.raises(InvalidInput) as caught:
        store.end(A, date(2026, 1, 1), EDITOR)
    assert caught.value.faults[0].code == "end-before-begin"


def test_who_may_end_and_what(store: Store) -> None:
    store.put(draft(A), EDITOR)
    store.put(draft(B, level="restricted"), OPERATOR)
    with pytest.raises(Denied):
        store.end(A, DAY, STRANGER)
    answers = set()
    for name in (B, C):
        with pytest.raises(NotFound) as caught:
            store.end(name, DAY, STRANGER)
        answers.add(str(caught.value).replace(name, "NAME"))
    assert len(answers) == 1
    with pytest.raises(NotFound):
        store.put(draft(C, validFrom="2026-05-01") | {"ended": True}, EDITOR)
    for period in ({}, {"validFrom": "2026-05-01", "validUntil": "2027-01-01"}):
        with pytest.raises(InvalidInput) as refused:
            prepare(draft(A, **period) | {"ended": True}, REGISTRY)
        assert refused.value.faults[0].code == "end-without-day"
    with pytest.raises(Conflict):
        store.put(draft(A, validFrom="2026-05-01") | {"ended": True}, EDITOR, expected=2)


def test_an_end_takes_effect_at_midnight_without_a_write(engine: Engine) -> None:
    clock = FixedClock(datetime(2026, 4, 30, 21, 59, 59, tzinfo=UTC))  # Amsterdam is two hours ahead in summer
    with engine.open(clock) as store:
        store.put(draft(A), EDITOR)
        store.end(A, DAY, EDITOR)
        assert store.get(A, PUBLIC).ref == A
        clock.moment = datetime(2026, 4, 30, 22, tzinfo=UTC)
        with pytest.raises(NotFound):
            store.get(A, PUBLIC)


def test_an_end_can_be_destroyed_as_any_version(store: Store) -> None:
    store.put(draft(A), EDITOR)
    end = store.end(A, DAY, EDITOR)
    assert store.positions_of(A) == [0, 1]
    store.erase([end.rv], {"ground": "test"})
    assert [version.rv for version in store.history(A, OPERATOR)] == [0]
    assert store.get(A, PUBLIC, LAST).rv == 0
