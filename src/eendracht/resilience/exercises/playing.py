"""What players do in an exercise: join, confirm, report, decide, tell others; all of it for their organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, get_args

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput, NotFound
from eendracht.resilience.exercises import deliveries
from eendracht.resilience.exercises.effects import Offers, check_decision
from eendracht.resilience.exercises.keys import open_log
from eendracht.resilience.exercises.leading import MOST_TEXT, may_lead, takes_part
from eendracht.resilience.exercises.log import Entry, Event, ExerciseRow, get_exercise
from eendracht.resilience.exercises.messages import find_message
from eendracht.resilience.exercises.roster import Participant, enrol, find_participant
from eendracht.resilience.exercises.scenario import Effect
from eendracht.resilience.exercises.state import ExerciseState
from eendracht.resilience.exercises.states import read_state

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

DEEDS: Final = ("report", "decide", "share", "act", "document", "estimate")
"""What a player may do besides confirming a message."""
EFFECTS: Final[tuple[str, ...]] = get_args(Effect)
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "no-such-alternative": ("Hierheen kan niet worden uitgeweken", "There is no failing over to this"),
    "not-yours": ("Dit is niet van uw organisatie", "This does not belong to your organisation"),
    "isolated-already": ("Dit is al afgesloten", "This is cut off already"),
    "not-isolated": ("Dit is niet afgesloten", "This is not cut off"),
    "no-repair": ("In deze oefening is hier geen herstel voor", "There is no repair of this in this exercise"),
    "not-failed": ("Dit is niet uitgevallen", "This has not failed"),
    "crew-at-work": ("Er is al een ploeg mee bezig", "A crew is working on it already"),
    "no-crew-free": ("Er is geen ploeg vrij die dit kan", "No crew that can do this is free"),
}
"""Why a decision cannot be carried out."""


def join(instance: Instance, asker: Principal, exercise: str, organisation: str = "") -> Participant:
    """Let somebody take part for an organisation for which they work; twice is the same.

    Raises Denied for who works for none of them, InvalidInput where it is not clear for which, Conflict after the end.
    """
    row = get_exercise(instance.store, exercise)
    found = find_participant(instance.store, exercise, asker.name)
    if found is not None:
        return found
    state = read_state(instance, row)
    own = takes_part(asker, state.scenario)
    if not own:
        raise Denied("This exercise is for the organisations that take part in it")
    if state.is_over:
        raise Conflict("The exercise is over")
    if organisation not in own and (organisation or len(own) > 1):
        nl, en = "Kies voor welke organisatie u meedoet", "Choose for which organisation you take part"
        raise InvalidInput("It is not clear for whom", faults=[Fault("/organisation", "not-one-of-yours", nl, en)])
    return enrol(instance.store, exercise, organisation or own[0], [asker.name])[0]


def require_player(instance: Instance, asker: Principal, exercise: str) -> Participant:
    """Give as whom somebody takes part; raises NotFound for who did not join."""
    found = find_participant(instance.store, exercise, asker.name)
    if found is None:
        raise NotFound("There is no such exercise for you", hint="Join it first.")
    return found


def acknowledge(instance: Instance, asker: Principal, exercise: str, message: str) -> None:
    """Confirm a message; the first time counts. Raises NotFound for one that somebody did not get.

    It is an event of the exercise only where an expectation asks for it.
    """
    player = require_player(instance, asker, exercise)
    if not deliveries.acknowledge(instance.store, exercise, player.id, message):
        raise NotFound("You did not get this message")
    row = get_exercise(instance.store, exercise)
    state = read_state(instance, row)
    if state.clock and any(e.type == "acknowledge" and e.inject == message for e in state.scenario.expectations):
        offset, step = state.offset(instance.store.clock.now()), f"acknowledge:{player.id}:{message}"
        entry = Entry("acknowledge", offset, player.organisation, player.id, step, {"message": message})
        open_log(instance, row).append([entry], state.position, ("finished",))


def do(instance: Instance, asker: Principal, exercise: str, type: str, said: Mapping[str, Any], text: str = "") -> int:
    """Report, decide, share, act, document or estimate something, and give the position of the event.

    `said` are codes and refs: `about`, `to`, `effect`, `value`; `text` is free, and only for this exercise. Raises
    InvalidInput with every fault, Conflict while the clock does not go.
    """
    row = get_exercise(instance.store, exercise)
    player = require_player(instance, asker, exercise)
    state = read_state(instance, row)
    if state.phase != "running":
        raise Conflict(f"The exercise is {state.phase}", hint="Wait until it goes on.")
    body = {name: value for name, value in said.items() if value not in (None, "")}
    offset = state.offset(instance.store.clock.now())
    event = Event(state.position, instance.store.clock.now(), offset, type, player.organisation, player.id, body=body)
    faults = check_deed(state, event, text)
    if faults:
        raise InvalidInput("This cannot be done", faults=faults)
    entry = Entry(type, offset, player.organisation, player.id, body=body, text=text.strip())
    (position,) = open_log(instance, row).append([entry], state.position, ("paused", "finished"))
    if position < 0:
        raise Conflict("The exercise was just held or stopped", hint="Wait until it goes on.")
    return position


def check_deed(state: ExerciseState, deed: Event, text: str) -> list[Fault]:
    """Give what is wrong with something that a player wants to do, all of it."""
    faults: list[Fault] = []
    body = deed.body
    if deed.type not in DEEDS:
        nl, en = f"Kies een van: {', '.join(DEEDS)}", f"Choose one of: {', '.join(DEEDS)}"
        faults.append(Fault("/type", "unknown-deed", nl, en))
    if unknown := sorted(set(body) - {"about", "to", "effect", "value"}):
        nl, en = f"Dit veld bestaat niet: {unknown[0][:40]}", f"There is no field {unknown[0][:40]}"
        faults.append(Fault(f"/{unknown[0][:40]}", "extra-forbidden", nl, en))
    faults += [
        Fault(f"/{name}", "malformed", "Dit is geen code of verwijzing", "This is no code or ref")
        for name in ("about", "to", "effect")
        if not isinstance(body.get(name, ""), str) or len(str(body.get(name, ""))) > 221
    ]
    if len(text) > MOST_TEXT:
        nl, en = f"Schrijf hoogstens {MOST_TEXT} tekens", f"Write at most {MOST_TEXT} characters"
        faults.append(Fault("/text", "too-long", nl, en))
    if not faults:
        faults += _check_meaning(state, deed, text)
    return faults


def _check_meaning(state: ExerciseState, deed: Event, text: str) -> list[Fault]:
    body, faults = deed.body, []
    offers = Offers.from_body(state.offered)
    about = body.get("about", "")
    if about and about not in offers.things and find_message(state.scenario, about) is None:
        nl, en = "Dit komt in deze oefening niet voor", "This is no part of this exercise"
        faults.append(Fault("/about", "not-in-exercise", nl, en))
    if deed.type == "share" and (body.get("to") not in state.scenario.members or body["to"] == deed.organisation):
        nl, en = "Kies met welke andere organisatie u dit deelt", "Choose the other organisation to share this with"
        faults.append(Fault("/to", "takes-no-part", nl, en))
    if deed.type in ("report", "act", "document", "share") and not text.strip():
        faults.append(Fault("/text", "missing", "Schrijf wat u doet of meldt", "Write what you do or report"))
    if deed.type == "estimate" and not _is_number(body.get("value")):
        faults.append(Fault("/value", "no-number", "Schrijf een geheel getal", "Write a whole number"))
    if deed.type == "decide":
        if body.get("effect") not in EFFECTS:
            nl, en = f"Kies een van: {', '.join(EFFECTS)}", f"Choose one of: {', '.join(EFFECTS)}"
            faults.append(Fault("/effect", "unknown-effect", nl, en))
        elif reason := check_decision(state, offers, deed):
            nl, en = REASONS[reason]
            faults.append(Fault("/about", reason, nl, en))
    return faults


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def list_shared_with(state: ExerciseState, organisation: str) -> list[Event]:
    """Give what other organisations told this one, the newest first."""
    return [deed for deed in reversed(state.deeds) if deed.type == "share" and deed.body.get("to") == organisation]


def read_for(instance: Instance, asker: Principal, exercise: str) -> tuple[ExerciseRow, ExerciseState]:
    """Give an exercise that exists for somebody, and how it stands; raises NotFound for who has no part in it."""
    row = get_exercise(instance.store, exercise)
    state = read_state(instance, row)
    if not (may_lead(asker, row) or takes_part(asker, state.scenario)):
        raise NotFound("There is no such exercise")
    return row, state
