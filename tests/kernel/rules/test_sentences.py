"""What is said of an outcome is what decided, in plain words, and at the value where it says so the outcome turns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.explanation import Explanation
from eendracht.kernel.rules import Case, Library, Register
from eendracht.kernel.rules.receipts import Request
from eendracht.kernel.rules.sentences import HARDSHIP, NO_DECISION, NOT_A_NO, explain
from eendracht.kernel.rules.spoken import value_said
from tests.kernel.rules.laws import DAY, read_law

CORPUS = ("reference", "services", "regelrecht", "corpus")
MONTHS = "januari februari maart april mei juni juli augustus september oktober november december"
OFFICIALESE = re.compile(
    r"\b(derhalve|teneinde|ingevolge|krachtens|aangaande|dienaangaande|voornoemd\w*|dientengevolge|onderhavig\w*|conform"
    r"|mits|jegens|omtrent|inzake|alsmede|indien|hetgeen|zulks|geschieden|bewerkstelligen|desalniettemin|tevens)\b"
)
LAW = """
- number: '1'
  text: ''
  url: https://wetten.example/1
  machine_readable:
    definitions:
      grens: {value: 2500000, type: amount, type_spec: {unit: eurocent}, grade: official, source: Staatscourant 2025 1}
      leeftijdsgrens: {value: 18, type: number, type_spec: {unit: years}, grade: secondary}
      soorten: {value: [HUUR, PACHT]}
    execution:
      parameters: [{name: bsn, type: string, required: true}]
      input:
        - {name: inkomen, type: amount, description: Inkomen per jaar, type_spec: {unit: eurocent}, source: {}}
        - {name: huurt, type: boolean, source: {}}
        - {name: soort, type: string, source: {}}
        - {name: geboren, type: date, description: Geboortedatum, source: {}}
        - {name: opslag, type: amount, type_spec: {unit: eurocent}, source: {output: opslag}}
      output:
        - {name: recht_op_toeslag, type: boolean}
        - {name: hoogte, type: amount, type_spec: {unit: eurocent}}
        - {name: leeftijd, type: number, type_spec: {unit: years}}
      actions:
        - output: leeftijd
          value: {operation: AGE, date_of_birth: $geboren, reference_date: $referencedate}
        - output: recht_op_toeslag
          value:
            operation: AND
            conditions:
              - $huurt
              - {operation: IN, subject: $soort, values: $soorten}
              - {operation: GREATER_THAN_OR_EQUAL, subject: $leeftijd, value: $leeftijdsgrens}
              - {operation: LESS_THAN_OR_EQUAL, subject: $inkomen, value: $grens}
        - output: hoogte
          value:
            operation: IF
            cases:
              - when: $recht_op_toeslag
                then:
                  operation: ADD
                  values:
                    - $opslag
                    - operation: MAX
                      values:
                        - 0
                        - operation: MIN
                          values: [100000, {operation: SUBTRACT, values: [2400000, $inkomen]}]
            default: 0
- number: '2'
  text: ''
  machine_readable:
    definitions: {vast: {value: 1234, type: amount, type_spec: {unit: eurocent}}}
    execution:
      output: [{name: opslag, type: amount, type_spec: {unit: eurocent}}]
      actions: [{output: opslag, value: $vast}]
"""
ROW = {"bsn": "1", "inkomen": 2_000_000, "huurt": True, "soort": "HUUR", "geboren": "1990-05-01"}


def library(text: str = LAW) -> Library:
    return Library([read_law(text, name="Toeslagwet".lower())])


def told(output: str, text: str = LAW, **row: Any) -> Explanation:
    """Explain an output for a person with these facts."""
    case = Case(DAY, {"bsn": "1"}, (Register("burgers", "bsn", [{**ROW, **row}]),))
    return explain(library(text), Request("toeslagwet", (output,)), output, case)


def dutch(item: Explanation) -> list[str]:
    return [item.verdict.nl, *(step.nl for step in item.steps), *(change.nl for change in item.changes)]


def english(item: Explanation) -> list[str]:
    return [item.verdict.en, *(step.en for step in item.steps), *(change.en for change in item.changes)]


def test_the_condition_that_fails_is_named_with_its_numbers() -> None:
    found = told("recht_op_toeslag", inkomen=2_500_001)
    assert found.verdict.nl == "Recht op toeslag: nee."
    assert [step.nl for step in found.steps] == [
        "Eén voorwaarde klopt niet. Die beslist:",
        "Inkomen per jaar: € 25.000,01. De regel kijkt of dit € 25.000,00 of minder is (grens). Dat klopt niet.",
        NO_DECISION.nl,
        HARDSHIP.nl,
    ]
    assert [step.en for step in found.steps][1] == (
        "Inkomen per jaar: €25,000.01. The rule asks whether this is €25,000.00 or less (grens). It is not."
    )
    assert "Stel: inkomen per jaar is € 25.000,00 of minder. Dan is de uitkomst: ja." in dutch(found)
    assert (found.rule.article, found.rule.url) == ("toeslagwet, artikel 1", "https://wetten.example/1")


def test_every_figure_says_where_it_came_from_and_how_sure_it_is() -> None:
    found = {item.label.nl: item for item in told("recht_op_toeslag").inputs}
    assert found["Inkomen per jaar"].source == "burgers" and found["Inkomen per jaar"].value.nl == "€ 20.000,00"
    assert found["Grens"].value.nl == "€ 25.000,00 (officieel cijfer)"
    assert found["Grens"].source == "toeslagwet, art. 1; Staatscourant 2025 1" and found["Grens"].date == "2020-01-01"
    assert found["Leeftijdsgrens"].value.en == "18 years (figure from a secondary source)"
    assert found["Geboortedatum"].value.nl == "1 mei 1990"
    assert "Bsn" not in found


@pytest.mark.parametrize(
    ("row", "change"),
    [
        ({"huurt": False}, "Stel: huurt is ja. Dan is de uitkomst: ja."),
        ({"soort": "KOOP"}, "Stel: soort is HUUR. Dan is de uitkomst: ja."),
        # On 1 June 2025 someone is 18 who was born on 1 June 2007.
        ({"geboren": "2010-01-01"}, "Stel: geboortedatum is 1 juni 2007 of eerder. Dan is de uitkomst: ja."),
        ({}, "Stel: geboortedatum is 2 juni 2007 of later. Dan is de uitkomst: nee."),
        ({}, "Stel: huurt is nee. Dan is de uitkomst: nee."),
        ({"inkomen": 0}, "Stel: soort is iets anders. Dan is de uitkomst: nee."),
        ({}, "Stel: inkomen per jaar is € 25.000,01 of meer. Dan is de uitkomst: nee."),
    ],
)
def test_what_would_change_it_is_exact(row: dict[str, Any], change: str) -> None:
    assert change in [item.nl for item in told("recht_op_toeslag", **row).changes]


def test_a_cap_a_case_and_a_sum_are_told() -> None:
    steps = [step.nl for step in told("hoogte").steps]
    assert steps[:4] == [
        "Recht op toeslag: ja.",
        "€ 24.000,00 min inkomen per jaar (€ 20.000,00) is € 4.000,00.",
        "Van € 1.000,00 en € 4.000,00 telt het laagste: € 1.000,00.",
        "Van € 0,00 en € 1.000,00 telt het hoogste: € 1.000,00.",
    ]
    assert steps[4] == "Opslag (€ 12,34) plus € 1.000,00 is € 1.012,34."
    assert "Opslag: dit volgt uit toeslagwet, artikel 2." in steps
    none = told("hoogte", huurt=False)
    assert none.verdict.nl == "Hoogte: € 0,00."
    assert [step.nl for step in none.steps][:2] == ["Recht op toeslag: nee.", "Daarom telt: € 0,00."]


def test_an_unknown_outcome_says_what_is_missing_and_never_no() -> None:
    case = Case(DAY, {"bsn": "1"}, (Register("burgers", "bsn", [{"bsn": "1", "huurt": True}]),))
    found = explain(library(), Request("toeslagwet", ("recht_op_toeslag",)), "recht_op_toeslag", case)
    assert found.verdict.nl == "Recht op toeslag: nog niet bekend. Er ontbreken gegevens."
    assert found.steps[0] == NOT_A_NO
    text = " ".join(dutch(found))
    assert "Nodig: soort. Dit vraagt toeslagwet, artikel 1." in text and "inkomen per jaar" in text
    assert "uitkomst: nee" not in text and "huurt" not in text


def test_a_hardship_clause_of_the_law_itself_is_named() -> None:
    clause = LAW + "- number: '9'\n  text: Dit is de hardheidsclausule.\n"
    last = told("recht_op_toeslag", clause).steps[-1]
    assert last.nl == "Een uitzondering kan via toeslagwet, artikel 9."
    assert last.en == "An exception is possible under toeslagwet, article 9."


ROWS = st.fixed_dictionaries(
    {
        "inkomen": st.integers(0, 4_000_000),
        "huurt": st.booleans(),
        "soort": st.sampled_from(["HUUR", "PACHT", "KOOP"]),
        "geboren": st.dates(date(1930, 1, 1), date(2025, 1, 1)).map(date.isoformat),
    }
)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from(["recht_op_toeslag", "hoogte", "leeftijd"]))
def test_every_explanation_is_plain_and_every_turn_true(row: dict[str, Any], output: str) -> None:
    found = told(output, **row)
    _is_plain(found)
    for change in found.changes:
        _turns_there(found, change.nl, row, output)


def _turns_there(found: Explanation, said: str, row: dict[str, Any], output: str) -> None:
    """Check a change at the value that it names, and one step less far."""
    match = re.fullmatch(r"Stel: (.*) is (.*?)( of (?:meer|minder|later|eerder))?\. Dan is de uitkomst: (.*)\.", said)
    assert match, said
    name = {"inkomen per jaar": "inkomen", "geboortedatum": "geboren"}.get(match[1], match[1])
    value = _read(match[2])
    assert told(output, **{**row, name: value}).verdict.nl.endswith(f": {match[4]}.")
    if match[3]:
        back = -1 if match[3].split()[1] in ("meer", "later") else 1
        near = date.fromordinal(value.toordinal() + back).isoformat() if isinstance(value, date) else value + back
        before, after = found.verdict.nl, told(output, **{**row, name: near}).verdict.nl
        zero = (before.endswith("€ 0,00."), after.endswith("€ 0,00."))
        assert before == after or (output != "recht_op_toeslag" and zero[0] == zero[1])


def _read(text: str) -> Any:
    if text == "iets anders":
        return "zomaar iets"
    if text in ("ja", "nee"):
        return text == "ja"
    if text.startswith("€"):
        return int(re.sub(r"\D", "", text))
    if (parts := text.split())[1:2] and parts[1] in MONTHS.split():
        return date(int(parts[2]), MONTHS.split().index(parts[1]) + 1, int(parts[0]))
    return text


def _is_plain(item: Explanation) -> None:
    lengths = [len(part.split()) for text in dutch(item) for part in re.split(r"(?<=[.?:]) ", text) if part]
    assert median(lengths) <= 20
    for text in (*dutch(item), *english(item)):
        assert not re.search(r"[{}]|None|Fraction|_", text), text
        assert text[0].isupper() or not text[0].isalpha()
    assert not OFFICIALESE.search(" ".join(dutch(item)))
    assert NO_DECISION in item.steps
    shown = item.as_dict()
    assert shown["verdict"]["nl"] and shown["rule"]["article"]


@pytest.mark.parametrize(
    ("value", "unit", "nl", "en"),
    [
        (123456, "eurocent", "€ 1.234,56", "€1,234.56"),
        (-5, "eurocent", "€ -0,05", "-€0.05"),
        (12, "euro", "€ 12,00", "€12.00"),
        (True, "", "ja", "yes"),
        (None, "", "geen", "none"),
        (1, "years", "1 jaar", "1 year"),
        (6, "weeks", "6 weken", "6 weeks"),
        (4, "percentage", "4%", "4%"),
        (date(2025, 1, 1), "", "1 januari 2025", "1 January 2025"),
        (["A", "B", "C"], "", "A, B of C", "A, B or C"),
        ("GEEN_PARTNER", "", "GEEN PARTNER", "GEEN PARTNER"),
    ],
)
def test_values_are_said_as_people_read_them(value: Any, unit: str, nl: str, en: str) -> None:
    assert (value_said(value, unit).nl, value_said(value, unit).en) == (nl, en)


def corpus_cases() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield a person for each outcome of the care allowance that the reference corpus tells apart."""
    person = {
        "bsn": "1",
        "geboortedatum": "1990-01-01",
        "partnerschap_type": "GEEN",
        "polis_status": "ACTIEF",
        "verdragsinschrijving": False,
    }
    amounts = (
        "buitenlands_inkomen loon_uit_dienstbetrekking uitkeringen_en_pensioenen winst_uit_onderneming "
        "resultaat_overige_werkzaamheden eigen_woning reguliere_voordelen vervreemdingsvoordelen spaargeld beleggingen "
        "onroerend_goed schulden"
    )
    person |= dict.fromkeys(amounts.split(), 0)
    for output in ("hoogte_zorgtoeslag", "heeft_recht_op_zorgtoeslag"):
        yield "full", output, person | {"loon_uit_dienstbetrekking": 3_000_000}
        yield "too much income", output, person | {"loon_uit_dienstbetrekking": 9_000_000}
        yield "not insured", output, person | {"polis_status": "GEEN"}
        yield "too much wealth", output, person | {"spaargeld": 99_999_999}
        yield "nothing known", output, {"bsn": "1"}


@pytest.mark.parametrize(("name", "output", "row"), list(corpus_cases()))
def test_the_reference_corpus_is_explained_in_plain_words(
    shared: Callable[..., Path], name: str, output: str, row: dict[str, Any]
) -> None:
    case = Case(date(2025, 6, 1), {"bsn": "1"}, (Register("persoon", "bsn", [row]),))
    found = explain(Library.load([shared(*CORPUS)]), Request("wet_op_de_zorgtoeslag", (output,)), output, case)
    _is_plain(found)
    text = " ".join(dutch(found))
    wanted = {
        "full": "Stel: loon uit dienstbetrekking",
        "too much income": "Stel: loon uit dienstbetrekking",
        # The amount does not look at the insurance; the right does.
        "not insured": "Hoogte zorgtoeslag" if output.startswith("hoogte") else "Is verzekerde: nee",
        "too much wealth": "Hoogte zorgtoeslag" if output.startswith("hoogte") else "Vermogen onder grens: nee",
        "nothing known": "nog niet bekend",
    }[name]
    assert wanted in text
    assert found.rule.url.startswith("https://wetten.overheid.nl/BWBR0018451")
