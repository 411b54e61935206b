"""Services of the municipality of a demonstration, by the names of the national list, and the events they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from eendracht.kernel.identity import slug
from eendracht.kernel.instance import Instance
from eendracht.kit.made_up import made_up, record
from eendracht.reference.life_events import load_life_events
from eendracht.reference.products import load_products
from eendracht.services.personas import MUNICIPALITY

EVENTS: Final = (
    "child-born",
    "opening-a-shop",
    "opening-a-cafe",
    "low-income",
    "moving-house",
    "turning-18",
    "retiring",
)
"""The events of which the municipality recorded its services."""
WEEKS: Final = 8
_CHANNELS: Final = (
    {"type": "online", "url": "https://www.rotterdam.example/loket"},
    {"type": "phone", "contact": "14 010"},
    {"type": "counter", "contact": "Stadswinkel (verzonnen voor deze demonstratie)", "hours": "ma-vr 9-17 uur"},
)


def fill_offers(instance: Instance) -> None:
    """Record the events, and each product of them that a municipality gives."""
    record(instance, [*_events(), *_services()])


def _events() -> Iterator[dict[str, Any]]:
    for event in load_life_events():
        if event.code in EVENTS:
            shown: dict[str, Any] = {"type": event.type, "nameEn": event.name_en, "products": list(event.products)}
            yield made_up(_event(event.code), MUNICIPALITY, event.name_nl, **shown)


def _services() -> Iterator[dict[str, Any]]:
    events = [event for event in load_life_events() if event.code in EVENTS]
    for product in load_products():
        of = [_event(event.code) for event in events if product.name in event.products]
        if of and "municipality" in product.levels:
            yield made_up(
                f"public-service:demo/gm0599/{slug(product.name)}",
                MUNICIPALITY,
                product.name[:1].upper() + product.name[1:],
                upl=product.name,
                providedBy=MUNICIPALITY,
                level="municipality",
                audience=list(product.audiences),
                channels=list(_CHANNELS),
                lifeEvents=of,
                decisionWeeks=WEEKS,
            )


def _event(code: str) -> str:
    return f"life-event:demo/{code}"
