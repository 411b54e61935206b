"""Child benefit and child budget: the published amounts, and any other case as the law in plain Python says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.rules import Library
from eendracht.kernel.rules.values import Unknown
from eendracht.rulebook import rulebook_folder
from tests.rulebook import reference
from tests.rulebook.people import ask, cents, couple, euros

BENEFIT = "algemene_kinderbijslagwet"
BUDGET = "wet_op_het_kindgebonden_budget"
GROUPS = {"0-5": "tot_6_jaar", "6-11": "6_tot_12_jaar", "12-17": "12_tot_18_jaar"}
RULEBOOK = Library.load([rulebook_folder()])


def with_children(groups: list[str]) -> dict[str, Any]:
    return {f"aantal_kinderen_{name}": groups.count(group) for group, name in GROUPS.items()}


def day_of(row: dict[str, Any], year: str) -> str:
    stated = row.get("valid_from", f"{year}-07-01")
    return f"{year}-07-01" if stated.startswith("second half") else stated


def test_every_published_child_benefit(rulebook: Library, published: Callable[[str], dict[str, Any]]) -> None:
    rows = [(year, row) for year, found in published("kinderbijslag").items() for row in found["outcomes"]]
    assert len(rows) == 13
    for year, row in rows:
        groups = row["inputs"].get("children_age_groups") or [row["inputs"]["age_group"]]
        amount = ask(rulebook, BENEFIT, "kinderbijslag_per_kwartaal", day_of(row, year), [with_children(groups)])
        assert amount == cents(row["expected"]), row


@given(
    on=st.sampled_from(sorted(reference.CHILD_BASE)),
    born=st.dates(min_value=date(2003, 1, 1), max_value=date(2023, 6, 30)),
    months=st.integers(0, 5),
)
@settings(max_examples=200)
def test_any_child_as_the_law_in_plain_python_says(on: str, born: date, months: int) -> None:
    day = date.fromisoformat(on)
    day = day.replace(month=day.month + months, day=28)
    start = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    age = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
    amount = ask(RULEBOOK, BENEFIT, "kinderbijslag_voor_kind", day.isoformat(), [{"geboortedatum": born.isoformat()}])
    assert euros(amount) == reference.child_benefit(reference.CHILD_BASE[on], age)


@pytest.mark.parametrize("on", ["2024-03-01", "2025-07-01", "2027-01-01"])
def test_a_half_year_without_a_source_asks_for_the_amount(rulebook: Library, on: str) -> None:
    value = ask(rulebook, BENEFIT, "kinderbijslag_per_kwartaal", on, [with_children(["0-5"])])
    assert isinstance(value, Unknown)
    assert {fact.name for fact in value.facts} == {"basiskinderbijslagbedrag_volgens_svb"}
    stated = with_children(["0-5"]) | {"basiskinderbijslagbedrag_volgens_svb": 400_00}
    assert euros(ask(rulebook, BENEFIT, "kinderbijslag_per_kwartaal", on, [stated])) == 280


def budget_year(year: int) -> reference.ChildBudgetYear:
    """Give the figures of a year; where sources disagree or have none (see `decided`) the numbers are made up."""
    if year == 2025:
        return reference.ChildBudgetYear(2511, 703, 936, 3389, 28406, 37_000, Fraction("0.071"), 141896, 179429)
    return reference.ChildBudgetYear(2_500, 700, 900, 3_400, 29736, 39141, Fraction("0.076"), 146011, 184633)


def decided(year: int) -> dict[str, int]:
    """Give what must come from a decision, for no source has it or sources disagree; the numbers are made up."""
    known = budget_year(year)
    if year == 2025:
        return {"inkomensgrens_samen": known.threshold_partner * 100}
    return {
        "bedrag_per_kind": known.each * 100,
        "verhoging_12_tot_16_jaar": known.from_12 * 100,
        "verhoging_16_tot_18_jaar": known.from_16 * 100,
        "verhoging_alleenstaande_ouder": known.single_parent * 100,
    }


def test_the_figures_of_the_child_budget_are_the_published_ones(published: Callable[[str], dict[str, Any]]) -> None:
    years = published("kindgebonden_budget")
    known = budget_year(2025)
    parameters = years["2025"]["parameters"]
    assert known.each == parameters["max_per_child"]["value"]
    assert (known.from_12, known.from_16) == (
        parameters["supplement_12_15"]["value"],
        parameters["supplement_16_17"]["value"],
    )
    assert known.phase_out == Fraction(str(parameters["phase_out_pct"]["value"]))
    assert known.threshold_single == parameters["threshold_single"]["value"]
    later = years["2026"]["parameters"]
    assert budget_year(2026).threshold_partner == later["threshold_partner"]["value"]
    assert budget_year(2026).threshold_single == later["threshold_single"]["value"]
    assert budget_year(2026).phase_out == Fraction(str(later["phase_out_pct"]["value"]))


def test_the_published_changes_from_2024_to_2025(published: Callable[[str], dict[str, Any]]) -> None:
    years = published("kindgebonden_budget")
    before = years["2024"]["parameters"]
    changes = {row["inputs"]["what"]: row["expected"] for row in years["2025"]["outcomes"]}
    one = {"aantal_kinderen": 1, "aantal_kinderen_12_tot_16_jaar": 0, "aantal_kinderen_16_tot_18_jaar": 0}
    parts = {}
    for label, people in (("couple", couple(one | decided(2025), {})), ("single", [one])):
        parts[label] = euros(ask(RULEBOOK, BUDGET, "maximum_kindgebonden_budget", "2025-01-01", people))
    assert parts["couple"] == before["max_first_child"]["value"] + changes["maximum per child"]
    assert parts["single"] - parts["couple"] == (
        before["single_parent_supplement"]["value"] + changes["single parent supplement"]
    )


@given(
    year=st.sampled_from([2025, 2026]),
    income=st.integers(0, 120_000_00),
    counts=st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)),
    wealth=st.integers(0, 190_000_00),
    has_partner=st.booleans(),
)
@settings(max_examples=200)
def test_any_child_budget_as_the_law_in_plain_python_says(
    year: int, income: int, counts: tuple[int, int, int], wealth: int, has_partner: bool
) -> None:
    young, middle, old = counts
    person = {
        "loon_uit_dienstbetrekking": income,
        "spaargeld": wealth,
        "aantal_kinderen": young + middle + old,
        "aantal_kinderen_12_tot_16_jaar": middle,
        "aantal_kinderen_16_tot_18_jaar": old,
        **decided(year),
    }
    people = couple(person, {}) if has_partner else [person]
    expected = reference.child_budget(
        budget_year(year),
        Fraction(income, 100),
        young + middle + old,
        middle,
        old,
        has_partner=has_partner,
        wealth=Fraction(wealth, 100),
    )
    assert euros(ask(RULEBOOK, BUDGET, "hoogte_kindgebonden_budget", f"{year}-01-01", people)) == expected


def test_a_figure_on_which_sources_disagree_is_asked_for(rulebook: Library) -> None:
    person = {"aantal_kinderen": 1, "aantal_kinderen_12_tot_16_jaar": 0, "aantal_kinderen_16_tot_18_jaar": 0}
    value = ask(rulebook, BUDGET, "hoogte_kindgebonden_budget", "2026-01-01", [person])
    assert isinstance(value, Unknown)
    assert {fact.name for fact in value.facts} == {"bedrag_per_kind", "verhoging_alleenstaande_ouder"}
