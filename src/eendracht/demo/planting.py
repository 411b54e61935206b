"""Hides single points of failure in a landscape: below alternatives that stay two by name, by supplier and by site."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Final, Literal, Protocol

from eendracht.demo.drafts import AUTHORITY
from eendracht.demo.market import Market
from eendracht.demo.planted import Hiding, Overlay, PlantedWeakness, PlantedWeaknesses, RedundantGroup

Role = Literal["component", "platform", "facility", "data-centre", "power", "identity", "pki", "network"]

_SHARED: Final[Mapping[Hiding, tuple[Role, str]]] = {
    "shared-data-centre": ("data-centre", "staan in hetzelfde datacentrum"),
    "shared-power": ("power", "staan op twee locaties aan dezelfde stroomvoeding"),
    "shared-identity-provider": ("identity", "melden hun gebruikers aan bij dezelfde voorziening"),
    "shared-certificate-authority": ("pki", "krijgen hun certificaten van dezelfde uitgever"),
    "shared-network": ("network", "lopen over dezelfde verbinding"),
}
_ORDER: Final[tuple[Hiding, ...]] = (
    "shared-owner",
    "shared-data-centre",
    "shared-identity-provider",
    "standby-needs-primary",
    "shared-certificate-authority",
    "same-party",
    "shared-power",
    "shared-network",
)


class Landscape(Protocol):
    """What planting asks of a landscape, whatever it is stored in."""

    @property
    def market(self) -> Market:
        """Its suppliers."""
        ...

    def redundant_groups(self) -> Sequence[RedundantGroup]:
        """Give the requirements with spare members of critical services, in random order."""
        ...

    def certain_needs(self, ref: str) -> Set[str]:
        """Give every ref without which `ref` stops for lack of any alternative, itself included."""
        ...

    def take(self, role: Role, near: str, avoid: Set[str]) -> str | None:
        """Give a node not taken before that suits the role for the application `near`, or None if there is none."""
        ...


def plant(landscape: Landscape, count: int, possible: int) -> tuple[PlantedWeaknesses, dict[str, Overlay]]:
    """Hide `count` single points and `possible` ones that hang on an unresolved reference.

    Gives the answer sheet and what is to be added to the specs. Planting only adds requirements, so that no later
    addition can undo an earlier one. Raises ValueError where the landscape has too little redundancy to hide them in.
    """
    planter = _Planter(landscape)
    points: list[PlantedWeakness] = []
    attempt = 0
    while len(points) < count:
        found = planter.plant(_ORDER[attempt % len(_ORDER)])
        attempt += 1
        if found is not None:
            points.append(found)
        elif attempt > 20 * count:
            raise ValueError(f"only {len(points)} of {count} weaknesses could be hidden in this landscape")
    maybe = [found for _ in range(possible) if (found := planter.plant("unresolved-standby")) is not None]
    if len(maybe) < possible:
        raise ValueError(f"only {len(maybe)} of {possible} unresolved alternatives could be hidden in this landscape")
    return PlantedWeaknesses(tuple(points), tuple(maybe)), planter.overlays


class _Planter:
    def __init__(self, landscape: Landscape) -> None:
        self.overlays: dict[str, Overlay] = {}
        self._landscape = landscape
        self._market = landscape.market
        self._groups = list(landscape.redundant_groups())
        self._used: set[str] = set()
        self._suppliers: set[int] = set()
        self._claims = [claim for claim in self._market.claims if claim.status == "confirmed"]
        self._families = sorted(self._market.families.items(), key=lambda item: (len(item[1]), item[0]))
        self._methods: dict[Hiding, Callable[[RedundantGroup, Set[str]], tuple[str, str] | None]] = {
            "shared-owner": self._share_owner,
            "same-party": self._share_party,
            "standby-needs-primary": self._lean_on_primary,
            "unresolved-standby": self._leave_unresolved,
        }

    def plant(self, hiding: Hiding) -> PlantedWeakness | None:
        """Hide one weakness in the first group that suits it, or give None."""
        two_only = hiding in ("same-party", "standby-needs-primary", "unresolved-standby")
        for group in self._groups:
            need = group.breaking_count
            if group.service in self._used or (two_only and need != 2):
                continue
            avoid = self._landscape.certain_needs(group.service)
            members = group.members[:need]
            if any(member in avoid or member in self._used for member in members):
                continue
            method = self._methods.get(hiding)
            made = method(group, avoid) if method else self._share_node(hiding, group, avoid)
            if made is None:
                continue
            self._used.update(members, (group.service,))
            return PlantedWeakness(made[0], hiding, (group.service,), members, made[1])
        return None

    def _share_node(self, hiding: Hiding, group: RedundantGroup, avoid: Set[str]) -> tuple[str, str] | None:
        role, reason = _SHARED[hiding]
        members = group.members[: group.breaking_count]
        components = self._take_all("component", members, avoid)
        shared = self._landscape.take(role, members[0], avoid)
        if components is None or shared is None:
            return None
        below: Sequence[str] = components
        if role in ("data-centre", "power"):
            platforms = self._take_all("platform", members, avoid)
            if platforms is None:
                return None
            below = self._stack(components, platforms)
        if role == "power":
            sites = self._take_all("facility", members, avoid)
            if sites is None:
                return None
            for platform, site in zip(below, sites, strict=True):
                self._overlay(platform).located_in += (site,)
            below = sites
        for ref in below:
            if role == "data-centre":
                self._overlay(ref).located_in += (shared,)
            else:
                self._overlay(ref).requires += (shared,)
        self._stack(members, components)
        return shared, f"De alternatieven {reason}."

    def _share_owner(self, group: RedundantGroup, avoid: Set[str]) -> tuple[str, str] | None:
        members = group.members[: group.breaking_count]
        for top, family in self._families:
            free = [place for place in reversed(family) if place not in self._suppliers]
            known = any(self._market.refs[place] in avoid for place in (top, *family))
            if len(free) < len(members) or known or top in self._suppliers:
                continue
            chosen = self._spread(free, len(members))
            if not self._operate(members, chosen, avoid):
                return None
            self._suppliers.update(chosen, (top,))
            return self._market.refs[
                top
            ], "De leveranciers van de alternatieven hebben dezelfde uiteindelijke eigenaar."
        return None

    def _spread(self, free: list[int], count: int) -> list[int]:
        """Prefer suppliers with different direct owners."""
        by_parent = {self._market.parents[place]: place for place in reversed(free)}
        return list(dict.fromkeys((*by_parent.values(), *free)))[:count]

    def _share_party(self, group: RedundantGroup, avoid: Set[str]) -> tuple[str, str] | None:
        for claim in self._claims:
            pair = [claim.left, claim.right]
            if any(place in self._suppliers or self._market.refs[place] in avoid for place in pair):
                continue
            if not self._operate(group.members[:2], pair, avoid):
                return None
            self._suppliers.update(pair)
            return self._market.refs[claim.left], "De twee leveranciers zijn een en dezelfde partij."
        return None

    def _lean_on_primary(self, group: RedundantGroup, avoid: Set[str]) -> tuple[str, str] | None:
        primary, standby = group.members[:2]
        component = self._landscape.take("component", standby, avoid)
        if component is None:
            return None
        self._stack((standby,), (component,))
        self._overlay(component).requires += (primary,)
        return primary, "De uitwijk werkt alleen zolang de hoofdvoorziening werkt."

    def _leave_unresolved(self, group: RedundantGroup, avoid: Set[str]) -> tuple[str, str] | None:
        components = self._take_all("component", group.members[:2], avoid)
        if components is None:
            return None
        self._stack(group.members[:2], components)
        missing = f"platform:{AUTHORITY}/{group.organisation}/uitwijkplatform-niet-vastgelegd"
        self._overlay(components[1]).requires += (missing,)
        return components[0], "De uitwijk steunt op een platform dat nergens is vastgelegd."

    def _operate(self, members: Sequence[str], suppliers: Sequence[int], avoid: Set[str]) -> bool:
        components = self._take_all("component", members, avoid)
        if components is None:
            return False
        self._stack(members, components)
        for component, supplier in zip(components, suppliers, strict=True):
            self._overlay(component).operated_by = self._market.refs[supplier]
        return True

    def _take_all(self, role: Role, members: Sequence[str], avoid: Set[str]) -> list[str] | None:
        taken = [self._landscape.take(role, member, avoid) for member in members]
        found = [ref for ref in taken if ref is not None]
        return found if len(found) == len(members) else None

    def _stack(self, above: Sequence[str], below: Sequence[str]) -> Sequence[str]:
        """Let each node of the one row require its neighbour in the other; give the lower row."""
        for upper, lower in zip(above, below, strict=True):
            self._overlay(upper).requires += (lower,)
        return below

    def _overlay(self, ref: str) -> Overlay:
        return self.overlays.setdefault(ref, Overlay())
