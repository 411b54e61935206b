"""What counts as a word, what its stem is, and which words a record has.

A word is a run of letters and digits, in lower case and without diacritics. Stems follow the Dutch algorithm of
Kraaij and Pohlmann as Snowball 3 publishes it; a word with a digit in it is a code and has no stem.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import Stemmer

from eendracht.kernel.store.index import Document

_SEPARATE: Final = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
"""For ASCII text: capitals become small, and whatever is no letter or digit a space."""
_MARKS = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")
_HAS_DIGIT = re.compile(r"\d")

_LABELLING: Final = ("legalName", "package", "oin", "kvk", "rsin", "roo", "lei", "number", "code", "upl", "purl", "cpe")
"""Fields of a spec that hold another name or a code."""

_local = threading.local()


def fold(text: str) -> str:
    """Give the text in lower case and without diacritics: `Coördinatie` becomes `coordinatie`."""
    if text.isascii():
        return text.lower()
    # Folded twice: what a compatibility form stands for may be a capital (Unicode chapter 3, definition 146).
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    decomposed = _MARKS.sub("", decomposed)
    if decomposed.isascii():
        return decomposed
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def split_words(text: str) -> list[str]:
    """Give the words of a text in their order, folded."""
    if not text.isascii():
        text = fold(text)
    return text.translate(_SEPARATE).split() if text.isascii() else _WORD.findall(text)


def is_code(word: str) -> bool:
    """Tell whether a word holds a digit: codes are found as they are, never stemmed or corrected."""
    return _HAS_DIGIT.search(word) is not None


def stem_words(words: Sequence[str]) -> list[str]:
    """Give the stem of each folded word; a code is its own stem."""
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("dutch", 0)
    stems: list[str] = stemmer.stemWords(list(words))
    return [word if is_code(word) else stem for word, stem in zip(words, stems, strict=True)]


def read_document(ref: str, spec: Mapping[str, Any], words: set[str]) -> Document:
    """Give the words by which a record can be found, and add them to `words`.

    The authority of a ref is left out, as it would make every record of an organisation a match; of a ref that is
    its authority alone, such as `supplier:kvk.12345678`, it is the name.
    """
    authority, _, name = ref.partition(":")[2].partition("/")
    labels = [name or authority, *spec.get("alsoKnownAs", ())]
    labels += [str(spec[key]) for key in _LABELLING if key in spec]
    rest = (spec.get("description", ""), *spec.get("tags", ()))
    return Document(_join(spec["name"], words), _join(" ".join(labels), words), _join(" ".join(rest), words))


def _join(text: str, words: set[str]) -> str:
    # Joined at once: a batch of lists of words would not fit in the processor's cache.
    distinct = dict.fromkeys(split_words(text))
    words.update(distinct)
    return " ".join(distinct)


def trigrams(word: str) -> set[str]:
    """Give the runs of three characters of a word, with its ends marked."""
    padded = f"^{word}$"
    return {padded[start : start + 3] for start in range(len(padded) - 2)} or {padded}


def measure_distance(left: str, right: str, limit: int) -> int:
    """Count the edits between two words, at most `limit` + 1.

    An edit inserts, drops or replaces a letter or swaps two neighbours (Damerau-Levenshtein distance in its
    optimal string alignment form: no letter is edited twice).
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        before, previous, row = row, before, [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and (not before or min(before) > limit):
            return limit + 1
    return min(row[-1], limit + 1)


def allowed_edits(word: str) -> int:
    """Give how many edits may lie between what was typed and what was meant: none in a short word, two in a long."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def nearest(word: str, candidates: Iterable[str]) -> list[str]:
    """Give the candidates within the allowed edits; the word itself is none.

    Nearest first: fewest edits, then most trigrams in common, then by letter.
    """
    limit = allowed_edits(word)
    grams = trigrams(word)
    near = []
    for candidate in candidates:
        distance = measure_distance(word, candidate, limit)
        if 0 < distance <= limit:
            near.append((distance, -len(grams & trigrams(candidate)), candidate))
    return [candidate for _, _, candidate in sorted(near)]
