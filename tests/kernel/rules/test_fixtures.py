"""Golden fixtures: the given ones pass, and each difference is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules.fixtures import FixtureResult, run_fixture_file, run_fixtures, summarise

LAW = """
$schema: https://example.org/schema/v0.5.0/schema.json
$id: l
regulatory_layer: WET
articles:
  - number: '4'
    text: ''
    machine_readable:
      execution:
        parameters: [{name: a, type: number}]
        input:
          - {name: half, type: number, source: {output: half}}
        output: [{name: sum, type: number}]
        actions: [{output: sum, operation: ADD, values: [$a, $half]}]
  - number: '5'
    text: ''
    machine_readable:
      execution:
        output: [{name: half, type: number}]
        actions: [{output: half, operation: DIVIDE, values: [1, 2]}]
"""


def case(expected: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Give a fixture that adds a half to 2."""
    return {
        "id": "x",
        "description": "adds",
        "law_yaml": LAW,
        "law_id": "l",
        "output_name": "sum",
        "calculation_date": "2025-01-01",
        "parameters": {"a": 2},
        "expected": expected,
    } | changes


def run(*cases: Any) -> tuple[FixtureResult, ...]:
    return run_fixtures(json.dumps({"test_cases": cases}).encode(), "x.json")


def test_the_given_fixtures_pass(shared: Callable[..., Path]) -> None:
    results = [
        result
        for file in sorted(shared("reference", "services", "regelrecht", "fixtures").glob("*.json"))
        for result in run_fixture_file(file)
    ]
    assert [result.as_dict() for result in results if not result.has_passed] == []
    assert summarise(results) == {"passed": 35, "failed": 0}


def test_what_must_come_out_comes_out() -> None:
    right = {"success": True, "outputs": {"sum": 2.5}, "article_number": "4", "resolved_inputs": {"half": 0.5}}
    (found,) = run(case(right))
    assert found.has_passed and found.as_dict()["status"] == "passed"
    assert run(case({"success": False}, parameters={"a": "x"}))[0].has_passed


@pytest.mark.parametrize(
    ("expected", "changes", "difference"),
    [
        ({"outputs": {"sum": 3}}, {}, 'sum: "2.5" in the place of 3'),
        ({"outputs": {"sum": 2.5, "other": 1}}, {}, "other: absent"),
        ({"outputs": {}}, {}, "sum: not expected"),
        ({"outputs": {"sum": 2.5}, "article_number": "5"}, {}, "article 4 in the place of 5"),
        ({"outputs": {"sum": 2.5}, "resolved_inputs": {}}, {}, 'inputs {"half": "0.5"} in the place of {}'),
        ({"success": False}, {}, "it succeeded, and had to fail"),
        ({"success": True}, {"parameters": {"a": "x"}}, "it failed: "),
        ({"success": True}, {"law_yaml": "a: [", "law_id": "l"}, "it failed: the law is not right"),
        ({"success": True}, {"output_name": "none"}, "it failed: Output 'none' not found"),
    ],
)
def test_each_difference_is_named(expected: dict[str, Any], changes: dict[str, Any], difference: str) -> None:
    (found,) = run(case(expected, **changes))
    assert len(found.differences) == 1 and difference in found.differences[0], found.differences


@pytest.mark.parametrize(
    ("data", "pointers"),
    [
        (b"{", ["x.json"]),
        (b"[" * 100_000, ["x.json"]),
        (b"\xff", ["x.json"]),
        (b"[]", ["x.json › /test_cases"]),
        (b'{"test_cases": [1]}', ["x.json › /test_cases/0"]),
    ],
)
def test_what_holds_no_fixtures_is_refused(data: bytes, pointers: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        run_fixtures(data, "x.json")
    assert [fault.pointer for fault in refused.value.faults] == pointers


def test_all_faults_of_the_cases_come_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        run(case({}, calculation_date="2025-02-30", parameters=[]), case({}, law_yaml=None))
    assert [fault.pointer.rpartition("/")[2] for fault in refused.value.faults] == [
        "parameters",
        "calculation_date",
        "law_yaml",
    ]
