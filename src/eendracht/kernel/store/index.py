"""What follows the log: who points at whom, and the words of the text index.

The followers run behind the appends, in bulk, under the same lock; `log_head.indexed` says how far they are. A reader
that needs them waits until they have caught up with what was committed before it asked. A bulk, whose author brings
the words along, is indexed in its own transaction.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Protocol

import orjson

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.kinds import Kind, Registry
from eendracht.kernel.records import Edge, Prepared
from eendracht.kernel.store.append import Committed, Write
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.segments import IS_VERSION

_LOG = logging.getLogger("eendracht.store")

STRIDE = 2_000
"""How many entries one transaction indexes; it stays under a quarter of a second."""


class Document(NamedTuple):
    """The distinct words of one version, with spaces between them."""

    name: str
    label: str
    """Ref, other names and codes."""
    rest: str
    """Description and tags."""


class Described(NamedTuple):
    """The words of one version as they are looked for: each part with a space on either side of every word.

    `lengths` count the words of the parts.
    """

    name: str
    label: str
    rest: str
    lengths: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the text index makes of a batch: a document each, and all their words together."""

    documents: list[Document]
    words: set[str]


class Indexed(NamedTuple):
    """One version as the followers see it."""

    rv: int
    uid: str
    generation: int
    document: Document
    edges: Sequence[Edge]


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question: as it was typed, and in every form that counts as the same."""

    word: str
    forms: tuple[str, ...]
    """The word itself first."""
    is_prefix: bool
    """Whether words that begin with it count too."""


class Reach(Enum):
    """Where the terms of a question occur."""

    ANYWHERE = "anywhere"
    """All of them somewhere in the record."""
    NAMED = "named"
    """At least one of them in the name; records that do not hold all may be left out."""


class TextIndex(Protocol):
    """The words of the records, in the way of one engine."""

    def read(self, versions: Iterable[tuple[str, Mapping[str, Any]]]) -> Reading:
        """Give the words of versions, each a ref and a spec; needs no connection, and runs on any thread."""
        ...

    def update(self, connection: Connection, versions: Sequence[Indexed], words: set[str]) -> None:
        """Take in new versions, which hold no other words; what they replaced goes where nothing refers to it."""
        ...

    def forget(self, connection: Connection, positions: Sequence[int]) -> None:
        """Remove every trace of destroyed versions, also from freed pages and from lists of words."""
        ...

    def parse(self, connection: Connection, text: str) -> tuple[Term, ...]:
        """Read a question; empty where it holds no word."""
        ...

    def match(self, terms: Sequence[Term], reach: Reach) -> tuple[str, str]:
        """Give the query for the positions (one column, `rv`) that answer, and its one parameter."""
        ...

    def describe(self, connection: Connection, positions: Sequence[int]) -> dict[int, Described]:
        """Give the words of these versions."""
        ...

    def correct(self, connection: Connection, word: str) -> list[str]:
        """Give known words that may have been meant, nearest first, whoever may see where they occur."""
        ...

    def nearest(self, word: str, candidates: Iterable[str]) -> list[str]:
        """Give the candidates that may have been meant by a word, nearest first."""
        ...


_EDGE = "INSERT INTO edge (target, rv, field) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


class Followers:
    """Brings edges and text up to the head of the log."""

    def __init__(self, registry: Registry, text: TextIndex) -> None:
        self.registry = registry
        self.text = text
        self.is_behind = True
        """Whether a bulk cannot be indexed with its own commit, as far as this process knows."""

    def read(self, drafts: Sequence[Prepared]) -> Reading:
        """Give the words of drafts, so that the writer thread need not look for them."""
        return self.text.read((draft.ref, draft.spec) for draft in drafts)

    def follow(self, connection: Connection, committed: Sequence[Committed]) -> None:
        """Index what is about to be committed, where its words are known and nothing before it is still to do."""
        versions: list[Indexed] = []
        words: set[str] = set()
        for request, written in committed:
            if isinstance(written, EendrachtError):
                continue
            if not isinstance(request, Write) or request.reading is None or not isinstance(written, list):
                return
            words |= request.reading.words
            versions += [
                Indexed(place.rv, place.uid, place.generation, document, draft.edges)
                for draft, place, document in zip(request.drafts, written, request.reading.documents, strict=True)
            ]
        if not versions:
            return
        ((size, done),) = connection.query("SELECT size, indexed FROM log_head WHERE id = 1")
        self.is_behind = done != versions[0].rv or done + len(versions) != size
        if not self.is_behind:
            self._index(connection, versions, words, size)

    def advance(self, connection: Connection) -> int:
        """Index the next stretch of the log; gives how many entries are still to do."""
        ((size, done),) = connection.query("SELECT size, indexed FROM log_head WHERE id = 1")
        if done >= size:
            return 0
        until = min(done + STRIDE, size)
        rows = connection.query(
            f"SELECT rv, uid, body FROM entry WHERE rv >= ? AND rv < ? AND {IS_VERSION}"
            " AND body IS NOT NULL ORDER BY rv",
            (done, until),
        )
        versions, words, passed_over = self._read(rows)
        self._pass_over(connection, passed_over)
        self._index(connection, versions, words, until)
        return int(size - until)

    def knows_more(self, connection: Connection) -> bool:
        """Tell whether something was passed over that this process can index."""
        return any(
            self._can_read(kind, version)
            for kind, version in connection.query("SELECT DISTINCT kind, version FROM unindexed")
        )

    def recover(self, connection: Connection) -> int:
        """Index what another process passed over because it did not know the kind; gives how many versions."""
        known = connection.query(
            "SELECT e.rv, e.uid, e.body FROM unindexed u JOIN entry e ON e.rv = u.rv"
            " WHERE e.body IS NOT NULL ORDER BY e.rv LIMIT ?",
            (STRIDE,),
        )
        versions, words, _ = self._read(known)
        ((done,),) = connection.query("SELECT indexed FROM log_head WHERE id = 1")
        self._index(connection, versions, words, done)
        # What was replaced or destroyed in the meantime has nothing left to index.
        connection.execute(
            f"DELETE FROM unindexed WHERE rv IN (SELECT rv FROM entry WHERE body IS NULL) OR {connection.among('rv')}",
            (connection.bind_list([version.rv for version in versions]),),
        )
        return len(versions)

    def _index(self, connection: Connection, versions: Sequence[Indexed], words: set[str], until: int) -> None:
        connection.execute_many(
            _EDGE, [(edge.target, version.rv, edge.field) for version in versions for edge in version.edges]
        )
        self.text.update(connection, versions, words)
        connection.execute("UPDATE log_head SET indexed = ? WHERE id = 1", (until,))

    def _can_read(self, kind: str, version: int) -> bool:
        return kind in self.registry and version <= self.registry.get(kind).version

    def _read(self, rows: Sequence[Row]) -> tuple[list[Indexed], set[str], list[tuple[int, str, int]]]:
        """Give versions with their words, and rv, kind and version of those that this process does not know."""
        found, passed_over = [], []
        for rv, uid, body in rows:
            data = orjson.loads(body)
            if not self._can_read(data["kind"], data["specVersion"]):
                passed_over.append((rv, data["kind"], data["specVersion"]))
                continue
            kind = self.registry.get(data["kind"])
            found.append((rv, uid, data, kind, kind.upcast(data["spec"], data["specVersion"])))
        reading = self.text.read((data["ref"], spec) for _, _, data, _, spec in found)
        versions = [
            Indexed(rv, uid, data["generation"], document, () if data.get("ended") else _edges_of(kind, spec))
            for (rv, uid, data, kind, spec), document in zip(found, reading.documents, strict=True)
        ]
        return versions, reading.words, passed_over

    def _pass_over(self, connection: Connection, passed_over: Sequence[tuple[int, str, int]]) -> None:
        """Remember what is not indexed and say so once per kind; another process that knows the kind takes it up."""
        connection.execute_many(
            "INSERT INTO unindexed (rv, kind, version) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", passed_over
        )
        for (kind, version), count in Counter((kind, version) for _, kind, version in passed_over).items():
            _LOG.warning(
                "unknown-kind: %d version(s) of kind '%s', spec version %d, are not indexed; update this node or switch"
                " on the wing that brings the kind",
                count,
                kind,
                version,
            )

    def forget(self, connection: Connection, positions: Sequence[int]) -> None:
        """Remove what is left of destroyed versions: their words, and facets that nothing has any more."""
        self.text.forget(connection, positions)
        connection.execute("DELETE FROM facet WHERE NOT EXISTS (SELECT 1 FROM segment s WHERE s.facet = facet.id)")


def _edges_of(kind: Kind, spec: Mapping[str, Any]) -> list[Edge]:
    return [Edge(path.field, target) for path, _, target in kind.find_relations(spec)]
