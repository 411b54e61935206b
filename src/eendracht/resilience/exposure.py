"""What organisations take from whom: contracts with their value, things with their suppliers, services with their use.

**Category.** A thing's category is its kind with its type, such as `platform/iaas`; a kind without a type, such as
application, takes the first of its tags in order of the alphabet. Where neither is known it is `kind/unknown`. A
contract has the categories of what it covers, and its value is spread over these things in equal parts; one that
covers nothing is `contract/unknown`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.landscape import Landscape
from eendracht.kernel.store import Store
from eendracht.resilience.parties import Parties, read_parties

SUPPLIED: Final = ("application", "component", "platform", "facility", "domain-name")
"""Kinds of things that somebody supplies or operates."""
_SUPPLYING: Final = ("suppliedBy", "operatedBy", "registrar", "dnsOperator")
_UNSAID: Final = ("", "unknown")
UNCOVERED: Final = "contract/unknown"


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """A contract that holds on the day, with present names; None is what nobody recorded or the asker may not see."""

    ref: str
    name: str
    buyer: str
    supplier: str | None
    """Party, not record."""
    subcontractors: tuple[str | None, ...]
    covers: tuple[str, ...]
    value_eurocent: int | None


@dataclass(frozen=True, slots=True)
class Supply:
    """A thing, whose it is, and the parties that supply or operate it."""

    node: int
    owner: str
    category: str
    parties: frozenset[str]
    is_known: bool
    """Whether it is known who supplies or operates it, be it the organisation itself."""
    realises: frozenset[str] = frozenset()
    """Reference components that it fulfils."""


@dataclass(frozen=True)
class Portfolio:
    """What is supplied to whom on a day, as one asker may see it."""

    landscape: Landscape
    parties: Parties
    contracts: Sequence[ContractTerms]
    supplies: Sequence[Supply]
    uses_per_day: Mapping[int, int]
    """Uses in an average day of each service (node) of which they are known."""
    inhabitants: Mapping[str, int]
    """Of the organisations for which they are recorded."""

    @cached_property
    def services(self) -> Sequence[int]:
        """The nodes that are public services."""
        return [node for node, thing in enumerate(self.landscape.things) if thing.kind == "public-service"]

    @cached_property
    def critical(self) -> Sequence[int]:
        """The public services that are critical; where none is marked so, everything that is."""
        flags = self.landscape.estate.critical
        marked = [node for node in self.services if flags[node]]
        return marked or [node for node in range(len(self.landscape.things)) if flags[node]]

    @cached_property
    def organisations(self) -> frozenset[str]:
        """Organisations that have something that is supplied, or buy."""
        return frozenset([supply.owner for supply in self.supplies] + [terms.buyer for terms in self.contracts])

    @cached_property
    def supply_of(self) -> Mapping[int, Supply]:
        """The supply of each node that has one."""
        return {supply.node: supply for supply in self.supplies}

    @cached_property
    def categories(self) -> Sequence[str]:
        """Every category of which something is supplied or bought, in order."""
        return sorted(
            {supply.category for supply in self.supplies} | {c for t in self.contracts for c in self.spread(t)}
        )

    def spread(self, terms: ContractTerms) -> Mapping[str, Fraction]:
        """Give the part of a contract that falls in each category; together one."""
        parts: dict[str, Fraction] = defaultdict(Fraction)
        for ref in terms.covers:
            node = self.landscape.estate.index.get(ref)
            supply = self.supply_of.get(node) if node is not None else None
            kind = ref.partition(":")[0]
            parts[supply.category if supply else f"{kind}/unknown"] += Fraction(1, len(terms.covers))
        return parts or {UNCOVERED: Fraction(1)}

    def weigh_use(self, service: int) -> int | None:
        """Give the citizen-hours at risk in a day without a service: citizens who come per hour, times the hours.

        None where nobody recorded how much it is used.
        """
        return self.uses_per_day.get(service)


def categorise(kind: str, spec: Mapping[str, Any]) -> str:
    """Give the category of a thing."""
    said = spec.get("type", "unknown")
    if said in _UNSAID:
        said = min(spec.get("tags", ()), default="unknown")
    return f"{kind}/{said}"


def holds_on(spec: Mapping[str, Any], day: date) -> bool:
    """Tell whether a contract holds on a day; one that is renewed tacitly outlives its end date."""
    start, end = spec.get("startDate"), spec.get("endDate")
    if start and date.fromisoformat(start) > day:
        return False
    return not end or date.fromisoformat(end) > day or spec.get("renewal") == "tacit"


def read_portfolio(store: Store, asker: Principal, landscape: Landscape) -> Portfolio:
    """Read what is supplied to whom on the day of a landscape."""
    parties = read_parties(store, asker, landscape)
    reader = _Reader(store, asker, landscape, parties)
    contracts = read_contracts(store, asker, landscape, parties)
    return Portfolio(
        landscape, parties, contracts, reader.list_supplies(contracts), reader.read_uses(), reader.read_inhabitants()
    )


def read_contracts(store: Store, asker: Principal, landscape: Landscape, parties: Parties) -> list[ContractTerms]:
    """Read the contracts that hold on the day of a landscape."""
    found = []
    aliases = landscape.aliases
    for record in store.snapshot(asker, landscape.day, kind="contract"):
        spec = record.spec(store.registry)
        if not holds_on(spec, landscape.day):
            continue
        found.append(
            ContractTerms(
                record.ref,
                record.name,
                aliases.get(spec["buyer"], spec["buyer"]),
                parties.cluster_of(spec["supplier"]),
                tuple(dict.fromkeys(parties.cluster_of(one["supplier"]) for one in spec.get("subcontractors", ()))),
                tuple(dict.fromkeys(aliases.get(ref, ref) for ref in spec.get("covers", ()))),
                spec.get("annualValueEurocent"),
            )
        )
    return found


class _Reader:
    def __init__(self, store: Store, asker: Principal, landscape: Landscape, parties: Parties) -> None:
        self.store = store
        self.asker = asker
        self.landscape = landscape
        self.parties = parties

    def _records(self, kind: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for record in self.store.snapshot(self.asker, self.landscape.day, kind=kind):
            yield record.ref, record.owner, record.spec(self.store.registry)

    def _node(self, ref: str) -> int | None:
        return self.landscape.estate.index.get(self.landscape.aliases.get(ref, ref))

    def list_supplies(self, contracts: Sequence[ContractTerms]) -> list[Supply]:
        covered: dict[str, set[str]] = defaultdict(set)
        for terms in contracts:
            if terms.supplier:
                for ref in terms.covers:
                    covered[ref].add(terms.supplier)
        found = []
        for kind in SUPPLIED:
            for ref, owner, spec in self._records(kind):
                node = self._node(ref)
                if node is None:
                    continue
                said = [spec[name] for name in _SUPPLYING if spec.get(name)]
                parties = {self.parties.cluster_of(name) for name in said if name.startswith("supplier:")}
                found.append(
                    Supply(
                        node,
                        owner,
                        categorise(kind, spec),
                        frozenset(party for party in parties | covered[ref] if party),
                        None not in parties and bool(said or covered[ref]),
                        frozenset(spec.get("realises", ())),
                    )
                )
        return found

    def read_uses(self) -> dict[int, int]:
        uses: dict[int, int] = {}
        for node, thing in enumerate(self.landscape.things):
            if thing.kind == "public-service" and thing.uses_per_day is not None:
                uses[node] = thing.uses_per_day
        measured: dict[int, str] = {}
        for _, _, spec in self._records("demand"):
            service = self._node(spec["service"])
            day = spec.get("measuredOn") or ""
            # What was measured last counts; it goes before what the service says of itself.
            if service is not None and day >= measured.get(service, ""):
                measured[service], uses[service] = day, spec["usesPerDay"]
        return uses

    def read_inhabitants(self) -> dict[str, int]:
        return {ref: spec["inhabitants"] for ref, _, spec in self._records("organisation") if spec.get("inhabitants")}
