"""What to ask next: the single things that nobody recorded which change what a scenario comes to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eendracht.kernel.estate import Estate, Seed, compute_failure_times, count_failing, list_scenarios
from eendracht.kernel.estate.doubts import Doubt, list_doubts
from eendracht.kernel.landscape import Thing
from eendracht.resilience.demand import Bounds
from eendracht.resilience.whatif import Outcome

MOST_WEIGHED: Final = 40
"""So many open questions are weighed exactly, those first that touch the most services."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Something nobody recorded, with what it may cost by itself if it turns out badly in this scenario."""

    doubt: Doubt
    name: str
    consumers: Sequence[Thing]
    services: int
    critical: int
    persons: Bounds
    """People who rely on a service that stops only then; the more, the sooner it is asked."""


def list_questions(outcome: Outcome) -> list[OpenQuestion]:
    """Give what to ask next: the single doubts that change the outcome, the one that touches the most people first.

    Doubts that matter only together with others are not among them.
    """
    landscape, scenario = outcome.landscape, outcome.scenario
    doubted = list_doubts(outcome.estate)
    if not doubted.doubts:
        return []
    base = [seed.node for seed in scenario.list_seeds(with_possible=False)]
    services = np.array(
        [node for node, thing in enumerate(landscape.things) if thing.kind == "public-service"], dtype=np.int64
    )
    runs = list_scenarios([base, *([*base, doubt.node] for doubt in doubted.doubts)])
    counts = count_failing(doubted.estate, runs, services, unknown="best")
    order = np.argsort(-counts[1:], kind="stable")
    before = set(compute_failure_times(doubted.estate, [Seed(node) for node in base], unknown="best").failed.tolist())
    questions = []
    for at in order[:MOST_WEIGHED].tolist():
        if counts[at + 1] <= counts[0]:
            break
        questions.append(_weigh_doubt(outcome, doubted.estate, doubted.doubts[at], base, before))
    questions.sort(key=_rank)
    return questions


def _rank(item: OpenQuestion) -> tuple[float, int, int, str]:
    """Put first what may touch the most people; what nobody bounds may touch all."""
    people = math.inf if item.persons.high is None else item.persons.high
    return -people, -item.critical, -item.services, item.name


def _weigh_doubt(outcome: Outcome, estate: Estate, doubt: Doubt, base: Sequence[int], before: set[int]) -> OpenQuestion:
    seeds = [Seed(node) for node in (*base, doubt.node)]
    failed = set(compute_failure_times(estate, seeds, unknown="best").failed.tolist()) - before
    things = outcome.landscape.things
    more = [things[node] for node in failed if node < len(things) and things[node].kind == "public-service"]
    known = outcome.landscape.estate.index.get(doubt.name)
    return OpenQuestion(
        doubt,
        doubt.name if known is None else things[known].name,
        [things[node] for node in doubt.consumers if node < len(things)],
        len(more),
        sum(thing.criticality == "critical" for thing in more),
        outcome.demands.count_persons(thing.ref for thing in more),
    )


def describe_questions(questions: Sequence[OpenQuestion]) -> list[dict[str, Any]]:
    """Give open questions as plain data."""
    return [
        {
            "type": item.doubt.type,
            "ref": item.doubt.name,
            "name": item.name,
            "askedBy": [thing.ref for thing in item.consumers],
            "services": item.services,
            "critical": item.critical,
            "persons": item.persons.as_dict(),
        }
        for item in questions
    ]
