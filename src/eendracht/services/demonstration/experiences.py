"""Made-up counts of journeys in a demonstration, so that the page of experience has something to compare."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Final

from eendracht.kernel.clock import today
from eendracht.kernel.instance import Instance
from eendracht.services.experience.elsewhere import ANSWERED, COMPONENT, DIRECT, HANDED_OVER, NONE_OF_THESE
from eendracht.services.experience.measures import OUTCOME, Count, measures_of
from eendracht.services.personas import MUNICIPALITY

DAYS: Final = 60
_JOURNEYS: Final = (
    ("deur", ("vraag", "antwoord", "verder"), 24, 0.62),
    ("bijstand", ("start", "me.loon_uit_dienstbetrekking", "me.spaargeld", "result"), 9, 0.48),
    ("terrasvergunning", ("start", "me.gewenste_oppervlakte", "me.schenkt_alcohol", "result"), 4, 0.71),
)
"""Journey, steps, passages a day, and the part of them that comes to the end."""


def fill_experiences(instance: Instance) -> None:
    """Add counts of sixty days, the same each time; nothing where there are counts already."""
    measures, day = measures_of(instance), today(instance.store.clock)
    if measures.list_counts(day - timedelta(days=10 * 365), day + timedelta(days=1)):
        return
    draw = random.Random(599)  # noqa: S311 - made-up counts
    counts = []
    for at in range(DAYS):
        for journey, steps, most, share in _JOURNEYS:
            begun = draw.randint(most // 2, most)
            done = min(begun, round(begun * share) + draw.randint(0, 1))
            names = [("begun", "", 0, begun), ("completed", "", 0, done), ("seconds", "", 4, done)]
            names += [("questions", "", len(steps) - 1, done), ("effort", "", 2 + at % 3, done // 2)]
            for place, step in enumerate(steps):
                reached = begun - (begun - done) * place // (len(steps) - 1)
                following = begun - (begun - done) * (place + 1) // (len(steps) - 1)
                names += [("reached", step, 0, reached), ("answered", step, 0, max(done, following))]
            on = day - timedelta(days=at)
            counts += [Count(on, journey, MUNICIPALITY, False, *one) for one in names if one[3]]
    measures.add_made_up([*counts, *_draw_elsewhere(day)])


def _draw_elsewhere(day: date) -> list[Count]:
    draw = random.Random(344)  # noqa: S311 - made-up counts
    return [
        Count(day - timedelta(days=at), journey, MUNICIPALITY, False, OUTCOME, outcome, 0, count)
        for at in range(DAYS)
        for journey, most in ((COMPONENT, 12), (DIRECT, 3))
        for outcome, part in ((ANSWERED, 1.0), (NONE_OF_THESE, 0.3), (HANDED_OVER, 0.1))
        if (count := round(draw.randint(0, most) * part))
    ]
