"""Fault trees as plain data, evaluated without the library, and random ones of the size and shape of published sets."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from eendracht.kernel.estate import CutSets, Estate, EstateBuilder, find_cut_sets, list_scenarios
from eendracht.kernel.estate.adjacency import Adjacency


@dataclass
class Tree:
    """`gates` maps a name to how many of which inputs have to fail; a gate stands before its inputs."""

    top: str
    gates: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    @property
    def events(self) -> list[str]:
        return sorted({name for _, names in self.gates.values() for name in names} - self.gates.keys())

    def build(self) -> Estate:
        builder = EstateBuilder()
        for name in (*self.gates, *self.events):
            builder.add_node(name)
        for name, (lost, inputs) in self.gates.items():
            builder.add_group(name, inputs, k=len(inputs) - lost + 1)
        return builder.build()

    def pack_events(self, estate: Estate) -> Adjacency:
        return list_scenarios([[estate.locate(name)] for name in self.events])

    def fails(self, failed: Collection[str]) -> bool:
        down = dict.fromkeys(failed, True)
        for name in reversed(self.gates):
            lost, inputs = self.gates[name]
            down[name] = sum(down.get(one, False) for one in inputs) >= lost
        return down[self.top]

    def find(self, max_order: int) -> tuple[CutSets, set[frozenset[str]]]:
        """Give what the library finds, and the same by name."""
        estate = self.build()
        found = find_cut_sets(
            estate,
            estate.locate(self.top),
            max_order=max_order,
            unknown="best",
            candidates=self.pack_events(estate),
        )
        return found, {frozenset(self.events[number] for number in cut) for cut in found}

    def try_everything(self, max_order: int) -> set[frozenset[str]]:
        """Try every set of events, the small ones first."""
        found: list[frozenset[str]] = []
        for order in range(max_order + 1):
            for names in map(frozenset, combinations(self.events, order)):
                if not any(cut <= names for cut in found) and self.fails(names):
                    found.append(names)
        return set(found)


def draw_tree(
    seed: int,
    events: int,
    gates: int,
    *,
    or_share: float = 0.6,
    at_least_share: float = 0.07,
    shared_events: float = 0.25,
    shared_gates: float = 0.15,
    inputs: tuple[int, int] = (2, 5),
) -> Tree:
    """Draw a tree; the shares say how often a gate is an `or`, `at least`, and an input one that is used already."""
    chance = random.Random(seed)
    fresh = [f"e{number}" for number in chance.sample(range(events), events)]
    used: list[str] = []
    tree, opened = Tree("g0"), 1
    for number in range(gates):
        names: list[str] = []
        for place in range(chance.randint(*inputs)):
            waiting = opened - 1 - number
            deeper = chance.random() < min(0.75, gates / (events + gates) * 1.1 + (0.3 if waiting < 3 else 0.0))
            if opened < gates and (deeper or (waiting <= 0 and place == 0)):
                if chance.random() < shared_gates and opened > number + 2:
                    name = f"g{chance.randint(number + 1, opened - 1)}"
                else:
                    name, opened = f"g{opened}", opened + 1
            elif used and (not fresh or chance.random() < shared_events):
                name = chance.choice(used[-60:] if chance.random() < 0.7 else used)
            else:
                name = fresh.pop() if fresh else "e0"
                used.append(name)
            if name not in names:
                names.append(name)
        kind, count = chance.random(), len(names)
        if kind < at_least_share and count > 2:
            lost = chance.randint(2, count - 1)
        else:
            lost = 1 if kind < at_least_share + or_share else count
        tree.gates[f"g{number}"] = (lost, names)
    _attach(tree, fresh, chance)
    return tree


def _attach(tree: Tree, fresh: list[str], chance: random.Random) -> None:
    """Put events that are left below `or` gates, and take away gates that nothing uses."""
    wide = [name for name, (lost, inputs) in tree.gates.items() if lost == 1 and len(inputs) > 1] or [tree.top]
    for name in fresh:
        tree.gates[chance.choice(wide)][1].append(name)
    reached, waiting = {tree.top}, [tree.top]
    while waiting:
        for name in tree.gates[waiting.pop()][1]:
            if name in tree.gates and name not in reached:
                reached.add(name)
                waiting.append(name)
    tree.gates = {name: gate for name, gate in tree.gates.items() if name in reached}


def count_by_order(cuts: Collection[frozenset[str]]) -> list[int]:
    return np.bincount([len(cut) for cut in cuts], minlength=1).tolist() if cuts else [0]
