"""The promises of the store, kept by both engines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.errors import Conflict, Denied, EendrachtError, InvalidInput, NotFound, StorageFailure
from eendracht.kernel.identity import new_uid
from eendracht.kernel.kinds import Kind, Registry, shared_kinds
from eendracht.kernel.kinds.fields import RefText, Relation, Spec
from eendracht.kernel.records import prepare
from eendracht.kernel.store import Query, Store, load
from eendracht.kernel.store.append import Appending, EntryType, Erase, Request, Write, Written
from eendracht.kernel.store.driver import Connection
from tests.contract.engines import EDE, EDITOR, EMMEN, REGISTRY, SECURITY, STRANGER, Engine, draft

A, B, C = (f"application:gm0114/{letter}" for letter in "abc")
SUPPLIER = "supplier:kvk.12345678"


def write(*drafts: dict[str, Any], expected: int | None = None) -> Write:
    return Write([prepare(item, REGISTRY, expected) for item in drafts], OPERATOR)


def refs(records: Any) -> list[str]:
    return [record.ref for record in records]


class TestPutAndGet:
    def test_gives_back_what_was_put(self, store: Store) -> None:
        written = store.put(draft(A, users=7, description="Zaken & 'meer' ? %s 100%"), EDITOR)
        assert (written.rv, written.ref, written.generation) == (0, A, 1)
        record = store.get(A, PUBLIC)
        assert record.data["spec"] == {"name": "a", "users": 7, "description": "Zaken & 'meer' ? %s 100%"}
        assert (record.uid, record.rv, record.data["recordedBy"]) == (written.uid, 0, "anna")
        assert store.get(written.uid, PUBLIC) == record
        assert store.size == 1

    def test_numbers_versions_of_one_record(self, store: Store) -> None:
        first = store.put(draft(A), EDITOR, expected=0)
        second = store.put(draft(A, users=2), EDITOR, expected=1)
        assert (second.uid, second.generation, second.rv) == (first.uid, 2, 1)
        assert [record.generation for record in store.history(A, PUBLIC)] == [2, 1]

    @pytest.mark.parametrize(
        "name",
        [A, "nothing", "", "a\x00b", "Ω" * 300, "01a20a5f-21c3-708b-a822-5e5a64abc3b6", "application:gm0114/a\n"],
    )
    def test_says_not_found_for_what_is_not_there(self, store: Store, name: str) -> None:
        with pytest.raises(NotFound):
            store.get(name, OPERATOR)
        with pytest.raises(NotFound):
            store.get(name, OPERATOR, known_at=5)
        with pytest.raises(NotFound):
            store.history(name, OPERATOR)
        assert store.incoming(name, OPERATOR) == []

    def test_reports_every_fault_at_once(self, store: Store) -> None:
        bad = draft("Application:x", users=-1, hostedOn=["supplier:x"], nonsense=1, validFrom="morgen")
        with pytest.raises(InvalidInput) as caught:
            store.put(bad, OPERATOR)
        assert {fault.pointer for fault in caught.value.faults} == {"/ref", "/validFrom"}
        bad["ref"] = A
        with pytest.raises(InvalidInput) as caught:
            store.put(bad | {"extra": 1}, OPERATOR)
        pointers = {fault.pointer for fault in caught.value.faults}
        assert pointers == {"/validFrom", "/extra", "/spec/users", "/spec/nonsense"}
        assert all(fault.nl and fault.en for fault in caught.value.faults)
        assert store.size == 0

    def test_refuses_text_that_one_engine_cannot_hold(self, store: Store) -> None:
        with pytest.raises(InvalidInput) as caught:
            store.put(draft(A, name="a\x00b", description="\x00"), OPERATOR)
        assert {fault.pointer for fault in caught.value.faults} == {"/spec/name", "/spec/description"}

    def test_keeps_a_batch_whole(self, store: Store) -> None:
        store.put(draft(B), OPERATOR)
        batch = [prepare(draft(A), REGISTRY), prepare(draft(B), REGISTRY, expected=0), prepare(draft(C), REGISTRY)]
        with pytest.raises(Conflict):
            store.append(batch, OPERATOR)
        assert store.size == 1
        assert refs(store.find(Query(), OPERATOR).records) == [B]

    def test_leaves_other_requests_of_a_commit_alone(self, store: Store) -> None:
        requests = [write(draft(A)), write(draft(B), draft(A), expected=0), write(draft(C)), write(draft(A))]
        with store.driver.writing() as connection:
            answers = Appending(connection, store.clock).run(requests)
        assert [isinstance(answer, EendrachtError) for answer in answers] == [False, True, False, False]
        assert [(record.rv, record.ref) for record in store.changes(0, OPERATOR)] == [(0, A), (1, C), (2, A)]
        assert store.history(A, OPERATOR)[0].generation == 2

    def test_judges_the_author_by_the_owner_at_that_very_moment(self, store: Store) -> None:
        """Who was the owner's editor when the request was made may not be that any more when it is carried out."""
        store.put(draft(A), EDITOR)
        moved = write({**draft(A), "owner": EDE})
        late = Write([prepare(draft(A, users=3), REGISTRY)], EDITOR)
        hidden = write({**draft(B), "owner": EDE, "confidentiality": {"level": "organisation"}})
        blind = Write([prepare(draft(B), REGISTRY)], EDITOR)
        with store.driver.writing() as connection:
            answers = Appending(connection, store.clock).run([moved, late, hidden, blind])
        assert [type(answer) for answer in answers] == [list, Denied, list, Conflict]
        assert EDE not in str(answers[3])
        assert store.get(A, OPERATOR).owner == EDE
        assert [record.rv for record in store.changes(0, OPERATOR)] == [0, 1, 2]

    def test_rolls_back_all_when_the_transaction_fails(self, store: Store) -> None:
        store.put(draft(A), OPERATOR)
        with pytest.raises(RuntimeError), store.driver.writing() as connection:
            Appending(connection, store.clock).run([write(draft(B))])
            raise RuntimeError("the process stumbles")
        assert (store.size, refs(store.changes(0, OPERATOR))) == (1, [A])
        assert store.put(draft(B), OPERATOR).rv == 1

    def test_keeps_nothing_when_what_goes_along_is_refused(self, store: Store) -> None:
        def refuse(connection: Connection, written: Sequence[Written]) -> None:
            connection.execute("INSERT INTO principal (name, roles) VALUES (?, ?)", ("x", written[0].uid))
            raise NotFound("the row is gone")

        with pytest.raises(NotFound):
            store.append([prepare(draft(A), REGISTRY)], OPERATOR, refuse)
        assert store.size == 0
        assert store.driver.reader().query("SELECT count(*) FROM principal") == [(0,)]

        def agree(connection: Connection, written: Sequence[Written]) -> None:
            connection.execute("INSERT INTO principal (name, roles) VALUES (?, ?)", ("x", written[0].uid))

        uid = store.append([prepare(draft(A), REGISTRY)], OPERATOR, agree)[0].uid
        assert store.driver.reader().query("SELECT roles FROM principal") == [(uid,)]

    def test_never_records_earlier_than_the_last(self, engine: Engine) -> None:
        noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
        clock = FixedClock(noon)
        with engine.open(clock) as store:
            store.put(draft(A), OPERATOR)
            clock.moment = noon - timedelta(hours=3)
            store.put(draft(B), OPERATOR)
            clock.moment = noon + timedelta(microseconds=1)
            store.put(draft(C), OPERATOR)
            times = [record.data["recordedAt"] for record in store.changes(0, OPERATOR)]
        assert times == ["2026-05-01T12:00:00.000000Z"] * 2 + ["2026-05-01T12:00:00.000001Z"]

    def test_loads_in_bulk(self, store: Store) -> None:
        count = load(store, (draft(f"application:gm0114/n{n}", suppliedBy=SUPPLIER) for n in range(2_500)), size=700)
        assert (count, store.size) == (2_500, 2_500)
        assert [record.rv for record in store.changes(0, PUBLIC, 3_000)] == list(range(2_500))
        assert len(store.incoming(SUPPLIER, PUBLIC, limit=5_000)) == 2_500

    def test_refuses_after_it_was_closed(self, engine: Engine) -> None:
        store = engine.open()
        store.put(draft(A), OPERATOR)
        store.close()
        with pytest.raises(StorageFailure):
            store.put(draft(B), OPERATOR)


class TestConflict:
    def test_shows_both_versions(self, store: Store) -> None:
        store.put(draft(A, users=1), EDITOR)
        store.put(draft(A, users=2), EDITOR)
        with pytest.raises(Conflict) as caught:
            store.put(draft(A, users=3), EDITOR, expected=1)
        extra = caught.value.extra
        assert (extra["generation"], extra["expected"]) == (2, 1)
        assert (extra["current"]["spec"]["users"], extra["proposed"]["spec"]["users"]) == (2, 3)
        assert store.get(A, PUBLIC).data["spec"]["users"] == 2

    def test_shows_a_version_of_the_same_commit(self, store: Store) -> None:
        with store.driver.writing() as connection:
            answers = Appending(connection, store.clock).run(
                [write(draft(A, users=1), expected=0), write(draft(A, users=2), expected=0)]
            )
        assert isinstance(answers[1], Conflict)
        assert answers[1].extra["current"]["spec"]["users"] == 1

    @pytest.mark.parametrize("expected", [None, 0, 1, 7])
    def test_says_nothing_of_what_is_hidden(self, store: Store, expected: int | None) -> None:
        store.put(draft(A, level="restricted", description="geheim"), SECURITY)
        with pytest.raises(Conflict) as caught:
            store.put(draft(A), EDITOR, expected=expected)
        assert (caught.value.extra, caught.value.detail) == ({}, "This name cannot be used")
        assert store.get(A, SECURITY).generation == 1

    def test_a_hidden_former_name_gives_nothing_away_either(self, store: Store) -> None:
        store.put(draft(A, level="restricted"), SECURITY)
        store.rename(A, B, SECURITY)
        messages = set()
        for name in (A, B):
            with pytest.raises(Conflict) as caught:
                store.put(draft(name), EDITOR)
            messages.add(str(caught.value.as_problem()))
        assert len(messages) == 1

    def test_two_new_records_cannot_share_a_name(self, store: Store) -> None:
        batch = [prepare(draft(A, uid=new_uid()), REGISTRY) for _ in range(2)]
        with pytest.raises(Conflict):
            store.append(batch, OPERATOR)
        assert store.size == 0

    def test_follows_names_within_a_batch(self, store: Store) -> None:
        uid = store.put(draft(A), OPERATOR).uid
        moved = [draft(C), draft(C, uid=uid)]
        with pytest.raises(Conflict):
            store.append([prepare(item, REGISTRY) for item in moved], OPERATOR)
        with pytest.raises(Conflict):
            store.append([prepare(item, REGISTRY) for item in (draft(B, uid=uid), draft(A))], OPERATOR)
        written = store.append([prepare(item, REGISTRY) for item in (draft(B, uid=uid), draft(B))], OPERATOR)
        assert [item.uid for item in written] == [uid, uid]
        assert store.get(A, PUBLIC).generation == 3


class TestTimes:
    def test_shows_what_was_known_when(self, engine: Engine) -> None:
        clock = FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
        with engine.open(clock) as store:
            store.put(draft(A, users=1), OPERATOR)
            clock.moment += timedelta(days=1)
            store.put(draft(A, users=2, validFrom="2026-04-01", validUntil="2026-05-01"), OPERATOR)

            def users(day: str | None, known_at: int | str | None) -> int:
                as_of = date.fromisoformat(day) if day else None
                return int(store.get(A, PUBLIC, as_of, known_at).data["spec"]["users"])

            assert [users(day, None) for day in ("2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01")] == [
                1,
                2,
                2,
                1,
            ]
            assert users("2026-04-01", 1) == 1
            assert users("2026-04-01", "2026-03-02T11:59:59Z") == 1
            assert users("2026-04-01", "2026-03-02T12:00:00Z") == 2
            assert users("2026-04-01", "2026-03-02T13:00:00+01:00") == 2
            assert users("2026-04-01", "2026-03-02T12:59:59+01:00") == 1
            with pytest.raises(NotFound):
                store.get(A, PUBLIC, known_at="2026-03-01T11:59:59.999999Z")
            assert users(None, None) == 1
            clock.moment = datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC)
            assert users(None, None) == 1
            clock.moment = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # midnight in Amsterdam, summer time
            assert users(None, None) == 2
            assert [record.data["spec"]["users"] for record in store.snapshot(PUBLIC)] == [2]
            assert [record.data["spec"]["users"] for record in store.find(Query(), PUBLIC).records] == [2]

    def test_tells_apart_moments_within_a_second(self, engine: Engine) -> None:
        clock = FixedClock(datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC))
        with engine.open(clock) as store:
            store.put(draft(A), OPERATOR)
            with pytest.raises(NotFound):
                store.get(A, PUBLIC, known_at="2026-03-01T12:00:00Z")
            assert store.get(A, PUBLIC, known_at="2026-03-01T12:00:01Z").rv == 0

    @pytest.mark.parametrize("moment", ["gisteren", "2026-03-01T12:00:00", "", "0001-01-01T00:00:00+14:00"])
    def test_refuses_a_moment_that_is_none(self, store: Store, moment: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            store.get(A, PUBLIC, known_at=moment)
        assert caught.value.faults[0].pointer == "/knownAt"

    def test_an_interval_must_have_a_day(self, store: Store) -> None:
        with pytest.raises(InvalidInput) as caught:
            store.put(draft(A, validFrom="2026-01-02", validUntil="2026-01-02"), OPERATOR)
        assert [fault.code for fault in caught.value.faults] == ["empty-interval"]


class TestLists:
    def test_pages_through_everything_in_order_of_bytes(self, store: Store) -> None:
        names = ["a", "a-b", "a.b", "a/b", "a_b", "aa", "b", "b-1", "b1", "z"]
        wanted = sorted(f"application:gm0114/{name}" for name in names)
        others = ["application-x", "applicatio", "applications"]
        load(store, (draft(ref) for ref in reversed(wanted)))
        store.put(draft("component:gm0114/c") | {"spec": {"name": "c"}}, OPERATOR)
        store.put(draft("agreement:gm0114/c") | {"spec": {"name": "c", "parties": [EMMEN]}}, OPERATOR)
        for limit in (1, 3, 10, 11):
            found: list[str] = []
            page = store.find(Query(kind="application", limit=limit), PUBLIC)
            found += refs(page.records)
            while page.after:
                page = store.find(Query(kind="application", limit=limit, after=page.after), PUBLIC)
                found += refs(page.records)
            assert found == wanted
        assert not any(store.find(Query(kind=kind), PUBLIC).records for kind in others)
        everything = refs(store.find(Query(), PUBLIC).records)
        assert everything == sorted([*wanted, "component:gm0114/c", "agreement:gm0114/c"])

    def test_filters(self, store: Store) -> None:
        store.put(draft(A, lifecycle="in-use"), OPERATOR)
        store.put(draft(B, lifecycle="retired", owner=EDE), OPERATOR)
        store.put(draft(C, source={"type": "scan", "date": "2026-01-01"}, level="government"), OPERATOR)

        def found(**filters: Any) -> list[str]:
            return refs(store.find(Query(**filters), OPERATOR).records)

        assert found(lifecycle="in-use") == [A]
        assert found(owner=EDE) == [B]
        assert found(source="scan", kind="application") == [C]
        assert found(level=1) == [C]
        assert found(level=0) == [A, B]
        assert found(owner=EDE, lifecycle="in-use") == []
        assert found(owner="a\x00b") == []

    @pytest.mark.parametrize("limit", [0, -1, 501])
    def test_refuses_a_page_of_no_size(self, store: Store, limit: int) -> None:
        with pytest.raises(InvalidInput):
            store.find(Query(limit=limit), OPERATOR)

    def test_feeds_changes_from_a_position(self, store: Store) -> None:
        for n in range(5):
            store.put(draft(A if n % 2 else B, users=n), OPERATOR)
        store.note(EntryType.BATCH, {"root": "x"})
        store.put(draft(C), OPERATOR)
        assert [record.rv for record in store.changes(0, PUBLIC)] == [0, 1, 2, 3, 4, 6]
        assert [record.rv for record in store.changes(2, PUBLIC, limit=2)] == [2, 3]
        assert store.changes(7, PUBLIC) == []
        assert store.wait_for_news(6, 0.2) == 7
        assert store.wait_for_news(7, 0.2) == 7

    def test_sifts_a_kind_by_what_stands_in_its_bytes(self, store: Store) -> None:
        for ref, users, level in ((B, 17, "public"), (A, 7, "public"), (C, 71, "restricted")):
            store.put(draft(ref, level=level, users=users), OPERATOR)
        looks = re.compile(rb'"users":(?:7|17|71)\b')
        # In order of writing, as a snapshot is; filtered for the asker, also where the bytes would fit.
        assert refs(store.sift(PUBLIC, "application", looks)) == refs(store.snapshot(PUBLIC)) == [B, A]
        assert refs(store.sift(OPERATOR, "application", re.compile(rb'"users":7'))) == [A, C]
        assert refs(store.sift(OPERATOR, "dataset", looks)) == []

    def test_snapshot_survives_what_happens_meanwhile(self, store: Store) -> None:
        load(store, (draft(f"application:gm0114/n{n:04}") for n in range(3_000)))
        stream = store.snapshot(PUBLIC)
        first = next(stream)
        store.put(draft("application:gm0114/n2999", users=5), OPERATOR)
        other = store.snapshot(PUBLIC)
        assert next(other).rv == first.rv
        assert store.get(A.replace("/a", "/n0001"), PUBLIC).rv == 1
        rest = list(stream)
        assert (len(rest), rest[-1].rv) == (2_999, 2_999)
        other.close()  # type: ignore[attr-defined]
        assert sum(1 for _ in store.snapshot(PUBLIC, known_at=10)) == 10


class TestNames:
    def test_a_former_name_leads_to_the_record(self, store: Store) -> None:
        uid = store.put(draft(A, users=1), EDITOR).uid
        written = store.rename(A, B, EDITOR)
        assert (written.uid, written.generation) == (uid, 2)
        for name in (A, B, uid):
            assert store.get(name, PUBLIC).ref == B
            assert len(store.history(name, PUBLIC)) == 2
        assert store.get(B, PUBLIC, known_at=1).ref == A
        assert refs(store.find(Query(), PUBLIC).records) == [B]
        assert refs(store.snapshot(PUBLIC)) == [B]

    def test_a_former_name_is_never_given_out_again(self, store: Store) -> None:
        store.put(draft(A), EDITOR)
        other = store.put(draft(C), EDITOR)
        store.rename(A, B, EDITOR)
        with pytest.raises(Conflict) as caught:
            store.put(draft(A), EDITOR)
        assert [fault.code for fault in caught.value.faults] == ["renamed"]
        for taken in (A, B):
            with pytest.raises(Conflict) as caught:
                store.put(draft(taken, uid=other.uid), EDITOR)
            assert [fault.code for fault in caught.value.faults] == ["name-taken"]
        assert store.rename(B, A, EDITOR).ref == A
        assert store.get(B, PUBLIC).ref == A

    @pytest.mark.parametrize("ref", ["application:gm0228/a", "component:gm0114/a", "application:gm0114"])
    def test_kind_and_authority_stay(self, store: Store, ref: str) -> None:
        store.put(draft(A), OPERATOR)
        if ref.startswith("component"):
            uid = store.get(A, PUBLIC).uid
            with pytest.raises(Conflict):
                store.put(draft(ref, uid=uid), OPERATOR)
        elif ref == "application:gm0114":
            assert store.rename(A, ref, OPERATOR).ref == ref
        else:
            with pytest.raises(Conflict) as caught:
                store.rename(A, ref, OPERATOR)
            assert [fault.code for fault in caught.value.faults] == ["authority-is-fixed"]

    def test_a_rename_changes_nothing_but_the_name(self, engine: Engine) -> None:
        with engine.open(FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))) as store:
            store.put(draft(A, users=1, validFrom="2020-01-01"), EDITOR)
            store.put(draft(A, users=2, validFrom="2026-06-01", validUntil="2026-09-01"), EDITOR)
            store.rename(A, B, EDITOR)
            for day, users in (("2019-12-31", None), ("2026-03-01", 1), ("2026-07-01", 2), ("2026-09-01", 1)):
                if users is None:
                    with pytest.raises(NotFound):
                        store.get(A, PUBLIC, date.fromisoformat(day))
                else:
                    record = store.get(A, PUBLIC, date.fromisoformat(day))
                    assert record.data["spec"]["users"] == users
                    assert refs(store.find(Query(kind="application"), PUBLIC, date.fromisoformat(day)).records)
                    assert store.find(Query(after="application:gm0114/a"), PUBLIC, date.fromisoformat(day)).records

    def test_incoming_knows_every_name(self, store: Store) -> None:
        store.put(draft(A), EDITOR)
        store.put(draft(B, requires=[A]), EDITOR)
        store.rename(A, "application:gm0114/a2", EDITOR)
        store.put(draft(C, requires=["application:gm0114/a2"], level="organisation"), EDITOR)
        for name in (A, "application:gm0114/a2"):
            assert [(item.ref, item.field) for item in store.incoming(name, EDITOR)] == [
                (B, "requires"),
                (C, "requires"),
            ]
            assert [item.ref for item in store.incoming(name, PUBLIC)] == [B]
        store.put(draft(B), EDITOR)
        assert store.incoming(A, PUBLIC) == []

    def test_reports_what_dangles(self, store: Store) -> None:
        store.put(draft(A, requires=[B, "component:gm0114/x"], suppliedBy=SUPPLIER), EDITOR)
        store.put(draft(B, level="organisation"), EDITOR)
        gone = store.dangling(EDITOR)
        assert [(item.target, item.field, item.ref, item.owner) for item in gone] == [
            ("component:gm0114/x", "requires", A, EMMEN),
            (SUPPLIER, "suppliedBy", A, EMMEN),
        ]
        assert [item.target for item in store.dangling(PUBLIC)] == [B, "component:gm0114/x", SUPPLIER]
        store.rename(B, C, EDITOR)
        assert [item.target for item in store.dangling(EDITOR)] == ["component:gm0114/x", SUPPLIER]


class TestAccess:
    @pytest.mark.parametrize("asker", [PUBLIC, STRANGER, EDITOR])
    def test_hidden_is_as_absent(self, store: Store, asker: Principal) -> None:
        """Everything that can be asked about a hidden record is answered as for one that was never there."""
        secret, never = "application:gm0114/secret", "application:gm0114/never"
        store.put(draft(secret, level="restricted", requires=[A]), SECURITY)
        store.put(draft(B, requires=[secret, never]), SECURITY)
        uid = store.rename(secret, "application:gm0114/hidden", SECURITY).uid

        def answers(name: str) -> list[Any]:
            said: list[Any] = []
            for ask in (
                lambda: store.get(name, asker),
                lambda: store.get(name, asker, known_at=1),
                lambda: store.history(name, asker),
                lambda: store.rename(name, C, asker),
                lambda: store.incoming(name, asker),
            ):
                try:
                    said.append(ask())
                except NotFound as error:
                    said.append(str(error.as_problem()).replace(name, "NAME"))
            return said

        assert answers(secret) == answers(never)
        assert answers("application:gm0114/hidden") == answers("application:gm0114/other")
        assert answers(uid) == answers(new_uid())
        assert refs(store.find(Query(), asker).records) == refs(store.changes(0, asker)) == [B]
        assert refs(store.snapshot(asker)) == refs(store.snapshot(asker, known_at=3)) == [B]
        assert store.incoming(A, asker) == []
        assert {item.target for item in store.dangling(asker)} == {secret, never}

    def test_a_stranger_hears_the_same_of_hidden_and_absent(self, store: Store) -> None:
        store.put(draft(A, level="restricted"), SECURITY)
        said = set()
        for name in (A, B):
            with pytest.raises(Denied) as caught:
                store.put(draft(name, owner=EDE), STRANGER)
            said.add(str(caught.value.as_problem()).replace(name, "NAME"))
        assert len(said) == 1

    def test_names_are_given_out_by_their_authority(self, store: Store) -> None:
        with pytest.raises(Denied):
            store.put(draft("application:gm0228/x"), EDITOR)
        with pytest.raises(Denied):
            store.put(draft(A, owner=EDE), EDITOR)
        store.put(draft(A), EDITOR)
        with pytest.raises(Denied):
            store.put(draft(A, owner=EDE), STRANGER)
        with pytest.raises(Denied):
            store.put(draft("application:gm0228/y", uid=store.get(A, PUBLIC).uid, owner=EDE), STRANGER)
        with pytest.raises(Denied):
            store.put(draft(A), PUBLIC)
        assert store.size == 1

    def test_an_owner_may_be_another_than_the_authority(self, store: Store) -> None:
        store.put(draft(A), EDITOR)
        store.put(draft(A, owner=EDE), OPERATOR)
        with pytest.raises(Denied):
            store.put(draft(A), EDITOR)
        assert store.put(draft(A, owner=EDE, users=3), STRANGER).generation == 3


class TestErase:
    def test_leaves_nothing_but_the_commitment(self, store: Store) -> None:
        store.put(draft(A, name="kanarie", requires=[B]), OPERATOR)
        store.rename(A, C, OPERATOR)
        before = store.driver.reader().query("SELECT rv, commitment, recorded_at FROM entry ORDER BY rv")
        rv = store.erase(store.positions_of(C), {"ground": "AVG art. 17"})
        assert rv == 2
        for name in (A, C):
            with pytest.raises(NotFound):
                store.get(name, OPERATOR)
            with pytest.raises(NotFound):
                store.history(name, OPERATOR)
            with pytest.raises(NotFound):
                store.positions_of(name)
        assert store.find(Query(), OPERATOR).records == ()
        assert store.changes(0, OPERATOR) == []
        assert list(store.snapshot(OPERATOR, known_at=2)) == []
        assert store.incoming(B, OPERATOR) == []
        rows = store.driver.reader().query("SELECT rv, commitment, recorded_at FROM entry WHERE rv < 2 ORDER BY rv")
        assert [tuple(row) for row in rows] == [tuple(row) for row in before]
        for table in ("record", "former_ref", "segment", "edge"):
            assert store.driver.reader().query(f"SELECT count(*) FROM {table}") == [(0,)]
        again = store.put(draft(A), OPERATOR)
        assert (again.generation, again.rv) == (1, 3)

    def test_takes_the_destroyed_name_along_and_keeps_the_rest(self, store: Store) -> None:
        store.put(draft(A, users=1, validUntil="2026-01-01"), OPERATOR)
        uid = store.get(A, PUBLIC, date(2025, 1, 1)).uid
        store.put(draft(B, uid=uid, validFrom="2026-01-01"), OPERATOR)
        store.put(draft(C, uid=uid, validFrom="2030-01-01"), OPERATOR)
        store.erase([1, 2], {"ground": "test"})
        assert store.get(A, PUBLIC, date(2025, 1, 1)).data["spec"]["users"] == 1
        assert refs(store.find(Query(after="application:gm0114"), PUBLIC, date(2025, 1, 1)).records) == [A]
        rows = store.driver.reader().query(
            "SELECT ref FROM segment UNION SELECT ref FROM record UNION ALL SELECT ref FROM former_ref WHERE ref <> ?",
            (A,),
        )
        assert rows == [(A,)]
        for name in (B, C):
            with pytest.raises(NotFound):
                store.history(name, PUBLIC)
        assert store.put(draft(B), OPERATOR).generation == 1

    def test_shares_a_commit_with_writes(self, store: Store) -> None:
        store.put(draft(A, users=1), OPERATOR)
        store.put(draft(A, users=2), OPERATOR)
        store.put(draft(B), OPERATOR)
        requests: list[Request] = [
            write(draft(C)),
            Erase([0, 2], {"ground": "x"}),
            write(draft(A), draft(B)),
            write(draft(C)),
        ]
        with store.driver.writing() as connection:
            answers = Appending(connection, store.clock).run(requests)
        assert not [answer for answer in answers if isinstance(answer, EendrachtError)]
        assert [store.history(name, PUBLIC)[0].generation for name in (A, B, C)] == [3, 1, 2]
        assert [record.rv for record in store.changes(0, OPERATOR)] == [1, 3, 5, 6, 7]

    def test_destroys_once(self, store: Store) -> None:
        store.put(draft(A), OPERATOR)
        store.note(EntryType.BATCH, {"root": "x"})
        for positions in ([0, 99], [1], [-1]):
            with pytest.raises(NotFound):
                store.erase(positions, {"ground": "x"})
        store.erase([0], {"ground": "x"})
        with pytest.raises(NotFound):
            store.erase([0], {"ground": "x"})
        assert store.size == 3


class Barge(Spec):
    """A kind of these tests: its second version calls `home` a list of harbours."""

    harbours: tuple[Annotated[RefText, Relation(("facility",))], ...] = ()


class OldBarge(Spec):
    """Its first version."""

    home: Annotated[RefText, Relation(("facility",))]


class TestKinds:
    def test_an_old_record_is_read_as_the_newest_version(self, engine: Engine) -> None:
        """Stored bytes stay; what is read, who points at what, and what is written next follow the newest version."""

        def lift(spec: dict[str, Any]) -> dict[str, Any]:
            return {"name": spec["name"], "harbours": [spec["home"]]}

        old = Registry([*shared_kinds(), Kind("barge", OldBarge)])
        new = Registry([*shared_kinds(), Kind("barge", Barge, 2, {1: lift})])
        ref, harbour = "barge:gm0114/eendracht", "facility:gm0114/haven"
        with engine.open(registry=old) as store:
            store.put(draft(ref, home=harbour), OPERATOR)
            body = store.get(ref, PUBLIC).body
        with engine.open(registry=new) as store:
            record = store.get(ref, PUBLIC)
            assert (record.body, record.data["specVersion"]) == (body, 1)
            assert record.spec(new) == {"name": "eendracht", "harbours": [harbour]}
            assert [(item.ref, item.field) for item in store.incoming(harbour, PUBLIC)] == [(ref, "harbours")]
            store.rename(ref, "barge:gm0114/nieuw", OPERATOR)
            assert store.get(ref, PUBLIC).data["specVersion"] == 2
            assert store.get(ref, PUBLIC).data["spec"]["harbours"] == [harbour]
        with engine.open(registry=old) as store, pytest.raises(InvalidInput):
            store.get(ref, PUBLIC).spec(old)
