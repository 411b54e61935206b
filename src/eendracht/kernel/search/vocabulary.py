"""The distinct words of the text index, with their stems and trigrams; plain tables, the same on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from eendracht.kernel.search.words import allowed_edits, is_code, nearest, stem_words, trigrams
from eendracht.kernel.store.driver import Connection

LONGEST_WORD = 60
"""Characters; what is longer is found as it is and has neither stem nor corrections."""
_ADD = "INSERT INTO vocabulary (word, stem) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ADD_TRIGRAM = "INSERT INTO word_trigram (trigram, word) VALUES (?, ?) ON CONFLICT DO NOTHING"


def add_words(connection: Connection, words: Iterable[str]) -> set[str]:
    """Take in the words that are new, codes and endless ones left out; gives those that were there before."""
    candidates = sorted(word for word in words if not is_code(word) and len(word) <= LONGEST_WORD)
    if not candidates:
        return set()
    known = {
        row[0]
        for row in connection.query(
            f"SELECT word FROM vocabulary WHERE {connection.among('word')}", (connection.bind_list(candidates),)
        )
    }
    new = [word for word in candidates if word not in known]
    if new:
        connection.execute_many(_ADD, list(zip(new, stem_words(new), strict=True)))
        connection.execute_many(_ADD_TRIGRAM, sorted((gram, word) for word in new for gram in trigrams(word)))
    return known


def drop_words(connection: Connection, words: Iterable[str], is_used: Callable[[str], bool]) -> None:
    """Drop the words that no document holds any more."""
    gone = connection.bind_list(sorted(word for word in words if not is_code(word) and not is_used(word)))
    for table in ("vocabulary", "word_trigram"):
        connection.execute(f"DELETE FROM {table} WHERE {connection.among('word')}", (gone,))


def list_forms(connection: Connection, words: Sequence[str]) -> list[tuple[str, ...]]:
    """Give for each word the words that share its stem, itself first."""
    stems = stem_words(words)
    forms: dict[str, list[str]] = {}
    for stem, form in connection.query(
        f"SELECT stem, word FROM vocabulary WHERE {connection.among('stem')} ORDER BY stem, word",
        (connection.bind_list(sorted(set(stems))),),
    ):
        forms.setdefault(stem, []).append(form)
    return [
        (word, *(form for form in forms.get(stem, ()) if form != word)) for word, stem in zip(words, stems, strict=True)
    ]


def correct_word(connection: Connection, word: str) -> list[str]:
    """Give the known words that may have been meant, nearest first; nothing for a code or a short word.

    Candidates share enough trigrams with what was typed: an edit touches at most four of them.
    """
    limit = allowed_edits(word)
    if is_code(word) or not limit:
        return []
    grams = sorted(trigrams(word))
    rows = connection.query(
        f"SELECT word FROM word_trigram WHERE {connection.among('trigram')} GROUP BY word HAVING COUNT(*) >= ?",
        (connection.bind_list(grams), max(1, len(grams) - 4 * limit)),
    )
    return nearest(word, (row[0] for row in rows))
