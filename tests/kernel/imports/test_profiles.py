"""Each named profile on a file of the shape that its vendor or standard publishes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.errors import UnreadableFile, UsageFault
from eendracht.kernel.imports import OWNER, Mention, Reading, profiles, read_file
from eendracht.kernel.imports.targets import find_targets
from tests.kernel.imports.sources import REGISTRY, prepare_row, write_text, write_xlsx


def check(reading: Reading) -> Reading:
    """Every row must be a valid draft once its mentions are refs."""
    for row in reading.rows:
        prepare_row(row)
    return reading


def test_there_are_nine_profiles_and_all_are_marked_unverified() -> None:
    assert {profile.name for profile in profiles()} == {
        "applications",
        "contracts",
        "creditors",
        "entra-applications",
        "gemma-softwarecatalogus",
        "keycloak-clients",
        "processing-register",
        "servicenow-cmdb",
        "topdesk-assets",
    }
    assert all(profile.unverified and profile.basis for profile in profiles())


def test_profiles_fill_only_fields_that_exist() -> None:
    for profile in profiles():
        for table in profile.tables:
            by_column = table.kind_from
            kinds = {table.kind, *(by_column.values.values() if by_column else ())} - {""}
            kinds |= {by_column.otherwise} - {""} if by_column else set()
            known = {name for kind in kinds for name in find_targets(REGISTRY.get(kind))} | {"validFrom", "validUntil"}
            assert {rule.to for rule in table.columns if rule.to} <= known, (profile.name, table.name)
            for rule in table.columns:
                for kind in kinds:
                    target = find_targets(REGISTRY.get(kind)).get(rule.to)
                    if target and target.choices and kind in (rule.kinds or kinds):
                        assert set(rule.values.values()) <= {*target.choices, ""}, (profile.name, rule.source)


def test_application_list(tmp_path: Path) -> None:
    reading = check(
        read_file(
            write_text(
                tmp_path,
                "apps.csv",
                "Nr;Applicatie;Leverancier;Hosting;Status;RTO;Kosten per jaar;Eigenaar;Contactpersoon;Einddatum;Kleur\n"
                "1;Zaaksysteem; Voorbeeld B.V. ;SaaS;In gebruik;4 uur;€ 12.500,50;"
                "Teammanager KCC;J. Jansen;31-12-2026;x\n"
                "2;Geoviewer;n.v.t.;;;;;P. de Boer;;;\n",
                "cp1252",
            ),
            "applications",
        )
    )
    first, second = reading.rows
    assert first.spec == {
        "name": "Zaaksysteem",
        "hosting": "saas",
        "lifecycle": "in-use",
        "rtoHours": "4",
        "annualCostEurocent": 1_250_050,
    }
    assert first.mentions == (
        Mention("suppliedBy", "supplier", "Voorbeeld B.V."),
        Mention("businessOwner", "role", "Teammanager KCC"),
    )
    assert first.valid_until == date(2027, 1, 1)
    assert first.key == "1"
    assert first.place == "apps.csv › rij 2"
    assert first.place_of("rtoHours") == "apps.csv › rij 2 › kolom RTO"
    assert second.mentions == ()
    assert {(item.column, item.reason) for item in reading.left_out} == {
        ("Contactpersoon", "contact"),
        ("Eigenaar", "person-name"),
    }
    assert [item.name for item in reading.ignored] == ["Kleur"]
    assert "Jansen" not in repr(reading.rows)
    assert "Boer" not in repr(reading)


def test_contract_list_merges_lines_of_one_contract(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        [
            "Contractnummer",
            "Omschrijving",
            "Leverancier",
            "Applicatie",
            "Startdatum",
            "Einddatum",
            "Jaarbedrag (x € 1.000)",
        ],
        ["C1", "Onderhoud", "Voorbeeld BV", "Alfa", date(2024, 1, 1), "31-12-2026", 12.5],
        ["C1", "Onderhoud", "Voorbeeld BV", "Beta", date(2024, 1, 1), "31-12-2026", 12.5],
        ["C1", "Iets anders", "Ander BV", "Beta", None, None, None],
        ["C2", "Hosting", "Ander BV", None, "45292", "onbepaalde tijd", None],
    ]
    reading = check(read_file(write_xlsx(tmp_path, "c.xlsx", rows), "contracts"))
    first, second = reading.rows
    assert first.spec == {
        "name": "Onderhoud",
        "number": "C1",
        "startDate": "2024-01-01",
        "endDate": "2027-01-01",
        "annualValueEurocent": 1_250_000,
    }
    assert [mention.name for mention in first.mentions if mention.field == "covers"] == ["Alfa", "Beta"]
    assert Mention("buyer", "organisation", key=OWNER) in first.mentions
    assert second.spec["startDate"] == "2024-01-01"
    assert "endDate" not in second.spec
    assert [fault.code for fault in reading.faults] == ["duplicate-key"]
    assert "rij 4" in reading.faults[0].pointer
    assert {note.code for note in reading.notes} == {"merged-row", "thousands", "serial-dates"}


def test_creditor_list_leaves_persons_and_accounts_out(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Crediteurnr", "Naam", "KvK-nummer", "IBAN", "Jaarbedrag", "Aantal facturen"],
        [1, "Voorbeeld Software B.V.", 1234567, "NL91ABNA0417164300", "€ 1.234.567,-", 12],
        [2, "J. de Vries", None, "NL91ABNA0417164300", "100,00", 1],
        [3, "Gemeente Voorbeeldstad", "12 34 56 78", None, "-5,00", 1],
    ]
    reading = check(read_file(write_xlsx(tmp_path, "c.xlsx", rows), "creditors"))
    first, second = reading.rows
    assert first.spec == {"name": "Voorbeeld Software B.V.", "kvk": "01234567"}
    assert first.facts == {"annualSpendEurocent": 123_456_700, "invoiceCount": 12}
    assert second.spec["kvk"] == "12345678"
    assert {item.reason: item.count for item in reading.left_out} == {"iban": 2, "person-row": 1}
    assert [fault.pointer for fault in reading.faults] == ["c.xlsx › Blad1 › rij 4 › kolom Jaarbedrag"]
    assert "NL91" not in repr(reading)
    assert "Vries" not in repr(reading)


def test_processing_register(tmp_path: Path) -> None:
    row_of_names = ["Nr", "Naam verwerking", "Doel", "Grondslag", "Betrokkenen", "Bijzondere persoonsgegevens"]
    values = [1, "Uitgifte paspoort", "Identiteit;\nReisdocument", "Art. 6 lid 1 sub c AVG", "Inwoners, ouders", "ja"]
    rows: list[list[Any]] = [
        [*row_of_names, "Verwerker", "Applicatie", "Toelichting", "FG (e-mail)"],
        [*values, "A BV; B BV", "Alfa, Beta", "Betreft nummer 999993653", "fg@voorbeeld.nl"],
    ]
    reading = check(read_file(write_xlsx(tmp_path, "r.xlsx", rows), "processing-register"))
    (row,) = reading.rows
    assert row.spec == {
        "name": "Uitgifte paspoort",
        "purposes": ["Identiteit", "Reisdocument"],
        "dataSubjects": ["Inwoners", "ouders"],
        "specialCategories": "yes",
    }
    assert [mention.name for mention in row.mentions] == ["A BV", "B BV", "Alfa", "Beta", ""]
    assert [fault.code for fault in reading.faults] == ["person-number"]
    assert [(question.column, question.setting) for question in reading.questions] == [("Grondslag", "values")]
    assert "999993653" not in repr(reading)


def test_topdesk_assets(tmp_path: Path) -> None:
    reading = check(
        read_file(
            write_text(
                tmp_path,
                "assets.csv",
                "Asset-ID,Naam,Sjabloon,Status,Merk,Gebruiker\n"
                "SRV-1,srv-001,Server,In gebruik,Voorbeeld,Jan Jansen\n"
                "APP-1,Zaaksysteem,Applicatie,Operationeel,Ander,\n"
                "LIC-1,Licentie X,Licentie,,,\n"
                "X-1,Stoel,Meubilair,,,\n",
            ),
            "topdesk-assets",
        )
    )
    assert [(row.kind, row.key, row.spec.get("type"), row.spec["lifecycle"]) for row in reading.rows] == [
        ("component", "SRV-1", "server", "in-use"),
        ("application", "APP-1", None, "in-use"),
    ]
    assert [item.name for item in reading.ignored] == ["soort 'Meubilair'"]
    assert [item.column for item in reading.left_out] == ["Gebruiker"]


def test_servicenow_cmdb(tmp_path: Path) -> None:
    reading = check(
        read_file(
            write_text(
                tmp_path,
                "cmdb_ci.csv",
                '"name","sys_class_name","operational_status","install_status","busines_criticality","vendor","owned_by","sys_id"\n'
                '"srv-1","cmdb_ci_linux_server","1","1","","","Abel Tuter","a1"\n'
                '"Portal","cmdb_ci_business_app","6","7","1 - most critical","Voorbeeld Inc","","a2"\n'
                '"db-1","MSFT SQL Instance","Operational","Installed","","","","a3"\n',
            ),
            "servicenow-cmdb",
        )
    )
    assert [(row.kind, row.key, row.spec) for row in reading.rows] == [
        ("component", "a1", {"name": "srv-1", "type": "server", "lifecycle": "in-use"}),
        ("application", "a2", {"name": "Portal", "lifecycle": "retired", "criticality": "critical"}),
        ("component", "a3", {"name": "db-1", "type": "database", "lifecycle": "in-use"}),
    ]
    assert not reading.questions
    assert "Tuter" not in repr(reading)


def test_gemma_softwarecatalogus(tmp_path: Path) -> None:
    packages = write_text(
        tmp_path,
        "pakketten.csv",
        "Pakket;Versie;Leverancier;Referentiecomponenten;Status\n"
        "Alfa Zaken;2.1;Voorbeeld BV;Zaakregistratiecomponent, Klantcontactcomponent;In gebruik\n",
    )
    (row,) = check(read_file(packages, "gemma-softwarecatalogus")).rows
    assert row.key_from_name
    assert row.key == "name:alfa-zaken"
    assert [mention.name for mention in row.mentions if mention.field == "realises"] == [
        "Zaakregistratiecomponent",
        "Klantcontactcomponent",
    ]
    links = write_text(
        tmp_path, "koppelingen.csv", "Pakket A;Pakket B;Standaard;Richting\nAlfa;Beta;StUF-ZKN;A naar B\n"
    )
    (row,) = check(read_file(links, "gemma-softwarecatalogus")).rows
    assert row.kind == "interface"
    assert row.spec == {"name": "Alfa → Beta", "standard": "StUF-ZKN", "direction": "one-way"}
    assert row.mentions == (Mention("source", "application", "Alfa"), Mention("target", "application", "Beta"))
    parts = write_text(tmp_path, "rc.csv", "Referentiecomponent;Definitie;GEMMA ID\nZaakregister;Bewaart zaken;abc-1\n")
    (row,) = check(read_file(parts, "gemma-softwarecatalogus")).rows
    assert row.spec == {"framework": "GEMMA", "name": "Zaakregister", "description": "Bewaart zaken", "code": "abc-1"}


def test_entra_applications(tmp_path: Path) -> None:
    document = {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications",
        "value": [
            {
                "id": "11111111-0000-0000-0000-000000000000",
                "appId": "22222222-0000-0000-0000-000000000000",
                "displayName": "Zaaksysteem",
                "createdDateTime": "2023-05-01T08:00:00Z",
                "web": {"homePageUrl": "https://zaken.example.nl", "redirectUris": ["https://a", "https://b"]},
                "passwordCredentials": [{"keyId": "x", "hint": "abc"}],
                "owners": [{"displayName": "Jan Jansen"}],
            }
        ],
    }
    path = write_text(tmp_path, "apps.json", json.dumps(document))
    (row,) = check(read_file(path, "entra-applications")).rows
    assert row.key == "22222222-0000-0000-0000-000000000000"
    assert row.spec == {"name": "Zaaksysteem", "url": "https://zaken.example.nl"}
    assert row.valid_from == date(2023, 5, 1)
    assert row.place == "apps.json › value › object 1"
    listed = write_text(tmp_path, "list.json", json.dumps(document["value"]))
    assert len(read_file(listed, "entra-applications").rows) == 1


def test_keycloak_realm_keeps_no_secret_and_no_user(tmp_path: Path) -> None:
    realm = {
        "realm": "gemeente",
        "clients": [
            {"clientId": "account", "name": "${client_account}", "enabled": True},
            {"clientId": "zaken", "name": "Zaaksysteem", "enabled": True, "secret": "s3cr3t", "rootUrl": "https://z"},
            {"clientId": "geo", "enabled": False},
        ],
        "users": [{"username": "jjansen", "email": "j@jansen.nl"}],
    }
    reading = check(read_file(write_text(tmp_path, "realm.json", json.dumps(realm, indent=2)), "keycloak-clients"))
    assert [(row.key, row.spec) for row in reading.rows] == [
        ("zaken", {"name": "Zaaksysteem", "url": "https://z", "lifecycle": "in-use"}),
        ("geo", {"name": "geo", "lifecycle": "retired"}),
    ]
    assert ("secret", "secret") in {(item.column, item.reason) for item in reading.left_out}
    assert "s3cr3t" not in repr(reading)
    assert "jansen" not in repr(reading)


def test_profile_that_does_not_fit_says_what_it_found(tmp_path: Path) -> None:
    path = write_text(tmp_path, "a.csv", "Kleur;Maat\nrood;L\n")
    with pytest.raises(UnreadableFile, match="Kleur, Maat") as caught:
        read_file(path, "contracts")
    assert "Contractnaam" in caught.value.hint
    with pytest.raises(UsageFault, match="no profile"):
        read_file(path, "bestaat-niet")
