"""The records of a day as an estate: what needs what, who is behind whom, and what stops with a supplier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import Estate, EstateBuilder, Member, Sweep, list_scenarios, sweep_failures
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

    def locate(self, name: str) -> int:
        """Give the node of a ref or former ref; raises NotFound."""
        try:
            return self.estate.locate(self.aliases.get(name, name))
        except NotFound as error:
            raise NotFound(f"{name} is no part of the estate", hint="Find it first: eendracht find.") from error

    @cached_property
    def clusters(self) -> Mapping[str, str]:
        """The supplier that stands for each supplier: the smallest ref of its same-as cluster."""
        suppliers = [thing.ref for thing in self.things if thing.kind == "supplier"]
        return cluster_parties(suppliers, self.same_as, _RESOLVED)

    @cached_property
    def controlled(self) -> Mapping[str, frozenset[str]]:
        """For each cluster the clusters that it controls: itself, and all it owns for more than half, however deep."""
        owned: dict[str, set[str]] = defaultdict(set)
        for stake in self.ownerships:
            owner, target = (self.clusters.get(ref, ref) for ref in (stake.owner, stake.owned))
            if stake.share > 50 and owner != target:
                owned[owner].add(target)
        result = {}
        for cluster in sorted(set(self.clusters.values())):
            seen = {cluster}
            waiting = [cluster]
            while waiting:
                fresh = owned.get(waiting.pop(), set()) - seen
                seen |= fresh
                waiting.extend(fresh)
            result[cluster] = frozenset(seen)
        return result

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
    store: Store, asker: Principal, as_of: date | None = None, known_at: int | str | None = None
) -> Landscape:
    """Read the records of a day and make the estate that the asker may see.

    A ref to something hidden or absent is unresolved: it counts as holding in the best case and failing in the worst.
    """
    day = as_of or today(store.clock)
    reader = _Reader(store.registry, day)
    for record in store.snapshot(asker, as_of, known_at):
        reader.take(record)
    rows = store.driver.reader().query("SELECT f.ref, r.ref FROM former_ref f JOIN record r ON r.uid = f.uid")
    former: dict[str, str] = {row[0]: row[1] for row in rows}
    return reader.finish(former)


class _Reader:
    def __init__(self, registry: Registry, day: date) -> None:
        self.registry = registry
        self.day = day.isoformat()
        self.date = day
        self.things: list[Thing] = []
        self.groups: list[tuple[str, list[Member | str], dict[str, Any]]] = []
        self.claims: list[SameAs] = []
        self.open_claims = 0
        self.ownerships: list[Ownership] = []

    def take(self, record: Record) -> None:
        kind = self.registry.get(record.kind)
        if kind.name == "same-as":
            self._take_claim(record.spec(self.registry))
        if kind.name not in NODES:
            return
        spec = record.spec(self.registry)
        source = record.data["source"]
        ref = record.ref
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
        for stake in spec.get("ownerships", ()):
            begin, end = stake.get("validFrom") or "", stake.get("validUntil") or "9999-12-31"
            if begin <= self.day < end:
                self.ownerships.append(Ownership(ref, stake["owner"], float(stake["share"])))

    def _take_claim(self, spec: Mapping[str, Any]) -> None:
        status = spec.get("status", "proposed")
        if status == "rejected":
            return
        confidence = 1.0 if status == "confirmed" else float(spec["confidence"])
        self.open_claims += confidence < _RESOLVED
        self.claims.append(SameAs(spec["left"], spec["right"], confidence))

    def _take_relations(self, kind: Kind, ref: str, spec: Mapping[str, Any]) -> None:
        for path in kind.requirements:
            if path.path[0] not in spec:
                continue
            options: dict[str, Any] = {"phase": path.relation.phase, "label": path.field}
            self.groups += [(ref, [target], options) for _, target in path.find(spec) if target != ref]
        if spec.get("hosting") == "saas" and spec.get("suppliedBy") and not spec.get("operatedBy"):
            # Software as a service is run by whoever supplies it, unless the record names another operator.
            self.groups.append((ref, [spec["suppliedBy"]], {"phase": "run", "label": "saas"}))
        for group in spec.get(_GROUP_FIELD, ()):
            members: list[Member | str] = [
                Member(
                    member["provider"],
                    float(member.get("switchOverHours", 0)),
                    member.get("automatic", True),
                    True if member.get("testedOn") else None,
                )
                for member in group["members"]
            ]
            options = {
                "k": group.get("k", 1),
                "phase": group.get("phase", "run"),
                "buffer_hours": float(group.get("bufferHours", 0)),
                "label": group.get("label", ""),
            }
            self.groups.append((ref, members, options))

    def finish(self, former: Mapping[str, str]) -> Landscape:
        builder = EstateBuilder()
        present = {thing.ref for thing in self.things}
        aliases = {old: new for old, new in former.items() if new in present and old not in present}
        for thing in self.things:
            builder.add_node(thing.ref, kind=thing.kind, critical=thing.criticality == "critical")
        for consumer, members, options in self.groups:
            builder.add_group(consumer, _rename(members, aliases) if aliases else members, **options)
        return Landscape(
            self.date, builder.build(), self.things, self.claims, self.open_claims, self.ownerships, aliases
        )


def _rename(members: Iterable[Member | str], aliases: Mapping[str, str]) -> list[Member | str]:
    result: list[Member | str] = []
    for member in members:
        if isinstance(member, str):
            result.append(aliases.get(member, member))
        else:
            result.append(
                Member(
                    aliases.get(member.provider, member.provider),
                    member.switch_over_hours,
                    member.automatic,
                    member.tested,
                )
            )
    return result
