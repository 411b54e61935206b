"""An advisory against the landscape: which things it touches, which services rest on them, for whom, and who acts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.resilience.advisories.matching import (
    MATCHED,
    OPEN,
    OUTCOMES,
    Identity,
    Outcome,
    ProductIndex,
    Verdict,
    identify,
    list_doubted,
    match_thing,
)
from eendracht.resilience.advisories.said import AdvisorySaid, Measure
from eendracht.resilience.advisories.terms import set_term
from eendracht.resilience.demand import Bounds, Demands, read_demands

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape, Thing

MOST_AROUND: Final = 200
"""So many neighbours of a thing are looked at to see in which product it is used."""


@dataclass(frozen=True)
class TouchedThing:
    """A thing of which an advisory speaks: what each vulnerability means for it, what rests on it, and who acts."""

    thing: Thing
    verdicts: Sequence[Verdict]
    services: Sequence[Thing]
    """Public services that need it, at any distance."""
    acts: str
    """Ref of who has to act: who operates it, else its owner."""
    due_on: date | None
    doubted: frozenset[str] = frozenset()
    """Vulnerabilities of which something is said for what it may be, without a verdict."""

    @property
    def outcome(self) -> Outcome:
        """The worst outcome."""
        return min((verdict.outcome for verdict in self.verdicts), key=OUTCOMES.index)

    @property
    def score(self) -> float | None:
        """The highest score of what is still open."""
        scores = [item.score for item in self.verdicts if item.outcome in OPEN and item.score is not None]
        return max(scores, default=None)

    @property
    def measures(self) -> Sequence[Measure]:
        """What can be done, each once."""
        return list(dict.fromkeys(item for verdict in self.verdicts for item in verdict.measures))


@dataclass(frozen=True)
class Assessment:
    """What an advisory means here: things with the worst outcome first, then with the highest score."""

    said: AdvisorySaid
    touched: Sequence[TouchedThing]
    looked_at: int
    """How many things were compared."""
    demands: Demands
    is_synthetic: bool
    doubted: frozenset[str] = frozenset()
    """Refs of things that the advisory may speak of, without anything that can be said of them."""

    def of(self, outcome: Outcome) -> list[TouchedThing]:
        """Give the things with an outcome."""
        return [item for item in self.touched if item.outcome == outcome]

    @cached_property
    def open_services(self) -> Sequence[Thing]:
        """The services that rest on something that is affected or may be, each once."""
        found = {thing.ref: thing for item in self.touched if item.outcome in OPEN for thing in item.services}
        return [found[ref] for ref in sorted(found)]

    @cached_property
    def persons(self) -> Bounds:
        """How many people rely on one of these services."""
        return self.demands.count_persons(thing.ref for thing in self.open_services)


def assess_advisory(store: Store, asker: Principal, said: AdvisorySaid, received_on: date) -> Assessment:
    """Compare an advisory with everything that the asker may see."""
    # The estate is not for a server that nobody asks.
    from eendracht.kernel.landscape import build_landscape

    landscape = build_landscape(store, asker)
    records = {record.ref: record for kind in MATCHED for record in store.snapshot(asker, landscape.day, kind=kind)}
    identities = _identify_all(store, asker, landscape, records)
    index = ProductIndex(said.products)
    touched, doubted = [], set()
    for ref, identity in identities.items():
        if ref not in landscape.estate.index:
            continue
        look = partial(_look_around, landscape, landscape.estate.index[ref], identities)
        verdicts = match_thing(said, index, identity, look)
        in_doubt = list_doubted(said, index, identity, verdicts)
        if verdicts:
            thing = _describe(landscape, records[ref].spec(store.registry), ref, verdicts, received_on)
            touched.append(replace(thing, doubted=in_doubt))
        elif in_doubt:
            doubted.add(ref)
    touched.sort(key=lambda item: (OUTCOMES.index(item.outcome), -(item.score or 0), item.thing.ref))
    demands = read_demands(store, asker, landscape)
    is_synthetic = any(item.thing.is_synthetic for item in touched)
    return Assessment(said, touched, len(identities), demands, is_synthetic, frozenset(doubted))


def _identify_all(
    store: Store, asker: Principal, landscape: Landscape, records: Mapping[str, Record]
) -> dict[str, Identity]:
    names: dict[str, list[str]] = {}
    for record in store.snapshot(asker, landscape.day, kind="supplier"):
        spec = record.spec(store.registry)
        names[record.ref] = [spec["name"], *spec.get("alsoKnownAs", ()), *filter(None, [spec.get("legalName")])]

    def suppliers_of(spec: Mapping[str, Any]) -> Iterable[str]:
        supplier = spec.get("suppliedBy") or ""
        return names.get(landscape.aliases.get(supplier, supplier), ())

    specs = {ref: record.spec(store.registry) for ref, record in records.items()}
    return {ref: identify(spec, suppliers_of(spec)) for ref, spec in specs.items()}


def _look_around(landscape: Landscape, node: int, identities: Mapping[str, Identity]) -> list[Identity]:
    """Give what a thing is used in and what it runs on, one step away."""
    table = landscape.estate.run
    nodes = [int(table.consumer[table.group_of_member[at]]) for at in table.memberships.of(node).tolist()]
    for group in table.groups_of(node):
        nodes += table.provider[table.members_of(group)].tolist()
    near = (landscape.things[other].ref for other in nodes[:MOST_AROUND] if other < len(landscape.things))
    return [identities[ref] for ref in near if ref in identities]


def find_services(landscape: Landscape, begin: int) -> list[Thing]:
    """Give the public services that need a node to run, itself or by what they need, in order of ref."""
    table = landscape.estate.run
    seen, waiting = {begin}, [begin]
    while waiting:
        for at in table.memberships.of(waiting.pop()).tolist():
            consumer = int(table.consumer[table.group_of_member[at]])
            if consumer not in seen:
                seen.add(consumer)
                waiting.append(consumer)
    things = (landscape.things[node] for node in seen)
    return sorted((thing for thing in things if thing.kind == "public-service"), key=lambda thing: thing.ref)


def _describe(
    landscape: Landscape, spec: Mapping[str, Any], ref: str, verdicts: Sequence[Verdict], received_on: date
) -> TouchedThing:
    node = landscape.estate.index[ref]
    thing = landscape.things[node]
    acts = spec.get("operatedBy") or (spec.get("suppliedBy") if spec.get("hosting") == "saas" else None) or thing.owner
    acts = landscape.aliases.get(acts, acts)
    return TouchedThing(thing, verdicts, find_services(landscape, node), acts, set_term(verdicts, received_on))
