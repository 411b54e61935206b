"""Solving it together: who is asked, how costs are shared, who may propose, and what may follow."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, parse_roles
from eendracht.kernel.errors import Conflict, Denied, InvalidInput, NotFound
from eendracht.kernel.store import Store
from eendracht.resilience.collective import (
    Proposal,
    Stake,
    change_status,
    list_shared,
    list_solutions,
    propose_solution,
    share_costs,
)
from eendracht.resilience.exposure import Portfolio
from tests.contract.engines import EDE, EDITOR, EMMEN, SECURITY
from tests.kernel.deliveries import put
from tests.resilience.small import ASSEN, open_store, portfolio_of, supplier

POINT = "supplier:gm0114/x"
INSPECTOR = Principal("inspector", parse_roles([f"security@{EDE}", f"editor@{EDE}", f"auditor@{EMMEN}"]))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store in which x runs a platform for all: Emmen has two critical services on it, Ede and Assen one."""
    with open_store(tmp_path_factory.mktemp("collective")) as store:
        put(store, EMMEN, EMMEN, level="public", inhabitants=107_000, type="municipality")
        put(store, EDE, EDE, level="public", inhabitants=121_000, type="municipality")
        supplier(store, "x")
        put(store, "platform:gm0114/p", operatedBy=POINT, level="government")
        services = (("a", EMMEN, 100), ("b", EMMEN, 200), ("c", EDE, 600), ("d", ASSEN, None))
        for name, owner, uses in services:
            put(
                store,
                f"public-service:gm0114/{name}",
                owner,
                level="government",
                criticality="critical",
                requires=["platform:gm0114/p"],
                **({} if uses is None else {"usesPerDay": uses}),
            )
        yield store


def test_a_shared_weak_point_names_what_each_has_hanging_on_it(store: Store) -> None:
    found = {point.ref: point for point in list_shared(portfolio_of(store))}
    assert set(found) == {POINT, "platform:gm0114/p"}
    assert found[POINT].stakes == (Stake(ASSEN, 1, None), Stake(EMMEN, 2, 300), Stake(EDE, 1, 600))
    assert (found[POINT].services, found[POINT].citizen_hours) == (4, None)
    assert list_shared(portfolio_of(store, PUBLIC)) == []


def test_costs_are_shared_by_each_key_and_add_up_to_one(store: Store) -> None:
    portfolio = portfolio_of(store)
    stakes = next(point for point in list_shared(portfolio) if point.ref == POINT).stakes
    equal = share_costs(portfolio, stakes, "equal")
    assert sorted(equal.values()) == [Decimal("0.33333"), Decimal("0.33333"), Decimal("0.33334")]
    assert share_costs(portfolio, stakes, "services") == {
        EMMEN: Decimal("0.5"),
        EDE: Decimal("0.25"),
        ASSEN: Decimal("0.25"),
    }
    two = [stake for stake in stakes if stake.organisation != ASSEN]
    # 107,000 and 121,000 of 228,000.
    assert share_costs(portfolio, two, "inhabitants") == {EMMEN: Decimal("0.46930"), EDE: Decimal("0.53070")}
    assert share_costs(portfolio, two, "citizen-hours") == {EMMEN: Decimal("0.33333"), EDE: Decimal("0.66667")}
    for key in ("inhabitants", "citizen-hours"):
        with pytest.raises(InvalidInput) as caught:
            share_costs(portfolio, [*stakes, Stake("organisation:gm9999", 1, None)], key)
        assert [fault.code for fault in caught.value.faults] == ["share-unknown"] * 2


@pytest.fixture(scope="module")
def portfolio(store: Store) -> Portfolio:
    """Give what is supplied to whom, as the operator sees it."""
    return portfolio_of(store)


@given(weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=60).filter(any))
def test_shares_are_one_together_whatever_the_weights(portfolio: Portfolio, weights: list[int]) -> None:
    stakes = [Stake(f"organisation:gm{1000 + at}", 1, weight) for at, weight in enumerate(weights)]
    shares = share_costs(portfolio, stakes, "citizen-hours")
    assert sum(shares.values()) == 1
    total = sum(weights)
    for at, weight in enumerate(weights):
        share = shares[f"organisation:gm{1000 + at}"]
        assert 0 <= share <= 1 and abs(share * total - weight) * 100_000 <= total


def test_only_who_edits_and_sees_what_is_restricted_may_propose_and_change(store: Store) -> None:
    portfolio = portfolio_of(store, SECURITY)
    proposal = Proposal(EMMEN, POINT, "services", cost_eurocent=1_000_000)
    for asker in (EDITOR, INSPECTOR, PUBLIC, Principal("person/0001", parse_roles([f"editor@{EMMEN}"]))):
        with pytest.raises(Denied):
            propose_solution(store, asker, portfolio, proposal)
    with pytest.raises(NotFound):
        propose_solution(store, SECURITY, portfolio, Proposal(EMMEN, "application:gm0114/none", "equal"))
    with pytest.raises(InvalidInput):
        propose_solution(store, SECURITY, portfolio, Proposal(EMMEN, POINT, "citizen-hours"))
    written = propose_solution(store, SECURITY, portfolio, proposal)
    record = store.get(written.ref, SECURITY)
    spec = record.spec(store.registry)
    assert record.data["confidentiality"]["level"] == "restricted"
    assert (spec["cutSetsRemoved"], "citizenHoursRemoved" in spec, spec["costKey"]) == (4, False, "services")
    assert sum(Decimal(item["share"]) for item in spec["participants"]) == 1
    assert list_solutions(store, EDITOR) == [] and list_solutions(store, PUBLIC) == []
    with pytest.raises(Conflict):
        propose_solution(store, SECURITY, portfolio, proposal)
    # One that may see it but not write, and one to whom it is not there.
    with pytest.raises(Denied):
        change_status(store, INSPECTOR, written.ref, "in-preparation", 1)
    with pytest.raises(NotFound):
        change_status(store, EDITOR, written.ref, "in-preparation", 1)
    with pytest.raises(InvalidInput) as caught:
        change_status(store, SECURITY, written.ref, "in-use", 1)
    assert caught.value.faults[0].code == "status-cannot-follow"
    change_status(store, SECURITY, written.ref, "in-preparation", 1)
    with pytest.raises(Conflict):
        change_status(store, SECURITY, written.ref, "agreed", 1)
    change_status(store, SECURITY, written.ref, "agreed", 2)
    assert store.get(written.ref, OPERATOR).spec(store.registry)["decidedOn"] == "2026-11-23"
    with pytest.raises(NotFound):
        change_status(store, SECURITY, EMMEN, "agreed", 1)
