"""Every given law of the service-based format over random populations, row by row as the cases say."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.kernel.rules import Library, ir
from eendracht.kernel.rules.columns import duck
from eendracht.kernel.rules.columns.lax_assumed import assume_lax_run
from eendracht.kernel.rules.columns.refusals import Refused
from tests.kernel.rules.columns.lax_comparing import Tally, compare_law, make_world

ON = date(2025, 3, 1)

REFUSED: dict[str, str] = {}
"""Outputs that do not compile on a tidy population, each with its code. The list may only become shorter."""

REFUSED_WITHOUT_DATA = {"KIESRAAD.kieswet.heeft_stemrecht": "date-by-subject"}
"""Outputs whose query needs to see the tables first; the list may only become shorter."""


@pytest.fixture(scope="module")
def laws(request: pytest.FixtureRequest) -> Library:
    shared: Callable[..., Path] = request.getfixturevalue("shared")
    return Library.load([shared("reference", "services", "poc-machine-law", "laws")])


def day_of(law: ir.Regulation) -> date:
    return max(ON, law.valid_from or ON)


def compare(library: Library, law: ir.Regulation, seed: int, people: int, tally: Tally, *, is_tidy: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, duck.working(threads=1) as connection:
        world = make_world(connection, library, law, Path(folder), seed, people, is_tidy=is_tidy)
        compare_law(connection, library, law, day_of(law), world, tally)


@pytest.mark.slow
def test_every_law_on_tidy_people(laws: Library) -> None:
    """Each output of each law compiles, or stands in the list of what is refused."""
    tally = Tally()
    for number, law in enumerate(laws):
        compare(laws, law, number, 4, tally, is_tidy=True)
    assert {name: reason.partition(":")[0] for name, reason in tally.refused.items()} == REFUSED
    assert len(laws.regulations) >= 48
    assert tally.compared >= 4 * 200


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.integers(0, 47), seed=st.integers(0, 10**6))
def test_any_law_on_untidy_people(laws: Library, at: int, seed: int) -> None:
    """Nulls, absent and repeated rows, texts that are no date, large numbers."""
    compare(laws, list(laws)[at], seed, 4, Tally(), is_tidy=False)


def test_queries_without_a_population(laws: Library) -> None:
    refused = {}
    for law in laws:
        names = [action.output for action in law.articles[0].actions]
        try:
            run = assume_lax_run(laws, law.id, names, day_of(law), {}, law.service)
        except Refused as error:
            refused |= {f"{law.service}.{law.id}.{name}": error.code for name in names}
        else:
            assert "WITH " in run.text
    assert refused == REFUSED_WITHOUT_DATA
