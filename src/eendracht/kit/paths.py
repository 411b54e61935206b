"""Where each page stands, in the words of its language: `/nl/zoeken`, `/en/search`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from eendracht.kit.i18n import Language

if TYPE_CHECKING:
    from eendracht.kit.pages import Page

NAME: Final = "{name}"
"""Stands at the end of the path of a page that is about one thing."""
_OWN: Final = re.compile(r"/(?:nl|en)(?:[/?#][^\\\x00-\x1f]*)?")


class Paths:
    """The paths of all pages of a site."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self._paths: dict[str, Mapping[Language, str]] = {}
        for page in pages:
            if page.code in self._paths:
                raise ValueError(f"page {page.code} is there twice")
            self._paths[page.code] = page.paths

    def __contains__(self, page: str) -> bool:
        return page in self._paths

    def to(self, language: Language, page: str, name: str = "", /, **parameters: str | None) -> str:
        """Give the path of a page, with the name of what it is about and the parameters that have a value.

        Raises KeyError for a page that is not there.
        """
        path = self._paths[page][language].replace(NAME, quote(name, safe=":/"))
        return with_query(path, **parameters)


def with_query(path: str, /, **parameters: str | None) -> str:
    """Give a path with the parameters that have a value."""
    kept = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def is_own_path(path: str) -> bool:
    """Tell whether a browser may be sent there after a sign-in: a page of this site, and of no other."""
    return len(path) <= 2_000 and "//" not in path.partition("?")[0] and _OWN.fullmatch(path) is not None
