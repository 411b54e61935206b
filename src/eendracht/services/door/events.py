"""Which event in a life or a business somebody speaks of: by a few words of each, reviewed here, and never by a guess.

An event is found where each of its groups of words has one in the question. That is said beside the answer, never
instead of it.
"""

from __future__ import annotations

from typing import Final

from eendracht.kernel.search.words import split_words
from eendracht.reference.life_events import LifeEvent, load_life_events

_BEGIN: Final = ("begin", "start", "open", "opstart", "opzet", "ga ", "gaan ", "setting", "launch")
_BORN: Final = ("geboren", "bevallen", "gekregen", "born", "newborn", "pasgeboren", "gave", "zwanger", "pregnant")
_CUES: Final[tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]] = (
    (
        "opening-a-cafe",
        (_BEGIN, ("cafe", "restaurant", "kroeg", "lunchroom", "horeca", "eetcafe", "bar ", "pub ", "eetgelegenheid")),
    ),
    (
        "opening-a-shop",
        (_BEGIN, ("bakker", "winkel", "slager", "bakery", "shop", "store ", "boutique", "kapsalon", "banketbakker")),
    ),
    ("child-born", (_BORN, ("kind", "baby", "zoon", "dochter", "child", "son ", "daughter", "tweeling", "twins"))),
    ("living-together", (("samenwonen", "samenwoon"),)),
    ("divorce", (("scheiden ", "gescheiden ", "echtscheiding", "divorc"),)),
    ("retiring", (("pensioen ", "pensionering", "retire", "retiring"), ("ga ", "gaan ", "with ", "when ", "met "))),
)
"""Words by which an event is told; one that ends in a space stands for itself, another also for longer words."""


def spot_event(text: str) -> LifeEvent | None:
    """Give the first event that a question speaks of; None where no event is told."""
    words = [f"{word} " for word in split_words(text)]
    for code, groups in _CUES:
        if all(any(word.startswith(cue) for word in words for cue in group) for group in groups):
            return next(event for event in load_life_events() if event.code == code)
    return None
