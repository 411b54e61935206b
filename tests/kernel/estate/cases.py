"""Random small estates as plain data, from which both the library and the naive references are fed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fractions import Fraction

from eendracht.kernel.estate import Estate, EstateBuilder, Member, Phase, Seed


@dataclass
class PlainMember:
    provider: str
    switch: int = 0
    automatic: bool = False
    tested: bool | None = None


@dataclass
class PlainGroup:
    consumer: str
    k: int
    members: list[PlainMember]
    phase: Phase = "run"
    buffer: int = 0


@dataclass
class Case:
    """Durations count in ticks of `tick` hours; seeds are (node, failed at, repaired at or None)."""

    nodes: list[str]
    groups: list[PlainGroup] = field(default_factory=list)
    seeds: list[tuple[str, int, int | None]] = field(default_factory=list)
    tick: Fraction = Fraction(1)

    def hours(self, ticks: int) -> float:
        return float(ticks * self.tick)

    def build(self, critical: frozenset[str] = frozenset()) -> Estate:
        builder = EstateBuilder()
        for name in self.nodes:
            builder.add_node(name, critical=name in critical)
        for group in self.groups:
            builder.add_group(
                group.consumer,
                [Member(m.provider, self.hours(m.switch), m.automatic, m.tested) for m in group.members],
                k=group.k,
                phase=group.phase,
                buffer_hours=self.hours(group.buffer),
            )
        return builder.build()

    def seeds_for(self, estate: Estate) -> list[Seed]:
        return [
            Seed(estate.locate(node), self.hours(begin), None if end is None else self.hours(end))
            for node, begin, end in self.seeds
        ]


def draw_case(
    number: int, *, repairs: bool = True, switches: bool = True, starts: bool = True, unknown: bool = False
) -> Case:
    """Draw one case; the same number gives the same case. Members come from anywhere, so cycles are common."""
    draw = random.Random(number)
    nodes = [f"n{i}" for i in range(draw.randint(2, 12))]
    case = Case(nodes, tick=draw.choice([Fraction(1), Fraction(1, 4), Fraction(1, 3), Fraction(5, 2)]))
    pool = nodes + (["lost-1", "lost-2"] if unknown else [])
    for consumer in nodes[draw.randint(0, 2) :]:
        for _ in range(draw.choice([0, 1, 1, 2, 3])):
            others = [name for name in pool if name != consumer]
            chosen = draw.sample(others, min(len(others), draw.choice([1, 1, 2, 2, 3, 4])))
            phase: Phase = "start" if starts and draw.random() < 0.25 else "run"
            members = [
                PlainMember(
                    name,
                    draw.choice([0, 1, 2, 3, 5]) if switches and phase == "run" else 0,
                    draw.random() < 0.3,
                    draw.choice([True, False, None]),
                )
                for name in chosen
            ]
            buffer = 0 if phase == "start" else draw.choice([0, 0, 1, 2, 3, 6])
            case.groups.append(PlainGroup(consumer, draw.randint(1, len(chosen)), members, phase, buffer))
    for _ in range(draw.randint(1, 4)):
        begin = draw.randint(0, 8)
        repaired = begin + draw.randint(1, 8) if repairs and draw.random() < 0.8 else None
        case.seeds.append((draw.choice(nodes), begin, repaired))
    return case
