"""The keys of exercises: each lies in the vault, and once it is destroyed nobody can read what players wrote."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Final

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.vault.retention import RetentionRule
from eendracht.kernel.vault.sealing import KEY_SIZE
from eendracht.resilience.exercises.log import ExerciseLog, ExerciseRow

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

ITEM: Final = "exercise-key"
RETENTION: Final = (RetentionRule(ITEM, "P1Y", "AVG, art. 5.1.e"),)
"""A year, so that the lessons of one exercise can be held beside the next; what people wrote is gone after that."""


class ExerciseKeys:
    """The keys that this process has opened, each one once, so that the vault notes one reading of it."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def close(self) -> None:
        """Forget them."""
        self._keys.clear()

    def forget(self, item: str) -> None:
        """Forget the key that lies at an item of the vault."""
        self._keys.pop(item, None)

    def open(self, instance: Instance, row: ExerciseRow) -> bytes:
        """Give the key of an exercise; empty where it was destroyed."""
        if row.key_item not in self._keys:
            try:
                content = instance.vault.get(row.key_item, "exercise", OPERATOR)
            except NotFound:
                return b""
            assert isinstance(content, dict)
            self._keys[row.key_item] = base64.b64decode(content["key"])
        return self._keys[row.key_item]


def make_key(instance: Instance, owner: str, author: Principal) -> str:
    """Put a new key in the vault and give its item; raises Denied for who is no editor of the owner."""
    content = {"key": base64.b64encode(os.urandom(KEY_SIZE)).decode()}
    subject = instance.vault.add_subject()
    return instance.vault.put(subject, ITEM, content, controller=owner, ground="exercise", author=author)


def open_log(instance: Instance, row: ExerciseRow) -> ExerciseLog:
    """Give the events of an exercise, with what people wrote as long as its key is there."""
    keys = instance.part("exercise-keys", lambda _: ExerciseKeys())
    return ExerciseLog(instance.store, row.id, keys.open(instance, row))
