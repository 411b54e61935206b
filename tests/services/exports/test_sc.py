"""The catalogue as Samenwerkende Catalogi: what the format carries survives the way back, what it lacks stays."""

from __future__ import annotations

from pathlib import Path

from eendracht.kernel.access import OPERATOR
from eendracht.services.exports import collect_catalogue
from eendracht.services.exports.sc import list_unfit, write_sc
from tests.services.catalogues import BARE, EVENT, FULL, OWN, make_node, spec_of, take_in

CARRIED = ("name", "description", "upl", "level", "audience", "providedBy")


def test_the_way_back_gives_the_same_records(tmp_path: Path) -> None:
    file = tmp_path / "catalogus.xml"
    with make_node(tmp_path / "one", EVENT, FULL) as node:
        file.write_bytes(write_sc(collect_catalogue(node.store, OPERATOR)))
        before, size = spec_of(node, FULL["ref"]), node.store.size
        take_in(node, file)
        assert node.store.size == size
    with make_node(tmp_path / "two") as node:
        take_in(node, file)
        after = spec_of(node, FULL["ref"])
    assert {name: after[name] for name in CARRIED} == {name: before[name] for name in CARRIED}
    assert after["channels"] == [before["channels"][1]]


def test_a_new_address_changes_that_channel_alone(tmp_path: Path) -> None:
    file = tmp_path / "catalogus.xml"
    with make_node(tmp_path / "node", EVENT, FULL) as node:
        written = write_sc(collect_catalogue(node.store, OPERATOR)).decode()
        file.write_text(written.replace("utrecht.example/paspoort", "utrecht.example/elders"))
        take_in(node, file)
        channels = spec_of(node, FULL["ref"])["channels"]
    assert channels[1]["url"].startswith("https://utrecht.example/elders") and len(channels) == 3


def test_a_service_without_product_is_left_out_and_named(tmp_path: Path) -> None:
    with make_node(tmp_path / "node", BARE, OWN) as node:
        catalogue = collect_catalogue(node.store, OPERATOR)
    assert [offer.ref for offer in list_unfit(catalogue)] == [OWN["ref"]]
    assert write_sc(catalogue).count(b"<overheidproduct:scproduct ") == 1
