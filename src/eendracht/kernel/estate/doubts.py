"""What nobody knows of an estate, each as a node of its own: so that one sees what every single doubt may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from eendracht.kernel.estate.adjacency import Ints, offsets_of
from eendracht.kernel.estate.groups import NOT_STATED, TESTED, GroupTable
from eendracht.kernel.estate.model import Estate


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that nobody knows; in the estate of doubts `node` fails where it turns out badly.

    `unresolved`: whether the reference `name` holds. `untested`: whether the change-over of one consumer to the member
    `name` works. `consumers` are the nodes that ask.
    """

    type: Literal["unresolved", "untested"]
    name: str
    node: int
    consumers: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class DoubtedEstate:
    """An estate with a node for each doubt, after its own nodes, which keep their indices; nothing is unresolved."""

    estate: Estate
    doubts: Sequence[Doubt]


def list_doubts(estate: Estate) -> DoubtedEstate:
    """Give every unresolved reference and every alternative that nobody showed to work a node of its own.

    While the nodes of doubts are up, everything behaves as in the best case. The change-over to an alternative becomes
    a node between consumer and member that needs both the member and the doubt.
    """
    size = len(estate)
    consumers: dict[str, set[int]] = {}
    spots: list[tuple[GroupTable, int, str]] = []
    for table in (estate.run, estate.start):
        for at in np.flatnonzero(table.provider == size).tolist():
            group = int(table.group_of_member[at])
            name = estate.unresolved.get((int(table.source[group]), int(table.place[at])), "")
            consumers.setdefault(name, set()).add(int(table.consumer[group]))
            spots.append((table, at, name))
    names = sorted(consumers)
    node_of = {name: size + number for number, name in enumerate(names)}
    doubts = [Doubt("unresolved", name, node_of[name], tuple(sorted(consumers[name]))) for name in names]
    run, start = estate.run.provider.copy(), estate.start.provider.copy()
    for table, at, name in spots:
        (run if table is estate.run else start)[at] = node_of[name]
    untested = _find_untested(estate)
    first = size + len(names)
    gates = first + 2 * np.arange(len(untested), dtype=run.dtype)
    for at, gate in zip(untested.tolist(), gates.tolist(), strict=True):
        member = int(run[at])
        label = names[member - size] if member >= size else estate.names[member]
        consumer = int(estate.run.consumer[estate.run.group_of_member[at]])
        doubts.append(Doubt("untested", label, gate + 1, (consumer,)))
    total = first + 2 * len(untested)
    ways = run[untested].copy()
    run[untested] = gates
    # A gate needs its member and its doubt: two groups of one, behind those of all other consumers.
    asking = np.repeat(gates, 2)
    provider = np.stack([ways, gates + 1], axis=1).reshape(-1)
    added = total - size
    return DoubtedEstate(
        replace(
            estate,
            names=(*estate.names, *names, *(f"{kind}{at}" for at in untested.tolist() for kind in (">", "?"))),
            kind=np.concatenate([estate.kind, np.zeros(added, estate.kind.dtype)]),
            critical=np.concatenate([estate.critical, np.zeros(added, np.bool_)]),
            run=_extend(estate.run, run, total, asking, provider, len(estate.labels)),
            start=_extend(estate.start, start, total, asking[:0], provider[:0], len(estate.labels)),
            labels=(*estate.labels, *("" for _ in asking)) if estate.labels else (),
            unresolved={},
        ),
        doubts,
    )


def _find_untested(estate: Estate) -> Ints:
    """Give the places of alternatives in run groups that were not shown to work."""
    table = estate.run
    is_alternative = table.place >= table.k[table.group_of_member]
    return np.flatnonzero(is_alternative & (table.tested != TESTED))


def _extend(table: GroupTable, own: Ints, nodes: int, consumer: Ints, provider: Ints, sources: int) -> GroupTable:
    """Give a table with other providers and with groups of one behind its own."""
    groups = len(consumer)

    def more(column: Ints, values: Ints) -> Ints:
        return np.concatenate([column, values]).astype(column.dtype)

    nothing = np.zeros(groups, np.int64)
    return GroupTable(
        node_count=nodes,
        consumer=more(table.consumer, consumer),
        k=more(table.k, nothing + 1),
        buffer_seconds=more(table.buffer_seconds, nothing),
        source=more(table.source, sources + np.arange(groups)),
        indptr=offsets_of(np.concatenate([table.sizes, nothing + 1])),
        provider=more(own, provider),
        switch_seconds=more(table.switch_seconds, nothing),
        tested=more(table.tested, nothing + NOT_STATED),
        place=more(table.place, nothing),
    )
