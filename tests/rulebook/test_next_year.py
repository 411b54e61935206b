"""A new year is data: three files with other figures, and the same Python gives the new amounts."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from eendracht.kernel.rules import Library
from eendracht.rulebook import rulebook_folder
from tests.rulebook import reference
from tests.rulebook.people import ask, couple, euros

NEXT = reference.CareYear(2200, 31_104, Fraction("0.0195"), Fraction("0.043"), Fraction("0.14"), 150_000, 190_000)
"""Made up; the threshold is 108 per cent of twelve times a month wage of 2,400 euros."""
FIGURES: dict[str, dict[str, Any]] = {
    "wet/wet_minimumloon_en_minimumvakantiebijslag": {"maandloon": 240_000, "maandloon_van_januari": 240_000},
    "ministeriele_regeling/regeling_standaardpremie": {"standaardpremie_van_het_jaar": 220_000},
    "wet/wet_op_de_zorgtoeslag": {
        "percentage_drempelinkomen_alleen": 0.0195,
        "percentage_drempelinkomen_samen": 0.043,
        "percentage_boven_drempelinkomen": 0.14,
        "vermogensgrens_alleen": 15_000_000,
        "vermogensgrens_samen": 19_000_000,
    },
}


def with_figures(document: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    changed = set()
    for article in document["articles"]:
        for name, definition in article.get("machine_readable", {}).get("definitions", {}).items():
            if name in figures:
                definition["value"] = figures[name]
                changed.add(name)
    assert changed == set(figures)
    document["valid_from"] = "2027-01-01"
    document.pop("valid_to", None)
    return document


@pytest.fixture(scope="module")
def next_rulebook(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder: Path = tmp_path_factory.mktemp("next")
    for place, figures in FIGURES.items():
        document = yaml.safe_load((rulebook_folder() / place / "2026-01-01.yaml").read_text(encoding="utf-8"))
        file = folder / place / "2027-01-01.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(yaml.safe_dump(with_figures(document, figures), sort_keys=False), encoding="utf-8")
    return Library.load([rulebook_folder(), folder])


@pytest.mark.parametrize("has_partner", [False, True])
def test_the_amounts_of_a_new_year_need_no_new_code(next_rulebook: Library, has_partner: bool) -> None:
    for income in range(25_000, 60_000, 777):
        wage = {"loon_uit_dienstbetrekking": income * 100}
        people = couple(wage, {}) if has_partner else [wage]
        amount = ask(next_rulebook, "wet_op_de_zorgtoeslag", "hoogte_zorgtoeslag", "2027-03-01", people)
        assert euros(amount) == reference.care_allowance(NEXT, Fraction(income), has_partner=has_partner)


def test_the_year_before_stays_as_it_was(rulebook: Library, next_rulebook: Library) -> None:
    people = [{"loon_uit_dienstbetrekking": 30_000_00}]
    before, after = (
        ask(library, "wet_op_de_zorgtoeslag", "hoogte_zorgtoeslag", "2026-12-31", people)
        for library in (rulebook, next_rulebook)
    )
    assert before == after
