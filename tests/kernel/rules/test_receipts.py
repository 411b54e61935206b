"""A receipt runs again to the same bytes, holds no more than was read, and gives away whatever was changed in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.calculations import keep_receipt, open_receipt, verify_kept
from eendracht.kernel.errors import EendrachtError, InvalidInput
from eendracht.kernel.records import dump_canonical
from eendracht.kernel.rules import Case, Library, Register
from eendracht.kernel.rules.coding import decode, encode
from eendracht.kernel.rules.receipts import (
    SEMANTICS,
    ReceiptOfOtherSemantics,
    Request,
    evaluate_with_receipt,
    verify,
)
from eendracht.kernel.vault import SHARED_RULES, Vault
from tests.kernel.node import OWNER, open_node
from tests.kernel.rules.laws import DAY, read_law

CORPUS = ("reference", "services", "regelrecht", "corpus")
LAW = """
- number: '1'
  text: ''
  machine_readable:
    definitions: {grens: {value: 2500000, type: amount, type_spec: {unit: eurocent}}}
    execution:
      parameters: [{name: bsn, type: string, required: true}, {name: maand, type: number}]
      input:
        - {name: inkomen, type: amount, type_spec: {unit: eurocent}, source: {}}
        - {name: huurt, type: boolean, source: {}}
        - {name: geboren, type: date, source: {}}
        - {name: kinderen, type: array, source: {}}
        - {name: partner, type: string, source: {}}
        - name: partnerinkomen
          type: amount
          source: {regulation: test_law, output: eigen_inkomen, parameters: {bsn: $partner}}
      output: [{name: toeslag, type: amount, type_spec: {unit: eurocent}}, {name: recht, type: boolean}]
      actions:
        - output: toeslag
          value:
            operation: IF
            cases:
              - when: {operation: GREATER_THAN, subject: {operation: ADD, values: [$inkomen, $partnerinkomen]}, value: $grens}
                then: 0
              - when: $huurt
                then: {operation: DIVIDE, values: [$inkomen, 7]}
            default:
              operation: FOREACH
              collection: $kinderen
              as: kind
              body: $kind.bedrag
              combine: ADD
        - output: recht
          value: {operation: AND, conditions: [$huurt, {operation: EQUALS, subject: $maand, value: 3}]}
- number: '2'
  text: ''
  machine_readable:
    execution:
      parameters: [{name: bsn, type: string}]
      input: [{name: inkomen, type: amount, source: {}}]
      output: [{name: eigen_inkomen, type: amount}]
      actions: [{output: eigen_inkomen, value: $inkomen}]
"""  # noqa: E501
REQUEST = Request("test_law", ("toeslag", "recht"))


def library(text: str = LAW) -> Library:
    """Give the law of these tests."""
    return Library([read_law(text)])


def case_of(**changed: Any) -> Case:
    """Give a person with a partner and two children, and more than the law asks for."""
    row = {
        "bsn": "111222333",
        "Inkomen": 1_000_001,
        "huurt": True,
        "geboren": "1990-05-01",
        "partner": "444555666",
        "diagnose": "geheim",
    } | changed
    registers = (
        Register("burgers", "bsn", [row, {"bsn": "444555666", "Inkomen": 5, "diagnose": "ook geheim"}]),
        Register("kinderen", "bsn", [{"bsn": "111222333", "bedrag": 4}, {"bsn": "999", "bedrag": 7}]),
    )
    return Case(DAY, {"bsn": "111222333", "maand": 3, "schoenmaat": 43}, registers)


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.dates(), st.fractions())
CASES = st.builds(
    lambda parameters, row, partner, kinderen, name: Case(
        DAY,
        {"bsn": "1", **parameters},
        (
            Register("burgers", "bsn", [{"bsn": "1", **row}, *([{"bsn": "2", **partner}] if partner else [])]),
            Register(name, "bsn", [{"bsn": "1", "bedrag": bedrag} for bedrag in kinderen]),
        ),
    ),
    st.dictionaries(st.sampled_from(["maand", "huurt", "x"]), st.one_of(st.integers(0, 5), st.booleans()), max_size=2),
    st.fixed_dictionaries(
        {},
        optional={
            "inkomen": st.integers(-5, 3_000_000),
            "huurt": st.booleans(),
            "partner": st.sampled_from(["2", "3", None]),
            "geboren": st.dates().map(date.isoformat),
            "diagnose": st.just("geheim"),
        },
    ),
    st.one_of(st.none(), st.fixed_dictionaries({}, optional={"Inkomen": st.integers(0, 3_000_000)})),
    st.lists(st.integers(0, 99), max_size=3),
    st.sampled_from(["kinderen", "anderen"]),
)


@given(st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=5))
def test_every_value_is_written_without_loss(value: Any) -> None:
    found = decode(json.loads(dump_canonical(encode(value))))
    assert found == (int(value) if isinstance(value, Fraction) and value.denominator == 1 else value)
    assert isinstance(found, bool) == isinstance(value, bool)


@settings(max_examples=200, deadline=None)
@given(CASES)
def test_every_receipt_holds_and_is_as_small_as_what_it_read(case: Case) -> None:
    laws = library()
    try:
        found, receipt = evaluate_with_receipt(laws, REQUEST, case)
    except EendrachtError:
        return
    again = json.loads(dump_canonical(receipt))
    assert verify(again, laws).holds
    assert "geheim" not in dump_canonical(receipt).decode() and "geboren" not in dump_canonical(receipt).decode()
    plain = REQUEST.run(laws, case)
    assert plain.outcomes == found.outcomes and plain.trace.as_dict() == found.trace.as_dict()


def test_it_holds_what_was_read_and_nothing_else() -> None:
    _, receipt = evaluate_with_receipt(library(), REQUEST, case_of())
    assert set(receipt["inputs"]["parameters"]) == {"bsn", "maand"}
    facts = {(item["register"], item["subject"], item["column"]) for item in receipt["inputs"]["facts"]}
    assert facts == {
        ("burgers", "111222333", "Inkomen"),
        ("burgers", "111222333", "huurt"),
        ("burgers", "111222333", "partner"),
        ("burgers", "444555666", "Inkomen"),
    }
    assert receipt["results"]["outputs"]["toeslag"]["value"] == {"number": "142857.2857142857142857142857142857"}
    assert [law["sha256"] for law in receipt["regulations"]] == [read_law(LAW).sha256]
    assert receipt["engine"]["semantics"] == SEMANTICS


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every text in plain data."""
    if isinstance(data, dict | list):
        for key, item in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(item, (*path, key))
    elif isinstance(data, str):
        yield path


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_one_other_byte_in_inputs_or_results_is_found(data: st.DataObject) -> None:
    laws = library()
    _, receipt = evaluate_with_receipt(laws, REQUEST, case_of())
    part = data.draw(st.sampled_from(["inputs", "results", "question", "regulations"]))
    path = data.draw(st.sampled_from([path for path in leaves(receipt[part]) if _at(receipt[part], path)]))
    changed = deepcopy(receipt)
    target = changed[part]
    for step in path[:-1]:
        target = target[step]
    text = target[path[-1]]
    at = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.sampled_from("0123456789abcABC-._ "))
    target[path[-1]] = text[:at] + sign + text[at + 1 :]
    if changed == receipt:
        return
    try:
        assert not verify(changed, laws).holds
    except InvalidInput:
        return


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def test_who_forges_the_seal_too_is_found_by_running_it_again() -> None:
    from eendracht.kernel.rules.coding import digest

    laws = library()
    _, receipt = evaluate_with_receipt(laws, REQUEST, case_of())
    forged = deepcopy(receipt)
    forged["results"]["outputs"]["toeslag"]["value"] = {"number": "999999"}
    forged["resultSha256"] = digest(forged["results"])
    forged["sha256"] = digest({name: forged[name] for name in forged if name not in ("engine", "sha256")})
    found = verify(forged, laws)
    assert [item.code for item in found.differences] == ["result-differs"] * 3
    assert {item.about for item in found.differences} == {"toeslag", "results", "resultSha256"}


def test_a_changed_law_file_is_named_with_both_hashes() -> None:
    laws = library()
    _, receipt = evaluate_with_receipt(laws, REQUEST, case_of())
    # A comment changes nothing of what the law means.
    other = library(LAW + "# anders\n")
    (found,) = [item for item in verify(receipt, other).differences if item.code == "regulation-changed"]
    assert (found.about, found.expected, found.found) == ("test_law", read_law(LAW).sha256, other.regulations[0].sha256)
    assert {item.code for item in verify(receipt, other).differences} == {"regulation-changed", "regulations-differ"}
    gone = verify(receipt, Library([]))
    assert [item.code for item in gone.differences] == ["regulation-missing", "cannot-run"]


def test_a_later_version_of_the_law_changes_nothing() -> None:
    laws = library()
    _, receipt = evaluate_with_receipt(laws, REQUEST, case_of())
    later = Library([read_law(LAW), read_law(LAW.replace("2500000", "1"), valid_from="2026-01-01")])
    assert verify(receipt, later).holds
    _, again = evaluate_with_receipt(later, REQUEST, case_of())
    assert again == receipt


def test_the_engine_is_not_compared_but_its_semantics_must_be_known() -> None:
    laws = library()
    _, receipt = evaluate_with_receipt(laws, REQUEST, case_of())
    older = receipt | {"engine": receipt["engine"] | {"version": "0.0.1"}}
    assert verify(older, laws).holds
    with pytest.raises(ReceiptOfOtherSemantics, match="semantics version 0, this engine has"):
        verify(receipt | {"engine": receipt["engine"] | {"semantics": 0}}, laws)


@pytest.mark.parametrize(
    "broken", [{}, {"form": "x"}, {"inputs": []}, {"results": {}}, {"extra": 1}, {"regulations": [1]}]
)
def test_what_is_no_receipt_is_refused(broken: dict[str, Any]) -> None:
    _, receipt = evaluate_with_receipt(library(), REQUEST, case_of())
    with pytest.raises(InvalidInput):
        verify(receipt | broken if broken else {}, library())


def test_every_process_writes_the_same_bytes() -> None:
    root = Path(__file__).parents[3]
    found = set()
    for seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
        command = [sys.executable, "-m", "tests.kernel.rules.receipt_in_process"]
        found.add(subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True).stdout)
    assert len(found) == 1
    assert verify(json.loads(found.pop()), library()).holds


def test_a_kept_receipt_tells_nothing_outside_the_vault(tmp_path: Path) -> None:
    with open_node(tmp_path / "node") as node:
        node.vault.close()
        vault = Vault(node.settings.vault_folder, SHARED_RULES, node.journal)
        subject = vault.add_subject("bsn", "111222333")
        _, receipt = evaluate_with_receipt(library(), REQUEST, case_of(Inkomen=1_234_567))
        item = keep_receipt(vault, subject, receipt, controller=OWNER, ground="ground:gm0344/toeslag", author=OPERATOR)
        assert open_receipt(vault, item, "objection", OPERATOR) == receipt
        assert verify_kept(vault, item, library(), OPERATOR).holds
        (kept,) = vault.describe(items=[item])
        assert (kept.kind, kept.subject) == ("calculation-receipt", subject)
        assert kept.retain_until > kept.stored_at
        lines = [line.content for line in node.journal.read("vault")]
        assert [(line["event"], line["purpose"]) for line in lines] == [
            ("read", "objection"),
            ("read", "calculation-verification"),
        ]
        vault.close()
        for file in (tmp_path / "node").rglob("*"):
            if file.is_file():
                data = file.read_bytes()
                assert not any(word in data for word in (b"111222333", b"444555666", b"1234567", b'toeslag"')), file
        node.vault = Vault(node.settings.vault_folder, SHARED_RULES, node.journal)


def test_a_chain_of_laws_has_one_receipt(shared: Callable[..., Path]) -> None:
    laws = Library.load([shared(*CORPUS)])
    request = Request("wet_op_de_zorgtoeslag", ("hoogte_zorgtoeslag",))
    case = Case(date(2025, 6, 1), {"bsn": "1"}, (Register("p", "bsn", [{"bsn": "1", "polis_status": "ACTIEF"}]),))
    found, receipt = evaluate_with_receipt(laws, request, case)
    assert not found.outcomes["hoogte_zorgtoeslag"].is_known
    assert receipt["results"]["outputs"]["hoogte_zorgtoeslag"]["status"] == "unknown"
    assert len(receipt["regulations"]) >= 4 and verify(receipt, laws).holds
    assert verify(receipt, Library([replace(law, sha256="0" * 64) for law in laws])).differences
