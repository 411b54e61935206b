"""Converts one column at a time: the style of numbers and dates is decided over the column, then each cell is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports import values
from eendracht.kernel.imports.cells import (
    PersonNumber,
    Taken,
    UnknownChoice,
    as_text,
    check_size,
    describe_cell_error,
    parse_country,
)
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.mapping import ColumnRule
from eendracht.kernel.imports.persons import clean_text, is_person_name, is_role_name, is_screened
from eendracht.kernel.imports.rows import Mention, Question, join_place
from eendracht.kernel.imports.sheets import CellError
from eendracht.kernel.imports.tables import Table
from eendracht.kernel.imports.targets import Target
from eendracht.kernel.imports.values import Ambiguous, Unfit
from eendracht.kernel.imports.vocabulary import fold, load_vocabulary

_THOUSANDS = re.compile(r"x\s*€?\s*1[.,]?000\b|\bin duizenden\b|\bk€|€\s*k\b|\bkeur\b", re.IGNORECASE)
_HOURS_HEADER = re.compile(r"\((?:in\s+)?(uren|uur|u|hours?|h)\)|\b(uren|hours)\b", re.IGNORECASE)
_DAYS_HEADER = re.compile(r"\((?:in\s+)?(dagen|dag|days?|d)\)|\b(dagen|days)\b", re.IGNORECASE)
_MONTHS_HEADER = re.compile(r"\((?:in\s+)?(maanden|mnd|months?)\)|\b(maanden|mnd|months)\b", re.IGNORECASE)
_NOBODY: Final = frozenset(
    ["", "nvt", "n v t", "onbekend", "geen", "nog te bepalen", "ntb", "n t b", "unknown", "none", "niet van toepassing"]
)
_MAX_SHOWN: Final = 20


@dataclass(slots=True)
class _Style:
    """What the column as a whole says about its values."""

    number: values.NumberStyle | None = None
    dates: values.DateOrder | None = None
    dates_contradict: bool = False
    unit: values.DurationUnit | None = None
    factor: int = 1


class ColumnReader:
    """Reads the cells of one column for one field, and tells the collector what it could not read."""

    def __init__(self, rule: ColumnRule, target: Target, table: Table, index: int, collector: Collector) -> None:
        self._rule = rule
        self._target = target
        self._table = table
        self._index = index
        self._column = table.columns[index]
        self._place = join_place(table.place, f"kolom {self._column}")
        self._collector = collector
        self._style = _Style()
        self._values = {fold(word): meaning for word, meaning in rule.values.items()}
        self._vocabulary = load_vocabulary().values.get(target.name, {}) if target.shape == "choice" else {}
        self._screened = target.kinds == ("role",) or (target.shape == "mention" and is_screened(self._column))
        self._doubtful: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._memo: dict[Any, Any] = {}

    def read(self, positions: Sequence[int]) -> list[Any]:
        """Give the value for each row at `positions`: JSON-like, a tuple of Mentions, a date, or None."""
        rows, index = self._table.rows, self._index
        cells = [rows[position].cells[index] for position in positions]
        self._decide_style(cells)
        convert, memo = self._converter(), self._memo
        result: list[Any] = []
        for position, cell in zip(positions, cells, strict=True):
            if cell is None:
                result.append(None)
                continue
            # True == 1 == 1.0 in a dict, and they mean different things in a cell.
            known = (cell.__class__, cell)
            outcome = memo.get(known)
            if outcome is None:
                outcome = memo[known] = self._convert(convert, cell)
            value, problem = outcome
            if problem is not None:
                self._report(problem, cell, rows[position].number)
            result.append(value)
        self._ask()
        return result

    def _convert(self, convert: Callable[[Any], Any], cell: Any) -> tuple[Any, Unfit | str | None]:
        if isinstance(cell, CellError):
            return None, describe_cell_error(cell)
        if self._values:
            meaning = self._values.get(fold(as_text(cell)))
            if meaning == "":
                return None, None
            if meaning is not None:
                cell = meaning
        try:
            return convert(cell), None
        except Unfit as problem:
            return None, problem
        except Taken as taken:
            return taken.kept, taken.reason

    def _report(self, problem: Unfit | str, cell: Any, row: int) -> None:
        if isinstance(problem, str):
            self._collector.leave_out(self._table.place, self._column, problem)
        elif isinstance(problem, Ambiguous):
            self._doubtful[str(cell)[:80]] += 1
        elif isinstance(problem, UnknownChoice):
            self._unknown[str(cell)[:80]] += 1
        else:
            place = self._table.place_of(row, self._column)
            self._collector.add_fault(Fault(place, problem.code, problem.nl, problem.en, problem.hint), self._place)

    def _ask(self) -> None:
        for counter, code in ((self._doubtful, "ambiguous"), (self._unknown, "unknown-value")):
            if not counter:
                continue
            setting, choices = self._setting(code)
            shown = tuple(text for text, _ in counter.most_common(_MAX_SHOWN))
            self._collector.questions.append(
                Question(
                    self._place,
                    f"{code}-{setting}" if code == "ambiguous" else code,
                    _ASKED_NL[setting].format(self._column, ", ".join(shown[:3])),
                    _ASKED_EN[setting].format(self._column, ", ".join(shown[:3])),
                    self._column,
                    setting,
                    choices,
                    shown,
                    counter.total(),
                )
            )

    def _setting(self, code: str) -> tuple[str, tuple[str, ...]]:
        if code == "unknown-value":
            return "values", self._target.choices
        if self._target.shape == "date":
            return "dates", ("day-first", "month-first")
        if self._target.shape in ("hours", "days") and any(not values.duration_unit(text) for text in self._doubtful):
            return "unit", ("hours", "days", "months", "minutes")
        return "decimal", ("comma", "point")

    def _decide_style(self, cells: Sequence[Any]) -> None:
        style, shape = self._style, self._target.shape
        if shape not in ("money", "decimal", "integer", "date", "hours", "days"):
            return
        texts = {cell for cell in cells if isinstance(cell, str)}
        if shape == "date":
            order, contradict = values.decide_date_order(texts)
            style.dates, style.dates_contradict = self._rule.dates or order, contradict or order == "month-first"
        elif shape in ("hours", "days"):
            style.unit = self._rule.unit or self._unit_of_header()
        else:
            style.number = self._rule.decimal or values.decide_number_style(texts)[0]
        if shape == "money" and _THOUSANDS.search(self._column):
            style.factor = 1000
            self._note("thousands", "Bedragen in duizenden euro gelezen", "Amounts read as thousands of euros")

    def _unit_of_header(self) -> values.DurationUnit | None:
        if _HOURS_HEADER.search(self._column):
            return "hours"
        if _DAYS_HEADER.search(self._column):
            return "days"
        if _MONTHS_HEADER.search(self._column):
            self._note("month", "Een maand telt als 30 dagen", "A month counts as 30 days")
            return "months"
        return None

    def _note(self, code: str, nl: str, en: str) -> None:
        self._collector.add_note(self._place, code, nl, en)

    def _converter(self) -> Callable[[Any], Any]:
        shape = self._target.shape
        if shape == "mention":
            return self._mentions
        single: Callable[[Any], Any] = {
            "text": self._text,
            "code": self._code,
            "country": parse_country,
            "kvk": self._kvk,
            "money": self._money,
            "hours": self._hours,
            "days": self._days,
            "integer": self._integer,
            "decimal": lambda cell: format(self._number(cell), "f"),
            "date": self._date,
            "answer": lambda cell: values.parse_answer(as_text(cell)),
            "choice": self._choice,
        }[shape]
        if not self._target.is_list:
            return single
        return lambda cell: [single(item) for item in self._items(cell)][: self._target.max_items] or None

    def _items(self, cell: Any) -> list[str]:
        separators = re.escape((self._rule.split or ";") + "\n\r•")
        parts = (part.strip(" \t-–*") for part in re.split(f"[{separators}]", as_text(cell)))
        return [part for part in parts if fold(part) not in _NOBODY]

    def _text(self, cell: Any) -> str | None:
        text, taken, has_bsn = clean_text(as_text(cell))
        if has_bsn:
            raise PersonNumber()
        if len(text) > self._target.max_length:
            raise Unfit(
                f"De tekst is langer dan {self._target.max_length} tekens",
                f"The text is longer than {self._target.max_length} characters",
                "Shorten it in the source, or map the column to the description.",
            )
        if taken:
            raise Taken(text, next(iter(taken)))
        return text or None

    def _code(self, cell: Any) -> str:
        text = as_text(cell)
        if not text or re.search(r"\s", text) or len(text) > 100:
            raise Unfit(f"'{text[:40]}' is geen code", f"'{text[:40]}' is not a code", "A code holds no spaces.")
        return text

    def _kvk(self, cell: Any) -> str:
        digits = re.sub(r"\D", "", as_text(cell))
        if len(digits) == 7:
            self._note("leading-zero", "Voorloopnul van KvK-nummers hersteld", "Leading zero of KvK numbers restored")
            digits = "0" + digits
        if len(digits) != 8:
            raise Unfit(
                "Dit is geen KvK-nummer (8 cijfers)", "This is not a KvK number (8 digits)", "Look it up at the KVK."
            )
        return digits

    def _number(self, cell: Any) -> Decimal:
        if isinstance(cell, bool | date):
            raise Unfit(f"'{cell}' is geen getal", f"'{cell}' is not a number", "Check how the cell is formatted.")
        if not isinstance(cell, int | float | str):
            raise Unfit(f"'{cell}' is geen getal", f"'{cell}' is not a number", "Check how the cell is formatted.")
        number = values.parse_decimal(cell, self._style.number) if isinstance(cell, str) else Decimal(repr(cell))
        if not number.is_finite() or abs(number) >= 2**53:
            raise Unfit("Dit getal is te groot", "This number is too large", "Check the separators.")
        return number

    def _money(self, cell: Any) -> int:
        cents = (self._number(cell) * 100 * self._style.factor).quantize(Decimal(1), ROUND_HALF_UP)
        if cents < 0:
            raise Unfit("Dit bedrag is negatief", "This amount is negative", "Correct it, or net the credit notes.")
        return check_size(int(cents))

    def _integer(self, cell: Any) -> int:
        try:
            number = self._number(cell)
        except Ambiguous:
            # A count has no fraction, so one separator before three digits can only group thousands.
            number = Decimal(re.sub(r"\D", "", cell))
        if number != number.to_integral_value() or number < 0:
            raise Unfit(f"'{cell}' is geen aantal", f"'{cell}' is not a count", "Write a whole number.")
        return check_size(int(number))

    def _hours(self, cell: Any) -> str | None:
        if isinstance(cell, str):
            if fold(cell) in _NOBODY or cell in ("-", "?"):
                return None
            unit = values.duration_unit(cell)
            if unit.startswith("werkdag"):
                self._note("working-day", "Een werkdag telt als 24 uur", "A working day counts as 24 hours")
            elif unit.startswith(("ma", "mo", "mn")):
                self._note("month", "Een maand telt als 30 dagen", "A month counts as 30 days")
            return format(values.parse_hours(cell, self._rule.unit or self._style.unit), "f")
        if isinstance(cell, timedelta):
            return format(values.parse_hours(f"{cell.total_seconds() / 60:.0f} min"), "f")
        if isinstance(cell, bool | date) or not isinstance(cell, int | float):
            raise Unfit(f"'{cell}' is geen duur", f"'{cell}' is not a duration", "Write a number and a unit: 4 uur.")
        return format(values.parse_hours(repr(cell), self._rule.unit or self._style.unit), "f")

    def _days(self, cell: Any) -> int | None:
        if isinstance(cell, str) and not cell.strip().isdigit():
            hours = self._hours(cell)
            return None if hours is None else int((Decimal(hours) / 24).to_integral_value(ROUND_HALF_UP))
        return int(values.parse_hours(as_text(cell), self._rule.unit or self._style.unit) / 24)

    def _date(self, cell: Any) -> date | None:
        if isinstance(cell, str):
            if cell.isdigit() and len(cell) == 5:
                self._note("serial-dates", "Getallen gelezen als Excel-datum", "Numbers read as Excel dates")
                found: date | None = values.date_of_cell(int(cell))
            else:
                found = values.parse_date(cell, self._style.dates, contradicted=self._style.dates_contradict)
        else:
            found = values.date_of_cell(cell, epoch_1904=self._table.epoch_1904)
        if found is not None and self._target.is_end and self._rule.inclusive:
            return values.to_half_open(found)
        return found

    def _choice(self, cell: Any) -> str:
        text = as_text(cell)
        if text in self._target.choices:
            return text
        folded = fold(text)
        for choice in self._target.choices:
            if folded == fold(choice):
                return choice
        known = self._vocabulary.get(folded)
        if known is None or known not in self._target.choices:
            raise UnknownChoice(text)
        return known

    def _mentions(self, cell: Any) -> tuple[Mention, ...] | None:
        items = self._items(cell) if self._target.is_list else [" ".join(as_text(cell).split())]
        kind = self._rule.kind or (self._target.kinds[0] if self._target.kinds else "")
        found, persons = [], False
        for item in items:
            if fold(item) in _NOBODY:
                continue
            if self._is_person(item, kind):
                persons = True
                continue
            by_key = self._rule.by == "key"
            found.append(Mention(self._target.name, kind, "" if by_key else item[:300], item[:300] if by_key else ""))
        if persons:
            raise Taken(tuple(found) or None, "person-name")
        return tuple(found) or None

    def _is_person(self, item: str, kind: str) -> bool:
        if self._screened:
            return not is_role_name(item)
        _, taken, has_bsn = clean_text(item)
        return bool(taken) or has_bsn or (kind in ("supplier", "organisation") and is_person_name(item))


_ASKED_NL: Final = {
    "decimal": "Kolom '{0}': wat scheidt de decimalen, komma of punt? (bijvoorbeeld {1})",
    "dates": "Kolom '{0}': staat de dag of de maand vooraan? (bijvoorbeeld {1})",
    "unit": "Kolom '{0}': zijn dit uren, dagen of maanden? (bijvoorbeeld {1})",
    "values": "Kolom '{0}': wat betekenen deze waarden? ({1})",
}
_ASKED_EN: Final = {
    "decimal": "Column '{0}': which sign stands before the decimals, comma or point? (for example {1})",
    "dates": "Column '{0}': does the day or the month stand first? (for example {1})",
    "unit": "Column '{0}': are these hours, days or months? (for example {1})",
    "values": "Column '{0}': what do these values mean? ({1})",
}
