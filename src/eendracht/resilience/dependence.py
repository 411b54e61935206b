"""What pages and the API show of dependence, each worked out once for whoever may see the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import NotFound
from eendracht.kernel.store import Store
from eendracht.kit.landscapes import Landscapes

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape
    from eendracht.resilience.collective import SharedWeakPoint
    from eendracht.resilience.concentration import By, Concentration, Measure
    from eendracht.resilience.contracts import Radar
    from eendracht.resilience.exposure import Portfolio
    from eendracht.resilience.importance import ColdStart, CommonParent, Importance, UntestedReliance
    from eendracht.resilience.trend import TrendPoint


@dataclass(frozen=True, slots=True)
class Spread:
    """How one measure is spread, by each sort of party, with the categories that there are."""

    by: Mapping[By, Concentration]
    categories: Sequence[str]
    is_synthetic: bool
    """Whether something of what it rests on was made up."""


@dataclass(frozen=True, slots=True)
class WeakPoints:
    """What weighs most, what hides behind redundancy, and what could not start again."""

    importance: Sequence[Importance]
    parents: Sequence[CommonParent]
    untested: Sequence[UntestedReliance]
    cold_start: ColdStart
    names: Mapping[str, str]
    is_synthetic: bool

    def as_dict(self, limit: int) -> dict[str, Any]:
        """Give it as plain data, at most `limit` of each."""
        return {
            "suppliers": [item.as_dict() for item in self.importance[:limit]],
            "commonParents": [item.as_dict() for item in self.parents[:limit]],
            "untested": [
                {"party": item.party, "name": item.name, "services": list(item.services)}
                for item in self.untested[:limit]
            ],
            "startDeadlocks": [list(circle) for circle in self.cold_start.circles[:limit]],
            "coldStart": self.cold_start.as_dict(limit),
            "counts": {
                "suppliers": sum(bool(item.trusted.critical) for item in self.importance),
                "commonParents": len(self.parents),
                "untested": len(self.untested),
                "startDeadlocks": len(self.cold_start.circles),
            },
        }


class Dependence:
    """Looks for one asker, through the landscapes that the server keeps; raises StillLooking as these do."""

    def __init__(self, landscapes: Landscapes, store: Store, asker: Principal) -> None:
        self._landscapes = landscapes
        self._store = store
        self._asker = asker

    def measure_spread(self, measure: Measure, category: str) -> Spread:
        """Measure how something is spread, by every sort of party; raises NotFound for an unknown category."""
        # What everybody asks tells which there are. It is kept; a refusal is not, and would be worked out each time.
        if category and category not in self.measure_spread(measure, "").categories:
            raise NotFound(f"Nothing is supplied of the category {category}", hint="Choose one of the list.")

        def make(landscape: Landscape) -> Spread:
            from eendracht.resilience.concentration import BYS, measure_concentration

            portfolio = self._read(landscape)
            found = {by: measure_concentration(portfolio, by, measure, category) for by in BYS}
            return Spread(found, portfolio.categories, _is_synthetic(landscape))

        return self._landscapes.derive(("spread", measure, category), self._store, self._asker, make)

    def follow_spend(self, by: By) -> Sequence[TrendPoint]:
        """Follow the concentration of spend over the last months."""

        def make(_: Landscape) -> Sequence[TrendPoint]:
            from eendracht.resilience.trend import follow_concentration

            return follow_concentration(self._store, self._asker, today(self._store.clock), by)

        return self._landscapes.derive(("trend", by), self._store, self._asker, make)

    def scan_contracts(self) -> Radar:
        """Put the contracts on the radar."""

        def make(landscape: Landscape) -> Radar:
            from eendracht.resilience.contracts import scan_contracts

            return scan_contracts(self._store, self._asker, landscape)

        return self._landscapes.derive(("radar",), self._store, self._asker, make)

    def find_weak_points(self) -> WeakPoints:
        """Find what weighs most and what hides."""

        def make(landscape: Landscape) -> WeakPoints:
            from eendracht.resilience import importance

            portfolio = self._read(landscape)
            parents = importance.find_common_parents(portfolio)
            cold_start = importance.plan_cold_start(portfolio)
            untested = importance.list_untested_reliance(portfolio)
            refs = {ref for item in parents for ref in (item.consumer, *item.members)}
            refs |= {ref for circle in cold_start.circles for ref in circle} | {*cold_start.by_hand, *cold_start.never}
            refs |= {ref for item in untested for ref in item.services}
            names = {ref: portfolio.parties.name_of(ref) for ref in refs}
            ranking = importance.rank_importance(portfolio)
            return WeakPoints(ranking, parents, untested, cold_start, names, _is_synthetic(landscape))

        return self._landscapes.derive(("weak-points",), self._store, self._asker, make)

    def list_shared(self) -> tuple[Portfolio, Sequence[SharedWeakPoint]]:
        """Find the weak points that organisations share, and give on what that rests."""

        def make(landscape: Landscape) -> tuple[Portfolio, Sequence[SharedWeakPoint]]:
            from eendracht.resilience.collective import list_shared

            portfolio = self._read(landscape)
            return portfolio, list_shared(portfolio)

        return self._landscapes.derive(("shared",), self._store, self._asker, make)

    def _read(self, landscape: Landscape) -> Portfolio:
        from eendracht.resilience.exposure import read_portfolio

        return read_portfolio(self._store, self._asker, landscape)


def _is_synthetic(landscape: Landscape) -> bool:
    return any(thing.is_synthetic for thing in landscape.things)
