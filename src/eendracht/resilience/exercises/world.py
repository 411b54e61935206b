"""The simulated estate of an exercise: the records as they were when it was made, and what is out at each moment.

An alternative that needs a hand serves nobody until a player decides so (`kernel.estate.changes.put_gates`). What is
already past does not change with a later decision: every effect of one begins at the moment of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.estate import Seed, simulate
from eendracht.kernel.estate.changes import put_gates
from eendracht.kernel.estate.timeline import SimulationResult
from eendracht.kernel.impact import seeds_for
from eendracht.kernel.landscape import Landscape, build_landscape
from eendracht.kernel.store import Store
from eendracht.resilience.exercises.effects import Effects, OfferedThing, Offers
from eendracht.resilience.exercises.scenario import SECONDS_IN_HOUR, ScenarioFile

StatusChange = tuple[float, str, str]
"""Second of the exercise, ref of the thing, and the status to which it comes."""


class SimulatedEstate:
    """What stands in for the estate while an exercise goes on."""

    def __init__(self, landscape: Landscape, scenario: ScenarioFile) -> None:
        self._landscape = landscape
        self._scenario = scenario
        estate, gates = put_gates(landscape.estate)
        self._estate = estate
        names = estate.names
        self._gates = {
            (names[consumer], names[provider]): (gate, hours)
            for gate, consumer, provider, hours in gates
            if provider < len(landscape.things)
        }
        self._closed = [gate for gate, *_ in gates]
        members = frozenset(scenario.members)
        self._shown = self._list_shown(members)
        self.offers = self._offer(members)

    @classmethod
    def read(cls, store: Store, scenario: ScenarioFile, known_at: int) -> SimulatedEstate:
        """Build it from the records as they were known at a position of the log."""
        return cls(build_landscape(store, OPERATOR, known_at=known_at), scenario)

    def _list_shown(self, members: frozenset[str]) -> dict[int, str]:
        """Give the nodes whose status is told: services of who takes part, and what the scenario names."""
        scenario, landscape = self._scenario, self._landscape
        named = [
            *(item.thing for item in scenario.world.failures),
            *(item.unless_isolated for item in scenario.world.failures if item.unless_isolated),
            *(item.thing for item in scenario.world.repairs),
            *scenario.world.watch,
            *(inject.when.thing for inject in scenario.injects if inject.when and inject.when.thing),
            *(item.about for item in scenario.expectations if item.about),
        ]
        shown = {landscape.locate(ref): ref for ref in named}
        for node, thing in enumerate(landscape.things):
            if thing.kind == "public-service" and thing.owner in members:
                shown.setdefault(node, thing.ref)
        for consumer, provider in self._gates:
            if landscape.things[landscape.locate(consumer)].owner in members:
                shown.update({landscape.locate(ref): ref for ref in (consumer, provider)})
        return shown

    def _offer(self, members: frozenset[str]) -> Offers:
        things = {}
        for node, ref in self._shown.items():
            thing = self._landscape.things[node]
            things[ref] = OfferedThing(ref, thing.name, thing.kind, thing.owner)
        alternatives = {
            pair: hours
            for pair, (_, hours) in self._gates.items()
            if pair[0] in things and things[pair[0]].owner in members
        }
        return Offers(things, alternatives)

    def run(self, effects: Effects) -> SimulationResult:
        """Simulate the whole exercise with the decisions so far."""
        seeds = [
            Seed(node, begin / SECONDS_IN_HOUR, None if end is None else end / SECONDS_IN_HOUR)
            for thing, begin, end in effects.list_failures(self._scenario)
            for node in seeds_for(self._landscape, thing)
        ]
        opened = {self._gates[pair][0]: at for pair, at in effects.opened.items()}
        seeds += [
            Seed(gate, 0.0, max(opened[gate], 1.0) / SECONDS_IN_HOUR if gate in opened else None)
            for gate in self._closed
        ]
        horizon = self._scenario.duration / SECONDS_IN_HOUR
        return simulate(self._estate, seeds, unknown="best", horizon_hours=horizon)

    def list_changes(self, result: SimulationResult, until: float) -> list[StatusChange]:
        """Give how the things that are shown change up to a second of the exercise, in order of time."""
        found = [
            (float(change.seconds), ref, change.state.name.lower())
            for node, ref in self._shown.items()
            for change in result.by_node.get(node, ())
            if change.seconds <= until
        ]
        return sorted(found)


def find_new_changes(changes: Sequence[StatusChange], known: dict[str, str], since: float) -> Iterable[StatusChange]:
    """Yield what is to be told: every change after a second, and what a decision put right at that second.

    `known` is the status of each thing as it was told last.
    """
    told = dict(known)
    at_since = {ref: status for at, ref, status in changes if at <= since}
    for ref, status in sorted(at_since.items()):
        if told.get(ref, "up") != status:
            told[ref] = status
            yield since, ref, status
    for ref in sorted(set(known) - set(at_since)):
        if known[ref] != "up":
            told[ref] = "up"
            yield since, ref, "up"
    for at, ref, status in changes:
        if at > since and told.get(ref, "up") != status:
            told[ref] = status
            yield at, ref, status
