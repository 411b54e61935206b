"""What a simulation gives: every change of state, and the stretches of time in which a node did not deliver."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

import numpy as np

from eendracht.kernel.estate.adjacency import Ints
from eendracht.kernel.estate.model import NEVER, Case, Estate, Seed, to_seconds


class State(Enum):
    """How a node is doing; `simulation` says exactly what each state means."""

    UP = "up"
    DRAINING = "draining"
    SWITCHING = "switching"
    DOWN = "down"

    @property
    def delivers(self) -> bool:
        """Whether consumers get what they need from a node in this state."""
        return self in (State.UP, State.DRAINING)


class Transition(NamedTuple):
    """A node enters a state."""

    seconds: int
    node: int
    state: State


class Reason(NamedTuple):
    """What first stopped a node that did not fail by itself: the run group that ran out, and where in it members were
    lost by then. Each of these stopped delivering before the node did, also where that was at the same moment."""

    seconds: int
    group: int
    places: tuple[int, ...]


class Outage(NamedTuple):
    """A stretch [begin, end) in which a node does not deliver; `end_hours` is None where it lasts."""

    begin_hours: float
    end_hours: float | None


@dataclass(frozen=True, eq=False)
class SimulationResult:
    """Every change of state in order of time; a node that is not named stayed up."""

    estate: Estate
    seeds: tuple[Seed, ...]
    unknown: Case
    transitions: tuple[Transition, ...]
    reasons: Mapping[int, Reason]
    """Per node that a group brought down: why it stopped for the first time."""

    @cached_property
    def by_node(self) -> Mapping[int, list[Transition]]:
        """The changes of each node that changed, in order of time."""
        changes: dict[int, list[Transition]] = {}
        for transition in self.transitions:
            changes.setdefault(transition.node, []).append(transition)
        return changes

    @cached_property
    def failed_seconds(self) -> Ints:
        """The first moment at which each node does not deliver, in seconds; `NEVER` where it always does."""
        seconds = np.full(len(self.estate), NEVER, dtype=np.int64)
        for transition in reversed(self.transitions):
            if not transition.state.delivers:
                seconds[transition.node] = transition.seconds
        return seconds

    def state_at(self, node: int, hours: float) -> State:
        """Give the state of a node after everything that happens at that moment."""
        changes = self.by_node.get(node, [])
        place = bisect_right(changes, to_seconds(hours), key=lambda change: change.seconds)
        return changes[place - 1].state if place else State.UP

    def list_outages(self, node: int) -> list[Outage]:
        """Give the stretches in which a node does not deliver, in order; those of no length are left out."""
        outages: list[Outage] = []
        begin: int | None = None
        for change in self.by_node.get(node, []):
            if begin is None and not change.state.delivers:
                begin = change.seconds
            elif begin is not None and change.state.delivers:
                if change.seconds > begin:
                    outages.append(Outage(begin / 3600, change.seconds / 3600))
                begin = None
        if begin is not None:
            outages.append(Outage(begin / 3600, None))
        return outages
