"""Why each node stops in a simulation with repairs and change-overs: a chain of causes back to what failed itself.

`witness` does this for permanent failures of a whole estate in columns; here the simulation wrote down its reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate.fixpoint import list_seed_moments
from eendracht.kernel.estate.model import NEVER
from eendracht.kernel.estate.timeline import SimulationResult
from eendracht.kernel.estate.witness import Cause, WitnessStep


@dataclass(frozen=True, eq=False)
class OutageReasons:
    """The reasons for the first outage of every node of one simulation; a step is put together when asked for."""

    result: SimulationResult
    _steps: dict[int, WitnessStep] = field(default_factory=dict, repr=False)
    """What was put together already: chains run together, so that most steps are asked for many times."""

    @cached_property
    def _first(self) -> list[int]:
        """The first moment at which each node does not deliver, and last that of the unresolved providers."""
        moments = list_seed_moments(self.result.estate, self.result.seeds, self.result.unknown)
        lost = moments.get(self.result.estate.unresolved_node, NEVER)
        return [*self.result.failed_seconds.tolist(), lost]

    def step(self, node: int) -> WitnessStep:
        """Give the reason for the first outage of a node; raises NotFound if it always delivers."""
        known = self._steps.get(node)
        if known is None:
            known = self._steps[node] = self._find(node)
        return known

    def _find(self, node: int) -> WitnessStep:
        estate = self.result.estate
        if not 0 <= node < len(estate) or self._first[node] >= NEVER:
            raise NotFound("This node does not fail in this scenario.")
        at, reason = self._first[node], self.result.reasons.get(node)
        if reason is None or reason.seconds > at:
            return WitnessStep(node, estate.names[node], at / 3600, None, "", 0, 0, 0.0, ())
        table, names = estate.run, estate.name_members(estate.run, reason.group)
        members = table.provider[table.members_of(reason.group)].tolist()
        k, n = int(table.k[reason.group]), len(members)
        places = sorted(reason.places, key=lambda place: (self._first[members[place]], place))
        # Of more losses than were needed, those that came first brought it about.
        places = places[: n - k + 1]
        return WitnessStep(
            node,
            estate.names[node],
            at / 3600,
            int(table.source[reason.group]),
            estate.label_of(table, reason.group),
            k,
            n,
            int(table.buffer_seconds[reason.group]) / 3600,
            tuple(
                Cause(members[place], names[place], self._first[members[place]] / 3600, self._say_via(members[place]))
                for place in places
            ),
            is_switching=len(reason.places) < n - k + 1,
        )

    def path(self, node: int) -> list[WitnessStep]:
        """Follow the last cause from a node to what failed itself (or to an unresolved provider, which has no step).

        A node that stopped, came back and was then a cause is followed to its first outage: the chain may so meet a
        node again, where it ends.
        """
        steps, seen = [self.step(node)], {node}
        while steps[-1].causes:
            cause = steps[-1].causes[-1].node
            if cause in seen or cause >= len(self.result.estate):
                break
            seen.add(cause)
            steps.append(self.step(cause))
        return steps

    def _say_via(self, node: int) -> str:
        """Name what made a node fail: the label of the group or else its last lost member; empty for a seed."""
        reason = self.result.reasons.get(node)
        if reason is None or reason.seconds > self._first[node]:
            return ""
        estate = self.result.estate
        return (
            estate.label_of(estate.run, reason.group)
            or estate.name_members(estate.run, reason.group)[reason.places[-1]]
        )
