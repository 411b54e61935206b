"""Whether a Dutch text is plain enough (about level B1): short sentences, short words, and no officialese.

The formula is that of Douma (De leesbaarheid van landbouwbladen, 1960), Flesch's for Dutch:
206.84 - 0.93 x words a sentence - 77 x syllables a word; 60 and more reads as standard, 70 and more as easy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST_WORDS: Final = 15
"""Words a sentence on average, at most."""
LONGEST: Final = 22
"""Words in any one sentence, at most."""
LEAST_EASE: Final = 60.0
OFFICIALESE: Final = frozenset(
    [
        "aangaande",
        "alsmede",
        "behoudens",
        "betreffende",
        "conform",
        "derhalve",
        "desalniettemin",
        "desgewenst",
        "dient",
        "dienen",
        "dientengevolge",
        "doch",
        "geschieden",
        "geschiedt",
        "hetgeen",
        "hieromtrent",
        "indien",
        "ingevolge",
        "inzake",
        "jegens",
        "krachtens",
        "middels",
        "mits",
        "nochtans",
        "omtrent",
        "onderhavige",
        "onverminderd",
        "reeds",
        "tevens",
        "teneinde",
        "thans",
        "uiterlijk",
        "verstrekken",
        "verstrekt",
        "voornoemd",
        "voornoemde",
        "voorts",
        "vigerende",
        "wederom",
        "zulks",
        "zodanig",
        "aanvang",
        "aanvangen",
        "bewerkstelligen",
        "casu",
    ]
)
"""Words of the office that plain Dutch has an everyday word for; our own list."""

_SENTENCE: Final = re.compile(r"[.!?:]+(?=\s|$)|\n+")
_WORD: Final = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’-][A-Za-zÀ-ÿ]+)*")
_NUCLEUS: Final = re.compile(
    r"aai|ooi|oei|eeu|ieu|aa|ee|oo|uu|ie|oe|eu|ui|ij|ei|au|ou|ë|ï|ö|ü|[aeiouyéèêàáâóòôíìúù]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Readability:
    """How a text reads: words a sentence, syllables a word, the longest sentence, the ease, and words to replace."""

    words_a_sentence: float
    syllables_a_word: float
    longest: int
    ease: float
    officialese: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it is plain enough for a message to everybody."""
        is_short = self.words_a_sentence <= MOST_WORDS and self.longest <= LONGEST
        return is_short and self.ease >= LEAST_EASE and not self.officialese


def measure_readability(text: str) -> Readability:
    """Measure a Dutch text; one without words is empty and easy. Numbers and addresses count as no word."""
    sentences = [words for part in _SENTENCE.split(text) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return Readability(0, 0, 0, 100, ())
    a_sentence = len(words) / len(sentences)
    a_word = sum(max(1, len(_NUCLEUS.findall(word))) for word in words) / len(words)
    found = tuple(sorted({word.casefold() for word in words} & OFFICIALESE))
    ease = 206.84 - 0.93 * a_sentence - 77 * a_word
    return Readability(a_sentence, a_word, max(map(len, sentences)), ease, found)
