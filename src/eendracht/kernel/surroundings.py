"""What of the estate the rows of a delivery may mean: records, names that are taken, what was delivered before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.deliveries import Binding, list_bindings, name_system
from eendracht.kernel.errors import NotFound
from eendracht.kernel.imports.rows import Reading
from eendracht.kernel.recognition import PARTIES, KnownThings
from eendracht.kernel.records import END_OF_TIME, Record
from eendracht.kernel.store.driver import Row
from eendracht.kernel.store.store import Store


@dataclass
class Surroundings:
    """What is known where a delivery comes in."""

    known: dict[str, KnownThings]
    """The records of each kind."""
    bindings: dict[tuple[str, str], Binding]
    """What the same system delivered before, by kind and key."""
    is_whole: bool
    """Whether these are all bindings, so that what is not delivered now has disappeared."""
    taken: set[str] = field(default_factory=set)
    """Names that are no longer free."""
    generations: dict[str, int] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)
    """By uid, the first day on which nothing holds any more, where there is one."""

    def generation_of(self, record: Record | None) -> int:
        """Give the generation that a draft must meet; 0 where there is no record yet."""
        return self.generations.get(record.uid, record.generation) if record else 0


def look_around(store: Store, reading: Reading, owner: str, author: Principal) -> Surroundings:
    """Give everything of the kinds that a file names: its rows may mean any of it."""
    bound = {(item.kind, item.key): item for item in list_bindings(store, name_system(owner, reading.system))}
    found = Surroundings({}, bound, is_whole=True)
    kinds = {row.kind for row in reading.rows} | {m.kind for row in reading.rows for m in row.mentions}
    viewer = _viewer(owner, author)
    for kind in sorted(kinds):
        known = found.known[kind] = KnownThings(kind)
        for record in store.snapshot(viewer, kind=kind, owner="" if kind in PARTIES else owner):
            known.add(record)
        absent, given = _list_more(store, reading, owner, found, kind)
        for uid in absent:
            _add_newest(store, known, uid, viewer)
        for ref in given:
            _add_newest(store, known, ref, author)
    return found


def look_at_refs(store: Store, reading: Reading, owner: str, author: Principal) -> Surroundings:
    """Give only the records whose refs the rows give, and what was delivered of them before."""
    refs = sorted({str(row.facts["ref"]) for row in reading.rows})
    keys = sorted({row.key for row in reading.rows})
    system = name_system(owner, reading.system)
    bound = {(item.kind, item.key): item for item in list_bindings(store, system, keys)}
    found = Surroundings({kind: KnownThings(kind) for kind in {row.kind for row in reading.rows}}, bound, False)
    reader = store.driver.reader()
    for record in store.get_among(refs, _viewer(owner, author)):
        found.known[record.kind].add(record)
    rows = reader.query(
        f"SELECT uid, ref, generation FROM record WHERE {reader.among('ref')}", (reader.bind_list(refs),)
    )
    former = reader.query(f"SELECT ref FROM former_ref WHERE {reader.among('ref')}", (reader.bind_list(refs),))
    _take(found, rows)
    for ref in [*(ref for _, ref, _ in rows), *(ref for (ref,) in former)]:
        known = found.known[ref.partition(":")[0]]
        if ref not in known.by_ref:
            _add_newest(store, known, ref, author)
    uids = reader.bind_list(sorted(uid for uid, _, _ in rows))
    found.ends = _ends(
        reader.query(
            f"SELECT uid, max(valid_until) FROM segment WHERE {reader.among('uid')} GROUP BY uid",
            (uids,),
        )
    )
    return found


def _viewer(owner: str, author: Principal) -> Principal:
    """Give whoever may see all of the owner and nothing of others: what only the author sees is not matched."""
    if author.is_operator:
        return Principal(author.name, frozenset({(Role.EDITOR, owner), (Role.SECURITY, owner)}))
    return Principal(author.name, frozenset(pair for pair in author.roles if pair[1] == owner))


def _list_more(
    store: Store, reading: Reading, owner: str, found: Surroundings, kind: str
) -> tuple[list[str], list[str]]:
    """Give what the day does not show and a row may mean: uids of rows from before and own names, and refs given."""
    reader = store.driver.reader()
    known, span = found.known[kind], (kind + ":", kind + ";")
    rows = reader.query("SELECT uid, ref, generation FROM record WHERE ref > ? AND ref < ?", span)
    _take(found, rows)
    found.ends |= _ends(
        reader.query("SELECT uid, max(valid_until) FROM segment WHERE ref > ? AND ref < ? GROUP BY uid", span)
    )
    own = f"{kind}:{owner.partition(':')[2].partition('/')[0]}/"
    former = reader.query("SELECT ref FROM former_ref WHERE ref > ? AND ref < ?", (own, own[:-1] + "0"))
    found.taken |= {ref for _, ref, _ in rows if ref.startswith(own)} | {ref for (ref,) in former}
    bound = {item.uid for item in found.bindings.values() if item.kind == kind}
    absent = [uid for uid, ref, _ in rows if uid not in known.by_uid and (uid in bound or ref.startswith(own))]
    given = {str(row.facts["ref"]) for row in reading.rows if row.kind == kind and "ref" in row.facts}
    return absent, sorted(given - known.by_ref.keys())


def _take(found: Surroundings, rows: Iterable[Row]) -> None:
    found.generations |= {uid: generation for uid, _, generation in rows}


def _ends(rows: Sequence[Row]) -> dict[str, str]:
    return {uid: until for uid, until in rows if until != END_OF_TIME}


def _add_newest(store: Store, known: KnownThings, name: str, viewer: Principal) -> None:
    try:
        known.add(store.history(name, viewer)[0])
    except NotFound:
        return
