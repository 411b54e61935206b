"""A case as a person types it: values by their content, keys that are guessed or named, every fault at once."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules import Case, Library
from eendracht.kernel.rules.case_files import read_case, read_parameters
from tests.kernel.rules.laws import library_of

LIBRARY = library_of(
    """
    - number: '1'
      text: ''
      machine_readable:
        execution:
          parameters: [{name: bsn, type: string}, {name: kvk, type: string}]
          output: [{name: x, type: number}]
          actions: [{output: x, value: 1}]
    """
)


def read(tmp_path: Path, text: str, *parameters: str, name: str = "data.yaml", library: Library = LIBRARY) -> Case:
    """Read a case with one file."""
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return read_case("2025-06-01", parameters, [file], library)


def refused(tmp_path: Path, text: str, *parameters: str, name: str = "data.yaml") -> list[tuple[str, str]]:
    """Give code and place of each fault of a file."""
    with pytest.raises(InvalidInput) as found:
        read(tmp_path, text, *parameters, name=name)
    return [(fault.code, fault.pointer.removeprefix(f"{tmp_path}/")) for fault in found.value.faults]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("42", 42),
        ("-3", -3),
        ("0.10", Fraction(1, 10)),
        ("0", 0),
        ("true", True),
        ("null", None),
        ("", None),
        ("012345678", "012345678"),
        ("-012", "-012"),
        ('"42"', "42"),
        ("'true'", "true"),
        ('""', ""),
        ("GM0344", "GM0344"),
        ("2025-01-01", "2025-01-01"),
        ("a=b", "a=b"),
        ('[1, "x", 0.5]', [1, "x", Fraction(1, 2)]),
        ('{"a": null}', {"a": None}),
    ],
)
def test_a_parameter_is_read_by_its_content(word: str, value: Any) -> None:
    faults: list[Fault] = []
    found = read_parameters([f"k={word}"], faults)["k"]
    assert (found, type(found)) == (value, type(value)) and not faults


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]")
    files = [tmp_path / "absent.yaml", tmp_path / "list.json"]
    with pytest.raises(InvalidInput) as found:
        read_case("2025-02-30", ["bsn", "=1", "a=1", "a=2", "b=[1", "c=[NaN]"], files, LIBRARY)
    assert [(fault.code, fault.pointer.removeprefix(f"{tmp_path}/")) for fault in found.value.faults] == [
        ("malformed-date", "--date"),
        ("malformed-parameter", "--param bsn"),
        ("malformed-parameter", "--param "),
        ("duplicate-name", "--param a"),
        ("malformed-parameter", "--param b"),
        ("malformed-parameter", "--param c"),
        ("unreadable-file", "absent.yaml"),
        ("wrong-type", "list.json"),
    ]
    assert all(fault.hint and fault.nl and fault.en for fault in found.value.faults)


def test_the_key_is_the_parameter_that_is_a_column(tmp_path: Path) -> None:
    case = read(tmp_path, "income: [{bsn: 012345678, amount: 1.10, on: 2025-01-01, ok: true}]", "bsn=012345678")
    (register,) = case.registers
    assert (case.on, register.name, register.key) == (date(2025, 6, 1), "income", "bsn")
    row = {"bsn": "012345678", "amount": Fraction(11, 10), "on": "2025-01-01", "ok": True}
    assert register.find("012345678") == [row]


def test_json_keeps_text_and_exact_numbers(tmp_path: Path) -> None:
    case = read(tmp_path, '{"r": [{"bsn": "012", "x": 0.1}]}', "bsn=012", name="d.json")
    assert case.registers[0].rows == [{"bsn": "012", "x": Fraction(1, 10)}]


def test_a_key_that_no_parameter_of_the_case_is_comes_from_the_laws(tmp_path: Path) -> None:
    assert read(tmp_path, "r: [{kvk: 1, x: 2}]", "bsn=1").registers[0].key == "kvk"


def test_a_named_key_wins_and_a_service_holds_tables(tmp_path: Path) -> None:
    text = """
    r: {key: kvk, rows: [{kvk: 1, bsn: 2}]}
    guessed: {rows: [{bsn: 2}]}
    empty: []
    RvIG: {personen: [{bsn: 1}], relaties: []}
    """
    found = read(tmp_path, text, "bsn=2").registers
    assert [(item.service, item.name, item.key) for item in found] == [
        ("", "r", "kvk"),
        ("", "guessed", "bsn"),
        ("", "empty", "bsn"),
        ("RvIG", "personen", ""),
        ("RvIG", "relaties", ""),
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("r: [{bsn: 1, kvk: 2}]", [("ambiguous-key", "data.yaml › /r")]),
        ("r: [{other: 1}]", [("no-key", "data.yaml › /r")]),
        ("r: {key: x, rows: [{bsn: 1}]}", [("no-key", "data.yaml › /r")]),
        (
            "r: 5\ns: [1, {bsn: 1}]\nt: {u: 3}",
            [
                ("wrong-type", "data.yaml › /r"),
                ("wrong-type", "data.yaml › /s/0"),
                ("wrong-type", "data.yaml › /t/u"),
            ],
        ),
        ("- 1", [("wrong-type", "data.yaml")]),
        ("", [("wrong-type", "data.yaml")]),
        ("a: [\nb", [("unreadable-file", "data.yaml:3")]),
        ("a: []\na: []", [("unreadable-file", "data.yaml:2 › a")]),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, faults: list[tuple[str, str]]) -> None:
    assert refused(tmp_path, text, "bsn=1", "kvk=2") == faults


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"a": [], "a": []}', '{"r": [{"bsn": Infinity}]}'])
def test_json_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, text, name="d.json") == [("unreadable-file", "d.json")]
