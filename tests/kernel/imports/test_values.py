"""Dutch values: each expected value is what the text means to a Dutch reader, or follows from the calendar."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.imports import values
from eendracht.kernel.imports.values import Ambiguous, Unfit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.234,56", "1234.56"),
        ("€ 12.500,-", "12500"),
        ("€ 12.500,--", "12500"),
        ("12,5%", "12.5"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("EUR 99,95", "99.95"),
        ("-3,5", "-3.5"),
        ("(12,50)", "-12.50"),
        ("1 234,5", "1234.5"),
        ("0,125", "0.125"),
        ("42", "42"),
    ],
)
def test_number_is_read_as_dutch_writes_it(text: str, expected: str) -> None:
    assert values.parse_decimal(text) == Decimal(expected)


def test_one_group_of_three_is_ambiguous_until_the_column_settles_it() -> None:
    with pytest.raises(Ambiguous):
        values.parse_decimal("1.234")
    assert values.parse_decimal("1.234", "comma") == 1234
    assert values.parse_decimal("1.234", "point") == Decimal("1.234")
    assert values.decide_number_style(["1.234", "12,50"]) == ("comma", False)
    assert values.decide_number_style(["1.234", "5.678"]) == (None, False)
    assert values.decide_number_style(["12.50", "12,50"]) == (None, True)


@pytest.mark.parametrize("text", ["abc", "", "1.23.45", "12,5,5", "ca. 250", "50-100", "1.2345,6"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        values.parse_decimal(text)


@given(st.integers(min_value=0, max_value=10**12))
def test_every_dutch_amount_reads_back(cents: int) -> None:
    euros, rest = divmod(cents, 100)
    text = f"€ {euros:,},{rest:02d}".replace(",", ".", f"{euros:,}".count(","))
    assert values.parse_decimal(text) == Decimal(cents) / 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31-12-2026", date(2026, 12, 31)),
        ("1 januari 2026", date(2026, 1, 1)),
        ("1 jan. 2026", date(2026, 1, 1)),
        ("31/12/26", date(2026, 12, 31)),
        ("03-04-2026", date(2026, 4, 3)),
        ("3.4.2026", date(2026, 4, 3)),
        ("2026-04-03", date(2026, 4, 3)),
        ("2026-04-03T00:00:00Z", date(2026, 4, 3)),
        ("20260403", date(2026, 4, 3)),
        ("donderdag 1 oktober 2026", date(2026, 10, 1)),
        ("05/05/2026", date(2026, 5, 5)),
        ("31-12-9999", None),
        ("n.v.t.", None),
        ("onbepaalde tijd", None),
    ],
)
def test_date_is_read_as_dutch_writes_it(text: str, expected: date | None) -> None:
    assert values.parse_date(text) == expected


def test_slashed_date_is_ambiguous_until_the_column_settles_it() -> None:
    with pytest.raises(Ambiguous):
        values.parse_date("03/04/2026")
    assert values.parse_date("03/04/2026", "day-first") == date(2026, 4, 3)
    assert values.parse_date("03/04/2026", "month-first") == date(2026, 3, 4)
    assert values.decide_date_order(["03/04/2026", "25/04/2026"]) == ("day-first", False)
    assert values.decide_date_order(["03/04/2026", "04/25/2026"]) == ("month-first", False)
    assert values.decide_date_order(["25/04/2026", "04/25/2026"]) == (None, True)


@pytest.mark.parametrize("text", ["31-02-2026", "medio 2027", "Q3 2026", "2026", "13/13/2026", "1 foo 2026"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        values.parse_date(text)


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31)))
def test_every_dutch_date_reads_back(day: date) -> None:
    if day != date(1900, 1, 1):
        assert values.parse_date(day.strftime("%d-%m-%Y")) == day
        assert values.parse_date(day.strftime("%d-%m-%y")) == day


def test_excel_serials_count_from_the_end_of_1899() -> None:
    # Microsoft: serial 45292 is 1 January 2024.
    assert values.date_of_cell(45292) == date(2024, 1, 1)
    assert values.date_of_cell(datetime(2024, 1, 1, 12)) == date(2024, 1, 1)  # noqa: DTZ001
    for cell in (3, 1e9, True):
        with pytest.raises(Unfit):
            values.date_of_cell(cell)
    with pytest.raises(Unfit):
        values.date_of_cell(45292, epoch_1904=True)


def test_inclusive_end_becomes_the_first_day_after() -> None:
    assert values.to_half_open(date(2026, 12, 31)) == date(2027, 1, 1)
    assert values.to_half_open(date(2028, 2, 28)) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("4 uur", "4"),
        ("2 dagen", "48"),
        ("1 werkdag", "24"),
        ("< 4u", "4"),
        ("binnen 8 uur", "8"),
        ("30 minuten", "0.5"),
        ("1,5 uur", "1.5"),
        ("0:30", "0.5"),
        ("1 week", "168"),
        ("3 maanden", "2160"),
    ],
)
def test_duration_is_read_in_hours(text: str, hours: str) -> None:
    assert values.parse_hours(text) == Decimal(hours)


def test_duration_without_unit_is_asked() -> None:
    with pytest.raises(Ambiguous):
        values.parse_hours("4")
    assert values.parse_hours("4", "days") == 96
    for text in ("24/7", "direct", "1 m"):
        with pytest.raises(Unfit):
            values.parse_hours(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("Ja", "yes"), ("nee", "no"), ("J", "yes"), ("x", "yes"), ("Onbekend", "unknown"), ("Ja, bijzonder", "yes")],
)
def test_answers(text: str, answer: str) -> None:
    assert values.parse_answer(text) == answer


def test_no_answer_is_refused() -> None:
    with pytest.raises(Unfit):
        values.parse_answer("misschien")
