"""The door asked by people: words, misspellings, nonsense, places that are gone, and services of organisations."""

from __future__ import annotations

import pytest

from eendracht.services.door.answer import Answer
from eendracht.services.door.authorities import UnknownMunicipality
from eendracht.services.door.finder import RightDoor, open_reference_door
from eendracht.services.door.targets import ServiceEntry


@pytest.fixture(scope="module")
def door() -> RightDoor:
    return open_reference_door()


def first(answer: Answer) -> str:
    assert not answer.is_none
    return answer.hits[0].product


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("paspoort", "paspoort"),
        ("nieuw paspoord aanvraage", "paspoort"),
        ("lost my driving licence", "rijbewijs"),
        ("gehandicapten parkeer kaart", "gehandicaptenparkeerkaart"),
        ("huurtoeslach", "huurtoeslag"),
        ("Ik wil een grote boom in mijn tuin omzagen", "omgevingsvergunning kap"),
        ("<b>rijbewijs</b>\x00 verlengen", "rijbewijs"),
    ],
)
def test_everyday_words_find_their_product(door: RightDoor, text: str, product: str) -> None:
    assert first(door.find(text)) == product


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\0\x1b[31m", "???!!!", "xqzv wrtk plmf", "stelletje idioten", "🙂🙂", "recept voor pannenkoeken"],
)
def test_nonsense_and_insults_are_refused_with_a_way_on(door: RightDoor, text: str) -> None:
    answer = door.find(text)
    assert answer.is_none
    assert answer.hand_over is not None and "1400" in answer.hand_over.nl


@pytest.mark.parametrize("text", ["a" * 50_000, "paspoort " * 10_000, "<" * 20_000, "é\u0301" * 8_000])
def test_endless_text_is_answered(door: RightDoor, text: str) -> None:
    assert any("10.000" in remark.nl for remark in door.find(text).remarks)


def test_a_citizen_service_number_reaches_nothing(door: RightDoor) -> None:
    answer = door.find("mijn bsn is 111222333 en ik wil bijstand")
    assert answer.has_bsn
    assert answer.as_dict()["removed"] == ["bsn"]
    assert "111222333" not in str(answer)
    assert "bijstand" in first(answer)


def test_an_answer_never_repeats_what_was_typed(door: RightDoor) -> None:
    assert "zwiebertje" not in str(door.find("paspoort van zwiebertje gestolen").as_dict())


def test_the_body_follows_from_where_somebody_lives(door: RightDoor) -> None:
    here = door.find("paspoort", municipality="gm0344").hits[0].authority
    assert (here.level, here.code, here.name.nl) == ("municipality", "gm0344", "Gemeente Utrecht")
    unknown = door.find("paspoort").hits[0].authority
    assert (unknown.level, unknown.code, unknown.name.nl) == ("municipality", "", "uw gemeente")


def test_a_former_municipality_gives_way_to_its_successor(door: RightDoor) -> None:
    """Weesp became part of Amsterdam on 24 March 2022."""
    answer = door.find("paspoort", municipality="gm0457")
    assert answer.hits[0].authority.code == "gm0363"
    assert any("Weesp" in remark.nl and "Amsterdam" in remark.nl for remark in answer.remarks)


def test_a_split_municipality_is_not_guessed(door: RightDoor) -> None:
    """Haaren was split on 1 January 2021 between Boxtel, Oisterwijk, Tilburg and Vught, all in Noord-Brabant."""
    answer = door.find("paspoort", municipality="gm0788")
    assert answer.hits[0].authority.code == ""
    assert any("Oisterwijk" in remark.en for remark in answer.remarks)


def test_a_municipality_ended_long_ago_says_that_its_successor_is_unknown(door: RightDoor) -> None:
    answer = door.find("paspoort", municipality="gm0142")
    assert answer.hits[0].authority.code == ""
    assert any("Ambt Delden" in remark.nl for remark in answer.remarks)


def test_successions_of_the_node_are_followed() -> None:
    entry = ServiceEntry("public-service:gm0344/x", "iets bijzonders", provider="gm0344")
    door = RightDoor((entry,), {"gm0142": ("gm1735",)})
    assert door.find("paspoort", municipality="gm0142").hits[0].authority.code == "gm1735"


@pytest.mark.parametrize("code", ["gm9999", "ws0155", "zz"])
def test_a_place_that_never_was_is_refused(door: RightDoor, code: str) -> None:
    with pytest.raises(UnknownMunicipality) as caught:
        door.find("paspoort", municipality=code)
    assert caught.value.faults[0].pointer == "/municipality"


def test_the_level_that_is_named_goes_first(door: RightDoor) -> None:
    nearest = door.find("bezwaar maken", municipality="gm0344").hits[0]
    named = door.find("bezwaar maken tegen de provincie", municipality="gm0344").hits[0]
    assert nearest.product == named.product == "bezwaar"
    assert nearest.authority.code == "gm0344"
    assert (named.authority.level, named.authority.code) == ("province", "pv26")
    assert {other.level for other in named.others} == {"municipality", "water-board", "state"}


def test_which_water_board_is_said_to_be_unknown(door: RightDoor) -> None:
    hit = door.find("watervergunning", municipality="gm0344").hits[0]
    boards = [item for item in (hit.authority, *hit.others) if item.level == "water-board"]
    assert [(board.code, board.name.en) for board in boards] == [("", "your water board")]


def test_a_product_for_others_counts_less(door: RightDoor) -> None:
    chances = {who: door.find("ik ga verhuizen", audience=who).hits[0].score for who in ("citizen", "business")}
    assert door.find("ik ga verhuizen").hits[0].audiences == ("citizen",)
    assert chances["citizen"] > chances["business"]


def test_a_service_of_an_organisation_is_named_where_it_is_theirs() -> None:
    own = ServiceEntry(
        "public-service:gm0344/paspoort",
        "Paspoort of ID",
        ("reispapieren loket",),
        "paspoort",
        "gm0344",
        "municipality",
    )
    alone = ServiceEntry(
        "public-service:gm0344/stadspas", "U-pas", ("pas voor weinig geld",), "", "gm0344", "municipality"
    )
    door = RightDoor((own, alone))
    hit = door.find("paspoort", municipality="gm0344").hits[0]
    assert (hit.product, hit.service, hit.name) == ("paspoort", own.ref, own.name)
    assert door.find("paspoort", municipality="gm0363").hits[0].service == ""
    assert door.find("u-pas", municipality="gm0344").hits[0].service == alone.ref
    assert alone.ref not in [hit.service for hit in door.find("u-pas", municipality="gm0363").hits]
