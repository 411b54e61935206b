"""Exact months between days, and the day that lies some months on."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from fractions import Fraction

MONTHS_OF_YEAR = 12


def count_months(begin: date, end: date) -> Fraction:
    """Give the months from one day to another, negative where it lies before; days count as parts of their month."""
    return _place(end) - _place(begin)


def add_months(day: date, months: Fraction) -> date:
    """Give the day that lies so many months on; the last day there is where it lies beyond the year 9999."""
    whole, part = divmod(_place(day) + months, 1)
    year, month = divmod(int(whole), MONTHS_OF_YEAR)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, 1 + int(part * monthrange(year, month + 1)[1]))


def _place(day: date) -> Fraction:
    days = monthrange(day.year, day.month)[1]
    return MONTHS_OF_YEAR * day.year + day.month - 1 + Fraction(day.day - 1, days)
