"""What a library refuses at load: with file, line and hint, all at once."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.checking import check_library
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.operations import ARTICLE_OPERATIONS
from tests.kernel.rules.law_files import CORPUS, article, errors_of, law, needs_corpus, place_of_mark, write

FIELDS = """
    parameters:
      - {name: bsn, type: string, required: true}
      - {name: born, type: date}
    input:
      - {name: euros, type: amount, type_spec: {unit: euro}, source: {}}
      - {name: cents, type: amount, type_spec: {unit: eurocent}, source: {}}
      - {name: share, type: number, type_spec: {unit: ratio}, source: {}}
      - {name: percent, type: number, type_spec: {unit: percentage}, source: {}}
      - {name: years, type: number, type_spec: {unit: years}, source: {}}
      - {name: months, type: number, type_spec: {unit: months}, source: {}}
      - {name: count, type: number, source: {}}
      - {name: truth, type: boolean, source: {}}
      - {name: text, type: string, source: {}}
      - {name: list, type: array, source: {}}
"""


def rule(expression: str, kind: str = "object", unit: str = "") -> dict[str, str]:
    """Give a law whose one output is this expression, over inputs of every type and unit."""
    spec = f", type_spec: {{unit: {unit}}}" if unit else ""
    # An output of an unknown type: nothing is said about what is computed.
    declared = "" if kind == "object" else f"    output: [{{name: result, type: {kind}{spec}}}]\n"
    body = f"execution:\n{FIELDS}{declared}    actions:\n      - output: result\n        value: {expression}  # here\n"
    return {"a": law(article(body))}


def operation(name: str, *values: str) -> str:
    """Give an operation on values in one line."""
    return f"{{operation: {name}, values: [{', '.join(values)}]}}"


def compare(name: str, subject: str, value: str) -> str:
    """Give a comparison in one line."""
    return f"{{operation: {name}, subject: {subject}, value: {value}}}"


def when(condition: str, then: str, default: str) -> str:
    """Give an IF in one line."""
    return f"{{operation: IF, cases: [{{when: {condition}, then: {then}}}], default: {default}}}"


UNITS_THAT_CLASH = {
    "ADD of euro and eurocent": operation("ADD", "$euros", "$cents"),
    "SUBTRACT": operation("SUBTRACT", "$cents", "$euros"),
    "MIN": operation("MIN", "$cents", "$euros"),
    "MAX of years and months": operation("MAX", "$years", "$months"),
    "ratio and percentage": operation("ADD", "$share", "$percent"),
    "comparison": compare("GREATER_THAN", "$cents", "$euros"),
    "equality": compare("EQUALS", "$share", "$percent"),
    "outcomes of IF": when("$truth", "$cents", "$euros"),
    "IN": "{operation: IN, subject: $cents, values: [1, $euros]}",
    "LIST": "{operation: LIST, items: [$cents, $euros]}",
    "deep inside": operation("MAX", "0", operation("SUBTRACT", operation("MULTIPLY", "$cents", "$share"), "$euros")),
    "AGE against months": compare(
        "LESS_THAN", "{operation: AGE, date_of_birth: $born, reference_date: $referencedate}", "$months"
    ),
    "months where years are added": "{operation: DATE_ADD, date: $born, years: $months}",
    "FOREACH": "{operation: FOREACH, collection: $list, body: {operation: ADD, values: [$cents, $euros]}}",
}
UNITS_THAT_AGREE = {
    "a bare number adapts": operation("MAX", "0", operation("ADD", "$cents", "100")),
    "money times a ratio is money": operation("ADD", operation("MULTIPLY", "$cents", "$share"), "$cents"),
    "money times a number is money": operation("ADD", operation("MULTIPLY", "$cents", "2"), "$cents"),
    "money times an unknown is unknown": operation("ADD", operation("MULTIPLY", "$cents", "$count"), "$euros"),
    "money times money is unknown": operation("ADD", operation("MULTIPLY", "$cents", "$euros"), "$years"),
    "money by money is a ratio": operation("ADD", operation("DIVIDE", "$cents", "$cents"), "$share"),
    "cents by a hundred may be euros": operation("ADD", operation("DIVIDE", "$cents", "100"), "$euros"),
    "euros times a hundred may be cents": operation("ADD", operation("MULTIPLY", "$euros", "100"), "$cents"),
    "percentage by a hundred may be a ratio": operation("ADD", operation("DIVIDE", "$percent", "100"), "$share"),
    "years times twelve may be months": operation("ADD", operation("MULTIPLY", "$years", "12"), "$months"),
    "a ratio per year times years": operation("SUBTRACT", "$share", operation("MULTIPLY", "$share", "$years")),
    "rounding keeps the unit": operation("ADD", "{operation: ROUND, precision: 0, value: $cents}", "$cents"),
    "equality of unlike types": compare("EQUALS", "$text", "42"),
    "null in an IF": when("$truth", "null", "$cents"),
    "text may hold a date": compare("LESS_THAN", "$text", "$referencedate"),
    "a date in text": compare("LESS_THAN", "$born", "'2020-01-01'"),
    "text may hold a number": operation("ADD", "$text", "1"),
    "a part of a date is a number": operation("ADD", "$referencedate.year", "1"),
}
WRONG_TYPES = {
    "arithmetic on a truth value": operation("ADD", "$truth", "1"),
    "arithmetic on literal text": operation("MULTIPLY", "$cents", "two"),
    "arithmetic on a list": operation("MAX", "$list", "1"),
    "arithmetic on a comparison": operation("SUBTRACT", compare("EQUALS", "$count", "1"), "1"),
    "rounding a date": "{operation: ROUND, precision: 0, value: $born}",
    "AND of a number": "{operation: AND, conditions: [$truth, $count]}",
    "OR of an amount": "{operation: OR, conditions: [$cents]}",
    "NOT of a date": "{operation: NOT, value: $born}",
    "IF on a number": when(operation("ADD", "$count", "1"), "1", "2"),
    "AGE of a number": "{operation: AGE, date_of_birth: $count, reference_date: $referencedate}",
    "AGE of text that is no date": "{operation: AGE, date_of_birth: yesterday, reference_date: $referencedate}",
    "DATE_ADD to an amount": "{operation: DATE_ADD, date: $cents, days: 1}",
    "DATE_DIFF with a truth value": "{operation: DATE_DIFF, from: $truth, to: $born, in: days}",
    "number against date": compare("GREATER_THAN", "$count", "$born"),
    "number against text": compare("GREATER_THAN", "$count", "many"),
    "FOREACH that adds truth values": "{operation: FOREACH, collection: $list, combine: ADD, body: $truth}",
    "FOREACH with a number as filter": "{operation: FOREACH, collection: $list, filter: $count, body: $item}",
}


@pytest.mark.parametrize("name", UNITS_THAT_CLASH)
def test_units_that_differ_are_refused(tmp_path: Path, name: str) -> None:
    files = rule(UNITS_THAT_CLASH[name])
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "unit-mismatch"
    assert fault.pointer.startswith(f"{place_of_mark(files)} › articles[0].machine_readable.execution.actions[0].value")
    assert "onvert" in fault.hint


@pytest.mark.parametrize("name", UNITS_THAT_AGREE)
def test_units_that_may_agree_pass(tmp_path: Path, name: str) -> None:
    assert Library.load([write(tmp_path, rule(UNITS_THAT_AGREE[name]))]).laws() == ["test_law"]


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_types_that_are_surely_wrong_are_refused(tmp_path: Path, name: str) -> None:
    files = rule(WRONG_TYPES[name])
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "wrong-type"
    assert fault.pointer.startswith(f"{place_of_mark(files)} › ")
    assert fault.hint


@pytest.mark.parametrize(
    ("expression", "kind", "unit", "code"),
    [
        ("$euros", "amount", "eurocent", "unit-mismatch"),
        (operation("MULTIPLY", "$cents", "$share"), "amount", "euro", "unit-mismatch"),
        (operation("DIVIDE", "$cents", "$cents"), "number", "percentage", "unit-mismatch"),
        ("$truth", "number", "", "wrong-type"),
        ("$count", "boolean", "", "wrong-type"),
        ("soon", "date", "", "wrong-type"),
        ("$list", "string", "", "wrong-type"),
    ],
)
def test_an_output_is_what_it_is_declared_to_be(
    tmp_path: Path, expression: str, kind: str, unit: str, code: str
) -> None:
    files = rule(expression, kind, unit)
    (fault,) = errors_of(tmp_path, files)
    assert (fault.code, fault.pointer.split(" ")[0]) == (code, place_of_mark(files))
    assert "declared" in fault.hint


def test_text_in_arithmetic_is_a_warning(tmp_path: Path) -> None:
    files = rule(operation("ADD", "$text", "1"))
    (warning,) = Library.load([write(tmp_path, files)]).warnings
    assert (warning.code, warning.pointer.split(" ")[0]) == ("wrong-type", place_of_mark(files))


# --- One law text for each way in which names, references, delegation and versions fail ---

GIVER = law(
    article("""
    execution:
      parameters: [{name: bsn, type: string, required: true}]
      output: [{name: income, type: amount, type_spec: {unit: eurocent}}]
      actions: [{output: income, value: 100}]
    """),
    "giver",
)


def taker(source: str, kind: str = "amount", unit: str = "eurocent") -> str:
    """Give a law that takes an input from elsewhere."""
    return law(
        article(f"""
        execution:
          input:
            - {{name: income, type: {kind}, type_spec: {{unit: {unit}}}, source: {source}}}  # here
          output: [{{name: result, type: {kind}}}]
          actions: [{{output: result, value: $income}}]
        """),
        "taker",
    )


ERRORS: dict[str, tuple[dict[str, str], str, str]] = {
    "undefined name": (
        {"a": law(article("execution:\n  actions:\n    - output: x\n      value: $nowhere  # here"))},
        "undefined-name",
        "Declare it",
    ),
    "undefined name in what an input is asked with": (
        {
            "giver": GIVER,
            "a": law(
                article("""
                execution:
                  input:
                    - name: income
                      type: amount
                      source:
                        regulation: giver
                        output: income
                        parameters:
                          bsn: $partner  # here
                  actions: [{output: x, value: $income}]
                """)
            ),
        },
        "undefined-name",
        "Declare it",
    ),
    "the item of a FOREACH outside it": (
        {
            "a": law(
                article("""
                execution:
                  input: [{name: list, type: array, source: {}}]
                  actions:
                    - output: x
                      operation: FOREACH
                      collection: $list
                      as: child
                      body: $child.age
                    - output: y
                      value: $child  # here
                """)
            )
        },
        "undefined-name",
        "Declare it",
    ),
    "an output that the other law has not": (
        {"giver": GIVER, "taker": taker("{regulation: giver, output: incomes, parameters: {bsn: '1'}}")},
        "unknown-output",
        "Did you mean income?",
    ),
    "an output that its own law has not": ({"taker": taker("{output: incomes}")}, "unknown-output", "Choose an output"),
    "a unit that the source has not": (
        {"giver": GIVER, "taker": taker("{regulation: giver, output: income, parameters: {bsn: '1'}}", unit="euro")},
        "unit-mismatch",
        "same unit",
    ),
    "a type that the source has not": (
        {"giver": GIVER, "taker": taker("{regulation: giver, output: income, parameters: {bsn: '1'}}", "boolean")},
        "wrong-type",
        "same type",
    ),
    "a required parameter that is not passed": (
        {"giver": GIVER, "taker": taker("{regulation: giver, output: income}")},
        "missing-parameter",
        "Add bsn under source.parameters",
    ),
    "an open term that nothing fills": (
        {
            "a": law(
                article("""
                open_terms:
                  - {id: norm, type: amount, required: true}  # here
                execution:
                  actions: [{output: x, value: $norm}]
                """)
            )
        },
        "missing-delegation",
        "Load a regulation that implements test_law, article 1, norm",
    ),
    "an open term that does not exist": (
        {
            "giver": GIVER,
            "a": law(
                article("""
                implements:
                  - {law: giver, article: '1', open_term: norm}  # here
                execution:
                  actions: [{output: norm, value: 1}]
                """)
            ),
        },
        "unknown-target",
        "Check the law",
    ),
    "an article that does not exist": (
        {
            "giver": GIVER,
            "a": law(
                article("""
                overrides:
                  - {law: giver, article: '99', output: income}  # here
                execution:
                  actions: [{output: income, value: 1}]
                """)
            ),
        },
        "unknown-target",
        "Check the law",
    ),
    "a filling that computes nothing": (
        {
            "b": law(article("open_terms: [{id: norm, type: amount}]\nexecution: {actions: []}"), "other"),
            "a": law(article("implements:\n  - {law: other, article: '1', open_term: norm}  # here\nexecution: {}")),
        },
        "implementation-without-output",
        "Add an action with output: norm",
    ),
    "a name that the article whose term is filled has not": (
        {
            "b": law(article("open_terms: [{id: norm, type: amount}]\nexecution: {actions: []}"), "other"),
            "a": law(
                article("""
                implements: [{law: other, article: '1', open_term: norm}]
                execution:
                  actions:
                    - output: norm
                      value: $bsn  # here
                """)
            ),
        },
        "undefined-name",
        "Declare it",
    ),
    "an IF without default on an output that is never null": (
        {
            "a": law(
                article("""
                execution:
                  output: [{name: x, type: number, nullable: false}]
                  actions:
                    - output: x
                      value:
                        operation: IF
                        cases: [{when: true, then: 1}]
                """).replace("  operation: IF", "  operation: IF  # here")
            )
        },
        "missing-default",
        "Add a default",
    ),
    "a definition of another type": (
        {
            "a": law(
                article("""
                definitions:
                  limit: {value: plenty, type: amount}  # here
                execution:
                  actions: [{output: x, value: $limit}]
                """)
            )
        },
        "wrong-type",
        "Correct the declared type",
    ),
    "an output that depends on itself": (
        {"a": law(article("execution:\n  actions:\n    - {output: x, value: $x}  # here"))},
        "reference-cycle",
        "Break the cycle",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_fault_is_refused_with_file_line_and_hint(tmp_path: Path, name: str) -> None:
    files, code, hint = ERRORS[name]
    (fault,) = errors_of(tmp_path, files)
    assert (fault.code, fault.pointer.split(" ")[0]) == (code, place_of_mark(files))
    assert hint in fault.hint
    assert fault.nl and fault.en


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    outputs = {"x": operation("ADD", "$cents", "$euros"), "y": operation("ADD", "$nowhere", "$truth"), "z": "$z"}
    actions = "".join(f"      - {{output: {name}, value: {value}}}\n" for name, value in outputs.items())
    body = f"execution:\n{FIELDS}    actions:\n{actions}"
    broken = "$id: broken\narticles: []"
    faults = errors_of(tmp_path, {"a": law(article(body)), "b": broken, "c": law("", "test_law")})
    assert {fault.code for fault in faults} >= {
        "unit-mismatch",
        "undefined-name",
        "wrong-type",
        "reference-cycle",
        "duplicate-version",
    }
    assert {fault.pointer.split(":")[0] for fault in faults} == {"a.yaml", "b.yaml", "c.yaml"}


# --- What is odd, and stays a warning ---

WARNINGS: dict[str, tuple[dict[str, str], str]] = {
    "a law that is not loaded": ({"taker": taker("{regulation: elsewhere, output: income}")}, "unknown-law"),
    "a parameter that nobody asked for": (
        {"giver": GIVER, "taker": taker("{regulation: giver, output: income, parameters: {bsn: '1', kvk: '2'}}")},
        "unknown-parameter",
    ),
    "an output that two articles compute": (
        {
            "a": law(
                article("execution: {actions: [{output: x, value: 1}]}")
                + article("execution:\n  actions:\n    - {output: x, value: 2}  # here", "2")
            )
        },
        "duplicate-output",
    ),
    "an output that nothing computes": (
        {
            "a": law(
                article("""
                execution:
                  output:
                    - {name: x, type: number}
                    - {name: y, type: number}  # here
                  actions: [{output: x, value: 1}]
                """)
            )
        },
        "output-without-action",
    ),
    "an output that one version lacks": (
        {
            "old": GIVER,
            "new": GIVER.replace("income", "revenue").replace("2020-01-01", "2024-01-01"),
            "taker": taker("{regulation: giver, output: income, parameters: {bsn: '1'}}"),
        },
        "output-not-in-version",
    ),
    "a filling of a law that is not loaded": (
        {
            "a": law(
                article("""
                implements:
                  - {law: elsewhere, article: '1', open_term: norm}  # here
                execution:
                  actions: [{output: norm, value: $bsn}]
                """)
            )
        },
        "unknown-law",
    ),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_is_odd_is_a_warning(tmp_path: Path, name: str) -> None:
    files, code = WARNINGS[name]
    (warning,) = Library.load([write(tmp_path, files)]).warnings
    assert (warning.code, warning.pointer.split(" ")[0]) == (code, place_of_mark(files))


def test_an_article_that_fires_or_fills_may_use_what_it_is_given(tmp_path: Path) -> None:
    files = {
        "general": law(
            article("""
            hooks: [{hook_point: pre_actions, applies_to: {legal_character: BESCHIKKING}}]
            execution:
              actions: [{output: term_weeks, value: $amount}]
            """),
            "general",
        ),
        "special": law(
            article("""
            open_terms: [{id: norm, type: amount}]
            execution:
              produces: {legal_character: BESCHIKKING}
              parameters: [{name: bsn, type: string}]
              actions:
                - {output: amount, value: $norm}
                - {output: weeks, value: $term_weeks}
            """),
            "special",
        ),
        "lower": law(
            article("""
            implements: [{law: special, article: '1', open_term: norm}]
            execution:
              actions: [{output: norm, value: {operation: IF, cases: [{when: {operation: EQUALS, subject: $bsn,
                value: '1'}, then: 1}], default: 2}}]
            """),
            "lower",
        ),
    }
    assert not Library.load([write(tmp_path, files)]).warnings


# --- Cycles ---


def passing(name: str, output: str, other: str, wanted: str, **head: str) -> str:
    """Give a law that computes an output from one of another law."""
    return law(
        article(f"""
        execution:
          input: [{{name: given, type: number, source: {{regulation: {other}, output: {wanted}}}}}]
          actions: [{{output: {output}, value: {{operation: ADD, values: [1, $given]}}}}]
        """),
        name,
        **head,
    )


def test_a_cycle_through_laws_is_reported_once_with_its_path(tmp_path: Path) -> None:
    files = {"a": passing("a", "x", "b", "y"), "b": passing("b", "y", "c", "z"), "c": passing("c", "z", "a", "x")}
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "reference-cycle"
    assert fault.en.endswith("a#x (a.yaml:11) → b#y (b.yaml:11) → c#z (c.yaml:11) → a#x (a.yaml:11)")
    assert fault.pointer.startswith("a.yaml:11")


def test_a_cycle_through_an_open_term_and_its_filling(tmp_path: Path) -> None:
    files = {
        "a": law(
            article("""
            open_terms: [{id: norm, type: number}]
            execution:
              actions: [{output: x, value: $norm}]
            """),
            "a",
        ),
        "b": law(
            article("""
            implements: [{law: a, article: '1', open_term: norm}]
            execution:
              input: [{name: x, type: number, source: {regulation: a, output: x}}]
              actions: [{output: norm, value: $x}]
            """),
            "b",
        ),
    }
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "reference-cycle" and "a#x" in fault.en and "b#norm" in fault.en


def test_a_cycle_within_a_law_by_internal_references(tmp_path: Path) -> None:
    inner = """
    execution:
      input: [{{name: given, type: number, source: {{output: {1}}}}}]
      actions: [{{output: {0}, value: $given}}]
    """
    files = {"a": law(article(inner.format("x", "y"), "1") + article(inner.format("y", "x"), "2"))}
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "reference-cycle"


def test_versions_that_never_hold_together_make_no_cycle(tmp_path: Path) -> None:
    files = {
        "a": passing("a", "x", "b", "y", valid_to="2023-12-31"),
        "a2": law(article("execution: {actions: [{output: x, value: 1}]}"), "a", valid_from="2024-01-01"),
        "b": law(article("execution: {actions: [{output: y, value: 1}]}"), "b"),
        "b2": passing("b", "y", "a", "x", valid_from="2024-01-01"),
    }
    assert len(Library.load([write(tmp_path / "apart", files)]).regulations) == 4
    together = files | {"b2": passing("b", "y", "a", "x", valid_from="2023-01-01")}
    (fault,) = errors_of(tmp_path / "together", together)
    assert fault.code == "reference-cycle" and "b2.yaml" in fault.en


def test_a_cycle_needs_one_day_on_which_all_hold(tmp_path: Path) -> None:
    """Each two meet on some day, but never all: a(2020) → d → e(2022) → f → a."""
    constant = article("execution: {actions: [{output: x, value: 1}]}")
    files = {
        "a1": passing("a", "x", "d", "x"),
        "a2": law(constant, "a", valid_from="2022-01-01"),
        "d": passing("d", "x", "e", "x"),
        "e1": law(constant, "e"),
        "e2": passing("e", "x", "f", "x", valid_from="2022-01-01"),
        "f": passing("f", "x", "a", "x"),
    }
    assert len(Library.load([write(tmp_path, files)]).regulations) == 6


def test_two_municipalities_make_no_cycle_with_each_other(tmp_path: Path) -> None:
    lower = """
    implements: [{{law: a, article: '1', open_term: norm}}]
    execution:
      input: [{{name: given, type: number, source: {{regulation: {0}, output: x}}}}]
      actions: [{{output: norm, value: $given}}]
    """
    area = {"regulatory_layer": "GEMEENTELIJKE_VERORDENING"}
    upper = "open_terms: [{id: norm, type: number}]\nexecution: {actions: [{output: x, value: $norm}]}"
    files = {
        "a": law(article(upper), "a"),
        "m1": law(article(lower.format("other")), "m1", gemeente_code="GM0001", **area),
        "other": law(article("execution: {actions: [{output: x, value: 1}]}"), "other"),
    }
    assert Library.load([write(tmp_path / "one", files)])
    files["m2"] = law(article(lower.format("a")), "m2", gemeente_code="GM0002", **area)
    (fault,) = errors_of(tmp_path / "two", files)
    assert "m2#norm" in fault.en and "m1" not in fault.en


def test_a_term_with_the_name_of_its_output_is_no_cycle(tmp_path: Path) -> None:
    files = {
        "a": law(
            article("""
            open_terms: [{id: norm, type: number, default: {actions: [{output: norm, value: 3}]}}]
            execution:
              actions: [{output: norm, value: $norm}]
            """)
        )
    }
    assert Library.load([write(tmp_path, files)])


def test_a_chain_of_ten_thousand_outputs_is_walked_without_recursion(tmp_path: Path) -> None:
    actions = "\n".join(f"    - {{output: x{n}, value: $x{n + 1}}}" for n in range(10_000))
    text = law(article(f"execution:\n  actions:\n{actions}\n    - {{output: x10000, value: 1}}"))
    assert Library.load([write(tmp_path / "open", {"a": text})])
    closed = text.replace("x10000, value: 1", "x10000, value: $x9998")
    (fault,) = errors_of(tmp_path / "closed", {"a": closed})
    assert fault.en.count("→") == 3


def test_many_articles_and_deep_rules_are_checked_in_time(tmp_path: Path) -> None:
    body = "definitions: {{d{0}: 1}}\nexecution: {{actions: [{{output: x{0}, value: $d{1}}}]}}"
    wide = law("".join(article(body.format(n, (n * 7) % 3000), str(n)) for n in range(3000)), "wide")
    deep = "$d"
    for _ in range(90):
        deep = operation("ADD", "1", deep)
    files = {
        "wide": wide,
        "deep": law(article(f"definitions: {{d: 1}}\nexecution:\n  actions:\n    - output: x\n      value: {deep}")),
    }
    started = time.process_time()
    assert len(Library.load([write(tmp_path, files)]).regulations) == 2
    assert time.process_time() - started < 10


# --- The given laws, the lenient dialect, and anything at all ---


@needs_corpus
def test_the_given_laws_are_one_library_without_errors() -> None:
    library = Library.load([CORPUS])
    assert len(library.regulations) == 20
    assert {warning.code for warning in library.warnings} == {"duplicate-output"}


@needs_corpus
def test_a_part_of_the_given_laws_loads_with_warnings() -> None:
    library = Library.load([CORPUS / "nl" / "wet" / "wet_langdurige_zorg", CORPUS / "nl" / "wet" / "kieswet"])
    assert {warning.code for warning in library.warnings} <= {"unknown-law", "duplicate-output"}


def test_the_lenient_dialect_is_warned_not_refused(tmp_path: Path) -> None:
    wrong = operation("ADD", "$cents", "$euros", "$truth", "$nowhere")
    files = {"a": rule(wrong)["a"], "b": passing("b", "y", "test_law", "result")}
    exact = {fault.code for fault in errors_of(tmp_path, files)}
    assert exact == {"unit-mismatch", "wrong-type", "undefined-name", "missing-parameter"}
    library = Library([replace(item, dialect="lax") for item in _unchecked(tmp_path)])
    faults = check_library(library)
    assert not faults.errors
    assert {fault.code for fault in faults.warnings} == exact - {"missing-parameter"}
    cycle = Library([replace(item, dialect="lax") for item in _unchecked(tmp_path, {"a": passing("a", "x", "a", "x")})])
    assert [fault.code for fault in check_library(cycle).errors] == ["reference-cycle"]


def _unchecked(folder: Path, files: dict[str, str] | None = None) -> list[ir.Regulation]:
    from eendracht.kernel.rules.library import read_regulations

    place = folder if files is None else write(folder / "more", files)
    return [item for item in read_regulations([place])[0] if files is None or item.id in files]


PLACE = ir.Place("x.yaml", 1)
NAMES = st.sampled_from(["x", "y", "z", "bsn", "list", "item", "norm", "referencedate", "nowhere"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from(["", "text", "2020-01-01"]), st.just([1, "a"]), st.just({})
)
LEAVES = st.one_of(
    st.builds(lambda value: ir.Constant(PLACE, None, value), VALUES),
    st.builds(
        lambda name, path: ir.Reference(PLACE, None, name, path), NAMES, st.sampled_from([(), ("year",), ("a",)])
    ),
)


def _operations(inner: st.SearchStrategy[ir.Expression]) -> st.SearchStrategy[ir.Expression]:
    options = st.fixed_dictionaries(
        {}, optional={"as": NAMES, "combine": st.sampled_from([None, "ADD", "OR"]), "precision": st.just(0)}
    )
    named = st.dictionaries(st.sampled_from(["default", "filter", "years", "body"]), inner, max_size=2)
    names = st.sampled_from([*sorted(ARTICLE_OPERATIONS), "NOT_EQUALS", "COALESCE", "SUBTRACT_DATE", "STATIC", "?"])
    operands = st.lists(inner, max_size=4).map(tuple)
    return st.builds(lambda *parts: ir.Operation(PLACE, None, *parts), names, operands, named, options)


EXPRESSIONS = st.recursive(LEAVES, _operations, max_leaves=12)
KINDS: Any = st.sampled_from(["number", "amount", "boolean", "string", "date", "array", "object", "any"])
UNITS: Any = st.sampled_from(["", "euro", "eurocent", "ratio", "percentage", "years"])


def _field(name: str, kind: Any, unit: Any) -> ir.Field:
    return ir.Field(name, kind, PLACE, unit, required=kind == "string", nullable=unit == "")


@st.composite
def regulations(draw: st.DrawFn) -> ir.Regulation:
    """Draw a regulation that may refer to anything."""

    def article_with(number: str) -> ir.Article:
        source = ir.ArticleSource(draw(NAMES), draw(st.sampled_from(["", "a", "b", "c"])), {"bsn": draw(EXPRESSIONS)})
        return ir.Article(
            number,
            "",
            "",
            PLACE,
            parameters={"bsn": _field("bsn", "string", "")},
            inputs={name: ir.Input(_field(name, draw(KINDS), draw(UNITS)), source) for name in draw(st.sets(NAMES))},
            outputs={name: _field(name, draw(KINDS), draw(UNITS)) for name in draw(st.sets(NAMES, max_size=2))},
            actions=tuple(ir.Action(name, draw(EXPRESSIONS), PLACE) for name in draw(st.lists(NAMES, max_size=3))),
            open_terms={"norm": ir.OpenTerm("norm", draw(KINDS), PLACE, draw(st.booleans()))},
            implements=(ir.Implementation(draw(st.sampled_from("abc")), "1", "norm", "", PLACE),),
            overrides=(ir.Override(draw(st.sampled_from("abc")), "1", draw(NAMES), PLACE),),
            legal_character=draw(st.sampled_from(["", "BESCHIKKING"])),
        )

    return ir.Regulation(
        id=draw(st.sampled_from("ab")),
        name="",
        layer=draw(st.sampled_from(["WET", "", "AMVB"])),
        dialect=draw(st.sampled_from(["exact", "lax"])),
        schema_version="0.8.0",
        place=PLACE,
        sha256="",
        articles=tuple(article_with(str(number)) for number in range(draw(st.integers(0, 3)))),
        valid_from=draw(st.none() | st.dates()),
        valid_to=draw(st.none() | st.dates()),
        jurisdiction=draw(st.sampled_from(["", "GM0001", "PV20"])),
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(regulations(), max_size=5))
def test_checks_never_raise(found: list[ir.Regulation]) -> None:
    faults = check_library(Library(found))
    assert all(fault.pointer and fault.code and fault.nl and fault.en for fault in [*faults.errors, *faults.warnings])
