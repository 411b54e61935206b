"""Calendars and free crews against walking minute by minute."""

from __future__ import annotations

import random

import pytest

from eendracht.resilience.scheduling import Absence, Crews, RecoveryProblem
from eendracht.resilience.scheduling.calendars import Calendar, Timeline, find_slot
from tests.resilience.scheduling.brute_force import count_crews


def draw_crews(draw: random.Random) -> Crews:
    """Draw a level, a few levels, or shifts."""
    minutes = [0, *sorted(draw.sample(range(1, 9), draw.randint(0, 3)))]
    levels = tuple((minute, draw.randint(0, 3)) for minute in minutes)
    return Crews("a", levels, draw.choice([None, max(minutes) + draw.randint(1, 4)]))


@pytest.mark.parametrize("seed", range(60))
def test_levels_and_free_places_are_those_of_every_minute(seed: int) -> None:
    draw = random.Random(seed)
    crews = [draw_crews(draw) for _ in range(draw.randint(1, 2))]
    absences = [Absence("a", 1, draw.randint(0, 9), draw.choice([None, 12]))] if draw.random() < 0.5 else []
    problem = RecoveryProblem((), tuple(crews), absences=tuple(absences))
    calendar = Calendar(crews, absences)
    far = 400
    there = [count_crews(problem, "a", minute) for minute in range(far)]
    assert [calendar.level_at(minute) for minute in range(far)] == there
    line = Timeline(calendar)
    for _ in range(25):
        start, duration, asked = draw.randint(0, 40), draw.randint(1, 9), draw.randint(1, 3)
        fits = (minute for minute in range(start, 300) if min(there[minute : minute + duration]) >= asked)
        expected = next(fits, None)
        found = find_slot([line], start, duration, [(0, asked)])
        assert found == expected, (start, duration, asked)
        if found is not None and draw.random() < 0.5:
            line.take(found, found + duration, asked)
            for minute in range(found, found + duration):
                there[minute] -= asked
    free = dict(line.list_free(200))
    level = 0
    for minute in range(200):
        level = free.get(minute, level)
        assert level == there[minute]


def test_the_first_place_for_two_skills_is_free_in_both() -> None:
    day = Timeline(Calendar([Crews("a", ((0, 1), (8, 0)), 24)], []))
    late = Timeline(Calendar([Crews("b", ((0, 0), (6, 1), (16, 0)), 24)], []))
    assert find_slot([day, late], 0, 2, [(0, 1), (1, 1)]) == 6
    assert find_slot([day, late], 7, 2, [(0, 1), (1, 1)]) == 30
    assert find_slot([day, late], 0, 3, [(0, 1), (1, 1)]) is None
