"""An invented supplier market: names that no company bears, owners four levels deep, stakes that change hands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np

from eendracht.demo.drafts import AUTHORITY, Draft, DraftMaker
from eendracht.demo.vocabulary import SUPPLIER_FORMS, SUPPLIER_HEADS, SUPPLIER_TAILS
from eendracht.kernel.identity import slug

_LEVEL_SHARES: Final = (0.08, 0.10, 0.08, 0.06)
"""Share of holdings per level; the others operate things and may be owned by a holding of any level."""
_OWNED_SHARE: Final = 0.45
_COUNTRIES: Final = ("NL",) * 13 + ("DE", "FR", "BE", "IE", "US", "US", "GB")


@dataclass(frozen=True, slots=True)
class Claim:
    """A same-as claim between two suppliers, by their place in the market."""

    left: int
    right: int
    percent: int
    status: str


@dataclass
class Market:
    """Suppliers by place: names, refs, who owns them and which of them operate things, most popular first."""

    names: list[str]
    refs: list[str]
    countries: list[str]
    ownerships: list[list[dict[str, Any]]]
    parents: list[int]
    """Majority owner at the date of the estate, -1 for none."""
    operating: list[int]
    claims: list[Claim]
    families: dict[int, list[int]] = field(default_factory=dict)
    """Ultimate owner to the operating suppliers under it, for those with two or more."""

    def ultimate_owner(self, place: int) -> int:
        """Give the top of the majority chain above a supplier; the supplier itself where nobody owns it."""
        while self.parents[place] >= 0:
            place = self.parents[place]
        return place

    def drafts(self, maker: DraftMaker, owner: str) -> Iterator[Draft]:
        """Yield the suppliers and the same-as claims between them."""
        for ref, name, country, stakes in zip(self.refs, self.names, self.countries, self.ownerships, strict=True):
            spec: dict[str, Any] = {"name": name, "country": country, "jurisdiction": country}
            if stakes:
                spec["ownerships"] = stakes
            yield maker.make(ref, owner, "public", spec)
        for number, claim in enumerate(self.claims, 1):
            yield maker.make(f"same-as:{AUTHORITY}/leverancier-{number}", owner, "government", self._claim_spec(claim))

    def _claim_spec(self, claim: Claim) -> dict[str, Any]:
        return {
            "name": f"{self.names[claim.left]} en {self.names[claim.right]}",
            "left": self.refs[claim.left],
            "right": self.refs[claim.right],
            "confidence": f"0.{claim.percent:02d}",
            "evidence": "Naam en adres lijken op elkaar",
            "status": claim.status,
        }


def make_market(rng: np.random.Generator, count: int, on: date) -> Market:
    """Make a market of `count` suppliers as it is on a date."""
    order = [int(place) for place in rng.permutation(count)]
    cuts = np.cumsum([0, *(max(int(count * share), 2) for share in _LEVEL_SHARES)]).tolist()
    levels = [order[low:high] for low, high in pairwise(cuts)]
    operating = order[cuts[-1] :]
    names = _invent_names(rng, count)
    market = Market(
        names=names,
        refs=[],
        countries=[_COUNTRIES[pick] for pick in rng.integers(len(_COUNTRIES), size=count).tolist()],
        ownerships=[[] for _ in range(count)],
        parents=[-1] * count,
        operating=operating,
        claims=[],
    )
    _claim_twins(rng, market, max(count // 50, 4))
    market.refs = [f"supplier:{AUTHORITY}/{slug(name)}" for name in names]
    twins = {place for claim in market.claims for place in (claim.left, claim.right)}
    for above, below in pairwise(levels):
        _give_owners(rng, market, above, below, on)
    holdings = [place for level in levels for place in level]
    owned = [place for place in operating if place not in twins and rng.random() < _OWNED_SHARE]
    _give_owners(rng, market, holdings, owned, on)
    _sell_minorities(rng, market, holdings, on)
    market.families = _find_families(market)
    return market


def _invent_names(rng: np.random.Generator, count: int) -> list[str]:
    heads, tails, forms = len(SUPPLIER_HEADS), len(SUPPLIER_TAILS), len(SUPPLIER_FORMS)
    if count > heads * tails * forms:
        raise ValueError(f"only {heads * tails * forms} supplier names can be invented, not {count}")
    stems = rng.permutation(heads * tails).tolist()
    shift = rng.integers(forms, size=len(stems)).tolist()
    names = []
    for place in range(count):
        rank = place % len(stems)
        head, tail = divmod(stems[rank], tails)
        form = (shift[rank] + place // len(stems)) % forms
        names.append(f"{SUPPLIER_HEADS[head]}{SUPPLIER_TAILS[tail]} {SUPPLIER_FORMS[form]}")
    return names


def _claim_twins(rng: np.random.Generator, market: Market, count: int) -> None:
    """Make the later half of some operating suppliers a second entry of an earlier one."""
    half = len(market.operating) // 2
    first = rng.choice(half, size=count, replace=False).tolist()
    second = (half + rng.choice(half, size=count, replace=False)).tolist()
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        left, right = market.operating[one], market.operating[other]
        market.names[right] = f"{market.names[left]} Nederland"
        percent, status = ((96, "confirmed"), (93, "confirmed"), (71, "proposed"), (35, "rejected"))[number % 4]
        market.claims.append(Claim(left, right, percent, status))


def _give_owners(rng: np.random.Generator, market: Market, owners: list[int], owned: list[int], on: date) -> None:
    size = len(owned)
    picks = rng.integers(len(owners), size=(size, 2)).tolist()
    shares = rng.integers(51, 101, size=size).tolist()
    days = rng.integers(20, 1500, size=size).tolist()
    dice = rng.integers(100, size=size).tolist()
    for place, (now, before), share, ago, throw in zip(owned, picks, shares, days, dice, strict=True):
        day = (on - timedelta(days=ago)).isoformat()
        stake: dict[str, Any] = {"owner": market.refs[owners[now]], "share": str(share)}
        if throw < 12:
            earlier = {"owner": market.refs[owners[before]], "share": str(share), "validUntil": day}
            market.ownerships[place] += [earlier, {**stake, "validFrom": day}]
        elif throw < 16:
            market.ownerships[place].append({**stake, "validUntil": day})
            continue
        else:
            market.ownerships[place].append(stake)
        market.parents[place] = owners[now]


def _sell_minorities(rng: np.random.Generator, market: Market, holdings: list[int], on: date) -> None:
    """Sell stakes of half or less, of suppliers that nobody else holds shares in."""
    since = on.replace(year=on.year - 3, month=1, day=1).isoformat()
    for place in market.operating:
        if market.ownerships[place] or rng.random() >= 0.15:
            continue
        share = 50 if rng.random() < 0.3 else int(rng.integers(5, 50))
        owner = market.refs[holdings[int(rng.integers(len(holdings)))]]
        market.ownerships[place].append({"owner": owner, "share": str(share), "validFrom": since})


def _find_families(market: Market) -> dict[int, list[int]]:
    families: dict[int, list[int]] = {}
    for place in market.operating:
        top = market.ultimate_owner(place)
        if top != place:
            families.setdefault(top, []).append(place)
    return {top: members for top, members in families.items() if len(members) > 1}
