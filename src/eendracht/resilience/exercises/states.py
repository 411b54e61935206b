"""How each exercise stands, followed by this process from event to event instead of read anew for each question."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from eendracht.resilience.exercises.keys import ExerciseKeys, open_log
from eendracht.resilience.exercises.log import ExerciseRow, forget_exercise, list_exercises
from eendracht.resilience.exercises.scenario import ScenarioFile
from eendracht.resilience.exercises.state import ExerciseState

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

_MOST_KEPT: Final = 20
"""So many exercises are followed at a time: the ones that were asked for last."""


class _Followed:
    """One exercise: its state, and who may bring it further."""

    def __init__(self, row: ExerciseRow) -> None:
        self.state = ExerciseState(ScenarioFile.model_validate(row.scenario))
        self.guard = threading.Lock()


class ExerciseStates:
    """The exercises that this process follows; safe for threads."""

    def __init__(self) -> None:
        self._followed: OrderedDict[str, _Followed] = OrderedDict()
        self._guard = threading.Lock()

    def close(self) -> None:
        """Forget them."""
        self._followed.clear()

    def forget(self, exercise: str) -> None:
        """Forget an exercise, with what people wrote in it."""
        with self._guard:
            self._followed.pop(exercise, None)

    def read(self, instance: Instance, row: ExerciseRow) -> ExerciseState:
        """Give how an exercise stands now, as a state of the asker's own."""
        followed = self._find(row)
        with followed.guard:
            for event in open_log(instance, row).read(followed.state.position):
                followed.state.apply(event)
            return followed.state.copy()

    def _find(self, row: ExerciseRow) -> _Followed:
        with self._guard:
            followed = self._followed.get(row.id)
        if followed is None:
            made = _Followed(row)
            with self._guard:
                followed = self._followed.setdefault(row.id, made)
        with self._guard:
            if row.id in self._followed:
                self._followed.move_to_end(row.id)
            while len(self._followed) > _MOST_KEPT:
                self._followed.popitem(last=False)
        return followed


def read_state(instance: Instance, row: ExerciseRow) -> ExerciseState:
    """Give how an exercise stands now."""
    return _states(instance).read(instance, row)


def _states(instance: Instance) -> ExerciseStates:
    return instance.part("exercise-states", lambda _: ExerciseStates())


def sweep_exercises(instance: Instance) -> None:
    """Delete the events of exercises of which the key was destroyed; their records and lessons stay."""
    rows = list_exercises(instance.store)
    # A node that never held an exercise has no vault for it, and gets none by looking.
    for row in rows if instance.settings.vault_folder.exists() else ():
        if not instance.vault.describe(items=[row.key_item]):
            _states(instance).forget(row.id)
            instance.part("exercise-keys", lambda _: ExerciseKeys()).forget(row.key_item)
            forget_exercise(instance.store, row.id)


UPKEEP: Final = (sweep_exercises,)
"""What a running server does for exercises by itself."""
