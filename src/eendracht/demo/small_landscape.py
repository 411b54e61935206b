"""The small landscape while it is being made: specs by ref, and what planting asks of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import date
from typing import Any

import numpy as np

from eendracht.demo.drafts import AUTHORITY
from eendracht.demo.market import Market
from eendracht.demo.planted import RedundantGroup
from eendracht.demo.planting import Role
from eendracht.kernel.identity import slug


class SmallLandscape:
    """Specs by ref, in the order in which they were made, with a random source for what varies."""

    def __init__(self, rng: np.random.Generator, market: Market, on: date) -> None:
        self.rng = rng
        self.on = on
        self.specs: dict[str, dict[str, Any]] = {}
        self.owners: dict[str, str] = {}
        self.groups: list[RedundantGroup] = []
        self._market = market
        self._spare: dict[str, list[str]] = {}

    @property
    def market(self) -> Market:
        """Its suppliers."""
        return self._market

    def add(self, kind: str, code: str, owner: str, name: str, spec: dict[str, Any]) -> str:
        """Add a record under a name that is new for its body; gives its ref."""
        ref = f"{kind}:{AUTHORITY}/{code}/{slug(name)}"
        if ref in self.specs:
            raise ValueError(f"{ref} is made twice")
        self.specs[ref] = {"name": name, **{field: value for field, value in spec.items() if value not in (None, [])}}
        self.owners[ref] = owner
        return ref

    def supplier(self) -> str:
        """Pick a supplier; a few are picked far more often than others."""
        chance = self.rng.random()
        places = self._market.operating
        return self._market.refs[places[int(chance * chance * chance * len(places))]]

    def chance(self, percent: int) -> bool:
        """Tell whether something that happens in so many of a hundred cases happens now."""
        return bool(self.rng.integers(100) < percent)

    def keep_spare(self, role: str, ref: str) -> None:
        """Note a node that planting may use."""
        self._spare.setdefault(role, []).append(ref)

    def redundant_groups(self) -> Sequence[RedundantGroup]:
        """Give the groups with spare members of critical services, one body after another."""
        order = self.rng.permutation(len(self.groups)).tolist()
        seen: dict[str, int] = {}
        ranked: list[tuple[int, int, int]] = []
        for place in order:
            code = self.groups[place].organisation
            seen[code] = seen.get(code, 0) + 1
            ranked.append((seen[code], len(ranked), place))
        return [self.groups[place] for _, _, place in sorted(ranked)]

    def certain_needs(self, ref: str) -> Set[str]:
        """Give every ref without which `ref` stops for lack of any alternative, itself included."""
        seen = {ref}
        queue = [ref]
        while queue:
            for need in _single_needs(self.specs.get(queue.pop(), {})):
                if need not in seen:
                    seen.add(need)
                    queue.append(need)
        return seen

    def take(self, role: Role, near: str, avoid: Set[str]) -> str | None:
        """Give the server of an application, or the next spare node of another role."""
        if role == "component":
            server: str = self.specs[near]["hostedOn"][0]
            return None if server in avoid else server
        spare = self._spare.get(role, [])
        free = next((ref for ref in spare if ref not in avoid), None)
        if free is not None:
            spare.remove(free)
        return free


def _single_needs(spec: dict[str, Any]) -> Iterator[str]:
    for name in ("requires", "hostedOn", "heldIn", "locatedIn"):
        yield from spec.get(name, ())
    if "operatedBy" in spec:
        yield spec["operatedBy"]
    for group in spec.get("requirementGroups", ()):
        if group.get("k", 1) == len(group["members"]) and group.get("phase", "run") == "run":
            yield from (member["provider"] for member in group["members"])
