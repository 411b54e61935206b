"""Shared causes against one cascade per candidate, and on a login whose alternatives share a data centre."""

from __future__ import annotations

import random

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import EstateBuilder, SharedCause, find_shared_causes, list_scenarios
from tests.kernel.estate.cases import draw_case
from tests.kernel.estate.test_cut_sets import draw_redundant_case, list_failing


@pytest.mark.parametrize("unknown", ["best", "worst"])
def test_equals_one_cascade_per_candidate(unknown: Unknown) -> None:
    total = 0
    for number in range(300):
        case = draw_redundant_case(number) if number % 2 else draw_case(700_000 + number, switches=False, unknown=True)
        chance = random.Random(number)
        estate = case.build()
        sets = [[name] for name in case.nodes] + [chance.sample(case.nodes, 2) for _ in range(5)]
        packed = list_scenarios([[estate.locate(name) for name in names] for names in sets])
        found = find_shared_causes(estate, unknown=unknown, candidates=packed)
        got = {
            (
                int(estate.run.source[one.group]),
                one.candidate,
                frozenset(estate.names[m] for m in one.members),
                one.stops,
            )
            for one in found
        }
        expected = set()
        for candidate, names in enumerate(sets):
            down = list_failing(case, names, unknown == "worst")
            for place, group in enumerate(case.groups):
                members = [member.provider for member in group.members]
                lost = [name for name in members if name in down]
                known = frozenset(name for name in lost if name in case.nodes)
                if group.phase == "run" and group.k < len(members) and len(known) > 1:
                    expected.add((place, candidate, known, len(members) - len(lost) < group.k))
        assert got == expected
        total += len(expected)
    assert total > 1_000


def test_alternatives_that_share_a_data_centre() -> None:
    builder = EstateBuilder()
    for name in ("data centre", "digid", "eherkenning", "eidas", "login", "elsewhere"):
        builder.add_node(name)
    builder.add_group("digid", ["data centre"])
    builder.add_group("eherkenning", ["data centre"])
    builder.add_group("eidas", ["elsewhere"])
    builder.add_group("login", ["digid", "eherkenning", "eidas"], k=2)
    estate = builder.build()
    assert find_shared_causes(estate, unknown="best") == [SharedCause(3, 0, (1, 2), True)]
    with pytest.raises(InvalidInput):
        find_shared_causes(estate, unknown="best", candidates=list_scenarios([[8]]))
