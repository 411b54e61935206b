"""What a case is about: a service that a body recorded, products of the national list, or both, in two languages.

A record and the list name things in Dutch. The English name is that of the table of benefits; without one it is the
Dutch name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.access import PUBLIC, Principal
from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kernel.rules.spoken import listed
from eendracht.kernel.store import Store
from eendracht.kernel.wording import Said
from eendracht.reference.facts import load_benefits
from eendracht.services.catalogue import KIND, find_product, product_of, services_for

MOST_PRODUCTS: Final = 20


@dataclass(frozen=True, slots=True)
class Topic:
    """What a case is about; empty texts mean that nobody said it.

    `service` is the ref of a public service with its name and the weeks in which is decided, `products` are terms of
    the Uniforme Productnamenlijst.
    """

    service: str = ""
    service_name: str = ""
    decision_weeks: int | None = None
    products: tuple[str, ...] = ()

    @property
    def name(self) -> Said:
        """What it is called; empty where nobody said what it is about."""
        return name_topic(self.service_name, self.products)


def describe_topic(store: Store, asker: Principal, service: str, products: Sequence[str] = ()) -> Topic:
    """Describe what a case is about, as the asker may see it; a service names its own product where no other is given.

    Raises NotFound for a service that is not there for the asker, InvalidInput for a product that the list lacks.
    """
    terms = _read_products(products)
    if not service:
        return Topic(products=terms)
    record = store.get(service, asker)
    if record.kind != KIND:
        raise NotFound(f"{service[:80]} is no public service")
    spec = record.spec(store.registry)
    own = product_of(str(spec.get("upl") or ""))
    return Topic(service, record.name, spec.get("decisionWeeks"), terms or ((own.term,) if own else ()))


def _read_products(names: Sequence[str]) -> tuple[str, ...]:
    found, faults = [], []
    for at, name in enumerate(names):
        product = product_of(name)
        if product is None:
            nl, en = "Dit product staat niet in de landelijke lijst", "This product is not in the national list"
            hint = "Give its name, term or URI in the Uniforme Productnamenlijst."
            faults.append(Fault(f"/products/{at}", "no-such-product", nl, en, hint))
        else:
            found.append(product.term)
    if len(names) > MOST_PRODUCTS:
        faults.append(Fault("/products", "too-many", "Dit zijn te veel producten", "These are too many products"))
    if faults:
        raise InvalidInput(f"{len(faults)} fault(s) in what it is about", faults=faults)
    return tuple(dict.fromkeys(found))


def name_topic(service_name: str, products: Sequence[str]) -> Said:
    """Give what a case is called, in Dutch and English; empty where nobody said what it is about."""
    names = [found for term in products if (found := _name_product(term)) is not None]
    together = listed(names) if names else Said(service_name, service_name)
    is_translated = together.nl != together.en
    return Said(service_name or together.nl, together.en if is_translated else service_name or together.en)


def _name_product(term: str) -> Said | None:
    """Name a product; None for one of a later list, as another node may have it."""
    benefit = next((item for item in load_benefits().values() if item.upl_term == term), None)
    if benefit is not None:
        return Said(benefit.name_nl, benefit.name_en)
    try:
        name = find_product(term).name
    except NotFound:
        return None
    return Said(name[:1].upper() + name[1:], name[:1].upper() + name[1:])


def find_service(store: Store, products: Sequence[str], organisation: str) -> str:
    """Give the ref of the service that an organisation recorded for a product, as the public may see it.

    Empty where it recorded none or several, and for several products: no one service is then what it is about.
    """
    if len(products) != 1:
        return ""
    product = product_of(products[0])
    found = services_for(store, PUBLIC, [product]).get(product.name, []) if product else []
    refs = {
        record.ref for record in found if record.spec(store.registry).get("providedBy", record.owner) == organisation
    }
    return refs.pop() if len(refs) == 1 else ""
