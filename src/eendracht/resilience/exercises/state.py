"""How an exercise stands: what its events come to, one after the other, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from eendracht.resilience.exercises.clock import ExerciseClock
from eendracht.resilience.exercises.log import Event
from eendracht.resilience.exercises.scenario import ScenarioFile

Phase = Literal["scheduled", "running", "paused", "finished", "cancelled"]
DONE_BY_PLAYERS: Final = frozenset({"acknowledge", "report", "decide", "share", "act", "document", "estimate"})
"""Types of events that a player makes; expectations ask for these."""


@dataclass(slots=True)
class Verdict:
    """What became of an expectation for one organisation."""

    status: Literal["pending", "success", "partial", "failed"] = "pending"
    rating: str = ""
    """P, S, M or U of an evaluator; empty where nobody rated it."""
    settled_at: float | None = None


@dataclass(slots=True)
class ExerciseState:
    """An exercise as it stands after its events so far; `apply` takes the next one."""

    scenario: ScenarioFile
    phase: Phase = "scheduled"
    clock: ExerciseClock | None = None
    began_at: datetime | None = None
    ended_how: str = ""
    """ended, stopped or no-duff; empty as long as it goes on."""
    position: int = 0
    """The position of the next event."""
    given: dict[str, float] = field(default_factory=dict)
    """Injects that a leader asked for by hand, and when."""
    closed: bool = False
    """Whether everybody was told that it is over."""
    offered: Mapping[str, Any] = field(default_factory=dict)
    """What players may decide on, as `effects.Offers` reads it."""
    refused: dict[int, str] = field(default_factory=dict)
    """Decisions that could not be carried out, by position, and why."""
    released: dict[str, float] = field(default_factory=dict)
    """Injects that were given out, with the second of the exercise."""
    statuses: dict[str, str] = field(default_factory=dict)
    """The simulated status of each thing that was told of; what is not there is up."""
    changes: list[Event] = field(default_factory=list)
    """Every change of a status, in order."""
    decisions: list[Event] = field(default_factory=list)
    deeds: list[Event] = field(default_factory=list)
    """All that players did, decisions included."""
    verdicts: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    """Per expectation and organisation."""
    observations: list[Event] = field(default_factory=list)
    turns: int = 0
    """How often the leaders turned the clock."""
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    jumps: list[Event] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens in it."""
        return self.phase in ("finished", "cancelled")

    def offset(self, now: datetime) -> float:
        """Give the second of the exercise at a moment; 0 before it began."""
        return self.clock.read(now) if self.clock else 0.0

    def verdict(self, expectation: str, organisation: str) -> Verdict:
        """Give what became of an expectation; pending where nothing is known yet."""
        return self.verdicts.setdefault((expectation, organisation), Verdict())

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        self.position = event.position + 1
        if event.type in DONE_BY_PLAYERS:
            self.deeds.append(event)
            if event.type == "decide":
                self.decisions.append(event)
        elif event.type == "released":
            self.released[event.body["inject"]] = event.offset
        elif event.type == "status":
            self.statuses[event.body["thing"]] = event.body["state"]
            self.changes.append(event)
        elif event.type == "expectation":
            verdict = self.verdict(event.body["expectation"], event.organisation)
            verdict.status, verdict.settled_at = event.body["status"], event.offset
        elif event.type == "rated":
            self.verdict(event.body["expectation"], event.body["organisation"]).rating = event.body["rating"]
        elif event.type == "observed":
            self.observations.append(event)
        elif event.type == "given":
            self.given.setdefault(event.body["inject"], event.offset)
        elif event.type == "offered":
            self.offered = event.body
        elif event.type == "refused":
            self.refused[event.body["decision"]] = event.body["reason"]
        elif event.type == "closed":
            self.closed = True
        else:
            self._turn(event)

    def _turn(self, event: Event) -> None:
        """Take in what the leaders do with the clock."""
        self.turns += 1
        if event.type == "started":
            self.clock = ExerciseClock(event.at, 0.0, float(event.body.get("speed", 1)))
            self.phase, self.began_at = "running", event.at
        elif self.clock is None:
            if event.type == "finished":
                self.phase, self.ended_how = "cancelled", event.body["how"]
        elif event.type == "paused":
            self.clock, self.phase = self.clock.pause(event.at), "paused"
            self.pauses.append((event.at, None))
        elif event.type == "resumed":
            self.clock, self.phase = self.clock.resume(event.at), "running"
            self.pauses[-1] = (self.pauses[-1][0], event.at)
        elif event.type == "jumped":
            self.clock = self.clock.jump(event.at, float(event.body["to"]))
            self.jumps.append(event)
        elif event.type == "finished":
            self.clock = self.clock.pause(event.at)
            self.phase, self.ended_how = "finished", event.body["how"]


def replay(scenario: ScenarioFile, events: Iterable[Event]) -> ExerciseState:
    """Give how an exercise stands after these events."""
    state = ExerciseState(scenario)
    for event in events:
        state.apply(event)
    return state
