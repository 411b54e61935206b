"""Where an algorithm is in use, by whom, for which service, and how many people rely on that.

An asset is used by what its record says, and by every service that needs one of these to run, over however many steps:
an alternative that stands ready is in use as well. People are bounds (`demand`): nobody is counted twice, and what
nobody recorded makes the upper bound that of the population.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.collection import without_collection
from eendracht.kernel.store import Store
from eendracht.resilience.crypto.classes import CLASSES, QuantumClass, classify
from eendracht.resilience.crypto.inventories import sign_asset
from eendracht.resilience.crypto.names import read_family
from eendracht.resilience.crypto.query import Facts, Question, read_question
from eendracht.resilience.demand import Bounds, Demands, read_demands

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape


@dataclass(frozen=True, slots=True)
class Found:
    """An asset that is meant."""

    ref: str
    owner: str
    spec: Mapping[str, Any]
    quantum_class: QuantumClass
    is_synthetic: bool = False
    services: tuple[str, ...] = ()
    """Refs of the services that rely on what uses it."""

    @property
    def family(self) -> str:
        """The family under its usual name, however it was written; empty where it is not known."""
        said = str(self.spec.get("algorithmFamily") or "")
        return read_family(said).family if said else ""

    @property
    def label(self) -> str:
        """Family and parameter set, such as RSA-2048; the name of the asset where the family is not known."""
        return "-".join(part for part in (self.family, self.spec.get("parameterSet")) if part) or str(self.spec["name"])


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """A service that relies on what was found, with how many people rely on it (None: nobody counted)."""

    ref: str
    name: str
    owner: str
    assets: int
    labels: tuple[str, ...]
    persons: int | None


@dataclass(frozen=True)
class Answer:
    """Everything that was found."""

    question: str
    found: Sequence[Found]
    services: Sequence[ServiceUse]
    """Those on which most people rely first; not counted ones last."""
    organisations: Mapping[str, int]
    """How many assets were found of each organisation (by ref)."""
    persons: Bounds
    unplaced: int
    """How many assets are used by something of which no service is known."""
    told_twice: int = 0
    """How many more times the same asset is told of by another inventory; counted once."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of organisations and of what uses the assets, by ref."""

    @property
    def is_synthetic(self) -> bool:
        """Whether any of it was made up."""
        return any(one.is_synthetic for one in self.found)

    @property
    def families(self) -> list[tuple[str, QuantumClass, int]]:
        """How many assets of each family and class; what needs attention first."""
        return count_families(self.found)


def search_cryptography(store: Store, asker: Principal, question: str, landscape: Landscape | None = None) -> Answer:
    """Answer a question as far as the asker may see; raises InvalidInput for one that cannot be read.

    `landscape` is that of today for the asker, where somebody has it already.
    """
    asked = read_question(question)
    with without_collection():
        found, told_twice = _drop_doubles(_find(store, asker, asked))
        # The estate is not for a server that nobody asks.
        from eendracht.kernel.landscape import NODES, build_landscape

        landscape = landscape or build_landscape(store, asker, kinds=(*sorted(NODES), "same-as"))
        demands = read_demands(store, asker, landscape)
        return _put_together(question, found, told_twice, landscape, demands)


@dataclass(frozen=True)
class Overview:
    """How many cryptographic assets there are, by family and class; what needs attention first."""

    assets: int
    unresolved: int
    """Of how many it is not known what they are for."""
    families: Sequence[tuple[str, QuantumClass, int]]
    is_synthetic: bool


def count_cryptography(store: Store, asker: Principal) -> Overview:
    """Count all that the asker may see."""
    everything = Question(lambda _: True, None)
    with without_collection():
        found = list(_find(store, asker, everything))
    unresolved = sum(not one.spec.get("purpose") for one in found)
    return Overview(len(found), unresolved, count_families(found), any(one.is_synthetic for one in found))


def count_families(found: Iterable[Found]) -> list[tuple[str, QuantumClass, int]]:
    """Count assets by family and class; the class that needs most attention first."""
    counted = Counter((one.family, one.quantum_class) for one in found)
    return sorted(
        ((family, of, count) for (family, of), count in counted.items()),
        key=lambda item: (CLASSES.index(item[1]), -item[2], item[0]),
    )


def _find(store: Store, asker: Principal, asked: Question) -> Iterator[Found]:
    """Yield the assets that are meant. Bodies are looked into before they are parsed: most are not meant."""
    name = "cryptographic-asset"
    kind = store.registry.get(name)
    for record in store.sift(asker, name, _look_for(asked)) if asked.families else store.snapshot(asker, kind=name):
        spec = kind.upcast(record.data["spec"], record.data["specVersion"])
        if asked.holds(Facts(spec, record.owner)):
            of = classify(spec.get("algorithmFamily"), spec.get("parameterSet"), spec.get("purpose"))
            yield Found(record.ref, record.owner, spec, of, record.is_synthetic)


def _look_for(asked: Question) -> re.Pattern[bytes]:
    """Give what the canonical bytes of an asset of one of the families hold, in capitals or not."""
    names = b"|".join(re.escape(orjson.dumps(name)[1:-1]) for name in sorted(asked.families or ()))
    return re.compile(b'"algorithmFamily":"(?i:' + names + b')"')


def _drop_doubles(found: Iterator[Found]) -> tuple[list[Found], int]:
    """Leave out what another inventory told already: equal in all that makes two assets one, and in whose they are."""
    kept: dict[tuple[Any, ...], Found] = {}
    more = 0
    for one in found:
        key = (one.owner, *sign_asset(one.spec), *one.spec.get("usedBy", ()))
        first = kept.setdefault(key, one)
        if first.spec.get("inventory") != one.spec.get("inventory"):
            more += 1
        elif first is not one:
            kept[*key, one.ref] = one
    return list(kept.values()), more


def _put_together(
    question: str, found: Sequence[Found], told_twice: int, landscape: Landscape, demands: Demands
) -> Answer:
    reach = _Reach(landscape)
    placed, by_service = [], defaultdict[str, list[Found]](list)
    for one in found:
        services = sorted({ref for user in one.spec.get("usedBy", ()) for ref in reach.services_of(user)})
        placed.append(replace(one, services=tuple(services)))
        for ref in services:
            by_service[ref].append(one)
    things = {thing.ref: thing for thing in landscape.things}
    uses = [
        ServiceUse(
            ref,
            things[ref].name,
            things[ref].owner,
            len(assets),
            tuple(sorted({one.label for one in assets})),
            demands.relying(ref),
        )
        for ref, assets in by_service.items()
    ]
    uses.sort(key=lambda use: (use.persons is None, -(use.persons or 0), use.ref))
    mentioned = {one.owner for one in found} | {user for one in found for user in one.spec.get("usedBy", ())}
    return Answer(
        question,
        placed,
        uses,
        Counter(one.owner for one in found),
        demands.count_persons(by_service) if by_service else Bounds(0, 0),
        sum(not one.services for one in placed),
        told_twice,
        {ref: things[name].name for ref in mentioned if (name := landscape.aliases.get(ref, ref)) in things},
    )


class _Reach:
    """Which services rely on a thing, remembered for each thing."""

    def __init__(self, landscape: Landscape) -> None:
        self._landscape = landscape
        self._known: dict[str, tuple[str, ...]] = {}
        table = landscape.estate.run
        self._consumers: dict[int, list[int]] = defaultdict(list)
        consumers = table.consumer[table.group_of_member].tolist()
        for provider, consumer in zip(table.provider.tolist(), consumers, strict=True):
            self._consumers[provider].append(consumer)

    def services_of(self, ref: str) -> tuple[str, ...]:
        """Give the services that need a thing to run; the service itself where it is one."""
        if ref not in self._known:
            self._known[ref] = tuple(self._walk(ref))
        return self._known[ref]

    def _walk(self, ref: str) -> Iterator[str]:
        start = self._landscape.estate.index.get(self._landscape.aliases.get(ref, ref))
        stack = [] if start is None else [start]
        seen = set(stack)
        while stack:
            node = stack.pop()
            thing = self._landscape.things[node]
            if thing.kind == "public-service":
                yield thing.ref
            for consumer in self._consumers.get(node, ()):
                if consumer not in seen:
                    seen.add(consumer)
                    stack.append(consumer)


def describe_answer(answer: Answer, limit: int) -> dict[str, Any]:
    """Give an answer as plain data, with at most so many assets and services; the counts are of all."""
    return {
        "question": answer.question,
        "assets": len(answer.found),
        "toldTwice": answer.told_twice,
        "withoutService": answer.unplaced,
        "organisations": dict(sorted(answer.organisations.items())),
        "persons": answer.persons.as_dict(),
        "families": [{"family": family, "quantumClass": of, "assets": count} for family, of, count in answer.families],
        "serviceCount": len(answer.services),
        "services": [
            {
                "ref": use.ref,
                "name": use.name,
                "organisation": use.owner,
                "assets": use.assets,
                "algorithms": list(use.labels),
                "persons": use.persons,
            }
            for use in answer.services[:limit]
        ],
        "found": [_describe_found(one) for one in answer.found[:limit]],
        "synthetic": answer.is_synthetic,
    }


def _describe_found(one: Found) -> dict[str, Any]:
    spec = one.spec
    return {
        "ref": one.ref,
        "name": spec["name"],
        "organisation": one.owner,
        "algorithmFamily": spec.get("algorithmFamily"),
        "parameterSet": spec.get("parameterSet"),
        "purpose": spec.get("purpose"),
        "purposeGround": spec.get("purposeGround", "unknown"),
        "quantumClass": one.quantum_class,
        "type": spec.get("type", "unknown"),
        "locations": list(spec.get("locations", ())),
        "implementation": spec.get("implementation", ""),
        "usedBy": list(spec.get("usedBy", ())),
        "services": list(one.services),
        "inventory": spec.get("inventory"),
    }
