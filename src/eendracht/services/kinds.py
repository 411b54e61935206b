"""Kinds of records of the wing: events by which services are grouped, and changes of a journey."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eendracht.kernel.kinds import Kind
from eendracht.kernel.kinds.fields import Code, Day, Line, Name, Spec
from eendracht.kernel.kinds.parties import OrganisationRef


class LifeEvent(Spec):
    """Something in a life or a business for which people need services (cv:LifeEvent, cv:BusinessEvent)."""

    type: Literal["life", "business"]
    name_en: Name
    """What people call it in English."""
    products: tuple[Line, ...] = Field(default=(), max_length=200)
    """Names in the Uniforme Productnamenlijst of what belongs to it, in the order in which it is needed."""


class JourneyChange(Spec):
    """Something that was changed in a journey, so that before and after can be compared."""

    journey: Code
    """Code of the journey, as the page of experience shows it."""
    organisation: OrganisationRef
    changed_on: Day
    """First day on which the journey was as it is now."""


KINDS = (Kind("life-event", LifeEvent), Kind("journey-change", JourneyChange))
