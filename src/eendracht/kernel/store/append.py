"""Appending to the log: what happens inside the lock on the log head.

Many requests share one transaction. Each request is atomic: it is checked whole before any of it is staged, so that a
conflict in one leaves the others alone. Rows are collected and written table by table at the end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import Clock, timestamp
from eendracht.kernel.errors import Denied, EendrachtError, Fault, InvalidInput, NotFound
from eendracht.kernel.identity import new_uid
from eendracht.kernel.ledger.entry import SALT_SIZE, commit
from eendracht.kernel.records import BEGIN_OF_TIME, END_OF_TIME, Level, Prepared, Record, dump_canonical
from eendracht.kernel.store import conflicts
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.erasing import erase_versions
from eendracht.kernel.store.past import RecordedPast
from eendracht.kernel.store.segments import Segment, cut, overlay

if TYPE_CHECKING:
    from eendracht.kernel.store.index import Reading


class EntryType(IntEnum):
    """What an entry of the log holds."""

    VERSION = 0
    """A version of a record."""
    ERASURE = 1
    """That earlier entries were destroyed, and on which ground."""
    BATCH = 2
    """The root over a batch of journal lines."""
    EPOCH = 3
    """That the log starts anew after a restore, and from where."""
    END = 4
    """The last version of a record: that nothing holds of it from a day on."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one draft: its place in the log and its identity."""

    rv: int
    uid: str
    ref: str
    generation: int
    recorded_at: str


@dataclass(frozen=True, slots=True)
class Write:
    """A request to record versions, all or nothing."""

    drafts: Sequence[Prepared]
    author: Principal
    also: Callable[[Connection, Sequence[Written]], None] | None = None
    """Operational state that must change together with the records; runs in the same transaction."""
    reading: Reading | None = None
    """The words of the drafts, where the author of a bulk has looked for them already."""


@dataclass(frozen=True, slots=True)
class Note:
    """A request to append one entry that is not a version: an epoch or the root of a journal batch."""

    type: EntryType
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Erase:
    """A request to destroy the content of entries; `content` tells the ground and goes into the log."""

    positions: Sequence[int]
    content: dict[str, Any]


Request = Write | Note | Erase
Result = list[Written] | int
Committed = tuple[Request, Result | EendrachtError]
"""A request and what became of it."""


@dataclass(slots=True)
class _Head:
    uid: str
    ref: str
    generation: int
    rv: int
    owner: str
    level: int
    is_new: bool = False


@lru_cache(maxsize=65_536)
def facet_id(values: tuple[Any, ...]) -> int:
    """Give the number of a combination of kind, owner, level, source and lifecycle: 63 bits of its SHA-256.

    Every process comes to the same number without asking the database, and segments are counted by it.
    """
    return int.from_bytes(sha256(orjson.dumps(values)).digest()[:8], "big") >> 1


_HEAD = "SELECT r.uid, r.ref, r.generation, r.rv, e.owner, e.level FROM record r JOIN entry e ON e.rv = r.rv"
ENTRY = (
    "INSERT INTO entry (rv, type, recorded_at, commitment, salt, uid, level, owner, valid_from, valid_until, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SEGMENT = (
    "INSERT INTO segment"
    " (rv, valid_from, valid_until, facet, uid, ref, kind, owner, level, source, lifecycle, name)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
FACET = "INSERT INTO facet (id, kind, owner, level, source, lifecycle) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
FORMER_REF = (
    "INSERT INTO former_ref (ref, uid, until) VALUES (?, ?, ?) ON CONFLICT (ref) DO UPDATE SET until = excluded.until"
)
_SEGMENT_COLUMNS = "uid, valid_from, valid_until, rv, ref, kind, owner, level, source, lifecycle, name"


_CHANCE = 4_096
"""Random bytes that are asked for at once."""


@dataclass
class Appending:
    """One transaction on the log: loads what the requests touch, stages, and writes."""

    connection: Connection
    clock: Clock
    size: int = 0
    recorded_at: str = ""
    _requests: Sequence[Request] = ()
    _heads: dict[str, _Head] = field(default_factory=dict)
    _by_ref: dict[str, str] = field(default_factory=dict)
    _segments: dict[str, list[Segment]] = field(default_factory=dict)
    _stored_segments: set[str] = field(default_factory=set)
    _entries: list[Row] = field(default_factory=list)
    _changed: dict[str, _Head] = field(default_factory=dict)
    _renamed: list[Row] = field(default_factory=list)
    _chance: bytes = b""
    _drawn: int = 0

    def run(self, requests: Sequence[Request]) -> list[Result | EendrachtError]:
        """Carry out the requests in order; the answer of each is its result or why it was refused."""
        last: str
        ((self.size, last),) = self.connection.query("SELECT size, recorded_at FROM log_head WHERE id = 1")
        self.recorded_at = max(timestamp(self.clock.now()), last)
        self._requests = requests
        self._load()
        answers: list[Result | EendrachtError] = []
        for request in requests:
            before = self.size
            try:
                answers.append(self._carry_out(request))
            except EendrachtError as error:
                if self.size != before:
                    raise  # it was half staged, so nothing of this commit can be kept
                answers.append(error)
        self._flush()
        return answers

    def _carry_out(self, request: Request) -> Result:
        if isinstance(request, Write):
            return self._write(request)
        if isinstance(request, Note):
            return self._note(request.type, request.content)
        self._flush()
        return self._erase(request)

    # -- loading ------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        drafts = [draft for request in self._requests if isinstance(request, Write) for draft in request.drafts]
        if not drafts:
            return
        connection = self.connection
        refs = connection.bind_list([draft.ref for draft in drafts])
        rows = connection.query(
            f"{_HEAD} WHERE {connection.among('r.ref')}",
            (refs,),
        )
        uids = {draft.uid for draft in drafts if draft.uid}
        for ref, uid in connection.query(
            f"SELECT ref, uid FROM former_ref WHERE {connection.among('ref')}",
            (refs,),
        ):
            self._by_ref[ref] = uid
            uids.add(uid)
        if uids:
            rows += connection.query(
                f"{_HEAD} WHERE {connection.among('r.uid')}",
                (connection.bind_list(sorted(uids)),),
            )
        for row in rows:
            head = _Head(*row)
            self._heads[head.uid] = head
            self._by_ref[head.ref] = head.uid
        self._load_segments(list(self._heads))

    def _load_segments(self, uids: Sequence[str]) -> None:
        if not uids:
            return
        connection = self.connection
        for row in connection.query(
            f"SELECT {_SEGMENT_COLUMNS} FROM segment WHERE {connection.among('uid')} ORDER BY uid, valid_from",
            (connection.bind_list(uids),),
        ):
            self._segments.setdefault(row[0], []).append(Segment(row[1], row[2], row[3], row[4:]))
            self._stored_segments.add(row[0])

    # -- versions -----------------------------------------------------------------------------------------------

    def _write(self, request: Write) -> list[Written]:
        if not request.author.is_operator:
            for draft in request.drafts:
                self._require_write(draft, request.author)
        self._check(request.drafts)
        self._ask_guards(request.drafts, request.author)
        author = orjson.dumps(request.author.name)
        written = [self._stage(draft, author) for draft in request.drafts]
        if request.also is not None:
            request.also(self.connection, written)
        return written

    def _require_write(self, draft: Prepared, author: Principal) -> None:
        """Refuse an author who is no editor for the new owner, for the present one, or for the authority."""
        author.require_write(draft.owner)
        head = self._heads.get(draft.uid or self._by_ref.get(draft.ref, ""))
        if head is not None and author.may_see(head.level, head.owner):
            author.require_write(head.owner)
            return
        authority = draft.ref.partition(":")[2].partition("/")[0]
        if not author.may_write(f"organisation:{authority}"):
            raise Denied(
                f"{author.name} may not give out names under {authority}",
                hint="Use the code of an organisation for which you are editor.",
            )
        if head is not None:
            raise conflicts.unusable()

    def _check(self, drafts: Sequence[Prepared]) -> None:
        given: dict[str, str] = {}
        known: dict[str, tuple[str, int]] = {}
        for draft in drafts:
            holder = given.get(draft.ref) or self._by_ref.get(draft.ref)
            # A record that is new in this very request, and has no uid yet, goes by its ref.
            key = draft.uid or holder or draft.ref
            head = self._heads.get(key)
            ref, generation = known.get(key) or ((head.ref, head.generation) if head else ("", 0))
            if draft.expected is not None and draft.expected != generation:
                raise conflicts.stale(draft, generation, self._current(head))
            if draft.ended and not generation:
                raise NotFound(f"{draft.ref} is not known", hint="Only what was recorded can end.")
            if holder is not None and holder != key:
                raise conflicts.name_taken(draft.ref, self._current(self._heads.get(holder)))
            if ref and ref != draft.ref:
                if not draft.uid:
                    raise conflicts.renamed(draft.ref, self._current(head))
                if _namespace(ref) != _namespace(draft.ref):
                    raise conflicts.name_moved(ref, draft.ref, self._current(head))
            given[draft.ref] = key
            known[key] = (draft.ref, generation + 1)

    def _ask_guards(self, drafts: Sequence[Prepared], author: Principal) -> None:
        """Refuse what the kind of a draft does not allow after what was recorded; raises InvalidInput."""
        faults: list[Fault] = []
        for draft in drafts:
            if draft.guard is not None and not draft.ended:
                name = draft.uid or self._by_ref.get(draft.ref) or draft.ref
                faults += draft.guard(draft.spec, name, RecordedPast(author.name, self.connection, self._entries))
        if faults:
            raise InvalidInput(f"{len(faults)} fault(s)", faults=faults)

    def _current(self, head: _Head | None) -> dict[str, Any] | None:
        """Give what a record says now, as somebody who may see it would read it."""
        if head is None:
            return None
        staged = next((row[10] for row in reversed(self._entries) if row[0] == head.rv), None)
        if staged is not None:
            return Record(head.rv, staged).data
        rows = self.connection.query("SELECT body FROM entry WHERE rv = ? AND body IS NOT NULL", (head.rv,))
        return Record(head.rv, bytes(rows[0][0])).data if rows else None

    def _stage(self, draft: Prepared, author: bytes) -> Written:
        uid = draft.uid or self._by_ref.get(draft.ref)
        head = self._heads.get(uid) if uid else None
        rv = self.size
        if head is None:
            head = _Head(uid or new_uid(self._draw(10)), draft.ref, 0, rv, draft.owner, draft.level, is_new=True)
            self._heads[head.uid] = head
        elif draft.uid and head.ref != draft.ref:
            self._renamed.append((head.ref, head.uid, self.recorded_at))
            head.ref = draft.ref
            for part in self._segments.get(head.uid, ()):
                part.tail = (draft.ref, *part.tail[1:])
        self._by_ref[draft.ref] = head.uid
        head.generation += 1
        head.rv, head.owner, head.level = rv, draft.owner, draft.level
        self._changed[head.uid] = head
        body = draft.finish(head.uid, head.generation, self.recorded_at, author)
        self._append(
            EntryType.END if draft.ended else EntryType.VERSION,
            body,
            (head.uid, draft.level, draft.owner, draft.valid_from, draft.valid_until),
        )
        tail = (head.ref, draft.kind, draft.owner, draft.level, draft.source, draft.lifecycle, draft.name)
        new = Segment(draft.valid_from, draft.valid_until, rv, tail)
        known = self._segments.get(head.uid, [])
        self._segments[head.uid] = (cut if draft.ended else overlay)(known, new)
        return Written(rv, head.uid, head.ref, head.generation, self.recorded_at)

    def _draw(self, count: int) -> bytes:
        """Give random bytes; asked for in one go, as each request to the system hands over the interpreter's lock."""
        if self._drawn + count > len(self._chance):
            self._chance = os.urandom(_CHANCE)
            self._drawn = 0
        self._drawn += count
        return self._chance[self._drawn - count : self._drawn]

    # -- other entries ------------------------------------------------------------------------------------------

    def _append(self, kind: EntryType, body: bytes, columns: tuple[Any, ...]) -> int:
        rv = self.size
        salt = self._draw(SALT_SIZE)
        self._entries.append((rv, int(kind), self.recorded_at, commit(salt, body), salt, *columns, body))
        self.size = rv + 1
        return rv

    def _note(self, kind: EntryType, content: dict[str, Any]) -> int:
        body = dump_canonical({"type": kind.name.lower(), "recordedAt": self.recorded_at, **content})
        return self._append(kind, body, (None, Level.PUBLIC, "", BEGIN_OF_TIME, END_OF_TIME))

    def _erase(self, request: Erase) -> int:
        positions = sorted(set(request.positions))
        erase_versions(self.connection, positions)
        for cache in (self._heads, self._by_ref, self._segments, self._stored_segments):
            cache.clear()
        self._load()
        return self._note(EntryType.ERASURE, {**request.content, "positions": positions})

    # -- writing ------------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        connection = self.connection
        if self._entries:
            connection.execute_many(ENTRY, self._entries)
        heads = self._changed.values()
        old = [(head.ref, head.generation, head.rv, head.uid) for head in heads if not head.is_new]
        new = [(head.uid, head.ref, head.generation, head.rv) for head in heads if head.is_new]
        if self._renamed:
            connection.execute_many(FORMER_REF, self._renamed)
        if old:
            connection.execute_many("UPDATE record SET ref = ?, generation = ?, rv = ? WHERE uid = ?", old)
        if new:
            connection.execute_many("INSERT INTO record (uid, ref, generation, rv) VALUES (?, ?, ?, ?)", new)
        self._flush_segments()
        connection.execute(
            "UPDATE log_head SET size = ?, recorded_at = ? WHERE id = 1",
            (self.size, self.recorded_at),
        )
        for head in heads:
            head.is_new = False
        self._entries.clear()
        self._changed.clear()
        self._renamed.clear()

    def _flush_segments(self) -> None:
        touched = [uid for uid in self._changed if uid in self._stored_segments]
        if touched:
            self.connection.execute(
                f"DELETE FROM segment WHERE {self.connection.among('uid')}", (self.connection.bind_list(touched),)
            )
        rows: list[Row] = []
        facets: dict[int, Row] = {}
        for uid in self._changed:
            self._stored_segments.add(uid)
            for part in self._segments[uid]:
                values = part.tail[1:6]
                facet = facet_id(values)
                facets[facet] = (facet, *values)
                rows.append((part.rv, part.valid_from, part.valid_until, facet, uid, *part.tail))
        if rows:
            self.connection.execute_many(FACET, list(facets.values()))
            self.connection.execute_many(SEGMENT, rows)


def _namespace(ref: str) -> str:
    return ref.partition("/")[0]
