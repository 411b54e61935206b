"""Receipts, explanations and needs of the service-based format, over every recorded call."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.rules import Case, Library, Register
from eendracht.kernel.rules.needs import needs
from eendracht.kernel.rules.receipts import Request, evaluate_with_receipt, verify
from eendracht.kernel.rules.replays import _registers, read_scenarios
from eendracht.kernel.rules.sentences import NO_DECISION, explain

FOLDER = ("reference", "services", "poc-machine-law")


@pytest.fixture(scope="module")
def library(shared: Callable[..., Path]) -> Library:
    return Library.load([shared(*FOLDER, "laws")])


def calls(path: Path) -> Iterator[tuple[str, Request, Case]]:
    """Yield each recorded call as a request with its case."""
    for scenario in read_scenarios(path):
        day = date.fromisoformat(scenario["reference_date"])
        for call in scenario["calls"]:
            registers = tuple(_registers(call.get("sources") or {}))
            case = Case(day, dict(call.get("parameters") or {}), registers, tuple(call.get("claims") or ()))
            yield scenario["id"], Request(call["law"], (), service=call["service"]), case


@pytest.mark.slow
def test_every_recorded_call_has_a_receipt_that_holds_and_an_explanation(
    library: Library, shared: Callable[..., Path]
) -> None:
    counted: Counter[str] = Counter()
    for name, request, case in calls(shared(*FOLDER, "cases.jsonl")):
        found, receipt = evaluate_with_receipt(library, request, case)
        read_back = json.loads(json.dumps(receipt))
        assert verify(read_back, library).holds, name
        counted["rows"] += sum(len(register.rows) for register in case.registers)
        counted["kept"] += sum(len(item["value"]) for item in receipt["inputs"]["facts"])
        counted["calls"] += 1
        output = next(iter(found.outcomes), "") or next(iter(found.law.articles[0].outputs))
        told = explain(library, request, output, case)
        assert NO_DECISION in told.steps and len(told.steps) > 2, name
        assert not re.search(r"[{}]|\bNone\b|Fraction", " ".join(step.nl for step in told.steps)), name
    assert counted["calls"] == 149
    # Rows about others, and columns that no law names, are left out.
    assert counted["kept"] < counted["rows"]


YOUNG = (
    Register("personen", "bsn", [{"bsn": "1", "geboortedatum": "2010-03-01"}], "RvIG"),
    Register("relaties", "bsn", [{"bsn": "1", "partnerschap_type": "GEEN"}], "RvIG"),
)


def test_requirements_that_fail_are_told_with_what_would_meet_them(
    library: Library, shared: Callable[..., Path]
) -> None:
    wanted = "zorgtoeslagwet_TOESLAGEN-2025-01-01::Persoon onder 18"
    _, request, case = next(item for item in calls(shared(*FOLDER, "cases.jsonl")) if item[0].startswith(wanted))
    found = explain(library, request, "is_verzekerde_zorgtoeslag", case)
    assert "er is geen uitkomst. De voorwaarden van de wet kloppen niet." in found.verdict.nl
    texts = [step.nl for step in found.steps]
    start = "Leeftijd van de aanvrager: 17 jaar."
    assert f"{start} De regel kijkt of dit 18 jaar of meer is (minimum leeftijd). Dat klopt niet." in texts
    # On 1 January 2024 someone is 18 who was born on 1 January 2006.
    turn = "Stel: geboortedatum van de persoon is 1 januari 2006 of eerder."
    assert [change.nl for change in found.changes] == [f"{turn} Dan kloppen de voorwaarden."]


def test_needs_name_the_table_and_leave_out_what_is_there(library: Library) -> None:
    def asked(*registers: Register) -> dict[str, str]:
        case = Case(date(2025, 1, 1), {"BSN": "1"}, registers)
        found = needs(library, "zorgtoeslagwet", ["hoogte_toeslag"], case, service="TOESLAGEN")
        return {need.name: need.register for need in found.facts}

    none: Any = asked()
    assert none["GEBOORTEDATUM"] == "RvIG personen" and "BOX1_DIENSTBETREKKING" in none
    assert asked(*YOUNG).keys() == {
        name for name, table in none.items() if table not in ("RvIG personen", "RvIG relaties")
    }
