"""How far organisations are, one by one and by layer of government; what nobody recorded is unknown, never good.

An organisation has started where an inventory or a plan of it is recorded, or where it says so; it has not where it
says so and nothing of it is recorded. Of all others nobody knows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Literal

from eendracht.kernel.kinds.fields import Answer
from eendracht.resilience.crypto.classes import CLASSES, QuantumClass
from eendracht.resilience.quantum.holdings import Holdings, Party
from eendracht.resilience.quantum.links import Link, State, count_states
from eendracht.resilience.quantum.plan import MilestoneState, MilestoneStatus, MovePlan
from eendracht.resilience.quantum.policy import Milestone

Layer = Literal["central", "province", "municipality", "water-board", "other"]
LAYERS: Final[Sequence[Layer]] = ("central", "province", "municipality", "water-board", "other")
_LAYER_OF: Final[Mapping[str, Layer]] = {
    **dict.fromkeys(
        (
            "ministry",
            "agency",
            "department",
            "inspectorate",
            "advisory-body",
            "high-council-of-state",
            "judicial-body",
            "police",
            "zbo",
        ),
        "central",
    ),
    "province": "province",
    "municipality": "municipality",
    "water-board": "water-board",
}
_STARTED: Final = ("inventorying", "planned", "moving", "done")


@dataclass(frozen=True)
class Readiness:
    """How far one organisation is."""

    party: Party
    layer: Layer
    statement: str
    """What it says itself: not-started, inventorying, planned, moving, done or unknown."""
    inventories: int
    classes: Mapping[QuantumClass, int]
    """Its algorithms in use, by what a quantum computer does to them; unknown where the purpose is."""
    resolved: int
    """Of how many of them the purpose is known."""
    links: Mapping[State, int]
    suppliers: int
    """Suppliers of what it has."""
    suppliers_announced: int
    """Of how many of these a release with a date is recorded, or one that is there."""
    has_plan: bool
    milestones: Sequence[MilestoneStatus]

    @property
    def assets(self) -> int:
        """How many algorithms in use are recorded."""
        return sum(self.classes.values())

    @property
    def started(self) -> Answer:
        """Whether it has begun to prepare."""
        if self.inventories or self.has_plan or self.statement in _STARTED:
            return "yes"
        return "no" if self.statement == "not-started" else "unknown"

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "organisation": self.party.ref,
            "name": self.party.name,
            "layer": self.layer,
            "started": self.started,
            "statement": self.statement,
            "inventories": self.inventories,
            "assets": self.assets,
            "resolved": self.resolved,
            "classes": dict(self.classes),
            "links": dict(self.links),
            "suppliers": self.suppliers,
            "suppliersAnnounced": self.suppliers_announced,
            "hasPlan": self.has_plan,
            "milestones": [
                {
                    "milestone": item.milestone.id,
                    "date": item.milestone.date.isoformat(),
                    "state": item.state,
                    "steps": item.steps,
                    "endsOn": item.ends_on.isoformat() if item.ends_on else None,
                }
                for item in self.milestones
            ],
        }


@dataclass(frozen=True)
class LayerReadiness:
    """How far a layer of government is: counts alone, so that everybody may see them."""

    layer: Layer | Literal["all"]
    organisations: int
    started: Mapping[Answer, int]
    with_inventory: int
    with_plan: int
    classes: Mapping[QuantumClass, int]
    resolved: int
    links: Mapping[State, int]
    suppliers: int
    suppliers_announced: int
    milestones: Mapping[str, Mapping[MilestoneState, int]] = field(default_factory=dict)

    @property
    def assets(self) -> int:
        """How many algorithms in use are recorded."""
        return sum(self.classes.values())

    @property
    def not_started_share(self) -> Fraction | None:
        """Which part of those of whom it is known has not started; None where it is known of none."""
        known = self.started["yes"] + self.started["no"]
        return Fraction(self.started["no"], known) if known else None

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data; shares as decimals of those of whom it is known."""
        share = self.not_started_share
        return {
            "layer": self.layer,
            "organisations": self.organisations,
            "started": dict(self.started),
            "notStartedShare": None if share is None else f"{float(share):.4f}",
            "withInventory": self.with_inventory,
            "withPlan": self.with_plan,
            "assets": self.assets,
            "resolved": self.resolved,
            "classes": dict(self.classes),
            "links": dict(self.links),
            "suppliers": self.suppliers,
            "suppliersAnnounced": self.suppliers_announced,
            "milestones": {name: dict(states) for name, states in self.milestones.items()},
        }


def place_in_layer(type: str) -> Layer:
    """Give the layer of government of a type of organisation."""
    return _LAYER_OF.get(type, "other")


def measure_readiness(
    holdings: Holdings, links: Sequence[Link], plan: MovePlan, milestones: Sequence[Milestone]
) -> Sequence[Readiness]:
    """Measure every organisation, in order of name."""
    classes: dict[str, Counter[QuantumClass]] = defaultdict(Counter)
    resolved: Counter[str] = Counter()
    for asset in holdings.assets:
        if asset.is_judged:
            classes[asset.owner][asset.use("unknown").quantum if asset.is_resolved else "unknown"] += 1
            resolved[asset.owner] += asset.is_resolved
    ends: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        for owner in {link.client.owner, link.server.owner}:
            ends[owner].append(link)
    dated = _list_dated(plan)
    planning = {item.step.organisation for item in plan.steps}
    nobody_planned = plan.judge_milestones("", milestones)
    found = []
    for party in holdings.parties.values():
        if party.type == "supplier":
            continue
        suppliers = holdings.suppliers_of.get(party.ref, frozenset())
        found.append(
            Readiness(
                party,
                place_in_layer(party.type),
                holdings.statements.get(party.ref, {}).get("state", "unknown"),
                holdings.inventories.get(party.ref, 0),
                {name: classes[party.ref][name] for name in CLASSES},
                resolved[party.ref],
                count_states(ends[party.ref]),
                len(suppliers),
                len(suppliers & dated),
                party.ref in planning,
                plan.judge_milestones(party.ref, milestones) if party.ref in planning else nobody_planned,
            )
        )
    return sorted(found, key=lambda item: (item.party.name.casefold(), item.party.ref))


def _list_dated(plan: MovePlan) -> frozenset[str]:
    """Give the suppliers with a release that is there or has a date."""
    return frozenset(
        item.step.organisation
        for item in plan.steps
        if item.step.stage == "supplier-release" and (item.is_done or item.step.not_before is not None)
    )


def sum_layers(readiness: Sequence[Readiness], links: Sequence[Link]) -> Sequence[LayerReadiness]:
    """Add up by layer, and for all together; a link between two layers counts in both, and once for all."""
    by_layer: dict[Layer, list[Readiness]] = defaultdict(list)
    for item in readiness:
        by_layer[item.layer].append(item)
    layers = {item.party.ref: item.layer for item in readiness}
    found = [_sum("all", readiness, links)]
    for layer in LAYERS:
        if by_layer[layer]:
            touching = [
                link for link in links if layer in (layers.get(link.client.owner), layers.get(link.server.owner))
            ]
            found.append(_sum(layer, by_layer[layer], touching))
    return found


def _sum(layer: Layer | Literal["all"], members: Sequence[Readiness], links: Iterable[Link]) -> LayerReadiness:
    started = Counter(item.started for item in members)
    milestones: dict[str, Counter[MilestoneState]] = defaultdict(Counter)
    for item in members:
        for status in item.milestones:
            milestones[status.milestone.id][status.state] += 1
    return LayerReadiness(
        layer,
        len(members),
        {"yes": started["yes"], "no": started["no"], "unknown": started["unknown"]},
        sum(bool(item.inventories) for item in members),
        sum(item.has_plan for item in members),
        {name: sum(item.classes[name] for item in members) for name in CLASSES},
        sum(item.resolved for item in members),
        count_states(links),
        sum(item.suppliers for item in members),
        sum(item.suppliers_announced for item in members),
        milestones,
    )
