"""Where each page stands, in the words of its language."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from eendracht.kit.i18n import Language

PAGES: Final[dict[str, dict[Language, str]]] = {
    "home": {"nl": "/nl", "en": "/en"},
    "search": {"nl": "/nl/zoeken", "en": "/en/search"},
}
"""Path of each page that has no name of a record in it."""


def page_path(language: Language, page: str, /, **parameters: str | None) -> str:
    """Give the path of a page with the parameters that have a value; raises KeyError for a page that is not there."""
    return with_query(PAGES[page][language], **parameters)


def record_path(language: Language, ref: str, /, **parameters: str | None) -> str:
    """Give the path of the page of a record."""
    return with_query(f"/{language}/records/{quote(ref, safe=':/')}", **parameters)


def with_query(path: str, /, **parameters: str | None) -> str:
    """Give a path with the parameters that have a value."""
    kept = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path
