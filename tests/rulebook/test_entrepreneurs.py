"""The alcohol licence, and a terrace and its tax in Rotterdam: outcomes that another engine recorded, and limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.rules import Case, Library, Register, evaluate

TERRACE: dict[str, Any] = {
    "gewenst_openingsuur": 9,
    "gewenst_sluitingsuur_doordeweeks": 24,
    "gewenst_sluitingsuur_weekend": 25,
    "sluitingsuur_gebied_doordeweeks": 25,
    "sluitingsuur_gebied_weekend": 26,
    "heeft_exploitatievergunning": True,
    "gebruiksdoel_pand": "bijeenkomstfunctie",
    "obstakelvrije_ruimte": "1.8",
    "gewenste_oppervlakte": 20,
    "beschikbare_oppervlakte": 20,
    "functie_oppervlak": "voetpad",
    "schenkt_alcohol": True,
    "heeft_alcoholvergunning": True,
}


def recorded(shared: Callable[..., Path], law: str) -> list[dict[str, Any]]:
    lines = shared("reference", "services", "poc-machine-law", "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        call | {"on": case["reference_date"]}
        for case in map(json.loads, lines)
        for call in case["calls"]
        if call["law"] == law
    ]


def first(sources: dict[str, Any], service: str, table: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = sources.get(service, {}).get(table, [{}])
    return rows[0]


def test_every_recorded_alcohol_licence(rulebook: Library, shared: Callable[..., Path]) -> None:
    calls = recorded(shared, "alcoholwet/vergunning")
    assert len(calls) == 10
    for call in calls:
        sources = call["sources"]
        manager = first(sources, "GEMEENTE_ROTTERDAM", "leidinggevenden")
        premises = first(sources, "GEMEENTE_ROTTERDAM", "inrichtingen")
        company = {
            "kvk_nummer": manager["kvk_nummer"],
            "bsn_leidinggevende": manager["bsn"],
            "status_onderneming": first(sources, "KVK", "organisaties")["status"],
            "vloeroppervlakte": premises["vloeroppervlakte_horecalokaliteit"],
            "type_bedrijf": premises["type_bedrijf"],
            "bibob_mate_van_gevaar": first(sources, "GEMEENTE_ROTTERDAM", "bibob_adviezen").get("mate_van_gevaar"),
        }
        person = {
            "bsn": manager["bsn"],
            "geboortedatum": first(sources, "RvIG", "personen")["geboortedatum"],
            "partnerschap_type": None,
            "partner_bsn": None,
            "is_onder_curatele": first(sources, "RECHTSPRAAK", "curatele")["is_onder_curatele"],
            "is_van_slecht_levensgedrag": manager["is_van_slecht_levensgedrag"],
            "is_ingeschreven_register_sociale_hygiene": manager["is_ingeschreven_svh_register"],
        }
        case = Case(
            date.fromisoformat(call["on"]),
            {"kvk_nummer": manager["kvk_nummer"]},
            (Register("companies", "kvk_nummer", [company]), Register("people", "bsn", [person])),
        )
        found = evaluate(rulebook, "alcoholwet", ["heeft_recht_op_alcoholvergunning", "weigeringsgrond"], case).outcomes
        assert found["heeft_recht_op_alcoholvergunning"].value is call["expected"]["requirements_met"]
        assert (found["weigeringsgrond"].value is None) is call["expected"]["requirements_met"]


@pytest.mark.parametrize(
    ("kind", "area", "fits"),
    [
        ("horecabedrijf", 35, True),
        ("horecabedrijf", 34, False),
        ("slijtersbedrijf", 15, True),
        ("slijtersbedrijf", 14, False),
    ],
)
def test_the_smallest_premises(rulebook: Library, kind: str, area: int, fits: bool) -> None:
    rows = [{"kvk_nummer": "1", "type_bedrijf": kind, "vloeroppervlakte": area}]
    case = Case(date(2026, 1, 1), {"kvk_nummer": "1"}, (Register("companies", "kvk_nummer", rows),))
    assert evaluate(rulebook, "alcoholwet", ["inrichting_voldoet"], case).outcomes["inrichting_voldoet"].value is fits


def terrace(library: Library, **change: Any) -> dict[str, Any]:
    row = TERRACE | {"kvk_nummer": "1"} | change
    row["obstakelvrije_ruimte"] = Decimal(row["obstakelvrije_ruimte"])
    case = Case(
        date(2026, 1, 1),
        {"kvk_nummer": "1", "gemeente_code": "GM0599"},
        (Register("companies", "kvk_nummer", [row]),),
    )
    names = ["heeft_recht_op_terrasvergunning", "weigeringsgrond_terras"]
    found = evaluate(library, "algemene_plaatselijke_verordening_rotterdam", names, case)
    return {name: outcome.value for name, outcome in found.outcomes.items()}


def test_a_terrace_that_fits(rulebook: Library) -> None:
    found = terrace(rulebook)
    assert found["heeft_recht_op_terrasvergunning"] is True
    assert found["weigeringsgrond_terras"] is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"heeft_exploitatievergunning": False}, "exploitatievergunning"),
        ({"gebruiksdoel_pand": "woonfunctie"}, "gebruiksdoel"),
        ({"obstakelvrije_ruimte": "1.79"}, "ruimte vrij"),
        ({"gewenste_oppervlakte": 21}, "groter"),
        ({"functie_oppervlak": "rijbaan"}, "grond"),
        ({"gewenst_openingsuur": 6}, "tijden"),
        ({"gewenst_sluitingsuur_doordeweeks": 26, "sluitingsuur_gebied_doordeweeks": 27}, "tijden"),
        ({"gewenst_sluitingsuur_weekend": 26, "sluitingsuur_gebied_weekend": 25}, "tijden"),
        ({"heeft_alcoholvergunning": False}, "alcoholvergunning"),
    ],
)
def test_each_reason_to_refuse_a_terrace(rulebook: Library, change: dict[str, Any], reason: str) -> None:
    found = terrace(rulebook, **change)
    assert found["heeft_recht_op_terrasvergunning"] is False
    assert reason in found["weigeringsgrond_terras"]


def test_every_recorded_terrace_tax(rulebook: Library, shared: Callable[..., Path]) -> None:
    calls = recorded(shared, "verordening_precariobelasting")
    assert len(calls) == 6
    for call in calls:
        row = {
            "kvk_nummer": "1",
            "heeft_terras": first(call["sources"], "GEMEENTE_ROTTERDAM", "vestigingen")["heeft_terras"],
            "is_openbare_weg": first(call["sources"], "GEMEENTE_ROTTERDAM", "bgt_terraslocaties")["is_openbare_weg"],
            "heeft_terrasvergunning": call["parameters"]["HEEFT_ACTIEVE_VERGUNNING"],
            "vergunde_terrasoppervlakte": call["parameters"]["VERGUNDE_OPPERVLAKTE"],
        }
        case = Case(
            date.fromisoformat(call["on"]),
            {"kvk_nummer": "1", "gemeente_code": "GM0599"},
            (Register("companies", "kvk_nummer", [row]),),
        )
        names = ["is_belastingplichtig", "precariobelasting_per_jaar"]
        found = evaluate(rulebook, "verordening_precariobelasting_rotterdam", names, case).outcomes
        expected = call["expected"]
        assert found["is_belastingplichtig"].value is expected["requirements_met"]
        assert found["precariobelasting_per_jaar"].value == expected["output"].get("belasting_per_jaar", 0)
