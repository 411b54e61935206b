"""What the text index does alike on both engines: which words go in, what a question means, what is forgotten."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from eendracht.kernel.search.vocabulary import add_words, correct_word, drop_words, list_forms
from eendracht.kernel.search.words import nearest, read_document, split_words
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.index import Described, Indexed, Reach, Reading, Term
from eendracht.kernel.store.segments import IS_VERSION

MOST_TERMS = 12
"""Words of a question that count."""


_PARTS: Final = ("name", "label", "rest")
_SPACED: Final = ", ".join(f"' ' || {part} || ' '" for part in _PARTS)
_COUNTED: Final = ", ".join(
    f"CASE WHEN {part} = '' THEN 0 ELSE length({part}) - length(replace({part}, ' ', '')) + 1 END" for part in _PARTS
)


class WordIndex(ABC):
    """Distinct words of the records by position, and the vocabulary that they make.

    Words are indexed as they are. A question is widened to every word with the same stem, out of the vocabulary: so a
    search for the exact word, or for how it begins, costs nothing extra, and the index is half as large as with stems
    inside it.
    """

    position: ClassVar[str]
    """The column of `search_text` that holds the position in the log."""

    @abstractmethod
    def match(self, terms: Sequence[Term], reach: Reach = Reach.ANYWHERE) -> tuple[str, str]:
        """Give the query for the positions (column `rv`) where the terms occur, and its one parameter."""

    @abstractmethod
    def _insert(self, connection: Connection, rows: list[Row]) -> None:
        """Write rows of position, name, label and rest."""

    @abstractmethod
    def _settle(self, connection: Connection) -> None:
        """Remove what the engine keeps of rows that were deleted."""

    def read(self, versions: Iterable[tuple[str, Mapping[str, Any]]]) -> Reading:
        """Give the words of versions, each a ref and a spec; needs no connection, and runs on any thread."""
        words: set[str] = set()
        return Reading([read_document(ref, spec, words) for ref, spec in versions], words)

    def update(self, connection: Connection, versions: Sequence[Indexed], words: set[str]) -> None:
        """Take in new versions; what they replaced is dropped where no stretch of valid time refers to it."""
        self._insert(connection, [(version.rv, *version.document) for version in versions])
        self._add_words(connection, words)
        self._drop_replaced(connection, [version.uid for version in versions if version.generation > 1])

    def _add_words(self, connection: Connection, words: set[str]) -> None:
        add_words(connection, words)

    def _drop_replaced(self, connection: Connection, uids: Sequence[str]) -> None:
        if not uids:
            return
        rows = connection.query(
            f"SELECT e.rv FROM entry e WHERE {connection.among('e.uid')} AND e.{IS_VERSION}"
            f" AND EXISTS (SELECT 1 FROM search_text t WHERE t.{self.position} = e.rv)"
            " AND NOT EXISTS (SELECT 1 FROM segment s WHERE s.rv = e.rv)",
            (connection.bind_list(sorted(set(uids))),),
        )
        self._drop(connection, [row[0] for row in rows])

    def _drop(self, connection: Connection, positions: Sequence[int]) -> None:
        words = {
            word
            for document in self.describe(connection, positions).values()
            for part in (document.name, document.label, document.rest)
            for word in part.split()
        }
        connection.execute(
            f"DELETE FROM search_text WHERE {connection.among(self.position)}", (connection.bind_list(positions),)
        )
        drop_words(connection, words, lambda word: self._is_used(connection, word))

    def _is_used(self, connection: Connection, word: str) -> bool:
        matching, expression = self.match([Term(word, (word,), is_prefix=False)])
        return bool(connection.query(f"{matching} LIMIT 1", (expression,)))

    def forget(self, connection: Connection, positions: Sequence[int]) -> None:
        """Remove every trace of destroyed versions from the index and the vocabulary; seconds on a large one."""
        self._drop(connection, positions)
        self._settle(connection)

    def parse(self, connection: Connection, text: str) -> tuple[Term, ...]:
        """Read a question: its words with all forms that share their stem, the last one also as a beginning."""
        words = list(dict.fromkeys(split_words(text)))[:MOST_TERMS]
        if not words:
            return ()
        is_open = text[-1:].isalnum()
        terms = [Term(forms[0], forms, is_prefix=False) for forms in list_forms(connection, words)]
        last = terms[-1]
        if is_open:
            # Forms that begin with the word are found by that.
            others = (form for form in last.forms[1:] if not form.startswith(last.word))
            last = Term(last.word, (last.word, *others), is_prefix=True)
        return (*terms[:-1], last)

    def describe(self, connection: Connection, positions: Sequence[int]) -> dict[int, Described]:
        """Give the words of these versions."""
        # The database puts the spaces and counts: it holds up no other thread meanwhile.
        rows = connection.query(
            f"SELECT {self.position}, {_SPACED}, {_COUNTED} FROM search_text WHERE {connection.among(self.position)}",
            (connection.bind_list(positions),),
        )
        return {row[0]: Described(row[1], row[2], row[3], row[4:]) for row in rows}

    def correct(self, connection: Connection, word: str) -> list[str]:
        """Give the known words that may have been meant, nearest first."""
        return correct_word(connection, word)

    def nearest(self, word: str, candidates: Iterable[str]) -> list[str]:
        """Give the candidates that may have been meant by a word, nearest first."""
        return nearest(word, candidates)
