"""Small tables of facts that ship with Eendracht, each with its source; the lowest layer, on the standard library."""

from eendracht.reference.bodies import (
    OBSERVED_ON,
    PublicBody,
    Source,
    load_municipality_successors,
    load_public_bodies,
    load_sources,
)
from eendracht.reference.defects import DEFECT_KINDS, Defect, DefectKind, Severity, load_recorded_defects
from eendracht.reference.life_events import EventType, LifeEvent, load_life_events
from eendracht.reference.product_rules import ProductRule, load_product_rules
from eendracht.reference.products import (
    UNNAMED,
    Audience,
    Level,
    Product,
    ProductWords,
    load_product_words,
    load_products,
)
from eendracht.reference.quality import find_data_defects, find_oin_fault

__all__ = [
    "DEFECT_KINDS",
    "OBSERVED_ON",
    "UNNAMED",
    "Audience",
    "Defect",
    "DefectKind",
    "EventType",
    "Level",
    "LifeEvent",
    "Product",
    "ProductRule",
    "ProductWords",
    "PublicBody",
    "Severity",
    "Source",
    "find_data_defects",
    "find_oin_fault",
    "load_life_events",
    "load_municipality_successors",
    "load_product_rules",
    "load_product_words",
    "load_products",
    "load_public_bodies",
    "load_recorded_defects",
    "load_sources",
]
