"""An exercise that is conducted on the clock of the machine while a test looks on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic, sleep

from eendracht.kernel.clock import parse_moment
from eendracht.kernel.instance import Instance
from eendracht.resilience.exercises import leading, playing
from eendracht.resilience.exercises.conductor import Conductor
from eendracht.resilience.exercises.scenario import ScenarioFile
from tests.resilience.exercises.practice import ANNE, BILAL, LEADER

SENDER = "oefening@node.example"


@contextmanager
def conduct(
    instance: Instance, scenario: ScenarioFile, allowed: str, conductors: int = 1, smtp: str = ""
) -> Iterator[str]:
    """Conduct an exercise as the job does, in threads, until the block ends; with settings of its own."""
    settings = replace(instance.settings, exercise_recipients=allowed, smtp=smtp, smtp_sender=SENDER)
    opened = replace(instance, settings=settings)
    exercise = leading.create_exercise(opened, LEADER, scenario)
    for player in (ANNE, BILAL):
        playing.join(opened, player, exercise)
    ended = threading.Event()

    def work() -> None:
        conductor = Conductor(opened, exercise)
        try:
            while not ended.wait(0.25):
                conductor.tick()
        finally:
            conductor.close()

    with ThreadPoolExecutor(conductors) as pool:
        works = [pool.submit(work) for _ in range(conductors)]
        sleep(0.5)
        try:
            yield exercise
        finally:
            ended.set()
    for item in works:
        item.result()


def wait_for(is_so: Callable[[], bool], seconds: float) -> None:
    """Return when it is so; fails where it takes longer."""
    until = monotonic() + seconds
    while not is_so() and monotonic() < until:
        sleep(0.05)
    assert is_so()


def list_rows(instance: Instance, exercise: str, channel: str, organisation: str) -> list[tuple[str, str, float, int]]:
    """Give message, state, seconds from due to delivered and whether it is late."""
    rows = instance.store.driver.reader().query(
        "SELECT message, state, due_at, delivered_at, is_late FROM exercise_delivery WHERE exercise = ? AND channel = ?"
        " AND organisation = ? AND (channel <> 'in-app' OR participant <> '') ORDER BY due_at",
        (exercise, channel, organisation),
    )
    return [
        (
            message,
            state,
            (parse_moment(came) - parse_moment(due)).total_seconds() if came else -1.0,
            late,
        )
        for message, state, due, came, late in rows
    ]
