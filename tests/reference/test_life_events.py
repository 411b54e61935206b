"""Events: each product is one of the national list, and both a life and a business are there."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from eendracht.reference import load_life_events


def test_every_product_of_an_event_is_in_the_list_as_it_is_published(shared: Callable[..., Path]) -> None:
    with shared("reference", "services", "catalogue", "UPL-actueel.csv").open(encoding="utf-8-sig") as stream:
        published = {row["UniformeProductnaam"] for row in csv.DictReader(stream)}
    named = {name for event in load_life_events() for name in event.products}
    assert named <= published


def test_events_have_a_code_and_names_of_their_own_in_both_languages() -> None:
    events = load_life_events()
    assert len(events) >= 40
    assert {event.type for event in events} == {"life", "business"}
    for values in zip(*((event.code, event.name_nl, event.name_en) for event in events), strict=True):
        assert len(set(values)) == len(events)
    assert all(event.about("nl").endswith(".") and event.about("en").endswith(".") for event in events)
    assert all(len(set(event.products)) == len(event.products) >= 4 for event in events)
