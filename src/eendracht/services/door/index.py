"""What a question is compared with: the names and phrases of every target, as vectors of terms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Final

import numpy as np

from eendracht.services.door.lexicon import IN_PASSING, Lexicon
from eendracht.services.door.words import Language, list_words

Floats = np.ndarray[Any, np.dtype[np.float32]]
Integers = np.ndarray[Any, np.dtype[np.int32]]

FEATURES: Final = ("phrases", "name", "bag", "grams")
"""Cosine with the phrases (a sum in which the most alike ones weigh most) and with the name; weighed share of the words
of the question that a target has (saturating, as BM25F), and of its runs of four letters."""
_SATURATION: Final = 1.2
_LENGTH_SHARE: Final = 0.3
_NAME_COUNT: Final = 2.0
_GRAM: Final = 4


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words by which a target is known; `target` is its place in the index."""

    text: str
    language: Language
    target: int
    is_name: bool = False
    is_recorded: bool = False
    """It comes from a record of the node, and not from the tables that ship."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Where a term stands and what it counts there."""

    places: Integers
    weights: Floats


class Index:
    """Phrases of a number of targets, at least one each, ready to be compared with a question."""

    def __init__(self, phrases: Sequence[Phrase], size: int, off_topics: int = 0) -> None:
        """Take phrases of targets 0 to `size`; the last `off_topics` of these are off topics."""
        self.size = size
        self.phrases = sorted(phrases, key=lambda phrase: phrase.target)
        self.lexicon = Lexicon((phrase.text, phrase.language) for phrase in self.phrases)
        bags = [self.lexicon.describe(phrase.text, phrase.language) for phrase in self.phrases]
        targets = [phrase.target for phrase in self.phrases]
        self._targets = np.array(targets, np.int32)
        self._starts = np.searchsorted(self._targets, np.arange(size))
        self._is_name = np.array([phrase.is_name for phrase in self.phrases], np.float32)
        self.rarity = _count_rarity(bags, targets, size)
        first_off = size - off_topics
        self.own_terms = {term for bag, target in zip(bags, targets, strict=True) if target < first_off for term in bag}
        self.unknown_rarity = log(1 + size)
        self._phrases = _post_phrases(bags, self.rarity)
        self._bags = _post_bags(self.phrases, bags, size)
        self._grams, self._gram_rarity = _post_grams(self.phrases, size)

    def compare(self, text: str) -> Comparison:
        """Compare a text with every target."""
        question = self.lexicon.read_question(text)
        terms: dict[str, float] = {}
        total = understood = 0.0
        for _, bag in question:
            known = [(weight * self.rarity[term], term, weight) for term, weight in bag.items() if term in self.rarity]
            total += max((mass for mass, _, _ in known), default=self.unknown_rarity)
            understood += max((mass for mass, term, _ in known if term in self.own_terms), default=0.0)
            for _, term, weight in known:
                terms[term] = max(weight, terms.get(term, 0.0))
        masses = {term: weight * self.rarity[term] for term, weight in terms.items()}
        norm = sum(mass * mass for mass in masses.values()) ** 0.5 or 1.0
        cosines = np.zeros(len(self.phrases), np.float32)
        bag_score = np.zeros(self.size, np.float32)
        for term, mass in masses.items():
            cosines[self._phrases[term].places] += mass / norm * self._phrases[term].weights
            bag_score[self._bags[term].places] += mass * self._bags[term].weights
        features = (
            np.sqrt(np.sqrt(self._per_target(np.square(np.square(cosines)), np.add))),
            self._per_target(cosines * self._is_name, np.maximum),
            bag_score / (total or 1.0),
            self._compare_grams(question),
        )
        return Comparison(np.stack(features, axis=1), cosines, understood / (total or 1.0))

    def nearest_phrase(self, target: int, comparison: Comparison, language: Language) -> str:
        """Give the phrase of a target that is most like the question, in this language where one is alike at all."""
        own = range(int(self._starts[target]), int(np.searchsorted(self._targets, target + 1)))
        spoken = [at for at in own if self.phrases[at].language == language and comparison.cosines[at] > 0]
        return self.phrases[max(spoken or own, key=lambda at: float(comparison.cosines[at]))].text

    def measure_likeness(self, target: int, comparison: Comparison) -> float:
        """Give the cosine of the question with the most alike phrase of a target."""
        return float(comparison.cosines[self._targets == target].max(initial=0.0))

    def _per_target(self, values: Floats, by: np.ufunc) -> Floats:
        # Phrases stand in the order of their targets, and every target has one.
        found: Floats = by.reduceat(values, self._starts)
        return found

    def _compare_grams(self, question: Sequence[tuple[str, Any]]) -> Floats:
        telling = [word for word, _ in question if word not in IN_PASSING]
        grams = {gram for word in telling for gram in _list_grams(word)}
        found = np.zeros(self.size, np.float32)
        total = 0.0
        for gram in grams:
            rarity = self._gram_rarity.get(gram, self.unknown_rarity)
            total += rarity
            if gram in self._grams:
                found[self._grams[gram]] += rarity
        return found / (total or 1.0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a question compares with every target: a row of features each."""

    features: Floats
    cosines: Floats
    """With each phrase of the index."""
    known: float
    """Weighed share of the words of the question that stand in any phrase of a target that is no off topic."""


def _count_rarity(bags: Sequence[dict[str, float]], targets: Sequence[int], size: int) -> dict[str, float]:
    holders: defaultdict[str, set[int]] = defaultdict(set)
    for bag, target in zip(bags, targets, strict=True):
        for term in bag:
            holders[term].add(target)
    return {term: log(1 + (size - len(held) + 0.5) / (len(held) + 0.5)) for term, held in holders.items()}


def _post_phrases(bags: Sequence[dict[str, float]], rarity: dict[str, float]) -> dict[str, Posting]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    weights: defaultdict[str, list[float]] = defaultdict(list)
    for place, bag in enumerate(bags):
        norm = sum((weight * rarity[term]) ** 2 for term, weight in bag.items()) ** 0.5 or 1.0
        for term, weight in bag.items():
            places[term].append(place)
            weights[term].append(weight * rarity[term] / norm)
    return {term: Posting(np.array(places[term], np.int32), np.array(weights[term], np.float32)) for term in places}


def _post_bags(phrases: Sequence[Phrase], bags: Sequence[dict[str, float]], size: int) -> dict[str, Posting]:
    """Give for each term how often each target has it, saturating."""
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    lengths = np.zeros(size, np.float32)
    for phrase, bag in zip(phrases, bags, strict=True):
        for term, weight in bag.items():
            counts[term][phrase.target] += weight * (_NAME_COUNT if phrase.is_name else 1.0)  # type: ignore[assignment]
            lengths[phrase.target] += weight
    slack = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * lengths / max(float(lengths.mean()), 1.0))
    found = {}
    for term, held in counts.items():
        places = np.array(list(held), np.int32)
        count = np.array(list(held.values()), np.float32)
        found[term] = Posting(places, (count / (count + slack[places])).astype(np.float32))
    return found


def _post_grams(phrases: Sequence[Phrase], size: int) -> tuple[dict[str, Integers], dict[str, float]]:
    holders: defaultdict[str, set[int]] = defaultdict(set)
    words: defaultdict[str, set[int]] = defaultdict(set)
    for phrase in phrases:
        for word in list_words(phrase.text):
            words[word].add(phrase.target)
    for word, targets in words.items():
        for gram in _list_grams(word):
            holders[gram] |= targets
    rarity = {gram: log(1 + (size - len(held) + 0.5) / (len(held) + 0.5)) for gram, held in holders.items()}
    return {gram: np.array(sorted(held), np.int32) for gram, held in holders.items()}, rarity


def _list_grams(word: str) -> set[str]:
    padded = f"^{word}$"
    return {padded[start : start + _GRAM] for start in range(max(1, len(padded) - _GRAM + 1))}
