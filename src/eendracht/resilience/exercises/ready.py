"""A ready exercise from the estate itself: its largest single point of failure stops in the week of an election.

Who takes part, what fails and what hangs on it come from the records; the story around it is made up and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import Seed, simulate
from eendracht.kernel.impact import find_single_points
from eendracht.kernel.landscape import Landscape, Thing
from eendracht.resilience.exercises.scenario import SECONDS_IN_HOUR, ScenarioFile, write_scenario

MOST_ORGANISATIONS: Final = 12
"""Those with the most services that stop take part."""
FAILS_AT: Final = 15 * 60
DURATION: Final = 150 * 60
_COMPARED: Final = 500
_SKILL: Final = "platform"


@dataclass(frozen=True, slots=True)
class WeakPoint:
    """The largest single point of failure, with the services that stop in the time of the exercise."""

    thing: Thing
    services: Sequence[Thing]
    critical: int
    """Critical things that stop, sooner or later."""


def find_largest(landscape: Landscape) -> WeakPoint:
    """Give the single point of failure with which most critical services are out in the time of the exercise.

    Of those with as many it is the one with most services of any sort, then with most critical things in the end. Only
    the worst by that last measure are compared. Raises NotFound where nothing alone stops a critical service.
    """
    points, _ = find_single_points(landscape)
    if not points:
        raise NotFound("No single thing stops a critical service here", hint="Record which services are critical.")
    found = [
        WeakPoint(item.thing, _list_out(landscape, item.thing), item.failed_critical) for item in points[:_COMPARED]
    ]
    return min(found, key=_weigh)


def _weigh(weak: WeakPoint) -> tuple[int, int, int, str]:
    critical = sum(service.criticality == "critical" for service in weak.services)
    return -critical, -len(weak.services), -weak.critical, weak.thing.ref


def _list_out(landscape: Landscape, thing: Thing) -> list[Thing]:
    """Give the services that are out for a while in the time of the exercise, critical ones first."""
    hours = (DURATION - FAILS_AT) / SECONDS_IN_HOUR
    result = simulate(landscape.estate, [Seed(landscape.locate(thing.ref))], unknown="best", horizon_hours=hours)
    services = [
        landscape.things[node]
        for node in result.by_node
        if landscape.things[node].kind == "public-service" and result.list_outages(node)
    ]
    return sorted(services, key=lambda item: (item.criticality != "critical", item.ref))


def write_ready_exercise(landscape: Landscape, language: Literal["nl", "en"] = "nl", led_by: str = "") -> str:
    """Give the scenario as YAML, for its leaders to change; raises NotFound where nothing is a single point of failure.

    Its owner leads it, unless another organisation of the estate is named.
    """
    weak = find_largest(landscape)
    counts = Counter(service.owner for service in weak.services)
    leader = led_by or weak.thing.owner
    members = [ref for ref, _ in counts.most_common(MOST_ORGANISATIONS)]
    members = list(dict.fromkeys([leader, weak.thing.owner, *members]))
    scenario = ScenarioFile.model_validate(_compose(weak, members, leader, _WORDS[language], language))
    head = "".join(f"# {line}\n" for line in _HEADS[language])
    return head + write_scenario(scenario)


def _compose(
    weak: WeakPoint, members: Sequence[str], leader: str, words: Mapping[str, str], language: str
) -> dict[str, Any]:
    name = weak.thing.name
    first: dict[str, Thing] = {}
    for service in weak.services:
        first.setdefault(service.owner, service)
    said = {key: text.format(thing=name, number=len(weak.services)) for key, text in words.items()}
    return {
        "name": said["name"],
        "description": said["description"],
        "language": language,
        "type": "tabletop",
        "ledBy": leader,
        "duration": "2:30",
        "organisations": [{"ref": ref} for ref in members],
        "world": {
            "failures": [{"thing": weak.thing.ref, "at": "0:15"}],
            "repairs": [{"thing": weak.thing.ref, "duration": "0:45", "skill": _SKILL, "people": 2}],
            "crews": [{"organisation": weak.thing.owner, "skill": _SKILL, "people": 2}],
        },
        "objectives": [
            {"id": "picture", "name": said["picture"], "capability": said["picture-capability"]},
            {"id": "service", "name": said["service"], "capability": said["service-capability"]},
            {"id": "restore", "name": said["restore"], "capability": said["restore-capability"]},
        ],
        "injects": list(_list_injects(weak, first, said)),
        "expectations": list(_list_expectations(weak, [ref for ref in members if ref != weak.thing.owner], said)),
    }


def _list_injects(weak: WeakPoint, first: Mapping[str, Thing], said: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield {
        "id": "election-week",
        "at": "0:00",
        "to": ["all"],
        "from": said["municipal-desk"],
        "subject": said["election-subject"],
        "text": said["election-text"],
        "objective": "picture",
    }
    yield {
        "id": "down",
        "when": {"thing": weak.thing.ref, "state": "down"},
        "to": [weak.thing.owner],
        "from": said["monitoring"],
        "subject": said["down-subject"],
        "text": said["down-text"],
        "objective": "restore",
    }
    for number, (owner, service) in enumerate(sorted(first.items()), 1):
        yield {
            "id": f"service-{number}",
            "when": {"thing": service.ref, "state": "down"},
            "to": [owner],
            "from": said["desk"],
            "subject": f"{service.name}: {said['service-subject']}",
            "text": said["service-text"],
            "objective": "service",
        }
    yield {
        "id": "polling",
        "at": "0:40",
        "to": ["all"],
        "from": said["polling-desk"],
        "subject": said["polling-subject"],
        "text": said["polling-text"],
        "objective": "service",
    }
    yield {
        "id": "press",
        "at": "1:00",
        "to": ["all"],
        "from": said["press"],
        "subject": said["press-subject"],
        "text": said["press-text"],
        "objective": "picture",
    }
    yield {
        "id": "crew-asks",
        "when": {"expectation": "send-crew", "status": "failed"},
        "to": [weak.thing.owner],
        "kind": "contingency",
        "from": said["monitoring"],
        "subject": said["crew-subject"],
        "text": said["crew-text"],
        "objective": "restore",
    }
    yield {
        "id": "back",
        "when": {"thing": weak.thing.ref, "state": "up"},
        "to": ["all"],
        "from": said["monitoring"],
        "subject": said["back-subject"],
        "text": said["back-text"],
        "objective": "restore",
    }


def _list_expectations(weak: WeakPoint, others: Sequence[str], said: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield {
        "id": "confirm",
        "objective": "picture",
        "name": said["confirm"],
        "inject": "election-week",
        "type": "acknowledge",
        "within": "0:20",
        "scope": "any",
        "score": 5,
    }
    if others:
        yield {
            "id": "tell-others",
            "objective": "picture",
            "name": said["tell-others"],
            "inject": "down",
            "of": [weak.thing.owner],
            "type": "share",
            "within": "0:20",
            "score": 20,
        }
    yield {
        "id": "send-crew",
        "objective": "restore",
        "name": said["send-crew"],
        "inject": "down",
        "of": [weak.thing.owner],
        "type": "decide",
        "effect": "assign-crew",
        "about": weak.thing.ref,
        "within": "0:30",
        "score": 20,
    }
    yield {
        "id": "publish",
        "objective": "service",
        "name": said["publish"],
        "inject": "polling",
        "type": "decide",
        "effect": "publish",
        "within": "0:30",
        "score": 10,
    }
    yield {
        "id": "estimate",
        "objective": "picture",
        "name": said["estimate"],
        "inject": "press",
        "type": "estimate",
        "within": "0:30",
        "score": 10,
    }
    yield {
        "id": "picture",
        "objective": "picture",
        "name": said["shared-picture"],
        "type": "document",
        "within": "2:15",
        "score": 10,
        "check": "evaluator",
    }


_HEADS: Final[Mapping[str, Sequence[str]]] = {
    "nl": (
        "Gemaakt uit het landschap van dit knooppunt: wat uitvalt en wat ervan afhangt, staat zo in de registraties.",
        "Het verhaal eromheen is verzonnen. Pas het aan voordat u ermee oefent.",
    ),
    "en": (
        "Made from the estate of this node: what fails and what hangs on it stands so in the records.",
        "The story around it is made up. Change it before you practise with it.",
    ),
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "nl": {
        "name": "{thing} valt uit in de week van de verkiezingen",
        "description": "Vier dagen voor de verkiezingen valt {thing} uit. In deze oefening hangen er {number} "
        "diensten van af. De deelnemers maken samen een beeld, gaan door zonder, en brengen het terug.",
        "picture": "Samen een beeld maken",
        "picture-capability": "Informatie delen",
        "service": "De dienst aan inwoners gaat door",
        "service-capability": "Continuïteit",
        "restore": "Het komt terug in een goede volgorde",
        "restore-capability": "Herstel",
        "municipal-desk": "Bureau Verkiezingen",
        "election-subject": "Het is de week van de verkiezingen",
        "election-text": "Over vier dagen wordt er gestemd. Kiezers vragen deze week een vervangende stempas aan, "
        "geven een volmacht door en zoeken hun stembureau. Bevestig dat u meedoet en zeg wie bij u de leiding heeft "
        "(een rol, geen naam).",
        "monitoring": "Bewaking",
        "down-subject": "{thing} reageert niet meer",
        "down-text": "Sinds enkele minuten komt er geen antwoord meer. De oorzaak is onbekend. Bepaal wat u doet, en "
        "wie het moet weten.",
        "desk": "Klantcontact",
        "service-subject": "de dienst is niet bereikbaar",
        "service-text": "De telefoon staat niet stil: inwoners komen er niet in. Wat zeggen wij, en hoe helpen wij wie "
        "niet kan wachten?",
        "polling-desk": "Bureau Verkiezingen",
        "polling-subject": "Vervangende stempassen: kiezers komen er niet door",
        "polling-text": "De termijn voor een vervangende stempas loopt vrijdag af. Kiezers zeggen dat zij hun recht "
        "niet kunnen gebruiken. Besluit wat u bekendmaakt en hoe het zonder het systeem kan.",
        "press": "Landelijk dagblad",
        "press-subject": "Hoeveel mensen zijn getroffen?",
        "press-text": "Wij schrijven een artikel dat om zes uur verschijnt. Hoeveel inwoners van u hebben hier last "
        "van, en wanneer werkt het weer?",
        "crew-subject": "Er is nog geen ploeg op weg",
        "crew-text": "De herstelploeg wacht op uw opdracht. Zonder opdracht begint het herstel niet.",
        "back-subject": "{thing} werkt weer",
        "back-text": "De eerste gebruikers komen er weer in. Zeg wat u eerst weer opstart, en vertel het de anderen.",
        "confirm": "Bevestigt het eerste bericht",
        "tell-others": "Vertelt het een andere organisatie",
        "send-crew": "Stuurt een ploeg om het te herstellen",
        "publish": "Besluit wat er bekend wordt gemaakt",
        "estimate": "Schat hoeveel inwoners zijn getroffen",
        "shared-picture": "Legt vast wat er aan de hand is",
    },
    "en": {
        "name": "{thing} fails in election week",
        "description": "Four days before the election {thing} fails. In this exercise {number} services hang on it. "
        "The players make a picture together, go on without it, and bring it back.",
        "picture": "Make a picture together",
        "picture-capability": "Information sharing",
        "service": "Services to people go on",
        "service-capability": "Continuity",
        "restore": "It comes back in a good order",
        "restore-capability": "Recovery",
        "municipal-desk": "Elections desk",
        "election-subject": "It is the week of the election",
        "election-text": "In four days people vote. This week they ask for a new poll card, name a proxy and look for "
        "their polling station. Confirm that you take part, and say who leads with you (a role, no name).",
        "monitoring": "Monitoring",
        "down-subject": "{thing} no longer answers",
        "down-text": "For some minutes there has been no answer. The cause is unknown. Decide what you do, and who "
        "must know.",
        "desk": "Front office",
        "service-subject": "the service cannot be reached",
        "service-text": "The telephone does not stop: people cannot get in. What do we say, and how do we help who "
        "cannot wait?",
        "polling-desk": "Elections desk",
        "polling-subject": "New poll cards: people do not get through",
        "polling-text": "The time for a new poll card ends on Friday. People say that they cannot use their right. "
        "Decide what you make known, and how it can be done without the system.",
        "press": "National newspaper",
        "press-subject": "How many people are affected?",
        "press-text": "Our article appears at six. How many of your people are affected, and when will it work again?",
        "crew-subject": "No crew is on its way yet",
        "crew-text": "The crew waits for your word. Without it the repair does not begin.",
        "back-subject": "{thing} works again",
        "back-text": "The first users get in again. Say what you start first, and tell the others.",
        "confirm": "Confirms the first message",
        "tell-others": "Tells another organisation",
        "send-crew": "Sends a crew to repair it",
        "publish": "Decides what is made known",
        "estimate": "Estimates how many people are affected",
        "shared-picture": "Writes down what is going on",
    },
}
