"""What a demonstration of the wing holds: the largest supplier stops, with who feels it and who can repair it.

Everything is made up, and follows from refs alone, so that it is the same each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.identity import slug
from eendracht.kernel.impact import rank_suppliers
from eendracht.kernel.instance import Instance
from eendracht.kernel.landscape import Landscape, Thing, build_landscape
from eendracht.kit.made_up import made_up, record
from eendracht.resilience.crypto.demo import list_crypto_drafts
from eendracht.resilience.demo_accounts import fill_accounts
from eendracht.resilience.quantum.demo import list_quantum_drafts

SCENARIO: Final = "scenario:demo/grootste-leverancier"
_ELDERLY_PER_CENT: Final = 20
_MOST_PLANS: Final = 60
"""So many things that hang directly on the supplier have a restore plan; of the others nobody wrote one."""
_OFFICE: Final = tuple(
    0 if hour < 7 else {8: 4, 9: 9, 10: 10, 11: 9, 12: 6, 13: 8, 14: 9, 15: 8, 16: 6}.get(hour, 2 if day < 5 else 1)
    for day in range(7)
    for hour in range(24)
)
_SKILLS: Final = {
    "application": ("application", 2),
    "component": ("platform", 2),
    "platform": ("platform", 2),
    "facility": ("facility", 1),
    "domain-name": ("network", 1),
}
_CREWS: Final = (("application", 6, 3), ("platform", 4, 2), ("network", 3, 1), ("facility", 4, 1), ("crisis", 2, 2))
"""Skill, people by day, people by night."""
_PAPER: Final = (
    "Neem de aanvraag op papier aan, met naam, bereikbaarheid en de vraag. Geef een ontvangstbewijs met datum. Schrijf"
    " wat niet kan wachten op het spoedformulier en bel de achterwacht. Voer alles in zodra het systeem terug is."
)


def fill_demo(instance: Instance) -> dict[str, Any]:
    """Record scenario, use of services, restore plans, crews, contacts and cryptography; asks for no settings."""
    landscape = build_landscape(instance.store, OPERATOR)
    ranking = [item for item in rank_suppliers(landscape, counted=0) if item.failed_critical]
    if ranking:
        record(instance, _list_drafts(instance, landscape, ranking[0].ref))
    record(instance, list_quantum_drafts(landscape))
    fill_accounts(instance, landscape, _list_owners(landscape))
    return {}


def _list_drafts(instance: Instance, landscape: Landscape, supplier: str) -> Iterator[dict[str, Any]]:
    owner = _list_owners(landscape)[0]
    name = landscape.things[landscape.locate(supplier)].name
    yield made_up(
        SCENARIO,
        owner,
        f"De grootste leverancier stopt: {name}",
        "organisation",
        seeds=[{"selector": supplier}],
        beginsAtHour=9,
        assumptions=["De leverancier komt niet terug; wat hij beheerde moet zonder hem verder."],
    )
    inhabitants = {
        item.ref: item.spec(instance.store.registry).get("inhabitants")
        for item in instance.store.snapshot(OPERATOR, kind="organisation")
    }
    owners = sorted({thing.owner for thing in landscape.things if thing.kind == "public-service"})
    yield from _segments(owners, inhabitants)
    yield from _demands(landscape, inhabitants)
    yield from _restore_plans(landscape, supplier)
    yield from _crews(owner)
    yield from _contacts(owners)
    yield from list_crypto_drafts(landscape)


def _list_owners(landscape: Landscape) -> list[str]:
    """Give the owners of applications, the one with most of them first."""
    applications = Counter(thing.owner for thing in landscape.things if thing.kind == "application")
    return sorted(applications, key=lambda ref: (-applications[ref], ref))


def _segment(owner: str, group: str) -> str:
    return f"population-segment:demo/{owner.partition(':')[2]}-{group}"


def _segments(owners: Sequence[str], inhabitants: dict[str, int | None]) -> Iterator[dict[str, Any]]:
    for owner in owners:
        people = inhabitants.get(owner)
        if people and owner.startswith("organisation:gm"):
            old = people * _ELDERLY_PER_CENT // 100
            for group, persons in (("tot-65", people - old), ("65-plus", old)):
                label = "tot 65 jaar" if group == "tot-65" else "65 jaar en ouder"
                shown: dict[str, Any] = {"persons": persons, "municipality": owner, "group": label}
                yield made_up(_segment(owner, group), owner, f"Inwoners {label}", "organisation", **shown)


def _demands(landscape: Landscape, inhabitants: dict[str, int | None]) -> Iterator[dict[str, Any]]:
    for thing in landscape.things:
        people = inhabitants.get(thing.owner)
        if thing.kind != "public-service" or not people or not thing.owner.startswith("organisation:gm"):
            continue
        old = people * _ELDERLY_PER_CENT // 100
        share = 5 + _pick(thing.ref, 40)
        yield made_up(
            f"demand:demo/{slug(thing.ref.partition(':')[2])}",
            thing.owner,
            f"Gebruik van {thing.name}",
            "organisation",
            service=thing.ref,
            usesPerDay=thing.uses_per_day or max(1, people * share // 10_000),
            segments=[
                {"segment": _segment(thing.owner, "tot-65"), "persons": (people - old) * share // 100},
                {"segment": _segment(thing.owner, "65-plus"), "persons": old * share // 100},
            ],
            profile=list(_OFFICE),
            deferrableShare=f"0.{3 + _pick(thing.ref, 6)}",
        )


def _restore_plans(landscape: Landscape, supplier: str) -> Iterator[dict[str, Any]]:
    """Give a way back to what hangs on the supplier itself, and a paper procedure to critical services."""
    table = landscape.estate.run
    hanging: dict[int, Thing] = {}
    for seed in landscape.seeds_of(landscape.clusters[supplier]):
        for at in table.memberships.of(seed).tolist():
            node = int(table.consumer[table.group_of_member[at]])
            hanging[node] = landscape.things[node]
    things = sorted((thing for thing in hanging.values() if thing.kind in _SKILLS), key=lambda thing: thing.ref)
    for thing in things[:_MOST_PLANS]:
        skill, people = _SKILLS[thing.kind]
        modes: list[dict[str, Any]] = [
            {
                "mode": "switch-supplier",
                "durationHours": str(3 + _pick(thing.ref, 10)),
                "crews": [{"skill": skill, "people": people}],
            }
        ]
        if _pick(thing.ref, 3) == 0:
            crews = [{"skill": skill, "people": 1}, {"skill": "crisis", "people": 1}]
            modes.append({"mode": "failover", "durationHours": str(1 + _pick(thing.ref, 3)), "crews": crews})
        yield made_up(
            f"restore-plan:demo/{slug(thing.ref.partition(':')[2])}",
            thing.owner,
            f"Herstel van {thing.name}",
            "organisation",
            about=thing.ref,
            modes=modes,
        )
    for thing in landscape.things:
        if thing.kind == "public-service" and thing.criticality == "critical" and _pick(thing.ref, 4):
            yield made_up(
                f"restore-plan:demo/papier-{slug(thing.ref.partition(':')[2])}",
                thing.owner,
                f"Zonder systeem: {thing.name}",
                "organisation",
                about=thing.ref,
                paperProcedure=_PAPER,
            )


def _crews(owner: str) -> Iterator[dict[str, Any]]:
    for skill, by_day, by_night in _CREWS:
        shifts = [{"fromHour": 7, "untilHour": 19, "people": by_day}]
        shown: dict[str, Any] = {"organisation": owner, "skill": skill, "people": by_night, "shifts": shifts}
        yield made_up(f"crew:demo/{skill}", owner, f"Ploeg {skill}", "organisation", travelHours="1", **shown)


def _contacts(owners: Sequence[str]) -> Iterator[dict[str, Any]]:
    for number, owner in enumerate(owners):
        yield made_up(
            f"crisis-contact:demo/{owner.partition(':')[2]}",
            owner,
            "Crisiscoördinator van dienst",
            "organisation",
            organisation=owner,
            role="Crisiscoördinator van dienst",
            phone=f"088 000 {1000 + number}",
            otherChannel="Verzamelpunt: het crisiscentrum (verzonnen)",
            checkedOn="2026-10-01",
        )


def _pick(ref: str, below: int) -> int:
    """Give a number from 0 that follows from the ref."""
    return sha256(ref.encode()).digest()[0] % below
