"""The contract radar: dates counted by hand, and windows against every pair there is."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.landscape import build_landscape
from eendracht.kernel.store import Store
from eendracht.resilience.contracts import WINDOW_DAYS, Radar, decide_by, judge_contract, scan_contracts
from tests.contract.engines import EDE, EMMEN
from tests.resilience.small import ASSEN, TODAY, contract, open_store, supplier


def radar_of(store: Store) -> Radar:
    return scan_contracts(store, OPERATOR, build_landscape(store, OPERATOR))


def test_the_last_day_of_decision_is_the_end_less_the_notice() -> None:
    assert decide_by(date(2027, 1, 1), 92) == date(2026, 10, 1)
    assert decide_by(date(2027, 1, 1), None) == date(2027, 1, 1)
    assert decide_by(None, 30) is None
    assert decide_by(date(2027, 1, 1), 2**52) is None


@pytest.mark.parametrize(
    ("end", "notice", "renewal", "state"),
    [
        (None, 30, "none", "unknown"),
        ("2026-11-23", 0, "none", "ended"),
        ("2026-11-23", 0, "tacit", "renewed-unseen"),
        ("2026-12-31", 60, "tacit", "too-late"),
        ("2026-12-31", 38, "tacit", "due"),
        ("2027-05-22", 0, "none", "due"),
        ("2027-05-23", 0, "none", "open"),
    ],
)
def test_a_contract_is_judged_by_its_days(end: str | None, notice: int, renewal: str, state: str) -> None:
    """On 23 November 2026: 38 days before the year ends; 22 May 2027 is 180 days away."""
    found = judge_contract(TODAY, date(2020, 1, 1), date.fromisoformat(end) if end else None, notice, renewal)
    assert found == state


def test_all_wrong_dates_are_told_at_once_with_their_record(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        supplier(store, "a")
        contract(store, "back", "a", startDate="2026-02-01", endDate="2026-01-01", noticeDays=90)
        contract(store, "long", "a", startDate="2026-01-01", endDate="2027-01-01", noticeDays=366)
        contract(store, "fits", "a", startDate="2026-01-01", endDate="2027-01-01", noticeDays=365)
        contract(store, "early", "a", exitPlan={"testedOn": "2026-11-24"})
        thing = ["application:gm0114/x"]
        contract(store, "one", "a", covers=thing, startDate="2026-01-01", endDate="2027-01-01")
        contract(store, "two", "a", covers=thing, startDate="2026-06-01", endDate="2028-01-01")
        contract(store, "next", "a", covers=thing, startDate="2028-01-01", endDate="2029-01-01")
        contract(store, "other", "a", EDE, covers=thing, startDate="2026-06-01", endDate="2027-06-01")
        radar = radar_of(store)
        mine = radar.of(organisation=EDE)
    assert {(fault.pointer.rpartition("/")[0][-5:], fault.code) for fault in radar.faults} == {
        ("/back", "end-before-start"),
        ("/long", "notice-above-term"),
        ("early", "tested-in-future"),
        ("4/one", "contradictory-dates"),
        ("4/two", "contradictory-dates"),
    }
    assert all(fault.nl and fault.en and fault.hint for fault in radar.faults)
    assert len(mine.lines) == 1 and mine.faults == []


def test_who_could_leave_together_decides_on_the_first_of_the_days(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        supplier(store, "parent")
        supplier(store, "a", owners={"parent": "100"})
        supplier(store, "b", owners={"parent": "75"})
        contract(store, "one", "a", EMMEN, endDate="2027-06-01", noticeDays=31)
        contract(store, "two", "b", EDE, endDate="2028-05-01")
        contract(store, "late", "b", ASSEN, endDate="2028-05-02")
        contract(store, "gone", "b", ASSEN, endDate="2026-12-01", noticeDays=60)
        contract(store, "same", "a", EMMEN, endDate="2031-01-01")
        radar = radar_of(store)
        filtered = radar.of(organisation=ASSEN)
        public = scan_contracts(store, PUBLIC, build_landscape(store, PUBLIC))
    # 1 May 2027 and 1 May 2028 are 366 days apart (leap year), so they do not meet; 1 and 2 May 2028 do.
    assert [(exit.decide_before, exit.buyers, exit.name) for exit in radar.together] == [
        (date(2028, 5, 1), tuple(sorted([EDE, ASSEN])), "parent")
    ]
    assert {line.ref[-4:]: line.state for line in radar.lines}["gone"] == "too-late"
    assert len(filtered.lines) == 2 and len(filtered.together) == 1
    assert public.lines == [] and public.together == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.tuples(st.integers(0, 900), st.sampled_from([EMMEN, EDE, ASSEN])), min_size=2, max_size=6))
def test_windows_meet_exactly_where_every_pair_of_them_does(
    tmp_path_factory: pytest.TempPathFactory, days: list[tuple[int, str]]
) -> None:
    with open_store(tmp_path_factory.mktemp("radar")) as store:
        supplier(store, "a")
        for at, (ahead, buyer) in enumerate(days):
            contract(store, f"c{at}", "a", buyer, endDate=(TODAY + timedelta(days=ahead + 1)).isoformat(), noticeDays=1)
        found = {frozenset(int(line.ref[-1]) for line in exit.contracts) for exit in radar_of(store).together}
    meets = [
        set(group)
        for size in range(1, len(days) + 1)
        for group in combinations(range(len(days)), size)
        if max(days[at][0] for at in group) - min(days[at][0] for at in group) <= WINDOW_DAYS
    ]
    largest = [group for group in meets if not any(group < other for other in meets)]
    assert found == {frozenset(group) for group in largest if len({days[at][1] for at in group}) > 1}
