"""Alternatives for an estate of records, against every choice there is, worked out without the product."""

from __future__ import annotations

from itertools import chain, combinations
from pathlib import Path

from eendracht.kernel.store import Store
from eendracht.resilience.alternatives import extend_estate, list_alternatives, plan_alternatives
from eendracht.resilience.cover import solve_exactly
from eendracht.resilience.importance import find_order_one, list_causes
from tests.kernel.deliveries import put
from tests.resilience.small import contract, open_store, portfolio_of, supplier


def application(store: Store, name: str, by: str, **spec: object) -> str:
    ref = f"application:gm0114/{name}"
    put(store, ref, tags=["zaken"], hosting="saas", suppliedBy=f"supplier:gm0114/{by}", **spec)
    return ref


def order_one(store: Store, service: str) -> set[str]:
    portfolio = portfolio_of(store)
    found = find_order_one(portfolio, list_causes(portfolio))
    return {cause.ref.rpartition("/")[2] for cause in found[portfolio.landscape.locate(service)]}


def redundant(store: Store, *applications: str) -> str:
    members = [{"provider": f"application:gm0114/{name}"} for name in applications]
    put(store, "public-service:gm0114/s", criticality="critical", requirementGroups=[{"members": members}])
    return "public-service:gm0114/s"


def test_only_an_independent_second_member_takes_the_supplier_out(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        supplier(store, "parent")
        supplier(store, "x", owners={"parent": "100"})
        supplier(store, "sister", owners={"parent": "60"})
        supplier(store, "other")
        supplier(store, "bystander", owners={"parent": "100"})
        for name, by in (("a", "x"), ("b", "sister"), ("c", "other")):
            application(store, name, by)
        assert order_one(store, redundant(store, "a")) == {"a", "x", "parent"}
        assert order_one(store, redundant(store, "a", "b")) == {"x", "sister", "parent"}
        assert order_one(store, redundant(store, "a", "c")) == set()


def fill(store: Store) -> None:
    """Fill a store: s needs a and b of x; t needs a; y, z and x2, of the parent of x, offer the same."""
    supplier(store, "parent")
    supplier(store, "x", owners={"parent": "100"})
    supplier(store, "x2", owners={"parent": "100"})
    supplier(store, "y", owners={"holding": "100"})
    supplier(store, "holding")
    supplier(store, "z")
    a, b = application(store, "a", "x"), application(store, "b", "x")
    for name, by, value in (("p", "y", 500), ("q", "z", None), ("r", "x2", 1)):
        covered = application(store, name, by)
        contract(store, name, by, covers=[covered], **({} if value is None else {"annualValueEurocent": value}))
    contract(store, "p2", "y", covers=["application:gm0114/p", "application:gm0114/q"], annualValueEurocent=601)
    put(store, "public-service:gm0114/s", criticality="critical", requires=[a, b])
    put(store, "public-service:gm0114/t", criticality="critical", requires=[a])


def test_offers_are_independent_and_priced_by_what_others_pay(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store)
        portfolio = portfolio_of(store)
        found = list_alternatives(portfolio, portfolio.landscape.locate("application:gm0114/a"))
    # y: 601 for two things is 301 each, rounded up; z never has a price; x2 belongs to the parent of x.
    assert [(item.party[-1], item.cost_eurocent, item.is_owner_known) for item in found] == [
        ("y", 301, True),
        ("z", None, False),
    ]


def test_two_stand_ins_are_needed_where_one_supplier_comes_in_by_two_ways(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store)
        portfolio = portfolio_of(store)
        plan = plan_alternatives(portfolio, solve_exactly)
        chosen = {(portfolio.landscape.things[item.thing].ref[-1], item.party[-1]) for item in plan.chosen}
        assert chosen == {("a", "y"), ("b", "y")}
        assert (plan.cost_eurocent, plan.unknown_costs, plan.bound_eurocent, plan.is_optimal) == (602, 0, 602, True)
        assert plan.hopeless == [] and plan.greedy_cost_eurocent == 602
        causes = list_causes(portfolio)
        before = find_order_one(portfolio, causes)
        after = find_order_one(portfolio, causes, extend_estate(portfolio, plan.chosen))
    assert all(before.values()) and not any(after.values())


def test_the_plan_is_the_cheapest_of_all_that_an_extended_estate_confirms(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store)
        portfolio = portfolio_of(store)
        causes = list_causes(portfolio)
        things = [portfolio.landscape.locate(f"application:gm0114/{name}") for name in "ab"]
        offers = [item for thing in things for item in list_alternatives(portfolio, thing)]
        plan = plan_alternatives(portfolio, solve_exactly)
        every = chain.from_iterable(combinations(offers, size) for size in range(len(offers) + 1))
        enough = [c for c in every if not any(find_order_one(portfolio, causes, extend_estate(portfolio, c)).values())]
    best = min((sum(o.cost_eurocent is None for o in c), sum(o.cost_eurocent or 0 for o in c)) for c in enough)
    assert (plan.unknown_costs, plan.cost_eurocent) == best


def test_pairs_are_removed_too_where_it_is_asked(tmp_path: Path) -> None:
    """s has one thing a of x with offers of y and z: alone y is enough, against pairs x and y both are needed."""
    with open_store(tmp_path) as store:
        for name in "xyz":
            supplier(store, name)
        a = application(store, "a", "x")
        for name, by, value in (("p", "y", 5), ("q", "z", 7)):
            contract(store, name, by, covers=[application(store, name, by)], annualValueEurocent=value)
        put(store, "public-service:gm0114/s", criticality="critical", requires=[a])
        portfolio = portfolio_of(store)
        one, two = (plan_alternatives(portfolio, solve_exactly, order) for order in (1, 2))
    assert ([item.party[-1] for item in one.chosen], one.cost_eurocent) == (["y"], 5)
    assert ([item.party[-1] for item in two.chosen], two.cost_eurocent) == (["y", "z"], 12)


def test_what_has_no_alternative_is_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        supplier(store, "x")
        a = application(store, "a", "x")
        put(store, "public-service:gm0114/s", criticality="critical", requires=[a])
        plan = plan_alternatives(portfolio_of(store), solve_exactly)
    assert plan.chosen == [] and plan.removed == 0
    assert {(causes[0][-1], service) for causes, service in plan.hopeless} == {
        ("a", "public-service:gm0114/s"),
        ("x", "public-service:gm0114/s"),
    }
