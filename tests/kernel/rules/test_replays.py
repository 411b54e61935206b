from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.replays import is_same, read_scenarios, replay_file, replay_scenario
from tests.kernel.rules.service_laws import law_text, library_of

GIVEN = ("reference", "services", "poc-machine-law")

LAW = law_text(
    """
    properties:
      sources:
        - name: PARTNER
          type: string
          description: x
          source_reference:
            table: relaties
            field: partner_bsn
            select_on: [{name: bsn, type: string, description: x, value: $BSN}]
    requirements: [{operation: NOT_NULL, subject: $BSN}]
    actions:
      - {output: heeft_partner, operation: NOT_NULL, subject: $PARTNER}
      - {output: deel, operation: DIVIDE, values: [1, 3]}
    """
)


def scenario(**changes: Any) -> dict[str, Any]:
    """Give a scenario that passes, with changes to what was recorded."""
    call = {
        "service": "SVB",
        "law": "testwet",
        "parameters": {"BSN": "1"},
        "sources": {"SVB": {"relaties": [{"bsn": "1", "partner_bsn": "null"}]}},
        "expected": {
            "requirements_met": True,
            "missing_required": False,
            "output": {"heeft_partner": False, "deel": 0.3333333},
        },
    }
    expected = changes.pop("expected", {})
    return {
        "id": "wet::geval",
        "reference_date": "2025-03-01",
        "calls": [call | changes | {"expected": {**call["expected"], **expected}}],  # type: ignore[dict-item]
    }


def test_a_recorded_case_passes_and_null_on_a_key_is_null() -> None:
    found = replay_scenario(library_of(LAW), scenario())
    assert found.has_passed, found.differences
    assert (found.scenario, found.calls) == ("wet::geval", 1)


@pytest.mark.parametrize(
    ("changes", "differences"),
    [
        ({"expected": {"requirements_met": False}}, ["call 1: requirements_met: expected False, got True"]),
        ({"expected": {"missing_required": True}}, ["call 1: missing_required: expected True, got False"]),
        (
            {"expected": {"output": {"heeft_partner": False, "deel": 0.33333}}},
            ["call 1: output.deel: expected 0.33333, got 0.3333333333333333"],
        ),
        (
            {"expected": {"output": {"heeft_partner": False}}},
            ["call 1: output.deel: expected 'nothing', got 0.3333333333333333"],
        ),
        (
            {"expected": {"output": {"heeft_partner": False, "deel": 1 / 3, "meer": None}}},
            ["call 1: output.meer: expected None, got 'nothing'"],
        ),
        ({"law": "weg"}, ["call 1: expected 'a result', got \"no-such-rule: Law 'weg' not found\""]),
    ],
)
def test_each_difference_is_named(changes: dict[str, Any], differences: list[str]) -> None:
    found = replay_scenario(library_of(LAW), scenario(**changes))
    assert not found.has_passed
    assert [str(difference) for difference in found.differences] == differences


def test_options_are_followed() -> None:
    recorded = scenario(
        options={"approved": False, "requested_output": "heeft_partner", "overwrite_input": {"SVB": {"PARTNER": "9"}}},
        expected={"output": {"heeft_partner": True}},
    )
    assert replay_scenario(library_of(LAW), recorded).has_passed


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (1, 1.0000001, True),
        (1, 2, False),
        (0.5, 0.5000005, True),
        (0.5, 0.500002, False),
        (True, 1, False),
        (0, False, False),
        (None, 0, False),
        (10**17, 10**17 + 1, False),
        ([1, {"a": 0.1}], [1, {"a": 0.1 + 1e-9}], True),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("1", 1, False),
    ],
)
def test_values_agree_within_the_tolerance_of_their_kind(expected: Any, actual: Any, same: bool) -> None:
    assert is_same(expected, actual) is same


def test_a_file_that_holds_no_scenarios_is_refused_with_all_its_faults(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    wrong = {"reference_date": "2025-02-30", "calls": [{"service": "S", "law": "l", "expected": {}, "claims": {}}, 1]}
    file.write_text("\n".join(["{", "[]", json.dumps({}), json.dumps(wrong), ""]), encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_scenarios(file)
    assert [fault.pointer for fault in refused.value.faults] == [
        "cases.jsonl:1",
        "cases.jsonl:2 › ",
        "cases.jsonl:3 › reference_date",
        "cases.jsonl:3 › calls",
        "cases.jsonl:4 › reference_date",
        "cases.jsonl:4 › calls[0].claims",
        "cases.jsonl:4 › calls[1]",
    ]


def test_every_given_case_comes_out_as_recorded(shared: Callable[..., Path]) -> None:
    library = Library.load([shared(*GIVEN, "laws")])
    replays = replay_file(library, shared(*GIVEN, "cases.jsonl"))
    assert [str(item) for replay in replays for item in replay.differences] == []
    assert (len(replays), sum(replay.calls for replay in replays)) == (148, 149)
