"""What decisions come to in the simulated estate, and which of them cannot be carried out.

Everything follows from the scenario, from what was offered when the exercise began, and from the decisions in their
order: whoever works it out comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from eendracht.resilience.exercises.log import Event
from eendracht.resilience.exercises.scenario import Failure, Repair, ScenarioFile
from eendracht.resilience.exercises.state import ExerciseState


@dataclass(frozen=True, slots=True)
class OfferedThing:
    """A thing of the simulated estate that players see or decide on."""

    ref: str
    name: str
    kind: str
    owner: str


@dataclass(frozen=True, slots=True)
class Offers:
    """What players may decide on: things, and the alternatives to which something may fail over, with the hours."""

    things: Mapping[str, OfferedThing] = field(default_factory=dict)
    alternatives: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Per consumer and provider the hours that it takes."""

    def as_body(self) -> dict[str, Any]:
        """Give the offers as the body of an event."""
        return {
            "things": [[item.ref, item.name, item.kind, item.owner] for item in self.things.values()],
            "alternatives": [[*pair, hours] for pair, hours in self.alternatives.items()],
        }

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Offers:
        """Read what `as_body` gave."""
        things = {row[0]: OfferedThing(*row) for row in body.get("things", ())}
        return cls(things, {(row[0], row[1]): float(row[2]) for row in body.get("alternatives", ())})


@dataclass(slots=True)
class Effects:
    """What the decisions so far come to, in seconds of the exercise."""

    opened: dict[tuple[str, str], float] = field(default_factory=dict)
    """Per consumer and provider when the switch-over is done."""
    isolated: dict[str, list[tuple[float, float | None]]] = field(default_factory=dict)
    repaired: dict[tuple[str, int], float] = field(default_factory=dict)
    """Per thing and failure of the scenario (its place) when the crew is done."""
    busy: list[tuple[str, str, int, float, float]] = field(default_factory=list)
    """Organisation, skill and people of each crew that was sent, from when until when."""
    refused: dict[int, str] = field(default_factory=dict)
    """Why a decision cannot be carried out, by the position of its event."""

    def is_isolated(self, thing: str, at: float) -> bool:
        """Tell whether a thing is cut off at a moment."""
        return any(begin <= at and (end is None or at < end) for begin, end in self.isolated.get(thing, ()))

    def list_failures(self, scenario: ScenarioFile) -> list[tuple[str, float, float | None]]:
        """Give thing, begin and end of everything that is out of its own or was cut off."""
        found: list[tuple[str, float, float | None]] = []
        for place, failure in enumerate(scenario.world.failures):
            if failure.unless_isolated and self.is_isolated(failure.unless_isolated, failure.at):
                continue
            ends = [end for end in (failure.repaired_at, self.repaired.get((failure.thing, place))) if end is not None]
            found.append((failure.thing, float(failure.at), min(ends, default=None)))
        for thing, stretches in self.isolated.items():
            found += [(thing, begin, end) for begin, end in stretches if end is None or end > begin]
        return found


def weigh_decisions(scenario: ScenarioFile, offers: Offers, decisions: Iterable[Event]) -> Effects:
    """Carry out the decisions in their order, those of which it cannot be done left out and told why."""
    effects = Effects()
    for event in decisions:
        carry_out = _WAYS.get(event.body.get("effect", ""))
        if carry_out is not None:
            reason = carry_out(scenario, offers, effects, event)
            if reason:
                effects.refused[event.position] = reason
    return effects


def check_decision(state: ExerciseState, offers: Offers, decision: Event) -> str:
    """Give why a decision cannot be carried out after those before it; empty where it can."""
    effects = weigh_decisions(state.scenario, offers, [*state.decisions, decision])
    return effects.refused.get(decision.position, "")


def _fail_over(_: ScenarioFile, offers: Offers, effects: Effects, event: Event) -> str:
    pair = event.body.get("about", ""), event.body.get("to", "")
    if pair not in offers.alternatives:
        return "no-such-alternative"
    if not _owns(offers, event, pair[0]):
        return "not-yours"
    effects.opened.setdefault(pair, event.offset + offers.alternatives[pair] * 3600)
    return ""


def _isolate(_: ScenarioFile, offers: Offers, effects: Effects, event: Event) -> str:
    thing = event.body.get("about", "")
    if not _owns(offers, event, thing):
        return "not-yours"
    if effects.is_isolated(thing, event.offset):
        return "isolated-already"
    effects.isolated.setdefault(thing, []).append((event.offset, None))
    return ""


def _reconnect(_: ScenarioFile, offers: Offers, effects: Effects, event: Event) -> str:
    thing = event.body.get("about", "")
    if not _owns(offers, event, thing):
        return "not-yours"
    if not effects.is_isolated(thing, event.offset):
        return "not-isolated"
    begin, _end = effects.isolated[thing][-1]
    effects.isolated[thing][-1] = (begin, event.offset)
    return ""


def _assign_crew(scenario: ScenarioFile, offers: Offers, effects: Effects, event: Event) -> str:
    thing = event.body.get("about", "")
    repair = next((item for item in scenario.world.repairs if item.thing == thing), None)
    if repair is None:
        return "no-repair"
    place = _find_failure(scenario.world.failures, effects, thing, event.offset)
    if place is None:
        return "not-failed"
    if (thing, place) in effects.repaired:
        return "crew-at-work"
    if not (_owns(offers, event, thing) or repair.skill):
        return "not-yours"
    if repair.skill and _count_free(scenario, effects, event, repair) < repair.people:
        return "no-crew-free"
    until = event.offset + repair.duration
    effects.repaired[thing, place] = until
    effects.busy.append((event.organisation, repair.skill, repair.people, event.offset, until))
    return ""


def _find_failure(failures: Sequence[Failure], effects: Effects, thing: str, at: float) -> int | None:
    """Give the place of the failure of a thing that goes on at a moment."""
    for place, failure in enumerate(failures):
        if failure.thing != thing or failure.at > at:
            continue
        if failure.unless_isolated and effects.is_isolated(failure.unless_isolated, failure.at):
            continue
        done = effects.repaired.get((thing, place))
        if (failure.repaired_at is None or at < failure.repaired_at) and (done is None or at < done):
            return place
    return None


def _count_free(scenario: ScenarioFile, effects: Effects, event: Event, repair: Repair) -> int:
    there = sum(
        crew.people
        for crew in scenario.world.crews
        if crew.organisation == event.organisation and crew.skill == repair.skill
    )
    away = sum(
        people
        for organisation, skill, people, begin, until in effects.busy
        if organisation == event.organisation and skill == repair.skill and begin <= event.offset < until
    )
    return there - away


def _owns(offers: Offers, event: Event, thing: str) -> bool:
    return thing in offers.things and offers.things[thing].owner == event.organisation


_WAYS: Final[Mapping[str, Callable[[ScenarioFile, Offers, Effects, Event], str]]] = {
    "fail-over": _fail_over,
    "isolate": _isolate,
    "reconnect": _reconnect,
    "assign-crew": _assign_crew,
}
