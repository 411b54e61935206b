"""Destroying content inside the lock on the log head: bodies, salts, and whatever else tells of what was in them."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from eendracht.kernel.errors import NotFound
from eendracht.kernel.records import Record
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.segments import IS_VERSION


def erase_versions(connection: Connection, positions: Sequence[int]) -> list[str]:
    """Remove the content of versions and what was derived from it; gives the uids that they belonged to.

    Position, time, uid, valid time and commitment stay. Raises NotFound where a version is absent or destroyed.
    """
    bound = (connection.bind_list(positions),)
    rows = connection.query(
        f"SELECT rv, body FROM entry WHERE {connection.among('rv')} AND {IS_VERSION} AND body IS NOT NULL", bound
    )
    if len(rows) != len(positions):
        raise NotFound("Some of these versions do not exist or were destroyed before")
    destroyed: dict[str, list[Record]] = {}
    for rv, body in rows:
        record = Record(rv, bytes(body))
        destroyed.setdefault(record.uid, []).append(record)
    for statement in (
        f"UPDATE entry SET body = NULL, salt = NULL, owner = '', level = 3 WHERE {connection.among('rv')}",
        f"DELETE FROM segment WHERE {connection.among('rv')}",
        f"DELETE FROM edge WHERE {connection.among('rv')}",
    ):
        connection.execute(statement, bound)
    for uid, versions in sorted(destroyed.items()):
        _forget_names(connection, uid, versions)
    return sorted(destroyed)


def _forget_names(connection: Connection, uid: str, destroyed: Sequence[Record]) -> None:
    """Drop what else tells of a record: all of it when nothing is left, else the names of what was destroyed."""
    kept = [
        Record(rv, bytes(body))
        for rv, body in connection.query(
            "SELECT rv, body FROM entry WHERE uid = ? AND body IS NOT NULL ORDER BY rv DESC", (uid,)
        )
    ]
    rows = connection.query("SELECT ref FROM former_ref WHERE uid = ?", (uid,))
    _close_questions(connection, uid, destroyed, kept, [row[0] for row in rows])
    if not kept:
        for table in ("record", "former_ref", "segment", "binding"):
            connection.execute(f"DELETE FROM {table} WHERE uid = ?", (uid,))
        return
    newest, names = kept[0], {record.ref for record in kept}
    connection.execute("UPDATE record SET ref = ?, rv = ? WHERE uid = ?", (newest.ref, newest.rv, uid))
    connection.execute("UPDATE segment SET ref = ? WHERE uid = ?", (newest.ref, uid))
    for (ref,) in rows:
        if ref not in names or ref == newest.ref:
            connection.execute("DELETE FROM former_ref WHERE ref = ?", (ref,))
    # What the last delivery said may be what was destroyed; the next delivery fills it in again.
    connection.execute("UPDATE binding SET given = ?, facts = ?, place = '' WHERE uid = ?", (b"{}", b"{}", uid))


def _close_questions(
    connection: Connection, uid: str, destroyed: Sequence[Record], kept: Sequence[Record], former: Sequence[str]
) -> None:
    """Drop the questions to a person that came from the rows of this record, or that name what is destroyed."""
    keys = set(connection.query("SELECT system, kind, key FROM binding WHERE uid = ?", (uid,)))
    gone = {text for record in destroyed for text in (record.ref, record.name)} | set(former)
    gone -= {text for record in kept for text in (record.ref, record.name)}
    marks = [orjson.dumps(text) for text in (gone if kept else {*gone, uid})]
    for system, kind, key, details in connection.query("SELECT system, kind, key, details FROM review"):
        content = bytes(details)
        if (system, kind, key) in keys or any(mark in content for mark in marks):
            connection.execute("DELETE FROM review WHERE system = ? AND kind = ? AND key = ?", (system, kind, key))
