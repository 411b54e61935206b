"""The text index on SQLite: an FTS5 table whose rowid is the position in the log."""

from __future__ import annotations

from collections.abc import Sequence

from eendracht.kernel.search.index import WordIndex
from eendracht.kernel.search.vocabulary import add_words
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.index import Reach, Term

_MOST_KNOWN = 200_000


class SqliteTextIndex(WordIndex):
    """Words of the records in FTS5."""

    position = "rowid"

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._data_version = -1

    def match(self, terms: Sequence[Term], reach: Reach = Reach.ANYWHERE) -> tuple[str, str]:
        """Give the query for the positions (column `rv`) where the terms occur, and its one parameter."""
        if reach is Reach.NAMED:
            expression = "{name} : (" + " OR ".join(_alternatives(term) for term in terms) + ")"
        else:
            expression = " AND ".join(f"({_alternatives(term)})" for term in terms)
        return "SELECT rowid AS rv FROM search_text WHERE search_text MATCH ?", expression

    def _insert(self, connection: Connection, rows: list[Row]) -> None:
        connection.execute_many("INSERT INTO search_text (rowid, name, label, rest) VALUES (?, ?, ?, ?)", rows)

    def _settle(self, connection: Connection) -> None:
        # FTS5 only marks what was deleted; merging all its segments into one leaves the marks and the words behind.
        connection.execute("INSERT INTO search_text (search_text) VALUES ('optimize')")

    def _add_words(self, connection: Connection, words: set[str]) -> None:
        """Take in words, without asking the database again for those that it had at the last commit.

        Another process may have dropped some since: its commit changes SQLite's `data_version`. A word counts as known
        only when it was there before this transaction, which may yet be rolled back.
        """
        ((version,),) = connection.query("PRAGMA data_version")
        if version != self._data_version or len(self._known) > _MOST_KNOWN:
            self._known.clear()
            self._data_version = version
        self._known |= add_words(connection, words - self._known)

    def _drop(self, connection: Connection, positions: Sequence[int]) -> None:
        self._known.clear()
        super()._drop(connection, positions)


def _alternatives(term: Term) -> str:
    forms = [f'"{form}"' for form in term.forms]
    if term.is_prefix:
        forms[0] += " *"
    return " OR ".join(forms)
