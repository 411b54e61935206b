"""What a case is about: named in both languages by what bodies recorded and by the national list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.store import load
from eendracht.kernel.wording import Said
from eendracht.services.case_index import CaseIndex
from eendracht.services.case_items import read_item
from eendracht.services.case_registration import new_case_of
from eendracht.services.case_topics import describe_topic, find_service, name_topic
from eendracht.services.cases import get_case, list_confirmations, submit
from eendracht.services.handovers import Offer, accept, offer, open_content
from tests.services.case_nodes import AMSTERDAM, UTRECHT, editor, make_node, person, submission
from tests.web.nodes import draft

REMISSION = "public-service:gm0344/kwijtschelding"
NAME = Said("Kwijtschelding van belasting", "Remission of taxes")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with make_node(tmp_path_factory.mktemp("topics") / "node") as instance:
        more = [
            draft(REMISSION, "Kwijtschelding gemeentelijke belastingen", owner=UTRECHT, upl="belastingkwijtschelding"),
            draft("public-service:gm0344/bijstand-a", "Bijstand aanvragen", owner=UTRECHT, upl="bijstand"),
            draft("public-service:gm0344/bijstand-b", "Bijstand wijzigen", owner=UTRECHT, upl="bijstand"),
            draft(
                "public-service:gm0344/elders", "Terras", owner=UTRECHT, upl="terrasvergunning", providedBy=AMSTERDAM
            ),
        ]
        load(instance.store, more, size=10)
        yield instance


@pytest.mark.parametrize(
    ("service_name", "products", "name"),
    [
        ("", (), Said("", "")),
        ("Parkeervergunning", (), Said("Parkeervergunning", "Parkeervergunning")),
        ("", ("belastingkwijtschelding",), NAME),
        ("Kwijtschelding vragen", ("belastingkwijtschelding",), Said("Kwijtschelding vragen", "Remission of taxes")),
        # Of a product that the table of benefits does not have, only the Dutch name is known.
        ("", ("paspoort",), Said("Paspoort", "Paspoort")),
        ("Paspoort aanvragen", ("paspoort",), Said("Paspoort aanvragen", "Paspoort aanvragen")),
        ("", ("zorgtoeslag", "huurtoeslag"), Said("Zorgtoeslag en Huurtoeslag", "Care benefit and Rent benefit")),
        # Another node may have a later list.
        ("", ("nogNietBekend",), Said("", "")),
    ],
)
def test_a_topic_is_named_in_both_languages(service_name: str, products: tuple[str, ...], name: Said) -> None:
    assert name_topic(service_name, products) == name


def test_a_recorded_service_names_its_product_and_a_product_its_service(node: Instance) -> None:
    topic = describe_topic(node.store, OPERATOR, REMISSION)
    assert topic.products == ("belastingkwijtschelding",) and topic.name.en == "Remission of taxes"
    assert find_service(node.store, ["belastingkwijtschelding"], UTRECHT) == REMISSION
    assert find_service(node.store, ["terrasvergunning"], AMSTERDAM) == "public-service:gm0344/elders"
    # Of several it is not known which: the product is named, and no service is guessed.
    for products in (["bijstand"], ["belastingkwijtschelding", "bijstand"], ["paspoort"], []):
        assert find_service(node.store, products, UTRECHT) == ""
    assert find_service(node.store, ["belastingkwijtschelding"], AMSTERDAM) == ""
    with pytest.raises(NotFound):
        describe_topic(node.store, OPERATOR, UTRECHT)


def test_a_product_that_is_none_is_refused_with_its_place(node: Instance) -> None:
    with pytest.raises(InvalidInput) as caught:
        describe_topic(node.store, OPERATOR, "", ["paspoort", "luchtkasteel", "zorgtoeslag", "x"])
    assert [fault.pointer for fault in caught.value.faults] == ["/products/1", "/products/3"]


def test_it_goes_along_to_confirmation_register_and_who_takes_it_over(node: Instance) -> None:
    subject = node.vault.add_subject()
    uri = "http://standaarden.overheid.nl/owms/terms/belastingkwijtschelding"
    case = submit(node, person(subject), submission(subject, service="", products=(uri,)))
    assert case.about == NAME and case.products == ("belastingkwijtschelding",) and case.service == ""
    (given,) = list_confirmations(node, person(subject), case.id)
    assert given["nl"][0].startswith("Gemeente Utrecht heeft uw aanvraag (Kwijtschelding van belasting) ontvangen")
    assert given["en"][0].startswith("Gemeente Utrecht received your application (Remission of taxes)")
    row = CaseIndex(node.store).get_case(case.id)
    facts = read_item(node, row.reference, editor(UTRECHT))
    assert new_case_of(node, row, facts).summary == "Kwijtschelding van belasting"
    offered = offer(node, editor(UTRECHT), Offer(case.id, AMSTERDAM))
    assert open_content(node, editor(AMSTERDAM), offered.id).about == NAME
    accept(node, editor(AMSTERDAM), offered.id)
    taken = CaseIndex(node.store).get_handover(offered.id).receiver_case
    assert get_case(node, editor(AMSTERDAM), taken).about == NAME


def test_what_was_kept_before_without_products_still_reads(node: Instance) -> None:
    subject = node.vault.add_subject()
    case = submit(node, person(subject), submission(subject))
    row = CaseIndex(node.store).get_case(case.id)
    facts = read_item(node, row.reference, editor(UTRECHT))
    assert facts.pop("products") == []
    from eendracht.services.case_views import read_case_view

    assert read_case_view(facts, "registered", True, UTRECHT).about == Said("Parkeervergunning", "Parkeervergunning")
