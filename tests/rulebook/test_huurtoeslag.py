"""Rent allowance of 2026: as the law in plain Python says, and that against what is published."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.rules import Library
from eendracht.kernel.rules.values import Unknown
from eendracht.rulebook import rulebook_folder
from tests.rulebook import reference
from tests.rulebook.people import ask, couple, euros

LAW = "wet_op_de_huurtoeslag"
ON = "2026-01-01"
RULEBOOK = Library.load([rulebook_folder()])
TENANT = {"kale_huur": 700_00, "aantal_medebewoners": 0}


def test_the_figures_are_the_published_ones(published: Callable[[str], dict[str, Any]]) -> None:
    found = published("huurtoeslag")["2026"]["parameters"]
    value = {key: item["value"] for key, item in found.items() if isinstance(item, dict)}

    def exact(number: Any) -> Fraction:
        return Fraction(str(number))

    known = reference.RENT_2026
    assert known.counted == exact(value["rent_counted_up_to"])
    assert known.counted_under_21 == exact(value["rent_counted_up_to_18_20"])
    assert [known.own_alone, known.own_more] == [exact(item) for item in value["basic_rent"].values()]
    assert [known.income_alone, known.income_more] == list(value["income_threshold"].values())
    assert [known.slope_alone, known.slope_more] == [exact(item) for item in value["income_phase_out"].values()]
    assert known.first_limit == exact(value["quality_discount_limit"])
    assert known.second_limit == exact(value["cap_1_2_persons"])
    assert known.second_limit_three == exact(value["cap_3_more_persons"])
    assert [known.wealth_single, known.wealth_partner] == [
        value["max_wealth_per_person"],
        value["max_wealth_partners"],
    ]


def test_the_published_example_of_the_rule_of_2026_with_the_limits_of_2025(
    published: Callable[[str], dict[str, Any]],
) -> None:
    rows = [row for row in published("huurtoeslag")["2025"]["outcomes"] if "rule_year" in row["inputs"]]
    assert len(rows) == 1
    year = reference.rent_allowance(
        reference.RENT_2025_BY_THE_RULE_OF_2026, Fraction(rows[0]["inputs"]["rent"]), Fraction(0)
    )
    assert reference.printed_month(year) == rows[0]["expected"]


@given(
    rent=st.integers(0, 1_300_00),
    income=st.integers(0, 60_000_00),
    others=st.integers(0, 3),
    other_income=st.integers(0, 20_000_00),
    has_partner=st.booleans(),
    age=st.integers(16, 60),
)
@settings(max_examples=300)
def test_any_case_as_the_law_in_plain_python_says(
    rent: int, income: int, others: int, other_income: int, has_partner: bool, age: int
) -> None:
    person = {
        "kale_huur": rent,
        "loon_uit_dienstbetrekking": income,
        "aantal_medebewoners": others,
        "inkomen_medebewoners": other_income,
        "medebewoner_heeft_te_veel_vermogen": False,
        "geboortedatum": f"{2026 - age}-01-01",
    }
    people = couple(person, {}) if has_partner else [person]
    expected = reference.rent_allowance(
        reference.RENT_2026,
        Fraction(rent, 100),
        Fraction(income + (other_income if others else 0), 100),
        1 + others + has_partner,
        age=age,
    )
    assert euros(ask(RULEBOOK, LAW, "hoogte_huurtoeslag", ON, people)) == expected
    month = ask(RULEBOOK, LAW, "maandbedrag_huurtoeslag", ON, people)
    assert euros(month) == reference.printed_month(expected)


def test_wealth_counts_together_with_the_partner(rulebook: Library) -> None:
    def entitled(own: int, of_partner: int | None) -> Any:
        person = TENANT | {"spaargeld": own * 100}
        people = [person] if of_partner is None else couple(person, {"spaargeld": of_partner * 100})
        return ask(rulebook, LAW, "heeft_recht_op_huurtoeslag", ON, people)

    assert entitled(38_479, None) is True
    assert entitled(38_480, None) is False
    assert entitled(70_000, 6_958) is True
    assert entitled(70_000, 6_959) is False


def test_the_own_share_of_older_tenants_is_asked_for(rulebook: Library) -> None:
    value = ask(rulebook, LAW, "hoogte_huurtoeslag", ON, [TENANT | {"geboortedatum": "1950-01-01"}])
    assert isinstance(value, Unknown)
    assert {fact.name for fact in value.facts} == {"basishuur_ouderen_volgens_toeslagen"}
