"""Deliveries as readers hand them over, written by hand, and a small store to take them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.imports.rows import Mention, Reading, SourceRow
from eendracht.kernel.reconcile import Plan, Policy, apply_plan, plan_import
from eendracht.kernel.store import Store
from tests.contract.engines import EDE, EMMEN, Engine

TODAY = date(2026, 11, 23)
SYSTEM = "lijst"


@contextmanager
def open_small_store(folder: Path, day: date = TODAY) -> Iterator[Store]:
    """Open a store on which it is noon of a day, with two municipalities."""
    clock = FixedClock(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    with Engine("sqlite", str(folder / "small.db")).open(clock) as store:
        for ref, name in ((EMMEN, "Emmen"), (EDE, "Ede")):
            put(store, ref, ref, level="public", name=name)
        yield store


def put(store: Store, ref: str, owner: str = EMMEN, *, level: str = "organisation", **spec: Any) -> str:
    """Record a version by hand, as the operator; gives its uid."""
    period = {name: spec.pop(name) for name in ("validFrom", "validUntil") if name in spec}
    draft = {
        "ref": ref,
        "owner": owner,
        "confidentiality": {"level": level},
        "source": {"type": "statement", "date": "2026-01-01"},
        "spec": {"name": ref.rpartition("/")[2]} | spec,
        **period,
    }
    return store.put(draft, OPERATOR).uid


def row(
    kind: str,
    key: str,
    name: str,
    mentions: Mapping[str, tuple[str, str]] | None = None,
    facts: Mapping[str, Any] | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
    **spec: Any,
) -> SourceRow:
    """Give a row; `mentions` map a field to the kind and name that it mentions."""
    return SourceRow(
        kind,
        key,
        {"name": name} | spec,
        tuple(Mention(field, of_kind, text) for field, (of_kind, text) in (mentions or {}).items()),
        f"lijst.xlsx › Blad1 › rij {key}",
        valid_from,
        valid_until,
        facts=facts or {},
    )


def plan(
    store: Store,
    *rows: SourceRow,
    owner: str = EMMEN,
    author: Principal = OPERATOR,
    system: str = SYSTEM,
    policy: Policy | None = None,
) -> Plan:
    """Compare a delivery with the store."""
    return plan_import(store, Reading(system, rows), owner, author, policy)


def deliver(store: Store, *rows: SourceRow, author: Principal = OPERATOR, **options: Any) -> Plan:
    """Compare a delivery with the store and record it."""
    made = plan(store, *rows, author=author, **options)
    apply_plan(store, made, author)
    store.catch_up()
    return made
