"""Two journeys from words to a result: a child is born, and a baker starts a shop with a terrace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.clock import today
from eendracht.kernel.instance import Instance
from eendracht.services.door.finder import open_reference_door
from eendracht.services.forms.demo import BAKERY, PEOPLE, fill_vault
from eendracht.services.forms.extracts import MADE_UP, Extract, keep_extract
from tests.services.forms.visiting import Visitor
from tests.web.nodes import draft, fill_node

HELD = {name for part in PEOPLE["parent"] for row in part.rows for name in row}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with Wiring().create(tmp_path_factory.mktemp("journeys") / "node") as instance:
        fill_node(instance, [draft("organisation:gm0599", "Gemeente Rotterdam", type="municipality")])
        yield instance


@pytest.fixture(scope="module")
def subjects(node: Instance) -> dict[str, str]:
    return fill_vault(node)


def walk(visitor: Visitor, answers: dict[str, str]) -> list[str]:
    asked = []
    if not visitor.seen.asks:
        visitor.press("go")
    while visitor.seen.asks:
        asked.append(visitor.seen.asks)
        visitor.press("next", value=answers[visitor.seen.asks])
        assert visitor.seen.status == 200, asked
    return asked


@pytest.mark.parametrize("path", ["/nl/aanvragen/child-born", "/en/apply/child-born"])
@pytest.mark.parametrize("words", ["er is een kind geboren", "my child was born"])
def test_a_parent_is_asked_at_most_seven_things_and_none_that_a_register_has(
    node: Instance, subjects: dict[str, str], words: str, path: str
) -> None:
    event = open_reference_door().find(words).event
    assert event is not None and event.code == path.rpartition("/")[2]
    visitor = Visitor(node, path, subjects["parent"])
    asked = walk(visitor, {"me.medebewoner_heeft_te_veel_vermogen": "no", "me.inkomen_medebewoners": "0"})
    assert len(asked) <= 7
    assert not {ask.partition(".")[2] for ask in asked} & HELD


@pytest.mark.parametrize("path", ["/nl/aanvragen/child-born", "/en/apply/child-born"])
def test_a_parent_without_a_partner_record_is_asked_whether_there_is_one_first_and_once(
    node: Instance, subjects: dict[str, str], path: str
) -> None:
    me = node.vault.add_subject("persona", f"alone-{path[1:3]}")
    for part in PEOPLE["parent"]:
        own = [dict(row) for row in part.rows if row["bsn"] != "demo-partner"]
        for row in own:
            for name in ("partnerschap_type", "partner_bsn"):
                row.pop(name, None)
        author = _author(part.controller)
        extract = Extract(part.register, tuple(own), "demo-parent", today(node.store.clock), MADE_UP)
        keep_extract(node.vault, me, extract, controller=part.controller, ground="test", author=author)
    answers = {
        "me.partnerschap_type": "-", "me.medebewoner_heeft_te_veel_vermogen": "no", "me.inkomen_medebewoners": "0",
    }  # fmt: skip
    asked = walk(Visitor(node, path, me), answers)
    assert asked.count("me.partnerschap_type") == 1 and len(asked) <= 7
    assert len(set(asked)) == len(asked)


def _author(controller: str):  # type: ignore[no-untyped-def]
    from eendracht.services.forms.extracts import author_for

    return author_for(controller)


@pytest.mark.parametrize("words", ["ik begin een bakkerij met een terras", "I want to open a bakery with a terrace"])
def test_words_of_a_baker_lead_to_the_event(words: str) -> None:
    event = open_reference_door().find(words).event
    assert event is not None and event.code == "opening-a-shop" and "terrasvergunning" in event.products


def test_the_event_lists_who_gives_each_service_and_what_can_be_worked_out(node: Instance) -> None:
    here = Visitor(node, "/nl/gebeurtenissen/opening-a-shop?municipality=gm0599").seen
    assert here.status == 200
    order = [here.html.index(name) for name in ("Handelsregister inschrijving", "Levensmiddelenbedrijfregistratie",
                                                 "Terrasvergunning", "Precariobelasting")]  # fmt: skip
    assert order == sorted(order)
    for who in ("Kamer van Koophandel", "Nederlandse Voedsel- en Warenautoriteit", "Rotterdam"):
        assert who in here.html
    assert "/nl/aanvragen/terrasvergunning" in here.html and "/nl/aanvragen/precariobelasting" in here.html
    assert "nog geen uitvoerbare regel" in here.html.casefold()
    elsewhere = Visitor(node, "/en/events/opening-a-shop?municipality=gm0344").seen
    assert "/en/apply/terrasvergunning" not in elsewhere.html and "No executable rule yet" in elsewhere.html


def test_the_baker_signs_for_the_bakery_and_registers_answer(node: Instance, subjects: dict[str, str]) -> None:
    visitor = Visitor(node, "/nl/aanvragen/terrasvergunning", subjects["baker"])
    visitor.press(f"for:{subjects[BAKERY]}")
    assert "Handelsregisterwet" in visitor.seen.html
    answers = {
        "me.heeft_exploitatievergunning": "yes", "me.gewenst_openingsuur": "8", "me.obstakelvrije_ruimte": "1,8",
        "me.schenkt_alcohol": "no", "me.gewenst_sluitingsuur_doordeweeks": "18",
        "me.gewenst_sluitingsuur_weekend": "18", "me.gewenste_oppervlakte": "60,5",
    }  # fmt: skip
    asked = walk(visitor, answers)
    assert set(asked) == set(answers)
    assert "Terrasvergunning: ja" in visitor.seen.html


def test_the_tax_on_a_terrace_is_that_of_the_last_rules_that_are_known(node: Instance) -> None:
    visitor = Visitor(node, "/en/apply/precariobelasting")
    answers = {
        "me.gemeente_code": "gm0599", "me.heeft_terras": "yes", "me.is_openbare_weg": "yes",
        "me.heeft_terrasvergunning": "yes", "me.vergunde_terrasoppervlakte": "60",
    }  # fmt: skip
    assert walk(visitor, answers) == list(answers)
    # 60 m², of which 50 are free, at € 36.10 (ordinance of 2024, article 5).
    assert "€361.00 a year" in visitor.seen.html and "by the rules of 2024" in visitor.seen.html


def test_elsewhere_there_is_no_rule_yet(node: Instance) -> None:
    visitor = Visitor(node, "/en/apply/terrasvergunning")
    visitor.press("next", value="gm0344")
    assert not visitor.seen.asks and "no executable rule for this municipality here yet" in visitor.seen.html


def test_the_door_still_answers_the_baker_with_services() -> None:
    found = open_reference_door().find("ik begin een bakkerij met een terras", municipality="gm0599")
    assert found.hits
