"""Shares and index against figures worked out by hand, and against a plain evaluation that shares no code."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.resilience.concentration import Concentration, measure_concentration
from eendracht.resilience.trend import follow_concentration, list_month_starts
from tests.contract.engines import EDE, EMMEN
from tests.kernel.deliveries import put
from tests.resilience.small import ASSEN, TODAY, contract, open_store, portfolio_of, supplier


def shares_of(found: Concentration) -> dict[str, Fraction]:
    return {share.party.rpartition("/")[2]: share.share for share in found.shares}


def test_four_equal_parties_have_an_index_of_2500(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for name in "abcd":
            supplier(store, name)
            contract(store, name, name, annualValueEurocent=10_000)
        found = measure_concentration(portfolio_of(store), "supplier", "spend")
    assert (found.hhi_low, found.hhi_high) == (2500, 2500)
    assert found.verdict == "not-concentrated"
    assert shares_of(found) == dict.fromkeys("abcd", Fraction(1, 4))


def test_owners_are_looked_through_and_the_unresolved_stay_in_sight(tmp_path: Path) -> None:
    """80 with b and c of a (controls both), 20 with d of which nobody knows who is behind it."""
    with open_store(tmp_path) as store:
        supplier(store, "a", jurisdiction="US")
        supplier(store, "b", owners={"a": "51"})
        supplier(store, "c", owners={"b": "60"})
        supplier(store, "d")
        for name, value in (("b", 30), ("c", 50), ("d", 20)):
            contract(store, name, name, annualValueEurocent=value)
        portfolio = portfolio_of(store)
        direct, owner, country = (
            measure_concentration(portfolio, by, "spend") for by in ("supplier", "owner", "jurisdiction")
        )
    assert direct.hhi_low == 30**2 + 50**2 + 20**2
    assert shares_of(owner) == {"a": Fraction(4, 5)}
    assert (owner.unknown_amount, owner.unknown_share, owner.unknown_count) == (20, Fraction(1, 5), 1)
    # d is a party of its own at least: 80² + 20².
    assert (owner.hhi_low, owner.hhi_high) == (6800, 6800)
    assert shares_of(country) == {"US": Fraction(4, 5)}


def test_unknown_spend_is_estimated_and_counted_apart(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for name in "ab":
            supplier(store, name)
        contract(store, "one", "a", annualValueEurocent=100)
        contract(store, "two", "a", annualValueEurocent=300)
        contract(store, "three", "b")
        found = measure_concentration(portfolio_of(store), "supplier", "spend")
    assert found.unsized_count == 1
    assert [(share.amount, share.estimated) for share in found.shares] == [(400, 0), (200, 200)]


def test_a_hidden_supplier_counts_as_unknown_between_two_bounds(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        supplier(store, "a")
        put(store, "supplier:gm0114/secret")
        for name, to, value in (("one", "a", 50), ("two", "secret", 30), ("three", "secret", 20)):
            put(
                store,
                f"contract:gm0114/{name}",
                level="public",
                buyer=EMMEN,
                supplier=f"supplier:gm0114/{to}",
                annualValueEurocent=value,
            )
        found = measure_concentration(portfolio_of(store, PUBLIC), "supplier", "spend")
    assert (found.hhi_low, found.hhi_high) == (2500, 5000)
    assert found.unknown_amount == 50
    assert found.verdict == "unknown"


def test_nothing_known_gives_no_index(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        supplier(store, "a")
        contract(store, "one", "a")
        found = measure_concentration(portfolio_of(store), "supplier", "spend")
    assert (found.hhi_low, found.hhi_high, found.unsized_count, found.verdict) == (None, None, 1, "unknown")


def test_circles_of_owners_are_named_and_the_rest_is_computed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        supplier(store, "a", owners={"b": "70"})
        supplier(store, "b", owners={"c": "60"})
        supplier(store, "c", owners={"a": "55"})
        supplier(store, "x", owners={"y": "90"})
        supplier(store, "y", owners={"x": "90"})
        supplier(store, "z", owners={"x": "80", "e": "40"})
        supplier(store, "e", owners={"f": "100"})
        supplier(store, "f")
        for name in "abef":
            contract(store, name, name, annualValueEurocent=25)
        found = measure_concentration(portfolio_of(store), "owner", "spend")
    circles = [fault for fault in found.faults if fault.code == "ownership-circle"]
    assert [fault.en.rpartition(": ")[2] for fault in circles] == ["a → b → c → a", "x → y → x"]
    assert [fault.pointer for fault in found.faults if fault.code == "ownership-above-whole"] == [
        "/supplier:gm0114/z/ownerships"
    ]
    assert shares_of(found) == {"a": Fraction(1, 2), "f": Fraction(1, 2)}


def test_the_chain_counts_everybody_in_it(tmp_path: Path) -> None:
    """100 with a of which b is a subcontractor, 100 with b: a has 100 of 300 in the chain, b 200 of 300."""
    with open_store(tmp_path) as store:
        for name in "ab":
            supplier(store, name)
        below = [{"supplier": "supplier:gm0114/b", "rank": 1}]
        contract(store, "one", "a", annualValueEurocent=100, subcontractors=below)
        contract(store, "two", "b", buyer=EDE, annualValueEurocent=100)
        found = measure_concentration(portfolio_of(store), "chain", "spend")
    assert shares_of(found) == {"a": Fraction(1, 3), "b": Fraction(2, 3)}
    assert {share.party[-1]: share.organisations for share in found.shares} == {"a": 1, "b": 2}


def test_services_depend_on_what_is_supplied_and_citizens_on_what_stops(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for name in "ab":
            supplier(store, name)
        put(store, "platform:gm0114/p", type="iaas", operatedBy="supplier:gm0114/a")
        put(
            store,
            "application:gm0114/x",
            tags=["zaken", "belasting"],
            suppliedBy="supplier:gm0114/b",
            hostedOn=["platform:gm0114/p"],
        )
        put(store, "application:gm0114/y", requires=["platform:gm0114/p"])
        put(store, "public-service:gm0114/s", requires=["application:gm0114/x"], usesPerDay=70)
        put(store, "public-service:gm0114/t", requires=["application:gm0114/y"], usesPerDay=1)
        put(store, "demand:gm0114/t", service="public-service:gm0114/t", usesPerDay=30, measuredOn="2026-01-01")
        put(store, "public-service:gm0114/u", requires=["application:gm0114/y"])
        portfolio = portfolio_of(store)
        services = measure_concentration(portfolio, "supplier", "services")
        citizens = measure_concentration(portfolio, "supplier", "citizen-hours")
        taxes = measure_concentration(portfolio, "supplier", "services", "application/belasting")
    assert portfolio.categories == ["application/belasting", "application/unknown", "platform/iaas"]
    # a stops s, t and u; b, which only supplies x, has s depend on it; y, of nobody knows whom, has t and u.
    assert {share.party[-1]: share.amount for share in services.shares} == {"a": 3, "b": 1}
    assert (services.unknown_amount, services.unknown_count) == (2, 1)
    assert (services.hhi_low, services.hhi_high) == (Fraction(10_000 * 10, 36), Fraction(10_000 * 14, 36))
    assert {share.party[-1]: share.amount for share in citizens.shares} == {"a": 100}
    assert citizens.unsized_count == 1
    assert {share.party[-1]: share.amount for share in taxes.shares} == {"b": 1}


def test_a_party_is_flagged_by_organisations_and_impact_together(tmp_path: Path) -> None:
    """Of ten buyers a has one and a tenth of the spend, b nine and the rest, c one and almost nothing."""
    with open_store(tmp_path) as store:
        for name in "abc":
            supplier(store, name)
        buyers = [f"organisation:gm{1000 + at}" for at in range(10)]
        for buyer in buyers:
            put(store, buyer, buyer, level="public", type="municipality")
        contract(store, "a", "a", buyers[0], annualValueEurocent=1_000)
        contract(store, "c", "c", buyers[0], annualValueEurocent=9)
        for buyer in buyers[1:]:
            contract(store, buyer[-4:], "b", buyer, annualValueEurocent=999)
        found = measure_concentration(portfolio_of(store), "supplier", "spend")
    assert {share.party[-1] for share in found.shares if share.is_flagged} == {"a", "b"}


def test_the_index_over_time_follows_the_terms_of_contracts(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for name in "ab":
            supplier(store, name, validFrom="2020-01-01")
        contract(store, "one", "a", annualValueEurocent=50, validFrom="2020-01-01")
        contract(store, "two", "b", annualValueEurocent=50, validFrom="2020-01-01", startDate="2026-07-01")
        contract(store, "old", "b", annualValueEurocent=950, validFrom="2020-01-01", endDate="2026-02-01")
        points = follow_concentration(store, OPERATOR, TODAY, "supplier")
    assert [point.day for point in points] == list_month_starts(TODAY)
    assert [round(point.hhi_low or 0) for point in points] == [9050] * 2 + [10_000] * 5 + [5000] * 5
    assert points[0].day.isoformat() == "2025-12-01" and points[-1].day.isoformat() == "2026-11-01"


# -- a plain evaluation ----------------------------------------------------------------------------------------------

NAMES = "abcde"
LINES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.one_of(st.none(), st.integers(1, 1000)), st.sampled_from([EMMEN, EDE, ASSEN])),
    min_size=1,
    max_size=8,
)
STAKES = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), st.sampled_from([30, 50, 51, 100]), max_size=4
)


def plain_owner(name: str, stakes: dict[tuple[str, str], int]) -> str | None:
    """Follow who holds more than half of the votes, one step at a time; None where nobody says who that is."""
    seen = [name]
    while True:
        above = [owner for (owned, owner), share in stakes.items() if owned == seen[-1] and share > 50]
        if not above:
            break
        if above[0] in seen:
            return min(seen[seen.index(above[0]) :])
        seen.append(above[0])
    top = seen[-1]
    is_owner = any(owner == top for _, owner in stakes)
    said = sum(share for (owned, _), share in stakes.items() if owned == top)
    return top if is_owner or said > 50 else None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, stakes=STAKES)
def test_shares_and_index_equal_a_plain_evaluation(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, int | None, str]], stakes: dict[Any, int]
) -> None:
    # One owner each, so that control needs no adding up; that is tested with the landscape.
    single: dict[tuple[str, str], int] = {}
    for (owned, owner), share in stakes.items():
        if owned != owner and not any(key[0] == owned for key in single):
            single[owned, owner] = share
    with open_store(tmp_path_factory.mktemp("plain")) as store:
        for name in NAMES:
            owners = {owner: str(share) for (owned, owner), share in single.items() if owned == name}
            supplier(store, name, owners=owners)
        for at, (to, value, buyer) in enumerate(lines):
            contract(store, f"c{at}", to, buyer, **({} if value is None else {"annualValueEurocent": value}))
        found = measure_concentration(portfolio_of(store), "owner", "spend")
    known = [value for _, value, _ in lines if value is not None]
    mean = Fraction(sum(known), len(known)) if known else None
    sums: dict[str, Fraction] = defaultdict(Fraction)
    apart: dict[str, Fraction] = defaultdict(Fraction)
    for to, value, _ in lines:
        owner = plain_owner(to, single)
        (apart if owner is None else sums)[owner or to] += value if value is not None else (mean or 0)
    total = sum(sums.values()) + sum(apart.values())
    assert found.unsized_count == len(lines) - len(known)
    if not total:
        assert found.hhi_low is None
        return
    assert shares_of(found) == {name: amount / total for name, amount in sums.items()}
    assert found.hhi_low == 10_000 * sum((x / total) ** 2 for x in [*sums.values(), *apart.values()])
    assert found.hhi_high == 10_000 * sum((x / total) ** 2 for x in [*sums.values(), sum(apart.values())])
    assert found.hhi_low <= found.hhi_high <= 10_000
