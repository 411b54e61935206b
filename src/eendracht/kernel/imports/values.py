"""Reads Dutch (and English) numbers, amounts, dates, durations and answers; what is ambiguous is said, not guessed.

A text that can mean two things raises `Ambiguous` unless a style, decided over the whole column, settles it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

NumberStyle = Literal["comma", "point"]
"""Which sign stands before the decimals."""
DateOrder = Literal["day-first", "month-first"]
DurationUnit = Literal["hours", "days", "months", "minutes"]


class Unfit(Exception):
    """The text is no value of this type; says so in Dutch and English, with a hint."""

    code = "unfit-value"

    def __init__(self, nl: str, en: str, hint: str = "") -> None:
        self.nl, self.en, self.hint = nl, en, hint
        super().__init__(en)


class Ambiguous(Unfit):
    """The text can mean two things and nothing in the column settles which."""

    code = "ambiguous-value"


MAX_TEXT: Final = 60
"""No number, date or duration is longer; longer texts are refused before any pattern is tried."""
_AMOUNT = re.compile(
    r"(?P<sign>[-+−]|\()?\s*(?:€|eur|euro)?\s*(?P<sign2>[-−])?\s*(?P<body>\d[\d.,'’ ]*?)(?P<dash>,[-–—]+)?\s*"
    r"(?:€|eur|euro)?\s*(?P<minus>-)?\)?\s*%?",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\d+")
_GROUPED: Final = {
    "comma": re.compile(r"[1-9]\d{0,2}(?:[.' ’]\d{3})+(?:,\d+)?|\d+,\d+|\d+"),
    "point": re.compile(r"[1-9]\d{0,2}(?:[,' ’]\d{3})+(?:\.\d+)?|\d+\.\d+|\d+"),
}
_ONE_GROUP = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def _body(text: str) -> tuple[str, bool, bool]:
    match = _AMOUNT.fullmatch(text.strip()) if len(text) <= MAX_TEXT else None
    if match is None:
        raise Unfit(f"'{text[:40]}' is geen getal", f"'{text[:40]}' is not a number", "Write digits only.")
    negative = any((match["sign"] in ("-", "−", "("), match["sign2"], match["minus"]))
    return match["body"].strip(), negative, match["dash"] is not None


def number_evidence(text: str) -> NumberStyle | None:
    """Tell which decimal sign a text proves, or None where it proves nothing."""
    try:
        body, _, dash = _body(text)
    except Unfit:
        return None
    if dash:
        return "comma"
    if _PLAIN.fullmatch(body) or _ONE_GROUP.fullmatch(body):
        return None
    fits = [style for style, pattern in _GROUPED.items() if pattern.fullmatch(body)]
    return fits[0] if len(fits) == 1 else None  # type: ignore[return-value]


def parse_decimal(text: str, style: NumberStyle | None = None) -> Decimal:
    """Give the number in a text such as `1.234,56`, `€ 12.500,-` or `12,5%` (without the percent sign's division).

    `style` settles texts like `1.234`. Raises Ambiguous or Unfit.
    """
    body, negative, dash = _body(text)
    proved = "comma" if dash else number_evidence(text)
    chosen = proved or style
    if _PLAIN.fullmatch(body):
        chosen = "point"
    elif chosen is None and _ONE_GROUP.fullmatch(body):
        raise Ambiguous(
            f"'{text[:40]}' kan een duizendtal of een decimaal getal zijn",
            f"'{text[:40]}' may be thousands or a decimal fraction",
            "Say for this column whether the comma or the point stands before the decimals.",
        )
    if chosen is None or not _GROUPED[chosen].fullmatch(body):
        raise Unfit(f"'{text[:40]}' is geen getal", f"'{text[:40]}' is not a number", "Check the dots and commas.")
    digits = re.sub(r"[' ’.]" if chosen == "comma" else r"[' ’,]", "", body).replace(",", ".")
    try:
        value = Decimal(digits)
    except InvalidOperation as error:  # pragma: no cover - the pattern leaves only digits and one point
        raise Unfit("Dit is geen getal", "This is not a number") from error
    return -value if negative else value


_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?")
_COMPACT = re.compile(r"(19|20)\d{6}")
_PARTS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: \d{1,2}:\d{2}(?::\d{2})?)?")
_WORDS = re.compile(r"(?:\w+\s+)?(\d{1,2})(?:e|ste|de|st|nd|rd|th)?[ -]+([a-zé]+)\.?,?[ -]+(\d{4})", re.IGNORECASE)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari feb february",
            "maart mrt march mar",
            "april apr",
            "mei may",
            "juni jun june",
            "juli jul july",
            "augustus aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
NO_DATE: Final = frozenset(
    (
        *("onbekend", "unknown", "n.v.t.", "nvt", "onbepaald", "geen", "-", "--", "?", "n.b.", "nb", "ntb", "n.t.b."),
        *("leeg", "null", "none", "tbd", "onbepaalde tijd", "niet van toepassing", "tot wederopzegging", "doorlopend"),
    )
)
_SERIAL_BEGIN: Final = date(1899, 12, 30)


def date_evidence(text: str) -> DateOrder | None:
    """Tell which order of day and month a text proves, or None."""
    match = _PARTS.fullmatch(text.strip())
    if match is None:
        return None
    first, second = int(match[1]), int(match[3])
    if first > 12 >= second:
        return "day-first"
    return "month-first" if second > 12 >= first else None


def parse_date(text: str, order: DateOrder | None = None, *, contradicted: bool = False) -> date | None:
    """Give the date in a text; None where the text says that there is none (`n.v.t.`, `31-12-9999`).

    Read are ISO dates, `31-12-2026`, `1 januari 2026`, `31/12/26` (years 00-69 are 2000-2069, as in POSIX). With
    hyphens or dots the day stands first, as Dutch writes it, unless the column `contradicted` that; with slashes the
    column must settle it (`order`). Raises Ambiguous or Unfit.
    """
    text = text.strip()[: MAX_TEXT + 1]
    if text.lower() in NO_DATE:
        return None
    if match := _ISO.fullmatch(text):
        return _make_date(int(match[1]), int(match[2]), int(match[3]), text)
    if _COMPACT.fullmatch(text):
        return _make_date(int(text[:4]), int(text[4:6]), int(text[6:]), text)
    if match := _WORDS.fullmatch(text):
        month = _MONTHS.get(match[2].lower())
        if month:
            return _make_date(int(match[3]), month, int(match[1]), text)
    match = _PARTS.fullmatch(text)
    if match is None:
        raise Unfit(
            f"'{text[:40]}' is geen datum",
            f"'{text[:40]}' is not a date",
            "Write a day, such as 31-12-2026; leave the cell empty where the date is not known.",
        )
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if len(match[4]) == 2:
        year += 2000 if year < 70 else 1900
    settled = date_evidence(text) or order
    if settled is None and first != second:
        if match[2] == "/" or contradicted:
            raise Ambiguous(
                f"'{text}' kan dag-maand of maand-dag zijn",
                f"'{text}' may be day-month or month-day",
                "Say for this column whether the day or the month stands first.",
            )
        settled = "day-first"
    day, month = (second, first) if settled == "month-first" else (first, second)
    return _make_date(year, month, day, text)


def _make_date(year: int, month: int, day: int, text: str) -> date | None:
    if year == 9999 or (year == 1900 and month == 1 and day == 1):
        return None
    try:
        value = date(year, month, day)
    except ValueError:
        raise Unfit(
            f"'{text[:40]}' is geen bestaande datum", f"'{text[:40]}' is not an existing date", "Check day and month."
        ) from None
    if not 1800 <= year <= 2200:
        raise Unfit(f"Het jaar in '{text[:40]}' klopt niet", f"The year in '{text[:40]}' cannot be right", "Check it.")
    return value


def date_of_cell(cell: Any, *, epoch_1904: bool = False) -> date | None:
    """Give the date of a cell that is a date or an Excel serial (days since 1899-12-30; 1954 to 2119).

    Raises Unfit for other numbers, and for a bare serial in a workbook that counts from 1904.
    """
    if isinstance(cell, datetime):
        return _make_date(cell.year, cell.month, cell.day, str(cell))
    if isinstance(cell, date):
        return _make_date(cell.year, cell.month, cell.day, str(cell))
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 <= cell <= 80_000 and not epoch_1904:
        return _SERIAL_BEGIN + timedelta(days=int(cell))
    raise Unfit(
        f"{str(cell)[:40]} is geen datum", f"{str(cell)[:40]} is not a date", "Format the cell as a date, or write it."
    )


def to_half_open(last_day: date) -> date:
    """Give the first day after an inclusive last day: the only place where that is done."""
    return last_day + timedelta(days=1)


_DURATION = re.compile(
    r"(?:<=?|≤|max(?:imaal|\.)?|binnen|uiterlijk|tot|within)?\s*(\d{1,9}(?:[.,]\d{1,9})?)\s*"
    r"(minuten|minuut|minutes?|min|uren|uur|u|hours?|hrs?|h|kalenderdagen|kalenderdag|dagen|dag|days?|d|"
    r"werkdagen|werkdag|weken|week|weeks?|wk|w|maanden|maand|months?|mnd|jaren|jaar|years?|jr)?\.?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::[0-5]\d)?")
_HOURS_PER: Final = {
    "mi": Decimal(1) / 60,
    "u": Decimal(1),
    "h": Decimal(1),
    "da": Decimal(24),
    "d": Decimal(24),
    "ka": Decimal(24),
    "we": Decimal(168),
    "wk": Decimal(168),
    "w": Decimal(168),
    "wd": Decimal(24),
    "ma": Decimal(720),
    "mn": Decimal(720),
    "mo": Decimal(720),
    "ja": Decimal(8760),
    "ye": Decimal(8760),
    "jr": Decimal(8760),
}
_UNIT_HOURS: Final = {"hours": Decimal(1), "days": Decimal(24), "months": Decimal(720), "minutes": Decimal(1) / 60}


def duration_unit(text: str) -> str:
    """Give the unit that a text names (`uur`, `werkdag`), in lower case; empty where it names none."""
    match = _DURATION.fullmatch(text.strip())
    return (match[2] or "").lower() if match else ""


def parse_hours(text: str, unit: DurationUnit | None = None) -> Decimal:
    """Give a duration such as `4 uur`, `2 dagen`, `< 1 werkdag`, `0:30` in hours, to three decimals.

    A working day counts as 24 hours of the clock, a month as 30 days. A bare number needs `unit`; without it
    Ambiguous is raised. Raises Unfit for what is no duration.
    """
    text = text.strip()[: MAX_TEXT + 1]
    if clock := _CLOCK.fullmatch(text):
        return (Decimal(clock[1]) + Decimal(clock[2]) / 60).quantize(Decimal("0.001")).normalize() + 0
    match = _DURATION.fullmatch(text)
    if match is None:
        raise Unfit(
            f"'{text[:40]}' is geen duur", f"'{text[:40]}' is not a duration", "Write a number and a unit: 4 uur."
        )
    number = Decimal(match[1].replace(",", "."))
    name = (match[2] or "").lower()
    if not name and unit is None and number:
        raise Ambiguous(
            f"'{text}' zonder eenheid: uren, dagen of maanden?",
            f"'{text}' without a unit: hours, days or months?",
            "Say for this column which unit it has.",
        )
    factor = _UNIT_HOURS[unit or "hours"] if not name else _hours_per(name)
    hours = (number * factor).quantize(Decimal("0.001"))
    return hours.to_integral_value() if hours == hours.to_integral_value() else hours.normalize()


def _hours_per(unit: str) -> Decimal:
    if unit.startswith("werkdag"):
        return _HOURS_PER["wd"]
    return _HOURS_PER.get(unit[:2]) or _HOURS_PER[unit[:1]]


_YES: Final = frozenset(["ja", "j", "yes", "y", "true", "waar", "x", "✓", "✔", "√", "1", "wel", "aanwezig"])
_NO: Final = frozenset(["nee", "n", "no", "false", "onwaar", "0", "neen", "geen", "niet", "n.v.t.", "nvt", "-"])
_UNKNOWN: Final = frozenset(["onbekend", "unknown", "?", "??", "weet niet", "n.t.b.", "ntb", "n.b.", "nog te bepalen"])


def parse_answer(text: str) -> str:
    """Give `yes`, `no` or `unknown` for ja/nee/onbekend and their kin, or raise Unfit."""
    word = text.strip().lower().rstrip(".!")
    for answer, words in (("yes", _YES), ("no", _NO), ("unknown", _UNKNOWN)):
        if word in words or text.strip().lower() in words:
            return answer
    first = re.match(r"(ja|nee|yes|no)\b[,:; (-]", word)
    if first:
        return "yes" if first[1] in ("ja", "yes") else "no"
    raise Unfit(f"'{text[:40]}' is geen ja of nee", f"'{text[:40]}' is not yes or no", "Write ja, nee or onbekend.")


def decide_number_style(texts: Iterable[str]) -> tuple[NumberStyle | None, bool]:
    """Give the decimal sign that the texts of a column prove, and whether they contradict each other."""
    proofs = {proof for text in texts if (proof := number_evidence(text))}
    return (proofs.pop(), False) if len(proofs) == 1 else (None, len(proofs) > 1)


def decide_date_order(texts: Iterable[str]) -> tuple[DateOrder | None, bool]:
    """Give the order of day and month that the texts of a column prove, and whether they contradict each other."""
    proofs = {proof for text in texts if (proof := date_evidence(text))}
    return (proofs.pop(), False) if len(proofs) == 1 else (None, len(proofs) > 1)
