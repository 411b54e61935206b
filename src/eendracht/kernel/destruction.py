"""Destroying what may not be kept: versions of records, and content about persons.

The order of things makes it safe to die at any moment: first the erasure journal, then the content, then the leaf in
the ledger, then what is left behind in files, then the declaration, and at last that the order is done. An order that
was begun is finished before the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import Clock, SystemClock, timestamp
from eendracht.kernel.credentials import remove_persons
from eendracht.kernel.declaration import Declaration
from eendracht.kernel.erasures import Doomed, ErasureJournal, Order, Share
from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kernel.identity import new_uid
from eendracht.kernel.records import Record
from eendracht.kernel.store.append import EntryType
from eendracht.kernel.store.segments import IS_VERSION
from eendracht.kernel.store.store import Store
from eendracht.kernel.vault import Item, Vault

MOST_ITEMS = 1_000
"""How many items of the vault one order destroys."""

Report = Callable[[str], None]
"""Is told of each step that is on disk: ordered, erased, logged, purged, declared."""


class Destruction:
    """Destroys, declares what was destroyed, and finishes what a killed process began.

    `by` is a role and `ground` a law and article: both go into the ledger for good, so neither names a person.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        journal: ErasureJournal,
        declarations: Path,
        node: str,
        clock: Clock | None = None,
        report: Report = lambda step: None,
    ) -> None:
        self._store = store
        self._vault = vault
        self._journal = journal
        self._declarations = declarations
        self._node = node
        self._clock = clock or SystemClock()
        self._report = report

    # -- what may be destroyed ----------------------------------------------------------------------------------

    def destroy_record(self, name: str, *, ground: str, by: str, generations: Iterable[int] = ()) -> Declaration:
        """Destroy a record by uid or ref, or only these generations of it, and give the declaration.

        Raises InvalidInput for an empty ground or role, NotFound where there is nothing (left) to destroy.
        """
        return self._destroy_versions([name], ground, by, set(generations))

    def destroy_records(self, names: Sequence[str], *, ground: str, by: str) -> Declaration:
        """Destroy all records of a list in one go, and give one declaration; raises as `destroy_record`."""
        return self._destroy_versions(names, ground, by, set())

    def _destroy_versions(self, names: Sequence[str], ground: str, by: str, wanted: set[int]) -> Declaration:
        _check_reason(ground, by)
        with self._journal.exclusively():
            self._resume()
            doomed: dict[int, Record] = {}
            references = 0
            for name in names:
                known = self._store.history(name, OPERATOR)
                chosen = [record for record in known if not wanted or record.generation in wanted]
                missing = wanted - {record.generation for record in chosen}
                if missing:
                    raise NotFound(f"{name} has no generation {', '.join(map(str, sorted(missing)))}")
                doomed.update((record.rv, record) for record in chosen)
                if len(chosen) == len(known):
                    references += len(self._store.incoming(name, OPERATOR))
            if not doomed:
                raise NotFound("There is nothing to destroy")
            versions = [doomed[rv] for rv in sorted(doomed)]
            what = {"versions": self._doom(versions), "remaining_references": references}
            return self._begin([self._order(ground, by, _specify_versions(versions), **what)])[0]

    def destroy_subject(self, subject: str, *, ground: str, by: str) -> Declaration:
        """Destroy the key of a subject and everything about it, and give the declaration.

        Raises InvalidInput for an empty ground or role, NotFound for a subject that is not known (any more).
        """
        _check_reason(ground, by)
        with self._journal.exclusively():
            for order, declaration in self._resume():
                if subject in order.subjects:
                    return declaration
            if not self._vault.knows(subject):
                raise NotFound("This subject is not known in the vault")
            specification = _specify_items(self._vault.describe(subjects=[subject]))
            return self._begin([self._order(ground, by, specification, subjects=(subject,))])[0]

    def destroy_items(self, items: Sequence[str], *, ground: str, by: str) -> Declaration:
        """Destroy items of the vault before their time, and give the declaration; raises as `destroy_subject`."""
        _check_reason(ground, by)
        with self._journal.exclusively():
            self._resume()
            found = self._vault.describe(items=items)
            if len(found) != len(set(items)):
                raise NotFound("Some of these items are not known in the vault")
            return self._begin([self._order_items(found, ground, by)])[0]

    def sweep_retention(self, by: str = "retention") -> list[Declaration]:
        """Destroy every item whose retention is over, an order per kind with the ground of its rule."""
        with self._journal.exclusively():
            declarations = [declaration for _, declaration in self._resume()]
            orders = []
            for kind, group in groupby(self._vault.list_due(), lambda item: item.kind):
                due = list(group)
                rule = self._vault.rules.get(kind)
                ground = f"{rule.ground} ({rule.keeps})" if rule else "retention period is over"
                parts = (due[start : start + MOST_ITEMS] for start in range(0, len(due), MOST_ITEMS))
                orders += [self._order_items(part, ground, by) for part in parts]
            return declarations + self._begin(orders)

    def resume(self) -> list[Declaration]:
        """Finish the orders that a killed process began; every other call does so first."""
        with self._journal.exclusively():
            return [declaration for _, declaration in self._resume()]

    def reapply(self, orders: Sequence[Order]) -> int:
        """Destroy again whatever of these orders a restore brought back; gives how many orders found something.

        A version is recognised by position and commitment together. The ledger gets a leaf for each such order.
        """
        found = 0
        positions: set[int] = set()
        for order in orders:
            there = self._find_doomed(order)
            positions.update(there)
            if there:
                self._store.erase(there, {**_leaf(order), "applied": "again"}, purge=False)
                found += 1
            elif self._erase_from_vault(order):
                self._log(order, applied="again")
                found += 1
        self._store.purge(sorted(positions))
        self._vault.purge()
        return found

    # -- carrying out -------------------------------------------------------------------------------------------

    def _begin(self, orders: Sequence[Order]) -> list[Declaration]:
        for order in orders:
            self._journal.order(order)
        self._report("ordered")
        return self._carry_out(orders, is_new=True)

    def _resume(self) -> list[tuple[Order, Declaration]]:
        pending = self._journal.read().pending
        return list(zip(pending, self._carry_out(pending), strict=True))

    def _carry_out(self, orders: Sequence[Order], *, is_new: bool = False) -> list[Declaration]:
        """Erase order by order, purge once for all, for that rewrites whole files, and declare."""
        if not orders:
            return []
        leaves = [self._erase(order, is_new) for order in orders]
        positions = [version.rv for order in orders for version in order.versions]
        if positions:
            self._store.purge(positions)
        if any(order.subjects or order.items for order in orders):
            self._vault.purge()
        self._report("purged")
        declarations = []
        for order, leaf in zip(orders, leaves, strict=True):
            declaration = Declaration.of(order, leaf, timestamp(self._clock.now()))
            declaration.keep(self._declarations)
            self._report("declared")
            self._journal.finish(order, leaf)
            declarations.append(declaration)
        return declarations

    def _erase(self, order: Order, is_new: bool) -> int:
        there = self._find_doomed(order)
        if there:
            leaf = self._store.erase(there, _leaf(order), purge=False)
        else:
            self._erase_from_vault(order)
            self._report("erased")
            known = None if is_new else self._find_leaf(order)
            leaf = self._log(order) if known is None else known
        self._report("logged")
        return leaf

    def _log(self, order: Order, **more: str) -> int:
        return self._store.note(EntryType.ERASURE, {**_leaf(order), **more, "positions": []})

    def _erase_from_vault(self, order: Order) -> int:
        # First, so that a process that dies in between leaves nobody signed in of whom nothing is left.
        remove_persons(self._store, self._find_leaving(order))
        gone = self._vault.erase_subjects(order.subjects) if order.subjects else 0
        return gone + (self._vault.erase_items(order.items) if order.items else 0)

    def _find_leaving(self, order: Order) -> set[str]:
        """Give the subjects of an order of whom nothing is left after it."""
        doomed = set(order.items)
        touched = {item.subject for item in self._vault.describe(items=order.items)}
        kept = {item.subject for item in self._vault.describe(subjects=sorted(touched)) if item.id not in doomed}
        return {*order.subjects, *(touched - kept)}

    def _find_doomed(self, order: Order) -> list[int]:
        """Give the positions of an order that still have content, and hold what the order meant."""
        commitments = {version.rv: version.commitment for version in order.versions}
        if not commitments:
            return []
        connection = self._store.driver.reader()
        rows = connection.query(
            f"SELECT rv, commitment FROM entry WHERE {connection.among('rv')} AND {IS_VERSION} AND body IS NOT NULL",
            (connection.bind_list(sorted(commitments)),),
        )
        return sorted(rv for rv, commitment in rows if bytes(commitment).hex() == commitments[rv])

    def _find_leaf(self, order: Order) -> int | None:
        for rv, body in self._store.driver.reader().stream("SELECT rv, body FROM entry WHERE type = 1 ORDER BY rv"):
            if orjson.loads(body).get("order") == order.id:
                return int(rv)
        return None

    # -- orders -------------------------------------------------------------------------------------------------

    def _order(self, ground: str, by: str, specification: tuple[Share, ...], **what: Any) -> Order:
        at = timestamp(self._clock.now())
        return Order(new_uid(), at, self._node, ground.strip(), by.strip(), specification, **what)

    def _order_items(self, items: Sequence[Item], ground: str, by: str) -> Order:
        return self._order(ground, by, _specify_items(items), items=tuple(item.id for item in items))

    def _doom(self, versions: Sequence[Record]) -> tuple[Doomed, ...]:
        connection = self._store.driver.reader()
        rows = connection.query(
            f"SELECT rv, commitment, uid FROM entry WHERE {connection.among('rv')} ORDER BY rv",
            (connection.bind_list([record.rv for record in versions]),),
        )
        return tuple(Doomed(rv, bytes(commitment).hex(), uid) for rv, commitment, uid in rows)


def _leaf(order: Order) -> dict[str, Any]:
    shares = [{"kind": share.kind, "count": share.count} for share in order.specification]
    return {"order": order.id, "ground": order.ground, "by": order.by, "destroyed": shares}


def _specify_versions(versions: Iterable[Record]) -> tuple[Share, ...]:
    return _count((record.kind, record.data["recordedAt"][:10]) for record in versions)


def _specify_items(items: Iterable[Item]) -> tuple[Share, ...]:
    return _count((item.kind, item.stored_at[:10]) for item in items)


def _count(pieces: Iterable[tuple[str, str]]) -> tuple[Share, ...]:
    dates: dict[str, list[str]] = {}
    for kind, day in pieces:
        dates.setdefault(kind, []).append(day)
    return tuple(Share(kind, len(days), min(days), max(days)) for kind, days in sorted(dates.items()))


def _check_reason(ground: str, by: str) -> None:
    faults = [
        Fault(
            pointer,
            "reason-needed",
            f"{dutch} ontbreekt, of is langer dan 300 tekens of meer dan een regel",
            f"{english} is missing, longer than 300 characters, or more than one line",
            "It goes into the ledger for good: name a law and article, and a role, never a person.",
        )
        for pointer, text, dutch, english in (
            ("/ground", ground, "De grondslag", "The ground"),
            ("/by", by, "De rol", "The role"),
        )
        if not text.strip() or len(text) > 300 or not text.isprintable()
    ]
    if faults:
        raise InvalidInput("Destroying needs a ground and a role", faults=faults)
