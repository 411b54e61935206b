"""A task says of the rows that are one's own what its finding says of all."""

from __future__ import annotations

from eendracht.kernel.briefing.findings import Evidence, Finding
from eendracht.kernel.briefing.tasks import Task
from eendracht.kernel.wording import Said, say

ROWS = [Evidence(f"application:x/{name}", name.title(), "") for name in ("een", "twee", "drie")]


def finding(count: int) -> Finding:
    nl, en = "{n} {n:ding stopt|dingen stoppen} van {all}", "{n} {n:thing stops|things stop} of {all}"
    title = say(nl, en, n=count, all=9)
    step = say("Begin bij {name}", "Begin with {name}", name="Een")
    return Finding("code", "high", title, Said("Reden", "Reason"), step, ROWS, count)


def test_it_counts_and_begins_with_ones_own_rows() -> None:
    task = Task(finding(3), ROWS[2:], 1)
    assert task.title == Said("1 ding stopt van 9", "1 thing stops of 9")
    assert task.next_step == Said("Begin bij Drie", "Begin with Drie")


def test_a_title_that_counts_something_else_than_rows_stays_as_it_is() -> None:
    task = Task(finding(7), ROWS[:2], 2)
    assert not task.is_counted and task.title.nl == "7 dingen stoppen van 9"


def test_a_sentence_without_a_pattern_is_told_as_it_was() -> None:
    assert Said("Zo", "So").retell(n=3) == Said("Zo", "So")
