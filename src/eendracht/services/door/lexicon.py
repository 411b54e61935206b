"""The words of the index, and what a word of a question may mean among them: parts, misspellings, joins."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

from eendracht.kernel.search.words import allowed_edits, measure_distance, trigrams
from eendracht.services.door.common_words import LEVELS
from eendracht.services.door.compounds import split_compound
from eendracht.services.door.words import Language, is_dutch_word, list_words, term_of, weigh_languages

PART_WEIGHT: Final = 0.5
"""What a part of a compound counts beside the whole."""
CORRECTION_WEIGHT: Final = 0.8
JOIN_WEIGHT: Final = 0.9
_MOST_CORRECTIONS: Final = 2
_MOST_COMPARED: Final = 20
_SHORTEST_JOIN: Final = 8
_LONGEST: Final = 40
"""Letters; what is longer is no word, and neither split nor corrected."""
MOST_WORDS: Final = 120
"""How many words of a question that may carry its subject count; the first ones."""

IN_PASSING: Final = {"buitenland": 0.6, **{word: 0.3 for words in LEVELS.values() for word in words}}
"""Words that mostly say where or whom, and seldom what: countries, and levels of government."""

Bag = dict[str, float]
"""Terms with what each counts, 1 for a word as it was typed."""


class Lexicon:
    """The words that stand in the index, each in its language."""

    def __init__(self, texts: Iterable[tuple[str, Language]]) -> None:
        self._words: dict[Language, set[str]] = {"nl": set(), "en": set()}
        for text, language in texts:
            self._words[language].update(list_words(text))
        self._by_trigram: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(self._words["nl"] | self._words["en"]):
            for gram in trigrams(word):
                self._by_trigram[gram, len(word)].append(word)
        self.split = lru_cache(maxsize=50_000)(self._split)
        self.correct = lru_cache(maxsize=10_000)(self._correct)

    def knows(self, word: str) -> bool:
        """Tell whether a word stands in the index as it is."""
        return word in self._words["nl"] or word in self._words["en"]

    def describe(self, text: str, language: Language) -> Bag:
        """Give the terms of a text of the index."""
        bag: Bag = {}
        for word in list_words(text):
            _raise_to(bag, term_of(word, language), 1.0)
            if language == "nl":
                for part in self.split(word):
                    _raise_to(bag, term_of(part, language), PART_WEIGHT)
        return bag

    def read_question(self, text: str) -> tuple[tuple[str, Bag], ...]:
        """Give the words of a question, each with the terms it may stand for; none for a word nobody knows."""
        words = list_words(text)[:MOST_WORDS]
        languages = weigh_languages(text)
        found = [(word, dict(self._stand_for(word, languages))) for word in words]
        for left, right in pairwise(words):
            joined = left + right
            meant: tuple[str, ...] = (joined,) if self.knows(joined) else ()
            if not meant and len(joined) >= _SHORTEST_JOIN and not (self.knows(left) and self.knows(right)):
                meant = self.correct(joined)
            if meant:
                found.append((joined, {term_of(word, "nl"): JOIN_WEIGHT for word in meant[:1]}))
        return tuple(found)

    def _stand_for(self, word: str, languages: dict[Language, float]) -> Iterator[tuple[str, float]]:
        bag: Bag = {}
        for language, weight in languages.items():
            _raise_to(bag, term_of(word, language), weight * IN_PASSING.get(word, 1.0))
        parts = self.split(word)
        for part in parts:
            _raise_to(bag, term_of(part, "nl"), PART_WEIGHT if self.knows(word) else 0.7)
        if not self.knows(word) and not parts:
            doubt = 0.5 if is_dutch_word(word) else CORRECTION_WEIGHT
            for meant in self.correct(word):
                for language in languages:
                    if meant in self._words[language]:
                        _raise_to(bag, term_of(meant, language), doubt)
                        for part in self.split(meant) if language == "nl" else ():
                            _raise_to(bag, term_of(part, "nl"), doubt * PART_WEIGHT)
        yield from bag.items()

    def _split(self, word: str) -> tuple[str, ...]:
        if len(word) > _LONGEST:
            return ()
        return split_compound(word, lambda part: part in self._words["nl"] or is_dutch_word(part))

    def _correct(self, word: str) -> tuple[str, ...]:
        limit = allowed_edits(word)
        if not limit or not word.isalpha() or len(word) > _LONGEST:
            return ()
        grams = trigrams(word)
        shared: Counter[str] = Counter()
        for gram in grams:
            for length in range(len(word) - limit, len(word) + limit + 1):
                shared.update(self._by_trigram.get((gram, length), ()))
        # An edit touches at most three trigrams, a swap four.
        least = max(2, len(grams) - 4 * limit)
        near = []
        for candidate, count in shared.most_common(_MOST_COMPARED):
            if count >= least:
                distance = measure_distance(word, candidate, limit)
                if 0 < distance <= limit:
                    near.append((distance, -count, candidate))
        near.sort()
        return tuple(candidate for distance, _, candidate in near if distance == near[0][0])[:_MOST_CORRECTIONS]


def _raise_to(bag: Bag, term: str, weight: float) -> None:
    if bag.get(term, 0.0) < weight:
        bag[term] = weight
