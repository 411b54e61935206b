"""The catalogue over HTTP: the events in a life or a business, with the products that belong to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kit.questions import Question
from eendracht.kit.routing import AskerOf, describe, json_response, question
from eendracht.services.catalogue import LifeEvent, events, find_product

router = APIRouter(tags=["services"])

_OPEN: Final[Mapping[str, str]] = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600"}
"""The list is the same for everybody, and pages of other sites show it."""


class EventListing(Question):
    """Which events are meant."""

    type: Literal["", "life", "business"] = ""
    """Whether it happens in a life or in a business."""


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class Both(_Shape):
    """A text in Dutch and in English."""

    nl: str
    en: str


class EventProduct(_Shape):
    """A product that belongs to an event."""

    name: str
    """In the Uniforme Productnamenlijst."""
    uri: str


class Event(_Shape):
    """Something in a life or a business for which people need services."""

    code: str
    type: Literal["life", "business"]
    name: Both
    about: Both
    products: list[EventProduct]
    """In the order in which most people need them."""


class Events(_Shape):
    """Events with their products."""

    life_events: list[Event]


@router.get("/life-events", **describe(Events, query=EventListing))
def list_life_events(_: AskerOf, asked: Annotated[EventListing, question(EventListing)]) -> Response:
    """List the events in a life and in a business, each with the products that belong to it."""
    return json_response({"lifeEvents": [_describe(event) for event in events(asked.type)]}, headers=_OPEN)


def _describe(event: LifeEvent) -> dict[str, Any]:
    return {
        "code": event.code,
        "type": event.type,
        "name": {"nl": event.name_nl, "en": event.name_en},
        "about": {"nl": event.about_nl, "en": event.about_en},
        "products": [{"name": name, "uri": find_product(name).uri} for name in event.products],
    }
