"""Columns give for every row the value and status that the interpreter gives for that case alone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules.columns.duck import connect
from eendracht.kernel.rules.columns.refusals import REFUSALS, NotCompiled
from eendracht.kernel.rules.outcome import Mode
from tests.kernel.rules.columns.choosing import Choices, DrawnChoices, SeededChoices
from tests.kernel.rules.columns.comparing import Difference, compare
from tests.kernel.rules.columns.random_laws import Laws, LawWriter
from tests.kernel.rules.columns.random_populations import Village, Villages

ON = date(2025, 2, 28)
MODES: tuple[Mode, ...] = ("propagate", "propagate", "error", "warn", "ignore")
SEEDS = range(*map(int, os.environ.get("EENDRACHT_SEEDS", "0:60").split(":")))
"""Which seeds are tried; a wider range is a longer hunt."""


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give an engine that keeps its tables from one population to the next."""
    with connect(threads=1) as connection:
        yield connection


@st.composite
def situations(draw: Any) -> tuple[Village, Laws, dict[str, Any], Mode]:
    """Give a population, laws for it, constant parameters and a mode."""
    return make_situation(DrawnChoices(draw), draw(st.integers(1, 3)), is_huge=False)


def make_situation(choices: Choices, size: int, *, is_huge: bool) -> tuple[Village, Laws, dict[str, Any], Mode]:
    """Make a population, laws for it, constant parameters and a mode."""
    village = Villages(choices).make()
    laws = LawWriter(choices, village, size=size, huge=is_huge).make()
    parameters = {"extra": 5} if choices.chance(30) else {}
    return village, laws, parameters, choices.pick(MODES)


def differences_of(
    engine: duckdb.DuckDBPyConnection, situation: tuple[Village, Laws, dict[str, Any], Mode], counts: Counter[str]
) -> list[Difference]:
    """Compare each output of the first law; what is refused by name is counted."""
    village, laws, parameters, mode = situation
    library = laws.library()
    found: list[Difference] = []
    for output in laws.outputs:
        try:
            differences, count, _ = compare(library, laws.law, [output], village, ON, parameters, mode, engine=engine)
        except NotCompiled as refused:
            assert refused.reason in REFUSALS
            counts["refused"] += 1
            continue
        except InvalidInput as error:
            # An input that only a parameter can give, where none does.
            assert [fault.pointer for fault in error.faults] == ["extra"]
            continue
        counts["cells"] += count
        found += differences
    return found


@pytest.mark.parametrize("is_huge", [False, True])
def test_random_laws_on_random_populations(engine: duckdb.DuckDBPyConnection, is_huge: bool) -> None:
    """Seeds rather than examples: fast enough to try many."""
    counts: Counter[str] = Counter()
    for seed in SEEDS[:: 3 if is_huge else 1]:
        choices = SeededChoices(seed)
        situation = make_situation(choices, 1 + seed % 3, is_huge=is_huge)
        assert not differences_of(engine, situation, counts), f"seed {seed}"
    assert counts["cells"] > 2 * len(SEEDS)
    assert counts["refused"] < 0.1 * counts["cells"]


@given(situation=situations())
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
def test_drawn_laws_on_drawn_populations(
    engine: duckdb.DuckDBPyConnection, situation: tuple[Village, Laws, dict[str, Any], Mode]
) -> None:
    """The same, with examples that shrink when they fail."""
    assert not differences_of(engine, situation, Counter())
