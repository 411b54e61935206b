"""The part of an estate around one thing: what it needs and what needs it, so many steps away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from eendracht.kernel.landscape import Landscape, Thing

MOST_STEPS: Final = 4
MOST_THINGS: Final = 400
"""More than this nobody takes in; what is farther away is counted and left out."""

Direction = Literal["needs", "needed-by", "both"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A thing near the one that is asked about; `steps` is below zero for what needs it, above for what it needs."""

    thing: Thing
    steps: int
    through: Sequence[str]
    """The group by which each neighbour nearer by is tied to it, such as `inloggen 1 van 2`."""


@dataclass(frozen=True)
class Neighbourhood:
    """Things around one, nearest first, and the ties among all of these: refs of who needs and of what is needed."""

    around: Sequence[Neighbour]
    ties: Sequence[tuple[str, str]]
    left_out: int


def explore(landscape: Landscape, name: str, steps: int, direction: Direction) -> Neighbourhood:
    """Give what is at most so many steps from a ref; raises NotFound where the landscape lacks it."""
    start = landscape.locate(name)
    found: dict[int, tuple[int, list[str]]] = {start: (0, [])}
    left_out = 0
    for sign, wanted in ((1, "needs"), (-1, "needed-by")):
        if direction not in (wanted, "both"):
            continue
        edge = [start]
        for step in range(1, min(steps, MOST_STEPS) + 1):
            following: dict[int, list[str]] = {}
            for node in edge:
                for other, label in _step(landscape, node, sign):
                    if other not in found:
                        following.setdefault(other, []).append(label)
            room = MOST_THINGS - len(found)
            left_out += max(0, len(following) - room)
            kept = dict(list(following.items())[: max(0, room)])
            found |= {node: (sign * step, list(dict.fromkeys(labels))) for node, labels in kept.items()}
            edge = list(kept)
    around = [
        Neighbour(landscape.things[node], distance, labels)
        for node, (distance, labels) in sorted(found.items(), key=lambda item: (abs(item[1][0]), item[1][0], item[0]))
    ]
    return Neighbourhood(around, _list_ties(landscape, found), left_out)


def _step(landscape: Landscape, node: int, sign: int) -> Iterable[tuple[int, str]]:
    """Yield what a node needs (1) or what needs it (-1), with the group through which it does."""
    estate = landscape.estate
    yield from _step_in_family(landscape, node, sign)
    for table in (estate.run, estate.start):
        if sign > 0:
            for group in table.groups_of(node):
                members = table.provider[table.members_of(group)].tolist()
                label = _label(estate.label_of(table, group), int(table.k[group]), len(members))
                yield from ((member, label) for member in members if member < len(estate))
        else:
            for at in table.memberships.of(node).tolist():
                group = int(table.group_of_member[at])
                label = _label(estate.label_of(table, group), int(table.k[group]), int(table.sizes[group]))
                yield int(table.consumer[group]), label


def _step_in_family(landscape: Landscape, node: int, sign: int) -> Iterable[tuple[int, str]]:
    """Yield who controls a supplier (1) or whom it controls (-1): with its owner a supplier stops."""
    thing = landscape.things[node]
    if thing.kind != "supplier":
        return
    own = landscape.clusters[thing.ref]
    for stake in landscape.ownerships:
        owned, owner = landscape.clusters.get(stake.owned), landscape.clusters.get(stake.owner)
        here, there = (owned, stake.owner) if sign > 0 else (owner, stake.owned)
        if here == own and owned != owner and owned in landscape.controlled.get(owner or "", ()):
            yield landscape.estate.index[there], "ownerships"


def _label(label: str, k: int, n: int) -> str:
    return label if n == 1 else f"{label} {k}/{n}".strip()


def _list_ties(landscape: Landscape, found: Mapping[int, object]) -> list[tuple[str, str]]:
    ties = {
        (landscape.things[node].ref, landscape.things[other].ref): None
        for node in found
        for other, _ in _step(landscape, node, 1)
        if other in found
    }
    return list(ties)
