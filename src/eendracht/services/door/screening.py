"""What is done to free text before anything else sees it: a citizen service number goes, and the text has a bound.

Nothing of the text is kept, logged or put in an error.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.imports.persons import is_bsn
from eendracht.kernel.wording import Said

MOST_CHARACTERS: Final = 10_000
"""How much of a text is read."""

# Nine digits, possibly in groups, with the words that announce them; not a part of a longer number or of a code.
_NINE = re.compile(
    r"(?:\b(?:mijn |my )?(?:bsn|burgerservicenummer|sofinummer)(?:[ -]?nummer)?(?: is)?\W{0,3})?"
    r"(?<!\w)(?<!\d[.,/-])(?P<digits>\d(?:[ .-]?\d){8})(?!\w)(?![.,/-]?\d)",
    re.IGNORECASE,
)

BSN_LEFT_OUT: Final = Said(
    "Er stond een burgerservicenummer in uw tekst. Dat hebben we weggelaten en niet bewaard.",
    "There was a citizen service number (BSN) in your text. We left it out and did not keep it.",
)
CUT_OFF: Final = Said(
    "Uw tekst is erg lang. We hebben de eerste 10.000 tekens gelezen.",
    "Your text is very long. We read the first 10,000 characters.",
)


@dataclass(frozen=True, slots=True)
class ScreenedText:
    """Text that may be looked at, with what was done to it."""

    text: str
    has_bsn: bool
    is_cut: bool

    @property
    def remarks(self) -> tuple[Said, ...]:
        """Say what was done, for the person who wrote it."""
        return (*((BSN_LEFT_OUT,) if self.has_bsn else ()), *((CUT_OFF,) if self.is_cut else ()))


def screen(text: str) -> ScreenedText:
    """Give the text without citizen service numbers and control characters, at most 10,000 characters of it."""
    # Cut a little later than the bound, so that a number across it is still seen whole.
    plain = "".join(_make_plain(letter) for letter in text[: MOST_CHARACTERS + 32])
    found = False

    def leave_out(match: re.Match[str]) -> str:
        nonlocal found
        if not is_bsn(re.sub(r"\D", "", match["digits"])):
            return match[0]
        found = True
        return " "

    cleaned = _NINE.sub(leave_out, plain)
    return ScreenedText(cleaned[:MOST_CHARACTERS], found, len(text) > MOST_CHARACTERS)


def _make_plain(letter: str) -> str:
    """Turn control and format characters into spaces, and digits of other scripts into our own."""
    if letter.isascii():
        return letter if letter.isprintable() else " "
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.digit(letter))
    return "" if category == "Cf" else " " if category.startswith(("C", "Z")) else letter
