"""What is counted of the journey to the right door: a question was asked, an answer was shown, somebody went on.

Nothing of the question is in it, and a question that is asked once more in other words stays in the same passage.
"""

from __future__ import annotations

from typing import Final

from eendracht.kernel.instance import Instance
from eendracht.services.experience.measures import measures_of, passage_key
from eendracht.services.experience.passages import Passage, begin_passage, open_passage

JOURNEY: Final = "deur"
ASKED, ANSWERED, ONWARD = "vraag", "antwoord", "verder"
OPERATOR: Final = "operator"
"""For whom a journey counts where no organisation is known: who runs the node."""


def count_question(instance: Instance, sent: str, organisation: str, *, is_assisted: bool) -> Passage:
    """Count that a question was asked and answered, and give the passage that the page carries on.

    `sent` is what the form carried of the passage before, `organisation` a ref, or empty where none is known.
    """
    measures = measures_of(instance)
    passage = open_passage(sent, passage_key(instance))
    if passage is None or passage.journey != JOURNEY or passage.is_assisted != is_assisted:
        began = instance.store.clock.now()
        passage = begin_passage(JOURNEY, organisation or OPERATOR, began, is_assisted=is_assisted)
        passage = passage.at_step(ASKED).asking(ASKED)
        measures.note_begin(passage)
        measures.note_step(passage)
        measures.note_answer(passage)
    passage = passage.at_step(ANSWERED)
    measures.note_step(passage)
    return passage


def count_onward(instance: Instance, sent: str) -> None:
    """Count that somebody went on from an answer, which is where this journey ends."""
    passage = open_passage(sent, passage_key(instance))
    if passage is None or passage.journey != JOURNEY:
        return
    measures = measures_of(instance)
    measures.note_answer(passage.at_step(ANSWERED))
    onward = passage.at_step(ONWARD)
    measures.note_step(onward)
    measures.note_answer(onward)
    measures.note_end(onward)


def carry(instance: Instance, passage: Passage | None) -> str:
    """Give what a form carries of a passage; nothing where there is none."""
    return passage.seal(passage_key(instance)) if passage else ""
