"""How much hangs on how few: shares, the Herfindahl-Hirschman index, and who is flagged.

A measure gives every party an amount: what is spent with it in a year, how many services depend on it, or how many
citizen-hours a day are at risk when it stops. A share is an amount over the sum of all amounts, what is unknown
included. The index is 10,000 times the sum of the squared shares, as a range: what is unknown as ever so many parties
without weight (low), and as one party (high). A supplier whose owner or country is unknown is itself in the low case.
An amount that nobody recorded is estimated at the mean of the known ones, and counted apart. Services overlap: shares
of services and citizen-hours are shares in the sum of what each party stops.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal, get_args

import numpy as np

from eendracht.kernel.errors import Fault
from eendracht.kernel.estate import list_scenarios, weigh_failing
from eendracht.resilience.exposure import ContractTerms, Portfolio

By = Literal["supplier", "owner", "jurisdiction", "chain"]
"""Whom a share is of: the direct supplier, its ultimate owner, a country, or everybody in the chain."""
Measure = Literal["spend", "services", "citizen-hours"]

BYS: Final[tuple[By, ...]] = get_args(By)
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
CONCENTRATED: Final = 2_500
"""Index above which a market is called highly concentrated."""
FLAG_SHARE: Final = Fraction(1, 10)
"""Share of organisations, and of impact, from which a party is flagged; as DORA designates providers (EU 2024/1502)."""


@dataclass(frozen=True, slots=True)
class Share:
    """The part of one party; `amount` in eurocent, services or citizen-hours a day."""

    party: str
    name: str
    amount: Fraction
    share: Fraction
    estimated: Fraction
    """What of the amount is estimated, because nobody recorded it."""
    organisations: int
    organisation_share: Fraction
    is_flagged: bool

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "party": self.party,
            "name": self.name,
            "amount": round(self.amount),
            "estimatedAmount": round(self.estimated),
            "share": round(float(self.share), 6),
            "organisations": self.organisations,
            "organisationShare": round(float(self.organisation_share), 6),
            "flagged": self.is_flagged,
        }


@dataclass(frozen=True, slots=True)
class Concentration:
    """How one measure is spread, the largest share first; `hhi_low` and `hhi_high` are None where nothing is known."""

    by: By
    measure: Measure
    category: str
    shares: Sequence[Share]
    total: Fraction
    unknown_amount: Fraction
    """Part of the total of which the party is unknown."""
    unknown_count: int
    """How many contracts, things or suppliers that is."""
    unsized_count: int
    """How many contracts, or services that stop with somebody, have no recorded amount."""
    hhi_low: Fraction | None
    hhi_high: Fraction | None
    faults: tuple[Fault, ...] = ()

    @property
    def unknown_share(self) -> Fraction:
        """Share of the total of which the party is unknown."""
        return self.unknown_amount / self.total if self.total else Fraction(0)

    @property
    def verdict(self) -> Literal["concentrated", "not-concentrated", "unknown"]:
        """Whether the index is above the bound; unknown where the range has it within."""
        if self.hhi_low is None or self.hhi_high is None or self.hhi_low <= CONCENTRATED < self.hhi_high:
            return "unknown"
        return "concentrated" if self.hhi_low > CONCENTRATED else "not-concentrated"

    def as_dict(self, limit: int = 1_000) -> dict[str, Any]:
        """Give it as plain data, with the largest shares only."""
        return {
            "by": self.by,
            "measure": self.measure,
            "category": self.category,
            "total": round(self.total),
            "hhiLow": None if self.hhi_low is None else round(float(self.hhi_low), 1),
            "hhiHigh": None if self.hhi_high is None else round(float(self.hhi_high), 1),
            "verdict": self.verdict,
            "unknownAmount": round(self.unknown_amount),
            "unknownShare": round(float(self.unknown_share), 6),
            "unknownCount": self.unknown_count,
            "unsizedCount": self.unsized_count,
            "parties": len(self.shares),
            "shares": [share.as_dict() for share in self.shares[:limit]],
            "faults": [fault.as_dict() for fault in self.faults],
        }


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of one party; `party` None where it is unknown, and then `floor` is the least that is known of it.

    `amount` None where nobody recorded it; `weight` is the part of a whole that it then is.
    """

    party: str | None
    amount: Fraction | None
    floor: str = ""
    weight: Fraction = Fraction(1)


def measure_concentration(portfolio: Portfolio, by: By, measure: Measure, category: str = "") -> Concentration:
    """Measure how something is spread over parties, for one category or (empty) the whole."""
    if measure == "spend":
        amounts, unsized = list(_list_spend(portfolio, by, category)), 0
    else:
        amounts, unsized = _list_stopped(portfolio, by, measure, category)
    return weigh_amounts(portfolio, amounts, by, measure, category, unsized)


def weigh_amounts(
    portfolio: Portfolio, amounts: Sequence[Amount], by: By, measure: Measure, category: str = "", unsized: int = 0
) -> Concentration:
    """Turn amounts into shares and an index."""
    known = [item for item in amounts if item.amount is not None]
    missing = [item for item in amounts if item.amount is None]
    whole = sum((item.weight for item in known), Fraction(0))
    mean = sum((item.amount or Fraction(0) for item in known), Fraction(0)) / whole if whole else None
    sums: dict[str, Fraction] = defaultdict(Fraction)
    estimates: dict[str, Fraction] = defaultdict(Fraction)
    floors: dict[str, Fraction] = defaultdict(Fraction)
    unknown = Fraction(0)
    for item in amounts:
        amount = item.amount if item.amount is not None else (mean or Fraction(0)) * item.weight
        if item.party is None:
            unknown += amount
            if item.floor:
                floors[item.floor] += amount
            continue
        sums[item.party] += amount
        estimates[item.party] += amount if item.amount is None else 0
    total = sum(sums.values(), Fraction(0)) + unknown
    squares = sum((amount**2 for amount in sums.values()), Fraction(0))
    least = squares + sum((amount**2 for amount in floors.values()), Fraction(0))
    return Concentration(
        by,
        measure,
        category,
        _list_shares(portfolio, by, category, sums, estimates, total),
        total,
        unknown,
        sum(item.party is None for item in amounts),
        unsized + len(missing),
        10_000 * least / total**2 if total else None,
        10_000 * (squares + unknown**2) / total**2 if total else None,
        portfolio.parties.faults,
    )


def _list_shares(
    portfolio: Portfolio,
    by: By,
    category: str,
    sums: Mapping[str, Fraction],
    estimates: Mapping[str, Fraction],
    total: Fraction,
) -> list[Share]:
    users = _list_users(portfolio, by, category)
    count = max(1, len(portfolio.organisations))
    shares = []
    for party, amount in sums.items():
        share = amount / total if total else Fraction(0)
        organisations = len(users.get(party, ()))
        spread = Fraction(organisations, count)
        flagged = spread >= FLAG_SHARE and share >= FLAG_SHARE
        name = portfolio.parties.name_of(party)
        shares.append(Share(party, name, amount, share, estimates[party], organisations, spread, flagged))
    return sorted(shares, key=lambda item: (-item.amount, item.party))


def place_party(portfolio: Portfolio, by: By, cluster: str) -> str | None:
    """Give whom a supplier counts for; None where that is unknown."""
    parties = portfolio.parties
    if by == "jurisdiction":
        return parties.jurisdiction_of(cluster)
    if by == "owner":
        return None if cluster in parties.unresolved else parties.owners[cluster]
    return cluster


def _chain_of(terms: ContractTerms, by: By) -> tuple[str | None, ...]:
    chain = (terms.supplier, *terms.subcontractors) if by == "chain" else (terms.supplier,)
    return tuple(dict.fromkeys(chain))


def _list_spend(portfolio: Portfolio, by: By, category: str) -> Iterator[Amount]:
    """Give each contract to its supplier, or in full to each party in its chain."""
    for terms in portfolio.contracts:
        part = portfolio.spread(terms).get(category, Fraction(0)) if category else Fraction(1)
        if not part:
            continue
        amount = None if terms.value_eurocent is None else terms.value_eurocent * part
        for cluster in _chain_of(terms, by):
            party = place_party(portfolio, by, cluster) if cluster else None
            yield Amount(party, amount, cluster or "", part)


def _list_users(portfolio: Portfolio, by: By, category: str) -> Mapping[str, set[str]]:
    """Give the organisations that buy from a party, or have something that it supplies or operates."""
    users: dict[str, set[str]] = defaultdict(set)
    pairs = [
        (cluster, terms.buyer)
        for terms in portfolio.contracts
        if not category or category in portfolio.spread(terms)
        for cluster in _chain_of(terms, by)
    ]
    pairs += [
        (cluster, supply.owner)
        for supply in portfolio.supplies
        if category in ("", supply.category)
        for cluster in supply.parties
    ]
    for cluster, organisation in pairs:
        party = place_party(portfolio, by, cluster) if cluster else None
        if party is not None:
            users[party].add(organisation)
    return users


def _list_stopped(portfolio: Portfolio, by: By, measure: Measure, category: str) -> tuple[list[Amount], int]:
    """Let everything of one party fail, party by party, and weigh the services that stop."""
    seeds, unplaced, orphans = list_seeds(portfolio, by, measure, category)
    groups = [*seeds.values(), *unplaced.values(), *([orphans] if orphans else [])]
    uses = [portfolio.weigh_use(node) for node in portfolio.services]
    weights = np.asarray([(1, use or 0) for use in uses], np.int64).reshape(-1, 2)
    sums, touched = weigh_failing(
        portfolio.landscape.estate,
        list_scenarios(sorted(nodes) for nodes in groups),
        np.asarray(portfolio.services, np.int64),
        weights,
        unknown="best",
    )
    totals = sums[:, 0 if measure == "services" else 1].tolist()
    unsized = sum(uses[at] is None for at in np.flatnonzero(touched).tolist()) if measure == "citizen-hours" else 0
    amounts = [Amount(party, Fraction(totals[at])) for at, party in enumerate(seeds)]
    amounts += [Amount(None, Fraction(totals[len(seeds) + at]), cluster) for at, cluster in enumerate(unplaced)]
    if orphans:
        amounts.append(Amount(None, Fraction(totals[-1])))
    return [item for item in amounts if item.amount], unsized


def list_seeds(
    portfolio: Portfolio, by: By, measure: Measure, category: str
) -> tuple[dict[str, set[int]], dict[str, set[int]], set[int]]:
    """Give what fails with each party, with each supplier that cannot be placed, and with all unknown suppliers.

    Of the whole, a supplier stops itself and with it what it operates; services *depend* also on what it only
    supplies. Of one category it is what it supplies there.
    """
    seeds: dict[str, set[int]] = defaultdict(set)
    unplaced: dict[str, set[int]] = defaultdict(set)

    def place(cluster: str) -> set[int]:
        party = place_party(portfolio, by, cluster)
        return unplaced[cluster] if party is None else seeds[party]

    if not category:
        for cluster, nodes in portfolio.parties.members.items():
            place(cluster).update(nodes)
    orphans = set()
    for supply in portfolio.supplies:
        if category not in ("", supply.category):
            continue
        if not supply.is_known:
            orphans.add(supply.node)
        if category or measure == "services":
            for cluster in supply.parties:
                place(cluster).add(supply.node)
    if by == "chain":
        _add_chain(portfolio, category, seeds)
    return dict(sorted(seeds.items())), dict(sorted(unplaced.items())), orphans


def _add_chain(portfolio: Portfolio, category: str, seeds: dict[str, set[int]]) -> None:
    """Let what a contract covers fail with each of its subcontractors."""
    index = portfolio.landscape.estate.index
    for terms in portfolio.contracts:
        nodes = [index[ref] for ref in terms.covers if ref in index]
        if category:
            supplies = portfolio.supply_of
            nodes = [node for node in nodes if node in supplies and supplies[node].category == category]
        for cluster in terms.subcontractors:
            if cluster:
                seeds[cluster].update(nodes)
