"""From a text to words and their terms: stems of the dictionary form, in Dutch and in English.

Dictionary forms come from simplemma, so that `gestolen` meets `stelen`; stems from Snowball, so that `verhuizing` meets
`verhuizen`. A term carries its language, as the same letters mean different things in each.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Literal

import Stemmer

from eendracht.kernel.search.words import split_words
from eendracht.services.door.common_words import ABROAD, DUTCH, ENGLISH, STRONG_ENGLISH

Language = Literal["nl", "en"]

_local = threading.local()


@cache
def load_dictionary() -> Mapping[str, str]:
    """Give the Dutch dictionary, form to dictionary form; read once per process."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    found: Mapping[str, str] = DefaultDictionaryFactory().get_dictionary("nl")
    return found


def is_dutch_word(word: str) -> bool:
    """Tell whether the dictionary knows a word as Dutch."""
    return word in load_dictionary()


@lru_cache(maxsize=100_000)
def term_of(word: str, language: Language) -> str:
    """Give the term of a word: its language and the stem of its dictionary form."""
    if language == "nl":
        word = load_dictionary().get(word, word).replace("_", "")
    return f"{language}:{_stemmer(language).stemWord(word)}"


def _stemmer(language: Language) -> Stemmer.Stemmer:
    name = "dutch" if language == "nl" else "english"
    stemmer = getattr(_local, name, None)
    if stemmer is None:
        stemmer = Stemmer.Stemmer(name, 0)
        setattr(_local, name, stemmer)
    return stemmer


def list_words(text: str) -> list[str]:
    """Give the words of a text that may carry its subject; all of them where none does."""
    words = [_settle(word) for word in split_words(text)]
    long = [word for word in words if len(word) > 1 and not word.isdigit()]
    telling = [word for word in long if word not in DUTCH and word not in ENGLISH]
    return telling or long


def _settle(word: str) -> str:
    return "buitenland" if word in ABROAD else word


def weigh_languages(text: str) -> dict[Language, float]:
    """Give how much a match counts in each language, told by the small words; both fully where these say nothing."""
    words = split_words(text)
    dutch = sum(word in DUTCH for word in words)
    english = sum(word in STRONG_ENGLISH for word in words)
    if dutch > english:
        return {"nl": 1.0, "en": 0.4}
    return {"nl": 0.4, "en": 1.0} if english > dutch else {"nl": 1.0, "en": 1.0}
