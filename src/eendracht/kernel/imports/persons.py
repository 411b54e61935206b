"""Keeps natural persons out: columns about them, values that name or number them, and rows that are them.

Nothing here returns or logs a value that was found; callers count. When in doubt the value stays out: a role name
must be recognisable as one. Limits: a bare given name plus surname that is not in the list of frequent names is not
recognised as a person in a list of suppliers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from eendracht.kernel.imports.vocabulary import fold, load_vocabulary

_EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]{1,64}@(?:[\w-]{1,63}\.){1,10}[A-Za-z]{2,24}")
_PHONE = re.compile(r"(?<![\w.,])(?:\+31|0031|\(0\d{1,3}\)|0)[\s./-]?(?:\(0\)[\s-]?)?[1-9](?:[\s./-]?\d){7,8}(?![\w])")
_NINE = re.compile(r"(?<![\w/-])(?<!\d[.,])(?:\d{4}[. ]?\d{2}[. ]?\d{3}|\d{3}[. ]?\d{3}[. ]?\d{3})(?!\w|[.,/-]\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}\s?[A-Z]{4}(?:\s?\d){10}\b")
_SUSPECT = re.compile(r"@|\d[\d\s./()-]{6,}\d|\b[A-Z]{2}\d{2}\s?[A-Z]{4}")
_INITIALS = re.compile(r"^(?:[A-Z]\.\s?){1,6}(?:\(\w+\)\s*)?(?:[a-z']+\s+){0,3}[A-Z][\w'-]+$")
_LEGAL_FORM = re.compile(r"\b(?:[BCN]\.?V|V\.?O\.?F)\b\.?", re.IGNORECASE)
_SURNAME_FIRST = re.compile(r"^[A-Z][\w' -]+,\s*(?:[A-Z]\.?\s?){1,6}(?:\s*\(?\w+\)?)?(?:\s+[a-z']+){0,3}$")
_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)
REDACTED: Final = "[weggelaten]"


def is_bsn(digits: str) -> bool:
    """Tell whether nine digits pass the eleven-test of the citizen service number (Regeling BSN, art. 1)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return len(digits) == 9 and digits != "000000000" and total % 11 == 0


def person_reason(column: str, cells: Sequence[Any]) -> str:
    """Tell why a whole column stays out (`contact`, `email`, `phone`, `bsn`, `iban`, `secret`), or give an empty text.

    Decided by its header, else by its content: where half of the values look like e-mail, telephone or IBAN, or four
    fifths pass the eleven-test. A column that only says yes or no is never about a person.
    """
    texts = [str(cell) for cell in cells[:2000] if cell is not None]
    words = fold(column).split()
    joined = "".join(words)
    for reason, marks in load_vocabulary().persons.items():
        if reason == "screened":
            continue
        if any(word in marks for word in words) or joined in marks:
            return "" if texts and all(len(text) <= 8 and fold(text) in _ANSWERS for text in texts) else reason
    return _reason_by_content(texts, words)


_ANSWERS: Final = frozenset(
    ["ja", "nee", "onbekend", "j", "n", "yes", "no", "x", "nvt", "n v t", "", "1", "0", "true", "false"]
)


def _reason_by_content(texts: list[str], words: list[str]) -> str:
    if len(texts) < 3:
        return ""
    half = len(texts) / 2
    for reason, pattern in (("email", _EMAIL), ("iban", _IBAN), ("phone", _PHONE)):
        if sum(pattern.fullmatch(text.strip()) is not None for text in texts) > half:
            return reason
    if {"rsin", "kvk", "oin", "fiscaal"} & set(words):
        return ""
    nine = [re.sub(r"[. ]", "", text) for text in texts if _NINE.fullmatch(text.strip())]
    return "bsn" if len(nine) >= 5 and sum(map(is_bsn, nine)) >= 0.8 * len(texts) else ""


def is_screened(column: str) -> bool:
    """Tell whether a column may hold persons beside roles, such as an owner column."""
    return any(word in load_vocabulary().persons["screened"] for word in fold(column).split())


def is_role_name(text: str) -> bool:
    """Tell whether a value is recognisably a function, team or body; anything else may be a person."""
    if (
        _EMAIL.search(text)
        or _INITIALS.match(text)
        or any(word in load_vocabulary().titles for word in fold(text).split())
    ):
        return False
    words = load_vocabulary()
    return any(
        word in words.roles or word in words.bodies or any(word.endswith(role) for role in _ROLE_ENDINGS)
        for word in fold(text).split()
    )


_ROLE_ENDINGS: Final = (
    "manager",
    "beheer",
    "beheerder",
    "eigenaar",
    "leider",
    "directeur",
    "hoofd",
    "zaken",
    "dienst",
    "coordinator",
    "adviseur",
    "regisseur",
    "houder",
)


def is_person_name(text: str) -> bool:
    """Tell whether a value is recognisably the name of a natural person rather than of an organisation or thing."""
    words = load_vocabulary()
    folded = fold(text).split()
    if not folded or _LEGAL_FORM.search(text):
        return False
    if any(word in words.bodies or word in words.roles for word in folded[1:] or folded):
        return False
    if folded[0] in words.titles or _INITIALS.match(text) or _SURNAME_FIRST.match(text):
        return True
    if folded[0] in words.bodies:
        return False
    rest = [word for word in folded[1:] if word not in words.particles]
    return folded[0] in words.given_names and 1 <= len(rest) <= 2 and all(word.isalpha() for word in rest)


def clean_text(text: str, *, only_email: bool = False) -> tuple[str, dict[str, int], bool]:
    """Give free text without e-mail addresses, IBANs and telephone numbers, with what was taken out.

    The last answer is whether a number in it passes the eleven-test; then the whole text is dropped. `only_email`
    leaves numbers alone, for technical data such as serial numbers.
    """
    if _SUSPECT.search(text) is None:
        return text, {}, False
    taken: dict[str, int] = {}
    for reason, pattern in (("email", _EMAIL), ("iban", _IBAN)):
        text, count = pattern.subn(REDACTED, text)
        if count:
            taken[reason] = count
        if only_email:
            return text, taken, False
    if any(is_bsn(re.sub(r"[. ]", "", match[0])) for match in _NINE.finditer(text)):
        return "", taken, True
    text, count = _PHONE.subn(REDACTED, text)
    if count:
        taken["phone"] = count
    return text, taken, False


def clean_value(value: Any, *, only_email: bool = False) -> tuple[Any, dict[str, int], list[str]]:
    """Give JSON-like data with every text cleaned, what was taken out, and the pointers of texts that were dropped.

    Links, package URLs and numbers of organisations stay as they are; dates become text.
    """
    taken: dict[str, int] = {}
    dropped: list[str] = []

    def visit(item: Any, here: str) -> Any:
        if isinstance(item, str):
            if here.rpartition("/")[2] in _LINKS:
                return item
            text, found, has_bsn = clean_text(item, only_email=only_email)
            for reason, count in found.items():
                taken[reason] = taken.get(reason, 0) + count
            if has_bsn:
                dropped.append(here)
            return text
        if isinstance(item, dict):
            return {str(name): visit(inner, f"{here}/{name}") for name, inner in item.items()}
        if isinstance(item, list):
            return [visit(inner, f"{here}/{index}") for index, inner in enumerate(item)]
        return item.isoformat() if isinstance(item, date) else item

    return visit(value, ""), taken, dropped


_LINKS: Final = frozenset(["purl", "cpe", "url", "repository", "landingPage", "website", "oin", "rsin", "kvk", "roo"])
