"""The records of a day as an estate: what needs what, who is behind whom, and what stops with a supplier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.collection import without_collection
from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import Estate, EstateBuilder, Member, Sweep, list_scenarios, sweep_failures
from eendracht.kernel.estate.model import MAX_HOURS
from eendracht.kernel.identity import SameAs, cluster_parties
from eendracht.kernel.kinds import Kind, Registry
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store

NODES: Final = frozenset(
    {
        "organisation",
        "supplier",
        "team",
        "public-service",
        "business-process",
        "application",
        "interface",
        "component",
        "dataset",
        "platform",
        "facility",
        "failure-domain",
        "domain-name",
    }
)
"""Kinds that can fail; the others are paper."""

_GROUP_FIELD: Final = "requirementGroups"
_NUMBERS: Final = ("kvk", "lei")
"""Numbers that make two suppliers one party."""
_RESOLVED: Final = 0.9
"""Same-as claims at or above this confidence, or confirmed, join two parties."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What an estate needs to remember of a record."""

    ref: str
    name: str
    kind: str
    owner: str
    criticality: str
    uses_per_day: int | None
    place: str
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class Ownership:
    """A stake that one supplier holds in another on the day of the landscape; share in per cent."""

    owned: str
    owner: str
    share: float


@dataclass(frozen=True)
class Landscape:
    """An estate with the records behind its nodes; `things` and the estate's nodes have the same order."""

    day: date
    estate: Estate
    things: Sequence[Thing]
    same_as: Sequence[SameAs]
    open_claims: int
    """How many same-as claims nobody settled: so many doubts there are about who is who."""
    ownerships: Sequence[Ownership]
    aliases: Mapping[str, str]
    """Other names, former and present, of the things that are there."""

    def locate(self, name: str) -> int:
        """Give the node of a ref or former ref; raises NotFound."""
        try:
            return self.estate.locate(self.aliases.get(name, name))
        except NotFound as error:
            raise NotFound(f"{name} is no part of the estate", hint="Find it first: eendracht find.") from error

    @cached_property
    def clusters(self) -> Mapping[str, str]:
        """The supplier that stands for each supplier: the smallest ref of its same-as cluster that is there."""
        suppliers = [thing.ref for thing in self.things if thing.kind == "supplier"]
        joined = cluster_parties(suppliers, self.same_as, _RESOLVED)
        standing: dict[str, str] = {}
        for ref in sorted(suppliers):
            standing.setdefault(joined[ref], ref)
        return {ref: standing[joined[ref]] for ref in suppliers}

    @cached_property
    def _stakes(self) -> Mapping[str, Mapping[str, float]]:
        """The share that each cluster holds in each other; two records of one party say the same stake once."""
        said: dict[tuple[str, str, str], float] = defaultdict(float)
        for stake in self.ownerships:
            owner, target = (self.clusters.get(ref, ref) for ref in (stake.owner, stake.owned))
            said[owner, target, stake.owned] += stake.share
        held: dict[str, dict[str, float]] = defaultdict(dict)
        for (owner, target, _), share in said.items():
            if owner != target:
                held[owner][target] = max(held[owner].get(target, 0.0), share)
        return held

    @cached_property
    def controlled(self) -> Mapping[str, frozenset[str]]:
        """For each cluster those that it controls: itself, and all of which these hold more than half together."""
        return {cluster: self._control(cluster) for cluster in sorted(set(self.clusters.values()))}

    def _control(self, cluster: str) -> frozenset[str]:
        seen, waiting = {cluster}, [cluster]
        together: dict[str, float] = defaultdict(float)
        while waiting:
            for target, share in self._stakes.get(waiting.pop(), {}).items():
                together[target] += share
                if together[target] > 50 and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)

    @cached_property
    def _members(self) -> Mapping[str, list[int]]:
        members: dict[str, list[int]] = defaultdict(list)
        for node, thing in enumerate(self.things):
            if thing.kind == "supplier":
                members[self.clusters[thing.ref]].append(node)
        return members

    @property
    def supplier_clusters(self) -> list[str]:
        """Every cluster of suppliers, by its smallest ref."""
        return list(self.controlled)

    def seeds_of(self, cluster: str) -> list[int]:
        """Give the nodes that fail when a supplier stops: its same-as cluster and everything it controls."""
        return [node for other in self.controlled[cluster] for node in self._members[other]]

    def sweep_suppliers(self) -> Sweep:
        """Let every supplier stop, one at a time; scenario n is `supplier_clusters[n]`. Unresolved refs hold."""
        scenarios = list_scenarios(self.seeds_of(cluster) for cluster in self.supplier_clusters)
        return sweep_failures(self.estate, scenarios, unknown="best")

    def sweep_nodes(self, nodes: Sequence[int]) -> Sweep:
        """Let every one of these nodes fail alone; scenario n is the n-th of them."""
        return sweep_failures(self.estate, list_scenarios([node] for node in nodes), unknown="best")


def build_landscape(
    store: Store,
    asker: Principal,
    as_of: date | None = None,
    known_at: int | str | None = None,
    kinds: Sequence[str] = ("",),
) -> Landscape:
    """Read the records of a day, of these kinds alone where they are given, and make the estate that the asker may see.

    A ref to something hidden or absent is unresolved: it counts as holding in the best case and failing in the worst.
    """
    reader = _Reader(store.registry, as_of or today(store.clock))
    with without_collection():
        for kind in kinds:
            for record in store.snapshot(asker, as_of, known_at, kind=kind):
                reader.take(record)
        reader.rename(
            store.driver.reader().query(
                "SELECT uid, ref FROM former_ref"
                " UNION SELECT r.uid, r.ref FROM record r JOIN former_ref f ON f.uid = r.uid"
            )
        )
        return reader.finish()


class _Reader:
    """Takes in the records of a day one by one; refs are settled when all are there."""

    def __init__(self, registry: Registry, day: date) -> None:
        self.registry = registry
        self.day = day.isoformat()
        self.date = day
        self.things: list[Thing] = []
        self.ref_of_uid: dict[str, str] = {}
        self.groups: list[tuple[str, list[Member | str], dict[str, Any]]] = []
        self.claims: list[SameAs] = []
        self.open_claims = 0
        self.ownerships: list[Ownership] = []
        self.numbered: dict[tuple[str, str], str] = {}
        self.aliases: dict[str, str] = {}

    def take(self, record: Record) -> None:
        """Take in one record."""
        if record.kind == "same-as":
            self._take_claim(record.spec(self.registry))
        if record.kind not in NODES:
            return
        kind = self.registry.get(record.kind)
        spec = record.spec(self.registry)
        source = record.data["source"]
        ref = record.ref
        self.ref_of_uid[record.uid] = ref
        self.things.append(
            Thing(
                ref,
                spec["name"],
                kind.name,
                record.owner,
                spec.get("criticality", "unknown"),
                spec.get("usesPerDay"),
                source["place"] or source["system"],
                record.is_synthetic,
            )
        )
        self._take_relations(kind, ref, spec)
        if kind.name == "supplier":
            self._take_party(ref, spec)

    def _take_party(self, ref: str, spec: Mapping[str, Any]) -> None:
        for stake in spec.get("ownerships", ()):
            begin, end = stake.get("validFrom") or "", stake.get("validUntil") or "9999-12-31"
            if begin <= self.day < end:
                self.ownerships.append(Ownership(ref, stake["owner"], float(stake["share"])))
        for name in _NUMBERS:
            if spec.get(name):
                first = self.numbered.setdefault((name, spec[name]), ref)
                if first != ref:
                    self.claims.append(SameAs(first, ref, 1.0))

    def _take_claim(self, spec: Mapping[str, Any]) -> None:
        status = spec.get("status", "proposed")
        if status == "rejected":
            return
        confidence = 1.0 if status == "confirmed" else float(spec["confidence"])
        self.open_claims += confidence < _RESOLVED
        self.claims.append(SameAs(spec["left"], spec["right"], confidence))

    def _take_relations(self, kind: Kind, ref: str, spec: Mapping[str, Any]) -> None:
        for path in kind.requirements:
            if path.path[0] in spec:
                options: dict[str, Any] = {"phase": path.relation.phase, "label": path.field}
                self.groups += [(ref, [target], options) for _, target in path.find(spec)]
        if spec.get("hosting") == "saas" and spec.get("suppliedBy") and not spec.get("operatedBy"):
            # Software as a service is run by whoever supplies it, unless the record names another operator.
            self.groups.append((ref, [spec["suppliedBy"]], {"phase": "run", "label": "saas"}))
        for group in spec.get(_GROUP_FIELD, ()):
            options = _options(group)
            members: list[Member | str] = [_member(said, options["phase"]) for said in group["members"]]
            self.groups.append((ref, members, options))

    def rename(self, names: Iterable[Sequence[str]]) -> None:
        """Let every other name (uid, ref) of a record that is there lead to the name that it has here."""
        for uid, name in names:
            present = self.ref_of_uid.get(uid)
            if present is not None and name != present:
                self.aliases[name] = present

    def finish(self) -> Landscape:
        """Put the estate together."""
        builder = EstateBuilder()
        for thing in self.things:
            builder.add_node(thing.ref, kind=thing.kind, critical=thing.criticality == "critical")
        for consumer, members, options in self.groups:
            settled, k = self._settle(consumer, members, options.get("k", 1))
            if k > 0:
                builder.add_group(consumer, settled, **(options | {"k": k}))
        claims = [SameAs(self._name(c.left), self._name(c.right), c.confidence) for c in self.claims]
        stakes = [Ownership(o.owned, self._name(o.owner), o.share) for o in self.ownerships]
        return Landscape(self.date, builder.build(), self.things, claims, self.open_claims, stakes, self.aliases)

    def _name(self, ref: str) -> str:
        return self.aliases.get(ref, ref)

    def _settle(self, consumer: str, members: Sequence[Member | str], k: int) -> tuple[list[Member | str], int]:
        """Give the members under their present names, each once, without the consumer, and how many must hold.

        A consumer that counts itself has one of the k for as long as it runs, so k - 1 of the others decide.
        """
        settled: dict[str, Member | str] = {}
        for member in members:
            if isinstance(member, str):
                settled.setdefault(self._name(member), self._name(member))
            else:
                name = self._name(member.provider)
                settled.setdefault(name, replace(member, provider=name))
        k = min(k, len(settled))
        if settled.pop(consumer, None) is not None:
            k -= 1
        return list(settled.values()), k


def _member(said: Mapping[str, Any], phase: str) -> Member:
    """Give what the estate knows of a member; nothing switches over before the start."""
    hours = min(float(said.get("switchOverHours", 0)), MAX_HOURS) if phase == "run" else 0.0
    return Member(said["provider"], hours, said.get("automatic", True), bool(said.get("testedOn")))


def _options(group: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the estate knows of a group; a group to start with has no buffer."""
    phase = group.get("phase", "run")
    return {
        "k": group.get("k", 1),
        "phase": phase,
        "buffer_hours": min(float(group.get("bufferHours", 0)), MAX_HOURS) if phase == "run" else 0.0,
        "label": group.get("label", ""),
    }
