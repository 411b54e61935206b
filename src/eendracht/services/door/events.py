"""Which event in a life or a business somebody tells of, and which product is meant by who tells only that.

`event_cues.csv` says how each event is told, in Dutch and in English: groups of words, joined by `+`, each of which has
one word in the question (`|` between them). A group after `?` may be missing; of one after `!` nothing may be there.
A word also stands for its other forms; one after `=` only for itself, one after `*` for words that end in it as well.
A name in braces stands for the words of the row of that name. An event is said beside the answer, never instead of it.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Final

from eendracht.kernel.search.words import split_words
from eendracht.reference.life_events import LifeEvent, load_life_events
from eendracht.services.door.common_words import ABROAD, DUTCH, ENGLISH
from eendracht.services.door.lexicon import MOST_WORDS, Lexicon
from eendracht.services.door.words import Language, is_dutch_word, term_of

LEAST_SHARE: Final = 0.4
"""Where an event is a smaller part of what is asked, it is not said."""
_LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")
_PASSING: Final = "{passing}"
"""Words that tell when, of whom, or that something is to be done: they take nothing away from an event."""

_ASKING: Final = "{asking}"
"""Small words that ask for more than what an event takes."""

Places = Mapping[str, set[int]]
"""Where in a question each key of a word stands."""


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event that a question tells of."""

    event: LifeEvent
    product: str
    """What is meant by who tells only this: a name in the Uniforme Productnamenlijst; empty where that is not one."""
    share: float
    """How much of what is asked the event is, of one; the rest speaks of something else."""


@dataclass(frozen=True, slots=True)
class Group:
    """Words of which one is enough, each by a key that a word of a question has; some are several words in a row."""

    words: frozenset[str]
    rows: tuple[tuple[str, ...], ...]

    def find(self, places: Places) -> set[int]:
        """Give where they stand."""
        found: set[int] = set()
        for key in self.words & places.keys():
            found |= places[key]
        for row in self.rows:
            for start in places.get(row[0], ()):
                if all(start + at in places.get(key, ()) for at, key in enumerate(row)):
                    found.update(range(start, start + len(row)))
        return found


@dataclass(frozen=True, slots=True)
class Telling:
    """One way to tell an event: groups that must all be there, and words that must not."""

    event: LifeEvent
    product: str
    groups: tuple[Group, ...]
    optional: Group
    excluded: Group

    def find(self, places: Places) -> set[int]:
        """Give where its words stand; nothing where a group is missing or an excluded word is there."""
        found: set[int] = set()
        for group in self.groups:
            own = group.find(places)
            if not own:
                return set()
            found |= own
        return set() if self.excluded.find(places) else found | self.optional.find(places)


class EventReader:
    """Recognises events in questions; misspelt words are read as those of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def read(self, text: str) -> ToldEvent | None:
        """Give the event of which most words are told, the first of the table where several are; None for none."""
        words = split_words(text)[:MOST_WORDS]
        places = self._place(words)
        best: tuple[int, Telling, set[int]] | None = None
        for telling in load_tellings():
            found = telling.find(places)
            if found and (best is None or len(found) > best[0]):
                best = len(found), telling, found
        if best is None:
            return None
        _, telling, found = best
        passing = found.union(*(_load_set(_PASSING, language).find(places) for language in _LANGUAGES))
        rest = [at for at, word in enumerate(words) if at not in passing and self._tells(word)]
        share = len(found) / (len(found) + len(rest))
        return ToldEvent(telling.event, telling.product, share) if share >= LEAST_SHARE else None

    def _place(self, words: Sequence[str]) -> Places:
        places: defaultdict[str, set[int]] = defaultdict(set)
        for at, word in enumerate(words):
            for meant in (word, *self._correct(word)):
                for key in _list_keys(meant):
                    places[key].add(at)
        return places

    def _correct(self, word: str) -> tuple[str, ...]:
        return () if self._lexicon.knows(word) or is_dutch_word(word) else self._lexicon.correct(word)

    def _tells(self, word: str) -> bool:
        """Tell whether a word may speak of something else; one that nobody knows does not."""
        if any(word in _load_set(_ASKING, language).words for language in _LANGUAGES):
            return True
        if len(word) == 1 or word.isdigit() or word in DUTCH or word in ENGLISH:
            return False
        return self._lexicon.knows(word) or is_dutch_word(word) or bool(self._lexicon.correct(word))


def _list_keys(word: str) -> list[str]:
    """Give by what a word is found: itself, its term in each language, and the words that it may end in."""
    keys = [word, term_of(word, "nl"), term_of(word, "en"), *(f"*{end}" for end in _load_ends() if word.endswith(end))]
    return [*keys, term_of("buitenland", "nl"), term_of("abroad", "en")] if word in ABROAD else keys


@cache
def _load_rows() -> tuple[tuple[str, str, str, str], ...]:
    text = files(__package__).joinpath("event_cues.csv").read_text("utf-8")
    return tuple((name, product, nl, en) for name, product, nl, en in list(csv.reader(StringIO(text, newline="")))[1:])


@cache
def load_tellings() -> tuple[Telling, ...]:
    """Give every way to tell an event, in the order of the table; written here."""
    events = {event.code: event for event in load_life_events()}
    return tuple(
        _read_telling(events[name], product, cell, language)
        for name, product, nl, en in _load_rows()
        if not name.startswith("{")
        for cell, language in zip((nl, en), _LANGUAGES, strict=True)
        if cell
    )


def _read_telling(event: LifeEvent, product: str, cell: str, language: Language) -> Telling:
    parts = [part.strip() for part in cell.split("+")]
    optional, excluded = ("|".join(part[1:] for part in parts if part.startswith(mark)) for mark in "?!")
    groups = tuple(_read_group(part, language) for part in parts if not part.startswith(("?", "!")))
    return Telling(event, product, groups, _read_group(optional, language), _read_group(excluded, language))


def _read_group(text: str, language: Language) -> Group:
    words: set[str] = set()
    rows: list[tuple[str, ...]] = []
    for part in filter(None, (part.strip() for part in text.split("|"))):
        if part.startswith("{"):
            named = _load_set(part, language)
            words |= named.words
            rows += named.rows
        elif len(row := _read_cue(part, language)) == 1:
            words.add(row[0])
        else:
            rows.append(row)
    return Group(frozenset(words), tuple(rows))


def _read_cue(text: str, language: Language) -> tuple[str, ...]:
    if text.startswith("*"):
        return (text,)
    return tuple(split_words(text)) if text.startswith("=") else tuple(term_of(w, language) for w in split_words(text))


@cache
def _load_set(name: str, language: Language) -> Group:
    """Give the words of a row that has a name."""
    nl, en = next((nl, en) for row, _, nl, en in _load_rows() if row == name)
    return _read_group(nl if language == "nl" else en, language)


@cache
def _load_ends() -> tuple[str, ...]:
    """Give the words by which longer words are known."""
    cells = " ".join(f"{nl} {en}" for _, _, nl, en in _load_rows())
    return tuple(sorted({word[1:] for word in cells.split() if word.startswith("*")}))
