"""The append-only store of records, on SQLite or PostgreSQL, behind one contract."""

from eendracht.kernel.store.loading import load
from eendracht.kernel.store.reading import Dangling, Incoming, Page, Query
from eendracht.kernel.store.searching import Facets, SearchResult, Suggestion
from eendracht.kernel.store.store import Store

__all__ = ["Dangling", "Facets", "Incoming", "Page", "Query", "SearchResult", "Store", "Suggestion", "load"]
