"""Lets an exercise go: gives out what is due, simulates what decisions do, and settles what was expected.

All that it knows it reads from the events, and all that it does is an event of which there is only one. So it may be
killed at any moment and go on in another process, and two of them together do no more than one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from eendracht.kernel.estate.timeline import SimulationResult
from eendracht.kernel.store.driver import Connection
from eendracht.resilience.exercises.deliveries import (
    give_out,
    stop_waiting,
)
from eendracht.resilience.exercises.effects import Effects, weigh_decisions
from eendracht.resilience.exercises.expectations import settle
from eendracht.resilience.exercises.keys import open_log
from eendracht.resilience.exercises.log import FINISHED, TURNS, Entry, get_exercise, set_state
from eendracht.resilience.exercises.messages import ENDED, NO_DUFF
from eendracht.resilience.exercises.outbox import Outbox
from eendracht.resilience.exercises.roster import count_players
from eendracht.resilience.exercises.scenario import Inject, ScenarioFile
from eendracht.resilience.exercises.state import ExerciseState
from eendracht.resilience.exercises.world import SimulatedEstate, find_new_changes

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

TICK_SECONDS: Final = 0.25
"""How often it is looked what is due; of the wall clock."""
LINGER_SECONDS: Final = 30.0
"""So long after the end the message that tells so is still offered to who does not take it."""


class Conductor:
    """Conducts one exercise: `tick` does all that is due now; mail and webhooks go out beside it until `close`."""

    def __init__(self, instance: Instance, exercise: str) -> None:
        self._store = instance.store
        self._id = exercise
        row = get_exercise(self._store, exercise)
        self.scenario = ScenarioFile.model_validate(row.scenario)
        self._log = open_log(instance, row)
        self._state = ExerciseState(self.scenario)
        self._world = SimulatedEstate.read(self._store, self.scenario, row.known_at)
        self._effects = Effects()
        self._result: SimulationResult | None = None
        self._weighed = -1
        self._told_until = 0.0
        self._log.append([Entry("offered", 0.0, step="offers", body=self._world.offers.as_body())])
        self._outbox: Outbox | None = None
        if any(channel != "in-app" for inject in self.scenario.injects for channel in inject.channels):
            self._outbox = Outbox(instance, exercise, self.scenario)
            self._outbox.start()

    def close(self) -> None:
        """Send nothing more to mailboxes and nodes."""
        if self._outbox is not None:
            self._outbox.close()

    @property
    def state(self) -> ExerciseState:
        """How the exercise stands after the last tick."""
        return self._state

    def tick(self) -> bool:
        """Do what is due, and tell whether there is nothing left to do."""
        if self._outbox is not None:
            self._outbox.check()
        self._follow()
        state, now = self._state, self._store.clock.now()
        if state.phase == "running":
            offset = state.offset(now)
            self._simulate(min(offset, float(self.scenario.duration)))
            self._settle(offset)
            self._release(now, offset)
            if offset >= self.scenario.duration:
                entry = Entry("finished", offset, step=FINISHED, body={"how": "ended"})
                self._log.append([entry], state.position)
                self._follow()
        if state.is_over:
            self._close()
        return state.is_over and not self._has_waiting(now)

    def _follow(self) -> None:
        for event in self._log.read(self._state.position):
            self._state.apply(event)
            if event.type == "status":
                self._told_until = max(self._told_until, event.offset)

    # -- the simulated estate -----------------------------------------------------------------------------------

    def _simulate(self, offset: float) -> None:
        state = self._state
        if self._weighed != len(state.decisions):
            self._effects = weigh_decisions(self.scenario, self._world.offers, state.decisions)
            self._result = self._world.run(self._effects)
            self._weighed = len(state.decisions)
            self._log.append(
                [
                    Entry("refused", offset, step=f"refused:{at}", body={"decision": at, "reason": reason})
                    for at, reason in self._effects.refused.items()
                ]
            )
        assert self._result is not None
        changes = self._world.list_changes(self._result, offset)
        entries = [
            Entry("status", at, body={"thing": ref, "state": status}, step=f"status:{at:.0f}:{ref}:{status}:{number}")
            for number, (at, ref, status) in enumerate(
                find_new_changes(changes, state.statuses, self._told_until), len(state.changes)
            )
        ]
        # Another conductor may have told of the same, or a leader turned the clock: then it is looked at anew.
        was_told = not entries or -1 not in self._log.append(entries, state.position, (*TURNS, "status"))
        if was_told:
            self._told_until = max(self._told_until, offset)
        self._follow()

    # -- injects ------------------------------------------------------------------------------------------------

    def _release(self, now: datetime, offset: float) -> None:
        """Give out what is due, and what that makes due in turn; nothing as soon as the clock was turned."""
        turns = self._state.turns
        while turns == self._state.turns and (due := sorted(self._list_due(offset), key=lambda item: item[0])):
            for at, inject in due:
                clock = self._state.clock
                assert clock is not None
                organisations = self.scenario.list_recipients(inject.to)
                moment = min(now, clock.find_moment(at))
                tables = give_out(self._store, self._id, inject.id, moment, organisations, inject.channels)
                entry = Entry(
                    "released", offset, step=f"released:{inject.id}", body={"inject": inject.id}, tables=tables
                )
                self._log.append([entry], self._state.position)
            self._follow()

    def _list_due(self, offset: float) -> Iterator[tuple[float, Inject]]:
        state = self._state
        for inject in self.scenario.injects:
            if inject.id in state.released:
                continue
            if inject.id in state.given:
                yield state.given[inject.id], inject
                continue
            since = inject.at if inject.at is not None else self._find_since(inject)
            if since is not None and since + inject.delay <= offset:
                yield since + inject.delay, inject

    def _find_since(self, inject: Inject) -> float | None:
        """Give since when the condition of an inject holds; None as long as it does not."""
        when, state = inject.when, self._state
        assert when is not None
        found: list[float | None] = []
        if when.thing:
            found.append(state.firsts.get((when.thing, when.state)))
        if when.expectation:
            found.append(state.firsts.get((when.expectation, when.status)))
        if when.inject:
            found.append(state.released.get(when.inject))
        if when.decision:
            decisions = (
                decision.offset
                for decision in state.decisions
                if decision.position not in self._effects.refused
                and decision.body.get("effect") == when.decision
                and (when.about is None or decision.body.get("about") == when.about)
            )
            found.append(min(decisions, default=None))
        moments = [moment for moment in found if moment is not None]
        return max(moments) if moments and len(moments) == len(found) else None

    # -- what was expected --------------------------------------------------------------------------------------

    def _settle(self, offset: float) -> None:
        if not self.scenario.expectations:
            return
        settled = settle(
            self._state,
            offset,
            count_players(self._store, self._id),
            self._effects.refused,
        )
        entries = [
            Entry(
                "expectation",
                offset,
                organisation,
                step=f"expectation:{expectation.id}:{organisation}",
                body={"expectation": expectation.id, "status": status},
            )
            for expectation, organisation, status in settled
        ]
        if entries:
            self._log.append(entries)
            self._follow()

    # -- the end ------------------------------------------------------------------------------------------------

    def _close(self) -> None:
        """Let nothing of the exercise go out any more, and tell everybody that it is over."""
        state, now = self._state, self._store.clock.now()
        if state.closed:
            return
        if state.began_at is not None:
            self._settle(state.offset(now))
        message = NO_DUFF if state.ended_how == "no-duff" else ENDED
        members = self.scenario.members
        outside = {channel for inject in self.scenario.injects for channel in inject.channels}
        tell = give_out(self._store, self._id, message, now, members, ["in-app"])
        stop, mark = stop_waiting(self._id, message), set_state(self._id, state.phase)
        reached = {
            "e-mail": [item.ref for item in self.scenario.organisations if item.e_mail],
            "webhook": [item.ref for item in self.scenario.organisations if item.webhook],
        }
        others = [give_out(self._store, self._id, message, now, reached[way], [way]) for way in outside & set(reached)]
        body = {"message": message}

        def write(connection: Connection) -> None:
            for part in (stop, tell, *others, mark):
                part(connection)

        self._log.append([Entry("closed", state.offset(now), step="closed", body=body, tables=write)])
        self._follow()

    def _has_waiting(self, now: datetime) -> bool:
        """Tell whether somebody did not take the last message yet, and may within a while."""
        clock = self._state.clock
        if clock is None or (now - clock.set_at).total_seconds() > LINGER_SECONDS:
            return False
        rows = self._store.driver.reader().query(
            "SELECT 1 FROM exercise_delivery WHERE exercise = ? AND state = 'waiting' LIMIT 1", (self._id,)
        )
        return bool(rows)


def conduct(instance: Instance, exercise: str, report: Callable[[ExerciseState], None] = lambda _: None) -> None:
    """Conduct an exercise until it is over; `report` hears of each tick, and ends it by raising."""
    conductor = Conductor(instance, exercise)
    try:
        while not conductor.tick():
            report(conductor.state)
            time.sleep(TICK_SECONDS)
    finally:
        conductor.close()
