"""Events in a life and in a business, with the products that belong to each; written here.

Names of products are those of `products.csv`, in the order in which people need them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from eendracht.reference.bodies import read_table

EventType = Literal["life", "business"]


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Something that happens to a person or a business, for which they need services of several bodies."""

    code: str
    type: EventType
    name_nl: str
    name_en: str
    about_nl: str
    about_en: str
    products: tuple[str, ...]
    """Names in the Uniforme Productnamenlijst, in the order in which they are needed."""

    def name(self, language: str) -> str:
        """Give the name in Dutch or English."""
        return self.name_nl if language == "nl" else self.name_en

    def about(self, language: str) -> str:
        """Give one line on what it is, in Dutch or English."""
        return self.about_nl if language == "nl" else self.about_en


@cache
def load_life_events() -> tuple[LifeEvent, ...]:
    """Give all events in the order of the table: those of a life first; read once per process."""
    return tuple(
        LifeEvent(code, cast(EventType, kind), name_nl, name_en, about_nl, about_en, tuple(products.split(" | ")))
        for code, kind, name_nl, name_en, about_nl, about_en, products in read_table("life_events.csv")
    )
