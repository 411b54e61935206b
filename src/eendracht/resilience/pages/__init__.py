"""The pages of the wing; each part has a module of its own."""

from eendracht.resilience.pages import (
    advisories,
    answers,
    cryptography,
    dependence,
    evidence,
    exercise_play,
    exercise_report,
    exercise_room,
    exercises,
    explorer,
    incidents,
    lessons,
    overview,
    quantum,
    recovery,
    whatif,
)

PAGES = (
    *overview.PAGES,
    *explorer.PAGES,
    *whatif.PAGES,
    *dependence.PAGES,
    *recovery.PAGES,
    *answers.PAGES,
    *cryptography.PAGES,
    *quantum.PAGES,
    *exercises.PAGES,
    *exercise_room.PAGES,
    *exercise_play.PAGES,
    *exercise_report.PAGES,
    *lessons.PAGES,
    *evidence.PAGES,
    *incidents.PAGES,
    *advisories.PAGES,
)
