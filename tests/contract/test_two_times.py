"""Two times against a reference that is too simple to be wrong: every assertion, newest first."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import AMSTERDAM, FixedClock
from eendracht.kernel.errors import NotFound
from eendracht.kernel.records import prepare
from eendracht.kernel.store import Query, Store
from eendracht.kernel.store.reading import segments_known
from tests.contract.engines import REGISTRY, Engine, draft

FIRST = date(2026, 3, 26)  # the week in which summer time begins
DAYS = [FIRST + timedelta(days=n) for n in range(8)]
_NAME = itertools.count()


@dataclass(frozen=True)
class Assertion:
    """What a version says: this value, for [begin, end); an end says that there is nothing."""

    begin: date | None
    end: date | None
    rv: int
    value: int
    ended: bool = False

    def covers(self, day: date) -> bool:
        return (self.begin is None or self.begin <= day) and (self.end is None or day < self.end)


def expect(said: list[Assertion], day: date, size: int) -> Assertion | None:
    """Give the newest assertion that was known at this size of the log and covers the day."""
    return max((it for it in said if it.rv < size and it.covers(day)), key=lambda it: it.rv, default=None)


def ask(store: Store, ref: str, day: date | None, size: int | None) -> tuple[int, int] | None:
    try:
        record = store.get(ref, OPERATOR, day, size)
    except NotFound:
        return None
    return record.rv, record.data["spec"]["users"]


def answer(assertion: Assertion | None) -> tuple[int, int] | None:
    return (assertion.rv, assertion.value) if assertion and not assertion.ended else None


def check(store: Store, clock: FixedClock, ref: str, said: list[Assertion]) -> None:
    sizes = [said[0].rv, *(it.rv + 1 for it in said)]
    for day in (FIRST - timedelta(days=400), *DAYS, FIRST + timedelta(days=4_000)):
        newest = answer(expect(said, day, sizes[-1]))
        assert ask(store, ref, day, None) == newest
        for size in sizes:
            assert ask(store, ref, day, size) == answer(expect(said, day, size))
        here = Query(kind="application", after=f"{ref[:-1]}{chr(ord(ref[-1]) - 1)}~", limit=1)
        listed = [(it.rv, it.data["spec"]["users"]) for it in store.find(here, OPERATOR, day).records if it.ref == ref]
        assert listed == ([newest] if newest else [])
    for day in DAYS:
        midnight = datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)
        for moment, current in ((midnight, day), (midnight - timedelta(microseconds=1), day - timedelta(days=1))):
            clock.moment = moment
            assert ask(store, ref, None, None) == answer(expect(said, current, sizes[-1]))
    for known_at in (None, sizes[len(sizes) // 2]):
        found = {it.rv for it in store.snapshot(OPERATOR, DAYS[3], known_at) if it.ref == ref}
        wanted = expect(said, DAYS[3], sizes[-1] if known_at is None else known_at)
        assert found == ({wanted.rv} if wanted and not wanted.ended else set())


def check_stretches(store: Store, ref: str, size: int) -> None:
    reader = store.driver.reader()
    ((uid,),) = reader.query("SELECT uid FROM record WHERE ref = ?", (ref,))
    rows = reader.query("SELECT valid_from, valid_until, rv FROM segment WHERE uid = ? ORDER BY valid_from", (uid,))
    assert all(begin < end for begin, end, _ in rows)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(rows))
    assert [(it.valid_from, it.valid_until, it.rv) for it in segments_known(reader, uid, size)] == rows


days = st.none() | st.sampled_from(DAYS)
intervals = st.tuples(days, days, st.just(False)).filter(
    lambda said: said[0] is None or said[1] is None or said[0] < said[1]
)
ends = st.tuples(st.sampled_from(DAYS), st.none(), st.just(True))
batches_of_versions = st.lists(st.lists(intervals | ends, min_size=1, max_size=3), min_size=1, max_size=4).filter(
    lambda batches: not batches[0][0][2]  # what was never recorded cannot end
)


def test_equals_the_reference(engine: Engine) -> None:
    """Answers as the reference does, for every day, every size of the log, and on either side of midnight."""
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
    with engine.open(clock) as store:

        @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(batches_of_versions)
        def run(batches: list[list[tuple[date | None, date | None, bool]]]) -> None:
            ref = f"application:gm0114/r{next(_NAME):06}"
            said: list[Assertion] = []
            for batch in batches:
                drafts = [
                    draft(ref, users=len(said) + n)
                    | {"validFrom": begin and begin.isoformat(), "validUntil": end and end.isoformat(), "ended": ended}
                    for n, (begin, end, ended) in enumerate(batch)
                ]
                written = store.append([prepare(item, REGISTRY) for item in drafts], OPERATOR)
                said += [
                    Assertion(begin, end, it.rv, len(said) + n, ended)
                    for n, ((begin, end, ended), it) in enumerate(zip(batch, written, strict=True))
                ]
            check(store, clock, ref, said)
            check_stretches(store, ref, said[-1].rv + 1)

        run()
