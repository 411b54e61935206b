"""The same estate with something else in the place of a provider, or beside it: to compare before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate.adjacency import Flags, Ints, offsets_of
from eendracht.kernel.estate.groups import TESTED, GroupTable
from eendracht.kernel.estate.model import Estate


def add_node(estate: Estate, name: str) -> tuple[Estate, int]:
    """Give the estate with one more node, of the first kind and without needs, and its index; a name twice is the same.

    Unresolved providers stay so.
    """
    if name in estate.index:
        return estate, estate.index[name]
    added = len(estate)
    return replace(
        estate,
        names=(*estate.names, name),
        kind=np.append(estate.kind, 0),
        critical=np.append(estate.critical, False),
        run=_widen(estate.run, added),
        start=_widen(estate.start, added),
    ), added


def _widen(table: GroupTable, added: int) -> GroupTable:
    """Let the index that stood for unresolved providers be that of a node, and the next one stand for these."""
    provider = np.where(table.provider == added, added + 1, table.provider).astype(table.provider.dtype)
    return _with(table, node_count=added + 1, provider=provider)


def _with(table: GroupTable, **columns: Any) -> GroupTable:
    """Give a table with other columns, and nothing remembered of the old ones."""
    return GroupTable(**{field.name: columns.get(field.name, getattr(table, field.name)) for field in fields(table)})


def replace_provider(estate: Estate, old: Sequence[int], new: int) -> Estate:
    """Give the estate in which every group that had one of `old` as a member has `new` in its place.

    Where `new` already is a member it stays one, and the group is so much smaller: nothing is its own alternative.
    Raises NotFound for a node that the estate lacks.
    """
    _check(estate, [*old, new])
    return replace(estate, run=_replace(estate.run, old, new), start=_replace(estate.start, old, new))


def add_alternative(estate: Estate, old: Sequence[int], new: int) -> Estate:
    """Give the estate in which `new` is one more member, tested and automatic, of every group that has one of `old`.

    Raises NotFound for a node that the estate lacks.
    """
    _check(estate, [*old, new])
    return replace(estate, run=_add(estate.run, old, new), start=_add(estate.start, old, new))


def _check(estate: Estate, nodes: Sequence[int]) -> None:
    wrong = [node for node in nodes if not 0 <= node < len(estate)]
    if wrong:
        raise NotFound(f"The estate has no nodes {wrong}.")


def _replace(table: GroupTable, old: Sequence[int], new: int) -> GroupTable:
    leaving = np.isin(table.provider, list(old)) & (table.consumer[table.group_of_member] != new)
    provider = np.where(leaving, new, table.provider).astype(table.provider.dtype)
    changed = _with(table, provider=provider)
    doubled = _find_repeats(changed, new)
    if not doubled.any():
        return changed
    smaller = changed.select_members(~doubled)
    return _with(smaller, k=np.minimum(smaller.k, smaller.sizes).astype(smaller.k.dtype))


def _find_repeats(table: GroupTable, node: int) -> Flags:
    """Mark the places at which a node stands in a group for the second time or later."""
    here = np.flatnonzero(table.provider == node)
    groups = table.group_of_member[here]
    repeats = np.zeros(len(table.provider), dtype=np.bool_)
    repeats[here[1:][groups[1:] == groups[:-1]]] = True
    return repeats


def _add(table: GroupTable, old: Sequence[int], new: int) -> GroupTable:
    groups = np.unique(table.group_of_member[np.isin(table.provider, list(old))])
    have = np.unique(table.group_of_member[table.provider == new])
    groups = groups[~np.isin(groups, have) & (table.consumer[groups] != new)]
    ends = table.indptr[groups + 1]
    sizes = table.sizes.copy()
    place = sizes[groups].copy()
    sizes[groups] += 1

    def put(column: Ints, value: Any) -> Ints:
        return np.insert(column, ends, value)

    return _with(
        table,
        indptr=offsets_of(sizes),
        provider=put(table.provider, new),
        switch_seconds=put(table.switch_seconds, 0),
        tested=put(table.tested, TESTED),
        place=put(table.place, place),
    )
