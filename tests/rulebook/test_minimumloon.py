"""Minimum wage: the published wages for every age, and the month amounts on which other laws rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from eendracht.kernel.rules import Library
from tests.rulebook import reference
from tests.rulebook.people import ask, cents, euros

LAW = "wet_minimumloon_en_minimumvakantiebijslag"


def of_age(age: int, on: str) -> dict[str, Any]:
    return {"geboortedatum": date.fromisoformat(on).replace(year=int(on[:4]) - age).isoformat()}


def test_every_published_wage(rulebook: Library, published: Callable[[str], dict[str, Any]]) -> None:
    rows = [
        row
        for year, found in published("minimumloon").items()
        if not year.startswith("IOAW")
        for row in found["outcomes"]
    ]
    assert len(rows) == 22
    for row in rows:
        on = row["inputs"]["date"]
        age = int(row["inputs"]["age"].rstrip("+"))
        wage = ask(rulebook, LAW, "minimumuurloon_voor_leeftijd", on, [of_age(age, on)])
        assert wage == cents(row["expected"]), row["inputs"]


def test_every_published_month_amount(rulebook: Library, published: Callable[[str], dict[str, Any]]) -> None:
    checked = 0
    for on, found in published("minimumloon").items():
        if "reference_month_wage" in found["parameters"]:
            amount = found["parameters"]["reference_month_wage"]["value"]
            assert ask(rulebook, LAW, "minimummaandloon", on, [{}]) == cents(amount)
            checked += 1
    assert checked == 4


@pytest.mark.parametrize("on", sorted(reference.HOURLY))
def test_every_age_as_the_law_in_plain_python_says(rulebook: Library, on: str) -> None:
    for age in range(10, 30):
        wage = ask(rulebook, LAW, "minimumuurloon_voor_leeftijd", on, [of_age(age, on)])
        assert euros(wage) == reference.hourly_wage(on, age), age


@pytest.mark.parametrize(("january", "july"), [("2024-01-01", "2024-07-01"), ("2025-01-01", "2025-07-01")])
def test_the_amount_of_january_lasts_the_year(rulebook: Library, january: str, july: str) -> None:
    first, later = (ask(rulebook, LAW, "minimummaandloon_januari", on, [{}]) for on in (january, july))
    assert first == later == ask(rulebook, LAW, "minimummaandloon", january, [{}])
