"""How concentration went: the index by spend at the beginning of each of the last months, as the records have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.landscape import build_landscape
from eendracht.kernel.store import Store
from eendracht.resilience.concentration import By, measure_concentration
from eendracht.resilience.exposure import Portfolio, read_contracts
from eendracht.resilience.parties import read_parties

MONTHS: Final = 12
_PARTIES: Final = ("supplier", "same-as")


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The index on a day, as a range; None where no spend was known."""

    day: date
    hhi_low: Fraction | None
    hhi_high: Fraction | None

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        low, high = (None if value is None else round(float(value), 1) for value in (self.hhi_low, self.hhi_high))
        return {"day": self.day.isoformat(), "hhiLow": low, "hhiHigh": high}


def list_month_starts(day: date, months: int = MONTHS) -> list[date]:
    """Give the first days of the last months, that of the month of `day` last."""
    ordinal = day.year * 12 + day.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(ordinal - months + 1, ordinal + 1)]


def follow_concentration(store: Store, asker: Principal, day: date, by: By) -> Sequence[TrendPoint]:
    """Measure the concentration of spend at the beginning of each of the last twelve months, oldest first."""
    return [_measure_on(store, asker, start, by) for start in list_month_starts(day)]


def _measure_on(store: Store, asker: Principal, day: date, by: By) -> TrendPoint:
    # Spend asks for parties and contracts alone; the whole estate of a year would take minutes.
    landscape = build_landscape(store, asker, day, kinds=_PARTIES)
    parties = read_parties(store, asker, landscape)
    contracts = read_contracts(store, asker, landscape, parties)
    found = measure_concentration(Portfolio(landscape, parties, contracts, (), {}, {}), by, "spend")
    return TrendPoint(day, found.hhi_low, found.hhi_high)
