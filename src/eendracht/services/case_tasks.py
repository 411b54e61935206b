"""What editors must do about hand-overs and cases: answer what waits, take up what nobody answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.briefing.findings import Evidence, Finding, Severity
from eendracht.kernel.briefing.scope import Scope
from eendracht.kernel.briefing.tasks import Task
from eendracht.kernel.explanation import Rule
from eendracht.kernel.wording import Said, say
from eendracht.services.case_index import CaseIndex, HandoverRow

_LAW: Final = "https://wetten.overheid.nl/BWBR0005537/2025-01-01#Artikel2:3"
FORWARD: Final = Rule(
    "awb-2-3",
    Said("Een stuk voor een ander gaat onverwijld door", "What is meant for another goes on without delay"),
    "Awb, art. 2:3",
    _LAW,
)
MOST_TRIES: Final = 3
"""After so many tries a case that no register has yet becomes somebody's task."""

_ANSWER = (
    (
        "{n} {n:overdracht wacht|overdrachten wachten} op antwoord",
        "{n} {n:hand-over waits|hand-overs wait} for an answer",
    ),
    ("Tot u aanneemt blijft de afzender verantwoordelijk.", "Until you accept, the sender stays responsible."),
    ("Neem aan, of wijs af met een reden.", "Accept, or decline with a reason."),
)
_TAKE_UP = (
    (
        "{n} {n:overdracht is|overdrachten zijn} niet op tijd aangenomen",
        "{n} {n:hand-over was|hand-overs were} not accepted in time",
    ),
    ("U bent nog steeds verantwoordelijk voor de zaak.", "You are still responsible for the case."),
    (
        "Bel de ontvanger, of trek de overdracht in en beslis zelf.",
        "Call the receiver, or withdraw and decide.",
    ),
)
_REGISTER = (
    (
        "{n} {n:zaak staat|zaken staan} nog niet in het zaakregister",
        "{n} {n:case is|cases are} not in the case register yet",
    ),
    ("De termijn loopt al.", "The term runs already."),
    ("Laat de beheerder de koppeling nazien.", "Let the operator look at the connection."),
)


def list_handover_tasks(scope: Scope, asker: Principal) -> Iterator[Task]:
    """Yield what the asker has to do for the organisations for which it is editor."""
    index = CaseIndex(scope.store)
    rows = index.find_handovers("state IN ('offered', 'escalated')")
    waiting = [row for row in rows if _is_editor(asker, row.receiver) and row.delivery in ("", "incoming")]
    late = [row for row in rows if row.state == "escalated" and _is_editor(asker, row.sender)]
    yield from _task("handover-waiting", "medium", _ANSWER, [_evidence(row, row.sender) for row in waiting])
    yield from _task("handover-escalated", "high", _TAKE_UP, [_evidence(row, row.receiver) for row in late])
    stuck = index.find_cases("state = 'waiting' AND tries >= ?", (MOST_TRIES,))
    mine = [Evidence(case.controller, case.id, "") for case in stuck if _is_editor(asker, case.controller)]
    yield from _task("case-not-registered", "high", _REGISTER, mine)


def _is_editor(asker: Principal, organisation: str) -> bool:
    return asker.is_operator or (Role.EDITOR, organisation) in asker.roles


def _evidence(row: HandoverRow, other: str) -> Evidence:
    day = row.offered_on.isoformat()
    return Evidence(other, row.id, "", say("aangeboden op {day}", "offered on {day}", day=day))


def _task(code: str, severity: Severity, texts: Sequence[tuple[str, str]], rows: list[Evidence]) -> Iterator[Task]:
    if rows:
        title, reason, step = (say(nl, en, n=len(rows)) for nl, en in texts)
        finding = Finding(code, severity, title, reason, step, rows, len(rows), len(rows), FORWARD)
        yield Task(finding, rows, len(rows))


TASKS: Final = (list_handover_tasks,)
