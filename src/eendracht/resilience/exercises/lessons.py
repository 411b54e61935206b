"""What is learned: findings become lessons, lessons actions, and an action is closed once another saw that it helps.

When an action may be closed is guarded by its kind (`kernel.kinds.closing`); here are the steps on the way there, and
the board that shows what is late and what was found before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Conflict, Fault, InvalidInput, NotFound
from eendracht.kernel.identity import slug
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.resilience.exercises.leading import require_leader
from eendracht.resilience.exercises.log import ExerciseRow
from eendracht.resilience.exercises.scores import Outcome, list_outcomes
from eendracht.resilience.exercises.states import read_state

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

Stage = Literal["open", "in-progress", "done-unverified", "closed", "dropped"]
_OPEN: Final = frozenset({"open", "in-progress", "done-unverified"})
_POOR: Final = frozenset({"M", "U"})
_ATTEMPTS: Final = 50
_LEVEL: Final = "government"
"""Lessons are for whoever works at a public body: who took part learns from the others, and sees what is late."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An expectation that was not met, of which a lesson may be made."""

    outcome: Outcome
    repeats: tuple[str, ...]
    """Lessons of earlier exercises on the same expectation of the same organisation."""
    lesson: str
    """The lesson that was made of it; empty where there is none yet."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """An action of the board, with the lesson from which it follows."""

    action: Record
    lesson: Record | None
    status: Stage
    owner: str
    due: date | None
    is_overdue: bool
    is_repeated: bool
    """Whether what it is to mend was found again in another exercise."""
    retests: Sequence[Record]
    """What was seen when it was tried again, the newest first."""


def find_poor(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Give what was not met: failed or in part, or rated M or U; a rating weighs more than what was seen by itself."""
    return [
        item
        for item in outcomes
        if item.is_asked
        and (item.verdict.rating in _POOR if item.verdict.rating else item.verdict.status in ("failed", "partial"))
    ]


def list_findings(instance: Instance, row: ExerciseRow, asker: Principal) -> list[Finding]:
    """Give what an exercise showed that should go better, what was found before first."""
    state = read_state(instance, row)
    lessons = _read_lessons(instance.store, asker)
    findings = []
    for outcome in find_poor(list_outcomes(state)):
        same = _find_same(lessons, outcome.organisation, outcome.expectation.id, outcome.expectation.objective)
        made = [lesson.ref for lesson, spec in same if spec["exercise"] == row.record]
        earlier = tuple(lesson.ref for lesson, spec in same if spec["exercise"] != row.record)
        findings.append(Finding(outcome, earlier, made[0] if made else ""))
    return sorted(findings, key=lambda item: (not item.repeats, item.outcome.organisation, item.outcome.expectation.id))


def _read_lessons(store: Store, asker: Principal) -> list[tuple[Record, dict[str, Any]]]:
    found = [(record, record.spec(store.registry)) for record in store.snapshot(asker, kind="lesson")]
    return sorted(found, key=lambda pair: pair[0].rv)


def _find_same(
    lessons: Iterable[tuple[Record, dict[str, Any]]], organisation: str, expectation: str, objective: str
) -> list[tuple[Record, dict[str, Any]]]:
    """Give the lessons on the same expectation of an organisation, or on its objective where none is named."""
    return [
        (lesson, spec)
        for lesson, spec in lessons
        if spec["organisation"] == organisation
        and spec.get("type", "improvement") == "improvement"
        and (spec["expectation"] == expectation if spec.get("expectation") else spec.get("objective") == objective)
    ]


def record_lesson(
    instance: Instance,
    author: Principal,
    row: ExerciseRow,
    organisation: str,
    name: str,
    *,
    expectation: str = "",
    objective: str = "",
    root_cause: str = "",
    capability: str = "unknown",
    type: str = "improvement",
) -> str:
    """Record a lesson of an exercise and give its ref; raises Denied for who does not lead it, InvalidInput."""
    require_leader(author, row)
    state = read_state(instance, row)
    faults = []
    if organisation not in state.scenario.members:
        faults.append(_fault("/organisation", "takes-no-part", "Deze organisatie deed niet mee", "It took no part"))
    found = next((item for item in state.scenario.expectations if item.id == expectation), None)
    if expectation and found is None:
        faults.append(
            _fault("/expectation", "unknown-expectation", "Die verwachting is er niet", "No such expectation")
        )
    if not name.strip():
        faults.append(_fault("/name", "missing", "Schrijf wat er beter moet", "Write what should go better"))
    if faults:
        raise InvalidInput("The lesson cannot be recorded", faults=faults)
    objective = objective or (found.objective if found else "")
    same = _find_same(_read_lessons(instance.store, author), organisation, expectation, objective)
    spec = {
        "name": name.strip(),
        "exercise": row.record,
        "organisation": organisation,
        "type": type,
        "capability": capability,
        "objective": objective,
        "expectation": expectation,
        "rootCause": root_cause.strip(),
        "repeats": [lesson.ref for lesson, said in same if said["exercise"] != row.record][:50],
    }
    return _put_new(instance.store, author, "lesson", row.owner, spec)


def propose_action(
    store: Store, author: Principal, lesson: str, name: str, *, owner: str, due: date, assigned_to: str = ""
) -> str:
    """Record an action that follows from a lesson, with who owns it and until when; gives its ref.

    Raises Denied for who may not write for its owner, NotFound for a lesson that the author may not see.
    """
    found = store.get(lesson, author)
    spec = {"name": name.strip(), "about": [found.ref], "due": due.isoformat(), "assignedTo": assigned_to or owner}
    return _put_new(store, author, "action", owner, spec)


def report_done(store: Store, author: Principal, action: str, evidence: str) -> None:
    """Say that an action is done and where that can be seen; it waits for a retest then. Raises InvalidInput."""
    if not evidence.strip():
        raise InvalidInput(
            "Nothing shows that it is done",
            faults=[_fault("/evidence", "no-evidence", "Schrijf wat er is gedaan", "Write what was done")],
        )
    _change(store, author, action, status="done-unverified", evidence=evidence.strip())


def retest(
    store: Store, author: Principal, action: str, *, passed: bool, observed: str = "", exercise: str = ""
) -> str:
    """Record that somebody tried an action again; one that passed closes it, another opens it again.

    Raises InvalidInput where it may not be closed so, such as by who did the work; nothing is recorded then but the
    retest itself.
    """
    record = store.get(action, author)
    spec = {
        "name": f"{record.name}: hertoets"[:300],
        "action": record.ref,
        "result": "passed" if passed else "failed",
        "doneOn": today(store.clock).isoformat(),
        "observed": observed.strip(),
        "exercise": exercise,
    }
    ref = _put_new(store, author, "retest", record.owner, spec)
    if passed:
        _change(store, author, action, status="closed", retest=ref)
    else:
        _change(store, author, action, status="in-progress")
    return ref


def _change(store: Store, author: Principal, action: str, **said: str) -> None:
    record = store.get(action, author)
    if record.kind != "action":
        raise NotFound("There is no such action")
    draft = {name: record.data[name] for name in ("ref", "owner", "confidentiality", "source")}
    spec = {**record.spec(store.registry), **said}
    store.put({**draft, "spec": spec}, author, record.generation)


def _put_new(store: Store, author: Principal, kind: str, owner: str, spec: dict[str, Any]) -> str:
    base = f"{kind}:{owner.partition(':')[2]}/{slug(str(spec['name']))[:80] or kind}"
    for attempt in range(_ATTEMPTS):
        ref = base if not attempt else f"{base}-{attempt + 1}"
        draft = {
            "ref": ref,
            "owner": owner,
            "confidentiality": {"level": _LEVEL},
            "source": {"type": "statement", "date": today(store.clock).isoformat(), "system": "eendracht"},
            "spec": {name: value for name, value in spec.items() if value not in ("", [], None)},
        }
        try:
            store.put(draft, author, expected=0)
        except Conflict:
            continue
        return ref
    raise Conflict("Too many records have this name", hint="Give it another name.")


def read_board(store: Store, asker: Principal) -> list[BoardRow]:
    """Give the actions that follow from lessons: overdue ones first, then what is open, by the day that it is due."""
    lessons = {record.ref: (record, spec) for record, spec in _read_lessons(store, asker)}
    repeated = {ref for _, spec in lessons.values() for ref in spec.get("repeats", ())}
    retests: dict[str, list[Record]] = {}
    for record in store.snapshot(asker, kind="retest"):
        retests.setdefault(record.spec(store.registry)["action"], []).append(record)
    rows, day = [], today(store.clock)
    for record in store.snapshot(asker, kind="action"):
        spec = record.spec(store.registry)
        lesson = next((lessons[ref][0] for ref in spec.get("about", ()) if ref in lessons), None)
        if lesson is None:
            continue
        due = date.fromisoformat(spec["due"]) if spec.get("due") else None
        status: Stage = spec.get("status", "open")
        seen = sorted(retests.get(record.ref, ()), key=lambda item: -item.rv)
        again = lesson.ref in repeated or bool(lessons[lesson.ref][1].get("repeats"))
        late = status in _OPEN and due is not None and due < day
        rows.append(BoardRow(record, lesson, status, record.owner, due, late, again, seen))
    return sorted(
        rows, key=lambda row: (not row.is_overdue, row.status not in _OPEN, row.due or date.max, row.action.ref)
    )


def _fault(pointer: str, code: str, nl: str, en: str) -> Fault:
    return Fault(pointer, code, nl, en)
