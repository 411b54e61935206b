"""Single points of failure against trying every node."""

from __future__ import annotations

import pytest

from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import EstateBuilder, find_single_points
from tests.kernel.estate.cases import Case, draw_case
from tests.kernel.estate.reference import INFINITE, solve_least_times


def failing(case: Case, node: str | None, unresolved_fail: bool) -> set[str]:
    """Give what fails by the formula; a lone extra node stands for `no seed`."""
    lone = Case([*case.nodes, "nobody"], case.groups, [(node or "nobody", 0, None)])
    times = solve_least_times(lone, unresolved_fail=unresolved_fail)
    return {name for name, moment in times.items() if moment < INFINITE and name != "nobody"}


@pytest.mark.parametrize("unknown", ["best", "worst"])
def test_equals_trying_every_node(unknown: Unknown) -> None:
    total = 0
    for number in range(500):
        case = draw_case(90_000 + number, switches=False, unknown=number % 3 == 0)
        critical = set(case.nodes[-2 - number % 3 :])
        estate = case.build(critical=frozenset(critical))
        found = find_single_points(estate, unknown=unknown)
        alone = failing(case, None, True) if unknown == "worst" else set()
        assert {estate.names[node] for node in found.exposed} == critical & alone
        expected = {
            node
            for node in case.nodes
            if node not in alone and (failing(case, node, unknown == "worst") & (critical - alone - {node}))
        }
        assert {estate.names[node] for node in found.nodes} == expected
        total += len(expected)
    assert total > 500


def test_a_hidden_parent_of_both_alternatives_is_found() -> None:
    builder = EstateBuilder()
    for name in ("data centre", "digid", "eherkenning", "elsewhere", "desk"):
        builder.add_node(name)
    builder.add_node("login", critical=True)
    builder.add_group("digid", ["data centre"])
    builder.add_group("eherkenning", ["data centre"])
    builder.add_group("login", ["digid", "eherkenning"], k=1)
    builder.add_group("desk", ["elsewhere"])
    estate = builder.build()
    assert [estate.names[node] for node in find_single_points(estate, unknown="best").nodes] == ["data centre"]
