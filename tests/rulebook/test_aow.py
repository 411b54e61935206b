"""AOW: the age by birth date and the amounts that are published; what no source has is asked for."""

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

LAW = "algemene_ouderdomswet"
RULEBOOK = Library.load([rulebook_folder()])
OLD = {"geboortedatum": "1950-01-01", "niet_verzekerde_jaren": 0}


def test_every_published_age(rulebook: Library, published: Callable[[str], dict[str, Any]]) -> None:
    found = published("aow")["age"]
    rows = [(row["inputs"]["birth_date"], row["expected"]) for row in found["outcomes"]]
    assert len(rows) == 4
    for cohort in found["parameters"]["aow_age_by_birth_cohort"]["value"]:
        rows += [(cohort["born_from"], cohort), (cohort["born_to"], cohort)]
    for born, age in rows:
        months = ask(rulebook, LAW, "aow_leeftijd_in_maanden", "2026-01-01", [{"geboortedatum": born}])
        assert months == age["years"] * 12 + age["months"], born
        if "reached_in" in age:
            day = ask(rulebook, LAW, "aow_datum", "2026-01-01", [{"geboortedatum": born}])
            assert str(day)[:4] == str(age["reached_in"]), born


def household(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [OLD] if row["inputs"]["household"] == "single" else couple(OLD, OLD)


def test_every_published_gross_amount(rulebook: Library, published: Callable[[str], dict[str, Any]]) -> None:
    rows = [row for year, found in published("aow").items() if year != "age" for row in found["outcomes"]]
    outputs = {"gross": "aow_pensioen_per_maand", "holiday pay gross": "aow_vakantiegeld_per_maand"}
    gross = [row for row in rows if row["inputs"]["what"] in outputs]
    assert len(gross) == 14
    for row in gross:
        # Before 1 March 2024 the table of ages does not yet say that everyone born earlier has a pension.
        on = max(row["inputs"]["date"], "2024-03-01")
        amount = ask(rulebook, LAW, outputs[row["inputs"]["what"]], on, household(row))
        assert amount == cents(row["expected"]), row["inputs"]


@given(born=st.dates(date(1957, 3, 1), date(1962, 9, 30)), on=st.dates(date(2024, 1, 1), date(2030, 12, 31)))
@settings(max_examples=200)
def test_whoever_has_an_age_in_the_table_has_a_pension_from_that_day(born: date, on: date) -> None:
    months = reference.months_to_pension(born)
    assert months is not None
    total = born.month - 1 + months
    year, month = born.year + total // 12, total % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
    day = date(year, month, min(born.day, last))
    person = {"geboortedatum": born.isoformat()}
    assert ask(RULEBOOK, LAW, "heeft_aow_leeftijd", on.isoformat(), [person]) is (on >= day)


@pytest.mark.parametrize(("born", "expected"), [("1930-05-05", True), ("1957-02-28", True), ("1962-10-01", False)])
def test_outside_the_table_the_day_may_still_be_certain(rulebook: Library, born: str, expected: bool) -> None:
    assert ask(rulebook, LAW, "heeft_aow_leeftijd", "2026-11-29", [{"geboortedatum": born}]) is expected


def test_outside_the_table_the_age_is_asked_for(rulebook: Library) -> None:
    value = ask(rulebook, LAW, "aow_datum", "2026-01-01", [{"geboortedatum": "1975-01-01"}])
    assert isinstance(value, Unknown)
    assert {fact.name for fact in value.facts} == {"aow_datum_volgens_svb"}


@given(missed=st.integers(0, 60), together=st.booleans())
def test_each_missed_year_costs_two_per_cent(missed: int, together: bool) -> None:
    person = OLD | {"niet_verzekerde_jaren": missed}
    people = couple(person, OLD) if together else [person]
    full = Fraction("1103.97") if together else Fraction("1612.44")
    amount = ask(RULEBOOK, LAW, "aow_pensioen_per_maand", "2025-08-01", people)
    assert euros(amount) == reference.pension_part(full, Fraction(missed))


def test_an_amount_without_a_source_is_asked_for(rulebook: Library) -> None:
    value = ask(rulebook, LAW, "aow_pensioen_per_maand", "2026-02-01", [OLD])
    assert isinstance(value, Unknown)
    assert {fact.name for fact in value.facts} == {"bruto_pensioen_alleen_volgens_svb"}
