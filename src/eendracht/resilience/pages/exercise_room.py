"""The control room: the clock, what was given out, how everybody stands, and the means to hold, jump and stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticCustomError
from starlette.responses import Response

from eendracht.kernel.disclosure import require_insider
from eendracht.kernel.errors import Conflict, Fault, InvalidInput, NotFound
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.resilience.exercises import leading
from eendracht.resilience.exercises.deliveries import count_deliveries
from eendracht.resilience.exercises.effects import OfferedThing, Offers
from eendracht.resilience.exercises.jobs import ask_exercise
from eendracht.resilience.exercises.leading import may_lead
from eendracht.resilience.exercises.playing import read_for
from eendracht.resilience.exercises.report import name_all
from eendracht.resilience.exercises.roster import count_players
from eendracht.resilience.exercises.scenario import print_duration, read_duration
from eendracht.resilience.exercises.scores import list_outcomes, score_exercise
from eendracht.resilience.exercises.wording import say_code
from eendracht.resilience.pages.exercises import say_condition

if TYPE_CHECKING:
    from eendracht.resilience.exercises.state import ExerciseState

MOST_DEEDS: Final = 100
RATINGS: Final = ("P", "S", "M", "U")


def show_room(visit: Visit) -> Response:
    """Show an exercise to its leaders, and do what they ask."""
    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    instance = visit.site.instance
    row, state = read_for(instance, visit.principal, visit.name)
    if not may_lead(visit.principal, row):
        raise NotFound("There is no such exercise for you", hint="Take part in it: open the exercise.")
    faults: tuple[Fault, ...] = ()
    if visit.posted is not None:
        visit.require_staff()
        try:
            _act(visit)
            return visit.redirect("exercise-room", visit.name)
        except InvalidInput as error:
            faults = tuple(error.faults) or (Fault("", error.code, str(error), str(error)),)
        except Conflict as error:
            faults = (Fault("", error.code, *_PASSED),)
        state = read_for(instance, visit.principal, visit.name)[1]
    return visit.render("resilience/exercise_room.html", 422 if faults else 200, faults=faults, **_show(visit, state))


_PASSED: Final = (
    "Dat kan in deze stand van de oefening niet meer",
    "The exercise has come further; this cannot be done now",
)


def _act(visit: Visit) -> None:
    do = _WAYS.get(visit.sent("do"))
    if do is None:
        raise InvalidInput(
            "Choose what to do", faults=[Fault("/do", "unknown", "Kies wat u doet", "Choose what to do")]
        )
    do(visit)


def _start(visit: Visit) -> None:
    text = visit.sent("speed").replace(",", ".") or "1"
    try:
        speed = float(text)
    except ValueError:
        nl, en = "Schrijf een getal, zoals 1 of 60", "Write a number, such as 1 or 60"
        raise InvalidInput("It cannot start so", faults=[Fault("/speed", "bad-speed", nl, en)]) from None
    ask_exercise(visit.site.instance, visit.principal, visit.name, speed)


def _jump(visit: Visit) -> None:
    try:
        seconds = read_duration(visit.sent("to"))
    except PydanticCustomError:
        nl, en = "Schrijf uren en minuten, zoals 1:30", "Write hours and minutes, such as 1:30"
        raise InvalidInput("The clock cannot jump there", faults=[Fault("/to", "duration", nl, en)]) from None
    leading.jump(visit.site.instance, visit.principal, visit.name, float(str(seconds)))


def _rate(visit: Visit) -> None:
    expectation, _, organisation = visit.sent("what").partition("|")
    leading.rate(
        visit.site.instance,
        visit.principal,
        visit.name,
        expectation,
        organisation,
        visit.sent("rating"),
        visit.sent("text"),
    )


def _observe(visit: Visit) -> None:
    leading.observe(
        visit.site.instance,
        visit.principal,
        visit.name,
        visit.sent("organisation"),
        visit.sent("objective"),
        visit.sent("type"),
        visit.sent("text"),
    )


def _plainly(verb: Callable[..., None], *more: str) -> Callable[[Visit], None]:
    return lambda visit: verb(visit.site.instance, visit.principal, visit.name, *more)


_WAYS: Final[Mapping[str, Callable[[Visit], None]]] = {
    "start": _start,
    "pause": _plainly(leading.pause),
    "resume": _plainly(leading.resume),
    "jump": _jump,
    "stop": _plainly(leading.stop, "stopped"),
    "no-duff": _plainly(leading.stop, "no-duff"),
    "give": lambda visit: leading.give_inject(visit.site.instance, visit.principal, visit.name, visit.sent("inject")),
    "rate": _rate,
    "observe": _observe,
}


def _show(visit: Visit, state: ExerciseState) -> dict[str, Any]:
    store, now = visit.store, visit.store.clock.now()
    names = name_all(store, state, visit.principal)
    outcomes = list_outcomes(state)
    things = Offers.from_body(state.offered).things
    return {
        "id": visit.name,
        "say": partial(say_code, visit.words),
        "state": state,
        "scenario": state.scenario,
        "names": names,
        "time": print_duration(state.offset(now)),
        "duration": print_duration(state.scenario.duration),
        "injects": _list_injects(visit, state),
        "players": count_players(store, visit.name),
        "out": _list_out(state, things),
        "outcomes": outcomes,
        "to_rate": [item for item in outcomes if item.is_asked],
        "scores": score_exercise(state, outcomes),
        "deeds": list(reversed(state.deeds))[:MOST_DEEDS],
        "print_time": print_duration,
        "ratings": RATINGS,
    }


def _list_out(state: ExerciseState, things: Mapping[str, OfferedThing]) -> dict[str, list[tuple[OfferedThing, str]]]:
    """Give per organisation what of theirs is not up in the exercise."""
    out: dict[str, list[tuple[OfferedThing, str]]] = {}
    for ref, status in sorted(state.statuses.items()):
        if status != "up" and ref in things:
            out.setdefault(things[ref].owner, []).append((things[ref], status))
    return out


def _list_injects(visit: Visit, state: ExerciseState) -> list[dict[str, Any]]:
    counts: dict[str, list[int]] = {}
    for message, _, status, number, late, confirmed in count_deliveries(visit.store, visit.name):
        totals = counts.setdefault(message, [0, 0, 0, 0])
        totals[0] += number if status == "delivered" else 0
        totals[1] += late
        totals[2] += confirmed
        totals[3] += number if status == "waiting" else 0
    return [
        {
            "inject": item,
            "at": print_duration(item.at + item.delay) if item.at is not None else "",
            "waits": say_condition(visit, item.when) if item.when else "",
            "released": print_duration(state.released[item.id]) if item.id in state.released else "",
            "counts": counts.get(item.id, [0, 0, 0, 0]),
        }
        for item in sorted(
            state.scenario.injects, key=lambda item: (state.released.get(item.id, float("inf")), item.at or 0)
        )
    ]


PAGES: Final = (Page("exercise-room", "oefenleiding/{name}", "exercise-control/{name}", show_room, "form"),)
