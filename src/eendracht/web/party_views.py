"""What the pages of an organisation and of a supplier show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.records import Record
from eendracht.kernel.store import Query, Store
from eendracht.kit.charts import Bar, draw_bars
from eendracht.kit.i18n import Words
from eendracht.web.search_view import name_of

MOST_THINGS: Final = 1_000
MOST_SHOWN: Final = 200
_MOST_BARS: Final = 12


@dataclass(frozen=True, slots=True)
class Count:
    """How many records of a kind."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Named:
    """A ref with the name behind it; empty where the asker may not see it."""

    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """An organisation: what it is, where it belongs, and what it has."""

    record: Record
    spec: dict[str, Any]
    belongs: Sequence[tuple[str, Named]]
    """Field and organisation for each body that it is part of."""
    parts: Sequence[Named]
    total: int
    kinds: Sequence[Count]
    chart: Markup | None
    contracts: Sequence[Contract]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract with the dates that matter."""

    ref: str
    name: str
    other: Named
    end_date: str
    notice_days: int | None
    eurocent: int | None


@dataclass(frozen=True, slots=True)
class Hanging:
    """Something that hangs on a supplier, and by which relations."""

    record: Record
    owner: Named
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class SupplierView:
    """A supplier: who owns it, and what hangs on it."""

    record: Record
    spec: dict[str, Any]
    owners: Sequence[tuple[Named, str]]
    """Owner and share in percent."""
    things: Sequence[Hanging]
    total: int
    organisations: int
    critical: int
    contracts: Sequence[Contract]
    claims: Sequence[Named]
    """Claims that it is the same as another."""
    chart: Markup | None


def view_organisation(store: Store, asker: Principal, name: str, words: Words) -> OrganisationView:
    """Give what the page of an organisation shows; raises NotFound, also for what is no organisation."""
    record = _get(store, asker, name, "organisation")
    spec = record.spec(store.registry)
    facets = store.facets(Query(owner=record.ref), asker)
    kinds = [Count(kind, n) for kind, n in sorted(facets.kind.items(), key=lambda item: (-item[1], item[0])) if n]
    belongs = [
        (field, Named(spec[field], name_of(store, asker, spec[field])))
        for field in ("partOf", "province", "safetyRegion")
        if spec.get(field)
    ]
    incoming = store.incoming(record.uid, asker, None, MOST_THINGS)
    parts = [Named(item.ref, item.name) for item in incoming if item.field in ("partOf", "province", "safetyRegion")]
    chart = None
    if len(kinds) > 1:
        bars = [Bar(words.kind(item.kind, 2), item.count, words.number(item.count)) for item in kinds[:_MOST_BARS]]
        chart = draw_bars("kinds", words.gettext("Records per kind"), _say_bars(bars), bars)
    contracts = _contracts(store, asker, [item.ref for item in incoming if item.field == "buyer"], "supplier")
    return OrganisationView(
        record,
        spec,
        belongs,
        sorted(set(parts), key=lambda item: item.name)[:MOST_SHOWN],
        facets.total,
        kinds,
        chart,
        contracts,
    )


def view_supplier(store: Store, asker: Principal, name: str, words: Words) -> SupplierView:
    """Give what the page of a supplier shows; raises NotFound, also for what is no supplier."""
    record = _get(store, asker, name, "supplier")
    spec = record.spec(store.registry)
    incoming = store.incoming(record.uid, asker, None, MOST_THINGS)
    fields: dict[str, list[str]] = {}
    for item in incoming:
        if item.ref.partition(":")[0] not in ("contract", "same-as", "supplier"):
            fields.setdefault(item.ref, []).append(item.field)
    records = _current(store, asker, sorted(fields))
    owners: dict[str, str] = {}
    things = []
    for thing in records:
        if thing.owner not in owners:
            owners[thing.owner] = name_of(store, asker, thing.owner)
        things.append(Hanging(thing, Named(thing.owner, owners[thing.owner]), fields[thing.ref]))
    things.sort(key=lambda item: (item.record.data["spec"].get("criticality") != "critical", item.record.name))
    per_owner = Counter(thing.owner for thing in things)
    chart = None
    if len(per_owner) > 1:
        bars = [
            Bar(owner.name or owner.ref, count, words.number(count))
            for owner, count in sorted(per_owner.items(), key=lambda item: (-item[1], item[0].name))[:_MOST_BARS]
        ]
        chart = draw_bars("owners", words.gettext("What hangs on it, per organisation"), _say_bars(bars), bars)
    return SupplierView(
        record=record,
        spec=spec,
        owners=[(Named(o["owner"], name_of(store, asker, o["owner"])), o["share"]) for o in spec.get("ownerships", ())],
        things=things[:MOST_SHOWN],
        total=len(things),
        organisations=len(per_owner),
        critical=sum(thing.record.data["spec"].get("criticality") == "critical" for thing in things),
        contracts=_contracts(store, asker, [item.ref for item in incoming if item.field == "supplier"], "buyer"),
        claims=[Named(item.ref, item.name) for item in incoming if item.ref.startswith("same-as:")],
        chart=chart,
    )


def _get(store: Store, asker: Principal, name: str, kind: str) -> Record:
    record = store.get(name, asker)
    if record.kind != kind:
        raise NotFound(f"{name[:100]} is no {kind}")
    return record


def _current(store: Store, asker: Principal, refs: Sequence[str]) -> list[Record]:
    return store.get_among(refs, asker)


def _contracts(store: Store, asker: Principal, refs: Sequence[str], other: str) -> list[Contract]:
    contracts = []
    for record in _current(store, asker, sorted({ref for ref in refs if ref.startswith("contract:")})):
        spec = record.data["spec"]
        party = Named(spec[other], name_of(store, asker, spec[other]))
        dates = (spec.get("endDate") or "", spec.get("noticeDays"), spec.get("annualValueEurocent"))
        contracts.append(Contract(record.ref, record.name, party, *dates))
    # What has no known end comes first: nobody knows when to decide.
    return sorted(contracts, key=lambda item: (item.end_date, item.name))[:MOST_SHOWN]


def _say_bars(bars: Sequence[Bar]) -> str:
    return "; ".join(f"{bar.label}: {bar.printed}" for bar in bars)
