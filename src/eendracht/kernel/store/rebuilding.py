"""Taking a whole log over into an empty database, entry by entry, and making again what follows from it.

Positions, times, salts and bodies stay as they were, so that the same tree grows over them. Nothing here checks who
may write: it is for the operator who brings a node over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice, pairwise
from typing import Any, Final

import orjson

from eendracht.kernel.errors import Conflict, UnreadableFile
from eendracht.kernel.ledger.entry import commit
from eendracht.kernel.records import BEGIN_OF_TIME, END_OF_TIME, Level
from eendracht.kernel.store.append import ENTRY, FACET, FORMER_REF, SEGMENT, EntryType, facet_id
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.segments import IS_VERSION, Segment, cut, overlay
from eendracht.kernel.store.store import Store

_BATCH: Final = 2_000
_ERASED: Final = ("", BEGIN_OF_TIME, END_OF_TIME)


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry as it comes from another log; `body` and `salt` are None where it was destroyed.

    `uid` and the days are those of a version, also of one that was destroyed; an open day is None.
    """

    rv: int
    type: int
    recorded_at: str
    commitment: bytes
    salt: bytes | None
    body: bytes | None
    uid: str | None = None
    valid_from: str | None = None
    valid_until: str | None = None


def take_log(store: Store, entries: Iterable[Taken]) -> int:
    """Put the entries of another log into an empty one, and give how many there are.

    Raises Conflict where the store holds entries, UnreadableFile for the first that is not the next, goes back in time,
    or whose content does not match its commitment.
    """
    if store.size:
        raise Conflict("There are entries in this log already", hint="Take a log over into a new node only.")
    waiting = iter(entries)
    size, last = 0, ""
    while batch := list(islice(waiting, _BATCH)):
        rows = []
        for entry in batch:
            _check(entry, size, last)
            rows.append(_row(entry))
            size, last = size + 1, entry.recorded_at
        store.act(lambda connection, rows=rows, head=(size, last): _append(connection, rows, head))
    _derive(store)
    store.catch_up()
    return size


def _check(entry: Taken, size: int, last: str) -> None:
    if entry.rv != size:
        raise UnreadableFile(f"The log is not whole: after {size - 1} comes {entry.rv}")
    if entry.recorded_at < last:
        raise UnreadableFile(f"Entry {entry.rv} is older than the one before it")
    if entry.body is not None and (entry.salt is None or commit(entry.salt, entry.body) != entry.commitment):
        raise UnreadableFile(f"The content of entry {entry.rv} does not match its commitment")


def _row(entry: Taken) -> Row:
    level, owner = int(Level.RESTRICTED), ""
    if entry.uid is None:
        level = int(Level.PUBLIC)
    elif entry.body is not None:
        data = orjson.loads(entry.body)
        level, owner = int(Level[data["confidentiality"]["level"].upper()]), data["owner"]
    days = (entry.valid_from or BEGIN_OF_TIME, entry.valid_until or END_OF_TIME)
    proof = (entry.rv, entry.type, entry.recorded_at, entry.commitment, entry.salt)
    return (*proof, entry.uid, level, owner, *days, entry.body)


def _append(connection: Connection, rows: list[Row], head: tuple[int, str]) -> None:
    connection.execute_many(ENTRY, rows)
    connection.execute("UPDATE log_head SET size = ?, recorded_at = ? WHERE id = 1", head)


# -- what follows from the log --------------------------------------------------------------------------------------


def _derive(store: Store) -> None:
    rows = store.driver.reader().stream(
        f"SELECT uid, rv, type, recorded_at, valid_from, valid_until, body FROM entry WHERE {IS_VERSION}"
        " ORDER BY uid, rv"
    )
    histories = (list(versions) for _, versions in groupby(rows, key=lambda row: row[0]))
    while batch := list(islice(histories, _BATCH)):
        store.act(lambda connection, batch=batch: _write(connection, batch))


def _write(connection: Connection, histories: list[list[Row]]) -> None:
    records: list[Row] = []
    names: list[Row] = []
    segments: list[Row] = []
    facets: dict[int, Row] = {}
    for versions in histories:
        kept = [(row[1], row[3], orjson.loads(row[6])) for row in versions if row[6] is not None]
        if not kept:
            continue
        uid, (newest, _, last) = versions[0][0], kept[-1]
        records.append((uid, last["ref"], len(versions), newest))
        names += _former_names(uid, kept)
        for segment in _segments(versions):
            values = segment.tail[1:6]
            facet = facet_id(values)
            facets[facet] = (facet, *values)
            days = (segment.valid_from, segment.valid_until)
            segments.append((segment.rv, *days, facet, uid, last["ref"], *segment.tail[1:]))
    connection.execute_many("INSERT INTO record (uid, ref, generation, rv) VALUES (?, ?, ?, ?)", records)
    connection.execute_many(FORMER_REF, names)
    connection.execute_many(FACET, list(facets.values()))
    connection.execute_many(SEGMENT, segments)


def _former_names(uid: str, kept: list[tuple[int, str, dict[str, Any]]]) -> Iterator[Row]:
    for (_, _, before), (_, recorded_at, after) in pairwise(kept):
        if before["ref"] != after["ref"]:
            yield before["ref"], uid, recorded_at


def _segments(versions: list[Row]) -> list[Segment]:
    """Give what holds when; a version that was destroyed still keeps away what it had replaced."""
    known: list[Segment] = []
    for _, rv, kind, _, valid_from, valid_until, body in versions:
        tail: tuple[Any, ...] = _ERASED
        if body is not None:
            data = orjson.loads(body)
            level, spec = int(Level[data["confidentiality"]["level"].upper()]), data["spec"]
            source, lifecycle = data["source"]["type"], spec.get("lifecycle", "")
            tail = (data["ref"], data["kind"], data["owner"], level, source, lifecycle, spec["name"])
        put = cut if kind == EntryType.END else overlay
        known = put(known, Segment(valid_from, valid_until, rv, tail))
    return [segment for segment in known if segment.tail is not _ERASED]
