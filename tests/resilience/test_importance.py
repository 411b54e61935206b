"""What weighs most and what hides, against a plain evaluation of the same requirements that shares no code."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.kernel.store import Store
from eendracht.resilience.importance import (
    find_common_parents,
    find_order_one,
    find_order_two,
    list_causes,
    list_suppliers,
    list_untested_reliance,
    plan_cold_start,
    rank_importance,
)
from tests.kernel.deliveries import put
from tests.resilience.small import open_store, portfolio_of, supplier

NAMES = "vwxyz"
GROUP = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).flatmap(
    lambda members: st.tuples(st.just(members), st.integers(1, len(members)), st.booleans())
)
SERVICES = st.lists(
    st.tuples(st.lists(GROUP, min_size=1, max_size=2), st.booleans(), st.one_of(st.none(), st.integers(0, 99))),
    min_size=1,
    max_size=4,
)


def fill(store: Store, services: list[tuple[list[tuple[list[str], int, bool]], bool, int | None]]) -> None:
    """Record five suppliers with an application each, and services with groups of these."""
    for name in NAMES:
        supplier(store, name)
        put(store, f"application:gm0114/{name}", operatedBy=f"supplier:gm0114/{name}")
    for at, (groups, is_critical, uses) in enumerate(services):
        said = [
            {
                "k": k,
                "members": [
                    {"provider": f"application:gm0114/{name}"} | ({"testedOn": "2026-01-01"} if tested else {})
                    for name in members
                ],
            }
            for members, k, tested in groups
        ]
        spec = {} if uses is None else {"usesPerDay": uses}
        level = "critical" if is_critical or at == 0 else "normal"
        put(store, f"public-service:gm0114/s{at}", criticality=level, requirementGroups=said, **spec)


def stops(groups: list[tuple[list[str], int, bool]], down: set[str], *, trusted: bool = True) -> bool:
    """Tell whether a service stops; what is not trusted counts only among the first k, or when tested."""
    for members, k, tested in groups:
        counting = members if trusted or tested else members[:k]
        if len([name for name in counting if name not in down]) < k:
            return True
    return False


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(services=SERVICES)
def test_importance_and_cut_sets_equal_a_plain_evaluation(
    tmp_path_factory: pytest.TempPathFactory,
    services: list[tuple[list[tuple[list[str], int, bool]], bool, int | None]],
) -> None:
    with open_store(tmp_path_factory.mktemp("importance")) as store:
        fill(store, services)
        portfolio = portfolio_of(store)
        ranking = {item.party[-1]: item for item in rank_importance(portfolio)}
        causes = list_suppliers(portfolio)
        ones = {
            portfolio.landscape.things[node].ref[-1]: {cause.ref[-1] for cause in held}
            for node, held in find_order_one(portfolio, causes).items()
        }
        twos = {
            portfolio.landscape.things[node].ref[-1]: {
                frozenset((first.ref[-1], second.ref[-1])) for first, second in find_order_two(portfolio, node, causes)
            }
            for node in portfolio.critical
        }
    critical = [at for at, (_, flag, _) in enumerate(services) if flag or at == 0]
    for name in NAMES:
        for trusted in (True, False):
            lost = [at for at, (groups, _, _) in enumerate(services) if stops(groups, {name}, trusted=trusted)]
            loss = ranking[name].trusted if trusted else ranking[name].untrusted
            assert loss.critical == len([at for at in lost if at in critical])
            assert loss.citizen_hours == sum(services[at][2] or 0 for at in lost)
            assert loss.unsized == sum(services[at][2] is None for at in lost)
    for at in critical:
        alone = {name for name in NAMES if stops(services[at][0], {name})}
        left = sorted(set(NAMES) - alone)
        assert ones[str(at)] == alone
        assert twos[str(at)] == {frozenset(pair) for pair in combinations(left, 2) if stops(services[at][0], set(pair))}


def test_what_hides_behind_alternatives_is_found(tmp_path: Path) -> None:
    """Login by a or b: both in one data centre, of suppliers with one owner, under the law of one country."""
    with open_store(tmp_path) as store:
        supplier(store, "parent", jurisdiction="US")
        supplier(store, "x", owners={"parent": "100"}, jurisdiction="US")
        supplier(store, "y", owners={"parent": "100"}, jurisdiction="US")
        put(store, "facility:gm0114/dc", type="data-centre")
        for name, by in (("a", "x"), ("b", "y")):
            put(store, f"platform:gm0114/{name}", locatedIn=["facility:gm0114/dc"], operatedBy=f"supplier:gm0114/{by}")
        put(store, "platform:gm0114/c")
        login = {"label": "login", "members": [{"provider": f"platform:gm0114/{name}"} for name in "ab"]}
        store_group = {"label": "opslag", "members": [{"provider": f"platform:gm0114/{name}"} for name in "bc"]}
        put(store, "public-service:gm0114/s", criticality="critical", requirementGroups=[login, store_group])
        found = find_common_parents(portfolio_of(store))
    assert {(item.label, item.parent.rpartition("/")[2], item.parent_kind) for item in found} == {
        ("login", "dc", "facility"),
        ("login", "parent", "supplier"),
        ("login", "US", "jurisdiction"),
    }
    assert all(item.taken == ("platform:gm0114/a", "platform:gm0114/b") for item in found)


def test_untested_alternatives_are_shown_both_ways(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, [([(["v", "w"], 1, False)], True, 10), ([(["x", "y"], 1, True)], True, 10)])
        portfolio = portfolio_of(store)
        found = list_untested_reliance(portfolio)
        assert {cause.ref for cause in list_causes(portfolio)} == set()
    assert [(item.party[-1], item.services) for item in found] == [("v", ("public-service:gm0114/s0",))]


def test_circles_that_cannot_start_are_found(tmp_path: Path) -> None:
    """DNS, identity and PKI keep each other going; a server that needs DNS to start is no part of the circle."""
    with open_store(tmp_path) as store:
        for name, needs in (("dns", "identity"), ("identity", "pki"), ("pki", "dns"), ("server", "dns")):
            put(store, f"component:gm0114/{name}", requiresToStart=[f"component:gm0114/{needs}"])
        found = plan_cold_start(portfolio_of(store))
    circles = [sorted(ref.rpartition("/")[2] for ref in circle) for circle in found.circles]
    assert circles == [["dns", "identity", "pki"]]
    # Whichever of the three is started by hand, the next follows, and so on.
    assert (len(found.by_hand), found.is_smallest, found.never) == (1, True, ())
    assert set(found.by_hand) <= set(found.circles[0])
