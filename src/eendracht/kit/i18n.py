"""The words of the screens in Dutch and English: texts by gettext, numbers and dates by the CLDR through Babel.

The identifier of a text is the English text itself. Kinds, fields and codes of fixed lists are identified by their
code, in the contexts `kind`, `field` and `value`; where English has no entry of its own, the code is spelled out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

    from eendracht.kernel.instance import Instance
    from eendracht.kernel.wing import Wing

Language = Literal["nl", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")
LOCALE_FOLDER: Final = Path(__file__).parent / "locale"
"""Where the frame keeps its words; a wing brings a folder of the same shape."""
_AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
_LOCALES: Final = {"nl": "nl_NL", "en": "en_GB"}
_ACRONYMS: Final = frozenset(
    {"bsn", "cpe", "kvk", "lei", "oin", "purl", "roo", "rsin", "sbom", "tooi", "upl", "url", "vat"}
)
_JOINT: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-_]")


class Words:
    """The words of one language; the same object serves every thread."""

    def __init__(self, language: Language, folders: Iterable[Path] = (LOCALE_FOLDER,)) -> None:
        self.language: Language = language
        self._single: dict[tuple[str, str], str] = {}
        self._plural: dict[tuple[str, str], tuple[str, str]] = {}
        for folder in folders:
            path = folder / language / "LC_MESSAGES" / "messages.po"
            if path.is_file():
                self._take(read_catalogue(path))

    def _take(self, catalogue: Catalog) -> None:
        for message in catalogue:
            if not message.id or message.fuzzy:
                continue
            context = message.context or ""
            if isinstance(message.string, str):
                if message.string:
                    self._single[context, str(message.id)] = message.string
            elif message.string and all(message.string):
                self._plural[context, message.id[0]] = (message.string[0], message.string[1])

    @property
    def other(self) -> Language:
        """The other language."""
        return "en" if self.language == "nl" else "nl"

    def gettext(self, text: str, **values: object) -> str:
        """Give a text in this language, with `%(name)s` filled in."""
        found = self._single.get(("", text), text)
        return found % values if values else found

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """Give the text for one or for several; `%(count)s` is the printed number."""
        found = self._plural.get(("", one), (one, many))
        # Dutch and English alike: one is singular, everything else is plural.
        return found[count != 1] % {"count": self.number(count), **values}

    def kind(self, name: str, count: int = 1) -> str:
        """Give what so many things of a kind are called."""
        found = self._plural.get(("kind", name))
        if found:
            return found[count != 1]
        spelled = _spell(name).lower()
        return spelled if count == 1 else _pluralise(spelled)

    def value(self, code: str) -> str:
        """Give what a code of a fixed list means."""
        return self._single.get(("value", code)) or (_JOINT.sub(" ", code).lower() if self.language == "en" else code)

    def field(self, path: str) -> str:
        """Give the label of a field, or of a path of fields."""
        return " › ".join(self._single.get(("field", step)) or _spell(step) for step in path.split("."))

    def country(self, code: str) -> str:
        """Give the name of a country of which the two letters (ISO 3166-1) are given; those, where it has none."""
        from babel import Locale

        return str(Locale.parse(_LOCALES[self.language]).territories.get(code, code))

    def hint(self, text: str) -> str:
        """Give a hint of an error, which is English in the source; nothing where this language has no entry for it."""
        return self._single.get(("hint", text), text if self.language == "en" else "")

    def knows(self, context: str, code: str) -> bool:
        """Tell whether this language has an entry of its own for a code."""
        return (context, code) in (self._plural if context == "kind" else self._single)

    def number(self, value: int | Decimal) -> str:
        """Print a number with the marks of the language."""
        from babel.numbers import format_decimal

        return str(format_decimal(value, locale=_LOCALES[self.language]))

    def decimal(self, value: float) -> str:
        """Print a measured number with at most two decimals."""
        return self.number(Decimal(f"{value:.2f}").normalize() + 0)

    def euro(self, eurocent: int) -> str:
        """Print an amount, given in eurocent; cents only where there are any."""
        from babel.numbers import format_currency

        pattern = None if eurocent % 100 else "¤ #,##0;¤ -#,##0"
        return str(format_currency(Decimal(eurocent) / 100, "EUR", pattern, _LOCALES[self.language], False))

    def day(self, value: date | str) -> str:
        """Print a day, given as a date or in ISO 8601, in full: 1 december 2026."""
        from babel.dates import format_date

        day = date.fromisoformat(value) if isinstance(value, str) else value
        return str(format_date(day, "long", locale=_LOCALES[self.language]))

    def month(self, value: date) -> str:
        """Print the month of a day: december 2026."""
        from babel.dates import format_date

        return str(format_date(value, "MMMM y", locale=_LOCALES[self.language]))

    def moment(self, value: datetime | str) -> str:
        """Print day and time in Amsterdam of a moment, given with its zone."""
        from babel.dates import format_datetime

        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return str(format_datetime(moment, "d MMMM y, HH:mm", tzinfo=_AMSTERDAM, locale=_LOCALES[self.language]))


def gettext_noop(text: str) -> str:
    """Give a text back as it is: it is translated where it is shown, and collected for translation here."""
    return text


def read_catalogue(path: Path) -> Catalog:
    """Read a `.po` file; raises PoFileError with the line where it is malformed."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


@cache
def words_of(language: Language, wings: tuple[Wing, ...] = ()) -> Words:
    """Give the words of the frame and of these wings in a language, read once."""
    return Words(language, [LOCALE_FOLDER, *(wing.locale_folder for wing in wings if wing.locale_folder)])


def words_for(instance: Instance) -> Words:
    """Give the words of a node: those of the frame and of its wings, in the language of its settings."""
    return words_of("en" if instance.settings.language == "en" else "nl", instance.wings)


def _spell(name: str) -> str:
    if name.endswith("Eurocent"):
        return f"{_spell(name.removesuffix('Eurocent'))} (euro)"
    words = name.upper() if name in _ACRONYMS else _JOINT.sub(" ", name).lower()
    return words[:1].upper() + words[1:]


def _pluralise(words: str) -> str:
    if words.endswith(("s", "x", "ch", "sh")):
        return words + "es"
    return words[:-1] + "ies" if words.endswith("y") and words[-2:-1] not in "aeou" else words + "s"
