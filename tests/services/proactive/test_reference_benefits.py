"""The truth of the town held against what was published, and against the same laws written in fractions elsewhere."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.bench.town import draw_town
from tests.rulebook import reference
from tests.services.proactive import reference_benefits as truth

EURO = 100


def one(**facts: object) -> dict[str, np.ndarray]:
    given: dict[str, object] = {
        **dict.fromkeys((*truth.INCOME, "spaargeld", "kale_huur", "aantal_medebewoners", "inkomen_medebewoners"), 0),
        "bsn": 1,
        "partner_bsn": -1,
        "partnerschap_type": "GEEN",
        "geboortedatum": np.datetime64("1985-06-15"),
        "polis_status": "ACTIEF",
        "medebewoner_heeft_te_veel_vermogen": False,
        "basishuur_ouderen_volgens_toeslagen": 20_000,
        "niet_verzekerde_jaren": 0,
        "bruto_pensioen_alleen_volgens_svb": 163_758,
        **facts,
    }
    return {name: np.array([value]) for name, value in given.items()}


def test_it_shares_nothing_with_the_engine() -> None:
    tree = ast.parse(Path(truth.__file__).read_text(encoding="utf-8"))
    names = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert not [name for name in names if name.startswith("eendracht")]


def test_the_highest_incomes_for_the_care_allowance_are_the_published_ones(shared: Callable[..., Path]) -> None:
    published = json.loads(shared("reference", "services", "official", "zorgtoeslag.json").read_text("utf-8"))
    highest = published["years"]["2026"]["parameters"]["max_income_single"]["value"]

    def amount(euros: int) -> int:
        town = one(loon_uit_dienstbetrekking=euros * EURO)
        return int(truth.care(town, truth.households(town))[0])

    assert amount(highest) > 0
    assert amount(highest + 1) == 0


def test_the_pension_of_who_is_married_is_the_published_one(shared: Callable[..., Path]) -> None:
    published = json.loads(shared("reference", "services", "official", "aow.json").read_text("utf-8"))
    gross = published["years"]["2026"]["outcomes"][0]
    town = one(partnerschap_type="HUWELIJK", geboortedatum=np.datetime64("1950-01-01"))

    assert gross["inputs"] == {"household": "married, per person", "what": "gross", "date": "2026-01-01"}
    assert int(truth.pension(town)[0]) == 12 * round(gross["expected"] * EURO)


@pytest.fixture(scope="module")
def town() -> dict[str, np.ndarray]:
    return draw_town(3_000)


def test_everybody_comes_to_what_the_laws_in_fractions_say(town: dict[str, np.ndarray]) -> None:
    home = truth.households(town)
    care, rent, budget = truth.care(town, home), truth.rent(town, home), truth.child_budget(town, home)
    year = reference.CARE[2026]
    budgets = reference.ChildBudgetYear(2_580, 703, 936, 3_416, 29_736, 39_141, Fraction("0.076"), 146_011, 184_633)
    for row in np.flatnonzero(~home.missing):
        income, wealth = Fraction(int(home.income[row]), EURO), Fraction(int(home.wealth[row]), EURO)
        together, insured = bool(home.together[row]), town["polis_status"][row] == "ACTIEF"
        partner = home.partner[row]
        born = town["geboortedatum"][row].astype(date)
        age = 2026 - born.year - ((born.month, born.day) > (1, 15))
        expected = reference.care_allowance(
            year,
            income,
            has_partner=together,
            is_insured=insured,
            partner_is_insured=partner < 0 or town["polis_status"][partner] == "ACTIEF",
            age=age,
            wealth=wealth,
        )
        assert care[row] == expected * EURO
        teens = int(town["aantal_kinderen_12_tot_16_jaar"][row]), int(town["aantal_kinderen_16_tot_18_jaar"][row])
        children = int(town["aantal_kinderen"][row])
        expected = reference.child_budget(budgets, income, children, *teens, has_partner=together, wealth=wealth)
        assert budget[row] == expected * EURO
        limit = reference.RENT_2026.wealth_partner if together else reference.RENT_2026.wealth_single
        others = int(town["aantal_medebewoners"][row])
        if wealth > limit or (others and town["medebewoner_heeft_te_veel_vermogen"][row]):
            assert rent[row] == 0
            continue
        old = truth.has_pension_age(town)
        own = Fraction(200) if old[row] or (partner >= 0 and old[partner]) else None
        income += Fraction(int(town["inkomen_medebewoners"][row]), EURO) if others else 0
        month = Fraction(int(town["kale_huur"][row]), EURO)
        expected = reference.rent_allowance(reference.RENT_2026, month, income, 1 + together + others, age=age, own=own)
        assert rent[row] == expected * EURO


def test_children_and_pensioners_come_to_it_too(town: dict[str, np.ndarray]) -> None:
    base = reference.CHILD_BASE["2026-01-01"]
    benefit, pension = truth.child_benefit(town), truth.pension(town)
    for row in range(0, len(benefit), 7):
        parts = zip((3, 8, 14), ("tot_6_jaar", "6_tot_12_jaar", "12_tot_18_jaar"), strict=True)
        quarter = sum(
            int(town[f"aantal_kinderen_{name}"][row]) * reference.child_benefit(base, age) for age, name in parts
        )
        assert benefit[row] == 4 * quarter * EURO
        full = Fraction(112_212 if town["partnerschap_type"][row] in truth.MARRIED else 163_758, EURO)
        missed = Fraction(int(town["niet_verzekerde_jaren"][row]))
        expected = 12 * reference.pension_part(full, missed) * EURO if truth.has_pension_age(town)[row] else 0
        assert pension[row] == expected
