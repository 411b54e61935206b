"""The catalogue as others use it: products by name or address, and the services that somebody may see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.errors import NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.store import load
from eendracht.services.catalogue import (
    events,
    events_of,
    find_event,
    find_product,
    link_to_basis,
    list_products,
    services_for,
    services_of,
)
from tests.web.nodes import OTHER, OWNER, draft, open_node

PASSPORT = find_product("paspoort")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node") as instance:
        drafts = [
            draft(OWNER, "Gemeente Utrecht", type="municipality"),
            draft(OTHER, "Gemeente Amsterdam", owner=OTHER, type="municipality"),
            draft("public-service:gm0344/paspoort", "Paspoort aanvragen", upl="paspoort"),
            draft("public-service:gm0363/paspoort", "Paspoort", owner=OTHER, upl=PASSPORT.uri),
            draft("public-service:gm0344/geheim", "Nog niet open", "organisation", upl="paspoort"),
            draft("public-service:gm0344/eigen", "Iets eigens", upl="bestaat niet"),
        ]
        load(instance.store, drafts, size=1)
        yield instance


def test_a_product_is_found_by_name_term_or_address_in_either_scheme() -> None:
    names = ("paspoort", " Paspoort ", PASSPORT.term, PASSPORT.uri, PASSPORT.uri.replace("http:", "https:"))
    assert {find_product(name) for name in names} == {PASSPORT}
    for name in ("", "paspoortje", "UPL-naam nog niet beschikbaar"):
        with pytest.raises(NotFound):
            find_product(name)


def test_products_are_listed_by_level_and_audience() -> None:
    assert len(list_products()) == 1_016  # 1,017 of the list, but for the placeholder
    assert find_product("watervergunning") in list_products("water-board", "business")
    assert find_product("kinderbijslag") not in list_products("municipality")


def test_a_legal_basis_leads_to_the_article_as_published() -> None:
    (basis,) = find_product("zorgtoeslag").legal_bases
    assert link_to_basis(basis) == "https://wetten.overheid.nl/jci1.3:c:BWBR0018451&artikel=2"


def test_events_and_products_know_each_other() -> None:
    born = find_event("child-born")
    assert born in events("life") and born not in events("business")
    assert born in events_of(find_product("kinderbijslag"))
    with pytest.raises(NotFound):
        find_event("nothing")


def test_only_services_that_may_be_seen_are_there(node: Instance) -> None:
    assert len(list(services_of(node.store, OPERATOR))) == 4
    assert {record.ref for record in services_of(node.store, PUBLIC, OWNER)} == {
        "public-service:gm0344/eigen",
        "public-service:gm0344/paspoort",
    }
    found = services_for(node.store, PUBLIC, [PASSPORT, find_product("rijbewijs")])
    assert {record.ref for record in found["paspoort"]} == {
        "public-service:gm0344/paspoort",
        "public-service:gm0363/paspoort",
    }
    assert "rijbewijs" not in found


def test_the_services_of_a_product_follow_what_is_recorded(node: Instance) -> None:
    assert len(services_for(node.store, PUBLIC, [PASSPORT])["paspoort"]) == 2
    load(node.store, [draft("public-service:gm0344/spoed", "Spoedpaspoort", upl="paspoort")], size=1)
    assert len(services_for(node.store, PUBLIC, [PASSPORT])["paspoort"]) == 3
    changed = draft("public-service:gm0344/spoed", "Spoedpaspoort", upl="noodreisdocument")
    node.store.put(changed, OPERATOR)
    assert len(services_for(node.store, PUBLIC, [PASSPORT])["paspoort"]) == 2
