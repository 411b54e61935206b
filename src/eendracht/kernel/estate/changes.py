"""The same estate with something else in the place of a provider, beside it or before it: to compare or practise."""

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
        run=_widen(estate.run, 1),
        start=_widen(estate.start, 1),
    ), added


def _widen(table: GroupTable, added: int) -> GroupTable:
    """Let the index that stood for unresolved providers be that of the first new node, and one behind all of them."""
    old = table.node_count
    provider = np.where(table.provider == old, old + added, table.provider).astype(table.provider.dtype)
    return _with(table, node_count=old + added, provider=provider)


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


def put_gates(estate: Estate) -> tuple[Estate, list[tuple[int, int, int, float]]]:
    """Give the estate in which every alternative that needs a hand stands behind a gate, and the gates.

    A gate is a node that needs the alternative, and that the group has in its place, without a switch-over of its own:
    as long as the gate is a seed of a failure the alternative serves nobody. Each is told as gate, consumer, provider
    and the hours that switching over takes. Alternatives are the members of a run group after its first k.
    """
    table = estate.run
    at = np.flatnonzero((table.place >= table.k[table.group_of_member]) & (table.switch_seconds > 0))
    count = len(estate)
    added = np.arange(count, count + len(at))
    run = _widen(table, len(at))
    behind = run.provider[at].copy()
    provider, switch = run.provider.copy(), run.switch_seconds.copy()
    provider[at], switch[at] = added, 0
    sizes = np.concatenate([table.sizes, np.ones(len(at), dtype=np.int64)])
    run = _with(
        run,
        consumer=np.concatenate([run.consumer, added]).astype(run.consumer.dtype),
        k=np.concatenate([run.k, np.ones(len(at))]).astype(run.k.dtype),
        buffer_seconds=np.concatenate([run.buffer_seconds, np.zeros(len(at))]).astype(run.buffer_seconds.dtype),
        source=np.concatenate([run.source, table.source[table.group_of_member[at]]]).astype(run.source.dtype),
        indptr=offsets_of(sizes),
        provider=np.concatenate([provider, behind]).astype(run.provider.dtype),
        switch_seconds=np.concatenate([switch, np.zeros(len(at))]).astype(run.switch_seconds.dtype),
        tested=np.concatenate([run.tested, np.full(len(at), TESTED)]).astype(run.tested.dtype),
        place=np.concatenate([run.place, np.zeros(len(at))]).astype(run.place.dtype),
    )
    gated = replace(
        estate,
        names=(*estate.names, *(f"?gate-{number}" for number in range(len(at)))),
        kind=np.append(estate.kind, np.zeros(len(at), dtype=estate.kind.dtype)),
        critical=np.append(estate.critical, np.zeros(len(at), dtype=np.bool_)),
        run=run,
        start=_widen(estate.start, len(at)),
    )
    consumers = table.consumer[table.group_of_member[at]].tolist()
    hours = (table.switch_seconds[at] / 3600).tolist()
    return gated, list(zip(added.tolist(), consumers, table.provider[at].tolist(), hours, strict=True))
