"""The engine of forms: what is asked, in which order it may be answered, and what comes of it."""

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

from eendracht.kernel.errors import NotFound
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.lawbook import Lawbook
from eendracht.kernel.rules.library import Library
from eendracht.reference.facts import load_benefits
from eendracht.services.forms.facts import Ask, quarter_after, quarter_of
from eendracht.services.forms.form import Form, benefits_for, next_step
from eendracht.services.forms.outcomes import Outcome, work_out

ON = date(2026, 4, 15)
MINE = {"spaargeld": 420_000, "loon_uit_dienstbetrekking": 2_150_000}
HIS = {"spaargeld": 160_000, "loon_uit_dienstbetrekking": 1_780_000}
ASSETS = ("spaargeld", "beleggingen", "onroerend_goed", "schulden", "voordeel_uit_sparen_en_beleggen")
INCOME = (
    "loon_uit_dienstbetrekking",
    "uitkeringen_en_pensioenen",
    "winst_uit_onderneming",
    "resultaat_overige_werkzaamheden",
    "eigen_woning",
    "reguliere_voordelen",
    "vervreemdingsvoordelen",
    "buitenlands_inkomen",
)


@pytest.fixture(scope="module")
def library() -> Library:
    return Lawbook().library


def answers_of(partnership: str | None, born: list[date], wages: int, his_wages: int, rent: int) -> dict[Ask, Any]:
    """Give an answer to everything that the laws of a life event could ask."""
    mine = {**dict.fromkeys((*ASSETS, *INCOME), 0), "loon_uit_dienstbetrekking": wages, "spaargeld": 420_000}
    his = {**dict.fromkeys((*ASSETS, *INCOME), 0), "loon_uit_dienstbetrekking": his_wages}
    common = {
        "geboortedatum": date(1993, 5, 14),
        "polis_status": "ACTIEF",
        "verdragsinschrijving": False,
        "other-income": False,
        "other-assets": False,
    }
    own = {
        "partnerschap_type": partnership,
        "geboortedata_kinderen": born,
        "kale_huur": rent,
        "aantal_medebewoners": len(born),
        "inkomen_medebewoners": 0,
        "medebewoner_heeft_te_veel_vermogen": False,
    }
    mine_all = {Ask(name): value for name, value in {**common, **own, **mine}.items()}
    return mine_all | {Ask(name, "partner"): value for name, value in {**common, **his}.items()}


def directly(library: Library, given_answers: dict[Ask, Any], law: str, output: str, **more: Any) -> Any:
    """Evaluate a law at once with every fact as a row, made by hand and without the engine of forms."""
    has_partner = given_answers[Ask("partnerschap_type")] is not None
    ages = [
        quarter_of(ON).year - day.year - ((quarter_of(ON).month, quarter_of(ON).day) < (day.month, day.day))
        for day in given_answers[Ask("geboortedata_kinderen")]
        if day <= quarter_of(ON)
    ]
    counts = {
        "aantal_kinderen": len(ages),
        "aantal_kinderen_tot_6_jaar": sum(age < 6 for age in ages),
        "aantal_kinderen_6_tot_12_jaar": sum(6 <= age < 12 for age in ages),
        "aantal_kinderen_12_tot_18_jaar": sum(age >= 12 for age in ages),
        "aantal_kinderen_12_tot_16_jaar": sum(12 <= age < 16 for age in ages),
        "aantal_kinderen_16_tot_18_jaar": sum(age >= 16 for age in ages),
    }
    own = {ask.name: value for ask, value in given_answers.items() if ask.whose == "me" and "-" not in ask.name}
    his = {ask.name: value for ask, value in given_answers.items() if ask.whose == "partner" and "-" not in ask.name}
    row = {"bsn": "a", "partner_bsn": "b" if has_partner else None, **own, **counts, **more}
    rows = [row, {"bsn": "b", **his}]
    case = Case(ON, {"bsn": "a"}, (Register("all", "bsn", rows),))
    return evaluate(library, law, [output], case, mode="propagate", is_whole_article=False).outcomes[output].value


def fill_in(library: Library, form: Form, answers: dict[Ask, Any]) -> tuple[tuple[Outcome, ...], list[Ask]]:
    """Answer what is asked until nothing is."""
    asked = []
    while (question := (step := next_step(library, form)).question) is not None:
        assert question.ask not in asked, f"{question.ask} is asked twice"
        asked.append(question.ask)
        form = form.answered(question.ask, answers[question.ask])
        assert len(asked) < 40
    return step.outcomes, asked


HOUSEHOLDS = st.builds(
    answers_of,
    st.sampled_from([None, "HUWELIJK", "SAMENLEVINGSCONTRACT"]),
    st.lists(st.dates(date(2012, 1, 1), date(2026, 3, 31)), max_size=3),
    st.integers(0, 6_000_000),
    st.integers(0, 6_000_000),
    st.integers(0, 110_000),
)


@settings(max_examples=12)
@given(HOUSEHOLDS)
def test_a_form_comes_to_what_all_facts_at_once_come_to(library: Library, answers: dict[Ask, Any]) -> None:
    outcomes, asked = fill_in(library, Form(benefits_for("child-born"), ON), answers)
    assert len(set(asked)) == len(asked)
    for outcome in outcomes:
        benefit = outcome.benefit
        figures = {}
        if benefit.code == "kindgebonden-budget":
            figures = {
                "bedrag_per_kind": 258_000,
                "verhoging_12_tot_16_jaar": 70_300,
                "verhoging_16_tot_18_jaar": 93_600,
                "verhoging_alleenstaande_ouder": 332_000,
            }
        expected = directly(library, answers, benefit.law, benefit.amount, **figures)
        right = directly(library, answers, benefit.law, benefit.right, **figures)
        assert outcome.low == expected, benefit.code
        assert outcome.status == ("yes" if right else "no") or outcome.low != outcome.high


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), HOUSEHOLDS)
def test_the_order_of_answers_changes_nothing(library: Library, random: Any, answers: dict[Ask, Any]) -> None:
    expected, _ = fill_in(library, Form(benefits_for("zorgtoeslag"), ON), answers)
    form = Form(benefits_for("zorgtoeslag"), ON)
    mixed = list(answers)
    random.shuffle(mixed)
    for ask in mixed[: random.randint(0, len(mixed))]:
        form = form.answered(ask, answers[ask])
    found, _ = fill_in(library, form, answers)
    assert [(item.status, item.low, item.high) for item in found] == [
        (item.status, item.low, item.high) for item in expected
    ]


def persona(name: str) -> tuple[tuple[Register, ...], str]:
    content = json.loads((Path(__file__).parent / "files" / f"{name}.json").read_text())
    registers = tuple(Register(code, item["key"], item["rows"]) for code, item in content.items())
    return registers, content["BRP"]["rows"][0]["bsn"]


def test_a_child_is_born_in_seven_questions_of_which_no_register_answers_one(library: Library) -> None:
    registers, subject = persona("parent")
    form = Form(benefits_for("child-born"), ON, registers, subject)
    answers = {Ask("medebewoner_heeft_te_veel_vermogen"): False, Ask("inkomen_medebewoners"): 0}
    outcomes, asked = fill_in(library, form, answers)
    assert len(asked) <= 7
    columns = {column for register in registers for column in register.columns.values()}
    assert not {ask.name for ask in asked} & columns
    assert [item.status for item in outcomes] == ["yes"] * 4


def test_a_child_of_this_quarter_counts_from_the_next(library: Library) -> None:
    form = Form(benefits_for("kinderbijslag"), date(2026, 2, 10)).answered(
        Ask("geboortedata_kinderen"), [date(2026, 1, 20)]
    )
    (outcome,) = next_step(library, form).outcomes
    assert (outcome.status, outcome.since, outcome.low) == ("yes", date(2026, 4, 1), 29_507)
    assert "vanaf 1 april 2026" in outcome.said.nl


@pytest.mark.parametrize(("day", "following"), [((2026, 12, 31), (2027, 1, 1)), ((2026, 1, 1), (2026, 4, 1))])
def test_quarters_follow_each_other(day: tuple[int, int, int], following: tuple[int, int, int]) -> None:
    assert quarter_after(quarter_of(date(*day))) == date(*following)


def test_published_amounts_come_out_of_the_form(library: Library, shared: Callable[..., Path]) -> None:
    published = json.loads(shared("reference", "services", "official", "zorgtoeslag.json").read_text())
    rows = [
        (int(year), item["inputs"], item["expected"])
        for year, content in published["years"].items()
        for item in content["outcomes"]
        if int(year) in (2025, 2026) and isinstance(item["inputs"].get("income"), int) and item["unit"] == "euro/month"
    ]
    assert len(rows) > 15
    for year, inputs, expected in rows:
        answers = answers_of("HUWELIJK" if inputs["partner"] else None, [], inputs["income"] * 100, 0, 0)
        (outcome,), _ = fill_in(library, Form(benefits_for("zorgtoeslag"), date(year, 6, 1)), answers)
        assert outcome.low == outcome.high == expected * 100, (year, inputs)


def test_published_child_benefit_comes_out_of_the_form(library: Library, shared: Callable[..., Path]) -> None:
    published = json.loads(shared("reference", "services", "official", "kinderbijslag.json").read_text())
    for item in published["years"]["2026"]["outcomes"]:
        on = date.fromisoformat(item["valid_from"])
        age = int(item["inputs"]["age_group"].split("-")[0])
        form = Form(benefits_for("kinderbijslag"), on).answered(
            Ask("geboortedata_kinderen"), [date(on.year - age - 1, 12, 1)]
        )
        (outcome,) = next_step(library, form).outcomes
        assert Fraction(outcome.low, 100) == Fraction(str(item["expected"]))


def test_a_claim_comes_before_the_register_and_a_missing_partner_is_unknown(library: Library) -> None:
    registers, subject = persona("parent")
    form = Form(benefits_for("zorgtoeslag"), ON, registers, subject)
    (before,) = next_step(library, form).outcomes
    (after,) = next_step(library, form.claimed(Ask("loon_uit_dienstbetrekking"), 4_000_000)).outcomes
    assert (before.status, after.status) == ("yes", "no")
    unknown = Register("BRP", "bsn", [{"bsn": "x", "geboortedatum": "1990-01-01"}])
    step = next_step(library, Form(benefits_for("zorgtoeslag"), ON, (unknown,), "x"))
    assert step.outcomes[0].status == "unknown"
    assert Ask("partnerschap_type") in {Ask(need.name) for need in step.outcomes[0].needs}


def test_who_does_not_know_gets_no_no(library: Library) -> None:
    form = Form(benefits_for("kinderbijslag"), ON)
    question = next_step(library, form).question
    assert question is not None
    step = next_step(library, form.skipping(question.ask))
    assert step.question is None and step.outcomes[0].status == "unknown"


def test_figures_on_which_sources_disagree_give_a_range(library: Library) -> None:
    answers = answers_of(None, [date(2025, 1, 1)], 2_000_000, 0, 0)
    (outcome,), asked = fill_in(library, Form(benefits_for("kindgebonden-budget"), ON), answers)
    # 2,580 + 3,320 and 2,587 + 3,416, a twelfth of each without the cents.
    assert (outcome.low, outcome.high) == (49_100, 50_000)
    assert not any("bedrag" in ask.name or "verhoging" in ask.name for ask in asked)
    assert outcome.amount_said is not None and outcome.amount_said.nl == "tussen € 491,00 en € 500,00 per maand"


def test_names_of_forms() -> None:
    assert benefits_for("http://standaarden.overheid.nl/owms/terms/kindGebBud")[0].code == "kindgebonden-budget"
    assert benefits_for("child-born")[0].code == "kinderbijslag"
    with pytest.raises(NotFound):
        benefits_for("niets")


def test_every_benefit_stands_in_the_rulebook(library: Library) -> None:
    for benefit in load_benefits().values():
        # A law that has ended, such as the ordinance of one year, is asked on its last day.
        day = min(ON, max(law.valid_to or ON for law in library.versions(benefit.law)))
        law = library.select(benefit.law, day).regulation
        assert all(law.article_of(output) for output in benefit.outputs), benefit.code
        assert work_out(library, benefit, Form((benefit,), day).facts).status == "unknown"


def test_what_decides_for_few_is_asked_last_and_only_then(library: Library) -> None:
    insured = answers_of(None, [], 2_000_000, 0, 0)
    (outcome,), asked = fill_in(library, Form(benefits_for("zorgtoeslag"), ON), insured)
    assert outcome.status == "yes" and Ask("verdragsinschrijving") not in asked
    abroad = {**insured, Ask("polis_status"): None, Ask("verdragsinschrijving"): True}
    (other,), asked = fill_in(library, Form(benefits_for("zorgtoeslag"), ON), abroad)
    assert (other.status, other.low) == ("yes", outcome.low)
    assert asked[-1] == Ask("verdragsinschrijving")
