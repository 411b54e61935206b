"""Terms and their ends: the calendar against published dates, and weeks against the articles."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from eendracht.services.decision_terms import (
    add_working_days,
    find_easter,
    find_legal_date,
    find_term,
    is_working_day,
    list_holidays,
    move_to_working_day,
)

# Easter Sundays as almanacs print them.
EASTERS = (
    "2000-04-23 2008-03-23 2011-04-24 2014-04-20 2015-04-05 2016-03-27 2017-04-16 2018-04-01 2019-04-21 2020-04-12 "
    "2021-04-04 2022-04-17 2023-04-09 2024-03-31 2025-04-20 2026-04-05 2027-03-28 2028-04-16 2029-04-01 2030-04-21 "
    "2035-03-25 2038-04-25 2049-04-18 1954-04-18 1981-04-19 2285-03-22"
)

HOLIDAYS = {
    # What calendars of the government print for a year; Saturdays and Sundays are in it.
    2025: "01-01 04-18 04-20 04-21 04-26 05-05 05-29 06-08 06-09 12-25 12-26",
    2026: "01-01 04-03 04-05 04-06 04-27 05-05 05-14 05-24 05-25 12-25 12-26",
    2027: "01-01 03-26 03-28 03-29 04-27 05-05 05-06 05-16 05-17 12-25 12-26",
    2014: "01-01 04-18 04-20 04-21 04-26 05-05 05-29 06-08 06-09 12-25 12-26",
}


@pytest.mark.parametrize("text", EASTERS.split())
def test_easter_is_where_almanacs_have_it(text: str) -> None:
    day = date.fromisoformat(text)
    assert find_easter(day.year) == day


@pytest.mark.parametrize("year", HOLIDAYS)
def test_the_holidays_of_a_year(year: int) -> None:
    assert sorted(list_holidays(year)) == [date.fromisoformat(f"{year}-{day}") for day in HOLIDAYS[year].split()]


def test_the_kings_birthday_moves_from_sunday_to_saturday() -> None:
    assert date(2025, 4, 26) in list_holidays(2025)
    assert date(2025, 4, 27) not in list_holidays(2025)
    assert date(2031, 4, 26) in list_holidays(2031)


@pytest.mark.parametrize(
    ("end", "moved"),
    [
        ("2026-04-03", "2026-04-07"),  # Good Friday, and the Easter days after it
        ("2026-04-04", "2026-04-07"),
        ("2026-05-14", "2026-05-15"),  # Ascension Day: the Friday after it is no holiday
        ("2026-05-23", "2026-05-26"),  # Saturday before Pentecost
        ("2026-05-05", "2026-05-06"),
        ("2026-04-27", "2026-04-28"),
        ("2026-12-25", "2026-12-28"),  # Christmas on Friday and Saturday
        ("2027-01-01", "2027-01-04"),
        ("2024-12-25", "2024-12-27"),
        ("2025-04-26", "2025-04-28"),  # Saturday is King's Day, Sunday the 27th, Monday works
        ("2026-06-10", "2026-06-10"),
    ],
)
def test_a_term_never_ends_on_a_day_of_rest(end: str, moved: str) -> None:
    assert move_to_working_day(date.fromisoformat(end)) == date.fromisoformat(moved)


def test_moving_agrees_with_counting_day_by_day() -> None:
    """An independent walk over ten years, from the list of days itself."""
    rest = {day for year in range(2024, 2036) for day in list_holidays(year)}
    at = date(2024, 1, 1)
    while at < date(2034, 1, 1):
        later = at
        while later.isoweekday() in (6, 7) or later in rest:
            later += timedelta(days=1)
        assert move_to_working_day(at) == later
        assert is_working_day(at) == (later == at)
        at += timedelta(days=1)


def test_working_days_are_counted_without_rest() -> None:
    assert add_working_days(date(2026, 4, 1), 1) == date(2026, 4, 2)
    assert add_working_days(date(2026, 4, 1), 2) == date(2026, 4, 7)
    assert add_working_days(date(2026, 12, 24), 5) == date(2027, 1, 4)


def test_an_application_has_the_term_of_its_law_or_eight_weeks() -> None:
    eight = find_term("application", date(2026, 2, 9))
    assert eight and eight.ends_unmoved == date(2026, 4, 6) and eight.ends == date(2026, 4, 7) and eight.is_moved
    assert eight.article == "Awb, art. 4:13"
    assert eight.url == "https://wetten.overheid.nl/BWBR0005537/2025-01-01#Artikel4:13"
    six = find_term("application", date(2026, 2, 9), 6)
    assert six and six.ends == date(2026, 3, 23) and not six.is_moved


def test_a_term_of_more_than_twelve_weeks_keeps_its_end() -> None:
    twelve = find_term("application", date(2026, 1, 12), 12)
    assert twelve and twelve.ends_unmoved == date(2026, 4, 6) and twelve.ends == date(2026, 4, 7)
    long = find_term("application", date(2026, 1, 5), 13)
    assert long and long.ends == long.ends_unmoved == date(2026, 4, 6)


def test_an_objection_runs_from_the_end_of_the_term_for_objecting() -> None:
    found = find_term("objection", date(2026, 2, 9), None, date(2026, 3, 1))
    assert found and found.ends_unmoved == date(2026, 4, 12) and found.ends == date(2026, 4, 13)
    assert found.article == "Awb, art. 7:10"
    # Without it nobody can say: unknown, and never eight weeks.
    assert find_term("objection", date(2026, 2, 9)) is None
    assert find_term("appeal", date(2026, 2, 9)) is None
    assert find_term("message", date(2026, 2, 9)) is None


@pytest.mark.parametrize(("form", "counts"), [("objection", 2), ("appeal", 2), ("application", 9), ("message", 9)])
def test_the_day_at_the_wrong_body_counts_for_objections(form: str, counts: int) -> None:
    assert find_legal_date(form, date(2026, 2, 2), date(2026, 2, 9)) == date(2026, 2, counts)  # type: ignore[arg-type]
