"""What players were to do, and whether they did: seen in what they did by itself, or rated by an evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from eendracht.resilience.exercises.log import Event
from eendracht.resilience.exercises.scenario import Expectation
from eendracht.resilience.exercises.state import ExerciseState, Verdict

RATINGS: Final[Mapping[str, float]] = {"P": 1.0, "S": 2 / 3, "M": 1 / 3, "U": 0.0}
"""The ratings of HSEEP, and the share of the score that this node gives for each; HSEEP itself counts nothing."""
SHARES: Final[Mapping[str, float]] = {"success": 1.0, "partial": 0.5, "failed": 0.0}
Settled = Literal["success", "partial", "failed"]


@dataclass(frozen=True, slots=True)
class Window:
    """When something is to be done, in seconds of the exercise: from the inject, for as long as the scenario says."""

    begin: float
    end: float


def find_window(state: ExerciseState, expectation: Expectation) -> Window | None:
    """Give the window of an expectation; None as long as its inject was not given out."""
    begin = state.released.get(expectation.inject) if expectation.inject else 0.0
    return None if begin is None else Window(begin, begin + expectation.within)


def meets(expectation: Expectation, deed: Event) -> bool:
    """Tell whether something that a player did is what was expected, whenever that was."""
    body = deed.body
    return (
        deed.type == expectation.type
        and (expectation.effect is None or body.get("effect") == expectation.effect)
        and (expectation.about is None or body.get("about") == expectation.about)
        and (expectation.share_with is None or body.get("to") == expectation.share_with)
    )


def settle(
    state: ExerciseState,
    offset: float,
    players: Mapping[str, int],
    refused: Iterable[int] = (),
) -> Iterator[tuple[Expectation, str, Settled]]:
    """Yield what can be said now: expectation, organisation and what became of it.

    It is met as soon as enough players did it within the window; when the window closes it was met in part if somebody
    did, and failed if nobody did. What an evaluator is to judge is left to them, and of an organisation without players
    nothing can be said. A decision that could not be carried out is none.
    """
    left_out = set(refused)
    for expectation in state.scenario.expectations:
        window = find_window(state, expectation)
        if window is None or expectation.check == "evaluator":
            continue
        asked = state.scenario.list_asked(expectation)
        if state.settled[expectation.id] >= len(asked):
            continue
        for organisation in asked:
            if not players.get(organisation):
                continue
            if state.verdict(expectation.id, organisation).status != "pending":
                continue
            done = _count_done(state, expectation, organisation, window, left_out)
            needed = _count_needed(expectation, players.get(organisation, 0))
            if done >= needed:
                yield expectation, organisation, "success"
            elif offset > window.end or state.is_over:
                yield expectation, organisation, "partial" if done else "failed"


def _count_done(
    state: ExerciseState,
    expectation: Expectation,
    organisation: str,
    window: Window,
    left_out: set[int],
) -> int:
    if expectation.type == "acknowledge":
        moments = state.acknowledged.get((expectation.inject or "", organisation), ())
        return sum(window.begin <= moment <= window.end for moment in moments)
    return len(
        {
            deed.participant
            for deed in state.deeds_of.get(organisation, ())
            if window.begin <= deed.offset <= window.end and deed.position not in left_out and meets(expectation, deed)
        }
    )


def _count_needed(expectation: Expectation, players: int) -> int:
    if expectation.scope == "all":
        return max(1, players)
    return 1 if expectation.scope == "any" else expectation.scope


def weigh_verdict(expectation: Expectation, verdict: Verdict) -> float | None:
    """Give the points of a verdict: by its rating where there is one; None where nothing is known yet."""
    share = RATINGS.get(verdict.rating) if verdict.rating else SHARES.get(verdict.status)
    return None if share is None else share * expectation.score
