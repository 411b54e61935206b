"""Events in a life or a business, as people tell them: what is meant comes first, and what else is asked stays so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eendracht.reference import load_life_events, load_products
from eendracht.services.door.events import load_tellings
from eendracht.services.door.finder import RightDoor, open_reference_door

TOLD = Path(__file__).parent / "told_events.jsonl"


@pytest.fixture(scope="module")
def door() -> RightDoor:
    return open_reference_door()


def test_the_table_names_events_and_products_that_are_there() -> None:
    tellings = load_tellings()
    assert {telling.event for telling in tellings} <= set(load_life_events())
    assert {telling.product for telling in tellings} - {""} <= {product.name for product in load_products()}
    assert all(telling.groups and all(group.words or group.rows for group in telling.groups) for telling in tellings)
    assert len({telling.event.code for telling in tellings}) >= 50


def test_what_people_mean_who_tell_an_event_comes_first(door: RightDoor) -> None:
    rows = [json.loads(line) for line in TOLD.read_text("utf-8").splitlines()]
    spotted = first = meant = 0
    for row in rows:
        answer = door.find(row["q"])
        spotted += answer.event is not None and answer.event.code == row["event"]
        if row["upl"]:
            meant += 1
            first += not answer.is_none and answer.hits[0].product in row["upl"]
    print(json.dumps({"spotted": spotted / len(rows), "first": first / meant, "n": len(rows)}))
    assert spotted / len(rows) >= 0.95
    assert first / meant >= 0.95


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("mijn kind is geboren", "geboorteaangifte"),
        ("mijn kindje is geborne", "geboorteaangifte"),
        ("my child was born in the hospital last night", "geboorteaangifte"),
        ("baby geboren, hoe vraag ik kinderbijslag aan", "kinderbijslag"),
        ("mijn man is overleden, hoe lang krijg ik anw", "anw-uitkering"),
        ("ik ga trouwen en zoek een mooie trouwlocatie", "trouwlocatie"),
        ("ik verhuis en wil een parkeervergunning", "parkeervergunning"),
        ("ik ben zwanger en wil geboorteverlof voor mijn partner", "geboorteverlof"),
        ("moving to the Netherlands, exchange my foreign driving licence", "rijbewijs buitenlands omwisseling"),
    ],
)
def test_what_is_asked_beside_an_event_goes_before_it(door: RightDoor, text: str, product: str) -> None:
    answer = door.find(text)
    assert not answer.is_none
    assert answer.hits[0].product == product


def test_the_reason_names_the_event(door: RightDoor) -> None:
    reason = door.find("my child was born").hits[0].reason
    assert ("Kind geboren" in reason.nl, "A child is born" in reason.en) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "de bakkerij op de hoek maakt lawaai",
        "paspoort verlopen",
        "ik heb een kind",
        "afval scheiden plastic",
        "mag mijn winkel op zondag open",
        "trouwen met mijn kat",
        "mijn hond is dood",
        "openingstijden van de winkel",
        "",
        "<script>",
        "x" * 9_000,
    ],
)
def test_other_words_tell_no_event(door: RightDoor, text: str) -> None:
    assert door.find(text).event is None


def test_a_long_story_is_read_quickly_and_is_no_event(door: RightDoor) -> None:
    story = "wij wonen naast het spoor en horen de treinen en er is een kind geboren en de buurt klaagt over trillingen"
    assert door.find(" ".join([story] * 200)).event is None
