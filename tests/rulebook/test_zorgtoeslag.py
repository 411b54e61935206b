"""Zorgtoeslag: every published row and limit of 2024 to 2026, and any other case as the law in plain Python says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.rules import Case, Library, Register, evaluate
from eendracht.kernel.rules.failures import RuleFailure
from eendracht.kernel.rules.library import NoSuchRule
from eendracht.kernel.rules.values import Unknown
from eendracht.rulebook import rulebook_folder
from tests.rulebook import reference
from tests.rulebook.people import PERSON, ask, couple, euros

LAW = "wet_op_de_zorgtoeslag"
YEARS = sorted(reference.CARE)
RULEBOOK = Library.load([rulebook_folder()])


def household(has_partner: bool, income: Any) -> list[dict[str, Any]]:
    wage = {"loon_uit_dienstbetrekking": income if isinstance(income, int) else 0}
    wage["loon_uit_dienstbetrekking"] *= 100
    return couple(wage, {}) if has_partner else [wage]


@pytest.mark.parametrize("year", YEARS)
def test_every_published_row(rulebook: Library, published: Callable[[str], dict[str, Any]], year: int) -> None:
    rows = published("zorgtoeslag")[str(year)]["outcomes"]
    assert rows
    for row in rows:
        people = household(row["inputs"]["partner"], row["inputs"]["income"])
        month = ask(rulebook, LAW, "maandbedrag", f"{year}-01-01", people)
        assert euros(month) == row["expected"], row["inputs"]


@pytest.mark.parametrize("year", YEARS)
def test_the_published_maximum_incomes(
    rulebook: Library, published: Callable[[str], dict[str, Any]], year: int
) -> None:
    parameters = published("zorgtoeslag")[str(year)]["parameters"]
    for name, has_partner in (("max_income_single", False), ("max_income_partner", True)):
        highest = parameters[name]["value"]
        for income, is_entitled in ((highest, True), (highest + 1, False)):
            people = household(has_partner, income)
            assert ask(rulebook, LAW, "heeft_recht_op_zorgtoeslag", f"{year}-07-01", people) is is_entitled


def test_the_table_of_2025_that_the_press_printed(rulebook: Library, shared: Callable[..., Path]) -> None:
    table = json.loads(
        shared("reference", "services", "official", "zorgtoeslag_2025_published.json").read_text(encoding="utf-8")
    )
    for key, has_partner in (("single", False), ("partner", True)):
        for income, month in table[key].items():
            people = household(has_partner, int(income))
            assert euros(ask(rulebook, LAW, "maandbedrag", "2025-01-01", people)) == month
    limits = table["limits"]
    for key, has_partner in (("single", False), ("partner", True)):
        highest = ask(rulebook, LAW, "maandbedrag", "2025-01-01", household(has_partner, 0))
        assert euros(highest) == limits[f"max_{key}_per_month"]
        people = household(has_partner, 0)
        people[0]["spaargeld"] = limits[f"wealth_{key}_eur"] * 100
        people[0]["voordeel_uit_sparen_en_beleggen"] = 0
        assert ask(rulebook, LAW, "heeft_recht_op_zorgtoeslag", "2025-01-01", people) is True
        people[0]["spaargeld"] += 1
        assert ask(rulebook, LAW, "heeft_recht_op_zorgtoeslag", "2025-01-01", people) is False


@pytest.mark.parametrize("year", YEARS)
def test_the_figures_are_the_published_ones(published: Callable[[str], dict[str, Any]], year: int) -> None:
    parameters = published("zorgtoeslag")[str(year)]["parameters"]
    known = reference.CARE[year]
    assert known.premium == parameters["standaardpremie"]["value"]
    assert known.share_single == Fraction(str(parameters["pct_drempelinkomen_single"]["value"]))
    assert known.share_partner == Fraction(str(parameters["pct_drempelinkomen_partner"]["value"]))
    assert known.share_above == Fraction(str(parameters["pct_above_drempelinkomen"]["value"]))
    limits = published("kindgebonden_budget")[str(year)]["parameters"]
    assert known.wealth_single == limits["max_wealth_single"]["value"]
    assert known.wealth_partner == limits["max_wealth_partner"]["value"]


@pytest.mark.parametrize("year", YEARS)
def test_no_other_threshold_gives_the_maximum_incomes(
    rulebook: Library, published: Callable[[str], dict[str, Any]], year: int
) -> None:
    parameters = published("zorgtoeslag")[str(year)]["parameters"]
    fitting = reference.thresholds_that_give(
        reference.CARE[year], parameters["max_income_single"]["value"], parameters["max_income_partner"]["value"]
    )
    assert fitting == [euros(ask(rulebook, LAW, "drempelinkomen", f"{year}-12-31", [{}]))]


@given(
    year=st.sampled_from(YEARS),
    incomes=st.tuples(st.integers(-5_000_00, 60_000_00), st.integers(0, 30_000_00)),
    wealth=st.tuples(st.integers(0, 190_000_00), st.integers(0, 60_000_00)),
    has_partner=st.booleans(),
    insured=st.tuples(st.booleans(), st.booleans()),
    is_adult=st.booleans(),
)
@settings(max_examples=300)
def test_any_case_is_as_the_law_in_plain_python_says(
    year: int,
    incomes: tuple[int, int],
    wealth: tuple[int, int],
    has_partner: bool,
    insured: tuple[bool, bool],
    is_adult: bool,
) -> None:
    persons = [
        {
            "loon_uit_dienstbetrekking": incomes[at],
            "spaargeld": wealth[at],
            "polis_status": "ACTIEF" if insured[at] else "BEEINDIGD",
        }
        for at in range(2)
    ]
    persons[0]["geboortedatum"] = "1985-06-15" if is_adult else f"{year - 17}-01-01"
    people = couple(*persons) if has_partner else persons[:1]
    count = 2 if has_partner else 1
    expected = reference.care_allowance(
        reference.CARE[year],
        Fraction(sum(incomes[:count]), 100),
        has_partner=has_partner,
        is_insured=insured[0],
        partner_is_insured=insured[1],
        age=40 if is_adult else 17,
        wealth=Fraction(sum(wealth[:count]), 100),
    )
    on = f"{year}-03-01"
    assert euros(ask(RULEBOOK, LAW, "hoogte_zorgtoeslag", on, people)) == expected
    assert euros(ask(RULEBOOK, LAW, "maandbedrag", on, people)) == reference.printed_month(expected)
    assert ask(RULEBOOK, LAW, "heeft_recht_op_zorgtoeslag", on, people) is (expected > 0)


def test_the_income_of_the_partner_and_every_box_count(rulebook: Library) -> None:
    parts = dict.fromkeys(
        ("loon_uit_dienstbetrekking", "uitkeringen_en_pensioenen", "winst_uit_onderneming", "eigen_woning"), 2_000_00
    )
    parts |= {"reguliere_voordelen": 1_000_00, "buitenlands_inkomen": 500_00, "spaargeld": 60_000_00}
    parts["voordeel_uit_sparen_en_beleggen"] = 700_00
    people = couple(parts, {"loon_uit_dienstbetrekking": 20_000_00})
    income = ask(
        rulebook, "algemene_wet_inkomensafhankelijke_regelingen", "gezamenlijk_toetsingsinkomen", "2025-01-01", people
    )
    assert euros(income) == 4 * 2_000 + 1_000 + 500 + 700 + 20_000


def test_a_missing_fact_is_unknown_and_never_no_right(rulebook: Library) -> None:
    row = {key: value for key, value in {**PERSON, "bsn": "1"}.items() if key != "spaargeld"}
    case = Case(date(2026, 1, 1), {"bsn": "1"}, (Register("facts", "bsn", [row]),))
    output = "heeft_recht_op_zorgtoeslag"
    value = evaluate(rulebook, LAW, [output], case, is_whole_article=False).outcomes[output].value
    assert isinstance(value, Unknown)
    assert {fact.name for fact in value.facts} == {"spaargeld"}


def test_who_is_surely_too_rich_needs_no_further_fact(rulebook: Library) -> None:
    rich = {"spaargeld": 500_000_00}
    assert ask(rulebook, LAW, "heeft_recht_op_zorgtoeslag", "2026-01-01", [rich]) is False


@pytest.mark.parametrize("on", ["2023-12-31", "2027-01-01"])
def test_a_year_without_figures_is_refused(rulebook: Library, on: str) -> None:
    with pytest.raises((NoSuchRule, RuleFailure)):
        ask(rulebook, LAW, "hoogte_zorgtoeslag", on, [{}])
