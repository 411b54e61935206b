from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.library import Library
from tests.kernel.rules.service_laws import law_text, read_law

LAWS = ("reference", "services", "poc-machine-law", "laws")

FULL = """
properties:
  parameters:
    - {name: BSN, type: string, description: x, required: true}
    - {name: SOORT, type: enum, description: x, type_spec: {enum: [a, b]}}
  sources:
    - name: WONING
      type: object
      description: x
      source_reference:
        table: woningen
        fields: [straat, huur]
        select_on:
          - {name: bsn, type: string, description: x, value: $BSN}
          - {name: soort, type: string, description: x, value: {operation: IN, values: $SOORTEN}}
  input:
    - name: LEEFTIJD
      type: number
      description: x
      type_spec: {unit: years, precision: 0, min: 0}
      temporal: {type: point_in_time, reference: $prev_january_first}
      service_reference: {service: RvIG, law: wet_brp, field: leeftijd, parameters: [{name: BSN, reference: $BSN}]}
  output:
    - {name: bedrag, type: amount, description: x, type_spec: {unit: eurocent, precision: 0, min: 0, max: 500}}
  definitions:
    SOORTEN: [a, b]
    PERCENTAGE: {value: 1.50, legal_basis: {law: Wet, article: "2"}}
    FACTOREN: {1: 1.0, 2: 0.5}
requirements:
  - all: [{operation: NOT_NULL, subject: $BSN}]
  - or: [{operation: EQUALS, subject: $A, value: yes}]
actions:
  - output: bedrag
    operation: IF
    legal_basis: {law: Wet, article: "3"}
    conditions:
      - {test: {operation: IN, subject: $SOORT, values: $SOORTEN}, then: $WONING.huur}
      - else: 0
  - {output: straat, subject: $WONING.straat}
"""


def test_every_part_of_a_law_file_is_read() -> None:
    law, faults = read_law(law_text(FULL))
    assert law is not None and not faults.errors and not faults.warnings
    assert (law.id, law.service, law.dialect, law.schema_version) == ("testwet", "SVB", "lax", "0.1.7")
    assert str(law.valid_from) == "2024-01-01"
    (article,) = law.articles
    assert article.parameters["BSN"].required and article.parameters["SOORT"].kind == "any"
    table = article.inputs["WONING"].source
    assert isinstance(table, ir.TableSource)
    assert (table.table, table.columns, table.is_record) == ("woningen", ("straat", "huur"), True)
    assert [(item.column, item.operator) for item in table.selections] == [("bsn", "EQUALS"), ("soort", "IN")]
    age = article.inputs["LEEFTIJD"]
    assert isinstance(age.source, ir.ArticleSource)
    assert (age.source.service, age.source.law, age.source.output) == ("RvIG", "wet_brp", "leeftijd")
    assert isinstance(age.source.parameters["BSN"], ir.Reference)
    assert age.field.temporal == ir.Temporal("point_in_time", "", "$prev_january_first")
    amount = article.outputs["bedrag"]
    assert (amount.unit, amount.precision, amount.minimum, amount.maximum) == ("eurocent", 0, 0, 500)


def test_numbers_and_keys_are_what_the_format_says() -> None:
    law, _ = read_law(law_text(FULL))
    assert law is not None
    definitions = law.articles[0].definitions
    assert repr(definitions["PERCENTAGE"].value) == "1.5"
    assert definitions["PERCENTAGE"].basis == ir.LegalBasis(law="Wet", article="2")
    assert repr(definitions["FACTOREN"].value) == "{1: 1.0, 2: 0.5}"


def test_rules_become_expressions_with_their_place() -> None:
    law, _ = read_law(law_text(FULL))
    assert law is not None
    amount, street = law.articles[0].actions
    assert isinstance(amount.expression, ir.Operation) and amount.expression.name == "IF"
    test, outcome = amount.expression.operands
    assert isinstance(test, ir.Operation) and test.name == "IN"
    assert isinstance(outcome, ir.Reference) and (outcome.name, outcome.path) == ("WONING", ("huur",))
    assert isinstance(amount.expression.named["default"], ir.Constant)
    assert amount.basis == ir.LegalBasis(law="Wet", article="3")
    assert isinstance(street.expression, ir.Reference)
    assert outcome.place.line == 44
    assert outcome.place.path == "actions[0].conditions[0].then"
    requirements = law.articles[0].requirements
    assert isinstance(requirements, ir.Operation)
    first, second = requirements.operands
    assert isinstance(first, ir.Operation) and isinstance(second, ir.Operation)
    assert (requirements.name, first.name, second.name) == ("AND", "AND", "OR")
    equal = second.operands[0]
    assert isinstance(equal, ir.Operation)
    assert equal.operands[1] == ir.Constant(equal.operands[1].place, None, True)


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        ("actions:\n  - {output: a, value: 1}\n  - {output: a, value: 2}", "duplicate-output", 10),
        ("actions:\n  - {value: 1}", "missing-key", 9),
        ("actions: {output: a}", "wrong-type", 8),
        ("actions: [tekst]", "wrong-type", 8),
        ("properties: [1]", "wrong-type", 8),
        ("properties:\n  output:\n    - {name: a, type: bedrag, description: x}", "unknown-type", 10),
        (
            "properties:\n  output:\n    - {name: a, type: number, description: x}\n"
            "    - {name: a, type: number, description: x}",
            "duplicate-output",
            11,
        ),
        (
            "properties:\n  output:\n    - {name: a, type: number, description: x, type_spec: {min: laag}}",
            "wrong-type",
            10,
        ),
        (
            "properties:\n  output:\n    - {name: a, type: number, description: x, type_spec: {precision: 0.5}}",
            "wrong-type",
            10,
        ),
        (
            "properties:\n  input:\n"
            "    - {name: A, type: number, description: x, service_reference: {service: S, law: l}}",
            "missing-key",
            10,
        ),
        (
            "properties:\n  sources:\n    - {name: A, type: number, description: x, source_reference: {fields: x}}",
            "wrong-type",
            10,
        ),
        ("actions:\n  - {output: a, operation: GREATER_THAN, values: [1]}", "missing-operand", 9),
        ("actions:\n  - {output: a, operation: IN, subject: $A}", "missing-operand", 9),
        ("actions:\n  - {output: a, operation: ADD}", "missing-operand", 9),
        ("actions:\n  - {output: a, operation: IF}", "wrong-type", 9),
        ("actions:\n  - {output: a, operation: IF, conditions: [{then: 1}]}", "wrong-type", 9),
        ("actions:\n  - {output: a, operation: IF, conditions: [{test: true}]}", "missing-operand", 9),
        ("actions:\n  - {output: a, operation: FOREACH, subject: $A}", "missing-operand", 9),
        ("actions:\n  - {output: a, operation: FOREACH, subject: $A, value: 1, combine: SOM}", "wrong-type", 9),
        ("actions:\n  - {output: a, operation: ADD_DATE, values: [$A, 1], unit: eeuwen}", "unknown-unit", 9),
        ("requirements: {all: []}\nactions: []", "wrong-type", 8),
        ("requirements:\n  - all: tekst\nactions: []", "wrong-type", 9),
        ("name: nog een\nactions: []", "duplicate-key", 8),
    ],
)
def test_a_fault_names_its_line_and_what_to_do(body: str, code: str, line: int) -> None:
    _, faults = read_law(law_text(body))
    (fault,) = faults.errors
    assert fault.code == code
    assert fault.pointer.startswith(f"law.yaml:{line}")
    assert fault.hint


def test_all_faults_come_at_once() -> None:
    text = law_text("actions:\n  - {value: 1}\n  - {output: a, operation: IF}").replace(b"2024-01-01", b"2024-13-01")
    _, faults = read_law(text.replace(b"service: SVB", b"service:"))
    assert [fault.code for fault in faults.errors] == ["missing-key", "missing-key", "wrong-type", "malformed-date"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("iets: 1\nactions: []", "unknown-key"),
        ("properties: {iets: 1}\nactions: []", "unknown-key"),
        ("properties:\n  parameters: [{name: A, type: string, description: x, iets: 1}]\nactions: []", "unknown-key"),
        ("actions: [{output: a, operation: ADD, values: [1], iets: 2}]", "unknown-key"),
        ("actions: [{output: a, operation: IF, conditions: [{test: true, then: 1, subject: 2}]}]", "unknown-key"),
        ("actions: [{output: a, operation: STATIC, value: 1}]", "unknown-operation"),
        ("actions: [{output: a}]", "empty-action"),
        ("actions: [{output: a, value: {iets: 1}}]", "no-operation"),
        ("actions: [{output: a, value: $A != null}]", "malformed-reference"),
        ("properties:\n  sources: [{name: A, type: string, description: x}]\nactions: []", "no-source"),
        ("actions: [{output: a, operation: IF, conditions: [{else: 1}, {test: true, then: 2}]}]", "unreachable-case"),
    ],
)
def test_what_is_merely_odd_is_a_warning(body: str, code: str) -> None:
    law, faults = read_law(law_text(body))
    assert law is not None and not faults.errors
    assert [fault.code for fault in faults.warnings] == [code]


@pytest.mark.parametrize("key", [b"$schema", b"$id"])
def test_the_format_is_told_by_what_is_in_the_file(key: bytes) -> None:
    law, faults = read_law(law_text("actions: [{output: a, value: 1}]").replace(b"$id", key))
    assert law is not None and law.dialect == "lax" and not faults.errors


def test_a_law_file_with_faults_refuses_the_folder_with_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "goed.yaml").write_bytes(law_text("actions: [{output: a, value: 1}]"))
    (tmp_path / "fout.yaml").write_bytes(law_text("actions: [{value: 1}, {output: a, operation: IF}]", law="fout"))
    with pytest.raises(InvalidInput) as refused:
        Library.load([tmp_path])
    assert [fault.code for fault in refused.value.faults] == ["missing-key", "wrong-type"]


def test_every_given_law_is_read(shared: Callable[..., Path]) -> None:
    library = Library.load([shared(*LAWS)])
    assert len(library.regulations) == 48
    assert {law.dialect for law in library} == {"lax"}
    known = Counter(warning.code for warning in library.warnings)
    assert known == {"unknown-key": 2, "unknown-parameter": 1, "wrong-type": 2}
