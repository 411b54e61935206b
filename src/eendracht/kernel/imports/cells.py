"""Single cells: as text, as a country, and what can be wrong with one."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from eendracht.kernel.imports.sheets import CellError
from eendracht.kernel.imports.values import Unfit
from eendracht.kernel.imports.vocabulary import fold, load_vocabulary


class Taken(Exception):
    """Carries what stays of a cell after personal data were taken out, and why they were."""

    def __init__(self, kept: Any, reason: str) -> None:
        self.kept, self.reason = kept, reason
        super().__init__(reason)


class PersonNumber(Unfit):
    """A text holds a number that passes the eleven-test."""

    code = "person-number"

    def __init__(self) -> None:
        super().__init__(
            "Deze tekst bevat een getal dat een burgerservicenummer kan zijn; de tekst is niet overgenomen",
            "This text holds a number that may be a citizen service number; the text was not taken in",
            "Remove the number in the source.",
        )


class UnknownChoice(Unfit):
    """A word for which no meaning is known; a person is asked."""

    def __init__(self, text: str) -> None:
        super().__init__(f"'{text[:40]}' is onbekend", f"'{text[:40]}' is not known")


def describe_cell_error(cell: CellError) -> Unfit:
    """Say what is wrong with a cell that has no usable value."""
    if cell.is_formula:
        return _FormulaCell(
            "Deze cel bevat een formule zonder bewaarde uitkomst",
            "This cell holds a formula without a saved outcome",
            "Open the file in Excel, let it calculate, and save it; or paste the values.",
        )
    return _ErrorCell(f"Deze cel bevat de fout {cell.text}", f"This cell holds the error {cell.text}", "Correct it.")


class _FormulaCell(Unfit):
    code = "formula-without-value"


class _ErrorCell(Unfit):
    code = "error-cell"


def as_text(cell: Any) -> str:
    """Give a cell as the text that people read: whole numbers without `.0`, dates in ISO form."""
    if isinstance(cell, str):
        # JSON can carry U+0000, which no record may hold; the mark of a lost character shows that it was there.
        return cell.replace("\x00", "\ufffd").strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    if isinstance(cell, bool):
        return "ja" if cell else "nee"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def check_size(number: int) -> int:
    """Give a number back that canonical JSON can hold (below 2**53), or raise Unfit."""
    if number >= 2**53:
        raise Unfit("Dit getal is te groot", "This number is too large", "Check the separators.")
    return number


def parse_country(cell: Any) -> str:
    """Give the ISO 3166-1 alpha-2 code of a country that is named or coded, or raise Unfit."""
    text = as_text(cell)
    code = load_vocabulary().countries.get(fold(text))
    if code is None and re.fullmatch(r"[A-Z]{2}", text):
        code = text
    if code is None:
        raise Unfit(f"'{text[:40]}' is geen land", f"'{text[:40]}' is no country", "Write its two letters: NL.")
    return code
