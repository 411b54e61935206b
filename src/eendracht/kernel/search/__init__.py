"""Full text in Dutch: the words of the records, their stems, and what a mistyped word was meant to be."""

from eendracht.kernel.search.postgres import PostgresTextIndex
from eendracht.kernel.search.sqlite import SqliteTextIndex

__all__ = ["PostgresTextIndex", "SqliteTextIndex"]
