"""The national list and its areas become services of a body, and leave alone what it recorded itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import UnreadableFile, UsageFault
from eendracht.kernel.store import load
from eendracht.services.imports import plan_catalogue
from eendracht.services.imports.upl import read_upl
from tests.services.catalogues import FULL, make_node, spec_of, take_in
from tests.web.nodes import OTHER, OWNER, draft

CATALOGUE = ("reference", "services", "catalogue")
HEADER = "UniformeProductnaam,URI,Rijk,Provincie,Waterschap,Gemeente,Burger,Bedrijf,SDG,Grondslaglabel,Grondslaglink\n"
TERM = "http://standaarden.overheid.nl/owms/terms/"


@pytest.mark.parametrize(
    ("level", "count"), [("municipality", 449), ("state", 580), ("province", 115), ("water-board", 75)]
)
def test_the_published_list_gives_the_products_of_a_level(shared: Callable[..., Path], level: str, count: int) -> None:
    """Counts: rows with a mark in the column of the level, each product once, without the placeholder."""
    reading = read_upl(shared(*CATALOGUE, "UPL-actueel.csv"), level, {})
    assert reading.faults == () and len(reading.rows) == count


def test_a_product_becomes_a_service_with_law_audience_and_areas(tmp_path: Path, shared: Callable[..., Path]) -> None:
    with make_node(tmp_path / "node") as node:
        take_in(node, shared(*CATALOGUE, "UPL-actueel.csv"))
        assert spec_of(node, "public-service:gm0344/zorgtoeslag") == {
            "name": "Zorgtoeslag",
            "upl": "zorgtoeslag",
            "providedBy": OWNER,
            "level": "municipality",
            "audience": ["citizen"],
            "sdgCodes": ["F1"],
            "legalResources": [
                {
                    "law": "Wet op de zorgtoeslag",
                    "article": "2",
                    "url": "https://wetten.overheid.nl/jci1.3:c:BWBR0018451&artikel=2",
                }
            ],
        }


def test_what_a_body_recorded_stays_and_the_rest_is_filled_in(tmp_path: Path, shared: Callable[..., Path]) -> None:
    short = draft("public-service:gm0344/rijbewijs-halen", "Rijbewijs halen", upl="rijbewijs", decisionWeeks=1)
    with make_node(tmp_path / "node", FULL, short) as node:
        before = spec_of(node, FULL["ref"])
        take_in(node, shared(*CATALOGUE, "UPL-actueel.csv"))
        take_in(node, shared(*CATALOGUE, "UPL-SDG-Informatiegebied.csv"))
        assert spec_of(node, FULL["ref"]) == before
        filled = spec_of(node, short["ref"])
        assert filled["name"] == "Rijbewijs halen" and filled["decisionWeeks"] == 1 and filled["legalResources"]
        size = node.store.size
        take_in(node, shared(*CATALOGUE, "UPL-actueel.csv"))
        assert node.store.size == size


def test_a_product_of_several_services_and_a_name_of_another_product_change_nothing(
    tmp_path: Path, shared: Callable[..., Path]
) -> None:
    spoed = draft("public-service:gm0344/spoed", "Spoedpaspoort", upl="paspoort")
    with make_node(tmp_path / "node", FULL, spoed) as node:
        take_in(node, shared(*CATALOGUE, "UPL-actueel.csv"))
        # The passport is also known as `reisdocument`, which is a product of its own in the list.
        assert spec_of(node, "public-service:gm0344/reisdocument")["upl"] == "reisdocument"
        assert [spec_of(node, ref)["upl"] for ref in (FULL["ref"], spoed["ref"])] == ["paspoort", "paspoort"]


def test_every_fault_of_a_list_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "upl.csv"
    rows = [
        f",{TERM}a,,,,X,X,,,,",
        "paspoort,https://elders.example/paspoort,,,,X,X,,,,",
        f"paspoort,{TERM}paspoort,,,,X,X,,,,",
        f"paspoor,{TERM}paspoort,,,,X,X,,,,",
    ]
    file.write_text(HEADER + "\n".join(rows) + "\n")
    reading = read_upl(file, "municipality", {})
    assert [fault.code for fault in reading.faults] == ["missing", "no-product-uri", "two-names"]
    assert reading.faults[0].pointer == "upl.csv › rij 2 › kolom UniformeProductnaam"
    assert [row.spec["name"] for row in reading.rows] == ["Paspoort"]


def test_a_body_without_a_known_sort_has_no_level(tmp_path: Path, shared: Callable[..., Path]) -> None:
    with make_node(tmp_path / "node") as node:
        load(node.store, [draft(OTHER, "Iets", owner=OTHER)], size=1)
        with pytest.raises(UsageFault):
            plan_catalogue(node.store, shared(*CATALOGUE, "UPL-actueel.csv"), OTHER, OPERATOR)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"SDG_Code,SDG_Thema\nA1,Reizen\n", "areas-alone"),
        (b"UniformeProductnaam,URI\npaspoort,x\n", "missing-column"),
        (b"naam;prijs\nx;1\n", "no-catalogue"),
        (b"", "empty-file"),
    ],
)
def test_another_file_is_refused_with_a_next_step(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "lijst.csv"
    file.write_bytes(content)
    with make_node(tmp_path / "node") as node, pytest.raises(UnreadableFile) as refused:
        plan_catalogue(node.store, file, OWNER, OPERATOR)
    assert [fault.code for fault in refused.value.faults] == [code] and refused.value.faults[0].hint
