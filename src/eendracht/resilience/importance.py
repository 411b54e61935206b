"""What weighs most: what each supplier's failure changes, which causes stop what alone or in pairs, and what hides.

The importance of a supplier is that of Birnbaum: how many critical services, and citizen-hours a day, are lost when it
surely fails, less what is lost when it surely works, with everything else at work. It is given twice: with every
alternative trusted, and with untested ones left out. Unresolved refs hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eendracht.kernel.estate import (
    BEST,
    Estate,
    View,
    find_black_start,
    find_cut_sets,
    find_shared_causes,
    list_failing,
    list_scenarios,
    order_recovery,
    weigh_failing,
)
from eendracht.kernel.estate import find_single_points as search_single_points
from eendracht.resilience.exposure import Portfolio

UNTRUSTED: Final = View("best", trust_untested=False)
"""Unresolved refs hold, and untested alternatives do not."""
MOST_PARENTS: Final = 5_000
"""So many things are looked behind alternatives for, those that most others need first; suppliers and countries all."""
MOST_PAIRS: Final = 20_000
"""So many cut sets of one service are held."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost: critical services, and citizen-hours a day of all services of which the use is known."""

    critical: int
    citizen_hours: int
    unsized: int
    """Services among them of which the use is unknown."""

    def as_dict(self) -> dict[str, int]:
        """Give it as plain data."""
        return {"critical": self.critical, "citizenHours": self.citizen_hours, "unsized": self.unsized}


@dataclass(frozen=True, slots=True)
class Importance:
    """How much hangs on one supplier and all that it controls."""

    party: str
    name: str
    trusted: Loss
    untrusted: Loss

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "party": self.party,
            "name": self.name,
            "trusted": self.trusted.as_dict(),
            "untrusted": self.untrusted.as_dict(),
        }


def rank_importance(portfolio: Portfolio) -> list[Importance]:
    """Give the importance of every supplier, the most important first."""
    landscape = portfolio.landscape
    clusters = landscape.supplier_clusters
    groups = [landscape.seeds_of(cluster) for cluster in clusters]
    trusted = measure_losses(portfolio, groups, BEST)
    untrusted = measure_losses(portfolio, groups, UNTRUSTED)
    ranking = [
        Importance(cluster, portfolio.parties.name_of(cluster), trusted[at], untrusted[at])
        for at, cluster in enumerate(clusters)
    ]
    return sorted(
        ranking,
        key=lambda item: (-item.trusted.critical, -item.trusted.citizen_hours, -item.untrusted.critical, item.party),
    )


def measure_losses(portfolio: Portfolio, groups: Sequence[Sequence[int]], view: View) -> list[Loss]:
    """Let each group of nodes fail and give what is lost by it, beyond what is lost without."""
    estate = view.apply(portfolio.landscape.estate)
    critical, services = set(portfolio.critical), set(portfolio.services)
    watched = sorted(critical | services)
    weights = [
        (node in critical, portfolio.weigh_use(node) or 0, node in services and portfolio.weigh_use(node) is None)
        for node in watched
    ]
    # The empty scenario is what is lost when everything works.
    sums, _ = weigh_failing(
        estate,
        list_scenarios([(), *groups]),
        np.asarray(watched, np.int64),
        np.asarray(weights, np.int64).reshape(-1, 3),
        unknown=view.unknown,
    )
    return [Loss(*row) for row in (sums[1:] - sums[0]).tolist()]


# -- what stops a service alone, and in pairs --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cause:
    """A thing, or a supplier with all that it controls, and the nodes that fail with it.

    `group` are the nodes of all that its ultimate owner controls, where that is more.
    """

    ref: str
    name: str
    kind: str
    nodes: tuple[int, ...]
    group: tuple[int, ...] = ()


def list_suppliers(portfolio: Portfolio) -> list[Cause]:
    """Give every supplier as a cause."""
    landscape, parties = portfolio.landscape, portfolio.parties
    found = []
    for cluster in landscape.supplier_clusters:
        own, group = (tuple(sorted(landscape.seeds_of(party))) for party in (cluster, parties.owners[cluster]))
        found.append(Cause(cluster, parties.name_of(cluster), "supplier", own, group if set(group) > set(own) else ()))
    return found


def list_causes(portfolio: Portfolio, most: int = 5_000) -> list[Cause]:
    """Give what alone stops something critical: things other than suppliers, and suppliers with all they control."""
    things = portfolio.landscape.things
    points = search_single_points(portfolio.landscape.estate, unknown="best").nodes.tolist()
    own = set(portfolio.critical)
    causes = [
        Cause(things[node].ref, things[node].name, things[node].kind, (node,))
        for node in points[:most]
        if things[node].kind != "supplier" and node not in own
    ]
    suppliers = list_suppliers(portfolio)
    stopping = {cause.ref for held in find_order_one(portfolio, suppliers).values() for cause in held}
    return causes + [cause for cause in suppliers if cause.ref in stopping]


def find_order_one(
    portfolio: Portfolio, causes: Sequence[Cause], estate: Estate | None = None
) -> Mapping[int, Sequence[Cause]]:
    """Give per critical service what alone stops it: its cut sets of one. `estate` stands in for that of today.

    A supplier counts also where it stops a service together with what shares its ultimate owner, and that would not
    do so without it: an alternative of the same owner is none.
    """
    estate = estate or portfolio.landscape.estate
    watched = np.asarray(portfolio.critical, np.int64)
    scenarios = list_scenarios(
        nodes for cause in causes for nodes in (cause.nodes, cause.group, sorted(set(cause.group) - set(cause.nodes)))
    )
    failing = list_failing(estate, scenarios, watched, unknown="best")
    found: dict[int, list[Cause]] = {node: [] for node in portfolio.critical}
    for at, cause in enumerate(causes):
        alone, together, rest = (set(failing.of(3 * at + step).tolist()) for step in range(3))
        for place in sorted(alone | (together - rest)):
            if portfolio.critical[place] not in cause.nodes:
                found[portfolio.critical[place]].append(cause)
    return found


def find_order_two(
    portfolio: Portfolio, service: int, causes: Sequence[Cause], estate: Estate | None = None
) -> list[tuple[Cause, Cause]]:
    """Give the pairs that together stop a service that neither stops alone: its cut sets of two among these causes.

    Raises TooManyCutSets for more than `MOST_PAIRS`.
    """
    estate = estate or portfolio.landscape.estate
    others = [cause for cause in causes if service not in cause.nodes]
    found = find_cut_sets(
        estate,
        service,
        max_order=2,
        unknown="best",
        candidates=list_scenarios(cause.nodes for cause in others),
        most=MOST_PAIRS,
    )
    return [(others[cut[0]], others[cut[1]]) for cut in found if len(cut) == 2]


# -- redundancy on paper -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommonParent:
    """Something that takes down so many members of a redundant group that its consumer is left with too few."""

    consumer: str
    label: str
    k: int
    members: tuple[str, ...]
    parent: str
    """Ref of a supplier, facility or other thing, or `jurisdiction/XX`."""
    parent_name: str
    parent_kind: str
    taken: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "consumer": self.consumer,
            "label": self.label,
            "k": self.k,
            "members": list(self.members),
            "parent": self.parent,
            "parentName": self.parent_name,
            "parentKind": self.parent_kind,
            "taken": list(self.taken),
        }


def list_parents(portfolio: Portfolio) -> list[Cause]:
    """Give what may stand behind several members: suppliers with all they control, places, shared parts, countries."""
    landscape = portfolio.landscape
    found = [
        Cause(cluster, portfolio.parties.name_of(cluster), "supplier", tuple(landscape.seeds_of(cluster)))
        for cluster in landscape.supplier_clusters
    ]
    countries: dict[str, list[int]] = defaultdict(list)
    for cluster, nodes in portfolio.parties.members.items():
        country = portfolio.parties.jurisdiction_of(cluster)
        if country:
            countries[country] += nodes
    found += [Cause(f"jurisdiction/{code}", code, "jurisdiction", tuple(nodes)) for code, nodes in countries.items()]
    # What nothing else needs stands behind nothing.
    needed = Counter(landscape.estate.run.provider.tolist())
    shared = [
        node
        for node, thing in enumerate(landscape.things)
        if thing.kind in ("facility", "failure-domain", "component", "platform", "dataset") and needed[node] > 1
    ]
    shared.sort(key=lambda node: (-needed[node], landscape.things[node].ref))
    things = [(node, landscape.things[node]) for node in shared[:MOST_PARENTS]]
    return found + [Cause(thing.ref, thing.name, thing.kind, (node,)) for node, thing in things]


def find_common_parents(portfolio: Portfolio) -> list[CommonParent]:
    """Give what stands unseen behind redundant groups: it takes down two members or more, and with them the group."""
    parents = list_parents(portfolio)
    candidates = list_scenarios(parent.nodes for parent in parents)
    causes = find_shared_causes(portfolio.landscape.estate, unknown="best", candidates=candidates)
    found = [
        _describe_parent(portfolio, cause.group, parents[cause.candidate], cause.members)
        for cause in causes
        if cause.stops
    ]
    return sorted(found, key=lambda item: (item.consumer, item.label, item.parent))


def _describe_parent(portfolio: Portfolio, group: int, parent: Cause, taken: Sequence[int]) -> CommonParent:
    estate = portfolio.landscape.estate
    names = estate.name_members(estate.run, group)
    return CommonParent(
        estate.names[int(estate.run.consumer[group])],
        estate.label_of(estate.run, group),
        int(estate.run.k[group]),
        tuple(names),
        parent.ref,
        parent.name,
        parent.kind,
        tuple(sorted(estate.names[node] for node in taken)),
    )


# -- untested, and unable to start -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UntestedReliance:
    """A critical service that a supplier stops only where untested alternatives do not work."""

    party: str
    name: str
    services: tuple[str, ...]


def list_untested_reliance(portfolio: Portfolio) -> list[UntestedReliance]:
    """Give the suppliers against whose failure nothing but an untested alternative stands, with what is at stake."""
    landscape = portfolio.landscape
    clusters = landscape.supplier_clusters
    scenarios = list_scenarios(landscape.seeds_of(cluster) for cluster in clusters)
    watched = np.asarray(portfolio.critical, np.int64)
    trusted, untrusted = (
        list_failing(view.apply(landscape.estate), scenarios, watched, unknown="best") for view in (BEST, UNTRUSTED)
    )
    found = []
    for at, cluster in enumerate(clusters):
        only = set(untrusted.of(at).tolist()) - set(trusted.of(at).tolist())
        if only:
            services = tuple(sorted(landscape.things[portfolio.critical[place]].ref for place in only))
            found.append(UntestedReliance(cluster, portfolio.parties.name_of(cluster), services))
    return sorted(found, key=lambda item: (-len(item.services), item.party))


@dataclass(frozen=True, slots=True)
class ColdStart:
    """What happens when everything is down: `circles` wait for each other, and `by_hand` starts them all.

    No fewer than `at_least` do. `never` wait for something that does not come back, whatever is started.
    """

    circles: Sequence[tuple[str, ...]]
    by_hand: Sequence[str]
    at_least: int
    never: Sequence[str]

    @property
    def is_smallest(self) -> bool:
        """Whether it is proved that no fewer do."""
        return len(self.by_hand) == self.at_least

    def as_dict(self, limit: int) -> dict[str, Any]:
        """Give it as plain data, at most `limit` of each."""
        return {
            "byHand": list(self.by_hand[:limit]),
            "byHandCount": len(self.by_hand),
            "atLeast": self.at_least,
            "smallest": self.is_smallest,
            "never": list(self.never[:limit]),
        }


def plan_cold_start(portfolio: Portfolio) -> ColdStart:
    """Find what waits for itself once everything is down, and the fewest things to start by hand."""
    estate = portfolio.landscape.estate
    everything = list(range(len(estate)))
    order = order_recovery(estate, everything, unknown="best")
    start = find_black_start(estate, everything, unknown="best")

    def name(nodes: Sequence[int]) -> tuple[str, ...]:
        return tuple(estate.names[node] for node in nodes)

    circles = [name(deadlock.nodes) for deadlock in order.deadlocks]
    return ColdStart(circles, name(start.nodes), start.at_least, name(start.hopeless))
