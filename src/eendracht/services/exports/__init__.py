"""The service catalogue in formats of others: CPSV-AP 3.2.0 and Samenwerkende Catalogi."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.services.catalogue import services_of

CATALOGUE_FIELDS: Final = (
    "name",
    "description",
    "alsoKnownAs",
    "tags",
    "providedBy",
    "upl",
    "level",
    "audience",
    "channels",
    "costs",
    "legalResources",
    "ruleOutputs",
    "lifeEvents",
    "sdgCodes",
    "decisionWeeks",
)
"""What of a service is published; how critical it is and what it runs on stays with its organisation."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as it is published: its names, when it was last changed, and the fields of the catalogue."""

    ref: str
    uid: str
    modified: str
    authority: str
    """Ref of the organisation that gives it; its owner where the record does not say so."""
    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What goes into an export, as far as the asker may see it."""

    offers: tuple[Offer, ...]
    names: Mapping[str, str]
    """Names of the organisations and events that are referred to."""
    specs: Mapping[str, Mapping[str, Any]]
    """The specs of those organisations and events."""
    notes: Mapping[str, int] = field(default_factory=dict)
    """How often something had to be filled in, by code: `no-authority`, `no-description`."""


def collect_catalogue(store: Store, asker: Principal, organisation: str = "") -> Catalogue:
    """Gather the services that the asker may see, of one organisation where that is given.

    Nothing is made up where there are none: a product that a body of this level may have is no service.
    """
    records = sorted(services_of(store, asker, organisation), key=lambda record: record.ref)
    offers = [_offer(store, record) for record in records]
    mentioned = {offer.authority for offer in offers} | {
        ref for offer in offers for ref in offer.spec.get("lifeEvents", ())
    }
    known = {record.ref: record for record in _among(store, asker, sorted(mentioned))}
    notes: Counter[str] = Counter()
    for offer in offers:
        notes["no-authority"] += "providedBy" not in offer.spec
        notes["no-description"] += "description" not in offer.spec
    return Catalogue(
        tuple(offers),
        {ref: record.name for ref, record in known.items()},
        {ref: record.spec(store.registry) for ref, record in known.items()},
        {code: count for code, count in notes.items() if count},
    )


def _offer(store: Store, record: Record) -> Offer:
    spec = record.spec(store.registry)
    said = {name: spec[name] for name in CATALOGUE_FIELDS if spec.get(name) not in (None, "", [], (), "unknown")}
    authority = str(said.get("providedBy") or record.owner)
    return Offer(record.ref, record.uid, str(record.data["recordedAt"]), authority, said)


def _among(store: Store, asker: Principal, refs: list[str]) -> Iterable[Record]:
    for start in range(0, len(refs), 500):
        yield from store.get_among(refs[start : start + 500], asker)
