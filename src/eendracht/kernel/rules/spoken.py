"""Values and names of rules as people read them, in Dutch and English: € 1.234,56, 1 januari 2025, yes and no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.values import Absent, as_date
from eendracht.kernel.wording import Said

_MONTHS: Final = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en": "January February March April May June July August September October November December",
}
_UNITS: Final = {
    "years": Said("jaar", "years"),
    "months": Said("maanden", "months"),
    "weeks": Said("weken", "weeks"),
    "days": Said("dagen", "days"),
    "hours": Said("uur", "hours"),
}
_ONE: Final = {
    "years": Said("jaar", "year"),
    "months": Said("maand", "month"),
    "weeks": Said("week", "week"),
    "days": Said("dag", "day"),
    "hours": Said("uur", "hour"),
}
_YES: Final = {True: Said("ja", "yes"), False: Said("nee", "no")}
_LONGEST: Final = 8
"""Words of a description that still reads as a name; a longer one gives way to the name itself."""
_MOST_ITEMS: Final = 4
_MOST_DECIMALS: Final = 6
_GRADES: Final = {
    "official": Said("officieel cijfer", "official figure"),
    "secondary": Said("cijfer uit een tweede bron", "figure from a secondary source"),
    "derived": Said("afgeleid cijfer", "derived figure"),
}


def value_said(value: Any, unit: str = "") -> Said:
    """Give a value in words; of an object or a long list only how much there is."""
    if isinstance(value, Absent):
        return Said("onbekend", "unknown")
    if value is None:
        return Said("geen", "none")
    if isinstance(value, bool):
        return _YES[value]
    if (day := as_date(value)) is not None:
        return day_said(day)
    if isinstance(value, list):
        if not value:
            return Said("niets", "nothing")
        return listed([value_said(item, unit) for item in value], "of", "or")
    if isinstance(value, dict):
        return Said(f"{len(value)} gegevens", f"{len(value)} facts")
    if not isinstance(value, int | Fraction | float):
        text = str(value).replace("_", " ") if str(value).isupper() else str(value)
        return Said(text, text)
    return _number_said(value, unit)


def _number_said(value: int | Fraction | float, unit: str) -> Said:
    if unit in ("euro", "eurocent"):
        amount = _decimal(Fraction(value) / 100 if unit == "eurocent" else value)
        sign = "-" if amount < 0 else ""
        digits = max(2, _digits(amount))
        return Said(f"€ {sign}{_grouped(abs(amount), digits, 'nl')}", f"{sign}€{_grouped(abs(amount), digits, 'en')}")
    if unit in ("ratio", "percentage"):
        number = _decimal(Fraction(value) * 100 if unit == "ratio" else value)
        digits = _digits(number)
        return Said(f"{_grouped(number, digits, 'nl')}%", f"{_grouped(number, digits, 'en')}%")
    number = _decimal(value)
    digits = _digits(number)
    words = (_ONE if number == 1 else _UNITS).get(unit, Said("", ""))
    return Said(
        f"{_grouped(number, digits, 'nl')} {words.nl}".strip(), f"{_grouped(number, digits, 'en')} {words.en}".strip()
    )


def day_said(day: date) -> Said:
    """Give a day in full."""
    nl, en = (f"{day.day} {_MONTHS[language].split()[day.month - 1]} {day.year}" for language in ("nl", "en"))
    return Said(nl, en)


def listed(items: Sequence[Said], nl: str = "en", en: str = "and") -> Said:
    """Join items into one phrase; of many only the first, and how many more there are."""
    shown, more = items[:_MOST_ITEMS], len(items) - _MOST_ITEMS
    found = []
    for language, word, rest in (("nl", nl, "andere"), ("en", en, "others")):
        texts = [item[language] for item in shown] + ([f"{more} {rest}"] if more > 0 else [])
        head = ", ".join(texts[:-1])
        found.append(f"{head} {word} {texts[-1]}" if head else texts[-1])
    return Said(*found)


def name_said(name: str, field: ir.Field | None = None) -> Said:
    """Give a name in words: the description of its field where that is short, else the name without underscores."""
    described = re.split(r"[.;:(]", field.description.strip())[0].strip() if field else ""
    if described and len(described.split()) <= _LONGEST:
        text = described if described[:2].isupper() else described[0].lower() + described[1:]
    else:
        text = " ".join(part.replace("_", " ") for part in name.split(".")).strip()
        text = text if text.isupper() and len(text) <= 5 else text.lower()
    return Said(text, text)


def article_said(law: ir.Regulation, article: ir.Article | None) -> Said:
    """Name a law with its article; a law of which the article has no number by itself."""
    number = article.number if article else ""
    if not number:
        return Said(law.name, law.name)
    return Said(f"{law.name}, artikel {number}", f"{law.name}, article {number}")


def grade_said(grade: str) -> Said | None:
    """Say how sure a figure of a law file is; None where the file does not tell."""
    return _GRADES.get(grade) or (Said(grade, grade) if grade else None)


def sentence(text: Said) -> Said:
    """Begin with a capital."""
    return Said(text.nl[:1].upper() + text.nl[1:], text.en[:1].upper() + text.en[1:])


def _grouped(number: Decimal, digits: int, language: str) -> str:
    printed = f"{number:,.{digits}f}"
    return printed.translate(str.maketrans(",.", ".,")) if language == "nl" else printed


def _digits(number: Decimal) -> int:
    return max(0, -int(number.normalize().as_tuple().exponent))


def _decimal(value: int | Fraction | float) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
        return round(Decimal(exact.numerator) / Decimal(exact.denominator), _MOST_DECIMALS)
