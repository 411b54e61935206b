"""Who is behind a supplier on a day: its same-as cluster, who owns it in the end, and whose law can force it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault
from eendracht.kernel.landscape import Landscape
from eendracht.kernel.store import Store


@dataclass(frozen=True)
class Parties:
    """The suppliers of a landscape as parties; a party is a same-as cluster, named by its smallest ref.

    `jurisdictions` and `shares` hold what the records of the suppliers of each cluster say: countries, and the recorded
    share in its votes of each owner.
    """

    landscape: Landscape
    jurisdictions: Mapping[str, frozenset[str]]
    shares: Mapping[str, Mapping[str, float]]

    def cluster_of(self, ref: str) -> str | None:
        """Give the party behind a ref of a supplier; None where the asker sees no such supplier."""
        present = self.landscape.aliases.get(ref, ref)
        return self.landscape.clusters.get(present)

    def name_of(self, party: str) -> str:
        """Give the name of a party; of what is no supplier its code or ref."""
        node = self.landscape.estate.index.get(party)
        return party if node is None else self.landscape.things[node].name

    @cached_property
    def members(self) -> Mapping[str, Sequence[int]]:
        """The nodes of each party itself, without what it controls."""
        found: dict[str, list[int]] = defaultdict(list)
        for node, thing in enumerate(self.landscape.things):
            if thing.kind == "supplier":
                found[self.landscape.clusters[thing.ref]].append(node)
        return found

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """The ultimate owner of each party: who controls it and is controlled by nobody outside.

        Of parties that own each other in a circle, the smallest ref stands for all.
        """
        controlled = self.landscape.controlled
        controllers: dict[str, set[str]] = defaultdict(set)
        for holder, held in controlled.items():
            for party in held:
                controllers[party].add(holder)
        tops = {party: held for party, held in controlled.items() if controllers[party] <= held}
        found = {}
        for party in controlled:
            above = [top for top in controllers[party] if top in tops]
            # Records that give away more than the whole can name two; the one that controls most stands.
            found[party] = min(above, key=lambda top: (-len(tops[top]), top))
        return found

    @cached_property
    def unresolved(self) -> frozenset[str]:
        """Parties of which nobody recorded who is behind them.

        That is so where it is controlled by a supplier that is not there, or by none while half of the votes or more
        are not accounted for. One that owns others itself is the top to which these were followed.
        """
        holders = {owner for shares in self.shares.values() for owner in shares}
        circular = {party for circle in self.circles for party in circle}
        found = set()
        for party, owner in self.owners.items():
            shares = self.shares.get(party, {})
            hidden = any(share > 50 and holder not in self.owners for holder, share in shares.items())
            unsaid = party not in holders and party not in circular and sum(shares.values()) <= 50
            if owner == party and (hidden or unsaid):
                found.add(party)
        return frozenset(found)

    def jurisdiction_of(self, party: str) -> str | None:
        """Give the country whose law can force a party; else that of its ultimate owner; None where it is not known.

        Records of one party that name two countries leave it unknown.
        """
        own = self.jurisdictions.get(party, frozenset())
        said = own or self.jurisdictions.get(self.owners[party], frozenset())
        return next(iter(said)) if len(said) == 1 else None

    @cached_property
    def circles(self) -> Sequence[tuple[str, ...]]:
        """Parties that each own more than half of each other, directly or through others; each circle once."""
        controlled = self.landscape.controlled
        found = set()
        for party, held in controlled.items():
            circle = tuple(sorted(other for other in held if party in controlled.get(other, ())))
            if len(circle) > 1:
                found.add(circle)
        return sorted(found)

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that is wrong with recorded ownership, all at once; what is not touched by it is still counted."""
        return (*(self._say_circle(circle) for circle in self.circles), *self._find_above_whole())

    def _say_circle(self, circle: Sequence[str]) -> Fault:
        names = " → ".join(self.name_of(party) for party in (*circle, circle[0]))
        return Fault(
            f"/{circle[0]}/ownerships",
            "ownership-circle",
            f"Deze leveranciers bezitten elkaar voor meer dan de helft: {names}",
            f"These suppliers own more than half of each other: {names}",
            "Correct the shares or their dates; until then they count as one party.",
        )

    def _find_above_whole(self) -> list[Fault]:
        return [
            Fault(
                f"/{party}/ownerships",
                "ownership-above-whole",
                f"De aandelen in {self.name_of(party)} zijn samen meer dan 100 procent",
                f"The shares in {self.name_of(party)} are more than 100 per cent together",
                "Correct the shares or their dates.",
            )
            for party, shares in sorted(self.shares.items())
            if sum(shares.values()) > 100
        ]


def read_parties(store: Store, asker: Principal, landscape: Landscape) -> Parties:
    """Read who is behind the suppliers of a landscape, as far as the asker may see it."""
    jurisdictions: dict[str, set[str]] = defaultdict(set)
    for record in store.snapshot(asker, landscape.day, kind="supplier"):
        country = record.spec(store.registry).get("jurisdiction")
        if country and record.ref in landscape.clusters:
            jurisdictions[landscape.clusters[record.ref]].add(country)
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    said: dict[tuple[str, str, str], float] = defaultdict(float)
    for stake in landscape.ownerships:
        owned = landscape.clusters.get(stake.owned, stake.owned)
        owner = landscape.clusters.get(stake.owner, stake.owner)
        said[owned, owner, stake.owned] += stake.share
    for (owned, owner, _), share in said.items():
        # Two records of one party say the same stake once.
        shares[owned][owner] = max(shares[owned].get(owner, 0.0), share)
    return Parties(landscape, {party: frozenset(found) for party, found in jurisdictions.items()}, shares)
