"""What an exercise comes to: points per organisation and objective, and who told whom after how long.

No score is about a person: a deed counts for the organisation of whoever did it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eendracht.resilience.exercises.expectations import find_window, weigh_verdict
from eendracht.resilience.exercises.scenario import Expectation, Objective
from eendracht.resilience.exercises.state import ExerciseState, Verdict


@dataclass(frozen=True, slots=True)
class Score:
    """Points on one objective: `points` of the `possible` ones of what was judged; `unjudged` expectations are in
    neither."""

    organisation: str
    objective: Objective
    points: float
    possible: int
    unjudged: int

    @property
    def share(self) -> float | None:
        """Part of the points that were reached; None where nothing was judged."""
        return self.points / self.possible if self.possible else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one expectation for one organisation; minutes from the beginning of its window."""

    expectation: Expectation
    organisation: str
    verdict: Verdict
    points: float | None
    minutes: float | None
    """After how long it was met; None where it was not, or only rated."""
    is_asked: bool
    """Whether its inject was given out; what was never asked counts nowhere."""

    @property
    def status(self) -> str:
        """What to call it: not-asked, rated by an evaluator alone, or what became of it by itself."""
        if not self.is_asked:
            return "not-asked"
        return "rated" if self.verdict.rating and self.verdict.status == "pending" else self.verdict.status


def list_outcomes(state: ExerciseState) -> list[Outcome]:
    """Give every expectation of every organisation, in the order of the scenario."""
    found = []
    for expectation in state.scenario.expectations:
        window = find_window(state, expectation)
        for organisation in state.scenario.list_asked(expectation):
            verdict = state.verdicts.get((expectation.id, organisation), Verdict())
            met = verdict.status in ("success", "partial") and verdict.settled_at is not None and window is not None
            minutes = (verdict.settled_at - window.begin) / 60 if met and verdict.settled_at and window else None
            points = weigh_verdict(expectation, verdict)
            found.append(Outcome(expectation, organisation, verdict, points, minutes, window is not None))
    return found


def score_exercise(state: ExerciseState, outcomes: Sequence[Outcome] | None = None) -> list[Score]:
    """Give the score of each organisation on each objective on which something was expected of it."""
    found = list_outcomes(state) if outcomes is None else outcomes
    scores = []
    for organisation in state.scenario.members:
        for objective in state.scenario.objectives:
            asked = [
                item
                for item in found
                if item.organisation == organisation and item.expectation.objective == objective.id and item.is_asked
            ]
            judged = [item for item in asked if item.points is not None]
            if asked:
                scores.append(
                    Score(
                        organisation,
                        objective,
                        sum(item.points or 0.0 for item in judged),
                        sum(item.expectation.score for item in judged),
                        len(asked) - len(judged),
                    )
                )
    return scores


@dataclass(frozen=True, slots=True)
class Telling:
    """That one organisation told another something: how often, and how long after it could know the first time."""

    sender: str
    receiver: str
    times: int
    first_minutes: float
    """Minutes of the exercise from when the sender got what it told of; without such a message, from the beginning."""


def list_tellings(state: ExerciseState) -> list[Telling]:
    """Give who told whom, in the order of the scenario; pairs that never did are left out."""
    told: dict[tuple[str, str], list[float]] = {}
    for deed in state.deeds:
        if deed.type != "share":
            continue
        known = state.released.get(deed.body.get("about", ""), 0.0)
        told.setdefault((deed.organisation, deed.body["to"]), []).append(max(0.0, deed.offset - known) / 60)
    order = {ref: at for at, ref in enumerate(state.scenario.members)}
    return [
        Telling(sender, receiver, len(minutes), min(minutes))
        for (sender, receiver), minutes in sorted(told.items(), key=lambda pair: (order[pair[0][0]], order[pair[0][1]]))
    ]
