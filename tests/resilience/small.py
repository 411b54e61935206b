"""A small store with the kinds of the wing, and a landscape of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from eendracht.bootstrap import registry
from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.landscape import build_landscape
from eendracht.kernel.search import SqliteTextIndex
from eendracht.kernel.store import Store
from eendracht.kernel.store.sqlite import SqliteDriver
from eendracht.resilience.exposure import Portfolio, read_portfolio
from tests.contract.engines import EDE, EMMEN
from tests.kernel.deliveries import put

TODAY = date(2026, 11, 23)
ASSEN = "organisation:gm0106"


@contextmanager
def open_store(folder: Path, day: date = TODAY) -> Iterator[Store]:
    """Open a store on which it is noon of a day, with three municipalities."""
    clock = FixedClock(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    with Store(SqliteDriver(folder / "small.db"), registry(), SqliteTextIndex(), clock) as store:
        for ref, name in ((EMMEN, "Emmen"), (EDE, "Ede"), (ASSEN, "Assen")):
            put(store, ref, ref, level="public", name=name, type="municipality")
        yield store


def supplier(store: Store, name: str, **spec: Any) -> str:
    """Record a supplier; owners as `owners={"x": "60"}`."""
    owners = spec.pop("owners", {})
    if owners:
        spec["ownerships"] = [{"owner": f"supplier:gm0114/{owner}", "share": share} for owner, share in owners.items()]
    put(store, f"supplier:gm0114/{name}", level="public", **spec)
    return f"supplier:gm0114/{name}"


def contract(store: Store, name: str, to: str, buyer: str = EMMEN, **spec: Any) -> str:
    """Record a contract of a buyer with a supplier."""
    ref = f"contract:gm0114/{name}"
    put(store, ref, buyer, buyer=buyer, supplier=f"supplier:gm0114/{to}", **spec)
    return ref


def portfolio_of(store: Store, asker: Principal = OPERATOR) -> Portfolio:
    """Read what is supplied to whom today."""
    return read_portfolio(store, asker, build_landscape(store, asker))
