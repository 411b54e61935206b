"""What a library refuses at load: with file, line and hint, all at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.checking import check_library
from eendracht.kernel.rules.library import Library
from tests.kernel.rules.law_files import (
    CORPUS,
    FIELDS,
    article,
    errors_of,
    law,
    needs_corpus,
    operation,
    passing,
    place_of_mark,
    rule,
    write,
)

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
