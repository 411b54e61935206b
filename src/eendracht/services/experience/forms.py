"""What is counted of a form: where it began, each step, the facts that were asked, its end, and handing it in.

The passage travels in the form. A fact is *asked twice* where it is asked though it was answered, or though a register
has it: that must not happen. What somebody changes by choice is not counted so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from eendracht.kernel.instance import Instance
from eendracht.services.experience.door import JOURNEY as DOOR
from eendracht.services.experience.door import OPERATOR
from eendracht.services.experience.measures import EFFORTS, measures_of, passage_key
from eendracht.services.experience.passages import CODE, Passage, begin_passage, open_passage

RESULT, HANDED_IN = "result", "handed-in"
_HAND_IN: Final = ":hand-in"
_BACKWARDS: Final = ("back", "change", "correct", "attach", "detach")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of a form shows: its step, the fact that it asks (empty for none), and how it came there.

    `action` is the button that was pressed. With `is_known` the fact that is asked was answered before, or a register
    has it; with `is_refused` the same step is shown again, for what was typed could not be read.
    """

    step: str
    fact: str = ""
    action: str = ""
    is_known: bool = False
    is_refused: bool = False


def count_form(instance: Instance, sent: str, journey: str, organisation: str, shown: Shown) -> Passage | None:
    """Count a page of a form and give the passage to carry on; None where the journey has no code.

    `sent` is what the form carried: its own passage, or that of the door where a helper began there. Without one, only
    a page that no button led to begins a journey. `organisation` is the ref of who decides, empty where not known.
    """
    if not CODE.fullmatch(journey):
        return None
    measures = measures_of(instance)
    before = open_passage(sent, passage_key(instance))
    passage = before if before is not None and before.journey == journey else None
    if passage is None:
        is_assisted = before is not None and before.journey == DOOR and before.is_assisted
        began = instance.store.clock.now()
        passage = begin_passage(journey, organisation or OPERATOR, began, is_assisted=is_assisted)
        measures.note_begin(passage)
    elif not (shown.is_refused or shown.action in _BACKWARDS) and passage.step:
        measures.note_answer(passage)
    if shown.is_refused:
        return passage
    passage = _asking(passage, shown).at_step(shown.step)
    measures.note_step(passage)
    if shown.step == RESULT:
        measures.note_answer(passage)
        measures.note_end(passage)
    return passage


def _asking(passage: Passage, shown: Shown) -> Passage:
    if not shown.fact or shown.action in _BACKWARDS:
        return passage
    is_new = shown.fact not in passage.asked
    if is_new:
        passage = passage.asking(shown.fact)
    return passage.asking(shown.fact) if shown.is_known else passage


def count_offer(instance: Instance, passage: Passage | None) -> None:
    """Count that somebody could hand in: who does not is lost there."""
    if passage is not None:
        handing_in = _handing_in(passage)
        measures_of(instance).note_begin(handing_in)
        measures_of(instance).note_step(handing_in)


def count_handed_in(instance: Instance, passage: Passage | None, *, is_taken: bool) -> None:
    """Count that a form was handed in, and whether any body took it."""
    if passage is None:
        return
    measures, handing_in = measures_of(instance), _handing_in(passage)
    measures.note_answer(handing_in)
    done = handing_in.at_step(HANDED_IN)
    measures.note_step(done)
    if is_taken:
        measures.note_answer(done)
        measures.note_end(done)


def _handing_in(passage: Passage) -> Passage:
    # A journey of its own, so with a number of its own: each event of a number counts once.
    return replace(
        passage, journey=passage.journey + _HAND_IN, number=passage.number + "h", step=RESULT, asked=(), asked_twice=0
    )


def count_effort(instance: Instance, sent: str, score: str) -> bool:
    """Count how hard somebody found it, and tell whether that was a score of a passage of ours."""
    passage = open_passage(sent, passage_key(instance))
    if passage is None or not (score.isascii() and score.isdigit() and len(score) == 1 and int(score) in EFFORTS):
        return False
    measures_of(instance).note_effort(passage, int(score))
    return True
