"""What is counted of questions that reach the door from other sites and programs: how each ended, as one of a day.

There is no passage in it, as nothing comes back from another site: neither the text, nor an address, nor a cookie, nor
anything by which two questions could be told to be of one person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.instance import Instance
from eendracht.services.door.answer import Answer
from eendracht.services.experience.door import OPERATOR
from eendracht.services.experience.measures import OUTCOME, Count, measures_of

COMPONENT, DIRECT = "deur:component", "deur:direct"
"""Through `<eendracht-deur>`, or by a program that asks the API itself."""
ANSWERED: Final = "answered"
NONE_OF_THESE: Final = "none-of-these"
"""No service surely fits; the nearest were shown, with a person who helps."""
HANDED_OVER: Final = "handed-over"
"""Nothing came near: only a person can help."""


@dataclass(frozen=True, slots=True)
class ElsewhereView:
    """How the questions of one organisation from elsewhere ended in a period, by the way they came."""

    organisation: str
    is_component: bool
    answered: int
    none_of_these: int
    handed_over: int

    @property
    def asked(self) -> int:
        """How many questions there were."""
        return self.answered + self.none_of_these + self.handed_over


def count_answer(instance: Instance, answer: Answer, organisation: str, *, is_component: bool) -> None:
    """Count how a question from elsewhere ended; `organisation` is a ref, or empty where none is known."""
    outcome = ANSWERED if not answer.is_none else NONE_OF_THESE if answer.hits else HANDED_OVER
    measures_of(instance).note_outcome(COMPONENT if is_component else DIRECT, organisation or OPERATOR, outcome)


def sum_elsewhere(counts: Iterable[Count]) -> list[ElsewhereView]:
    """Give how the questions from elsewhere ended, the most asked first."""
    sums: defaultdict[tuple[str, str], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for count in counts:
        if count.name == OUTCOME:
            sums[count.organisation, count.journey][count.step] += count.count
    views = [
        ElsewhereView(organisation, journey == COMPONENT, ended[ANSWERED], ended[NONE_OF_THESE], ended[HANDED_OVER])
        for (organisation, journey), ended in sums.items()
    ]
    return sorted(views, key=lambda view: (-view.asked, view.organisation, not view.is_component))
