"""The text index on PostgreSQL: a `tsvector` of the words as they are, with a GIN index."""

from __future__ import annotations

from collections.abc import Sequence

from eendracht.kernel.search.index import WordIndex
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.index import Reach, Term

_LONGEST = 500
"""Characters of a word that PostgreSQL sees; a lexeme holds less than 2 KiB."""
_INSERT = "INSERT INTO search_text (rv, name, label, rest, document) VALUES (?, ?, ?, ?, ?)"


class PostgresTextIndex(WordIndex):
    """Words of the records in a `tsvector`: those of the name with weight A, the others with D."""

    position = "rv"

    def match(self, terms: Sequence[Term], reach: Reach = Reach.ANYWHERE) -> tuple[str, str]:
        """Give the query for the positions (column `rv`) where the terms occur, and its one parameter."""
        every = " & ".join(f"({_alternatives(term)})" for term in terms)
        if reach is Reach.NAMED:
            every += " & (" + " | ".join(_alternatives(term, "A") for term in terms) + ")"
        return "SELECT rv FROM search_text WHERE document @@ ?::tsquery", every

    def _insert(self, connection: Connection, rows: list[Row]) -> None:
        connection.execute_many(_INSERT, [(*row, _vector(row[1], f"{row[2]} {row[3]}")) for row in rows])

    def _settle(self, connection: Connection) -> None:
        """Do nothing: dead rows go when the driver rewrites the tables."""


def _vector(name: str, others: str) -> str:
    weighted = [f"'{word[:_LONGEST]}':1A" for word in name.split()]
    weighted += [f"'{word[:_LONGEST]}':1" for word in others.split()]
    return " ".join(weighted)


def _alternatives(term: Term, weight: str = "") -> str:
    forms = [f"'{form[:_LONGEST]}'" for form in term.forms]
    suffixes = ["*" + weight if term.is_prefix else weight, *[weight] * (len(forms) - 1)]
    return " | ".join(f"{form}:{suffix}" if suffix else form for form, suffix in zip(forms, suffixes, strict=True))
