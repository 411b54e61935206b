"""How an exercise stands: what its events come to, one after the other, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from eendracht.resilience.exercises.clock import ExerciseClock
from eendracht.resilience.exercises.log import Event
from eendracht.resilience.exercises.scenario import ScenarioFile

Phase = Literal["scheduled", "running", "paused", "finished", "cancelled"]
DONE_BY_PLAYERS: Final = frozenset({"report", "decide", "share", "act", "document", "estimate"})
"""Types of events that a player makes, besides confirming a message; expectations ask for these."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an expectation for one organisation."""

    status: Literal["pending", "success", "partial", "failed"] = "pending"
    rating: str = ""
    """P, S, M or U of an evaluator; empty where nobody rated it."""
    settled_at: float | None = None


_PENDING: Final = Verdict()


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
    """All that players did, decisions included; what they confirmed is counted apart."""
    deeds_of: dict[str, list[Event]] = field(default_factory=dict)
    """The same per organisation."""
    acknowledged: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """Per message that is to be confirmed and organisation, when each player did."""
    verdicts: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    """Per expectation and organisation."""
    settled: Counter[str] = field(default_factory=Counter)
    """For how many organisations each expectation was settled."""
    firsts: dict[tuple[str, str], float] = field(default_factory=dict)
    """When a thing first came to a status, or an expectation to an outcome for anybody."""
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
        return self.verdicts.get((expectation, organisation), _PENDING)

    def copy(self) -> ExerciseState:
        """Give the same state as it stands, which no later event changes."""
        return replace(
            self,
            given=dict(self.given),
            refused=dict(self.refused),
            released=dict(self.released),
            statuses=dict(self.statuses),
            changes=list(self.changes),
            decisions=list(self.decisions),
            deeds=list(self.deeds),
            deeds_of={organisation: list(deeds) for organisation, deeds in self.deeds_of.items()},
            acknowledged={key: list(moments) for key, moments in self.acknowledged.items()},
            verdicts=dict(self.verdicts),
            settled=self.settled.copy(),
            firsts=dict(self.firsts),
            observations=list(self.observations),
            pauses=list(self.pauses),
            jumps=list(self.jumps),
        )

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        self.position = event.position + 1
        if event.type == "acknowledge":
            self.acknowledged.setdefault((event.body["message"], event.organisation), []).append(event.offset)
        elif event.type in DONE_BY_PLAYERS:
            self.deeds.append(event)
            self.deeds_of.setdefault(event.organisation, []).append(event)
            if event.type == "decide":
                self.decisions.append(event)
        elif event.type == "released":
            self.released[event.body["inject"]] = event.offset
        elif event.type == "status":
            self.statuses[event.body["thing"]] = event.body["state"]
            self.changes.append(event)
            self.firsts.setdefault((event.body["thing"], event.body["state"]), event.offset)
        elif event.type == "expectation":
            self._judge(event, event.organisation, status=event.body["status"], settled_at=event.offset)
            self.settled[event.body["expectation"]] += 1
            self.firsts.setdefault((event.body["expectation"], event.body["status"]), event.offset)
        elif event.type == "rated":
            self._judge(event, event.body["organisation"], rating=event.body["rating"])
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

    def _judge(self, event: Event, organisation: str, **said: Any) -> None:
        key = event.body["expectation"], organisation
        self.verdicts[key] = replace(self.verdict(*key), **said)

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
