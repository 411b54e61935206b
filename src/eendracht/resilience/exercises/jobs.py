"""Exercises as jobs of the node: one that was started goes on after the process that conducted it was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.jobs import JobKind, Jobs, Work
from eendracht.kernel.wording import Said
from eendracht.resilience.exercises import leading
from eendracht.resilience.exercises.log import get_exercise, list_unclosed
from eendracht.resilience.exercises.state import ExerciseState
from eendracht.resilience.exercises.states import read_state

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

KIND: Final = "exercise"


def run_exercise(work: Work) -> dict[str, Any]:
    """Conduct the exercise until it is over; gives counts. A second run goes on where the first was cut off."""
    # The simulated estate is not for a server that lets no exercise go.
    from eendracht.resilience.exercises.conductor import conduct
    from eendracht.resilience.exercises.report import record_results

    exercise = work.job.arguments["exercise"]

    def report(state: ExerciseState) -> None:
        work.report(state.phase, len(state.released), len(state.scenario.injects))

    conduct(work.instance, exercise, report)
    record_results(work.instance, get_exercise(work.instance.store, exercise))
    row = get_exercise(work.instance.store, exercise)
    state = read_state(work.instance, row)
    return {"injects": len(state.released), "deeds": len(state.deeds), "how": state.ended_how}


def ask_exercise(instance: Instance, author: Principal, exercise: str, speed: float = 1.0) -> bool:
    """Start an exercise and ask for it to be conducted; tells whether that was not asked before."""
    leading.start(instance, author, exercise, speed)
    row = get_exercise(instance.store, exercise)
    return Jobs(instance.store).ask_once(KIND, {"exercise": exercise}, author, row.owner)


def conduct_what_goes_on(instance: Instance) -> None:
    """Ask again for exercises that were started, are not over for everybody, and of which the job has ended.

    A job fails where the storage does for a while, and may be cancelled; who takes part is told of the end all the
    same.
    """
    store = instance.store
    for exercise in list_unclosed(store):
        row = get_exercise(store, exercise)
        Jobs(store).ask_once(KIND, {"exercise": exercise}, OPERATOR, row.owner)


UPKEEP: Final = (conduct_what_goes_on,)
"""What a running server does for exercises by itself."""
JOBS: Final = (
    JobKind(
        KIND,
        Said("Een oefening laten lopen", "Letting an exercise go"),
        {
            "scheduled": Said("Wacht op het begin", "Waiting to begin"),
            "running": Said("De oefening loopt", "The exercise goes on"),
            "paused": Said("De oefening staat stil", "The exercise is held"),
            "finished": Said("Afronden", "Finishing"),
            "cancelled": Said("Afronden", "Finishing"),
        },
        run_exercise,
        waits=True,
    ),
)
"""The job of this part."""
