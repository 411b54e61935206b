"""The after-action report: what happened in which order, what was reached, who told whom, and what to do better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.clock import AMSTERDAM
from eendracht.kernel.errors import NotFound
from eendracht.kernel.store import Store
from eendracht.resilience.exercises.deliveries import count_deliveries
from eendracht.resilience.exercises.effects import Offers
from eendracht.resilience.exercises.log import ExerciseRow
from eendracht.resilience.exercises.messages import find_message
from eendracht.resilience.exercises.roster import count_players
from eendracht.resilience.exercises.scenario import print_duration
from eendracht.resilience.exercises.scores import Outcome, Score, Telling, list_outcomes, list_tellings, score_exercise
from eendracht.resilience.exercises.state import DONE_BY_PLAYERS, ExerciseState
from eendracht.resilience.exercises.states import read_state

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

MILLI: Final = 1000
_ENDS: Final = {"ended": "finished", "stopped": "stopped", "no-duff": "stopped"}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline: the second of the exercise, what happened, by whom, and what it was about."""

    offset: float
    type: str
    organisation: str
    about: str
    """Name of the thing, message or expectation."""
    said: str
    """Code of the status, effect or outcome."""
    text: str

    @property
    def time(self) -> str:
        """The moment as `h:mm`."""
        return print_duration(self.offset)


@dataclass(frozen=True)
class Report:
    """An exercise looked back at."""

    row: ExerciseRow
    state: ExerciseState
    names: Mapping[str, str]
    """What organisations and things are called."""
    players: Mapping[str, int]
    timeline: Sequence[Moment]
    outcomes: Sequence[Outcome]
    scores: Sequence[Score]
    tellings: Sequence[Telling]
    observations: Sequence[Moment]
    delivered: int
    late: int
    undelivered: int
    is_synthetic: bool
    """Whether the estate that was simulated holds made-up records."""

    @property
    def began_at(self) -> datetime | None:
        """When it began (Europe/Amsterdam)."""
        return self.state.began_at.astimezone(AMSTERDAM) if self.state.began_at else None

    def name(self, ref: str) -> str:
        """Give what somebody or something is called."""
        return self.names.get(ref, ref)


def make_report(instance: Instance, row: ExerciseRow, asker: Principal) -> Report:
    """Look back at an exercise, for one who leads it or takes part; also while it goes on."""
    store, state = instance.store, read_state(instance, row)
    outcomes = list_outcomes(state)
    names = name_all(store, state, asker)
    counts = count_deliveries(store, row.id)
    return Report(
        row,
        state,
        names,
        count_players(store, row.id),
        _list_timeline(instance, row, state, names),
        outcomes,
        score_exercise(state, outcomes),
        list_tellings(state),
        [_look(event, state, names) for event in state.observations],
        sum(number for _, _, status, number, _, _ in counts if status == "delivered"),
        sum(late for *_, late, _ in counts),
        sum(number for _, _, status, number, _, _ in counts if status != "delivered"),
        _is_synthetic(store, state),
    )


def _is_synthetic(store: Store, state: ExerciseState) -> bool:
    """Tell whether an organisation or thing of the exercise is made up, whoever may look into it."""
    refs = {*state.scenario.members, *Offers.from_body(state.offered).things}
    return any(record.is_synthetic for record in store.get_among(sorted(refs), OPERATOR))


def name_all(store: Store, state: ExerciseState, asker: Principal) -> dict[str, str]:
    """Give the names of organisations and things of an exercise; a ref stands for itself where there is none."""
    offers = Offers.from_body(state.offered)
    names = {ref: thing.name for ref, thing in offers.things.items()}
    names |= {item.id: item.subject for item in state.scenario.injects}
    found = store.get_among(list(state.scenario.members), asker)
    return names | {record.ref: record.name for record in found}


def _list_timeline(
    instance: Instance, row: ExerciseRow, state: ExerciseState, names: Mapping[str, str]
) -> list[Moment]:
    from eendracht.resilience.exercises.keys import open_log

    shown = ("started", "paused", "resumed", "jumped", "released", "status", "expectation", "finished")
    events = [event for event in open_log(instance, row).read() if event.type in (*shown, *DONE_BY_PLAYERS)]
    events.sort(key=lambda event: (event.offset, event.position))
    return [_look(event, state, names) for event in events]


def _look(event: Any, state: ExerciseState, names: Mapping[str, str]) -> Moment:
    body = event.body
    ref = body.get("thing") or body.get("inject") or body.get("about") or body.get("expectation") or ""
    message = find_message(state.scenario, ref)
    expectation = next((item.name for item in state.scenario.expectations if item.id == ref), "")
    about = names.get(ref) or (message.subject if message else "") or expectation or ref
    if event.type == "share":
        about = f"{about} → {names.get(body['to'], body['to'])}" if about else names.get(body["to"], body["to"])
    said = body.get("state") or body.get("status") or body.get("effect") or body.get("how") or body.get("type") or ""
    organisation = event.organisation or body.get("organisation", "")
    return Moment(event.offset, event.type, names.get(organisation, organisation), about, str(said), event.text)


def record_results(instance: Instance, row: ExerciseRow) -> None:
    """Put how an exercise ended into its record: scores of organisations, nothing of persons; again is the same."""
    store = instance.store
    state = read_state(instance, row)
    try:
        record = store.get(row.record, OPERATOR)
    except NotFound:
        return
    spec = dict(record.spec(store.registry))
    spec["status"] = _ENDS.get(state.ended_how, "cancelled") if state.began_at else "cancelled"
    if state.began_at:
        spec["heldOn"] = state.began_at.astimezone(AMSTERDAM).date().isoformat()
    spec["results"] = [
        {
            "organisation": score.organisation,
            "objective": score.objective.id,
            "points": round(score.points * MILLI),
            "possible": score.possible * MILLI,
            "unjudged": score.unjudged,
        }
        for score in score_exercise(state)
    ]
    if spec != record.spec(store.registry):
        draft = {name: record.data[name] for name in ("ref", "owner", "confidentiality", "source")}
        store.put({**draft, "spec": spec}, OPERATOR)


def describe_report(report: Report) -> dict[str, Any]:
    """Give a report as plain data."""
    return {
        "exercise": report.row.id,
        "record": report.row.record,
        "name": report.state.scenario.name,
        "phase": report.state.phase,
        "ended": report.state.ended_how,
        "beganAt": report.began_at.isoformat(timespec="seconds") if report.began_at else "",
        "synthetic": report.is_synthetic,
        "players": dict(report.players),
        "delivered": report.delivered,
        "late": report.late,
        "undelivered": report.undelivered,
        "scores": [
            {
                "organisation": score.organisation,
                "objective": score.objective.id,
                "points": round(score.points, 3),
                "possible": score.possible,
                "unjudged": score.unjudged,
            }
            for score in report.scores
        ],
        "expectations": [
            {
                "id": item.expectation.id,
                "organisation": item.organisation,
                "status": item.status,
                "rating": item.verdict.rating,
                "minutes": None if item.minutes is None else round(item.minutes, 1),
            }
            for item in report.outcomes
        ],
        "told": [
            {
                "from": item.sender,
                "to": item.receiver,
                "times": item.times,
                "firstMinutes": round(item.first_minutes, 1),
            }
            for item in report.tellings
        ],
        "observations": [
            {"organisation": item.organisation, "type": item.said, "about": item.about, "text": item.text}
            for item in report.observations
        ],
        "timeline": [
            {
                "time": item.time,
                "type": item.type,
                "organisation": item.organisation,
                "about": item.about,
                "said": item.said,
                "text": item.text,
            }
            for item in report.timeline
        ],
    }
