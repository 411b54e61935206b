"""The service catalogue: products of the national list, events in a life, and the services that bodies recorded."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Final

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import NotFound
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.reference.life_events import LifeEvent, load_life_events
from eendracht.reference.products import UNNAMED, UPL_BASE, LegalBasis, Product, load_products

__all__ = [
    "LegalBasis",
    "LifeEvent",
    "Product",
    "events",
    "events_of",
    "find_event",
    "find_product",
    "link_to_basis",
    "list_products",
    "services_for",
    "services_of",
]
KIND: Final = "public-service"
_AT_ONCE: Final = 500
_MOST_BEHIND: Final = 5_000
"""So many entries behind the log, the index of services is made anew."""


@cache
def _products() -> dict[str, Product]:
    """Give every product by name in small letters, by term and by URI."""
    found: dict[str, Product] = {}
    for product in load_products():
        if product.name == UNNAMED:
            continue
        found[product.uri] = product
        found[product.term] = product
        found[product.uri.replace("http://", "https://", 1)] = product
    return found | {product.name.casefold(): product for product in found.values()}


def find_product(name: str) -> Product:
    """Give the product with this name, term or URI in the Uniforme Productnamenlijst; raises NotFound."""
    known = _products()
    product = known.get(name) or known.get(name.casefold().strip())
    if product is None:
        raise NotFound(f"'{name[:100]}' is not in the Uniforme Productnamenlijst")
    return product


def list_products(level: str = "", audience: str = "") -> list[Product]:
    """Give the products that bodies of a level give to an audience, by name; empty texts filter nothing."""
    return [
        product
        for product in load_products()
        if product.name != UNNAMED and level in ("", *product.levels) and audience in ("", *product.audiences)
    ]


def events(type: str = "") -> tuple[LifeEvent, ...]:
    """Give the events in a life or a business, of one type where that is given, in the order of the table."""
    return tuple(event for event in load_life_events() if type in ("", event.type))


def find_event(code: str) -> LifeEvent:
    """Give an event by its code; raises NotFound."""
    for event in load_life_events():
        if event.code == code:
            return event
    raise NotFound(f"There is no event '{code[:100]}'")


def events_of(product: Product) -> tuple[LifeEvent, ...]:
    """Give the events to which a product belongs."""
    return tuple(event for event in load_life_events() if product.name in event.products)


def services_of(store: Store, asker: Principal, organisation: str = "") -> Iterator[Record]:
    """Yield the services that hold today and that the asker may see: of all, or given or kept by one organisation."""
    for record in store.snapshot(asker, kind=KIND):
        spec = record.spec(store.registry)
        if not record.ended and organisation in ("", record.owner, spec.get("providedBy")):
            yield record


def services_for(store: Store, asker: Principal, products: Sequence[Product]) -> dict[str, list[Record]]:
    """Give the services that hold today and that the asker may see, by the name of the product that they are."""
    index = _index_of(store)
    refs = [ref for product in products for ref in index.refs_of(product.name)]
    found: dict[str, list[Record]] = {}
    for start in range(0, len(refs), _AT_ONCE):
        for record in store.get_among(refs[start : start + _AT_ONCE], asker):
            product = product_of(str(record.spec(store.registry).get("upl") or ""))
            if product is not None and not record.ended:
                found.setdefault(product.name, []).append(record)
    return found


class _Index:
    """Which services name which product, brought up to date with the log when it is asked.

    It may name services that changed since; whoever asks looks at the records themselves, and sees those it may see.
    """

    def __init__(self, store: Store) -> None:
        self._store = weakref.ref(store)
        self._lock = threading.Lock()
        self._refs: dict[str, dict[str, None]] = {}
        self._size, self._day = -1, date.min

    def refs_of(self, product: str) -> list[str]:
        """Give the refs of the services that name a product, or named it before."""
        store = self._store()
        if store is None:
            return []
        with self._lock:
            size, day = store.size, today(store.clock)
            if self._day != day or size - self._size > _MOST_BEHIND:
                self._refs = {}
                self._learn(store, store.snapshot(OPERATOR, kind=KIND))
            elif size > self._size:
                self._follow(store, size)
            self._size, self._day = size, day
            return list(self._refs.get(product, ()))

    def _follow(self, store: Store, size: int) -> None:
        since = self._size
        while since < size:
            records = store.changes(since, OPERATOR)
            if not records:
                break
            self._learn(store, (record for record in records if record.kind == KIND))
            since = records[-1].rv + 1

    def _learn(self, store: Store, records: Iterable[Record]) -> None:
        for record in records:
            product = product_of(str(record.spec(store.registry).get("upl") or ""))
            if product is not None:
                self._refs.setdefault(product.name, {})[record.ref] = None


_indexes: weakref.WeakKeyDictionary[Store, _Index] = weakref.WeakKeyDictionary()
_making = threading.Lock()


def _index_of(store: Store) -> _Index:
    with _making:
        return _indexes.setdefault(store, _Index(store))


def product_of(upl: str) -> Product | None:
    """Give the product that a service names; none where it names none, or one that the list does not hold."""
    try:
        return find_product(upl) if upl else None
    except NotFound:
        return None


def link_to_basis(basis: LegalBasis) -> str:
    """Give the address of an article at wetten.overheid.nl (juriconnect 1.3); empty where the list links to none."""
    if not basis.bwb_id:
        return ""
    article = f"&artikel={basis.article}" if basis.article else ""
    return f"https://wetten.overheid.nl/jci1.3:c:{basis.bwb_id}{article}"


def is_product_uri(text: str) -> bool:
    """Tell whether a text is an address in the national list of terms."""
    return text.replace("https://", "http://", 1).startswith(UPL_BASE)
