"""Formats that describe themselves: CycloneDX, ArchiMate, publiccode.yml and our own drafts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from eendracht.kernel.errors import UnreadableFile
from eendracht.kernel.imports import Mention, detect_format, read_file
from eendracht.kernel.imports.archimate import read_archimate, write_archimate
from tests.kernel.imports.sources import prepare_row, write_text

BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {"component": {"type": "application", "bom-ref": "app", "name": "Zaken", "version": "2"}},
    "components": [
        {
            "type": "library",
            "bom-ref": "lib",
            "group": "nl.voorbeeld",
            "name": "lib",
            "purl": "pkg:maven/nl.voorbeeld/lib@1",
            "licenses": [{"license": {"id": "EUPL-1.2"}}],
            "supplier": {"name": "Voorbeeld BV", "contact": [{"name": "Jan Jansen", "email": "j@x.nl"}]},
            "authors": [{"name": "Piet Pietersen"}],
            "components": [{"type": "file", "bom-ref": "inner", "name": "inner"}],
        }
    ],
    "dependencies": [{"ref": "app", "dependsOn": ["lib"]}, {"ref": "lib", "dependsOn": ["inner"]}],
}


def test_cyclonedx_components_and_dependencies(tmp_path: Path) -> None:
    reading = read_file(write_text(tmp_path, "bom.json", json.dumps(BOM)))
    app, lib, inner = reading.rows
    assert (app.kind, app.mentions) == ("application", (Mention("requires", "component", key="lib"),))
    assert lib.spec == {
        "name": "nl.voorbeeld/lib",
        "type": "library",
        "purl": "pkg:maven/nl.voorbeeld/lib@1",
        "licence": "EUPL-1.2",
    }
    assert lib.mentions == (
        Mention("suppliedBy", "supplier", "Voorbeeld BV"),
        Mention("requires", "component", key="inner"),
    )
    assert inner.place == "bom.json › /components/0/components/0"
    assert not reading.faults
    assert "Jansen" not in repr(reading)
    assert "Pietersen" not in repr(reading)
    for row in reading.rows:
        prepare_row(row)


def test_cyclonedx_checks_what_the_schema_cannot_say(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(BOM))
    broken["components"].append({"type": "library", "bom-ref": "lib", "name": "other"})
    broken["dependencies"].append({"ref": "gone", "dependsOn": ["lib", "nowhere"]})
    reading = read_file(write_text(tmp_path, "bom.json", json.dumps(broken)))
    assert Counter(fault.code for fault in reading.faults) == {"duplicate-bom-ref": 1, "dangling-dependency": 2}
    assert len(reading.rows) == 3


def test_cyclonedx_reports_every_fault_of_the_schema(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(BOM))
    broken["components"][0]["type"] = "banana"
    broken["colour"] = "red"
    with pytest.raises(UnreadableFile) as caught:
        read_file(write_text(tmp_path, "bom.json", json.dumps(broken)))
    assert len(caught.value.faults) >= 2
    assert any(fault.pointer.startswith("bom.json › /components/0") for fault in caught.value.faults)
    broken = {**BOM, "specVersion": "1.2"}
    with pytest.raises(UnreadableFile, match=r"1\.6 or 1\.7"):
        read_file(write_text(tmp_path, "bom.json", json.dumps(broken)))


def test_cyclonedx_nested_as_deep_as_is_allowed(tmp_path: Path) -> None:
    inner: dict[str, object] = {"type": "library", "name": "n0"}
    for number in range(1, 45):
        inner = {"type": "library", "name": f"n{number}", "components": [inner]}
    reading = read_file(
        write_text(tmp_path, "bom.json", json.dumps({**BOM, "components": [inner], "dependencies": []}))
    )
    assert len(reading.rows) == 46


@pytest.mark.parametrize(
    ("name", "components"),
    [
        ("example-implementation-1.6.json", 4),
        ("example-implementation-1.7.json", 6),
        ("example-certificate-1.7.json", 6),
        ("example-keycloak-cbom-1.6.json", 56),
    ],
)
def test_published_bills_lose_nothing(shared: Callable[..., Path], name: str, components: int) -> None:
    path = shared("reference", "resilience", "cyclonedx", name)
    document = json.loads(path.read_text("utf-8"))
    reading = read_file(path)
    assert len(reading.rows) == components
    assert not reading.faults
    assets = [item for item in document["components"] if "cryptoProperties" in item]
    kept = [row.facts["cryptoProperties"] for row in reading.rows if "cryptoProperties" in row.facts]
    assert sorted(map(json.dumps, kept)) == sorted(json.dumps(item["cryptoProperties"]) for item in assets)
    for row in reading.rows:
        prepare_row(row)


MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<model xmlns="http://www.opengroup.org/xsd/archimate/3.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  identifier="m1">
  <name xml:lang="nl">Model</name>
  <elements>
    <element identifier="e1" xsi:type="BusinessActor"><name xml:lang="nl">Gemeente</name></element>
    <element identifier="e2" xsi:type="BusinessProcess"><name xml:lang="nl">Verstrekken</name></element>
    <element identifier="e3" xsi:type="ApplicationComponent"><name xml:lang="nl">Zaken</name>
      <documentation xml:lang="nl">Mail naar a@b.nl</documentation></element>
    <element identifier="e4" xsi:type="ApplicationComponent"><name xml:lang="nl">Geo</name></element>
    <element identifier="e5" xsi:type="ApplicationComponent"><name xml:lang="nl">Zaakregister</name>
      <properties><property propertyDefinitionRef="p1"><value>Referentiecomponent</value></property></properties>
    </element>
    <element identifier="e6" xsi:type="Node"><name xml:lang="nl">srv-1</name></element>
    <element identifier="e7" xsi:type="DataObject"><name xml:lang="nl">Zaakdata</name></element>
    <element identifier="e8" xsi:type="Principle"><name xml:lang="nl">Eenvoud</name></element>
    <element identifier="e9" xsi:type="BusinessActor"><name xml:lang="nl">J. de Vries</name></element>
  </elements>
  <relationships>
    <relationship identifier="r1" source="e1" target="e2" xsi:type="Assignment"/>
    <relationship identifier="r2" source="e3" target="e2" xsi:type="Serving"/>
    <relationship identifier="r3" source="e3" target="e5" xsi:type="Realization"/>
    <relationship identifier="r4" source="e6" target="e3" xsi:type="Assignment"/>
    <relationship identifier="r5" source="e3" target="e7" xsi:type="Access" accessType="ReadWrite"/>
    <relationship identifier="r6" source="e3" target="e4" xsi:type="Flow">
      <name xml:lang="nl">Adressen</name></relationship>
    <relationship identifier="r7" source="e3" target="e4" xsi:type="Association"/>
    <relationship identifier="r8" source="e3" target="gone" xsi:type="Serving"/>
  </relationships>
  <propertyDefinitions>
    <propertyDefinition identifier="p1" type="string"><name>GEMMA type</name></propertyDefinition>
  </propertyDefinitions>
  <views><diagrams><view identifier="v1" xsi:type="Diagram"><name>Plaat</name></view></diagrams></views>
</model>
"""


def test_archimate_elements_and_relationships(tmp_path: Path) -> None:
    reading = read_file(write_text(tmp_path, "model.xml", MODEL))
    rows = {row.key: row for row in reading.rows}
    assert {key: row.kind for key, row in rows.items()} == {
        "e1": "organisation",
        "e2": "business-process",
        "e3": "application",
        "e4": "application",
        "e5": "reference-component",
        "e6": "component",
        "e7": "dataset",
        "r6": "interface",
    }
    assert rows["e2"].mentions == (
        Mention("performedBy", "organisation", key="e1"),
        Mention("requires", "application", key="e3"),
    )
    assert set(rows["e3"].mentions) == {
        Mention("realises", "reference-component", key="e5"),
        Mention("hostedOn", "component", key="e6"),
        Mention("datasets", "dataset", key="e7"),
    }
    assert rows["e3"].spec["description"] == "Mail naar [weggelaten]"
    assert rows["e6"].spec == {"name": "srv-1", "type": "server"}
    assert rows["r6"].spec == {"name": "Adressen"}
    assert {item.name: item.count for item in reading.ignored} == {
        "Principle": 1,
        "Association application → application": 1,
        "view": 1,
    }
    assert [fault.code for fault in reading.faults] == ["dangling-relationship"]
    assert {item.reason for item in reading.left_out} == {"email", "person-row"}
    for row in reading.rows:
        prepare_row(row)


def test_archimate_written_reads_back_the_same(tmp_path: Path) -> None:
    records = [
        {"ref": "organisation:gm0344", "spec": {"name": "Gemeente Utrecht"}},
        {"ref": "supplier:kvk.12345678", "spec": {"name": "Voorbeeld <BV>"}},
        {
            "ref": "application:gm0344/zaken",
            "spec": {
                "name": "Zaken",
                "description": "a & b",
                "suppliedBy": "supplier:kvk.12345678",
                "hostedOn": ["component:gm0344/srv"],
                "realises": ["reference-component:gemma/zrc"],
                "requires": ["component:gm0344/db", "application:gm0344/gone"],
            },
        },
        {"ref": "application:gm0344/geo", "spec": {"name": "Geo"}},
        {"ref": "component:gm0344/srv", "spec": {"name": "srv", "type": "server"}},
        {"ref": "component:gm0344/db", "spec": {"name": "db", "type": "database"}},
        {"ref": "reference-component:gemma/zrc", "spec": {"name": "Zaakregister"}},
        {"ref": "contract:gm0344/c", "spec": {"name": "C"}},
        {
            "ref": "interface:gm0344/k",
            "spec": {"name": "K", "source": "application:gm0344/zaken", "target": "application:gm0344/geo"},
        },
    ]
    path = tmp_path / "uit.xml"
    path.write_bytes(write_archimate(records, "Landschap"))
    root = ElementTree.fromstring(path.read_bytes())
    assert root.tag == "{http://www.opengroup.org/xsd/archimate/3.0/}model"
    reading = read_archimate(path)
    assert not reading.faults
    by_name = {row.spec["name"]: row for row in reading.rows}
    keys = {row.key: name for name, row in by_name.items()}
    assert {name: row.kind for name, row in by_name.items()} == {
        "Gemeente Utrecht": "organisation",
        "Voorbeeld <BV>": "supplier",
        "Zaken": "application",
        "Geo": "application",
        "srv": "component",
        "db": "component",
        "Zaakregister": "reference-component",
        "K": "interface",
    }
    assert {(mention.field, keys[mention.key]) for mention in by_name["Zaken"].mentions} == {
        ("suppliedBy", "Voorbeeld <BV>"),
        ("hostedOn", "srv"),
        ("realises", "Zaakregister"),
        ("requires", "db"),
    }
    assert {(mention.field, keys[mention.key]) for mention in by_name["K"].mentions} == {
        ("source", "Zaken"),
        ("target", "Geo"),
    }
    assert by_name["Zaken"].facts["properties"]["Eendracht ref"] == "application:gm0344/zaken"
    assert write_archimate(records, "Landschap") == write_archimate(list(records), "Landschap")


PUBLICCODE = """
publiccodeYmlVersion: "0.4"
name: Zaken
url: "https://code.example.nl/zaken.git"
softwareVersion: "2.1"
platforms: [web]
developmentStatus: stable
softwareType: standalone/web
description:
  en: {shortDescription: Case handling, features: [cases]}
  nl: {shortDescription: Zaakgericht werken, longDescription: Langer verhaal}
legal: {license: EUPL-1.2}
maintenance:
  type: contract
  contractors: [{name: Voorbeeld BV, until: "2027-01-01", email: x@y.nl}]
  contacts: [{name: Jan Jansen, email: jan@example.nl}]
localisation: {localisationReady: true, availableLanguages: [nl]}
dependsOn:
  open: [{name: PostgreSQL, versionMin: "14"}, {name: Redis, optional: true}]
intendedAudience: {countries: [NL]}
"""


def test_publiccode(tmp_path: Path) -> None:
    reading = read_file(write_text(tmp_path, "publiccode.yml", PUBLICCODE))
    (row,) = reading.rows
    assert row.spec == {
        "name": "Zaken",
        "description": "Zaakgericht werken\nLanger verhaal",
        "version": "2.1",
        "repository": "https://code.example.nl/zaken.git",
        "licence": "EUPL-1.2",
    }
    assert row.mentions == (
        Mention("requires", "component", "PostgreSQL"),
        Mention("suppliedBy", "supplier", "Voorbeeld BV"),
    )
    assert not reading.faults
    assert [(item.column, item.count) for item in reading.left_out] == [("maintenance.contacts", 1)]
    assert "Jansen" not in repr(reading)
    assert "@" not in repr(reading)
    prepare_row(row)


def test_publiccode_names_every_missing_key(tmp_path: Path) -> None:
    reading = read_file(write_text(tmp_path, "publiccode.yml", "publiccodeYmlVersion: '0.5'\nname: X\n"))
    assert len(reading.rows) == 1
    assert {fault.pointer for fault in reading.faults} >= {"publiccode.yml › url", "publiccode.yml › legal.license"}
    with pytest.raises(UnreadableFile):
        read_file(write_text(tmp_path, "publiccode.yml", "publiccodeYmlVersion: '3'\nname: X\n"))


def test_drafts_line_by_line(tmp_path: Path) -> None:
    lines = [
        '{"ref": "application:gm0344/a", "owner": "organisation:gm0344",'
        ' "validFrom": "2024-01-01", "spec": {"name": "A"}}',
        "",
        '{"ref": "application:gm0344/a", "spec": {"name": "again"}}',
        "{broken",
        "[1]",
        '{"ref": "application:gm0344/b"}',
        '{"ref": "Nonsense", "spec": {}}',
        '{"ref": "spaceship:gm0344/x", "spec": {}}',
        '{"ref": "application:gm0344/c", "validFrom": "soon", "spec": {"name": "C"}}',
        '{"ref": "application:gm0344/d", "spec": {"name": "D", "description": "nummer 999993653"}}',
    ]
    reading = read_file(write_text(tmp_path, "a.jsonl", "\n".join(lines)))
    assert [(row.key, row.place) for row in reading.rows] == [
        ("application:gm0344/a", "a.jsonl › regel 1"),
        ("application:gm0344/d", "a.jsonl › regel 10"),
    ]
    assert reading.rows[0].facts["owner"] == "organisation:gm0344"
    assert [(fault.pointer.split(" › ")[1].split("/")[0], fault.code) for fault in reading.faults] == [
        ("regel 3", "duplicate-key"),
        ("regel 4", "malformed-json"),
        ("regel 5", "not-a-draft"),
        ("regel 6", "not-a-draft"),
        ("regel 7", "malformed-ref"),
        ("regel 8", "unknown-kind"),
        ("regel 9", "date-parsing"),
        ("regel 10", "person-number"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Naam;Plaats\n", "table"),
        ("<?xml version='1.0'?><model/>", "archimate"),
        ('\ufeff  {"bomFormat": "CycloneDX"}', "cyclonedx"),
        ('{"value": [\n{"displayName": "x"}]}', "json"),
        ("[{}]", "json"),
        ('{"ref": "application:gm0344/a"}', "jsonlines"),
        ('{"a": 1}\n{"a": 2}\n', "jsonlines"),
        ("# licence\npubliccodeYmlVersion: '0.4'\n", "publiccode"),
    ],
)
def test_content_decides_the_format(tmp_path: Path, text: str, expected: str) -> None:
    assert detect_format(write_text(tmp_path, "bestand.txt", text)) == expected
