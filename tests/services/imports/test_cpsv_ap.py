"""CPSV-AP files of others: the example of the profile, a Dutch description, and files that are wrong or hostile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eendracht.kernel.errors import UnreadableFile
from eendracht.services.imports import detect_format
from eendracht.services.imports.cpsv_ap import read_cpsv_ap
from tests.services.catalogues import make_node, spec_of, take_in

SERVICES = ("reference", "services")
PREFIXES = """@prefix cpsv: <http://purl.org/vocab/cpsv#> . @prefix cv: <http://data.europa.eu/m8g/> .
@prefix dct: <http://purl.org/dc/terms/> .
"""


def test_the_example_of_the_profile_comes_in(shared: Callable[..., Path]) -> None:
    reading = read_cpsv_ap(shared(*SERVICES, "catalogue", "cpsv-ap-3.2.0-example.ttl"))
    (row,) = reading.rows
    assert (row.key, row.spec["name"]) == ("Tax-on-web", "Tax-on-web")
    assert {"type": "phone", "contact": "+32 257 25757", "hours": "Every day from 9 a.m. to 5 p.m."} in row.spec[
        "channels"
    ]
    assert row.mentions[0].field == "providedBy"
    assert {item.name for item in reading.ignored} == {"cpsv:hasInput", "cv:hasInputType", "cv:holdsRequirement"}


def test_a_dutch_description_with_other_terms_comes_in(tmp_path: Path, shared: Callable[..., Path]) -> None:
    file = shared(*SERVICES, "dmn", "zorgtoeslag-CPSV-AP-RONL.ttl")
    with make_node(tmp_path / "node") as node:
        reading = take_in(node, file)
        spec = spec_of(node, "public-service:gm0344/vaststellen-beschikking-zorgtoeslag")
    assert spec["upl"] == "zorgtoeslag"
    assert spec["channels"][0]["url"].startswith("https://www.belastingdienst.nl/")
    assert [law["law"] for law in spec["legalResources"]] == [
        "Algemene wet inkomensafhankelijke regelingen",
        "Wet op de zorgtoeslag",
    ]
    assert [note.code for note in reading.notes] == ["laws-in-one"]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "diensten.ttl"
    file.write_text(
        PREFIXES
        + """<urn:x:1> a cpsv:PublicService ; dct:identifier "een" .
        <urn:x:2> a cpsv:PublicService ; dct:identifier "twee" ; dct:title "Twee"@nl ; cv:processingTime "P1M" .
        <urn:x:3> a cpsv:PublicService ; dct:identifier "twee" ; dct:title "Nog eens"@nl ;
          cv:hasCost [ dct:identifier "c" ; cv:hasValue 1.005 ] ."""
    )
    reading = read_cpsv_ap(file)
    assert [fault.code for fault in reading.faults] == ["missing", "duplicate-key"]
    assert reading.faults[0].pointer == "diensten.ttl › urn:x:1"
    assert [note.code for note in reading.notes] == ["no-weeks"]
    assert [row.spec for row in reading.rows] == [{"name": "Twee"}]


def test_a_ref_of_another_body_is_no_name_here(tmp_path: Path) -> None:
    file = tmp_path / "diensten.ttl"
    service = '<urn:x:1> a cpsv:PublicService ; dct:identifier "public-service:gm0363/paspoort" ; dct:title "Pas"@nl .'
    file.write_text(PREFIXES + service)
    with make_node(tmp_path / "node") as node:
        take_in(node, file)
        assert spec_of(node, "public-service:gm0344/pas")["name"] == "Pas"


def test_who_a_person_is_stays_out_and_how_to_reach_a_counter_comes_in(tmp_path: Path) -> None:
    file = tmp_path / "diensten.ttl"
    file.write_text(
        PREFIXES
        + """<urn:x:1> a cpsv:PublicService ; dct:title "Hulp"@nl ;
          dct:description "Bel 06-12345678 of mail j.jansen@gemeente.example"@nl ;
          cv:contactPoint [ cv:telephone "14 030" ; cv:email "burgerzaken@gemeente.example" ] ;
          cv:hasChannel [ dct:identifier "1" ; dct:description "j.jansen@gemeente.example"@nl ] ."""
    )
    (row,) = read_cpsv_ap(file).rows
    assert "jansen" not in str(row.spec) and "12345678" not in str(row.spec)
    contacts = [channel.get("contact") for channel in row.spec["channels"]]
    assert contacts == ["[weggelaten]", "14 030", "burgerzaken@gemeente.example"]


ENTITIES = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ((PREFIXES + "<urn:x:1> a cpsv:PublicService ;\n dct:title .").encode(), "malformed-rdf"),
        (PREFIXES.encode() + b'<urn:x:1> dct:title "caf\xe9" .', "undecodable"),
        (PREFIXES.encode() + b'<urn:x:1> dct:title "x" .', "no-service"),
        (b'{"@context": "https://elders.example/context.jsonld", "@id": "urn:x:1", "title": "x"}', "remote-context"),
        (b'{"@graph":' + b"[" * 300 + b"]" * 300 + b"}", "too-deep"),
        (f"{ENTITIES}<rdf:RDF {RDF}>&b;</rdf:RDF>".encode(), "xml-entities"),
        (f"<rdf:RDF {RDF}><rdf:Description></rdf:RDF>".encode(), "malformed-xml"),
        (b"\xff\xfe<\x00", "malformed-rdf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_refused_with_a_next_step(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "diensten"
    file.write_bytes(content)
    with pytest.raises(UnreadableFile) as refused:
        read_cpsv_ap(file)
    assert [fault.code for fault in refused.value.faults] == [code] and refused.value.faults[0].hint


def test_a_fault_in_the_text_tells_its_line(tmp_path: Path) -> None:
    file = tmp_path / "diensten.ttl"
    file.write_text(PREFIXES + "<urn:x:1> a cpsv:PublicService ;\n dct:title .")
    with pytest.raises(UnreadableFile) as refused:
        read_cpsv_ap(file)
    assert refused.value.faults[0].pointer == "diensten.ttl › regel 4, teken 12"


@pytest.mark.parametrize(
    "body",
    [
        "@prefix dct: <http://purl.org/dc/terms/> .",
        "<urn:x:1> <http://purl.org/dc/terms/title> 'x' .",
        f"<?xml version='1.0'?><rdf:RDF {RDF}/>",
        '{"@context": {}, "@id": "urn:x:1"}',
    ],
)
def test_rdf_is_known_by_its_content(tmp_path: Path, body: str) -> None:
    file = tmp_path / "bestand.txt"
    file.write_text(body)
    assert detect_format(file) == "cpsv-ap"
