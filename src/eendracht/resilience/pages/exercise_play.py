"""What a player sees and does: the messages, the simulated status, what others told, and what they decide."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from eendracht.kernel.disclosure import require_insider
from eendracht.kernel.errors import Conflict, EendrachtError, Fault
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.resilience.exercises import playing
from eendracht.resilience.exercises.deliveries import list_inbox
from eendracht.resilience.exercises.effects import Offers, check_decision
from eendracht.resilience.exercises.leading import may_lead, takes_part
from eendracht.resilience.exercises.log import Event
from eendracht.resilience.exercises.messages import CLOSING, find_message
from eendracht.resilience.exercises.report import name_all
from eendracht.resilience.exercises.roster import Participant, find_participant
from eendracht.resilience.exercises.scenario import print_duration
from eendracht.resilience.exercises.wording import say_code

if TYPE_CHECKING:
    from eendracht.resilience.exercises.state import ExerciseState

MOST_DEEDS: Final = 50
MOST_THINGS: Final = 40
SAID: Final = ("report", "act", "document")


def show_play(visit: Visit) -> Response:
    """Show the exercise to a player, and do what they ask; whoever has not joined is asked for whom they play."""
    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    instance = visit.site.instance
    row, state = playing.read_for(instance, visit.principal, visit.name)
    faults: tuple[Fault, ...] = ()
    if visit.posted is not None:
        visit.require_staff()
        try:
            _act(visit)
            return visit.redirect("exercise", visit.name)
        except Conflict:
            faults = (
                Fault("", "not-now", "De klok staat stil, dus dit kan nu niet", "The clock is held, so this cannot be"),
            )
        except EendrachtError as error:
            faults = tuple(error.faults) or (Fault("", error.code, error.title_nl, error.title_en),)
        state = playing.read_for(instance, visit.principal, visit.name)[1]
    player = find_participant(instance.store, visit.name, visit.principal.name)
    own = takes_part(visit.principal, state.scenario)
    names = name_all(visit.store, state, visit.principal)
    shared: dict[str, Any] = {
        "id": visit.name,
        "say": partial(say_code, visit.words),
        "state": state,
        "scenario": state.scenario,
        "names": names,
        "faults": faults,
        "leads": may_lead(visit.principal, row),
        "time": print_duration(state.offset(visit.store.clock.now())),
        "duration": print_duration(state.scenario.duration),
    }
    status = 422 if faults else 200
    if player is None:
        return visit.render("resilience/exercise_join.html", status, own=own, **shared)
    return visit.render("resilience/exercise.html", status, **shared, **_show(visit, state, player))


def _act(visit: Visit) -> None:
    instance, asker, do = visit.site.instance, visit.principal, visit.sent("do")
    if do == "join":
        playing.join(instance, asker, visit.name, visit.sent("organisation"))
        return
    if do == "acknowledge":
        playing.acknowledge(instance, asker, visit.name, visit.sent("message"))
        return
    said: dict[str, Any] = {}
    if do == "decide":
        said["effect"], _, rest = visit.sent("choice").partition("|")
        said["about"], _, said["to"] = rest.partition("|")
    elif do == "share":
        said = {"to": visit.sent("to"), "about": visit.sent("about")}
    elif do == "estimate":
        value = visit.sent("value").replace(".", "")
        said = {"value": int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None}
    elif do == "say":
        do = visit.sent("type")
    playing.do(instance, asker, visit.name, do, said, visit.sent("text"))


def _show(visit: Visit, state: ExerciseState, player: Participant) -> dict[str, Any]:
    inbox = [
        (find_message(state.scenario, delivery.message), delivery)
        for delivery in list_inbox(visit.store, visit.name, player.id)
    ]
    offers = Offers.from_body(state.offered)
    visible = [
        (thing, state.statuses.get(ref, "up"))
        for ref, thing in offers.things.items()
        if thing.owner == player.organisation
        or ref in state.scenario.world.watch
        or state.statuses.get(ref, "up") != "up"
    ]
    visible.sort(key=lambda item: (item[0].owner != player.organisation, item[1] == "up", item[0].name))
    return {
        "player": player,
        "inbox": inbox,
        "closing": [message for message, _ in inbox if message and message.id in CLOSING],
        "things": visible,
        "told": playing.list_shared_with(state, player.organisation)[:MOST_DEEDS],
        "done": [deed for deed in reversed(state.deeds) if deed.organisation == player.organisation][:MOST_DEEDS],
        "choices": _list_choices(visit, state, offers, player),
        "others": [ref for ref in state.scenario.members if ref != player.organisation],
        "said": SAID,
        "most": MOST_THINGS,
        "reasons": playing.REASONS,
        "print_time": print_duration,
    }


def _list_choices(
    visit: Visit, state: ExerciseState, offers: Offers, player: Participant
) -> list[tuple[str, str, str]]:
    """Give what can be decided now: effect, value of the choice and its words."""
    now = visit.store.clock.now()
    offset = state.offset(now)
    words = visit.words
    wanted: list[tuple[str, str, str, str]] = []
    for (consumer, provider), hours in offers.alternatives.items():
        said = words.gettext(
            "%(thing)s fails over to %(other)s (takes %(hours)s)",
            thing=offers.things[consumer].name,
            other=offers.things[provider].name,
            hours=print_duration(hours * 3600),
        )
        wanted.append(("fail-over", consumer, provider, said))
    repairs = {item.thing: item for item in state.scenario.world.repairs}
    for ref, thing in offers.things.items():
        if ref in repairs:
            takes = print_duration(repairs[ref].duration)
            wanted.append(
                (
                    "assign-crew",
                    ref,
                    "",
                    words.gettext("Send a crew to %(thing)s (%(hours)s)", thing=thing.name, hours=takes),
                )
            )
        wanted.append(("isolate", ref, "", words.gettext("Cut off %(thing)s", thing=thing.name)))
        wanted.append(("reconnect", ref, "", words.gettext("Connect %(thing)s again", thing=thing.name)))
    choices = []
    for effect, about, to, name in wanted:
        body = {"effect": effect, "about": about, "to": to}
        decision = Event(state.position, now, offset, "decide", player.organisation, player.id, body=body)
        if not check_decision(state, offers, decision):
            choices.append((effect, f"{effect}|{about}|{to}", name))
    publish = ("publish", "publish||", words.gettext("Make something known to the public"))
    return [*choices, publish, ("other", "other||", words.gettext("Something else"))]


PAGES: Final = (Page("exercise", "oefening/{name}", "exercise/{name}", show_play, "form"),)
