"""Reading what is known: by name, by date, by what was known when, as a list, as a feed.

Every function takes the asker and filters in the query. Valid time is a date in Europe/Amsterdam; `known_at` is a
position in the log or a moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.identity import is_uid
from eendracht.kernel.records import BEGIN_OF_TIME, END_OF_TIME, Record
from eendracht.kernel.store.append import EntryType
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.segments import IS_VERSION, Segment, cut, overlay

MOST_ON_A_PAGE = 500


@dataclass(frozen=True, slots=True)
class Query:
    """What a list should hold: each filter that is given must match."""

    kind: str = ""
    owner: str = ""
    source: str = ""
    lifecycle: str = ""
    level: int | None = None
    text: str = ""
    after: str = ""
    """Where the page before ended, as that page said."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list; `after` continues it, empty at the end."""

    records: tuple[Record, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record that points at another, and in which field."""

    field: str
    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Dangling:
    """A ref that nothing answers to, and who uses it."""

    target: str
    field: str
    ref: str
    owner: str


class BodyCache:
    """Canonical bytes by position, bounded by size; a position's bytes never change, so nothing goes stale."""

    def __init__(self, capacity_bytes: int = 96 * 2**20) -> None:
        self._capacity = capacity_bytes
        self._used = 0
        self._bodies: dict[int, Record] = {}

    def fetch(self, connection: Connection, positions: Sequence[int]) -> list[Record]:
        """Give the records at these positions, in their order; destroyed ones are left out."""
        known = self._bodies
        missing = [rv for rv in positions if rv not in known]
        if missing:
            found = {}
            for rv, body in connection.query(
                f"SELECT rv, body FROM entry WHERE {connection.among('rv')}", (connection.bind_list(missing),)
            ):
                if body is not None:
                    found[rv] = Record(rv, bytes(body))
            result = [record for rv in positions if (record := known.get(rv) or found.get(rv))]
            self._keep(found)
            return result
        return [record for rv in positions if (record := known.get(rv))]

    def _keep(self, found: dict[int, Record]) -> None:
        for rv, record in found.items():
            self._bodies[rv] = record
            self._used += len(record.body)
        while self._used > self._capacity and self._bodies:
            try:
                oldest = next(iter(self._bodies))
                self._used -= len(self._bodies.pop(oldest).body)
            except (StopIteration, RuntimeError, KeyError):
                return

    def forget(self, positions: Iterable[int]) -> None:
        """Drop what was destroyed."""
        for rv in positions:
            record = self._bodies.pop(rv, None)
            if record is not None:
                self._used -= len(record.body)


def resolve(connection: Connection, name: str) -> str | None:
    """Give the uid behind a uid, a ref or a former ref; None where nothing answers."""
    if is_uid(name):
        return name
    rows = connection.query(
        "SELECT uid FROM record WHERE ref = ? UNION ALL SELECT uid FROM former_ref WHERE ref = ? LIMIT 1", (name, name)
    )
    return rows[0][0] if rows else None


def position_at(connection: Connection, moment: str) -> int:
    """Give the size of the log at a moment (UTC timestamp): how many entries were recorded until then."""
    low, high = 0, connection.query("SELECT size FROM log_head WHERE id = 1")[0][0]
    while low < high:
        middle = (low + high) // 2
        rows = connection.query("SELECT recorded_at FROM entry WHERE rv = ?", (middle,))
        if rows and rows[0][0] <= moment:
            low = middle + 1
        else:
            high = middle
    return int(low)


def get_current(connection: Connection, asker: Principal, name: str, day: str) -> Record:
    """Give the version that holds on the day, as known now; raises NotFound."""
    sql, parameters = asker.visible("s")
    column = "r.uid" if is_uid(name) else "r.ref"
    rows = connection.query(
        "SELECT s.rv, e.body FROM record r JOIN segment s ON s.uid = r.uid JOIN entry e ON e.rv = s.rv"
        f" WHERE {column} = ? AND s.valid_from <= ? AND s.valid_until > ?{sql}",
        (name, day, day, *parameters),
    )
    if not rows:
        rows = connection.query(
            "SELECT s.rv, e.body FROM former_ref r JOIN segment s ON s.uid = r.uid JOIN entry e ON e.rv = s.rv"
            f" WHERE r.ref = ? AND s.valid_from <= ? AND s.valid_until > ?{sql}",
            (name, day, day, *parameters),
        )
    if not rows:
        raise NotFound(f"{name} is not known")
    return Record(rows[0][0], bytes(rows[0][1]))


def get_current_among(connection: Connection, asker: Principal, refs: Sequence[str], day: str) -> list[Record]:
    """Give the versions that hold on the day of the records with these refs; what is absent or hidden is left out."""
    sql, parameters = asker.visible("s")
    rows = connection.query(
        "SELECT s.rv, e.body FROM record r JOIN segment s ON s.uid = r.uid JOIN entry e ON e.rv = s.rv"
        f" WHERE {connection.among('r.ref')} AND s.valid_from <= ? AND s.valid_until > ?{sql}",
        (connection.bind_list(refs), day, day, *parameters),
    )
    return [Record(rv, bytes(body)) for rv, body in rows]


def get_stretch(
    connection: Connection, asker: Principal, uid: str, day: str
) -> tuple[int, str | None, str | None, Record]:
    """Give a record's generation, the stretch of valid time around the day (None is open), and what holds then.

    All from one statement, so that a write that sends the generation along misses nothing. Raises NotFound.
    """
    sql, parameters = asker.visible("s")
    rows = connection.query(
        "SELECT r.generation, s.valid_from, s.valid_until, s.rv, e.body"
        " FROM record r JOIN segment s ON s.uid = r.uid JOIN entry e ON e.rv = s.rv"
        f" WHERE r.uid = ? AND s.valid_from <= ? AND s.valid_until > ?{sql}",
        (uid, day, day, *parameters),
    )
    if not rows:
        raise NotFound(f"{uid} is not known")
    generation, begin, end, rv, body = rows[0]
    return (
        generation,
        None if begin == BEGIN_OF_TIME else begin,
        None if end == END_OF_TIME else end,
        Record(rv, bytes(body)),
    )


def get_remainder(connection: Connection, asker: Principal, uid: str, day: str) -> tuple[int, str, bool, Record] | None:
    """Give generation, present ref, whether it holds before the day, and the first that holds on the day or after.

    None where nothing that the asker may see holds from the day on; all from one statement, as in `get_stretch`.
    """
    sql, parameters = asker.visible("s")
    rows = connection.query(
        "SELECT r.generation, s.ref, s.valid_from, s.valid_until, s.rv, e.body"
        " FROM record r JOIN segment s ON s.uid = r.uid JOIN entry e ON e.rv = s.rv"
        f" WHERE r.uid = ?{sql} ORDER BY s.valid_from",
        (uid, *parameters),
    )
    for generation, ref, _, until, rv, body in rows:
        if until > day:
            return generation, ref, rows[0][2] < day, Record(rv, bytes(body))
    return None


def get_known(connection: Connection, asker: Principal, name: str, day: str, size: int) -> Record:
    """Give the version that holds on the day as the log of this size knew it; raises NotFound."""
    uid = resolve(connection, name)
    rows = connection.query(
        "SELECT rv, level, owner, type FROM entry WHERE uid = ? AND rv < ? AND valid_from <= ? AND valid_until > ?"
        f" AND {IS_VERSION} ORDER BY rv DESC LIMIT 1",
        (uid, size, day, day),
    )
    if rows and rows[0][3] != EntryType.END and asker.may_see(rows[0][1], rows[0][2]):
        bodies = connection.query("SELECT body FROM entry WHERE rv = ?", (rows[0][0],))
        if bodies[0][0] is not None:
            record = Record(rows[0][0], bytes(bodies[0][0]))
            if not asker.is_hidden(record.kind, record.owner):
                return record
    raise NotFound(f"{name} is not known")


def list_history(connection: Connection, asker: Principal, name: str) -> list[Record]:
    """Give every version that the asker may see, newest first; raises NotFound where there is none."""
    uid = resolve(connection, name)
    sql, parameters = asker.visible_entries()
    rows = connection.query(
        f"SELECT rv, body FROM entry WHERE uid = ? AND body IS NOT NULL{sql} ORDER BY rv DESC", (uid, *parameters)
    )
    if not rows:
        raise NotFound(f"{name} is not known")
    return [Record(rv, bytes(body)) for rv, body in rows]


def conditions(query: Query, asker: Principal, day: str) -> tuple[str, list[Any]]:
    """Give the WHERE clause over `segment s` for a query, and its parameters."""
    visible, seen = asker.visible("s")
    sql = f"s.valid_from <= ? AND s.valid_until > ?{visible}"
    parameters: list[Any] = [day, day, *seen]
    # One lower bound only: SQLite starts its walk of the index at the first that it sees.
    lowest = max(query.after, query.kind and query.kind + ":")
    if lowest:
        sql += " AND s.ref > ?"
        parameters.append(lowest)
    if query.kind:
        sql += " AND s.ref < ?"
        parameters.append(query.kind + ";")
    for column in ("owner", "source", "lifecycle"):
        value = getattr(query, column)
        if value:
            sql += f" AND s.{column} = ?"
            parameters.append(value)
    if query.level is not None:
        sql += " AND s.level = ?"
        parameters.append(query.level)
    return sql, parameters


def list_positions(connection: Connection, asker: Principal, query: Query, day: str) -> list[Row]:
    """Give (rv, ref) of a page in order of ref, one more than the limit where the list goes on."""
    sql, parameters = conditions(query, asker, day)
    return connection.query(
        f"SELECT s.rv, s.ref FROM segment s WHERE {sql} ORDER BY s.ref LIMIT ?", (*parameters, query.limit + 1)
    )


def read_changes(connection: Connection, asker: Principal, since: int, limit: int) -> list[Row]:
    """Give (rv, body) of the versions at or after a position, oldest first, as far as the asker may see them."""
    sql, parameters = asker.visible_entries()
    return connection.query(
        f"SELECT rv, body FROM entry WHERE rv >= ? AND {IS_VERSION} AND body IS NOT NULL{sql} ORDER BY rv LIMIT ?",
        (since, *parameters, limit),
    )


def stream_current(
    connection: Connection, asker: Principal, query: Query, day: str, looks: re.Pattern[bytes] | None = None
) -> Iterator[Record]:
    """Yield every record that holds on the day and matches the query, as known now.

    Where `looks` is given, only those in whose canonical bytes it finds something: the others are never parsed.
    """
    sql, parameters = conditions(query, asker, day)
    if query.kind:
        # By ref the stretches come in another order: their positions are sorted before a body is fetched.
        select = (
            f"SELECT e.rv, e.body FROM entry e WHERE e.rv IN (SELECT s.rv FROM segment s WHERE {sql}) ORDER BY e.rv"
        )
    else:
        select = f"SELECT s.rv, e.body FROM segment s JOIN entry e ON e.rv = s.rv WHERE {sql} ORDER BY s.rv"
    for rv, body in connection.stream(select, parameters):
        if looks is None or looks.search(body):
            yield Record(rv, bytes(body))


def stream_known(connection: Connection, asker: Principal, day: str, size: int) -> Iterator[Record]:
    """Yield every record that holds on the day, as the log of this size knew it."""
    newest: dict[str, tuple[int, int, str]] = {}
    for rv, uid, level, owner, kind in connection.stream(
        f"SELECT rv, uid, level, owner, type FROM entry WHERE rv < ? AND {IS_VERSION}"
        " AND valid_from <= ? AND valid_until > ? ORDER BY rv",
        (size, day, day),
    ):
        if kind == EntryType.END:
            newest.pop(uid, None)
        else:
            newest[uid] = (rv, level, owner)
    positions = sorted(rv for rv, level, owner in newest.values() if asker.may_see(level, owner))
    for start in range(0, len(positions), 5_000):
        chunk = connection.bind_list(positions[start : start + 5_000])
        for rv, body in connection.query(
            f"SELECT rv, body FROM entry WHERE {connection.among('rv')} AND body IS NOT NULL ORDER BY rv", (chunk,)
        ):
            record = Record(rv, bytes(body))
            if not asker.hidden or not asker.is_hidden(record.kind, record.owner):
                yield record


def segments_known(connection: Connection, uid: str, size: int) -> list[Segment]:
    """Give the stretches of valid time of one record as the log of this size knew them, oldest first."""
    known: list[Segment] = []
    for rv, valid_from, valid_until, kind in connection.query(
        f"SELECT rv, valid_from, valid_until, type FROM entry WHERE uid = ? AND rv < ? AND {IS_VERSION} ORDER BY rv",
        (uid, size),
    ):
        put = cut if kind == EntryType.END else overlay
        known = put(known, Segment(valid_from, valid_until, rv, ()))
    return known


def list_incoming(connection: Connection, asker: Principal, name: str, day: str, limit: int) -> list[Incoming]:
    """Give the records that point at this one, under any of its names, as far as the asker may see them.

    A record that is hidden from the asker has no other names, as one that does not exist has none.
    """
    uid = resolve(connection, name)
    hidden, seen = asker.visible()
    names = []
    if connection.query(f"SELECT 1 FROM segment WHERE uid = ?{hidden} LIMIT 1", (uid, *seen)):
        names = [row[0] for row in connection.query("SELECT ref FROM former_ref WHERE uid = ?", (uid,))]
        names += [row[0] for row in connection.query("SELECT ref FROM record WHERE uid = ?", (uid,))]
    sql, parameters = conditions(Query(), asker, day)
    rows = connection.query(
        "SELECT d.field, s.ref, s.name FROM edge d JOIN segment s ON s.rv = d.rv"
        f" WHERE {connection.among('d.target')} AND {sql} ORDER BY s.ref, d.field LIMIT ?",
        (connection.bind_list(names or [name]), *parameters, limit),
    )
    return [Incoming(*row) for row in rows]


def list_dangling(connection: Connection, asker: Principal, day: str, limit: int) -> list[Dangling]:
    """Give the refs that lead nowhere on the day that the asker may look, with the records that use them.

    A target that exists but is hidden from the asker counts as absent, as everywhere; so does one that has ended or is
    yet to begin.
    """
    sql, parameters = conditions(Query(), asker, day)
    hidden, seen = asker.visible("t")
    hidden, seen = f" AND t.valid_from <= ? AND t.valid_until > ?{hidden}", (day, day, *seen)
    rows = connection.query(
        "SELECT d.target, d.field, s.ref, s.owner FROM segment s JOIN edge d ON d.rv = s.rv"
        f" WHERE {sql}"
        f" AND NOT EXISTS (SELECT 1 FROM record r JOIN segment t ON t.uid = r.uid WHERE r.ref = d.target{hidden})"
        " AND NOT EXISTS (SELECT 1 FROM former_ref f JOIN segment t ON t.uid = f.uid"
        f" WHERE f.ref = d.target{hidden}) ORDER BY d.target, s.ref LIMIT ?",
        (*parameters, *seen, *seen, limit),
    )
    return [Dangling(*row) for row in rows]
