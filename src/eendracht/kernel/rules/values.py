"""What a rule can yield: numbers without loss, dates, text, truth values, lists, objects; and three ways to lack one.

An absence is never one thing: null is stated by a source ("there is no partner"), `Unknown` is a fact that nobody gave,
`Untranslatable` comes from an article whose text no operation can express. None of them means *no right*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

Number = int | Fraction
"""An exact number; a whole one is always an `int`, so that equal numbers have one form."""

_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_LITERAL_DIGITS: Final = 400
_OUTPUT_DIGITS: Final = 28
"""Decimals of an output that has no finite decimal expansion (a third), rounded half up; the digits of RFC-024."""


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """A fact that an evaluation asks for: its name, who asks (law and article), and about whom (names of keys only)."""

    name: str
    law: str = ""
    article: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No value, for want of these facts; `sure` are those without which no answer to the others gives one."""

    facts: frozenset[Fact]
    sure: frozenset[Fact] = field(default=frozenset(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Untranslatable:
    """No value, for these articles (`law:article`) hold a construct that cannot be expressed."""

    articles: frozenset[str]


Absent = Unknown | Untranslatable


def normalise(number: Fraction | int) -> Number:
    """Give a number in its one form."""
    if isinstance(number, Fraction) and number.denominator == 1:
        return number.numerator
    return number


def parse_number(text: str) -> Number:
    """Read a decimal literal without loss; raises ValueError, also for one of more than 400 digits on either side."""
    try:
        number = Decimal(text[: 2 * _LITERAL_DIGITS + 1])
        if len(text) > 2 * _LITERAL_DIGITS or not _fits(number):
            raise ValueError(f"'{text[:40]}' is no number of at most {_LITERAL_DIGITS} digits")
        return normalise(Fraction(number))
    except (InvalidOperation, OverflowError) as error:
        raise ValueError(f"'{text[:40]}' is not a number") from error


def _fits(number: Decimal) -> bool:
    """Whether it can be held exactly without filling the memory (`1e999999999` cannot)."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and number.adjusted() <= _LITERAL_DIGITS and exponent >= -_LITERAL_DIGITS


def is_number(value: Any) -> bool:
    """Whether it is a number; a truth value is none."""
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def as_date(value: Any) -> date | None:
    """Give a date, or an ISO 8601 text that is one, as a date; else None."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def from_plain(value: Any) -> Any:
    """Take a value as JSON, YAML or a table gives it: decimals and floats (by their shortest text) become exact."""
    if value is None or isinstance(value, bool | int | str | Fraction):
        return normalise(value) if isinstance(value, Fraction) else value
    if isinstance(value, float | Decimal):
        return parse_number(repr(value) if isinstance(value, float) else str(value))
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if isinstance(value, dict):
        return {str(key): from_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [from_plain(item) for item in value]
    raise ValueError(f"a {type(value).__name__} is not a value of a rule")


def infer_literal(text: str) -> Any:
    """Read a text by its content, as the step vocabulary prescribes: null, a truth value, a number, else itself."""
    stripped = text.strip()
    if stripped in ("null", ""):
        return None
    if stripped in ("true", "false"):
        return stripped == "true"
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", stripped):
        return parse_number(stripped)
    return stripped


def at_output(value: Any) -> Any:
    """Close a value at an output: a number without a finite decimal expansion is rounded half up to 28 decimals."""
    if isinstance(value, Fraction) and not _is_finite(value.denominator):
        scale = 10**_OUTPUT_DIGITS
        return normalise(Fraction(round_half_up(value * scale), scale))
    return value


def round_half_up(number: Fraction | int) -> int:
    """Round to a whole number, a half away from zero."""
    doubled = abs(Fraction(number)) * 2
    whole = int((doubled + 1) // 2)
    return whole if number >= 0 else -whole


def to_plain(value: Any) -> Any:
    """Give a value as JSON carries it: whole numbers as they are, others as decimal text, dates as ISO 8601."""
    if isinstance(value, Fraction):
        return decimal_text(value)
    if isinstance(value, float):
        return to_plain(from_plain(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Unknown):
        return {"unknown": sorted(fact.name for fact in value.facts)}
    if isinstance(value, Untranslatable):
        return {"untranslatable": sorted(value.articles)}
    return value


def decimal_text(number: Number) -> str:
    """Print an exact number as a decimal, without loss where it is finite, else as `numerator/denominator`."""
    if isinstance(number, int):
        return str(number)
    if not _is_finite(number.denominator):
        return f"{number.numerator}/{number.denominator}"
    digits = 0
    scaled: Number = number
    while not isinstance(scaled, int):
        scaled = normalise(scaled * 10)
        digits += 1
    text = str(abs(scaled)).rjust(digits + 1, "0")
    return f"{'-' if scaled < 0 else ''}{text[:-digits]}.{text[-digits:]}"


def unknown(fact: Fact) -> Unknown:
    """Give the absence of a value for want of one fact."""
    return Unknown(frozenset((fact,)), frozenset((fact,)))


def join_absent(values: Iterable[Any], *, is_every: bool = True) -> Absent | None:
    """Give what is absent among values as one, what cannot be expressed first; None if all are there.

    With `is_every` each value has to be there for a result, else one of them may decide without the others.
    """
    facts: frozenset[Fact] = frozenset()
    sure: list[frozenset[Fact]] = []
    articles: frozenset[str] = frozenset()
    for value in values:
        if isinstance(value, Unknown):
            facts |= value.facts
        elif isinstance(value, Untranslatable):
            articles |= value.articles
        if isinstance(value, Unknown):
            sure.append(value.sure)
        elif not is_every:
            sure.append(frozenset())
    if articles:
        return Untranslatable(articles)
    if not facts:
        return None
    return Unknown(facts, frozenset().union(*sure) if is_every else frozenset.intersection(*sure))


def _is_finite(denominator: int) -> bool:
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1
