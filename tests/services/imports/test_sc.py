"""Samenwerkende Catalogi: descriptions as suppliers write them, with every fault at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from eendracht.kernel.errors import UnreadableFile
from eendracht.services.imports import detect_format
from eendracht.services.imports.sc import read_sc
from tests.services.catalogues import make_node, spec_of, take_in

HEAD = (
    '<overheidproduct:scproducten xmlns:overheidproduct="http://standaarden.overheid.nl/product/terms/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:overheid="http://standaarden.overheid.nl/owms/terms/">'
)
TAIL = "</overheidproduct:scproducten>"


def product(**changes: str) -> str:
    said = {
        "dcterms:identifier": "https://www.utrecht.example/producten/17",
        "dcterms:title": "Parkeervergunning aanvragen",
        "dcterms:language": "nl",
        "dcterms:type": "productbeschrijving",
        "dcterms:modified": "2026-01-05",
        "dcterms:spatial": "Utrecht",
        "overheid:authority": "Utrecht",
        "dcterms:audience": "ondernemer",
        "dcterms:abstract": "Parkeren in uw\n            eigen straat.",
        "overheidproduct:productID": "17",
        "overheidproduct:onlineAanvragen": "digid",
        "overheidproduct:uniformeProductnaam": "parkeervergunning",
    } | {name.replace("_", ":"): text for name, text in changes.items()}
    lines = "".join(_element(name, text) for name, text in said.items() if text)
    return (
        f"<overheidproduct:scproduct><overheidproduct:meta>{lines}</overheidproduct:meta></overheidproduct:scproduct>"
    )


def _element(name: str, text: str) -> str:
    scheme = ' scheme="overheid:Gemeente"' if name == "overheid:authority" else ""
    return f"<{name}{scheme}>{text}</{name}>"


def write(tmp_path: Path, *products: str) -> Path:
    file = tmp_path / "sc.xml"
    file.write_text(HEAD + "".join(products) + TAIL)
    return file


def test_a_description_becomes_a_service(tmp_path: Path) -> None:
    url = '<overheidproduct:aanvraagURL resourceIdentifier="https://utrecht.example/p?a=1&amp;b=2"/>'
    file = write(tmp_path, product().replace("</overheidproduct:meta>", url + "</overheidproduct:meta>"))
    assert detect_format(file) == "sc"
    with make_node(tmp_path / "node") as node:
        assert take_in(node, file).unverified
        assert spec_of(node, "public-service:gm0344/parkeervergunning-aanvragen") == {
            "name": "Parkeervergunning aanvragen",
            "description": "Parkeren in uw\neigen straat.",
            "providedBy": "organisation:gm0344",
            "upl": "parkeervergunning",
            "level": "municipality",
            "audience": ["business"],
            "channels": [{"type": "online", "url": "https://utrecht.example/p?a=1&b=2"}],
        }


def test_every_fault_is_told_at_its_description(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        product(overheidproduct_uniformeProductnaam="parkeervergunningje", dcterms_modified=""),
        product(),
        product(overheidproduct_productID="18", dcterms_type="nieuwsbericht"),
        product(overheidproduct_productID="19", dcterms_title=""),
    )
    reading = read_sc(file)
    assert [(fault.code, fault.pointer.rpartition(" › ")[2]) for fault in reading.faults] == [
        ("missing", "modified"),
        ("unknown-product", "uniformeProductnaam"),
        ("duplicate-key", "productID"),
        ("other-type", "type"),
        ("missing", "title"),
    ]
    assert reading.faults[3].pointer.startswith("sc.xml › scproduct 3 › ")
    assert [row.key for row in reading.rows] == ["17"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (HEAD + TAIL, "no-product"),
        (HEAD + "<overheidproduct:scproduct>", "malformed-xml"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + HEAD + product(dcterms_title="&amp;a;") + TAIL, "xml-entities"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd">' + HEAD + TAIL, "xml-entities"),
        (HEAD + "<a>" * 200 + "</a>" * 200 + TAIL, "too-deep"),
        ("<?xml version='1.0' encoding='utf-8'?>" + HEAD + product(dcterms_title="caf\xe9") + TAIL, "malformed-xml"),
    ],
    ids=["empty", "cut-off", "entity", "external", "deep", "encoding"],
)
def test_a_bad_file_is_refused_with_a_next_step(tmp_path: Path, body: str, code: str) -> None:
    file = tmp_path / "sc.xml"
    file.write_text(body, "latin-1")
    with pytest.raises(UnreadableFile) as refused:
        read_sc(file)
    assert [fault.code for fault in refused.value.faults] == [code] and refused.value.faults[0].hint
