"""Kinds of records of the wing: events in life or business, by which services are grouped."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eendracht.kernel.kinds import Kind
from eendracht.kernel.kinds.fields import Line, Name, Spec


class LifeEvent(Spec):
    """Something in a life or a business for which people need services (cv:LifeEvent, cv:BusinessEvent)."""

    type: Literal["life", "business"]
    name_en: Name
    """What people call it in English."""
    products: tuple[Line, ...] = Field(default=(), max_length=200)
    """Names in the Uniforme Productnamenlijst of what belongs to it, in the order in which it is needed."""


KINDS = (Kind("life-event", LifeEvent),)
