"""The catalogue as CPSV-AP 3.2.0: no violation of its shapes, and the same records after the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.services.exports import CATALOGUE_FIELDS, collect_catalogue
from eendracht.services.exports.cpsv_ap import SYNTAXES, Syntax, write_cpsv_ap
from tests.services.catalogues import BARE, EVENT, FULL, OWN, make_node, spec_of, take_in
from tests.services.exports.shapes import conforms_to_oracle, find_violations

SHAPES = ("reference", "services", "catalogue", "cpsv-ap-3.2.0-SHACL.ttl")


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_no_shape_is_violated_in_any_syntax(tmp_path: Path, shared: Callable[..., Path], syntax: Syntax) -> None:
    with make_node(tmp_path / "node", EVENT, FULL, BARE, OWN) as node:
        graph = write_cpsv_ap(collect_catalogue(node.store, OPERATOR), syntax)
    assert find_violations(graph, shared(*SHAPES), syntax) == []
    names = {"rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}
    assert conforms_to_oracle(graph, shared(*SHAPES), names.get(syntax, syntax))


def test_both_validators_see_a_service_without_authority(shared: Callable[..., Path]) -> None:
    graph = b"<urn:x:y> a <http://purl.org/vocab/cpsv#PublicService> ; <http://purl.org/dc/terms/title> 'x'@nl ."
    assert len(find_violations(graph, shared(*SHAPES))) == 3
    assert not conforms_to_oracle(graph, shared(*SHAPES))


def test_the_whole_list_of_products_passes(tmp_path: Path, shared: Callable[..., Path]) -> None:
    with make_node(tmp_path / "node") as node:
        take_in(node, shared("reference", "services", "catalogue", "UPL-actueel.csv"))
        catalogue = collect_catalogue(node.store, OPERATOR)
    assert len(catalogue.offers) == 449  # rows with an X under Gemeente, each product once, but for the placeholder
    assert find_violations(write_cpsv_ap(catalogue), shared(*SHAPES)) == []


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_way_back_gives_the_same_records(tmp_path: Path, syntax: Syntax) -> None:
    file = tmp_path / f"catalogus.{syntax}"
    with make_node(tmp_path / "one", EVENT, FULL, BARE, OWN) as node:
        file.write_bytes(write_cpsv_ap(collect_catalogue(node.store, OPERATOR), syntax))
        before = {draft["ref"]: spec_of(node, draft["ref"]) for draft in (FULL, BARE, OWN)}
        size = node.store.size
        take_in(node, file)
        assert node.store.size == size + 2  # only that the bare ones are given by their owner is new
    with make_node(tmp_path / "two", EVENT) as node:
        take_in(node, file)
        for ref, spec in before.items():
            published = {name: value for name, value in spec.items() if name in CATALOGUE_FIELDS}
            assert spec_of(node, ref) == {"providedBy": "organisation:gm0344"} | published


def test_what_is_not_the_asker_s_is_not_in_it(tmp_path: Path) -> None:
    hidden = {**OWN, "confidentiality": {"level": "organisation"}}
    with make_node(tmp_path / "node", FULL, hidden) as node:
        assert b"Iets eigens" not in write_cpsv_ap(collect_catalogue(node.store, PUBLIC))
        graph = write_cpsv_ap(collect_catalogue(node.store, OPERATOR))
    assert b"Iets eigens" in graph and b"critical" not in graph


def test_a_node_without_services_invents_none(tmp_path: Path) -> None:
    with make_node(tmp_path / "node") as node:
        catalogue = collect_catalogue(node.store, OPERATOR)
    assert catalogue.offers == () and b"PublicService" not in write_cpsv_ap(catalogue)


def test_what_had_to_be_filled_in_is_counted(tmp_path: Path) -> None:
    with make_node(tmp_path / "node", EVENT, FULL, BARE) as node:
        assert collect_catalogue(node.store, OPERATOR).notes == {"no-authority": 1, "no-description": 1}
