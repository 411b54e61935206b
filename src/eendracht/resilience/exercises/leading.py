"""What the leaders of an exercise do: make it, start it, hold it, jump ahead, stop it, and judge what they see."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Literal

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput
from eendracht.kernel.identity import slug
from eendracht.resilience.exercises.expectations import RATINGS
from eendracht.resilience.exercises.keys import make_key, open_log
from eendracht.resilience.exercises.log import (
    FINISHED,
    Entry,
    ExerciseRow,
    add_exercise,
    get_exercise,
    list_exercises,
    new_exercise_id,
    set_state,
)
from eendracht.resilience.exercises.scenario import ScenarioFile, dump_scenario, print_duration
from eendracht.resilience.exercises.state import ExerciseState
from eendracht.resilience.exercises.states import read_state

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

Ending = Literal["stopped", "no-duff"]
MOST_SPEED: Final = 3_600.0
MOST_TEXT: Final = 10_000


def may_lead(asker: Principal, row: ExerciseRow) -> bool:
    """Tell whether somebody leads an exercise: an editor of the organisation that leads it."""
    return asker.may_write(row.owner)


def require_leader(asker: Principal, row: ExerciseRow) -> None:
    """Raise Denied for who does not lead it."""
    if not may_lead(asker, row):
        raise Denied("Only the leaders of the exercise may do this", hint=f"It is led by {row.owner}.")


def takes_part(asker: Principal, scenario: ScenarioFile) -> list[str]:
    """Give the organisations of an exercise for which somebody works, in the order of the scenario."""
    return [ref for ref in scenario.members if asker.is_operator or ref in asker.organisations]


def create_exercise(instance: Instance, author: Principal, scenario: ScenarioFile) -> str:
    """Make an exercise, with its record, and give its id; raises Denied for who may not write for its leaders.

    The estate that it simulates is the one of this moment.
    """
    store = instance.store
    author.require_write(scenario.led_by)
    data = dump_scenario(scenario)
    digest = hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()
    exercise, now = new_exercise_id(), store.clock.now()
    record = f"exercise:{scenario.led_by.partition(':')[2]}/{slug(scenario.name)[:60]}-{exercise[:6]}"
    store.put(
        {
            "ref": record,
            "owner": scenario.led_by,
            "confidentiality": {"level": "restricted"},
            "source": {"type": "statement", "date": today(store.clock).isoformat(), "system": "eendracht"},
            "spec": {
                "name": scenario.name,
                "type": scenario.type,
                "ledBy": scenario.led_by,
                "organisations": list(scenario.members),
                "objectives": [item.name for item in scenario.objectives],
                "scenarioSha256": digest,
            },
        },
        author,
        expected=0,
    )
    key = make_key(instance, scenario.led_by, author)
    row = ExerciseRow(exercise, scenario.led_by, record, data, key, "scheduled", timestamp(now), store.size)
    add_exercise(store, row)
    return exercise


def list_seen(instance: Instance, asker: Principal) -> list[ExerciseRow]:
    """Give the exercises that exist for somebody: those that they lead, or whose organisations they work for."""
    rows = list_exercises(instance.store)
    return [row for row in rows if may_lead(asker, row) or _is_asked(asker, row)]


def _is_asked(asker: Principal, row: ExerciseRow) -> bool:
    return any(item["ref"] in asker.organisations for item in row.scenario["organisations"])


def start(instance: Instance, author: Principal, exercise: str, speed: float = 1.0) -> None:
    """Let the clock of an exercise begin; `speed` is exercise time over wall time. Raises Conflict, InvalidInput."""
    if not 0 < speed <= MOST_SPEED:
        nl, en = f"De snelheid ligt tussen 0 en {MOST_SPEED:.0f}", f"The speed lies between 0 and {MOST_SPEED:.0f}"
        raise InvalidInput("It cannot start so", faults=[Fault("/speed", "bad-speed", nl, en)])
    _turn(instance, author, exercise, ("scheduled",), Entry("started", 0.0, step="started", body={"speed": speed}))


def pause(instance: Instance, author: Principal, exercise: str) -> None:
    """Hold the clock; nothing is given out until it goes on. Raises Conflict where it does not run."""
    _turn(instance, author, exercise, ("running",), Entry("paused", 0.0))


def resume(instance: Instance, author: Principal, exercise: str) -> None:
    """Let the clock go on. Raises Conflict where it is not held."""
    _turn(instance, author, exercise, ("paused",), Entry("resumed", 0.0))


def jump(instance: Instance, author: Principal, exercise: str, to: float) -> None:
    """Put the clock forward to a second of the exercise; what lies between is given out at once.

    Raises InvalidInput for a moment that has passed or lies behind the end, Conflict where it does not go on.
    """
    row = get_exercise(instance.store, exercise)
    require_leader(author, row)
    state = read_state(instance, row)
    now = state.offset(instance.store.clock.now())
    if state.clock and not now <= to <= state.scenario.duration:
        end = print_duration(state.scenario.duration)
        nl = f"De klok gaat alleen vooruit, van {print_duration(now)} tot {end}"
        en = f"The clock only goes forward, from {print_duration(now)} to {end}"
        raise InvalidInput("The clock cannot jump there", faults=[Fault("/to", "not-ahead", nl, en)])
    _turn(instance, author, exercise, ("running", "paused"), Entry("jumped", 0.0, body={"to": to}))


def stop(instance: Instance, author: Principal, exercise: str, how: Ending = "stopped") -> None:
    """End an exercise at once: END OF EXERCISE, or NO EXERCISE where something real happens.

    Raises Conflict where it is over already.
    """
    row = get_exercise(instance.store, exercise)
    phase = "finished" if read_state(instance, row).clock else "cancelled"
    entry = Entry("finished", 0.0, step=FINISHED, body={"how": how}, tables=set_state(exercise, phase))
    _turn(instance, author, exercise, ("scheduled", "running", "paused"), entry)


def give_inject(instance: Instance, author: Principal, exercise: str, inject: str) -> None:
    """Let an inject be given out now, such as one that keeps players on their way. Raises InvalidInput, Conflict."""
    row = get_exercise(instance.store, exercise)
    require_leader(author, row)
    state = read_state(instance, row)
    if inject not in {item.id for item in state.scenario.injects}:
        raise InvalidInput("There is no such inject", faults=[_fault("/inject", "unknown-inject", "inject")])
    if inject in state.released:
        raise Conflict(f"{inject} was given out already")
    _turn(instance, author, exercise, ("running",), Entry("given", 0.0, body={"inject": inject}))


def rate(
    instance: Instance, author: Principal, exercise: str, expectation: str, organisation: str, rating: str, text: str
) -> None:
    """Keep how an evaluator rates an expectation of an organisation: P, S, M or U, and why. Raises InvalidInput."""
    row = get_exercise(instance.store, exercise)
    require_leader(author, row)
    state = read_state(instance, row)
    faults = []
    found = next((item for item in state.scenario.expectations if item.id == expectation), None)
    if found is None:
        faults.append(_fault("/expectation", "unknown-expectation", "expectation"))
    elif organisation not in state.scenario.list_asked(found):
        faults.append(_fault("/organisation", "not-asked", "organisation"))
    if rating not in RATINGS:
        faults.append(Fault("/rating", "bad-rating", "Kies P, S, M of U", "Choose P, S, M or U"))
    _check_text(text, faults)
    if faults:
        raise InvalidInput("The rating cannot be kept", faults=faults)
    body = {"expectation": expectation, "organisation": organisation, "rating": rating}
    _write(instance, row, state, Entry("rated", 0.0, body=body, text=text.strip()))


def observe(
    instance: Instance, author: Principal, exercise: str, organisation: str, objective: str, type: str, text: str
) -> None:
    """Keep what an evaluator saw: a strength or what could go better, without names of people. Raises InvalidInput."""
    row = get_exercise(instance.store, exercise)
    require_leader(author, row)
    state = read_state(instance, row)
    faults = []
    if organisation not in state.scenario.members:
        faults.append(_fault("/organisation", "takes-no-part", "organisation"))
    if objective and objective not in {item.id for item in state.scenario.objectives}:
        faults.append(_fault("/objective", "unknown-objective", "objective"))
    if type not in ("strength", "improvement"):
        faults.append(_fault("/type", "unknown-type", "type"))
    if not text.strip():
        faults.append(Fault("/text", "missing", "Schrijf wat u zag", "Write what you saw"))
    _check_text(text, faults)
    if faults:
        raise InvalidInput("The observation cannot be kept", faults=faults)
    body = {"organisation": organisation, "objective": objective, "type": type}
    _write(instance, row, state, Entry("observed", 0.0, body=body, text=text.strip()))


def _check_text(text: str, faults: list[Fault]) -> None:
    if len(text) > MOST_TEXT:
        nl, en = f"Schrijf hoogstens {MOST_TEXT} tekens", f"Write at most {MOST_TEXT} characters"
        faults.append(Fault("/text", "too-long", nl, en))


def _fault(pointer: str, code: str, what: str) -> Fault:
    nl, en = f"Dit komt in deze oefening niet voor ({what})", f"This exercise has no such {what}"
    return Fault(pointer, code, nl, en, "Look at the scenario.")


def _turn(instance: Instance, author: Principal, exercise: str, phases: tuple[str, ...], entry: Entry) -> None:
    row = get_exercise(instance.store, exercise)
    require_leader(author, row)
    state = read_state(instance, row)
    if state.phase not in phases:
        raise Conflict(f"The exercise is {state.phase}", hint="Look at the control room.")
    if not _write(instance, row, state, entry, state.position):
        raise Conflict("Somebody else turned the clock just before you", hint="Look at the control room.")


def _write(instance: Instance, row: ExerciseRow, state: ExerciseState, entry: Entry, known: int | None = None) -> bool:
    offset = state.offset(instance.store.clock.now())
    entry = Entry(entry.type, offset, entry.organisation, "", entry.step, entry.body, entry.text, entry.tables)
    return open_log(instance, row).append([entry], known) != [-1]
