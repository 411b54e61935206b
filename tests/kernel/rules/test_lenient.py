from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from eendracht.kernel.rules.failures import RuleFailure
from eendracht.kernel.rules.library import NoSuchRule
from eendracht.kernel.rules.trace import render_trace, trace_document
from tests.kernel.rules.service_laws import law_text, run, values

SOURCE = """
properties:
  parameters: [{name: BSN, type: string, description: x, required: true}]
  sources:
    - name: INKOMEN
      type: amount
      description: x
      source_reference:
        table: inkomens
        field: bedrag
        select_on: [{name: bsn, type: string, description: x, value: $BSN}]
  definitions: {GRENS: 100}
actions:
  - {output: inkomen, value: $INKOMEN}
  - {output: grens, value: $GRENS}
"""
ROWS = {"SVB": {"inkomens": [{"bsn": "1", "bedrag": 50}, {"bsn": "2", "bedrag": 70}]}}


def asking(field: str, law: str = "andere", *, extra: str = "", temporal: str = "") -> bytes:
    """Give a law that passes on one output of another law."""
    return law_text(
        f"""
        properties:
          input:
            - name: WAARDE
              type: number
              description: x
              {temporal}
              service_reference: {{service: UWV, law: {law}, field: {field}{extra}}}
        actions: [{{output: waarde, value: $WAARDE}}]
        """
    )


def answering(body: str, **options: Any) -> bytes:
    """Give the other law."""
    return law_text(body, law="andere", service="UWV", **options)


# --- Resolution order ---


def test_a_table_answers_an_input() -> None:
    assert values(run(law_text(SOURCE), parameters={"BSN": "2"}, tables=ROWS)) == {"inkomen": 70, "grens": 100}


def test_a_parameter_comes_before_a_table_and_a_definition_before_a_parameter() -> None:
    found = run(law_text(SOURCE), parameters={"BSN": "2", "INKOMEN": 5, "GRENS": 6}, tables=ROWS)
    assert values(found) == {"inkomen": 5, "grens": 100}


def test_a_claim_comes_before_all_but_dates() -> None:
    claims = tuple(
        {"service": "SVB", "law": "testwet", "key": key, "new_value": 1, "status": "APPROVED"}
        for key in ("INKOMEN", "GRENS", "calculation_date")
    )
    assert values(run(law_text(SOURCE), parameters={"BSN": "2"}, tables=ROWS, claims=claims)) == {
        "inkomen": 1,
        "grens": 1,
    }


@pytest.mark.parametrize(
    ("status", "approved", "expected"),
    [
        ("APPROVED", True, 1),
        ("PENDING", True, 70),
        ("PENDING", False, 1),
        ("REJECTED", False, 70),
        ("APPROVED", False, 1),
    ],
)
def test_a_claim_counts_by_its_status(status: str, approved: bool, expected: int) -> None:
    claim = {"service": "SVB", "law": "testwet", "key": "INKOMEN", "new_value": 1, "status": status}
    found = run(law_text(SOURCE), parameters={"BSN": "2"}, tables=ROWS, claims=(claim,), approved=approved)
    assert values(found)["inkomen"] == expected


@pytest.mark.parametrize("other", [{"service": "UWV"}, {"law": "x"}, {"bsn": "1"}])
def test_a_claim_on_another_law_or_person_does_not_count(other: dict[str, str]) -> None:
    claim = {"service": "SVB", "law": "testwet", "key": "INKOMEN", "new_value": 1, "status": "APPROVED"} | other
    found = run(law_text(SOURCE), parameters={"BSN": "2"}, tables=ROWS, claims=(claim,))
    assert values(found)["inkomen"] == 70


def test_an_element_of_a_list_comes_before_a_definition() -> None:
    body = """
    properties: {definitions: {bedrag: 5}}
    actions:
      - {output: som, operation: FOREACH, subject: $RIJEN, combine: ADD, value: $bedrag}
      - {output: vast, value: $bedrag}
    """
    found = run(law_text(body), parameters={"RIJEN": [{"bedrag": 1}, {"ander": 1}]})
    assert values(found) == {"som": 6, "vast": 5}


def test_an_input_is_resolved_anew_for_each_element() -> None:
    body = """
    properties:
      sources:
        - name: INKOMEN
          type: amount
          description: x
          source_reference:
            {table: inkomens, field: bedrag, select_on: [{name: bsn, type: string, description: x, value: $kind}]}
    actions:
      - {output: eerst, value: $INKOMEN}
      - {output: som, operation: FOREACH, subject: $KINDEREN, combine: ADD, value: $INKOMEN}
    """
    found = run(law_text(body), parameters={"KINDEREN": [{"kind": "1"}, {"kind": "2"}]}, tables=ROWS)
    assert values(found) == {"eerst": None, "som": 120}


@pytest.mark.parametrize("overwrite", [{"UWV": {"inkomen": 9}}, {"WAARDE": 9}])
def test_a_replaced_input_comes_before_another_law(overwrite: dict[str, Any]) -> None:
    assert values(run(asking("inkomen"), overwrite_input=overwrite)) == {"waarde": 9}


def test_a_replaced_definition_and_output() -> None:
    found = run(law_text(SOURCE), parameters={"BSN": "1"}, overwrite_input={"SVB": {"GRENS": 3, "inkomen": 4}})
    assert values(found) == {"inkomen": 4, "grens": 3}


def test_an_output_closes_before_another_one_uses_it() -> None:
    body = """
    properties:
      output: [{name: bedrag, type: amount, description: x, type_spec: {precision: 0, unit: eurocent}}]
    actions:
      - {output: dubbel, operation: MULTIPLY, values: [$bedrag, 2]}
      - {output: bedrag, operation: DIVIDE, values: [5, 2]}
    """
    assert values(run(law_text(body))) == {"dubbel": 4, "bedrag": 2}


def test_a_table_of_another_body_is_not_read() -> None:
    assert values(run(law_text(SOURCE), parameters={"BSN": "1"}, tables={"UWV": ROWS["SVB"]}))["inkomen"] is None


# --- Other laws ---


def test_another_law_gets_all_parameters_and_its_own() -> None:
    other = answering("actions: [{output: som, operation: ADD, values: [$A, $B]}]")
    extra = ", parameters: [{name: B, reference: $C}]"
    assert values(run(asking("som", extra=extra), other, parameters={"A": 1, "B": 2, "C": 30})) == {"waarde": 31}


def test_partner_and_subject_are_evaluated_apart() -> None:
    asked = law_text(
        """
        properties:
          input:
            - name: EIGEN
              type: number
              description: x
              service_reference: {service: SVB, law: inkomenswet, field: inkomen}
            - name: PARTNER
              type: number
              description: x
              service_reference:
                {service: SVB, law: inkomenswet, field: inkomen, parameters: [{name: BSN, reference: $PARTNER_BSN}]}
        actions: [{output: samen, operation: ADD, values: [$EIGEN, $PARTNER]}]
        """
    )
    income = law_text(SOURCE, law="inkomenswet")
    assert values(run(asked, income, parameters={"BSN": "1", "PARTNER_BSN": "2"}, tables=ROWS)) == {"samen": 120}
    assert values(run(asked, income, parameters={"BSN": "1", "PARTNER_BSN": None}, tables=ROWS)) == {"samen": 50}


def test_the_version_is_the_newest_that_has_begun() -> None:
    old = answering("actions: [{output: jaar, value: 2020}]", valid_from="2020-01-01")
    new = answering("actions: [{output: jaar, value: 2025}]", valid_from="2025-02-01")
    assert values(run(asking("jaar"), old, new, on=date(2025, 1, 31))) == {"waarde": 2020}
    assert values(run(asking("jaar"), new, old, on=date(2025, 2, 1))) == {"waarde": 2025}


def test_another_law_is_asked_on_the_date_that_the_input_refers_to() -> None:
    other = answering("actions: [{output: dag, value: $calculation_date}]", valid_from="2020-01-01")
    temporal = "temporal: {type: point_in_time, reference: $prev_january_first}"
    assert values(run(asking("dag", temporal=temporal), other)) == {"waarde": "2024-01-01"}


def test_another_law_whose_requirements_are_not_met_gives_null() -> None:
    other = answering("requirements: [{operation: NOT_NULL, subject: $X}]\nactions: [{output: x, value: 1}]")
    found = run(asking("x"), other)
    assert values(found) == {"waarde": None}
    assert "requirements not met" in render_trace(found.trace)


def test_an_output_that_another_law_has_not_gives_null_and_says_so() -> None:
    found = run(asking("x"), answering("actions: [{output: y, value: 1}]"))
    assert values(found) == {"waarde": None}
    assert "there is no such output" in render_trace(found.trace)


def test_a_law_that_is_absent_is_named_with_the_place_that_needs_it() -> None:
    with pytest.raises(RuleFailure, match=r"Law 'andere' not found \(as carried out by UWV\) \(law0.yaml:11\)"):
        run(asking("x"))


def test_laws_that_go_round_are_named() -> None:
    back = answering(
        """
        properties:
          input:
            - {name: W, type: number, description: x, service_reference: {service: SVB, law: testwet, field: waarde}}
        actions: [{output: x, value: $W}]
        """
    )
    with pytest.raises(RuleFailure, match="'waarde' depends on itself"):
        run(asking("x"), back)


def test_laws_that_go_round_with_ever_other_parameters_end() -> None:
    body = """
    properties:
      input:
        - name: V
          type: number
          description: x
          service_reference:
            {service: SVB, law: testwet, field: x, parameters: [{name: N, reference: $M}]}
    actions: [{output: x, operation: ADD, values: [$V, $N.n]}]
    """
    # The parameter of a reference may be a rule, so that each round differs.
    body = body.replace("reference: $M", "reference: {operation: ADD, values: [$N, 1]}")
    with pytest.raises(RuleFailure, match="without end"):
        run(law_text(body), parameters={"N": 1})


# --- Requirements and what is missing ---


@pytest.mark.parametrize(
    ("requirements", "met"),
    [
        ("[{all: [{operation: NOT_NULL, subject: $A}, {operation: EQUALS, subject: $A, value: 1}]}]", True),
        ("[{all: [{operation: NOT_NULL, subject: $A}, {operation: NOT_NULL, subject: $Z}]}]", False),
        ("[{or: [{operation: NOT_NULL, subject: $Z}, {operation: NOT_NULL, subject: $A}]}]", True),
        ("[{any: [{operation: NOT_NULL, subject: $Z}, {operation: IS_NULL, subject: $A}]}]", False),
        ("[{operation: NOT_NULL, subject: $A}, {operation: NOT_NULL, subject: $Z}]", False),
        ("[{all: [{or: [{all: [{operation: IS_NULL, subject: $Z}]}]}]}]", True),
        ("[{operation: GREATER_THAN, subject: $Z, value: 1}]", False),
        ("[]", True),
    ],
)
def test_requirements(requirements: str, met: bool) -> None:
    found = run(law_text(f"requirements: {requirements}\nactions: [{{output: x, value: 1}}]"), parameters={"A": 1})
    assert found.requirements_met is met
    assert values(found) == ({"x": 1} if met else {})
    assert not found.missing_required


def required(rule: str, requirements: str = "[]") -> bytes:
    return law_text(
        f"""
        properties:
          sources:
            - {{name: HUUR, type: amount, description: x, required: true, source_reference: {{source_type: claim}}}}
        requirements: {requirements}
        actions: [{{output: vast, value: 1}}, {{output: x, {rule}}}]
        """
    )


def test_a_required_value_that_is_missing_ends_the_run_and_is_named() -> None:
    found = run(required("value: $HUUR"))
    assert (found.requirements_met, found.missing_required, values(found)) == (False, True, {})
    assert [fact.name for fact in found.missing] == ["HUUR"]
    assert "required HUUR of testwet is missing" in render_trace(found.trace)


@pytest.mark.parametrize(
    "rule",
    [
        "operation: AND, values: [false, $HUUR]",
        "operation: OR, values: [true, $HUUR]",
        "operation: COALESCE, values: [0, $HUUR]",
        "operation: IF, conditions: [{test: false, then: $HUUR}, {else: 2}]",
        "operation: IF, conditions: [{test: true, then: 2}, {test: $HUUR, then: 3}]",
    ],
)
def test_a_required_value_that_is_not_reached_is_not_missing(rule: str) -> None:
    assert not run(required(rule)).missing_required


def test_a_requirement_that_fails_first_ends_before_a_missing_value() -> None:
    fails = "{operation: NOT_NULL, subject: $Z}"
    found = run(required("value: 1", f"[{fails}, {{operation: NOT_NULL, subject: $HUUR}}]"))
    assert (found.requirements_met, found.missing_required) == (False, False)


def test_a_required_value_of_another_law_ends_the_run_too() -> None:
    other = required("value: $HUUR").replace(b"law: testwet", b"law: andere").replace(b"service: SVB", b"service: UWV")
    assert run(asking("x"), other).missing_required
    assert not run(asking("vast"), other).missing_required


def test_a_claim_fills_a_required_value() -> None:
    claim = {"service": "SVB", "law": "testwet", "key": "HUUR", "new_value": 500, "status": "PENDING"}
    assert values(run(required("value: $HUUR"), claims=(claim,), approved=False)) == {"vast": 1, "x": 500}


# --- What is asked ---


def test_a_requested_output_brings_what_its_rule_mentions() -> None:
    body = """
    actions:
      - {output: a, value: 1}
      - {output: b, operation: ADD, values: [$a, 1]}
      - {output: c, value: 3}
      - {output: d, operation: ADD, values: [$b, 1]}
    """
    assert values(run(law_text(body), requested_output="d")) == {"a": 1, "b": 2, "d": 3}


def test_an_output_that_is_not_there_is_named() -> None:
    with pytest.raises(NoSuchRule, match="Output 'z' not found"):
        run(law_text("actions: [{output: a, value: 1}]"), requested_output="z")


def test_an_output_that_depends_on_itself_is_named() -> None:
    with pytest.raises(RuleFailure, match=r"'a' depends on itself \(law0.yaml:9\)"):
        run(law_text("actions:\n  - {output: a, value: $b}\n  - {output: b, value: $a}"))


def test_the_trace_says_where_each_value_came_from() -> None:
    found = run(asking("inkomen"), answering(SOURCE), parameters={"BSN": "1"}, tables={"UWV": ROWS["SVB"]})
    text = render_trace(found.trace)
    assert "Resolving from RESOLVED_INPUT: $WAARDE = 50" in text
    assert "Resolving from DATA_SOURCE: $INKOMEN = 50" in text
    assert {law for law, _ in found.used} == {"testwet", "andere"}
    providers = [node.provider for node in found.trace.walk() if node.name == "INKOMEN"]
    assert providers == ["UWV.inkomens"]


def test_a_trace_prints_doubles_as_decimals() -> None:
    found = run(law_text("actions: [{output: x, operation: DIVIDE, values: [1, 4]}]"))
    root = trace_document(found.trace)["root"]
    assert root["children"][-1]["result"] == "0.25"
