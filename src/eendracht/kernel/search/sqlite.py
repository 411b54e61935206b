"""The text index on SQLite: FTS5 over distinct words; stems come in when a question is asked.

A question is widened to every word with the same stem, out of the vocabulary. So a word is indexed once, a search for
the exact word or for how it begins costs nothing extra, and the index is half as large as with stems inside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eendracht.kernel.search.vocabulary import add_words, correct_word, drop_words, list_forms
from eendracht.kernel.search.words import nearest, read_document, split_words
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.index import Document, Indexed, Reach, Term

MOST_TERMS = 12
"""Words of a question that count."""
_MOST_KNOWN = 200_000


class SqliteTextIndex:
    """Words of the records in an FTS5 table whose rowid is the position in the log."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._data_version = -1

    def update(self, connection: Connection, versions: Sequence[Indexed]) -> None:
        """Take in new versions; what they replaced is dropped where no stretch of valid time refers to it."""
        rows: list[tuple[int, str, str, str]] = []
        for version in versions:
            document = read_document(version.ref, version.spec)
            rows.append((version.rv, document.name, document.label, document.rest))
        connection.execute_many("INSERT INTO search_text (rowid, name, label, rest) VALUES (?, ?, ?, ?)", rows)
        self._add_words(connection, set(" ".join(" ".join(row[1:]) for row in rows).split()))
        self._drop_replaced(connection, [version.uid for version in versions if version.generation > 1])

    def _add_words(self, connection: Connection, words: set[str]) -> None:
        """Take in words, without asking the database again for those that it had at the last commit.

        Another process may have dropped some since: its commit changes SQLite's `data_version`. A word counts as known
        only when it was there before this transaction, which may yet be rolled back.
        """
        ((version,),) = connection.query("PRAGMA data_version")
        if version != self._data_version or len(self._known) > _MOST_KNOWN:
            self._known.clear()
            self._data_version = version
        words -= self._known
        self._known |= add_words(connection, words)

    def _drop_replaced(self, connection: Connection, uids: Sequence[str]) -> None:
        if not uids:
            return
        rows = connection.query(
            f"SELECT e.rv FROM entry e WHERE {connection.among('e.uid')} AND e.type = 0"
            " AND EXISTS (SELECT 1 FROM search_text_content t WHERE t.id = e.rv)"
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
            f"DELETE FROM search_text WHERE {connection.among('rowid')}", (connection.bind_list(positions),)
        )
        self._known.clear()
        drop_words(connection, words, lambda word: self._is_used(connection, word))

    def _is_used(self, connection: Connection, word: str) -> bool:
        return bool(connection.query("SELECT 1 FROM search_text WHERE search_text MATCH ? LIMIT 1", (_quote(word),)))

    def forget(self, connection: Connection, positions: Sequence[int]) -> None:
        """Remove every trace of destroyed versions.

        FTS5 only marks what was deleted; merging all its segments into one leaves the marks and the words behind, and
        `secure_delete` blanks the pages that come free. It takes seconds on a large index.
        """
        self._drop(connection, positions)
        connection.execute("INSERT INTO search_text (search_text) VALUES ('optimize')")

    def parse(self, connection: Connection, text: str) -> tuple[Term, ...]:
        """Read a question: its words with all forms that share their stem, the last one also as a beginning."""
        words = list(dict.fromkeys(split_words(text)))[:MOST_TERMS]
        if not words:
            return ()
        last = len(words) - 1
        is_open = text[-1:].isalnum()
        return tuple(
            Term(forms[0], forms, is_open and position == last)
            for position, forms in enumerate(list_forms(connection, words))
        )

    def match(self, terms: Sequence[Term], reach: Reach = Reach.ANYWHERE) -> tuple[str, str]:
        """Give the query for the positions (column `rv`) where every term occurs, and its one parameter."""
        every = " AND ".join(f"({_alternatives(term)})" for term in terms)
        named = "{name} : (" + " OR ".join(_alternatives(term) for term in terms) + ")"
        expression = {
            Reach.ANYWHERE: every,
            Reach.NAMED: f"{every} AND {named}",
            Reach.UNNAMED: f"({every}) NOT {named}",
        }[reach]
        return "SELECT rowid AS rv FROM search_text WHERE search_text MATCH ?", expression

    def describe(self, connection: Connection, positions: Sequence[int]) -> dict[int, Document]:
        """Give the words of these versions."""
        rows = connection.query(
            f"SELECT rowid, name, label, rest FROM search_text WHERE {connection.among('rowid')}",
            (connection.bind_list(positions),),
        )
        return {rv: Document(name, label, rest) for rv, name, label, rest in rows}

    def correct(self, connection: Connection, word: str) -> list[str]:
        """Give the known words that may have been meant, nearest first."""
        return correct_word(connection, word)

    def nearest(self, word: str, candidates: Iterable[str]) -> list[str]:
        """Give the candidates that may have been meant by a word, nearest first."""
        return nearest(word, candidates)


def _quote(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _alternatives(term: Term) -> str:
    forms = [_quote(form) for form in term.forms]
    if term.is_prefix:
        forms[0] += " *"
    return " OR ".join(forms)
