"""What each system delivered before, and what its deliveries left to decide: operational tables, not ledgered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.differences import Plan
from eendracht.kernel.store.append import Written
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.store import Store


@dataclass(frozen=True, slots=True)
class Binding:
    """A row of a system and the record that it stands for."""

    system: str
    kind: str
    key: str
    uid: str
    place: str
    given: Mapping[str, Any]
    """What the row said of the record, relations as refs."""
    facts: Mapping[str, Any]
    """What the row said for which the kind has no field."""
    missing_since: str | None
    """The day on which a delivery no longer held the row."""


def owner_of_system(system: str) -> str:
    """Give the ref of the organisation for which a system delivered; its name starts with the code of it."""
    return f"organisation:{system.partition('/')[0]}"


def name_system(owner: str, source: str) -> str:
    """Give the name under which the deliveries of a source for an organisation are kept."""
    return f"{owner.partition(':')[2].partition('/')[0]}/{source}"


def sees_deliveries(asker: Principal, system: str) -> bool:
    """Tell whether the asker may see what a system delivered: whoever holds a role for its organisation."""
    return asker.is_operator or owner_of_system(system) in asker.organisations


def list_bindings(store: Store, system: str = "", keys: Sequence[str] | None = None) -> list[Binding]:
    """Give every row that one system, or any, delivered, or those with these keys, in order of system, kind and key."""
    reader = store.driver.reader()
    condition, parameters = (" WHERE system = ?", [system]) if system else (" WHERE true", [])
    if keys is not None:
        condition += f" AND {reader.among('key')}"
        parameters.append(reader.bind_list(keys))
    rows = reader.query(
        "SELECT system, kind, key, uid, place, given, facts, missing_since FROM binding"
        f"{condition} ORDER BY system, kind, key",
        parameters,
    )
    return [
        Binding(system, kind, key, uid, place, orjson.loads(given), orjson.loads(facts), missing)
        for system, kind, key, uid, place, given, facts, missing in rows
    ]


def list_sources(store: Store, owner: str, asker: Principal) -> set[str]:
    """Give the names of the sources that delivered for an organisation, as far as the asker may see deliveries."""
    prefix = owner.partition(":")[2].partition("/")[0] + "/"
    rows = store.driver.reader().query("SELECT DISTINCT system FROM binding")
    return {
        system.removeprefix(prefix)
        for (system,) in rows
        if system.startswith(prefix) and sees_deliveries(asker, system)
    }


def remember_delivery(connection: Connection, plan: Plan, written: Sequence[Written], moment: str, day: str) -> None:
    """Keep, in the transaction of the records, what every row said and what is left to decide."""
    uids = {item.ref: item.uid for item in written}
    others = sorted({step.ref for step in plan.steps} - uids.keys())
    if others:
        uids |= dict(
            connection.query(
                f"SELECT ref, uid FROM record WHERE {connection.among('ref')}", (connection.bind_list(others),)
            )
        )
    connection.execute_many(
        "INSERT INTO binding (system, kind, key, uid, place, given, facts, last_seen, missing_since)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (system, kind, key) DO UPDATE SET uid = excluded.uid,"
        " place = excluded.place, given = excluded.given, facts = excluded.facts, last_seen = excluded.last_seen,"
        " missing_since = NULL",
        [
            (
                plan.system,
                step.row.kind,
                step.row.key,
                uids[step.ref],
                step.row.place,
                dump_plain(step.said),
                dump_plain(step.row.facts),
                day,
            )
            for step in plan.steps
            if step.ref in uids
        ],
    )
    connection.execute_many(
        "UPDATE binding SET missing_since = ? WHERE system = ? AND kind = ? AND key = ? AND missing_since IS NULL",
        [(day, plan.system, gone.kind, gone.key) for gone in plan.disappeared],
    )
    _ask(connection, plan, moment)


def dump_plain(value: Mapping[str, Any]) -> bytes:
    """Print what a row said as JSON; dates and decimals become text."""
    return orjson.dumps(dict(value), default=str)


_KEPT: Final = frozenset({"double-row"})
"""Questions about rows: their answer stands, although the next delivery holds the same rows."""


def _ask(connection: Connection, plan: Plan, moment: str) -> None:
    """Put what is new to decide in the queue, and take out questions on columns and rows that no longer arise."""
    questions = list(_question_rows(plan))
    about_columns = [(plan.system, kind, key) for kind, key, code, *_ in questions if code not in _KEPT]
    asked = {(kind, key) for kind, key, *_ in questions}
    waiting = connection.query(
        "SELECT kind, key FROM review WHERE system = ? AND answer IS NULL AND code <> 'same-as'", (plan.system,)
    )
    connection.execute_many(
        "DELETE FROM review WHERE system = ? AND kind = ? AND key = ?",
        [(plan.system, kind, key) for kind, key in waiting if (kind, key) not in asked],
    )
    # An answer is in the mapping by now: who asks again about a column has found values that it does not cover.
    connection.execute_many(
        "DELETE FROM review WHERE system = ? AND kind = ? AND key = ? AND answer IS NOT NULL", about_columns
    )
    connection.execute_many(
        "INSERT INTO review (system, kind, key, code, details, weight, asked_at, answer)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (system, kind, key) DO NOTHING",
        [(plan.system, *row, moment) for row in (*_doubt_rows(plan, _count_uses(connection, plan)), *questions)],
    )


def _count_uses(connection: Connection, plan: Plan) -> Mapping[str, int]:
    """Count for each party of a doubt how many records name it, those of the plan included."""
    refs = sorted({ref for doubt in plan.doubts for ref in (doubt.ref, doubt.other_ref)})
    known = connection.query(
        "SELECT d.target, count(*) FROM edge d JOIN segment s ON s.rv = d.rv"
        f" WHERE {connection.among('d.target')} GROUP BY d.target",
        (connection.bind_list(refs),),
    )
    planned: Counter[str] = Counter()
    for step in plan.steps:
        planned.update(step.list_refs())
    stored: dict[str, int] = dict(known)
    return {ref: max(stored.get(ref, 0), planned[ref]) for ref in refs}


def _doubt_rows(plan: Plan, uses: Mapping[str, int]) -> Iterable[tuple[Any, ...]]:
    """Give kind, key, code, details and weight of each doubt: it weighs as much as the records that name a party."""
    for doubt in plan.doubts:
        details = {
            "ref": doubt.ref,
            "name": doubt.name,
            "otherRef": doubt.other_ref,
            "otherName": doubt.other_name,
            "likeness": str(doubt.likeness),
            "place": doubt.place,
        }
        left, right = sorted((doubt.ref, doubt.other_ref))
        yield doubt.kind, f"{left} = {right}", "same-as", orjson.dumps(details), 1 + uses[left] + uses[right]


def _question_rows(plan: Plan) -> Iterable[tuple[Any, ...]]:
    for question in plan.questions:
        details = {
            "nl": question.nl,
            "en": question.en,
            "place": question.place,
            "column": question.column,
            "setting": question.setting,
            "choices": question.choices,
            "values": question.values[:20],
        }
        key = f"{question.place} {question.column} {question.code}"
        yield "mapping", key, question.code, orjson.dumps(details), question.affected
