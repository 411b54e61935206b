"""The page on cryptography: what there is by family, and where an algorithm is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import read_question
from eendracht.resilience.crypto.search import Answer, count_cryptography, search_cryptography
from eendracht.resilience.questions import CryptographyQuestion

MOST_ROWS: Final = 100
CLASS_WORDS: Final = {
    "broken": gettext_noop("Broken by a quantum computer"),
    "weakened": gettext_noop("Weakened, or weak already"),
    "unknown": gettext_noop("Unknown"),
    "safe": gettext_noop("No quantum attack known"),
}
GROUND_WORDS: Final = {
    "stated": gettext_noop("as the source says"),
    "derived": gettext_noop("follows from other facts"),
    "ambiguous": gettext_noop("may be several"),
    "unknown": gettext_noop("not known"),
}


def show_cryptography(visit: Visit) -> Response:
    """Show counts to everybody; what is where, and for whom, to whoever works for an organisation."""
    asked = read_question(CryptographyQuestion, visit.query)
    insider = is_insider(visit.principal)
    answer: Answer | None = None
    faults: Sequence[Fault] = ()
    if asked.q.strip() and insider:
        landscape = visit.site.landscapes.get(visit.store, visit.principal, None)
        try:
            answer = search_cryptography(visit.store, visit.principal, asked.q, landscape)
        except InvalidInput as error:
            faults = error.faults
    return visit.render(
        "resilience/cryptography.html",
        422 if faults else 200,
        asked=asked,
        answer=answer,
        faults=faults,
        insider=insider,
        overview=None if answer else count_cryptography(visit.store, visit.principal),
        most=MOST_ROWS,
        class_words=CLASS_WORDS,
        ground_words=GROUND_WORDS,
    )


PAGES: Final = (Page("cryptography", "cryptografie", "cryptography", show_cryptography, is_for=is_insider),)
"""The page of this part."""
